#include "flow/output_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "golden/io/atomic_file.hpp"
#include "support/interrupt.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

std::string errno_text() { return std::generic_category().message(errno); }

/// A directory made beside another one, removed with its contents at the end or when interrupted.
class Beside {
 public:
  explicit Beside(const fs::path& target)
      : path_((target.parent_path() / fmt::format(".{}.XXXXXX", target.filename().string())).string()),
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
    for (int i = 0; made_ && i < 100 && fs::exists(path_, ignored); ++i) fs::remove_all(path_, ignored);
  }

  std::string path_;
  bool made_;
  std::string reason_;
  Cleanup cleanup_;
};

/// Whether what is there may be replaced.
Result<> check_replaceable(const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    return Error(fmt::format("{}: cannot write: not a directory", directory.string()));
  }
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string extension = entry.path().extension().string();
    names.push_back(entry.path().filename().string());
    const bool ours =
        entry.is_regular_file(error) && (names.back() == kManifestFile || names.back() == kRegisterPage ||
                                         extension == ".v" || extension == ".vh" || extension == ".vlt" ||
                                         extension == ".hpp" || extension == ".h" || extension == ".core");
    if (!ours) {
      return Error(
          fmt::format("{}: found \"{}\", which generate does not write; allowed: a new or empty "
                      "directory, or an earlier output",
                      directory.string(), names.back()));
    }
  }
  if (error) return Error(fmt::format("{}: cannot read: {}", directory.string(), error.message()));
  if (!names.empty() && std::find(names.begin(), names.end(), kManifestFile) == names.end()) {
    return Error(
        fmt::format("{}: holds files but no {}; allowed: a new or empty directory, or an earlier "
                    "output",
                    directory.string(), kManifestFile));
  }
  return {};
}

Result<> swap_in(const std::string& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return {};
  // Not every file system can exchange; an empty directory can be replaced by any.
  if (errno == EINVAL) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(to, ignored)) fs::remove(entry.path(), ignored);
    if (::rename(from.c_str(), to.c_str()) == 0) return {};
  }
  return Error(fmt::format("{}: cannot write: {}", to.string(), errno_text()));
}

}  // namespace

Result<> replace_directory(const fs::path& directory, const std::vector<DesignFile>& files) {
  std::error_code error;
  fs::path target = fs::weakly_canonical(fs::absolute(directory, error), error);
  if (target.filename().empty()) target = target.parent_path();  // written with a slash at the end
  const bool exists = fs::exists(target, error);
  if (exists) {
    MSQ_CHECK(check_replaceable(target));
  }
  const Beside beside(target);
  if (!beside.made()) {
    return Error(fmt::format("{}: cannot write: {}: {}", directory.string(), target.parent_path().string(),
                             beside.reason()));
  }
  for (const DesignFile& file : files) {
    MSQ_CHECK(golden::write_file_atomically(fs::path(beside.path()) / file.name, file.text));
  }
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::chmod(beside.path().c_str(), 0777 & ~mask);  // mkdtemp lets only the owner in
  if (exists) return swap_in(beside.path(), target);
  if (::rename(beside.path().c_str(), target.c_str()) != 0) {
    return Error(fmt::format("{}: cannot write: {}", directory.string(), errno_text()));
  }
  return {};
}

}  // namespace msq::flow
