#include "golden/io/onnx.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <span>

#include "golden/io/matrix_source.hpp"
#include "onnx_writer.hpp"
#include "seeds.hpp"
#include "temporary_directory.hpp"

namespace msq::golden {
namespace {

using namespace testing::onnx;
using testing::bytes_of;
using testing::contains;
using testing::TemporaryDirectory;
using testing::write_text;

const std::string kSix = bytes_of<float>({1, 2, 3, 4, 5, 6});
const std::vector<float> kSixValues{1, 2, 3, 4, 5, 6};

/// The file's bytes live as long as the reader.
struct Opened {
  std::string bytes;
  Result<OnnxReader> reader;

  explicit Opened(std::string file)
      : bytes(std::move(file)),
        reader(OnnxReader::open(memory_source(std::as_bytes(std::span(bytes)), "m.onnx"), "")) {}

  [[nodiscard]] std::string error() const { return reader ? "(no error)" : reader.error(); }
  [[nodiscard]] const OnnxTensor& at(std::string_view name) const {
    const OnnxTensor* found = reader.value().find(name);
    if (found == nullptr) {
      throw std::runtime_error("no such tensor");
    }
    return *found;
  }
  [[nodiscard]] std::vector<float> values(std::string_view name) const {
    const auto matrix = reader.value().load_matrix(name);
    EXPECT_TRUE(matrix) << (matrix ? "" : matrix.error());
    return matrix ? matrix->values : std::vector<float>{};
  }
  [[nodiscard]] std::string load_error(std::string_view name) const {
    const auto matrix = reader.value().load_matrix(name);
    return matrix ? "(no error)" : matrix.error();
  }
};

TEST(Onnx, EveryTypeInEveryStorage) {
  const std::string halves = bytes_of<std::uint16_t>({0x3C00, 0xC000, 0x0001, 0x7C00, 0x8000, 0x3555});
  const std::string unpacked = varint(4 << 3 | 5) + bytes_of<float>({1}) + varint(4 << 3 | 5) +
                               bytes_of<float>({2}) + packed_floats(bytes_of<float>({3, 4, 5, 6}));
  const Opened file(model(graph(
      {}, {tensor("raw", kFloat, {2, 3}, raw(kSix)), tensor("list", kFloat, {3, 2}, packed_floats(kSix)),
           tensor("loose", kFloat, {2, 3}, unpacked), tensor("f16", kFloat16, {2, 3}, raw(halves)),
           tensor("bf16", kBfloat16, {1, 2}, raw(bytes_of<std::uint16_t>({0x3F80, 0xC049}))),
           tensor("f16 list", kFloat16, {1, 3}, packed_ints({0x3C00, 0xFBFF}) + number(5, 0)),
           tensor("bf16 list", kBfloat16, {2, 1}, packed_ints({0x4000, 0xBF80}))})));
  ASSERT_TRUE(file.reader) << file.error();
  EXPECT_EQ(file.values("raw"), kSixValues);
  EXPECT_EQ(file.values("list"), kSixValues);
  EXPECT_EQ(file.values("loose"), kSixValues);
  const std::vector<float> f16 = file.values("f16");
  EXPECT_EQ(f16, (std::vector<float>{1, -2, 0x1p-24F, INFINITY, -0.0F, 0x1.554p-2F}));
  EXPECT_TRUE(std::signbit(f16[4]));
  EXPECT_EQ(file.values("bf16"), (std::vector<float>{1, -3.140625F}));
  EXPECT_EQ(file.values("f16 list"), (std::vector<float>{1, -65504, 0}));
  EXPECT_EQ(file.values("bf16 list"), (std::vector<float>{2, -1}));
  EXPECT_EQ(file.at("list").shape, (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(file.at("bf16").type, "BFLOAT16");
}

TEST(Onnx, DoublesAreRoundedToFloats) {
  const std::string doubles = bytes_of<double>({0.1, 1 + 0x3p-24});
  const std::string unpacked =
      varint(10 << 3 | 1) + bytes_of<double>({0.1}) + packed_doubles(bytes_of<double>({1 + 0x3p-24}));
  const Opened file(
      model(graph({}, {tensor("raw", kDouble, {1, 2}, raw(doubles)),
                       tensor("list", kDouble, {2, 1}, packed_doubles(doubles)),
                       tensor("loose", kDouble, {1, 2}, unpacked),
                       tensor("big", kDouble, {1, 1}, packed_doubles(bytes_of<double>({-1e39})))})));
  ASSERT_TRUE(file.reader) << file.error();
  for (const char* name : {"raw", "list", "loose"}) {
    EXPECT_EQ(file.values(name), (std::vector<float>{0.1F, 1 + 0x1p-22F})) << name;
  }
  EXPECT_TRUE(contains(file.load_error("big"), {"-1e+39", "float32", "'big'"}));
  EXPECT_EQ(Opened(model(graph({}, {tensor("w", kDouble, {3}, packed_floats(kSix))}))).error(),
            "m.onnx: tensor 'w': DOUBLE of shape [3] needs 3 elements of raw_data or double_data, found "
            "another list");
}

TEST(Onnx, LayoutsComeFromTheGraph) {
  const auto w = [](std::string_view name) { return tensor(name, kFloat, {2, 3}, raw(kSix)); };
  const std::string trans_b = attribute("transB", number(3, 1));
  const std::string swap = attribute("perm", number(8, 1) + number(8, 0));
  const std::string keep = attribute("perm", block(8, varint(0) + varint(1)));
  const Opened file(model(graph(
      {node("MatMul", {"x", "matmul"}, "1"), node("Gemm", {"x", "gemm", "bias"}, "2"),
       node("Gemm", {"x", "gemm t", "bias"}, "3", {trans_b}), node("Transpose", {"turned"}, "t", {swap}),
       node("Identity", {"t"}, "same"), node("MatMul", {"x", "same"}, "4"),
       node("Transpose", {"default"}, "d"), node("Gemm", {"x", "d"}, "5", {trans_b}),
       node("Transpose", {"kept"}, "k", {keep}), node("MatMul", {"x", "k"}, "6"),
       node("Cast", {"cast"}, "c", {attribute("to", number(3, 1))}), node("MatMul", {"x", "c"}, "7"),
       node("MatMul", {"first", "x"}, "8"), node("Gather", {"table", "x"}, "9"),
       node("MatMul", {"x", "both"}, "10"), node("Gemm", {"x", "both"}, "11", {trans_b}),
       node("MatMul", {"x", "foreign"}, "12") + block(7, "com.example")},
      {w("matmul"), w("gemm"), w("gemm t"), w("turned"), w("default"), w("kept"), w("cast"), w("first"),
       w("table"), w("both"), w("foreign"), tensor("bias", kFloat, {6}, raw(kSix))})));
  ASSERT_TRUE(file.reader) << file.error();
  const auto layout = [&](std::string_view name) { return file.at(name).layout; };
  EXPECT_EQ(layout("matmul"), Layout::k_by_n);
  EXPECT_EQ(layout("gemm"), Layout::k_by_n);
  EXPECT_EQ(layout("gemm t"), Layout::n_by_k);
  EXPECT_EQ(layout("turned"), Layout::n_by_k);
  EXPECT_EQ(layout("default"), Layout::k_by_n) << "transposed twice";
  EXPECT_EQ(layout("cast"), Layout::k_by_n);
  for (const char* name : {"kept", "first", "table", "both", "foreign", "bias"}) {
    EXPECT_EQ(layout(name), std::nullopt) << name;
  }
  EXPECT_EQ(file.at("gemm t").use, "Gemm");
  EXPECT_EQ(file.at("both").use, "MatMul, Gemm, in both layouts");
  EXPECT_EQ(file.at("table").use, "input 1 of Gather; not the second input of a MatMul or Gemm");
  EXPECT_EQ(file.at("first").use, "input 1 of MatMul; not the second input of a MatMul or Gemm");
  EXPECT_EQ(file.at("foreign").use,
            "input 2 of com.example::MatMul; not the second input of a MatMul or Gemm");
  EXPECT_EQ(file.at("bias").use, "no matrix");
}

TEST(Onnx, UsesNameTheFirstThreeNodes) {
  const auto w = [](std::string_view name) { return tensor(name, kFloat, {2, 3}, raw(kSix)); };
  const Opened file(model(graph({node("Mul", {"w", "w"}, "1"), node("Mul", {"x", "w"}, "2"),
                                 node("Add", {"w"}, "3"), node("Sub", {"w"}, "4"), node("Add", {"w"}, "5")},
                                {w("w"), w("idle")})));
  ASSERT_TRUE(file.reader) << file.error();
  EXPECT_EQ(file.at("w").use,
            "input 1 of Mul, input 2 of Mul, input 1 of Add, ..; not the second input of a MatMul or Gemm");
  EXPECT_EQ(file.at("idle").use, "no node takes it");
}

TEST(Onnx, TheAlphaOfGemmIsAFactorOfTheWeights) {
  const auto w = [](std::string_view name) { return tensor(name, kFloat, {2, 3}, raw(kSix)); };
  const std::string alpha = attribute("alpha", real(2, 0.125F));
  const Opened file(
      model(graph({node("Gemm", {"x", "scaled", "b"}, "1", {alpha, attribute("beta", real(2, 2))}),
                   node("Gemm", {"x", "twice"}, "2", {alpha}), node("Gemm", {"x", "twice"}, "3", {alpha}),
                   node("Gemm", {"x", "mixed"}, "4", {alpha}), node("MatMul", {"x", "mixed"}, "5"),
                   node("MatMul", {"x", "plain"}, "6", {alpha})},
                  {w("scaled"), w("twice"), w("mixed"), w("plain")})));
  ASSERT_TRUE(file.reader) << file.error();
  EXPECT_EQ(file.at("scaled").alpha, 0.125F);
  EXPECT_EQ(file.at("scaled").layout, Layout::k_by_n);
  EXPECT_EQ(file.at("scaled").use, "Gemm with alpha 0.125");
  EXPECT_EQ(file.at("twice").alpha, 0.125F);
  EXPECT_EQ(file.at("mixed").layout, std::nullopt);
  EXPECT_EQ(file.at("mixed").use, "MatMul, Gemm, with different factors alpha");
  EXPECT_EQ(file.at("plain").alpha, 1.0F) << "MatMul has no alpha";
  EXPECT_EQ(file.values("scaled"), kSixValues) << "as stored";
}

TEST(Onnx, ConstantsAndBodiesOfControlFlow) {
  const auto w = [](std::string_view name) { return tensor(name, kFloat, {2, 3}, raw(kSix)); };
  const std::string body =
      graph({node("MatMul", {"x", "outer"}, "1"), node("MatMul", {"x", "hidden"}, "2")}, {w("hidden")});
  const Opened file(model(
      graph({node("Constant", {}, "constant", {attribute("value", block(5, w("ignored")))}),
             node("MatMul", {"x", "constant"}, "3"),
             node("If", {"c"}, "4",
                  {attribute("then_branch", block(6, body)), attribute("else_branch", block(6, body))})},
            {w("outer"), w("hidden")})));
  ASSERT_TRUE(file.reader) << file.error();
  ASSERT_EQ(file.reader->tensors().size(), 5U);
  EXPECT_EQ(file.at("constant").layout, Layout::k_by_n);
  EXPECT_EQ(file.values("constant"), kSixValues);
  EXPECT_EQ(file.at("outer").layout, Layout::k_by_n);
  EXPECT_EQ(file.at("hidden").layout, std::nullopt) << "the body means its own";
  for (const char* name : {"4/then_branch/hidden", "4/else_branch/hidden"}) {
    EXPECT_EQ(file.at(name).layout, Layout::k_by_n) << name;
    EXPECT_EQ(file.values(name), kSixValues) << name;
  }
}

TEST(Onnx, BodiesWithinBodiesAndListsOfBodiesHaveNamesOfTheirOwn) {
  const auto body = [](const std::string& more) {
    return graph({node("MatMul", {"x", "w"}, "y"), more}, {tensor("w", kFloat, {2, 3}, raw(kSix))});
  };
  const std::string inner = node("If", {"c"}, "in", {attribute("then_branch", block(6, body("")))});
  const Opened file(model(graph(
      {node("Odd", {"x"}, "out", {attribute("parts", block(11, body(inner)) + block(11, body("")))})}, {})));
  ASSERT_TRUE(file.reader) << file.error();
  std::vector<std::string> names;
  for (const OnnxTensor& tensor : file.reader->tensors()) names.push_back(tensor.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"out/parts/0/w", "out/parts/0/in/then_branch/w", "out/parts/1/w"}));
}

TEST(Onnx, NamesOfABodyHideThoseOutside) {
  const auto w = [](std::string_view name) { return tensor(name, kFloat, {2, 3}, raw(kSix)); };
  const std::string body = graph({node("MatMul", {"x", "input"}, "1"), node("Relu", {"x"}, "output"),
                                  node("MatMul", {"x", "output"}, "2")},
                                 {}) +
                           block(11, block(1, "input"));
  const Opened file(model(
      graph({node("Loop", {"c"}, "4", {attribute("body", block(6, body))})}, {w("input"), w("output")})));
  ASSERT_TRUE(file.reader) << file.error();
  EXPECT_EQ(file.at("input").use, "no node takes it");
  EXPECT_EQ(file.at("output").use, "no node takes it");
}

TEST(Onnx, FunctionsAreFollowed) {
  const auto w = [](std::string_view name) { return tensor(name, kFloat, {2, 3}, raw(kSix)); };
  const auto call = [](std::string_view name, std::initializer_list<std::string_view> inputs,
                       std::string_view output) { return node(name, inputs, output) + block(7, "lib"); };
  const std::string linear =
      function("lib", "linear", {"x", "w"}, {"y"},
               {node("Transpose", {"w"}, "t"), node("MatMul", {"x", "t"}, "y"),
                node("Constant", {}, "own", {attribute("value", block(5, w("ignored")))}),
                node("MatMul", {"y", "own"}, "z")});
  const std::string turn = function("lib", "turn", {"a"}, {"b"}, {node("Transpose", {"a"}, "b")});
  const std::string outer = function("lib", "outer", {"w", "x"}, {"y"}, {call("linear", {"x", "w"}, "y")});
  const Opened file(model(graph({call("linear", {"x", "direct"}, "1"), call("outer", {"nested", "x"}, "2"),
                                 call("turn", {"turned"}, "t"), node("MatMul", {"x", "t"}, "3"),
                                 call("unknown", {"x", "lost"}, "4"), call("turn", {"added"}, "5")},
                                {w("direct"), w("nested"), w("turned"), w("lost"), w("added")}),
                          {linear, turn, outer}));
  ASSERT_TRUE(file.reader) << file.error();
  for (const char* name : {"direct", "nested", "turned"}) {
    EXPECT_EQ(file.at(name).layout, Layout::n_by_k) << name;
    EXPECT_EQ(file.at(name).use, "MatMul") << name;
  }
  EXPECT_EQ(file.at("lib::linear/own").layout, Layout::k_by_n);
  EXPECT_EQ(file.values("lib::linear/own"), kSixValues);
  EXPECT_EQ(file.at("lost").use, "input 2 of lib::unknown; not the second input of a MatMul or Gemm");
  EXPECT_EQ(file.at("added").use, "no node takes it");
}

TEST(Onnx, AttributesThatTheCallerSetsAreNotGuessed) {
  const std::string of_function = attribute("transB", block(21, "transposed"));
  const std::string linear =
      function("lib", "linear", {"x", "w"}, {"y"}, {node("Gemm", {"x", "w"}, "y", {of_function})});
  const Opened file(model(
      graph({node("linear", {"x", "w"}, "1") + block(7, "lib")}, {tensor("w", kFloat, {2, 3}, raw(kSix))}),
      {linear}));
  ASSERT_TRUE(file.reader) << file.error();
  EXPECT_EQ(file.at("w").use,
            "input 2 of Gemm whose transB the caller sets in function lib::linear; not the second input of a "
            "MatMul or Gemm");
}

TEST(Onnx, FunctionsThatCallEachOtherForEverEnd) {
  const auto call = [] { return node("f", {"x", "w"}, "y") + block(7, "lib"); };
  const std::string once = function("lib", "f", {"x", "w"}, {"y"}, {call()});
  const std::string graph_body =
      graph({node("f", {"x", "w"}, "1") + block(7, "lib")}, {tensor("w", kFloat, {2, 3}, raw(kSix))});
  EXPECT_EQ(Opened(model(graph_body, {once})).error(), "(no error)");
  const std::string often = function("lib", "f", {"x", "w"}, {"y"}, {call(), call(), call()});
  EXPECT_EQ(Opened(model(graph_body, {often})).error(),
            "m.onnx: functions whose calls make more than 1048576 nodes");
  EXPECT_TRUE(contains(Opened(model(graph_body, {once, once})).error(), {"a second function 'lib::f'"}));
}

TEST(Onnx, SparseTensorsAreListed) {
  const std::string values = tensor("sparse", kFloat, {2}, raw(kSix.substr(0, 8)));
  const std::string sparse = block(1, values) + number(3, 4) + number(3, 5);
  const std::string constant =
      node("Constant", {}, "constant", {attribute("sparse_value", block(22, sparse))});
  const Opened file(model(graph({node("MatMul", {"x", "sparse"}, "1"), constant}, {}) + block(15, sparse)));
  ASSERT_TRUE(file.reader) << file.error();
  for (const char* name : {"sparse", "constant"}) {
    EXPECT_EQ(file.at(name).type, "sparse FLOAT") << name;
    EXPECT_EQ(file.at(name).shape, (std::vector<std::int64_t>{4, 5})) << name;
    EXPECT_TRUE(contains(file.load_error(name), {"has type sparse FLOAT"})) << name;
  }
}

TEST(Onnx, DataMustFillTheShape) {
  const auto error = [](const std::string& one) { return Opened(model(graph({}, {one}))).error(); };
  EXPECT_EQ(error(tensor("w", kFloat, {2, 4}, raw(kSix))),
            "m.onnx: tensor 'w': FLOAT of shape [2, 4] needs 32 bytes of raw_data, found 24");
  EXPECT_EQ(error(tensor("w", kFloat16, {2, 3}, raw(kSix))),
            "m.onnx: tensor 'w': FLOAT16 of shape [2, 3] needs 12 bytes of raw_data, found 24");
  EXPECT_EQ(error(tensor("w", kFloat, {7}, packed_floats(kSix))),
            "m.onnx: tensor 'w': FLOAT of shape [7] needs 7 elements of raw_data or float_data, found 6");
  EXPECT_EQ(error(tensor("w", kFloat16, {6}, packed_floats(kSix))),
            "m.onnx: tensor 'w': FLOAT16 of shape [6] needs 6 elements of raw_data or int32_data, found "
            "another list");
  EXPECT_TRUE(contains(error(tensor("w", kFloat, {2}, "")), {"needs 2 elements", "found 0"}));
  EXPECT_TRUE(
      contains(error(tensor("w", kFloat, {1LL << 40, 1LL << 40}, "")), {"more elements than any file"}));
  EXPECT_TRUE(contains(error(tensor("w", kFloat, {1LL << 40}, "")), {"needs 1099511627776 elements"}));
  EXPECT_TRUE(contains(error(tensor("w", kFloat, {-1}, "")), {"an extent of -1", "0 or more"}));
  EXPECT_TRUE(contains(error(tensor("w", kFloat, std::vector<std::int64_t>(33, 1), "")), {"32 dimensions"}));
  EXPECT_TRUE(contains(error(tensor("", kFloat, {6}, raw(kSix))), {"a tensor without a name at byte"}));
  EXPECT_TRUE(contains(error(tensor("w", kFloat, {6}, packed_floats("123"))), {"no multiple of 4"}));
  EXPECT_EQ(error(tensor("none", kFloat, {0, 4}, "")), "(no error)");
  EXPECT_EQ(error(tensor("i", kInt64, {100}, raw("x"))), "(no error)") << "types that are never loaded";
  const std::string w = tensor("w", kFloat, {6}, raw(kSix));
  EXPECT_EQ(Opened(model(graph({}, {w, w}))).error(), "m.onnx: tensor 'w': a name used twice");
}

TEST(Onnx, TensorsThatCannotBeLoaded) {
  const Opened file(model(graph(
      {}, {tensor("layer.w", kFloat, {2, 3}, raw(kSix)), tensor("i", kInt64, {1, 3}, raw(kSix)),
           tensor("bias", kFloat, {6}, raw(kSix)), tensor("none", kFloat, {0, 4}, ""),
           tensor("code", kFloat16, {1, 2}, packed_ints({1, 65536})),
           tensor("negative", kFloat16, {1, 1}, packed_ints({-1})), tensor("new", 99, {1, 1}, raw("x"))})));
  ASSERT_TRUE(file.reader) << file.error();
  EXPECT_EQ(file.load_error("x"),
            "m.onnx: no tensor 'x'; two-dimensional float tensors in the file: 'code', "
            "'layer.w', 'negative', 'none'");
  EXPECT_TRUE(contains(file.load_error("w"), {"no tensor 'w'", "file: 'layer.w'"}));
  EXPECT_TRUE(contains(file.load_error(""), {"m.onnx: no tensor name given"}));
  EXPECT_EQ(file.load_error("i"),
            "m.onnx: tensor 'i' has type INT64; allowed: DOUBLE, FLOAT, FLOAT16, BFLOAT16");
  EXPECT_TRUE(contains(file.load_error("new"), {"type 99"}));
  EXPECT_EQ(file.load_error("bias"),
            "m.onnx: tensor 'bias' has shape [6]; allowed: two dimensions, each at least 1");
  EXPECT_TRUE(contains(file.load_error("none"), {"shape [0, 4]"}));
  EXPECT_TRUE(contains(file.load_error("code"), {"element 1 is 65536", "0 to 65535"}));
  EXPECT_TRUE(contains(file.load_error("negative"), {"element 0 is -1"}));
}

TEST(Onnx, FilesThatAreNone) {
  const auto error = [](const std::string& bytes) { return Opened(bytes).error(); };
  EXPECT_EQ(error(""), "m.onnx: no graph in it (truncated, or not an ONNX model?)");
  EXPECT_EQ(error(number(1, 8)), "m.onnx: no graph in it (truncated, or not an ONNX model?)");
  EXPECT_EQ(error(block(7, "")), "m.onnx: no operator set in it (truncated, or not an ONNX model?)");
  EXPECT_TRUE(contains(error("Not a model, but text."), {"m.onnx: ", "wire type 6", "at byte 1"}));
  EXPECT_TRUE(contains(error(std::string(3, '\0')), {"no protobuf field where one must begin at byte"}));
  EXPECT_TRUE(contains(error("\x3A\xFF\xFF\xFF\xFF\x0F"), {"field 7 of 4294967295 bytes runs past the end"}));
  EXPECT_TRUE(contains(error(std::string("\x3A") + std::string(11, '\xFF')),
                       {"a number that is cut off or too long"}));
  EXPECT_TRUE(contains(error(number(7, 1)), {"field 7 has wire type 0, 2 was expected"}));
  EXPECT_TRUE(contains(error("\x3B"), {"field 7 has wire type 3"}));
  // A length within the file but beyond what holds it.
  const std::string bad = "\x2A\x08";
  EXPECT_TRUE(
      contains(error(block(7, bad) + std::string(30, '\0')), {"field 5 of 8 bytes runs past the end of"}));
  std::string deep = graph({}, {});
  for (int i = 0; i < 20; ++i) {
    deep = graph({node("If", {"c"}, "y", {attribute("then_branch", block(6, deep))})}, {});
  }
  EXPECT_TRUE(contains(error(model(deep)), {"graphs nested more than 16 deep"}));
}

TEST(Onnx, EveryTruncationIsAnError) {
  for (const std::string& file : testing::onnx_seeds()) {
    ASSERT_TRUE(Opened(file).reader) << Opened(file).error();
    for (std::size_t length = 0; length < file.size(); ++length) {
      const Opened cut(file.substr(0, length));
      EXPECT_FALSE(cut.reader) << length;
      EXPECT_TRUE(contains(cut.error(), {"m.onnx: ", "truncated"})) << length << ": " << cut.error();
    }
  }
}

TEST(Onnx, ModelsBeyondTwoGibibytesAreRefused) {
  const TemporaryDirectory directory;
  write_text(directory / "big.onnx", model(graph({}, {})));
  std::filesystem::resize_file(directory / "big.onnx", std::uintmax_t{1} << 31);  // sparse
  const auto reader = OnnxReader::open(directory / "big.onnx");
  ASSERT_FALSE(reader);
  EXPECT_TRUE(contains(reader.error(), {"2147483648 bytes; allowed: 2147483647", "external data"}));
}

class OnnxExternal : public ::testing::Test {
 protected:
  void SetUp() override {
    write_text(directory_ / "w.bin", "1234" + kSix);
    std::filesystem::create_directory(directory_ / "sub");
    write_text(directory_ / "sub" / "v.bin", kSix);
  }

