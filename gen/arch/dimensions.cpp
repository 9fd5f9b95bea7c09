#include "gen/arch/dimensions.hpp"

#include <algorithm>
#include <bit>

namespace msq {
namespace {

int log2_of(int power) { return std::countr_zero(static_cast<unsigned>(power)); }

/// Bits to count from 0 to `largest`, at least 1.
int bits_for(int largest) {
  return std::max(1, static_cast<int>(std::bit_width(static_cast<unsigned>(largest))));
}

}  // namespace

Dimensions::Dimensions(const Config& config) {
  rows = config.rows;
  cols = config.cols;
  stream_act_bits = config.act_bits;
  act_bits = config.act_bits + config.row_align_bits;
  row_align_bits = config.row_align_bits;
  mode2 = config.has_mode(2);
  mode4 = config.has_mode(4);
  lanes_per_pe = config.lanes_per_pe();
  lanes = config.lanes();
  recon = config.has_recon();
  full_range = config.full_range();
  fraction_bits = config.fraction_bits;
  acc_bits = config.acc_width();
  sum_bits = recon ? acc_bits : acc_bits - fraction_bits;
  // -2 of two bits is one more than the magnitudes of the paper's; -8 of four bits fits with its sign apart.
  p1_bits = act_bits + (full_range ? 1 : 0);
  p0_bits = mode4 ? act_bits + 3 : p1_bits;
  product_bits = p0_bits + 1 + (mode2 ? p1_bits + 1 : 0);
  skew_columns = config.skew_columns;
  skew_groups = cols / skew_columns;

  if (recon) {
    units = config.recon.units;
    band_rows = config.band_rows();
    micro_block = config.micro_block;
    locations = log2_of(micro_block);
    list_entries = config.list_entries();
    list_bits = list_entries * 2 * locations;
    group_fields = mode2 && mode4 ? 2 : 1;
    group_lanes = group_fields * micro_block;
    group_columns = group_lanes / lanes_per_pe;
    group_stages = log2_of(group_lanes);
    groups = cols / group_columns;
    fields = groups * group_fields;
    domain_groups = config.recon.span == ReconSpan::array ? groups : 1;
    domain_columns = domain_groups * group_columns;
    domain_lanes = domain_groups * group_lanes;
    domain_stages = log2_of(domain_lanes);
    domains = groups / domain_groups;
    sync_columns = std::max(domain_columns, skew_columns);
    sync_groups = cols / sync_columns;
    sync_steps = sync_columns / skew_columns;
    // One register behind the bus, one behind the merge, and the wait for the last column of a sync group.
    lead = 2 + sync_steps - 1;
    shift_max = config.outlier_shift_max;
    shift_bits = bits_for(shift_max);
    moving_bits = (full_range ? p0_bits : act_bits + (mode4 ? 2 : 0)) + 1;
    merge0_bits = act_bits + (!mode4 ? 3 : full_range ? 7 : 5) + shift_max;
    merge1_bits = act_bits + 3 + shift_max;
    addend0_bits = std::min(merge0_bits, sum_bits);
    addend1_bits = std::min(merge1_bits, sum_bits);
    addend_bits = addend0_bits + (mode2 ? addend1_bits : 0);
    bus_bits = cols * product_bits + sync_groups * act_bits;
    shifts_bits = domain_groups * group_fields * shift_bits;
    roles_bits = 2 * domain_lanes;
    swaps_bits = domain_stages * domain_lanes / 2;
    domain_settings_bits = shifts_bits + roles_bits + swaps_bits;
    settings_bits = domains * domain_settings_bits;
    ram_width = settings_bits / sync_groups;
    ram_depth = 2 * band_rows;
    ram_address_bits = log2_of(ram_depth);
  } else {
    units = band_rows = micro_block = locations = list_entries = list_bits = group_columns = group_lanes =
        group_fields = 0;
    group_stages = groups = fields = domain_groups = domain_columns = domain_lanes = domain_stages = domains =
        0;
    sync_columns = sync_groups = sync_steps = lead = shift_max = shift_bits = moving_bits = 0;
    merge0_bits = merge1_bits = addend0_bits = addend1_bits = addend_bits = bus_bits = 0;
    shifts_bits = roles_bits = swaps_bits = domain_settings_bits = settings_bits = 0;
    ram_width = ram_depth = ram_address_bits = 0;
  }
  latency = rows + lead + 2 + skew_groups;

  banks = mode2 && mode4 ? 2 : 1;
  unit = lanes / banks;
  block = std::max(lanes, 128);
  block_units = block / unit;
  unit_bits = std::max(1, log2_of(block_units));
  weight_beat = std::max(32, 4 * cols);
  activation_beat = rows * stream_act_bits;
  output_lanes = config.output_lanes();
  section_beats = std::max(1, lanes * 8 / weight_beat);
  unit_beats = std::max(1, unit * 8 / weight_beat);
  permuter = recon && band_rows > 1;
  order_bits = (2 * log2_of(rows) - 1) * rows / 2;
  factor_bits = config.factor_bits();
  factor_mantissa = full_range ? config.scale_mantissa_bits : 0;
  factor_beats = std::max(1, lanes * 4 / weight_beat);
  entry_shift_bits = full_range ? 4 : 8;
  out_acc_bits = acc_bits + factor_bits + 21;
  tokens = config.top.tokens;
  act_words = config.top.act_words;
  weight_fifo = config.top.weight_fifo;
  const int on_the_way = latency / (rows + 2) + 3;
  slots = static_cast<int>(std::bit_ceil(static_cast<unsigned>(on_the_way)));
}

}  // namespace msq
