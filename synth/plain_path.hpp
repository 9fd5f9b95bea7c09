#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

namespace msq::synth {

/// Yosys passes the library's path on to abc, which splits it at blanks. A path with unusual characters gets
/// a plain name for the time of the run: a link in a temporary directory.
class PlainPath {
 public:
  static tl::expected<PlainPath, std::string> of(const std::filesystem::path& path);
  PlainPath(PlainPath&& other) noexcept;
  PlainPath(const PlainPath&) = delete;
  PlainPath& operator=(const PlainPath&) = delete;
  PlainPath& operator=(PlainPath&&) = delete;
  ~PlainPath();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  PlainPath(std::filesystem::path path, std::filesystem::path directory);
  std::filesystem::path path_;
  std::filesystem::path directory_;
};

}  // namespace msq::synth
