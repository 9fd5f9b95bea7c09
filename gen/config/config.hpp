#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gen/encodings/encoding.hpp"

namespace msq {

/// How outliers are computed: not at all (the plain array that serves as the area baseline), by routing the
/// products of their halves through ReCoN (the paper), or by units beside the rows that multiply joined
/// halves.
enum class OutlierPath { none, recon, inlined };
/// All of them, in the order of messages.
inline constexpr OutlierPath kOutlierPaths[] = {OutlierPath::recon, OutlierPath::inlined, OutlierPath::none};
/// How far a value can travel in ReCoN: inside its micro-block, or over the whole array (the paper's
/// topology).
enum class ReconSpan { block, array };
inline constexpr ReconSpan kReconSpans[] = {ReconSpan::block, ReconSpan::array};

/// Properties of an outlier path that configurations need; those of the hardware are in its strategy
/// (gen/arch/paths).
struct OutlierPathTraits {
  std::string_view name;     ///< as in configuration files
  std::string_view meaning;  ///< how outliers are computed, for the documentation
  bool has_outliers = true;
  int mode2_columns = 1;      ///< columns of a PE in mode 2; with 1 its two weights are two places of K
  bool splits_tiles = false;  ///< what does not fit runs in further tiles of the same rows
  int most_tree_rows = 1;     ///< most rows of a band (also half of the array's rows); 1: no trees
  int tree_rows = 1;          ///< rows of a band, unless given (also at most half of the array's rows)
};
[[nodiscard]] constexpr OutlierPathTraits outlier_path_traits(OutlierPath path) {
  switch (path) {
    case OutlierPath::none:
      return {.name = "none", .meaning = "not at all", .has_outliers = false, .most_tree_rows = 16};
    case OutlierPath::recon:
      return {.name = "recon", .meaning = "by the paper's network", .mode2_columns = 2};
    case OutlierPath::inlined:
      return {.name = "inline",
              .meaning = "by units beside the rows that multiply joined halves at full rate",
              .splits_tiles = true,
              .most_tree_rows = 16,
              .tree_rows = 8};
  }
  return {};
}

// Names as in configuration files.
[[nodiscard]] constexpr std::string_view outlier_path_name(OutlierPath path) {
  return outlier_path_traits(path).name;
}
[[nodiscard]] std::optional<OutlierPath> outlier_path_of(std::string_view name);
[[nodiscard]] std::string_view recon_span_name(ReconSpan span);

/// Longest name of a configuration; it becomes part of file names.
inline constexpr std::size_t kMaxNameLength = 64;

/// ReCoN instances and their reach; read only when the outlier path is `recon`.
struct ReconConfig {
  int units = 1;  ///< ReCoN instances, each serving rows / units consecutive rows
  ReconSpan span = ReconSpan::block;
  friend bool operator==(const ReconConfig&, const ReconConfig&) = default;
};

/// Outlier units; read only when the outlier path is `inline`.
struct InlineConfig {
  /// Outliers that a micro-block of a band can hold, 1, 2 or 4, if not the derived number.
  std::optional<int> units_per_block;
  friend bool operator==(const InlineConfig&, const InlineConfig&) = default;
};

/// The logic around the core in the accelerator's top module. Of it the core has the rows of its load port.
struct TopConfig {
  /// Most tokens of a pass, a power of two, if not the derived number: depth of the output accumulators.
  std::optional<int> tokens;
  int act_words =
      4096;  ///< words of `rows` activations in each half of the activation buffer, a power of two
  std::optional<int> output_lanes;  ///< outputs converted in a cycle, if not the derived number
  int weight_fifo = 64;             ///< beats of the weight stream that wait, a power of two
  int weight_rows = 1;              ///< rows of weights in a beat of that stream, and of the core's load port
  friend bool operator==(const TopConfig&, const TopConfig&) = default;
};

/// The memory ports of the shell around the accelerator (docs/reference/soc.md).
struct ShellConfig {
  int data_bits = 128;    ///< bits of a word of the memory, a power of two from 32 to 512
  int address_bits = 40;  ///< bits of a byte address, 32 to 64
  int burst = 64;         ///< most beats of a burst, a power of two from 1 to 256
  int fifo = 128;         ///< words that each of the two readers and the writer hold, a power of two
  int outstanding = 8;    ///< most bursts of each that are under way, 1 to 255
  friend bool operator==(const ShellConfig&, const ShellConfig&) = default;
};

/// Everything a user chooses about one accelerator core. Everything else is derived from it, by the functions
/// below. A Config made by load_config / parse_config is valid; validate() says why a hand-made one is not.
struct Config {
  std::string name = "custom";
  int rows = 8;                     ///< physical PE rows, 4..128, a power of two
  int cols = 8;                     ///< physical PE columns, 4..128, a power of two
  std::vector<int> modes = {2, 4};  ///< bit budgets the array can run, ascending: {2}, {4} or {2, 4}
  int micro_block = 8;              ///< B_mu: 4, 8 or 16 logical columns
  OutlierPath outlier_path = OutlierPath::inlined;
  ReconConfig recon;
  InlineConfig inlined;
  /// Rows of a band, if not the derived number: their products are added in a tree before the partial sum
  /// passes, and on path `inline` they share the outlier units. 1 is the plain systolic column; 1 on path
  /// `recon`.
  std::optional<int> tree_rows;
  int skew_columns = 8;  ///< PE columns that share one activation register stage: 1, 2, 4, 8, at most cols
  Encoding encoding = Encoding::paper;
  std::optional<int> outliers_per_block;  ///< n_max, entries of a list, if not micro_block / 2
  int fraction_bits = 2;        ///< F: a partial sum counts in 2^-F inlier steps; 1 with full_range only
  int scale_mantissa_bits = 3;  ///< t, 0..3: mantissa bits of a scale; read with full_range only
  std::optional<int> outlier_shift_max;  ///< r_max, 0..15, if not that of the path
  int act_bits = 8;                      ///< activation width, 8 or 4
  int row_align_bits = 0;       ///< maximum left shift of a row's activations, in bits (axis `output`), 0..7
  std::optional<int> acc_bits;  ///< width of a partial-sum lane, if not default_acc_bits()
  TopConfig top;
  ShellConfig shell;

