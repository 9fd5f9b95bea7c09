#include "golden/io/safetensors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "seeds.hpp"
#include "temporary_directory.hpp"

namespace msq::golden {
namespace {

using testing::bytes_of;
using testing::contains;
using testing::safetensors_file;
using testing::TemporaryDirectory;

Result<SafetensorsReader> open(const std::string& file) {
  return SafetensorsReader::open(memory_source(std::as_bytes(std::span(file)), "w.safetensors"));
}

void expect_error(const std::string& file, std::initializer_list<std::string_view> parts) {
  const auto reader = open(file);
  ASSERT_FALSE(reader.has_value()) << file;
  EXPECT_TRUE(reader.error().starts_with("w.safetensors: ")) << reader.error();
  EXPECT_TRUE(contains(reader.error(), parts)) << reader.error();
}

const std::string kFourBytes = "\x01\x02\x03\x04";
const std::string kSixFloats = bytes_of<float>({1, 2, 3, 4, 5, 6});

/// A header with the one tensor "w", and four bytes of data.
std::string with_entry(std::string_view entry) {
  return safetensors_file(R"({"w":)" + std::string(entry) + "}", kFourBytes);
}

TEST(Safetensors, ListsWithoutLoading) {
  const auto reader = open(safetensors_file(
      R"({"b":{"dtype":"F32","shape":[],"data_offsets":[24,28]},"__metadata__":{"format":"pt"},"a":{"dtype":"F4_NEW","shape":[3,2],"data_offsets":[0,24]}}  )",
      kSixFloats + kFourBytes));
  ASSERT_TRUE(reader) << reader.error();
  ASSERT_EQ(reader->tensors().size(), 2U);
  EXPECT_EQ(reader->tensors()[0].name, "a");
  EXPECT_EQ(reader->tensors()[0].dtype, "F4_NEW");
  EXPECT_EQ(reader->tensors()[0].shape, (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(reader->tensors()[1].name, "b");
  EXPECT_TRUE(reader->tensors()[1].shape.empty());
  EXPECT_EQ(reader->metadata(), (Metadata{{"format", "pt"}}));
  EXPECT_EQ(reader->find("b"), &reader->tensors()[1]);
  EXPECT_EQ(reader->find("c"), nullptr);
}

TEST(Safetensors, LoadsEveryFloatType) {
  const auto reader = open(safetensors_file(
      R"({"f":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"h":{"dtype":"F16","shape":[1,2],"data_offsets":[8,12]},"b":{"dtype":"BF16","shape":[1,2],"data_offsets":[12,16]}})",
      bytes_of<float>({0.1F, -3.0F}) + bytes_of<std::uint16_t>({0x3C00, 0xFBFF, 0x3F80, 0xC040})));
  ASSERT_TRUE(reader) << reader.error();
  const auto f = reader->load_matrix("f");
  const auto h = reader->load_matrix("h");
  const auto b = reader->load_matrix("b");
  ASSERT_TRUE(f && h && b);
  EXPECT_EQ(f->rows, 2);
  EXPECT_EQ(f->columns, 1);
  EXPECT_EQ(f->values, (std::vector<float>{0.1F, -3.0F}));
  EXPECT_EQ(h->values, (std::vector<float>{1.0F, -65504.0F}));
  EXPECT_EQ(b->values, (std::vector<float>{1.0F, -3.0F}));
}

TEST(Safetensors, DoublesAreRoundedToFloats) {
  const auto reader = open(safetensors_file(R"({"d":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]},)"
                                            R"("big":{"dtype":"F64","shape":[1,1],"data_offsets":[16,24]}})",
                                            bytes_of<double>({0.1, 1 + 0x3p-24, 1e39})));
  ASSERT_TRUE(reader) << reader.error();
  const auto matrix = reader->load_matrix("d");
  ASSERT_TRUE(matrix) << matrix.error();
  EXPECT_EQ(matrix->values, (std::vector<float>{0.1F, 1 + 0x1p-22F}));
  EXPECT_EQ(reader->load_matrix("big").error(),
            "w.safetensors: element 0 (in stored order) is 1e+39; allowed: values of float32 (tensor 'big')");
}

TEST(Safetensors, NanAndInfinityPass) {
  const auto reader = open(safetensors_file(R"({"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}})",
                                            bytes_of<float>({NAN, -HUGE_VALF})));
  ASSERT_TRUE(reader) << reader.error();
  const auto matrix = reader->load_matrix("w");
  ASSERT_TRUE(matrix) << matrix.error();
  EXPECT_TRUE(std::isnan(matrix->values[0]));
  EXPECT_EQ(matrix->values[1], -HUGE_VALF);
}

TEST(Safetensors, LoadRefusals) {
  const auto reader = open(safetensors_file(
      R"({"v":{"dtype":"F32","shape":[6],"data_offsets":[0,24]},"i":{"dtype":"I8","shape":[2,2],"data_offsets":[24,28]},"z":{"dtype":"F32","shape":[3,0],"data_offsets":[0,0]}})",
      kSixFloats + kFourBytes));
  ASSERT_TRUE(reader) << reader.error();
  const auto error = [&](const char* name) { return reader->load_matrix(name).error(); };
  EXPECT_EQ(error("v"), "w.safetensors: tensor 'v' has shape [6]; allowed: two dimensions, each at least 1");
  EXPECT_EQ(error("z"),
            "w.safetensors: tensor 'z' has shape [3, 0]; allowed: two dimensions, each at least 1");
  EXPECT_EQ(error("i"), "w.safetensors: tensor 'i' has dtype 'I8'; allowed: F64, F32, F16, BF16");
  EXPECT_EQ(reader->load_bytes("i", "U8").error(), "w.safetensors: tensor 'i' has dtype 'I8'; allowed: U8");
  EXPECT_EQ(reader->load_bytes("q", "U8").error(), "w.safetensors: no tensor 'q'");
  EXPECT_EQ(reader->load_bytes("i", "I8").value(),
            (std::vector<std::byte>{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}}));
}

