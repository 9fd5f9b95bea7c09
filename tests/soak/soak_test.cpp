// The soak itself: that it covers the cases it claims, that it can fail, and that its findings become small.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "support/process.hpp"
#include "tb/sim/build_model.hpp"
#include "tests/soak/edit.hpp"
#include "tests/soak/random_config.hpp"
#include "tests/soak/subject.hpp"

namespace msq::tests {
namespace {

TEST(Steps, TextAndBack) {
  const Steps steps = {{"tile", 2, 0}, {"last-tokens", 0, 13}};
  EXPECT_EQ(to_text(steps), "tile:2:0,last-tokens:0:13");
  EXPECT_EQ(parse_steps(to_text(steps)), steps);
  EXPECT_EQ(parse_steps(""), Steps{});
  for (const char* bad : {"tile", "tile:1", ":1:2", "tile:x:1", "tile:1:-2", "tile:1:2:3", "tile:1:2,,"})
    EXPECT_FALSE(parse_steps(bad)) << bad;
}

TEST(RandomConfig, AreOfEveryKindInARow) {
  for (const int first : {0, 5, 120}) {
    std::set<std::tuple<OutlierPath, Encoding, int>> kinds;
    std::set<std::vector<int>> modes;
    for (int i = first; i < first + kConfigKinds; ++i) {
      const Config c = random_config(1, i);
      kinds.insert({c.outlier_path, c.encoding, c.rows});
      modes.insert(c.modes);
    }
    EXPECT_EQ(kinds.size(), static_cast<std::size_t>(kConfigKinds));
    EXPECT_GE(modes.size(), 2u);  // drawn, with [2, 4] in half of the configurations
  }
  EXPECT_EQ(random_config(7, 3), random_config(7, 3));
  std::set<int> accelerator;
  for (int i = 0; i < 5 * kConfigKinds; ++i) {
    if (is_for_accelerator(i)) accelerator.insert(i % kConfigKinds);
  }
  EXPECT_EQ(accelerator.size(), static_cast<std::size_t>(kConfigKinds));
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    for (int i = 0; i < 60; ++i) EXPECT_NO_THROW(static_cast<void>(random_config(seed, i)));  // all valid
  }
}

/// Cases are sets of the numbers 0 .. 19; a case fails if it holds both 3 and 11, and from seed 9 on only.
class Numbers : public Subject {
 public:
  void renew(std::uint32_t) override { earlier_ = 0; }
  std::optional<std::string> run(std::uint32_t seed, const Steps& steps) override {
    ++runs;
    const auto numbers = make(steps);
    const bool fails = seed >= 9 && numbers.contains(3) && numbers.contains(11) && earlier_ >= needs_earlier;
    ++earlier_;
    if (fails) return "3 and 11";
    return std::nullopt;
  }
  std::vector<Step> candidates(std::uint32_t, const Steps& steps) override {
    std::vector<Step> all;
    for (const int n : make(steps)) all.push_back({"drop", n, 0});
    return all;
  }
  std::string describe(std::uint32_t, const Steps& steps) override { return to_text(steps); }
  static std::set<int> make(const Steps& steps) {
    std::set<int> numbers;
    for (int n = 0; n < 20; ++n) numbers.insert(n);
    for (const Step& step : steps) numbers.erase(step.a);
    return numbers;
  }
  int needs_earlier = 0;
  long runs = 0;

