#include "gen/verilog/index.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace msq::verilog {

Index::Index(std::shared_ptr<const Genvar> genvar) { terms_.push_back({std::move(genvar), 1}); }

Index operator*(const Index& index, int factor) {
  Index result = index;
  result.constant_ *= factor;
  for (Index::Term& term : result.terms_) term.factor *= factor;
  if (factor == 0) result.terms_.clear();
  return result;
}

Index operator+(const Index& left, const Index& right) {
  Index result = left;
  result.constant_ += right.constant_;
  for (const Index::Term& term : right.terms_) {
    const auto same = [&](const Index::Term& other) { return other.genvar == term.genvar; };
    const auto found = std::find_if(result.terms_.begin(), result.terms_.end(), same);
    if (found == result.terms_.end()) {
      result.terms_.push_back(term);
    } else {
      found->factor += term.factor;
    }
  }
  std::erase_if(result.terms_, [](const Index::Term& term) { return term.factor == 0; });
  return result;
}

namespace {

std::string term_text(const Index::Term& term) {
  const int magnitude = std::abs(term.factor);
  return magnitude == 1 ? term.genvar->name : fmt::format("{}*{}", magnitude, term.genvar->name);
}

}  // namespace

// Positive terms come first, so that no text starts with a minus unless everything is negative.
std::string Index::text() const {
  std::vector<std::string> plus;
  std::vector<std::string> minus;
  for (const Term& term : terms_) (term.factor > 0 ? plus : minus).push_back(term_text(term));
  if (constant_ > 0) plus.push_back(std::to_string(constant_));
  if (constant_ < 0) minus.push_back(std::to_string(-constant_));
  if (plus.empty() && minus.empty()) return "0";
  std::string text = fmt::format("{}", fmt::join(plus, " + "));
  for (const std::string& term : minus) text += (text.empty() ? "-" : " - ") + term;
  return text;
}

}  // namespace msq::verilog
