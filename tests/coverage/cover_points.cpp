#include "tests/coverage/cover_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace msq::tests {
namespace {

/// A module of cover points, bound to every instance of another one, whose signals of the same names it sees.
class CoverModule {
 public:
  explicit CoverModule(std::string target) : target_(std::move(target)) {}

  void signal(const std::string& name, int width = 1) {
    names_.insert(name);
    ports_ += fmt::format("{}\n  input wire [{}:0] {}", ports_.empty() ? "" : ",", width - 1, name);
    connections_ += fmt::format("{}.{}({})", connections_.empty() ? "" : ", ", name, name);
  }
  void text(const std::string& verilog) { body_ += verilog; }
  /// A condition that must have been true at a clock edge out of reset. Its name is no signal's and no other
  /// point's: simulators have one space of names for both.
  void point(const std::string& name, const std::string& condition) {
    if (!names_.insert(name).second) throw std::logic_error(target_ + ": two of the name " + name);
    body_ +=
        fmt::format("  {}: cover property (@(posedge clk_i) disable iff (!rst_ni) {});\n", name, condition);
  }
  [[nodiscard]] DesignFile file() const {
    // Lint is for the design; every width here is 32 bits or that of a port.
    return {fmt::format("{}_cover.v", target_),
            fmt::format("// verilator lint_off WIDTH\n// verilator lint_off UNUSED\n"
                        "module {0}_cover ({1}\n);\n{2}endmodule\nbind {0} {0}_cover u_cover ({3});\n",
                        target_, ports_, body_, connections_)};
  }

