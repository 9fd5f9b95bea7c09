// Outlier path recon: the products of an outlier's halves meet in ReCoN. Its modules are in
// recon_modules.cpp.

#include <fmt/format.h>

#include <algorithm>

#include "gen/arch/paths/path.hpp"
#include "gen/arch/paths/recon_modules.hpp"
#include "gen/arch/shift.hpp"

namespace msq::arch {

using namespace verilog;

namespace {

void set_domains(ReconDimensions& r, const Dimensions& d, ReconSpan span) {
  const MetadataDimensions& o = *d.outliers;
  r.domain_groups = span == ReconSpan::array ? o.groups : 1;
  r.domain_columns = r.domain_groups * o.group_columns;
  r.domain_lanes = r.domain_groups * o.group_lanes;
  r.domain_stages = log2_of(r.domain_lanes);
  r.domains = o.groups / r.domain_groups;
  r.sync_columns = std::max(r.domain_columns, d.skew_columns);
  r.sync_groups = d.cols / r.sync_columns;
  r.sync_steps = r.sync_columns / d.skew_columns;
}

void set_values(ReconDimensions& r, const Dimensions& d) {
  const int shift = d.outliers->shift_max;
  const EncodingTraits& e = *d.encoding;
  r.moving_bits = (e.moves_whole_product ? d.p0_bits : d.act_bits + (d.mode4 ? 2 : 0)) + 1;
  r.merge0_bits = d.act_bits + (d.mode4 ? e.merge4_extra_bits : 3) + shift;
  r.merge1_bits = d.act_bits + 3 + shift;
  r.addend0_bits = std::min(r.merge0_bits, d.sum_bits);
  r.addend1_bits = std::min(r.merge1_bits, d.sum_bits);
  r.addend_bits = r.addend0_bits + (d.mode2 ? r.addend1_bits : 0);
  r.bus_bits = d.cols * d.product_bits + r.sync_groups * d.act_bits;
}

void set_settings(ReconDimensions& r, const MetadataDimensions& o) {
  r.shifts_bits = r.domain_groups * o.group_fields * o.shift_bits;
  r.roles_bits = 2 * r.domain_lanes;
  r.swaps_bits = r.domain_stages * r.domain_lanes / 2;
  r.domain_settings_bits = r.shifts_bits + r.roles_bits + r.swaps_bits;
  r.settings_bits = r.domains * r.domain_settings_bits;
  r.ram_width = r.settings_bits / r.sync_groups;
  r.ram_depth = 2 * r.band_rows;
  r.ram_address_bits = log2_of(r.ram_depth);
}

class ReconPath final : public Path {
 public:
  void set_sizes(Dimensions& d, const Config& config) const override {
    d.outliers = metadata_dimensions(d, config);
    ReconDimensions& r = d.recon.emplace();
    r.units = config.recon.units;
    r.band_rows = config.band_rows();
    set_domains(r, d, config.recon.span);
    set_values(r, d);
    set_settings(r, *d.outliers);
    // One register behind the bus, one behind the merge, and the wait for the last column of a sync group.
    d.lead = 2 + r.sync_steps - 1;
    d.permuter = r.band_rows > 1;
  }

  std::string summary(const Dimensions& d) const override {
    return fmt::format("{} ReCoN unit(s)", d.recon->units);
  }

  std::string describe(const Config& c) const override {
    return fmt::format("recon: {}, span {}, shift up to {}", counted(c.recon.units, "unit"),
                       recon_span_name(c.recon.span), c.outlier_shift_max);
  }

  std::optional<int> units(const Config& config) const override { return config.recon.units; }

  std::vector<Memory> memories(const Dimensions& d) const override {
    const ReconDimensions& r = *d.recon;
    return {{"ReCoN settings", r.units * r.sync_groups, r.ram_width, r.ram_depth}};
  }

  std::vector<RowPort> row_ports(const Dimensions& d) const override {
    using enum RowPort::Share;
    return {{"fire_i", Direction::input, 1, row, "the products of activation_i go to ReCoN",
             "the row's products go to ReCoN"},
            {"use_addend_i", Direction::input, 1, row, "two cycles from now, group 0 adds addends_i",
             "the row adds ReCoN's result two cycles from now"},
            {"bus_o", Direction::output, d.recon->bus_bits, row,
             "products and activations for the column bus; zero unless fired",
             "what row r drives on its unit's column bus"},
            {"addends_i", Direction::input, d.cols * d.recon->addend_bits, unit,
             "addend of PE c, both lanes, from ReCoN", "result of unit n for all PE columns"}};
  }

