#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <memory>
#include <string>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/values.hpp"
#include "flow/layer/model_times.hpp"
#include "report/model_times.hpp"

namespace msq::cli {
namespace {

struct ModelOptions : flow::ModelRequest {
  std::string phase, output_name = "fp32";
  bool json = false;

  [[nodiscard]] flow::ModelRequest request() const {
    flow::ModelRequest request = *this;
    request.decode = phase == "decode";
    request.output = kOutputFormats.at(output_name);
    return request;
  }
};

Outcome run_model(const ModelOptions& o) {
  MSQ_TRY(const flow::ModelTimes times, flow::time_model(o.request()));
  fmt::print("{}", report::render(times, form(o.json)));
  return kOk;
}

void add_top_options(CLI::App& command, ModelOptions& o) {
  std::vector<std::string> outputs;
  outputs.reserve(kOutputFormats.size());
  for (const auto& [name, unused] : kOutputFormats) outputs.push_back(name);
  command.add_option("--output", o.output_name, "Output format")
      ->check(CLI::IsMember(outputs))
      ->capture_default_str();
  const auto rate = [&command](const char* name, double& value, const char* what) {
    command.add_option(name, value, fmt::format("Beats per cycle of {}", what))
        ->check(between(1e-6, 1.0))
        ->capture_default_str();
  };
  rate("--weight-rate", o.rates.weights, "the weight stream");
  rate("--activation-rate", o.rates.activations, "the activation stream");
  rate("--output-rate", o.rates.outputs, "the output port");
  command.add_option("--off-chip", o.platform.off_chip, "Bytes per cycle from off-chip memory")
      ->check(positive())
      ->capture_default_str();
  command.add_option("--on-chip", o.platform.on_chip, "Bytes per cycle between on-chip memory and array")
      ->check(positive())
      ->capture_default_str();
}

}  // namespace

void add_model(CLI::App& app, Action& action) {
  auto options = std::make_shared<ModelOptions>();
  ModelOptions& o = *options;
  CLI::App* command = app.add_subcommand(
      "model", "Calculate the cycles of a transformer's linear layers, beside other machines");
  add_array(*command, o.array);
  command->add_option("--units", o.array.units, "ReCoN units. Default: those of the configuration")
      ->check(between(1, 128));
  std::vector<std::string> names;
  for (const auto& known : model::known_models()) names.push_back(known.name);
  auto* name = command->add_option("--model", o.model, fmt::format("Model: {}", fmt::join(names, ", ")));
  auto* file = command->add_option("--shapes", o.shapes, "CSV file of layers, with the header name,k,n,count")
                   ->type_name(kInput)
                   ->excludes(name);
  auto* quantized =
      command
          ->add_option("-q,--quantized", o.quantized,
                       "Quantized file, or a directory of such files: layers, with their bits and outliers")
          ->type_name(kInputPath)
          ->excludes(name)
          ->excludes(file);
  command->add_option("--phase", o.phase, "prefill: all tokens at once; decode: one token after another")
      ->required()
      ->check(CLI::IsMember({"prefill", "decode"}));
  command->add_option("-m,--tokens", o.tokens, "Number of tokens")
      ->required()
      ->check(between(std::int64_t{1}, std::int64_t{1} << 20));
  command->add_option("--mode", o.mode, "Bits per weight. Default: fewest of the configuration")
      ->check(CLI::IsMember({2, 4}))
      ->excludes(quantized);
  command
      ->add_option(
          "--outlier-rate", o.rate,
          "Share of micro-blocks with outliers. Default: the paper's, 0.09 in mode 2, 0.0375 in mode 4")
      ->check(between(0.0, 1.0))
      ->excludes(quantized);
  add_top_options(*command, o);
  add_seed(*command, o.seed);
  add_json(*command, o.json);
  command->footer("Example:\n  microscopiq model --model llama-3-8b --phase decode --tokens 1");
  command->callback([options, &action] { action = [options] { return run_model(*options); }; });
}

}  // namespace msq::cli
