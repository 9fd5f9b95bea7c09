// One fuzzer of libFuzzer; MSQ_TARGET is the name of its reader.

#include <algorithm>

#include "tests/fuzz/checks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto target =
      std::find_if(msq::tests::fuzz_targets().begin(), msq::tests::fuzz_targets().end(),
                   [](const auto& t) { return t.name == MSQ_TARGET; });
  (void)target->check(std::as_bytes(std::span(data, size)));
  return 0;
}
