// msq_outlier_unit and msq_outlier_group against plain integer multiplication.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <vector>

#include "Voutlier_bench.h"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

/// Settings of a unit as the bench takes them; a parameter set uses the low bits of each.
struct Word {
  int significand = 0, input = 0, lane = 0, shift = 0;

  [[nodiscard]] std::uint32_t packed() const {
    return static_cast<std::uint32_t>((significand & 255) | input << 8 | lane << 16 | shift << 24);
  }
};

using Activations = std::array<std::uint8_t, 16>;

struct Inputs {
  bool load = false, commit = false, commit_late = false;
  unsigned write = 0;
  std::array<Word, 8> words{};
  Activations x{};
};

/// Widths of one unit.
struct UnitCase {
  int act_bits, inputs, sig_bits, shift_max, lane_bits;
  [[nodiscard]] int value_bits() const { return act_bits + sig_bits - 1 + shift_max; }
};

/// One unit, from its header: registers as integers.
class UnitModel {
 public:
  explicit UnitModel(const UnitCase& c) : case_(c) {}

  void edge(bool load, const Word& word, const Inputs& in) {
    const auto input = static_cast<std::size_t>(early_.input & (case_.inputs - 1));
    const std::int64_t x = as_signed(in.x[input], case_.act_bits);
    product_ = as_signed(static_cast<std::uint64_t>(early_.significand), case_.sig_bits) * x;
    zero_ = early_.significand == 0;
    legal_ = x != -(1 << (case_.act_bits - 1));
    if (in.commit) early_ = shadow_;
    if (in.commit_late) late_ = shadow_;
    if (load) {
      shadow_ = word;
      shadow_.significand &= (1 << case_.sig_bits) - 1;
    }
  }
  [[nodiscard]] std::int64_t value() const {
    return product_ * (1 << std::min(late_.shift, case_.shift_max));
  }
  /// Activations are symmetric: the lowest one never comes, and its product may not fit.
  [[nodiscard]] bool legal() const { return legal_; }
  /// No outlier: the port is all zeros, since lanes are or-ed.
  [[nodiscard]] bool zero() const { return zero_; }
  [[nodiscard]] int lane() const { return late_.lane & ((1 << case_.lane_bits) - 1); }

 private:
  UnitCase case_;
  Word shadow_, early_, late_;
  std::int64_t product_ = 0;
  bool zero_ = true;
  bool legal_ = true;
};

/// {v, s} of `bits` + 1 bits as v + s.
std::int64_t sum_of(std::uint64_t port, int bits) {
  return as_signed(port >> 1, bits) + static_cast<std::int64_t>(port & 1);
}

class OutlierBench : public testing::Test {
 protected:
  void drive(const Inputs& in) {
    bench_->load_i = in.load;
    bench_->write_i = static_cast<std::uint8_t>(in.write);
    for (std::size_t u = 0; u < in.words.size(); ++u) bench_->words_i[u] = in.words[u].packed();
    bench_->commit_i = in.commit;
    bench_->commit_late_i = in.commit_late;
    for (std::size_t w = 0; w < 4; ++w) {
      bench_->x_i[w] = 0;
      for (std::size_t b = 0; b < 4; ++b) bench_->x_i[w] |= std::uint32_t{in.x[4 * w + b]} << (8 * b);
    }
    bench_.settle();
    bench_.edge();
    bench_.settle();
  }

  Activations activations() {
    Activations x{};
    for (std::uint8_t& one : x) one = static_cast<std::uint8_t>(random_.bits());
    return x;
  }
  Word any_word() {
    return {random_.range(0, 255), random_.range(0, 15), random_.range(0, 31), random_.range(0, 15)};
  }

  Bench<Voutlier_bench> bench_;
  Random random_{11};
};

constexpr int kUnits = 15;

UnitCase unit_case(int c) {
  constexpr std::array<int, 5> kShifts = {7, 15, 0, 5, 7};
  return {c % 4 == 3 ? 4 : 8, 1 << (c / 3), 4 + 2 * (c % 3), kShifts[static_cast<std::size_t>(c / 3)], 5};
}

class UnitTest : public OutlierBench {
 protected:
  UnitTest() {
    for (int c = 0; c < kUnits; ++c) models_.emplace_back(unit_case(c));
    // Registers have no reset.
    Inputs in;
    in.load = true;
    step(in);
    in = {};
    in.commit = in.commit_late = true;
    step(in);
    step({});
  }

  void step(const Inputs& in) {
    drive(in);
    for (UnitModel& model : models_) model.edge(in.load, in.words[0], in);
  }

