#include "gen/arch/paths/recon_sizes.hpp"

namespace msq::arch {

using verilog::Constant;
using verilog::Module;

ReconSizes::ReconSizes(Module& m, const Dimensions& d) {
  const ReconDimensions& r = *d.recon;
  const Sizes k(m, d);
  const MetadataSizes o(m, d);
  units = count(m, "UNITS", r.units, "ReCoN units");
  unit_rows = count(m, "UNIT_ROWS", r.band_rows, "PE rows of a ReCoN unit");
  networks = count(m, "NETWORKS", r.domains, "routing networks of a ReCoN unit");
  network_groups = count(m, "NETWORK_GROUPS", r.domain_groups, "routing groups of a network");
  network_columns = m.localparam("NETWORK_COLUMNS", r.domain_columns, "PE columns of a network");
  network_lanes = m.localparam("NETWORK_LANES", r.domain_lanes, "lanes of a network");
  stage_switches = m.localparam("STAGE_SWITCHES", r.domain_lanes / 2, "switches of a stage of a network");
  sync_groups = count(m, "SYNC_GROUPS", r.sync_groups, "sync groups: columns brought to one cycle");
  sync_steps = count(m, "SYNC_STEPS", r.sync_steps, "column groups of a sync group");
  sync_networks = count(m, "SYNC_NETWORKS", r.domains / r.sync_groups, "networks of a sync group");

  lane0_bits = m.localparam("LANE0_BITS", d.p0_bits + 1, "bits of the product of lane 0, {p0, s0}");
  lane1_bits = m.localparam("LANE1_BITS", d.p1_bits + 1, "bits of the product of lane 1, {p1, s1}");
  product_bits = d.mode2
                     ? m.localparam("PRODUCT_BITS", lane0_bits + lane1_bits, "bits of the products of a PE")
                     : lane0_bits;
  row_product_bits =
      m.localparam("ROW_PRODUCT_BITS", k.cols * product_bits, "bits of the products of all PE columns");
  moving_bits = m.localparam("MOVING_BITS", r.moving_bits, "bits of a value in the network, {p, s}");
  addend0_bits = m.localparam("ADDEND0_BITS", r.addend0_bits, "bits of the addend of lane 0");
  addend1_bits = m.localparam("ADDEND1_BITS", r.addend1_bits, "bits of the addend of lane 1");
  addend_bits = d.mode2
                    ? m.localparam("ADDEND_BITS", addend0_bits + addend1_bits, "bits of the addends of a PE")
                    : addend0_bits;
  row_addend_bits =
      m.localparam("ROW_ADDEND_BITS", k.cols * addend_bits, "bits of the addends of all PE columns");
  bus_bits = m.localparam("BUS_BITS", row_product_bits + sync_groups * k.act_bits,
                          "bits of the column bus: products, activation of each sync group");

  role_bits = m.localparam("ROLE_BITS", 2, "bits of the role of a lane");
  shifts_bits = m.localparam("SHIFTS_BITS", network_groups * o.group_fields * o.shift_bits,
                             "bits of the shifts of the fields of a network");
  roles_bits =
      m.localparam("ROLES_BITS", network_lanes * role_bits, "bits of the roles of the lanes of a network");
  swaps_bits = m.localparam("SWAPS_BITS", r.domain_stages * stage_switches,
                            "bits of the swaps of the switches of a network");
  network_settings_bits = m.localparam("NETWORK_SETTINGS_BITS", shifts_bits + roles_bits + swaps_bits,
                                       "bits of the settings {swaps, roles, shifts} of a network");
  settings_bits =
      m.localparam("SETTINGS_BITS", networks * network_settings_bits, "bits of the settings of a row");
  ram_bits =
      m.localparam("RAM_BITS", sync_networks * network_settings_bits, "bits of a word of a settings memory");
  address_bits =
      m.localparam("ADDRESS_BITS", r.ram_address_bits, "bits of the address {parity, row of the unit}");
}

}  // namespace msq::arch
