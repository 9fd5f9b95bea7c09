// Wrong shapes and streams end in their error code, never in a hang, and the
// next job works. The bench gives up, with a message, when nothing moves for a long time.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "gen/arch/registers.hpp"
#include "golden/exec/gemm.hpp"
#include "golden/exec/mapping.hpp"
#include "tests/accelerator/broken_jobs.hpp"
#include "tests/accelerator/random_job.hpp"

namespace msq::tests {
namespace {

/// Errors that are tried on every path.
class Damaged : public BrokenJobs {
 protected:
  using BrokenJobs::BrokenJobs;
  void flip_bits(std::uint32_t seed, int rounds);
  /// Beat of the first scales of a job, behind the references of 16 columns.
  [[nodiscard]] std::size_t scales_at(const tb::AcceleratorJob& job) const {
    return map_of(job).parts_at(0) + 4;
  }
  void stop_anywhere();
  /// The job with r = 15, which no array here allows, in each entry of the first two beats of them.
  [[nodiscard]] tb::AcceleratorJob with_large_shifts(tb::AcceleratorJob job) const;
  /// A job whose first block has so many beats of entries, or more.
  [[nodiscard]] Operands with_entries(int beats) const;
};

class Malformed : public Damaged {
 protected:
  Malformed() : Damaged("top-recon-8x8") {}
};

TEST_F(Malformed, Shapes) {
  const auto with = [&](const std::function<void(tb::AcceleratorJob&)>& change) {
    tb::AcceleratorJob job = good_.job;
    change(job);
    return job;
  };
  expect_error(with([](auto& j) { j.m = 0; }), "shape", "no tokens");
  expect_error(with([](auto& j) { j.k = 0; }), "shape", "no depth");
  expect_error(with([](auto& j) { j.n = 0; }), "shape", "no columns");
  expect_error(with([](auto& j) { j.tokens_per_pass = 0; }), "shape", "no tokens in a pass");
  expect_error(with([](auto& j) { j.tokens_per_pass = 33; }), "shape", "more than the accumulators hold");
  expect_error(with([](auto& j) { j.log2_tile_rows = 4; }), "shape", "more rows than there are");
  expect_error(with([](auto& j) { j.log2_tile_rows = 1; }), "shape", "too few rows");
  expect_error(with([](auto& j) { j.log2_block = 4; }), "shape", "blocks of 16");
  expect_error(with([](auto& j) { j.log2_block = 8; }), "shape", "blocks of 256");
  expect_error(with([](auto& j) {
                 j.m = 32;
                 j.tokens_per_pass = 32;
                 j.k = 8 * 16 + 1;  // 17 tiles times 32 tokens are 544 words
               }),
               "shape", "beyond the activation buffer");
  expect_error(with([](auto& j) {
                 j.tokens_per_pass = 1;
                 j.k = 8 * 1024 + 1;
               }),
               "shape", "more than 1,024 tiles along K");
  // The last shapes that fit are legal: the job runs into the end of its streams instead.
  expect_error(with([](auto& j) {
                 j.m = 32;
                 j.tokens_per_pass = 32;
                 j.k = 8 * 16;
               }),
               "activation_short", "exactly the activation buffer");
}

TEST_F(Malformed, WeightPackets) {
  tb::AcceleratorJob job = good_.job;
  tb::Packet& packet = job.weights[0];
  packet.words.resize(packet.words.size() - packet.words_per_beat());
  expect_error(job, "weight_short", "one beat less");
  job = good_.job;
  job.weights[0].words.resize(job.weights[0].words.size() + job.weights[0].words_per_beat());
  expect_error(job, "weight_long", "one beat more");
  job = good_.job;
  job.weights[1].words.resize(job.weights[1].words_per_beat());
  expect_error(job, "weight_short", "nothing but a header in the second pass");
}

// The number of tokens left decides whether a pass is a full one; every bit of it counts in either reader,
// before a pass and after one. With so many tokens the second pass is full, and its packets of the good job
// are too short.
TEST_F(Malformed, EveryBitOfTheTokensLeft) {
  ASSERT_EQ(good_.job.passes(), 2);
  for (int bit = 5; bit < 24; ++bit) {
    for (const std::int64_t more : {std::int64_t{0}, good_.job.m}) {
      tb::AcceleratorJob job = good_.job;
      job.m = (std::int64_t{1} << bit) + more;
      expect_error(job, "activation_short", fmt::format("{} tokens, activations", job.m));
      // Weights are of one length in every pass: the third one shows whether the second was the last.
      job.activations[1] = job.activations[0];
      job.activations.push_back(job.activations[0]);
      tb::Packet packet = job.weights[1];
      packet.words.resize(packet.words.size() - packet.words_per_beat());
      job.weights.push_back(packet);
      expect_error(job, "weight_short", fmt::format("{} tokens, weights", job.m));
    }
  }
}

TEST_F(Malformed, Headers) {
  for (const std::size_t block : {std::size_t{0}, map_of(good_.job).blocks().size() - 1})
    expect_header_rules(block);
}

TEST_F(Malformed, ModeTwoBetweenUnits) {
  // A mode 4 tile takes one unit of columns; a mode 2 tile needs two side by side.
  RandomJob random(bench_.config, 9);
  const auto narrow = random.tensor(8, 8, 4, golden::Axis::reduction);
  const auto wide = random.tensor(8, 16, 2, golden::Axis::reduction);
  const auto x = random.activations(1, 8, 64);
  tb::AcceleratorJob job = *tb::make_job(bench_.config, std::vector{narrow}, x, tb::OutputFormat::mx8);
  const tb::AcceleratorJob second = *tb::make_job(bench_.config, std::vector{wide}, x, tb::OutputFormat::mx8);
  job.n = 24;
  job = with_field(job, 0, field::kLast, 0);
  job.weights[0].words.insert(job.weights[0].words.end(), second.weights[0].words.begin(),
                              second.weights[0].words.end());
  expect_error(job, "mode", "mode 2 at the second unit");
  EXPECT_FALSE(tb::make_job(bench_.config, std::vector{narrow, wide}, x, tb::OutputFormat::mx8));
  // Where outputs do not share scales, nothing needs to be side by side.
  const std::vector both = {narrow, wide};
  const auto fine = tb::make_job(bench_.config, both, x, tb::OutputFormat::fp32);
  ASSERT_TRUE(fine) << fine.error();
  Tally tally;
  run_and_compare(bench_, both, x, *fine, {}, "mode 4, then mode 2", tally);
  EXPECT_EQ(tally.jobs, 1);
}

TEST_F(Malformed, Scales) {
  for (const int value : {5, 127, -65, -128}) {
    tb::AcceleratorJob job = good_.job;
    word(job.weights[0], scales_at(job)) = static_cast<std::uint32_t>(value & 0xff) << 8;
    expect_error(job, "scale", fmt::format("relative scale {}", value));
  }
}

TEST_F(Malformed, ActivationPackets) {
  tb::AcceleratorJob job = good_.job;
  tb::Packet* packet = &job.activations[0];
  packet->words.resize(packet->words.size() - packet->words_per_beat());
  expect_error(job, "activation_short", "one word less");
  job = good_.job;
  packet = &job.activations[0];
  packet->words.resize(packet->words_per_beat());
  expect_error(job, "activation_short", "scales only");
  job = good_.job;
  packet = &job.activations[1];
  packet->words.resize(packet->words.size() + packet->words_per_beat());
  expect_error(job, "activation_long", "one word more in the second pass");
  for (const std::size_t from_end : {std::size_t{1}, std::size_t{40}}) {
    job = good_.job;
    packet = &job.activations[0];
    packet->words[packet->words.size() - from_end] = 0x7f80007f;
    expect_error(job, "activation_value", "-128");
  }
}

/// All rows hold outliers in every micro-block, so that every tile has entries.
Operands full_of_outliers(const Config& config, int tokens) {
  for (std::uint32_t seed = 1;; ++seed) {
    Operands o = draw_operands(config, seed, tokens, 16, 16);
    if (o.job.tiles[0].flagged_rows() == 8 && o.job.tiles[1].flagged_rows() == 8) return o;
  }
}

TEST_F(Malformed, Lists) {
  const Operands full = full_of_outliers(bench_.config, 4);
  const std::size_t at = map_of(full.job).entries_at(0);
  // The first entry: skip in 6 bits, r in 4, Upper_loc and Lower_loc.
  tb::AcceleratorJob job = full.job;
  word(job.weights[0], at) |= 0xfU << 6;
  expect_error(job, "list", "r beyond outlier_shift_max");
  job = full.job;
  const std::uint32_t pair = word(job.weights[0], at) & 0x3f;
  for (std::size_t beat = at; beat < at + 2; ++beat) word(job.weights[0], beat) = pair << 16 | pair;
  expect_error(job, "list", "one position four times");
  job = full.job;
  for (std::size_t beat = at; beat < at + 3; ++beat) word(job.weights[0], beat) = pair << 16 | pair;
  expect_error(job, "list", "more outliers than a list has entries");
}

// A block may not have more beats of entries than its rows need, nor fewer sections than its tiles.
TEST_F(Malformed, Counts) {
  const Operands full = full_of_outliers(bench_.config, 4);
  const PacketMap map = map_of(full.job);
  const auto entries = static_cast<std::uint32_t>(map.blocks()[0].entry_beats);
  const auto sections = static_cast<std::uint32_t>(map.blocks()[0].section_beats);
  // Entries as codes: the packet ends too late. Codes as entries: too early.
  expect_error(with_count(full.job, 0, tb::counts::kEntries, entries - 1), "weight_long",
               "an entry beat less");
  expect_error(with_count(full.job, 0, tb::counts::kSections, sections - 1), "header", "a section beat less");
  expect_error(with_count(full.job, 0, tb::counts::kSections, sections + 1), "header", "a section beat more");
  tb::AcceleratorJob job = with_count(full.job, 0, tb::counts::kEntries, entries + 2);
  auto& words = job.weights[0].words;
  words.insert(words.begin() + static_cast<std::ptrdiff_t>(map.codes_at(0)), 2, 0xffffffffU);
  expect_error(job, "list", "entries behind the last row");
}

TEST_F(Malformed, Schedules) {
  const Operands full = full_of_outliers(bench_.config, 4);
  tb::AcceleratorJob job = full.job;
  EXPECT_EQ(job.tiles[0].initiation_interval, 8);
  expect_error(with_description(job, 0, described::kInterval, 7), "slot_clash", "an interval one too short");
  expect_gap_error(30, 16, 16);
}

class MalformedRowShifts : public Damaged {
 protected:
  MalformedRowShifts() : Damaged("top-recon-8x8-row-shifts") {}

