#include "synth/plain_path.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace msq::synth {

namespace fs = std::filesystem;

PlainPath::PlainPath(fs::path path, std::optional<PlainDirectory> directory)
    : path_(std::move(path)), directory_(std::move(directory)) {}

Result<PlainPath> PlainPath::of(const fs::path& path) {
  if (is_plain_path(path)) return PlainPath(path, std::nullopt);
  auto directory = PlainDirectory::create();
  if (!directory) return Error(directory.error());
  fs::path link = directory->path() / "cells.lib";
  std::error_code code;
  fs::create_symlink(path, link, code);
  if (code)
    return Error(fmt::format("cannot link {} to {}: {}", link.string(), path.string(), code.message()));
  return PlainPath(std::move(link), std::move(*directory));
}

}  // namespace msq::synth
