// Top of the accelerator: registers, stream readers, buffers, core, output accumulators, output conversion.

#include <fmt/format.h>

#include <bit>
#include <map>
#include <stdexcept>

#include "gen/arch/builders.hpp"
#include "gen/arch/registers.hpp"
#include "gen/arch/sizes.hpp"

namespace msq::arch {

using namespace verilog;

namespace {

constexpr int kFirstError = 2;  // code of the first error of the datapath

/// Bits to address `words` words, a power of two.
int address_bits(int words) { return std::countr_zero(static_cast<unsigned>(words)); }

Interface ram(const Constant& width, const Constant& depth) {
  return leaf("msq_ram_1r1w", {{"WIDTH", width}, {"DEPTH", depth}});
}

Interface tile_reader(const Dimensions& d, const TopSizes& k) {
  return leaf("msq_tile_reader", {{"ROWS", k.rows},
                                  {"COLS", k.cols},
                                  {"MODE2", d.mode2},
                                  {"MODE4", d.mode4},
                                  {"PLACES", d.places},
                                  {"SCHEDULE", d.recon.has_value()},
                                  {"FACTORS", d.factor_bits > 0},
                                  {"PERMUTER", d.permuter},
                                  {"ORDER", d.permuter ? d.order_bits : 1},
                                  {"REPEATS", d.repeats},
                                  {"ROW_SHIFTS", d.row_align_bits > 0},
                                  {"SLOTS", k.slots},
                                  {"TOKENS", k.tokens},
                                  {"BEAT", k.weight_beat}});
}

/// Nets of the top by name. An instance's port p is connected to the net of that name unless it is given.
class TopBuilder {
 public:
  TopBuilder(Module& m, const Dimensions& d, std::uint32_t hash) : m_(m), d_(d), hash_(hash), k_(m, d) {}

  Expr wire(const std::string& name, const Constant& width = 1) {
    return nets_[name] = m_.wire(name, u(width));
  }
  Expr net(const std::string& name) const { return nets_.at(name); }
  void define(const std::string& name, const Expr& value) { nets_[name] = value; }
  /// Net that is a register of `value`.
  void next_cycle(const std::string& name, const Expr& value) {
    define(name, m_.reg(name + "_q", value.type()));
    m_.flip_flops(net("clk"), {}, {{net(name), value}});
  }

  /// Instance of a leaf. Each output that is not in `given` becomes a net `<prefix>_<port without _o>`, the
  /// prefix never twice; every input except clock and reset is given.
  void instance(const Interface& module, const std::string& prefix, Connections given,
                const std::string& reset = "run_n") {
    std::map<std::string, Expr> known(given.begin(), given.end());
    Connections connections;
    for (const Port& port : module.ports) {
      if (const auto it = known.find(port.name); it != known.end()) {
        connections.emplace_back(port.name, it->second);
      } else if (port.name == "clk_i") {
        connections.emplace_back(port.name, net("clk"));
      } else if (port.name == "rst_ni") {
        connections.emplace_back(port.name, net(reset));
      } else if (port.direction == Direction::output) {
        std::string name = port.name.substr(0, port.name.size() - 2);
        if (!name.starts_with(prefix + "_")) name = fmt::format("{}_{}", prefix, name);
        connections.emplace_back(port.name, wire(name, port.type.width));
      } else {
        throw std::logic_error(fmt::format("msq_top: {} port {} is not connected", prefix, port.name));
      }
    }
    m_.instance(module, fmt::format("u_{}", prefix), connections);
  }

  void ports();
  void control(const Interface& registers);
  void readers();
  void tiles_of_stream(const Constant& depth, const Expr& beat);
  void rows_of_stream(const Constant& depth, const Expr& beat);
  void queue_rows();
  Expr row_scales();
  void tiles();
  Expr activation_words();
  void buffers();
  void core(const Interface& core);
  void references();
  void factors(const Expr& beat);
  Connections factor_stage(int bank, const Connections& sums);
  void accumulators();
  void output();
  void errors();

 private:
  Expr tile(const std::string& entry, const std::string& field) const;

