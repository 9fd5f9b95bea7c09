#include "gen/leaves/rename.hpp"

#include "gen/leaves/tokens.hpp"

namespace msq::leaves {
namespace {

constexpr std::string_view kCommandLine = "Command: ";

class Renamer {
 public:
  Renamer(std::string_view text, const NewNames& names) : text_(text), names_(names) {}

  std::string run(const std::string& file) {
    const TokenStream stream = tokenize(text_, file);
    for (const Token& token : stream.tokens) {
      if (token.kind == Token::Kind::identifier) name_at(token.offset, token.text.size());
      if (token.kind == Token::Kind::string) name_at(token.offset + 1, token.text.size() - 2);
    }
    for (const Comment& comment : stream.comments) {
      if (!comment.text.starts_with(kCommandLine)) words_of(comment);
    }
    return result();
  }

 private:
  void words_of(const Comment& comment) {
    std::size_t first = 0;
    for (std::size_t i = 0; i <= comment.text.size(); ++i) {
      if (i < comment.text.size() && is_word(comment.text[i])) continue;
      if (i > first) name_at(comment.offset + first, i - first);
      first = i + 1;
    }
  }

  /// Notes the replacement if the bytes are a name.
  void name_at(std::size_t offset, std::size_t size) {
    const auto found = names_.find(text_.substr(offset, size));
    if (found != names_.end()) places_[offset] = &*found;
  }

  [[nodiscard]] std::string result() const {
    std::string text;
    std::size_t done = 0;
    for (const auto& [offset, names] : places_) {
      text += text_.substr(done, offset - done);
      text += names->second;
      done = offset + names->first.size();
    }
    text += text_.substr(done);
    return text;
  }

  std::string_view text_;
  const NewNames& names_;
  std::map<std::size_t, const NewNames::value_type*> places_;
};

}  // namespace

std::string renamed(std::string_view text, const NewNames& names, const std::string& file) {
  return Renamer(text, names).run(file);
}

}  // namespace msq::leaves
