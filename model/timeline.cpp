#include "model/timeline.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <stdexcept>

#include "model/port.hpp"
#include "model/weight_reader.hpp"
#include "tb/host/weight_stream.hpp"

namespace msq::model {
namespace {

// Constants of the hardware, in cycles. Cycle 0 is the first in which the job runs.
constexpr Cycle kWord = 2;        // a word taken from the activation stream can be launched
constexpr Cycle kCommit = 2;      // a row whose tile has been launched can be loaded again
constexpr Cycle kDrainStart = 1;  // a block whose last sum is written leaves
constexpr int kDrainSteps = 6;    // from the address of a group to the group at the port

/// Passes after which those that follow are taken as equal.
constexpr std::int64_t kFollowed = 4;

class Run {
 public:
  Run(const Dimensions& d, const GemmPlan& plan, const PortRates& rates)
      : d_(d),
        plan_(plan),
        stream_(d),
        weights_(d, rates.weights),
        activations_(rates.activations),
        outputs_(rates.outputs) {}

  void pass(std::span<const tb::StreamTile> tiles, int tokens) {
    read_activations(tokens);
    const std::vector<tb::StreamBlock> blocks = stream_.blocks(tiles);
    auto block = blocks.begin();
    std::int64_t columns_left = plan_.n;
    int in_block = 0;  // columns of the block so far
    for (std::size_t first = 0; first < tiles.size();) {
      const int columns = tiles[first].columns;
      // MX outputs leave in blocks that share scales, others with every column tile.
      const bool mx = tb::is_mx(plan_.output);
      const bool block_first = in_block == 0;
      if (block_first) {
        block_columns_ = static_cast<int>(std::min<std::int64_t>(mx ? d_.block : columns, columns_left));
      }
      in_block += columns;
      columns_left -= columns;
      const bool block_last = !mx || in_block >= d_.block || columns_left <= 0;
      const bool first_column = first == 0;
      for (int k = 0; k < plan_.tiles_k;) {
        if (block != blocks.end() && block->first == first) {
          weights_.begin(*block, tiles.subspan(first, block->tiles));
          ++block;
        }
        const tb::StreamTile& t = tiles[first++];
        const bool repeated = first > 1 && tiles[first - 2].more;
        tile(t, tokens, first_column, k, block_first && k == 0 && !repeated);
        if (!t.more) k += t.words;
      }
      if (block_last) {
        in_block = 0;
        drain(tokens, first == tiles.size());
      }
    }
  }

  [[nodiscard]] Cycle last_launch() const { return last_launch_; }

  /// So far; the cycles are those up to the last beat of output.
  [[nodiscard]] Timeline result() const {
    Timeline t = total_;
    t.weight_beats = weights_.beats();
    t.cycles = last_beat_ + 1;
    return t;
  }

 private:
  /// Scales and words of a pass; sets when its first word can be launched.
  void read_activations(int tokens) {
    const std::size_t passes = released_.size();  // known releases
    Cycle start = act_free_ + 1;                  // one cycle to see a free half
    if (passes_read_ >= 2 && passes >= static_cast<std::size_t>(passes_read_ - 1))
      start = std::max(start, released_[static_cast<std::size_t>(passes_read_ - 2)] + 2);
    ++passes_read_;
    // A beat of scales is held for as many cycles as it has bytes.
    const std::int64_t bytes = std::int64_t{plan_.blocks_k} * tokens;
    const int per_beat = d_.activation_beat / 8;
    Cycle now = start;
    for (std::int64_t b = 0; b < bytes; b += per_beat) {
      now = activations_.offer(now, std::min<std::int64_t>(per_beat, bytes - b)) + 1;
      ++total_.activation_beats;
    }
    words_.clear();
    const std::int64_t words = std::int64_t{plan_.tiles_k} * tokens;
    for (std::int64_t w = 0; w < words; ++w) {
      now = activations_.offer(now);
      words_.push_back(now + kWord);
      ++now;
    }
    act_free_ = now;
    total_.activation_beats += words;
  }

