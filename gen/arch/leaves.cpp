#include "gen/arch/leaves.hpp"

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

}  // namespace

bool has_value_port(const Dimensions& d) { return !d.recon && !d.baseline && (d.inlined || d.tree_rows > 1); }

Interface int8_float_leaf() { return {"msq_bl_int8_float", {}, {in("x_i", 8), out("float_o", 12)}}; }

Interface fp32_scale_leaf() {
  return {"msq_bl_fp32_scale", {}, {in("x_i", 12), in("weight_i", 32), out("product_o", 32)}};
}

Interface outlier_gobo_leaf() {
  return {
      "msq_bl_outlier_gobo",
      {},
      {in("clk_i"), in("load_i"), in("weight_i", 32), in("commit_i"), in("x_i", 12), out("product_o", 32)}};
}

Interface olive_decoder_leaf() {
  return {"msq_bl_olive_decoder", {}, {in("codes_i", 8), out("words_o", 10)}};
}

namespace {

Interface baseline_pe_leaf(const Dimensions& d) {
  if (d.baseline == Baseline::gobo) {
    return {"msq_bl_pe_gobo",
            {},
            {in("clk_i"), in("load_i"), in("weight_i", 4), in("commit_i"), in("products_i", 8 * 32),
             in("outlier_i", 32), in("sum_i", 32), out("sum_o", 32)}};
  }
  const bool paired = d.paired && d.tree_rows > 1;
  return {d.baseline == Baseline::int8 ? "msq_bl_pe_int8"
          : paired                     ? "msq_bl_pe_olive_tree"
                                       : "msq_bl_pe_olive",
          {{"ACT_BITS", d.act_bits}, {"ROWS", d.tree_rows}, {"SUM_BITS", d.sum_bits}},
          {in("clk_i"), in("load_i", paired ? d.tree_rows / 2 : d.tree_rows),
           in("weight_i", d.weight_bits * (paired ? 2 : 1)), in("commit_i"),
           in("x_i", d.tree_rows * d.act_bits), in("sum_i", d.sum_bits), out("sum_o", d.sum_bits)}};
}

}  // namespace

Interface pe_leaf(const Dimensions& d) {
  if (d.baseline) return baseline_pe_leaf(d);
  Interface pe{"msq_pe",
               {{"ACT_BITS", d.act_bits}, {"MODE2", d.mode2}, {"MODE4", d.mode4}, {"SUM_BITS", d.sum_bits}},
               {}};
  if (d.full_range) pe.parameters.emplace_back("FULL_RANGE", 1);
  pe.ports = {in("clk_i"),   in("load_i", d.tree_rows),          in("weight_i", 4), in("commit_i"),
              in("mode4_i"), in("x_i", d.tree_rows * d.act_bits)};
  if (d.recon) {
    pe.module = "msq_pe_recon";
    pe.parameters.emplace_back("ADDEND0_BITS", d.addend0_bits);
    pe.parameters.emplace_back("ADDEND1_BITS", d.addend1_bits);
    if (d.fraction_bits != 2) pe.parameters.emplace_back("FRACTION_BITS", d.fraction_bits);
    pe.ports.push_back(out("product_o", d.product_bits));
    pe.ports.push_back(in("use_addend_i"));
    pe.ports.push_back(in("addend_i", d.addend_bits));
  }
  if (has_value_port(d)) {
    pe.module = "msq_pe_tree";
    pe.parameters.emplace_back("ROWS", d.tree_rows);
    pe.parameters.emplace_back("FRACTION_BITS", d.sum_fraction_bits);
    pe.parameters.emplace_back("VALUE0_BITS", d.value0_bits);
    pe.parameters.emplace_back("VALUE1_BITS", d.value1_bits);
    pe.ports.push_back(in("value_i", d.inlined ? d.value_bits : 1));
  }
  pe.ports.push_back(in("sum_i", d.lanes_per_pe * d.sum_bits));
  pe.ports.push_back(out("sum_o", d.lanes_per_pe * d.sum_bits));
  return pe;
}

Interface outlier_group_leaf(const Dimensions& d) {
  return {"msq_outlier_group",
          {{"ACT_BITS", d.act_bits},
           {"MICRO_BLOCK", d.micro_block},
           {"MODE2", d.mode2},
           {"MODE4", d.mode4},
           {"FULL_RANGE", d.full_range},
           {"ROWS", d.tree_rows},
           {"UNITS", d.units_per_block},
           {"SKEW_COLUMNS", d.skew_columns},
           {"SHIFT_MAX", d.shift_max},
           {"SHIFT_BITS", d.shift_bits}},
          {in("clk_i"), in("write_i", d.group_fields * d.units_per_block), in("words_i", d.group_word_bits),
           in("commit_i"), in("commit_late_i"), in("x_i", d.tree_rows * d.act_bits),
           out("values_o", d.group_columns * d.value_bits)}};
}

