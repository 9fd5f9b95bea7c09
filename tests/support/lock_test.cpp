#include "support/lock.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "support/files.hpp"
#include "support/process.hpp"

namespace msq {
namespace {

class LockTest : public testing::Test {
 protected:
  /// Whether another process gets the lock.
  static bool is_free(const std::filesystem::path& path) {
    const auto result = run_process({.argv = {"flock", "--nonblock", path.string(), "true"}});
    return result && result->ok();
  }
  Result<PlainDirectory> directory_ = PlainDirectory::create();
};

TEST_F(LockTest, HoldsADirectoryAsLongAsItLives) {
  const auto& path = directory_->path();
  {
    const auto lock = Lock::directory(path);
    ASSERT_TRUE(lock) << lock.error();
    EXPECT_FALSE(is_free(path));
    EXPECT_EQ(Lock::directory(path).error(),
              path.string() + ": in use by another run that writes the same output");
  }
  EXPECT_TRUE(is_free(path));
  EXPECT_TRUE(std::filesystem::is_empty(path)) << "no lock file";
}

TEST_F(LockTest, JoinedLocksKeepOthersOutTogether) {
  const auto& path = directory_->path();
  auto first = std::optional(Lock::joined_directory(path));
  auto second = std::optional(Lock::joined_directory(path));
  ASSERT_TRUE(*first && *second);
  first.reset();
  EXPECT_FALSE(is_free(path));
  EXPECT_FALSE(Lock::directory(path));
  second.reset();
  const auto alone = Lock::directory(path);
  ASSERT_TRUE(alone);
  EXPECT_FALSE(Lock::joined_directory(path));
}

TEST_F(LockTest, IsSharedWithinTheProcess) {
  const auto& path = directory_->path();
  auto first = Lock::shared_directory(path);
  auto second = Lock::shared_directory(path / ".." / path.filename());
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  first->reset();
  EXPECT_FALSE(is_free(path));
  second->reset();
  EXPECT_TRUE(is_free(path));
}

TEST_F(LockTest, MakesAFileToWaitFor) {
  const auto file = directory_->path() / "x.lock";
  const auto lock = Lock::wait_for_file(file);
  ASSERT_TRUE(lock) << lock.error();
  EXPECT_FALSE(is_free(file));
}

TEST_F(LockTest, NamesWhatCannotBeOpened) {
  const auto missing = directory_->path() / "none";
  EXPECT_EQ(Lock::directory(missing).error(), missing.string() + ": cannot open: No such file or directory");
  EXPECT_EQ(Lock::shared_directory(missing).error(),
            missing.string() + ": cannot open: No such file or directory");
  EXPECT_EQ(Lock::wait_for_file(directory_->path()).error(),
            directory_->path().string() + ": cannot open: Is a directory");
}

}  // namespace
}  // namespace msq
