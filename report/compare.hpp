#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "flow/measure/compare.hpp"

namespace msq::report {

/// [{array, weight_bits, tree_rows, sum_bits, area_um2, area_um2_per_pe, macs_per_cycle,
/// macs_per_cycle_and_mm2}] in the order given.
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<flow::ComparedArray>& arrays);
/// A table. @param arrays not empty; densities are also given as multiples of the first one's.
[[nodiscard]] std::string to_text(const std::vector<flow::ComparedArray>& arrays);

}  // namespace msq::report
