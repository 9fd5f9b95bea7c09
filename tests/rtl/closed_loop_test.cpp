// msq_sequencer and msq_wavefront_recon together: what each row sees must be the tile its token belongs to.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "Vcontrol_bench.h"
#include "tests/rtl/bench.hpp"
#include "tests/rtl/wavefront_ports.hpp"

namespace msq::rtl_test {
namespace {

bool row_bit(std::uint64_t rows, int r) { return ((rows >> r) & 1) != 0; }

struct Tile {
  unsigned flagged = 0;  ///< rows with outliers
  bool mode4 = false;
  int interval = 1, gap = 1, tokens = 1;
};

/// The least gap after which no plain row loses an activation: a row that was plain and becomes flagged would
/// turn its feeder to the early point before the last token's late point.
int least_gap(const Tile& before, const Tile& tile, int lead) {
  return (~before.flagged & tile.flagged) != 0 ? lead + 1 : 1;
}

/// Streams tiles through a sequencer and a wavefront as the core connects them. `groups` is the number of
/// column groups: a row has committed when its last group has, groups - 1 cycles after its first.
class Loop {
 public:
  Loop(const ReconCase& c, std::size_t which, int groups, std::vector<Tile> tiles, std::uint64_t seed)
      : case_(c), which_(which), groups_(groups), tiles_(std::move(tiles)), random_(seed) {
    load_stall_ = random_.range(1, 4);
    act_stall_ = random_.range(1, 4);
    shadow_.assign(static_cast<std::size_t>(c.rows), -1);
    committed_.assign(static_cast<std::size_t>(groups), 0U);
    bench_->sequencer_i = static_cast<std::uint8_t>(1U << c.sequencer);
    bench_->recon_i = static_cast<std::uint8_t>(1U << which);
    bench_->rst_ni = 0;
    bench_.settle();
    bench_.edge();
    bench_->rst_ni = 1;
  }

  bool done() const { return tokens_out_ == tokens_total(); }
  long errors() const { return errors_; }
  long cycle() const { return static_cast<long>(launches_.size()); }

  void step() {
    load_offered_ = load_tile_ < tiles_.size() && (load_offered_ || random_.one_in(load_stall_));
    const Tile& load = tiles_[std::min(load_tile_, tiles_.size() - 1)];
    bench_->load_valid_i = load_offered_;
    bench_->load_mode4_i = load.mode4;
    bench_->load_interval_i = static_cast<std::uint8_t>(load.interval);
    bench_->load_gap_i = static_cast<std::uint8_t>(load.gap);
    offered_ = act_tile_ < tiles_.size() && (offered_ || random_.one_in(act_stall_));
    bench_->act_valid_i = offered_;
    const bool last = act_tile_ < tiles_.size() && token_ + 1 == tiles_[act_tile_].tokens;
    bench_->act_last_i = last;
    bench_->committed_i = 0;
    bench_->load_row_i = 0;
    bench_->launch_i = 0;
    bench_.settle();

    // The wavefront's outputs are registered: with them the commits of this cycle, then the sequencer's
    // decisions.
    const ReconPorts rows(word(bench_->recon_o, which_));
    committed_.push_front(rows.commit);
    bench_->committed_i = static_cast<std::uint8_t>(committed_[static_cast<std::size_t>(groups_ - 1)]);
    bench_.settle();
    const std::uint64_t out = word(bench_->sequencer_o, case_.sequencer);
    const bool launch = (out & 8) != 0;
    bench_->launch_i = launch;
    set_launch(*bench_.operator->(),
               {(out & 16) != 0, last, (out & 32) != 0, (out & 64) != 0, (out & 128) != 0});
    const auto load_row = static_cast<unsigned>(out >> 16);
    bench_->load_row_i = static_cast<std::uint8_t>(load_row);
    bench_->load_parity_i = (out & 2) != 0;
    bench_->load_flagged_i = (load_row & load.flagged) != 0;
    bench_.settle();

    launches_.push_back(launch ? std::optional(act_tile_) : std::nullopt);
    first_.push_back(token_ == 0);
    check_rows(rows);
    bench_.edge();

    for (int r = 0; r < case_.rows; ++r) {
      if (row_bit(load_row, r)) shadow_[static_cast<std::size_t>(r)] = static_cast<int>(load_tile_);
    }
    if (load_row != 0) load_offered_ = false;
    if (row_bit(load_row, case_.rows - 1)) ++load_tile_;
    if (launch) {
      offered_ = false;
      if (++token_ == tiles_[act_tile_].tokens) {
        token_ = 0;
        ++act_tile_;
      }
    }
  }

 private:
  long tokens_total() const {
    long total = 0;
    for (const Tile& tile : tiles_) total += tile.tokens;
    return total;
  }

  struct Passing {
    std::size_t tile;
    bool first;
  };
  std::optional<Passing> passing(int ago) const {
    const auto size = static_cast<int>(launches_.size());
    if (ago >= size) return std::nullopt;
    const auto at = static_cast<std::size_t>(size - 1 - ago);
    if (!launches_[at]) return std::nullopt;
    return Passing{*launches_[at], first_[at]};
  }