  void tile(const tb::StreamTile& t, int tokens, bool first_column, int k, bool begins_block) {
    // Reading: the header waits for a place in the queue, and for the order of the tile before the last.
    Cycle header = 0;
    if (collected_.size() >= static_cast<std::size_t>(d_.slots)) {
      header = collected_[collected_.size() - static_cast<std::size_t>(d_.slots)] - 1;
    }
    // Of two tiles that have not begun one must.
    if (begun_.size() >= 2) header = std::max(header, begun_[begun_.size() - 2] + 1);
    if (t.edge() && edges_.size() >= 2) header = std::max(header, edges_[edges_.size() - 2] + 1);
    const Cycle pushed = weights_.tile(t, header);
    const Cycle loaded = load();
    // Launching: each reason to wait in the order in which the hardware looks at them.
    Cycle at = last_launch_ + 1;
    const auto wait_for = [&](Cycle until, std::int64_t& counter) {
      if (until <= at) return;
      counter += until - at;
      at = until;
    };
    // The last of its words.
    const std::size_t word = static_cast<std::size_t>(k + t.words - 1) * static_cast<std::size_t>(tokens);
    wait_for(pushed + 1, total_.wait_weight);
    if (first_column) wait_for(words_[word], total_.wait_activation);
    if (begins_block) {
      if (drained_.size() >= 2) wait_for(drained_[drained_.size() - 2] + 1, total_.wait_output);
      drained_.push_back(0);  // set by drain
    }
    if (paused_) wait_for(last_launch_ + 2, total_.wait_schedule);
    wait_for(loaded, total_.wait_weight);
    const Cycle could = at;
    const Cycle gap = launched_ ? last_launch_ + t.launch_gap : 0;
    wait_for(gap, total_.wait_schedule);
    const bool first_waited = at > could;

    first_launch_ = at;
    last_launch_ = at;
    for (int i = 1; i < tokens; ++i) {
      Cycle next = last_launch_ + 1;
      if (first_column) {
        const Cycle there = words_[word + static_cast<std::size_t>(i)];
        if (there > next) {
          total_.wait_activation += there - next;
          next = there;
        }
      }
      const Cycle slot = first_launch_ + (next - first_launch_ + t.initiation_interval - 1) /
                                             t.initiation_interval * t.initiation_interval;
      total_.wait_schedule += slot - next;
      last_launch_ = slot;
    }
    launched_ = true;
    paused_ = tokens == 2;
    flagged_ = t.flagged;
    begun_.push_back(first_launch_);
    collected_.push_back(last_launch_ + d_.latency);
    if (t.edge()) edges_.push_back(last_launch_);
    const std::int64_t rows = std::count(t.flagged.begin(), t.flagged.end(), true);
    ++total_.tiles;
    total_.tokens += tokens;
    total_.recon_accesses += rows * tokens;
    total_.recon_waits += rows * ((t.initiation_interval > 1 ? tokens - 1 : 0) + (first_waited ? 1 : 0));
  }

