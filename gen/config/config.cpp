#include "gen/config/config.hpp"

#include <algorithm>
#include <bit>

#include "gen/config/fields.hpp"

namespace msq {
namespace {

/// Largest shift without the key, and on path `inline` that which every tile may hold.
constexpr int kUsualShift = 7;

int band_rows_up_to(int most, int rows) { return most == 1 ? 1 : std::min(most, rows / 2); }

}  // namespace

std::optional<OutlierPath> outlier_path_of(std::string_view name) {
  for (const OutlierPath path : kOutlierPaths) {
    if (outlier_path_name(path) == name) return path;
  }
  return std::nullopt;
}

std::string_view recon_span_name(ReconSpan span) {
  switch (span) {
    case ReconSpan::block:
      return "block";
    case ReconSpan::array:
      return "array";
  }
  return {};
}

bool Config::has_mode(int bits) const { return std::find(modes.begin(), modes.end(), bits) != modes.end(); }

int Config::most_tree_rows() const {
  return band_rows_up_to(outlier_path_traits(outlier_path).most_tree_rows, rows);
}

int Config::rows_per_tree() const {
  return tree_rows.value_or(band_rows_up_to(outlier_path_traits(outlier_path).tree_rows, rows));
}

int Config::outlier_units() const {
  return inlined.units_per_block.value_or(std::min(2, rows_per_tree() * list_entries()));
}

int Config::pass_tokens() const { return top.tokens.value_or(std::clamp(4 * rows, 16, 128)); }

int Config::output_lanes() const {
  int weights = 0;  // of a tile
  for (const int mode : modes) weights = std::max(weights, weights_per_tile(mode));
  const auto wanted = static_cast<int>(std::bit_floor(static_cast<unsigned>(weights / 128)));
  return top.output_lanes.value_or(std::clamp(wanted, 2, std::min(unit_columns(), 32)));
}

int Config::largest_shift() const {
  if (outlier_shift_max || !outlier_path_traits(outlier_path).splits_tiles)
    return outlier_shift_max.value_or(kUsualShift);
  constexpr int kLeast = 3;
  const int most_bits = acc_bits.value_or(
      std::max(exact_sum_bits(*this, 1, kLeast), exact_sum_bits(*this, rows, std::nullopt)));
  int shift = 0;
  while (shift < kUsualShift && exact_sum_bits(*this, 1, shift + 1) <= most_bits) ++shift;
  return shift;
}

int Config::accumulated_shift() const {
  const bool splits = outlier_path_traits(outlier_path).splits_tiles;
  return splits ? std::max(kUsualShift, largest_shift()) : largest_shift();
}

int Config::exact_acc_bits() const {
  return exact_sum_bits(*this, rows, has_outliers() ? std::optional(largest_shift()) : std::nullopt);
}

int Config::default_acc_bits() const {
  if (!outlier_path_traits(outlier_path).splits_tiles) return exact_acc_bits();
  return std::min(exact_acc_bits(), std::max(exact_sum_bits(*this, rows, std::nullopt),
                                             exact_sum_bits(*this, 1, largest_shift())));
}

int exact_sum_bits(const Config& config, int rows, std::optional<int> outlier_shift_max) {
  const EncodingTraits& encoding = encoding_traits(config.encoding);
  std::int64_t largest_weights = 0;  // of a PE
  for (const int mode : config.modes) {
    std::int64_t largest = encoding.largest_weight(mode) << config.fraction_bits;
    if (outlier_shift_max)
      largest = std::max(largest, encoding.largest_significand(mode) << *outlier_shift_max);
    largest_weights = std::max(largest_weights, largest * config.row_places(mode));
  }
  const auto largest_sum =
      static_cast<std::uint64_t>(rows * std::int64_t{config.activation_max()} * largest_weights)
      << config.row_align_bits;
  return 1 + static_cast<int>(std::bit_width(largest_sum));
}

}  // namespace msq
