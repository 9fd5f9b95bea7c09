// Outlier path inline: units beside the rows multiply joined halves. The decoder of weight rows is in
// inline_decoder.cpp.

#include <fmt/format.h>

#include <algorithm>

#include "gen/arch/paths/inline_decoder.hpp"
#include "gen/arch/paths/inline_sizes.hpp"
#include "gen/arch/paths/path.hpp"

namespace msq::arch {

using namespace verilog;

namespace {

Interface outlier_group(const Dimensions& d, const Sizes& k, const MetadataSizes& o, const InlineSizes& i) {
  return leaf("msq_outlier_group", {{"ACT_BITS", k.act_bits},
                                    {"MICRO_BLOCK", d.outliers->micro_block},
                                    {"INPUTS", i.inputs},
                                    {"SIG_BITS", d.inlined->sig_bits},
                                    {"UNITS", i.units},
                                    {"SKEW_COLUMNS", k.group_pes},
                                    {"SHIFT_MAX", d.outliers->shift_max},
                                    {"SHIFT_BITS", o.shift_bits}});
}

/// Operands that the units of a column group select from: the activations of both places of the band's rows.
Expr unit_inputs(Scope& s, const Dimensions& d, const Sizes& k, const InlineSizes& i, const RowNets& n,
                 const Index& group) {
  Expr x0 = word(n.x_q, group, k.band_act_bits);
  if (d.places == 1) return x0;
  Expr inputs = s.wire("inputs", u(i.inputs * k.act_bits), "activations of places 1 and 0 of the band");
  s.assign(slice(inputs, 0, k.band_act_bits), x0);
  for (int r = 0; r < d.tree_rows; ++r) {
    s.assign(word(inputs, d.tree_rows + r, k.act_bits),
             slice(n.x1_q, group * k.band_x1_bits + Constant(r * d.x1_bits), k.act_bits));
  }
  return inputs;
}

/// Outlier units of the band; those of a routing group take the activation of its first column.
void build_units(Module& m, const Dimensions& d, const RowNets& n, const Expr& unit_write) {
  m.section("Outlier units");
  const Sizes k(m, d);
  const MetadataSizes o(m, d);
  const InlineSizes i(m, d);
  const int columns = d.outliers->group_columns;
  const Constant per_step = count(m, "STEP_ROUTING_GROUPS", std::max(1, d.skew_columns / columns),
                                  "routing groups whose units take one activation");
  const Constant steps =
      count(m, "ROUTING_STEPS", std::max(1, columns / d.skew_columns), "column groups of a routing group");
  const Constant taken = count(m, "ACTIVATION_STEPS", d.outliers->groups / per_step.value(),
                               "column groups whose activations units take");
  m.generate_for("gen_step", "a", taken, [&](Scope& outer, const Index& a) {
    const Index first = a * steps;  // column group
    const Expr inputs = unit_inputs(outer, d, k, i, n, first);
    outer.generate_for("gen_units", "b", per_step, [&](Scope& s, const Index& b) {
      const Index group = a * per_step + b;
      s.instance(outlier_group(d, k, o, i), "u_units",
                 {{"clk_i", n.clk},
                  {"write_i", word(unit_write, group, i.units)},
                  {"words_i", word(n.path.at("unit_words_i"), group, i.group_word_bits)},
                  {"commit_i", bit(n.commits, first)},
                  {"commit_late_i", bit(n.commits, first + 1)},
                  {"x_i", inputs},
                  {"values_o", word(n.path.at("values"), group, o.group_columns * i.signed_value_bits)}});
    });
  });
}

class InlinePath final : public Path {
 public:
  void set_sizes(Dimensions& d, const Config& config) const override {
    d.outliers = metadata_dimensions(d, config);
    d.permuter = d.tree_rows > 1 && d.bands > 1;
    d.repeats = true;
    InlineDimensions& s = d.inlined.emplace();
    s.units = config.outlier_units();
    s.inputs = d.tree_rows * d.places;
    s.sig_bits = d.mode4 ? d.encoding->significand4_bits : 4;
    s.word_bits = s.sig_bits + log2_of(s.inputs) + d.outliers->locations + d.outliers->shift_bits;
    s.value_bits = d.act_bits + s.sig_bits - 1 + d.outliers->shift_max;
  }

  std::string summary(const Dimensions& d) const override {
    return fmt::format("{} outlier unit(s) for each micro-block of {} row(s)", d.inlined->units, d.tree_rows);
  }

  std::string describe(const Config& c) const override {
    return fmt::format("inline: {} for a micro-block of {}, shift up to {}{}",
                       counted(c.outlier_units(), "unit"), counted(c.rows_per_tree(), "row"),
                       c.largest_shift(), tree_text(c));
  }

