// Jobs that follow each other: each takes its own packets, the next one is programmed while one runs, errors
// and clears end every job that was started.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/accelerator/broken_jobs.hpp"
#include "tests/accelerator/compare.hpp"
#include "tests/accelerator/random_job.hpp"

namespace msq::tests {
namespace {

using Status = tb::AcceleratorStatus;

/// Beats of an output stream with their `last`.
struct Beats {
  std::vector<std::vector<std::uint32_t>> data;
  std::vector<bool> last;

  void add(const std::vector<tb::Packet>& packets, bool open_end) {
    for (std::size_t p = 0; p < packets.size(); ++p) {
      for (std::size_t b = 0; b < packets[p].beats(); ++b) {
        const auto beat = packets[p].beat(b);
        data.emplace_back(beat.begin(), beat.end());
        last.push_back(b + 1 == packets[p].beats() && !(open_end && p + 1 == packets.size()));
      }
    }
  }
  [[nodiscard]] bool is_closing(std::size_t i) const {
    return last[i] &&
           std::all_of(data[i].begin(), data[i].end(), [](std::uint32_t word) { return word == 0; });
  }
};

class Queue : public BrokenJobs, public testing::WithParamInterface<const char*> {
 protected:
  Queue() : BrokenJobs(GetParam()) {}

  tb::Accelerator& accelerator() { return bench_.accelerator; }
  Status status() { return accelerator().status(); }
  std::vector<tb::Packet> expected(const Operands& o) {
    const auto golden = tb::golden_result(bench_.config, o.parts, o.activations);
    EXPECT_TRUE(golden) << golden.error();
    return tb::expected_outputs(bench_.design.dimensions, o.job, *golden);
  }
  std::vector<tb::Packet> expected(const std::vector<Operands>& jobs) {
    std::vector<tb::Packet> all;
    for (const Operands& o : jobs) {
      const auto packets = expected(o);
      all.insert(all.end(), packets.begin(), packets.end());
    }
    return all;
  }
  void step(int cycles) {
    for (int i = 0; i < cycles; ++i) {
      const auto moved = accelerator().step();
      ASSERT_TRUE(moved) << moved.error();
    }
  }
  template <typename Condition>
  void wait_until(Condition holds) {
    for (int i = 0; !holds(status()); ++i) {
      ASSERT_LT(i, 100000);
      ASSERT_NO_FATAL_FAILURE(step(1));
    }
  }
  void feed(const std::vector<Operands>& jobs) {
    for (const Operands& o : jobs) accelerator().feed(o.job);
  }
  /// Starts the first two jobs and feeds all of them; nobody takes outputs.
  void start_two_behind_a_stuck_sink(const std::vector<Operands>& jobs) {
    tb::AcceleratorTraffic stuck;
    stuck.outputs.stall = 1;
    accelerator().set_traffic(stuck);
    accelerator().start(jobs[0].job);
    accelerator().start(jobs[1].job);
    feed(jobs);
  }
  /// Runs the jobs in a row and compares their outputs.
  void run_queued(const std::vector<Operands>& jobs, const tb::AcceleratorTraffic& traffic = {}) {
    std::vector<const tb::AcceleratorJob*> pointers;
    pointers.reserve(jobs.size());
    for (const Operands& o : jobs) pointers.push_back(&o.job);
    const auto outputs = accelerator().run_queue(pointers, traffic);
    ASSERT_TRUE(outputs) << outputs.error();
    EXPECT_EQ(difference(*outputs, expected(jobs)), "");
  }
  Operands random_operands(std::uint32_t seed) {
    RandomJob random(bench_.config, seed);
    const DrawnJob drawn = random.job(bench_.design.dimensions);
    Operands o{drawn.parts, drawn.activations, {}};
    o.job = *tb::make_job(bench_.config, drawn.parts, drawn.activations, drawn.format, drawn.tokens_per_pass);
    return o;
  }
  void expect_ends_of(const std::vector<Operands>& started, const Beats& came, const std::string& where);
  void abort_in_every_cycle(bool stuck_sink);
};

TEST_P(Queue, AJobTakesItsOwnWeights) {
  std::vector<Operands> jobs;
  for (std::uint32_t i = 0; i < 12; ++i) jobs.push_back(draw_operands(bench_.config, 50 + i, 1, 4, 4));
  for (std::uint32_t i = 0; i < 3; ++i) jobs.push_back(draw_operands(bench_.config, 70 + i, 2, 20, 11));
  accelerator().set_traffic({});
  feed(jobs);
  // One after the other, with pauses in which the packets of the next ones wait.
  for (const Operands& o : jobs) {
    ASSERT_NO_FATAL_FAILURE(step(30));
    accelerator().start(o.job);
    ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return !s.busy; }));
    ASSERT_TRUE(status().done);
    ASSERT_EQ(difference(accelerator().take_outputs(), expected(o)), "");
  }
  EXPECT_EQ(accelerator().read_register("jobs"), jobs.size());
}

