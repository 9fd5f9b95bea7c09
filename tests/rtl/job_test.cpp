// msq_job: which shapes it takes, with the words of a pass in one bank or in two. The rest, from start to
// end of a job, is proved (tests/formal/job.v).

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "Vjob_bench.h"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

constexpr int kRows = 8, kWords = 64, kTokens = 16;  // of the bench

struct Shape {
  int tokens = 1, pass = 1, depth = 1, log2_rows = 3, log2_block = 5;

  [[nodiscard]] int tiles() const { return (depth + (1 << log2_rows) - 1) >> log2_rows; }
  [[nodiscard]] int blocks() const { return (depth + (1 << log2_block) - 1) >> log2_block; }
  [[nodiscard]] bool fits(int banks) const {
    if (tokens == 0 || pass == 0 || depth == 0 || pass > kTokens || tiles() > 1024) return false;
    if (log2_block < 5 || log2_block > 7 || log2_rows < 2 || 1 << log2_rows > kRows) return false;
    const int filled = (tiles() + banks - 1) / banks * banks;
    return std::min(tokens, pass) * filled <= kWords;
  }
};

class JobTest : public testing::Test {
 protected:
  void expect(const Shape& shape) {
    bench_->rst_ni = 0;
    bench_->start_i = 0;
    step();
    bench_->rst_ni = 1;
    bench_->tokens_i = static_cast<std::uint32_t>(shape.tokens);
    bench_->tokens_pass_i = static_cast<std::uint16_t>(shape.pass);
    bench_->depth_i = static_cast<std::uint32_t>(shape.depth);
    bench_->log2_tile_rows_i = static_cast<std::uint8_t>(shape.log2_rows);
    bench_->log2_block_i = static_cast<std::uint8_t>(shape.log2_block);
    step();  // the settings hold from the cycle before the start
    bench_->start_i = 1;
    step();
    bench_->start_i = 0;
    unsigned entered = 0;
    for (int i = 0; i < 8; ++i) {
      bench_.settle();
      entered |= bench_->restart_o;
      bench_.edge();
    }
    bench_.settle();
    for (unsigned b = 0; b < 2; ++b) {
      SCOPED_TRACE(fmt::format("{} banks, M {} T {} K {} log2 of rows {}, of a block {}", b + 1, shape.tokens,
                               shape.pass, shape.depth, shape.log2_rows, shape.log2_block));
      const bool fits = shape.fits(static_cast<int>(b) + 1);
      ASSERT_EQ(entered >> b & 1U, fits);
      ASSERT_EQ(bench_->error_o >> b & 1, !fits);
      ASSERT_EQ(bench_->code_o >> (4 * b) & 15, fits ? 0 : 1);
      ++(fits ? taken_ : refused_);
      if (!fits) continue;
      ASSERT_EQ(bench_->tokens_pass_o >> (5 * b) & 31, std::min(shape.tokens, shape.pass));
      ASSERT_EQ(bench_->tiles_k_o >> (11 * b) & 2047U, shape.tiles());
      ASSERT_EQ(bench_->blocks_k_o >> (11 * b) & 2047U, shape.blocks());
      ASSERT_EQ(bench_->log2_block_tiles_o >> (3 * b) & 7, shape.log2_block - shape.log2_rows);
    }
  }
  void step() {
    bench_.settle();
    bench_.edge();
  }

  Bench<Vjob_bench> bench_;
  Random random_{29};
  long taken_ = 0, refused_ = 0;
};

// All sizes of a pass, around every number of tiles that fits.
TEST_F(JobTest, WordsOfAPassFitTheBuffer) {
  for (int pass = 1; pass <= kTokens + 1; ++pass) {
    for (int tiles = 1; tiles <= kWords / pass + 3; ++tiles) {
      for (const int depth : {8 * tiles - 7, 8 * tiles - 1, 8 * tiles})
        ASSERT_NO_FATAL_FAILURE(expect({.tokens = 100, .pass = pass, .depth = depth}));
    }
  }
  EXPECT_GT(taken_, 500);
  EXPECT_GT(refused_, 200);
}

TEST_F(JobTest, AnyShape) {
  for (int i = 0; i < 5000 * effort(); ++i) {
    Shape shape;
    shape.tokens = random_.range(0, random_.one_in(2) ? 8 : 100);
    shape.pass = random_.range(0, random_.one_in(8) ? 70000 >> 1 : kTokens);
    shape.depth = random_.one_in(20) ? random_.range(0, (1 << 24) - 1) : random_.range(0, 600);
    shape.log2_rows = random_.one_in(10) ? random_.range(0, 15) : random_.range(2, 3);
    shape.log2_block = random_.one_in(10) ? random_.range(0, 15) : random_.range(5, 7);
    ASSERT_NO_FATAL_FAILURE(expect(shape)) << "seed 29, i " << i;
  }
  EXPECT_GT(taken_, 1000);
  EXPECT_GT(refused_, 1000);
}

}  // namespace
}  // namespace msq::rtl_test
