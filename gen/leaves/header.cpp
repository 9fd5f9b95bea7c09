#include "gen/leaves/header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace msq::leaves {
namespace {

constexpr std::string_view kAreaBlock = "Area block: ";
constexpr std::string_view kKept = "Kept by Verilator: ";

class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string file)
      : file_(std::move(file)), stream_(tokenize(text, file_)) {}

  Header run() {
    while (at_ < stream_.tokens.size() && !next_is("module")) ++at_;  // directives
    expect("module");
    const int first_line = stream_.tokens[at_ - 1].line;
    header_.module = identifier("module name");
    module_doc(first_line);
    if (accept("#")) parameters();
    ports();
    expect(";");
    body();
    return std::move(header_);
  }

 private:
  [[nodiscard]] bool next_is(std::string_view text) const {
    return at_ < stream_.tokens.size() && stream_.tokens[at_].text == text;
  }

  bool accept(std::string_view text) {
    if (!next_is(text)) return false;
    ++at_;
    return true;
  }

  [[noreturn]] void fail(const std::string& what) const {
    if (stream_.tokens.empty()) fail_at(file_, 1, what + ", found nothing");
    const Token& token = stream_.tokens[std::min(at_, stream_.tokens.size() - 1)];
    fail_at(file_, token.line,
            fmt::format("{}, found '{}'", what, at_ < stream_.tokens.size() ? token.text : "end of file"));
  }

  void expect(std::string_view text) {
    if (!accept(text)) fail(fmt::format("expected '{}'", text));
  }

  std::string identifier(std::string_view what) {
    if (at_ >= stream_.tokens.size() || stream_.tokens[at_].kind != Token::Kind::identifier)
      fail(fmt::format("expected a {}", what));
    return stream_.tokens[at_++].text;
  }

  [[nodiscard]] int line() const { return stream_.tokens[at_ - 1].line; }

  /// Comment behind the code of a line, if any.
  [[nodiscard]] std::string doc_of(int line) const {
    const auto here = [line](const Comment& c) { return c.line == line && c.behind_code; };
    const auto found = std::find_if(stream_.comments.begin(), stream_.comments.end(), here);
    return found == stream_.comments.end() ? "" : found->text;
  }

  void module_doc(int module_line) {
    for (const Comment& comment : stream_.comments) {
      if (comment.line >= module_line) break;
      if (comment.text.starts_with("SPDX-")) continue;
      if (comment.text.starts_with(kAreaBlock)) {
        header_.area_block = comment.text.substr(kAreaBlock.size());
      } else if (comment.text.starts_with(kKept)) {
        header_.kept_nets.push_back(comment.text.substr(kKept.size()));
      } else {
        header_.doc += (header_.doc.empty() ? "" : "\n") + comment.text;
      }
    }
  }

  /// Tokens up to one of the ends outside of brackets, which stays.
  std::vector<Token> expression(std::initializer_list<std::string_view> ends) {
    std::vector<Token> tokens;
    int depth = 0;
    for (; at_ < stream_.tokens.size(); ++at_) {
      const std::string& text = stream_.tokens[at_].text;
      if (depth == 0 && std::find(ends.begin(), ends.end(), text) != ends.end()) break;
      if (text == "(" || text == "[" || text == "{") ++depth;
      if (text == ")" || text == "]" || text == "}") --depth;
      tokens.push_back(stream_.tokens[at_]);
    }
    if (tokens.empty()) fail("expected an expression");
    return tokens;
  }

  void parameters() {
    expect("(");
    bool local = false;
    do {
      if (accept("parameter")) local = false;
      if (accept("localparam")) local = true;
      parameter(local);
    } while (accept(","));
    expect(")");
  }

  void parameter(bool local) {
    accept("integer") || accept("int") || accept("signed");
    if (accept("[")) {
      (void)expression({"]"});
      expect("]");
    }
    HeaderParameter parameter{identifier("parameter name"), {}, local, "", line()};
    if (accept("=")) parameter.value = expression({",", ")"});
    parameter.doc = doc_of(parameter.line);
    header_.parameters.push_back(std::move(parameter));
  }

  void ports() {
    expect("(");
    do port();
    while (accept(","));
    expect(")");
  }

  void port() {
    HeaderPort port;
    port.input = accept("input");
    if (!port.input && !accept("output")) fail("expected 'input' or 'output'");
    accept("wire") || accept("reg") || accept("logic");
    port.is_signed = accept("signed");
    if (accept("[")) {
      port.msb = expression({":"});
      expect(":");
      port.lsb = expression({"]"});
      expect("]");
    }
    port.name = identifier("port name");
    port.line = line();
    port.doc = doc_of(port.line);
    header_.ports.push_back(std::move(port));
  }

  void body() {
    std::set<std::string> names;
    for (; at_ < stream_.tokens.size() && !next_is("endmodule"); ++at_) {
      const Token& token = stream_.tokens[at_];
      if (token.kind == Token::Kind::identifier) names.insert(token.text);
    }
    expect("endmodule");
    for (; at_ < stream_.tokens.size(); ++at_) {
      if (next_is("module")) fail("expected one module");
    }
    header_.body_identifiers.assign(names.begin(), names.end());
  }

  std::string file_;
  TokenStream stream_;
  std::size_t at_ = 0;
  Header header_;
};

}  // namespace

Header parse_header(std::string_view text, const std::string& file) { return HeaderParser(text, file).run(); }

}  // namespace msq::leaves