TEST_P(Queue, RandomJobsFollowEachOther) {
  RandomJob random(bench_.config, 1);
  std::uint32_t seed = 300;
  for (int round = 0; round < 8; ++round) {
    std::vector<Operands> jobs;
    for (int i = random.between(2, 6); i > 0; --i) jobs.push_back(random_operands(++seed));
    const std::uint32_t before = accelerator().read_register("jobs");
    ASSERT_NO_FATAL_FAILURE(run_queued(jobs, random.traffic())) << "round " << round;
    EXPECT_EQ(accelerator().read_register("jobs"), before + jobs.size());
  }
}

TEST_P(Queue, FormatsAndTokensChangeBetweenJobs) {
  std::vector<Operands> jobs;
  std::uint32_t seed = 10;
  for (const auto first :
       {tb::OutputFormat::raw, tb::OutputFormat::fp32, tb::OutputFormat::mx8, tb::OutputFormat::mx4}) {
    for (const auto second :
         {tb::OutputFormat::raw, tb::OutputFormat::fp32, tb::OutputFormat::mx8, tb::OutputFormat::mx4}) {
      ++seed;
      jobs.push_back(draw_operands(bench_.config, seed, 1 + seed % 7, 70, 20, 2, first, 3));
      ++seed;
      jobs.push_back(draw_operands(bench_.config, seed, 1 + seed % 5, 20, 33, 2, second, 8));
    }
  }
  ASSERT_NO_FATAL_FAILURE(run_queued(jobs));
}

// The packets of the next job are read while the outputs of the one before leave.
TEST_P(Queue, TheNextJobOverlapsTheOneBefore) {
  std::vector<Operands> jobs;
  std::uint32_t apart = 0;
  for (std::uint32_t i = 0; i < 4; ++i) {
    jobs.push_back(draw_operands(bench_.config, 90 + i, 4, 40, 30));
    const auto alone = accelerator().run(jobs.back().job);
    ASSERT_TRUE(alone) << alone.error();
    apart += alone->counters.at("cycles");
  }
  accelerator().set_traffic({});
  accelerator().start(jobs[0].job);
  accelerator().start(jobs[1].job);
  feed(jobs);
  for (std::size_t i = 2; i < jobs.size(); ++i) {
    ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return !s.queued; }));
    accelerator().start(jobs[i].job);
  }
  ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return !s.busy; }));
  EXPECT_EQ(difference(accelerator().take_outputs(), expected(jobs)), "");
  const std::uint32_t together = accelerator().read_register("count_cycles");
  fmt::print("{}: {} cycles apart, {} in a row\n", bench_.config.name, apart, together);
  EXPECT_LT(together, apart);
}

