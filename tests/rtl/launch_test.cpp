// msq_activation_reader and msq_launcher: random jobs, each word from the stream through the buffer to the
// core, with one bank and with two.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "Vlaunch_bench.h"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

constexpr int kTokens = 4;  ///< most of a pass
constexpr int kScales = 16;
constexpr int kWords = 16;  ///< of all banks of a half

struct Job {
  int tokens_total = 1, tokens_pass = 1, tiles_k = 1, blocks_k = 1;
};

/// One beat of the stream, and its effects.
struct Beat {
  std::uint32_t data = 0;
  bool scales = false, last = false;
  int count = 0;                        ///< scales of the beat
  int pass = 0, first = 0, tokens = 1;  ///< its first scale, or its word: index within the pass
};

/// One tile as the launcher sees it.
struct Tile {
  int pass = 0, tokens = 1, k = 0;
  bool first_k = false, last_k = false, more = false, pair = false, block_first = false, pass_last = false;
};

/// A word of activations, and the cycle of its write.
struct Written {
  std::uint32_t data = 0;
  long cycle = -1;
};

class LaunchTest : public testing::TestWithParam<int> {
 protected:
  LaunchTest() {
    bench_->select_i = banks_ == 2;
    quiet();
  }

  void quiet() {
    bench_->restart_i = bench_->valid_i = bench_->last_i = 0;
    bench_->tile_valid_i = bench_->tile_hold_i = bench_->act_ready_i = 0;
    bench_->drained_i = bench_->release_i = bench_->loaded_i = bench_->weights_read_i = 0;
  }

  Job draw() {
    Job job;
    job.tokens_pass = random_.range(1, kTokens);
    job.tokens_total = random_.range(1, 4 * job.tokens_pass);
    const int most = kWords / banks_ / job.tokens_pass * banks_;
    job.tiles_k = random_.range(1, most);
    job.blocks_k = random_.range(1, kScales / job.tokens_pass);
    return job;
  }

  void write(const Job& job) {
    beats_.clear();
    tiles_.clear();
    words_.clear();
    int pass = 0;
    for (int left = job.tokens_total; left > 0; left -= job.tokens_pass, ++pass) {
      const int tokens = std::min(left, job.tokens_pass);
      const int scales = tokens * job.blocks_k;
      for (int i = 0; i < scales; i += 2)
        beats_.push_back({any(), true, false, std::min(2, scales - i), pass, i, tokens});
      for (int i = 0; i < tokens * job.tiles_k; ++i)
        beats_.push_back({any(), false, i + 1 == tokens * job.tiles_k, 0, pass, i, tokens});
      words_.emplace_back(static_cast<std::size_t>(tokens * job.tiles_k));
      write_tiles(job, pass, tokens);
    }
  }

  /// Column tiles of a pass: tiles along K one by one or in pairs, some of them twice.
  void write_tiles(const Job& job, int pass, int tokens) {
    const int columns = random_.range(1, 3);
    for (int column = 0; column < columns; ++column) {
      const bool pairs = banks_ == 2 && random_.one_in(2);
      const bool block_first = column == 0 || random_.one_in(2);
      bool repeat = false;
      for (int k = 0; k < job.tiles_k;) {
        Tile tile{pass, tokens, k};
        tile.more = random_.one_in(4);
        tile.pair = pairs && k + 1 < job.tiles_k;
        tile.first_k = k == 0 && !repeat;
        tile.last_k = k + (tile.pair ? 2 : 1) == job.tiles_k && !tile.more;
        tile.block_first = block_first;
        tile.pass_last = tile.last_k && column + 1 == columns;
        tiles_.push_back(tile);
        repeat = tile.more;
        if (!tile.more) k += tile.pair ? 2 : 1;
      }
    }
  }

  std::uint32_t any() {
    const auto data = static_cast<std::uint32_t>(random_.bits() & 0xffffU);
    return random_.one_in(10) ? (data & 0xff00U) | 0x80U : data;
  }

  [[nodiscard]] std::size_t half(int pass) const {
    return static_cast<std::size_t>((passes_before_ + pass) % 2);
  }

