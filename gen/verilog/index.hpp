#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gen/verilog/constant.hpp"

namespace msq::verilog {

/// Loop variable of a generate loop; its identity is its address, not its name.
struct Genvar {
  std::string name;
  Constant count = 0;  ///< values 0..count-1
};

/// Affine integer expression over genvars, the position of a select: `8*i + 3`, `4*i + j`, `5`. With sizes
/// that have names it is printed as it was written, `(GROUP_PES*g + c)*VALUE_BITS`; else in its normal form.
class Index {
 public:
  struct Term {
    std::shared_ptr<const Genvar> genvar;
    int factor = 0;
  };

  Index(int constant)
      : constant_(constant) {}      // NOLINT(google-explicit-constructor): `i * 8 + 3` is the point
  Index(const Constant& constant);  // NOLINT(google-explicit-constructor): `i * COLS + WORD`, too
  explicit Index(std::shared_ptr<const Genvar> genvar);

  [[nodiscard]] bool is_constant() const { return terms_.empty(); }
  [[nodiscard]] int constant() const { return constant_; }
  /// Genvars with a factor other than zero, in the order they joined the expression.
  [[nodiscard]] const std::vector<Term>& terms() const { return terms_; }
  /// Text as emitted: `8*i + 3`, `7 - i`, `ROW_BITS*r + 1`.
  [[nodiscard]] std::string text() const;
  /// Null without localparams.
  [[nodiscard]] const detail::FormulaPtr& formula() const { return formula_; }

  friend Index operator*(const Index& index, const Constant& factor);
  friend Index operator*(const Constant& factor, const Index& index) { return index * factor; }
  friend Index operator+(const Index& left, const Index& right);
  friend Index operator-(const Index& left, const Index& right);

 private:
  [[nodiscard]] detail::FormulaPtr as_formula() const;
  Index& with_formula(detail::Formula::Op op, const Index& left, const Index& right);
  void add(const Index& other, int sign);

  int constant_ = 0;
  std::vector<Term> terms_;
  detail::FormulaPtr formula_;
};

// Declared here as well so that `i * 8` is found with qualified names.
[[nodiscard]] Index operator*(const Index& index, const Constant& factor);
[[nodiscard]] Index operator+(const Index& left, const Index& right);
[[nodiscard]] Index operator-(const Index& left, const Index& right);

}  // namespace msq::verilog
