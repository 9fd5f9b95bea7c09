// Walks over the table of fields that change no file format: readers, messages, documentation.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gen/config/fields.hpp"
#include "gen/config/text.hpp"

namespace msq {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

template <class T>
bool holds(const std::vector<T>& list, T value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

std::string_view top_level(std::string_view key) { return key.substr(0, key.find('.')); }

/// "a", "b" or "c"
std::string alternatives(const Choice& choice) {
  std::string text;
  for (std::size_t i = 0; i < choice.words.size(); ++i) {
    if (i > 0) text += i + 1 == choice.words.size() ? " or " : ", ";
    text += fmt::format("\"{}\"", choice.words[i].text);
  }
  return text;
}

std::string general_values(const Field& field) {
  const Choice* choice = std::get_if<Choice>(&field.member);
  return choice != nullptr ? alternatives(*choice) : field.values;
}

void reset(const Field& field, Config& config) {
  static const Config defaults;
  std::visit(Overloaded{[&](const Choice& choice) { choice.set(config, choice.get(defaults)); },
                        [&](const auto& member) { member.ref(config) = member.get(defaults); }},
             field.member);
}

std::string readers_text(const ReadBy& by) {
  std::vector<std::string> words;
  for (const OutlierPath path : by.paths) words.push_back(fmt::format("`{}`", outlier_path_name(path)));
  for (const Encoding encoding : by.encodings) words.push_back(fmt::format("`{}`", encoding_name(encoding)));
  return words.empty() ? "all" : fmt::format("{}", fmt::join(words, ", "));
}

std::string fallback_text(const Field& field) {
  return field.fallback.empty() ? value_text(field, Config{}) : std::string(field.fallback);
}

}  // namespace

std::string_view last_part(std::string_view key) { return key.substr(key.rfind('.') + 1); }

std::string_view word_of(const Choice& choice, const Config& config) {
  const auto word = std::find_if(choice.words.begin(), choice.words.end(),
                                 [&](const Choice::Word& w) { return w.value == choice.get(config); });
  return word == choice.words.end() ? "?" : word->text;
}

const std::vector<FieldGroup>& field_groups() {
  static const std::vector<FieldGroup> groups = [] {
    std::vector<FieldGroup> all;
    const std::span<const Field> table = fields();
    for (std::size_t first = 0; first < table.size();) {
      const std::string_view key = top_level(table[first].key);
      std::size_t end = first + 1;
      while (end < table.size() && top_level(table[end].key) == key) ++end;
      all.push_back({key, table.subspan(first, end - first)});
      first = end;
    }
    return all;
  }();
  return groups;
}

bool is_read(const Field& field, const Config& config) {
  return holds(field.read_by.paths, config.outlier_path) && holds(field.read_by.encodings, config.encoding);
}

bool is_read_on(std::string_view key, OutlierPath path) {
  const auto& groups = field_groups();
  const auto group = std::find_if(groups.begin(), groups.end(),
                                  [&](const FieldGroup& g) { return g.key == top_level(key); });
  return group == groups.end() || holds(group->fields.front().read_by.paths, path);
}

std::string unread_reason(const Field& field, const Config& config) {
  if (!holds(field.read_by.paths, config.outlier_path))
    return fmt::format("outlier_path is \"{}\"", outlier_path_name(config.outlier_path));
  return fmt::format("encoding is \"{}\"", encoding_name(config.encoding));
}

void reset_unread(Config& config) {
  for (const Field& field : fields()) {
    if (!is_read(field, config)) reset(field, config);
  }
}

std::string allowed_values(const Config& config, const Field& field) {
  return field.allowed != nullptr ? field.allowed(config) : general_values(field);
}

std::string allowed_values(const FieldGroup& object) {
  std::vector<std::string> keys;
  for (const Field& field : object.fields) keys.push_back(fmt::format("\"{}\"", last_part(field.key)));
  return fmt::format("an object with the key{} {}", keys.size() == 1 ? "" : "s",
                     fmt::join(keys, keys.size() == 2 ? " and " : ", "));
}

std::string value_text(const Field& field, const Config& config) {
  return std::visit(
      Overloaded{
          [&](const Choice& choice) { return fmt::format("\"{}\"", word_of(choice, config)); },
          [&](const Member<std::string>& m) { return fmt::format("\"{}\"", printable(m.get(config))); },
          [&](const Member<int>& m) { return std::to_string(m.get(config)); },
          [&](const Member<std::optional<int>>& m) {
            return m.get(config) ? std::to_string(*m.get(config)) : "null";
          },
          [&](const Member<std::vector<int>>& m) {
            return printable(fmt::format("[{}]", fmt::join(m.get(config), ", ")));
          }},
      field.member);
}

std::string value_text(const FieldGroup& group, const Config& config) {
  if (!group.is_object()) return value_text(group.fields.front(), config);
  std::vector<std::string> members;
  for (const Field& field : group.fields)
    members.push_back(fmt::format("\"{}\": {}", last_part(field.key), value_text(field, config)));
  return fmt::format("{{{}}}", fmt::join(members, ", "));
}

std::string field_error(std::string_view key, std::string_view found, std::string_view allowed) {
  return fmt::format("{}: found {}; allowed: {}", key, found, allowed);
}

std::string fields_markdown() {
  std::string text = "| key | values | default | read by | meaning |\n|---|---|---|---|---|\n";
  for (const Field& field : fields()) {
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", field.key, general_values(field),
                        fallback_text(field), readers_text(field.read_by), field.meaning);
  }
  return text;
}

}  // namespace msq
