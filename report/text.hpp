#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace msq::report {

/// 1234567 as "1,234,567".
[[nodiscard]] std::string grouped(std::int64_t value);
/// An area in the library's unit: as grouped() from 100, else four digits, as "2.033e-02".
[[nodiscard]] std::string area_text(double area);
/// 0.1234 as "12.34 %".
[[nodiscard]] std::string percent(double fraction, int digits = 2);
/// The argument as a shell reads it back, in single quotes if need be.
[[nodiscard]] std::string shell_word(std::string_view argument);

/// A JSON object as it is printed and stored: indented, with a newline at the end. Bytes that are not UTF-8
/// (in file names) become U+FFFD.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& json);

/// Rows of text in columns: the first column to the left, the others to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> header) { add(std::move(header)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// Every line begins with `indent` blanks and ends with a newline.
  [[nodiscard]] std::string str(int indent = 2) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// "  label              value\n"
[[nodiscard]] std::string item(std::string_view label, std::string_view value);

}  // namespace msq::report
