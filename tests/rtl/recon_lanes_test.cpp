// Generated msq_decoder, msq_network and msq_recon_lanes with their leaves: metadata and products in, addends
// out, against the contract, for every routable list of a micro-block.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "Vlanes_bench.h"
#include "tests/rtl/bench.hpp"
#include "tests/rtl/contract.hpp"
#include "tests/rtl/lanes_cases.hpp"
#include "tests/rtl/routing_model.hpp"

namespace msq::rtl_test {
namespace {

constexpr int kBlocks = 8;  // logical blocks the bench has ports for
constexpr int kPes = 16;

/// Metadata and weights of one row, by logical column.
struct Row {
  int bb = 2;
  int micro_block = 8;
  std::vector<List> lists = std::vector<List>(kBlocks);  ///< a block with an empty list has no outliers
  std::vector<int> r = std::vector<int>(kBlocks);
  bool full_range = false;                               ///< encoding
  std::vector<List> slots = std::vector<List>(kBlocks);  ///< the lists as they are stored, set by load()
  std::vector<int> codes;                                ///< per logical column

  int columns() const { return bb == 2 ? 2 * kPes : kPes; }
};

class ReconLanesTest : public testing::Test {
 protected:
  ReconLanesTest() {
    bench_->rst_ni = 1;
    bench_->clk_i = 0;
  }

  /// Any legal codes: with encoding paper, halves of an outlier have one sign and bb/2 mantissa bits each.
  void draw_codes(Row& row) {
    const auto columns = static_cast<std::size_t>(row.columns());
    row.codes.resize(columns);
    for (int& code : row.codes) code = static_cast<int>(random_.bits()) & ((1 << row.bb) - 1);
    for (std::size_t k = 0; !row.full_range && k < row.lists.size(); ++k) {
      for (const Entry& entry : row.lists[k]) {
        const std::size_t base = k * static_cast<std::size_t>(row.micro_block);
        if (base >= columns) continue;
        const int s = random_.range(0, 1);
        const int halves = half_magnitudes(row.bb) - 1;
        for (const int position : {entry.upper, entry.lower}) {
          row.codes[base + static_cast<std::size_t>(position)] =
              make_code(s, random_.range(0, halves), row.bb);
        }
      }
    }
  }

  /// Metadata into the decoder, which registers the settings.
  void load(Row& row) {
    bench_->mode4_i = row.bb == 4;
    unsigned has = 0;
    std::uint64_t scales = 0;
    for (std::size_t k = 0; k < kBlocks; ++k) {
      if (!row.lists[k].empty()) has |= 1U << k;
      scales |= static_cast<std::uint64_t>(row.r[k]) << (8 * k);
      std::vector<int> slots(static_cast<std::size_t>(row.micro_block) / 2);
      std::iota(slots.begin(), slots.end(), 0);
      std::shuffle(slots.begin(), slots.end(), random_.engine());
      const std::uint64_t packed =
          pack(row.lists[k], row.micro_block, slots, random_.range(0, row.micro_block - 1));
      row.slots[k] = unpack(packed, row.micro_block);
      set_word(bench_->list_i, k, packed);
    }
    bench_->has_outliers_i = static_cast<std::uint8_t>(has);
    bench_->mx_scale_i = scales;
    bench_.settle();
    bench_.edge();
  }

  /// The products that the PEs of the row make of x.
  void multiply(const Row& row, int x) {
    const auto port = [&](int code) {
      return row.full_range ? full_product_port(code, row.bb, x) : product_port(code, row.bb, x);
    };
    bench_->x_i = static_cast<std::uint8_t>(x);
    for (std::size_t pe = 0; pe < kPes; ++pe) {
      std::uint64_t lanes = 0;
      if (row.bb == 4) {
        lanes = low(static_cast<std::uint64_t>(port(row.codes[pe])), 32);
      } else {
        for (const std::size_t lane : {0U, 1U}) {
          const int product = port(row.codes[2 * pe + lane]);
          lanes |= low(static_cast<std::uint64_t>(product), 32) << (32 * lane);
        }
      }
      set_word(bench_->products_i, pe, lanes);
    }
    bench_.settle();
  }

