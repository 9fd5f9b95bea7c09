#include "cli/width_options.hpp"

#include <algorithm>

#include "cli/options.hpp"
#include "cli/values.hpp"
#include "gen/configs/presets.hpp"

namespace msq::cli {

const char* WidthOptions::given() const {
  if (cycles) return "--cycles";
  return average_bits ? "--average-bits" : nullptr;
}

Result<std::optional<flow::WidthLimit>> WidthOptions::limit() const {
  if (given() == nullptr) return std::optional<flow::WidthLimit>();
  flow::WidthLimit limit;
  limit.of = cycles ? flow::WidthLimit::Of::cycles : flow::WidthLimit::Of::stored_bits;
  limit.most = cycles ? *cycles : *average_bits;
  if (!config.empty()) {
    MSQ_TRY(const Config array, find_config(config));
    const bool preset = std::ranges::find(preset_names(), config) != preset_names().end();
    limit.target = {array, tokens, preset ? "" : config};
  }
  return std::optional(limit);
}

void add_width_options(CLI::App& command, WidthOptions& o) {
  auto* average = command.add_option("--average-bits", o.average_bits,
                                     "For a model, instead of --bits: limit of stored bits per weight over "
                                     "all layers. Each layer gets 2 or 4 bits by the error that 4 bits save");
  average->excludes("--bits")->check(between(2.0, 8.0));
  auto* cycles =
      command.add_option("--cycles", o.cycles,
                         "For a model, instead of --bits: limit of predicted cycles of all layers on the "
                         "array of --config, as a share of the cycles with 4 bits everywhere. Each layer "
                         "gets 2 or 4 bits by the error that 4 bits save per cycle");
  cycles->excludes("--bits")->excludes(average)->check(between(0.0, 1.0));
  add_config(command, o.config, false);
  command.add_option("--tokens", o.tokens, "Tokens per layer for the predicted cycles")
      ->check(between<std::int64_t>(1, 1048576))
      ->capture_default_str();
}

void check_width_options(const CLI::App& command, const WidthOptions& o) {
  if (o.cycles && o.config.empty()) throw CLI::RequiresError("--cycles", "--config");
  if (!o.config.empty() && o.given() == nullptr)
    throw CLI::RequiresError("--config", "--cycles or --average-bits");
  if (command.count("--tokens") > 0 && o.config.empty()) throw CLI::RequiresError("--tokens", "--config");
}

}  // namespace msq::cli