  void check() {
    for (std::size_t c = 0; c < models_.size(); ++c) {
      const std::uint64_t port = word(bench_->unit_o, c);
      const UnitCase parameters = unit_case(static_cast<int>(c));
      if (!models_[c].legal()) continue;
      ASSERT_EQ(sum_of(low(port, 56), parameters.value_bits()), models_[c].value()) << "case " << c;
      ASSERT_EQ(low(port, 56) >> (parameters.value_bits() + 1), 0U);
      ASSERT_EQ(static_cast<int>(port >> 56), models_[c].lane()) << "case " << c;
      if (models_[c].zero()) {
        ASSERT_EQ(low(port, 56), 0U) << "case " << c;
      }
      ++compared_;
    }
  }

  std::vector<UnitModel> models_;
  long compared_ = 0;
};

// Every word of 8 bits is every significand of 4 and 6 bits, too: the contract's +-4..7 and +-16..31 and all
// others.
TEST_F(UnitTest, EverySignificandTimesEveryActivation) {
  Word next{0, 0, 0, 0};
  for (int significand = 0; significand < 256; ++significand) {
    Inputs in;
    in.load = true;
    next = any_word();
    next.significand = significand;
    in.words[0] = next;
    step(in);
    in = {};
    in.commit = true;
    step(in);
    for (int i = 0; i < 256; ++i) {
      in = {};
      in.commit_late = i == 0;
      in.x = activations();
      // The unit's own activation takes every value.
      for (const int mask : {15, 7, 3, 1, 0})
        in.x[static_cast<std::size_t>(next.input & mask)] = static_cast<std::uint8_t>(i * 37);
      step(in);
      ASSERT_NO_FATAL_FAILURE(check()) << "significand " << significand << ", i " << i;
    }
  }
  EXPECT_EQ(compared_, 256L * (12 * 255 + 3 * 240));
}

// Lane and shift come with commit_late_i: they do not depend on the operands, so the value is shifted
// anew each cycle.
TEST_F(UnitTest, EverySignificandAndActivationAtEveryShift) {
  for (int shift = 0; shift < 16; ++shift) {
    for (int significand = 0; significand < 256; ++significand) {
      Inputs in;
      in.load = true;
      in.words[0] = {significand, random_.range(0, 15), random_.range(0, 31), shift};
      step(in);
      in = {};
      in.commit = in.commit_late = true;
      step(in);
      for (const int x : {-128, -127, -64, -9, -8, -7, -1, 0, 1, 7, 8, 63, 127, random_.range(-128, 127)}) {
        in = {};
        in.x.fill(static_cast<std::uint8_t>(x & 255));
        step(in);
        ASSERT_NO_FATAL_FAILURE(check())
            << "significand " << significand << ", x " << x << ", shift " << shift;
      }
    }
  }
}

// Every row of a band has its own activation; all others are different.
TEST_F(UnitTest, RowsSelectTheirActivation) {
  for (int row = 0; row < 16; ++row) {
    Inputs in;
    in.load = true;
    in.words[0] = {1, row, 0, 0};
    step(in);
    in = {};
    in.commit = in.commit_late = true;
    step(in);
    in = {};
    for (std::size_t i = 0; i < in.x.size(); ++i) in.x[i] = static_cast<std::uint8_t>(17 + 9 * i);
    step(in);
    ASSERT_NO_FATAL_FAILURE(check()) << "row " << row;
  }
}

// Loads and commits in every order, also in one cycle.
TEST_F(UnitTest, LoadsAndCommitsInAnyOrder) {
  for (int i = 0; i < 30000 * effort(); ++i) {
    Inputs in;
    in.load = random_.one_in(3);
    in.commit = random_.one_in(4);
    in.commit_late = random_.one_in(4);
    in.words[0] = any_word();
    in.x = activations();
    step(in);
    ASSERT_NO_FATAL_FAILURE(check()) << "seed 11, i " << i;
  }
}

// Tiles back to back: the shadow is rewritten in the very cycle of commit_late_i, and the last token of the
// old tile is still shifted, and sent to its lane, as the old tile says.
TEST_F(UnitTest, TilesBackToBack) {
  for (int tile = 0; tile < 3000; ++tile) {
    const int tokens = random_.range(1, 3);
    for (int token = 0; token < tokens; ++token) {
      Inputs in;
      in.x = activations();
      in.commit_late = token == 0;
      in.load = token == 0;
      in.commit = token == tokens - 1;
      in.words[0] = any_word();
      step(in);
      ASSERT_NO_FATAL_FAILURE(check()) << "seed 11, tile " << tile;
    }
  }
}