  Module& m_;
  const Dimensions& d_;
  std::uint32_t hash_;  ///< low half of the configuration's
  TopSizes k_;
  std::map<std::string, Expr> nets_;
  struct TileField {
    Constant lsb, width;
  };
  std::map<std::string, TileField> tile_fields_;  ///< of a queue entry
  std::vector<Register> map_;
};

void TopBuilder::ports() {
  m_.group("Clock, reset and interrupt");
  define("clk", m_.input("clk_i", u(1), "clock"));
  define("rst_n", m_.input("rst_ni", u(1), "synchronous reset, active low"));
  define("irq", m_.output("irq_o", u(1), "end of a job, while the interrupt is enabled"));
  const auto in = [&](const std::string& name, int width, const std::string& doc) {
    define(name, m_.input(fmt::format("{}_i", name), u(width), doc));
  };
  const auto out = [&](const std::string& name, int width, const std::string& doc) {
    define(name, m_.output(fmt::format("{}_o", name), u(width), doc));
  };
  m_.group("Registers: AXI4-Lite");
  in("s_axil_awvalid", 1, "");
  out("s_axil_awready", 1, "");
  in("s_axil_awaddr", kRegisterAddressBits, "byte address");
  in("s_axil_wvalid", 1, "");
  out("s_axil_wready", 1, "");
  in("s_axil_wdata", 32, "");
  in("s_axil_wstrb", 4, "");
  out("s_axil_bvalid", 1, "");
  in("s_axil_bready", 1, "");
  out("s_axil_bresp", 2, "");
  in("s_axil_arvalid", 1, "");
  out("s_axil_arready", 1, "");
  in("s_axil_araddr", kRegisterAddressBits, "byte address");
  out("s_axil_rvalid", 1, "");
  in("s_axil_rready", 1, "");
  out("s_axil_rdata", 32, "");
  out("s_axil_rresp", 2, "");
  m_.group("Packed weights and metadata: AXI4-Stream, one packet per pass");
  in("s_axis_weight_tvalid", 1, "");
  out("s_axis_weight_tready", 1, "");
  in("s_axis_weight_tdata", d_.weight_beat, "");
  in("s_axis_weight_tlast", 1, "");
  m_.group("Activations: AXI4-Stream, one packet per pass");
  in("s_axis_act_tvalid", 1, "");
  out("s_axis_act_tready", 1, "");
  in("s_axis_act_tdata", d_.activation_beat, "");
  in("s_axis_act_tlast", 1, "");
  m_.group("Outputs: AXI4-Stream, one packet per pass");
  out("m_axis_out_tvalid", 1, "");
  in("m_axis_out_tready", 1, "");
  out("m_axis_out_tdata", 32 * d_.output_lanes, "");
  out("m_axis_out_tlast", 1, "");
}

void TopBuilder::control(const Interface& registers) {
  m_.section("Registers and job");
  map_ = register_map(d_, hash_);
  Connections axil;
  for (const char* name :
       {"awvalid", "awaddr", "wvalid", "wdata", "wstrb", "bready", "arvalid", "araddr", "rready"})
    axil.emplace_back(fmt::format("{}_i", name), net(fmt::format("s_axil_{}", name)));
  for (const char* name : {"awready", "wready", "bvalid", "bresp", "arready", "rvalid", "rdata", "rresp"})
    axil.emplace_back(fmt::format("{}_o", name), net(fmt::format("s_axil_{}", name)));
  const Expr read_data = wire("read_data", k_.register_bits);
  axil.emplace_back("read_data_i", read_data);
  instance(leaf("msq_axil", {{"ADDRESS_BITS", k_.address_bits}}), "axil", axil, "rst_n");
  m_.unused("axil_read", {net("axil_read")}, "reading a register has no effect");

  // Counts and states of the job are read as registers.
  for (const Register& r : map_) {
    if (r.name.starts_with("count_")) wire(fmt::format("job_{}", r.name), k_.register_bits);
  }
  for (const char* name : {"job_busy", "job_done", "job_error", "job_interrupt", "job_queued"}) wire(name);
  wire("job_code", 4);
  wire("job_ended", 32);
  Connections file = {{"write_i", net("axil_write")},           {"write_word_i", net("axil_write_word")},
                      {"write_data_i", net("axil_write_data")}, {"write_mask_i", net("axil_write_mask")},
                      {"read_word_i", net("axil_read_word")},   {"read_data_o", read_data},
                      {"status_busy_i", net("job_busy")},       {"status_done_i", net("job_done")},
                      {"status_error_i", net("job_error")},     {"status_interrupt_i", net("job_interrupt")},
                      {"status_code_i", net("job_code")},       {"status_queued_i", net("job_queued")},
                      {"jobs_value_i", net("job_ended")}};
  for (const Register& r : map_) {
    if (r.name.starts_with("count_"))
      file.emplace_back(fmt::format("{}_value_i", r.name), net(fmt::format("job_{}", r.name)));
  }
  instance(registers, "set", file, "rst_n");

  for (const char* name :
       {"launch_launch", "launch_tile_start", "launch_wait_output", "launch_wait_activation",
        "launch_wait_weight", "launch_wait_schedule", "port_idle", "port_full", "port_job_end", "weight_read",
        "act_read", "error_spoils"})
    wire(name);
  for (const char* name : {"core_accesses", "core_waits"}) wire(name, k_.register_bits);
  const Constant kinds =
      m_.localparam("DATAPATH_ERRORS", static_cast<int>(error_codes().size()) - kFirstError,
                    "kinds of errors that the datapath finds");
  wire("errors", kinds);
  Connections job = {{"start_i", net("set_control_start")},
                     {"clear_i", net("set_control_clear")},
                     {"acknowledge_i", net("set_control_acknowledge")},
                     {"tokens_i", net("set_tokens_value")},
                     {"depth_i", net("set_depth_value")},
                     {"columns_i", net("set_columns_value")},
                     {"tokens_pass_i", net("set_pass_tokens")},
                     {"log2_tile_rows_i", net("set_tiling_log2_rows")},
                     {"log2_block_i", net("set_tiling_log2_block")},
                     {"format_i", net("set_format_value")},
                     {"busy_o", net("job_busy")},
                     {"done_o", net("job_done")},
                     {"error_o", net("job_error")},
                     {"code_o", net("job_code")},
                     {"queued_o", net("job_queued")},
                     {"ended_o", net("job_ended")},
                     {"interrupt_o", net("job_interrupt")},
                     {"weights_read_i", net("weight_read")},
                     {"activations_read_i", net("act_read")},
                     {"job_end_i", net("port_job_end")},
                     {"port_idle_i", net("port_idle")},
                     {"port_full_i", net("port_full")},
                     {"errors_i", net("errors")},
                     {"spoils_i", net("error_spoils")},
                     {"launch_i", net("launch_launch")},
                     {"tile_i", net("launch_tile_start")},
                     {"wait_output_i", net("launch_wait_output")},
                     {"wait_activation_i", net("launch_wait_activation")},
                     {"wait_weight_i", net("launch_wait_weight")},
                     {"wait_schedule_i", net("launch_wait_schedule")},
                     {"recon_accesses_i", net("core_accesses")},
                     {"recon_waits_i", net("core_waits")}};
  for (const Register& r : map_) {
    if (r.name.starts_with("count_"))
      job.emplace_back(fmt::format("{}_o", r.name), net(fmt::format("job_{}", r.name)));
  }
  instance(leaf("msq_job", {{"ROWS", k_.rows},
                            {"WORDS", k_.act_words},
                            {"BANKS", k_.places},
                            {"TOKENS", k_.tokens},
                            {"KINDS", kinds}}),
           "job", job, "rst_n");
  m_.assign(net("irq"), net("job_interrupt") & net("set_control_interrupt_enable"));
  m_.comment("Reset of everything below, except the weight FIFO and the output port: active without a job.");
  define("run_n", m_.wire("run_n", net("rst_n") & net("job_run")));
  m_.comment("A clear and an error empty the weight FIFO.");
  define("fifo_n", m_.wire("fifo_n", net("rst_n") & ~net("job_flush")));
}

void TopBuilder::readers() {
  m_.section("Weight stream");
  const Expr run = net("job_run");
  const Expr discard = net("job_discard");
  const Expr fifo_ready = wire("weight_fifo_ready");
  const Expr head = wire("weight_head", k_.weight_beat + 1);
  const Constant depth = m_.localparam("WEIGHT_FIFO", d_.weight_fifo, "beats of the weights' FIFO");
  const Constant section_depth =
      m_.localparam("SECTION_FIFO", d_.section_fifo, "beats of a block's sections, at most");
  const Constant entry_depth = m_.localparam("ENTRY_FIFO", d_.entry_fifo, "and of its entries");
  const Constant hash = m_.localparam("STREAM_HASH", static_cast<int>(hash_ & 0xffffU),
                                      "low bits of the configuration's hash, in each block's header");
  instance(leaf("msq_stream_fifo", {{"WIDTH", k_.weight_beat + 1}, {"DEPTH", depth}}), "weight_fifo",
           {{"in_valid_i", net("s_axis_weight_tvalid")},
            {"in_data_i", concat({net("s_axis_weight_tlast"), net("s_axis_weight_tdata")})},
            {"out_ready_i", fifo_ready & run},
            {"out_data_o", head}},
           "fifo_n");
  m_.assign(net("s_axis_weight_tready"), (net("weight_fifo_in_ready") & net("rst_n")) | discard);
  const Expr beat = m_.wire("weight_beat", slice(head, 0, k_.weight_beat));
  for (const char* part : {"sections", "entries"}) wire(fmt::format("{}_in_ready", part));
  for (const char* name : {"rows_code_ready", "rows_load_next"}) wire(name);
  instance(leaf("msq_weight_split", {{"ROWS", k_.rows},
                                     {"LOAD_ROWS", k_.load_rows},
                                     {"OUTLIERS", d_.outliers.has_value()},
                                     {"BEAT", k_.weight_beat},
                                     {"SECTIONS", section_depth},
                                     {"ENTRIES", entry_depth},
                                     {"TOKENS", k_.tokens},
                                     {"HASH", hash}}),
           "split",
           {{"restart_i", net("job_restart")},
            {"tokens_total_i", net("job_tokens")},
            {"tokens_pass_i", net("job_tokens_pass")},
            {"valid_i", net("weight_fifo_out_valid")},
            {"ready_o", fifo_ready},
            {"data_i", beat},
            {"last_i", bit(head, k_.weight_beat)},
            {"section_ready_i", net("sections_in_ready")},
            {"entry_ready_i", net("entries_in_ready")},
            {"code_ready_i", net("rows_code_ready")}});
  tiles_of_stream(section_depth, beat);
  rows_of_stream(entry_depth, beat);

  m_.section("Activation stream");
  const Expr act_ready = wire("act_ready");
  wire("pass_free");
  instance(leaf("msq_activation_reader", {{"ROWS", k_.rows},
                                          {"ACT_BITS", k_.stream_act_bits},
                                          {"WORDS", k_.act_bank_words},
                                          {"SCALES", k_.act_words},
                                          {"BANKS", k_.places},
                                          {"TOKENS", k_.tokens}}),
           "act",
           {{"restart_i", net("job_restart")},
            {"tokens_total_i", net("job_tokens")},
            {"tokens_pass_i", net("job_tokens_pass")},
            {"tiles_k_i", net("job_tiles_k")},
            {"blocks_k_i", net("job_blocks_k")},
            {"read_o", net("act_read")},
            {"valid_i", net("s_axis_act_tvalid") & run},
            {"ready_o", act_ready},
            {"data_i", net("s_axis_act_tdata")},
            {"last_i", net("s_axis_act_tlast")},
            {"release_i", net("pass_free")}});
  m_.assign(net("s_axis_act_tready"), (act_ready & run) | discard);
}

/// Sections of the weight stream, and the tiles that they describe.
void TopBuilder::tiles_of_stream(const Constant& depth, const Expr& beat) {
  for (const char* name : {"tiles_full", "edge_slot", "edge_free", "weight_section_ready"}) wire(name);
  instance(leaf("msq_stream_fifo", {{"WIDTH", k_.weight_beat}, {"DEPTH", depth}}), "sections",
           {{"in_valid_i", net("split_section_valid")},
            {"in_ready_o", net("sections_in_ready")},
            {"in_data_i", beat},
            {"out_ready_i", net("weight_section_ready")}});
  instance(tile_reader(d_, k_), "weight",
           {{"restart_i", net("job_restart")},
            {"tokens_total_i", net("job_tokens")},
            {"tokens_pass_i", net("job_tokens_pass")},
            {"columns_i", net("job_columns")},
            {"tiles_k_i", net("job_tiles_k")},
            {"format_i", net("job_format")},
            {"log2_block_tiles_i", net("job_log2_block_tiles")},
            {"valid_i", net("sections_out_valid")},
            {"ready_o", net("weight_section_ready")},
            {"data_i", net("sections_out_data")},
            {"load_next_i", net("rows_load_next")},
            {"tile_full_i", net("tiles_full")},
            {"edge_slot_i", net("edge_slot")},
            {"edge_free_i", net("edge_free")}});
}

/// Rows that wait for the core, so that a tile's first token can be launched when its last rows are here.
void TopBuilder::queue_rows() {
  m_.comment("Rows that wait for the core.");
  std::vector<std::pair<std::string, Expr>> parts = {{"weights", net("rows_load_weights")},
                                                     {"last", net("rows_load_last")},
                                                     {"mode4", net("weight_load_mode4")}};
  if (d_.recon) {
    parts.emplace_back("interval", net("weight_load_interval"));
    parts.emplace_back("gap", net("weight_load_gap"));
  } else {
    m_.unused("schedule", {net("weight_load_interval"), net("weight_load_gap")}, "tokens need no schedule");
  }
  if (d_.outliers) {
    parts.emplace_back("has", net("rows_load_has_outliers"));
    parts.emplace_back("shift", net("rows_load_shift"));
    parts.emplace_back("list", net("rows_load_list"));
  }
  Constant width = 0;
  std::vector<Expr> word;
  for (const auto& [name, value] : parts) {
    width = width + value.width();
    word.insert(word.begin(), value);
  }
  if (width.value() != d_.row_bits) throw std::logic_error("weight rows of other width than Dimensions has");
  const Constant bits = m_.localparam("ROW_BITS", width, "bits of the weight rows of a step");
  const Constant depth =
      m_.localparam("ROW_FIFO", d_.row_fifo, "steps of weight rows that wait for the core");
  instance(leaf("msq_stream_fifo", {{"WIDTH", bits}, {"DEPTH", depth}, {"FOLLOW", d_.early_steps + 1}}),
           "queue",
           {{"in_valid_i", net("rows_load_valid")},
            {"in_ready_o", net("queue_in_ready")},
            {"in_data_i", concat(word)},
            {"out_ready_i", net("core_load_ready")}});
  Constant first = 0;
  for (const auto& [name, value] : parts) {
    const std::string net_name = fmt::format("row_{}", name);
    define(net_name, m_.wire(net_name, slice(net("queue_out_data"), first, value.width())));
    first = first + value.width();
  }
  if (!d_.recon) {
    define("row_interval", lit(u(8), 1));
    define("row_gap", lit(u(8), 1));
  }
  define("row_loaded",
         m_.wire("row_loaded", net("queue_out_valid") & net("core_load_ready") & net("row_last")));
  m_.assign(net("weight_read"), net("split_done") & net("queue_empty"));
}

/// Entries of the weight stream, and the rows that they belong to.
void TopBuilder::rows_of_stream(const Constant& depth, const Expr& beat) {
  for (const char* name : {"queue_in_ready", "core_load_ready"}) wire(name);
  if (d_.outliers) {
    wire("rows_entry_ready");
    // Each cycle of theirs would delay a block's first rows.
    instance(leaf("msq_stream_fifo", {{"WIDTH", k_.weight_beat}, {"DEPTH", depth}, {"HEAD", 0}}), "entries",
             {{"in_valid_i", net("split_entry_valid")},
              {"in_ready_o", net("entries_in_ready")},
              {"in_data_i", beat},
              {"out_ready_i", net("rows_entry_ready")}});
  } else {
    m_.assign(net("entries_in_ready"), zeros(1));
    wire("rows_entry_ready");
    m_.unused("entries", {net("split_entry_valid"), net("rows_entry_ready")}, "the array has no outliers");
    define("entries_out_valid", zeros(1));
    define("entries_out_data", zeros(k_.weight_beat));
  }
  instance(leaf("msq_row_reader", {{"ROWS", k_.rows},
                                   {"COLS", k_.cols},
                                   {"LOAD_ROWS", k_.load_rows},
                                   {"OUTLIERS", d_.outliers.has_value()},
                                   {"HALVES", d_.outliers && d_.mode2 && d_.mode4},
                                   {"FIELDS", d_.outliers ? d_.outliers->fields : 1},
                                   {"LOC", d_.outliers ? d_.outliers->locations : 2},
                                   {"ENTRIES", d_.outliers ? d_.outliers->list_entries : 1},
                                   {"WORD_ENTRIES", d_.word_entries},
                                   {"BEAT", k_.weight_beat},
                                   {"DEPTH", depth}}),
           "rows",
           {{"begin_i", net("split_begin")},
            {"end_i", net("split_end")},
            {"mode4_i", net("split_mode4")},
            {"entries_i", net("split_entries")},
            {"entry_valid_i", net("entries_out_valid")},
            {"entry_ready_o", net("rows_entry_ready")},
            {"entry_data_i", net("entries_out_data")},
            {"code_valid_i", net("split_code_valid")},
            {"code_ready_o", net("rows_code_ready")},
            {"code_data_i", slice(beat, 0, k_.load_rows * k_.cols * k_.weight_bits)},
            {"load_tile_i", net("weight_load_tile")},
            {"load_next_o", net("rows_load_next")},
            {"load_ready_i", net("queue_in_ready")}});
  queue_rows();
  std::vector<Expr> counts = {net("weight_fifo_empty"), net("weight_fifo_follow"), net("sections_empty"),
                              net("sections_follow")};
  if (d_.outliers) counts.insert(counts.end(), {net("entries_empty"), net("entries_follow")});
  if (d_.early_steps == 0) counts.push_back(net("queue_follow"));
  m_.unused("counts", counts, "only the rows' FIFO is looked at");
  if (!d_.outliers) {
    m_.unused(
        "metadata",
        {net("rows_load_has_outliers"), net("rows_load_shift"), net("rows_load_list"), net("rows_list")},
        "the array has no outliers");
  }
}

Expr TopBuilder::tile(const std::string& entry, const std::string& field) const {
  const TileField& found = tile_fields_.at(field);
  return slice(net(entry), found.lsb, found.width);
}

void TopBuilder::tiles() {
  m_.section("Tiles on their way");
  int lsb = 0;
  std::vector<Expr> parts;
  const Interface reader = tile_reader(d_, k_);
  for (const char* field :
       {"tokens",     "single",        "job_first",      "first_k",    "last_k",   "more",    "pair",
        "group_last", "block_first",   "block_last",     "pass_last",  "job_last", "format",  "mode4",
        "unit",       "block_columns", "reference_slot", "scale_slot", "ordered",  "shifted", "edge_slot"}) {
    const Expr value = net(fmt::format("weight_tile_{}", field));
    const std::string name = upper(fmt::format("tile_{}", field));
    const std::string& doc = reader.port(fmt::format("tile_{}_o", field)).doc;
    const Constant first = m_.localparam(name, lsb, fmt::format("first bit in a tile entry: {}", doc));
    const Constant width =
        count(m_, name + "_BITS", value.width(), fmt::format("bits at {} in a tile entry", name));
    tile_fields_.emplace(field, TileField{first, width});
    parts.insert(parts.begin(), value);
    lsb += value.width();
  }
  const Constant width = m_.localparam("TILE_BITS", lsb, "bits of a tile entry, a word of the tile queue");
  wire("launch_tile_next");
  wire("collect_tile_next");
  instance(leaf("msq_tile_queue", {{"WIDTH", width}, {"DEPTH", k_.slots}}), "tiles",
           {{"push_i", net("weight_tile_push")},
            {"full_o", net("tiles_full")},
            {"entry_i", concat(parts)},
            {"begin_i", net("launch_tile_start")},
            {"launch_next_i", net("launch_tile_next")},
            {"collect_next_i", net("collect_tile_next")}});
  m_.unused("tiles", {net("tiles_launch_entry"), net("tiles_collect_entry"), net("tiles_collect_after")},
            "launcher and collector look at different fields");

  m_.section("Launcher");
  wire("drained");
  wire("core_act_ready");
  // The gap of the first tile of a job does not know the last tile of the job before.
  const Expr hold = d_.recon ? tile("tiles_launch_entry", "job_first") & net("tiles_launched") : zeros(1);
  if (!d_.recon) m_.unused("tiles_launched", {net("tiles_launched")}, "without ReCoN any gap will do");
  instance(leaf("msq_launcher", {{"WORDS", k_.act_bank_words},
                                 {"BANKS", k_.places},
                                 {"TOKENS", k_.tokens},
                                 {"SCHEDULE", d_.recon.has_value()}}),
           "launch",
           {{"tile_valid_i", net("tiles_launch_valid")},
            {"tile_tokens_i", tile("tiles_launch_entry", "tokens")},
            {"tile_single_i", tile("tiles_launch_entry", "single")},
            {"tile_first_k_i", tile("tiles_launch_entry", "first_k")},
            {"tile_last_k_i", tile("tiles_launch_entry", "last_k")},
            {"tile_more_i", tile("tiles_launch_entry", "more")},
            {"tile_pair_i", tile("tiles_launch_entry", "pair")},
            {"tile_block_first_i", tile("tiles_launch_entry", "block_first")},
            {"tile_pass_last_i", tile("tiles_launch_entry", "pass_last")},
            {"tile_hold_i", hold},
            {"tile_next_o", net("launch_tile_next")},
            {"tile_start_o", net("launch_tile_start")},
            {"count0_i", net("act_count0")},
            {"count1_i", net("act_count1")},
            {"act_ready_i", net("core_act_ready")},
            {"drained_i", net("drained")},
            {"release_i", net("pass_free")},
            {"loaded_i", net("row_loaded")},
            {"read_i", net("weight_done")},
            {"launch_o", net("launch_launch")},
            {"wait_output_o", net("launch_wait_output")},
            {"wait_activation_o", net("launch_wait_activation")},
            {"wait_weight_o", net("launch_wait_weight")},
            {"wait_schedule_o", net("launch_wait_schedule")}});
  const Expr ordered = tile("tiles_launch_entry", "ordered");
  const Expr shifted = tile("tiles_launch_entry", "shifted");
  m_.assign(net("edge_slot"), tile("tiles_launch_entry", "edge_slot"));
  m_.assign(net("edge_free"), net("launch_tile_next") & (ordered | shifted));
}

Expr TopBuilder::activation_words() {
  std::vector<Expr> words;
  for (int bank = 0; bank < d_.places; ++bank) {
    const std::string number = d_.places == 1 ? "" : fmt::format("{}", bank);
    words.push_back(wire("word" + number, k_.act_beat));
    instance(ram(k_.act_beat, 2 * k_.act_bank_words), "act_words" + number,
             {{"write_i", bit(net("act_word_write"), bank)},
              {"write_address_i", concat({net("act_half"), net("act_word_address")})},
              {"write_data_i", net("s_axis_act_tdata")},
              {"read_i", net("launch_act_read")},
              {"read_address_i", concat({net("launch_half"), net("launch_address")})},
              {"read_data_o", words.back()}});
  }
  if (d_.places == 1) {
    m_.unused("launch_bank", {net("launch_bank")}, "one bank");
    return words[0];
  }
  m_.comment("Places 0: the words of the tile along K. Places 1: those of the next one, in mode 2.");
  const Expr pair = replicate(k_.act_beat, tile("tiles_launch_entry", "pair"));
  return m_.wire("word", concat({words[1] & pair, mux(net("launch_bank"), words[1], words[0])}));
}

void TopBuilder::buffers() {
  m_.section("Activation buffer and edge of the array");
  Expr edge = activation_words();
  if (d_.permuter) {
    const Constant bits = m_.localparam("ORDER_BITS", d_.order_bits, "bits of the settings of the permuter");
    const Expr order = net("weight_order") & replicate(bits, tile("tiles_launch_entry", "ordered"));
    const Expr ordered = wire("word_ordered", k_.places * k_.act_beat);
    instance(leaf("msq_permuter", {{"WAYS", k_.places * k_.rows},
                                   {"WIDTH", k_.stream_act_bits},
                                   {"FIRST", d_.permuter_first},
                                   {"BITS", d_.permuter_bits},
                                   {"BENES", d_.benes}}),
             "permuter", {{"data_i", edge}, {"settings_i", order}, {"data_o", ordered}});
    edge = ordered;
  } else {
    m_.unused("order", {net("weight_order")}, "rows are never exchanged");
  }
  if (d_.row_align_bits > 0) {
    const Constant bits = m_.localparam("ROW_SHIFT_BITS", 4, "bits of the shift of a row");
    const Constant places = k_.places * k_.rows;
    const Expr shifts =
        net("weight_row_shifts") & replicate(places * bits, tile("tiles_launch_entry", "shifted"));
    const Expr shifted = wire("word_shifted", places * k_.act_bits);
    instance(leaf("msq_row_shifter",
                  {{"ROWS", places}, {"ACT_BITS", k_.stream_act_bits}, {"SHIFT_MAX", d_.row_align_bits}}),
             "row_shifter", {{"word_i", edge}, {"shifts_i", shifts}, {"word_o", shifted}});
    edge = shifted;
  } else {
    m_.unused("row_shifts", {net("weight_row_shifts")}, "rows are never shifted");
  }
  define("act_data", edge);
}

/// MXScale byte of each field of the row: r.
Expr TopBuilder::row_scales() {
  const Constant fields = m_.localparam("LOAD_FIELDS", d_.outliers->fields * d_.load_rows,
                                        "metadata fields of the rows that are loaded together");
  Expr scales = m_.wire("row_scales", u(8 * fields));
  m_.generate_for("gen_scale", "f", fields, [&](Scope& s, const Index& f) {
    s.assign(word(scales, f, 8), concat({zeros(4), word(net("row_shift"), f, 4)}));
  });
  return scales;
}

void TopBuilder::core(const Interface& core) {
  m_.section("Core");
  const Expr protocol = wire("core_protocol_error", 4);
  wire("psum_valid");
  wire("psum_last");
  wire("psum_soon_valid");
  wire("psum_soon_last");
  wire("psum", k_.lanes * k_.acc_bits);
  Connections ports = {{"clear_counters_i", zeros(1)},
                       {"load_valid_i", net("queue_out_valid")},
                       {"load_ready_o", net("core_load_ready")},
                       {"load_mode4_i", net("row_mode4")},
                       {"load_interval_i", net("row_interval")},
                       {"load_gap_i", net("row_gap")},
                       {"load_weights_i", net("row_weights")},
                       {"act_valid_i", net("launch_act_valid")},
                       {"act_ready_o", net("core_act_ready")},
                       {"act_last_i", net("launch_act_last")},
                       {"act_data_i", net("act_data")},
                       {"psum_valid_o", net("psum_valid")},
                       {"psum_last_o", net("psum_last")},
                       {"psum_soon_valid_o", net("psum_soon_valid")},
                       {"psum_soon_last_o", net("psum_soon_last")},
                       {"psum_o", net("psum")},
                       {"protocol_error_o", protocol},
                       {"count_recon_accesses_o", net("core_accesses")},
                       {"count_recon_waits_o", net("core_waits")}};
  if (d_.outliers) {
    ports.emplace_back("load_has_outliers_i", net("row_has"));
    ports.emplace_back("load_mx_scale_i", row_scales());
    ports.emplace_back("load_list_i", net("row_list"));
  }
  if (d_.early_steps > 0) ports.emplace_back("load_follow_i", net("queue_follow"));
  instance(core, "core", ports);
  m_.unused(
      "core",
      {net("core_count_cycles"), net("core_count_tokens"), net("core_count_tiles"), net("core_count_errors")},
      "the job counts these itself, over the whole top");
  m_.unused("psum", {net("psum_valid"), net("psum_last")}, "the collector runs two cycles ahead");
}

void TopBuilder::references() {
  m_.section("Scales and references");
  for (const char* name : {"collect_half", "drain_half"}) wire(name);
  for (const char* name : {"collect_token", "drain_token"}) wire(name, address_bits(d_.tokens));
  wire("collect_scale_address", address_bits(d_.act_words));
  wire("collect_scale_slot", address_bits(d_.slots));
  wire("drain_reference_unit", k_.unit_bits);
  wire("drain_reference_slot", 2);
  m_.comment(
      "Xsf of each block and token, and Xref of each token: twice, for the collector and for the drain.");
  instance(ram(k_.scale_bits, 2 * k_.act_words), "act_scales",
           {{"write_i", net("act_scale_write")},
            {"write_address_i", concat({net("act_half"), net("act_scale_address")})},
            {"write_data_i", net("act_scale")},
            {"read_i", ones(1)},
            {"read_address_i", concat({net("collect_half"), net("collect_scale_address")})}});
  for (const char* reader : {"collect", "drain"}) {
    instance(ram(k_.scale_bits, 2 * k_.tokens), fmt::format("{}_act_references", reader),
             {{"write_i", net("act_reference_write")},
              {"write_address_i", concat({net("act_half"), net("act_reference_address")})},
              {"write_data_i", net("act_reference")},
              {"read_i", ones(1)},
              {"read_address_i",
               concat({net(fmt::format("{}_half", reader)), net(fmt::format("{}_token", reader))})}});
  }
  m_.comment("Isf - Iref of each column of a tile; a memory for each word that brings them.");
  const Expr beat = net("weight_section_word");
  const Expr data = net("weight_section_data");
  const Constant beats =
      count(m_, "SECTION_WORDS", d_.section_words, "words with a byte for every partial-sum lane");
  const Expr scales = m_.wire("weight_scale_words", u(beats * k_.section_word));
  for (int b = 0; b < d_.section_words; ++b) {
    instance(ram(k_.section_word, k_.slots), fmt::format("weight_scales{}", b),
             {{"write_i", net("weight_scale_write") & eq(beat, lit(u(beat.width()), b))},
              {"write_address_i", net("weight_tile_scale_slot")},
              {"write_data_i", data},
              {"read_i", ones(1)},
              {"read_address_i", net("collect_scale_slot")},
              {"read_data_o", word(scales, b, k_.section_word)}});
  }
  next_cycle("weight_scales", scales);
  factors(beat);
  m_.comment("Iref of each column of a block of outputs; a memory for each word of a unit, in each bank.");
  const Expr unit = net("weight_tile_unit");
  const Expr slot = net("weight_tile_reference_slot");
  const Expr references = wire("weight_references", k_.banks * k_.unit * k_.scale_bits);
  for (int bank = 0; bank < d_.banks; ++bank) {
    for (int b = 0; b < d_.unit_words; ++b) {
      // With two banks the section of a tile in mode 4 belongs to the bank of its unit; in mode 2 its first
      // half to bank 0, its second to bank 1. Mode 2 begins at even units, so the sum of both is right for
      // either.
      Expr mine = eq(beat, lit(u(beat.width()), b));
      if (d_.banks == 2) {
        const Expr second = eq(beat, lit(u(beat.width()), d_.unit_words + b));
        mine = bank == 0 ? mine & ~bit(unit, 0) : (mine & bit(unit, 0)) | second;
      }
      const Expr read_unit = net("drain_reference_unit");
      const int words = d_.unit_bits - (d_.banks - 1);
      const auto address = [&](const Expr& s, const Expr& unit_bits_) {
        return words == 0 ? s : concat({s, unit_bits_});
      };
      const Constant reference_words =
          m_.localparam("REFERENCE_WORDS", 4 << words, "references of four blocks: words of a memory");
      const Expr write_unit = words == 0 ? Expr{} : slice(unit, d_.banks - 1, words);
      const Expr read_low = words == 0 ? Expr{} : slice(read_unit, 0, words);
      instance(ram(k_.section_word, reference_words), fmt::format("weight_references{}_{}", bank, b),
               {{"write_i", net("weight_reference_write") & mine},
                {"write_address_i", address(slot, write_unit)},
                {"write_data_i", data},
                {"read_i", ones(1)},
                {"read_address_i", address(net("drain_reference_slot"), read_low)},
                {"read_data_o", word(references, bank * d_.unit_words + b, k_.section_word)}});
    }
  }
  if (d_.banks == 2)
    m_.unused("reference_unit", {net("drain_reference_unit")}, "a word of both banks holds two units");
}

void TopBuilder::factors(const Expr& beat) {
  if (d_.factor_bits == 0) {
    m_.unused("factors", {net("weight_factor_write")}, "scales are powers of two");
    return;
  }
  m_.comment("Factors of these scales, in the same way.");
  const Constant width =
      m_.localparam("FACTOR_WORD_BITS", std::min(d_.section_word, 4 * d_.lanes), "bits of factors in a word");
  const Constant beats = count(m_, "FACTOR_WORDS", d_.factor_words, "words with a factor for every lane");
  const Expr factors = m_.wire("weight_factor_words", u(beats * width));
  for (int b = 0; b < d_.factor_words; ++b) {
    instance(ram(width, k_.slots), fmt::format("weight_factors{}", b),
             {{"write_i", net("weight_factor_write") & eq(beat, lit(u(beat.width()), b))},
              {"write_address_i", net("weight_tile_scale_slot")},
              {"write_data_i", slice(net("weight_section_data"), 0, width)},
              {"read_i", ones(1)},
              {"read_address_i", net("collect_scale_slot")},
              {"read_data_o", word(factors, b, width)}});
  }
  next_cycle("weight_factors", factors);
}

Connections TopBuilder::factor_stage(int bank, const Connections& sums) {
  const std::string name = fmt::format("factor{}", bank);
  Connections ports = sums;
  const Constant bits = m_.localparam("FACTOR_BITS", 4, "bits of a factor, {sign, f}");
  Expr factors = word(net("weight_factors"), 0, k_.unit * bits);
  if (bank == 1) factors = mux(net("collect_mode4"), factors, word(net("weight_factors"), 1, k_.unit * bits));
  ports.emplace_back("factors_i", factors);
  instance(leaf("msq_factor", {{"UNIT", k_.unit},
                               {"SUM_BITS", k_.acc_bits},
                               {"MANTISSA", d_.factor_mantissa},
                               {"ADDRESS_BITS", address_bits(d_.block_units / d_.banks * d_.tokens)}}),
           name, ports);
  const auto output = [&](const char* port) { return net(fmt::format("{}_{}", name, port)); };
  Connections late = {{"sums_i", output("products")}};
  for (const char* port : {"valid", "first", "half", "address", "weight_shifts", "token_right"})
    late.emplace_back(fmt::format("{}_i", port), output(port));
  return late;
}

void TopBuilder::accumulators() {
  m_.section("Partial sums to outputs");
  const std::string head = "tiles_collect_entry";
  Connections ports = {{"soon_valid_i", net("psum_soon_valid")},
                       {"soon_last_i", net("psum_soon_last")},
                       {"after_scale_slot_i", tile("tiles_collect_after", "scale_slot")},
                       {"tile_next_o", net("collect_tile_next")},
                       {"scale_slot_o", net("collect_scale_slot")},
                       {"half_o", net("collect_half")},
                       {"scale_address_o", net("collect_scale_address")},
                       {"token_o", net("collect_token")},
                       {"scale_i", net("act_scales_read_data")},
                       {"reference_i", net("collect_act_references_read_data")}};
  for (const char* field :
       {"tokens", "first_k", "last_k", "group_last", "block_last", "pass_last", "job_last", "format", "mode4",
        "unit", "block_columns", "reference_slot", "scale_slot"}) {
    ports.emplace_back(fmt::format("tile_{}_i", field), tile(head, field));
  }
  instance(leaf("msq_collector", {{"WORDS", k_.act_words},
                                  {"TOKENS", k_.tokens},
                                  {"UNIT_BITS", k_.unit_bits},
                                  {"SLOT_BITS", address_bits(d_.slots)},
                                  {"BANKS", k_.banks}}),
           "collect", ports);

  const int address = address_bits(d_.block_units / d_.banks * d_.tokens);
  wire("drain_address", d_.unit_bits + address_bits(d_.tokens));
  const Expr words = wire("accumulators", k_.banks * 2 * k_.unit * k_.out_acc_bits);
  const Expr mode4 = net("collect_mode4");
  const Expr psum = net("psum");
  const Expr scales = net("weight_scales");
  for (int bank = 0; bank < d_.banks; ++bank) {
    // Lane of column c: c in mode 2, 2c in mode 4 of an array with both modes.
    Expr sums = psum;
    Expr shifts = scales;
    if (d_.banks == 2) {
      sums = wire(fmt::format("sums{}", bank), k_.unit * k_.acc_bits);
      m_.generate_for(fmt::format("gen_sums{}", bank), "c", k_.unit, [&](Scope& s, const Index& c) {
        s.assign(word(sums, c, k_.acc_bits),
                 mux(mode4, word(psum, c * 2, k_.acc_bits), word(psum, bank * k_.unit + c, k_.acc_bits)));
      });
      const Expr low = word(scales, 0, k_.unit * k_.scale_bits);
      shifts = bank == 0 ? low : mux(mode4, low, word(scales, 1, k_.unit * k_.scale_bits));
    }
    Connections bank_ports = {{"valid_i", bit(net("collect_bank_valid"), bank)},
                              {"first_i", net("collect_first")},
                              {"half_i", net("collect_half_acc")},
                              {"address_i", slice(net("collect_address"), 0, address)},
                              {"sums_i", sums},
                              {"weight_shifts_i", shifts},
                              {"token_right_i", net("collect_token_right")}};
    if (d_.factor_bits > 0) bank_ports = factor_stage(bank, bank_ports);
    bank_ports.emplace_back("read_address_i", slice(net("drain_address"), 0, address));
    bank_ports.emplace_back("read_o", word(words, bank, 2 * k_.unit * k_.out_acc_bits));
    instance(leaf("msq_accumulators", {{"UNIT", k_.unit},
                                       {"SUM_BITS", k_.acc_bits + d_.factor_bits},
                                       {"ACC_BITS", k_.out_acc_bits},
                                       {"DEPTH", k_.bank_depth}}),
             fmt::format("bank{}", bank), bank_ports);
  }
  if (d_.banks == 1) m_.unused("collect_mode4", {mode4}, "the array has one mode");
  if (address < d_.unit_bits + address_bits(d_.tokens))
    m_.unused("addresses", {net("collect_address"), net("drain_address")},
              "a word of both banks holds two units");
}

void TopBuilder::output() {
  m_.section("Outputs");
  const Expr group_ready = wire("group_ready");
  Connections ports = {{"drained_o", net("drained")},
                       {"release_o", net("pass_free")},
                       {"address_o", net("drain_address")},
                       {"accumulators_i", net("accumulators")},
                       {"reference_slot_o", net("drain_reference_slot")},
                       {"reference_unit_o", net("drain_reference_unit")},
                       {"weight_references_i", net("weight_references")},
                       {"half_o", net("drain_half")},
                       {"token_o", net("drain_token")},
                       {"token_reference_i", net("drain_act_references_read_data")},
                       {"group_ready_i", group_ready},
                       {"push_i", net("collect_block_push")}};
  for (const char* field :
       {"half_acc", "half", "tokens", "columns", "reference_slot", "pass_last", "job_last", "format"})
    ports.emplace_back(fmt::format("push_{}_i", field), net(fmt::format("collect_block_{}", field)));
  instance(leaf("msq_drain", {{"UNIT", k_.unit},
                              {"BANKS", k_.banks},
                              {"BLOCK", m_.localparam("BLOCK", d_.block, "columns of a block of outputs")},
                              {"LANES", k_.output_lanes},
                              {"ACC_BITS", k_.out_acc_bits},
                              {"FRACTION_BITS", d_.fraction_bits + d_.factor_mantissa},
                              {"TOKENS", k_.tokens},
                              {"LATE", d_.sum_delay + 2}}),
           "drain", ports);
  Connections port = {{"run_i", net("job_run")},
                      {"abort_i", net("job_abort")},
                      {"abort_jobs_i", net("job_abort_jobs")},
                      {"group_ready_o", group_ready},
                      {"valid_o", net("m_axis_out_tvalid")},
                      {"ready_i", net("m_axis_out_tready")},
                      {"data_o", net("m_axis_out_tdata")},
                      {"last_o", net("m_axis_out_tlast")},
                      {"job_end_o", net("port_job_end")},
                      {"idle_o", net("port_idle")},
                      {"full_o", net("port_full")}};
  for (const char* field :
       {"valid", "scale", "flush", "last", "job_last", "format", "values", "raw", "exponents"})
    port.emplace_back(fmt::format("group_{}_i", field), net(fmt::format("drain_group_{}", field)));
  instance(leaf("msq_output_port", {{"LANES", k_.output_lanes}}), "port", port, "rst_n");
}

void TopBuilder::errors() {
  m_.section("Errors: the job reports that of the lowest code");
  const Expr core = net("core_protocol_error");
  const auto core_error = [&](const char* name, int at, const char* doc) {
    return bit(core, m_.localparam(name, at, fmt::format("bit of core_protocol_error: {}", doc)));
  };
  Expr scale = net("weight_scale");
  const Expr clash = core_error("CORE_SLOT_CLASH", 2, "two users of one unit");
  const Expr gap = core_error("CORE_GAP", 3, "tile too early");
  Expr spoils = clash | gap;
  if (d_.row_align_bits > 0) {
    const Expr shift = m_.wire("row_shift_error", net("row_shifter_error") & net("launch_launch"));
    scale = scale | shift;
    spoils = spoils | shift;
  }
  const std::map<std::string, Expr> sources = {
      {"weight_short", net("split_short")},
      {"weight_long", net("split_long")},
      {"header",
       net("split_header") | net("weight_header") | core_error("CORE_HEADER", 0, "header of a tile")},
      {"mode", net("weight_mode")},
      {"scale", scale},
      {"activation_short", net("act_short")},
      {"activation_long", net("act_long")},
      {"activation_value", net("act_value")},
      {"list",
       (d_.outliers ? net("rows_list") : zeros(1)) | core_error("CORE_LIST", 1, "metadata of a weight row")},
      {"slot_clash", clash},
      {"gap", gap},
      {"array", net("split_array")}};
  const Constant first = m_.localparam("ERR_FIRST", kFirstError, "code of bit 0 of errors");
  for (const ErrorCode& error : error_codes()) {
    if (error.code < kFirstError) continue;
    const Constant code = m_.localparam("ERR_" + upper(error.name), error.code, error.doc);
    m_.assign(bit(net("errors"), code - first), sources.at(error.name));
  }
  m_.comment("Errors of a launch may spoil the sums of the job before.");
  m_.assign(net("error_spoils"), spoils);
}

}  // namespace

Module build_top(const Dimensions& d, const Interface& core, const Interface& registers, std::uint32_t hash) {
  Module m("msq_top",
           fmt::format("MicroScopiQ accelerator around a {} x {} core: packed weights and activations in, "
                       "outputs out, controlled by registers (registers.md).",
                       d.rows, d.cols));
  m.block("top: control");
  TopBuilder top(m, d, hash);
  top.ports();
  top.control(registers);
  top.readers();
  top.tiles();
  top.buffers();
  top.core(core);
  top.references();
  top.accumulators();
  top.output();
  top.errors();
  return m;
}

}  // namespace msq::arch
