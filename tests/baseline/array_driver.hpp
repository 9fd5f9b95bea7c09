#pragma once

#include <random>
#include <string>
#include <vector>

#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "tb/sim/baseline_run.hpp"
#include "tb/sim/model.hpp"

namespace msq::tests {

using tb::BaselineTile;
using tb::Words;

/// A baseline's design and compiled model. Aborts the test with the tool's message if it cannot be built.
class BaselineArray {
 public:
  explicit BaselineArray(const BaselineSpec& spec, unsigned seed = 1);
  ~BaselineArray();
  BaselineArray(const BaselineArray&) = delete;
  BaselineArray& operator=(const BaselineArray&) = delete;

  /// Streams tiles as tb::run_baseline does. @return psum_o of every token.
  [[nodiscard]] Result<std::vector<Words>> run(const std::vector<BaselineTile>& tiles, double stall);
  /// Sets an input that stays.
  void set(const char* port, const Words& words) { model_.port(port).set_words(words); }
  [[nodiscard]] const Dimensions& dimensions() const { return design_.dimensions; }
  [[nodiscard]] std::mt19937& random() { return random_; }

 private:
  Design design_;
  tb::Model model_;
  std::mt19937 random_;
};

}  // namespace msq::tests
