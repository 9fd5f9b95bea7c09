#include "gen/arch/top_leaves.hpp"

#include <algorithm>
#include <bit>

namespace msq::arch {
namespace {

using verilog::Direction;
using verilog::Interface;
using verilog::Port;
using verilog::u;

Port in(const std::string& name, int width = 1) { return {name, Direction::input, u(width), ""}; }
Port out(const std::string& name, int width = 1) { return {name, Direction::output, u(width), ""}; }

constexpr int kShape = 24;  // bits of M, K and N
constexpr int kTiles = 11;  // bits of a count of tiles along K

}  // namespace

int address_bits(int words) { return std::countr_zero(static_cast<unsigned>(words)); }

Interface ram_leaf(int width, int depth) {
  const int bits = address_bits(depth);
  return {"msq_ram_1r1w",
          {{"WIDTH", width}, {"DEPTH", depth}},
          {in("clk_i"), in("write_i"), in("write_address_i", bits), in("write_data_i", width),
           in("read_address_i", bits), out("read_data_o", width)}};
}

Interface axil_leaf() {
  return {"msq_axil",
          {{"ADDRESS_BITS", 8}},
          {in("clk_i"),
           in("rst_ni"),
           in("awvalid_i"),
           out("awready_o"),
           in("awaddr_i", 8),
           in("wvalid_i"),
           out("wready_o"),
           in("wdata_i", 32),
           in("wstrb_i", 4),
           out("bvalid_o"),
           in("bready_i"),
           out("bresp_o", 2),
           in("arvalid_i"),
           out("arready_o"),
           in("araddr_i", 8),
           out("rvalid_o"),
           in("rready_i"),
           out("rdata_o", 32),
           out("rresp_o", 2),
           out("write_o"),
           out("write_word_o", 6),
           out("write_data_o", 32),
           out("write_mask_o", 32),
           out("read_o"),
           out("read_word_o", 6),
           in("read_data_i", 32)}};
}

Interface job_leaf(const Dimensions& d) {
  Interface job{"msq_job",
                {{"ROWS", d.rows}, {"WORDS", d.act_words}, {"TOKENS", d.tokens}, {"KINDS", 11}},
                {in("clk_i"),
                 in("rst_ni"),
                 in("start_i"),
                 in("clear_i"),
                 in("tokens_i", kShape),
                 in("depth_i", kShape),
                 in("columns_i", kShape),
                 in("tokens_pass_i", 16),
                 in("log2_tile_rows_i", 4),
                 in("log2_block_i", 4),
                 out("busy_o"),
                 out("done_o"),
                 out("error_o"),
                 out("code_o", 4),
                 in("acknowledge_i"),
                 out("interrupt_o"),
                 out("run_o"),
                 out("discard_o"),
                 out("abort_o"),
                 out("job_tokens_pass_o", address_bits(d.tokens) + 1),
                 out("job_tiles_k_o", kTiles),
                 out("job_blocks_k_o", kTiles),
                 out("job_log2_block_tiles_o", 3),
                 in("pass_end_i"),
                 in("port_idle_i"),
                 in("errors_i", 11),
                 in("launch_i"),
                 in("tile_i"),
                 in("wait_output_i"),
                 in("wait_activation_i"),
                 in("wait_weight_i"),
                 in("wait_schedule_i"),
                 in("recon_accesses_i", 32),
                 in("recon_waits_i", 32)}};
  for (const char* name : {"cycles", "tokens", "tiles", "wait_output", "wait_activation", "wait_weight",
                           "wait_schedule", "recon_accesses", "recon_waits"}) {
    job.ports.push_back(out(std::string("count_").append(name).append("_o"), 32));
  }
  return job;
}

Interface stream_fifo_leaf(int width, int depth) {
  return {"msq_stream_fifo",
          {{"WIDTH", width}, {"DEPTH", depth}},
          {in("clk_i"), in("rst_ni"), in("in_valid_i"), out("in_ready_o"), in("in_data_i", width),
           out("out_valid_o"), in("out_ready_i"), out("out_data_o", width)}};
}

Interface weight_reader_leaf(const Dimensions& d) {
  const int fields = d.outliers ? d.fields : 1;
  const int list = d.outliers ? d.list_bits : 1;
  const int section_bits = std::max(1, address_bits(d.section_beats));
  return {"msq_weight_reader",
          {{"ROWS", d.rows},
           {"COLS", d.cols},
           {"MODE2", d.mode2},
           {"MODE4", d.mode4},
           {"OUTLIERS", d.outliers},
           {"FIELDS", fields},
           {"LIST_BITS", list},
           {"R_BITS", d.entry_shift_bits},
           {"FACTORS", d.factor_bits > 0},
           {"PERMUTER", d.permuter},
           {"REPEATS", d.inlined},
           {"ROW_SHIFTS", d.row_align_bits > 0},
           {"SLOTS", d.slots},
           {"TOKENS", d.tokens}},
          {in("clk_i"),
           in("rst_ni"),
           in("tokens_total_i", kShape),
           in("tokens_pass_i", address_bits(d.tokens) + 1),
           in("columns_i", kShape),
           in("tiles_k_i", kTiles),
           in("blocks_i"),
           in("log2_block_tiles_i", 3),
           in("valid_i"),
           out("ready_o"),
           in("data_i", d.weight_beat),
           in("last_i"),
           out("load_valid_o"),
           in("load_ready_i"),
           out("load_mode4_o"),
           out("load_interval_o", 8),
           out("load_gap_o", 8),
           out("load_weights_o", 4 * d.cols),
           out("load_has_outliers_o", fields),
           out("load_mx_scale_o", 8 * fields),
           out("load_list_o", list * fields),
           out("loaded_o"),
           out("read_o"),
           out("tile_push_o"),
           in("tile_full_i"),
           out("tile_tokens_o", address_bits(d.tokens) + 1),
           out("tile_first_k_o"),
           out("tile_last_k_o"),
           out("tile_more_o"),
           out("tile_group_last_o"),
           out("tile_block_first_o"),
           out("tile_block_last_o"),
           out("tile_pass_last_o"),
           out("tile_mode4_o"),
           out("tile_unit_o", d.unit_bits),
           out("tile_block_columns_o", 9),
           out("tile_reference_slot_o", 2),
           out("tile_scale_slot_o", address_bits(d.slots)),
           out("tile_ordered_o"),
           out("tile_shifted_o"),
           out("tile_edge_slot_o"),
           out("reference_write_o"),
           out("scale_write_o"),
           out("factor_write_o"),
           out("section_beat_o", section_bits),
           in("edge_slot_i"),
           in("edge_free_i"),
           out("order_o", d.order_bits),
           out("row_shifts_o", 4 * d.rows),
           out("short_o"),
           out("long_o"),
           out("header_o"),
           out("mode_o"),
           out("scale_o")}};
}

Interface activation_reader_leaf(const Dimensions& d) {
  const int word_bits = address_bits(d.act_words);
  const int token_bits = address_bits(d.tokens);
  return {"msq_activation_reader",
          {{"ROWS", d.rows}, {"ACT_BITS", d.stream_act_bits}, {"WORDS", d.act_words}, {"TOKENS", d.tokens}},
          {in("clk_i"),
           in("rst_ni"),
           in("tokens_total_i", kShape),
           in("tokens_pass_i", token_bits + 1),
           in("tiles_k_i", kTiles),
           in("blocks_k_i", kTiles),
           in("valid_i"),
           out("ready_o"),
           in("data_i", d.activation_beat),
           in("last_i"),
           out("half_o"),
           out("word_write_o"),
           out("word_address_o", word_bits),
           out("scale_write_o"),
           out("scale_address_o", word_bits),
           out("scale_o", 8),
           out("reference_write_o"),
           out("reference_address_o", token_bits),
           out("reference_o", 8),
           out("count0_o", word_bits + 1),
           out("count1_o", word_bits + 1),
           in("release_i"),
           out("short_o"),
           out("long_o"),
           out("value_o")}};
}

Interface tile_queue_leaf(int width, int depth) {
  return {"msq_tile_queue",
          {{"WIDTH", width}, {"DEPTH", depth}},
          {in("clk_i"), in("rst_ni"), in("push_i"), out("full_o"), in("entry_i", width),
           out("launch_valid_o"), out("launch_entry_o", width), in("launch_next_i"),
           out("collect_entry_o", width), out("collect_after_o", width), in("collect_next_i")}};
}

Interface launcher_leaf(const Dimensions& d) {
  const int word_bits = address_bits(d.act_words);
  return {"msq_launcher",
          {{"WORDS", d.act_words}, {"TOKENS", d.tokens}},
          {in("clk_i"),
           in("rst_ni"),
           in("tile_valid_i"),
           in("tile_tokens_i", address_bits(d.tokens) + 1),
           in("tile_first_k_i"),
           in("tile_last_k_i"),
           in("tile_more_i"),
           in("tile_block_first_i"),
           in("tile_pass_last_i"),
           out("tile_next_o"),
           out("tile_start_o"),
           in("count0_i", word_bits + 1),
           in("count1_i", word_bits + 1),
           out("half_o"),
           out("address_o", word_bits),
           out("act_valid_o"),
           out("act_last_o"),
           in("act_ready_i"),
           in("drained_i"),
           in("release_i"),
           in("loaded_i"),
           in("read_i"),
           out("launch_o"),
           out("wait_output_o"),
           out("wait_activation_o"),
           out("wait_weight_o"),
           out("wait_schedule_o")}};
}

Interface permuter_leaf(const Dimensions& d) {
  return {
      "msq_permuter",
      {{"WAYS", d.rows}, {"WIDTH", d.stream_act_bits}},
      {in("data_i", d.activation_beat), in("settings_i", d.order_bits), out("data_o", d.activation_beat)}};
}

Interface row_shifter_leaf(const Dimensions& d) {
  return {"msq_row_shifter",
          {{"ROWS", d.rows}, {"ACT_BITS", d.stream_act_bits}, {"SHIFT_MAX", d.row_align_bits}},
          {in("word_i", d.activation_beat), in("shifts_i", 4 * d.rows), out("word_o", d.rows * d.act_bits),
           out("error_o")}};
}

Interface collector_leaf(const Dimensions& d) {
  const int word_bits = address_bits(d.act_words);
  const int token_bits = address_bits(d.tokens);
  const int slot_bits = address_bits(d.slots);
  return {"msq_collector",
          {{"WORDS", d.act_words},
           {"TOKENS", d.tokens},
           {"UNIT_BITS", d.unit_bits},
           {"SLOT_BITS", slot_bits},
           {"BANKS", d.banks}},
          {in("clk_i"),
           in("rst_ni"),
           in("psum_valid_i"),
           in("psum_last_i"),
           in("tile_tokens_i", token_bits + 1),
           in("tile_first_k_i"),
           in("tile_last_k_i"),
           in("tile_group_last_i"),
           in("tile_block_last_i"),
           in("tile_pass_last_i"),
           in("tile_mode4_i"),
           in("tile_unit_i", d.unit_bits),
           in("tile_block_columns_i", 9),
           in("tile_reference_slot_i", 2),
           in("tile_scale_slot_i", slot_bits),
           in("after_scale_slot_i", slot_bits),
           out("tile_next_o"),
           out("scale_slot_o", slot_bits),
           out("half_o"),
           out("scale_address_o", word_bits),
           out("token_o", token_bits),
           in("scale_i", 8),
           in("reference_i", 8),
           out("token_shift_o", 8),
           out("bank_valid_o", d.banks),
           out("first_o"),
           out("half_acc_o"),
           out("address_o", d.unit_bits + token_bits),
           out("block_push_o"),
           out("block_half_acc_o"),
           out("block_half_o"),
           out("block_tokens_o", token_bits + 1),
           out("block_columns_o", 9),
           out("block_reference_slot_o", 2),
           out("block_pass_last_o")}};
}

Interface accumulators_leaf(const Dimensions& d) {
  const int depth = d.block_units / d.banks * d.tokens;
  const int sum = d.acc_bits + d.factor_bits;
  return {
      "msq_accumulators",
      {{"UNIT", d.unit}, {"SUM_BITS", sum}, {"ACC_BITS", d.out_acc_bits}, {"DEPTH", depth}},
      {in("clk_i"), in("rst_ni"), in("valid_i"), in("first_i"), in("half_i"),
       in("address_i", address_bits(depth)), in("sums_i", d.unit * sum), in("weight_shifts_i", d.unit * 8),
       in("token_shift_i", 8), in("read_address_i", address_bits(depth)), in("read_half_i"),
       out("read_o", d.unit * d.out_acc_bits)}};
}

Interface factor_leaf(const Dimensions& d) {
  const int address = address_bits(d.block_units / d.banks * d.tokens);
  return {"msq_factor",
          {{"UNIT", d.unit},
           {"SUM_BITS", d.acc_bits},
           {"MANTISSA", d.factor_mantissa},
           {"ADDRESS_BITS", address}},
          {in("clk_i"), in("rst_ni"), in("valid_i"), in("first_i"), in("half_i"), in("address_i", address),
           in("sums_i", d.unit * d.acc_bits), in("factors_i", d.unit * 4), in("weight_shifts_i", d.unit * 8),
           in("token_shift_i", 8), out("valid_o"), out("first_o"), out("half_o"), out("address_o", address),
           out("products_o", d.unit * (d.acc_bits + d.factor_bits)), out("weight_shifts_o", d.unit * 8),
           out("token_shift_o", 8)}};
}

Interface drain_leaf(const Dimensions& d) {
  const int token_bits = address_bits(d.tokens);
  return {"msq_drain",
          {{"UNIT", d.unit},
           {"BANKS", d.banks},
           {"BLOCK", d.block},
           {"LANES", d.output_lanes},
           {"ACC_BITS", d.out_acc_bits},
           {"FRACTION_BITS", d.fraction_bits + d.factor_mantissa},
           {"TOKENS", d.tokens}},
          {in("clk_i"),
           in("rst_ni"),
           in("format_i", 2),
           in("push_i"),
           in("push_half_acc_i"),
           in("push_half_i"),
           in("push_tokens_i", token_bits + 1),
           in("push_columns_i", 9),
           in("push_reference_slot_i", 2),
           in("push_pass_last_i"),
           out("drained_o"),
           out("release_o"),
           out("address_o", d.unit_bits + token_bits),
           out("half_acc_o"),
           in("accumulators_i", d.banks * d.unit * d.out_acc_bits),
           out("reference_slot_o", 2),
           out("reference_unit_o", d.unit_bits),
           in("weight_references_i", d.banks * d.unit * 8),
           out("half_o"),
           out("token_o", token_bits),
           in("token_reference_i", 8),
           out("group_valid_o"),
           in("group_ready_i"),
           out("group_scale_o"),
           out("group_flush_o"),
           out("group_last_o"),
           out("group_values_o", d.output_lanes * 32),
           out("group_raw_o", d.output_lanes * 64),
           out("group_exponents_o", d.output_lanes * 10)}};
}

Interface output_port_leaf(const Dimensions& d) {
  return {"msq_output_port",
          {{"LANES", d.output_lanes}},
          {in("clk_i"), in("rst_ni"), in("run_i"), in("abort_i"), in("format_i", 2), in("group_valid_i"),
           out("group_ready_o"), in("group_scale_i"), in("group_flush_i"), in("group_last_i"),
           in("group_values_i", d.output_lanes * 32), in("group_raw_i", d.output_lanes * 64),
           in("group_exponents_i", d.output_lanes * 10), out("valid_o"), in("ready_i"),
           out("data_o", d.output_lanes * 32), out("last_o"), out("idle_o")}};
}

std::vector<std::string> top_leaf_modules(const Dimensions& d) {
  std::vector<std::string> names = {"msq_accumulators", "msq_activation_reader", "msq_align",
                                    "msq_axil",         "msq_collector",         "msq_drain",
                                    "msq_job",          "msq_launcher",          "msq_output_lane",
                                    "msq_output_port",  "msq_ram_1r1w",          "msq_stream_fifo",
                                    "msq_tile_queue",   "msq_weight_reader"};
  if (d.factor_bits > 0) names.emplace_back("msq_factor");
  if (d.permuter) names.emplace_back("msq_permuter");
  if (d.row_align_bits > 0) names.emplace_back("msq_row_shifter");
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace msq::arch
