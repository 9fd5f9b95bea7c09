// msq_sequencer against a model of its documented behaviour, with random stalls on every side.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <vector>

#include "Vcontrol_bench.h"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

constexpr std::size_t kSequencers = 5;
constexpr std::array<int, kSequencers> kRows = {4, 2, 8, 4, 8};
constexpr std::array<int, kSequencers> kEarly = {0, 0, 0, 1, 3};
constexpr std::array<int, kSequencers> kMostFollow = {1, 1, 1, 3, 7};  // of load_follow_i

/// Outputs of one sequencer; launch's companions mean something only with it.
struct Outputs {
  bool load_ready, load_parity, act_ready, launch, first, mode4, parity, waited, error;
  unsigned load_row, next_row;

  explicit Outputs(std::uint64_t w)
      : load_ready((w & 1) != 0),
        load_parity((w & 2) != 0),
        act_ready((w & 4) != 0),
        launch((w & 8) != 0),
        first((w & 16) != 0),
        mode4((w & 32) != 0),
        parity((w & 64) != 0),
        waited((w & 128) != 0),
        error((w & 256) != 0),
        load_row(static_cast<unsigned>(w >> 16)),
        next_row(static_cast<unsigned>(w >> 48)) {}
};

struct Header {
  bool mode4 = false;
  int interval = 1, gap = 1;
};

struct Inputs {
  bool load_valid = false, act_valid = false, last = false;
  Header header;
  unsigned committed = 0;
  int follow = 0;  // rows that are offered from now on without a pause, or EARLY + 1
};

/// The sequencer in time stamps: no counters, no shift registers.
class Model {
 public:
  explicit Model(std::size_t which)
      : rows_(kRows[which]), early_(kEarly[which]), full_(static_cast<std::size_t>(rows_)) {}

  /// With EARLY a row is free in the cycle of its commit.
  bool load_ready(unsigned committed) const {
    const bool leaves = early_ > 0 && ((committed >> row_) & 1) != 0;
    return !waiting_ && (!full_[static_cast<std::size_t>(row_)] || leaves);
  }
  bool full(int row) const { return full_[static_cast<std::size_t>(row)]; }
  int row() const { return row_; }
  bool first() const { return !running_; }
  bool mode4() const { return running_ ? running_->mode4 : next_.mode4; }
  int loading_tile() const { return tiles_started_ + (waiting_ ? 1 : 0) - (begun_ ? 1 : 0); }
  int launching_tile() const { return running_ ? tiles_started_ - 1 : tiles_started_; }
  bool waited() const { return waited_; }
  bool act_ready() const {
    if (running_) return (now_ - first_launch_) % running_->interval == 0;
    return (waiting_ || (soon_ && !begun_)) && (!last_launch_ || now_ - *last_launch_ >= next_.gap);
  }

  /// The clock edge at the end of this cycle.
  void edge(const Inputs& in) {
    const bool launch = in.act_valid && act_ready();
    const bool load = in.load_valid && load_ready(in.committed);
    const int left = rows_ - row_;
    waited_ = !launch && (waited_ || (in.act_valid && (running_ || waiting_)));
    for (int r = 0; r < rows_; ++r) {
      if (((in.committed >> r) & 1) != 0) full_[static_cast<std::size_t>(r)] = false;
    }
    if (launch) {
      if (!running_) {
        running_ = next_;
        begun_ = !waiting_;
        waiting_ = false;
        first_launch_ = now_;
        ++tiles_started_;
      }
      last_launch_ = now_;
      if (in.last) running_.reset();
    }
    if (load) {
      if (row_ == 0) next_ = in.header;
      full_[static_cast<std::size_t>(row_)] = true;
      if (row_ == rows_ - 1) {
        waiting_ = !begun_;
        begun_ = false;
      }
      row_ = (row_ + 1) % rows_;
    }
    // All rows except EARLY ones are loaded, the others are promised, and the place of the next one is free
    // in the next cycle: a band is left a cycle after the one above it.
    const int band = rows_ / (early_ + 1);
    const bool leaves = row_ >= band && ((in.committed >> (row_ - band)) & 1) != 0;
    soon_ = early_ > 0 && row_ >= rows_ - early_ && in.follow >= left && (!full(row_) || leaves);
    ++now_;
  }

