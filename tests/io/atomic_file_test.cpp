#include "golden/io/atomic_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <span>
#include <string>
#include <thread>

#include "temporary_directory.hpp"

namespace msq::golden {
namespace {

using testing::contains;
using testing::read_text;
using testing::TemporaryDirectory;
using testing::Unprivileged;
using testing::write_text;

using Names = std::vector<std::string>;

TEST(AtomicFile, CreatesAndReplaces) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_file_atomically(directory / "f", "first"));
  EXPECT_EQ(read_text(directory / "f"), "first");
  ASSERT_TRUE(write_file_atomically(directory / "f", std::string_view("\0x", 2)));
  EXPECT_EQ(read_text(directory / "f"), std::string("\0x", 2));
  ASSERT_TRUE(write_file_atomically(directory / "f", ""));
  EXPECT_EQ(read_text(directory / "f"), "");
  EXPECT_EQ(directory.names(), Names{"f"});
}

TEST(AtomicFile, ContentsInPortions) {
  const TemporaryDirectory directory;
  const auto write = [&](std::string_view text, bool fail) {
    return write_file_atomically(directory / "f", [=](FileSink& sink) -> Result<> {
      for (const char& c : text) MSQ_CHECK(sink.write(std::as_bytes(std::span(&c, 1))));
      if (fail) return Error(std::string("no more"));
      return {};
    });
  };
  ASSERT_TRUE(write("first", false));
  EXPECT_EQ(read_text(directory / "f"), "first");
  EXPECT_EQ(write("second", true).error(), "no more");
  EXPECT_EQ(read_text(directory / "f"), "first");
  EXPECT_EQ(directory.names(), Names{"f"});
}

