// Row, array and de-skew: the parts every outlier path shares.

#include <fmt/format.h>

#include <algorithm>

#include "gen/arch/builders.hpp"
#include "gen/arch/shift.hpp"
#include "gen/arch/sizes.hpp"

namespace msq::arch {

using namespace verilog;

namespace {

/// Pairs of rows of a band that are loaded together (baseline olive); of a band of one row, its own pair.
int band_pairs(const Dimensions& d) { return std::max(1, d.tree_rows / 2); }

/// Weights that a row or band takes in one load: of all columns, or of half of them and both rows of a pair.
Constant row_weight_bits(Module& m, const Dimensions& d) {
  const Sizes k(m, d);
  if (!d.paired() || d.tree_rows > 1) return k.load_rows * k.cols * k.weight_bits;
  return m.localparam("COLUMN_PAIRS", d.cols / 2, "pairs of PE columns") * k.weight_bits;
}

std::string row_weight_doc(const Dimensions& d) {
  if (!d.paired()) {
    return fmt::format("code word of PE c at [{0}*c +: {0}]{1}", d.weight_bits,
                       d.load_rows == 1 ? "" : ", of the rows that are loaded together one after the other");
  }
  return d.tree_rows == 1 ? "words of PEs of every other column"
                          : "words {odd row, even row} of PEs of every other column";
}

/// Cycles that a row keeps its commit: for later column groups, and what takes its settings a cycle later.
int commit_stages(const Dimensions& d) {
  if (d.is_baseline(Baseline::gobo)) return d.skew_groups;
  return d.skew_groups - 1 + (d.path->commits_late(d) ? 1 : 0);
}

/// PEs of one column in a row or band of a baseline.
Interface baseline_pe(const Dimensions& d, const Sizes& k) {
  const bool paired = d.paired() && d.tree_rows > 1;
  return leaf(d.is_baseline(Baseline::int8) ? "msq_bl_pe_int8"
              : paired                      ? "msq_bl_pe_olive_tree"
                                            : "msq_bl_pe_olive",
              {{"ACT_BITS", k.act_bits}, {"ROWS", k.band_rows}, {"SUM_BITS", k.sum_bits}});
}

/// PEs of one column in a row or band.
Interface pe_leaf(Module& m, const Dimensions& d) {
  const Sizes k(m, d);
  return d.baseline ? baseline_pe(d, k) : d.path->pe(m, d);
}

/// Whether PEs take activations of the next cycle, for multiplier blocks of FPGAs.
bool takes_next(const Interface& pe) { return has_port(pe, "next_x0_i") || has_port(pe, "next_x_i"); }

/// PEs of pairs of rows: the columns of one parity are loaded together.
void build_paired_pes(Module& m, const Dimensions& d, const RowNets& r) {
  const Sizes k(m, d);
  const Constant pairs = count(m, "BAND_PAIRS", band_pairs(d), "pairs of PE rows of a band");
  const Constant group_pairs =
      m.localparam("GROUP_PAIRS", d.skew_columns / 2, "pairs of PE columns of a column group");
  const Constant weights = d.tree_rows == 1 ? k.weight_bits : 2 * k.weight_bits;
  const Expr load =
      m.wire("side_load", u(2 * pairs), "write enables of the pairs: odd columns, even columns");
  for (int side = 0; side < 2; ++side) {
    for (int pair = 0; pair < pairs.value(); ++pair)
      m.assign(bit(load, side * pairs.value() + pair), bit(r.load, 2 * pair + side));
  }
  m.generate_for("gen_group", "g", k.groups, [&](Scope& group, const Index& g) {
    group.generate_for("gen_column", "c", group_pairs, [&](Scope& column, const Index& c) {
      column.generate_for("gen_side", "s", 2, [&](Scope& side, const Index& s) {
        const Index pe = g * k.group_pes + c * 2 + s;
        side.instance(pe_leaf(m, d), "u_pe",
                      {{"clk_i", r.clk},
                       {"load_i", word(load, s, pairs)},
                       {"weight_i", word(r.weights, g * group_pairs + c, weights)},
                       {"commit_i", bit(r.commits, g)},
                       {"x_i", word(r.x_q, g, k.band_act_bits)},
                       {"sum_i", word(r.sums_in, pe, k.sum_bits)},
                       {"sum_o", word(r.sums_out, pe, k.sum_bits)}});
      });
    });
  });
}

void build_pes(Module& m, const Dimensions& d, const RowNets& r) {
  m.section("PEs: column group g runs g cycles behind group 0");
  if (d.paired()) return build_paired_pes(m, d, r);
  const Sizes k(m, d);
  m.generate_for("gen_group", "g", k.groups, [&](Scope& group, const Index& g) {
    group.generate_for("gen_column", "c", k.group_pes, [&](Scope& column, const Index& c) {
      const Index pe = g * k.group_pes + c;
      Connections ports = d.baseline ? Connections{} : d.path->pe_connections(m, d, r, g, pe);
      ports.insert(ports.end(), {{"clk_i", r.clk},
                                 {"load_i", r.load},
                                 {"weight_i", of_loaded_rows(d, r.weights, pe, k.cols, k.weight_bits)},
                                 {"commit_i", bit(r.commits, g)},
                                 {"sum_i", word(r.sums_in, pe, k.pe_sum_bits)},
                                 {"sum_o", word(r.sums_out, pe, k.pe_sum_bits)}});
      const Interface pe_interface = pe_leaf(m, d);
      const bool next = takes_next(pe_interface);
      if (d.baseline) {
        ports.emplace_back("x_i", word(r.x_q, g, k.band_act_bits));
        if (next) ports.emplace_back("next_x_i", word(r.next_x, g, k.band_act_bits));
      } else {
        const Expr one = lit(u(1), d.mode4);
        ports.emplace_back("mode4_i", d.mode2 && d.mode4 ? bit(r.mode4_q, g) : one);
        if (next) {
          ports.emplace_back("load_mode4_i", r.load_mode4.empty() ? one : r.load_mode4);
          ports.emplace_back("next_mode4_i", d.mode2 && d.mode4 ? bit(r.next_mode4, g) : one);
        }
      }
      column.instance(pe_interface, "u_pe", ports);
    });
  });
}

/// Activation operand of digit 1 of the PEs, by rows: four times the activation of digit 0 in mode 4, that of
/// the second place in mode 2.
Expr digit1_inputs(Module& m, const Dimensions& d, const Expr& activation, const Expr& mode4) {
  const Sizes k(m, d);
  if (!d.mode4) return slice(activation, k.band_act_bits, k.band_act_bits);
  Expr x1 = m.wire("x1", u(k.band_x1_bits), "what digit 1 of a PE multiplies, by rows");
  for (int r = 0; r < d.tree_rows; ++r) {
    const Expr place0 = word(activation, r, k.act_bits);
    const Expr place1 = word(activation, d.tree_rows + r, k.act_bits);
    m.assign(slice(x1, r * d.x1_bits, k.x1_bits),
             mux(mode4, concat({place0, zeros(2)}), sext(place1, k.x1_bits)));
  }
  return x1;
}

/// Declares the path's ports of the row.
void declare_path_ports(Module& m, const Dimensions& d, RowNets& r) {
  for (const RowPort& port : d.path->row_ports(m, d)) {
    const bool input = port.direction == Direction::input;
    r.path[port.name] = input ? m.input(port.name, u(port.width), port.row_doc)
                              : m.output(port.name, u(port.width), port.row_doc);
  }
}

}  // namespace

bool array_needs_reset(const Dimensions& d) { return commit_stages(d) > 0; }

Module build_row(const Dimensions& d) {
  if (d.is_baseline(Baseline::gobo)) return build_gobo_row(d);
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
  // Compiled once for all rows (docs/developer/decisions/010-hierarchy-of-models.md).
  m.keep_boundary();
  const bool both_modes = d.mode2 && d.mode4;
  const Sizes k(m, d);
  RowNets r;
  r.clk = m.input("clk_i", u(1), "clock");
  r.rst_n = commit_stages(d) > 0 ? m.input("rst_ni", u(1), "synchronous reset") : Expr{};
  r.load = m.input("load_i", u(d.paired() ? 2 * band_pairs(d) : d.tree_rows),
                   "write the shadow weights of the row");
  r.weights = m.input("weights_i", u(row_weight_bits(m, d)), row_weight_doc(d));
  const bool next = takes_next(pe_leaf(m, d));
  if (next && both_modes) r.load_mode4 = m.input("load_mode4_i", u(1), "mode of weights_i");
  const Expr activation =
      m.input("activation_i", u(k.band_x_bits),
              d.places == 1 ? "activation for column group 0"
                            : "activations for column group 0: places 1, then places 0 of the rows");
  r.commit = m.input("commit_i", u(1), "first activation of a tile at activation_i");
  const Expr committed = m.output("committed_o", u(1), "last column group switches to the new weights");
  if (both_modes) r.mode4 = m.input("mode4_i", u(1), "mode of activation_i");
  declare_path_ports(m, d, r);
  r.sums_in = m.input("sums_i", u(k.row_sum_bits), "partial sums from the row above, lane 0 of PE 0 first");
  r.sums_out = m.output("sums_o", u(k.row_sum_bits), "partial sums to the row below");

  m.section("Activation and control pipeline");
  const Constant x_words =
      count(m, "X_WORDS", d.path->activation_words(d), "words of the activation pipeline");
  r.x_q = m.reg("x_q", u(x_words * k.band_act_bits), "word g: activation of column group g");
  std::vector<FlipFlop> flops;
  const auto pipeline = [&](const Expr& reg, const Expr& first, const Constant& words, const char* name) {
    FlipFlop& flop = flops.emplace_back(shift(reg, first, words));
    if (next) flop.next = m.wire(name, flop.next, "the same in the next cycle");
    return flop.next;
  };
  r.next_x =
      pipeline(r.x_q, d.places == 1 ? activation : slice(activation, 0, k.band_act_bits), x_words, "next_x");
  if (d.places == 2) {
    r.x1_q = m.reg("x1_q", u(k.groups * k.band_x1_bits), "word g: what digits 1 of column group g multiply");
    r.next_x1 = pipeline(r.x1_q, digit1_inputs(m, d, activation, r.mode4), k.groups, "next_x1");
  }
  if (both_modes) {
    r.mode4_q = m.reg("mode4_q", u(k.groups), "bit g: mode of column group g");
    r.next_mode4 = pipeline(r.mode4_q, r.mode4, k.groups, "next_mode4");
  }
  d.path->add_registers(m, d, r, flops);
  if (commit_stages(d) > 0) {
    const Constant later =
        count(m, "COMMIT_STAGES", commit_stages(d), "cycles that a commit takes to the last column group");
    const Expr commit_q = m.reg("commit_q", u(later), "bit g: column group g+1 takes its new weights");
    flops.push_back(shift(commit_q, r.commit, later, zeros(later)));
    r.commits = m.wire("commits", concat({commit_q, r.commit}), "bit g: column group g");
  } else {
    r.commits = m.wire("commits", r.commit);
  }
  m.assign(committed, bit(r.commits, k.groups - 1));
  m.flip_flops(r.clk, r.rst_n, flops);

  d.path->before_pes(m, d, r);
  build_pes(m, d, r);
  d.path->after_pes(m, d, r);
  return m;
}

namespace {

/// The array's side of the path's row ports.
class PathPorts {
 public:
  PathPorts(Module& m, const Dimensions& d) : ports_(d.path->row_ports(m, d)) {
    const int units = d.bands / d.path->unit_rows(d).value_or(d.bands);
    for (const RowPort& port : ports_) {
      const Constant width = port.width * (port.share == RowPort::Share::all   ? 1
                                           : port.share == RowPort::Share::row ? d.bands
                                                                               : units);
      nets_.push_back(port.direction == Direction::input ? m.input(port.name, u(width), port.array_doc)
                                                         : m.output(port.name, u(width), port.array_doc));
    }
  }

