#include "golden/io/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <system_error>
#include <utility>

namespace msq::golden {
namespace {

/// A slot belongs to the writer that moved it out of `free`. A signal handler may take a slot only from
/// `active`, when its path is complete, and the path does not change while it is `taken`. The last user
/// frees the slot: the writer if it finds `removed`, the handler if the writer left it `abandoned`.
enum class SlotState : int { free, filling, active, taken, removed, abandoned };

struct Slot {
  std::atomic<SlotState> state{SlotState::free};
  std::array<char, PATH_MAX> path{};
};

static_assert(std::atomic<SlotState>::is_always_lock_free, "a signal handler uses it");

constexpr std::size_t kSlots = 32;
std::array<Slot, kSlots> slots;  // static: a signal handler must not allocate

/// A temporary that remove_pending_files knows of; its destructor removes it unless it was renamed.
class PendingFile {
 public:
  PendingFile() = default;
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  ~PendingFile() {
    if (slot_ == nullptr) {
      return;
    }
    if (!renamed_) {
      ::unlink(path_.c_str());
    }
    if (!move_on(SlotState::active, SlotState::free) && !move_on(SlotState::taken, SlotState::abandoned)) {
      move_on(SlotState::removed, SlotState::free);
    }
  }

  /// Registers `path`, absolute so that a change of directory does not matter.
  [[nodiscard]] bool claim(std::string path) {
    if (path.size() >= PATH_MAX) {
      return false;
    }
    for (Slot& slot : slots) {
      SlotState expected = SlotState::free;
      if (slot.state.compare_exchange_strong(expected, SlotState::filling)) {
        std::memcpy(slot.path.data(), path.c_str(), path.size() + 1);
        slot.state.store(SlotState::active);
        slot_ = &slot;
        path_ = std::move(path);
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  /// remove_pending_files came by.
  [[nodiscard]] bool interrupted() const { return slot_->state.load() != SlotState::active; }

  /// Returns errno, 0 on success.
  [[nodiscard]] int rename_to(const std::string& target) {
    if (std::rename(path_.c_str(), target.c_str()) != 0) {
      return errno;
    }
    renamed_ = true;
    return 0;
  }

 private:
  bool move_on(SlotState from, SlotState to) { return slot_->state.compare_exchange_strong(from, to); }

  Slot* slot_ = nullptr;
  std::string path_;
  bool renamed_ = false;
};

Error cannot_write(const std::filesystem::path& path, std::string_view reason) {
  return Error(fmt::format("{}: cannot write: {}", path.string(), reason));
}

Error cannot_write(const std::filesystem::path& path, int error) {
  return cannot_write(path, std::generic_category().message(error));
}

/// Returns errno, 0 on success.
int write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) {
      return errno;
    }
    if (count > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }
  return 0;
}

/// Writes and closes; the first error counts. Some file systems report a full disk only when the file is
/// closed.
Result<> fill_and_close(int descriptor, const std::filesystem::path& path, const FileContents& contents) {
  FileSink sink(descriptor, path);
  auto written = contents(sink);
  if (::close(descriptor) != 0 && written) return cannot_write(path, errno);
  return written;
}

Result<> write_in_place(const std::filesystem::path& path, const FileContents& contents) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return cannot_write(path, errno);
  return fill_and_close(descriptor, path, contents);
}

/// `path` is the file meant; `mode`: permissions to copy from the file that is replaced.
Result<> write_temporary(const PendingFile& pending, const std::filesystem::path& path,
                         const FileContents& contents, std::optional<mode_t> mode) {
  const int descriptor = ::open(pending.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) return cannot_write(path, errno);
  if (mode && ::fchmod(descriptor, *mode) != 0) {
    const int error = errno;
    ::close(descriptor);
    return cannot_write(path, error);
  }
  return fill_and_close(descriptor, path, contents);
}

/// Absolute, links resolved, so that the temporary is beside the file that is replaced.
Result<std::filesystem::path> resolve(const std::filesystem::path& path) {
  std::error_code error;
  auto resolved = std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
  if (error) {
    return cannot_write(path, error.value());
  }
  return resolved;
}

/// Random, since process numbers repeat (on a directory shared by containers, say).
std::string temporary_name(const std::filesystem::path& target) {
  constexpr std::size_t kNameLimit = 100;  // leaves room below NAME_MAX for the suffix
  std::random_device random;
  return fmt::format(".{}.{:08x}{:08x}.tmp", target.filename().string().substr(0, kNameLimit), random(),
                     random());
}

Result<> replace(const std::filesystem::path& path, const FileContents& contents,
                 std::optional<mode_t> mode) {
  MSQ_TRY(const auto target, resolve(path));
  PendingFile pending;
  if (!pending.claim((target.parent_path() / temporary_name(target)).string())) {
    return cannot_write(path, "its path is too long, or too many files are being written at once");
  }
  const auto written = write_temporary(pending, path, contents, mode);
  if (pending.interrupted()) return cannot_write(path, "interrupted");
  if (!written) return written;
  const int error = pending.rename_to(target.string());
  if (error == 0) return {};
  return pending.interrupted() ? cannot_write(path, "interrupted") : cannot_write(path, error);
}

}  // namespace

Result<> FileSink::write(std::span<const std::byte> bytes) {
  const int error = write_all(descriptor_, bytes);
  if (error != 0) return cannot_write(path_, error);
  return {};
}

Result<> write_file_atomically(const std::filesystem::path& path, const FileContents& contents) {
  struct stat status {};
  if (path.empty()) {
    return Error(std::string("cannot write: the path is empty"));
  }
  if (::stat(path.c_str(), &status) != 0) {
    return errno == ENOENT ? replace(path, contents, std::nullopt) : cannot_write(path, errno);
  }
  if (S_ISDIR(status.st_mode)) {
    return cannot_write(path, EISDIR);
  }
  if (!S_ISREG(status.st_mode)) {
    return write_in_place(path, contents);
  }
  if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) !=
      0) {  // rename alone would replace a write-protected file
    return cannot_write(path, errno);
  }
  return replace(path, contents, status.st_mode & 07777);
}

Result<> write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  return write_file_atomically(path, [bytes](FileSink& sink) { return sink.write(bytes); });
}

Result<> write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  return write_file_atomically(path, std::as_bytes(std::span(text)));
}

void remove_pending_files() noexcept {
  const int saved = errno;
  for (Slot& slot : slots) {
    SlotState expected = SlotState::active;
    if (slot.state.compare_exchange_strong(expected, SlotState::taken)) {
      ::unlink(slot.path.data());
      expected = SlotState::taken;
      if (!slot.state.compare_exchange_strong(expected, SlotState::removed)) {
        slot.state.store(SlotState::free);
      }
    }
  }
  errno = saved;
}

}  // namespace msq::golden