  /// Writes and reports of the reader in this cycle.
  void check_reader(const Job& job) {
    const bool offered = bench_->valid_i != 0;
    const Beat& beat = beats_[std::min(beat_, beats_.size() - 1)];
    const bool reading = beat_ < beats_.size();
    const bool take = offered && bench_->ready_o != 0;
    const bool scales = reading && beat.scales && bench_->scale_write_o != 0;
    const bool word = reading && !beat.scales && take;
    ASSERT_EQ(bench_->read_o, !reading);
    ASSERT_EQ(bench_->scale_write_o, scales && offered);
    ASSERT_EQ(bench_->short_o, take && bench_->last_i != 0 && !beat.last);
    ASSERT_EQ(bench_->long_o, take && bench_->last_i == 0 && beat.last);
    ASSERT_EQ(bench_->value_o, word && ((beat.data & 0xffU) == 0x80U || beat.data >> 8 == 0x80U));
    ASSERT_EQ(bench_->reference_write_o, reference_.has_value());
    if (reference_) {
      ASSERT_EQ(bench_->reference_address_o, reference_->first);
      ASSERT_EQ(as_signed(bench_->reference_o, 8), reference_->second);
    }
    reference_.reset();
    unsigned writes = 0;
    if (word) {
      const int k = beat.first / beat.tokens;
      const auto bank = static_cast<std::size_t>(k % banks_);
      writes = 1U << bank;
      const int address = k / banks_ * beat.tokens + beat.first % beat.tokens;
      ASSERT_EQ(bench_->word_address_o, address);
      ASSERT_EQ(bench_->half_o, half(beat.pass));
    }
    ASSERT_EQ(bench_->word_write_o, writes);
    if (scales) {
      ASSERT_LT(scale_, beat.count);
      const int index = beat.first + scale_;
      const auto scale = static_cast<int>(as_signed(beat.data >> (8 * scale_), 8));
      ASSERT_EQ(bench_->scale_address_o, index);
      ASSERT_EQ(bench_->half_o, half(beat.pass));
      ASSERT_EQ(as_signed(bench_->scale_o, 8), scale);
      const auto token = static_cast<std::size_t>(index % beat.tokens);
      auto& [least, most] = ranges_[token];
      if (index < beat.tokens) ranges_[token] = {127, -128};
      if (scale != -128) ranges_[token] = {std::min(least, scale), std::max(most, scale)};
      if (index / beat.tokens + 1 == job.blocks_k)
        reference_.emplace(token, most == -128 ? -127 : std::max(least, most - 7));
      // A beat of scales is taken with its last one.
      ASSERT_EQ(take, scale_ + 1 == beat.count);
    }
    // A half that is free is filled at once.
    const bool free = passes_read_ < passes_released_ + 2;
    stalled_ = offered && !take && !scales && free ? stalled_ + 1 : 0;
    ASSERT_LE(stalled_, 2);
  }

  /// Which words the tile's next token needs: all of them written, and seen by the launcher.
  [[nodiscard]] bool there(const Tile& tile) const {
    const auto& words = words_[static_cast<std::size_t>(tile.pass)];
    bool all = passes_d_ < 2;
    for (int place = 0; place < (tile.pair ? 2 : 1); ++place) {
      const Written& word = words[index_of(tile, place)];
      all = all && word.cycle >= 0 && word.cycle + 2 <= cycle_;
    }
    return all;
  }
  [[nodiscard]] std::size_t index_of(const Tile& tile, int place) const {
    return static_cast<std::size_t>((tile.k + place) * tile.tokens + token_);
  }

  void check_launcher() {
    const bool given = bench_->tile_valid_i != 0;
    if (!given) {
      ASSERT_EQ(bench_->act_valid_o | bench_->launch_o | bench_->tile_next_o | bench_->tile_start_o, 0);
      ASSERT_EQ(bench_->wait_o, bench_->weights_read_i != 0 ? 0 : 4);
      return;
    }
    const Tile& tile = tiles_[tile_];
    const bool first = token_ == 0;
    const bool is_there = there(tile);
    const bool room = !(first && tile.first_k && tile.block_first) || blocks_ < 2;
    const bool valid = is_there && room && !pause_ && !(first && bench_->tile_hold_i != 0);
    const bool launch = valid && bench_->act_ready_i != 0;
    const bool last = token_ + 1 == tile.tokens;
    ASSERT_EQ(bench_->act_valid_o, valid);
    ASSERT_EQ(bench_->launch_o, launch);
    ASSERT_EQ(bench_->tile_start_o, launch && first);
    ASSERT_EQ(bench_->tile_next_o, launch && last);
    const bool for_tile = first && !loaded_;
    ASSERT_EQ(bench_->wait_o, launch ? 0 : !is_there ? 2 : !room ? 1 : valid ? (for_tile ? 4 : 8) : 8);
    if (!valid) return;
    ASSERT_EQ(bench_->act_last_o, last);
    const auto& words = words_[static_cast<std::size_t>(tile.pass)];
    if (tile.pair) {
      for (std::size_t place = 0; place < 2; ++place)
        ASSERT_EQ(read_[place], words[index_of(tile, static_cast<int>(place))].data) << "place " << place;
      ++pairs_;
    } else {
      ASSERT_EQ(bench_->bank_o, tile.k % banks_);
      ASSERT_EQ(read_[bench_->bank_o], words[index_of(tile, 0)].data);
    }
    tokens_ += launch ? 1 : 0;
  }

