// Outlier path none: the plain array.

#include "gen/arch/paths/path.hpp"

namespace msq::arch {

using namespace verilog;

namespace {

class NonePath final : public Path {
 public:
  void set_sizes(Dimensions& /*d*/, const Config& /*config*/) const override {}
  std::string summary(const Dimensions& /*d*/) const override { return "no outlier support"; }
  std::string describe(const Config& config) const override { return "none" + tree_text(config); }
  int most_outliers(const Config& /*config*/) const override { return 0; }

  Interface pe(Module& m, const Dimensions& d, leaves::Parameters parameters) const override {
    return d.tree_rows > 1 ? tree_pe(m, d, std::move(parameters), 0, 0) : leaf("msq_pe", parameters);
  }

  Connections pe_connections(Module& /*m*/, const Dimensions& d, const RowNets& /*n*/, const Index& /*group*/,
                             const Index& /*pe*/) const override {
    if (d.tree_rows == 1) return {};
    return {{"value_i", lit(u(1), 0)}};
  }
};

}  // namespace

const Path& none_path() {
  static const NonePath path;
  return path;
}

}  // namespace msq::arch