  std::optional<int> unit_rows(const Dimensions& d) const override { return d.recon->band_rows; }

  /// The word after the last group's is the activation beside the last group's products, if ReCoN needs it
  /// there.
  int activation_words(const Dimensions& d) const override {
    return std::max(d.skew_groups, (d.recon->sync_groups - 1) * d.recon->sync_steps + 2);
  }

  void add_registers(Module& m, const Dimensions& d, RowNets& n,
                     std::vector<FlipFlop>& flops) const override {
    const int words = d.skew_groups + 1;
    n.path["fire_q"] = m.reg("fire_q", u(words), "bit g+1: column group g drives the bus");
    n.path["use_addend_q"] = m.reg("use_addend_q", u(words), "bit g+1: column group g adds ReCoN's result");
    flops.push_back(shift(n.path["fire_q"], n.path.at("fire_i"), words));
    flops.push_back(shift(n.path["use_addend_q"], n.path.at("use_addend_i"), words));
  }

  void before_pes(Module& m, const Dimensions& d, RowNets& n) const override {
    n.path["products"] = m.wire("products", u(d.cols * d.product_bits), "{p1, s1, p0, s0} of PE c");
  }

  Interface pe(const Dimensions& d, leaves::Parameters parameters) const override {
    parameters.emplace_back("ADDEND0_BITS", d.recon->addend0_bits);
    parameters.emplace_back("ADDEND1_BITS", d.recon->addend1_bits);
    if (d.fraction_bits != 2) parameters.emplace_back("FRACTION_BITS", d.fraction_bits);
    return leaf("msq_pe_recon", parameters);
  }

  Connections pe_connections(const Dimensions& d, const RowNets& n, const Index& group,
                             const Index& pe) const override {
    const int addend = d.recon->addend_bits;
    return {{"product_o", slice(n.path.at("products"), pe * d.product_bits, d.product_bits)},
            {"use_addend_i", bit(n.path.at("use_addend_q"), group + 1)},
            {"addend_i", slice(n.path.at("addends_i"), pe * addend, addend)}};
  }

  void after_pes(Module& m, const Dimensions& d, RowNets& n) const override {
    m.section("Column bus: products of every PE, then one activation per sync group");
    const int group_bits = d.skew_columns * d.product_bits;
    const int steps = d.recon->sync_steps;
    const Expr& fire_q = n.path.at("fire_q");
    const Expr& bus = n.path.at("bus_o");
    m.generate_for("gen_drive", "g", d.skew_groups, [&](Scope& s, Index g) {
      s.instance(leaf("msq_bus_driver", {{"WIDTH", group_bits}}), "u_products",
                 {{"drive_i", bit(fire_q, g + 1)},
                  {"d_i", slice(n.path.at("products"), g * group_bits, group_bits)},
                  {"bus_o", slice(bus, g * group_bits, group_bits)}});
    });
    const int x_base = d.cols * d.product_bits;
    m.comment("The activation beside a product is the one the next column group is about to use.");
    m.generate_for("gen_drive_x", "q", d.recon->sync_groups, [&](Scope& s, Index q) {
      s.instance(leaf("msq_bus_driver", {{"WIDTH", d.act_bits}}), "u_activation",
                 {{"drive_i", bit(fire_q, q * steps + 1)},
                  {"d_i", slice(n.x_q, (q * steps + 1) * d.act_bits, d.act_bits)},
                  {"bus_o", slice(bus, q * d.act_bits + x_base, d.act_bits)}});
    });
  }

  Parts add_modules(const Dimensions& d, const AddModule& add) const override {
    Parts parts = {{"decoder", add(build_decoder(d))}};
    const Interface network = add(build_network(d));
    const Interface lanes = add(build_lanes(d, network));
    const Interface input = add(build_recon_input(d));
    const Interface output = add(build_recon_output(d));
    parts["unit"] = add(build_recon_unit(d, input, lanes, output));
    return parts;
  }

  bool uses_schedule() const override { return true; }

  Interface wavefront(const Dimensions& d) const override {
    return leaf("msq_wavefront_recon", {{"ROWS", d.rows}, {"LEAD", d.lead}});
  }