// A start copies the settings: writes right behind it are for the next job.
TEST_P(Queue, SettingsMayBeWrittenAtAnyTime) {
  const Operands a = draw_operands(bench_.config, 1, 4, 40, 30);
  const Operands b = draw_operands(bench_.config, 2, 7, 20, 11, 2, tb::OutputFormat::raw, 2);
  accelerator().set_traffic({});
  accelerator().start(a.job);
  EXPECT_TRUE(status().busy);
  EXPECT_FALSE(status().queued);
  accelerator().start(b.job);
  EXPECT_TRUE(status().queued);
  for (const char* name : {"tokens", "depth", "columns", "pass", "tiling", "format"}) {
    const std::uint32_t before = accelerator().read_register(name);
    accelerator().write_register(name, before ^ 1U);
    EXPECT_EQ(accelerator().read_register(name), before ^ 1U) << name;
  }
  // A third start has no place.
  accelerator().control({"start"});
  accelerator().feed(a.job);
  accelerator().feed(b.job);
  ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return !s.busy; }));
  EXPECT_EQ(accelerator().read_register("jobs"), 2U);
  EXPECT_EQ(difference(accelerator().take_outputs(), expected({a, b})), "");
  accelerator().stop_traffic();
}

TEST_P(Queue, ARefusedJobLeavesTheCountersOfTheOneBefore) {
  const Operands a = draw_operands(bench_.config, 1, 4, 40, 30);
  const auto alone = accelerator().run(a.job);
  ASSERT_TRUE(alone) << alone.error();
  accelerator().set_traffic({});
  accelerator().start(a.job);
  accelerator().feed(a.job);
  accelerator().write_register("columns", 0);
  accelerator().control({"start"});
  ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return s.error; }));
  EXPECT_EQ(status().code, code_of("shape"));
  EXPECT_EQ(accelerator().read_register("count_tokens"), alone->counters.at("tokens"));
  EXPECT_EQ(accelerator().read_register("count_tiles"), alone->counters.at("tiles"));
  ASSERT_NO_FATAL_FAILURE(step(12));
  static_cast<void>(accelerator().take_outputs());
  accelerator().stop_traffic();
  expect_recovery();
}

TEST_P(Queue, StartDropsTheInterruptIfNoJobIsUnderWay) {
  const Operands a = draw_operands(bench_.config, 1, 4, 40, 30);
  accelerator().set_traffic({});
  for (int i = 0; i < 3; ++i) accelerator().feed(a.job);
  accelerator().start(a.job);
  ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return !s.busy; }));
  EXPECT_TRUE(status().interrupt);
  EXPECT_TRUE(status().done);
  accelerator().start(a.job);
  EXPECT_FALSE(status().interrupt);
  EXPECT_FALSE(status().done);
  accelerator().start(a.job);
  ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return s.interrupt; }));
  // The end of the first one stays to be seen behind a start that waits.
  accelerator().control({"start"});
  EXPECT_TRUE(status().interrupt);
  accelerator().control({"acknowledge"});
  EXPECT_FALSE(status().interrupt);
  accelerator().clear();
}

TEST_P(Queue, ClearWinsOverStart) {
  const Operands a = draw_operands(bench_.config, 1, 4, 40, 30);
  accelerator().start(a.job);
  accelerator().control({"start", "clear"});
  EXPECT_FALSE(status().busy);
  accelerator().set_traffic({});
  ASSERT_NO_FATAL_FAILURE(step(10));
  Beats came;
  came.add(accelerator().take_outputs(), false);
  ASSERT_EQ(came.data.size(), 1U);  // of the job that was started before
  EXPECT_TRUE(came.is_closing(0));
}

/// Every job that was started ends: the beats received are a beginning of those expected, and then a closing
/// beat for each job whose last beat is not in it.
void Queue::expect_ends_of(const std::vector<Operands>& started, const Beats& came,
                           const std::string& where) {
  Beats wanted;
  std::vector<std::size_t> ends;  // beats up to and with the last one of each job
  for (const Operands& o : started) {
    wanted.add(expected(o), false);
    ends.push_back(wanted.data.size());
  }
  std::size_t same = 0;
  while (same < came.data.size() && same < wanted.data.size() && came.data[same] == wanted.data[same] &&
         came.last[same] == wanted.last[same])
    ++same;
  // A closing beat may look like the beat that is expected: any shorter beginning will do as well.
  for (std::size_t cut = same + 1; cut-- > 0;) {
    const auto open = static_cast<std::size_t>(
        std::count_if(ends.begin(), ends.end(), [&](std::size_t end) { return end > cut; }));
    bool closed = came.data.size() == cut + open;
    for (std::size_t i = cut; closed && i < came.data.size(); ++i) closed = came.is_closing(i);
    if (closed) return;
  }
  FAIL() << where << ": " << came.data.size() << " beats came, " << same << " of " << wanted.data.size()
         << " as expected";
}