  Result<Matrix> load(const std::string& data, const std::vector<std::int64_t>& shape = {2, 3}) {
    write_text(directory_ / "m.onnx",
               model(graph({node("MatMul", {"x", "w"}, "y")}, {tensor("w", kFloat, shape, data)})));
    return load_matrix(directory_ / "m.onnx", "w", std::nullopt);
  }
  std::string error(const std::string& data, const std::vector<std::int64_t>& shape = {2, 3}) {
    const auto matrix = load(data, shape);
    return matrix ? "(no error)" : matrix.error();
  }

  TemporaryDirectory directory_;
};

TEST_F(OnnxExternal, IsReadBesideTheModel) {
  const auto all = load(external({{"location", "w.bin"}, {"offset", "4"}, {"length", "24"}}));
  ASSERT_TRUE(all) << all.error();
  EXPECT_EQ(all->values, kSixValues);
  EXPECT_EQ(all->rows, 2);
  const auto rest = load(external({{"location", "sub/v.bin"}, {"checksum", "of no concern"}}));
  ASSERT_TRUE(rest) << rest.error();
  EXPECT_EQ(rest->values, kSixValues);
  const auto reader = OnnxReader::open(directory_ / "m.onnx");
  EXPECT_EQ(reader.value().external_files(), (std::vector{directory_ / "sub" / "v.bin"}));
}

TEST_F(OnnxExternal, NothingElsewhereIsRead) {
  const std::string absolute = (directory_ / "w.bin").string();
  for (const std::string& location :
       {absolute, std::string("../w.bin"), std::string("sub/../w.bin"), std::string(".."), std::string("")}) {
    EXPECT_TRUE(contains(
        error(external({{"location", location}, {"offset", "4"}})),
        {"m.onnx: tensor 'w': external data in '", "relative to the model's directory, without '..'"}))
        << location;
  }
  const Opened memory(model(graph({}, {tensor("w", kFloat, {2, 3}, external({{"location", "w.bin"}}))})));
  EXPECT_TRUE(contains(memory.load_error("w"), {"'w.bin', but the model has no directory"}));
}

TEST_F(OnnxExternal, SizesAreChecked) {
  EXPECT_TRUE(contains(error(external({{"location", "none.bin"}})), {"tensor 'w'", "none.bin: cannot open"}));
  EXPECT_TRUE(contains(error(external({{"location", "sub"}})), {"sub: is a directory"}));
  EXPECT_TRUE(contains(error(external({{"location", "w.bin"}, {"length", "20"}})),
                       {"external data of 20 bytes; FLOAT of shape [2, 3] needs 24"}));
  EXPECT_TRUE(contains(error(external({{"location", "w.bin"}, {"offset", "5"}})),
                       {"w.bin: 6 elements of 4 bytes at byte 5 do not fit the file's 28 bytes"}));
  EXPECT_TRUE(
      contains(error(external({{"location", "w.bin"}, {"offset", "18446744073709551615"}})), {"do not fit"}));
  EXPECT_TRUE(
      contains(error(external({{"location", "w.bin"}, {"offset", "-1"}})), {"offset '-1'", "no number"}));
  EXPECT_TRUE(contains(error(external({{"location", "w.bin"}, {"length", "2 4"}})), {"length '2 4'"}));
  EXPECT_TRUE(contains(error(external({{"location", "w.bin"}}), {1LL << 30, 1LL << 30}), {"do not fit"}));
  EXPECT_TRUE(contains(error(external({{"location", "w.bin"}}), {1LL << 40, 1LL << 40}),
                       {"more elements than any file"}));
}

}  // namespace
}  // namespace msq::golden
