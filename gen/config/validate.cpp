#include "gen/config/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <string_view>

#include "gen/config/fields.hpp"

namespace msq {
namespace {

bool is_power_of_two(int value, int low, int high) {
  return value >= low && value <= high && std::has_single_bit(static_cast<unsigned>(value));
}

Result<> require(bool ok, const Config& config, std::string_view key, const std::string& found) {
  if (ok) return {};
  return Error(field_error(key, found, allowed_values(config, key)));
}

Result<> require(bool ok, const Config& config, std::string_view key, int found) {
  return require(ok, config, key, std::to_string(found));
}

Result<> check_shape(const Config& c) {
  const std::string name = fmt::format("\"{}\"", printable(c.name));
  return require(is_safe_name(c.name), c, "name", name)
      .and_then([&] { return require(is_power_of_two(c.rows, 4, 128), c, "rows", c.rows); })
      .and_then([&] { return require(is_power_of_two(c.cols, 4, 128), c, "cols", c.cols); });
}

Result<> check_modes(const Config& c) {
  using Modes = std::vector<int>;
  const bool ok = c.modes == Modes{2} || c.modes == Modes{4} || c.modes == Modes{2, 4};
  return require(ok, c, "modes", printable(fmt::format("[{}]", fmt::join(c.modes, ", "))));
}

/// A micro-block may not be wider than a tile in any supported mode.
Result<> check_micro_block(const Config& c) {
  Result<> own = require(is_power_of_two(c.micro_block, 4, 16), c, "micro_block", c.micro_block);
  if (!own) return own;
  const int narrowest_mode = c.has_mode(4) ? 4 : 2;
  const int columns = c.logical_columns(narrowest_mode);
  if (c.micro_block <= columns) return {};
  const std::string_view tile = narrowest_mode == 4 ? "cols" : "2 * cols";
  return Error(field_error(
      "micro_block", std::to_string(c.micro_block),
      fmt::format("at most {}, the logical columns of mode {} ({} with cols = {}); or cols of at least {}",
                  columns, narrowest_mode, tile, c.cols,
                  narrowest_mode == 4 ? c.micro_block : c.micro_block / 2)));
}

/// Fields that the outlier path does not read have their defaults.
Result<> check_unread(const Config& c) {
  const Config defaults;
  const std::string unread = fmt::format("the default, as nothing reads it when outlier_path is \"{}\"",
                                         outlier_path_name(c.outlier_path));
  if (!c.has_recon() && c.recon != defaults.recon) {
    const std::string_view span = c.recon.span == ReconSpan::block ? "block" : "array";
    const std::string found = fmt::format(R"({{"units": {}, "span": "{}"}})", c.recon.units, span);
    return Error(field_error("recon", found, unread));
  }
  if (!c.has_inline() && c.inlined != defaults.inlined) {
    const std::string found = fmt::format(R"({{"units_per_block": {}}})", *c.inlined.units_per_block);
    return Error(field_error("inline", found, unread));
  }
  if (c.has_outliers()) return {};
  if (c.outlier_shift_max != defaults.outlier_shift_max)
    return Error(field_error("outlier_shift_max", std::to_string(c.outlier_shift_max), unread));
  if (c.outliers_per_block)
    return Error(field_error("outliers_per_block", std::to_string(*c.outliers_per_block), unread));
  return {};
}

Result<> check_outlier_path(const Config& c) {
  return check_unread(c)
      .and_then(
          [&] { return require(is_power_of_two(c.recon.units, 1, c.rows), c, "recon.units", c.recon.units); })
      .and_then([&] {
        const bool ok = c.outlier_shift_max >= 0 && c.outlier_shift_max <= kOutlierShiftLimit;
        return require(ok, c, "outlier_shift_max", c.outlier_shift_max);
      })
      .and_then([&] {
        const bool ok = is_power_of_two(c.list_entries(), 1, c.micro_block / 2);
        return require(ok, c, "outliers_per_block", c.list_entries());
      })
      .and_then([&] {
        return require(is_power_of_two(c.outlier_units(), 1, 4), c, "inline.units_per_block",
                       c.outlier_units());
      })
      .and_then([&] {
        const int most = c.has_recon() ? 1 : std::min(8, c.rows / 2);
        return require(is_power_of_two(c.rows_per_tree(), 1, most), c, "tree_rows", c.rows_per_tree());
      });
}

Result<> check_encoding(const Config& c) {
  const bool fractions = c.fraction_bits == 2 || (c.full_range() && c.fraction_bits == 1);
  return require(fractions, c, "fraction_bits", c.fraction_bits).and_then([&]() -> Result<> {
    if (c.full_range() || c.scale_mantissa_bits == Config{}.scale_mantissa_bits) {
      const bool ok = c.scale_mantissa_bits >= 0 && c.scale_mantissa_bits <= 3;
      return require(ok, c, "scale_mantissa_bits", c.scale_mantissa_bits);
    }
    return Error(field_error("scale_mantissa_bits", std::to_string(c.scale_mantissa_bits),
                             "the default, as nothing reads it when encoding is \"paper\""));
  });
}

Result<> check_widths(const Config& c) {
  const bool skew_ok = is_power_of_two(c.skew_columns, 1, 8) && c.skew_columns <= c.cols;
  return require(skew_ok, c, "skew_columns", c.skew_columns)
      .and_then([&] { return require(c.act_bits == 4 || c.act_bits == 8, c, "act_bits", c.act_bits); })
      .and_then([&] {
        const int most = c.full_range() ? 0 : 7;
        return require(c.row_align_bits >= 0 && c.row_align_bits <= most, c, "row_align_bits",
                       c.row_align_bits);
      })
      .and_then([&] {
        // Only now are all fields that the widths derive from known to be good.
        if (!c.acc_bits) return Result<>{};
        const bool ok = *c.acc_bits >= min_acc_bits(c) && *c.acc_bits <= max_acc_bits(c);
        return require(ok, c, "acc_bits", *c.acc_bits);
      });
}

Result<> check_top(const Config& c) {
  const TopConfig& t = c.top;
  const int lanes = c.output_lanes();
  return require(is_power_of_two(t.tokens, 16, 1024), c, "top.tokens", t.tokens)
      .and_then([&] {
        return require(is_power_of_two(t.act_words, t.tokens, 1 << 20), c, "top.act_words", t.act_words);
      })
      .and_then([&] {
        const bool ok = is_power_of_two(lanes, 2, std::min(c.unit_columns(), 32));
        return require(ok, c, "top.output_lanes", lanes);
      })
      .and_then([&] {
        return require(is_power_of_two(t.weight_fifo, 2, 4096), c, "top.weight_fifo", t.weight_fifo);
      });
}

}  // namespace

Result<> validate(const Config& config) {
  return check_shape(config)
      .and_then([&] { return check_modes(config); })
      .and_then([&] { return check_micro_block(config); })
      .and_then([&] { return check_outlier_path(config); })
      .and_then([&] { return check_encoding(config); })
      .and_then([&] { return check_widths(config); })
      .and_then([&] { return check_top(config); });
}

}  // namespace msq
