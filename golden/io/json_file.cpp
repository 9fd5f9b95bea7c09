#include "golden/io/json_file.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "golden/io/byte_source.hpp"
#include "golden/io/describe.hpp"

namespace msq::golden {
namespace {

constexpr int kMaxJsonDepth = 64;

/// Finds what the parser accepts and this reader does not.
class StrictParse {
 public:
  [[nodiscard]] const std::string& error() const { return error_; }

  bool operator()(int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) {
      keys_.emplace_back();
      if (depth > kMaxJsonDepth) fail(fmt::format("nested deeper than {}", kMaxJsonDepth));
    } else if (event == Event::array_start && depth > kMaxJsonDepth) {
      fail(fmt::format("nested deeper than {}", kMaxJsonDepth));
    } else if (event == Event::object_end) {
      keys_.pop_back();
    } else if (event == Event::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second) fail(fmt::format("key {} appears twice", in_quotes(key)));
    }
    return true;
  }

 private:
  void fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
  }

  std::vector<std::set<std::string>> keys_;  ///< of the open objects
  std::string error_;
};

Result<std::string> text_of(const std::filesystem::path& path) {
  MSQ_TRY(const auto source, open_file(path));
  if (source->size() > kMaxJsonFileBytes) {
    return Error(
        fmt::format("{}: {} bytes; allowed: at most {}", path.string(), source->size(), kMaxJsonFileBytes));
  }
  std::string text(static_cast<std::size_t>(source->size()), '\0');
  MSQ_CHECK(source->read(0, std::as_writable_bytes(std::span(text))));
  return text;
}

}  // namespace

Result<nlohmann::json> read_json_file(const std::filesystem::path& path) {
  MSQ_TRY(const std::string text, text_of(path));
  StrictParse check;
  try {
    nlohmann::json parsed = nlohmann::json::parse(text, std::ref(check));
    if (!check.error().empty()) return Error(fmt::format("{}: {}", path.string(), check.error()));
    if (!parsed.is_object()) return Error(fmt::format("{}: allowed: a JSON object", path.string()));
    return parsed;
  } catch (const nlohmann::json::parse_error& error) {
    return Error(fmt::format("{}: malformed JSON at byte {}", path.string(), error.byte));
  } catch (const nlohmann::json::exception&) {  // a number beyond double
    return Error(fmt::format("{}: malformed JSON: a number out of range", path.string()));
  }
}

}  // namespace msq::golden
