#include "support/files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "support/regular_file.hpp"

namespace msq {

namespace fs = std::filesystem;

Result<std::string> read_text(const fs::path& path, std::size_t limit) {
  MSQ_TRY(const int descriptor, open_regular_file(path));
  std::string text;
  std::array<char, 1 << 16> chunk{};
  ssize_t count = 1;
  int failed = 0;
  while (text.size() < limit && count != 0) {
    count = ::read(descriptor, chunk.data(), std::min(chunk.size(), limit - text.size()));
    if (count < 0 && errno == EINTR) continue;
    failed = count < 0 ? errno : 0;
    if (failed != 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
  ::close(descriptor);
  if (failed == 0) return text;
  return Error(fmt::format("{}: cannot read: {}", path.string(), std::generic_category().message(failed)));
}

Result<> write_text(const fs::path& path, std::string_view text) {
  errno = 0;
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (out) return {};
  return Error(fmt::format("{}: cannot write: {}", path.string(), std::generic_category().message(errno)));
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error)) return true;
  const auto resolved = [&error](const fs::path& path) {
    return fs::weakly_canonical(fs::absolute(path, error), error);
  };
  const fs::path one = resolved(a);
  return !error && one == resolved(b) && !error;
}

bool is_plain_path(const fs::path& path) {
  const std::string text = path.string();
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("/_-.+").find(c) != std::string_view::npos;
  });
}

namespace {

void remove_quietly(const fs::path& directory) {
  std::error_code ignored;
  fs::remove_all(directory, ignored);
}

}  // namespace

PlainDirectory::PlainDirectory(fs::path path)
    : path_(std::move(path)), cleanup_(std::make_unique<Cleanup>([path = path_] { remove_quietly(path); })) {}

PlainDirectory::PlainDirectory(PlainDirectory&& other) noexcept
    : path_(std::move(other.path_)), cleanup_(std::move(other.cleanup_)) {
  other.path_.clear();
}

PlainDirectory::~PlainDirectory() {
  if (!path_.empty()) remove_quietly(path_);
}

Result<PlainDirectory> PlainDirectory::create() {
  std::error_code error;
  std::string directory = (fs::temp_directory_path(error) / "msq-XXXXXX").string();
  if (error || !is_plain_path(directory)) directory = "/tmp/msq-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr)
    return Error(fmt::format("cannot create a directory {}", directory));
  return PlainDirectory(directory);
}

}  // namespace msq