  /// Result of a logical column by the contract, for lists with the configuration's number of entries.
  static std::int64_t expected(const Row& row, std::size_t column, int x, const Config& config) {
    const auto entries = static_cast<std::size_t>(config.list_entries());
    const auto size = static_cast<std::size_t>(row.micro_block);
    const std::size_t block = column / size;
    const auto position = static_cast<int>(column % size);
    for (std::size_t e = 0; !row.lists[block].empty() && e < entries; ++e) {
      const Entry& entry = row.slots[block][e];
      if (entry.lower == entry.upper) continue;
      if (entry.lower == position) return 0;
      if (entry.upper == position) {
        const int lower = row.codes[block * size + static_cast<std::size_t>(entry.lower)];
        if (row.full_range) return full_outlier_units(row.codes[column], lower, row.bb, x, row.r[block]);
        return outlier_quarters(row.codes[column], lower, row.bb, x, row.r[block]);
      }
    }
    if (row.full_range) return full_inlier_units(row.codes[column], row.bb, x, config.fraction_bits);
    return inlier_quarters(row.codes[column], row.bb, x);
  }

  /// Checks every case with this micro-block size that has the row's mode.
  void check(const Row& row, int x) {
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const Config& config = cases_[i].config;
      if (config.micro_block != row.micro_block || !config.has_mode(row.bb)) continue;
      if ((config.encoding == Encoding::full_range) != row.full_range) continue;
      if (row.full_range && x == -(1 << (config.act_bits - 1))) continue;  // never occurs
      if (x < -(1 << (config.act_bits - 1)) || x >= 1 << (config.act_bits - 1)) continue;
      check_case(i, row, x);
      if (HasFatalFailure()) {
        std::string lists;
        for (std::size_t k = 0; k < kBlocks; ++k) {
          for (const Entry& e : row.lists[k])
            lists += fmt::format(" block {} {{{},{}}} r {}", k, e.upper, e.lower, row.r[k]);
        }
        FAIL() << "case " << cases_[i].suffix << " mode " << row.bb << " x " << x << lists << " codes "
               << fmt::format("{}", fmt::join(row.codes, " "));
      }
    }
  }

  void check_case(std::size_t i, const Row& row, int x) {
    const Config& config = cases_[i].config;
    const int columns = row.bb == 2 ? config.lanes() : config.cols;
    bool flagged = false, error = false;
    for (int k = 0; k < columns / row.micro_block; ++k) {
      const auto block = static_cast<std::size_t>(k);
      if (row.lists[block].empty()) continue;
      flagged = true;
      if (row.r[block] > config.largest_shift()) error = true;
    }
    const std::uint64_t status = word(bench_->status_o, i);
    ASSERT_EQ(status, (flagged ? 2U : 0U) | (error ? 1U : 0U)) << "status {flagged, error}";
    if (error) return;
    ++rows_[i];
    for (int column = 0; column < columns; ++column) {
      const int pe = row.bb == 2 ? column / 2 : column;
      const int lane = row.bb == 2 ? column % 2 : 0;
      // acc_bits may be smaller than the addend: sums are then exact modulo 2^acc_bits.
      const int bits = std::min(32, config.acc_width());
      const std::int64_t value = expected(row, static_cast<std::size_t>(column), x, config);
      ASSERT_EQ(addend(i, pe, lane), as_signed(static_cast<std::uint64_t>(value), bits))
          << "column " << column;
    }
    for (int pe = 0; row.bb == 4 && config.has_mode(2) && pe < config.cols; ++pe) {
      ASSERT_EQ(addend(i, pe, 1), 0) << "resting lane of PE " << pe;
    }
  }

  std::int64_t addend(std::size_t i, int pe, int lane) {
    const std::uint64_t lanes = word(bench_->addends_o, 16 * i + static_cast<std::size_t>(pe));
    return as_signed(lanes >> (32 * lane), 32);
  }

  int activation() { return random_.one_in(2) ? random_.range(-128, 127) : random_.range(-8, 7); }

