#pragma once

#include "flow/layer/operands.hpp"
#include "report/json.hpp"

namespace msq::report {

/// Keys: source, synthetic and the two extents under the names given.
[[nodiscard]] Json to_json(const flow::MatrixOrigin& origin, const char* rows, const char* columns);

}  // namespace msq::report