TEST(Safetensors, UnknownNameListsSomeThatExist) {
  std::vector<NamedTensor> tensors;
  const std::array<float, 1> one{1};
  for (const char* name :
       {"a.weight", "b.weight", "c.weight", "d.weight", "e.weight", "f.weight", "z.query"}) {
    tensors.push_back(named_tensor(name, {1, 1}, std::span<const float>(one)));
  }
  tensors.push_back(named_tensor("a.bias", {1}, std::span<const float>(one)));
  const std::string file = safetensors_bytes(tensors, {}).value();
  const auto reader = open(file);
  EXPECT_EQ(
      reader->load_matrix("query").error(),
      "w.safetensors: no tensor 'query'; two-dimensional float tensors in the file: 'z.query', 'a.weight', "
      "'b.weight', 'c.weight', 'd.weight' and 2 more");
  EXPECT_EQ(reader->load_matrix("").error().find("w.safetensors: no tensor name given; two-dimensional"), 0U);
  const std::string empty = safetensors_bytes({}, {}).value();
  EXPECT_EQ(open(empty)->load_matrix("x").error(),
            "w.safetensors: no tensor 'x'; the file has no two-dimensional float tensors");
}

TEST(Safetensors, FileLengths) {
  expect_error("", {"not a .safetensors file", "0 bytes"});
  expect_error("123456789", {"9 bytes"});
  expect_error(std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}", 10),
               {"header length 18446744073709551615", "file of 10 bytes"});
  expect_error(std::string("\x03\0\0\0\0\0\0\0{}", 10), {"header length 3 in a file of 10 bytes"});
  expect_error(safetensors_file("", "xx"), {"must begin with '{'"});
  expect_error(safetensors_file(" {}", ""), {"must begin with '{'"});
  const std::string good = testing::safetensors_seeds()[0];
  ASSERT_TRUE(open(good));
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(open(good.substr(0, length)).has_value()) << length;
  }
  expect_error(good.substr(0, good.size() - 1), {"tensor 'w'", "[0, 24]", "holds 23 bytes", "truncated"});
  expect_error(good + "x", {"cover 24 bytes", "holds 25"});
}

