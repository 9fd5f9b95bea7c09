// Row, array and de-skew: the parts every outlier path shares.

#include <fmt/format.h>

#include <algorithm>

#include "gen/arch/builders.hpp"
#include "gen/arch/shift.hpp"

namespace msq::arch {

using namespace verilog;

namespace {

struct RowControl {
  Expr clk, rst_n, load, weights, commit, mode4, sums_in, sums_out, addends, unit_write, unit_words;
  Expr x_q, mode4_q, commits, products, use_addend_q, values;
};

/// Pairs of rows of a band that are loaded together (baseline olive); of a band of one row, its own pair.
int band_pairs(const Dimensions& d) { return std::max(1, d.tree_rows / 2); }

/// Weights that a row or band takes in one load: of all columns, or of half of them and both rows of a pair.
int row_weight_bits(const Dimensions& d) {
  return d.paired && d.tree_rows == 1 ? d.weight_bits * d.cols / 2 : d.weight_bits * d.cols;
}

std::string row_weight_doc(const Dimensions& d) {
  if (!d.paired) return fmt::format("code word of PE c at [{0}*c +: {0}]", d.weight_bits);
  return d.tree_rows == 1 ? "words of PEs of every other column"
                          : "words {odd row, even row} of PEs of every other column";
}

/// Activations of a band: what one stage of its pipeline holds.
int band_bits(const Dimensions& d) { return d.tree_rows * d.act_bits; }

/// Cycles that a row keeps its commit: for later column groups, and for the units of the last one, which take
/// lane and shift a cycle later.
int commit_stages(const Dimensions& d) {
  if (d.baseline == Baseline::gobo) return d.skew_groups;
  return d.skew_groups - 1 + (d.inlined && d.skew_columns >= d.group_columns ? 1 : 0);
}

/// PEs of one column in a row or band of a baseline.
Interface baseline_pe(const Dimensions& d) {
  const bool paired = d.paired && d.tree_rows > 1;
  return leaf(d.baseline == Baseline::int8 ? "msq_bl_pe_int8"
              : paired                     ? "msq_bl_pe_olive_tree"
                                           : "msq_bl_pe_olive",
              {{"ACT_BITS", d.act_bits}, {"ROWS", d.tree_rows}, {"SUM_BITS", d.sum_bits}});
}

/// Whether the PE takes outlier values (msq_pe_tree).
bool has_value_port(const Dimensions& d) { return !d.recon && !d.baseline && (d.inlined || d.tree_rows > 1); }

/// PEs of one column in a row or band.
Interface pe_leaf(const Dimensions& d) {
  if (d.baseline) return baseline_pe(d);
  leaves::Parameters parameters = {
      {"ACT_BITS", d.act_bits}, {"MODE2", d.mode2}, {"MODE4", d.mode4}, {"SUM_BITS", d.sum_bits}};
  if (d.full_range) parameters.emplace_back("FULL_RANGE", 1);
  if (d.recon) {
    parameters.emplace_back("ADDEND0_BITS", d.addend0_bits);
    parameters.emplace_back("ADDEND1_BITS", d.addend1_bits);
    if (d.fraction_bits != 2) parameters.emplace_back("FRACTION_BITS", d.fraction_bits);
    return leaf("msq_pe_recon", parameters);
  }
  if (!has_value_port(d)) return leaf("msq_pe", parameters);
  parameters.emplace_back("ROWS", d.tree_rows);
  parameters.emplace_back("FRACTION_BITS", d.sum_fraction_bits);
  parameters.emplace_back("VALUE0_BITS", d.value0_bits);
  parameters.emplace_back("VALUE1_BITS", d.value1_bits);
  return leaf("msq_pe_tree", parameters);
}

Interface outlier_group(const Dimensions& d) {
  return leaf("msq_outlier_group", {{"ACT_BITS", d.act_bits},
                                    {"MICRO_BLOCK", d.micro_block},
                                    {"MODE2", d.mode2},
                                    {"MODE4", d.mode4},
                                    {"FULL_RANGE", d.full_range},
                                    {"ROWS", d.tree_rows},
                                    {"UNITS", d.units_per_block},
                                    {"SKEW_COLUMNS", d.skew_columns},
                                    {"SHIFT_MAX", d.shift_max},
                                    {"SHIFT_BITS", d.shift_bits}});
}

/// PEs of pairs of rows: the columns of one parity are loaded together.
void build_paired_pes(Module& m, const Dimensions& d, const RowControl& r) {
  const int pairs = band_pairs(d);
  const int word = d.weight_bits * (d.tree_rows == 1 ? 1 : 2);
  const Expr load =
      m.wire("side_load", u(2 * pairs), "write enables of the pairs: odd columns, even columns");
  for (int side = 0; side < 2; ++side) {
    for (int pair = 0; pair < pairs; ++pair)
      m.assign(bit(load, side * pairs + pair), bit(r.load, 2 * pair + side));
  }
  m.generate_for("gen_group", "g", d.skew_groups, [&](Scope& group, Index g) {
    group.generate_for("gen_column", "c", d.skew_columns / 2, [&](Scope& column, Index c) {
      column.generate_for("gen_side", "s", 2, [&](Scope& side, Index s) {
        const Index pe = g * d.skew_columns + c * 2 + s;
        side.instance(pe_leaf(d), "u_pe",
                      {{"clk_i", r.clk},
                       {"load_i", slice(load, s * pairs, pairs)},
                       {"weight_i", slice(r.weights, (g * (d.skew_columns / 2) + c) * word, word)},
                       {"commit_i", bit(r.commits, g)},
                       {"x_i", slice(r.x_q, g * band_bits(d), band_bits(d))},
                       {"sum_i", slice(r.sums_in, pe * d.sum_bits, d.sum_bits)},
                       {"sum_o", slice(r.sums_out, pe * d.sum_bits, d.sum_bits)}});
      });
    });
  });
}

void build_pes(Module& m, const Dimensions& d, const RowControl& r) {
  m.section("PEs: column group g runs g cycles behind group 0");
  if (d.paired) return build_paired_pes(m, d, r);
  const int sum = d.lanes_per_pe * d.sum_bits;
  m.generate_for("gen_group", "g", d.skew_groups, [&](Scope& group, Index g) {
    group.generate_for("gen_column", "c", d.skew_columns, [&](Scope& column, Index c) {
      const Index pe = g * d.skew_columns + c;
      std::vector<std::pair<std::string, Expr>> ports = {
          {"clk_i", r.clk},
          {"load_i", r.load},
          {"weight_i", slice(r.weights, pe * d.weight_bits, d.weight_bits)},
          {"commit_i", bit(r.commits, g)},
          {"x_i", slice(r.x_q, g * band_bits(d), band_bits(d))},
          {"sum_i", slice(r.sums_in, pe * sum, sum)},
          {"sum_o", slice(r.sums_out, pe * sum, sum)}};
      if (!d.baseline)
        ports.emplace_back("mode4_i", d.mode2 && d.mode4 ? bit(r.mode4_q, g) : lit(u(1), d.mode4));
      if (d.recon) {
        ports.emplace_back("product_o", slice(r.products, pe * d.product_bits, d.product_bits));
        ports.emplace_back("use_addend_i", bit(r.use_addend_q, g + 1));
        ports.emplace_back("addend_i", slice(r.addends, pe * d.addend_bits, d.addend_bits));
      }
      if (has_value_port(d))
        ports.emplace_back("value_i",
                           d.inlined ? slice(r.values, pe * d.value_bits, d.value_bits) : lit(u(1), 0));
      column.instance(pe_leaf(d), "u_pe", ports);
    });
  });
}

/// Outlier units of the band; those of a routing group take the activation of its first column.
void build_units(Module& m, const Dimensions& d, const RowControl& r) {
  m.section("Outlier units");
  const int units = d.group_fields * d.units_per_block;
  const int values = d.group_columns * d.value_bits;
  const int per_step = std::max(1, d.skew_columns / d.group_columns);  // routing groups of a column group
  const int steps = std::max(1, d.group_columns / d.skew_columns);     // column groups of a routing group
  m.generate_for("gen_step", "a", d.groups / per_step, [&](Scope& outer, Index a) {
    const Index first = a * steps;  // column group
    outer.generate_for("gen_units", "b", per_step, [&](Scope& s, Index b) {
      const Index group = a * per_step + b;
      s.instance(outlier_group(d), "u_units",
                 {{"clk_i", r.clk},
                  {"write_i", slice(r.unit_write, group * units, units)},
                  {"words_i", slice(r.unit_words, group * d.group_word_bits, d.group_word_bits)},
                  {"commit_i", bit(r.commits, first)},
                  {"commit_late_i", bit(r.commits, first + 1)},
                  {"x_i", slice(r.x_q, first * band_bits(d), band_bits(d))},
                  {"values_o", slice(r.values, group * values, values)}});
    });
  });
}

void build_bus_connection(Module& m, const Dimensions& d, const RowControl& r, const Expr& fire_q,
                          const Expr& bus) {
  m.section("Column bus: products of every PE, then one activation per sync group");
  const int group_bits = d.skew_columns * d.product_bits;
  m.generate_for("gen_drive", "g", d.skew_groups, [&](Scope& s, Index g) {
    s.instance(leaf("msq_bus_driver", {{"WIDTH", group_bits}}), "u_products",
               {{"drive_i", bit(fire_q, g + 1)},
                {"d_i", slice(r.products, g * group_bits, group_bits)},
                {"bus_o", slice(bus, g * group_bits, group_bits)}});
  });
  const int x_base = d.cols * d.product_bits;
  m.comment("The activation beside a product is the one the next column group is about to use.");
  m.generate_for("gen_drive_x", "q", d.sync_groups, [&](Scope& s, Index q) {
    s.instance(leaf("msq_bus_driver", {{"WIDTH", d.act_bits}}), "u_activation",
               {{"drive_i", bit(fire_q, q * d.sync_steps + 1)},
                {"d_i", slice(r.x_q, (q * d.sync_steps + 1) * d.act_bits, d.act_bits)},
                {"bus_o", slice(bus, q * d.act_bits + x_base, d.act_bits)}});
  });
}

}  // namespace

bool array_needs_reset(const Dimensions& d) { return commit_stages(d) > 0; }

Module build_row(const Dimensions& d) {
  if (d.baseline == Baseline::gobo) return build_gobo_row(d);
  Module m(
      "msq_row",
      d.tree_rows == 1
          ? "One row of PEs. An activation enters on the left and moves one column group to the right each "
            "cycle; partial sums come from the row above and leave to the row below."
          : fmt::format("A band of {} rows of PEs. Activations enter on the left and move one column group "
                        "to the right each cycle; partial sums come from the band above and leave to the "
                        "band below.",
                        d.tree_rows));
  m.block("feeder and skew");
  // Compiled once for all rows (docs/decisions.md).
  m.keep_boundary();
  const bool both_modes = d.mode2 && d.mode4;
  const int sums = d.lanes * d.sum_bits;
  RowControl r;
  r.clk = m.input("clk_i", u(1), "clock");
  r.rst_n = commit_stages(d) > 0 ? m.input("rst_ni", u(1), "synchronous reset") : Expr{};
  r.load = m.input("load_i", u(d.paired ? 2 * band_pairs(d) : d.tree_rows), "write the row's shadow weights");
  r.weights = m.input("weights_i", u(row_weight_bits(d)), row_weight_doc(d));
  const Expr activation = m.input("activation_i", u(band_bits(d)), "activation for column group 0");
  r.commit = m.input("commit_i", u(1), "activation_i is the first of its tile");
  const Expr committed = m.output("committed_o", u(1), "the last column group takes its new weights");
  if (both_modes) r.mode4 = m.input("mode4_i", u(1), "mode of activation_i");
  Expr fire, use_addend, bus;
  if (d.recon) {
    fire = m.input("fire_i", u(1), "the products of activation_i go to ReCoN");
    use_addend = m.input("use_addend_i", u(1), "two cycles from now, group 0 adds addends_i");
    bus = m.output("bus_o", u(d.bus_bits), "products and activations for the column bus; zero unless fired");
    r.addends = m.input("addends_i", u(d.cols * d.addend_bits), "addend of PE c, both lanes, from ReCoN");
  }
  Expr band_write, writes;
  if (d.inlined) {
    const int units = d.groups * d.group_fields * d.units_per_block;
    band_write = m.input("band_write_i", u(1), "the settings are for units of this band");
    writes = m.input("unit_write_i", u(units), "which of them");
    r.unit_words = m.input("unit_words_i", u(d.groups * d.group_word_bits), "settings of outlier units");
  }
  r.sums_in = m.input("sums_i", u(sums), "partial sums from the row above, lane 0 of PE 0 first");
  r.sums_out = m.output("sums_o", u(sums), "partial sums to the row below");

  m.section("Activation and control pipeline");
  // The word after the last group's is the activation beside the last group's products, if ReCoN needs it
  // there.
  const int x_words =
      d.recon ? std::max(d.skew_groups, (d.sync_groups - 1) * d.sync_steps + 2) : d.skew_groups;
  r.x_q = m.reg("x_q", u(x_words * band_bits(d)), "word g: what column group g multiplies");
  std::vector<FlipFlop> flops = {shift(r.x_q, activation, x_words)};
  if (both_modes) {
    r.mode4_q = m.reg("mode4_q", u(d.skew_groups), "bit g: mode of column group g");
    flops.push_back(shift(r.mode4_q, r.mode4, d.skew_groups));
  }
  Expr fire_q;
  if (d.recon) {
    fire_q = m.reg("fire_q", u(d.skew_groups + 1), "bit g+1: column group g drives the bus");
    r.use_addend_q =
        m.reg("use_addend_q", u(d.skew_groups + 1), "bit g+1: column group g adds ReCoN's result");
    flops.push_back(shift(fire_q, fire, d.skew_groups + 1));
    flops.push_back(shift(r.use_addend_q, use_addend, d.skew_groups + 1));
  }
  const int later = commit_stages(d);
  if (later > 0) {
    const Expr commit_q = m.reg("commit_q", u(later), "bit g: column group g+1 takes its new weights");
    flops.push_back(shift(commit_q, r.commit, later, zeros(later)));
    r.commits = m.wire("commits", concat({commit_q, r.commit}), "bit g: column group g");
  } else {
    r.commits = m.wire("commits", r.commit);
  }
  m.assign(committed, bit(r.commits, d.skew_groups - 1));
  m.flip_flops(r.clk, r.rst_n, flops);

  if (d.recon) r.products = m.wire("products", u(d.cols * d.product_bits), "{p1, s1, p0, s0} of PE c");
  if (d.inlined) {
    r.values = m.wire("values", u(d.cols * d.value_bits), "outlier value of PE c, {lane 1, lane 0}");
    r.unit_write = m.wire("unit_write", writes & replicate(writes.width(), band_write));
    build_units(m, d, r);
  }
  build_pes(m, d, r);
  if (d.recon) build_bus_connection(m, d, r, fire_q, bus);
  return m;
}

Module build_array(const Dimensions& d, const Interface& row) {
  Module m(
      "msq_array",
      "The PE array: rows from top to bottom, each adding its products to the partial sums that pass it.");
  m.block("feeder and skew");
  const int sums = d.lanes * d.sum_bits;
  const Expr clk = m.input("clk_i", u(1), "clock");
  const Expr rst_n = commit_stages(d) > 0 ? m.input("rst_ni", u(1), "synchronous reset") : Expr{};
  const Expr load_row = m.input("load_row_i", u(d.rows), "one-hot: the row whose shadow weights are written");
  const Expr weights =
      m.input("weights_i", u(d.weight_bits * d.cols + d.outlier_weight_bits), "code words of that row");
  const Expr activations =
      m.input("activations_i", u(d.rows * d.act_bits), "activation of row r at [r*ACT +: ACT]");
  const Expr commit = m.input("commit_i", u(d.bands), "the band's activations are the first of their tile");
  const Expr committed =
      m.output("committed_o", u(d.bands), "the band's last column group takes its new weights");
  const Expr mode4 =
      d.mode2 && d.mode4 ? m.input("mode4_i", u(d.bands), "mode of the band's activations") : Expr{};
  const bool centroids = d.baseline == Baseline::gobo;
  const Expr table = centroids ? m.input("centroids_i", u(8 * 32), "FP32 centroids") : Expr{};
  Expr band_write, unit_write, unit_words;
  if (d.inlined) {
    const int units = d.groups * d.group_fields * d.units_per_block;
    band_write = m.input("band_write_i", u(d.bands), "one-hot: the band whose units are set, or none");
    unit_write = m.input("unit_write_i", u(units), "which of its units");
    unit_words = m.input("unit_words_i", u(d.groups * d.group_word_bits), "their settings");
  }
  Expr fire, use_addend, bus, addends;
  if (d.recon) {
    fire = m.input("fire_i", u(d.rows), "the row's products go to ReCoN");
    use_addend = m.input("use_addend_i", u(d.rows), "the row adds ReCoN's result two cycles from now");
    bus = m.output("bus_o", u(d.rows * d.bus_bits), "what row r drives on its unit's column bus");
    addends =
        m.input("addends_i", u(d.units * d.cols * d.addend_bits), "result of unit n for all PE columns");
  }
  const Expr out = m.output("sums_o", u(sums), "partial sums below the last row, column groups skewed");

  Expr planes;
  if (d.paired && d.tree_rows == 1) {
    planes = m.wire("planes", u(d.weight_bits * d.cols), "weights of the odd rows, then of the even rows");
    for (int word = 0; word < d.cols; ++word) {
      m.assign(slice(planes, (word % 2 * (d.cols / 2) + word / 2) * d.weight_bits, d.weight_bits),
               slice(weights, word * d.weight_bits, d.weight_bits));
    }
  }

  m.section("Rows");
  const Expr above = m.wire("sums", u((d.bands + 1) * sums), "word r: sums that enter band r");
  m.assign(slice(above, 0, sums), zeros(sums));
  m.assign(out, slice(above, d.bands * sums, sums));
  const auto make_row = [&](Scope& s, const Index& r, const Index& unit, const Expr& load,
                            const Expr& words) {
    std::vector<std::pair<std::string, Expr>> ports = {
        {"clk_i", clk},
        {"load_i", load},
        {"weights_i", words},
        {"activation_i", slice(activations, r * band_bits(d), band_bits(d))},
        {"commit_i", bit(commit, r)},
        {"committed_o", bit(committed, r)},
        {"sums_i", slice(above, r * sums, sums)},
        {"sums_o", slice(above, r * sums + sums, sums)}};
    if (!rst_n.empty()) ports.emplace_back("rst_ni", rst_n);
    if (!mode4.empty()) ports.emplace_back("mode4_i", bit(mode4, r));
    if (centroids) ports.emplace_back("centroids_i", table);
    if (d.recon) {
      const int unit_addends = d.cols * d.addend_bits;
      ports.emplace_back("fire_i", bit(fire, r));
      ports.emplace_back("use_addend_i", bit(use_addend, r));
      ports.emplace_back("bus_o", slice(bus, r * d.bus_bits, d.bus_bits));
      ports.emplace_back("addends_i", slice(addends, unit * unit_addends, unit_addends));
    }
    if (d.inlined) {
      ports.emplace_back("band_write_i", bit(band_write, r));
      ports.emplace_back("unit_write_i", unit_write);
      ports.emplace_back("unit_words_i", unit_words);
    }
    s.instance(row, "u_row", ports);
  };
  if (d.recon) {
    m.generate_for("gen_band", "n", d.units, [&](Scope& band, Index n) {
      band.generate_for("gen_row", "r", d.band_rows, [&](Scope& s, Index r) {
        const Index row_index = n * d.band_rows + r;
        make_row(s, row_index, n, bit(load_row, row_index), weights);
      });
    });
  } else if (!planes.empty()) {
    m.generate_for("gen_pair", "n", d.rows / 2, [&](Scope& pair, Index n) {
      pair.generate_for("gen_row", "r", 2, [&](Scope& s, Index r) {
        make_row(s, n * 2 + r, 0, slice(load_row, n * 2, 2),
                 slice(planes, r * row_weight_bits(d), row_weight_bits(d)));
      });
    });
  } else {
    m.generate_for("gen_row", "r", d.bands, [&](Scope& s, Index r) {
      const Expr load = d.tree_rows == 1 ? bit(load_row, r) : slice(load_row, r * d.tree_rows, d.tree_rows);
      make_row(s, r, 0, load, weights);
    });
  }
  return m;
}

Module build_deskew(const Dimensions& d) {
  Module m("msq_deskew",
           "Column group g leaves the array g cycles behind group 0: delays the earlier groups, so that all "
           "partial sums of a token leave together.");
  m.block("feeder and skew");
  const Expr clk = m.input("clk_i", u(1), "clock");
  const Expr rst_n = m.input("rst_ni", u(1), "synchronous reset");
  const Expr valid = m.input("valid_i", u(1), "the last row takes a token's activation");
  const Expr last = m.input("last_i", u(1), "it is the last token of its tile");
  const Expr sums = m.input("sums_i", u(d.lanes * d.sum_bits), "sums below the last row");
  const Expr valid_out = m.output("psum_valid_o", u(1), "psum_o holds a token");
  const Expr last_out = m.output("psum_last_o", u(1), "the last one of its tile");
  const Expr psum = m.output("psum_o", u(d.lanes * d.acc_bits),
                             fmt::format("partial sum of lane l at [l*ACC +: ACC], {}", sum_unit(d)));

  m.section(
      "Valid: activation register and registers of the last row's PEs, then the skew of the last group");
  const int stages = d.skew_groups + d.pe_latency;
  const Expr valid_q = m.reg("valid_q", u(stages));
  const Expr last_q = m.reg("last_q", u(stages));
  m.flip_flops(clk, rst_n, {shift(valid_q, valid, stages, zeros(stages)), shift(last_q, last, stages)});
  m.assign(valid_out, bit(valid_q, stages - 1));
  m.assign(last_out, bit(last_q, stages - 1));

  m.section("Sums");
  const int group_bits = d.skew_columns * d.lanes_per_pe * d.sum_bits;
  const Expr aligned = m.wire("aligned", u(d.lanes * d.sum_bits));
  for (int g = 0; g < d.skew_groups; ++g) {
    const int delay = d.skew_groups - 1 - g;
    const Expr from = slice(sums, g * group_bits, group_bits);
    if (delay == 0) {
      m.assign(slice(aligned, g * group_bits, group_bits), from);
      continue;
    }
    const Expr line =
        m.reg(fmt::format("group{}_q", g), u(delay * group_bits), fmt::format("{} cycles", delay));
    m.flip_flops(clk, {}, {shift(line, from, delay)});
    m.assign(slice(aligned, g * group_bits, group_bits), slice(line, (delay - 1) * group_bits, group_bits));
  }
  if (d.sum_bits == d.acc_bits) {
    m.assign(psum, aligned);
  } else {
    m.comment("Without outliers the fraction bits are zero.");
    m.generate_for("gen_lane", "l", d.lanes, [&](Scope& s, Index l) {
      s.assign(slice(psum, l * d.acc_bits, d.acc_bits),
               concat({slice(aligned, l * d.sum_bits, d.sum_bits), zeros(d.acc_bits - d.sum_bits)}));
    });
  }
  return m;
}

}  // namespace msq::arch
