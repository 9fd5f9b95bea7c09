// msq_feeder: row r of a token comes r + 1 cycles after its launch (early), or LEAD cycles later.

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "Vcontrol_bench.h"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

struct Case {
  int rows, act_bits, lead;
};
// As in control_bench.v.
constexpr std::array<Case, 5> kCases = {{{8, 8, 0}, {8, 8, 2}, {4, 4, 9}, {1, 1, 0}, {2, 8, 1}}};

TEST(FeederTest, DelaysEveryRow) {
  Bench<Vcontrol_bench> bench;
  bench->sequencer_i = bench->recon_i = 0;
  Random random(5);
  std::vector<std::uint64_t> held;  // [cycle]: the token launched in this cycle or the last one before
  long changes = 0;
  for (int cycle = 0; cycle < 5000; ++cycle) {
    const bool launch = cycle == 0 || random.one_in(cycle % 1000 < 500 ? 1 : 4);
    const std::uint64_t token = random.bits();
    const auto early = static_cast<unsigned>(random.bits() & 255);
    bench->launch_i = launch;
    bench->token_i = token;
    bench->early_i = static_cast<std::uint8_t>(early);
    bench.settle();
    held.push_back(launch ? token : held.back());
    for (std::size_t c = 0; c < kCases.size(); ++c) {
      for (int r = 0; r < kCases[c].rows; ++r) {
        const bool at_early_point = ((early >> r) & 1) != 0;
        const int delay = r + 1 + (at_early_point ? 0 : kCases[c].lead);
        if (delay > cycle) continue;
        const std::uint64_t from = held[static_cast<std::size_t>(cycle - delay)];
        const int bits = kCases[c].act_bits;
        ASSERT_EQ(low(word(bench->activations_o, c) >> (r * bits), bits), low(from >> (r * bits), bits))
            << "ROWS " << kCases[c].rows << " LEAD " << kCases[c].lead << " row " << r << " seed 5, cycle "
            << cycle;
        ++changes;
      }
    }
    bench.edge();
  }
  EXPECT_GT(changes, 100000);
}

}  // namespace
}  // namespace msq::rtl_test
