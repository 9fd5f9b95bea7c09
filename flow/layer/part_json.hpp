#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "flow/layer/part_files.hpp"
#include "flow/layer/quantization.hpp"

namespace msq::flow {

// Contents of part files as JSON.

[[nodiscard]] nlohmann::ordered_json to_json(const PartPlan& plan);
[[nodiscard]] nlohmann::ordered_json to_json(const PartKey& key);
/// Without the choices, which the plan has.
[[nodiscard]] nlohmann::ordered_json to_json(const QuantizationFindings& findings);
/// The reverse. \throws nlohmann::json::exception if a field is missing or of another type.
[[nodiscard]] QuantizationFindings findings_from(const nlohmann::ordered_json& json);

/// Whether layers of two plans may be joined, whatever their numbers of layers.
[[nodiscard]] bool same_plan(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b);
/// The first difference of two plans, as "found X; allowed: Y". @param found an object, not the same_plan.
[[nodiscard]] std::string plan_difference(const nlohmann::ordered_json& found,
                                          const nlohmann::ordered_json& plan);

}  // namespace msq::flow
