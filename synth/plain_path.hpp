#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "support/files.hpp"
#include "support/result.hpp"

namespace msq::synth {

/// Yosys passes the library's path on to abc, which splits it at blanks. A path with unusual characters gets
/// a plain name for the time of the run: a link in a temporary directory.
class PlainPath {
 public:
  static Result<PlainPath> of(const std::filesystem::path& path);
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  PlainPath(std::filesystem::path path, std::optional<PlainDirectory> directory);
  std::filesystem::path path_;
  std::optional<PlainDirectory> directory_;
};

}  // namespace msq::synth
