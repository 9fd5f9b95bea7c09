#include "flow/output_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>
#include <utility>

#include "flow/file_list.hpp"
#include "gen/arch/manifest.hpp"
#include "golden/io/atomic_file.hpp"
#include "support/interrupt.hpp"
#include "support/lock.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

std::string errno_text() { return std::generic_category().message(errno); }

/// A directory made beside another one. At the end or when interrupted, files of the given names are removed,
/// and the directory unless anything else is in it.
class Beside {
 public:
  Beside(const fs::path& target, FileNames names)
      : names_(std::move(names)),
        path_((target.parent_path() / fmt::format(".{}.XXXXXX", target.filename().string())).string()),
        made_(::mkdtemp(path_.data()) != nullptr),
        reason_(made_ ? "" : errno_text()),
        cleanup_([this] { remove(); }) {}
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;
  ~Beside() { remove(); }

  [[nodiscard]] bool made() const { return made_; }
  /// Why not.
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  void remove() const {
    std::error_code ignored;
    // When interrupted, the writer may still be adding a file.
    for (int i = 0; made_ && i < 100 && fs::exists(path_, ignored); ++i) {
      for (const std::string& name : names_) fs::remove(fs::path(path_) / name, ignored);
      fs::remove(path_, ignored);
    }
  }

  FileNames names_;
  std::string path_;
  bool made_;
  std::string reason_;
  Cleanup cleanup_;
};

/// The files of an earlier output. Error: something else would be lost.
Result<FileNames> replaceable_files(const fs::path& directory) {
  std::error_code error;
  const FileNames listed = listed_files(directory / kManifestFile, {"files", "other_files"});
  std::vector<std::string> others;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (!listed.contains(name) || !is_own_file(entry.path())) others.push_back(name);
  }
  if (error) return Error(fmt::format("{}: cannot read: {}", directory.string(), error.message()));
  if (others.empty()) return listed;
  std::sort(others.begin(), others.end());
  return Error(
      fmt::format("{}: found {}, not listed as written by generate in {}; allowed: a new or empty directory, "
                  "or an earlier output alone",
                  directory.string(), names_text(others), kManifestFile));
}

/// Exchanges the directories. Files that came to the old one in the meantime are moved back.
Result<> swap_in(const Beside& beside, const fs::path& to, const FileNames& old) {
  std::error_code error;
  if (::renameat2(AT_FDCWD, beside.path().c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) {
    for (const auto& entry : fs::directory_iterator(beside.path(), error)) {
      const fs::path place = to / entry.path().filename();
      if (!old.contains(entry.path().filename()) && !fs::exists(place, error))
        fs::rename(entry.path(), place, error);
    }
    return {};
  }
  // Not every file system can exchange; an empty directory can be replaced by any.
  if (errno == EINVAL) {
    for (const std::string& name : old) fs::remove(to / name, error);
    if (::rename(beside.path().c_str(), to.c_str()) == 0) return {};
  }
  return Error(fmt::format("{}: cannot write: {}", to.string(), errno_text()));
}

Error in_use(const fs::path& directory) {
  return Error(fmt::format("{}: in use by another run that writes the same output", directory.string()));
}

/// Lock of a directory that is there. Error: another run holds it, or has just replaced it.
Result<Lock> lock_directory(const fs::path& directory) {
  const auto identity = [&] {
    struct stat status = {};
    return ::stat(directory.c_str(), &status) == 0 ? std::pair(status.st_dev, status.st_ino)
                                                   : std::pair(dev_t{}, ino_t{});
  };
  const auto before = identity();
  MSQ_TRY(Lock lock, Lock::directory(directory));
  if (identity() != before) return in_use(directory);
  return lock;
}

/// mkdtemp lets only the owner in: as a directory that was there, or as mkdir would.
void set_permissions(const fs::path& directory, const fs::path& target, bool exists) {
  std::error_code ignored;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  const auto made = static_cast<fs::perms>(0777 & ~mask);
  fs::permissions(directory, exists ? fs::status(target, ignored).permissions() : made, ignored);
}

}  // namespace

Result<> replace_directory(const fs::path& directory, const std::vector<DesignFile>& files) {
  std::error_code error;
  fs::path target = fs::weakly_canonical(fs::absolute(directory, error), error);
  if (target.filename().empty()) target = target.parent_path();  // written with a slash at the end
  const bool exists = fs::exists(target, error);
  FileNames old;
  std::optional<Lock> lock;
  if (exists) {
    if (!fs::is_directory(target, error))
      return Error(fmt::format("{}: cannot write: not a directory", target.string()));
    MSQ_TRY(Lock taken, lock_directory(target));
    lock.emplace(std::move(taken));
    MSQ_TRY(old, replaceable_files(target));
  }
  FileNames names = old;
  for (const DesignFile& file : files) names.insert(file.name);
  const fs::path parent = target.parent_path();
  const auto cannot_write = [&](const std::string& reason) {
    return Error(fmt::format("{}: cannot write: {}: {}", directory.string(), parent.string(), reason));
  };
  fs::create_directories(parent, error);
  if (error) return cannot_write(error.message());
  const Beside beside(target, std::move(names));
  if (!beside.made()) return cannot_write(beside.reason());
  for (const DesignFile& file : files) {
    MSQ_CHECK(golden::write_file_atomically(fs::path(beside.path()) / file.name, file.text));
  }
  set_permissions(beside.path(), target, exists);
  // An interruption must not remove the directory that takes the place of the old output.
  const UninterruptedStep step;
  if (exists) return swap_in(beside, target, old);
  if (::rename(beside.path().c_str(), target.c_str()) != 0) {
    if (errno == ENOTEMPTY || errno == EEXIST) return in_use(directory);  // made in the meantime
    return Error(fmt::format("{}: cannot write: {}", directory.string(), errno_text()));
  }
  return {};
}

}  // namespace msq::flow
