#include "cli/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "gen/configs/presets.hpp"
#include "report/sweep_files.hpp"
#include "support/files.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

bool is_preset(const std::string& name) {
  const auto& names = preset_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Values of the command line, else the default.
std::vector<std::string> values_of(const CLI::Option& option) {
  if (option.count() > 0) return option.results();
  const std::string value = option.get_default_str();
  return value.empty() ? std::vector<std::string>{} : std::vector{value};
}

/// Files in a directory that is to hold only an output.
std::vector<std::string> files_replaced(const std::string& directory) {
  std::vector<std::string> files = {directory};
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) files.push_back(entry.path().string());
  return files;
}

/// Files that a command writes, replaces or removes for the value of an output option. Those of --packets
/// follow from the layer: flow::accelerate checks them.
std::vector<std::string> files_written(const std::string& command, const std::string& option,
                                       const std::string& value) {
  if (option == "--trace") return {value, value + ".gtkw"};
  if (command == "generate") return files_replaced(value);
  if (command != "sweep") return {value};
  std::vector<std::string> reports = report::kSweepFiles;
  for (std::string& file : reports) file.insert(0, value + "/");
  return reports;
}

Error refusal(const NamedFile& output, std::string_view verb, const NamedFile& other) {
  return Error(fmt::format("{}: found \"{}\", which {} {}; allowed: another file", output.option, output.path,
                           other.option, verb));
}

}  // namespace

Result<> check_apart(const std::vector<NamedFile>& inputs, const std::vector<NamedFile>& outputs) {
  for (auto output = outputs.begin(); output != outputs.end(); ++output) {
    const auto clashes = [&](const NamedFile& other) { return same_file(output->path, other.path); };
    const auto input = std::find_if(inputs.begin(), inputs.end(), clashes);
    if (input != inputs.end()) return refusal(*output, "reads", *input);
    const auto other = std::find_if(outputs.begin(), output, clashes);
    if (other != output) return refusal(*output, "writes", *other);
  }
  return {};
}

Result<> check_outputs(const CLI::App& command) {
  std::vector<NamedFile> inputs;
  std::vector<NamedFile> outputs;
  for (const CLI::Option* option : command.get_options()) {
    const std::string type = option->get_type_name();
    const std::string name = option->get_name();
    for (const std::string& value : values_of(*option)) {
      if (type == kInput || type == kInputPath || (type == kConfig && !is_preset(value)))
        inputs.push_back({name, value});
      if (type != kOutput && type != kOutputDirectory) continue;
      for (const std::string& file : files_written(command.get_name(), name, value))
        outputs.push_back({name, file});
    }
  }
  return check_apart(inputs, outputs);
}

}  // namespace msq::cli
