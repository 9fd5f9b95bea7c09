#include <cstddef>
#include <cstdint>
#include <span>

#include "check_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)msq::golden::testing::check_onnx(std::as_bytes(std::span(data, size)));
  return 0;
}
