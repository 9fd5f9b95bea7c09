#include "seeds.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "golden/io/quantized_file.hpp"
#include "golden/io/safetensors.hpp"
#include "onnx_writer.hpp"

namespace msq::golden::testing {

std::string npy_file(int major, std::string header, std::string_view data) {
  const std::size_t preamble = major == 1 ? 10 : 12;
  header.append(63 - (preamble + header.size()) % 64, ' ');
  header += '\n';
  const std::uint64_t length = header.size();
  std::string out = "\x93NUMPY";
  out += static_cast<char>(major);
  out += '\0';
  out.append(reinterpret_cast<const char*>(&length), preamble - 8);
  return out + header + std::string(data);
}

std::string npy_dictionary(std::string_view descr, bool fortran, std::string_view shape) {
  return fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", descr,
                     fortran ? "True" : "False", shape);
}

std::string safetensors_file(std::string_view header, std::string_view data) {
  const std::uint64_t length = header.size();
  std::string out(sizeof(length), '\0');
  std::memcpy(out.data(), &length, sizeof(length));
  return out + std::string(header) + std::string(data);
}

QuantizedTensor small_quantized_tensor() {
  QuantizedTensor tensor;
  tensor.format = {.bits = 2, .micro_block = 8, .macro_block = 32};
  tensor.k = 3;
  tensor.n = 10;
  tensor.codes.assign(48, 0);
  constexpr std::array<std::uint8_t, 8> kExample{1, 3, 0, 1, 3, 2, 1, 3};
  for (std::size_t i = 0; i < kExample.size(); ++i) {
    tensor.codes[i] = kExample[i];
  }
  tensor.codes[24] = 1;
  tensor.blocks.resize(6);
  tensor.blocks[0] = {.shift = 0, .pairs = {{1, 5}}};
  tensor.scales.assign(10, 0);
  tensor.scales[9] = -127;
  return tensor;
}

std::vector<std::string> npy_seeds() {
  const std::string floats = bytes_of<float>({1.0F, -2.5F, 3.0F, 0.0F, 5.0F, -6.0F});
  return {
      npy_file(1, npy_dictionary("<f4", false, "(2, 3)"), floats),
      npy_file(2, npy_dictionary("<f4", true, "(2, 3)"), floats),
      npy_file(3, npy_dictionary("<f2", false, "(4, 3)"), floats),
      npy_file(1, npy_dictionary("<f8", true, "(3, 1)"), bytes_of<double>({1.0, 1e-300, -0.1})),
      npy_file(1, npy_dictionary("<f2", false, "(12,)"), floats),
  };
}

std::vector<std::string> safetensors_seeds() {
  const std::string floats = bytes_of<float>({1.0F, -2.5F, 3.0F, 0.0F, 5.0F, -6.0F});
  const std::array<float, 6> values{1, 2, 3, 4, 5, 6};
  const std::array<std::uint8_t, 3> bytes{7, 8, 9};
  const std::vector<NamedTensor> tensors{named_tensor("w", {2, 3}, std::span<const float>(values)),
                                         named_tensor("b", {3}, std::span<const std::uint8_t>(bytes)),
                                         named_tensor("none", {0, 4}, std::span<const float>())};
  const std::vector<QuantizedLayer> layers{{"layer", small_quantized_tensor()}};
  std::vector<std::string> seeds{
      safetensors_file(R"({"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}})", floats),
      safetensors_file(
          R"({"__metadata__":{"k":"v"},"h":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[4,2],"data_offsets":[8,24]}}   )",
          floats),
  };
  for (auto made : {safetensors_bytes(tensors, {{"note", "\xC3\xA9\n"}}), quantized_bytes(layers)}) {
    if (!made) {
      throw std::logic_error("seed: " + made.error());
    }
    seeds.push_back(std::move(*made));
  }
  return seeds;
}

std::vector<std::string> onnx_seeds() {
  using namespace onnx;
  const std::string floats = bytes_of<float>({1.0F, -2.5F, 3.0F, 0.0F, 5.0F, -6.0F});
  const std::string trans_b = attribute("transB", number(3, 1));
  const std::string swap = attribute("perm", block(8, varint(1) + varint(0)));
  const std::string body = graph({node("MatMul", {"x", "w"}, "y")}, {});
  const std::string own =
      graph({node("MatMul", {"x", "v"}, "y")}, {tensor("v", kFloat, {3, 2}, raw(floats))});
  return {
      model(graph({node("MatMul", {"x", "w"}, "y")}, {tensor("w", kFloat, {2, 3}, raw(floats))})),
      model(graph(
          {node("Gemm", {"x", "w", "b"}, "y", {trans_b}), node("Transpose", {"h"}, "t", {swap}),
           node("MatMul", {"y", "t"}, "z"),
           node("Constant", {}, "c", {attribute("value", block(5, tensor("", kFloat, {1}, raw("1234"))))})},
          {tensor("w", kFloat, {3, 2}, packed_floats(floats)),
           tensor("h", kFloat16, {1, 3}, packed_ints({0x3C00, 0x8000, 1})),
           tensor("b", kBfloat16, {12}, raw(floats)), tensor("i", kInt64, {3}, raw(floats))})),
      model(graph(
          {node("If", {"c"}, "z", {attribute("then_branch", block(6, body))})},
          {tensor("w", kFloat, {2, 3}, external({{"location", "w.bin"}, {"offset", "8"}, {"length", "24"}})),
           tensor("d", kDouble, {3}, raw(floats))})),
      model(graph({node("linear", {"x", "w"}, "y") + block(7, "lib"),
                   node("Loop", {"c"}, "z", {attribute("body", block(6, own))})},
                  {tensor("w", kDouble, {1, 3}, packed_doubles(floats))}),
            {function("lib", "linear", {"a", "b"}, {"c"},
                      {node("Gemm", {"a", "b"}, "c", {attribute("alpha", real(2, 0.5F))})})}),
  };
}

}  // namespace msq::golden::testing