 private:
  int earlier_ = 0;
};

TEST(Shrink, KeepsOnlyWhatItTakes) {
  Numbers numbers;
  const auto found = run_cases(numbers, 1, 100, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->last, 9u);
  const Failure small = shrink(numbers, *found, 1000);
  EXPECT_EQ(small.first, 9u);
  EXPECT_EQ(small.last, 9u);
  EXPECT_EQ(Numbers::make(small.steps), (std::set<int>{3, 11}));
  EXPECT_FALSE(run_cases(numbers, 1, 8, {}));
}

TEST(Shrink, KeepsTheCasesBeforeThatItTakes) {
  Numbers numbers;
  numbers.needs_earlier = 3;
  const Failure small = shrink(numbers, *run_cases(numbers, 1, 100, {}), 1000);
  EXPECT_EQ(small.last, 9u);
  EXPECT_EQ(small.first, 5u);  // 0, 1, 2, 4 .. cases before: four are the first that suffice
  EXPECT_EQ(Numbers::make(small.steps), (std::set<int>{3, 11}));
}

TEST(Shrink, StaysInItsBudget) {
  Numbers numbers;
  const auto found = run_cases(numbers, 9, 9, {});
  numbers.runs = 0;
  const Failure small = shrink(numbers, *found, 5);
  EXPECT_LE(numbers.runs, 5);
  EXPECT_FALSE(small.steps.empty());
  EXPECT_LE(small.steps.size(), 5u);
}

struct Bug {
  const char* name;
  int config;        ///< number of the random configuration
  const char* edit;  ///< see edit_design
};

class InjectedBugs : public testing::TestWithParam<Bug> {};

/// A bug in one module, of the kind that slips through, is found, its case shrunk, and the rest fails
/// again and passes on the design without the bug.
TEST_P(InjectedBugs, AreFoundAndShrunk) {
  const bool accelerator = is_for_accelerator(GetParam().config);
  const Config config = random_config(1, GetParam().config);
  const auto subject = [&](const Design& design) {
    const auto cache = tb::default_model_cache();
    return accelerator ? accelerator_subject(design, cache) : core_subject(design, cache);
  };
  const Design good = accelerator ? build_accelerator(config) : build_design(config);
  Design bad = good;
  ASSERT_TRUE(edit_design(bad, GetParam().edit));
  const auto broken = subject(bad);
  const auto found = run_cases(*broken, 1, accelerator ? 200 : 20000, {});
  ASSERT_TRUE(found) << "not found";
  const Failure small = shrink(*broken, *found, accelerator ? 600 : 5000);
  std::printf("found: %s\n  %s\nsmallest: %s\n  %s\n  steps %s\n", found->message.c_str(),
              broken->describe(found->last, {}).c_str(), small.message.c_str(),
              broken->describe(small.last, small.steps).c_str(), to_text(small.steps).c_str());
  EXPECT_EQ(small.first, small.last) << "fails only after other cases";
  EXPECT_FALSE(small.steps.empty());
  EXPECT_TRUE(run_cases(*subject(bad), small.first, small.last, small.steps));
  EXPECT_FALSE(run_cases(*subject(good), small.first, small.last, small.steps));
}

INSTANTIATE_TEST_SUITE_P(
    Soak, InjectedBugs,
    testing::Values(
        // The carry of a negative Lower half is lost.
        Bug{"merge", 0, "msq_merge: (outlier ? moving_i[0] : s) => (outlier ? 1'b0 : s)"},
        // A shifted negative value fills up with zeros.
        Bug{"outlier_unit", 1, "msq_outlier_unit: emptied & {SHIFT_MAX{s_q}} => emptied & {SHIFT_MAX{1'b0}}"},
        // The highest bit of an unsigned Lower half is ignored.
        Bug{"merge_full", 3, "msq_merge_full: moving_i[0] & outlier => moving_i[0] & outlier & 1'b0"},
        // Weights of the next tile may overwrite those that still wait.
        Bug{"sequencer", 2,
            "msq_sequencer: !(|(next_row_q & occupied)) => !(|(next_row_q & occupied & {ROWS{1'b0}}))"},
        // Ties are rounded up, not to even.
        Bug{"align", 4, "msq_align: sticky | shifted[1] => sticky | 1'b1"}),
    [](const auto& tested) { return std::string(tested.param.name); });

/// The program: a bug ends it with 1 and a command that fails too, and passes without the bug.
TEST(SoakProgram, PrintsACommandThatReproduces) {
  const std::string edit = "msq_merge: (outlier ? moving_i[0] : s) => (outlier ? 1'b0 : s)";
  const auto result = run_process(
      {.argv = {MSQ_SOAK, "--seed", "1", "--first-config", "0", "--minutes", "5", "--edit", edit}});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->exit_code, 1) << result->output;
  const std::size_t at = result->output.find("tests/soak/soak ");
  ASSERT_NE(at, std::string::npos) << result->output;
  const std::string options = result->output.substr(at + 16);
  const std::size_t config = options.find("--config '");
  const std::size_t seeds = options.find("--seeds ") + 8;
  const std::size_t steps = options.find("--steps '");
  ASSERT_TRUE(config != std::string::npos && steps != std::string::npos) << options;
  const auto quoted = [&](std::size_t from) { return options.substr(from, options.find('\'', from) - from); };
  std::vector<std::string> again = {MSQ_SOAK,
                                    "--subject",
                                    "core",
                                    "--seeds",
                                    options.substr(seeds, options.find(' ', seeds) - seeds),
                                    "--steps",
                                    quoted(steps + 9),
                                    "--config",
                                    quoted(config + 10)};
  const auto without = run_process({.argv = again});
  ASSERT_TRUE(without) << without.error();
  EXPECT_EQ(without->exit_code, 0) << without->output;
  again.insert(again.end(), {"--edit", edit});
  const auto with = run_process({.argv = again});
  ASSERT_TRUE(with) << with.error();
  EXPECT_EQ(with->exit_code, 1) << with->output;
}

}  // namespace
}  // namespace msq::tests
