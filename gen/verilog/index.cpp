#include "gen/verilog/index.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace msq::verilog {

using detail::Formula;
using detail::FormulaPtr;

Index::Index(const Constant& constant) : constant_(constant.value()), formula_(constant.formula()) {}

Index::Index(std::shared_ptr<const Genvar> genvar) { terms_.push_back({std::move(genvar), 1}); }

/// The normal form, as a formula of its own, if there is none.
FormulaPtr Index::as_formula() const {
  if (formula_ != nullptr) return formula_;
  FormulaPtr sum = detail::number_formula(0);
  for (const Term& term : terms_) {
    const FormulaPtr genvar =
        std::make_shared<Formula>(Formula{.op = Formula::Op::genvar, .genvar = term.genvar});
    sum =
        detail::formula(Formula::Op::add, sum,
                        detail::formula(Formula::Op::multiply, genvar, detail::number_formula(term.factor)));
  }
  if (constant_ < 0) return detail::formula(Formula::Op::subtract, sum, detail::number_formula(-constant_));
  return detail::formula(Formula::Op::add, sum, detail::number_formula(constant_));
}

/// Keeps the formula as written if a localparam is in it.
Index& Index::with_formula(Formula::Op op, const Index& left, const Index& right) {
  formula_ = nullptr;
  if (left.formula_ == nullptr && right.formula_ == nullptr) return *this;
  FormulaPtr result = detail::formula(op, left.as_formula(), right.as_formula());
  bool named = false;
  detail::visit_localparams(result, [&](const auto&) { named = true; });
  if (named) formula_ = std::move(result);
  return *this;
}

void Index::add(const Index& other, int sign) {
  constant_ += sign * other.constant_;
  for (const Term& term : other.terms_) {
    const auto same = [&](const Term& known) { return known.genvar == term.genvar; };
    const auto found = std::find_if(terms_.begin(), terms_.end(), same);
    if (found == terms_.end()) {
      terms_.push_back({term.genvar, sign * term.factor});
    } else {
      found->factor += sign * term.factor;
    }
  }
  std::erase_if(terms_, [](const Term& term) { return term.factor == 0; });
}

Index operator*(const Index& index, const Constant& factor) {
  Index result = index;
  result.constant_ *= factor.value();
  for (Index::Term& term : result.terms_) term.factor *= factor.value();
  if (factor.value() == 0) result.terms_.clear();
  return result.with_formula(Formula::Op::multiply, index, factor);
}

Index operator+(const Index& left, const Index& right) {
  Index result = left;
  result.add(right, 1);
  return result.with_formula(Formula::Op::add, left, right);
}

Index operator-(const Index& left, const Index& right) {
  Index result = left;
  result.add(right, -1);
  return result.with_formula(Formula::Op::subtract, left, right);
}

namespace {

std::string term_text(const Index::Term& term) {
  const int magnitude = std::abs(term.factor);
  return magnitude == 1 ? term.genvar->name : fmt::format("{}*{}", magnitude, term.genvar->name);
}

}  // namespace

// Positive terms come first, so that no text starts with a minus unless everything is negative.
std::string Index::text() const {
  if (formula_ != nullptr) return detail::formula_text(*formula_);
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
