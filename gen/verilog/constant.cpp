#include "gen/verilog/constant.hpp"

#include <fmt/format.h>

#include "gen/verilog/index.hpp"

namespace msq::verilog {

namespace detail {

namespace {

bool is_number(const Formula& formula, int value) {
  return formula.op == Formula::Op::number && formula.number == value;
}

bool is_sum(const Formula& formula) {
  return formula.op == Formula::Op::add || formula.op == Formula::Op::subtract;
}

std::string factor_text(const Formula& formula) {
  const bool negative = formula.op == Formula::Op::number && formula.number < 0;
  return is_sum(formula) || negative ? fmt::format("({})", formula_text(formula)) : formula_text(formula);
}

/// `8*i` and `ROWS*i`, not `i*8`.
std::string product_text(const Formula& left, const Formula& right) {
  const bool swap = left.op == Formula::Op::genvar && right.op != Formula::Op::genvar && !is_sum(right);
  return swap ? factor_text(right) + "*" + factor_text(left) : factor_text(left) + "*" + factor_text(right);
}

}  // namespace

FormulaPtr number_formula(int value) {
  return std::make_shared<Formula>(Formula{.op = Formula::Op::number, .number = value});
}

FormulaPtr formula(Formula::Op op, const FormulaPtr& left, const FormulaPtr& right) {
  if (op == Formula::Op::multiply) {
    if (is_number(*left, 0) || is_number(*right, 0)) return number_formula(0);
    if (is_number(*left, 1)) return right;
    if (is_number(*right, 1)) return left;
  } else {
    if (is_number(*right, 0)) return left;
    if (op == Formula::Op::add && is_number(*left, 0)) return right;
  }
  return std::make_shared<Formula>(Formula{.op = op, .left = left, .right = right});
}

std::string formula_text(const Formula& formula) {
  switch (formula.op) {
    case Formula::Op::number:
      return std::to_string(formula.number);
    case Formula::Op::localparam:
      return formula.localparam->name;
    case Formula::Op::genvar:
      return formula.genvar->name;
    case Formula::Op::multiply:
      return product_text(*formula.left, *formula.right);
    case Formula::Op::add:
      return formula_text(*formula.left) + " + " + formula_text(*formula.right);
    case Formula::Op::subtract:
      return formula_text(*formula.left) + " - " +
             (is_sum(*formula.right) ? factor_text(*formula.right) : formula_text(*formula.right));
  }
  return {};
}

}  // namespace detail

using detail::Formula;
using detail::FormulaPtr;

namespace {

FormulaPtr formula_of(const Constant& constant) {
  return constant.formula() != nullptr ? constant.formula() : detail::number_formula(constant.value());
}

/// Null if both operands are numbers, or if only a number is left.
FormulaPtr combined(Formula::Op op, const Constant& left, const Constant& right) {
  if (left.formula() == nullptr && right.formula() == nullptr) return nullptr;
  FormulaPtr result = detail::formula(op, formula_of(left), formula_of(right));
  return result->op == Formula::Op::number ? nullptr : result;
}

}  // namespace

Constant::Constant(std::shared_ptr<const Localparam> localparam) : value_(localparam->value.value()) {
  formula_ =
      std::make_shared<Formula>(Formula{.op = Formula::Op::localparam, .localparam = std::move(localparam)});
}

std::string Constant::text() const {
  return formula_ != nullptr ? detail::formula_text(*formula_) : std::to_string(value_);
}

Constant operator*(const Constant& left, const Constant& right) {
  Constant result = left.value_ * right.value_;
  result.formula_ = combined(Formula::Op::multiply, left, right);
  return result;
}

Constant operator+(const Constant& left, const Constant& right) {
  Constant result = left.value_ + right.value_;
  result.formula_ = combined(Formula::Op::add, left, right);
  return result;
}

Constant operator-(const Constant& left, const Constant& right) {
  Constant result = left.value_ - right.value_;
  result.formula_ = combined(Formula::Op::subtract, left, right);
  return result;
}

}  // namespace msq::verilog
