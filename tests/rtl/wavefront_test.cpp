// msq_wavefront and msq_wavefront_recon against their documented timing, for tokens at random times.

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <vector>

#include "Vcontrol_bench.h"
#include "tests/rtl/bench.hpp"
#include "tests/rtl/wavefront_ports.hpp"

namespace msq::rtl_test {
namespace {

/// Launched tokens by cycle.
class History {
 public:
  void add(const std::optional<Token>& token) { launches_.push_back(token); }
  /// The token launched `ago` cycles ago, if there was one; the newest entry is 0 cycles ago.
  std::optional<Token> at(int ago) const {
    const auto size = static_cast<int>(launches_.size());
    return ago < size ? launches_[static_cast<std::size_t>(size - 1 - ago)] : std::nullopt;
  }
  /// The last token launched at least `ago` cycles ago.
  std::optional<Token> last(int ago) const {
    for (int a = ago; a < static_cast<int>(launches_.size()); ++a) {
      if (const auto token = at(a)) return token;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::optional<Token>> launches_;
};

bool row_bit(unsigned rows, int r) { return ((rows >> r) & 1) != 0; }

class WavefrontTest : public testing::Test {
 protected:
  void reset() {
    bench_->sequencer_i = 0;
    bench_->recon_i = 0b111;
    bench_->load_row_i = 0;
    bench_->rst_ni = 0;
    bench_->launch_i = 1;  // must not matter
    bench_.settle();
    bench_.edge();
    bench_->rst_ni = 1;
  }

  /// Offers a token (or none, with random companions) and makes the outputs of this cycle visible.
  void drive(const std::optional<Token>& token, Random& random) {
    const Token t = token.value_or(
        Token{random.one_in(2), random.one_in(2), random.one_in(2), random.one_in(2), random.one_in(2)});
    bench_->launch_i = token.has_value();
    set_launch(*bench_.operator->(), t);
    bench_.settle();
  }

  Bench<Vcontrol_bench> bench_;
};

TEST_F(WavefrontTest, PlainRowsFollowOneCycleApart) {
  constexpr std::array<int, 2> kRows = {2, 8};
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    const int density = random.range(1, 5);
    reset();
    History history;
    for (int cycle = 0; cycle < 300; ++cycle) {
      std::optional<Token> token;
      if (random.one_in(density))
        token = Token{random.one_in(2), random.one_in(2), random.one_in(2), false, false};
      drive(token, random);
      history.add(token);
      for (std::size_t c = 0; c < kRows.size(); ++c) {
        const PlainPorts out(word(bench_->plain_o, c));
        const int rows = kRows[c];
        SCOPED_TRACE(testing::Message() << "seed " << seed << " ROWS " << rows << " cycle " << cycle);
        for (int r = 0; r < rows; ++r) {
          const auto here = history.at(r + 1);
          ASSERT_EQ(row_bit(out.commit, r), here && here->first) << "row " << r;
          if (const auto last = history.last(r + 1)) {
            ASSERT_EQ(row_bit(out.mode4, r), last->mode4) << "row " << r;
          }
        }
        const auto leaving = history.at(rows);
        ASSERT_EQ(out.out_valid, leaving.has_value());
        if (leaving) {
          ASSERT_EQ(out.out_last, leaving->last);
        }
      }
      bench_.edge();
    }
  }
}

/// Tokens of tiles of alternating parity, launched at random times (also against the gap rule), with flags of
/// a parity loaded row by row while no token of that parity is between launch and the row's late point.
class ReconRun {
 public:
  ReconRun(const ReconCase& c, std::uint64_t seed) : case_(c), random_(seed), density_(random_.range(1, 4)) {}

  Random& random() { return random_; }

  std::optional<Token> next_token() {
    if (cycle_ < 2 * case_.rows || !random_.one_in(density_))
      return std::nullopt;  // flags of both parities first
    const bool first = tokens_left_ == 0;
    if (first) {
      tokens_left_ = random_.range(1, 4);
      parity_ = !parity_;
      mode4_ = random_.one_in(2);
    }
    --tokens_left_;
    return Token{first, tokens_left_ == 0, mode4_, parity_, random_.one_in(2)};
  }

  /// Row whose flag is written in this cycle, with parity and value, if any.
  struct Load {
    int row;
    bool parity, flagged;
  };
  std::optional<Load> next_load() {
    if (cycle_ < 2 * case_.rows) return Load{cycle_ / 2, cycle_ % 2 != 0, random_.one_in(2)};
    const Load load{random_.range(0, case_.rows - 1), random_.one_in(2), random_.one_in(2)};
    if (tokens_left_ > 0 && load.parity == parity_) return std::nullopt;
    for (int ago = 0; ago <= load.row + 1 + case_.lead; ++ago) {
      const auto token = history_.at(ago);
      if (token && token->parity == load.parity) return std::nullopt;
    }
    return load;
  }

