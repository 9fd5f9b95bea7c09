#pragma once

#include "gen/arch/sizes.hpp"

namespace msq::arch {

/// Sizes of ReCoN by name, as Sizes. Widths in bits.
struct ReconSizes {
  ReconSizes(verilog::Module& m, const Dimensions& d);

  verilog::Constant units = 1, unit_rows = 1;
  verilog::Constant networks = 1;  ///< of a unit
  verilog::Constant network_groups = 1, network_columns = 1, network_lanes = 1;
  verilog::Constant stage_switches = 1;  ///< of a stage of a network
  verilog::Constant sync_groups = 1, sync_steps = 1,
                    sync_networks = 1;  ///< sync groups, column groups of one
  verilog::Constant lane0_bits = 1, lane1_bits = 1,
                    product_bits = 1;  ///< products with sign: of a lane, of a PE
  verilog::Constant row_product_bits = 1;
  verilog::Constant moving_bits = 1;
  verilog::Constant addend0_bits = 1, addend1_bits = 1, addend_bits = 1,
                    row_addend_bits = 1;  ///< as for products
  verilog::Constant bus_bits = 1;
  verilog::Constant role_bits = 1;
  verilog::Constant shifts_bits = 1, roles_bits = 1, swaps_bits = 1,
                    network_settings_bits = 1;       ///< settings of a network
  verilog::Constant settings_bits = 1;               ///< and of a row
  verilog::Constant ram_bits = 1, address_bits = 1;  ///< word and address of a settings memory
};

}  // namespace msq::arch
