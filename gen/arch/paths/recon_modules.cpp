// The `recon` outlier path: metadata decoder, routing network, merge and the ReCoN unit around them.

#include "gen/arch/paths/recon_modules.hpp"

#include <fmt/format.h>

#include "gen/arch/paths/path.hpp"
#include "gen/arch/paths/recon_sizes.hpp"
#include "gen/arch/shift.hpp"
#include "gen/leaves/leaf.hpp"

namespace msq::arch {

using namespace verilog;

namespace {

Interface group_decoder(const Dimensions& d, const MetadataSizes& o) {
  return leaf("msq_group_decoder", {{"MICRO_BLOCK", d.outliers->micro_block},
                                    {"MODE2", d.mode2},
                                    {"MODE4", d.mode4},
                                    {"ENTRIES", d.outliers->list_entries},
                                    {"SHIFT_MAX", d.outliers->shift_max},
                                    {"SHIFT_BITS", o.shift_bits}});
}

/// Merge cell of lane 0 or 1 of a PE; lane 1 works in mode 2 only.
Interface merge(Module& m, const Dimensions& d, int lane) {
  leaves::Parameters parameters = {
      {"ACT_BITS", Sizes(m, d).act_bits}, {"MODE2", d.mode2}, {"MODE4", lane == 0 && d.mode4}};
  if (d.encoding->merge_has_fraction_bits) parameters.emplace_back("FRACTION_BITS", d.fraction_bits);
  parameters.emplace_back("SHIFT_MAX", d.outliers->shift_max);
  parameters.emplace_back("SHIFT_BITS", MetadataSizes(m, d).shift_bits);
  return leaf(std::string(d.encoding->merge_leaf), parameters);
}

}  // namespace

Module build_decoder(const Dimensions& d) {
  Module m(
      "msq_decoder",
      "Weight decoder: the metadata of a weight row becomes ReCoN settings when the row is loaded, and goes "
      "to the settings memory of the row's unit. The code words need no decoding.");
  m.block("decoder");
  const Sizes k(m, d);
  const MetadataSizes o(m, d);
  const ReconSizes r(m, d);
  const Constant fields = o.groups * o.group_fields;
  const Expr clk = m.input("clk_i", u(1), "clock");
  const Expr rst_n = m.input("rst_ni", u(1), "synchronous reset");
  const Expr load_row = m.input("load_row_i", u(k.rows), "row being loaded, one-hot, or none");
  const Expr parity =
      m.input("load_parity_i", u(1), "half of the memories that belongs to the tile being loaded");
  const Expr mode4 = m.input("load_mode4_i", u(1), "mode of the tile");
  const Expr has = m.input("has_outliers_i", u(fields), "identifier bit of metadata field f");
  const Expr scale = m.input("mx_scale_i", u(fields * o.scale_bits), "MXScale byte (r) of field f");
  const Expr list = m.input("list_i", u(fields * o.list_bits), "permutation list of field f");
  const Expr flagged = m.output("flagged_o", u(1), "outlier in the row");
  const Expr error = m.output("error_o", u(1), "unroutable list, or r beyond the maximum");
  const Expr write = m.output("write_o", u(r.units), "write enable of the memories of unit n");
  const Expr address = m.output("address_o", u(r.address_bits), "{parity, row in the band of the unit}");
  const Expr settings = m.output("settings_o", u(r.settings_bits), "{swaps, roles, shifts} of every network");

  m.section("Settings");
  const Expr flags = m.wire("group_flagged", u(o.groups));
  const Expr errors = m.wire("group_error", u(o.groups));
  const Expr decoded = m.wire("decoded", u(r.settings_bits));
  const Constant roles_lsb = m.localparam("ROLES_LSB", r.shifts_bits, "first bit of the roles of a network");
  const Constant swaps_lsb =
      m.localparam("SWAPS_LSB", r.shifts_bits + r.roles_bits, "first bit of the swaps of a network");
  const Constant group_stages = m.localparam("GROUP_STAGES", d.outliers->group_stages,
                                             "stages that move values inside a routing group");
  const Constant group_switches =
      m.localparam("GROUP_SWITCHES", d.outliers->group_lanes / 2, "switches of a stage of a routing group");
  m.generate_for("gen_domain", "n", r.networks, [&](Scope& domain, const Index& n) {
    const Index base = n * r.network_settings_bits;
    domain.generate_for("gen_group", "g", r.network_groups, [&](Scope& s, const Index& g) {
      const Index group = n * r.network_groups + g;
      const Constant roles = o.group_lanes * r.role_bits;
      const Constant shifts = o.group_fields * o.shift_bits;
      const Expr swaps = s.wire("swaps", u(group_stages * group_switches));
      s.instance(group_decoder(d, o), "u_group",
                 {{"mode4_i", mode4},
                  {"has_outliers_i", word(has, group, o.group_fields)},
                  {"mx_scale_i", word(scale, group, o.group_fields * o.scale_bits)},
                  {"list_i", word(list, group, o.group_fields * o.list_bits)},
                  {"flagged_o", bit(flags, group)},
                  {"roles_o", slice(decoded, base + roles_lsb + g * roles, roles)},
                  {"swaps_o", swaps},
                  {"shifts_o", slice(decoded, base + g * shifts, shifts)},
                  {"error_o", bit(errors, group)}});
      s.generate_for("gen_stage", "h", group_stages, [&](Scope& stage, const Index& h) {
        const Index lsb = base + swaps_lsb + h * r.stage_switches + g * group_switches;
        stage.assign(slice(decoded, lsb, group_switches), word(swaps, h, group_switches));
      });
    });
    if (d.recon->domain_stages > d.outliers->group_stages) {
      domain.comment("No list moves a value out of its micro-block: the stages beyond it always pass.");
      const Constant upper = r.swaps_bits - group_stages * r.stage_switches;
      domain.assign(slice(decoded, base + swaps_lsb + group_stages * r.stage_switches, upper), zeros(upper));
    }
  });
  m.assign(flagged, reduce_or(flags));
  const Expr load = m.wire("load", reduce_or(load_row));
  m.assign(error, load & reduce_or(errors));

  m.section("Write into the settings memories, one cycle later");
  std::vector<Expr> unit_rows;
  const Expr band_load = m.wire("band_load", u(r.units), "bit n: row of unit n being loaded");
  for (int n = 0; n < d.recon->units; ++n) {
    unit_rows.push_back(word(load_row, n, r.unit_rows));
    m.assign(bit(band_load, n), d.recon->band_rows > 1 ? reduce_or(unit_rows.back()) : unit_rows.back());
  }
  Expr next_address = parity;
  if (d.recon->band_rows > 1) {
    const Expr row = m.wire("row_in_band", or_all(unit_rows), "one-hot");
    const Expr index = m.wire("row_index", u(r.address_bits - 1));
    m.instance(leaf("msq_onehot_encoder", {{"WIDTH", r.unit_rows}}), "u_row_index",
               {{"onehot_i", row}, {"index_o", index}});
    next_address = concat({parity, index});
  }
  const Expr write_q = m.reg("write_q", u(r.units));
  const Expr address_q = m.reg("address_q", u(r.address_bits));
  const Expr settings_q = m.reg("settings_q", u(r.settings_bits));
  m.flip_flops(clk, rst_n,
               {{write_q, band_load, {}, zeros(r.units)},
                {address_q, next_address, load},
                {settings_q, decoded, load}});
  m.assign(write, write_q);
  m.assign(address, address_q);
  m.assign(settings, settings_q);
  return m;
}

Module build_network(const Dimensions& d) {
  Module m(
      "msq_network",
      fmt::format(
          "Routing network of ReCoN over {} lanes: stage h joins lanes that differ in bit h and brings bit h "
          "of every moving value's position to its destination's.",
          d.recon->domain_lanes));
  m.block("ReCoN routing");
  const ReconSizes r(m, d);
  const Expr moving = m.input("moving_i", u(r.network_lanes * r.moving_bits),
                              "{p, s} of lane l, a Lower half or nothing of interest");
  const Expr swaps = m.input("swaps_i", u(r.swaps_bits),
                             fmt::format("stage h, switch i at [{}*h + i]", d.recon->domain_lanes / 2));
  const Expr out = m.output("moving_o", u(r.network_lanes * r.moving_bits), "value that arrives at lane l");
  Expr from = moving;
  for (int h = 0; h < d.recon->domain_stages; ++h) {
    const int reach = 1 << h;
    m.section(fmt::format("Stage {}: lanes {} apart", h, reach));
    const bool last = h + 1 == d.recon->domain_stages;
    const Expr to = last ? out : m.wire(fmt::format("stage{}", h), u(r.network_lanes * r.moving_bits));
    // The first and the last stage are one loop.
    const int blocks = d.recon->domain_lanes / (2 * reach);
    const std::string inner = blocks == 1 ? fmt::format("gen_stage{}", h) : "gen_switch";
    m.generate_for(fmt::format("gen_stage{}", h), "a", blocks, [&](Scope& outer, const Index& a) {
      outer.generate_for(inner, blocks == 1 ? "a" : "b", reach, [&](Scope& s, const Index& b) {
        const Index low = a * (2 * reach) + b;
        s.instance(leaf("msq_switch", {{"WIDTH", r.moving_bits}}), "u_switch",
                   {{"swap_i", bit(swaps, h * r.stage_switches + a * reach + b)},
                    {"a_i", word(from, low, r.moving_bits)},
                    {"b_i", word(from, low + reach, r.moving_bits)},
                    {"a_o", word(to, low, r.moving_bits)},
                    {"b_o", word(to, low + reach, r.moving_bits)}});
      });
    });
    from = to;
  }
  return m;
}

namespace {

struct LaneNets {
  Expr mode4, settings, roles, x, straight, moving, arrived, addends;
};

/// Merge cell of lane `lane` of PE `pe`; the micro-block's field gives r.
void build_merge(Module& m, Scope& s, const Dimensions& d, const LaneNets& n, int lane, const Index& pe,
                 const Index& field) {
  const ReconSizes r(m, d);
  const Constant shift_bits = MetadataSizes(m, d).shift_bits;
  const Interface cell = merge(m, d, lane);
  const Index index = pe * Sizes(m, d).lanes_per_pe + lane;
  const Index product = pe * r.product_bits + (lane == 0 ? Constant(0) : r.lane0_bits);
  const Index target = pe * r.addend_bits + (lane == 0 ? Constant(0) : r.addend0_bits);
  const int moving = cell.port("moving_i").type.width;
  const int full = lane == 0 ? d.recon->merge0_bits : d.recon->merge1_bits;
  const Constant kept = lane == 0 ? r.addend0_bits : r.addend1_bits;
  const std::string name = fmt::format("lane{}", lane);
  Expr result = slice(n.addends, target, kept);
  if (kept.value() < full) result = s.wire(name + "_addend", u(full));
  const Expr arrived = s.wire(name + "_arrived", word(n.arrived, index, r.moving_bits));
  s.instance(cell, "u_" + name,
             {{"mode4_i", n.mode4},
              {"role_i", word(n.roles, index, r.role_bits)},
              {"shift_i", word(n.settings, field, shift_bits)},
              {"x_i", n.x},
              {"straight_i", slice(n.straight, product, lane == 0 ? r.lane0_bits : r.lane1_bits)},
              {"moving_i", slice(arrived, 0, moving)},
              {"addend_o", result}});
  if (moving < d.recon->moving_bits) {
    s.unused(name + "_wide", {slice(arrived, moving, r.moving_bits - moving)},
             "products of mode 2 are narrower than a moving value");
  }
  if (kept.value() < full) {
    s.assign(slice(n.addends, target, kept), slice(result, 0, kept));
    s.unused(name + "_high", {slice(result, kept, full - kept)},
             "partial sums have fewer bits; the packer has proven that they fit");
  }
}

}  // namespace

Module build_lanes(const Dimensions& d, const Interface& network) {
  Module m("msq_recon_lanes",
           "Routing and merge for the lanes of one network: from a row's products to what the row adds.");
  m.block("ReCoN routing");
  m.keep_boundary();
  const Sizes k(m, d);
  const ReconSizes r(m, d);
  LaneNets n;
  n.mode4 = d.mode2 && d.mode4 ? m.input("mode4_i", u(1), "mode of the row") : lit(u(1), d.mode4);
  n.settings = m.input("settings_i", u(r.network_settings_bits), "{swaps, roles, shifts}");
  n.x = m.input("x_i", u(k.act_bits), "activation of the row");
  n.straight = m.input("products_i", u(r.network_columns * r.product_bits), "{p1, s1, p0, s0} of PE c");
  n.addends = m.output("addends_o", u(r.network_columns * r.addend_bits), "{lane 1, lane 0} of PE c");

  m.section(
      "Moving values: every lane offers its product, the merge of the destination decides which it wants");
  n.moving = m.wire("moving", u(r.network_lanes * r.moving_bits), "{p, s} of lane l");
  n.arrived = m.wire("arrived", u(r.network_lanes * r.moving_bits), "{p, s} at lane l");
  m.generate_for("gen_moving", "c", r.network_columns, [&](Scope& s, const Index& c) {
    const Index base = c * r.product_bits;
    const Index lane = c * k.lanes_per_pe;
    s.assign(word(n.moving, lane, r.moving_bits), slice(n.straight, base, r.moving_bits));
    if (d.mode2) {
      const Expr product1 = s.wire("product1", slice(n.straight, base + r.lane0_bits, r.lane1_bits));
      s.assign(word(n.moving, lane + 1, r.moving_bits), sext(product1, r.moving_bits));
    }
  });
  m.instance(network, "u_network",
             {{"moving_i", n.moving},
              {"swaps_i", slice(n.settings, r.shifts_bits + r.roles_bits, r.swaps_bits)},
              {"moving_o", n.arrived}});

  m.section("Merge: the lanes of a micro-block in mode 2 share one shift field");
  n.roles =
      m.wire("roles", u(r.roles_bits), slice(n.settings, r.shifts_bits, r.roles_bits), "role of lane l");
  const Constant blocks = count(m, "MICRO_BLOCKS", d.recon->domain_lanes / d.outliers->micro_block,
                                "micro-blocks of a network in mode 2");
  const Constant columns =
      count(m, "BLOCK_COLUMNS", d.outliers->micro_block / d.lanes_per_pe, "PE columns of a micro-block");
  m.generate_for("gen_block", "f", blocks, [&](Scope& block, const Index& f) {
    block.generate_for("gen_column", "j", columns, [&](Scope& s, const Index& j) {
      build_merge(m, s, d, n, 0, f * columns + j, f);
      if (d.mode2) build_merge(m, s, d, n, 1, f * columns + j, f);
    });
  });
  return m;
}

namespace {

/// Delays word `index` of a port, of `width` bits, by `cycles`.
void delay_group(Scope& s, const std::string& name, const Expr& clk, const Expr& in, const Expr& out,
                 const Index& index, const Constant& width, const Constant& cycles) {
  const Expr line = s.reg(name, u(cycles * width), counted(cycles.value(), "cycle"));
  s.flip_flops(clk, {}, {shift(line, word(in, index, width), cycles)});
  s.assign(word(out, index, width), word(line, cycles - 1, width));
}

}  // namespace

Module build_recon_input(const Dimensions& d) {
  Module m(
      "msq_recon_input",
      "Register behind the column bus. Column groups of a sync group arrive one cycle after another; the "
      "earlier ones wait for the last.");
  m.block("ReCoN routing");
  const Expr clk = m.input("clk_i", u(1), "clock");
  const Sizes k(m, d);
  const ReconSizes r(m, d);
  const Constant group_bits = m.localparam("GROUP_PRODUCT_BITS", k.group_pes * r.product_bits,
                                           "bits of the products of a column group");
  const Expr products = m.input("products_i", u(r.row_product_bits), "column bus, products");
  const Expr x = m.input("x_i", u(r.sync_groups * k.act_bits), "column bus, activations");
  const Expr products_out = m.output("products_o", u(r.row_product_bits), "one sync group at one time");
  const Expr x_out = m.output("x_o", u(r.sync_groups * k.act_bits), "activation of each sync group");
  for (int j = 0; j < d.recon->sync_steps; ++j) {
    m.generate_for(fmt::format("gen_group{}", j), "q", r.sync_groups, [&](Scope& s, const Index& q) {
      delay_group(s, fmt::format("products{}_q", j), clk, products, products_out, q * r.sync_steps + j,
                  group_bits, d.recon->sync_steps - j);
    });
  }
  m.generate_for("gen_x", "q", r.sync_groups, [&](Scope& s, const Index& q) {
    delay_group(s, "x_q", clk, x, x_out, q, k.act_bits, r.sync_steps);
  });
  return m;
}

Module build_recon_output(const Dimensions& d) {
  Module m("msq_recon_output",
           "Register behind the merge. Gives the column groups of a sync group their skew back.");
  m.block("merge");
  const Expr clk = m.input("clk_i", u(1), "clock");
  const ReconSizes r(m, d);
  const Constant group_bits = m.localparam("GROUP_ADDEND_BITS", Sizes(m, d).group_pes * r.addend_bits,
                                           "bits of the addends of a column group");
  const Expr addends = m.input("addends_i", u(r.row_addend_bits), "results of the merge");
  const Expr out = m.output("addends_o", u(r.row_addend_bits), "addends for the rows of the band");
  for (int j = 0; j < d.recon->sync_steps; ++j) {
    m.generate_for(fmt::format("gen_group{}", j), "q", r.sync_groups, [&](Scope& s, const Index& q) {
      delay_group(s, fmt::format("addends{}_q", j), clk, addends, out, q * r.sync_steps + j, group_bits,
                  j + 1);
    });
  }
  return m;
}

namespace {

struct UnitNets {
  Expr clk, fire, parity, mode4, address_q, mode4_q;
};

/// Which row fires, delayed for the sync groups: word s is the row that fired s + 1 cycles ago.
void build_unit_control(Module& m, const Dimensions& d, UnitNets& n) {
  m.section("Row that fires, its tile and its mode");
  const ReconSizes r(m, d);
  Expr address = m.wire("fire_parity", reduce_or(n.fire & n.parity));
  if (d.recon->band_rows > 1) {
    const Expr index = m.wire("fire_index", u(r.address_bits - 1));
    m.instance(leaf("msq_onehot_encoder", {{"WIDTH", r.unit_rows}}), "u_fire_index",
               {{"onehot_i", n.fire}, {"index_o", index}});
    address = concat({address, index});
  }
  const Constant words = Sizes(m, d).groups + 1;
  n.address_q = m.reg("address_q", u(words * r.address_bits), "word s: row that fired s+1 cycles ago");
  std::vector<FlipFlop> flops = {shift(n.address_q, address, words)};
  if (!n.mode4.empty()) {
    const Expr fire_mode4 = m.wire("fire_mode4", reduce_or(n.fire & n.mode4));
    n.mode4_q = m.reg("mode4_q", u(words + 1), "bit s: mode of the row that fired s+1 cycles ago");
    flops.push_back(shift(n.mode4_q, fire_mode4, words + 1));
  }
  m.flip_flops(n.clk, {}, flops);
}

}  // namespace

Module build_recon_unit(const Dimensions& d, const Interface& input, const Interface& lanes,
                        const Interface& output) {
  Module m(
      "msq_recon_unit",
      "One ReCoN unit, shared by the rows of its band. The static schedule gives every flagged row a cycle "
      "of its own; the rows' products come over the column bus and leave as addends.");
  m.block("column buses and arbitration");
  m.keep_boundary();
  const Sizes k(m, d);
  const ReconSizes r(m, d);
  UnitNets n;
  n.clk = m.input("clk_i", u(1), "clock");
  const Expr rows = m.input("rows_i", u(r.unit_rows * r.bus_bits), "bus word of row r of the band");
  n.fire = m.input("fire_i", u(r.unit_rows), "row r drives the bus in column group 0 two cycles later");
  const Expr waited = m.input("fire_waited_i", u(r.unit_rows), "token of row r was delayed by the schedule");
  n.parity = m.input("fire_parity_i", u(r.unit_rows), "parity of the tile of row r");
  if (d.mode2 && d.mode4) n.mode4 = m.input("fire_mode4_i", u(r.unit_rows), "mode of row r");
  const Expr write = m.input("write_i", u(1), "write settings");
  const Expr write_address = m.input("write_address_i", u(r.address_bits), "{parity, row in band}");
  const Expr settings_in = m.input("settings_i", u(r.settings_bits), "settings of one row");
  const Expr out = m.output("addends_o", u(r.row_addend_bits), "addend of PE c, both lanes");
  const Expr fired = m.output("fired_o", u(1), "access by any row");
  const Expr waited_out = m.output("waited_o", u(1), "access for a token that the schedule delayed");
  const Expr clash = m.output("clash_o", u(1), "two accesses in one cycle: a schedule error");

  build_unit_control(m, d, n);
  m.assign(fired, reduce_or(n.fire));
  m.assign(waited_out, reduce_or(waited));
  m.assign(clash,
           d.recon->band_rows > 1 ? reduce_or(n.fire & (n.fire - lit(u(r.unit_rows), 1))) : lit(u(1), 0));

  m.section("Column bus and its register");
  const Expr bus = m.wire("bus", u(r.bus_bits));
  m.instance(leaf("msq_column_bus", {{"ROWS", r.unit_rows}, {"WIDTH", r.bus_bits}}), "u_bus",
             {{"rows_i", rows}, {"bus_o", bus}});
  const Expr products = m.wire("products", u(r.row_product_bits));
  const Expr x = m.wire("x", u(r.sync_groups * k.act_bits));
  m.instance(input, "u_input",
             {{"clk_i", n.clk},
              {"products_i", slice(bus, 0, r.row_product_bits)},
              {"x_i", slice(bus, r.row_product_bits, r.sync_groups * k.act_bits)},
              {"products_o", products},
              {"x_o", x}});

  m.section("Settings, routing and merge of each sync group");
  const Expr merged = m.wire("merged", u(r.row_addend_bits));
  const Constant depth = m.localparam("RAM_DEPTH", 2 * r.unit_rows, "settings of two tiles of the rows");
  const Constant products_bits = r.network_columns * r.product_bits;
  const Constant addends_bits = r.network_columns * r.addend_bits;
  m.generate_for("gen_sync", "q", r.sync_groups, [&](Scope& s, const Index& q) {
    const Expr settings = s.wire("settings", u(r.ram_bits));
    s.instance(leaf("msq_ram_1r1w", {{"WIDTH", r.ram_bits}, {"DEPTH", depth}}), "u_settings",
               {{"clk_i", n.clk},
                {"write_i", write},
                {"write_address_i", write_address},
                {"write_data_i", word(settings_in, q, r.ram_bits)},
                {"read_i", ones(1)},
                {"read_address_i", word(n.address_q, (q + 1) * r.sync_steps, r.address_bits)},
                {"read_data_o", settings}});
    s.generate_for("gen_domain", "k", r.sync_networks, [&](Scope& domain, const Index& network) {
      const Index index = q * r.sync_networks + network;
      Connections ports = {{"settings_i", word(settings, network, r.network_settings_bits)},
                           {"x_i", word(x, q, k.act_bits)},
                           {"products_i", word(products, index, products_bits)},
                           {"addends_o", word(merged, index, addends_bits)}};
      if (!n.mode4_q.empty()) ports.emplace_back("mode4_i", bit(n.mode4_q, (q + 1) * r.sync_steps + 1));
      domain.instance(lanes, "u_lanes", ports);
    });
  });
  m.instance(output, "u_output", {{"clk_i", n.clk}, {"addends_i", merged}, {"addends_o", out}});
  return m;
}

}  // namespace msq::arch
