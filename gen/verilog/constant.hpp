#pragma once

#include <memory>
#include <string>
#include <utility>

namespace msq::verilog {

struct Genvar;
struct Localparam;

namespace detail {

/// Integer expression over localparams and genvars as it is printed. Immutable, shared.
struct Formula {
  enum class Op { number, localparam, genvar, add, subtract, multiply };
  Op op = Op::number;
  int number = 0;
  std::shared_ptr<const Localparam> localparam = {};
  std::shared_ptr<const Genvar> genvar = {};
  std::shared_ptr<const Formula> left = {}, right = {};
};
using FormulaPtr = std::shared_ptr<const Formula>;

[[nodiscard]] FormulaPtr number_formula(int value);
/// `left + right`, `left - right`, `left * right`; without operands that have no effect (`+ 0`, `* 1`).
[[nodiscard]] FormulaPtr formula(Formula::Op op, const FormulaPtr& left, const FormulaPtr& right);
/// `(GROUP_PES*g + c)*VALUE_BITS`: no blanks around `*`.
[[nodiscard]] std::string formula_text(const Formula& formula);

/// Calls visit(localparam) for every localparam of the formula, which may be null.
template <class Visit>
void visit_localparams(const FormulaPtr& formula, const Visit& visit) {
  if (formula == nullptr) return;
  if (formula->localparam != nullptr) visit(formula->localparam);
  visit_localparams(formula->left, visit);
  visit_localparams(formula->right, visit);
}

}  // namespace detail

/// Size that is known when the module is built: a value, and the text that is printed for it. The text is the
/// number itself, or localparams and formulas of them: `COLS*VALUE_BITS`.
class Constant {
 public:
  Constant(int value) : value_(value) {}  // NOLINT(google-explicit-constructor): `cols * 8` is the point
  Constant(int value, detail::FormulaPtr formula) : value_(value), formula_(std::move(formula)) {}
  explicit Constant(std::shared_ptr<const Localparam> localparam);

  [[nodiscard]] int value() const { return value_; }
  [[nodiscard]] std::string text() const;
  /// Null for a number.
  [[nodiscard]] const detail::FormulaPtr& formula() const { return formula_; }

  friend Constant operator*(const Constant& left, const Constant& right);
  friend Constant operator*(int left, const Constant& right) { return Constant(left) * right; }
  friend Constant operator+(const Constant& left, const Constant& right);
  friend Constant operator-(const Constant& left, const Constant& right);
  /// Of one value and one text.
  friend bool operator==(const Constant& left, const Constant& right) {
    return left.value_ == right.value_ && left.text() == right.text();
  }

 private:
  int value_ = 0;
  detail::FormulaPtr formula_;
};

/// Named size of a module, `localparam COLS = 8;  // PE columns`; its identity is its address.
struct Localparam {
  std::string name;
  Constant value = 0;
  std::string doc;
};

// Declared here as well so that they are found with qualified names.
[[nodiscard]] Constant operator*(const Constant& left, const Constant& right);
[[nodiscard]] Constant operator+(const Constant& left, const Constant& right);
[[nodiscard]] Constant operator-(const Constant& left, const Constant& right);

}  // namespace msq::verilog
