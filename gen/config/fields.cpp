#include "gen/config/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace msq {
namespace {

bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

std::string allowed_acc_bits(const Config& config) {
  const std::string_view why = config.has_outliers()
                                   ? "the width in which no partial sum can overflow"
                                   : "the widest that an array with outliers of this shape can need";
  return fmt::format("null (derived), or an integer from {} (one product) to {} ({})", min_acc_bits(config),
                     max_acc_bits(config), why);
}

}  // namespace

int min_acc_bits(const Config& config) { return exact_sum_bits(config, 1, std::nullopt); }

int max_acc_bits(const Config& config) {
  return config.has_outliers() ? config.derived_acc_bits()
                               : exact_sum_bits(config, config.rows, kOutlierShiftLimit);
}

std::string allowed_values(const Config& config, std::string_view key) {
  if (key == "name") {
    return fmt::format("1 to {} letters, digits, '_', '-' or '.', starting with a letter, digit or '_'",
                       kMaxNameLength);
  }
  if (key == "rows" || key == "cols") return "a power of two from 4 to 128";
  if (key == "modes") return "[2], [4] or [2, 4]";
  if (key == "micro_block") return "4, 8 or 16";
  if (key == "outlier_path") return R"("recon", "inline" or "none")";
  if (key == "recon") return R"(an object with the keys "units" and "span")";
  if (key == "inline") return R"(an object with the key "units_per_block")";
  if (key == "inline.units_per_block") return "null (derived), 1, 2 or 4";
  if (key == "tree_rows") {
    return fmt::format(
        "null (derived), or 1, 2, 4 or 8, at most half of rows, which is {}; 1 when outlier_path is "
        "\"recon\"",
        config.rows);
  }
  if (key == "recon.units") return fmt::format("a power of two from 1 to rows, which is {}", config.rows);
  if (key == "recon.span") return R"("block" or "array")";
  if (key == "skew_columns") return fmt::format("1, 2, 4 or 8, and at most cols, which is {}", config.cols);
  if (key == "encoding") return R"("paper" or "full_range")";
  if (key == "outliers_per_block") {
    return fmt::format("a power of two from 1 to {}, half the micro-block", config.micro_block / 2);
  }
  if (key == "fraction_bits") return config.full_range() ? "1 or 2" : "2, as encoding \"paper\" has quarters";
  if (key == "scale_mantissa_bits") return "an integer from 0 to 3";
  if (key == "outlier_shift_max") return fmt::format("an integer from 0 to {}", kOutlierShiftLimit);
  if (key == "act_bits") return "4 or 8";
  if (key == "row_align_bits") {
    return config.full_range() ? "0, as encoding \"full_range\" has no macro-blocks along the outputs"
                               : "an integer from 0 to 7";
  }
  if (key == "top") return R"(an object with the keys "tokens", "act_words", "output_lanes", "weight_fifo")";
  if (key == "top.tokens") return "a power of two from 16 to 1024";
  if (key == "top.act_words") {
    return fmt::format("a power of two from top.tokens, which is {}, to 1048576", config.top.tokens);
  }
  if (key == "top.output_lanes") {
    return fmt::format(
        "null (derived), or a power of two from 2 to {} (columns of an accumulator bank, at most 32)",
        std::min(config.unit_columns(), 32));
  }
  if (key == "top.weight_fifo") return "a power of two from 2 to 4096";
  if (key == "acc_bits") return allowed_acc_bits(config);
  throw std::logic_error(fmt::format("allowed_values: no key \"{}\"", key));
}

std::string field_error(std::string_view key, std::string_view found, std::string_view allowed) {
  return fmt::format("{}: found {}; allowed: {}", key, found, allowed);
}

bool is_safe_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameLength) return false;
  if (name.front() == '-' || name.front() == '.') return false;  // an option, a hidden file or a path
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.'; });
}

std::string printable(std::string_view text, std::size_t max_length) {
  std::string out;
  for (const char c : text) {
    if (out.size() >= max_length) return out + "...";
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace msq
