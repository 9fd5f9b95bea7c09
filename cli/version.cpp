#include "cli/version.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "flow/tool_versions.hpp"
#include "gen/arch/design.hpp"
#include "gen/arch/registers.hpp"
#include "golden/io/quantized_file.hpp"
#include "report/text.hpp"
#include "report/tool_versions.hpp"

namespace msq::cli {

Outcome print_versions() {
  const auto tools = flow::tool_versions({flow::Tool::yosys, flow::Tool::opensta, flow::Tool::verilator});
  fmt::print("{}", report::json_text({{"version", generator_version()},
                                      {"streams", kStreamVersion},
                                      {"quantized_files", golden::kContractVersion},
                                      {"compiler", __VERSION__},
                                      {"tools", report::to_json(tools)}}));
  return kOk;
}

}  // namespace msq::cli