Interface outlier_decoder_leaf(const Dimensions& d) {
  return {"msq_outlier_decoder",
          {{"MICRO_BLOCK", d.micro_block},
           {"MODE2", d.mode2},
           {"MODE4", d.mode4},
           {"ENTRIES", d.list_entries},
           {"FULL_RANGE", d.full_range},
           {"ROWS", d.tree_rows},
           {"UNITS", d.units_per_block},
           {"SHIFT_MAX", d.shift_max},
           {"SHIFT_BITS", d.shift_bits}},
          {in("clk_i"), in("load_i"), in("first_i"),
           in("row_i", static_cast<int>(std::bit_width(static_cast<unsigned>(d.tree_rows)))), in("mode4_i"),
           in("has_outliers_i", d.group_fields), in("mx_scale_i", d.group_fields * 8),
           in("list_i", d.group_fields * d.list_bits), in("codes_i", 4 * d.group_columns),
           out("codes_o", 4 * d.group_columns), out("write_o", d.group_fields * d.units_per_block),
           out("words_o", d.group_word_bits), out("list_error_o"), out("unit_error_o")}};
}

Interface sequencer_leaf(const Dimensions& d) {
  return {"msq_sequencer",
          {{"ROWS", d.rows}, {"MODE2", d.mode2}, {"MODE4", d.mode4}},
          {in("clk_i"),
           in("rst_ni"),
           in("load_valid_i"),
           out("load_ready_o"),
           in("load_mode4_i"),
           in("load_interval_i", 8),
           in("load_gap_i", 8),
           out("next_row_o", d.rows),
           out("load_row_o", d.rows),
           out("load_parity_o"),
           in("committed_i", d.rows),
           in("act_valid_i"),
           out("act_ready_o"),
           in("act_last_i"),
           out("launch_o"),
           out("launch_first_o"),
           out("launch_mode4_o"),
           out("launch_parity_o"),
           out("launch_waited_o"),
           out("error_o")}};
}

Interface wavefront_leaf(const Dimensions& d) {
  if (!d.recon) {
    return {"msq_wavefront",
            {{"ROWS", d.bands}},
            {in("clk_i"), in("rst_ni"), in("launch_i"), in("launch_first_i"), in("launch_last_i"),
             in("launch_mode4_i"), out("commit_o", d.bands), out("mode4_o", d.bands), out("out_valid_o"),
             out("out_last_o")}};
  }
  return {"msq_wavefront_recon",
          {{"ROWS", d.rows}, {"LEAD", d.lead}},
          {in("clk_i"),
           in("rst_ni"),
           in("load_row_i", d.rows),
           in("load_parity_i"),
           in("load_flagged_i"),
           in("launch_i"),
           in("launch_first_i"),
           in("launch_last_i"),
           in("launch_mode4_i"),
           in("launch_parity_i"),
           in("launch_waited_i"),
           out("early_o", d.rows),
           out("commit_o", d.rows),
           out("mode4_o", d.rows),
           out("fire_o", d.rows),
           out("fire_waited_o", d.rows),
           out("fire_parity_o", d.rows),
           out("use_addend_o", d.rows),
           out("out_valid_o"),
           out("out_last_o"),
           out("error_o")}};
}

Interface feeder_leaf(const Dimensions& d) {
  return {"msq_feeder",
          {{"ROWS", d.bands}, {"ACT_BITS", d.tree_rows * d.act_bits}, {"LEAD", d.lead}},
          {in("clk_i"), in("launch_i"), in("token_i", d.rows * d.act_bits), in("early_i", d.bands),
           out("activations_o", d.rows * d.act_bits)}};
}

Interface counters_leaf(int error_kinds) {
  return {"msq_counters",
          {{"KINDS", error_kinds}},
          {in("clk_i"), in("rst_ni"), in("clear_i"), in("token_i"), in("tile_i"), in("errors_i", error_kinds),
           out("cycles_o", 32), out("tokens_o", 32), out("tiles_o", 32), out("errors_o", 32),
           out("sticky_o", error_kinds)}};
}

Interface recon_counters_leaf(const Dimensions& d) {
  return {"msq_recon_counters",
          {{"UNITS", d.units}},
          {in("clk_i"), in("rst_ni"), in("clear_i"), in("fired_i", d.units), in("waited_i", d.units),
           out("accesses_o", 32), out("waits_o", 32)}};
}

Interface bus_driver_leaf(int width) {
  return {"msq_bus_driver", {{"WIDTH", width}}, {in("drive_i"), in("d_i", width), out("bus_o", width)}};
}

Interface column_bus_leaf(const Dimensions& d) {
  return {"msq_column_bus",
          {{"ROWS", d.band_rows}, {"WIDTH", d.bus_bits}},
          {in("rows_i", d.band_rows * d.bus_bits), out("bus_o", d.bus_bits)}};
}

Interface encoder_leaf(int width) {
  return {"msq_onehot_encoder",
          {{"WIDTH", width}},
          {in("onehot_i", width), out("index_o", std::countr_zero(static_cast<unsigned>(width)))}};
}

