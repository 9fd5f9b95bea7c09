#include "support/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace msq {
namespace {

class ReadText : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(directory_); }
  [[nodiscard]] std::filesystem::path path(const char* name) const { return directory_->path() / name; }

  Result<PlainDirectory> directory_ = PlainDirectory::create();
};

TEST_F(ReadText, GivesEveryByteOrThoseUpToTheLimit) {
  std::string bytes(200'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % 251);
  std::ofstream(path("f"), std::ios::binary) << bytes;
  EXPECT_EQ(read_text(path("f")), bytes);
  EXPECT_EQ(read_text(path("f"), 70'001), bytes.substr(0, 70'001));
  EXPECT_EQ(read_text(path("f"), 200'001), bytes);
  EXPECT_EQ(read_text(path("f"), 0), "");
  std::ofstream(path("empty"), std::ios::binary).flush();
  EXPECT_EQ(read_text(path("empty")), "");
}

TEST_F(ReadText, NeverWaitsForAFifo) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(read_text(path("fifo")).error(), path("fifo").string() + ": is a FIFO; allowed: a regular file");
}

TEST_F(ReadText, NamesWhatCannotBeRead) {
  EXPECT_EQ(read_text(path("none")).error(),
            path("none").string() + ": cannot open: No such file or directory");
  EXPECT_EQ(read_text(directory_->path()).error(),
            directory_->path().string() + ": is a directory; allowed: a regular file");
  EXPECT_EQ(read_text("/dev/null").error(), "/dev/null: is a device or socket; allowed: a regular file");
}

TEST_F(ReadText, GivesWhatWasWritten) {
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(write_text(path("f"), "longer than the next text"));
  ASSERT_TRUE(write_text(path("f"), bytes));
  EXPECT_EQ(read_text(path("f")), bytes);
  EXPECT_EQ(write_text(path("none/f"), "x").error(),
            path("none/f").string() + ": cannot write: No such file or directory");
  EXPECT_EQ(write_text("/dev/full", "x").error(), "/dev/full: cannot write: No space left on device");
}

TEST_F(ReadText, KnowsOneFileByEveryPath) {
  std::ofstream(path("f")) << "x";
  std::ofstream(path("other")) << "x";
  std::filesystem::create_hard_link(path("f"), path("hard"));
  std::filesystem::create_symlink("f", path("link"));
  for (const char* name : {"f", "hard", "link"}) {
    EXPECT_TRUE(same_file(path("f"), path(name))) << name;
    EXPECT_FALSE(same_file(path("other"), path(name))) << name;
  }
  EXPECT_TRUE(same_file(path("new"), directory_->path() / "." / "new"));
  EXPECT_FALSE(same_file(path("new"), path("f")));
}

}  // namespace
}  // namespace msq
