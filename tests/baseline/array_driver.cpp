#include "tests/baseline/array_driver.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <deque>

#include "gen/config/validate.hpp"
#include "tb/adapters.hpp"
#include "tests/coverage/coverage_run.hpp"

namespace msq::tests {
namespace {

template <class T, class E>
T value_or_abort(tl::expected<T, E> result) {
  if (!result) {
    fmt::print(stderr, "{}\n", result.error());
    std::abort();
  }
  return std::move(*result);
}

tb::Model build(const Design& design, unsigned seed) {
  if (auto valid = validate(design.config); !valid) {
    fmt::print(stderr, "{}\n", valid.error());
    std::abort();
  }
  const auto build = value_or_abort(build_bench_model(design, tb::Flavour::check));
  return value_or_abort(tb::Model::open(build.library, seed));
}

struct Token {
  std::size_t tile = 0, index = 0;
};

}  // namespace

BaselineArray::BaselineArray(const BaselineSpec& spec, unsigned seed)
    : design_(build_baseline(spec)), model_(build(design_, seed)), random_(seed) {}

BaselineArray::~BaselineArray() { save_coverage(model_, design_); }

tl::expected<std::vector<Words>, std::string> BaselineArray::run(const std::vector<BaselineTile>& tiles,
                                                                 double stall) {
  const auto port = [&](const char* name) { return model_.port(name); };
  auto reset = port("rst_ni"), load_valid = port("load_valid_i"), act_valid = port("act_valid_i");
  auto weights = port("load_weights_i"), act_last = port("act_last_i"), act_data = port("act_data_i");
  const auto psum = port("psum_o"), psum_valid = port("psum_valid_o"), psum_last = port("psum_last_o");
  port("clear_counters_i").set(0);
  port("load_mode4_i").set(1);
  port("load_interval_i").set(1);
  port("load_gap_i").set(1);
  load_valid.set(0);
  act_valid.set(0);
  reset.set(0);
  model_.eval();
  model_.clock();
  reset.set(1);

  std::bernoulli_distribution idle(stall);
  Token load, launch;
  std::deque<std::pair<long, bool>> expected;  // cycle and `last` of sums on the way
  std::vector<Words> sums;
  std::size_t tokens = 0;
  for (const BaselineTile& tile : tiles) tokens += tile.tokens.size();
  bool offering_load = false, offering_token = false;
  long still = 0;
  for (long cycle = 0; sums.size() < tokens; ++cycle) {
    if (++still > 10'000) return tl::unexpected(fmt::format("nothing moved until cycle {}", cycle));
    offering_load = load.tile < tiles.size() && (offering_load || !idle(random_));
    offering_token = launch.tile < tiles.size() && (offering_token || !idle(random_));
    load_valid.set(offering_load);
    if (offering_load) weights.set_words(tiles[load.tile].loads[load.index]);
    act_valid.set(offering_token);
    bool last = false;
    if (offering_token) {
      const auto& tile = tiles[launch.tile];
      last = launch.index + 1 == tile.tokens.size();
      act_last.set(last);
      act_data.set_words(tb::make_token(design_.dimensions, tile.tokens[launch.index]));
    }
    model_.eval();
    if (psum_valid.get() != 0) {
      if (expected.empty() || expected.front() != std::pair{cycle, psum_last.get() != 0})
        return tl::unexpected(fmt::format("partial sums in cycle {} that were not due", cycle));
      expected.pop_front();
      Words words(psum.word_count());
      psum.get_words(words);
      sums.push_back(std::move(words));
      still = 0;
    }
    if (offering_load && port("load_ready_o").get() != 0) {
      offering_load = false;
      if (++load.index == tiles[load.tile].loads.size()) load = {load.tile + 1, 0};
    }
    if (offering_token && port("act_ready_o").get() != 0) {
      offering_token = false;
      expected.emplace_back(cycle + design_.dimensions.latency, last);
      launch = last ? Token{launch.tile + 1, 0} : Token{launch.tile, launch.index + 1};
    }
    model_.clock();
  }
  if (const auto errors = port("protocol_error_o").get(); errors != 0)
    return tl::unexpected(fmt::format("protocol errors {:#x}", errors));
  return sums;
}

}  // namespace msq::tests
