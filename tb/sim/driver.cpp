#include "tb/sim/driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <deque>
#include <utility>

#include "tb/host/bits.hpp"

namespace msq::tb {
namespace {

/// No legal wait is longer: 255 cycles of interval or gap, a load of 128 rows, the way down the array.
constexpr int kStalledCycles = 4000;

}  // namespace

TileJob make_job(const golden::Tile& tile, const golden::TileSchedule& schedule, int tokens,
                 std::span<const std::int8_t> activations) {
  return {golden::permute_rows(tile, schedule.row_order), schedule.initiation_interval, schedule.launch_gap,
          tokens, golden::permute_activations(activations, schedule.row_order)};
}

/// Position in the two input streams, and the tokens on the way through the array.
struct Driver::Streams {
  std::span<const TileJob> jobs;
  std::size_t load_tile = 0;
  int load_step = 0;
  LoadWord word;
  bool word_ready = false;
  bool load_noise = false;  // what the ports show counts for nothing
  bool act_noise = false;
  bool load_offered = false;
  int promised = 0;  // words of the load port that follow without a pause
  std::size_t act_tile = 0;
  int act_token = 0;
  std::vector<std::uint32_t> token;
  bool token_ready = false;
  bool act_offered = false;
  struct Launched {
    std::size_t tile;
    int token;
    std::uint64_t cycle;
  };
  std::deque<Launched> launched;
  std::deque<std::pair<std::uint64_t, bool>> announced;  // cycle and `last` of sums that leave soon
  std::size_t received = 0;
  std::size_t expected = 0;
  int idle = 0;
  std::uint64_t first_cycle = 0;
  std::uint64_t first_launch = 0;
  std::vector<std::uint32_t> psum;
};

Driver::Driver(Model model, const Dimensions& dimensions, unsigned seed)
    : model_(std::move(model)), d_(dimensions), random_(seed) {
  rst_n_ = model_.port("rst_ni");
  clear_ = model_.port("clear_counters_i");
  load_valid_ = model_.port("load_valid_i");
  load_ready_ = model_.port("load_ready_o");
  load_mode4_ = model_.port("load_mode4_i");
  load_interval_ = model_.port("load_interval_i");
  load_gap_ = model_.port("load_gap_i");
  load_follow_ = model_.port("load_follow_i");
  load_weights_ = model_.port("load_weights_i");
  load_has_ = model_.port("load_has_outliers_i");
  load_scale_ = model_.port("load_mx_scale_i");
  load_list_ = model_.port("load_list_i");
  act_valid_ = model_.port("act_valid_i");
  act_ready_ = model_.port("act_ready_o");
  act_last_ = model_.port("act_last_i");
  act_data_ = model_.port("act_data_i");
  psum_valid_ = model_.port("psum_valid_o");
  psum_last_ = model_.port("psum_last_o");
  psum_soon_valid_ = model_.port("psum_soon_valid_o");
  psum_soon_last_ = model_.port("psum_soon_last_o");
  psum_ = model_.port("psum_o");
  reset();
}

void Driver::reset() {
  load_valid_.set(0);
  follow(0);
  act_valid_.set(0);
  clear_.set(0);
  rst_n_.set(0);
  model_.eval();
  if (on_cycle) on_cycle(model_);
  model_.clock();
  rst_n_.set(1);
}

void Driver::follow(int steps) {
  if (load_follow_.exists()) load_follow_.set(static_cast<std::uint64_t>(steps));
}

bool Driver::chance(double probability) {
  return probability > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < probability;
}

std::uint32_t Driver::noise() {
  noise_ = noise_ * 6364136223846793005U + 1442695040888963407U;
  return static_cast<std::uint32_t>(noise_ >> 32);
}

void Driver::noise(ModelPort& port) {
  if (!port.exists()) return;
  std::vector<std::uint32_t> words(port.word_count());
  for (std::uint32_t& word : words) word = noise();
  if (port.width() % 32 != 0) words.back() &= (1U << port.width() % 32) - 1;
  port.set_words(words);
}

void Driver::fill_ignored(LoadWord& word) {
  for (int f = 0; f < d_.outliers->fields * d_.load_rows; ++f) {
    if (word.has_outliers[static_cast<std::size_t>(f) / 32] >> f % 32 & 1U) continue;
    put_bits(word.mx_scale, 8 * f, 8, noise() & 0xff);
    for (int bit = 0; bit < d_.outliers->list_bits; bit += 16) {
      const int width = std::min(16, d_.outliers->list_bits - bit);
      put_bits(word.list, f * d_.outliers->list_bits + bit, width, noise() & ((1U << width) - 1));
    }
  }
}

void Driver::offer(Streams& s, const Stalls& stalls) {
  if (s.load_tile < s.jobs.size() && !s.word_ready) {
    s.word = make_load_word(d_, s.jobs[s.load_tile].tile, s.load_step);
    if (d_.outliers) fill_ignored(s.word);
    s.word_ready = true;
  }
  if (load_follow_.exists()) {
    const auto left =
        std::int64_t{d_.load_steps} * static_cast<std::int64_t>(s.jobs.size() - s.load_tile) - s.load_step;
    const int most = static_cast<int>(std::min<std::int64_t>(d_.early_steps + 1, left));
    if (stalls.load == 0)
      s.promised = most;
    else if (s.promised == 0 && chance(0.5))
      s.promised = std::uniform_int_distribution<int>(0, most)(random_);
  }
  // A stream that has offered a word keeps offering it until the word is accepted.
  s.load_offered = s.word_ready && (s.load_offered || s.promised > 0 || !chance(stalls.load));
  load_valid_.set(s.load_offered);
  follow(s.load_offered ? s.promised : 0);
  if (s.load_offered) {
    const TileJob& job = s.jobs[s.load_tile];
    load_mode4_.set(job.tile.format.bits == 4);
    load_interval_.set(static_cast<std::uint64_t>(job.initiation_interval));
    load_gap_.set(static_cast<std::uint64_t>(job.launch_gap));
    load_weights_.set_words(s.word.weights);
    if (d_.outliers) {
      load_has_.set_words(s.word.has_outliers);
      load_scale_.set_words(s.word.mx_scale);
      load_list_.set_words(s.word.list);
    }
    s.load_noise = false;
  } else if (!s.load_noise) {
    for (ModelPort* port :
         {&load_mode4_, &load_interval_, &load_gap_, &load_weights_, &load_has_, &load_scale_, &load_list_})
      noise(*port);
    s.load_noise = true;
  }
  if (s.act_tile < s.jobs.size() && !s.token_ready) {
    const TileJob& job = s.jobs[s.act_tile];
    const auto places = static_cast<std::size_t>(job.tile.rows);
    s.token = make_token(
        d_, std::span(job.activations).subspan(static_cast<std::size_t>(s.act_token) * places, places));
    for (int lsb = job.tile.rows * d_.act_bits; lsb < d_.places * d_.rows * d_.act_bits; lsb += 4)
      put_bits(s.token, lsb, 4, noise() & 15);  // places that the mode does not have
    s.token_ready = true;
  }
  s.act_offered = s.token_ready && (s.act_offered || !chance(stalls.activations));
  act_valid_.set(s.act_offered);
  if (s.act_offered) {
    act_last_.set(s.act_token + 1 == s.jobs[s.act_tile].tokens);
    act_data_.set_words(s.token);
    s.act_noise = false;
  } else if (!s.act_noise) {
    noise(act_last_);
    noise(act_data_);
    s.act_noise = true;
  }
}

Result<> Driver::observe(Streams& s, RunResult& result) {
  const std::uint64_t now = model_.cycles();
  bool moved = false;
  if (s.load_offered && load_ready_.get() != 0) {
    moved = true;
    s.load_offered = s.word_ready = false;
    s.promised = std::max(0, s.promised - 1);
    if (++s.load_step == d_.load_steps) {
      s.load_step = 0;
      ++s.load_tile;
    }
  }
  const bool announced = !s.announced.empty() && s.announced.front().first == now;
  if (announced != (psum_valid_.get() != 0) ||
      (announced && s.announced.front().second != (psum_last_.get() != 0)))
    return Error(fmt::format("cycle {}: psum_soon_valid_o was not psum_valid_o two cycles before", now));
  if (announced) s.announced.pop_front();
  if (psum_soon_valid_.get() != 0) s.announced.emplace_back(now + 2, psum_soon_last_.get() != 0);
  if (psum_valid_.get() != 0) {
    moved = true;
    if (s.launched.empty()) return Error(fmt::format("cycle {}: partial sums for no token", now));
    const auto [tile, token, cycle] = s.launched.front();
    s.launched.pop_front();
    const TileJob& job = s.jobs[tile];
    if (now - cycle != static_cast<std::uint64_t>(d_.latency)) {
      return Error(fmt::format("tile {} token {}: partial sums {} cycles after the launch, expected {}", tile,
                               token, now - cycle, d_.latency));
    }
    if ((psum_last_.get() != 0) != (token + 1 == job.tokens)) {
      return Error(fmt::format("tile {} token {} of {}: psum_last_o is {}", tile, token, job.tokens,
                               psum_last_.get()));
    }
    psum_.get_words(s.psum);
    const auto sums = read_partial_sums(d_, job.tile.format.bits, s.psum);
    result.sums[tile].insert(result.sums[tile].end(), sums.begin(), sums.end());
    ++s.received;
  }
  if (s.act_offered && act_ready_.get() != 0) {
    moved = true;
    if (s.expected == 0) s.first_launch = now;
    s.launched.push_back({s.act_tile, s.act_token, now});
    ++s.expected;
    s.act_offered = s.token_ready = false;
    if (++s.act_token == s.jobs[s.act_tile].tokens) {
      s.act_token = 0;
      ++s.act_tile;
    }
  }
  s.idle = moved ? 0 : s.idle + 1;
  if (s.idle > kStalledCycles) {
    return Error(fmt::format(
        "cycle {}: nothing moved for {} cycles; loading tile {} step {}, launching tile {} token {}", now,
        kStalledCycles, s.load_tile, s.load_step, s.act_tile, s.act_token));
  }
  return {};
}

Result<RunResult> Driver::run(std::span<const TileJob> jobs, const Stalls& stalls) {
  RunResult result;
  result.sums.resize(jobs.size());
  Streams s;
  s.jobs = jobs;
  s.psum.resize(psum_.word_count());
  clear_.set(1);
  load_valid_.set(0);
  follow(0);
  act_valid_.set(0);
  model_.eval();
  if (on_cycle) on_cycle(model_);
  model_.clock();
  clear_.set(0);
  s.first_cycle = model_.cycles();
  while (s.act_tile < jobs.size() || !s.launched.empty()) {
    offer(s, stalls);
    model_.eval();
    if (on_cycle) on_cycle(model_);
    if (auto observed = observe(s, result); !observed) return Error(observed.error());
    model_.clock();
  }
  result.cycles = model_.cycles() - s.first_cycle;
  result.compute_cycles = model_.cycles() - s.first_launch;
  load_valid_.set(0);
  follow(0);
  act_valid_.set(0);
  model_.eval();
  const auto count = [this](const char* name) { return static_cast<std::uint32_t>(model_.port(name).get()); };
  result.counters = {count("count_cycles_o"), count("count_tokens_o"),         count("count_tiles_o"),
                     count("count_errors_o"), count("count_recon_accesses_o"), count("count_recon_waits_o")};
  result.protocol_errors = static_cast<unsigned>(model_.port("protocol_error_o").get());
  return result;
}

void Driver::run_cycles(std::span<const TileJob> jobs, int cycles) {
  RunResult dropped;
  dropped.sums.resize(jobs.size());
  Streams s;
  s.jobs = jobs;
  s.psum.resize(psum_.word_count());
  for (int i = 0; i < cycles && (s.act_tile < jobs.size() || !s.launched.empty()); ++i) {
    offer(s, {});
    model_.eval();
    if (on_cycle) on_cycle(model_);
    static_cast<void>(observe(s, dropped));
    model_.clock();
  }
}

}  // namespace msq::tb
