#include "golden/io/quantized_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <utility>

#include "golden/quantize/quantizer.hpp"
#include "seeds.hpp"
#include "temporary_directory.hpp"

namespace msq::golden {
namespace {

using testing::contains;
using testing::read_text;
using testing::small_quantized_tensor;
using testing::TemporaryDirectory;

QuantizedTensor quantized(const QuantizerOptions& options, std::int64_t k, std::int64_t n) {
  std::mt19937 engine(7);
  std::student_t_distribution<float> heavy_tailed(4);
  std::vector<float> weights(static_cast<std::size_t>(k * n));
  for (float& weight : weights) {
    weight = heavy_tailed(engine);
  }
  auto output = quantize(weights, k, n, options);
  EXPECT_TRUE(output) << output.error();
  EXPECT_GT(output->statistics.outliers_kept, 0);
  return std::move(output->tensor);
}

TEST(QuantizedFile, RoundTripOfEveryFormat) {
  const TemporaryDirectory directory;
  for (const int bits : {2, 4}) {
    for (const int micro_block : {4, 8, 16}) {
      for (const Axis axis : {Axis::reduction, Axis::output}) {
        QuantizerOptions options;
        options.bits = bits;
        options.micro_block = micro_block;
        options.macro_block = 32;
        options.axis = axis;
        options.outlier_shift_max = 6;
        const std::vector<QuantizedLayer> layers{{"model.0", quantized(options, 70, 45)}};
        const auto saved = save_quantized(directory / "q.safetensors", layers);
        ASSERT_TRUE(saved) << saved.error();
        const auto back = load_quantized(directory / "q.safetensors", "model.0");
        ASSERT_TRUE(back) << back.error();
        EXPECT_TRUE(back->tensor == layers[0].tensor) << bits << ' ' << micro_block;
      }
    }
  }
}

TEST(QuantizedFile, TensorsAndMetadata) {
  const std::vector<QuantizedLayer> layers{{"a", small_quantized_tensor()}};
  const std::string file = quantized_bytes(layers).value();
  const auto reader = SafetensorsReader::open(memory_source(std::as_bytes(std::span(file)), "q"));
  ASSERT_TRUE(reader) << reader.error();
  EXPECT_EQ(reader->metadata(), (Metadata{{"microscopiq.contract", "1"},
                                          {"a.encoding", "paper"},
                                          {"a.bits", "2"},
                                          {"a.micro_block", "8"},
                                          {"a.macro_block", "32"},
                                          {"a.outlier_shift_max", "7"},
                                          {"a.axis", "reduction"},
                                          {"a.k", "3"},
                                          {"a.n", "10"}}));
  const auto shape = [&](const char* name) { return reader->find(name)->shape; };
  EXPECT_EQ(shape("a.codes"), (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(shape("a.identifiers"), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(shape("a.mx_scales"), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(shape("a.lists"), (std::vector<std::int64_t>{1, 3}));
  EXPECT_EQ(shape("a.scales"), (std::vector<std::int64_t>{1, 10}));
  // 01 11 00 01 11 10 01 11 of the contract's worked example, the first code in the lowest bits.
  const auto codes = reader->load_bytes("a.codes", "U8").value();
  EXPECT_EQ(codes[0], std::byte{0b01001101});
  EXPECT_EQ(codes[1], std::byte{0b11011011});
  EXPECT_EQ(reader->load_bytes("a.lists", "U8").value()[0], std::byte{1 | (5 << 3)});
}

TEST(QuantizedFile, SeveralLayersAndDeterminism) {
  const TemporaryDirectory directory;
  QuantizedTensor other = small_quantized_tensor();
  other.scales[0] = 5;
  const std::vector<QuantizedLayer> layers{{"b", small_quantized_tensor()}, {"a", other}};
  const std::vector<QuantizedLayer> swapped{layers[1], layers[0]};
  ASSERT_TRUE(save_quantized(directory / "1", layers));
  ASSERT_TRUE(save_quantized(directory / "2", swapped));
  EXPECT_EQ(read_text(directory / "1"), read_text(directory / "2"));
  const auto reader = SafetensorsReader::open(directory / "1");
  EXPECT_EQ(quantized_layers(*reader), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(load_quantized(*reader, "a").value().tensor, other);
  EXPECT_EQ(load_quantized(*reader, "b").value().tensor, small_quantized_tensor());
  EXPECT_EQ(load_quantized(*reader, "c").error(),
            (directory / "1").string() + ": no layer 'c'; layers in the file: 'a', 'b'");
}

TEST(QuantizedFile, SaveRefusals) {
  const TemporaryDirectory directory;
  const QuantizedLayer layer{"a", small_quantized_tensor()};
  EXPECT_TRUE(contains(save_quantized(directory / "q", std::vector{layer, layer}).error(),
                       {"q: ", "'a.codes'", "used twice"}));
  EXPECT_TRUE(contains(save_quantized(directory / "q", std::vector{QuantizedLayer{"", layer.tensor}}).error(),
                       {"no name"}));
  EXPECT_TRUE(
      contains(save_quantized(directory / "no/q", std::vector{layer}).error(), {"no/q: cannot write"}));
  EXPECT_TRUE(directory.names().empty());
}

TEST(QuantizedFile, InputScales) {
  const QuantizedLayer layer{"a", small_quantized_tensor(), {0.5F, 1.0F, 3.25F}};
  const std::string file = quantized_bytes({&layer, 1}).value();
  const auto reader = SafetensorsReader::open(memory_source(std::as_bytes(std::span(file)), "q"));
  EXPECT_EQ(reader->find("a.input_scales")->shape, (std::vector<std::int64_t>{3}));
  const auto back = load_quantized(*reader, "a").value();
  EXPECT_EQ(back.input_scales, layer.input_scales);
  EXPECT_EQ(back.tensor, layer.tensor);
  // 3 scales of 32 bits for 3 * 10 weights.
  EXPECT_DOUBLE_EQ(effective_bits(layer).stored, effective_bits(layer.tensor).stored + 3.2);
  EXPECT_EQ(effective_bits(layer).paper, effective_bits(layer.tensor).paper);
  const QuantizedLayer without{"a", small_quantized_tensor()};
  EXPECT_EQ(effective_bits(without).stored, effective_bits(without.tensor).stored);
}

TEST(QuantizedFile, InputScalesThatMakeNoSense) {
  const auto load = [](std::vector<float> scales) {
    const QuantizedLayer layer{"a", small_quantized_tensor()};
    const std::string file = quantized_bytes({&layer, 1}).value();
    const auto reader = SafetensorsReader::open(memory_source(std::as_bytes(std::span(file)), "q")).value();
    std::vector<NamedTensor> tensors;
    for (const TensorInfo& info : reader.tensors()) {
      tensors.push_back({info.name, info.dtype == "I8" ? DType::i8 : DType::u8, info.shape,
                         reader.load_bytes(info.name, info.dtype).value()});
    }
    tensors.push_back(named_tensor("a.input_scales", {static_cast<std::int64_t>(scales.size())},
                                   std::span<const float>(scales)));
    const std::string changed = safetensors_bytes(tensors, reader.metadata()).value();
    return load_quantized(
        SafetensorsReader::open(memory_source(std::as_bytes(std::span(changed)), "q")).value(), "a");
  };
  EXPECT_TRUE(load({1, 2, 3}));
  const float infinity = std::numeric_limits<float>::infinity();
  for (const std::vector<float>& bad : std::vector<std::vector<float>>{
           {1, 2}, {1, 2, 3, 4}, {1, 0, 3}, {1, -1, 3}, {1, infinity, 3}, {1, std::nanf(""), 3}}) {
    EXPECT_TRUE(contains(load(bad).error(), {"q: ", "'a.input_scales'", "3 finite ones above 0"}));
  }
  const QuantizedLayer wrong{"a", small_quantized_tensor(), {1.0F}};
  EXPECT_THROW((void)quantized_bytes({&wrong, 1}), std::logic_error);
}

/// The file of small_quantized_tensor as parts that a case can change.
struct Parts {
  Metadata metadata;
  std::vector<NamedTensor> tensors;

  Parts() {
    const std::vector<QuantizedLayer> layers{{"a", small_quantized_tensor()}};
    const std::string file = quantized_bytes(layers).value();
    const auto reader = SafetensorsReader::open(memory_source(std::as_bytes(std::span(file)), "q")).value();
    metadata = reader.metadata();
    for (const TensorInfo& info : reader.tensors()) {
      tensors.push_back({info.name, info.dtype == "I8" ? DType::i8 : DType::u8, info.shape,
                         reader.load_bytes(info.name, info.dtype).value()});
    }
  }
  NamedTensor& tensor(std::string_view name) {
    for (NamedTensor& tensor : tensors) {
      if (tensor.name == name) {
        return tensor;
      }
    }
    throw std::logic_error("no such tensor");
  }
  [[nodiscard]] Result<QuantizedTensor> load() const {
    const std::string file = safetensors_bytes(tensors, metadata).value();
    auto layer = load_quantized(
        SafetensorsReader::open(memory_source(std::as_bytes(std::span(file)), "q")).value(), "a");
    if (!layer) return Error(layer.error());
    return std::move(layer->tensor);
  }
};

TEST(QuantizedFile, UnchangedPartsLoad) { EXPECT_EQ(Parts().load().value(), small_quantized_tensor()); }

TEST(QuantizedFile, HostileMetadata) {
  struct Case {
    const char* key;
    const char* value;  ///< null: removed
    const char* expected;
  };
  const Case cases[] = {
      {"microscopiq.contract", nullptr, "metadata 'microscopiq.contract' is missing"},
      {"microscopiq.contract", "2", "metadata 'microscopiq.contract' is '2'; allowed: '1'"},
      {"a.encoding", "half_range", "metadata 'a.encoding' is 'half_range'; allowed: paper, full_range"},
      {"a.encoding", "full_range", "metadata 'a.list_entries' is missing"},
      {"a.axis", "rows", "metadata 'a.axis' is 'rows'; allowed: reduction, output"},
      {"a.k", nullptr, "metadata 'a.k' is missing"},
      {"a.k", "3x", "metadata 'a.k' is '3x'; allowed: an integer"},
      {"a.k", "", "metadata 'a.k' is ''; allowed: an integer"},
      {"a.k", "99999999999999999999", "allowed: an integer up to 9223372036854775807"},
      {"a.bits", "4294967298", "metadata 'a.bits' is '4294967298'; allowed: an integer up to 2147483647"},
      {"a.k", "9223372036854775807", "layer 'a'"},
      {"a.n", "9223372036854775807", "layer 'a'"},
      {"a.k", "268435456", "layer 'a'"},
      {"a.k", "0", "layer 'a'"},
      {"a.n", "-1", "layer 'a'"},
      {"a.n", "17", "layer 'a'"},
      {"a.bits", "3", "layer 'a'"},
      {"a.bits", "4", "layer 'a'"},
      {"a.micro_block", "0", "layer 'a'"},
      {"a.micro_block", "4", "layer 'a'"},
      {"a.macro_block", "0", "layer 'a'"},
      {"a.axis", "output", "layer 'a'"},
      {"a.outlier_shift_max", "-1", "layer 'a'"},
  };
  for (const Case& c : cases) {
    Parts parts;
    if (c.value == nullptr) {
      parts.metadata.erase(c.key);
    } else {
      parts.metadata[c.key] = c.value;
    }
    const auto tensor = parts.load();
    ASSERT_FALSE(tensor) << c.key;
    EXPECT_TRUE(contains(tensor.error(), {"q: ", c.expected})) << tensor.error();
  }
}

TEST(QuantizedFile, HostileTensors) {
  for (const char* name : {"a.codes", "a.identifiers", "a.mx_scales", "a.lists", "a.scales"}) {
    Parts missing;
    std::erase_if(missing.tensors, [name](const NamedTensor& tensor) { return tensor.name == name; });
    ASSERT_FALSE(missing.load()) << name;
    EXPECT_TRUE(contains(missing.load().error(), {"q: no "})) << missing.load().error();
    Parts short_by_one;
    NamedTensor& tensor = short_by_one.tensor(name);
    tensor.bytes.pop_back();
    tensor.shape = {static_cast<std::int64_t>(tensor.bytes.size())};
    ASSERT_FALSE(short_by_one.load()) << name;
    EXPECT_TRUE(contains(short_by_one.load().error(), {"q: layer 'a': "})) << short_by_one.load().error();
    Parts wrong_type;
    NamedTensor& retyped = wrong_type.tensor(name);
    retyped.dtype = retyped.dtype == DType::u8 ? DType::i8 : DType::u8;
    ASSERT_FALSE(wrong_type.load()) << name;
    EXPECT_TRUE(contains(wrong_type.load().error(), {name, "has dtype"})) << wrong_type.load().error();
  }
  Parts minus_zero;
  minus_zero.tensor("a.codes").bytes[2] = std::byte{2};  // a code 10 beyond N that is no half
  EXPECT_FALSE(minus_zero.load());
}

}  // namespace
}  // namespace msq::golden
