#include "flow/output_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "flow/file_list.hpp"
#include "gen/arch/manifest.hpp"
#include "support/files.hpp"
#include "support/lock.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

/// Files of run number `run`: a manifest and a file of its own.
std::vector<DesignFile> files_of(int run) {
  const std::string name = "run" + std::to_string(run);
  return {{kManifestFile, R"({"generator": ")" + generator_name() + R"(", "files": [")" + name +
                              R"("], "other_files": [")" + kManifestFile + R"("]})"},
          {name, name}};
}

class OutputDirectory : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(directory_); }
  [[nodiscard]] fs::path target() const { return directory_->path() / "out"; }

  /// Errors of several runs at once.
  [[nodiscard]] std::vector<std::string> replace_at_once(int runs) const {
    std::vector<std::string> errors;
    std::mutex mutex;
    std::vector<std::jthread> threads;
    for (int run = 0; run < runs; ++run) {
      threads.emplace_back([&, run] {
        const auto replaced = replace_directory(target(), files_of(run));
        const std::lock_guard guard(mutex);
        if (!replaced) errors.push_back(replaced.error());
      });
    }
    threads.clear();
    return errors;
  }
  void expect_one_output() const {
    const FileNames listed = listed_files(target() / kManifestFile, {"files", "other_files"});
    FileNames found;
    for (const auto& entry : fs::directory_iterator(target())) found.insert(entry.path().filename());
    EXPECT_EQ(found, listed);
  }

  Result<PlainDirectory> directory_ = PlainDirectory::create();
};

TEST_F(OutputDirectory, RunsAtOnceGiveOneOutputAndSayWhyOthersFail) {
  for (int round = 0; round < 20; ++round) {
    fs::remove_all(target());
    for (const bool there : {false, true}) {
      SCOPED_TRACE(there);
      for (const std::string& error : replace_at_once(6))
        EXPECT_NE(error.find("out: in use by another run that writes the same output"), std::string::npos)
            << error;
      expect_one_output();
    }
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_->path()), {}), 1) << "nothing beside it";
}

TEST_F(OutputDirectory, AHeldDirectoryStaysAsItIs) {
  ASSERT_TRUE(replace_directory(target(), files_of(1)));
  {
    const auto lock = Lock::directory(target());
    ASSERT_TRUE(lock) << lock.error();
    EXPECT_EQ(replace_directory(target(), files_of(2)).error(),
              target().string() + ": in use by another run that writes the same output");
    EXPECT_TRUE(fs::exists(target() / "run1"));
  }
  EXPECT_TRUE(replace_directory(target(), files_of(2)));
  expect_one_output();
}

}  // namespace
}  // namespace msq::flow
