#pragma once

#include <string>
#include <vector>

#include "gen/arch/design.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// An array to compare with, by its name on the command line.
struct BaselineChoice {
  std::string name;  ///< empty: none
  int rows = 8, cols = 8, tree_rows = 1;
};

/// Names of all baselines, in the order of reports.
[[nodiscard]] std::vector<std::string> baseline_names();

/// The design that was chosen. Errors: an array that cannot be built, named as configurations name it.
[[nodiscard]] Result<BaselineSpec> find_baseline(const BaselineChoice& choice);

/// Bits of a stored weight, outliers apart.
[[nodiscard]] int weight_bits(Baseline kind);

}  // namespace msq::flow