 private:
  std::string target_, ports_, connections_, body_;
  std::set<std::string> names_;
};

/// Contents of a load word of a mode, in every field: how many outliers, where, with which shift and halves.
void outlier_points(CoverModule& cover, const Dimensions& d, int mode) {
  const int block = d.outliers->micro_block;
  const bool places = mode == 2 && d.places == 2;  // of one column; fields of both are side by side
  const int stride = mode == 4 ? d.outliers->group_fields : 1;
  const int half = mode == 4 ? 2 : 1;  // mantissa bits of a half
  const auto m = [&](const std::string& name) { return fmt::format("{}_mode{}", name, mode); };
  cover.text(fmt::format("  reg [{}:0] {};\n  reg [{}:0] {};\n  reg [3:0] {};\n  reg [7:0] {};\n",
                         d.outliers->list_entries, m("count"), block * block - 1, m("pair"), m("shift"),
                         m("halves")));
  cover.text(fmt::format(
      R"(  always @* begin : outliers_{mode}
    integer f, e, n, used;
    reg [{location}:0] upper, lower;
    reg [{mode}-1:0] u, l;
    {count} = 0;
    {pair} = 0;
    {shift} = 0;
    {halves} = 0;
    for (f = 0; f < {fields}; f = f + {stride}) begin
      used = 0;
      for (e = 0; e < {entries}; e = e + 1) begin
        lower = load_list_i[f*{list} + e*{entry} +: {locations}];
        upper = load_list_i[f*{list} + e*{entry} + {locations} +: {locations}];
        n = (f / {of_block}) * {block};
        u = load_weights_i[(n + upper) * {column}{place} +: {mode}];
        l = load_weights_i[(n + lower) * {column}{place} +: {mode}];
        if (load_has_outliers_i[f] && upper != lower) begin
          used = used + 1;
          {pair}[upper * {block} + lower] = 1;
          {halves}[0] = {halves}[0] | (u == (1 << ({mode} - 1)));
          {halves}[1] = {halves}[1] | (l == (1 << ({mode} - 1)));
          {halves}[2] = {halves}[2] | (u == (1 << ({mode} - 1)) && l == u);
          {halves}[3] = {halves}[3] | (u == 0 && l == 0);
          {halves}[4] = {halves}[4] | (u == {full} && l == {full});
          {halves}[5] = {halves}[5] | (u == {negative} && l == {negative});
          {halves}[6] = {halves}[6] | (u == 0 && l != 0);
          {halves}[7] = {halves}[7] | (u != 0 && l == 0);
        end
      end
      {count}[used] = 1;
      if (used != 0) begin
        {shift}[0] = {shift}[0] | (load_mx_scale_i[8*f +: 8] == 0);
        {shift}[1] = {shift}[1] | (load_mx_scale_i[8*f +: 8] == {most});
        {shift}[2] = {shift}[2] | (load_mx_scale_i[8*f +: 8] != 0 && load_mx_scale_i[8*f +: 8] < {most});
      end
    end
  end
)",
      fmt::arg("mode", mode), fmt::arg("column", places ? 4 : mode),
      fmt::arg("place", places ? " + 2 * (f % 2)" : ""), fmt::arg("location", d.outliers->locations - 1),
      fmt::arg("count", m("count")), fmt::arg("pair", m("pair")), fmt::arg("shift", m("shift")),
      fmt::arg("halves", m("halves")), fmt::arg("fields", d.outliers->fields), fmt::arg("stride", stride),
      fmt::arg("of_block", places ? 2 : stride), fmt::arg("entries", d.outliers->list_entries),
      fmt::arg("list", d.outliers->list_bits), fmt::arg("entry", 2 * d.outliers->locations),
      fmt::arg("locations", d.outliers->locations), fmt::arg("block", block),
      fmt::arg("full", d.encoding->full_range_parameter != 0 ? (1 << mode) - 1 : (1 << half) - 1),
      fmt::arg("negative", d.encoding->full_range_parameter != 0 ? (1 << (mode - 1)) - 1
                                                                 : (1 << (mode - 1)) | ((1 << half) - 1)),
      fmt::arg("most", d.outliers->shift_max)));
  const std::string taken = fmt::format("loaded && load_mode4_i == {} && ", mode == 4 ? 1 : 0);
  for (int n = 0; n <= d.outliers->list_entries; ++n)
    cover.point(fmt::format("outliers_{}_of_a_block_{}", n, m("in")),
                taken + fmt::format("{}[{}]", m("count"), n));
  for (int u = 0; u < block; ++u) {
    for (int l = 0; l < block; ++l) {
      if (u == l) continue;
      cover.point(fmt::format("upper_{}_lower_{}_{}", u, l, m("in")),
                  taken + fmt::format("{}[{}]", m("pair"), u * block + l));
    }
  }
  cover.point(m("shift_least_in"), taken + m("shift") + "[0]");
  cover.point(m("shift_most_in"), taken + m("shift") + "[1]");
  if (d.outliers->shift_max > 1) cover.point(m("shift_between_in"), taken + m("shift") + "[2]");
  // paper: minus zero; full_range: the sign bit alone, the least Upper half and half of the range in the
  // Lower one.
  const char* names[] = {"upper_sign_alone", "lower_sign_alone",   "both_signs_alone", "both_zero",
                         "both_full",        "both_full_negative", "upper_zero_only",  "lower_zero_only"};
  for (int i = 0; i < 8; ++i)
    cover.point(m(std::string(names[i]) + "_in"), taken + fmt::format("{}[{}]", m("halves"), i));
}

