// Random tile sequences through a core, every partial sum against the golden model.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "gen/arch/design.hpp"
#include "gen/arch/paths/path.hpp"
#include "golden/exec/gemm.hpp"
#include "golden/exec/plan.hpp"
#include "tb/host/array_sizes.hpp"
#include "tb/sim/build_model.hpp"
#include "tests/soak/subject.hpp"
#include "tests/system/random_gemm.hpp"

namespace msq::tests {
namespace {

struct CoreCase {
  std::vector<tb::TileJob> jobs;
  tb::Stalls stalls;
  int broken_off = 0;  ///< cycles for which the jobs run before a reset, and all over again
};

/// Removes the outliers of a micro-block: the pairs, and the codes of their halves. Blocks count through the
/// rows.
void clear_outliers(golden::Tile& tile, int index) {
  golden::MicroBlock& block = tile.blocks[static_cast<std::size_t>(index)];
  const int first = index * tile.format.micro_block;
  for (const golden::OutlierPair& pair : block.pairs) {
    tile.codes[static_cast<std::size_t>(first + pair.upper)] = 0;
    tile.codes[static_cast<std::size_t>(first + pair.lower)] = 0;
  }
  block = {};
}

void clear_block(golden::Tile& tile, int index) {
  clear_outliers(tile, index);
  const auto first = tile.codes.begin() + std::ptrdiff_t{index} * tile.format.micro_block;
  std::fill(first, first + tile.format.micro_block, std::uint8_t{0});
}

bool block_is_zero(const golden::Tile& tile, int index) {
  const auto first = tile.codes.begin() + std::ptrdiff_t{index} * tile.format.micro_block;
  return !tile.blocks[static_cast<std::size_t>(index)].has_outliers() &&
         std::all_of(first, first + tile.format.micro_block, [](std::uint8_t code) { return code == 0; });
}

/// Whether the weight at index `i` of the codes is none of the halves of an outlier.
bool is_inlier(const golden::Tile& tile, int i) {
  const int position = i % tile.format.micro_block;
  const auto& pairs = tile.blocks[static_cast<std::size_t>(i / tile.format.micro_block)].pairs;
  return std::none_of(pairs.begin(), pairs.end(), [position](const golden::OutlierPair& pair) {
    return pair.upper == position || pair.lower == position;
  });
}

bool row_is_zero(const golden::Tile& tile, int row) {
  for (int b = 0; b < tile.blocks_per_row(); ++b) {
    if (!block_is_zero(tile, row * tile.blocks_per_row() + b)) return false;
  }
  return true;
}

class CoreSubject : public Subject {
 public:
  CoreSubject(const Design& design, const std::filesystem::path& cache)
      : config_(design.config), design_(design) {
    auto build = tb::build_model(design_, tb::Flavour::check, cache);
    if (!build) throw std::runtime_error(build.error());
    library_ = build->library;
  }

  void renew(std::uint32_t seed) override {
    auto model = tb::Model::open(library_, seed);
    if (!model) throw std::runtime_error(model.error());
    driver_.emplace(std::move(*model), design_.dimensions, seed);
  }

  std::optional<std::string> run(std::uint32_t seed, const Steps& steps) override {
    const CoreCase drawn = make(seed, steps);
    driver_->seed_stalls(seed);
    if (drawn.broken_off > 0) {
      driver_->run_cycles(drawn.jobs, drawn.broken_off);
      driver_->reset();
    }
    const auto result = driver_->run(drawn.jobs, drawn.stalls);
    if (!result) {
      driver_->reset();
      return result.error();
    }
    for (std::size_t t = 0; t < drawn.jobs.size(); ++t) {
      if (auto wrong = compare(drawn.jobs[t], result->sums[t])) return fmt::format("tile {}, {}", t, *wrong);
    }
    return check_counters(drawn.jobs, *result);
  }

