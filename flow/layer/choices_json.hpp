#pragma once

#include <nlohmann/json_fwd.hpp>

#include "flow/layer/quantization.hpp"

namespace msq::flow {

/// Every choice by its name in docs/user/reports.md, "quantization": for reports and keys of stored results.
[[nodiscard]] nlohmann::ordered_json to_json(const QuantizerChoices& choices);

}  // namespace msq::flow