  /// Outliers that a micro-block of a band can hold.
  std::optional<int> units(const Config& config) const override { return config.outlier_units(); }

  int most_outliers(const Config& config) const override {
    return std::min(config.list_entries(), config.outlier_units());
  }

  std::vector<RowPort> row_ports(Module& m, const Dimensions& d) const override {
    using enum RowPort::Share;
    return {
        {"band_write_i", Direction::input, 1, row, "settings for units of this band",
         "band whose units are set, one-hot, or none"},
        {"unit_write_i", Direction::input, unit_count(m, d), all, "units that are set", "units that are set"},
        {"unit_words_i", Direction::input, words(m, d), all, "settings of outlier units",
         "settings of outlier units"}};
  }

  /// The units of the last column group take lane and shift a cycle later.
  bool commits_late(const Dimensions& d) const override {
    return d.skew_columns >= d.outliers->group_columns;
  }

  void before_pes(Module& m, const Dimensions& d, RowNets& n) const override {
    n.path["values"] = m.wire("values", u(Sizes(m, d).cols * InlineSizes(m, d).signed_value_bits),
                              "outlier value of column c");
    const Expr& writes = n.path.at("unit_write_i");
    const Expr unit_write = m.wire("unit_write", u(width_of(writes)),
                                   writes & replicate(width_of(writes), n.path.at("band_write_i")));
    build_units(m, d, n, unit_write);
  }

  Interface pe(Module& m, const Dimensions& d) const override {
    return band_pe(m, d, InlineSizes(m, d).value_bits);
  }

  Connections pe_connections(Module& m, const Dimensions& d, const RowNets& n, const Index& group,
                             const Index& pe) const override {
    Connections ports = band_pe_connections(m, d, n, group);
    ports.emplace_back("value_i", word(n.path.at("values"), pe, InlineSizes(m, d).signed_value_bits));
    return ports;
  }

  Parts add_modules(const Dimensions& d, const AddModule& add) const override {
    return {{"decoder", add(build_inline_decoder(d))}};
  }

  bool uses_next_row(const Dimensions& d) const override { return d.band_steps() > 1; }

  void before_array(Module& m, const Dimensions& d, CoreNets& n, const Parts& parts) const override {
    m.section("Outlier path: weight decoder; the outlier units are in the rows");
    n.path["list_error"] = m.wire("list_error", u(1));
    n.path["unit_error"] = m.wire("unit_error", u(1));
    const Sizes k(m, d);
    n.codes = m.wire("codes", u(k.load_rows * k.cols * k.weight_bits));
    n.path["band_write"] = m.wire("band_write", u(k.bands));
    n.path["unit_write"] = m.wire("unit_write", u(unit_count(m, d)));
    n.path["unit_words"] = m.wire("unit_words", u(words(m, d)));
    Connections ports = {{"clk_i", n.clk},
                         {"rst_ni", n.rst_n},
                         {"load_row_i", n.load_row},
                         {"load_mode4_i", n.load_mode4},
                         {"weights_i", n.weights},
                         {"has_outliers_i", n.has},
                         {"mx_scale_i", n.scale},
                         {"list_i", n.list},
                         {"weights_o", n.codes},
                         {"band_write_o", n.path["band_write"]},
                         {"unit_write_o", n.path["unit_write"]},
                         {"unit_words_o", n.path["unit_words"]},
                         {"list_error_o", n.path["list_error"]},
                         {"unit_error_o", n.path["unit_error"]}};
    if (uses_next_row(d)) ports.emplace_back("next_row_i", n.next_row);
    m.instance(parts.at("decoder"), "u_decoder", ports);
  }

  Connections array_connections(Module& /*m*/, const Dimensions& /*d*/, CoreNets& n) const override {
    return {{"band_write_i", n.path.at("band_write")},
            {"unit_write_i", n.path.at("unit_write")},
            {"unit_words_i", n.path.at("unit_words")}};
  }

  std::vector<Expr> errors(const CoreNets& n) const override {
    return {n.path.at("unit_error"), n.path.at("list_error")};
  }

 private:
  static Constant unit_count(Module& m, const Dimensions& d) {
    return MetadataSizes(m, d).groups * InlineSizes(m, d).units;
  }
  static Constant words(Module& m, const Dimensions& d) {
    return MetadataSizes(m, d).groups * InlineSizes(m, d).group_word_bits;
  }
};

}  // namespace

const Path& inline_path() {
  static const InlinePath path;
  return path;
}

}  // namespace msq::arch
