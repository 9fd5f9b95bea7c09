#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace msq::cli {

// Types of the options whose values are files or directories, as the help shows them. Every such option has
// one of them: check_outputs goes by it.

inline constexpr const char* kConfig = "FILE|PRESET";       ///< read, unless it is the name of a preset
inline constexpr const char* kInput = "FILE";               ///< read
inline constexpr const char* kInputPath = "PATH";           ///< file or directory that is read
inline constexpr const char* kOutput = "OUT_FILE";          ///< written
inline constexpr const char* kOutputDirectory = "OUT_DIR";  ///< files in it are written

/// A file that an option names.
struct NamedFile {
  std::string option, path;
};

/// Refuses an output that is one of the inputs, or another output: the same file on the disk, through links
/// too, or the same path.
[[nodiscard]] Result<> check_apart(const std::vector<NamedFile>& inputs,
                                   const std::vector<NamedFile>& outputs);

/// The same for the options of a command that was parsed, defaults included.
[[nodiscard]] Result<> check_outputs(const CLI::App& command);

}  // namespace msq::cli
