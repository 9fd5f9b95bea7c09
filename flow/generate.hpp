#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gen/arch/design.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// A design that was written to a directory.
struct GeneratedDesign {
  std::string directory;
  Design design;
  std::vector<std::string>
      files;  ///< names, in the order in which a tool reads them, then their descriptions
};

/// Files of a design, in the order in which a tool reads them, then manifest, headers and packaging.
[[nodiscard]] std::vector<DesignFile> design_files(const Design& design);

/// Writes the files of a design. Errors: those of replace_directory.
[[nodiscard]] Result<GeneratedDesign> generate(Design design, const std::string& directory);

}  // namespace msq::flow