void Queue::abort_in_every_cycle(bool stuck_sink) {
  const std::vector<Operands> jobs = {draw_operands(bench_.config, 5, 3, 9, 7),
                                      draw_operands(bench_.config, 6, 2, 6, 5, 2, tb::OutputFormat::raw)};
  tb::AcceleratorTraffic stuck;
  stuck.outputs.stall = 1;
  int last_cycle = 1 << 20;
  for (int cycle = 0; cycle <= last_cycle; ++cycle) {
    accelerator().reset();
    accelerator().set_traffic({});
    accelerator().start(jobs[0].job);
    accelerator().start(jobs[1].job);
    feed(jobs);
    ASSERT_NO_FATAL_FAILURE(step(cycle));
    if (!status().busy) last_cycle = std::min(last_cycle, cycle + 6);
    if (stuck_sink) {
      accelerator().set_traffic(stuck);
      ASSERT_NO_FATAL_FAILURE(step(9));
    }
    accelerator().control({"clear"});
    // The sources went on: a second clear, once they have stopped, drops the beats sent after the first.
    accelerator().withdraw();
    EXPECT_FALSE(status().busy) << cycle;
    EXPECT_FALSE(status().done) << cycle;
    accelerator().control({"clear"});
    accelerator().set_traffic({});
    ASSERT_NO_FATAL_FAILURE(step(12));
    Beats came;
    came.add(accelerator().take_outputs(), false);
    ASSERT_NO_FATAL_FAILURE(expect_ends_of(jobs, came, fmt::format("clear after cycle {}", cycle)));
    Tally tally;
    ASSERT_NO_FATAL_FAILURE(run_and_compare(bench_, jobs[1].parts, jobs[1].activations, jobs[1].job, {},
                                            fmt::format("after the clear in cycle {}", cycle), tally));
  }
  EXPECT_LT(last_cycle, 1000);
}

TEST_P(Queue, ClearEndsThreeJobs) {
  // The outputs of the first one wait at the port, in one half of the accumulators.
  const std::vector<Operands> jobs = {draw_operands(bench_.config, 8, 6, 40, 4, 2, tb::OutputFormat::raw),
                                      draw_operands(bench_.config, 9, 4, 20, 11),
                                      draw_operands(bench_.config, 10, 3, 9, 7)};
  start_two_behind_a_stuck_sink(jobs);
  ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return !s.queued; }));
  accelerator().start(jobs[2].job);
  ASSERT_TRUE(status().queued);
  ASSERT_EQ(accelerator().read_register("jobs"), 0U);
  accelerator().control({"clear"});
  accelerator().withdraw();
  EXPECT_FALSE(status().busy);
  accelerator().control({"clear"});
  accelerator().set_traffic({});
  ASSERT_NO_FATAL_FAILURE(step(12));
  Beats came;
  came.add(accelerator().take_outputs(), false);
  ASSERT_NO_FATAL_FAILURE(expect_ends_of(jobs, came, "clear of three jobs"));
  expect_recovery();
}

TEST_P(Queue, ClearInEveryCycleEndsEveryJob) { abort_in_every_cycle(false); }

TEST_P(Queue, ClearInEveryCycleBehindAStuckSinkEndsEveryJob) { abort_in_every_cycle(true); }

