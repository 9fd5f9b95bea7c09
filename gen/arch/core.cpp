// Top of the core: control, feeder, array, outlier path, de-skew, counters.

#include <fmt/format.h>

#include "gen/arch/builders.hpp"
#include "gen/arch/sizes.hpp"

namespace msq::arch {

using namespace verilog;

namespace {

std::string load_doc(const Dimensions& d) {
  if (d.is_baseline(Baseline::gobo))
    return fmt::format(
        "{{outlier, index}} of PE c at [4*c +: 4]; above, FP32 weight of outlier unit u at [{}+32*u +: 32]",
        4 * d.cols);
  if (!d.paired()) return fmt::format("code word of PE c at [{0}*c +: {0}]", d.load_bits);
  return "pair {row 2i+1, row 2i} of column 2c+s at [8*c +: 8], in the word 2i+s of the tile";
}

/// Bits of protocol_error_o.
Constant error_kinds(Module& m) { return m.localparam("ERROR_KINDS", 4, "kinds of protocol errors"); }

void declare_ports(Module& m, const Dimensions& d, CoreNets& n) {
  const Sizes k(m, d);
  m.group("Clock and reset");
  n.clk = m.input("clk_i", u(1), "clock");
  n.rst_n = m.input("rst_ni", u(1), "synchronous reset, active low, at least one cycle");
  n.clear = m.input("clear_counters_i", u(1), "zero the counters and error flags");
  m.group(d.load_rows == 1
              ? "Weight rows: a tile is one row of weights per row of PEs, row 0 first"
              : fmt::format("Weight rows: a tile is one row of weights per row of PEs, {} rows at a time, "
                            "rows 0 to {} first; parts of a row side by side, the first row's lowest",
                            d.load_rows, d.load_rows - 1));
  n.load_valid = m.input("load_valid_i", u(1), d.load_rows == 1 ? "weight row offered" : "rows offered");
  n.load_ready = m.output("load_ready_o", u(1), d.load_rows == 1 ? "weight row accepted" : "rows accepted");
  n.load_mode4 =
      m.input("load_mode4_i", u(1), "mode of the tile: 1 = 4-bit, 0 = 2-bit; the same in all rows of a tile");
  n.load_interval =
      m.input("load_interval_i", u(8),
              "cycles between two tokens of the tile, at least 1; the same in all rows of a tile");
  n.load_gap = m.input(
      "load_gap_i", u(8),
      "minimum cycles from the launch before to the first of the tile; the same in all rows of a tile");
  if (d.early_steps > 0) {
    n.early = m.localparam("EARLY_STEPS", d.early_steps, "cycles of loading that may follow a first token");
    n.load_follow =
        m.input("load_follow_i", u(d.follow_bits),
                "cycles from this one on in which rows are offered without a pause, as far as that is known; "
                "EARLY_STEPS + 1 if more");
  }
  n.weights = m.input("load_weights_i", u(d.load_step_bits()), load_doc(d));
  if (d.outliers) {
    const int fields = d.outliers->fields * d.load_rows;
    n.has = m.input("load_has_outliers_i", u(fields), "identifier bit of metadata field f");
    n.scale = m.input("load_mx_scale_i", u(8 * fields), "MXScale byte of field f");
    n.list = m.input("load_list_i", u(d.outliers->list_bits * fields),
                     "permutation list of field f, entry {Upper_loc, Lower_loc}");
  }
  if (d.is_baseline(Baseline::gobo))
    n.centroids = m.input("centroids_i", u(8 * 32), "FP32 centroid j at [32*j +: 32]; stays while tiles run");
  m.group(d.places == 1 ? "Tokens: one activation per row" : "Tokens: two activations per row");
  n.act_valid = m.input("act_valid_i", u(1), "token offered");
  n.act_ready = m.output("act_ready_o", u(1), "token accepted and launched");
  n.act_last = m.input("act_last_i", u(1), "last token of its tile");
  n.token = m.input(
      "act_data_i", u(d.places * (k.rows * k.act_bits)),
      d.places == 1 ? "activation of row r, two's complement"
                    : "{place 1, place 0} of all rows, two's complement; mode 4 does not look at place 1");
  m.group("Partial sums, without back pressure");
  n.psum_valid =
      m.output("psum_valid_o", u(1),
               fmt::format("partial sums of a token, {} cycles after the launch of the token", d.latency));
  n.psum_last = m.output("psum_last_o", u(1), "partial sums of the last token of a tile");
  n.psum_soon_valid = m.output("psum_soon_valid_o", u(1), "psum_valid_o two cycles later");
  n.psum_soon_last = m.output("psum_soon_last_o", u(1), "psum_last_o two cycles later");
  n.psum = m.output(
      "psum_o", u(k.lanes * k.acc_bits),
      fmt::format("lane l at [{}*l +: {}], two's complement, {}", d.acc_bits, d.acc_bits, sum_unit(d)));
  m.group("Status");
  n.sticky = m.output("protocol_error_o", u(error_kinds(m)),
                      "errors since the last clear: {launch gap, slot clash, list, tile header}");
  n.cycles = m.output("count_cycles_o", u(32), "cycles since the last clear");
  n.tokens = m.output("count_tokens_o", u(32), "tokens launched");
  n.tiles = m.output("count_tiles_o", u(32), "tiles started");
  n.errors = m.output("count_errors_o", u(32), "cycles with a protocol error");
  n.accesses = m.output("count_recon_accesses_o", u(32), "accesses to ReCoN: rows times tokens");
  n.waits = m.output("count_recon_waits_o", u(32), "accesses to ReCoN of tokens that the schedule delayed");
}

void build_control(Module& m, const Dimensions& d, CoreNets& n) {
  const Sizes k(m, d);
  m.section("Admission of weight rows and tokens");
  n.next_row = m.wire(d.load_rows == 1 ? "next_row" : "next_step", u(k.load_steps));
  n.load_row = m.wire(d.load_rows == 1 ? "load_row" : "load_step", u(k.load_steps));
  n.committed = m.wire("committed", u(k.bands));
  n.launch = m.wire("launch", u(1));
  n.first = m.wire("launch_first", u(1));
  n.launch_mode4 = m.wire("launch_mode4", u(1));
  n.header_error = m.wire("header_error", u(1));
  n.load_parity = m.wire("load_parity", u(1));
  n.launch_parity = m.wire("launch_parity", u(1));
  n.launch_waited = m.wire("launch_waited", u(1));
  if (!d.path->uses_schedule())
    m.unused("recon_control", {n.load_parity, n.launch_parity, n.launch_waited},
             "only ReCoN needs the parity of tiles and delayed launches");
  Expr rows_committed = n.committed;
  const Constant band_steps = count(m, "BAND_STEPS", d.band_steps(), "steps in which a band is loaded");
  if (d.band_steps() > 1) {
    rows_committed = m.wire(d.load_rows == 1 ? "rows_committed" : "steps_committed", u(k.load_steps),
                            "the rows of a band take their weights together");
    m.generate_for("gen_band", "b", k.bands, [&](Scope& s, const Index& b) {
      s.assign(word(rows_committed, b, band_steps), replicate(band_steps, bit(n.committed, b)));
    });
  } else if (d.paired()) {
    rows_committed = m.wire("rows_committed", u(k.rows), "a pair is loaded when its second row is free");
    m.generate_for("gen_pair", "n", m.localparam("ROW_PAIRS", d.rows / 2, "pairs of PE rows"),
                   [&](Scope& s, const Index& i) {
                     s.assign(word(rows_committed, i, 2), replicate(2, bit(n.committed, i * 2 + 1)));
                   });
    m.unused("first_rows", {n.committed}, "the first row of a pair is free one cycle earlier");
  }
  m.instance(leaf("msq_sequencer", {{"ROWS", k.load_steps},
                                    {"MODE2", d.mode2},
                                    {"MODE4", d.mode4},
                                    {"EARLY", n.early},
                                    {"BAND", band_steps}}),
             "u_sequencer",
             {{"clk_i", n.clk},
              {"rst_ni", n.rst_n},
              {"load_valid_i", n.load_valid},
              {"load_ready_o", n.load_ready},
              {"load_mode4_i", n.load_mode4},
              {"load_interval_i", n.load_interval},
              {"load_gap_i", n.load_gap},
              {"load_follow_i", d.early_steps > 0 ? n.load_follow : zeros(1)},
              {"next_row_o", n.next_row},
              {"load_row_o", n.load_row},
              {"load_parity_o", n.load_parity},
              {"committed_i", rows_committed},
              {"act_valid_i", n.act_valid},
              {"act_ready_o", n.act_ready},
              {"act_last_i", n.act_last},
              {"launch_o", n.launch},
              {"launch_first_o", n.first},
              {"launch_mode4_o", n.launch_mode4},
              {"launch_parity_o", n.launch_parity},
              {"launch_waited_o", n.launch_waited},
              {"error_o", n.header_error}});
  if (!d.path->uses_next_row(d))
    m.unused("next", {n.next_row}, "only path inline needs the row that the next load writes");

  m.section("Control that travels down the rows with the tokens");
  n.commit = m.wire("commit", u(k.bands));
  const bool both_modes = d.mode2 && d.mode4;
  const Expr row_mode4 = m.wire("mode4", u(k.bands));
  if (both_modes) {
    n.mode4 = row_mode4;
  } else {
    m.unused("mode4", {row_mode4}, "the array has one mode");
  }
  n.out_valid = m.wire("out_valid", u(1));
  n.out_last = m.wire("out_last", u(1));
  Connections ports = d.path->wavefront_connections(m, d, n);
  ports.insert(ports.end(), {{"clk_i", n.clk},
                             {"rst_ni", n.rst_n},
                             {"launch_i", n.launch},
                             {"launch_first_i", n.first},
                             {"launch_last_i", n.act_last},
                             {"launch_mode4_i", n.launch_mode4},
                             {"commit_o", n.commit},
                             {"mode4_o", row_mode4},
                             {"out_valid_o", n.out_valid},
                             {"out_last_o", n.out_last}});
  m.instance(d.path->wavefront(m, d), "u_wavefront", ports);
}

void build_datapath(Module& m, const Dimensions& d, CoreNets& n, const Interface& array) {
  m.section("Activation feeder and PE array");
  const Sizes k(m, d);
  const Expr activations = m.wire("activations", u(k.bands * k.band_x_bits));
  Expr token = n.token;
  if (d.places == 2) {
    token = m.wire("token", u(k.bands * k.band_x_bits), "by bands: places 1, then places 0 of its rows");
    m.generate_for("gen_token", "b", k.bands, [&](Scope& s, const Index& b) {
      s.assign(word(token, b, k.band_x_bits),
               concat({word(n.token, b + k.bands, k.band_act_bits), word(n.token, b, k.band_act_bits)}));
    });
  }
  m.instance(leaf("msq_feeder", {{"ROWS", k.bands}, {"ACT_BITS", k.band_x_bits}, {"LEAD", k.lead}}),
             "u_feeder",
             {{"clk_i", n.clk},
              {"launch_i", n.launch},
              {"token_i", token},
              {"early_i", d.path->early(m, d, n)},
              {"activations_o", activations}});
  Expr load_rows = n.load_row;
  if (d.load_rows > 1) {
    load_rows = m.wire("load_row", u(k.rows), "rows of the step");
    m.generate_for("gen_step", "s", k.load_steps, [&](Scope& s, const Index& i) {
      s.assign(word(load_rows, i, k.load_rows), replicate(k.load_rows, bit(n.load_row, i)));
    });
  }
  n.sums = m.wire("sums", u(k.row_sum_bits));
  Connections ports = d.path->array_connections(m, d, n);
  ports.insert(ports.end(), {{"clk_i", n.clk},
                             {"load_row_i", load_rows},
                             {"weights_i", n.codes},
                             {"activations_i", activations},
                             {"commit_i", n.commit},
                             {"committed_o", n.committed},
                             {"sums_o", n.sums}});
  if (array_needs_reset(d)) ports.emplace_back("rst_ni", n.rst_n);
  if (!n.mode4.empty()) ports.emplace_back("mode4_i", n.mode4);
  if (has_port(array, "load_mode4_i")) ports.emplace_back("load_mode4_i", n.load_mode4);
  if (!n.centroids.empty()) ports.emplace_back("centroids_i", n.centroids);
  m.instance(array, "u_array", ports);
}

void build_baseline_decoder(Module& m, const Dimensions& d, CoreNets& n, const Interface& decoder) {
  m.section("Decoders at the border of the array");
  const Sizes k(m, d);
  n.codes = m.wire("codes", u(k.cols * k.weight_bits));
  m.instance(decoder, "u_decoder", {{"codes_i", n.weights}, {"words_o", n.codes}});
}

void build_counters(Module& m, const Dimensions& d, const CoreNets& n) {
  m.section("Counters");
  std::vector<Expr> kinds_of_path = d.path->errors(n);
  kinds_of_path.push_back(n.header_error);
  const Expr errors = kinds_of_path.size() == 1 ? n.header_error : concat(kinds_of_path);
  const bool all = errors.width() == n.sticky.width();
  const Constant kinds =
      all ? error_kinds(m) : m.localparam("PATH_ERROR_KINDS", errors.width(), "those that can occur here");
  const Expr sticky = all ? n.sticky : m.wire("sticky", u(kinds));
  m.instance(leaf("msq_counters", {{"KINDS", kinds}}), "u_counters",
             {{"clk_i", n.clk},
              {"rst_ni", n.rst_n},
              {"clear_i", n.clear},
              {"token_i", n.launch},
              {"tile_i", n.launch & n.first},
              {"errors_i", errors},
              {"cycles_o", n.cycles},
              {"tokens_o", n.tokens},
              {"tiles_o", n.tiles},
              {"errors_o", n.errors},
              {"sticky_o", sticky}});
  if (!all) {
    m.comment("Without ReCoN, its errors and accesses do not occur.");
    m.assign(n.sticky, zext(sticky, error_kinds(m)));
  }
  d.path->count_accesses(m, d, n);
}

}  // namespace

namespace {

std::string outlier_text(const Dimensions& d) {
  if (d.is_baseline(Baseline::int8)) return "8-bit weights, no outlier support";
  if (d.is_baseline(Baseline::gobo)) return "centroids and outliers in FP32 after GOBO";
  if (d.is_baseline(Baseline::olive)) return "outlier-victim pairs after OliVe";
  return d.path->summary(d);
}

}  // namespace

Module build_core(const Dimensions& d, const CoreParts& parts) {
  Module m(
      "msq_core",
      fmt::format("MicroScopiQ core: {} x {} PEs, weight stationary, {}. Weight rows and tokens in, partial "
                  "sums of a tile out.",
                  d.rows, d.cols, outlier_text(d)));
  m.block("control");
  CoreNets n;
  declare_ports(m, d, n);
  build_control(m, d, n);
  n.codes = n.weights;
  d.path->before_array(m, d, n, parts.path);
  if (d.paired()) build_baseline_decoder(m, d, n, parts.baseline_decoder);
  build_datapath(m, d, n, parts.array);
  d.path->after_array(m, d, n, parts.path);

  m.section("Outputs");
  m.instance(parts.deskew, "u_deskew",
             {{"clk_i", n.clk},
              {"rst_ni", n.rst_n},
              {"valid_i", n.out_valid},
              {"last_i", n.out_last},
              {"sums_i", n.sums},
              {"psum_valid_o", n.psum_valid},
              {"psum_last_o", n.psum_last},
              {"psum_soon_valid_o", n.psum_soon_valid},
              {"psum_soon_last_o", n.psum_soon_last},
              {"psum_o", n.psum}});
  build_counters(m, d, n);
  return m;
}

}  // namespace msq::arch
