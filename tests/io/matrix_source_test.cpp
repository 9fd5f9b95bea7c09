#include "golden/io/matrix_source.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>

#include "golden/io/npy.hpp"
#include "golden/io/safetensors.hpp"
#include "seeds.hpp"
#include "temporary_directory.hpp"

namespace msq::golden {
namespace {

using testing::contains;
using testing::TemporaryDirectory;
using testing::Unprivileged;
using testing::write_text;

class MatrixSource : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::vector<float> values{1, 2, 3, 4, 5, 6};
    const std::vector<NamedTensor> tensors{named_tensor("w", {2, 3}, std::span<const float>(values)),
                                           named_tensor("bias", {6}, std::span<const float>(values))};
    ASSERT_TRUE(write_npy(directory_ / "w.npy", {2, 3, values}));
    ASSERT_TRUE(write_safetensors(directory_ / "w.safetensors", tensors, {}));
  }

  std::string error(const char* file, std::string_view tensor) {
    const auto matrix = load_matrix(directory_ / file, tensor, Layout::k_by_n);
    return matrix ? "(no error)" : matrix.error();
  }

  TemporaryDirectory directory_;
};

TEST_F(MatrixSource, BothFormatsAndLayouts) {
  const std::array<std::pair<const char*, const char*>, 2> sources{{{"w.npy", ""}, {"w.safetensors", "w"}}};
  for (const auto& [file, tensor] : sources) {
    const auto straight = load_matrix(directory_ / file, tensor, Layout::k_by_n);
    const auto turned = load_matrix(directory_ / file, tensor, Layout::n_by_k);
    ASSERT_TRUE(straight && turned) << file;
    EXPECT_EQ(straight->rows, 2);
    EXPECT_EQ(straight->columns, 3);
    EXPECT_EQ(straight->values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(turned->rows, 3);
    EXPECT_EQ(turned->columns, 2);
    EXPECT_EQ(turned->values, (std::vector<float>{1, 4, 2, 5, 3, 6}));
  }
}

TEST_F(MatrixSource, Refusals) {
  EXPECT_TRUE(contains(error("w.safetensors", ""), {"w.safetensors: no tensor name given", "'w'"}));
  EXPECT_TRUE(contains(error("w.safetensors", "x"), {"no tensor 'x'", "in the file: 'w'"}));
  EXPECT_TRUE(contains(error("w.safetensors", "bias"),
                       {"w.safetensors: tensor 'bias'", "shape [6]", "two dimensions"}));
  EXPECT_TRUE(contains(error("w.npy", "w"), {"w.npy: tensor 'w'", "without a name"}));
  for (const char* name : {"w.txt", "w.gguf", "w"}) write_text(directory_ / name, "");
  EXPECT_TRUE(contains(error("w.txt", ""),
                       {"w.txt: file name extension '.txt'; allowed: .npy, .safetensors, .onnx"}));
  EXPECT_TRUE(contains(error("w", ""), {"extension ''; allowed"}));
  EXPECT_TRUE(contains(error("w.gguf", ""), {"w.gguf: a GGUF file", "eval/gguf_to_safetensors.py"}));
  EXPECT_TRUE(contains(error("none", ""), {"none: does not exist; allowed: .npy"}));
}

TEST_F(MatrixSource, ThingsThatAreNoReadableFile) {
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0755), 0);
  for (const std::string extension : {".npy", ".safetensors", ".onnx"}) {
    const std::string tensor = extension == ".npy" ? "" : "w";
    const auto check = [&](const std::string& name, const char* expected) {
      EXPECT_TRUE(contains(error((name + extension).c_str(), tensor), {name + extension + ": ", expected}))
          << error((name + extension).c_str(), tensor);
    };
    check("missing", "cannot open: No such file or directory");
    write_text(directory_ / ("empty" + extension), "");
    check("empty", extension == ".onnx" ? "no graph in it" : "0 bytes");
    std::filesystem::create_directory(directory_ / ("directory" + extension));
    check("directory", "is a directory; allowed: a regular file");
    ASSERT_EQ(::mkfifo((directory_ / ("fifo" + extension)).c_str(), 0666), 0);
    check("fifo", "is a FIFO; allowed: a regular file");
    std::filesystem::create_symlink("/dev/zero", directory_ / ("device" + extension));
    check("device", "is a device or socket; allowed: a regular file");
    write_text(directory_ / ("secret" + extension), "x");
    ASSERT_EQ(::chmod((directory_ / ("secret" + extension)).c_str(), 0), 0);
    const Unprivileged user;
    check("secret", "cannot open: Permission denied");
  }
}

/// A file that shrinks after it was opened.
TEST_F(MatrixSource, FileShrinksWhileItIsRead) {
  const auto reader = SafetensorsReader::open(directory_ / "w.safetensors");
  ASSERT_TRUE(reader) << reader.error();
  std::filesystem::resize_file(directory_ / "w.safetensors", 100);
  const auto matrix = reader->load_matrix("w");
  ASSERT_FALSE(matrix);
  EXPECT_TRUE(contains(matrix.error(), {"the file ends at byte", "'w'"})) << matrix.error();
}

}  // namespace
}  // namespace msq::golden