/// Rows of a tile that hold outliers, once its last row is loaded.
void flag_points(CoverModule& cover, const Dimensions& d) {
  const int rows = d.rows;
  cover.text(fmt::format(R"(  reg [{top}:0] flags_q, before_q;
  reg [31:0] row_q;
  wire [{top}:0] flags = {{|load_has_outliers_i, flags_q[{top}:1]}};
  wire tile_loaded = loaded && row_q == {top};
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      row_q <= 0;
      flags_q <= 0;
      before_q <= 0;
    end else if (loaded) begin
      row_q <= tile_loaded ? 0 : row_q + 1;
      flags_q <= flags;
      if (tile_loaded) before_q <= flags;
    end
  end
)",
                         fmt::arg("top", rows - 1)));
  cover.point("flagged_none", "tile_loaded && flags == 0");
  cover.point("flagged_all", "tile_loaded && &flags");
  cover.point("flagged_only_first", "tile_loaded && flags == 1");
  cover.point("flagged_only_last", fmt::format("tile_loaded && flags == (1 << {})", rows - 1));
  for (int r = 0; r + 1 < rows; ++r)
    cover.point(fmt::format("flagged_rows_{}_and_{}", r, r + 1),
                fmt::format("tile_loaded && flags[{}] && flags[{}]", r, r + 1));
  for (int r = 0; r < rows; ++r) {
    cover.point(fmt::format("row_{}_becomes_flagged", r),
                fmt::format("tile_loaded && !before_q[{0}] && flags[{0}]", r));
    cover.point(fmt::format("row_{}_becomes_plain", r),
                fmt::format("tile_loaded && before_q[{0}] && !flags[{0}]", r));
  }
}

DesignFile core_points(const Dimensions& d) {
  CoverModule cover("msq_core");
  for (const char* name : {"clk_i", "rst_ni", "load_valid_i", "load_ready_o", "load_mode4_i", "act_valid_i",
                           "act_ready_o", "act_last_i"})
    cover.signal(name);
  cover.signal("load_weights_i", 4 * d.cols);
  cover.signal("act_data_i", d.rows * d.act_bits);
  if (d.outliers) {
    cover.signal("load_has_outliers_i", d.outliers->fields);
    cover.signal("load_mx_scale_i", 8 * d.outliers->fields);
    cover.signal("load_list_i", d.outliers->list_bits * d.outliers->fields);
  }
  cover.text(
      "  wire loaded = load_valid_i && load_ready_o;\n  wire launched = act_valid_i && act_ready_o;\n");
  if (d.outliers) {
    if (d.mode2) outlier_points(cover, d, 2);
    if (d.mode4) outlier_points(cover, d, 4);
    flag_points(cover, d);
  }
  // Activations at both ends, and a token of zeros.
  cover.text(fmt::format(R"(  reg most, least;
  always @* begin : ends
    integer r;
    most = 0;
    least = 0;
    for (r = 0; r < {rows}; r = r + 1) begin
      most = most | (act_data_i[r*{bits} +: {bits}] == {top});
      least = least | (act_data_i[r*{bits} +: {bits}] == (1 << {bits}) - {top});
    end
  end
)",
                         fmt::arg("rows", d.rows), fmt::arg("bits", d.act_bits),
                         fmt::arg("top", (1 << (d.stream_act_bits - 1)) - 1)));
  cover.point("activation_most", "launched && most");
  cover.point("activation_least", "launched && least");
  cover.point("activations_zero", "launched && act_data_i == 0");
  return cover.file();
}