TEST_P(Queue, ResetInEveryCycleLeavesNothing) {
  const std::vector<Operands> jobs = {draw_operands(bench_.config, 5, 3, 9, 7),
                                      draw_operands(bench_.config, 6, 2, 6, 5, 2, tb::OutputFormat::raw)};
  for (int cycle = 0; cycle < 160; ++cycle) {
    accelerator().set_traffic({});
    accelerator().start(jobs[0].job);
    accelerator().start(jobs[1].job);
    feed(jobs);
    ASSERT_NO_FATAL_FAILURE(step(cycle));
    accelerator().reset();
    EXPECT_EQ(accelerator().read_register("status"), 0U);
    EXPECT_EQ(accelerator().read_register("jobs"), 0U);
    accelerator().set_traffic({});
    ASSERT_NO_FATAL_FAILURE(step(12));
    EXPECT_TRUE(accelerator().take_outputs().empty()) << cycle;
    Tally tally;
    ASSERT_NO_FATAL_FAILURE(run_and_compare(bench_, jobs[1].parts, jobs[1].activations, jobs[1].job, {},
                                            "after the reset", tally));
  }
}

// Closing beats gather behind a sink that takes nothing, one for every start.
TEST_P(Queue, ClosingBeatsGather) {
  const Operands a = draw_operands(bench_.config, 1, 4, 40, 30);
  accelerator().start(a.job);
  accelerator().start(a.job);
  accelerator().control({"clear"});
  for (int i = 0; i < 3; ++i) {
    accelerator().start(a.job);
    EXPECT_TRUE(status().queued);
    accelerator().control({"clear"});
    EXPECT_FALSE(status().busy);
  }
  accelerator().set_traffic({});
  ASSERT_NO_FATAL_FAILURE(step(20));
  Beats came;
  came.add(accelerator().take_outputs(), false);
  ASSERT_EQ(came.data.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(came.is_closing(i)) << i;
  expect_recovery();
}

/// Kinds of damage, each with its error.
std::vector<std::pair<std::string, std::function<void(tb::AcceleratorJob&)>>> damages() {
  const auto shorten = [](tb::Packet& p) { p.words.resize(p.words.size() - p.words_per_beat()); };
  const auto lengthen = [](tb::Packet& p) { p.words.resize(p.words.size() + p.words_per_beat()); };
  return {{"shape", [](auto& j) { j.k = 0; }},
          {"weight_short", [=](auto& j) { shorten(j.weights.back()); }},
          {"weight_long", [=](auto& j) { lengthen(j.weights.back()); }},
          {"array", [](auto& j) { j.weights[0].words[0] ^= 1U; }},
          {"array", [](auto& j) { j.weights[0].words[0] ^= 1U << 31; }},
          {"header", [](auto& j) { j.weights[0].words[0] &= ~0xff00U; }},  // no tiles
          {"activation_short", [=](auto& j) { shorten(j.activations.back()); }},
          {"activation_long", [=](auto& j) { lengthen(j.activations.back()); }},
          {"activation_value", [](auto& j) { j.activations.back().words.back() = 0x80808080U; }}};
}

// A damaged job behind a good one: the good one ends well and whole, then the error is reported, and the job
// that waits behind it is dropped.
// With nobody to take the closing beats one is at the port and seven wait; no job is started then, as its own
// could not.
TEST_P(Queue, NoMoreJobsThanClosingBeatsThatCanWait) {
  const Operands a = draw_operands(bench_.config, 1, 4, 40, 30);
  for (int i = 0; i < 8; ++i) {
    accelerator().start(a.job);
    EXPECT_TRUE(status().queued || status().busy) << i;
    accelerator().control({"clear"});
    EXPECT_FALSE(status().busy) << i;
  }
  accelerator().start(a.job);
  EXPECT_FALSE(status().queued || status().busy);
  accelerator().set_traffic({});
  ASSERT_NO_FATAL_FAILURE(step(20));
  Beats came;
  came.add(accelerator().take_outputs(), false);
  ASSERT_EQ(came.data.size(), 8U);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_TRUE(came.is_closing(i)) << i;
  expect_recovery();
}

// A job that is started while closing beats wait begins when they have left: none of its outputs meets them.
TEST_P(Queue, AJobWaitsForTheClosingBeatsBeforeIt) {
  const std::vector jobs = {draw_operands(bench_.config, 1, 4, 40, 30)};
  const Operands& a = jobs[0];
  tb::AcceleratorTraffic stuck;
  stuck.outputs.stall = 1;
  accelerator().set_traffic(stuck);
  accelerator().start(a.job);
  accelerator().start(a.job);
  accelerator().control({"clear"});
  accelerator().start(a.job);
  feed(jobs);
  ASSERT_NO_FATAL_FAILURE(step(2000));
  EXPECT_TRUE(status().queued);
  accelerator().set_traffic({});
  ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return !s.busy; }));
  Beats came, wanted;
  came.add(accelerator().take_outputs(), false);
  wanted.add(expected(a), false);
  ASSERT_EQ(came.data.size(), 2 + wanted.data.size());
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(came.is_closing(i)) << i;
  EXPECT_TRUE(std::equal(wanted.data.begin(), wanted.data.end(), came.data.begin() + 2));
}