  /// One tile with row shifts.
  Operands shifted(std::uint32_t seed, std::int64_t m = 1) {
    for (;; ++seed) {
      RandomJob random(bench_.config, seed);
      Operands o;
      o.parts = {random.tensor(8, 16, 2, golden::Axis::output)};
      o.activations = random.activations(m, 8, 64);
      o.job = *tb::make_job(bench_.config, o.parts, o.activations, tb::OutputFormat::raw);
      if (o.job.tiles[0].parts.shifts) return o;
    }
  }
};

TEST_F(MalformedRowShifts, BeyondTheLargest) {
  tb::AcceleratorJob job = shifted(1).job;
  const std::size_t at = scales_at(job) + 4;
  const std::uint32_t shifts = job.weights[0].words[at];
  for (unsigned row = 0; row < 8; ++row) {
    for (std::uint32_t shift = 6; shift < 16; ++shift) {
      job.weights[0].words[at] = (shifts & ~(0xfU << (4 * row))) | shift << (4 * row);
      const auto result = bench_.accelerator.run(job);
      ASSERT_TRUE(result) << result.error();
      EXPECT_EQ(result->code, code_of("scale")) << "row " << row << ", shift " << shift;
      bench_.accelerator.clear();
    }
  }
  expect_recovery();
}

TEST_F(MalformedRowShifts, WeightPackets) {
  for (std::uint32_t seed = 1; seed < 40; seed += 4) {
    const Operands o = shifted(seed, 3);
    const std::size_t beats = o.job.weights[0].beats();
    for (std::size_t left = 1; left < beats; ++left) {
      tb::AcceleratorJob job = o.job;
      job.weights[0].words.resize(left * job.weights[0].words_per_beat());
      const auto result = bench_.accelerator.run(job);
      ASSERT_TRUE(result) << result.error();
      ASSERT_EQ(result->code, code_of("weight_short")) << left << " of " << beats;
      bench_.accelerator.clear();
    }
    tb::AcceleratorJob job = o.job;
    job.weights[0].words.resize((beats + 1) * job.weights[0].words_per_beat());
    expect_error(job, "weight_long", "one beat more");
    Tally tally;
    run_and_compare(bench_, o.parts, o.activations, o.job, {}, "as it was", tally);
  }
}

TEST_F(MalformedRowShifts, Counts) {
  const tb::AcceleratorJob job = shifted(1).job;
  const auto sections = static_cast<std::uint32_t>(map_of(job).blocks()[0].section_beats);
  for (const std::uint32_t count : {sections - 1, sections + 1})
    expect_error(with_count(job, 0, tb::counts::kSections, count), "header",
                 fmt::format("{} beats of {}", count, sections));
}

// Interval and gap of more bits than any tile of this array needs.
TEST_F(MalformedRowShifts, SlowSchedule) {
  const Operands o = shifted(1, 4);
  const tb::AcceleratorJob slow = with_description(o.job, 0, described::kInterval, 32);
  Tally tally;
  run_and_compare(bench_, o.parts, o.activations, with_description(slow, 0, described::kGap, 64), {},
                  "interval 32, gap 64", tally);
}

TEST_F(MalformedRowShifts, Headers) {
  expect_header_rules(0);
  for (const int value : {5, 127, -65, -128}) {
    for (unsigned byte = 0; byte < 4; ++byte) {
      tb::AcceleratorJob job = good_.job;
      std::uint32_t& scales = word(job.weights[0], scales_at(job));
      scales = (scales & ~(0xffU << (8 * byte))) | static_cast<std::uint32_t>(value & 0xff) << (8 * byte);
      expect_error(job, "scale", fmt::format("relative scale {}", value));
    }
  }
}

TEST_F(MalformedRowShifts, AnyBitFlippedEndsSomehow) { flip_bits(8, 100); }

/// Twice the columns of mode 2 make a section of 4 beats, as above, and 2 of factors.
class MalformedFullRange : public Damaged {
 protected:
  MalformedFullRange() : Damaged("top-recon-8x8-full-range-one-outlier") {}
};

TEST_F(MalformedFullRange, WeightPackets) {
  tb::AcceleratorJob job = good_.job;
  tb::Packet& packet = job.weights[0];
  packet.words.resize(packet.words.size() - packet.words_per_beat());
  expect_error(job, "weight_short", "one beat less");
  job = good_.job;
  job.weights[0].words.resize(job.weights[0].words.size() + job.weights[0].words_per_beat());
  expect_error(job, "weight_long", "one beat more");
  // Header, description, references, scales and factors: 2 + 1 + 4 + 4 + 2 beats come first.
  for (const std::size_t beats : {1U, 2U, 3U, 7U, 11U, 12U, 13U}) {
    job = good_.job;
    job.weights[1].words.resize(job.weights[1].words_per_beat() * beats);
    expect_error(job, "weight_short", fmt::format("{} beats in the second pass", beats));
  }
}

TEST_F(MalformedFullRange, ScaleBeyondItsRange) {
  tb::AcceleratorJob job = good_.job;
  std::uint32_t& scales = word(job.weights[0], scales_at(job));
  scales = (scales & ~0xffU) | 5;
  expect_error(job, "scale", "5 bits above the reference");
}

// A single pair always routes, so only r can be wrong.
TEST_F(MalformedFullRange, ShiftBeyondTheLargest) {
  const Operands full = full_of_outliers(bench_.config, 4);
  tb::AcceleratorJob job = full.job;
  word(job.weights[0], map_of(job).entries_at(0)) |= 0xfU << 6;
  expect_error(job, "list", "r beyond outlier_shift_max");
}

TEST_F(MalformedFullRange, AnyBitFlippedEndsSomehow) { flip_bits(6, 300); }

/// Path inline in both encodings: bands of four rows that share one unit, so tiles of the same rows follow
/// each other.
class MalformedInline : public Damaged, public testing::WithParamInterface<const char*> {
 protected:
  MalformedInline() : Damaged(GetParam()) {}

