#pragma once

#include <string>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "gen/verilog/verilog.hpp"

namespace msq::arch {

// Interfaces of the hand-written leaves in rtl/ with the parameters of one configuration. Their widths repeat
// what the leaves derive; lint of the emitted files finds any difference.

verilog::Interface pe_leaf(
    const Dimensions& d);                ///< msq_pe, msq_pe_recon, msq_pe_tree, or that of a baseline
verilog::Interface int8_float_leaf();    ///< msq_bl_int8_float
verilog::Interface fp32_scale_leaf();    ///< msq_bl_fp32_scale
verilog::Interface outlier_gobo_leaf();  ///< msq_bl_outlier_gobo
/// Interface of a decoder of one outlier-victim pair.
verilog::Interface olive_decoder_leaf();
/// Whether the PE leaf takes outlier values (msq_pe_tree).
bool has_value_port(const Dimensions& d);
verilog::Interface outlier_group_leaf(const Dimensions& d);    ///< msq_outlier_group
verilog::Interface outlier_decoder_leaf(const Dimensions& d);  ///< msq_outlier_decoder
verilog::Interface sequencer_leaf(const Dimensions& d);        ///< msq_sequencer
verilog::Interface wavefront_leaf(const Dimensions& d);        ///< msq_wavefront, or msq_wavefront_recon
verilog::Interface feeder_leaf(const Dimensions& d);           ///< msq_feeder
verilog::Interface counters_leaf(int error_kinds);             ///< msq_counters
verilog::Interface recon_counters_leaf(const Dimensions& d);   ///< msq_recon_counters
verilog::Interface bus_driver_leaf(int width);                 ///< msq_bus_driver
verilog::Interface column_bus_leaf(const Dimensions& d);       ///< msq_column_bus
verilog::Interface encoder_leaf(int width);                    ///< msq_onehot_encoder
verilog::Interface switch_leaf(const Dimensions& d);           ///< msq_switch
verilog::Interface merge_leaf(const Dimensions& d, int lane);  ///< msq_merge for lane 0 or 1 of a PE
verilog::Interface group_decoder_leaf(const Dimensions& d);    ///< msq_group_decoder
verilog::Interface settings_ram_leaf(const Dimensions& d);     ///< msq_ram_1r1w

/// Names of the rtl/ modules a configuration needs, leaves of leaves included, sorted.
std::vector<std::string> leaf_modules(const Dimensions& d);

}  // namespace msq::arch
