#include "gen/config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "gen/config/fields.hpp"
#include "gen/config/parse_json.hpp"
#include "gen/config/text.hpp"
#include "gen/config/validate.hpp"
#include "support/files.hpp"

namespace msq {
namespace {

// --- known keys

std::vector<std::string_view> top_level_keys() {
  std::vector<std::string_view> keys;
  for (const FieldGroup& group : field_groups()) keys.push_back(group.key);
  return keys;
}

std::vector<std::string_view> member_keys(const FieldGroup& object) {
  std::vector<std::string_view> keys;
  for (const Field& field : object.fields) keys.push_back(field.key);
  return keys;
}

/// Keys of the top level first, as messages prefer those.
std::vector<std::string_view> all_keys() {
  std::vector<std::string_view> keys = top_level_keys();
  for (const FieldGroup& group : field_groups()) {
    if (!group.is_object()) continue;
    const auto members = member_keys(group);
    keys.insert(keys.end(), members.begin(), members.end());
  }
  return keys;
}

// --- fields

/// Reads JSON values into the members of `config`; the messages say what `config` allows so far.
class FieldReader {
 public:
  explicit FieldReader(Config& config) : config_(config) {}

  /// @param value of the field's key, or null if there is none.
  void read(const Field& field, const Json* value) {
    if (value == nullptr && field.required) refuse_field(field, "nothing (the key is required)");
    if (value == nullptr) return;
    std::visit([&](const auto& member) { read(field, member, *value); }, field.member);
  }

 private:
  void read(const Field& field, const Member<std::string>& member, const Json& value) {
    if (!value.is_string()) refuse_field(field, show(value));
    member.ref(config_) = value.get<std::string>();
  }

  void read(const Field& field, const Member<int>& member, const Json& value) {
    member.ref(config_) = to_int(field, value, value);
  }

  void read(const Field& field, const Member<std::optional<int>>& member, const Json& value) {
    member.ref(config_) = value.is_null() ? std::nullopt : std::optional(to_int(field, value, value));
  }

  void read(const Field& field, const Member<std::vector<int>>& member, const Json& value) {
    if (!value.is_array()) refuse_field(field, show(value));
    std::vector<int>& list = member.ref(config_);
    list.clear();
    for (const Json& element : value) list.push_back(to_int(field, element, value));
  }

  void read(const Field& field, const Choice& choice, const Json& value) {
    const auto word = std::find_if(choice.words.begin(), choice.words.end(),
                                   [&](const Choice::Word& w) { return value == w.text; });
    if (word == choice.words.end()) refuse_field(field, show(value));
    choice.set(config_, word->value);
  }

  /// @param whole what the message shows: the value itself, or the list it is an element of.
  [[nodiscard]] int to_int(const Field& field, const Json& value, const Json& whole) const {
    using Limits = std::numeric_limits<int>;
    if (!value.is_number_integer()) refuse_field(field, show(whole));
    const bool too_large =
        value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{Limits::max()};
    if (too_large || value.get<std::int64_t>() < Limits::min()) refuse_field(field, show(whole));
    return value.get<int>();
  }

  [[noreturn]] void refuse_field(const Field& field, std::string_view found) const {
    refuse(field.key, found, allowed_values(config_, field));
  }

  Config& config_;
};

const Json* find(const Json& object, std::string_view key) {
  const auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

/// A key that only another path or encoding reads is a misunderstanding, not a setting.
void refuse_unread(const FieldGroup& group, const Json& value, const Config& config) {
  const Field& field = group.fields.front();
  if (is_read(field, config) || field.accepted_unread) return;
  refuse(group.key, show(value),
         fmt::format("no such key when {}, as nothing would read it", unread_reason(field, config)));
}

void read_group(const FieldGroup& group, const Json& value, Config& config) {
  refuse_unread(group, value, config);
  FieldReader reader(config);
  if (!group.is_object()) return reader.read(group.fields.front(), &value);
  if (!value.is_object()) refuse(group.key, show(value), allowed_values(group));
  refuse_unknown_keys(value, member_keys(group), all_keys(), std::string(group.key) + ".");
  for (const Field& field : group.fields) reader.read(field, find(value, last_part(field.key)));
}

/// Reads the groups for whose first field `is_wanted` holds.
void read_groups(const Json& json, Config& config, bool (*is_wanted)(const Field&)) {
  for (const FieldGroup& group : field_groups()) {
    if (!is_wanted(group.fields.front())) continue;
    if (const Json* value = find(json, group.key)) read_group(group, *value, config);
  }
}

void require_valid(const Config& config) {
  if (const auto valid = validate(config); !valid) throw Refusal{valid.error()};
}

Config read_config(const Json& json, std::string_view default_name) {
  if (!json.is_object()) refuse("top level", show(json), "a JSON object");
  refuse_unknown_keys(json, top_level_keys(), all_keys());
  Config config;
  for (const Field& field : fields()) {
    if (field.required) FieldReader(config).read(field, find(json, field.key));
  }
  config.skew_columns = std::min(config.skew_columns, config.cols);
  config.name = is_safe_name(default_name) ? default_name : fmt::format("{}x{}", config.rows, config.cols);
  read_groups(json, config, [](const Field& field) { return !field.required && !field.reads_last; });
  require_valid(config);
  read_groups(json, config, [](const Field& field) { return field.reads_last; });
  require_valid(config);
  return config;
}

Result<Config> parse(std::string_view text, std::string_view source, std::string_view default_name) {
  try {
    if (text.size() > kMaxConfigBytes) {
      throw Refusal{fmt::format("found more than {} bytes; allowed: a configuration of at most 1 MiB",
                                kMaxConfigBytes)};
    }
    return read_config(parse_json(text), default_name);
  } catch (const Refusal& refusal) {
    return Error(fmt::format("{}: {}", source, refusal.message));
  }
}

}  // namespace

Result<Config> parse_config(std::string_view json_text, std::string_view source_name) {
  return parse(json_text, source_name, "");
}

Result<Config> load_config(const std::filesystem::path& path) {
  // One byte more than allowed shows that the file is too long, without reading all of it.
  MSQ_TRY(const std::string text, read_text(path, kMaxConfigBytes + 1));
  return parse(text, path.string(), path.stem().string());
}

}  // namespace msq
