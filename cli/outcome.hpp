#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "support/result.hpp"

namespace msq::cli {

/// Exit codes of the program. Ended by a signal: 128 + its number, as shells count.
enum ExitCode {
  kOk = 0,           ///< done, and every check passed
  kCheckFailed = 1,  ///< ran to completion; a check failed
  kBadInput = 2,     ///< bad usage, input, or a tool that is missing
  kInternal = 3      ///< a bug of this program
};

using Json = nlohmann::ordered_json;

/// An exit code (kOk or kCheckFailed), or why the input cannot be used (kBadInput).
using Outcome = Result<int>;

}  // namespace msq::cli
