#pragma once

namespace msq::report {

/// What a command prints its result as.
enum class Form { text, json };

}  // namespace msq::report
