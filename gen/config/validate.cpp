#include "gen/config/validate.hpp"

#include <fmt/format.h>

#include <string_view>

#include "gen/config/fields.hpp"

namespace msq {
namespace {

/// A micro-block may not be wider than a tile in any supported mode.
Result<> check_micro_block(const Config& c) {
  const int narrowest_mode = c.has_mode(4) ? 4 : 2;
  const int columns = c.logical_columns(narrowest_mode);
  if (c.micro_block <= columns) return {};
  const int of_a_pe = columns / c.cols;
  const std::string_view tile = of_a_pe == 1 ? "cols" : "2 * cols";
  return Error(field_error(
      "micro_block", std::to_string(c.micro_block),
      fmt::format("at most {}, the logical columns of mode {} ({} with cols = {}); or cols of at least {}",
                  columns, narrowest_mode, tile, c.cols, c.micro_block / of_a_pe)));
}

/// A field that nothing reads has its default.
Result<> check_unread(const FieldGroup& group, const Config& config) {
  static const Config defaults;
  const Field& field = group.fields.front();
  if (is_read(field, config) || field.accepted_unread) return {};
  if (value_text(group, config) == value_text(group, defaults)) return {};
  return Error(
      field_error(group.key, value_text(group, config),
                  fmt::format("the default, as nothing reads it when {}", unread_reason(field, config))));
}

Result<> check_value(const Field& field, const Config& config) {
  if (field.is_valid == nullptr || field.is_valid(config)) return {};
  return Error(field_error(field.key, value_text(field, config), allowed_values(config, field)));
}

}  // namespace

Result<> validate(const Config& config) {
  for (const FieldGroup& group : field_groups()) {
    MSQ_CHECK(check_unread(group, config));
    for (const Field& field : group.fields) MSQ_CHECK(check_value(field, config));
  }
  return check_micro_block(config);
}

}  // namespace msq