 private:
  int rows_, early_;
  long now_ = 0;
  int row_ = 0;  // to be loaded next
  std::vector<bool> full_;
  bool waiting_ = false;  // a whole tile is loaded and has not started
  bool soon_ = false;     // the rest of the tile is sure to come in time
  bool begun_ = false;    // the tile that is being loaded has started
  Header next_;
  std::optional<Header> running_;
  long first_launch_ = 0;
  std::optional<long> last_launch_;
  int tiles_started_ = 0;
  bool waited_ = false;
};

class SequencerTest : public testing::Test {
 protected:
  /// Only one sequencer leaves reset.
  void reset(std::size_t which) {
    bench_->sequencer_i = static_cast<std::uint8_t>(1U << which);
    bench_->recon_i = 0;
    bench_->rst_ni = 0;
    bench_->load_valid_i = 1;  // must not matter
    bench_->act_valid_i = 1;
    bench_.settle();
    bench_.edge();
    bench_->rst_ni = 1;
  }

  Outputs drive(std::size_t which, const Inputs& in) {
    bench_->load_valid_i = in.load_valid;
    bench_->load_mode4_i = in.header.mode4;
    bench_->load_interval_i = static_cast<std::uint8_t>(in.header.interval);
    bench_->load_gap_i = static_cast<std::uint8_t>(in.header.gap);
    bench_->load_follow_i = static_cast<std::uint8_t>(in.follow);
    bench_->committed_i = static_cast<std::uint8_t>(in.committed);
    bench_->act_valid_i = in.act_valid;
    bench_->act_last_i = in.last;
    bench_.settle();
    return Outputs(word(bench_->sequencer_o, which));
  }

  Bench<Vcontrol_bench> bench_;
};

/// One random run: tiles with random headers and token counts, stalls of random density, commits that follow
/// the tile's first launch down the rows, with random delays or, with EARLY, the same one for all.
class Stream {
 public:
  Stream(std::size_t which, std::uint64_t seed) : which_(which), random_(seed), model_(which) {
    load_stall_ = random_.range(1, 6);
    act_stall_ = random_.range(1, 6);
    commit_delay_ = random_.range(0, 20);
    long_times_ = random_.one_in(8);
    commits_.resize(static_cast<std::size_t>(kRows[which]));
    next_tile();
    header_ = random_header();
  }

  Inputs inputs() {
    // An offer stays until accepted.
    Inputs in;
    if (stored_ == 0) ignored_ = random_header();
    if (random_.one_in(load_stall_)) stored_ += random_.one_in(8) ? kRows[which_] : 1;
    stored_ = std::min(stored_, 2 * kRows[which_]);
    in.load_valid = stored_ > 0;
    // Fewer than there are may be promised.
    const int most = std::min(stored_, kEarly[which_] + 1);
    in.follow = random_.one_in(4) ? random_.range(0, most) : most;
    // Any number above EARLY says that there are more.
    if (in.follow > kEarly[which_]) in.follow = random_.range(in.follow, kMostFollow[which_]);
    // Rows after the first carry the same header; a wrong one must be ignored.
    in.header = model_.row() == 0 ? header_ : ignored_;
    offered_ = offered_ || random_.one_in(act_stall_);
    in.act_valid = offered_;
    in.last = tokens_left_ == 1;
    for (std::size_t r = 0; r < commits_.size(); ++r) {
      if (!commits_[r].empty() && commits_[r].front() <= now_) {
        in.committed |= 1U << r;
        commits_[r].pop_front();
      }
    }
    return in;
  }

  void check(const Inputs& in, const Outputs& out) {
    for (int r = 0; r < kRows[which_]; ++r) {
      ASSERT_TRUE(((in.committed >> r) & 1) == 0 || model_.full(r))
          << "row " << r << " began without weights";
    }
    ASSERT_EQ(out.load_ready, model_.load_ready(in.committed));
    const bool load = in.load_valid && model_.load_ready(in.committed);
    ASSERT_EQ(out.load_row, load ? 1U << model_.row() : 0U);
    ASSERT_EQ(out.next_row, 1U << model_.row());
    ASSERT_EQ(out.act_ready, model_.act_ready());
    const bool launch = in.act_valid && model_.act_ready();
    ASSERT_EQ(out.launch, launch);
    ASSERT_FALSE(out.error);
    if (!first_parity_) first_parity_ = out.load_parity;
    if (load) {
      ASSERT_EQ(out.load_parity, *first_parity_ ^ (model_.loading_tile() % 2 != 0));
    }
    if (!launch) return;
    ++launches_;
    if (model_.waited()) ++waits_;
    ASSERT_EQ(out.first, model_.first());
    ASSERT_EQ(out.mode4, model_.mode4());
    ASSERT_EQ(out.waited, model_.waited());
    ASSERT_EQ(out.parity, *first_parity_ ^ (model_.launching_tile() % 2 != 0));
  }

