#include "gen/config/serialize.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "gen/config/fields.hpp"

namespace msq {
namespace {

using OrderedJson = nlohmann::ordered_json;

/// A field's value as JSON. @param derived whether numbers that are derived are written out.
OrderedJson value_json(const Field& field, const Config& config, bool derived) {
  if (derived && field.in_use != nullptr) return (config.*field.in_use)();
  const auto json = [&](const auto& member) -> OrderedJson {
    using Kind = std::decay_t<decltype(member)>;
    if constexpr (std::is_same_v<Kind, Choice>) {
      return word_of(member, config);
    } else if constexpr (std::is_same_v<Kind, Member<std::optional<int>>>) {
      const std::optional<int>& value = member.get(config);
      return value ? OrderedJson(*value) : OrderedJson(nullptr);
    } else {
      return member.get(config);
    }
  };
  return std::visit(json, field.member);
}

bool is_written(const Field& field, const Config& config) {
  return field.is_written != nullptr ? field.is_written(config) : is_read(field, config);
}

bool is_hashed(const Field& field, const Config& config) {
  return is_written(field, config) && (field.is_hashed == nullptr || field.is_hashed(config));
}

/// The fields for which `is_wanted` holds, in the order of the table.
OrderedJson fields_json(const Config& config, bool derived, bool (*is_wanted)(const Field&, const Config&)) {
  OrderedJson json;
  for (const FieldGroup& group : field_groups()) {
    for (const Field& field : group.fields) {
      if (!is_wanted(field, config)) continue;
      OrderedJson& object = group.is_object() ? json[std::string(group.key)] : json;
      object[std::string(last_part(field.key))] = value_json(field, config, derived);
    }
  }
  return json;
}

std::uint64_t fnv1a_64(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

}  // namespace

std::string to_json(const Config& config) { return fields_json(config, false, is_written).dump(2) + "\n"; }

std::string to_json_with_derived(const Config& config) {
  return fields_json(config, true, is_written).dump(2) + "\n";
}

std::string config_hash(const Config& config) {
  return fmt::format("{:016x}", fnv1a_64(fields_json(config, true, is_hashed).dump()));
}

std::uint32_t short_config_hash(const Config& config) {
  return static_cast<std::uint32_t>(std::stoull(config_hash(config), nullptr, 16));
}

Config none_twin(const Config& config, Twin kind) {
  constexpr std::string_view kSuffix = "-none";
  Config twin = config;
  twin.name = config.name.substr(0, kMaxNameLength - kSuffix.size()) + std::string(kSuffix);
  twin.outlier_path = OutlierPath::none;
  reset_unread(twin);
  const int tree = kind == Twin::systolic ? 1 : config.rows_per_tree();
  twin.tree_rows = tree == 1 ? std::nullopt : std::optional(tree);
  const int derived = twin.exact_acc_bits();
  const int width = kind == Twin::own_sum_width ? std::min(config.acc_width(), derived) : config.acc_width();
  twin.acc_bits = width == derived ? std::nullopt : std::optional(width);
  return twin;
}

}  // namespace msq
