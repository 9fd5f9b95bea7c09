#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace msq::verilog {

/// Loop variable of a generate loop; its identity is its address, not its name.
struct Genvar {
  std::string name;
  int count = 0;  ///< values 0..count-1
};

/// Affine integer expression over genvars, the position of a select: `8*i + 3`, `4*i + j`, `5`.
class Index {
 public:
  struct Term {
    std::shared_ptr<const Genvar> genvar;
    int factor = 0;
  };

  Index(int constant)
      : constant_(constant) {}  // NOLINT(google-explicit-constructor): `i * 8 + 3` is the point
  explicit Index(std::shared_ptr<const Genvar> genvar);

  [[nodiscard]] bool is_constant() const { return terms_.empty(); }
  [[nodiscard]] int constant() const { return constant_; }
  /// Genvars with a factor other than zero, in the order they joined the expression.
  [[nodiscard]] const std::vector<Term>& terms() const { return terms_; }
  /// Text as emitted: `8*i + 3`, `7 - i`.
  [[nodiscard]] std::string text() const;

  friend Index operator*(const Index& index, int factor);
  friend Index operator*(int factor, const Index& index) { return index * factor; }
  friend Index operator+(const Index& left, const Index& right);
  friend Index operator-(const Index& left, const Index& right) { return left + right * -1; }

 private:
  int constant_ = 0;
  std::vector<Term> terms_;
};

// Declared here as well so that `i * 8` is found with qualified names.
[[nodiscard]] Index operator*(const Index& index, int factor);
[[nodiscard]] Index operator+(const Index& left, const Index& right);

}  // namespace msq::verilog