TEST(Safetensors, MalformedJson) {
  expect_error(safetensors_file("{\"w\"", ""), {"malformed JSON"});
  expect_error(safetensors_file("{}x", ""), {"malformed JSON"});
  expect_error(safetensors_file(std::string("{}\0garbage", 10), ""), {"malformed JSON: zero byte at byte 3"});
  expect_error(safetensors_file("{\"\xFF\":1}", ""), {"malformed JSON"});
  expect_error(safetensors_file("{\"a\":1e999}", ""), {"malformed JSON"});
  expect_error(safetensors_file("{\"a\":" + std::string(100000, '['), ""),
               {"entry 'a' holds an array; allowed: an object"});
  std::string deep = "{";
  for (int i = 0; i < 100000; ++i) {
    deep += "\"a\":{";
  }
  expect_error(safetensors_file(deep, ""), {"unknown field 'a'"});
}

TEST(Safetensors, WrongTypes) {
  expect_error(with_entry("1"), {"entry 'w' holds 1; allowed: an object"});
  expect_error(with_entry("null"), {"entry 'w' holds null"});
  expect_error(with_entry("[]"), {"entry 'w' holds an array"});
  expect_error(with_entry("\"x\""), {"entry 'w' holds 'x'"});
  expect_error(with_entry(R"({"dtype":1})"), {"tensor 'w': dtype holds 1; allowed: text"});
  expect_error(with_entry(R"({"dtype":[]})"), {"dtype holds an array"});
  expect_error(with_entry(R"({"dtype":{}})"), {"dtype holds an object"});
  expect_error(with_entry(R"({"shape":4})"), {"shape holds 4; allowed: an array"});
  expect_error(with_entry(R"({"shape":[-4]})"), {"shape holds -4; allowed: integers"});
  expect_error(with_entry(R"({"shape":[1.5]})"), {"shape holds 1.5"});
  expect_error(with_entry(R"({"shape":[true]})"), {"shape holds true"});
  expect_error(with_entry(R"({"shape":[[4]]})"), {"shape holds an array"});
  expect_error(with_entry(R"({"shape":[9223372036854775808]})"), {"shape holds 9223372036854775808"});
  expect_error(with_entry(R"({"shape":[18446744073709551616]})"), {"shape holds 18446744073709551616"});
  expect_error(with_entry(R"({"shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]})"), {"more than 16 dimensions"});
  expect_error(with_entry(R"({"data_offsets":[0]})"), {"data_offsets holds 1 values; allowed: [begin, end]"});
  expect_error(with_entry(R"({"data_offsets":[0,1,2]})"), {"data_offsets holds 2"});
  expect_error(with_entry(R"({"data_offsets":[0,-1]})"), {"data_offsets holds -1"});
  expect_error(with_entry(R"({"data_offsets":"0"})"), {"data_offsets holds '0'"});
  expect_error(with_entry(R"({"dtype":"U8","data_offsets":[0,4]})"), {"field shape is missing"});
  expect_error(with_entry(R"({"shape":[4],"data_offsets":[0,4]})"), {"field dtype is missing"});
  expect_error(with_entry(R"({"dtype":"U8","shape":[4]})"), {"field data_offsets is missing"});
  expect_error(with_entry(R"({"dtype":"U8","type":"U8"})"), {"unknown field 'type'"});
  expect_error(with_entry(R"({"dtype":"U8","dtype":"U8"})"), {"field dtype appears twice"});
  expect_error(safetensors_file(R"({"__metadata__":{"a":1}})", ""),
               {"__metadata__ key 'a' holds 1; allowed: text"});
  expect_error(safetensors_file(R"({"__metadata__":{"a":"1","a":"1"}})", ""), {"key 'a' twice"});
  expect_error(safetensors_file(R"({"__metadata__":{},"__metadata__":{}})", ""),
               {"__metadata__ appears twice"});
}