  /// A job of which some tiles are split, and some other one than the last is not.
  Operands repeated(std::int64_t n) {
    for (std::uint32_t seed = 1;; ++seed) {
      Operands o = draw_operands(bench_.config, seed, 5, 40, n);
      if (first_with(o.job, true) < o.job.tiles.size() && first_with(o.job, false) + 1 < o.job.tiles.size())
        return o;
    }
  }
  static std::size_t first_with(const tb::AcceleratorJob& job, bool more) {
    const auto found = std::find_if(job.tiles.begin(), job.tiles.end(),
                                    [&](const tb::StreamTile& t) { return t.more == more; });
    return static_cast<std::size_t>(found - job.tiles.begin());
  }
  tb::AcceleratorJob with_more_changed(const Operands& o, std::size_t tile) {
    return with_description(o.job, tile, described::kMore, o.job.tiles[tile].more ? 0 : 1);
  }
  /// A job that is mapped for an array with other units and bands.
  Operands mapped_for(int tree_rows, int units, const std::function<bool(const golden::Tile&)>& wanted) {
    Config other = bench_.config;
    other.tree_rows = tree_rows;
    other.inlined.units_per_block = units;
    for (std::uint32_t seed = 1;; ++seed) {
      Operands o = draw_operands(other, seed, 5, 16, 8);
      const auto tile = golden::extract_tile(o.parts[0], 0, 0, 16, 8);
      if (wanted(tile) && o.job.tiles.size() == 1) return o;
    }
  }
};

TEST_P(MalformedInline, WeightPackets) {
  const Operands o = repeated(8);
  tb::AcceleratorJob job = o.job;
  job.weights[0].words.resize(job.weights[0].words.size() - job.weights[0].words_per_beat());
  expect_error(job, "weight_short", "one beat less");
  job = o.job;
  job.weights[0].words.resize(job.weights[0].words.size() + job.weights[0].words_per_beat());
  expect_error(job, "weight_long", "one beat more");
  // The packet ends where a tile ends: between two tiles along K, and between two of the same rows.
  for (const bool more : {false, true}) {
    const std::size_t tile = first_with(o.job, more);
    const PacketMap map = map_of(o.job);
    const std::size_t block = map.block_of(tile);
    const std::size_t end = map.codes_at(block) + (tile + 1 - map.blocks()[block].first) * 8;
    job = o.job;
    job.weights[0].words.resize(end * job.weights[0].words_per_beat());
    expect_error(job, "weight_short", fmt::format("ends behind tile {}", tile));
  }
}

TEST_P(MalformedInline, Headers) {
  for (const std::size_t block : {std::size_t{0}, map_of(good_.job).blocks().size() - 1})
    expect_header_rules(block);
}

// The bit is part of how many tiles a pass has: its last one is not where the packet ends.
TEST_P(MalformedInline, MoreWhereNoTileOfTheSameRowsFollows) {
  const Operands o = repeated(8);
  for (std::size_t tile = 0; tile < o.job.tiles.size(); ++tile) {
    if (o.job.tiles[tile].more) continue;
    expect_error(with_more_changed(o, tile), "header", fmt::format("tile {}", tile));
  }
}
TEST_P(MalformedInline, NoMoreWhereOneFollows) {
  const Operands o = repeated(8);
  for (std::size_t tile = 0; tile < o.job.tiles.size(); ++tile) {
    if (!o.job.tiles[tile].more) continue;
    expect_error(with_more_changed(o, tile), "header", fmt::format("tile {}", tile));
  }
}

// With several tiles of columns, what should be references is read as something else: which error comes
// first depends on them, but one comes.
TEST_P(MalformedInline, MoreOfSeveralTilesOfColumns) {
  const Operands o = repeated(40);
  for (std::size_t tile = 0; tile < o.job.tiles.size(); ++tile) {
    SCOPED_TRACE(fmt::format("tile {}", tile));
    const auto result = bench_.accelerator.run(with_more_changed(o, tile));
    ASSERT_TRUE(result) << result.error();
    EXPECT_TRUE(result->error);
    EXPECT_FALSE(result->done);
    expect_recovery();
  }
}

// Taken from one tile and given to another, the length is right again: nothing reveals it. The job ends, with
// other outputs.
TEST_P(MalformedInline, MoreMovedToAnotherTile) {
  const Operands o = repeated(8);
  tb::AcceleratorJob job = with_more_changed(o, first_with(o.job, true));
  job = with_description(job, first_with(o.job, false), described::kMore, 1);
  const auto result = bench_.accelerator.run(job);
  ASSERT_TRUE(result) << result.error();
  EXPECT_TRUE(result->done);
  expect_recovery();
}

// Error 11 is a unit that two outliers need: here more of a micro-block than the band has units, or two on
// one lane.
TEST_P(MalformedInline, MappedForOtherUnitsOrBands) {
  const auto crowded = [](const golden::Tile& tile) {
    return golden::map_to_units(tile, {4, 1, 8}).size() > 1;
  };
  for (const auto& [tree_rows, what] : {std::pair{4, "four units"}, std::pair{1, "bands of one row"}}) {
    const tb::AcceleratorJob job = mapped_for(tree_rows, 4, crowded).job;
    expect_error(job, "array", fmt::format("made for {}", what));
    expect_error(with_own_hash(job), "slot_clash", fmt::format("mapped for {}", what));
  }
}

TEST_P(MalformedInline, Lists) {
  // One tile, every row with outliers in its first micro-block only, or as the seed has it: the first entry.
  for (std::uint32_t seed = 1;; ++seed) {
    const Operands o = draw_operands(bench_.config, seed, 4, 8, 16);
    if (golden::extract_tile(o.parts[0], 0, 0, 8, 16).block(0, 0).pairs.empty()) continue;
    if (o.job.tiles[0].parts.order) continue;  // row 0 is the first one
    const std::size_t at = map_of(o.job).entries_at(0);
    tb::AcceleratorJob job = o.job;
    word(job.weights[0], at) |= 0xfU << 6;
    expect_error(job, "list", "r beyond outlier_shift_max");
    job = o.job;
    // Position 1 twice: with 0, then as the Lower half of 2.
    const std::uint32_t second = 0b010'001U << 16;
    if (bench_.config.list_entries() > 1) {
      std::uint32_t& entries = word(job.weights[0], at);
      entries = (entries & 0xffc0U) | 0b001'000U | second;
      expect_error(job, "list", "a position named twice");
    }
    return;
  }
}

TEST_P(MalformedInline, AnyBitFlippedEndsSomehow) { flip_bits(7, 100); }

// The same, of headers, counts and descriptions alone.
TEST_P(MalformedInline, AnyHeaderBitFlippedEndsSomehow) {
  const Operands o = repeated(40);
  const PacketMap map = map_of(o.job);
  std::vector<std::size_t> beats;
  for (std::size_t block = 0; block < map.blocks().size(); ++block) {
    beats.insert(beats.end(), {map.header_at(block), map.counts_at(block)});
    const std::size_t first = map.blocks()[block].first;
    for (std::size_t tile = first; map.blocks()[block].described && tile < first + map.blocks()[block].tiles;
         tile += 4)
      beats.push_back(map.description_at(tile));
  }
  for (const std::size_t beat : beats) {
    for (int bit = 0; bit < 32; ++bit) {
      tb::AcceleratorJob job = o.job;
      word(job.weights[0], beat) ^= 1U << bit;
      const auto result = bench_.accelerator.run(job);
      ASSERT_TRUE(result) << "beat " << beat << ", bit " << bit << ": " << result.error();
      ASSERT_NE(result->done, result->error) << "beat " << beat << ", bit " << bit;
      // Checked bits of a header: hash, tiles, mode, descriptions and end; of the counts all.
      const std::uint32_t telling =
          field::put_hash(~0U) | field::kTiles.mask() | field::kDescribed.mask() | field::kLast.mask();
      const bool header = beat == map.header_at(0);
      ASSERT_TRUE(result->error || !header || (telling >> bit & 1U) == 0)
          << "beat " << beat << ", bit " << bit;
      bench_.accelerator.clear();
    }
  }
  expect_recovery();
}

INSTANTIATE_TEST_SUITE_P(Inline, MalformedInline,
                         testing::Values("top-inline-8x8-one-unit", "top-inline-8x8-full-range"), by_config);

/// Several rows of weights in a beat.
class MalformedWide : public Damaged, public testing::WithParamInterface<const char*> {
 protected:
  MalformedWide() : Damaged(GetParam()) {}
};

TEST_P(MalformedWide, AnyBitFlippedEndsSomehow) { flip_bits(9, 100); }

// Each entry of a beat, in both beats that a block may have.
TEST_P(MalformedWide, ShiftsBeyondTheLargest) {
  expect_error(with_large_shifts(with_entries(2).job), "list", "r beyond outlier_shift_max");
}

INSTANTIATE_TEST_SUITE_P(Wide, MalformedWide,
                         testing::Values("top-inline-8x8-two-rows", "top-inline-16x4-eight-rows"), by_config);

/// Arrays of four rows and columns, two entries in a beat.
class MalformedSmall : public Damaged, public testing::WithParamInterface<const char*> {
 protected:
  MalformedSmall() : Damaged(GetParam()) {}
};

// Fields that other arrays have, in the tile that follows one without an error.
TEST_P(MalformedSmall, DescriptionOfTheSecondTile) {
  const PacketMap map = map_of(good_.job);
  ASSERT_TRUE(map.blocks()[0].described);
  ASSERT_GT(map.blocks()[0].tiles, 1U);
  const std::uint32_t own = description_of(good_.job, 1);
  for (const tb::HeaderField& f : tb::kDescriptionFields) {
    if (f.lsb >= 8 && !bench_.design.dimensions.recon) continue;
    for (int bit = 0; is_fixed(f) && bit < f.width; ++bit)
      expect_error(with_description(good_.job, 1, f, f.get(own) ^ (1U << bit)), "header",
                   fmt::format("{} bit {}", f.name, bit));
  }
}

TEST_P(MalformedSmall, Lists) {
  if (!bench_.design.dimensions.outliers) {
    expect_error(with_count(good_.job, 0, tb::counts::kEntries, 1), "header", "entries without outliers");
    return;
  }
  const Operands o = with_entries(2);
  const std::size_t at = map_of(o.job).entries_at(0);
  expect_error(with_large_shifts(o.job), "list", "r beyond outlier_shift_max");
  tb::AcceleratorJob job = o.job;
  const std::uint32_t pair = word(job.weights[0], at) & 0xfU;
  for (std::size_t beat = at; beat < at + 2; ++beat) word(job.weights[0], beat) = pair << 16 | pair;
  expect_error(job, "list", "more outliers than a list has entries");
}

INSTANTIATE_TEST_SUITE_P(Small, MalformedSmall,
                         testing::Values("top-recon-4x4", "top-none-4x4", "top-inline-4x4"), by_config);

TEST_F(Malformed, AnyBitFlippedEndsSomehow) { flip_bits(5, 300); }

tb::AcceleratorJob Damaged::with_large_shifts(tb::AcceleratorJob job) const {
  const int lsb = 2 * bench_.design.dimensions.outliers->locations;
  const std::size_t words = job.weights[0].words_per_beat();
  const std::size_t first = map_of(job).entries_at(0) * words;
  for (std::size_t i = first; i < first + 2 * words; ++i) job.weights[0].words[i] |= 0xf000fU << lsb;
  return job;
}

Operands Damaged::with_entries(int beats) const {
  for (std::uint32_t seed = 1;; ++seed) {
    Operands o = draw_operands(bench_.config, seed, 4, 70, 20);
    if (map_of(o.job).blocks()[0].entry_beats >= beats) return o;
  }
}

void Damaged::flip_bits(std::uint32_t seed, int rounds) {
  std::mt19937 random(seed);
  const auto pick = [&](std::size_t size) {
    return std::uniform_int_distribution<std::size_t>(0, size - 1)(random);
  };
  int errors = 0;
  if (std::getenv("MSQ_FULL") != nullptr) rounds *= 13;
  for (int i = 0; i < rounds; ++i) {
    tb::AcceleratorJob job = good_.job;
    auto& packets = i % 4 == 0 ? job.activations : job.weights;
    tb::Packet& packet = packets[pick(packets.size())];
    for (std::size_t flips = 1 + pick(3); flips > 0; --flips)
      packet.words[pick(packet.words.size())] ^= 1U << pick(32);
    if (i % 10 == 0) packet.words.resize(packet.words_per_beat() * (1 + pick(packet.beats())));
    const auto result = bench_.accelerator.run(job);
    ASSERT_TRUE(result) << "round " << i << ": " << result.error();
    ASSERT_NE(result->done, result->error) << "round " << i;
    if (result->error) ++errors;
    ASSERT_EQ(result->error, result->code != 0);
    bench_.accelerator.clear();
  }
  EXPECT_GT(errors, rounds / 10);
  expect_recovery();
}

void Damaged::stop_anywhere() {
  const Operands o = draw_operands(bench_.config, 21, 20, 70, 60, 2, tb::OutputFormat::mx8);
  const auto whole = bench_.accelerator.run(o.job);
  ASSERT_TRUE(whole) << whole.error();
  std::mt19937 random(8);
  tb::AcceleratorTraffic slow;
  slow.outputs.stall = 0.5;
  for (int i = 0; i < 60; ++i) {
    const auto cycles = std::uniform_int_distribution<std::uint64_t>(0, whole->cycles)(random);
    bench_.accelerator.run_cycles(o.job, cycles, i % 2 == 0 ? slow : tb::AcceleratorTraffic{});
    if (i % 3 == 0) {
      bench_.accelerator.reset();
    } else {
      bench_.accelerator.clear();
    }
    Tally tally;
    run_and_compare(bench_, good_.parts, good_.activations, good_.job, {},
                    fmt::format("stopped after {} cycles", cycles), tally);
    ASSERT_EQ(tally.jobs, 1);
  }
}

TEST_F(Malformed, ResetAndClearAnywhere) { stop_anywhere(); }
TEST_P(MalformedInline, ResetAndClearAnywhere) { stop_anywhere(); }

}  // namespace
}  // namespace msq::tests