  /// The edge: memories, and what the tests count.
  void edge() {
    if (bench_->act_read_o != 0) {
      for (std::size_t bank = 0; bank < 2; ++bank)
        read_[bank] = memory_[bench_->launch_half_o][bank][bench_->address_o];
    }
    if (bench_->word_write_o != 0) {
      const Beat& beat = beats_[beat_];
      const std::size_t bank = bench_->word_write_o >> 1;
      memory_[bench_->half_o][bank][bench_->word_address_o] = beat.data;
      words_[static_cast<std::size_t>(beat.pass)][static_cast<std::size_t>(beat.first)] = {beat.data, cycle_};
    }
    const bool launch = bench_->launch_o != 0;
    const bool start = bench_->tile_start_o != 0;
    const bool next = bench_->tile_next_o != 0;
    const bool begins = start && tiles_[tile_].first_k && tiles_[tile_].block_first;
    const bool pass = next && tiles_[tile_].pass_last;
    blocks_ += (begins ? 1 : 0) - (bench_->drained_i != 0 ? 1 : 0);
    passes_d_ = passes_ + (pass ? 1 : 0);
    passes_ = passes_d_ - (bench_->release_i != 0 ? 1 : 0);
    passes_released_ += bench_->release_i != 0 ? 1 : 0;
    loaded_ = bench_->loaded_i != 0 || (loaded_ && !start);
    pause_ = next && token_ == 1;
    if (launch) token_ = next ? 0 : token_ + 1;
    if (next) {
      ++tile_;
      given_ = false;
    }
    scale_ += bench_->scale_write_o;
    if (bench_->valid_i != 0 && bench_->ready_o != 0) {
      passes_read_ += beats_[beat_].last ? 1 : 0;
      ++beat_;
      offered_ = false;
      scale_ = 0;
    }
    bench_.edge();
    ++cycle_;
  }

  void drive(int slow, std::size_t wrong) {
    offered_ = beat_ < beats_.size() && (offered_ || !random_.one_in(slow == 1 ? 2 : 10));
    bench_->valid_i = offered_;
    if (!offered_ || beat_ != driven_) {
      bench_->data_i = static_cast<std::uint16_t>(offered_ ? beats_[beat_].data : random_.bits() & 0xffffU);
      bench_->last_i = offered_ ? beats_[beat_].last != (beat_ == wrong) : random_.one_in(2);
    }
    driven_ = offered_ ? beat_ : beats_.size();
    if (!given_ && tile_ < tiles_.size() && !random_.one_in(3)) {
      given_ = true;
      hold_ = random_.one_in(4) ? random_.range(1, 6) : 0;
    }
    bench_->tile_valid_i = given_;
    if (given_) {
      const Tile& tile = tiles_[tile_];
      bench_->tile_tokens_i = static_cast<std::uint8_t>(tile.tokens);
      bench_->tile_first_k_i = tile.first_k;
      bench_->tile_last_k_i = tile.last_k;
      bench_->tile_more_i = tile.more;
      bench_->tile_pair_i = tile.pair;
      bench_->tile_block_first_i = tile.block_first;
      bench_->tile_pass_last_i = tile.pass_last;
      bench_->tile_hold_i = hold_ > 0 || (token_ > 0 && random_.one_in(2));
      hold_ -= hold_ > 0 ? 1 : 0;
    }
    bench_->loaded_i = !loaded_ && random_.one_in(slow == 2 ? 6 : 2);
    bench_->act_ready_i = (loaded_ || token_ > 0) && !random_.one_in(slow == 3 ? 2 : 20);
    bench_->drained_i = blocks_ > 0 && random_.one_in(slow == 4 ? 40 : 8);
    bench_->release_i = passes_ > 0 && random_.one_in(slow == 5 ? 40 : 6);
    bench_->weights_read_i = random_.one_in(2);
  }

