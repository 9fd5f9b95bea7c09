// msq_outlier_decoder gives the same with several rows at a time as with these rows one after the other.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "Voutlier_decoder_rows_bench.h"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

constexpr std::size_t kSets = 4, kUnits = 4, kRows = 8;
constexpr std::array<std::size_t, kSets> kLoadRows = {2, 2, 8, 4};  // as in the bench, set 0 lowest

/// Words of the units after the rows of a step, and the decoder's outputs for these rows.
struct Seen {
  std::array<std::array<std::uint32_t, kUnits>, kSets> words{};
  std::array<unsigned, kSets> written{}, errors{};
  std::array<std::array<std::uint32_t, kRows>, kSets> codes{};
};

class OutlierDecoderRows : public testing::Test {
 protected:
  void set_rows(int one_in) {
    bench_->mode4_i = random_.one_in(2);
    std::uint16_t has = 0;
    for (int field = 0; field < 16; ++field)
      has = static_cast<std::uint16_t>(has | (random_.one_in(one_in) ? 1U << field : 0U));
    // Mode 4 has field 0 only; the others are an error, which is wanted seldom.
    if (bench_->mode4_i != 0 && !random_.one_in(8)) has &= 0x5555;
    bench_->has_outliers_i = has;
    for (std::size_t i = 0; i < 4; ++i) {
      set_word(bench_->codes_i, i, random_.bits());
      if (i >= 2) continue;
      std::uint64_t shifts = random_.bits() & 0x0707070707070707;
      // Seldom one beyond any limit.
      if (random_.one_in(16)) shifts |= (random_.bits() & 0xffU) << (8 * random_.range(0, 7));
      set_word(bench_->mx_scale_i, i, shifts);
    }
    // One used entry in a list mostly, so that units suffice.
    for (std::size_t field = 0; field < 16; ++field) {
      std::uint64_t list = 0;
      for (int e = 0; e < 4; ++e) {
        const std::uint64_t upper = random_.bits() & 7;
        const bool used = e == 0 || random_.one_in(6);
        const std::uint64_t lower = used ? (upper + 1 + random_.bits() % 7) & 7 : upper;
        list |= (upper << 3 | lower) << (6 * e);
      }
      put(field, list);
    }
  }

  void put(std::size_t field, std::uint64_t list) {
    for (std::size_t bit = 0; bit < 24; ++bit) {
      const std::size_t at = 24 * field + bit;
      const std::uint32_t mask = 1U << at % 32;
      bench_->list_i[at / 32] = (bench_->list_i[at / 32] & ~mask) | (list >> bit & 1 ? mask : 0);
    }
  }

  Seen load_one_by_one() {
    Seen seen;
    bench_->load_wide_i = 0;
    bench_->load_narrow_i = 1;
    for (std::size_t row = 0; row < kRows; ++row) {
      bench_->row_i = static_cast<std::uint8_t>(row);
      bench_.settle();
      for (std::size_t c = 0; c < kSets; ++c) {
        if (row >= kLoadRows[c]) continue;
        seen.codes[c][row] = bench_->narrow_codes_o[c];
        seen.errors[c] |= bench_->narrow_errors_o >> (2 * c) & 3U;
        for (std::size_t u = 0; u < kUnits; ++u) {
          if ((bench_->narrow_write_o >> (kUnits * c + u) & 1U) == 0) continue;
          seen.words[c][u] = bench_->narrow_words_o[kUnits * c + u];
          seen.written[c] |= 1U << u;
        }
      }
      bench_.edge();
    }
    bench_->load_narrow_i = 0;
    return seen;
  }

  void load_together(const Seen& due) {
    bench_->load_wide_i = 1;
    bench_.settle();
    for (std::size_t c = 0; c < kSets; ++c) {
      ASSERT_EQ(bench_->wide_errors_o >> (2 * c) & 3U, due.errors[c]) << "set " << c;
      ASSERT_EQ(bench_->wide_write_o >> (kUnits * c) & 15U, due.written[c]) << "set " << c;
      for (std::size_t u = 0; u < kUnits; ++u) {
        if ((due.written[c] >> u & 1U) == 0) continue;
        ASSERT_EQ(bench_->wide_words_o[kUnits * c + u], due.words[c][u]) << "set " << c << " unit " << u;
        outliers_[c] += due.words[c][u] != 0 ? 1 : 0;
      }
      for (std::size_t row = 0; row < kLoadRows[c]; ++row)
        ASSERT_EQ(bench_->wide_codes_o[kRows * c + row], due.codes[c][row]) << "set " << c << " row " << row;
      errors_[c] += due.errors[c] != 0 ? 1 : 0;
    }
    bench_.edge();
    bench_->load_wide_i = 0;
  }

  Bench<Voutlier_decoder_rows_bench> bench_;
  Random random_{7};
  std::array<long, kSets> outliers_{}, errors_{};
};

TEST_F(OutlierDecoderRows, AreThoseOfRowsOneByOne) {
  const int steps = 4000 * effort();
  for (int step = 0; step < steps; ++step) {
    bench_->step_i = static_cast<std::uint8_t>(step % 4);
    set_rows(step % 3 == 0 ? 2 : step % 3 == 1 ? 8 : 20);
    const Seen due = load_one_by_one();
    ASSERT_NO_FATAL_FAILURE(load_together(due)) << "seed 7, step " << step;
  }
  for (std::size_t c = 0; c < kSets; ++c) {
    EXPECT_GT(outliers_[c], steps / 8) << "set " << c;
    EXPECT_GT(errors_[c], steps / 50) << "set " << c;
    EXPECT_LT(errors_[c], steps * 9 / 10) << "set " << c;
  }
}

}  // namespace
}  // namespace msq::rtl_test
