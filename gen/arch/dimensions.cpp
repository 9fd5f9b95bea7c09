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
  full_range = config.full_range();
  fraction_bits = config.fraction_bits;
  sum_fraction_bits = config.has_outliers() ? fraction_bits : 0;
  acc_bits = config.acc_width();
  sum_bits = acc_bits - fraction_bits + sum_fraction_bits;
  tree_rows = config.rows_per_tree();
  bands = rows / tree_rows;
  // -2 of two bits is one more than the magnitudes of the paper's; -8 of four bits fits with its sign apart.
  p1_bits = act_bits + (full_range ? 1 : 0);
  p0_bits = mode4 ? act_bits + 3 : p1_bits;
  product_bits = p0_bits + 1 + (mode2 ? p1_bits + 1 : 0);
  skew_columns = config.skew_columns;
  skew_groups = cols / skew_columns;

  if (config.has_outliers()) set_metadata(config);
  if (config.has_recon()) set_recon(config);
  if (config.has_inline()) set_inline(config);
  pe_latency = tree_rows > 1 ? 3 : 2;
  latency = bands + lead + pe_latency + skew_groups;

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
  permuter = (recon && band_rows > 1) || (inlined && tree_rows > 1);
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

void Dimensions::set_metadata(const Config& config) {
  outliers = true;
  micro_block = config.micro_block;
  locations = log2_of(micro_block);
  list_entries = config.list_entries();
  list_bits = list_entries * 2 * locations;
  shift_max = config.outlier_shift_max;
  shift_bits = bits_for(shift_max);
  group_fields = mode2 && mode4 ? 2 : 1;
  group_lanes = group_fields * micro_block;
  group_columns = group_lanes / lanes_per_pe;
  group_stages = log2_of(group_lanes);
  groups = cols / group_columns;
  fields = groups * group_fields;
}

void Dimensions::set_inline(const Config& config) {
  inlined = true;
  units_per_block = config.outlier_units();
  // +-(2^mb .. 2^(mb+1) - 1) in two's complement: 4 or 6 bits; with encoding full_range any of 2 bb bits.
  unit_sig0_bits = !mode4 ? 4 : full_range ? 8 : 6;
  unit_sig1_bits = 4;
  const int common = log2_of(tree_rows) + shift_bits;
  unit_word0_bits = unit_sig0_bits + common + log2_of(group_lanes);
  unit_word1_bits = unit_sig1_bits + common + locations;
  group_word_bits = units_per_block * (unit_word0_bits + (group_fields == 2 ? unit_word1_bits : 0));
  value0_bits = act_bits + unit_sig0_bits - 1 + shift_max;
  value1_bits = act_bits + unit_sig1_bits - 1 + shift_max;
  value_bits = value0_bits + 1 + (mode2 ? value1_bits + 1 : 0);
}

void Dimensions::set_recon(const Config& config) {
  recon = true;
  units = config.recon.units;
  band_rows = config.band_rows();
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
}

}  // namespace msq