TEST(AtomicFile, KeepsPermissionsAndFollowsLinks) {
  const TemporaryDirectory directory;
  write_text(directory / "f", "old");
  ASSERT_EQ(::chmod((directory / "f").c_str(), 0640), 0);
  std::filesystem::create_symlink("f", directory / "link");
  ASSERT_TRUE(write_file_atomically(directory / "link", "new"));
  EXPECT_TRUE(std::filesystem::is_symlink(directory / "link"));
  EXPECT_EQ(read_text(directory / "f"), "new");
  struct stat status {};
  ASSERT_EQ(::stat((directory / "f").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
}

TEST(AtomicFile, NewFileObeysTheUmask) {
  const TemporaryDirectory directory;
  const mode_t old = ::umask(027);
  const auto written = write_file_atomically(directory / "f", "x");
  ::umask(old);
  ASSERT_TRUE(written);
  struct stat status {};
  ASSERT_EQ(::stat((directory / "f").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
}

TEST(AtomicFile, RelativePathAndLongName) {
  const TemporaryDirectory directory;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(directory.path());
  const auto written = write_file_atomically("f", "x");
  std::filesystem::current_path(before);
  ASSERT_TRUE(written) << written.error();
  EXPECT_EQ(read_text(directory / "f"), "x");
  const std::string name(255, 'n');  // as long as a name may be; the temporary's must not be longer
  ASSERT_TRUE(write_file_atomically(directory / name, "y"));
  EXPECT_EQ(read_text(directory / name), "y");
}

TEST(AtomicFile, MissingDirectory) {
  const TemporaryDirectory directory;
  const auto written = write_file_atomically(directory / "no/such/f", "x");
  EXPECT_EQ(written.error(),
            (directory / "no/such/f").string() + ": cannot write: No such file or directory");
  EXPECT_TRUE(directory.names().empty());
  EXPECT_FALSE(write_file_atomically(directory / "new/", "x"));
  EXPECT_TRUE(directory.names().empty());
}

TEST(AtomicFile, FileInPlaceOfADirectory) {
  const TemporaryDirectory directory;
  write_text(directory / "f", "x");
  EXPECT_TRUE(contains(write_file_atomically(directory / "f/g", "y").error(),
                       {"f/g: cannot write: Not a directory"}));
  EXPECT_EQ(read_text(directory / "f"), "x");
}

TEST(AtomicFile, DirectoryOrEmptyPath) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(contains(write_file_atomically(directory.path(), "x").error(), {"Is a directory"}));
  EXPECT_TRUE(contains(write_file_atomically("", "x").error(), {"path is empty"}));
}

TEST(AtomicFile, UnwritableDirectory) {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "d");
  ASSERT_EQ(::chmod((directory / "d").c_str(), 0555), 0);
  ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  {
    const Unprivileged user;
    const auto written = write_file_atomically(directory / "d/f", "x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error(), (directory / "d/f").string() + ": cannot write: Permission denied");
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory / "d"));
}

TEST(AtomicFile, WriteProtectedFileIsNotReplaced) {
  const TemporaryDirectory directory;
  write_text(directory / "f", "old");
  ASSERT_EQ(::chmod((directory / "f").c_str(), 0444), 0);
  ASSERT_EQ(::chmod(directory.path().c_str(), 0777), 0);
  {
    const Unprivileged user;
    // access() asks for the real user, who is still root when the test runs as root; faccessat with
    // AT_EACCESS asks for the effective one.
    EXPECT_TRUE(contains(write_file_atomically(directory / "f", "new").error(), {"Permission denied"}));
  }
  EXPECT_EQ(read_text(directory / "f"), "old");
  EXPECT_EQ(directory.names(), Names{"f"});
}

/// Not as root: should writing in place ever break, root would replace the machine's device by a file.
TEST(AtomicFile, FullDevice) {
  const Unprivileged user;
  const auto written = write_file_atomically("/dev/full", "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), "/dev/full: cannot write: No space left on device");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST(AtomicFile, FifoIsWrittenInPlace) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkfifo((directory / "fifo").c_str(), 0666), 0);
  const int reader = ::open((directory / "fifo").c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  const auto written = write_file_atomically(directory / "fifo", "abc");
  std::array<char, 8> buffer{};
  const ssize_t count = ::read(reader, buffer.data(), buffer.size());
  ::close(reader);
  ASSERT_TRUE(written) << written.error();
  ASSERT_EQ(count, 3);
  EXPECT_STREQ(buffer.data(), "abc");
  EXPECT_TRUE(std::filesystem::is_fifo(directory / "fifo"));
  EXPECT_EQ(directory.names(), Names{"fifo"});
}

/// Limits the size of files, which makes a write fail half-way as a full disk does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    (void)std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = nullptr;
};

TEST(AtomicFile, DiskFullHalfWay) {
  const TemporaryDirectory directory;
  write_text(directory / "f", "old");
  {
    const FileSizeLimit limit(4096);
    const std::string text(10000, 'x');
    EXPECT_EQ(write_file_atomically(directory / "f", text).error(),
              (directory / "f").string() + ": cannot write: File too large");
    EXPECT_FALSE(write_file_atomically(directory / "g", text));
  }
  EXPECT_EQ(read_text(directory / "f"), "old");
  EXPECT_EQ(directory.names(), Names{"f"});
}

/// A handler as the program has it.
void remove_and_exit(int /*signal*/) {
  remove_pending_files();
  ::_exit(42);
}

/// A child writes without pause until a signal ends it at an arbitrary moment: never a temporary, never half
/// a file.
TEST(AtomicFile, SignalLeavesNothing) {
  constexpr std::size_t kBytes = 1 << 20;
  int with_file = 0;
  for (int round = 0; round < 40; ++round) {
    const TemporaryDirectory directory;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      (void)std::signal(SIGINT, remove_and_exit);
      ::alarm(60);  // whatever becomes of the parent
      for (int i = 0;; ++i) {
        (void)write_file_atomically(directory / "f", std::string(kBytes, static_cast<char>('a' + i % 26)));
      }
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (directory.names().empty() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    std::this_thread::sleep_for(std::chrono::microseconds(311 * round));
    ASSERT_EQ(::kill(child, SIGINT), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_EQ(WEXITSTATUS(status), 42);
    const Names names = directory.names();
    if (names.empty()) {
      continue;
    }
    ++with_file;
    ASSERT_EQ(names, Names{"f"}) << "round " << round;
    const std::string text = read_text(directory / "f");
    ASSERT_EQ(text, std::string(kBytes, text.empty() ? '?' : text[0])) << "round " << round;
  }
  EXPECT_GT(with_file, 0);
}

/// Another thread removes what this one writes, as a handler on another thread may.
TEST(AtomicFile, RemovePendingInterruptsAWriteAndFreesItsSlot) {
  const TemporaryDirectory directory;
  int interrupted = 0;
  std::jthread remover([](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      remove_pending_files();
    }
  });
  const std::string text(1 << 18, 'x');
  for (int i = 0; i < 20000 && interrupted < 200; ++i) {
    const auto written = write_file_atomically(directory / "f", text);
    if (!written) {
      ASSERT_EQ(written.error(), (directory / "f").string() + ": cannot write: interrupted");
      ++interrupted;
    }
  }
  remover.request_stop();
  remover.join();
  EXPECT_GE(interrupted, 200);  // many times the number of slots: they are used again
  ASSERT_TRUE(write_file_atomically(directory / "f", "end"));
  EXPECT_EQ(directory.names(), Names{"f"});
}

TEST(AtomicFile, RemovePendingWithoutWritesKeepsErrnoAndFiles) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_file_atomically(directory / "f", "x"));
  errno = EDOM;
  remove_pending_files();
  EXPECT_EQ(errno, EDOM);
  EXPECT_EQ(read_text(directory / "f"), "x");
}

}  // namespace
}  // namespace msq::golden
