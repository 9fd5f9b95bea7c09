#pragma once

#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/result.hpp"

namespace msq {

/// Runs an external tool so that its result follows from its input: of our environment it gets the search
/// paths of programs and libraries, the place for temporary files and the user's name only. Compiler flags,
/// MAKEFLAGS, TCLLIBPATH and the like stay outside; messages are in the locale C; HOME is /dev/null, below
/// which no start-up file (~/.sta, ~/.abc.rc) can be read or written.
/// @param request its `environment` is added to that. @param also further variables that the tool inherits.
/// Errors: those of run_process.
[[nodiscard]] Result<ProcessResult> run_tool(ProcessRequest request,
                                             const std::vector<std::string>& also = {});

/// First line that `PROGRAM OPTION` prints, such as "Yosys 0.23"; empty if it fails or prints nothing within
/// ten seconds.
[[nodiscard]] std::string tool_version(const std::string& program, const std::string& option = "--version");

/// The lines of a tool's output that name errors, else the last ones: a few, each cut at 300 bytes, and the
/// number of those left out. For messages; `log` may have megabytes.
[[nodiscard]] std::string error_excerpt(const std::string& log);

}  // namespace msq
