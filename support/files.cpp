#include "support/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

namespace msq {

namespace fs = std::filesystem;

std::optional<std::string> read_text(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) return std::nullopt;
  return text.str();
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
