#pragma once

namespace msq::report {

/// Form in which a command prints its result.
enum class Form { text, json };

}  // namespace msq::report
