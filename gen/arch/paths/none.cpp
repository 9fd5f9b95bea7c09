// Outlier path none: the plain array.

#include "gen/arch/paths/path.hpp"
#include "gen/arch/sizes.hpp"

namespace msq::arch {

using namespace verilog;

namespace {

class NonePath final : public Path {
 public:
  void set_sizes(Dimensions& /*d*/, const Config& /*config*/) const override {}
  std::string summary(const Dimensions& /*d*/) const override { return "no outlier support"; }
  std::string describe(const Config& config) const override { return "none" + tree_text(config); }
  int most_outliers(const Config& /*config*/) const override { return 0; }

  Interface pe(Module& m, const Dimensions& d) const override { return band_pe(m, d, 0); }

  Connections pe_connections(Module& m, const Dimensions& d, const RowNets& n, const Index& group,
                             const Index& /*pe*/) const override {
    Connections ports = band_pe_connections(m, d, n, group);
    ports.emplace_back("value_i", lit(u(1), 0));
    return ports;
  }

  void before_array(Module& m, const Dimensions& d, CoreNets& n, const Parts& /*parts*/) const override {
    if (d.baseline || d.encoding->full_range_parameter != 0) return;
    m.section("Codes as two's complement numbers");
    const Sizes k(m, d);
    n.codes = m.wire("codes", u(k.load_rows * k.cols * k.weight_bits));
    m.instance(leaf("msq_twos_complement",
                    {{"WORDS", k.load_rows * k.cols}, {"MODE2", d.mode2}, {"MODE4", d.mode4}}),
               "u_codes", {{"mode4_i", n.load_mode4}, {"words_i", n.weights}, {"words_o", n.codes}});
  }
};

}  // namespace

const Path& none_path() {
  static const NonePath path;
  return path;
}

}  // namespace msq::arch
