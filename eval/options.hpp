#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "support/result.hpp"

namespace msq::eval {

/// Reads the options of one method out of a JSON object; every key must be read by something. The first error
/// sticks.
class OptionReader {
 public:
  explicit OptionReader(const nlohmann::json& spec) : spec_(spec) {}

  /// Sets `value` if the key is there.
  template <class T>
  void read(const char* key, T& value) {
    if (const nlohmann::json* found = find(key)) assign(key, *found, value);
  }

  template <class T>
  void read(const char* key, std::optional<T>& value) {
    if (find(key) == nullptr) return;
    T found{};
    read(key, found);
    value = found;
  }

  /// Sets `value` to the choice of that name; `choices` are pairs of name and value.
  template <class E, std::size_t Count>
  void read_choice(const char* key, E& value,
                   const std::array<std::pair<std::string_view, E>, Count>& choices) {
    const nlohmann::json* found = find(key);
    if (found == nullptr) return;
    std::string names;
    for (const auto& [name, meaning] : choices) {
      if (found->is_string() && found->get<std::string>() == name) {
        value = meaning;
        return;
      }
      names.append(names.empty() ? "" : ", ").append(name);
    }
    fail(fmt::format("{} is {}; allowed: {}", key, found->dump(), names));
  }

  /// Error: the first that was met, or a key that nothing asked for.
  [[nodiscard]] Result<> finish() const {
    if (!error_.empty()) return Error(error_);
    for (const auto& [key, value] : spec_.items()) {
      if (!asked_.contains(key)) return Error(fmt::format("unknown key \"{}\"", key));
    }
    return {};
  }

 private:
  const nlohmann::json* find(const char* key) {
    asked_.insert(key);
    const auto found = spec_.find(key);
    return found == spec_.end() ? nullptr : &*found;
  }

  template <class T>
  void assign(const char* key, const nlohmann::json& found, T& value) {
    const bool fits = std::is_same_v<T, bool>   ? found.is_boolean()
                      : std::is_integral_v<T>   ? found.is_number_integer()
                      : std::is_arithmetic_v<T> ? found.is_number()
                                                : found.is_string();
    if (fits) {
      value = found.get<T>();
    } else {
      fail(fmt::format("{} is {}; a value of another type is needed", key, found.dump()));
    }
  }

  void fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
  }

  const nlohmann::json& spec_;
  std::set<std::string> asked_;
  std::string error_;
};

}  // namespace msq::eval
