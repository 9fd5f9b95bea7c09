#include "tests/accelerator/broken_jobs.hpp"

#include <fmt/format.h>

#include <numeric>
#include <stdexcept>
#include <utility>

#include "gen/arch/registers.hpp"
#include "gen/config/serialize.hpp"
#include "tests/accelerator/random_job.hpp"

namespace msq::tests {
namespace {

bool is_hash(const tb::HeaderField& f) {
  return f.name == field::kHashLow.name || f.name == field::kHashHigh.name;
}

}  // namespace

unsigned code_of(const std::string& name) {
  for (const ErrorCode& code : error_codes()) {
    if (code.name == name) return static_cast<unsigned>(code.code);
  }
  throw std::logic_error(name);
}

Operands draw_operands(const Config& config, std::uint32_t seed, std::int64_t m, std::int64_t k,
                       std::int64_t n, int bits, tb::OutputFormat format, int tokens) {
  RandomJob random(config, seed);
  Operands o;
  o.parts = {random.tensor(k, n, bits, golden::Axis::reduction)};
  o.activations = random.activations(m, k, 64);
  o.job = *tb::make_job(config, o.parts, o.activations, format, tokens);
  return o;
}

PacketMap::PacketMap(const Dimensions& d, std::span<const tb::StreamTile> tiles)
    : stream_(d), tiles_(tiles.begin(), tiles.end()), blocks_(stream_.blocks(tiles)) {
  std::size_t beat = 0;
  for (const tb::StreamBlock& block : blocks_) {
    first_.push_back(beat);
    beat += stream_.beats(block);
  }
}

std::size_t PacketMap::counts_at(std::size_t block) const {
  return first_[block] + static_cast<std::size_t>(stream_.header_words()) - 1;
}

std::size_t PacketMap::entries_at(std::size_t block) const {
  return first_[block] + static_cast<std::size_t>(blocks_[block].section_beats);
}

std::size_t PacketMap::codes_at(std::size_t block) const {
  return entries_at(block) + static_cast<std::size_t>(blocks_[block].entry_beats);
}

std::size_t PacketMap::end_of(std::size_t block) const {
  return first_[block] + stream_.beats(blocks_[block]);
}

std::size_t PacketMap::block_of(std::size_t tile) const {
  std::size_t block = 0;
  while (blocks_[block].first + blocks_[block].tiles <= tile) ++block;
  return block;
}

std::size_t PacketMap::parts_at(std::size_t tile) const {
  const std::size_t number = block_of(tile);
  const tb::StreamBlock& block = blocks_[number];
  std::size_t beat = first_[number] + static_cast<std::size_t>(stream_.header_words());
  for (std::size_t i = 0; i <= tile - block.first; ++i) {
    if (block.described && i % stream_.described_tiles() == 0) ++beat;
    if (block.first + i < tile) beat += static_cast<std::size_t>(stream_.part_words(tiles_[block.first + i]));
  }
  return beat;
}

std::size_t PacketMap::description_at(std::size_t tile) const {
  const tb::StreamBlock& block = blocks_[block_of(tile)];
  const std::size_t first = (tile - block.first) / stream_.described_tiles() * stream_.described_tiles();
  return parts_at(block.first + first) - 1;
}

int PacketMap::description_bit(std::size_t tile) const {
  const std::size_t in_block = tile - blocks_[block_of(tile)].first;
  return static_cast<int>(in_block % stream_.described_tiles()) * stream_.description_bits();
}

void BrokenJobs::expect_error(const tb::AcceleratorJob& bad, const std::string& name,
                              const std::string& what) {
  SCOPED_TRACE(what);
  const auto result = bench_.accelerator.run(bad);
  ASSERT_TRUE(result) << result.error();
  EXPECT_TRUE(result->error);
  EXPECT_FALSE(result->done);
  EXPECT_EQ(result->code, code_of(name)) << name;
  // One beat with `last` closes the packet.
  ASSERT_FALSE(result->outputs.empty());
  EXPECT_EQ(bench_.accelerator.model().port("m_axis_out_tvalid_o").get(), 0U);
  // Without a clear nothing starts.
  bench_.accelerator.control({"start"});
  EXPECT_EQ(bench_.accelerator.read_register("status") & 7U, 4U);
  expect_recovery();
}

void BrokenJobs::expect_recovery() {
  bench_.accelerator.clear();
  EXPECT_EQ(bench_.accelerator.read_register("status"), 0U);
  Tally tally;
  run_and_compare(bench_, good_.parts, good_.activations, good_.job, {}, "the job after", tally);
}

void BrokenJobs::expect_gap_error(int tokens, std::int64_t k, std::int64_t n) {
  for (std::uint32_t seed = 1;; ++seed) {
    Operands o = draw_operands(bench_.config, seed, tokens, k, n, 2, tb::OutputFormat::fp32, tokens);
    if (o.job.tiles[0].flagged_rows() != 0 || o.job.tiles[1].flagged_rows() == 0) continue;
    ASSERT_GT(o.job.tiles[1].launch_gap, 1);
    expect_error(with_description(o.job, 1, described::kGap, 1), "gap", "no gap");
    return;
  }
}

PacketMap BrokenJobs::map_of(const tb::AcceleratorJob& job) const {
  const std::size_t per_pass = job.tiles.size() / static_cast<std::size_t>(job.passes());
  return {bench_.design.dimensions, std::span(job.tiles).first(per_pass)};
}

tb::AcceleratorJob BrokenJobs::with_field(tb::AcceleratorJob job, std::size_t block, const tb::HeaderField& f,
                                          std::uint32_t value) const {
  std::uint32_t& header = word(job.weights[0], map_of(job).header_at(block));
  header = f.with(header, value);
  return job;
}

tb::AcceleratorJob BrokenJobs::with_own_hash(tb::AcceleratorJob job) const {
  const std::uint32_t hash = short_config_hash(bench_.config);
  job = with_field(std::move(job), 0, field::kHashLow, hash);
  return with_field(std::move(job), 0, field::kHashHigh, hash >> field::kHashLow.width);
}

tb::AcceleratorJob BrokenJobs::with_count(tb::AcceleratorJob job, std::size_t block, const tb::HeaderField& f,
                                          std::uint32_t value) const {
  const PacketMap map = map_of(job);
  const std::size_t beat = map.counts_at(block);
  // In beats of 64 bits or more counts are behind the header, in the same beat.
  std::uint32_t& counts =
      job.weights[0].words[beat * job.weights[0].words_per_beat() + (beat == map.header_at(block) ? 1 : 0)];
  counts = f.with(counts, value);
  return job;
}

std::uint32_t BrokenJobs::description_of(const tb::AcceleratorJob& job, std::size_t tile) const {
  const PacketMap map = map_of(job);
  const int bit = map.description_bit(tile);
  return job.weights[0].words[map.description_at(tile) * job.weights[0].words_per_beat() +
                              static_cast<std::size_t>(bit / 32)] >>
         bit % 32;
}

tb::AcceleratorJob BrokenJobs::with_description(tb::AcceleratorJob job, std::size_t tile,
                                                const tb::HeaderField& f, std::uint32_t value) const {
  const PacketMap map = map_of(job);
  const int bit = map.description_bit(tile);
  std::uint32_t& own = job.weights[0].words[map.description_at(tile) * job.weights[0].words_per_beat() +
                                            static_cast<std::size_t>(bit / 32)];
  const tb::HeaderField moved{f.name, f.lsb + bit % 32, f.width, f.meaning};
  own = moved.with(own, value);
  return job;
}

bool BrokenJobs::is_fixed(const tb::HeaderField& f) const {
  const Dimensions& d = bench_.design.dimensions;
  if (f.name == described::kMore.name) return !d.repeats;
  if (f.name == field::kPairs.name) return d.places == 1;
  if (f.name == described::kOrder.name) return !d.permuter;
  if (f.name == described::kShifts.name) return bench_.config.row_align_bits == 0;
  if (f.name == field::kDescribed.name) return d.recon.has_value();
  return is_hash(f) || f.name == described::kReserved.name || f.name == described::kReservedRecon.name;
}

void BrokenJobs::expect_header_rules(std::size_t block) {
  const PacketMap map = map_of(good_.job);
  const std::uint32_t legal = word(good_.job.weights[0], map.header_at(block));
  for (const tb::HeaderField& f : tb::kHeaderFields) {
    for (int bit = 0; is_fixed(f) && bit < f.width; ++bit) {
      expect_error(with_field(good_.job, block, f, f.get(legal) ^ (1U << bit)),
                   is_hash(f) ? "array" : "header", fmt::format("block {}, {} bit {}", block, f.name, bit));
    }
  }
  const Dimensions& d = bench_.design.dimensions;
  expect_error(with_field(good_.job, block, field::kTiles, 0), "header", "no tiles");
  expect_error(with_count(good_.job, block, tb::counts::kSections, 0), "header", "no sections");
  expect_error(
      with_count(good_.job, block, tb::counts::kSections, static_cast<std::uint32_t>(d.section_fifo) + 1),
      "header", "too many sections");
  const int entries = d.outliers ? d.entry_fifo : 0;
  expect_error(with_count(good_.job, block, tb::counts::kEntries, static_cast<std::uint32_t>(entries) + 1),
               "header", "too many entries");
  if (map.blocks()[block].described) {
    const std::size_t tile = map.blocks()[block].first;
    const std::uint32_t own = description_of(good_.job, tile);
    for (const tb::HeaderField& f : tb::kDescriptionFields) {
      if (f.lsb >= 8 && !d.recon) continue;
      for (int bit = 0; is_fixed(f) && bit < f.width; ++bit) {
        expect_error(with_description(good_.job, tile, f, f.get(own) ^ (1U << bit)), "header",
                     fmt::format("tile {}, {} bit {}", tile, f.name, bit));
      }
      if (f.name == described::kInterval.name || f.name == described::kGap.name)
        expect_error(with_description(good_.job, tile, f, 0), "header",
                     fmt::format("tile {}, {} 0", tile, f.name));
    }
    if (block == 0)
      expect_error(with_description(good_.job, 0, described::kScales, 0), "header", "no scales");
  } else if (block == 0) {
    expect_error(with_field(good_.job, 0, field::kScales, 0), "header", "no scales");
  }
  if (block == 0) expect_mode_and_pairs_rules();
}

void BrokenJobs::expect_mode_and_pairs_rules() {
  const bool pairs = field::kPairs.get(word(good_.job.weights[0], 0)) != 0;
  if (!pairs) return;
  expect_error(with_field(good_.job, 0, field::kMode4, 1), "header", "pairs in mode 4");
  const Operands four = draw_operands(bench_.config, 3, 11, 70, 40, 4);
  expect_error(with_field(four.job, 0, field::kPairs, 1), "header", "pairs in mode 4");
  tb::AcceleratorJob undivided = good_.job;
  undivided.log2_block = undivided.log2_tile_rows;
  if (undivided.log2_block >= 5) expect_error(undivided, "header", "pairs beyond a block");
}

}  // namespace msq::tests
