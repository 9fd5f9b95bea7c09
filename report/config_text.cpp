#include "report/config_text.hpp"

#include "gen/arch/paths/path.hpp"

namespace msq::report {

std::string outlier_text(const Config& config) { return arch::path_of(config.outlier_path).describe(config); }

}  // namespace msq::report