  [[nodiscard]] bool has_mode(int bits) const;
  /// Partial-sum lanes of a PE: 2 on path `recon` if mode 2 is supported, else 1.
  [[nodiscard]] int lanes_per_pe() const {
    return has_mode(2) ? outlier_path_traits(outlier_path).mode2_columns : 1;
  }
  /// Partial-sum lanes of the array: cols * lanes_per_pe().
  [[nodiscard]] int lanes() const { return cols * lanes_per_pe(); }
  /// Logical columns (outputs) of a tile in a mode: cols, but 2 * cols on path `recon` in mode 2.
  [[nodiscard]] int logical_columns(int mode) const { return mode == 2 ? lanes() : cols; }
  /// Places of K that a PE row holds in a mode: 2 in mode 2, but 1 on path `recon`.
  [[nodiscard]] int row_places(int mode) const { return mode == 2 ? 2 / lanes_per_pe() : 1; }
  /// Logical rows (places of K) of a tile in a mode.
  [[nodiscard]] int logical_rows(int mode) const { return rows * row_places(mode); }
  /// Weights of a tile in a mode: multiplications a cycle.
  [[nodiscard]] int weights_per_tile(int mode) const { return logical_rows(mode) * logical_columns(mode); }
  /// Bits of a stored weight word of one PE: 4, also in mode 2 (two 2-bit weights).
  [[nodiscard]] int weight_bits() const { return 4; }
  [[nodiscard]] bool has_outliers() const { return outlier_path_traits(outlier_path).has_outliers; }
  /// Entries of a permutation list: the most outliers of a micro-block.
  [[nodiscard]] int list_entries() const { return outliers_per_block.value_or(micro_block / 2); }
  /// outlier_shift_max if given, else 7, but less on path `inline`, which computes outliers with larger
  /// shifts in several tiles: the largest shift of which an outlier is no wider than acc_bits, else than the
  /// sums of inliers, but then at least 3.
  [[nodiscard]] int largest_shift() const;
  /// Largest shift of which outliers in every tile and row fit the output accumulators: on path `inline` at
  /// least 7, although larger ones than largest_shift() come in parts.
  [[nodiscard]] int accumulated_shift() const;
  /// Bits a partial sum grows by when the factor of its scale multiplies it: t + 1, or 0 without factors.
  [[nodiscard]] int factor_bits() const {
    return encoding_traits(encoding).has_scale_factors ? scale_mantissa_bits + 1 : 0;
  }
  /// Largest tree_rows: 1 on paths without trees, else min(8, rows / 2). Larger bands share more, and still
  /// load while the band before computes.
  [[nodiscard]] int most_tree_rows() const;
  /// tree_rows if given, else that of the path: min(8, rows / 2) on path `inline`, 1 on the others.
  [[nodiscard]] int rows_per_tree() const;
  /// inline.units_per_block if given, else 2, or 1 where a micro-block of a band cannot have more outliers.
  /// One unit is enough for most weights, but bands that need two would cost tiles (docs/results/area.md).
  [[nodiscard]] int outlier_units() const;
  /// Rows served by one ReCoN unit.
  [[nodiscard]] int band_rows() const { return rows / recon.units; }
  /// Smallest width in which no partial sum can overflow:
  /// 1 + bits of (rows * xmax * 2^row_align_bits * max(4 * qmax, Smax * 2^r_max)) over the supported modes,
  /// without the outlier term on path `none`; with encoding full_range max(2^F * -qmin, -Mmin * 2^r_max).
  [[nodiscard]] int exact_acc_bits() const;
  /// exact_acc_bits(), but on path `inline` what inliers need and one outlier, if that is less: columns
  /// beyond are split into several tiles (docs/results/area.md).
  [[nodiscard]] int default_acc_bits() const;
  /// acc_bits if given, else default_acc_bits().
  [[nodiscard]] int acc_width() const { return acc_bits.value_or(default_acc_bits()); }
  /// Columns that a bank of output accumulators takes of a token: cols with both modes (two banks), else all
  /// lanes.
  [[nodiscard]] int unit_columns() const { return modes.size() == 2 ? cols : lanes(); }
  /// top.tokens if given, else 4 * rows, 16 to 128: then a tile is loaded while the one before computes, and
  /// more tokens would seldom fit the activation buffer.
  [[nodiscard]] int pass_tokens() const;

  /// top.output_lanes if given, else lanes() * rows / 128 (2 to 32, at most unit_columns()): outputs then
  /// leave as fast as they come from K = 128 on.
  [[nodiscard]] int output_lanes() const;
  /// Largest activation magnitude, before a row's shift: 127 or 7.
  [[nodiscard]] int activation_max() const { return (1 << (act_bits - 1)) - 1; }

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace msq
