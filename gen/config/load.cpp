#include "gen/config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "gen/config/fields.hpp"
#include "gen/config/validate.hpp"

namespace msq {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 19> kKeys = {"name",
                                                    "rows",
                                                    "cols",
                                                    "modes",
                                                    "micro_block",
                                                    "outlier_path",
                                                    "recon",
                                                    "inline",
                                                    "tree_rows",
                                                    "skew_columns",
                                                    "encoding",
                                                    "outliers_per_block",
                                                    "fraction_bits",
                                                    "scale_mantissa_bits",
                                                    "outlier_shift_max",
                                                    "act_bits",
                                                    "row_align_bits",
                                                    "acc_bits",
                                                    "top"};
constexpr std::array<std::string_view, 4> kTopKeys = {"top.tokens", "top.act_words", "top.output_lanes",
                                                      "top.weight_fifo"};
constexpr std::array<std::string_view, 2> kReconKeys = {"recon.units", "recon.span"};
constexpr std::array<std::string_view, 1> kInlineKeys = {"inline.units_per_block"};
constexpr std::size_t kMaxDepth = 8;  // a valid configuration is two levels deep

/// Why a text is no configuration. Thrown and caught in this file only: the readers below stop at the first
/// one.
struct Refusal {
  std::string message;
};

[[noreturn]] void refuse(std::string_view key, std::string_view found, std::string_view allowed) {
  throw Refusal{field_error(key, found, allowed)};
}

std::string show(const Json& value) {
  return printable(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// --- syntax
// -------------------------------------------------------------------------------------------------------

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
    if (seen.size() > 4 * kKeys.size())
      refuse("top level", fmt::format("{} keys and more", seen.size()),
             fmt::format("at most {}", kKeys.size()));
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

/// What the library says after `marker`; the part before names its own exceptions.
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

// --- unknown keys
// -------------------------------------------------------------------------------------------------

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

std::string_view last_part(std::string_view key) { return key.substr(key.rfind('.') + 1); }

/// The known key that `key` most likely means, at any level.
std::string_view nearest_key(std::string_view key) {
  const std::string_view wanted = last_part(key).substr(0, 64);  // longer ones are near nothing
  std::string_view best;
  std::size_t best_distance = std::numeric_limits<std::size_t>::max();
  for (const auto keys :
       {std::span<const std::string_view>(kKeys), std::span<const std::string_view>(kReconKeys),
        std::span<const std::string_view>(kInlineKeys), std::span<const std::string_view>(kTopKeys)}) {
    for (const std::string_view known : keys) {
      const std::size_t distance = edit_distance(wanted, last_part(known));
      if (distance < best_distance) {
        best_distance = distance;
        best = known;
      }
    }
  }
  return best;
}

void refuse_unknown_keys(const Json& object, std::string_view prefix,
                         std::span<const std::string_view> known) {
  for (const auto& item : object.items()) {
    const std::string key = std::string(prefix) + item.key();
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    refuse(printable(key), "an unknown key",
           fmt::format("{} (nearest: \"{}\")", fmt::join(known, ", "), nearest_key(key)));
  }
}

// --- fields
// -------------------------------------------------------------------------------------------------------

/// Reads the members of one JSON object into the fields of `config`; the messages say what `config` allows.
class Reader {
 public:
  Reader(const Json& object, std::string prefix, const Config& config)
      : object_(object), prefix_(std::move(prefix)), config_(config) {}

  [[nodiscard]] const Json* find(const char* key) const {
    const auto it = object_.find(key);
    return it == object_.end() ? nullptr : &*it;
  }

  void required_integer(const char* key, int& field) const {
    if (find(key) == nullptr) refuse_field(key, "nothing (the key is required)");
    integer(key, field);
  }

  void integer(const char* key, int& field) const {
    if (const Json* value = find(key)) field = to_int(key, *value, *value);
  }

  void integer_or_null(const char* key, std::optional<int>& field) const {
    const Json* value = find(key);
    if (value == nullptr) return;
    field = value->is_null() ? std::nullopt : std::optional(to_int(key, *value, *value));
  }

  void integers(const char* key, std::vector<int>& field) const {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_array()) refuse_field(key, show(*value));
    field.clear();
    for (const Json& element : *value) field.push_back(to_int(key, element, *value));
  }

  void text(const char* key, std::string& field) const {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_string()) refuse_field(key, show(*value));
    field = value->get<std::string>();
  }

  template <class Enum>
  void choice(const char* key, Enum& field,
              std::initializer_list<std::pair<std::string_view, Enum>> choices) const {
    const Json* value = find(key);
    if (value == nullptr) return;
    for (const auto& [word, meaning] : choices) {
      if (*value == word) {
        field = meaning;
        return;
      }
    }
    refuse_field(key, show(*value));
  }

  [[noreturn]] void refuse_field(const char* key, std::string_view found) const {
    refuse(prefix_ + key, found, allowed_values(config_, prefix_ + key));
  }

 private:
  /// @param whole what the message shows: the value itself, or the list it is an element of.
  [[nodiscard]] int to_int(const char* key, const Json& value, const Json& whole) const {
    using Limits = std::numeric_limits<int>;
    if (!value.is_number_integer()) refuse_field(key, show(whole));
    const bool too_large =
        value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{Limits::max()};
    if (too_large || value.get<std::int64_t>() < Limits::min()) refuse_field(key, show(whole));
    return value.get<int>();
  }

  const Json& object_;
  std::string prefix_;
  const Config& config_;
};

/// A key that only another outlier path reads is a misunderstanding, not a setting.
void refuse_unread(const Reader& reader, const char* key, const Config& config) {
  if (const Json* value = reader.find(key)) {
    refuse(key, show(*value),
           fmt::format("no such key when outlier_path is \"{}\", as nothing would read it",
                       outlier_path_name(config.outlier_path)));
  }
}

void read_recon(const Reader& reader, Config& config) {
  const Json* recon = reader.find("recon");
  if (recon == nullptr) return;
  if (!recon->is_object()) reader.refuse_field("recon", show(*recon));
  refuse_unknown_keys(*recon, "recon.", kReconKeys);
  const Reader recon_reader(*recon, "recon.", config);
  recon_reader.integer("units", config.recon.units);
  recon_reader.choice("span", config.recon.span, {{"block", ReconSpan::block}, {"array", ReconSpan::array}});
}

void read_inline(const Reader& reader, Config& config) {
  const Json* units = reader.find("inline");
  if (units == nullptr) return;
  if (!units->is_object()) reader.refuse_field("inline", show(*units));
  refuse_unknown_keys(*units, "inline.", kInlineKeys);
  Reader(*units, "inline.", config).integer_or_null("units_per_block", config.inlined.units_per_block);
}

void read_outlier_path(const Reader& reader, Config& config) {
  reader.choice(
      "outlier_path", config.outlier_path,
      {{"recon", OutlierPath::recon}, {"inline", OutlierPath::inlined}, {"none", OutlierPath::none}});
  if (!config.has_recon()) refuse_unread(reader, "recon", config);
  if (!config.has_inline()) refuse_unread(reader, "inline", config);
  if (!config.has_outliers()) {
    refuse_unread(reader, "outlier_shift_max", config);
    refuse_unread(reader, "outliers_per_block", config);
  }
  reader.integer("outlier_shift_max", config.outlier_shift_max);
  reader.integer_or_null("outliers_per_block", config.outliers_per_block);
  reader.integer_or_null("tree_rows", config.tree_rows);
  read_recon(reader, config);
  read_inline(reader, config);
}

void read_encoding(const Reader& reader, Config& config) {
  reader.choice("encoding", config.encoding,
                {{"paper", Encoding::paper}, {"full_range", Encoding::full_range}});
  reader.integer("fraction_bits", config.fraction_bits);
  if (config.full_range()) {
    reader.integer("scale_mantissa_bits", config.scale_mantissa_bits);
    return;
  }
  if (const Json* value = reader.find("scale_mantissa_bits")) {
    refuse("scale_mantissa_bits", show(*value),
           "no such key when encoding is \"paper\", as nothing would read it");
  }
}

void read_top(const Reader& reader, Config& config) {
  const Json* top = reader.find("top");
  if (top == nullptr) return;
  if (!top->is_object()) reader.refuse_field("top", show(*top));
  refuse_unknown_keys(*top, "top.", kTopKeys);
  const Reader top_reader(*top, "top.", config);
  top_reader.integer("tokens", config.top.tokens);
  top_reader.integer("act_words", config.top.act_words);
  top_reader.integer_or_null("output_lanes", config.top.output_lanes);
  top_reader.integer("weight_fifo", config.top.weight_fifo);
}

void require_valid(const Config& config) {
  if (const auto valid = validate(config); !valid) throw Refusal{valid.error()};
}

Config read_config(const Json& json, std::string_view default_name) {
  if (!json.is_object()) refuse("top level", show(json), "a JSON object");
  refuse_unknown_keys(json, "", kKeys);
  Config config;
  const Reader reader(json, "", config);
  reader.required_integer("rows", config.rows);
  reader.required_integer("cols", config.cols);
  config.skew_columns = std::min(config.skew_columns, config.cols);
  config.name = is_safe_name(default_name) ? default_name : fmt::format("{}x{}", config.rows, config.cols);
  reader.text("name", config.name);
  reader.integers("modes", config.modes);
  reader.integer("micro_block", config.micro_block);
  read_outlier_path(reader, config);
  reader.integer("skew_columns", config.skew_columns);
  read_encoding(reader, config);
  reader.integer("act_bits", config.act_bits);
  reader.integer("row_align_bits", config.row_align_bits);
  read_top(reader, config);
  require_valid(config);  // acc_bits has limits that derive from all other fields
  reader.integer_or_null("acc_bits", config.acc_bits);
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
  const auto unreadable = [&](int reason) {
    return Error(fmt::format("{}: found no readable file ({}); allowed: a JSON configuration", path.string(),
                             std::strerror(reason)));
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return unreadable(EISDIR);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(errno != 0 ? errno : EIO);
  // One byte more than allowed shows that the file is too long, without reading all of it.
  std::string text(kMaxConfigBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return unreadable(EIO);
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse(text, path.string(), path.stem().string());
}

}  // namespace msq
