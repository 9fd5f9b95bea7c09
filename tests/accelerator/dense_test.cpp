// The smallest accelerators of every path: each error, any setting of the registers, schedules that are
// slower than they need to be, and outputs that nobody takes.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "golden/exec/mapping.hpp"
#include "golden/exec/tile.hpp"
#include "tests/accelerator/broken_jobs.hpp"
#include "tests/accelerator/random_job.hpp"

namespace msq::tests {
namespace {

class Dense : public BrokenJobs, public testing::WithParamInterface<const char*> {
 protected:
  Dense() : BrokenJobs(GetParam()) {}

  /// One tile in mode 2, full, for which this holds; with `natural_order` row 0 is the first one.
  template <class Wanted>
  Operands one_tile(const Config& config, bool natural_order, Wanted wanted) {
    const int rows = config.logical_rows(2);
    const int columns = config.logical_columns(2);
    for (std::uint32_t seed = 1;; ++seed) {
      Operands o = draw_operands(config, seed, 4, rows, columns);
      const bool natural = !o.job.tiles[0].parts.order;
      const bool alone = o.job.tiles.size() == 1 && (natural || !natural_order);
      if (alone && wanted(golden::extract_tile(o.parts[0], 0, 0, rows, columns))) return o;
    }
  }

  Operands good_small_ = draw_operands(bench_.config, 5, 6, 30, 20);
};

class DenseOutliers : public Dense {};

class Shapes : public BrokenJobs, public testing::WithParamInterface<const char*> {
 protected:
  Shapes() : BrokenJobs(GetParam()) {}

  /// Runs the shape with packets of one beat, which no legal job has: of activations there are scales and
  /// words.
  void expect_shape(tb::AcceleratorJob job) {
    const TopConfig& top = bench_.config.top;
    for (auto* packets : {&job.weights, &job.activations}) {
      packets->resize(1);
      packets->front().words.resize(packets->front().words_per_beat());
    }
    const bool counts = job.m > 0 && job.k > 0 && job.n > 0 && job.tokens_per_pass > 0;
    const bool tiling = job.log2_tile_rows >= 2 && 1 << job.log2_tile_rows <= bench_.config.rows &&
                        job.log2_tile_rows <= job.log2_block && job.log2_block >= 5 && job.log2_block <= 7;
    const std::int64_t places = bench_.design.dimensions.places;
    const std::int64_t words = (job.tiles_k() + places - 1) / places * places;  // of a token
    const bool fits = job.tokens_per_pass <= bench_.config.pass_tokens() && job.tiles_k() <= 1024 &&
                      std::min<std::int64_t>(job.m, job.tokens_per_pass) * words <= top.act_words;
    const bool is_legal = counts && tiling && fits;
    const auto result = bench_.accelerator.run(job);
    ASSERT_TRUE(result) << result.error();
    ASSERT_TRUE(result->error);
    ASSERT_EQ(result->code == code_of("shape"), !is_legal)
        << fmt::format("M {} K {} N {} T {} tiling {} {}: code {}", job.m, job.k, job.n, job.tokens_per_pass,
                       job.log2_tile_rows, job.log2_block, result->code);
    (is_legal ? legal_ : illegal_) += 1;
    bench_.accelerator.clear();
  }