/// Stalls in every state of both sides, and what a tile switch can meet.
DesignFile sequencer_points(const Dimensions& d) {
  CoverModule cover("msq_sequencer");
  for (const char* name :
       {"clk_i", "rst_ni", "load_valid_i", "load_ready_o", "loaded_q", "act_valid_i", "act_ready_o",
        "act_last_i", "in_tile_q", "gap_passed", "start", "launch_o", "mode4_q", "next_mode4_q"})
    cover.signal(name);
  for (const char* name : {"next_row_q", "full_q", "committed_i"}) cover.signal(name, d.rows);
  for (const char* name : {"interval_q", "phase_q", "since_q", "next_gap_q", "next_interval_q"})
    cover.signal(name, 8);
  for (int r = 0; r < d.rows; ++r) {
    const std::string here = fmt::format("next_row_q[{}] && !loaded_q", r);
    cover.point(fmt::format("load_row_{}", r), here + " && load_valid_i && load_ready_o");
    cover.point(fmt::format("load_row_{}_stalls", r), here + " && !load_valid_i && load_ready_o");
    cover.point(fmt::format("load_row_{}_waits_for_commit", r), here + " && load_valid_i && !load_ready_o");
    cover.point(fmt::format("commit_row_{}_and_launch", r), fmt::format("committed_i[{}] && launch_o", r));
    cover.point(fmt::format("commit_row_{}_and_no_launch", r),
                fmt::format("committed_i[{}] && !launch_o", r));
    cover.point(fmt::format("commit_row_{}_and_load", r),
                fmt::format("committed_i[{}] && load_valid_i && load_ready_o", r));
  }
  cover.point("load_waits_for_launch", "loaded_q && load_valid_i");
  cover.point("load_idle_when_loaded", "loaded_q && !load_valid_i");
  // The launching side: a token is offered or not, in each state.
  struct State {
    const char* name;
    const char* condition;
  };
  std::vector<State> states = {{"no_tile", "!in_tile_q && !loaded_q"},
                               {"first_slot", "!in_tile_q && loaded_q && gap_passed"},
                               {"slot", "in_tile_q && phase_q == 0"}};
  if (d.recon) {  // elsewhere interval and gap are 1
    states.push_back({"gap", "!in_tile_q && loaded_q && !gap_passed"});
    states.push_back({"between_slots", "in_tile_q && phase_q != 0"});
  }
  for (const State& s : states) {
    cover.point(fmt::format("act_offered_in_{}", s.name), fmt::format("{} && act_valid_i", s.condition));
    cover.point(fmt::format("act_stalls_in_{}", s.name), fmt::format("{} && !act_valid_i", s.condition));
  }
  cover.point("tile_of_one_token", "start && act_last_i");
  cover.point("tile_of_more_tokens", "start && !act_last_i");
  cover.point("switch_at_once", "start && since_q == 1");
  cover.point("switch_a_cycle_late", "start && since_q == 2");
  cover.point("switch_much_later", "start && since_q > 16 && since_q != 255");
  cover.point("switch_after_very_long", "start && since_q == 255");
  if (d.recon) {
    cover.point("switch_when_gap_ends", "start && next_gap_q > 1 && since_q == next_gap_q");
    cover.point("switch_long_after_gap", "start && next_gap_q > 1 && since_q > next_gap_q");
    for (int i = 1; i <= std::min(3, d.recon->band_rows); ++i) {
      for (int j = 1; j <= std::min(3, d.recon->band_rows); ++j)
        cover.point(fmt::format("switch_from_interval_{}_to_{}", i, j),
                    fmt::format("start && interval_q == {} && next_interval_q == {}", i, j));
    }
    // A start in every phase of the interval of the tile before, counted from its last token.
    for (int p = 0; p < std::min(4, d.recon->band_rows); ++p)
      cover.point(fmt::format("switch_{}_cycles_past_a_slot", p),
                  fmt::format("start && interval_q > {0} && since_q % interval_q == {0}", p));
  }
  if (d.mode2 && d.mode4) {
    for (const int from : {0, 1}) {
      for (const int to : {0, 1})
        cover.point(fmt::format("switch_mode_{}_to_{}", from == 1 ? 4 : 2, to == 1 ? 4 : 2),
                    fmt::format("start && mode4_q == {} && next_mode4_q == {}", from, to));
    }
  }
  return cover.file();
}