  void edge(const Inputs& in) {
    const bool launch = in.act_valid && model_.act_ready();
    if (launch && model_.first()) {
      for (std::size_t r = 0; r < commits_.size(); ++r) {
        const long soonest = commits_[r].empty() ? 0 : commits_[r].back() + 1;
        // A row is reached as many cycles after the launch as there are bands above its own.
        const long band = kEarly[which_] > 0 ? static_cast<long>(r) * (kEarly[which_] + 1) / kRows[which_]
                                             : static_cast<long>(r);
        const int delay = kEarly[which_] > 0 ? commit_delay_ : random_.range(0, commit_delay_);
        commits_[r].push_back(std::max(soonest, now_ + 1 + band + delay));
      }
    }
    const bool row_taken = in.load_valid && model_.load_ready(in.committed);
    const bool header_taken = row_taken && model_.row() == 0;
    model_.edge(in);
    if (row_taken) {
      --stored_;
      ignored_ = random_header();
    }
    if (header_taken) header_ = random_header();
    if (launch) {
      offered_ = false;
      if (--tokens_left_ == 0) next_tile();
    }
    ++now_;
  }

  long launches() const { return launches_; }
  long waits() const { return waits_; }

 private:
  void next_tile() { tokens_left_ = random_.one_in(3) ? 1 : random_.range(1, 9); }
  Header random_header() {
    const int limit = long_times_ ? 255 : 12;
    const bool mode4 = which_ == 2 || (which_ % 3 == 0 && random_.one_in(2));
    return {mode4, random_.one_in(3) ? 1 : random_.range(1, limit),
            random_.one_in(3) ? 1 : random_.range(1, limit)};
  }

  std::size_t which_;
  Random random_;
  Model model_;
  int load_stall_, act_stall_, commit_delay_;
  bool long_times_;
  std::vector<std::deque<long>> commits_;
  Header header_;   // of the next tile
  Header ignored_;  // offered with rows after the first
  int stored_ = 0;  // rows that are offered one after the other
  bool offered_ = false;
  int tokens_left_ = 1;
  long now_ = 0;
  std::optional<bool> first_parity_;
  long launches_ = 0, waits_ = 0;
};

TEST_F(SequencerTest, FollowsTheModelUnderRandomStalls) {
  long launches = 0, waits = 0;
  for (std::uint64_t seed = 0; seed < std::uint64_t{500} * static_cast<unsigned>(effort()); ++seed) {
    const std::size_t which = seed % kSequencers;
    Stream run(which, seed);
    reset(which);
    for (int cycle = 0; cycle < 800; ++cycle) {
      const Inputs in = run.inputs();
      const Outputs out = drive(which, in);
      run.check(in, out);
      ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << " ROWS " << kRows[which] << " cycle " << cycle;
      bench_.edge();
      run.edge(in);
    }
    launches += run.launches();
    waits += run.waits();
  }
  EXPECT_GT(launches, 10000);
  EXPECT_GT(waits, 1000);
}

// Tokens always on offer: launches exactly at multiples of the interval, also of the largest one.
TEST_F(SequencerTest, SaturatedInputLaunchesOnEverySlot) {
  for (const int interval : {1, 2, 3, 8, 254, 255}) {
    reset(0);
    Inputs in;
    in.header = {false, interval, 255};
    in.load_valid = true;
    for (int r = 0; r < 4; ++r) {
      ASSERT_EQ(drive(0, in).load_row, 1U << r);
      bench_.edge();
    }
    in.load_valid = false;
    in.act_valid = true;
    for (int cycle = 0; cycle < 4 * interval; ++cycle) {
      ASSERT_EQ(drive(0, in).launch, cycle % interval == 0) << "interval " << interval << " cycle " << cycle;
      bench_.edge();
    }
  }
}

