// Outlier path recon: the products of an outlier's halves meet in ReCoN. Its modules are in
// recon_modules.cpp.

#include <fmt/format.h>

#include <algorithm>

#include "gen/arch/paths/path.hpp"
#include "gen/arch/paths/recon_modules.hpp"
#include "gen/arch/paths/recon_sizes.hpp"
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
                       recon_span_name(c.recon.span), c.largest_shift());
  }

  std::optional<int> units(const Config& config) const override { return config.recon.units; }

  std::vector<Memory> memories(const Dimensions& d) const override {
    const ReconDimensions& r = *d.recon;
    // A loop of one iteration is none.
    const auto scope = [](const char* label, int count, int i) {
      return count == 1 ? std::string() : fmt::format("{}[{}].", label, i);
    };
    Memory settings{"ReCoN settings", r.units * r.sync_groups, r.ram_width, r.ram_depth};
    for (int unit = 0; unit < r.units; ++unit) {
      for (int group = 0; group < r.sync_groups; ++group) {
        settings.paths.push_back(scope("gen_unit", r.units, unit) + "u_recon." +
                                 scope("gen_sync", r.sync_groups, group) + "u_settings");
      }
    }
    return {settings};
  }

  std::vector<RowPort> row_ports(Module& m, const Dimensions& d) const override {
    using enum RowPort::Share;
    const ReconSizes r(m, d);
    return {{"fire_i", Direction::input, 1, row, "products of activation_i go to ReCoN",
             "products of row r go to ReCoN"},
            {"use_addend_i", Direction::input, 1, row, "column group 0 adds addends_i two cycles later",
             "row r adds the result of ReCoN two cycles later"},
            {"bus_o", Direction::output, r.bus_bits, row,
             "products and activations for the column bus; zero unless fired",
             "word of row r for the column bus of its unit"},
            {"addends_i", Direction::input, r.row_addend_bits, unit, "addend of PE c, both lanes, from ReCoN",
             "result of unit n for all PE columns"}};
  }

  std::optional<int> unit_rows(const Dimensions& d) const override { return d.recon->band_rows; }

  /// The word after the last group's is the activation beside the last group's products, if ReCoN needs it
  /// there.
  int activation_words(const Dimensions& d) const override {
    return std::max(d.skew_groups, (d.recon->sync_groups - 1) * d.recon->sync_steps + 2);
  }

  void add_registers(Module& m, const Dimensions& d, RowNets& n,
                     std::vector<FlipFlop>& flops) const override {
    const Constant words = Sizes(m, d).groups + 1;
    n.path["fire_q"] = m.reg("fire_q", u(words), "bit g+1: column group g drives the bus");
    n.path["use_addend_q"] = m.reg("use_addend_q", u(words), "bit g+1: column group g adds ReCoN's result");
    flops.push_back(shift(n.path["fire_q"], n.path.at("fire_i"), words));
    flops.push_back(shift(n.path["use_addend_q"], n.path.at("use_addend_i"), words));
  }

  void before_pes(Module& m, const Dimensions& d, RowNets& n) const override {
    n.path["products"] = m.wire("products", u(ReconSizes(m, d).row_product_bits), "{p1, s1, p0, s0} of PE c");
  }

  Interface pe(Module& m, const Dimensions& d) const override {
    const Sizes k(m, d);
    const ReconSizes r(m, d);
    leaves::Parameters parameters = {{"ACT_BITS", k.act_bits},
                                     {"MODE2", d.mode2},
                                     {"MODE4", d.mode4},
                                     {"SUM_BITS", k.sum_bits},
                                     {"ADDEND0_BITS", r.addend0_bits},
                                     {"ADDEND1_BITS", r.addend1_bits}};
    if (d.encoding->full_range_parameter != 0)
      parameters.emplace_back("FULL_RANGE", d.encoding->full_range_parameter);
    if (d.fraction_bits != 2) parameters.emplace_back("FRACTION_BITS", d.fraction_bits);
    return leaf("msq_pe_recon", parameters);
  }

  Connections pe_connections(Module& m, const Dimensions& d, const RowNets& n, const Index& group,
                             const Index& pe) const override {
    const ReconSizes r(m, d);
    return {{"x_i", word(n.x_q, group, Sizes(m, d).band_act_bits)},
            {"product_o", word(n.path.at("products"), pe, r.product_bits)},
            {"use_addend_i", bit(n.path.at("use_addend_q"), group + 1)},
            {"addend_i", word(n.path.at("addends_i"), pe, r.addend_bits)}};
  }

  void after_pes(Module& m, const Dimensions& d, RowNets& n) const override {
    m.section("Column bus: products of every PE, then one activation per sync group");
    const Sizes k(m, d);
    const ReconSizes r(m, d);
    const Constant group_bits = m.localparam("GROUP_PRODUCT_BITS", k.group_pes * r.product_bits,
                                             "bits of the products of a column group");
    const Expr& fire_q = n.path.at("fire_q");
    const Expr& bus = n.path.at("bus_o");
    m.generate_for("gen_drive", "g", k.groups, [&](Scope& s, const Index& g) {
      s.instance(leaf("msq_bus_driver", {{"WIDTH", group_bits}}), "u_products",
                 {{"drive_i", bit(fire_q, g + 1)},
                  {"d_i", word(n.path.at("products"), g, group_bits)},
                  {"bus_o", word(bus, g, group_bits)}});
    });
    m.comment("The activation beside a product is the one the next column group is about to use.");
    m.generate_for("gen_drive_x", "q", r.sync_groups, [&](Scope& s, const Index& q) {
      s.instance(leaf("msq_bus_driver", {{"WIDTH", k.act_bits}}), "u_activation",
                 {{"drive_i", bit(fire_q, q * r.sync_steps + 1)},
                  {"d_i", word(n.x_q, q * r.sync_steps + 1, k.act_bits)},
                  {"bus_o", slice(bus, r.row_product_bits + q * k.act_bits, k.act_bits)}});
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

  Interface wavefront(Module& m, const Dimensions& d) const override {
    const Sizes k(m, d);
    return leaf("msq_wavefront_recon", {{"ROWS", k.rows}, {"LEAD", k.lead}});
  }

  Connections wavefront_connections(Module& m, const Dimensions& d, CoreNets& n) const override {
    n.path["flagged"] = m.wire("flagged", u(1));
    for (const char* name : {"early", "fire", "fire_waited", "fire_parity", "use_addend"})
      n.path[name] = m.wire(name, u(Sizes(m, d).rows));
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

  Expr early(Module& /*m*/, const Dimensions& /*d*/, const CoreNets& n) const override {
    return n.path.at("early");
  }

  Connections array_connections(Module& m, const Dimensions& d, CoreNets& n) const override {
    const ReconSizes r(m, d);
    n.path["bus"] = m.wire("bus", u(Sizes(m, d).rows * r.bus_bits));
    n.path["addends"] = m.wire("addends", u(r.units * r.row_addend_bits));
    return {{"fire_i", n.path["fire"]},
            {"use_addend_i", n.path["use_addend"]},
            {"bus_o", n.path["bus"]},
            {"addends_i", n.path["addends"]}};
  }

  void after_array(Module& m, const Dimensions& d, CoreNets& n, const Parts& parts) const override {
    m.section("Outlier path: weight decoder and ReCoN units");
    const ReconSizes r(m, d);
    n.path["list_error"] = m.wire("list_error", u(1));
    n.path["write"] = m.wire("settings_write", u(r.units));
    n.path["address"] = m.wire("settings_address", u(r.address_bits));
    n.path["settings"] = m.wire("settings", u(r.settings_bits));
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
    for (const char* name : {"fired", "waited", "clash"}) n.path[name] = m.wire(name, u(r.units));
    add_units(m, d, n, parts.at("unit"));
  }

  std::vector<Expr> errors(const CoreNets& n) const override {
    return {n.path.at("gap_error"), reduce_or(n.path.at("clash")), n.path.at("list_error")};
  }

  bool counts_accesses() const override { return true; }

  void count_accesses(Module& m, const Dimensions& d, const CoreNets& n) const override {
    m.instance(leaf("msq_recon_counters", {{"UNITS", ReconSizes(m, d).units}}), "u_recon_counters",
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
    const ReconSizes r(m, d);
    m.generate_for("gen_unit", "n", r.units, [&](Scope& s, const Index& i) {
      Connections ports = {{"clk_i", n.clk},
                           {"rows_i", word(n.path.at("bus"), i, r.unit_rows * r.bus_bits)},
                           {"fire_i", word(n.path.at("fire"), i, r.unit_rows)},
                           {"fire_waited_i", word(n.path.at("fire_waited"), i, r.unit_rows)},
                           {"fire_parity_i", word(n.path.at("fire_parity"), i, r.unit_rows)},
                           {"write_i", bit(n.path.at("write"), i)},
                           {"write_address_i", n.path.at("address")},
                           {"settings_i", n.path.at("settings")},
                           {"addends_o", word(n.path.at("addends"), i, r.row_addend_bits)},
                           {"fired_o", bit(n.path.at("fired"), i)},
                           {"waited_o", bit(n.path.at("waited"), i)},
                           {"clash_o", bit(n.path.at("clash"), i)}};
      if (!n.mode4.empty()) ports.emplace_back("fire_mode4_i", word(n.mode4, i, r.unit_rows));
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
