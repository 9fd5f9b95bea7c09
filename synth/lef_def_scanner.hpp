#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace msq::synth {

/// Where and why a LEF or DEF text cannot be read. Never leaves parse_lef and parse_def.
struct LefDefError : std::runtime_error {
  LefDefError(std::size_t at, const std::string& message) : std::runtime_error(message), line(at) {}
  std::size_t line;
};

/// A word of a text for a message, printable and short.
[[nodiscard]] std::string shown_word(std::string_view word);

/// Splits LEF or DEF text into its words: blanks are between any two, also at "(", ")" and ";". Comments
/// go from "#" to the end of the line. Throws LefDefError.
class LefDefScanner {
 public:
  explicit LefDefScanner(std::string_view text) : text_(text) {}

  /// The next word; empty at the end of the text.
  std::string_view next();
  /// The next word without passing it.
  [[nodiscard]] std::string_view peek() const;
  /// The next word; an error at the end of the text. @param what for the message, as "a name".
  std::string_view word(std::string_view what);
  void expect(std::string_view expected);
  /// A number of at most 1e9 in absolute value.
  double number();
  /// As number(), without a part behind the point (which may be written if it is zero).
  std::int64_t integer();
  /// Passes over the rest of a statement and its ";".
  void skip_statement();
  /// Passes over all that comes before the words "END name", and over these.
  void skip_section(std::string_view name);
  [[noreturn]] void fail(const std::string& message) const;

 private:
  [[nodiscard]] std::size_t start_of_word() const;

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t last_ = 0;  ///< where the last word began
};

}  // namespace msq::synth
