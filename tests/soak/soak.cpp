// The soak: random configurations x random tensors x random stalls for as long as one likes. See --help.

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <limits>
#include <map>
#include <stdexcept>

#include "gen/config/load.hpp"
#include "gen/config/serialize.hpp"
#include "tb/sim/build_model.hpp"
#include "tests/soak/edit.hpp"
#include "tests/soak/random_config.hpp"
#include "tests/soak/subject.hpp"

namespace msq::tests {
namespace {

using Clock = std::chrono::steady_clock;

/// Cases on one instance of a model; the next instance has another initial state.
constexpr std::uint32_t kCasesPerInstance = 1000;

struct Options {
  double minutes = 1;
  double slice = 30;
  long gemms = std::numeric_limits<long>::max();
  std::uint32_t seed = 0;
  int first_config = 0;
  std::string config;
  std::string subject = "core";
  std::string seeds;
  std::string steps;
  std::string edit;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string one_line(const std::string& json) {
  std::string line;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] != '\n') {
      line += json[i];
      continue;
    }
    while (i + 1 < json.size() && json[i + 1] == ' ') ++i;
  }
  return line;
}

std::unique_ptr<Subject> make_subject(const Config& config, bool accelerator, const Options& options) {
  Design design = accelerator ? build_accelerator(config) : build_design(config);
  if (!options.edit.empty() && !edit_design(design, options.edit))
    throw std::runtime_error("--edit: no module of this design has this text");
  const auto cache = tb::default_model_cache();
  return accelerator ? accelerator_subject(design, cache) : core_subject(design, cache);
}

void report_failure(Subject& subject, const Config& config, bool accelerator, const Options& options,
                    const Failure& found) {
  fmt::print("\nFAILED: seed {}: {}\n  {}\nmaking it smaller ..\n", found.last, found.message,
             subject.describe(found.last, found.steps));
  std::fflush(stdout);
  const Failure small = shrink(subject, found, accelerator ? 1500 : 10000);
  fmt::print(
      "smallest: {}\n  {}\nrun it again with\n  build/release/tests/soak/soak --subject {} --seeds "
      "{}..{}{}{} "
      "--config '{}'\n",
      small.message, subject.describe(small.last, small.steps), accelerator ? "accelerator" : "core",
      small.first, small.last, small.steps.empty() ? "" : fmt::format(" --steps '{}'", to_text(small.steps)),
      options.edit.empty() ? "" : fmt::format(" --edit \"{}\"", options.edit), one_line(to_json(config)));
}

/// Totals of the cases run, by path, encoding, shape and subject.
class Summary {
 public:
  void add(const Config& c, bool accelerator, const SoakTotals& totals) {
    SoakTotals& sum =
        lines_[fmt::format("{}x{} {:6} {:10} {}", c.rows, c.cols, outlier_path_name(c.outlier_path),
                           encoding_name(c.encoding), accelerator ? "accelerator" : "core")];
    sum.gemms += totals.gemms;
    sum.compared += totals.compared;
    all_.gemms += totals.gemms;
    all_.compared += totals.compared;
    ++configurations_;
  }
  void print(double seconds) const {
    for (const auto& [name, totals] : lines_)
      fmt::print("  {:38} {:>12} GEMMs {:>14} values\n", name, totals.gemms, totals.compared);
    fmt::print("{} configurations, {} GEMMs, {} values compared, 0 mismatched, {:.0f} s\n", configurations_,
               all_.gemms, all_.compared, seconds);
  }
  [[nodiscard]] const SoakTotals& all() const { return all_; }

 private:
  std::map<std::string, SoakTotals> lines_;
  SoakTotals all_;
  int configurations_ = 0;
};