Interface switch_leaf(const Dimensions& d) {
  return {"msq_switch",
          {{"WIDTH", d.moving_bits}},
          {in("swap_i"), in("a_i", d.moving_bits), in("b_i", d.moving_bits), out("a_o", d.moving_bits),
           out("b_o", d.moving_bits)}};
}

Interface merge_leaf(const Dimensions& d, int lane) {
  const bool wide = lane == 0 && d.mode4;
  if (d.full_range) {
    const int p_bits = lane == 0 ? d.p0_bits : d.p1_bits;
    return {"msq_merge_full",
            {{"ACT_BITS", d.act_bits},
             {"MODE2", d.mode2},
             {"MODE4", wide},
             {"FRACTION_BITS", d.fraction_bits},
             {"SHIFT_MAX", d.shift_max},
             {"SHIFT_BITS", d.shift_bits}},
            {in("mode4_i"), in("role_i", 2), in("shift_i", d.shift_bits), in("x_i", d.act_bits),
             in("straight_i", p_bits + 1), in("moving_i", p_bits + 1),
             out("addend_o", lane == 0 ? d.merge0_bits : d.merge1_bits)}};
  }
  return {"msq_merge",
          {{"ACT_BITS", d.act_bits},
           {"MODE2", d.mode2},
           {"MODE4", wide},
           {"SHIFT_MAX", d.shift_max},
           {"SHIFT_BITS", d.shift_bits}},
          {in("mode4_i"), in("role_i", 2), in("shift_i", d.shift_bits), in("x_i", d.act_bits),
           in("straight_i", (lane == 0 ? d.p0_bits : d.p1_bits) + 1),
           in("moving_i", d.act_bits + (wide ? 2 : 0) + 1),
           out("addend_o", lane == 0 ? d.merge0_bits : d.merge1_bits)}};
}

Interface group_decoder_leaf(const Dimensions& d) {
  return {"msq_group_decoder",
          {{"MICRO_BLOCK", d.micro_block},
           {"MODE2", d.mode2},
           {"MODE4", d.mode4},
           {"ENTRIES", d.list_entries},
           {"SHIFT_MAX", d.shift_max},
           {"SHIFT_BITS", d.shift_bits}},
          {in("mode4_i"), in("has_outliers_i", d.group_fields), in("mx_scale_i", d.group_fields * 8),
           in("list_i", d.group_fields * d.list_bits), out("flagged_o"), out("roles_o", 2 * d.group_lanes),
           out("swaps_o", d.group_stages * d.group_lanes / 2), out("shifts_o", d.group_fields * d.shift_bits),
           out("error_o")}};
}

Interface settings_ram_leaf(const Dimensions& d) {
  return {
      "msq_ram_1r1w",
      {{"WIDTH", d.ram_width}, {"DEPTH", d.ram_depth}},
      {in("clk_i"), in("write_i"), in("write_address_i", d.ram_address_bits), in("write_data_i", d.ram_width),
       in("read_address_i", d.ram_address_bits), out("read_data_o", d.ram_width)}};
}

std::vector<std::string> leaf_modules(const Dimensions& d) {
  std::vector<std::string> names = {"msq_counters", "msq_event_counter", "msq_feeder", "msq_sequencer"};
  if (d.baseline) {
    names.insert(names.end(), {"msq_wavefront", pe_leaf(d).module});
    if (pe_leaf(d).module == "msq_bl_pe_int8" || pe_leaf(d).module == "msq_bl_pe_olive")
      names.emplace_back("msq_sum_tree");
    if (d.baseline == Baseline::gobo) {
      names.insert(names.end(),
                   {"msq_bl_fp32_add", "msq_bl_fp32_scale", "msq_bl_int8_float", "msq_bl_outlier_gobo"});
    }
    if (d.baseline == Baseline::int8) names.emplace_back("msq_bl_multiply_int8");
    if (d.baseline == Baseline::olive) names.emplace_back("msq_bl_olive_decoder");
    std::sort(names.begin(), names.end());
    return names;
  }
  names.emplace_back("msq_pe_multiply");
  if (d.recon) {
    names.insert(names.end(),
                 {"msq_bus_driver", "msq_column_bus", "msq_group_decoder", "msq_list_decoder",
                  d.full_range ? "msq_merge_full" : "msq_merge", "msq_pe_recon", "msq_ram_1r1w",
                  "msq_recon_counters", "msq_sum_lane_recon", "msq_switch", "msq_wavefront_recon"});
    if (d.band_rows > 1) names.emplace_back("msq_onehot_encoder");
  } else {
    names.emplace_back("msq_wavefront");
    if (has_value_port(d)) {
      names.insert(names.end(), {"msq_pe_tree", "msq_sum_tree"});
    } else {
      names.insert(names.end(), {"msq_pe", "msq_sum_lane"});
    }
  }
  if (d.inlined) {
    names.insert(names.end(), {"msq_outlier_decoder", "msq_outlier_group", "msq_outlier_unit"});
    if (d.tree_rows > 1) names.emplace_back("msq_onehot_encoder");
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace msq::arch
