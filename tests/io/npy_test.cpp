#include "golden/io/npy.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "seeds.hpp"
#include "temporary_directory.hpp"

namespace msq::golden {
namespace {

using testing::bytes_of;
using testing::contains;
using testing::npy_dictionary;
using testing::npy_file;
using testing::TemporaryDirectory;

const std::string kSixFloats = bytes_of<float>({1, 2, 3, 4, 5, 6});

Result<Matrix> read(const std::string& file) {
  return read_npy(*memory_source(std::as_bytes(std::span(file)), "w.npy"));
}

void expect_error(const std::string& file, std::initializer_list<std::string_view> parts) {
  const auto matrix = read(file);
  ASSERT_FALSE(matrix.has_value());
  EXPECT_TRUE(contains(matrix.error(), {"w.npy"})) << matrix.error();
  EXPECT_TRUE(contains(matrix.error(), parts)) << matrix.error();
}

TEST(Npy, COrderInEveryVersion) {
  for (const int major : {1, 2, 3}) {
    const auto matrix = read(npy_file(major, npy_dictionary("<f4", false, "(2, 3)"), kSixFloats));
    ASSERT_TRUE(matrix) << matrix.error();
    EXPECT_EQ(matrix->rows, 2);
    EXPECT_EQ(matrix->columns, 3);
    EXPECT_EQ(matrix->values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
  }
}

TEST(Npy, FortranOrderIsTransposed) {
  const auto matrix = read(npy_file(1, npy_dictionary("<f4", true, "(2, 3)"), kSixFloats));
  ASSERT_TRUE(matrix) << matrix.error();
  EXPECT_EQ(matrix->rows, 2);
  EXPECT_EQ(matrix->columns, 3);
  EXPECT_EQ(matrix->values, (std::vector<float>{1, 3, 5, 2, 4, 6}));
}

TEST(Npy, LargeFortranMatrix) {
  constexpr std::int64_t kRows = 70;
  constexpr std::int64_t kColumns = 97;
  std::vector<float> stored;
  for (std::int64_t column = 0; column < kColumns; ++column) {
    for (std::int64_t row = 0; row < kRows; ++row) {
      stored.push_back(static_cast<float>(1000 * row + column));
    }
  }
  const std::string data(reinterpret_cast<const char*>(stored.data()), stored.size() * sizeof(float));
  const auto matrix = read(npy_file(1, npy_dictionary("<f4", true, "(70, 97)"), data));
  ASSERT_TRUE(matrix) << matrix.error();
  for (std::int64_t row = 0; row < kRows; ++row) {
    for (std::int64_t column = 0; column < kColumns; ++column) {
      ASSERT_EQ(matrix->values[static_cast<std::size_t>(row * kColumns + column)],
                static_cast<float>(1000 * row + column));
    }
  }
}

TEST(Npy, HalfPrecision) {
  const auto matrix = read(
      npy_file(1, npy_dictionary("<f2", false, "(1, 3)"), bytes_of<std::uint16_t>({0x3C00, 0xC000, 0x0001})));
  ASSERT_TRUE(matrix) << matrix.error();
  EXPECT_EQ(matrix->values, (std::vector<float>{1.0F, -2.0F, 0x1p-24F}));
}

TEST(Npy, DoublePrecisionRoundsToNearestEven) {
  const auto matrix = read(npy_file(1, npy_dictionary("<f8", false, "(1, 4)"),
                                    bytes_of<double>({0.1, 1 + 0x1p-24, 1 + 0x3p-24, HUGE_VAL})));
  ASSERT_TRUE(matrix) << matrix.error();
  EXPECT_EQ(matrix->values,
            (std::vector<float>{0.1F, 1.0F, 1 + 0x1p-22F, std::numeric_limits<float>::infinity()}));
}

TEST(Npy, DoubleBeyondFloatIsRefused) {
  expect_error(npy_file(1, npy_dictionary("<f8", false, "(1, 2)"), bytes_of<double>({1.0, 1e39})),
               {"element 1", "1e+39", "float32"});
}

/// More elements than one read of the chunked conversion.
TEST(Npy, ManyElements) {
  std::string data;
  for (int i = 0; i < 30001; ++i) {
    data += bytes_of<double>({static_cast<double>(i)});
  }
  const auto matrix = read(npy_file(1, npy_dictionary("<f8", false, "(1, 30001)"), data));
  ASSERT_TRUE(matrix) << matrix.error();
  for (int i = 0; i < 30001; ++i) {
    ASSERT_EQ(matrix->values[static_cast<std::size_t>(i)], static_cast<float>(i));
  }
}

TEST(Npy, BigEndianElementsAreSwapped) {
  const auto values = [](const char* descr, bool fortran, std::string data) {
    const auto matrix = read(npy_file(1, npy_dictionary(descr, fortran, "(1, 2)"), data));
    EXPECT_TRUE(matrix) << matrix.error();
    return matrix ? matrix->values : std::vector<float>();
  };
  const std::vector<float> expected{1.5F, -2};
  EXPECT_EQ(values(">f4", false, std::string("\x3F\xC0\0\0\xC0\0\0\0", 8)), expected);
  EXPECT_EQ(values(">f4", true, std::string("\x3F\xC0\0\0\xC0\0\0\0", 8)), expected);
  EXPECT_EQ(values(">f2", false, std::string("\x3E\0\xC0\0", 4)), expected);
  EXPECT_EQ(values(">f8", false, std::string("\x3F\xF8\0\0\0\0\0\0\xC0\0\0\0\0\0\0\0", 16)), expected);
  for (const char* native : {"=f4", "|f4", "f4"}) {
    EXPECT_EQ(values(native, false, bytes_of<float>({1.5F, -2})), expected) << native;
  }
}

TEST(Npy, ExtentsMayBePython2Longs) {
  const auto matrix = read(npy_file(1, npy_dictionary("<f4", false, "(2L, 3L)"), kSixFloats));
  ASSERT_TRUE(matrix) << matrix.error();
  EXPECT_EQ(matrix->rows, 2);
  EXPECT_EQ(matrix->columns, 3);
  expect_error(npy_file(1, npy_dictionary("<f4", false, "(2LL, 3)"), kSixFloats), {"expected ')'"});
}

TEST(Npy, NanAndInfinityPass) {
  const float infinity = std::numeric_limits<float>::infinity();
  const auto matrix =
      read(npy_file(1, npy_dictionary("<f4", false, "(3, 1)"), bytes_of<float>({NAN, infinity, -infinity})));
  ASSERT_TRUE(matrix) << matrix.error();
  EXPECT_TRUE(std::isnan(matrix->values[0]));
  EXPECT_EQ(matrix->values[1], infinity);
  EXPECT_EQ(matrix->values[2], -infinity);
}

TEST(Npy, HeaderVariants) {
  for (const char* header : {"{\"shape\":(2,3),\"descr\":\"<f4\",\"fortran_order\":False}",
                             " { 'shape' : ( 2 , 3 , ) , 'fortran_order':False , 'descr':'<f4' , } \n"}) {
    const auto matrix = read(npy_file(1, header, kSixFloats));
    ASSERT_TRUE(matrix) << matrix.error();
    EXPECT_EQ(matrix->values.size(), 6U);
  }
}

TEST(Npy, OneDimensionIsAnArrayButNoMatrix) {
  for (const bool fortran : {false, true}) {
    const std::string file = npy_file(1, npy_dictionary("<f4", fortran, "(6,)"), kSixFloats);
    const auto array = read_npy_array(*memory_source(std::as_bytes(std::span(file)), "w.npy"));
    ASSERT_TRUE(array) << array.error();
    EXPECT_EQ(array->shape, (std::vector<std::int64_t>{6}));
    EXPECT_EQ(array->values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
    expect_error(file, {"shape [6]", "two dimensions"});
  }
}

TEST(Npy, RefusedTypes) {
  for (const char* descr : {"<i4", "|u1", "<c8", "<f16", "f", "", "<", "?f4", "<<f4"}) {
    expect_error(npy_file(1, npy_dictionary(descr, false, "(2, 3)"), kSixFloats),
                 {descr, "allowed: 'f4', 'f2' and 'f8' with '<' or '>'"});
  }
  expect_error(npy_file(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}", kSixFloats),
               {"structured"});
}

TEST(Npy, RefusedShapes) {
  const auto file = [](std::string_view shape) {
    return npy_file(1, npy_dictionary("<f4", false, shape), kSixFloats);
  };
  for (const char* shape : {"(0, 3)", "(3, 0)"}) {
    expect_error(npy_file(1, npy_dictionary("<f4", false, shape), ""), {"each at least 1"});
    expect_error(file(shape), {"needs 0 bytes", "holds 24"});
  }
  expect_error(file("()"), {"shape []", "one or two dimensions"});
  expect_error(file("(1, 2, 3)"), {"shape [1, 2, 3]", "one or two dimensions"});
  expect_error(file("(2, 4)"), {"shape [2, 4]", "needs 32 bytes", "holds 24"});
  expect_error(file("(2, 2)"), {"needs 16 bytes", "holds 24"});
  expect_error(file("(-2, -3)"), {"extent", "'-2"});
  expect_error(file("(4294967296, 4294967296)"), {"more elements than any file"});
  expect_error(file("(9223372036854775807, 1)"), {"more elements than any file"});
  expect_error(file("(9223372036854775808, 1)"), {"extent"});
  expect_error(file("(1000000000, 1000000000)"), {"needs 4000000000000000000 bytes"});
  expect_error(file("(" + std::string(80, '1') + ")"), {"extent"});
  std::string many = "(";
  for (int i = 0; i < 40; ++i) {
    many += "1,";
  }
  expect_error(file(many + ")"), {"at most 32 dimensions"});
}

TEST(Npy, MalformedHeaders) {
  const auto file = [](std::string_view header) { return npy_file(1, std::string(header), kSixFloats); };
  expect_error(file("{'descr': '<f4', 'shape': (2, 3)}"), {"'fortran_order' is missing"});
  expect_error(file("{'fortran_order': False, 'shape': (2, 3)}"), {"'descr' is missing"});
  expect_error(file("{'descr': '<f4', 'fortran_order': False}"), {"'shape' is missing"});
  expect_error(file("{'descr': '<f4', 'descr': '<f4'}"), {"key 'descr'"});
  expect_error(file("{'descr': '<f4', 'extra': 1}"), {"key 'extra'"});
  expect_error(file("{'descr': '<f4"), {"closing quote"});
  expect_error(file("{'descr' '<f4'}"), {"expected ':'"});
  expect_error(file("{'fortran_order': 1}"), {"True or False"});
  expect_error(file(npy_dictionary("<f4", false, "(2, 3 x")), {"expected ')'"});
  expect_error(file(npy_dictionary("<f4", false, "(2, 3)") + " x"), {"nothing more"});
  expect_error(file(""), {"expected '{'", "its end"});
  expect_error(file("\x1b[2J"), {"\\x1b[2J"});
}

TEST(Npy, MalformedPreamble) {
  expect_error("", {"not a .npy file (0 bytes"});
  expect_error("\x93NUMPY\x01", {"not a .npy file"});
  const std::string good = npy_file(1, npy_dictionary("<f4", false, "(2, 3)"), kSixFloats);
  std::string bad = good;
  bad[0] = 'x';
  expect_error(bad, {"not a .npy file"});
  bad = good;
  bad[6] = 4;
  expect_error(bad, {"format 4.0", "allowed: 1.0, 2.0, 3.0"});
  bad = good;
  bad[9] = '\xFF';
  expect_error(bad, {"header of 65", "within the file"});
  bad = npy_file(2, npy_dictionary("<f4", false, "(2, 3)"), kSixFloats);
  bad[11] = '\xFF';
  expect_error(bad, {"header of 4278190", "at most 65535"});
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(read(good.substr(0, length)).has_value()) << length;
  }
  expect_error(good + "x", {"needs 24 bytes", "holds 25"});
}

TEST(Npy, WriterIsReadBack) {
  const TemporaryDirectory directory;
  const Matrix matrix{3, 2, {1.5F, -0.0F, 3e38F, 0x1p-149F, 5, -6}};
  const auto written = write_npy(directory / "a.npy", matrix);
  ASSERT_TRUE(written) << written.error();
  const auto back = read_npy(directory / "a.npy");
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->rows, 3);
  EXPECT_EQ(back->columns, 2);
  EXPECT_EQ(back->values, matrix.values);
  EXPECT_TRUE(std::signbit(back->values[1]));
}

TEST(Npy, WriterMatchesNumPyByteForByte) {
  std::string expected("\x93NUMPY\x01\x00\x76\x00", 10);
  expected += "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
  expected.resize(127, ' ');
  expected += '\n' + bytes_of<float>({1.0F, -2.0F});
  EXPECT_EQ(npy_bytes({1, 2, {1.0F, -2.0F}}), expected);
  for (std::int64_t columns = 1; columns < 200000;
       columns *= 10) {  // headers of every length end at a multiple of 64
    const std::string bytes = npy_bytes({1, columns, std::vector<float>(static_cast<std::size_t>(columns))});
    EXPECT_EQ(bytes.size() % 64, static_cast<std::size_t>(columns) * 4 % 64);
  }
}

}  // namespace
}  // namespace msq::golden