  void check_rows(const ReconPorts& rows) {
    errors_ += rows.error ? 1 : 0;
    if (passing(case_.rows + case_.lead)) {
      ++tokens_out_;
      ASSERT_TRUE(rows.out_valid);
    }
    if (rows.error) return;
    for (int r = 0; r < case_.rows; ++r) {
      const auto early = passing(r + 1);
      const auto late = passing(r + 1 + case_.lead);
      const auto flagged = [&](const Passing& p) { return row_bit(tiles_[p.tile].flagged, r); };
      ASSERT_EQ(row_bit(rows.fire, r), early && flagged(*early)) << "row " << r;
      ASSERT_EQ(row_bit(rows.use_addend, r), late && flagged(*late)) << "row " << r;
      std::optional<Passing> taken;
      if (early && flagged(*early)) taken = early;
      if (late && !flagged(*late)) {
        ASSERT_FALSE(taken) << "row " << r << " takes two activations";
        taken = late;
        ASSERT_FALSE(row_bit(rows.early, r)) << "row " << r;
      }
      ASSERT_EQ(row_bit(rows.commit, r), taken && taken->first) << "row " << r;
      if (taken) {
        ASSERT_EQ(row_bit(rows.mode4, r), tiles_[taken->tile].mode4) << "row " << r;
      }
      if (taken && taken->first) due_.push_back({cycle() + groups_ - 1, r, static_cast<int>(taken->tile)});
    }
    // When the last column group commits, the row's shadow weights must still be its tile's.
    std::erase_if(due_, [&](const Due& due) {
      if (due.cycle > cycle()) return false;
      EXPECT_EQ(shadow_[static_cast<std::size_t>(due.row)], due.tile) << "shadow weights of row " << due.row;
      return true;
    });
  }

  struct Due {
    long cycle;
    int row, tile;
  };

  Bench<Vcontrol_bench> bench_;
  ReconCase case_;
  std::size_t which_;
  int groups_;
  std::vector<Tile> tiles_;
  Random random_;
  int load_stall_, act_stall_;
  std::size_t load_tile_ = 0, act_tile_ = 0;
  int token_ = 0;
  bool offered_ = false, load_offered_ = false;
  std::vector<int> shadow_;
  std::deque<unsigned> committed_;
  std::vector<std::optional<std::size_t>> launches_;  // [cycle]: tile of the token launched
  std::vector<bool> first_;
  std::vector<Due> due_;
  long tokens_out_ = 0, errors_ = 0;
};

std::vector<Tile> random_tiles(const ReconCase& c, Random& random) {
  std::vector<Tile> tiles;
  Tile before;
  for (int t = 0; t < 12; ++t) {
    Tile tile;
    tile.flagged = static_cast<unsigned>(random.bits()) & ((1U << c.rows) - 1);
    if (random.one_in(3)) tile.flagged &= before.flagged;  // then the gap may be 1
    tile.mode4 = c.dual ? random.one_in(2) : c.sequencer == 2;
    tile.interval = random.one_in(2) ? 1 : random.range(1, 8);
    tile.tokens = random.one_in(3) ? 1 : random.range(1, 6);
    tile.gap = least_gap(before, tile, c.lead) + (random.one_in(2) ? 0 : random.range(0, 4));
    tiles.push_back(tile);
    before = tile;
  }
  return tiles;
}

// The number of column groups is at least LEAD - 1: ReCoN waits for that many groups (architecture.md).
TEST(ClosedLoopTest, EveryTokenMeetsItsOwnTile) {
  for (std::uint64_t seed = 0; seed < std::uint64_t{150} * static_cast<unsigned>(effort()); ++seed) {
    const std::size_t which = seed % kReconCases.size();
    const ReconCase& c = kReconCases[which];
    Random random(seed);
    const int groups = c.lead - 1 + (random.one_in(2) ? 0 : random.range(0, 4));
    Loop loop(c, which, groups, random_tiles(c, random), seed);
    while (!loop.done()) {
      loop.step();
      ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << " ROWS " << c.rows << " LEAD " << c.lead
                                                << " groups " << groups << " cycle " << loop.cycle();
      ASSERT_LT(loop.cycle(), 20000) << "hangs; seed " << seed;
    }
    ASSERT_EQ(loop.errors(), 0) << "seed " << seed;
  }
}

// The error flag is exact: one cycle less than the least gap and it rises, with the least gap it does not.
TEST(ClosedLoopTest, ShortGapIsAnError) {
  for (std::size_t which = 0; which < kReconCases.size(); ++which) {
    const ReconCase& c = kReconCases[which];
    for (int gap = 1; gap <= c.lead + 2; ++gap) {
      Tile plain;
      plain.mode4 = c.sequencer == 2;
      Tile flagged = plain;
      flagged.flagged = (1U << c.rows) - 1;
      flagged.gap = gap;
      // Long enough before it that the flagged tile is loaded when the last plain token starts.
      plain.tokens = 40;
      // Without stalls: seeds whose first draws say so.
      std::uint64_t seed = 0;
      for (;; ++seed) {
        Random random(seed);
        if (random.range(1, 4) == 1 && random.range(1, 4) == 1) break;
      }
      Loop loop(c, which, c.lead - 1, {plain, flagged}, seed);
      while (!loop.done()) {
        loop.step();
        ASSERT_FALSE(testing::Test::HasFailure())
            << "ROWS " << c.rows << " LEAD " << c.lead << " gap " << gap;
        ASSERT_LT(loop.cycle(), 1000);
      }
      EXPECT_EQ(loop.errors() > 0, gap <= c.lead)
          << "ROWS " << c.rows << " LEAD " << c.lead << " gap " << gap;
    }
  }
}

}  // namespace
}  // namespace msq::rtl_test
