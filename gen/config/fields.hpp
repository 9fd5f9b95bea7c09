#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gen/config/config.hpp"
#include "gen/config/field.hpp"

/// The one table of configuration keys. Loader, validator, canonical JSON, hash, plain twin, sweeps and
/// docs/user/configuration.md walk it; users of a Config need config.hpp, load.hpp and validate.hpp only.
namespace msq {

/// Every key, in the order of the canonical JSON.
[[nodiscard]] const std::vector<Field>& fields();
/// The same as keys of the top level.
[[nodiscard]] const std::vector<FieldGroup>& field_groups();

/// "units" of "recon.units".
[[nodiscard]] std::string_view last_part(std::string_view key);
/// The word of a choice that a configuration has.
[[nodiscard]] std::string_view word_of(const Choice& choice, const Config& config);

/// Whether the configuration's path and encoding read a field.
[[nodiscard]] bool is_read(const Field& field, const Config& config);
/// Whether a path reads a key, of a field or of an object; true for keys that are not in the table.
[[nodiscard]] bool is_read_on(std::string_view key, OutlierPath path);
/// Why is_read is false: `outlier_path is "none"` or `encoding is "paper"`.
[[nodiscard]] std::string unread_reason(const Field& field, const Config& config);
/// Gives the fields that are not read the values of Config{}.
void reset_unread(Config& config);

/// Allowed values of a field, in words for an error message. Limits that depend on other fields are filled in
/// from `config` and name the field they come from; those of "acc_bits" need the other fields valid.
[[nodiscard]] std::string allowed_values(const Config& config, const Field& field);
/// "an object with the keys ..".
[[nodiscard]] std::string allowed_values(const FieldGroup& object);
/// A value as messages show it: JSON with a space after each comma.
[[nodiscard]] std::string value_text(const Field& field, const Config& config);
[[nodiscard]] std::string value_text(const FieldGroup& group, const Config& config);

/// "<key>: found <found>; allowed: <allowed>", the form of every message about a field.
[[nodiscard]] std::string field_error(std::string_view key, std::string_view found, std::string_view allowed);

/// The table as Markdown: key, values, default, readers, meaning.
[[nodiscard]] std::string fields_markdown();

/// Width in bits, sign included, of a sum over `rows` products of the largest weights and activations of a
/// configuration, in partial-sum units (docs/reference/numerics.md); without a shift, inliers only.
/// Rows, modes, act_bits and the shift must be in their ranges.
[[nodiscard]] int exact_sum_bits(const Config& config, int rows, std::optional<int> outlier_shift_max);

/// Narrowest acc_bits that is accepted: one inlier product must fit.
[[nodiscard]] int min_acc_bits(const Config& config);

/// Widest acc_bits that is accepted: with outliers the derived width. On path none it is the width that any
/// array with outliers of this shape can derive, so that a plain array can be built with the sums of such an
/// array (none_twin).
[[nodiscard]] int max_acc_bits(const Config& config);

inline constexpr int kOutlierShiftLimit = 15;  ///< largest outlier_shift_max

}  // namespace msq