/// Parameters of one group of the bench, from the digits of outlier_bench.v.
struct GroupCase {
  int micro_block, inputs, sig_bits, units, skew_columns, shift_max, act_bits;

  GroupCase(std::uint32_t set, int c)
      : micro_block(static_cast<int>(set >> 24)),
        inputs(1 << digit(set, 5)),
        sig_bits(digit(set, 4)),
        units(digit(set, 3)),
        skew_columns(1 << digit(set, 2)),
        shift_max(digit(set, 1)),
        act_bits(c % 3 == 2 ? 4 : 8) {}
  static int digit(std::uint32_t set, int at) { return static_cast<int>(set >> (4 * at) & 15U); }
  [[nodiscard]] int step_columns() const { return std::min(skew_columns, micro_block); }
  [[nodiscard]] int steps() const { return micro_block / step_columns(); }
  [[nodiscard]] int step_of(int lane) const { return lane / step_columns(); }
  [[nodiscard]] UnitCase unit() const {
    int lane_bits = 0;
    while (1 << lane_bits < micro_block) ++lane_bits;
    return {act_bits, inputs, sig_bits, shift_max, lane_bits};
  }
  [[nodiscard]] std::string name() const {
    return fmt::format("MICRO_BLOCK {} INPUTS {} SIG_BITS {} UNITS {} SKEW_COLUMNS {} SHIFT_MAX {}",
                       micro_block, inputs, sig_bits, units, skew_columns, shift_max);
  }
};

const std::vector<GroupCase>& group_cases() {
  static const std::vector<GroupCase> cases = [] {
    std::vector<GroupCase> all;
    for (const std::uint32_t set :
         {0x08264370U, 0x08241470U, 0x08388070U, 0x04462000U, 0x081411f0U, 0x04242100U, 0x080640f0U,
          0x10182150U, 0x100442f0U, 0x10348350U, 0x10046150U, 0x08488270U})
      all.emplace_back(set, static_cast<int>(all.size()));
    return all;
  }();
  return cases;
}

/// Outputs of a unit in one cycle.
struct Shown {
  int lane = 0;
  std::int64_t value = 0;
};

/// One group: its units, and their outputs of earlier cycles.
class GroupModel {
 public:
  explicit GroupModel(const GroupCase& c) : case_(c) {
    for (int u = 0; u < c.units; ++u) units_.emplace_back(c.unit());
    history_.resize(static_cast<std::size_t>(c.steps()));
  }

  void edge(const Inputs& in) {
    std::vector<Shown> now;
    for (std::size_t u = 0; u < units_.size(); ++u) {
      units_[u].edge((in.write >> u & 1U) != 0, in.words[u], in);
      now.push_back({units_[u].zero() ? -1 : units_[u].lane(), units_[u].value()});
    }
    history_.insert(history_.begin(), now);
    history_.pop_back();
  }

  /// The value due on a lane, if its unit is there; two on one lane are not legal.
  [[nodiscard]] std::optional<std::int64_t> expected(int lane) const {
    std::optional<std::int64_t> due;
    for (const Shown& shown : history_[static_cast<std::size_t>(case_.step_of(lane))]) {
      if (shown.lane == lane) due = shown.value;
    }
    return due;
  }

 private:
  GroupCase case_;
  std::vector<UnitModel> units_;
  std::vector<std::vector<Shown>> history_;
};

class GroupTest : public OutlierBench {
 protected:
  GroupTest() {
    for (const GroupCase& c : group_cases()) models_.emplace_back(c);
    clear();
  }

  /// No outlier anywhere: registers have no reset, and words of one group need not be legal for another.
  void clear() {
    Inputs in;
    in.write = 255;
    step(in);
    in = {};
    in.commit = in.commit_late = true;
    step(in);
    for (int i = 0; i < 20; ++i) step({});  // fills the registers between steps
  }

  void step(const Inputs& in) {
    drive(in);
    for (GroupModel& model : models_) model.edge(in);
  }

  void check(std::size_t c) {
    const GroupCase& parameters = group_cases()[c];
    for (int lane = 0; lane < 16; ++lane) {
      const std::uint64_t port = bench_->group_o[16 * c + static_cast<std::size_t>(lane)];
      const auto due = lane < parameters.micro_block ? models_[c].expected(lane) : std::nullopt;
      if (!due) {
        ASSERT_EQ(port, 0U) << parameters.name() << ", lane " << lane;
        continue;
      }
      ASSERT_EQ(sum_of(port, parameters.unit().value_bits()), *due) << parameters.name() << ", lane " << lane;
      ++values_;
    }
  }

