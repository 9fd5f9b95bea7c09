// The `recon` outlier path: metadata decoder, routing network, merge and the ReCoN unit around them.

#include "gen/arch/paths/recon_modules.hpp"

#include <fmt/format.h>

#include "gen/arch/shift.hpp"
#include "gen/leaves/leaf.hpp"

namespace msq::arch {

using leaves::leaf;
using namespace verilog;

namespace {

Interface group_decoder(const Dimensions& d) {
  return leaf("msq_group_decoder", {{"MICRO_BLOCK", d.outliers->micro_block},
                                    {"MODE2", d.mode2},
                                    {"MODE4", d.mode4},
                                    {"ENTRIES", d.outliers->list_entries},
                                    {"SHIFT_MAX", d.outliers->shift_max},
                                    {"SHIFT_BITS", d.outliers->shift_bits}});
}

/// Merge cell of lane 0 or 1 of a PE; lane 1 works in mode 2 only.
Interface merge(const Dimensions& d, int lane) {
  leaves::Parameters parameters = {
      {"ACT_BITS", d.act_bits}, {"MODE2", d.mode2}, {"MODE4", lane == 0 && d.mode4}};
  if (d.encoding->merge_has_fraction_bits) parameters.emplace_back("FRACTION_BITS", d.fraction_bits);
  parameters.emplace_back("SHIFT_MAX", d.outliers->shift_max);
  parameters.emplace_back("SHIFT_BITS", d.outliers->shift_bits);
  return leaf(std::string(d.encoding->merge_leaf), parameters);
}

}  // namespace

Module build_decoder(const Dimensions& d) {
  Module m(
      "msq_decoder",
      "Weight decoder: the metadata of a weight row becomes ReCoN settings when the row is loaded, and goes "
      "to the settings memory of the row's unit. The code words need no decoding.");
  m.block("decoder");
  const Expr clk = m.input("clk_i", u(1), "clock");
  const Expr rst_n = m.input("rst_ni", u(1), "synchronous reset");
  const Expr load_row = m.input("load_row_i", u(d.rows), "row being loaded, one-hot, or none");
  const Expr parity =
      m.input("load_parity_i", u(1), "half of the memories that belongs to the tile being loaded");
  const Expr mode4 = m.input("load_mode4_i", u(1), "mode of the tile");
  const Expr has = m.input("has_outliers_i", u(d.outliers->fields), "identifier bit of metadata field f");
  const Expr scale = m.input("mx_scale_i", u(8 * d.outliers->fields), "MXScale byte (r) of field f");
  const Expr list =
      m.input("list_i", u(d.outliers->list_bits * d.outliers->fields), "permutation list of field f");
  const Expr flagged = m.output("flagged_o", u(1), "outlier in the row");
  const Expr error = m.output("error_o", u(1), "unroutable list, or r beyond the maximum");
  const Expr write = m.output("write_o", u(d.recon->units), "write enable of the memories of unit n");
  const Expr address =
      m.output("address_o", u(d.recon->ram_address_bits), "{parity, row in the band of the unit}");
  const Expr settings =
      m.output("settings_o", u(d.recon->settings_bits), "{swaps, roles, shifts} of every network");

  m.section("Settings");
  const Expr flags = m.wire("group_flagged", u(d.outliers->groups));
  const Expr errors = m.wire("group_error", u(d.outliers->groups));
  const Expr decoded = m.wire("decoded", u(d.recon->settings_bits));
  const int swaps_base = d.recon->shifts_bits + d.recon->roles_bits;
  const int group_swaps = d.outliers->group_lanes / 2;
  m.generate_for("gen_domain", "n", d.recon->domains, [&](Scope& domain, Index n) {
    domain.generate_for("gen_group", "g", d.recon->domain_groups, [&](Scope& s, Index g) {
      const Index group = n * d.recon->domain_groups + g;
      const Index base = n * d.recon->domain_settings_bits;
      const int shifts = d.outliers->group_fields * d.outliers->shift_bits;
      const Expr swaps = s.wire("swaps", u(d.outliers->group_stages * group_swaps));
      s.instance(
          group_decoder(d), "u_group",
          {{"mode4_i", mode4},
           {"has_outliers_i", slice(has, group * d.outliers->group_fields, d.outliers->group_fields)},
           {"mx_scale_i", slice(scale, group * (8 * d.outliers->group_fields), 8 * d.outliers->group_fields)},
           {"list_i", slice(list, group * (d.outliers->list_bits * d.outliers->group_fields),
                            d.outliers->list_bits * d.outliers->group_fields)},
           {"flagged_o", bit(flags, group)},
           {"roles_o", slice(decoded, base + d.recon->shifts_bits + g * (2 * d.outliers->group_lanes),
                             2 * d.outliers->group_lanes)},
           {"swaps_o", swaps},
           {"shifts_o", slice(decoded, base + g * shifts, shifts)},
           {"error_o", bit(errors, group)}});
      s.generate_for("gen_stage", "h", d.outliers->group_stages, [&](Scope& stage, Index h) {
        stage.assign(slice(decoded, base + h * (d.recon->domain_lanes / 2) + g * group_swaps + swaps_base,
                           group_swaps),
                     slice(swaps, h * group_swaps, group_swaps));
      });
    });
    if (d.recon->domain_stages > d.outliers->group_stages) {
      domain.comment("No list moves a value out of its micro-block: the stages beyond it always pass.");
      const int upper = (d.recon->domain_stages - d.outliers->group_stages) * d.recon->domain_lanes / 2;
      domain.assign(slice(decoded,
                          n * d.recon->domain_settings_bits + swaps_base +
                              d.outliers->group_stages * d.recon->domain_lanes / 2,
                          upper),
                    zeros(upper));
    }
  });
  m.assign(flagged, reduce_or(flags));
  const Expr load = m.wire("load", reduce_or(load_row));
  m.assign(error, load & reduce_or(errors));

  m.section("Write into the settings memories, one cycle later");
  std::vector<Expr> unit_rows;
  const Expr band_load = m.wire("band_load", u(d.recon->units), "the row belongs to unit n");
  for (int n = 0; n < d.recon->units; ++n) {
    unit_rows.push_back(slice(load_row, n * d.recon->band_rows, d.recon->band_rows));
    m.assign(bit(band_load, n), d.recon->band_rows > 1 ? reduce_or(unit_rows.back()) : unit_rows.back());
  }
  Expr next_address = parity;
  if (d.recon->band_rows > 1) {
    const Expr row = m.wire("row_in_band", or_all(unit_rows), "one-hot");
    const Expr index = m.wire("row_index", u(d.recon->ram_address_bits - 1));
    m.instance(leaf("msq_onehot_encoder", {{"WIDTH", d.recon->band_rows}}), "u_row_index",
               {{"onehot_i", row}, {"index_o", index}});
    next_address = concat({parity, index});
  }
  const Expr write_q = m.reg("write_q", u(d.recon->units));
  const Expr address_q = m.reg("address_q", u(d.recon->ram_address_bits));
  const Expr settings_q = m.reg("settings_q", u(d.recon->settings_bits));
  m.flip_flops(clk, rst_n,
               {{write_q, band_load, {}, zeros(d.recon->units)},
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
  const Expr moving = m.input("moving_i", u(d.recon->domain_lanes * d.recon->moving_bits),
                              "{p, s} of lane l, a Lower half or nothing of interest");
  const Expr swaps = m.input("swaps_i", u(d.recon->swaps_bits),
                             fmt::format("stage h, switch i at [{}*h + i]", d.recon->domain_lanes / 2));
  const Expr out =
      m.output("moving_o", u(d.recon->domain_lanes * d.recon->moving_bits), "value that arrives at lane l");
  Expr from = moving;
  const Constant lanes = m.localparam("LANES", d.recon->domain_lanes, "lanes of the network");
  const Constant width = m.localparam("VALUE_BITS", d.recon->moving_bits, "moving value {p, s}");
  const Constant stage_swaps =
      m.localparam("STAGE_SWITCHES", d.recon->domain_lanes / 2, "switches of a stage");
  for (int h = 0; h < d.recon->domain_stages; ++h) {
    const int reach = 1 << h;
    m.section(fmt::format("Stage {}: lanes {} apart", h, reach));
    const Expr to =
        h + 1 == d.recon->domain_stages ? out : m.wire(fmt::format("stage{}", h), u(lanes * width));
    // The first and the last stage are one loop.
    const int blocks = d.recon->domain_lanes / (2 * reach);
    const std::string inner = blocks == 1 ? fmt::format("gen_stage{}", h) : "gen_switch";
    m.generate_for(fmt::format("gen_stage{}", h), "a", blocks, [&](Scope& outer, Index a) {
      outer.generate_for(inner, blocks == 1 ? "a" : "b", reach, [&](Scope& s, Index b) {
        const Index low = (a * (2 * reach) + b) * width;
        const Index high = (a * (2 * reach) + b + reach) * width;
        s.instance(leaf("msq_switch", {{"WIDTH", width}}), "u_switch",
                   {{"swap_i", bit(swaps, a * reach + b + h * stage_swaps)},
                    {"a_i", slice(from, low, width)},
                    {"b_i", slice(from, high, width)},
                    {"a_o", slice(to, low, width)},
                    {"b_o", slice(to, high, width)}});
      });
    });
    from = to;
  }
  return m;
}

namespace {

struct LaneNets {
  Expr mode4, settings, x, straight, moving, arrived, addends;
};

/// Merge cell of lane `lane` of PE `pe`; the micro-block's field gives r.
void build_merge(Scope& s, const Dimensions& d, const LaneNets& n, int lane, const Index& pe,
                 const Index& field) {
  const Interface cell = merge(d, lane);
  const int p_bits = (lane == 0 ? d.p0_bits : d.p1_bits) + 1;
  const int offset = lane == 0 ? 0 : d.p0_bits + 1;
  const Index index = pe * d.lanes_per_pe + lane;
  const int moving = cell.port("moving_i").type.width;
  const int full = lane == 0 ? d.recon->merge0_bits : d.recon->merge1_bits;
  const int kept = lane == 0 ? d.recon->addend0_bits : d.recon->addend1_bits;
  const Index target = pe * d.recon->addend_bits + (lane == 0 ? 0 : d.recon->addend0_bits);
  const std::string name = fmt::format("lane{}", lane);
  Expr result = slice(n.addends, target, kept);
  if (kept < full) result = s.wire(name + "_addend", u(full));
  const Expr arrived =
      s.wire(name + "_arrived", slice(n.arrived, index * d.recon->moving_bits, d.recon->moving_bits));
  s.instance(cell, "u_" + name,
             {{"mode4_i", n.mode4},
              {"role_i", slice(n.settings, index * 2 + d.recon->shifts_bits, 2)},
              {"shift_i", slice(n.settings, field * d.outliers->shift_bits, d.outliers->shift_bits)},
              {"x_i", n.x},
              {"straight_i", slice(n.straight, pe * d.product_bits + offset, p_bits)},
              {"moving_i", slice(arrived, 0, moving)},
              {"addend_o", result}});
  if (moving < d.recon->moving_bits) {
    s.unused(name + "_wide", {slice(arrived, moving, d.recon->moving_bits - moving)},
             "mode 2 products are narrower");
  }
  if (kept < full) {
    s.assign(slice(n.addends, target, kept), slice(result, 0, kept));
    s.unused(name + "_high", {slice(result, kept, full - kept)},
             "acc_bits is smaller; the packer has proven that sums fit");
  }
}

}  // namespace

Module build_lanes(const Dimensions& d, const Interface& network) {
  Module m("msq_recon_lanes",
           "Routing and merge for the lanes of one network: from a row's products to what the row adds.");
  m.block("ReCoN routing");
  m.keep_boundary();
  LaneNets n;
  n.mode4 = d.mode2 && d.mode4 ? m.input("mode4_i", u(1), "mode of the row") : lit(u(1), d.mode4);
  n.settings = m.input("settings_i", u(d.recon->domain_settings_bits), "{swaps, roles, shifts}");
  n.x = m.input("x_i", u(d.act_bits), "activation of the row");
  n.straight = m.input("products_i", u(d.recon->domain_columns * d.product_bits), "{p1, s1, p0, s0} of PE c");
  n.addends =
      m.output("addends_o", u(d.recon->domain_columns * d.recon->addend_bits), "{lane 1, lane 0} of PE c");

  m.section(
      "Moving values: every lane offers its product, the merge of the destination decides which it wants");
  n.moving = m.wire("moving", u(d.recon->domain_lanes * d.recon->moving_bits), "{p, s} of lane l");
  n.arrived = m.wire("arrived", u(d.recon->domain_lanes * d.recon->moving_bits));
  m.generate_for("gen_moving", "c", d.recon->domain_columns, [&](Scope& s, Index c) {
    const Index base = c * (d.lanes_per_pe * d.recon->moving_bits);
    s.assign(slice(n.moving, base, d.recon->moving_bits),
             slice(n.straight, c * d.product_bits, d.recon->moving_bits));
    if (d.mode2) {
      const Expr product1 =
          s.wire("product1", slice(n.straight, c * d.product_bits + d.p0_bits + 1, d.p1_bits + 1));
      s.assign(slice(n.moving, base + d.recon->moving_bits, d.recon->moving_bits),
               sext(product1, d.recon->moving_bits));
    }
  });
  m.instance(network, "u_network",
             {{"moving_i", n.moving},
              {"swaps_i", slice(n.settings, d.recon->shifts_bits + d.recon->roles_bits, d.recon->swaps_bits)},
              {"moving_o", n.arrived}});

  m.section("Merge: the lanes of a micro-block in mode 2 share one shift field");
  const int columns = d.outliers->micro_block / d.lanes_per_pe;
  m.generate_for("gen_block", "f", d.recon->domain_lanes / d.outliers->micro_block,
                 [&](Scope& block, Index f) {
                   block.generate_for("gen_column", "j", columns, [&](Scope& s, Index j) {
                     build_merge(s, d, n, 0, f * columns + j, f);
                     if (d.mode2) build_merge(s, d, n, 1, f * columns + j, f);
                   });
                 });
  return m;
}

Module build_recon_input(const Dimensions& d) {
  Module m(
      "msq_recon_input",
      "Register behind the column bus. Column groups of a sync group arrive one cycle after another; the "
      "earlier ones wait for the last.");
  m.block("ReCoN routing");
  const Expr clk = m.input("clk_i", u(1), "clock");
  const int group_bits = d.skew_columns * d.product_bits;
  const Expr products = m.input("products_i", u(d.cols * d.product_bits), "column bus, products");
  const Expr x = m.input("x_i", u(d.recon->sync_groups * d.act_bits), "column bus, activations");
  const Expr products_out = m.output("products_o", u(d.cols * d.product_bits), "one sync group at one time");
  const Expr x_out = m.output("x_o", u(d.recon->sync_groups * d.act_bits), "activation of each sync group");
  for (int j = 0; j < d.recon->sync_steps; ++j) {
    const int stages = d.recon->sync_steps - j;
    m.generate_for(fmt::format("gen_group{}", j), "q", d.recon->sync_groups, [&](Scope& s, Index q) {
      const Index base = q * (d.recon->sync_steps * group_bits) + j * group_bits;
      const Expr line =
          s.reg(fmt::format("products{}_q", j), u(stages * group_bits), fmt::format("{} cycle(s)", stages));
      s.flip_flops(clk, {}, {shift(line, slice(products, base, group_bits), stages)});
      s.assign(slice(products_out, base, group_bits), slice(line, (stages - 1) * group_bits, group_bits));
    });
  }
  m.generate_for("gen_x", "q", d.recon->sync_groups, [&](Scope& s, Index q) {
    const Expr line = s.reg("x_q", u(d.recon->sync_steps * d.act_bits));
    s.flip_flops(clk, {}, {shift(line, slice(x, q * d.act_bits, d.act_bits), d.recon->sync_steps)});
    s.assign(slice(x_out, q * d.act_bits, d.act_bits),
             slice(line, (d.recon->sync_steps - 1) * d.act_bits, d.act_bits));
  });
  return m;
}

Module build_recon_output(const Dimensions& d) {
  Module m("msq_recon_output",
           "Register behind the merge. Gives the column groups of a sync group their skew back.");
  m.block("merge");
  const Expr clk = m.input("clk_i", u(1), "clock");
  const int group_bits = d.skew_columns * d.recon->addend_bits;
  const Expr addends = m.input("addends_i", u(d.cols * d.recon->addend_bits), "results of the merge");
  const Expr out = m.output("addends_o", u(d.cols * d.recon->addend_bits), "to the rows of the band");
  for (int j = 0; j < d.recon->sync_steps; ++j) {
    const int stages = j + 1;
    m.generate_for(fmt::format("gen_group{}", j), "q", d.recon->sync_groups, [&](Scope& s, Index q) {
      const Index base = q * (d.recon->sync_steps * group_bits) + j * group_bits;
      const Expr line =
          s.reg(fmt::format("addends{}_q", j), u(stages * group_bits), fmt::format("{} cycle(s)", stages));
      s.flip_flops(clk, {}, {shift(line, slice(addends, base, group_bits), stages)});
      s.assign(slice(out, base, group_bits), slice(line, (stages - 1) * group_bits, group_bits));
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
  Expr address = m.wire("fire_parity", reduce_or(n.fire & n.parity));
  if (d.recon->band_rows > 1) {
    const Expr index = m.wire("fire_index", u(d.recon->ram_address_bits - 1));
    m.instance(leaf("msq_onehot_encoder", {{"WIDTH", d.recon->band_rows}}), "u_fire_index",
               {{"onehot_i", n.fire}, {"index_o", index}});
    address = concat({address, index});
  }
  const int words = d.skew_groups + 1;
  n.address_q = m.reg("address_q", u(words * d.recon->ram_address_bits),
                      "word s: of the row that fired s+1 cycles ago");
  std::vector<FlipFlop> flops = {shift(n.address_q, address, words)};
  if (!n.mode4.empty()) {
    const Expr fire_mode4 = m.wire("fire_mode4", reduce_or(n.fire & n.mode4));
    n.mode4_q = m.reg("mode4_q", u(words + 1), "its mode");
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
  UnitNets n;
  n.clk = m.input("clk_i", u(1), "clock");
  const Expr rows =
      m.input("rows_i", u(d.recon->band_rows * d.recon->bus_bits), "bus word of row r of the band");
  n.fire =
      m.input("fire_i", u(d.recon->band_rows), "row r drives the bus in column group 0 two cycles later");
  const Expr waited =
      m.input("fire_waited_i", u(d.recon->band_rows), "token of row r was delayed by the schedule");
  n.parity = m.input("fire_parity_i", u(d.recon->band_rows), "parity of the tile of row r");
  if (d.mode2 && d.mode4) n.mode4 = m.input("fire_mode4_i", u(d.recon->band_rows), "mode of row r");
  const Expr write = m.input("write_i", u(1), "write settings");
  const Expr write_address =
      m.input("write_address_i", u(d.recon->ram_address_bits), "{parity, row in band}");
  const Expr settings_in = m.input("settings_i", u(d.recon->settings_bits), "settings of one row");
  const Expr out = m.output("addends_o", u(d.cols * d.recon->addend_bits), "addend of PE c, both lanes");
  const Expr fired = m.output("fired_o", u(1), "access by any row");
  const Expr waited_out = m.output("waited_o", u(1), "access for a token that the schedule delayed");
  const Expr clash = m.output("clash_o", u(1), "two accesses in one cycle: a schedule error");

  build_unit_control(m, d, n);
  m.assign(fired, reduce_or(n.fire));
  m.assign(waited_out, reduce_or(waited));
  m.assign(clash, d.recon->band_rows > 1 ? reduce_or(n.fire & (n.fire - lit(u(d.recon->band_rows), 1)))
                                         : lit(u(1), 0));

  m.section("Column bus and its register");
  const Expr bus = m.wire("bus", u(d.recon->bus_bits));
  m.instance(leaf("msq_column_bus", {{"ROWS", d.recon->band_rows}, {"WIDTH", d.recon->bus_bits}}), "u_bus",
             {{"rows_i", rows}, {"bus_o", bus}});
  const int product_total = d.cols * d.product_bits;
  const Expr products = m.wire("products", u(product_total));
  const Expr x = m.wire("x", u(d.recon->sync_groups * d.act_bits));
  m.instance(input, "u_input",
             {{"clk_i", n.clk},
              {"products_i", slice(bus, 0, product_total)},
              {"x_i", slice(bus, product_total, d.recon->sync_groups * d.act_bits)},
              {"products_o", products},
              {"x_o", x}});

  m.section("Settings, routing and merge of each sync group");
  const Expr merged = m.wire("merged", u(d.cols * d.recon->addend_bits));
  const int per_sync = d.recon->domains / d.recon->sync_groups;
  m.generate_for("gen_sync", "q", d.recon->sync_groups, [&](Scope& s, Index q) {
    const Expr settings = s.wire("settings", u(d.recon->ram_width));
    s.instance(leaf("msq_ram_1r1w", {{"WIDTH", d.recon->ram_width}, {"DEPTH", d.recon->ram_depth}}),
               "u_settings",
               {{"clk_i", n.clk},
                {"write_i", write},
                {"write_address_i", write_address},
                {"write_data_i", slice(settings_in, q * d.recon->ram_width, d.recon->ram_width)},
                {"read_address_i", slice(n.address_q,
                                         q * (d.recon->sync_steps * d.recon->ram_address_bits) +
                                             d.recon->sync_steps * d.recon->ram_address_bits,
                                         d.recon->ram_address_bits)},
                {"read_data_o", settings}});
    s.generate_for("gen_domain", "k", per_sync, [&](Scope& domain, Index k) {
      const Index index = q * per_sync + k;
      std::vector<std::pair<std::string, Expr>> ports = {
          {"settings_i", slice(settings, k * d.recon->domain_settings_bits, d.recon->domain_settings_bits)},
          {"x_i", slice(x, q * d.act_bits, d.act_bits)},
          {"products_i", slice(products, index * (d.recon->domain_columns * d.product_bits),
                               d.recon->domain_columns * d.product_bits)},
          {"addends_o", slice(merged, index * (d.recon->domain_columns * d.recon->addend_bits),
                              d.recon->domain_columns * d.recon->addend_bits)}};
      if (!n.mode4_q.empty())
        ports.emplace_back("mode4_i", bit(n.mode4_q, q * d.recon->sync_steps + d.recon->sync_steps + 1));
      domain.instance(lanes, "u_lanes", ports);
    });
  });
  m.instance(output, "u_output", {{"clk_i", n.clk}, {"addends_i", merged}, {"addends_o", out}});
  return m;
}

}  // namespace msq::arch
