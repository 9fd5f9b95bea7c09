#include "gen/arch/dimensions.hpp"

#include <algorithm>
#include <bit>

#include "gen/arch/paths/path.hpp"
#include "gen/config/fields.hpp"

namespace msq {

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
  places = mode2 ? config.row_places(2) : 1;
  outlier_path = config.outlier_path;
  path = &arch::path_of(outlier_path);
  encoding = &encoding_traits(config.encoding);
  fraction_bits = config.fraction_bits;
  sum_fraction_bits = config.has_outliers() ? fraction_bits : 0;
  acc_bits = config.acc_width();
  exact_acc_bits = std::max(acc_bits, config.exact_acc_bits());
  sum_bits = acc_bits - fraction_bits + sum_fraction_bits;
  tree_rows = config.rows_per_tree();
  bands = rows / tree_rows;
  p1_bits = act_bits + encoding->product_extra_bits;
  p0_bits = mode4 ? act_bits + 3 : p1_bits;
  x1_bits = places == 1 ? 0 : act_bits + (mode4 ? 2 : 0);
  product_bits = p0_bits + 1 + (mode2 ? p1_bits + 1 : 0);
  skew_columns = config.skew_columns;
  skew_groups = cols / skew_columns;

  path->set_sizes(*this, config);
  pe_latency = tree_rows > 1 ? 3 : 2;
  latency = bands + lead + pe_latency + skew_groups;

  banks = lanes_per_pe == 2 && mode4 ? 2 : 1;
  unit = lanes / banks;
  block = std::max(lanes, 128);
  block_units = block / unit;
  unit_bits = std::max(1, log2_of(block_units));
  weight_beat = std::max(32, 4 * cols);
  activation_beat = rows * stream_act_bits;
  output_lanes = config.output_lanes();
  scale_wait = log2_of(output_lanes / 2) / 2;
  section_beats = std::max(1, lanes * 8 / weight_beat);
  unit_beats = std::max(1, unit * 8 / weight_beat);
  order_bits = (2 * log2_of(ways()) - 1) * ways() / 2;
  factor_bits = config.factor_bits();
  factor_mantissa = encoding->has_scale_factors ? config.scale_mantissa_bits : 0;
  factor_beats = std::max(1, lanes * 4 / weight_beat);
  entry_shift_bits = encoding->entry_shift_bits;
  const std::optional<int> shift =
      config.has_outliers() ? std::optional(config.accumulated_shift()) : std::nullopt;
  out_acc_bits = std::max(acc_bits, exact_sum_bits(config, rows, shift)) + factor_bits + 21;
  tokens = config.top.tokens;
  act_words = config.top.act_words;
  weight_fifo = config.top.weight_fifo;
  sum_delay = factor_bits > 0 ? 3 : 2;  // factors have a stage of their own
  const int on_the_way = latency / (rows + 2) + 3;
  slots = static_cast<int>(std::bit_ceil(static_cast<unsigned>(on_the_way)));
}

long Dimensions::memory_bits() const {
  long bits = 0;
  for (const Memory& memory : path->memories(*this)) bits += memory.bits();
  return bits;
}

}  // namespace msq
