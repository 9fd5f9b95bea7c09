#include "synth/plain_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace msq::synth {
namespace {

namespace fs = std::filesystem;
using Error = tl::unexpected<std::string>;

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '_' || c == '-' || c == '.' ||
         c == '+';
}

}  // namespace

PlainPath::PlainPath(fs::path path, fs::path directory)
    : path_(std::move(path)), directory_(std::move(directory)) {}

PlainPath::PlainPath(PlainPath&& other) noexcept
    : path_(std::move(other.path_)), directory_(std::move(other.directory_)) {
  other.directory_.clear();
}

PlainPath::~PlainPath() {
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

tl::expected<PlainPath, std::string> PlainPath::of(const fs::path& path) {
  const std::string text = path.string();
  if (std::all_of(text.begin(), text.end(), is_plain)) return PlainPath(path, {});
  std::string directory = (fs::temp_directory_path() / "msq-liberty-XXXXXX").string();
  if (!std::all_of(directory.begin(), directory.end(), is_plain)) directory = "/tmp/msq-liberty-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr)
    return Error(fmt::format("cannot create a directory {}", directory));
  PlainPath result(fs::path(directory) / "cells.lib", directory);
  std::error_code code;
  fs::create_symlink(path, result.path_, code);
  if (code)
    return Error(fmt::format("cannot link {} to {}: {}", result.path_.string(), text, code.message()));
  return result;
}

}  // namespace msq::synth