  /// Connections of row (band) `row`, which belongs to unit `unit`.
  [[nodiscard]] Connections of(const Index& row, const Index& unit) const {
    Connections connections;
    for (std::size_t i = 0; i < ports_.size(); ++i) {
      const RowPort& port = ports_[i];
      if (port.share == RowPort::Share::all) {
        connections.emplace_back(port.name, nets_[i]);
        continue;
      }
      const Index& at = port.share == RowPort::Share::row ? row : unit;
      connections.emplace_back(port.name, word(nets_[i], at, port.width));
    }
    return connections;
  }

 private:
  std::vector<RowPort> ports_;
  std::vector<Expr> nets_;
};

}  // namespace

Module build_array(const Dimensions& d, const Interface& row) {
  Module m(
      "msq_array",
      "The PE array: rows from top to bottom, each adding its products to the partial sums that pass it.");
  m.block("feeder and skew");
  const Sizes k(m, d);
  const Expr clk = m.input("clk_i", u(1), "clock");
  const Expr rst_n = commit_stages(d) > 0 ? m.input("rst_ni", u(1), "synchronous reset") : Expr{};
  const Expr load_row = m.input("load_row_i", u(k.rows),
                                d.load_rows == 1 ? "row of which the shadow weights are written, one-hot"
                                                 : "rows of which the shadow weights are written together");
  const Expr weights =
      m.input("weights_i",
              u(d.weight_bits * d.cols * d.load_rows + (d.baseline ? d.baseline->outlier_weight_bits : 0)),
              "code words of the rows in load_row_i");
  const Expr load_mode4 =
      has_port(row, "load_mode4_i") ? m.input("load_mode4_i", u(1), "mode of weights_i") : Expr{};
  const Expr activations = m.input(
      "activations_i", u(k.bands * k.band_x_bits),
      d.places == 1
          ? fmt::format("activation of row r at [{0}*r +: {0}]", d.act_bits)
          : fmt::format("activations of band b at [{0}*b +: {0}]: places 1, then places 0 of its rows",
                        2 * d.tree_rows * d.act_bits));
  const Expr commit = m.input("commit_i", u(d.bands), "first activations of a tile at the band");
  const Expr committed =
      m.output("committed_o", u(d.bands), "last column group of the band switches to the new weights");
  const Expr mode4 =
      d.mode2 && d.mode4 ? m.input("mode4_i", u(d.bands), "mode of the activations at the band") : Expr{};
  const bool centroids = d.is_baseline(Baseline::gobo);
  const Expr table = centroids ? m.input("centroids_i", u(8 * 32), "FP32 centroids") : Expr{};
  const PathPorts path_ports(m, d);
  const Expr out =
      m.output("sums_o", u(k.row_sum_bits), "partial sums below the last row, column groups skewed");

  Expr planes;
  if (d.paired() && d.tree_rows == 1) {
    planes = m.wire("planes", u(k.cols * k.weight_bits), "weights of the odd rows, then of the even rows");
    for (int c = 0; c < d.cols; ++c) {
      m.assign(word(planes, c % 2 * (d.cols / 2) + c / 2, k.weight_bits), word(weights, c, k.weight_bits));
    }
  }

  m.section("Rows");
  const Expr above = m.wire("sums", u((k.bands + 1) * k.row_sum_bits), "word r: sums that enter band r");
  m.assign(word(above, 0, k.row_sum_bits), zeros(k.row_sum_bits));
  m.assign(out, word(above, k.bands, k.row_sum_bits));
  const auto make_row = [&](Scope& s, const Index& r, const Index& unit, const Expr& load,
                            const Expr& words) {
    Connections ports = path_ports.of(r, unit);
    ports.insert(ports.end(), {{"clk_i", clk},
                               {"load_i", load},
                               {"weights_i", words},
                               {"activation_i", word(activations, r, k.band_x_bits)},
                               {"commit_i", bit(commit, r)},
                               {"committed_o", bit(committed, r)},
                               {"sums_i", word(above, r, k.row_sum_bits)},
                               {"sums_o", word(above, r + 1, k.row_sum_bits)}});
    if (!rst_n.empty()) ports.emplace_back("rst_ni", rst_n);
    if (!mode4.empty()) ports.emplace_back("mode4_i", bit(mode4, r));
    if (!load_mode4.empty()) ports.emplace_back("load_mode4_i", load_mode4);
    if (centroids) ports.emplace_back("centroids_i", table);
    s.instance(row, "u_row", ports);
  };
  if (const auto unit_rows = d.path->unit_rows(d)) {
    const Constant rows = count(m, "UNIT_ROWS", *unit_rows, "PE rows of a unit");
    const Constant units = count(m, "UNITS", d.bands / *unit_rows, "units beside the array");
    m.generate_for("gen_band", "n", units, [&](Scope& band, const Index& n) {
      band.generate_for("gen_row", "r", rows, [&](Scope& s, const Index& r) {
        const Index row_index = n * rows + r;
        make_row(s, row_index, n, bit(load_row, row_index), weights);
      });
    });
  } else if (!planes.empty()) {
    m.generate_for("gen_pair", "n", m.localparam("ROW_PAIRS", d.rows / 2, "pairs of PE rows"),
                   [&](Scope& pair, const Index& n) {
                     pair.generate_for("gen_row", "r", 2, [&](Scope& s, const Index& r) {
                       make_row(s, n * 2 + r, 0, word(load_row, n, 2),
                                word(planes, r, row_weight_bits(m, d)));
                     });
                   });
  } else {
    m.generate_for("gen_row", "r", k.bands, [&](Scope& s, const Index& r) {
      make_row(s, r, 0, word(load_row, r, k.band_rows), weights);
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
  const Expr valid = m.input("valid_i", u(1), "activation of a token at the last row");
  const Expr last = m.input("last_i", u(1), "last token of its tile");
  const Sizes k(m, d);
  const Expr sums = m.input("sums_i", u(k.row_sum_bits), "sums below the last row");
  const Expr valid_out = m.output("psum_valid_o", u(1), "partial sums of a token at psum_o");
  const Expr last_out = m.output("psum_last_o", u(1), "partial sums of the last token of a tile");
  const Expr soon_valid = m.output("psum_soon_valid_o", u(1), "psum_valid_o two cycles later");
  const Expr soon_last = m.output("psum_soon_last_o", u(1), "psum_last_o two cycles later");
  const Expr psum =
      m.output("psum_o", u(k.lanes * k.acc_bits),
               fmt::format("partial sum of lane l at [{0}*l +: {0}], {1}", d.acc_bits, sum_unit(d)));

  m.section(
      "Valid: activation register and registers of the last row's PEs, then the skew of the last group");
  const Constant stages =
      m.localparam("STAGES", d.skew_groups + d.pe_latency, "cycles from a token at the last row to psum_o");
  const Expr valid_q = m.reg("valid_q", u(stages));
  const Expr last_q = m.reg("last_q", u(stages));
  m.flip_flops(clk, rst_n, {shift(valid_q, valid, stages, zeros(stages)), shift(last_q, last, stages)});
  m.assign(valid_out, bit(valid_q, stages - 1));
  m.assign(last_out, bit(last_q, stages - 1));
  m.assign(soon_valid, bit(valid_q, stages - 3));
  m.assign(soon_last, bit(last_q, stages - 3));

  m.section("Sums");
  const Constant group_bits = m.localparam("GROUP_SUM_BITS", k.group_pes * k.pe_sum_bits,
                                           "bits of the partial sums of a column group");
  const Expr aligned = m.wire("aligned", u(k.row_sum_bits));
  for (int g = 0; g < d.skew_groups; ++g) {
    const int delay = d.skew_groups - 1 - g;
    const Expr from = word(sums, g, group_bits);
    if (delay == 0) {
      m.assign(word(aligned, g, group_bits), from);
      continue;
    }
    const Expr line =
        m.reg(fmt::format("group{}_q", g), u(delay * group_bits), fmt::format("{} cycles", delay));
    m.flip_flops(clk, {}, {shift(line, from, delay)});
    m.assign(word(aligned, g, group_bits), word(line, delay - 1, group_bits));
  }
  if (d.sum_bits == d.acc_bits) {
    m.assign(psum, aligned);
  } else {
    m.comment("Without outliers the fraction bits are zero.");
    m.generate_for("gen_lane", "l", k.lanes, [&](Scope& s, const Index& l) {
      s.assign(word(psum, l, k.acc_bits),
               concat({word(aligned, l, k.sum_bits), zeros(k.acc_bits - k.sum_bits)}));
    });
  }
  return m;
}

}  // namespace msq::arch
