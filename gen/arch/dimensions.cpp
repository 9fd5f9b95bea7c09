#include "gen/arch/dimensions.hpp"

#include <algorithm>
#include <bit>

#include "gen/arch/paths/path.hpp"
#include "gen/config/fields.hpp"

namespace msq {

namespace {

constexpr int kTileCycles = 3;  // between two tokens of one address of the accumulators
constexpr int kRowFifo = 16;    // hides the way of a tile's first token to the rows that it frees
constexpr int kEntryBits = 16;  // of the weight stream

/// The buffers of the weight stream's parts hold those of a block of one tile at least.
void set_stream_sizes(Dimensions& d) {
  const auto words = [&](int bits) { return (bits + d.section_word - 1) / d.section_word; };
  const int header = words(64) + 1;
  const int section_words =
      header + 2 * words(8 * d.lanes) + words(4 * d.lanes) + words(d.order_bits) + words(4 * d.ways());
  const int least = std::max(2, d.weight_fifo / d.load_rows);
  const auto depth = [&](int bits) {
    const int beats = (bits + d.weight_beat - 1) / d.weight_beat;
    return static_cast<int>(std::bit_ceil(static_cast<unsigned>(std::max(beats, least))));
  };
  d.section_fifo = depth(section_words * d.section_word);
  d.entry_fifo = least;
  d.word_entries = 1;
  if (!d.outliers) return;
  d.word_entries = std::clamp(d.outliers->fields * d.load_rows / 8, 1, d.weight_beat / kEntryBits);
  // Path inline: at most those that find a unit. An outlier may need an entry more to get to it.
  const int micro_blocks = d.rows * d.outliers->fields;
  const int most =
      d.inlined ? d.bands * d.outliers->groups * d.inlined->units : micro_blocks * d.outliers->list_entries;
  d.entry_fifo = depth(kEntryBits * (most + micro_blocks / 15 + 1));
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
  load_rows = config.top.weight_rows;
  load_steps = rows / load_rows;

  path->set_sizes(*this, config);
  row_fifo = kRowFifo;
  row_bits = load_step_bits() + 2 + (recon ? 16 : 0);
  if (outliers) row_bits += outliers->fields * load_rows * (1 + 4 + outliers->list_bits);
  // The token reaches a band a cycle after the one above it; outlier units get their words a cycle later than
  // PEs. First tokens of two tiles are skew_groups + load_steps - early_steps cycles apart or more, as the
  // accumulators need three.
  if (!recon) {
    early_steps = std::min(
        {bands - (inlined ? 1 : 0), load_steps - 1, skew_groups + load_steps - kTileCycles, kRowFifo - 1});
  }
  follow_bits = static_cast<int>(std::bit_width(static_cast<unsigned>(early_steps + 1)));
  pe_latency = tree_rows > 1 ? 3 : 2;
  latency = bands + lead + pe_latency + skew_groups;

  banks = lanes_per_pe == 2 && mode4 ? 2 : 1;
  unit = lanes / banks;
  block = std::max(lanes, 128);
  block_units = block / unit;
  unit_bits = std::max(1, log2_of(block_units));
  weight_beat = std::max(32, 4 * cols * load_rows);
  section_word = std::max(32, 4 * cols);
  activation_beat = rows * stream_act_bits;
  output_lanes = config.output_lanes();
  scale_wait = log2_of(std::max(1, output_lanes / 2)) / 2;
  section_words = std::max(1, lanes * 8 / section_word);
  unit_words = std::max(1, unit * 8 / section_word);
  // With ReCoN rows are spread at will; elsewhere a row goes to another band, at its own place there.
  benes = recon.has_value();
  permuter_first = benes ? 0 : log2_of(tree_rows);
  permuter_bits = benes ? log2_of(ways()) : log2_of(bands);
  order_bits = (benes ? 2 * permuter_bits - 1 : permuter_bits) * ways() / 2;
  factor_bits = config.factor_bits();
  factor_mantissa = encoding->has_scale_factors ? config.scale_mantissa_bits : 0;
  factor_words = std::max(1, lanes * 4 / section_word);
  const std::optional<int> shift =
      config.has_outliers() ? std::optional(config.accumulated_shift()) : std::nullopt;
  out_acc_bits = std::max(acc_bits, exact_sum_bits(config, rows, shift)) + factor_bits + 21;
  tokens = config.pass_tokens();
  act_words = config.top.act_words;
  weight_fifo = config.top.weight_fifo;
  set_stream_sizes(*this);
  sum_delay = factor_bits > 0 ? 3 : 2;  // factors have a stage of their own
  const int on_the_way = latency / load_steps + 3;
  slots = static_cast<int>(std::bit_ceil(static_cast<unsigned>(on_the_way)));
}

long Dimensions::memory_bits() const {
  long bits = 0;
  for (const Memory& memory : path->memories(*this)) bits += memory.bits();
  return bits;
}

}  // namespace msq
