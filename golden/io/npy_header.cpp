#include "golden/io/npy_header.hpp"

#include <fmt/format.h>

#include <charconv>

#include "golden/io/describe.hpp"

namespace msq::golden {
namespace {

constexpr std::size_t kMaxNpyDimensions = 32;  // NumPy's own limit

/// Reads the few Python literals a header consists of. The first error sticks; later calls do nothing.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  [[nodiscard]] bool failed() const { return !error_.empty(); }
  [[nodiscard]] const std::string& error() const { return error_; }

  void fail(std::string_view expected) {
    if (!failed()) {
      error_ = fmt::format("header, character {}: expected {}, found {}", position_, expected,
                           position_ < text_.size() ? in_quotes(text_.substr(position_), 20) : "its end");
    }
  }

  void skip_space() {
    while (position_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[position_]) != std::string_view::npos) {
      ++position_;
    }
  }

  bool accept(std::string_view token) {
    skip_space();
    if (failed() || !text_.substr(position_).starts_with(token)) {
      return false;
    }
    position_ += token.size();
    return true;
  }

  void expect(std::string_view token) {
    if (!accept(token)) {
      fail(in_quotes(token));
    }
  }

  void expect_end() {
    skip_space();
    if (position_ != text_.size()) {
      fail("nothing more");
    }
  }

  std::string string(std::string_view what) {
    const char quote = accept("'") ? '\'' : '"';
    if (quote == '"' && !accept("\"")) {
      fail(what);
      return {};
    }
    const std::size_t end = text_.find(quote, position_);
    if (end == std::string_view::npos) {
      fail("a closing quote");
      return {};
    }
    const std::string_view content = text_.substr(position_, end - position_);
    position_ = end + 1;
    return std::string(content);
  }

  std::int64_t extent() {
    skip_space();
    std::int64_t value = 0;
    const char* begin = text_.data() + position_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc() || value < 0) {
      fail("an extent, an integer 0 to 2^63 - 1");
      return 0;
    }
    position_ += static_cast<std::size_t>(end - begin);
    if (position_ < text_.size() && text_[position_] == 'L') ++position_;  // Python 2's long integers
    return value;
  }

 private:
  std::string_view text_;
  std::size_t position_ = 0;
  std::string error_;
};

std::vector<std::int64_t> parse_shape(HeaderParser& parser) {
  std::vector<std::int64_t> shape;
  parser.expect("(");
  while (!parser.failed() && !parser.accept(")")) {
    if (shape.size() == kMaxNpyDimensions) {
      parser.fail("at most 32 dimensions");
      break;
    }
    shape.push_back(parser.extent());
    if (!parser.accept(",")) {
      parser.expect(")");
      break;
    }
  }
  return shape;
}

bool parse_bool(HeaderParser& parser) {
  if (parser.accept("True")) {
    return true;
  }
  if (!parser.accept("False")) {
    parser.fail("True or False");
  }
  return false;
}

/// Which of the three keys were seen.
struct Seen {
  bool descr = false;
  bool order = false;
  bool shape = false;
};

void parse_entry(HeaderParser& parser, NpyHeader& header, Seen& seen) {
  const std::string key = parser.string("a key in quotes");
  parser.expect(":");
  if (key == "descr" && !seen.descr) {
    seen.descr = true;
    header.descr = parser.string("a type in quotes such as '<f4' (structured types are not allowed)");
  } else if (key == "fortran_order" && !seen.order) {
    seen.order = true;
    header.fortran_order = parse_bool(parser);
  } else if (key == "shape" && !seen.shape) {
    seen.shape = true;
    header.shape = parse_shape(parser);
  } else {
    parser.fail(fmt::format(
        "one 'descr', one 'fortran_order' and one 'shape' instead of key {} and its value", in_quotes(key)));
  }
}

}  // namespace

Result<NpyHeader> parse_npy_header(std::string_view text) {
  HeaderParser parser(text);
  NpyHeader header;
  Seen seen;
  parser.expect("{");
  while (!parser.failed() && !parser.accept("}")) {
    parse_entry(parser, header, seen);
    if (!parser.accept(",")) {
      parser.expect("}");
      break;
    }
  }
  parser.expect_end();
  if (!parser.failed() && !(seen.descr && seen.order && seen.shape)) {
    return Error(fmt::format("header: key {} is missing", !seen.descr   ? "'descr'"
                                                          : !seen.order ? "'fortran_order'"
                                                                        : "'shape'"));
  }
  if (parser.failed()) {
    return Error(parser.error());
  }
  return header;
}

}  // namespace msq::golden