  std::vector<Step> candidates(std::uint32_t seed, const Steps& steps) override {
    const CoreCase drawn = make(seed, steps);
    std::vector<Step> all;
    const int tiles = static_cast<int>(drawn.jobs.size());
    for (int t = 0; tiles > 1 && t < tiles; ++t) all.push_back({"tile", t, 0});
    if (drawn.broken_off > 0) all.push_back({"reset", 0, 0});
    if (drawn.stalls.load > 0) all.push_back({"stall", 0, 0});
    if (drawn.stalls.activations > 0) all.push_back({"stall", 1, 0});
    for (int t = 0; t < tiles; ++t) {
      const tb::TileJob& job = drawn.jobs[static_cast<std::size_t>(t)];
      for (int drop = job.tokens / 2; drop > 0; drop /= 2) {
        all.push_back({"last-tokens", t, drop});
        all.push_back({"first-tokens", t, drop});
      }
    }
    for (int t = 0; t < tiles; ++t) {
      const tb::TileJob& job = drawn.jobs[static_cast<std::size_t>(t)];
      const auto flagged = golden::flagged_rows(job.tile);
      for (int r = 0; r < job.tile.rows; ++r) {
        if (!row_is_zero(job.tile, r)) all.push_back({"zero-row", t, r});
      }
      for (int r = 0; r < job.tile.rows; ++r) {
        if (flagged[static_cast<std::size_t>(r)]) all.push_back({"outliers", t, r});
      }
    }
    for (int t = 0; t < tiles; ++t) {
      const golden::Tile& tile = drawn.jobs[static_cast<std::size_t>(t)].tile;
      for (int b = 0; b < tile.rows * tile.blocks_per_row(); ++b) {
        if (!block_is_zero(tile, b)) all.push_back({"zero-block", t, b});
      }
    }
    for (int t = 0; t < tiles; ++t) {
      const golden::Tile& tile = drawn.jobs[static_cast<std::size_t>(t)].tile;
      for (int i = 0; i < tile.rows * tile.columns; ++i) {
        if (is_inlier(tile, i) && tile.codes[static_cast<std::size_t>(i)] != 0) all.push_back({"zero", t, i});
      }
    }
    return all;
  }

  std::string describe(std::uint32_t seed, const Steps& steps) override {
    const CoreCase drawn = make(seed, steps);
    int tokens = 0;
    long outliers = 0;
    long weights = 0;
    for (const tb::TileJob& job : drawn.jobs) {
      tokens += job.tokens;
      for (const auto& block : job.tile.blocks) outliers += static_cast<long>(block.pairs.size());
      weights += std::count_if(job.tile.codes.begin(), job.tile.codes.end(), [](auto c) { return c != 0; });
    }
    return fmt::format("{} tiles, {} tokens, {} weights that are not zero, {} outliers, stalls {} and {}{}",
                       drawn.jobs.size(), tokens, weights, outliers, drawn.stalls.load,
                       drawn.stalls.activations,
                       drawn.broken_off == 0 ? "" : fmt::format(", reset after {} cycles", drawn.broken_off));
  }

 private:
  CoreCase make(std::uint32_t seed, const Steps& steps) const {
    RandomGemm random(config_, seed);
    CoreCase drawn;
    drawn.jobs = random.sequence(1 + static_cast<int>(seed % 6));
    drawn.stalls = random.stalls();
    if (seed % 64 == 63) drawn.broken_off = 1 + static_cast<int>(seed / 64 % 61);
    for (const Step& step : steps) apply(drawn, step);
    if (!steps.empty()) reschedule(drawn.jobs);
    return drawn;
  }

  static void apply(CoreCase& drawn, const Step& step) {
    if (step.what == "reset") drawn.broken_off = 0;
    if (step.what == "stall") (step.a == 0 ? drawn.stalls.load : drawn.stalls.activations) = 0;
    if (step.what == "reset" || step.what == "stall") return;
    if (static_cast<std::size_t>(step.a) >= drawn.jobs.size()) return;
    tb::TileJob& job = drawn.jobs[static_cast<std::size_t>(step.a)];
    if (step.what == "tile") {
      if (drawn.jobs.size() > 1) drawn.jobs.erase(drawn.jobs.begin() + step.a);
    } else if (step.what == "last-tokens" || step.what == "first-tokens") {
      drop_tokens(job, step.b, step.what == "first-tokens");
    } else {
      clear_weights(job.tile, step);
    }
  }

