#include "golden/io/byte_source.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "support/regular_file.hpp"

namespace msq::golden {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

class FileSource final : public ByteSource {
 public:
  FileSource(std::string name, std::uint64_t size, int descriptor)
      : ByteSource(std::move(name), size), descriptor_(descriptor) {}
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override { ::close(descriptor_); }

  Result<> read(std::uint64_t offset, std::span<std::byte> out) const override {
    while (!out.empty()) {
      const ssize_t count = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        return Error(fmt::format("{}: cannot read: {}", name(), reason(errno)));
      }
      if (count == 0) {
        return Error(fmt::format("{}: the file ends at byte {}, {} more bytes were expected", name(), offset,
                                 out.size()));
      }
      offset += static_cast<std::uint64_t>(count);
      out = out.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }

 private:
  int descriptor_;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::span<const std::byte> bytes, std::string name)
      : ByteSource(std::move(name), bytes.size()), bytes_(bytes) {}

  Result<> read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) {
      return Error(fmt::format("{}: the file ends at byte {}, bytes {} to {} were expected", name(),
                               bytes_.size(), offset, offset + out.size()));
    }
    if (!out.empty()) {
      std::memcpy(out.data(), bytes_.data() + offset, out.size());
    }
    return {};
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_file(const std::filesystem::path& path) {
  MSQ_TRY(const int descriptor, open_regular_file(path));
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    const int failed = errno;
    ::close(descriptor);
    return Error(fmt::format("{}: cannot open: {}", path.string(), reason(failed)));
  }
  return std::make_unique<FileSource>(path.string(), static_cast<std::uint64_t>(status.st_size), descriptor);
}

std::unique_ptr<ByteSource> memory_source(std::span<const std::byte> bytes, std::string name) {
  return std::make_unique<MemorySource>(bytes, std::move(name));
}

}  // namespace msq::golden