  /// One row with `list` in block `at` and perhaps other lists elsewhere, with several products.
  void run(int bb, int micro_block, const List& list, std::size_t at, const std::vector<List>& others) {
    for (const bool full_range : {false, true}) {
      run(full_range, bb, micro_block, list, at, others);
      if (HasFatalFailure()) return;
    }
  }
  void run(bool full_range, int bb, int micro_block, const List& list, std::size_t at,
           const std::vector<List>& others) {
    Row row;
    row.full_range = full_range;
    row.bb = bb;
    row.micro_block = micro_block;
    for (const int r_limit : {7, 15}) {
      for (std::size_t k = 0; k < kBlocks; ++k) {
        row.r[k] = random_.one_in(2) ? 0 : random_.range(0, r_limit);
        row.lists[k] = random_.one_in(2) ? List{} : others[random_.bits() % others.size()];
      }
      row.lists[at] = list;
      load(row);
      for (int i = 0; i < (r_limit == 7 ? 3 : 1); ++i) {
        draw_codes(row);
        const int x = activation();
        multiply(row, x);
        check(row, x);
        if (HasFatalFailure()) return;
      }
    }
  }

  /// Every routable list of a micro-block, alone and beside others, in every block of every case.
  void run_every_routable_list(int micro_block, int blocks) {
    std::vector<List> routable;
    for (int count = 1; count <= micro_block / 2; ++count) {
      for_each_pairing(micro_block, count, [&](const List& list) {
        if (route(list, micro_block).routable) routable.push_back(list);
      });
    }
    ASSERT_EQ(routable.size(), micro_block == 4 ? 24U : 4144U);
    for (const int bb : {2, 4}) {
      for (int at = 0; at < blocks / (bb == 4 ? 2 : 1); ++at) {
        for (const List& list : routable) {
          ASSERT_NO_FATAL_FAILURE(run(bb, micro_block, list, static_cast<std::size_t>(at), routable))
              << "seed 6";
        }
      }
    }
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      if (cases_[i].config.micro_block != micro_block) continue;
      EXPECT_GT(rows_[i], 100) << cases_[i].suffix;
    }
  }

  Bench<Vlanes_bench> bench_;
  const std::vector<LanesCase> cases_ = lanes_cases();
  std::vector<long> rows_ = std::vector<long>(cases_.size());
  Random random_{6};
};

TEST_F(ReconLanesTest, EveryRoutableListOfMicroBlock4) {
  for (int repeat = 0; repeat < 20; ++repeat) ASSERT_NO_FATAL_FAILURE(run_every_routable_list(4, 4));
}

TEST_F(ReconLanesTest, EveryRoutableListOfMicroBlock8) { run_every_routable_list(8, 4); }

TEST_F(ReconLanesTest, RandomRoutableListsOfMicroBlock16) {
  std::vector<List> lists;
  while (lists.size() < 1000) {
    std::vector<int> order(16);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random_.engine());
    List list;
    for (std::size_t i = 0; i < 16; i += 2) {
      list.push_back({order[i], order[i + 1]});
      if (!route(list, 16).routable) list.pop_back();
    }
    lists.push_back(list);
  }
  for (const int bb : {2, 4}) {
    for (const List& list : lists) ASSERT_NO_FATAL_FAILURE(run(bb, 16, list, 0, lists)) << "seed 6";
  }
}

// The worked example of the contract: [1, -1.5, 0.2, 1, -1, 0, 1, -1] with entry {1, 5}, x = 32; and -1.0 at
// n = 1.
TEST_F(ReconLanesTest, WorkedExample) {
  Row row;
  row.lists[0] = {{1, 5}};
  row.codes = {0b01, 0b11, 0b00, 0b01, 0b11, 0b10, 0b01, 0b11};
  row.codes.resize(static_cast<std::size_t>(row.columns()));
  load(row);
  multiply(row, 32);
  const std::vector<std::int64_t> sums = {128, -192, 0, 128, -128, 0, 128, -128};
  const auto b8 =
      std::find_if(cases_.begin(), cases_.end(), [](const LanesCase& c) { return c.suffix == "b8"; });
  const auto index = static_cast<std::size_t>(b8 - cases_.begin());
  for (int n = 0; n < 8; ++n)
    EXPECT_EQ(addend(index, n / 2, n % 2), sums[static_cast<std::size_t>(n)]) << "n " << n;
  row.codes[1] = 0b10;
  multiply(row, 32);
  EXPECT_EQ(addend(index, 0, 1), -128);
  row.codes[1] = 0b01;
  row.codes[5] = 0b00;
  multiply(row, 32);
  EXPECT_EQ(addend(index, 0, 1), 192);
}

}  // namespace
}  // namespace msq::rtl_test
