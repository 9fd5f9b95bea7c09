#pragma once

#include "cli/command.hpp"

namespace msq::cli {

/// Prints the versions of the program, its formats, its compiler and of every tool that it can start, as
/// JSON.
[[nodiscard]] Outcome print_versions();

}  // namespace msq::cli
