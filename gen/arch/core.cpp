// Top of the core: control, feeder, array, outlier path, de-skew, counters.

#include <fmt/format.h>

#include "gen/arch/builders.hpp"

namespace msq::arch {

using namespace verilog;

namespace {

std::string load_doc(const Dimensions& d) {
  if (d.baseline == Baseline::gobo)
    return fmt::format(
        "{{outlier, index}} of PE c at [4*c +: 4]; above, FP32 weight of outlier unit u at [{}+32*u +: 32]",
        4 * d.cols);
  if (!d.paired) return fmt::format("code word of PE c at [{0}*c +: {0}]", d.load_bits);
  return "pair {row 2i+1, row 2i} of column 2c+s at [8*c +: 8], in the word 2i+s of the tile";
}

/// Nets of the top module, in the order of the data flow.
struct CoreNets {
  Expr clk, rst_n, clear;
  Expr load_valid, load_ready, load_mode4, load_interval, load_gap, weights, has, scale, list;
  Expr act_valid, act_ready, act_last, token;
  Expr psum_valid, psum_last, psum;
  Expr cycles, tokens, tiles, errors, sticky, accesses, waits;
  // Internal.
  Expr next_row, load_row, load_parity, committed, launch, first, launch_mode4, launch_parity, launch_waited;
  Expr commit, mode4, out_valid, out_last, early, fire, fire_waited, fire_parity, use_addend;
  Expr header_error, list_error, gap_error, clash, flagged, bus, addends, fired, waited, sums;
  Expr centroids;
  Expr codes, band_write, unit_write, unit_words;
};

constexpr int kErrorKinds = 4;

void declare_ports(Module& m, const Dimensions& d, CoreNets& n) {
  n.clk = m.input("clk_i", u(1), "clock");
  n.rst_n = m.input("rst_ni", u(1), "synchronous reset, active low; one cycle is enough");
  n.clear = m.input("clear_counters_i", u(1), "zero the counters and error flags");
  n.load_valid = m.input("load_valid_i", u(1), "a weight row is offered; a tile is ROWS rows, row 0 first");
  n.load_ready = m.output("load_ready_o", u(1), "it is taken");
  n.load_mode4 =
      m.input("load_mode4_i", u(1), "mode of the tile: 1 = 4-bit, 0 = 2-bit; same for all its rows");
  n.load_interval =
      m.input("load_interval_i", u(8), "cycles between tokens of the tile; same for all its rows");
  n.load_gap = m.input("load_gap_i", u(8),
                       "least cycles between the launch before and the tile's first; same for all its rows");
  n.weights = m.input("load_weights_i", u(d.load_bits * d.cols + d.outlier_weight_bits), load_doc(d));
  if (d.outliers) {
    n.has = m.input("load_has_outliers_i", u(d.fields), "identifier bit of metadata field f");
    n.scale = m.input("load_mx_scale_i", u(8 * d.fields), "MXScale byte of field f");
    n.list = m.input("load_list_i", u(d.list_bits * d.fields),
                     "permutation list of field f, entry {Upper_loc, Lower_loc}");
  }
  if (d.baseline == Baseline::gobo)
    n.centroids = m.input("centroids_i", u(8 * 32), "FP32 centroid j at [32*j +: 32]; stays while tiles run");
  n.act_valid = m.input("act_valid_i", u(1), "a token is offered: one activation per row");
  n.act_ready = m.output("act_ready_o", u(1), "it is launched");
  n.act_last = m.input("act_last_i", u(1), "it is the last token of its tile");
  n.token = m.input("act_data_i", u(d.rows * d.act_bits), "activation of row r, two's complement");
  n.psum_valid =
      m.output("psum_valid_o", u(1),
               fmt::format("partial sums of a token, {} cycles after its launch; cannot wait", d.latency));
  n.psum_last = m.output("psum_last_o", u(1), "of the last token of its tile");
  n.psum = m.output(
      "psum_o", u(d.lanes * d.acc_bits),
      fmt::format("lane l at [{}*l +: {}], two's complement, {}", d.acc_bits, d.acc_bits, sum_unit(d)));
  n.sticky = m.output("protocol_error_o", u(kErrorKinds),
                      "errors seen: {launch gap, slot clash, list, tile header}");
  n.cycles = m.output("count_cycles_o", u(32), "cycles");
  n.tokens = m.output("count_tokens_o", u(32), "tokens launched");
  n.tiles = m.output("count_tiles_o", u(32), "tiles started");
  n.errors = m.output("count_errors_o", u(32), "cycles with a protocol error");
  n.accesses = m.output("count_recon_accesses_o", u(32), "rows times tokens that went through ReCoN");
  n.waits = m.output("count_recon_waits_o", u(32), "of these, for tokens that the schedule held back");
}

void build_control(Module& m, const Dimensions& d, CoreNets& n) {
  m.section("Admission of weight rows and tokens");
  n.next_row = m.wire("next_row", u(d.rows));
  n.load_row = m.wire("load_row", u(d.rows));
  n.committed = m.wire("committed", u(d.bands));
  n.launch = m.wire("launch", u(1));
  n.first = m.wire("launch_first", u(1));
  n.launch_mode4 = m.wire("launch_mode4", u(1));
  n.header_error = m.wire("header_error", u(1));
  n.load_parity = m.wire("load_parity", u(1));
  n.launch_parity = m.wire("launch_parity", u(1));
  n.launch_waited = m.wire("launch_waited", u(1));
  if (!d.recon)
    m.unused("recon_control", {n.load_parity, n.launch_parity, n.launch_waited}, "only ReCoN needs these");
  Expr rows_committed = n.committed;
  if (d.tree_rows > 1) {
    rows_committed = m.wire("rows_committed", u(d.rows), "the rows of a band take their weights together");
    m.generate_for("gen_band", "b", d.bands, [&](Scope& s, Index b) {
      s.assign(slice(rows_committed, b * d.tree_rows, d.tree_rows),
               replicate(d.tree_rows, bit(n.committed, b)));
    });
  } else if (d.paired) {
    rows_committed = m.wire("rows_committed", u(d.rows), "a pair is loaded when its second row is free");
    m.generate_for("gen_pair", "n", d.rows / 2, [&](Scope& s, Index i) {
      s.assign(slice(rows_committed, i * 2, 2), replicate(2, bit(n.committed, i * 2 + 1)));
    });
    m.unused("first_rows", {n.committed}, "the first row of a pair is free one cycle earlier");
  }
  m.instance(leaf("msq_sequencer", {{"ROWS", d.rows}, {"MODE2", d.mode2}, {"MODE4", d.mode4}}), "u_sequencer",
             {{"clk_i", n.clk},
              {"rst_ni", n.rst_n},
              {"load_valid_i", n.load_valid},
              {"load_ready_o", n.load_ready},
              {"load_mode4_i", n.load_mode4},
              {"load_interval_i", n.load_interval},
              {"load_gap_i", n.load_gap},
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
  if (!d.inlined || d.tree_rows == 1)
    m.unused("next", {n.next_row}, "only the inline path shares what rows are loaded into");

  m.section("Control that travels down the rows with the tokens");
  n.commit = m.wire("commit", u(d.bands));
  const bool both_modes = d.mode2 && d.mode4;
  const Expr row_mode4 = m.wire("mode4", u(d.bands));
  if (both_modes) {
    n.mode4 = row_mode4;
  } else {
    m.unused("mode4", {row_mode4}, "the array has one mode");
  }
  n.out_valid = m.wire("out_valid", u(1));
  n.out_last = m.wire("out_last", u(1));
  std::vector<std::pair<std::string, Expr>> ports = {{"clk_i", n.clk},
                                                     {"rst_ni", n.rst_n},
                                                     {"launch_i", n.launch},
                                                     {"launch_first_i", n.first},
                                                     {"launch_last_i", n.act_last},
                                                     {"launch_mode4_i", n.launch_mode4},
                                                     {"commit_o", n.commit},
                                                     {"mode4_o", row_mode4},
                                                     {"out_valid_o", n.out_valid},
                                                     {"out_last_o", n.out_last}};
  if (d.recon) {
    n.flagged = m.wire("flagged", u(1));
    n.early = m.wire("early", u(d.rows));
    n.fire = m.wire("fire", u(d.rows));
    n.fire_waited = m.wire("fire_waited", u(d.rows));
    n.fire_parity = m.wire("fire_parity", u(d.rows));
    n.use_addend = m.wire("use_addend", u(d.rows));
    n.gap_error = m.wire("gap_error", u(1));
    ports.insert(ports.end(), {{"load_row_i", n.load_row},
                               {"load_parity_i", n.load_parity},
                               {"load_flagged_i", n.flagged},
                               {"launch_parity_i", n.launch_parity},
                               {"launch_waited_i", n.launch_waited},
                               {"early_o", n.early},
                               {"fire_o", n.fire},
                               {"fire_waited_o", n.fire_waited},
                               {"fire_parity_o", n.fire_parity},
                               {"use_addend_o", n.use_addend},
                               {"error_o", n.gap_error}});
  }
  m.instance(d.recon ? leaf("msq_wavefront_recon", {{"ROWS", d.rows}, {"LEAD", d.lead}})
                     : leaf("msq_wavefront", {{"ROWS", d.bands}}),
             "u_wavefront", ports);
}

void build_datapath(Module& m, const Dimensions& d, CoreNets& n, const Interface& array) {
  m.section("Activation feeder and PE array");
  const Expr activations = m.wire("activations", u(d.rows * d.act_bits));
  m.instance(
      leaf("msq_feeder", {{"ROWS", d.bands}, {"ACT_BITS", d.tree_rows * d.act_bits}, {"LEAD", d.lead}}),
      "u_feeder",
      {{"clk_i", n.clk},
       {"launch_i", n.launch},
       {"token_i", n.token},
       {"early_i", d.recon ? n.early : zeros(d.bands)},
       {"activations_o", activations}});
  n.sums = m.wire("sums", u(d.lanes * d.sum_bits));
  std::vector<std::pair<std::string, Expr>> ports = {{"clk_i", n.clk},       {"load_row_i", n.load_row},
                                                     {"weights_i", n.codes}, {"activations_i", activations},
                                                     {"commit_i", n.commit}, {"committed_o", n.committed},
                                                     {"sums_o", n.sums}};
  if (array_needs_reset(d)) ports.emplace_back("rst_ni", n.rst_n);
  if (!n.mode4.empty()) ports.emplace_back("mode4_i", n.mode4);
  if (!n.centroids.empty()) ports.emplace_back("centroids_i", n.centroids);
  if (d.recon) {
    n.bus = m.wire("bus", u(d.rows * d.bus_bits));
    n.addends = m.wire("addends", u(d.units * d.cols * d.addend_bits));
    ports.insert(
        ports.end(),
        {{"fire_i", n.fire}, {"use_addend_i", n.use_addend}, {"bus_o", n.bus}, {"addends_i", n.addends}});
  }
  if (d.inlined) {
    ports.emplace_back("band_write_i", n.band_write);
    ports.emplace_back("unit_write_i", n.unit_write);
    ports.emplace_back("unit_words_i", n.unit_words);
  }
  m.instance(array, "u_array", ports);
}

void build_inline_path(Module& m, const Dimensions& d, CoreNets& n, const Interface& decoder) {
  m.section("Outlier path: weight decoder; the units stand in the rows");
  n.list_error = m.wire("list_error", u(1));
  n.clash = m.wire("unit_error", u(1));
  n.codes = m.wire("codes", u(d.weight_bits * d.cols));
  n.band_write = m.wire("band_write", u(d.bands));
  n.unit_write = m.wire("unit_write", u(d.groups * d.group_fields * d.units_per_block));
  n.unit_words = m.wire("unit_words", u(d.groups * d.group_word_bits));
  std::vector<std::pair<std::string, Expr>> ports = {{"clk_i", n.clk},
                                                     {"rst_ni", n.rst_n},
                                                     {"load_row_i", n.load_row},
                                                     {"load_mode4_i", n.load_mode4},
                                                     {"weights_i", n.weights},
                                                     {"has_outliers_i", n.has},
                                                     {"mx_scale_i", n.scale},
                                                     {"list_i", n.list},
                                                     {"weights_o", n.codes},
                                                     {"band_write_o", n.band_write},
                                                     {"unit_write_o", n.unit_write},
                                                     {"unit_words_o", n.unit_words},
                                                     {"list_error_o", n.list_error},
                                                     {"unit_error_o", n.clash}};
  if (d.tree_rows > 1) ports.insert(ports.begin() + 2, {"next_row_i", n.next_row});
  m.instance(decoder, "u_decoder", ports);
}

void build_baseline_decoder(Module& m, const Dimensions& d, CoreNets& n, const Interface& decoder) {
  m.section("Decoders at the border of the array");
  n.codes = m.wire("codes", u(d.weight_bits * d.cols));
  m.instance(decoder, "u_decoder", {{"codes_i", n.weights}, {"words_o", n.codes}});
}

void build_recon_path(Module& m, const Dimensions& d, CoreNets& n, const CoreParts& parts) {
  m.section("Outlier path: weight decoder and ReCoN units");
  n.list_error = m.wire("list_error", u(1));
  const Expr write = m.wire("settings_write", u(d.units));
  const Expr address = m.wire("settings_address", u(d.ram_address_bits));
  const Expr settings = m.wire("settings", u(d.settings_bits));
  m.instance(parts.decoder, "u_decoder",
             {{"clk_i", n.clk},
              {"rst_ni", n.rst_n},
              {"load_row_i", n.load_row},
              {"load_parity_i", n.load_parity},
              {"load_mode4_i", n.load_mode4},
              {"has_outliers_i", n.has},
              {"mx_scale_i", n.scale},
              {"list_i", n.list},
              {"flagged_o", n.flagged},
              {"error_o", n.list_error},
              {"write_o", write},
              {"address_o", address},
              {"settings_o", settings}});
  n.fired = m.wire("fired", u(d.units));
  n.waited = m.wire("waited", u(d.units));
  n.clash = m.wire("clash", u(d.units));
  m.generate_for("gen_unit", "n", d.units, [&](Scope& s, Index i) {
    const Index row = i * d.band_rows;
    std::vector<std::pair<std::string, Expr>> ports = {
        {"clk_i", n.clk},
        {"rows_i", slice(n.bus, i * (d.band_rows * d.bus_bits), d.band_rows * d.bus_bits)},
        {"fire_i", slice(n.fire, row, d.band_rows)},
        {"fire_waited_i", slice(n.fire_waited, row, d.band_rows)},
        {"fire_parity_i", slice(n.fire_parity, row, d.band_rows)},
        {"write_i", bit(write, i)},
        {"write_address_i", address},
        {"settings_i", settings},
        {"addends_o", slice(n.addends, i * (d.cols * d.addend_bits), d.cols * d.addend_bits)},
        {"fired_o", bit(n.fired, i)},
        {"waited_o", bit(n.waited, i)},
        {"clash_o", bit(n.clash, i)}};
    if (!n.mode4.empty()) ports.emplace_back("fire_mode4_i", slice(n.mode4, row, d.band_rows));
    s.instance(parts.unit, "u_recon", ports);
  });
}

void build_counters(Module& m, const Dimensions& d, const CoreNets& n) {
  m.section("Counters");
  Expr errors = n.header_error;
  if (d.recon) errors = concat({n.gap_error, reduce_or(n.clash), n.list_error, n.header_error});
  if (d.inlined) errors = concat({n.clash, n.list_error, n.header_error});
  const int kinds = errors.width();
  const Expr sticky = kinds == kErrorKinds ? n.sticky : m.wire("sticky", u(kinds));
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
  if (d.recon) {
    m.instance(leaf("msq_recon_counters", {{"UNITS", d.units}}), "u_recon_counters",
               {{"clk_i", n.clk},
                {"rst_ni", n.rst_n},
                {"clear_i", n.clear},
                {"fired_i", n.fired},
                {"waited_i", n.waited},
                {"accesses_o", n.accesses},
                {"waits_o", n.waits}});
  } else {
    m.comment("No ReCoN: its errors and accesses do not occur.");
    m.assign(n.sticky, concat({zeros(kErrorKinds - kinds), sticky}));
    m.assign(n.accesses, zeros(32));
    m.assign(n.waits, zeros(32));
  }
}

}  // namespace

namespace {

std::string outlier_text(const Dimensions& d) {
  if (d.baseline == Baseline::int8) return "8-bit weights, no outlier support";
  if (d.baseline == Baseline::gobo) return "centroids and outliers in FP32 after GOBO";
  if (d.baseline == Baseline::olive) return "outlier-victim pairs after OliVe";
  if (d.recon) return fmt::format("{} ReCoN unit(s)", d.units);
  if (!d.inlined) return "no outlier support";
  return fmt::format("{} outlier unit(s) for each micro-block of {} row(s)", d.units_per_block, d.tree_rows);
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
  if (d.inlined) build_inline_path(m, d, n, parts.decoder);
  if (d.paired) build_baseline_decoder(m, d, n, parts.decoder);
  build_datapath(m, d, n, parts.array);
  if (d.recon) build_recon_path(m, d, n, parts);

  m.section("Outputs");
  m.instance(parts.deskew, "u_deskew",
             {{"clk_i", n.clk},
              {"rst_ni", n.rst_n},
              {"valid_i", n.out_valid},
              {"last_i", n.out_last},
              {"sums_i", n.sums},
              {"psum_valid_o", n.psum_valid},
              {"psum_last_o", n.psum_last},
              {"psum_o", n.psum}});
  build_counters(m, d, n);
  return m;
}

}  // namespace msq::arch
