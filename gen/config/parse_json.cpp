#include "gen/config/parse_json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "gen/config/fields.hpp"
#include "gen/config/text.hpp"

namespace msq {

void refuse(std::string_view key, std::string_view found, std::string_view allowed) {
  throw Refusal{field_error(key, found, allowed)};
}

std::string show(const Json& value) {
  return printable(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

/// The known key that `key` most likely means, by its last part.
std::string_view nearest_key(std::string_view key, const std::vector<std::string_view>& known) {
  const std::string_view wanted = last_part(key).substr(0, 64);  // longer ones are near nothing
  std::string_view best;
  std::size_t best_distance = std::numeric_limits<std::size_t>::max();
  for (const std::string_view candidate : known) {
    const std::size_t distance = edit_distance(wanted, last_part(candidate));
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = candidate;
  }
  return best;
}

}  // namespace

void refuse_unknown_keys(const Json& object, const std::vector<std::string_view>& known,
                         const std::vector<std::string_view>& anywhere, std::string_view prefix) {
  for (const auto& item : object.items()) {
    const std::string key = std::string(prefix) + item.key();
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    refuse(printable(key), "an unknown key",
           fmt::format("{} (nearest: \"{}\")", fmt::join(known, ", "), nearest_key(key, anywhere)));
  }
}

namespace {

constexpr std::size_t kMaxDepth = 8;  // a valid configuration is two levels deep

/// Parser callback: refuses a key that is given twice (JSON would silently take one of them) and deep
/// nesting.
class StructureCheck {
 public:
  bool operator()(int /*depth*/, Json::parse_event_t event, Json& parsed) {
    switch (event) {
      case Json::parse_event_t::object_start:
      case Json::parse_event_t::array_start:
        if (levels_.size() >= kMaxDepth) {
          refuse(path(), fmt::format("more than {} nested levels", kMaxDepth), "an object of plain fields");
        }
        levels_.emplace_back();
        break;
      case Json::parse_event_t::object_end:
      case Json::parse_event_t::array_end:
        levels_.pop_back();
        break;
      case Json::parse_event_t::key:
        add_key(parsed.get<std::string>());
        break;
      case Json::parse_event_t::value:
        break;
    }
    return true;
  }

 private:
  void add_key(const std::string& key) {
    std::vector<std::string>& seen = levels_.back();
    const bool twice = std::find(seen.begin(), seen.end(), key) != seen.end();
    seen.push_back(key);
    if (twice) refuse(path(), "the key twice", "each key once");
    // Keeps the search above short; no level has this many keys that would not be refused later.
    if (seen.size() > 4 * field_groups().size())
      refuse("top level", fmt::format("{} keys and more", seen.size()),
             fmt::format("at most {}", field_groups().size()));
  }

  [[nodiscard]] std::string path() const {
    std::string joined;
    for (const std::vector<std::string>& level : levels_) {
      if (level.empty()) continue;
      if (!joined.empty()) joined += '.';
      joined += printable(level.back());
    }
    return joined.empty() ? "top level" : joined;
  }

  /// The keys seen so far in each open object; none for an array.
  std::vector<std::vector<std::string>> levels_;
};

/// The library's message after `marker`; the part before names its own exceptions.
std::string_view text_after(std::string_view message, std::string_view marker) {
  const auto at = message.find(marker);
  return at == std::string_view::npos ? message : message.substr(at + marker.size());
}

/// Line and column of byte number `byte` (the first is 1). The library counts wrongly after a newline it took
/// back.
std::string position(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("line {}, column {}", line, before.size() - line_start + 1);
}

}  // namespace

Json parse_json(std::string_view text) {
  constexpr std::string_view kAllowed = "one JSON object, without comments";
  try {
    StructureCheck check;
    return Json::parse(text.begin(), text.end(), std::ref(check));
  } catch (const Json::parse_error& error) {
    const std::string problem = printable(text_after(text_after(error.what(), "column "), ": "), 300);
    refuse(position(text, error.byte), problem, kAllowed);
  } catch (const Json::out_of_range& error) {  // a number like 1e999
    refuse("top level", printable(text_after(error.what(), "] ")), kAllowed);
  }
}

}  // namespace msq