  /// Activations without the lowest one, which never comes.
  Activations legal_activations(int act_bits) {
    Activations x = activations();
    for (std::uint8_t& one : x) {
      if ((one & ((1U << act_bits) - 1)) == 1U << (act_bits - 1)) one |= 1;
    }
    return x;
  }
  /// Words that are legal for one group: different lanes, or no outlier.
  std::array<Word, 8> legal_words(const GroupCase& c, int percent) {
    std::array<Word, 8> words{};
    std::vector<int> lanes(static_cast<std::size_t>(c.micro_block));
    std::iota(lanes.begin(), lanes.end(), 0);
    std::shuffle(lanes.begin(), lanes.end(), random_.engine());
    const int top = 1 << (c.sig_bits - 1);
    for (std::size_t u = 0; u < static_cast<std::size_t>(c.units); ++u) {
      if (random_.range(1, 100) > percent) continue;
      words[u] = {random_.range(-top, top - 1), random_.range(0, c.inputs - 1), lanes[u],
                  random_.range(0, c.shift_max)};
      if (words[u].significand == 0) words[u] = {};
    }
    return words;
  }

  /// Tiles one after the other as the core sends them: the shadows are written in any order while the tile
  /// before runs, the first one in the cycle of commit_late_i.
  void run_tiles(std::size_t c, int tiles) {
    const GroupCase& parameters = group_cases()[c];
    clear();
    for (int tile = 0; tile < tiles; ++tile) {
      const auto words = legal_words(parameters, 50 * random_.range(0, 2));
      std::array<unsigned, 8> units{};
      std::iota(units.begin(), units.end(), 0U);
      std::shuffle(units.begin(), units.end(), random_.engine());
      const int tokens = random_.range(9, 12);
      for (int token = 0; token < tokens; ++token) {
        Inputs in;
        in.write = token < 8 ? 1U << units[static_cast<std::size_t>(token)] : 0;
        in.words = words;
        in.x = legal_activations(parameters.act_bits);
        in.commit = token == tokens - 1;
        in.commit_late = token == 0;
        ASSERT_NO_FATAL_FAILURE(step_and_check(c, in)) << "seed 11, tile " << tile;
      }
    }
  }

  void step_and_check(std::size_t c, const Inputs& in) {
    step(in);
    ASSERT_NO_FATAL_FAILURE(check(c));
  }

  std::vector<GroupModel> models_;
  long values_ = 0;
};

// Every lane gets the value of the unit that points at it and no other lane gets anything, in every column's
// own cycle.
TEST_F(GroupTest, ValuesReachTheirLanesOnly) {
  for (std::size_t c = 0; c < models_.size(); ++c) {
    const long before = values_;
    ASSERT_NO_FATAL_FAILURE(run_tiles(c, 400 * effort()));
    EXPECT_GT(values_ - before, 1500) << group_cases()[c].name();
  }
}

// One unit, one lane, one activation in a cycle of zeros: the value appears once, on that lane, in the cycle
// of its column.
TEST_F(GroupTest, OneValueAppearsOnce) {
  for (std::size_t c = 0; c < models_.size(); ++c) {
    const GroupCase& parameters = group_cases()[c];
    for (int u = 0; u < parameters.units; ++u) {
      for (int lane = 0; lane < parameters.micro_block; ++lane) {
        const int input = (u + lane) % parameters.inputs;
        Inputs in;
        in.write = 255;
        in.words[static_cast<std::size_t>(u)] = {5, input, lane, parameters.shift_max};
        step(in);
        in = {};
        in.commit = true;
        step(in);
        in = {};
        in.commit_late = true;
        in.x[static_cast<std::size_t>(input)] = 3;
        step(in);
        int cycle = -1;
        for (int later = 0; later < 20; ++later) {
          ASSERT_NO_FATAL_FAILURE(check(c));
          for (int l = 0; l < 16; ++l) {
            const std::uint64_t port = bench_->group_o[16 * c + static_cast<std::size_t>(l)];
            if (sum_of(port, parameters.unit().value_bits()) == 0) continue;
            ASSERT_EQ(l, lane) << parameters.name();
            ASSERT_EQ(sum_of(port, parameters.unit().value_bits()), 15 << parameters.shift_max);
            ASSERT_EQ(cycle, -1) << "twice";
            cycle = later;
          }
          step({});
        }
        ASSERT_EQ(cycle, parameters.step_of(lane)) << parameters.name();
      }
    }
  }
}

}  // namespace
}  // namespace msq::rtl_test
