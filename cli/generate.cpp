#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/baselines.hpp"
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/output_directory.hpp"
#include "cli/presets.hpp"
#include "cli/text.hpp"
#include "gen/arch/design.hpp"
#include "gen/arch/manifest.hpp"
#include "gen/arch/registers.hpp"
#include "gen/config/serialize.hpp"

namespace msq::cli {
namespace {

struct GenerateOptions {
  std::string config, output;
  bool json = false;
  bool core = false;  ///< without the top around it
  BaselineChoice baseline;
};

/// An argument as a shell takes it; control characters, which no comment can hold, become `?`.
std::string shell_word(std::string word) {
  std::replace_if(
      word.begin(), word.end(), [](unsigned char c) { return std::iscntrl(c) != 0; }, '?');
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || std::strchr("_-./+=:,@%", c) != nullptr;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// Command line for the headers: what decides about the text of the files, not where they go.
std::string command_line(const GenerateOptions& options) {
  const BaselineChoice& b = options.baseline;
  if (options.config.empty()) {
    return fmt::format("microscopiq generate --baseline {} --rows {} --cols {} --tree-rows {}", b.name,
                       b.rows, b.cols, b.tree_rows);
  }
  return fmt::format("microscopiq generate --config {}{}", shell_word(options.config),
                     options.core ? " --core-only" : "");
}

Result<Design> find_design(const GenerateOptions& options) {
  const std::string command = command_line(options);
  if (options.config.empty()) {
    MSQ_TRY(const BaselineSpec spec, find_baseline(options.baseline));
    return build_baseline(spec, command);
  }
  MSQ_TRY(const Config config, find_config(options.config));
  return options.core ? build_design(config, command) : build_accelerator(config, command);
}

/// Files of a design, in the order a tool reads them, then what describes them.
std::vector<DesignFile> files_of(const Design& design) {
  std::vector<DesignFile> files = design.leaves;
  files.insert(files.end(), design.generated.begin(), design.generated.end());
  files.push_back(design.control);
  files.push_back({kManifestFile, manifest_json(design)});
  files.push_back({"msq_ports.hpp", ports_header(design)});
  if (has_top(design)) {
    const auto map = design_registers(design);
    files.push_back({"msq_registers.h", register_header(map)});
    files.push_back({kRegisterPage, register_page(map)});
  }
  files.push_back({fmt::format("{}.core", design.top), fusesoc_core(design)});
  return files;
}

std::string summary(const Design& design, const std::string& directory, std::size_t files) {
  const Config& c = design.config;
  std::string text = fmt::format("{}: {} files\n", directory, files);
  text += item("configuration", fmt::format("{}, hash {}", c.name, config_hash(c)));
  text += item("array", fmt::format("{} rows x {} columns of PEs, modes {}", c.rows, c.cols,
                                    fmt::join(c.modes, " and ")));
  text += item("outlier path", outlier_text(c));
  text += item("partial sums",
               fmt::format("{} lanes of {} bits", design.dimensions.lanes, design.dimensions.acc_bits));
  text +=
      item("latency", fmt::format("{} cycles from a token to its partial sums", design.dimensions.latency));
  text += item("memories", fmt::format("{} bits", grouped(memory_bits(design))));
  text += item("top module", design.top);
  return text;
}

Outcome generate(const GenerateOptions& options) {
  const auto found = find_design(options);
  if (!found) return Error(found.error());
  const Design& design = *found;
  const auto files = files_of(design);
  if (auto written = replace_directory(options.output, files); !written) return Error(written.error());
  if (options.json) {
    Json json = {
        {"directory", options.output}, {"top", design.top}, {"config_hash", config_hash(design.config)}};
    for (const DesignFile& file : files) json["files"].push_back(file.name);
    fmt::print("{}", json_text(json));
    return kOk;
  }
  fmt::print("{}", summary(design, options.output, files.size()));
  for (const DesignFile& file : files) fmt::print("    {}\n", file.name);
  return kOk;
}

}  // namespace

void add_generate(CLI::App& app, Action& action) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* command =
      app.add_subcommand("generate", "Write an accelerator as Verilog, with its manifest and register map");
  add_config(*command, options->config, false);
  add_baseline(*command, options->baseline, command->get_option("--config"));
  command
      ->add_option(
          "-o,--output", options->output,
          "Directory to hold exactly these files: new, empty, or with an earlier output, which is replaced")
      ->required();
  command->add_flag("--core-only", options->core,
                    "Leave out the top with its streams, buffers and registers");
  add_json(*command, options->json);
  command->footer("\nExample:\n  microscopiq generate --config 8x8 -o build/core-8x8");
  command->callback([options, &action] { action = [options] { return generate(*options); }; });
}

}  // namespace msq::cli
