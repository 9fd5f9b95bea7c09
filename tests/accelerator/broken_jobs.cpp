#include "tests/accelerator/broken_jobs.hpp"

#include <fmt/format.h>

#include <numeric>
#include <stdexcept>

#include "gen/arch/registers.hpp"
#include "tests/accelerator/random_job.hpp"

namespace msq::tests {

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
    std::uint32_t& second = word(o.job.weights[0], header_of(o.job, 1));
    second = field::kGap.with(second, 1);
    expect_error(o.job, "gap", "no gap");
    return;
  }
}

tb::AcceleratorJob BrokenJobs::with_field(tb::AcceleratorJob job, std::size_t tile, const tb::HeaderField& f,
                                          std::uint32_t value) {
  std::uint32_t& header = word(job.weights[0], header_of(job, tile));
  header = f.with(header, value);
  return job;
}

bool BrokenJobs::is_fixed(const tb::HeaderField& f) const {
  if (f.name == field::kMore.name) return !bench_.design.dimensions.repeats;
  if (f.name == field::kPairs.name) return bench_.design.dimensions.places == 1;
  if (f.name == field::kOrder.name) return !bench_.design.dimensions.permuter;
  if (f.name == field::kShifts.name) return bench_.config.row_align_bits == 0;
  return f.name == field::kMarker.name || f.name == field::kReserved.name;
}

void BrokenJobs::expect_header_rules(std::size_t tile) {
  const std::uint32_t legal = word(good_.job.weights[0], header_of(good_.job, tile));
  for (const tb::HeaderField& f : tb::kHeaderFields) {
    for (int bit = 0; is_fixed(f) && bit < f.width; ++bit) {
      expect_error(with_field(good_.job, tile, f, f.get(legal) ^ (1U << bit)), "header",
                   fmt::format("tile {}, {} bit {}", tile, f.name, bit));
    }
  }
  for (const tb::HeaderField& f : {field::kInterval, field::kGap})
    expect_error(with_field(good_.job, tile, f, 0), "header", fmt::format("tile {}, {} 0", tile, f.name));
  if (tile == 0) expect_error(with_field(good_.job, tile, field::kScales, 0), "header", "no scales");
  if (tile == 1) expect_mode_and_pairs_rules(field::kPairs.get(legal) != 0);
}

void BrokenJobs::expect_mode_and_pairs_rules(bool pairs) {
  // Mode 4 has no pairs: with them another mode along K is already a false header.
  expect_error(with_field(good_.job, 1, field::kMode4, 1), pairs ? "header" : "mode", "another mode along K");
  if (!pairs) return;
  expect_error(with_field(good_.job, 0, field::kMode4, 1), "header", "pairs in mode 4");
  expect_error(with_field(good_.job, 1, field::kPairs, 0), "header", "tiles with pairs and without");
  const Operands four = draw_operands(bench_.config, 3, 11, 70, 40, 4);
  expect_error(with_field(four.job, 1, field::kMode4, 0), "mode", "another mode along K");
  expect_error(with_field(four.job, 1, field::kPairs, 1), "header", "pairs in mode 4");
  tb::AcceleratorJob undivided = good_.job;
  undivided.log2_block = undivided.log2_tile_rows;
  if (undivided.log2_block >= 5) expect_error(undivided, "header", "pairs beyond a block");
}

std::size_t BrokenJobs::beats_up_to(int columns, const tb::TileParts& parts) const {
  return static_cast<std::size_t>(tb::WeightStream(bench_.design.dimensions).header_beats(columns, parts));
}

std::size_t BrokenJobs::rows_at(const tb::AcceleratorJob& job) const {
  const bool ordered = field::kOrder.get(job.weights[0].words[0]) != 0;
  return beats_up_to(job.tiles[0].columns, {.references = true, .scales = true, .order = ordered});
}

std::size_t BrokenJobs::header_of(const tb::AcceleratorJob& job, std::size_t tile) {
  return std::accumulate(job.tiles.begin(), job.tiles.begin() + static_cast<std::ptrdiff_t>(tile),
                         std::size_t{0}, [](std::size_t sum, const tb::StreamTile& t) {
                           return sum + static_cast<std::size_t>(t.load_beats());
                         });
}

}  // namespace msq::tests