// Long intervals and gaps to the cycle, and gaps that have passed long ago: in every size, since each counts
// for itself.
TEST_F(SequencerTest, IntervalsAndGapsToTheCycle) {
  struct Times {
    int interval, gap, idle;  // idle: cycles without a token before each tile
  };
  std::vector<Times> all;
  for (const int n : {1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 65, 127, 128, 129, 200, 254, 255}) {
    all.push_back({n, 1, 0});
    all.push_back({1, n, 0});
  }
  for (const int gap : {128, 253, 254, 255}) {
    for (int idle = 250; idle < 262; ++idle) all.push_back({1, gap, idle});
  }
  for (std::size_t which = 0; which < kSequencers; ++which) {
    for (const Times& times : all) {
      reset(which);
      Model model(which);
      Inputs in;
      in.header = {which == 2, times.interval, times.gap};
      in.load_valid = true;
      int tiles = 0, token = 0, idle = 0;
      for (int cycle = 0; tiles < 3; ++cycle) {
        ASSERT_LT(cycle, 3000);
        in.last = token == 2;
        in.act_valid = token > 0 || idle >= times.idle;
        const Outputs out = drive(which, in);
        const bool launch = in.act_valid && model.act_ready();
        ASSERT_EQ(out.act_ready, model.act_ready())
            << "ROWS " << kRows[which] << " interval " << times.interval << " gap " << times.gap << " idle "
            << times.idle << " cycle " << cycle;
        ASSERT_EQ(out.launch, launch);
        if (launch) {
          ASSERT_EQ(out.waited, model.waited());
        }
        const bool first = launch && model.first();
        bench_.edge();
        model.edge(in);
        in.committed = first ? (1U << kRows[which]) - 1 : 0;
        idle = launch ? 0 : idle + 1;
        if (launch) token = (token + 1) % 3;
        if (launch && token == 0) ++tiles;
      }
    }
  }
}

// Everything is offered, and each band is reached a cycle after the one above it: with EARLY tiles of one
// token load a row in every cycle, without it they pause.
TEST_F(SequencerTest, EarlyTilesFollowWithoutAPause) {
  for (std::size_t which = 0; which < kSequencers; ++which) {
    reset(which);
    const int rows = kRows[which], bands = kEarly[which] + 1;
    std::deque<long> starts;
    Inputs in;
    in.load_valid = in.act_valid = in.last = true;
    in.header = {which == 2, 1, 1};
    in.follow = kEarly[which] > 0 ? bands : 0;
    int loads = 0;
    for (long cycle = 0; cycle < 12 * rows; ++cycle) {
      in.committed = 0;
      for (const long start : starts) {
        for (int r = 0; r < rows; ++r)
          if (start + 1 + r * bands / rows == cycle) in.committed |= 1U << r;
      }
      const Outputs out = drive(which, in);
      if (out.launch) starts.push_back(cycle);
      loads += out.load_row != 0 ? 1 : 0;
      bench_.edge();
    }
    if (kEarly[which] > 0) {
      EXPECT_EQ(loads, 12 * rows) << "ROWS " << rows;
    } else {
      EXPECT_LT(loads, 12 * rows) << "ROWS " << rows;
    }
  }
}

TEST_F(SequencerTest, HeaderErrors) {
  struct Case {
    Header header;
    std::array<bool, 3> error;  // modes {2,4}, {2}, {4}
    [[nodiscard]] bool of(std::size_t which) const { return error[which < 3 ? which : which - 3]; }
  };
  const std::vector<Case> cases = {
      {{false, 1, 1}, {false, false, true}},     {{true, 1, 1}, {false, true, false}},
      {{false, 0, 1}, {true, true, true}},       {{true, 1, 0}, {true, true, true}},
      {{false, 255, 255}, {false, false, true}}, {{false, 128, 128}, {false, false, true}}};
  for (const Case& c : cases) {
    for (std::size_t which = 0; which < kSequencers; ++which) {
      reset(which);
      Inputs in;
      in.header = c.header;
      EXPECT_FALSE(drive(which, in).error) << "nothing is offered";
      in.load_valid = true;
      const std::string name = fmt::format("ROWS {} mode4 {} interval {} gap {}", kRows[which],
                                           c.header.mode4, c.header.interval, c.header.gap);
      EXPECT_EQ(drive(which, in).error, c.of(which)) << name;
      bench_.edge();
      EXPECT_FALSE(drive(which, in).error) << name << ": reported once, with the first row";
    }
  }
}

// Reset in the middle of everything leaves nothing behind.
TEST_F(SequencerTest, ResetForgetsTheTile) {
  reset(0);
  Inputs in;
  in.load_valid = in.act_valid = true;
  in.header = {true, 5, 9};
  for (int cycle = 0; cycle < 7; ++cycle) {
    drive(0, in);
    bench_.edge();
  }
  reset(0);
  const Outputs out = drive(0, in);
  EXPECT_TRUE(out.load_ready);
  EXPECT_EQ(out.load_row, 1U);
  EXPECT_FALSE(out.act_ready);
  EXPECT_FALSE(out.launch);
}

}  // namespace
}  // namespace msq::rtl_test
