#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace msq::synth {

/// One statement of a Liberty file, as a view of its text.
struct LibertyStatement {
  enum class Kind { kSimple, kComplex, kGroup, kEndOfGroup, kEndOfFile };
  Kind kind = Kind::kEndOfFile;
  std::string_view name{};   ///< of the attribute or group
  std::string_view value{};  ///< simple attribute: its value; group: the text in its parentheses; no quotes
  std::size_t position = 0;  ///< offset of its first character
};

/// Where and why a Liberty text cannot be read. Never leaves parse_liberty.
struct LibertySyntaxError : std::runtime_error {
  LibertySyntaxError(std::size_t at, const std::string& message)
      : std::runtime_error(message), position(at) {}
  std::size_t position;
};

/// Splits Liberty text into statements. Tolerant where tools are: missing semicolons, continued lines,
/// comments anywhere. Throws LibertySyntaxError. No recursion: nesting in a corrupt file cannot exhaust the
/// stack.
class LibertyScanner {
 public:
  /// A byte order mark at the beginning is passed over.
  explicit LibertyScanner(std::string_view text)
      : text_(text), mark_(text.starts_with("\xef\xbb\xbf") ? 3 : 0), position_(mark_) {}

  /// Length of the byte order mark, 0 or 3.
  [[nodiscard]] std::size_t mark_bytes() const { return mark_; }

  /// The next statement; after a group statement, the next one is the first inside the group.
  LibertyStatement next();

  /// Passes over the rest of `group`, the innermost one that is open, and its end.
  void skip_group(const LibertyStatement& group);

  /// 1-based line of an offset.
  std::size_t line(std::size_t position) const;

 private:
  void skip_blank(bool semicolons);
  std::string_view string_at_position();
  std::string_view simple_value();
  std::string_view arguments();

  std::string_view text_;
  std::size_t mark_;
  std::size_t position_;
};

}  // namespace msq::synth
