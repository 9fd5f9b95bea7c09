#pragma once

#include <nlohmann/json_fwd.hpp>

namespace msq::report {

/// Keys keep the order in which they were added. report/text.hpp has json_text.
using Json = nlohmann::ordered_json;

}  // namespace msq::report