TEST(Safetensors, OffsetsAndShapes) {
  const auto u8 = [](std::string_view shape, std::string_view offsets) {
    return with_entry(R"({"dtype":"U8","shape":)" + std::string(shape) + R"(,"data_offsets":)" +
                      std::string(offsets) + "}");
  };
  ASSERT_TRUE(open(u8("[4]", "[0,4]")));
  expect_error(u8("[4]", "[4,0]"), {"[4, 0] run backwards"});
  expect_error(u8("[5]", "[0,5]"), {"[0, 5] run past the end", "4 bytes"});
  expect_error(u8("[4]", "[18446744073709551611,18446744073709551615]"), {"run past the end"});
  expect_error(u8("[3]", "[0,4]"), {"span 4 bytes; shape [3] of U8 needs 3"});
  expect_error(u8("[3]", "[1,4]"), {"leave a gap: bytes 0 to 1"});
  expect_error(u8("[3]", "[0,3]"), {"cover 3 bytes of data, the file holds 4"});
  expect_error(u8("[4294967296,4294967296,4]", "[0,4]"), {"more elements than any file"});
  expect_error(u8("[9223372036854775807,2]", "[0,4]"), {"more elements than any file"});
  const auto two = [](std::string_view a, std::string_view b) {
    return safetensors_file(R"({"a":{"dtype":"NEW","shape":[2],"data_offsets":)" + std::string(a) +
                                R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" + std::string(b) + "}}",
                            kFourBytes);
  };
  ASSERT_TRUE(open(two("[2,4]", "[0,2]")));
  expect_error(two("[1,4]", "[0,2]"), {"tensor 'a': data_offsets [1, 4] overlap those of tensor 'b'"});
  expect_error(two("[0,4]", "[2,4]"), {"tensor 'b'", "overlap"});
  expect_error(two("[0,1]", "[2,4]"), {"tensor 'b'", "gap: bytes 1 to 2"});
}

TEST(Safetensors, DuplicateNames) {
  expect_error(
      safetensors_file(
          R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
          kFourBytes),
      {"tensor 'a' appears twice"});
}

TEST(Safetensors, HostileNamesAreEscapedAndCut) {
  const std::string name = "\\u001b[2J" + std::string(5000, 'x');
  const auto reader = open(safetensors_file("{\"" + name + "\":1}", ""));
  ASSERT_FALSE(reader.has_value());
  EXPECT_TRUE(contains(reader.error(), {"\\x1b[2Jxxx", "...'"})) << reader.error();
  EXPECT_LT(reader.error().size(), 300U);
}

std::vector<NamedTensor> every_type() {
  static const std::array<std::uint8_t, 3> kU8{0, 128, 255};
  static const std::array<std::int8_t, 2> kI8{-128, 127};
  static const std::array<std::int32_t, 2> kI32{std::numeric_limits<std::int32_t>::min(), 7};
  static const std::array<std::int64_t, 1> kI64{std::numeric_limits<std::int64_t>::max()};
  static const std::array<float, 6> kF32{1, 2, 3, 4, 5, 6};
  return {named_tensor("u8", {3}, std::span<const std::uint8_t>(kU8)),
          named_tensor("i8", {2, 1}, std::span<const std::int8_t>(kI8)),
          named_tensor("i32", {2}, std::span<const std::int32_t>(kI32)),
          named_tensor("i64", {}, std::span<const std::int64_t>(kI64)),
          named_tensor("f32", {2, 3}, std::span<const float>(kF32)),
          named_tensor("empty", {0, 5}, std::span<const float>())};
}