TEST_P(Queue, ErrorsOfTheNextJobWaitForTheOneBefore) {
  for (const auto& [name, damage] : damages()) {
    for (const bool third : {false, true}) {
      SCOPED_TRACE(name + (third ? ", and a third job" : ""));
      const Operands good = draw_operands(bench_.config, 8, 6, 40, 30, 2, tb::OutputFormat::raw, 3);
      Operands bad = draw_operands(bench_.config, 9, 4, 20, 11);
      const auto before = accelerator().read_register("jobs");
      damage(bad.job);
      accelerator().set_traffic({});
      accelerator().start(good.job);
      accelerator().start(bad.job);
      accelerator().feed(good.job);
      accelerator().feed(bad.job);
      if (third) {
        ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return !s.queued || s.error; }));
        accelerator().start(good.job);
      }
      ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return s.error; }));
      EXPECT_EQ(status().code, code_of(name));
      EXPECT_FALSE(status().busy);
      EXPECT_EQ(accelerator().read_register("jobs"), before + 1);
      ASSERT_NO_FATAL_FAILURE(step(12));
      Beats came;
      came.add(accelerator().take_outputs(), false);
      Beats whole;
      whole.add(expected(good), false);
      ASSERT_GT(came.data.size(), whole.data.size());
      for (std::size_t i = 0; i < whole.data.size(); ++i) {
        ASSERT_EQ(came.data[i], whole.data[i]) << i;
        ASSERT_EQ(came.last[i], whole.last[i]) << i;
      }
      EXPECT_TRUE(came.is_closing(came.data.size() - 1));
      const auto ends = std::count(came.last.begin() + static_cast<std::ptrdiff_t>(whole.data.size()),
                                   came.last.end(), true);
      EXPECT_GE(ends, 1);
      EXPECT_LE(ends, 2);
      accelerator().stop_traffic();
      expect_recovery();
    }
  }
}

// An error of the job that runs drops the one that waits; both end on the output stream.
TEST_P(Queue, ErrorsOfTheRunningJobDropTheNext) {
  const Operands good = draw_operands(bench_.config, 8, 6, 40, 30);
  Operands bad = draw_operands(bench_.config, 9, 4, 20, 11);
  bad.job.weights[0].words[0] ^= 1U;
  accelerator().set_traffic({});
  accelerator().start(bad.job);
  accelerator().start(good.job);
  accelerator().feed(bad.job);
  accelerator().feed(good.job);
  ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return s.error; }));
  EXPECT_EQ(status().code, code_of("array"));
  EXPECT_EQ(accelerator().read_register("jobs"), 0U);
  ASSERT_NO_FATAL_FAILURE(step(200));
  Beats came;
  came.add(accelerator().take_outputs(), false);
  ASSERT_EQ(came.data.size(), 2U);
  EXPECT_TRUE(came.is_closing(0));
  EXPECT_TRUE(came.is_closing(1));
  accelerator().stop_traffic();
  expect_recovery();
}

