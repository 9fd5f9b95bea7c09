#include "golden/io/row_reader.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "golden/io/atomic_file.hpp"
#include "golden/io/npy.hpp"
#include "golden/io/safetensors.hpp"
#include "seeds.hpp"
#include "temporary_directory.hpp"

namespace msq::golden {
namespace {

using testing::bytes_of;
using testing::contains;
using testing::npy_dictionary;
using testing::npy_file;
using testing::TemporaryDirectory;

using Floats = std::vector<float>;

const Matrix kMatrix{3, 2, {1, 2, 3, 4, 5, 6}};

void write(const std::filesystem::path& path, const std::string& bytes) {
  ASSERT_TRUE(write_file_atomically(path, bytes));
}

void expect_rows(const RowReader& reader) {
  EXPECT_EQ(reader.rows(), 3);
  EXPECT_EQ(reader.columns(), 2);
  EXPECT_EQ(reader.read(0, 3).value(), (Floats{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(reader.read(0, 1).value(), (Floats{1, 2}));
  EXPECT_EQ(reader.read(1, 2).value(), (Floats{3, 4, 5, 6}));
  EXPECT_EQ(reader.read(2, 1).value(), (Floats{5, 6}));
  EXPECT_EQ(reader.read(3, 0).value(), Floats());
  EXPECT_THROW((void)reader.read(2, 2), std::logic_error);
  EXPECT_THROW((void)reader.read(-1, 1), std::logic_error);
}

TEST(RowReader, Npy) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_npy(directory / "x.npy", kMatrix));
  expect_rows(RowReader::open(directory / "x.npy", "").value());
  EXPECT_EQ(RowReader::open(directory / "x.npy", "")->name(), (directory / "x.npy").string());
}

TEST(RowReader, NpyByColumns) {
  const TemporaryDirectory directory;
  write(directory / "f.npy",
        npy_file(1, npy_dictionary("<f4", true, "(3, 2)"), bytes_of<float>({1, 3, 5, 2, 4, 6})));
  expect_rows(RowReader::open(directory / "f.npy", "").value());
}

TEST(RowReader, NpyOfDoubles) {
  const TemporaryDirectory directory;
  write(directory / "d.npy",
        npy_file(1, npy_dictionary("<f8", false, "(3, 2)"), bytes_of<double>({1, 2, 3, 4, 5, 6})));
  expect_rows(RowReader::open(directory / "d.npy", "").value());
}

TEST(RowReader, BigEndianRowsInBothOrders) {
  const TemporaryDirectory directory;
  const std::string halves("\x3C\0\x40\0\x42\0\x44\0\x45\0\x46\0", 12);
  write(directory / "c.npy", npy_file(1, npy_dictionary(">f2", false, "(3, 2)"), halves));
  expect_rows(RowReader::open(directory / "c.npy", "").value());
  const std::string by_column("\x3C\0\x42\0\x45\0\x40\0\x44\0\x46\0", 12);
  write(directory / "f.npy", npy_file(1, npy_dictionary(">f2", true, "(3, 2)"), by_column));
  expect_rows(RowReader::open(directory / "f.npy", "").value());
}

TEST(RowReader, NoRowsAreRowsButNoColumnsAreNot) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(write_safetensors(directory / "x.safetensors",
                                std::vector{named_tensor("none", {0, 2}, std::span<const float>()),
                                            named_tensor("flat", {2, 0}, std::span<const float>())},
                                {}));
  write(directory / "none.npy", npy_file(1, npy_dictionary("<f4", false, "(0, 2)"), ""));
  write(directory / "flat.npy", npy_file(1, npy_dictionary("<f4", false, "(2, 0)"), ""));
  for (const auto& reader :
       {RowReader::open(directory / "none.npy", ""), RowReader::open(directory / "x.safetensors", "none")}) {
    ASSERT_TRUE(reader) << reader.error();
    EXPECT_EQ(reader->rows(), 0);
    EXPECT_EQ(reader->columns(), 2);
    EXPECT_EQ(reader->read(0, 0).value(), Floats());
  }
  EXPECT_TRUE(contains(RowReader::open(directory / "flat.npy", "").error(), {"shape [2, 0]", "at least 1"}));
  EXPECT_TRUE(contains(RowReader::open(directory / "x.safetensors", "flat").error(),
                       {"'flat' has shape [2, 0]", "at least 1"}));
}

TEST(RowReader, Safetensors) {
  const TemporaryDirectory directory;
  const Floats other{9, 9, 9};
  ASSERT_TRUE(
      write_safetensors(directory / "x.safetensors",
                        std::vector{named_tensor("a", {1, 3}, std::span<const float>(other)),
                                    named_tensor("x", {3, 2}, std::span<const float>(kMatrix.values))},
                        {}));
  const auto reader = RowReader::open(directory / "x.safetensors", "x").value();
  expect_rows(reader);
  EXPECT_EQ(reader.name(), (directory / "x.safetensors").string() + ": x");
}

TEST(RowReader, Refusals) {
  const TemporaryDirectory directory;
  const Floats values{1, 2, 3};
  ASSERT_TRUE(write_npy(directory / "x.npy", kMatrix));
  ASSERT_TRUE(write_safetensors(directory / "x.safetensors",
                                std::vector{named_tensor("flat", {3}, std::span<const float>(values))}, {}));
  write(directory / "flat.npy",
        npy_file(1, npy_dictionary("<f4", false, "(3,)"), bytes_of<float>({1, 2, 3})));
  write(directory / "short.npy",
        npy_file(1, npy_dictionary("<f4", false, "(3, 2)"), bytes_of<float>({1, 2, 3, 4, 5})));
  const auto error = [&](const char* file, const char* tensor) {
    return RowReader::open(directory / file, tensor).error();
  };
  EXPECT_TRUE(contains(error("x.npy", "t"), {"x.npy", "'t'", "no tensor name"}));
  EXPECT_TRUE(contains(error("x.txt", ""), {"x.txt", "'.txt'", ".npy, .safetensors"}));
  EXPECT_TRUE(contains(error("none.npy", ""), {"none.npy"}));
  EXPECT_TRUE(contains(error("flat.npy", ""), {"flat.npy", "two dimensions"}));
  EXPECT_TRUE(contains(error("short.npy", ""), {"short.npy", "24", "20"}));
  EXPECT_TRUE(contains(error("x.safetensors", "flat"), {"'flat'", "two dimensions"}));
  EXPECT_TRUE(contains(error("x.safetensors", "y"), {"no tensor 'y'"}));
}

}  // namespace
}  // namespace msq::golden