int soak(const Options& options) {
  const auto start = Clock::now();
  const double budget = 60 * options.minutes;
  fmt::print("soak: --seed {} --first-config {}, {:%Y-%m-%d %H:%M:%S} UTC\n", options.seed,
             options.first_config, fmt::gmtime(std::time(nullptr)));
  Summary summary;
  for (int index = options.first_config; seconds_since(start) < budget && summary.all().gemms < options.gemms;
       ++index) {
    const Config config = random_config(options.seed, index);
    const bool accelerator = is_for_accelerator(index);
    const auto subject = make_subject(config, accelerator, options);
    const auto began = Clock::now();
    // Cases of different configurations are different too: seeds continue those before.
    std::uint32_t first = 1 + static_cast<std::uint32_t>(index) * 1000000U;
    const auto goes_on = [&] {
      return seconds_since(began) < options.slice && seconds_since(start) < budget &&
             summary.all().gemms + subject->totals.gemms < options.gemms;
    };
    for (const std::uint32_t cases = accelerator ? 10 : kCasesPerInstance; goes_on(); first += cases) {
      const auto failure = run_cases(*subject, first, first + cases - 1, {});
      if (!failure) continue;
      report_failure(*subject, config, accelerator, options, *failure);
      return 1;
    }
    summary.add(config, accelerator, subject->totals);
    fmt::print("{:4} {:11} {:>8} GEMMs to seed {:<10} {}\n", index, accelerator ? "accelerator" : "core",
               subject->totals.gemms, first - 1, one_line(to_json(config)));
    std::fflush(stdout);
  }
  summary.print(seconds_since(start));
  return summary.all().gemms > 0 ? 0 : 1;
}

int replay(const Options& options) {
  auto config = parse_config(options.config, "--config");
  if (!config) throw std::runtime_error(config.error());
  const auto steps = parse_steps(options.steps);
  if (!steps) throw std::runtime_error("--steps: not a list of word:number:number");
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  if (std::sscanf(options.seeds.c_str(), "%u..%u", &first, &last) != 2 || first > last)
    throw std::runtime_error("--seeds: not of the form FIRST..LAST");
  const auto subject = make_subject(*config, options.subject == "accelerator", options);
  const auto failure = run_cases(*subject, first, last, *steps);
  fmt::print("{}\n", subject->describe(last, *steps));
  if (!failure) {
    fmt::print("{} GEMMs, {} values compared, 0 mismatched\n", subject->totals.gemms,
               subject->totals.compared);
    return 0;
  }
  fmt::print("FAILED: seed {}: {}\n", failure->last, failure->message);
  return 1;
}

int main_program(int argc, char** argv) {
  CLI::App app(
      "Random configurations x random tensors x random stalls, every value against the golden model. Ends "
      "with 1 at the first mismatch, made as small as it gets, with the command that runs it again.");
  Options options;
  options.seed = static_cast<std::uint32_t>(std::time(nullptr));
  app.add_option("--minutes", options.minutes, "how long")->check(CLI::PositiveNumber);
  app.add_option("--gemms", options.gemms, "or until so many tiles have run")->check(CLI::PositiveNumber);
  app.add_option("--slice", options.slice, "seconds of each configuration")->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "of the configurations; by default the time");
  app.add_option("--first-config", options.first_config, "number to begin with")->check(CLI::Range(0, 1000));
  app.add_option("--config", options.config, "one configuration as JSON, with --seeds");
  app.add_option("--subject", options.subject, "core or accelerator, with --config")
      ->check(CLI::IsMember({"core", "accelerator"}));
  app.add_option("--seeds", options.seeds, "cases FIRST..LAST, with --config");
  app.add_option("--steps", options.steps, "what makes the last case smaller, with --config");
  app.add_option("--edit", options.edit,
                 "\"MODULE: FROM => TO\": a bug put into the Verilog, to see that it is found");
  app.get_option("--config")->needs("--seeds");
  app.get_option("--seeds")->needs("--config");
  app.get_option("--steps")->needs("--config");
  CLI11_PARSE(app, argc, argv);
  return options.config.empty() ? soak(options) : replay(options);
}

}  // namespace
}  // namespace msq::tests

int main(int argc, char** argv) {
  try {
    return msq::tests::main_program(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "soak: {}\n", error.what());
    return 2;
  }
}
