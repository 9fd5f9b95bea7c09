#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

// Writes ONNX models field by field, broken ones included. tests/io/onnx_library_test.cpp compares the
// numbers of the fields with those of the ONNX library.

namespace msq::golden::testing::onnx {

[[nodiscard]] inline std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) {
    out += static_cast<char>(0x80U | (value & 0x7FU));
  }
  return out += static_cast<char>(value);
}

/// A field that holds an integer.
[[nodiscard]] inline std::string number(unsigned field, std::int64_t value) {
  return varint(field << 3) + varint(static_cast<std::uint64_t>(value));
}

/// A field that holds a float.
[[nodiscard]] inline std::string real(unsigned field, float value) {
  return varint(field << 3 | 5U).append(reinterpret_cast<const char*>(&value), sizeof(value));
}

/// A field that holds text, bytes, a message or packed values.
[[nodiscard]] inline std::string block(unsigned field, std::string_view content) {
  return varint(field << 3 | 2U).append(varint(content.size())).append(content);
}

enum Type { kFloat = 1, kInt64 = 7, kFloat16 = 10, kDouble = 11, kBfloat16 = 16 };

// Bodies of messages; `data` are the fields with the elements.
[[nodiscard]] inline std::string tensor(std::string_view name, int type,
                                        const std::vector<std::int64_t>& dims, const std::string& data) {
  std::string packed;
  for (const std::int64_t extent : dims) {
    packed += varint(static_cast<std::uint64_t>(extent));
  }
  return block(1, packed) + number(2, type) + block(8, name) + data;
}
[[nodiscard]] inline std::string raw(std::string_view bytes) { return block(9, bytes); }
[[nodiscard]] inline std::string packed_floats(std::string_view bytes) { return block(4, bytes); }
[[nodiscard]] inline std::string packed_doubles(std::string_view bytes) { return block(10, bytes); }
[[nodiscard]] inline std::string packed_ints(std::initializer_list<std::int64_t> values) {
  std::string packed;
  for (const std::int64_t value : values) {
    packed += varint(static_cast<std::uint64_t>(value));
  }
  return block(5, packed);
}
[[nodiscard]] inline std::string external(
    std::initializer_list<std::pair<std::string_view, std::string_view>> entries) {
  std::string out;
  for (const auto& [key, value] : entries) {
    out += block(13, block(1, key) + block(2, value));
  }
  return out + number(14, 1);
}

[[nodiscard]] inline std::string attribute(std::string_view name, const std::string& value) {
  return block(1, name) + value;
}
[[nodiscard]] inline std::string node(std::string_view op, std::initializer_list<std::string_view> inputs,
                                      std::string_view output,
                                      std::initializer_list<std::string> attributes = {}) {
  std::string out;
  for (const std::string_view input : inputs) {
    out += block(1, input);
  }
  out += block(2, output) + block(4, op);
  for (const std::string& one : attributes) {
    out += block(5, one);
  }
  return out;
}
[[nodiscard]] inline std::string graph(std::initializer_list<std::string> nodes,
                                       std::initializer_list<std::string> initializers) {
  std::string out;
  for (const std::string& one : nodes) {
    out += block(1, one);
  }
  out += block(2, "main");
  for (const std::string& one : initializers) {
    out += block(5, one);
  }
  return out;
}
[[nodiscard]] inline std::string function(std::string_view domain, std::string_view name,
                                          std::initializer_list<std::string_view> inputs,
                                          std::initializer_list<std::string_view> outputs,
                                          std::initializer_list<std::string> nodes) {
  std::string out = block(1, name);
  for (const std::string_view input : inputs) out += block(4, input);
  for (const std::string_view output : outputs) out += block(5, output);
  for (const std::string& one : nodes) out += block(7, one);
  return out + block(10, domain);
}
/// A whole file: IR version, functions, graph, operator set. With functions at the end, as other writers have
/// them, a file cut off before them would be whole.
[[nodiscard]] inline std::string model(const std::string& graph_body,
                                       std::initializer_list<std::string> functions = {}) {
  std::string out = number(1, 8);
  for (const std::string& one : functions) out += block(25, one);
  return out + block(7, graph_body) + block(8, block(1, "") + number(2, 17));
}

}  // namespace msq::golden::testing::onnx