  /// The rows of the next tile enter the core. @return from when on its first token can be launched.
  Cycle load() {
    // Rows leave their FIFO a step a cycle, down the rows behind the first token of the tile before.
    const int sure = d_.load_steps - d_.early_steps - 1;  // must be loaded before the token can be launched
    Cycle loaded = 0, begins = 0, came = 0;
    const Cycle early = d_.early_steps > 0 ? 1 : 0;  // a row can be loaded in the cycle in which it is free
    Cycle second_last = 0, third_last = 0;           // before the row loaded last
    for (int s = 0; s < d_.load_steps; ++s) {
      const bool full = fetched_.size() == static_cast<std::size_t>(d_.row_fifo);
      came = weights_.rows(full ? fetched_.front() + 1 : 0);
      if (full) fetched_.pop_front();
      fetched_.push_back(std::max(came + kFetch, last_load_));
      third_last = second_last;
      second_last = loaded;
      loaded = fetched_.back() + 1;
      if (launched_) {
        const Cycle late = d_.recon && !flagged_[static_cast<std::size_t>(s)] ? d_.lead : 0;
        // Until the tile before is begun no row is taken.
        loaded = std::max({loaded, first_launch_ + 1, free(s) + late - early});
      }
      last_load_ = loaded;
      if (s == sure) begins = loaded;
    }
    if (d_.early_steps == 0) return loaded + 1;
    // The last rows follow without a pause: the row behind the head must have been stored for two cycles.
    begins = std::max(begins, came + kFetch - 1);
    if (third_last < begins) begins = std::max(begins, came + kFetch);
    if (second_last < begins) begins = std::max(begins, came + kFifo);
    ++begins;
    if (launched_ && sure + 1 < d_.load_steps) begins = std::max(begins, free(sure + 1) - early);
    return std::min(begins, loaded + 1);
  }

  /// The rows of step s are free for the next tile: all column groups have left the one that is launched.
  [[nodiscard]] Cycle free(int s) const {
    return first_launch_ + kCommit + s / d_.band_steps() + d_.skew_groups - 1;
  }

  /// The block whose last tile was the last one launched leaves.
  void drain(int tokens, bool pass_last) {
    block_there_ = collected_.back() + d_.sum_delay + kDrainStart;
    const int lanes = d_.output_lanes;
    const int groups = (block_columns_ + lanes - 1) / lanes;
    for (int t = 0; t < tokens; ++t) {
      switch (plan_.output) {
        case tb::OutputFormat::fp32:
          for (int g = 0; g < groups; ++g) group(1);
          break;
        case tb::OutputFormat::raw:
          for (int g = 0; g < groups; ++g) group(3);
          break;
        case tb::OutputFormat::mx8:
        case tb::OutputFormat::mx4: {
          const int per_run = 128 / lanes;
          for (int g = 0; g < groups; g += per_run) {
            const int run = std::min(per_run, groups - g);
            for (int b = 0; b < run; ++b) issue();  // scanned: nothing reaches the port
            for (int w = 0; w < d_.scale_wait; ++w) issue();
            group(1);  // scale
            const int per_beat = plan_.output == tb::OutputFormat::mx8 ? 4 : 8;
            for (int b = 0; b < run; ++b) group((b + 1) % per_beat == 0 || b + 1 == run ? 1 : 0);
          }
          break;
        }
      }
    }
    drained_.back() = read_;
    if (pass_last) released_.push_back(drained_.back());
  }

  /// The first cycle from `at` on in which the drain moves: all of it stops while a group waits at its
  /// end.
  [[nodiscard]] Cycle moves(Cycle at) const {
    for (const Hold& hold : holds_) {
      if (at >= hold.from && at < hold.until) at = hold.until;
    }
    return at;
  }

  /// The drain addresses its next group, at issued_.
  void issue() { issued_ = moves(std::max(block_there_, issued_ + 1)); }

  /// A group goes through the drain: it is addressed, read, converted, and waits at the end until its beats
  /// have entered the port. Each enters when the beat before is taken; a group that does not fill a beat
  /// enters as well.
  void group(int beats) {
    issue();
    read_ = moves(issued_ + 1);
    Cycle at_port = read_;
    for (int step = 2; step < kDrainSteps; ++step) at_port = moves(at_port + 1);
    ++at_port;
    Cycle leave = std::max(at_port, last_beat_);
    for (int b = 0; b < beats; ++b) {
      leave = std::max(leave, last_beat_);
      last_beat_ = outputs_.accept(leave + 1);
      ++total_.output_beats;
    }
    // The next group addressed is behind the groups of the other steps at most.
    std::rotate(holds_.begin(), holds_.begin() + 1, holds_.end());
    holds_.back() = {at_port, leave};
  }

