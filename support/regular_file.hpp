#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "support/result.hpp"

namespace msq {

/// Opens a regular file for reading; the caller closes the descriptor. Error (names path and reason): the
/// file is missing or unreadable, or a directory, FIFO or device. Never waits for a FIFO's writer. In a
/// header of its own because the golden model links nothing of ours.
[[nodiscard]] inline Result<int> open_regular_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  const bool opened = descriptor >= 0;
  const int reason = opened && ::fstat(descriptor, &status) == 0 ? 0 : errno;
  if (opened && reason == 0 && S_ISREG(status.st_mode)) return descriptor;
  if (opened) ::close(descriptor);
  if (reason != 0)
    return Error(fmt::format("{}: cannot open: {}", path.string(), std::generic_category().message(reason)));
  const char* kind = S_ISDIR(status.st_mode)    ? "a directory"
                     : S_ISFIFO(status.st_mode) ? "a FIFO"
                                                : "a device or socket";
  return Error(fmt::format("{}: is {}; allowed: a regular file", path.string(), kind));
}

}  // namespace msq