  void record(const std::optional<Token>& token) { history_.add(token); }

  void check(const ReconPorts& out) {
    bool error = false;
    for (int r = 0; r < case_.rows; ++r) {
      check_row(out, r, error);
      if (testing::Test::HasFatalFailure()) return;
    }
    errors_ += error ? 1 : 0;
    ASSERT_EQ(out.error, error);
    const auto leaving = history_.at(case_.rows + case_.lead);
    ASSERT_EQ(out.out_valid, leaving.has_value());
    if (leaving) {
      ASSERT_EQ(out.out_last, leaving->last);
    }
  }

  void edge(const std::optional<Load>& load) {
    if (load) flags_[load->parity ? 1 : 0][static_cast<std::size_t>(load->row)] = load->flagged;
    ++cycle_;
  }

  long errors() const { return errors_; }
  long commits() const { return commits_; }

 private:
  bool flag(const Token& token, int r) const {
    return flags_[token.parity ? 1 : 0][static_cast<std::size_t>(r)];
  }

  void check_row(const ReconPorts& out, int r, bool& error) {
    SCOPED_TRACE(testing::Message() << "row " << r);
    const auto early = history_.at(r + 1);
    const auto late = history_.at(r + 1 + case_.lead);
    const auto last_early = history_.last(r + 1);
    if (!last_early) return;
    const bool fires = early && flag(*early, r);
    const bool takes_late = late && !flag(*late, r);
    ASSERT_EQ(row_bit(out.fire, r), fires);
    ASSERT_EQ(row_bit(out.fire_waited, r), fires && early->waited);
    ASSERT_EQ(row_bit(out.use_addend, r), late && flag(*late, r));
    ASSERT_EQ(row_bit(out.fire_parity, r), last_early->parity);
    ASSERT_EQ(row_bit(out.early, r), flag(*last_early, r));
    if (takes_late && flag(*last_early, r)) {
      error = true;  // the feeder is turned to the early point: the row loses the late activation
      ASSERT_EQ(row_bit(out.commit, r), fires && early->first);
      return;
    }
    const bool commits = (fires && early->first) || (takes_late && late->first);
    commits_ += commits ? 1 : 0;
    ASSERT_EQ(row_bit(out.commit, r), commits);
    if (fires) {
      ASSERT_EQ(row_bit(out.mode4, r), early->mode4);
    }
    if (takes_late) {
      ASSERT_EQ(row_bit(out.mode4, r), late->mode4);
    }
    // Between tokens the row keeps the mode of the last one it took.
    const auto last_late = history_.last(r + 1 + case_.lead);
    if (flag(*last_early, r)) {
      ASSERT_EQ(row_bit(out.mode4, r), last_early->mode4);
    } else if (last_late) {
      ASSERT_EQ(row_bit(out.mode4, r), last_late->mode4);
    }
  }

  ReconCase case_;
  Random random_;
  int density_;
  History history_;
  std::array<std::array<bool, 8>, 2> flags_{};
  int cycle_ = 0;
  int tokens_left_ = 0;
  bool parity_ = false, mode4_ = false;
  long errors_ = 0, commits_ = 0;
};

TEST_F(WavefrontTest, FlaggedRowsTakeTheirActivationEarly) {
  long errors = 0, commits = 0;
  for (std::uint64_t seed = 0; seed < std::uint64_t{90} * static_cast<unsigned>(effort()); ++seed) {
    const std::size_t which = seed % kReconCases.size();
    ReconRun run(kReconCases[which], seed);
    reset();
    for (int cycle = 0; cycle < 400; ++cycle) {
      const auto token = run.next_token();
      const auto load = run.next_load();
      bench_->load_row_i = load ? static_cast<std::uint8_t>(1U << load->row) : 0;
      bench_->load_parity_i = load ? load->parity : run.random().one_in(2);
      bench_->load_flagged_i = load ? load->flagged : run.random().one_in(2);
      drive(token, run.random());
      run.record(token);
      run.check(ReconPorts(word(bench_->recon_o, which)));
      ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << " ROWS " << kReconCases[which].rows << " LEAD "
                                      << kReconCases[which].lead << " cycle " << cycle;
      bench_.edge();
      run.edge(load);
    }
    errors += run.errors();
    commits += run.commits();
  }
  EXPECT_GT(errors, 1000);
  EXPECT_GT(commits, 1000);
}

}  // namespace
}  // namespace msq::rtl_test