  int legal_ = 0, illegal_ = 0;
};

// The rule of the register page against settings of all magnitudes, legal and not.
TEST_P(Shapes, FollowTheRule) {
  RandomJob random(bench_.config, 1);
  const auto magnitude = [&](int bits) {
    const int high = random.between(-1, bits - 1);
    return high < 0 ? 0 : (1 << high) | (random.chance(50) ? random.between(0, (1 << high) - 1) : 0);
  };
  for (int i = 0; (i < 1500 || legal_ < 100) && !HasFatalFailure(); ++i) {
    tb::AcceleratorJob job = good_.job;
    job.m = magnitude(24);
    job.k = magnitude(24);
    job.n = magnitude(24);
    job.tokens_per_pass =
        random.chance(70) ? random.between(0, bench_.config.pass_tokens() + 1) : magnitude(16);
    job.log2_tile_rows = random.chance(70) ? 2 : random.between(0, 15);
    job.log2_block = random.chance(70) ? random.between(5, 7) : random.between(0, 15);
    expect_shape(job);
  }
  EXPECT_GT(illegal_, 100);
  expect_recovery();
}

// K at the ends of its range, for every tiling; and around the most tiles and words.
TEST_P(Shapes, EndsOfTheirRanges) {
  for (const int log2_tile_rows : {0, 1, 2, 3, 15}) {
    for (int log2_block = 0; log2_block < 16 && !HasFatalFailure(); ++log2_block) {
      for (const std::int64_t k : {1, 0x7fffff, 0x800000, 0xffffff}) {
        tb::AcceleratorJob job = good_.job;
        job.k = k;
        job.m = 0xffffff;
        job.tokens_per_pass = 0xffff;
        job.log2_tile_rows = log2_tile_rows;
        job.log2_block = log2_block;
        expect_shape(job);
        job.tokens_per_pass = 1;
        expect_shape(job);
      }
    }
  }
  const TopConfig& top = bench_.config.top;
  for (const int tokens : {1, 2, 3, bench_.config.pass_tokens() - 1, bench_.config.pass_tokens()}) {
    for (const std::int64_t tiles : {std::int64_t{1024}, std::int64_t{top.act_words / tokens}}) {
      for (const std::int64_t k : {4 * tiles - 3, 4 * tiles, 4 * tiles + 1}) {
        tb::AcceleratorJob job = good_.job;
        job.m = 0xffffff;
        job.k = k;
        job.tokens_per_pass = tokens;
        job.log2_tile_rows = 2;
        expect_shape(job);
      }
    }
  }
  EXPECT_GT(legal_, 0);
  EXPECT_GT(illegal_, 0);
  expect_recovery();
}

TEST_P(Dense, Packets) {
  for (const bool weights : {true, false}) {
    const auto packets = [&](tb::AcceleratorJob& job) -> std::vector<tb::Packet>& {
      return weights ? job.weights : job.activations;
    };
    const std::string kind = weights ? "weight" : "activation";
    tb::AcceleratorJob job = good_.job;
    const std::size_t beats = packets(job)[0].beats();
    const std::size_t words = packets(job)[0].words_per_beat();
    for (const std::size_t left : {std::size_t{1}, beats / 2, beats - 1}) {
      job = good_.job;
      packets(job)[0].words.resize(left * words);
      expect_error(job, kind + "_short", fmt::format("{} of {} beats", left, beats));
    }
    job = good_.job;
    packets(job)[1].words.resize((packets(job)[1].beats() + 1) * words);
    expect_error(job, kind + "_long", "one beat more");
  }
  for (const std::size_t row : {0U, 1U, 2U, 3U}) {
    tb::AcceleratorJob job = good_.job;
    std::uint32_t& last = job.activations[0].words.back();
    last = (last & ~(0xffU << (8 * row))) | 0x80U << (8 * row);
    expect_error(job, "activation_value", fmt::format("-128 in row {}", row));
  }
}

TEST_P(Dense, Headers) {
  expect_header_rules(0);
  for (int value = -128; value < 128; ++value) {
    if (value >= tb::kLeastRelativeScale && value <= tb::kMostRelativeScale) continue;
    const auto byte = static_cast<unsigned>(value + 128) % 4;
    tb::AcceleratorJob job = good_small_.job;
    const int columns = job.tiles[0].columns;
    const unsigned beat = byte % static_cast<unsigned>(columns / 4);
    std::uint32_t& scales =
        word(job.weights[0], map_of(job).parts_at(0) + static_cast<std::size_t>(columns / 4) + beat);
    scales = (scales & ~(0xffU << (8 * byte))) | static_cast<std::uint32_t>(value & 0xff) << (8 * byte);
    const auto result = bench_.accelerator.run(job);
    ASSERT_TRUE(result) << result.error();
    ASSERT_EQ(result->code, code_of("scale")) << value;
    bench_.accelerator.clear();
  }
  expect_recovery();
}

// An entry's r has four bits, in either micro-block of a row.
TEST_P(DenseOutliers, EveryShiftBeyondTheLargest) {
  // The first row of PEs has two micro-blocks: of two places of K, or on path `recon` beside each other.
  const bool below = bench_.design.dimensions.places == 2;
  for (const int block : {0, 1}) {
    const Operands o = one_tile(bench_.config, true, [&](const golden::Tile& tile) {
      const auto is_empty = [&](int b) {
        return tile.block(below ? b * bench_.config.rows : 0, below ? 0 : b).pairs.empty();
      };
      return is_empty(1 - block) && !is_empty(block);
    });
    // The entry: skip, r in four bits, and two locations of two bits.
    for (int r = bench_.config.largest_shift() + 1; r < 16; ++r) {
      tb::AcceleratorJob job = o.job;
      std::uint32_t& entry = word(job.weights[0], map_of(job).entries_at(0));
      entry = (entry & ~0xf0U) | static_cast<std::uint32_t>(r) << 4;
      const auto result = bench_.accelerator.run(job);
      ASSERT_TRUE(result) << result.error();
      ASSERT_EQ(result->code, code_of("list")) << "r " << r;
      bench_.accelerator.clear();
    }
    // Two pairs of positions, the second one the first turned round.
    for (const std::uint32_t list : {0b01'00'00'01U, 0b10'11'11'10U}) {
      tb::AcceleratorJob job = o.job;
      std::uint32_t& entries = word(job.weights[0], map_of(job).entries_at(0));
      entries = (entries & 0xfff0U) | (list & 0xf) | (list >> 4) << 16;
      expect_error(job, "list", "positions named twice");
    }
  }
}

TEST_P(DenseOutliers, SlotsAndUnits) {
  if (bench_.design.dimensions.recon) {
    const Operands full = [&] {
      for (std::uint32_t seed = 1;; ++seed) {
        Operands o = draw_operands(bench_.config, seed, 4, 4, 8);
        if (o.job.tiles[0].flagged_rows() == 4) return o;
      }
    }();
    tb::AcceleratorJob job = full.job;
    const int interval = job.tiles[0].initiation_interval;
    ASSERT_GT(interval, 1);
    expect_error(with_description(job, 0, described::kInterval, static_cast<std::uint32_t>(interval - 1)),
                 "slot_clash", "an interval one too short");
    expect_gap_error(16, 8, 8);
  }
  if (bench_.design.dimensions.inlined) {
    Config other = bench_.config;
    other.inlined.units_per_block = 2;
    const Operands o = one_tile(other, false, [](const golden::Tile& tile) {
      return golden::map_to_units(tile, {1, 1, 4}).size() > 1;
    });
    expect_error(o.job, "array", "made for two units");
    expect_error(with_own_hash(o.job), "slot_clash", "mapped for two units");
  }
}

// Interval and gap of a tile are minimum values: with more the outputs are the same, only later.
TEST_P(Dense, SlowerSchedulesGiveTheSame) {
  if (!bench_.design.dimensions.recon) return;  // the others have neither
  Tally tally;
  for (std::uint32_t seed = 1; seed <= 12 && !HasFatalFailure(); ++seed) {
    RandomJob random(bench_.config, seed);
    Operands o = draw_operands(bench_.config, seed, random.between(1, 20), random.between(1, 40),
                               random.between(1, 30), seed % 2 == 0 ? 4 : 2);
    const std::size_t per_pass = o.job.tiles.size() / static_cast<std::size_t>(o.job.passes());
    for (std::size_t tile = 0; tile < o.job.tiles.size(); ++tile) {
      const std::size_t pass = tile / per_pass;
      const PacketMap map(bench_.design.dimensions,
                          std::span(o.job.tiles).subspan(pass * per_pass, per_pass));
      std::uint32_t& description = word(o.job.weights[pass], map.description_at(tile % per_pass));
      const auto more = [&](const tb::HeaderField& f) {
        const int least = static_cast<int>(f.get(description));
        const auto value =
            static_cast<std::uint32_t>(random.chance(20) ? 255 : random.between(least, 40 + least));
        description = f.with(description, value);
      };
      more(described::kInterval);
      more(described::kGap);
    }
    run_and_compare(bench_, o.parts, o.activations, o.job, {}, fmt::format("seed {}", seed), tally);
  }
  EXPECT_EQ(tally.jobs, 12);
}

// Passes of a token or two, and an output that hardly ever moves: all that can wait for it does.
TEST_P(Dense, ShortPassesWithASlowOutput) {
  Tally tally;
  for (std::uint32_t seed = 1; seed <= 6 && !HasFatalFailure(); ++seed) {
    const int per_pass = seed % 2 == 0 ? 2 : 1;
    const Operands o = draw_operands(bench_.config, seed, 10, seed % 3 == 0 ? 4 : 12, seed <= 3 ? 8 : 20, 2,
                                     tb::OutputFormat::fp32, per_pass);
    tb::AcceleratorTraffic slow;
    slow.outputs.stall = 0.99;
    run_and_compare(bench_, o.parts, o.activations, o.job, slow, fmt::format("seed {}", seed), tally);
  }
  EXPECT_EQ(tally.jobs, 6);
}

// The largest K: 1,024 tiles, of one token.
TEST_P(Dense, DeepestSum) {
  Tally tally;
  const Operands o = draw_operands(bench_.config, 3, 1, 4096, 5, 2, tb::OutputFormat::raw, 1);
  ASSERT_EQ(o.job.tiles_k(), 1024);
  run_and_compare(bench_, o.parts, o.activations, o.job, {}, "K 4096", tally);
  EXPECT_EQ(tally.jobs, 1);
}

// A job that is cleared leaves a closing beat; a job started before that beat is accepted waits, and then
// runs.
TEST_P(Dense, StartBehindTheClosingBeatOfAClearedJob) {
  tb::AcceleratorTraffic stuck;
  stuck.outputs.stall = 1;
  bench_.accelerator.run_cycles(good_.job, 400, stuck);
  ASSERT_EQ(bench_.accelerator.read_register("status") & 1U, 1U);
  bench_.accelerator.control({"clear"});
  bench_.accelerator.withdraw();
  bench_.accelerator.control({"clear"});
  bench_.accelerator.control({"start"});
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(bench_.accelerator.read_register("status") & 0x1ffU, 0x101U);  // busy, queued
  EXPECT_GT(bench_.accelerator.read_register("count_cycles"),
            300U);  // of the cleared job, until the next begins
  bench_.accelerator.set_traffic({});
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(bench_.accelerator.step());
  const auto packets = bench_.accelerator.take_outputs();
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].words[packets[0].words.size() - 1], 0U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bench_.accelerator.read_register("status") & 0x1ffU, 1U);
  EXPECT_LT(bench_.accelerator.read_register("count_cycles"), 100U);
  bench_.accelerator.stop_traffic();
  expect_recovery();
}

INSTANTIATE_TEST_SUITE_P(Accelerator, Dense,
                         testing::Values("top-recon-4x4", "top-none-4x4", "top-inline-4x4"), by_config);
INSTANTIATE_TEST_SUITE_P(Accelerator, Shapes,
                         testing::Values("top-recon-4x4", "top-none-4x4", "top-inline-4x4", "top-inline-8x8"),
                         by_config);
INSTANTIATE_TEST_SUITE_P(Accelerator, DenseOutliers, testing::Values("top-recon-4x4", "top-inline-4x4"),
                         by_config);

}  // namespace
}  // namespace msq::tests
