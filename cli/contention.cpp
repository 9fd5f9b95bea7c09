#include "flow/layer/contention.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/values.hpp"
#include "golden/io/atomic_file.hpp"
#include "report/contention.hpp"

namespace msq::cli {
namespace {

struct ContentionOptions : flow::ContentionRequest {
  std::string csv;
  bool json = false;
};

Outcome run_contention(const ContentionOptions& o) {
  MSQ_TRY(const flow::ContentionFindings findings, flow::study_contention(o));
  if (!o.csv.empty()) MSQ_CHECK(golden::write_file_atomically(o.csv, report::csv_of(findings)));
  fmt::print("{}", report::render(findings, form(o.json)));
  return kOk;
}

void add_options(CLI::App& command, ContentionOptions& o) {
  add_array(command, o.array);
  command
      .add_option("--units", o.units, "ReCoN units, several separated by commas. Default: 1, 2, 4 .. rows")
      ->delimiter(',')
      ->check(between(1, 128));
  command.add_option("-m,--tokens", o.tokens, "Tokens per loaded tile, several separated by commas")
      ->delimiter(',')
      ->check(between(1, 4096))
      ->capture_default_str();
  command
      .add_option(
          "--mode", o.modes,
          "Modes of the random tiles, several separated by commas. Default: modes of the configuration")
      ->delimiter(',')
      ->check(CLI::IsMember({2, 4}));
  command
      .add_option("--outlier-rate", o.rates,
                  "Share of micro-blocks with outliers in random tiles, several separated by commas")
      ->delimiter(',')
      ->check(between(0.0, 1.0))
      ->capture_default_str();
  command
      .add_option("-q,--quantized", o.files, "Quantized file, to study its layers as well; may be repeated")
      ->type_name(kInput);
  command
      .add_option("--spacing", o.spacings,
                  "Cycles between tokens in the table of spacings, several separated by commas")
      ->delimiter(',')
      ->check(between(1, 4096))
      ->capture_default_str();
  command.add_option("--tiles", o.tiles, "Random tiles, and maximum number of tiles per layer")
      ->check(between(1, 100000))
      ->capture_default_str();
  add_seed(command, o.seed);
  command.add_option("--csv", o.csv, "Write the figures to this CSV file")->type_name(kOutput);
  add_json(command, o.json);
}

}  // namespace

void add_contention(CLI::App& app, Action& action) {
  auto options = std::make_shared<ContentionOptions>();
  CLI::App* command = app.add_subcommand(
      "contention", "Count the accesses to ReCoN that wait, and their cost, by number of units");
  add_options(*command, *options);
  command->footer("Example:\n  microscopiq contention --rows 16 --cols 16 --tiles 8");
  command->callback([options, &action] { action = [options] { return run_contention(*options); }; });
}

}  // namespace msq::cli