std::vector<DesignFile> top_points(const Design& design) {
  const Dimensions& d = design.dimensions;
  CoverModule weights("msq_tile_reader");
  for (const char* name : {"clk_i", "rst_ni", "valid_i", "ready_o", "tile_full_i", "tile_push_o"})
    weights.signal(name);
  weights.signal("state_q", 4);
  for (const auto& [name, number, exists] :
       {std::tuple{"header", 0, true}, std::tuple{"counts", 1, d.weight_beat < 64},
        std::tuple{"description", 2, true}, std::tuple{"references", 4, true}, std::tuple{"scales", 5, true},
        std::tuple{"factors", 6, d.encoding->has_scale_factors}, std::tuple{"order", 7, d.permuter},
        std::tuple{"row_shifts", 8, d.row_align_bits > 0}}) {
    if (!exists) continue;
    weights.point(fmt::format("word_of_{}", name), fmt::format("state_q == {} && valid_i", number));
    weights.point(fmt::format("stall_in_{}", name), fmt::format("state_q == {} && !valid_i", number));
  }
  weights.point("tile_waits_for_queue", "state_q == 3 && tile_full_i");
  weights.point("all_read", "state_q == 9");
  CoverModule rows("msq_row_reader");
  for (const char* name : {"clk_i", "rst_ni", "code_valid_i", "load_valid_o", "load_ready_i", "load_tile_i"})
    rows.signal(name);
  rows.point("row_waits_for_core", "load_valid_o && !load_ready_i");
  rows.point("row_waits_for_sections", "code_valid_i && !load_tile_i");

  CoverModule activations("msq_activation_reader");
  for (const char* name : {"clk_i", "rst_ni", "valid_i", "ready_o", "half_q"}) activations.signal(name);
  activations.signal("state_q", 2);
  activations.point("waits_for_a_half", "state_q == 0 && valid_i");
  for (const int half : {0, 1}) {
    activations.point(fmt::format("scale_to_half_{}", half),
                      fmt::format("state_q == 1 && valid_i && half_q == {}", half));
    activations.point(fmt::format("word_to_half_{}", half),
                      fmt::format("state_q == 2 && valid_i && half_q == {}", half));
  }
  activations.point("stall_in_scales", "state_q == 1 && !valid_i");
  activations.point("stall_in_words", "state_q == 2 && !valid_i");
  activations.point("all_read", "state_q == 3");

  CoverModule launcher("msq_launcher");
  for (const char* name :
       {"clk_i", "rst_ni", "wait_output_o", "wait_activation_o", "wait_weight_o", "wait_schedule_o",
        "launch_o", "tile_first_k_i", "tile_last_k_i", "tile_more_i", "first_q", "last", "half_q"})
    launcher.signal(name);
  for (const char* why : {"output", "activation", "weight"})
    launcher.point(fmt::format("waits_for_{}", why), fmt::format("wait_{}_o", why));
  launcher.point("waits_for_schedule", "wait_schedule_o");
  launcher.point("one_token", "launch_o && first_q && last");
  launcher.point("one_tile_along_k", "launch_o && tile_first_k_i && tile_last_k_i");
  launcher.point("tile_in_the_middle", "launch_o && !tile_first_k_i && !tile_last_k_i");
  launcher.point("from_half_0", "launch_o && !half_q");
  launcher.point("from_half_1", "launch_o && half_q");
  if (d.inlined) launcher.point("same_words_again", "launch_o && tile_more_i");

  CoverModule job("msq_job");
  for (const char* name : {"clk_i", "rst_ni", "start_i", "clear_i", "port_idle_i", "job_end_i", "queued_q",
                           "two_q", "enter", "accept", "later", "bad_shape", "held_q"})
    job.signal(name);
  job.signal("state_q", 2);
  job.signal("errors_q", 12);
  for (const auto& [name, number] : {std::pair{"idle", 0}, std::pair{"run", 1}, std::pair{"failed", 2}}) {
    job.point(fmt::format("clear_in_{}", name), fmt::format("state_q == {} && clear_i", number));
    job.point(fmt::format("start_in_{}", name), fmt::format("state_q == {} && start_i", number));
  }
  // Lists and units are of outliers, gaps of ReCoN's slots.
  const int kinds = d.recon ? 11 : d.inlined ? 10 : 8;
  for (int kind = 0; kind < kinds; ++kind)
    job.point(fmt::format("error_kind_{}", kind), fmt::format("state_q == 1 && errors_q[{}]", kind));
  job.point("waits_for_the_output_before", "state_q == 0 && queued_q && !port_idle_i");
  job.point("shape_refused", "bad_shape");
  job.point("start_behind_a_job", "state_q == 1 && accept");
  job.point("start_behind_two_jobs", "state_q == 1 && two_q && accept");
  job.point("enters_an_empty_datapath", "state_q == 0 && enter");
  job.point("enters_behind_a_job", "state_q == 1 && enter");
  job.point("older_of_two_ends", "two_q && job_end_i");
  job.point("last_one_ends", "state_q == 1 && !two_q && job_end_i");
  const std::string error = "state_q == 1 && errors_q != 0 && ";  // those that `later` is of
  job.point("error_waits_for_the_older", error + "later && !held_q");
  job.point("held_error_ends", "held_q && !two_q");
  job.point("clear_of_three", "two_q && queued_q && clear_i");
  // Of launches: without ReCoN, outlier units and row shifts no error spoils the older job.
  if (d.outliers || d.row_align_bits > 0) job.point("error_spoils_the_older", error + "two_q && !later");

  CoverModule port("msq_output_port");
  for (const char* name :
       {"clk_i", "rst_ni", "run_i", "abort_i", "valid_o", "ready_i", "last_o", "group_valid_i",
        "group_ready_o", "group_scale_i", "group_flush_i", "closing", "complete"})
    port.signal(name);
  port.signal("group_format_i", 2);
  port.signal("part_q", 3);
  for (const auto& [name, number] :
       {std::pair{"raw", 0}, std::pair{"fp32", 1}, std::pair{"mx8", 2}, std::pair{"mx4", 3}}) {
    const std::string format = fmt::format("group_format_i == {} && run_i && ", number);
    port.point(fmt::format("{}_beat", name), format + "valid_o && ready_i");
    port.point(fmt::format("{}_waits_for_the_host", name), format + "valid_o && !ready_i");
    port.point(fmt::format("{}_idle", name), format + "!valid_o && !group_valid_i");
    port.point(fmt::format("{}_last", name), format + "valid_o && ready_i && last_o");
  }
  for (int part = 0; part < 3; ++part)
    port.point(fmt::format("raw_part_{}_waits", part),
               fmt::format("group_format_i == 0 && run_i && valid_o && !ready_i && part_q == {}", part));
  for (int part = 0; part < 4; ++part)
    port.point(fmt::format("mx8_group_{}_of_a_beat", part),
               fmt::format("group_format_i == 2 && run_i && group_valid_i && group_ready_o && !group_scale_i "
                           "&& part_q == {}",
                           part));
  for (int part = 0; part < 8; ++part)
    port.point(fmt::format("mx4_group_{}_of_a_beat", part),
               fmt::format("group_format_i == 3 && run_i && group_valid_i && group_ready_o && !group_scale_i "
                           "&& part_q == {}",
                           part));
  port.point("mx_scale", "group_format_i[1] && group_valid_i && group_ready_o && group_scale_i");
  port.point("abort_while_a_beat_waits", "abort_i && valid_o && !ready_i");
  port.point("abort_while_none_waits", "abort_i && !valid_o");
  port.point("abort_of_a_complete_job", "abort_i && complete");
  port.point("closing_beat_waits", "closing && valid_o && !ready_i");

  return {weights.file(), rows.file(), activations.file(), launcher.file(), job.file(), port.file()};
}

}  // namespace

void add_cover_points(Design& design) {
  design.generated.push_back(core_points(design.dimensions));
  design.generated.push_back(sequencer_points(design.dimensions));
  if (!has_top(design)) return;
  for (DesignFile& file : top_points(design)) design.generated.push_back(std::move(file));
}

}  // namespace msq::tests