/// Arrays whose launches may spoil the sums of the job before.
class QueueOfSpoilers : public Queue {
 protected:
  Operands draw(const Config& config, std::uint32_t seed, std::int64_t n) {
    const int tokens = config.pass_tokens();
    return draw_operands(config, seed, tokens, std::int64_t{2} * config.rows, n, 2, tb::OutputFormat::raw,
                         tokens);
  }
  /// Path recon: a job of two tiles, of which the second comes too early or the first is too fast.
  tb::AcceleratorJob mistimed(const Operands& o, bool gap) {
    const auto& [first, second] = std::pair{o.job.tiles[0], o.job.tiles[1]};
    if (gap && first.flagged_rows() == 0 && second.flagged_rows() > 0)
      return with_description(o.job, 1, described::kGap, 1);
    if (!gap && first.initiation_interval > 1)
      return with_description(o.job, 0, described::kInterval,
                              static_cast<std::uint32_t>(first.initiation_interval) - 1);
    return {};
  }
  /// Path inline: a job of one tile that is mapped for more units than there are.
  tb::AcceleratorJob crowded(const Operands& o) {
    const auto own = tb::make_job(bench_.config, o.parts, o.activations, tb::OutputFormat::raw);
    if (!own || own->tiles.size() == 1 || o.job.tiles.size() > 1) return {};
    return with_own_hash(o.job);
  }
  /// A job with the error `gap` or `slot_clash`.
  Operands spoiler(bool gap) {
    Config other = bench_.config;
    other.inlined.units_per_block = 2 * other.outlier_units();
    for (std::uint32_t seed = 1;; ++seed) {
      const bool recon = bench_.design.dimensions.recon.has_value();
      Operands o = recon ? draw(bench_.config, seed, other.lanes()) : draw(other, seed, other.cols);
      o.job = recon ? mistimed(o, gap) : crowded(o);
      if (!o.job.weights.empty()) return o;
    }
  }
};

// The older job has its sums, but no error of a launch says whose it spoiled: both end.
TEST_P(QueueOfSpoilers, ErrorsOfALaunchEndBothJobs) {
  for (const bool gap : {false, true}) {
    if (gap && !bench_.design.dimensions.recon) continue;
    const char* name = gap ? "gap" : "slot_clash";
    const std::vector jobs = {draw_operands(bench_.config, 8, 6, 40, 4, 2, tb::OutputFormat::raw),
                              spoiler(gap)};
    const std::uint32_t before = accelerator().read_register("jobs");
    start_two_behind_a_stuck_sink(jobs);
    ASSERT_NO_FATAL_FAILURE(wait_until([](const Status& s) { return s.error; }));
    EXPECT_EQ(status().code, code_of(name));
    EXPECT_FALSE(status().busy);
    EXPECT_EQ(accelerator().read_register("jobs"), before);
    accelerator().set_traffic({});
    ASSERT_NO_FATAL_FAILURE(step(12));
    Beats came;
    came.add(accelerator().take_outputs(), false);
    ASSERT_NO_FATAL_FAILURE(expect_ends_of(jobs, came, name));
    accelerator().stop_traffic();
    expect_recovery();
  }
}

INSTANTIATE_TEST_SUITE_P(Accelerator, QueueOfSpoilers,
                         testing::Values("top-recon-4x4", "top-recon-8x8", "top-inline-4x4",
                                         "top-inline-8x8-two-rows", "top-recon-8x8-row-shifts"),
                         by_config);

INSTANTIATE_TEST_SUITE_P(Accelerator, Queue,
                         testing::Values("top-recon-4x4", "top-recon-8x8", "top-none-4x4", "top-inline-4x4",
                                         "top-inline-8x8-full-range-one-outlier", "top-inline-8x8-two-rows",
                                         "top-recon-4x8-full-range-mode2", "top-recon-8x8-row-shifts",
                                         "top-recon-4x4-one-lane"),
                         by_config);

}  // namespace
}  // namespace msq::tests
