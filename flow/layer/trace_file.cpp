#include "flow/layer/trace_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

fs::path resolved(const fs::path& file) {
  std::error_code ignored;
  return fs::weakly_canonical(fs::absolute(file, ignored), ignored);
}

Error cannot_write(const fs::path& file, const std::string& reason) {
  return Error(fmt::format("{}: cannot write: {}", file.string(), reason));
}

}  // namespace

TraceFile::TraceFile(fs::path file)
    : file_(std::move(file)),
      target_(resolved(file_)),
      temporary_(target_.parent_path() / fmt::format(".{}.{}.tmp", target_.filename().string(), ::getpid())),
      cleanup_([this] { remove(); }) {}

TraceFile::~TraceFile() { remove(); }

void TraceFile::remove() const {
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

Result<> TraceFile::check(const fs::path& file) {
  std::error_code error;
  const fs::path target = resolved(file);
  if (!fs::is_directory(target.parent_path(), error)) return cannot_write(file, "no such directory");
  if (!fs::exists(target, error)) return {};
  if (fs::is_directory(target, error)) return cannot_write(file, "is a directory");
  if (!fs::is_regular_file(target, error)) return cannot_write(file, "is not a regular file");
  if (::access(target.c_str(), W_OK) != 0) return cannot_write(file, std::generic_category().message(errno));
  return {};
}

Result<> TraceFile::keep() const {
  std::error_code error;
  const fs::file_status before = fs::status(target_, error);
  if (fs::exists(before)) fs::permissions(temporary_, before.permissions(), error);
  fs::rename(temporary_, target_, error);
  return error ? Result<>(cannot_write(file_, error.message())) : Result<>();
}

}  // namespace msq::flow