  const Dimensions& d_;
  const GemmPlan& plan_;
  tb::WeightStream stream_;
  WeightReader weights_;
  Port activations_, outputs_;
  Timeline total_;

  // Launcher.
  std::deque<Cycle> fetched_;  // when the rows in the memory of their FIFO went to its head
  Cycle last_load_ = 0;        // a row enters the core
  bool launched_ = false;
  bool paused_ = false;  // the tile launched last has two tokens
  Cycle first_launch_ = 0, last_launch_ = -1;
  std::vector<bool> flagged_;
  std::vector<Cycle> edges_;
  std::vector<Cycle> begun_;      // first token of each tile
  std::vector<Cycle> collected_;  // last partial sum of each tile
  // Activation reader.
  Cycle act_free_ = 0;
  int passes_read_ = 0;
  std::vector<Cycle> words_;
  std::vector<Cycle> released_;
  // Outputs.
  int block_columns_ = 0;
  std::vector<Cycle> drained_;
  Cycle block_there_ = 0;  // the block that leaves is complete
  Cycle issued_ = -1;      // the last group has been addressed
  Cycle read_ = 0;         // and read
  struct Hold {
    Cycle from = 0, until = 0;  // not the last cycle, in which the group leaves
  };
  std::array<Hold, kDrainSteps> holds_;  // of the last groups, in their order
  Cycle last_beat_ = -1;
};

/// a + (b - c) * times, field by field.
Timeline extrapolate(Timeline a, const Timeline& b, const Timeline& c, std::int64_t times) {
  for (const auto field : {&Timeline::cycles, &Timeline::tokens, &Timeline::tiles, &Timeline::wait_weight,
                           &Timeline::wait_activation, &Timeline::wait_output, &Timeline::wait_schedule,
                           &Timeline::recon_accesses, &Timeline::recon_waits, &Timeline::weight_beats,
                           &Timeline::activation_beats, &Timeline::output_beats}) {
    a.*field += (b.*field - c.*field) * times;
  }
  return a;
}

}  // namespace

GemmPlan gemm_plan(const tb::AcceleratorJob& job) {
  GemmPlan plan;
  plan.m = job.m;
  plan.k = job.k;
  plan.n = job.n;
  plan.tokens_per_pass = job.tokens_per_pass;
  plan.tiles_k = static_cast<int>(job.tiles_k());
  plan.tiles_per_pass = static_cast<int>(static_cast<std::int64_t>(job.tiles.size()) / job.passes());
  plan.blocks_k = static_cast<int>((job.k + (1 << job.log2_block) - 1) >> job.log2_block);
  plan.output = job.format;
  return plan;
}

Timeline predict(const Dimensions& d, const GemmPlan& plan, std::span<const tb::StreamTile> tiles,
                 const PortRates& rates) {
  const std::int64_t passes = plan.passes();
  const auto per_pass = static_cast<std::size_t>(plan.tiles_per_pass);
  const bool one_for_all = tiles.size() == per_pass;
  if (!one_for_all && tiles.size() != per_pass * static_cast<std::size_t>(passes))
    throw std::logic_error("predict: tiles of one pass or of all passes");
  Run run(d, plan, rates);
  Timeline before;
  Timeline after;
  std::int64_t left_out = 0;
  for (std::int64_t pass = 0; pass < passes; ++pass) {
    if (one_for_all && pass == kFollowed && passes > kFollowed + 1) {
      left_out = passes - 1 - pass;
      pass = passes - 1;
    }
    const std::size_t first = one_for_all ? 0 : per_pass * static_cast<std::size_t>(pass);
    run.pass(tiles.subspan(first, per_pass), plan.tokens(pass));
    if (pass == kFollowed - 2) before = run.result();
    if (pass == kFollowed - 1) after = run.result();
  }
  return extrapolate(run.result(), after, before, left_out);
}

}  // namespace msq::model
