#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gen/arch/design.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Makes a directory hold exactly these files, or leaves it as it was: they are written to a directory beside
/// it, which then takes its place. The directory may be missing (its parents, too: they are made), empty, or
/// hold an earlier output: files that its manifest lists, and nothing else. Errors name the directory, what
/// would be lost, and the reason; or another run is writing the directory.
[[nodiscard]] Result<> replace_directory(const std::filesystem::path& directory,
                                         const std::vector<DesignFile>& files);

}  // namespace msq::flow
