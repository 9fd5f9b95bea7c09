#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gen/config/config.hpp"

/// What the loader and the validator share; users of a Config need config.hpp, load.hpp and validate.hpp
/// only.
namespace msq {

/// Longest name of a configuration; it becomes part of file names.
inline constexpr std::size_t kMaxNameLength = 64;

/// What a field may hold, in words for an error message. Limits that depend on other fields are filled in
/// from `config` and name the field they come from; for "acc_bits" the other fields must be valid.
/// @param key a key of the JSON form, "recon.units" for a nested one. @throws std::logic_error for any other.
[[nodiscard]] std::string allowed_values(const Config& config, std::string_view key);

/// "<key>: found <found>; allowed: <allowed>", the form of every message about a field.
[[nodiscard]] std::string field_error(std::string_view key, std::string_view found, std::string_view allowed);

/// True for 1 to kMaxNameLength letters, digits, '_', '-' or '.', starting with a letter, digit or '_'.
[[nodiscard]] bool is_safe_name(std::string_view name);

/// Text for a terminal: quotes as they are, other bytes outside printable ASCII as \xNN, cut to `max_length`
/// with "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_length = 60);

/// Width in bits, sign included, of a sum over `rows` products of the largest weights and activations of a
/// configuration, in partial-sum units (docs/numerics.md); without a shift, inliers only.
/// Rows, modes, act_bits and the shift must be in their ranges.
/// Rows, modes, act_bits and the shift must be in their ranges.
[[nodiscard]] int exact_sum_bits(const Config& config, int rows, std::optional<int> outlier_shift_max);

/// Narrowest acc_bits that is accepted: one inlier product must fit.
[[nodiscard]] int min_acc_bits(const Config& config);

/// Widest acc_bits that is accepted. On path recon it is the derived width. On path none it is the width that
/// any recon array of this shape can derive, so that a plain array can be built with the sums of a recon
/// array (none_twin).
[[nodiscard]] int max_acc_bits(const Config& config);

inline constexpr int kOutlierShiftLimit = 15;  ///< largest outlier_shift_max

}  // namespace msq
