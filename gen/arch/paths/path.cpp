#include "gen/arch/paths/path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "gen/arch/sizes.hpp"

namespace msq::arch {

using namespace verilog;

// Each in its own file.
const Path& none_path();
const Path& recon_path();
const Path& inline_path();

const Path& path_of(OutlierPath path) {
  switch (path) {
    case OutlierPath::none:
      return none_path();
    case OutlierPath::recon:
      return recon_path();
    case OutlierPath::inlined:
      return inline_path();
  }
  throw std::logic_error("path_of: no such path");
}

Interface Path::wavefront(Module& m, const Dimensions& d) const {
  return leaf("msq_wavefront", {{"ROWS", Sizes(m, d).bands}});
}

Expr Path::early(Module& m, const Dimensions& d, const CoreNets&) const { return zeros(Sizes(m, d).bands); }

void Path::count_accesses(Module& m, const Dimensions&, const CoreNets& n) const {
  m.assign(n.accesses, zeros(32));
  m.assign(n.waits, zeros(32));
}

MetadataDimensions metadata_dimensions(const Dimensions& d, const Config& config) {
  MetadataDimensions o{};
  o.micro_block = config.micro_block;
  o.locations = log2_of(o.micro_block);
  o.list_entries = config.list_entries();
  o.list_bits = o.list_entries * 2 * o.locations;
  o.shift_max = config.largest_shift();
  o.shift_bits = std::max(1, static_cast<int>(std::bit_width(static_cast<unsigned>(o.shift_max))));
  // Two micro-blocks of a row in mode 2: side by side, or at its two places of K.
  o.group_fields = d.places == 2 || (d.mode2 && d.mode4) ? 2 : 1;
  o.group_lanes = d.places == 2 ? o.micro_block : o.group_fields * o.micro_block;
  o.group_columns = o.group_lanes / d.lanes_per_pe;
  o.group_stages = log2_of(o.group_lanes);
  o.groups = d.cols / o.group_columns;
  o.fields = o.groups * o.group_fields;
  return o;
}

std::string counted(int count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string tree_text(const Config& config) {
  return config.rows_per_tree() == 1 ? "" : fmt::format(", trees over {} rows", config.rows_per_tree());
}

Interface band_pe(Module& m, const Dimensions& d, const Constant& value_bits) {
  const Sizes k(m, d);
  leaves::Parameters parameters = {{"ACT_BITS", k.act_bits},
                                   {"MODE2", d.mode2},
                                   {"MODE4", d.mode4},
                                   {"ROWS", k.band_rows},
                                   {"LOAD_ROWS", k.load_rows},
                                   {"SUM_BITS", k.sum_bits},
                                   {"FRACTION_BITS", d.sum_fraction_bits},
                                   {"VALUE_BITS", value_bits}};
  if (d.encoding->full_range_parameter != 0)
    parameters.emplace_back("FULL_RANGE", d.encoding->full_range_parameter);
  return leaf("msq_pe_band", parameters);
}

Connections band_pe_connections(Module& m, const Dimensions& d, const RowNets& n, const Index& group) {
  const Sizes k(m, d);
  return {{"x0_i", word(n.x_q, group, k.band_act_bits)},
          {"x1_i", d.places == 1 ? zeros(k.band_rows) : word(n.x1_q, group, k.band_x1_bits)},
          {"next_x0_i", word(n.next_x, group, k.band_act_bits)},
          {"next_x1_i", d.places == 1 ? zeros(k.band_rows) : word(n.next_x1, group, k.band_x1_bits)}};
}

}  // namespace msq::arch