  void start(const Job& job, bool again) {
    quiet();
    bench_->tokens_total_i = static_cast<std::uint32_t>(job.tokens_total);
    bench_->tokens_pass_i = static_cast<std::uint8_t>(job.tokens_pass);
    bench_->tiles_k_i = static_cast<std::uint16_t>(job.tiles_k);
    bench_->blocks_k_i = static_cast<std::uint16_t>(job.blocks_k);
    bench_->rst_ni = again;
    bench_->restart_i = again;
    bench_.settle();
    bench_.edge();
    bench_->rst_ni = 1;
    bench_->restart_i = 0;
    beat_ = tile_ = 0;
    driven_ = beats_.size();
    scale_ = token_ = stalled_ = 0;
    offered_ = given_ = pause_ = false;
    reference_.reset();
    cycle_ = 0;
    if (!again) {
      loaded_ = false;
      blocks_ = passes_ = passes_read_ = passes_released_ = passes_before_ = 0;
    }
    passes_d_ = passes_;
  }

  /// Runs a job to its end, or to an error of the stream.
  void run(const Job& job, std::size_t wrong) {
    const int slow = random_.range(0, 6);
    while (beat_ < beats_.size() || tile_ < tiles_.size()) {
      drive(slow, wrong);
      bench_.settle();
      ASSERT_NO_FATAL_FAILURE(check_reader(job)) << "cycle " << cycle_;
      ASSERT_NO_FATAL_FAILURE(check_launcher()) << "cycle " << cycle_;
      const bool failed = bench_->short_o != 0 || bench_->long_o != 0;
      edge();
      if (failed) return;
      ASSERT_LT(cycle_, 100000);
    }
  }

  const int banks_ = GetParam();
  Bench<Vlaunch_bench> bench_;
  Random random_{23};
  std::vector<Beat> beats_;
  std::vector<Tile> tiles_;
  std::vector<std::vector<Written>> words_;  ///< [pass][tile along K x token]
  std::array<std::array<std::array<std::uint32_t, kWords>, 2>, 2> memory_{};  ///< [half][bank][address]
  std::array<std::uint32_t, 2> read_{};                                       ///< of each bank, a cycle ago
  std::array<std::pair<int, int>, kTokens> ranges_{};                         ///< of each token's scales
  std::optional<std::pair<std::size_t, int>> reference_;                      ///< due: token, reference
  std::size_t beat_ = 0, tile_ = 0, driven_ = 0;
  int scale_ = 0, token_ = 0, hold_ = 0, stalled_ = 0;
  bool offered_ = false, given_ = false, loaded_ = false;
  bool pause_ = false;  // a tile of two tokens has just been launched
  int blocks_ = 0, passes_ = 0, passes_d_ = 0, passes_read_ = 0, passes_released_ = 0, passes_before_ = 0;
  long cycle_ = 0, tokens_ = 0, pairs_ = 0;
};

TEST_P(LaunchTest, EveryWordReachesItsToken) {
  bool again = false;
  for (int i = 0; i < 800 * effort(); ++i) {
    SCOPED_TRACE("seed 23, job " + std::to_string(i));
    const Job job = draw();
    write(job);
    start(job, again);
    const std::size_t wrong = random_.one_in(5) ? random_.bits() % beats_.size() : beats_.size();
    ASSERT_NO_FATAL_FAILURE(run(job, wrong));
    passes_before_ += static_cast<int>(words_.size());
    again = beat_ == beats_.size() && tile_ == tiles_.size() && wrong == beats_.size() && random_.one_in(2);
  }
  EXPECT_GT(tokens_, 20000);
  EXPECT_EQ(pairs_ > 1000, banks_ == 2) << pairs_;
}

INSTANTIATE_TEST_SUITE_P(Rtl, LaunchTest, testing::Values(1, 2));

}  // namespace
}  // namespace msq::rtl_test