  static void drop_tokens(tb::TileJob& job, int count, bool in_front) {
    if (count >= job.tokens) return;
    const std::ptrdiff_t values = std::ptrdiff_t{count} * job.tile.rows;
    const auto first = in_front ? job.activations.begin() : job.activations.end() - values;
    job.activations.erase(first, first + values);
    job.tokens -= count;
  }

  static void clear_weights(golden::Tile& tile, const Step& step) {
    const int blocks = tile.blocks_per_row();
    if (step.what == "zero" && step.b < tile.rows * tile.columns && is_inlier(tile, step.b))
      tile.codes[static_cast<std::size_t>(step.b)] = 0;
    if (step.what == "zero-block" && step.b < tile.rows * blocks) clear_block(tile, step.b);
    for (int b = 0; step.b < tile.rows && b < blocks; ++b) {
      if (step.what == "outliers") clear_outliers(tile, step.b * blocks + b);
      if (step.what == "zero-row") clear_block(tile, step.b * blocks + b);
    }
  }

  /// Tiles have other neighbours now: no gap may be smaller than theirs ask for.
  void reschedule(std::vector<tb::TileJob>& jobs) const {
    std::vector<golden::PlannedTile> plan(jobs.size());
    for (std::size_t t = 0; t < jobs.size(); ++t) {
      plan[t].tokens = jobs[t].tokens;
      plan[t].part.flagged = golden::flagged_rows(jobs[t].tile);
      plan[t].part.initiation_interval = jobs[t].initiation_interval;
    }
    golden::set_launch_gaps(*tb::core_sizes(design_.dimensions).planner, plan);
    for (std::size_t t = 0; t < jobs.size(); ++t)
      jobs[t].launch_gap = std::max(jobs[t].launch_gap, plan[t].launch_gap);
  }

  std::optional<std::string> compare(const tb::TileJob& job, const std::vector<std::int64_t>& got) {
    const auto expected = golden::tile_partial_sums(job.tile, job.activations, job.tokens);
    if (got.size() != expected.size())
      return fmt::format("{} partial sums, expected {}", got.size(), expected.size());
    ++totals.gemms;
    totals.compared += static_cast<long>(expected.size());
    const auto [g, e] = std::mismatch(got.begin(), got.end(), expected.begin());
    if (g == got.end()) return std::nullopt;
    const auto at = g - got.begin();
    return fmt::format("mode {}, token {} of {}, column {}: expected {}, got {}", job.tile.format.bits,
                       at / job.tile.columns, job.tokens, at % job.tile.columns, *e, *g);
  }

  [[nodiscard]] std::optional<std::string> check_counters(const std::vector<tb::TileJob>& jobs,
                                                          const tb::RunResult& result) const {
    std::uint32_t tokens = 0;
    std::uint32_t accesses = 0;
    for (const tb::TileJob& job : jobs) {
      const auto flagged = golden::flagged_rows(job.tile);
      tokens += static_cast<std::uint32_t>(job.tokens);
      accesses += static_cast<std::uint32_t>(std::count(flagged.begin(), flagged.end(), true)) *
                  static_cast<std::uint32_t>(job.tokens);
    }
    const std::uint32_t expected_accesses = design_.dimensions.path->counts_accesses() ? accesses : 0;
    const tb::Counters& c = result.counters;
    const bool ok = c.tokens == tokens && c.tiles == jobs.size() && c.cycles == result.cycles &&
                    c.recon_accesses == expected_accesses && c.recon_waits <= c.recon_accesses &&
                    c.errors == 0 && result.protocol_errors == 0;
    if (ok) return std::nullopt;
    return fmt::format(
        "counters: tokens {}, tiles {}, cycles {}, accesses {}, waits {}, errors {}, protocol errors {}; "
        "expected tokens {}, tiles {}, cycles {}, accesses {}",
        c.tokens, c.tiles, c.cycles, c.recon_accesses, c.recon_waits, c.errors, result.protocol_errors,
        tokens, jobs.size(), result.cycles, expected_accesses);
  }

  Config config_;
  Design design_;
  std::filesystem::path library_;
  std::optional<tb::Driver> driver_;
};

}  // namespace

std::unique_ptr<Subject> core_subject(const Design& design, const std::filesystem::path& cache) {
  return std::make_unique<CoreSubject>(design, cache);
}

}  // namespace msq::tests
