// msq_row_shifter against x * 2^shift: every activation and shift in every row.

#include <gtest/gtest.h>

#include <array>

#include "Vrow_shifter_bench.h"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

// x * 2^shift of each row; a shift beyond SHIFT_MAX in any row is an error, and the word means nothing then.
TEST(RowShifter, EveryActivationAndShift) {
  constexpr std::array<int, 3> kRows = {4, 4, 2};
  constexpr std::array<int, 3> kBits = {8, 4, 8};
  constexpr std::array<int, 3> kMost = {7, 1, 3};
  Bench<Vrow_shifter_bench> bench;
  Random random(7);
  const auto check = [&](std::uint64_t activations, std::uint64_t shifts) {
    bench->word_i = static_cast<std::uint32_t>(activations);
    bench->shifts_i = static_cast<std::uint16_t>(shifts);
    bench.settle();
    for (std::size_t s = 0; s < kRows.size(); ++s) {
      const int out = kBits[s] + kMost[s];
      std::uint64_t expected = 0;
      bool error = false;
      for (int r = 0; r < kRows[s]; ++r) {
        const int shift = static_cast<int>(shifts >> (4 * r) & 15);
        error = error || shift > kMost[s];
        const std::int64_t x = as_signed(low(activations >> (r * kBits[s]), kBits[s]), kBits[s]);
        expected |= low(static_cast<std::uint64_t>(x * (std::int64_t{1} << shift)), out) << (r * out);
      }
      ASSERT_EQ(bench->error_o >> s & 1, error) << "shifter " << s << ", shifts " << shifts;
      if (!error) {
        ASSERT_EQ(word(bench->word_o, s), expected)
            << "shifter " << s << ", shifts " << shifts << ", activations " << activations;
      }
    }
  };
  for (unsigned row = 0; row < 4; ++row) {
    for (unsigned x = 0; x < 256; ++x) {
      // The other rows have legal shifts in all three shifters, so that this one alone makes the error.
      for (unsigned shift = 0; shift < 16; ++shift) {
        const std::uint64_t others = random.bits() & 0x1111 & ~(std::uint64_t{15} << (4 * row));
        const std::uint64_t activations = random.bits() & ~(std::uint64_t{255} << (8 * row));
        check(activations | std::uint64_t{x} << (8 * row), others | std::uint64_t{shift} << (4 * row));
        if (HasFatalFailure()) return;
      }
    }
  }
  for (int i = 0; i < 20000 && !HasFatalFailure(); ++i)
    check(random.bits(), random.bits() & (i % 2 == 0 ? 0x3333 : 0x7777));
}

}  // namespace
}  // namespace msq::rtl_test
