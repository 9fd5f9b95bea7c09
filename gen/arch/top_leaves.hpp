#pragma once

#include "gen/arch/dimensions.hpp"
#include "gen/verilog/verilog.hpp"

namespace msq::arch {

// Interfaces of the hand-written leaves around the core, as in leaves.hpp.

verilog::Interface axil_leaf();                                  ///< msq_axil
verilog::Interface job_leaf(const Dimensions& d);                ///< msq_job
verilog::Interface stream_fifo_leaf(int width, int depth);       ///< msq_stream_fifo
verilog::Interface weight_reader_leaf(const Dimensions& d);      ///< msq_weight_reader
verilog::Interface activation_reader_leaf(const Dimensions& d);  ///< msq_activation_reader
verilog::Interface tile_queue_leaf(int width, int depth);        ///< msq_tile_queue
verilog::Interface launcher_leaf(const Dimensions& d);           ///< msq_launcher
verilog::Interface permuter_leaf(const Dimensions& d);           ///< msq_permuter
verilog::Interface row_shifter_leaf(const Dimensions& d);        ///< msq_row_shifter
verilog::Interface collector_leaf(const Dimensions& d);          ///< msq_collector
verilog::Interface accumulators_leaf(const Dimensions& d);       ///< msq_accumulators
verilog::Interface factor_leaf(const Dimensions& d);             ///< msq_factor
verilog::Interface drain_leaf(const Dimensions& d);              ///< msq_drain
verilog::Interface output_port_leaf(const Dimensions& d);        ///< msq_output_port
verilog::Interface ram_leaf(int width, int depth);               ///< msq_ram_1r1w

/// Bits to address `words` words.
int address_bits(int words);

/// Names of the rtl/ modules around the core, leaves of leaves included, sorted.
std::vector<std::string> top_leaf_modules(const Dimensions& d);

}  // namespace msq::arch
