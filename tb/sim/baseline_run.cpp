#include "tb/sim/baseline_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <deque>
#include <utility>

#include "golden/baselines/olive_codes.hpp"
#include "tb/host/bits.hpp"
#include "tb/sim/core_ports.hpp"

namespace msq::tb {
namespace {

constexpr long kHang = 10'000;  ///< cycles

struct Token {
  std::size_t tile = 0, index = 0;
};

}  // namespace

Result<std::vector<Words>> integer_loads(const Dimensions& d, std::span<const int> weights) {
  const auto weight = [&](int row, int column) {
    return weights[static_cast<std::size_t>(row) * static_cast<std::size_t>(d.cols) +
                   static_cast<std::size_t>(column)];
  };
  std::vector<Words> loads;
  for (int word = 0; word < d.rows; ++word) {
    Words words = words_for(d.load_bits * d.cols);
    for (int c = 0; c < d.cols; ++c) {
      if (!d.paired()) {
        const auto code = static_cast<std::uint32_t>(weight(word, c)) & ((1U << d.load_bits) - 1);
        put_bits(words, c * d.load_bits, d.load_bits, code);
      } else if (c < d.cols / 2) {
        // Two words hold the pairs of two rows: first those of even columns, then of odd ones.
        const int row = word / 2 * 2;
        const int column = 2 * c + word % 2;
        const auto byte =
            golden::baselines::encode_olive_pair({weight(row, column), weight(row + 1, column)});
        if (!byte) return Error(fmt::format("row {} column {}: {}", row, column, byte.error()));
        put_bits(words, 8 * c, 8, *byte);
      }
    }
    loads.push_back(std::move(words));
  }
  return loads;
}

int pes_of_an_outlier_unit(const Dimensions& d) { return d.cols / (d.baseline->outlier_weight_bits / 32); }

std::vector<Words> gobo_loads(const Dimensions& d, std::span<const golden::baselines::GoboWeight> weights) {
  const int pes = pes_of_an_outlier_unit(d);
  std::vector<Words> loads;
  auto next = weights.begin();
  for (int row = 0; row < d.rows; ++row) {
    Words words = words_for(d.load_step_bits());
    std::vector<std::uint32_t> values(static_cast<std::size_t>(d.baseline->outlier_weight_bits / 32));
    for (int c = 0; c < d.cols; ++c) {
      const auto& weight = *next++;
      put_bits(words, 4 * c, 4, static_cast<std::uint32_t>(weight.index) | (weight.outlier ? 8U : 0U));
      if (weight.outlier)
        values[static_cast<std::size_t>(c / pes)] = std::bit_cast<std::uint32_t>(*weight.outlier);
    }
    for (std::size_t unit = 0; unit < values.size(); ++unit)
      put_bits(words, 4 * d.cols + 32 * static_cast<int>(unit), 32, values[unit]);
    loads.push_back(std::move(words));
  }
  return loads;
}

Words centroid_words(std::span<const float> centroids) {
  Words words;
  for (const float c : centroids) words.push_back(std::bit_cast<std::uint32_t>(c));
  return words;
}

Result<BaselineRun> run_baseline(Model& model, const Dimensions& d, std::span<const BaselineTile> tiles,
                                 std::mt19937& random, const BaselineRunOptions& options) {
  const auto port = [&](const char* name) { return model.port(name); };
  auto reset = port("rst_ni"), load_valid = port("load_valid_i"), act_valid = port("act_valid_i");
  auto weights = port("load_weights_i"), act_last = port("act_last_i"), act_data = port("act_data_i");
  const auto psum = port("psum_o"), psum_valid = port("psum_valid_o"), psum_last = port("psum_last_o");
  const auto load_ready = port("load_ready_o"), act_ready = port("act_ready_o");
  auto load_follow = port("load_follow_i");  // of arrays that begin a tile before its last rows
  port("clear_counters_i").set(0);
  port("load_mode4_i").set(1);
  port("load_interval_i").set(1);
  port("load_gap_i").set(1);
  load_valid.set(0);
  act_valid.set(0);
  reset.set(0);
  model.eval();
  model.clock();
  reset.set(1);

  std::bernoulli_distribution idle(options.stall);
  Token load, launch;
  std::deque<std::pair<std::uint64_t, bool>> expected;  // cycle and `last` of sums on the way
  BaselineRun run;
  std::size_t tokens = 0, words_left = 0;
  for (const BaselineTile& tile : tiles) {
    tokens += tile.tokens.size();
    words_left += tile.loads.size();
  }
  bool offering_load = false, offering_token = false;
  long still = 0;
  for (; run.sums.size() < tokens; ++run.cycles) {
    const std::uint64_t cycle = run.cycles;
    if (++still > kHang) return Error(fmt::format("nothing moved until cycle {}", cycle));
    offering_load = load.tile < tiles.size() && (offering_load || !idle(random));
    offering_token = launch.tile < tiles.size() && (offering_token || !idle(random));
    load_valid.set(offering_load);
    // Without stalls the words left follow without a pause.
    if (load_follow.exists()) {
      const auto most = static_cast<std::size_t>(d.early_steps) + 1;
      load_follow.set(options.stall == 0 ? std::min(most, words_left) : 0);
    }
    if (offering_load) weights.set_words(tiles[load.tile].loads[load.index]);
    act_valid.set(offering_token);
    bool last = false;
    if (offering_token) {
      const auto& tile = tiles[launch.tile];
      last = launch.index + 1 == tile.tokens.size();
      act_last.set(last);
      act_data.set_words(make_token(d, tile.tokens[launch.index]));
    }
    model.eval();
    if (options.on_cycle) options.on_cycle(model);
    if (psum_valid.get() != 0) {
      if (expected.empty() || expected.front() != std::pair{cycle, psum_last.get() != 0})
        return Error(fmt::format("partial sums in cycle {} that were not due", cycle));
      expected.pop_front();
      Words words(psum.word_count());
      psum.get_words(words);
      run.sums.push_back(std::move(words));
      still = 0;
    }
    if (offering_load && load_ready.get() != 0) {
      offering_load = false;
      --words_left;
      if (++load.index == tiles[load.tile].loads.size()) load = {load.tile + 1, 0};
    }
    if (offering_token && act_ready.get() != 0) {
      offering_token = false;
      expected.emplace_back(cycle + static_cast<std::uint64_t>(d.latency), last);
      launch = last ? Token{launch.tile + 1, 0} : Token{launch.tile, launch.index + 1};
    }
    model.clock();
  }
  if (const auto errors = port("protocol_error_o").get(); errors != 0)
    return Error(fmt::format("protocol errors {:#x}", errors));
  return run;
}

}  // namespace msq::tb
