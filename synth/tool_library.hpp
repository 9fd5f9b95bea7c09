#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "support/files.hpp"
#include "support/result.hpp"
#include "synth/liberty.hpp"

namespace msq::synth {

/// A Liberty file as Yosys, abc and OpenSTA take it. Usually that is the file itself. One with unusual
/// characters in its path, which abc splits at blanks, or with Liberty::edits is copied, with the edits,
/// under a plain name in a temporary directory that goes with the object.
class ToolLibrary {
 public:
  /// Errors: those of read_liberty; no temporary directory or file can be made.
  [[nodiscard]] static Result<ToolLibrary> of(const std::filesystem::path& path);
  /// Absolute.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Contents of the original.
  [[nodiscard]] const Liberty& liberty() const { return liberty_; }

 private:
  ToolLibrary(std::filesystem::path path, Liberty liberty, std::optional<PlainDirectory> directory);

  std::filesystem::path path_;
  Liberty liberty_;
  std::optional<PlainDirectory> directory_;
};

}  // namespace msq::synth