  Connections wavefront_connections(Module& m, const Dimensions& d, CoreNets& n) const override {
    n.path["flagged"] = m.wire("flagged", u(1));
    for (const char* name : {"early", "fire", "fire_waited", "fire_parity", "use_addend"})
      n.path[name] = m.wire(name, u(d.rows));
    n.path["gap_error"] = m.wire("gap_error", u(1));
    return {{"load_row_i", n.load_row},
            {"load_parity_i", n.load_parity},
            {"load_flagged_i", n.path["flagged"]},
            {"launch_parity_i", n.launch_parity},
            {"launch_waited_i", n.launch_waited},
            {"early_o", n.path["early"]},
            {"fire_o", n.path["fire"]},
            {"fire_waited_o", n.path["fire_waited"]},
            {"fire_parity_o", n.path["fire_parity"]},
            {"use_addend_o", n.path["use_addend"]},
            {"error_o", n.path["gap_error"]}};
  }

  Expr early(const Dimensions& /*d*/, const CoreNets& n) const override { return n.path.at("early"); }

  Connections array_connections(Module& m, const Dimensions& d, CoreNets& n) const override {
    n.path["bus"] = m.wire("bus", u(d.rows * d.recon->bus_bits));
    n.path["addends"] = m.wire("addends", u(d.recon->units * d.cols * d.recon->addend_bits));
    return {{"fire_i", n.path["fire"]},
            {"use_addend_i", n.path["use_addend"]},
            {"bus_o", n.path["bus"]},
            {"addends_i", n.path["addends"]}};
  }

  void after_array(Module& m, const Dimensions& d, CoreNets& n, const Parts& parts) const override {
    m.section("Outlier path: weight decoder and ReCoN units");
    n.path["list_error"] = m.wire("list_error", u(1));
    n.path["write"] = m.wire("settings_write", u(d.recon->units));
    n.path["address"] = m.wire("settings_address", u(d.recon->ram_address_bits));
    n.path["settings"] = m.wire("settings", u(d.recon->settings_bits));
    m.instance(parts.at("decoder"), "u_decoder",
               {{"clk_i", n.clk},
                {"rst_ni", n.rst_n},
                {"load_row_i", n.load_row},
                {"load_parity_i", n.load_parity},
                {"load_mode4_i", n.load_mode4},
                {"has_outliers_i", n.has},
                {"mx_scale_i", n.scale},
                {"list_i", n.list},
                {"flagged_o", n.path["flagged"]},
                {"error_o", n.path["list_error"]},
                {"write_o", n.path["write"]},
                {"address_o", n.path["address"]},
                {"settings_o", n.path["settings"]}});
    for (const char* name : {"fired", "waited", "clash"}) n.path[name] = m.wire(name, u(d.recon->units));
    add_units(m, d, n, parts.at("unit"));
  }

  std::vector<Expr> errors(const CoreNets& n) const override {
    return {n.path.at("gap_error"), reduce_or(n.path.at("clash")), n.path.at("list_error")};
  }

  bool counts_accesses() const override { return true; }

  void count_accesses(Module& m, const Dimensions& d, const CoreNets& n) const override {
    m.instance(leaf("msq_recon_counters", {{"UNITS", d.recon->units}}), "u_recon_counters",
               {{"clk_i", n.clk},
                {"rst_ni", n.rst_n},
                {"clear_i", n.clear},
                {"fired_i", n.path.at("fired")},
                {"waited_i", n.path.at("waited")},
                {"accesses_o", n.accesses},
                {"waits_o", n.waits}});
  }

 private:
  static void add_units(Module& m, const Dimensions& d, const CoreNets& n, const Interface& unit) {
    const int rows = d.recon->band_rows;
    const int addends = d.cols * d.recon->addend_bits;
    const int bus = rows * d.recon->bus_bits;
    m.generate_for("gen_unit", "n", d.recon->units, [&](Scope& s, Index i) {
      const Index row = i * rows;
      Connections ports = {{"clk_i", n.clk},
                           {"rows_i", slice(n.path.at("bus"), i * bus, bus)},
                           {"fire_i", slice(n.path.at("fire"), row, rows)},
                           {"fire_waited_i", slice(n.path.at("fire_waited"), row, rows)},
                           {"fire_parity_i", slice(n.path.at("fire_parity"), row, rows)},
                           {"write_i", bit(n.path.at("write"), i)},
                           {"write_address_i", n.path.at("address")},
                           {"settings_i", n.path.at("settings")},
                           {"addends_o", slice(n.path.at("addends"), i * addends, addends)},
                           {"fired_o", bit(n.path.at("fired"), i)},
                           {"waited_o", bit(n.path.at("waited"), i)},
                           {"clash_o", bit(n.path.at("clash"), i)}};
      if (!n.mode4.empty()) ports.emplace_back("fire_mode4_i", slice(n.mode4, row, rows));
      s.instance(unit, "u_recon", ports);
    });
  }
};

}  // namespace

const Path& recon_path() {
  static const ReconPath path;
  return path;
}

}  // namespace msq::arch