TEST(SafetensorsWriter, IsReadBack) {
  const TemporaryDirectory directory;
  const std::vector<NamedTensor> tensors = every_type();
  const Metadata metadata{{"a", "1"}, {"text", "quote \" newline \n \xC3\xA9"}};
  const auto written = write_safetensors(directory / "t.safetensors", tensors, metadata);
  ASSERT_TRUE(written) << written.error();
  const auto reader = SafetensorsReader::open(directory / "t.safetensors");
  ASSERT_TRUE(reader) << reader.error();
  EXPECT_EQ(reader->metadata(), metadata);
  ASSERT_EQ(reader->tensors().size(), tensors.size());
  const std::array<const char*, 6> dtypes{"U8", "I8", "I32", "I64", "F32", "F32"};
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    EXPECT_EQ(reader->find(tensors[i].name)->shape, tensors[i].shape);
    EXPECT_EQ(reader->load_bytes(tensors[i].name, dtypes[i]).value(), tensors[i].bytes) << tensors[i].name;
  }
  EXPECT_EQ(reader->load_matrix("f32")->values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(SafetensorsWriter, ExactBytes) {
  const std::array<std::uint8_t, 2> bytes{7, 8};
  const std::array<float, 1> floats{1.0F};
  const std::vector<NamedTensor> tensors{named_tensor("a", {2}, std::span<const std::uint8_t>(bytes)),
                                         named_tensor("b", {1, 1}, std::span<const float>(floats))};
  const std::string header =
      R"({"__metadata__":{"k":"v"},"a":{"data_offsets":[4,6],"dtype":"U8","shape":[2]},"b":{"data_offsets":[0,4],"dtype":"F32","shape":[1,1]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  ASSERT_NE(header.size() % 8, 0U);  // the case exercises the padding
  EXPECT_EQ(safetensors_bytes(tensors, {{"k", "v"}}).value(),
            safetensors_file(padded, bytes_of<float>({1.0F}) + "\x07\x08"));
}

TEST(SafetensorsWriter, OrderOfTheArgumentsDoesNotMatter) {
  std::vector<NamedTensor> tensors = every_type();
  const std::string expected = safetensors_bytes(tensors, {}).value();
  std::ranges::reverse(tensors);
  EXPECT_EQ(safetensors_bytes(tensors, {}).value(), expected);
}

TEST(SafetensorsWriter, EveryTensorIsAligned) {
  const std::string file = safetensors_bytes(every_type(), {}).value();
  const auto reader = open(file);
  ASSERT_TRUE(reader) << reader.error();
  std::uint64_t length = 0;
  std::copy_n(file.begin(), sizeof(length), reinterpret_cast<char*>(&length));
  EXPECT_EQ(length % 8, 0U);
  EXPECT_EQ(reader->find("i64")->begin % 8, 0U);
  EXPECT_EQ(reader->find("i32")->begin % 4, 0U);
  EXPECT_EQ(reader->find("f32")->begin % 4, 0U);
}

TEST(SafetensorsWriter, HeadersOfEveryLengthArePadded) {
  for (std::size_t length = 0; length < 16; ++length) {
    const std::string file = safetensors_bytes({}, {{"k", std::string(length, 'v')}}).value();
    EXPECT_EQ(file.size() % 8, 0U) << length;
    EXPECT_TRUE(open(file)) << length;
  }
}

TEST(SafetensorsWriter, Refusals) {
  const std::array<std::uint8_t, 1> one{1};
  const auto named = [&](const char* name) {
    return named_tensor(name, {1}, std::span<const std::uint8_t>(one));
  };
  EXPECT_EQ(safetensors_bytes(std::vector{named("a"), named("a")}, {}).error(),
            "tensor name 'a' is used twice");
  EXPECT_EQ(safetensors_bytes(std::vector{named("__metadata__")}, {}).error(),
            "tensor name '__metadata__' is reserved");
  EXPECT_TRUE(contains(safetensors_bytes(std::vector{named("\xFF")}, {}).error(), {"UTF-8"}));
  EXPECT_TRUE(contains(safetensors_bytes({}, {{"k", "\xFF"}}).error(), {"UTF-8"}));
  EXPECT_THROW(
      (void)safetensors_bytes(std::vector{named_tensor("a", {2}, std::span<const std::uint8_t>(one))}, {}),
      std::logic_error);
}

/// Data beyond the header are not touched until they are asked for, and then only the tensor's own.
TEST(Safetensors, ReadsOnlyWhatIsAskedFor) {
  class Counting final : public ByteSource {
   public:
    Counting(std::string bytes, std::uint64_t& total)
        : ByteSource("w.safetensors", bytes.size()), bytes_(std::move(bytes)), total_(total) {}
    Result<void> read(std::uint64_t offset, std::span<std::byte> out) const override {
      std::copy_n(reinterpret_cast<const std::byte*>(bytes_.data()) + offset, out.size(), out.begin());
      total_ += out.size();
      return {};
    }

   private:
    std::string bytes_;
    std::uint64_t& total_;
  };
  const std::vector<float> large(1000000);
  const std::array<float, 2> small{1, 2};
  const std::vector<NamedTensor> tensors{named_tensor("large", {1000, 1000}, std::span<const float>(large)),
                                         named_tensor("small", {1, 2}, std::span<const float>(small))};
  std::uint64_t total = 0;
  const auto reader =
      SafetensorsReader::open(std::make_unique<Counting>(safetensors_bytes(tensors, {}).value(), total));
  ASSERT_TRUE(reader) << reader.error();
  EXPECT_LT(total, 300U);
  total = 0;
  EXPECT_EQ(reader->load_matrix("small")->values, (std::vector<float>{1, 2}));
  EXPECT_EQ(total, 8U);
}

}  // namespace
}  // namespace msq::golden
