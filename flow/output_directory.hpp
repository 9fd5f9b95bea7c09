#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gen/arch/design.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// File by which an output of `generate` is recognized.
inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kRegisterPage = "registers.md";

/// Makes a directory hold exactly these files, or leaves it as it was: they are written to a directory beside
/// it, which then takes its place. The directory may be missing (its parent may not), empty, or hold an
/// earlier output: a manifest and nothing but Verilog and C++ headers. Errors name the directory or file, and
/// the reason.
[[nodiscard]] Result<> replace_directory(const std::filesystem::path& directory,
                                         const std::vector<DesignFile>& files);

}  // namespace msq::flow
