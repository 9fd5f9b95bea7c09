#include "support/lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

namespace msq {
namespace {

namespace fs = std::filesystem;

std::string errno_text() { return std::generic_category().message(errno); }

}  // namespace

Lock::Lock(Lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Lock::~Lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<Lock> Lock::take(const fs::path& path, int open_flags, int operation) {
  const int descriptor = ::open(path.c_str(), open_flags | O_CLOEXEC, 0666);
  if (descriptor < 0) return Error(fmt::format("{}: cannot open: {}", path.string(), errno_text()));
  Lock lock(descriptor);
  int code = 0;
  do {
    code = ::flock(descriptor, operation);
  } while (code != 0 && errno == EINTR);
  if (code == 0) return lock;
  if (errno == EWOULDBLOCK)
    return Error(fmt::format("{}: in use by another run that writes the same output", path.string()));
  return Error(fmt::format("{}: cannot lock: {}", path.string(), errno_text()));
}

Result<Lock> Lock::wait_for_file(const fs::path& file) { return take(file, O_CREAT | O_RDWR, LOCK_EX); }

Result<Lock> Lock::directory(const fs::path& directory) {
  return take(directory, O_RDONLY | O_DIRECTORY, LOCK_EX | LOCK_NB);
}

Result<Lock> Lock::joined_directory(const fs::path& directory) {
  return take(directory, O_RDONLY | O_DIRECTORY, LOCK_SH | LOCK_NB);
}

Result<std::shared_ptr<const Lock>> Lock::shared_directory(const fs::path& directory) {
  static std::mutex mutex;
  static std::map<fs::path, std::weak_ptr<const Lock>> held;
  std::error_code error;
  const fs::path key = fs::canonical(directory, error);
  if (error) return Error(fmt::format("{}: cannot open: {}", directory.string(), error.message()));
  const std::lock_guard guard(mutex);
  if (auto known = held[key].lock()) return known;
  MSQ_TRY(Lock lock, Lock::directory(directory));
  const auto shared = std::make_shared<const Lock>(std::move(lock));
  held[key] = shared;
  return shared;
}

}  // namespace msq
