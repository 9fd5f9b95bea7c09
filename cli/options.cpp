#include "cli/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/files.hpp"
#include "cli/values.hpp"
#include "synth/liberty.hpp"

namespace msq::cli {

void add_array(CLI::App& command, flow::ArrayChoice& array) {
  add_config(command, array.config, false);
  command.add_option("--rows", array.rows, "PE rows, a power of two, 4 to 128. Default: the configuration's")
      ->check(between(4, 128));
  command
      .add_option("--cols", array.cols, "PE columns, a power of two, 4 to 128. Default: the configuration's")
      ->check(between(4, 128));
}

void add_weights(CLI::App& command, flow::WeightsSource& source) {
  add_weights_file(command, source);
  command
      .add_option("--tensor", source.tensor,
                  "Name of the tensor in a checkpoint or .onnx file; of expert I TENSOR.I")
      ->excludes("--synthetic");
}

void add_weights_file(CLI::App& command, flow::WeightsSource& source) {
  const auto set = [&source](const std::vector<std::string>& files) {
    if (files.size() > 1) {
      throw CLI::ValidationError("--weights", fmt::format("found {} files; allowed: one; for a checkpoint of "
                                                          "several shards its directory or its index, "
                                                          "such as model.safetensors.index.json",
                                                          files.size()));
    }
    source.file = files.front();
  };
  auto* file =
      command
          .add_option_function<std::vector<std::string>>(
              "-w,--weights", set,
              "Weights: .npy (float16, 32 or 64), .onnx (DOUBLE, FLOAT, FLOAT16, BFLOAT16; up to 2 GiB, "
              "and external data beside it), .safetensors (F64, F32, F16, BF16, F8_E4M3, F8_E5M2), its "
              "index model.safetensors.index.json, or the directory of a checkpoint; config.json "
              "beside a checkpoint is read")
          ->allow_extra_args(false)
          ->type_name(kInputPath);
  auto* layout =
      command
          .add_option(
              "--layout", source.layout,
              "How the file stores them; K is the dot product's dimension. Default: k_by_n for "
              ".npy; .onnx: by the graph; checkpoints: by the architecture in config.json, else n_by_k "
              "(PyTorch's Linear), except k_by_n for layers of GPT-2 and by the length of a bias")
          ->check(CLI::IsMember({"k_by_n", "n_by_k"}));
  command
      .add_option("--synthetic", source.synthetic,
                  "Instead of a file: KxN random weights with heavy tails, such as 384x1536")
      ->excludes(file)
      ->excludes(layout);
}

void add_activations(CLI::App& command, flow::ActivationsSource& source) {
  auto* file = command
                   .add_option("-a,--activations", source.file,
                               "Activations [M][K]: .npy, .safetensors or .onnx. Default: random ones")
                   ->type_name(kInput);
  command.add_option("--activations-tensor", source.tensor,
                     "Name of the tensor in a .safetensors or .onnx file");
  command.add_option("-m,--tokens", source.tokens, "Number M of random activation rows, 1 to 4096")
      ->check(between(std::int64_t{1}, std::int64_t{4096}))
      ->capture_default_str()
      ->excludes(file);
}

void add_seed(CLI::App& command, unsigned& seed) {
  command
      .add_option("--seed", seed,
                  "Seed of everything random: weights, activations, stalls, initial state; 0 to 4294967295")
      ->check(between(0U, 4294967295U))
      ->capture_default_str();
}

void add_liberty(CLI::App& command, std::string& liberty) {
  if (liberty.empty()) liberty = synth::kOsu018Liberty;
  command
      .add_option("--liberty", liberty, "Standard-cell library (Liberty, plain text); areas are in its unit")
      ->type_name(kInput)
      ->capture_default_str();
}

CLI::Option* add_periods(CLI::App& command, std::vector<double>& periods) {
  return command
      .add_option(
          "--period", periods,
          "Map for this clock in ns, 0.01 to 1000, instead of for the least area: recipes are tried, the "
          "smallest netlist that OpenSTA finds fast enough is kept; several clocks separated by commas")
      ->delimiter(',')
      ->check(between(0.01, 1000.0));
}

CLI::Option* add_max_fanout(CLI::App& command, int& limit, const std::string& text) {
  return command.add_option("--max-fanout", limit, text)->check(between(0, 1000))->capture_default_str();
}

Result<> check_max_fanout(int limit) {
  if (limit == 1) return Error("--max-fanout: found 1; allowed: 0, or 2 to 1000");
  return {};
}

void add_quantizer_choices(CLI::App& command, flow::QuantizerChoices& choices) {
  golden::QuantizerOptions& o = choices.options;
  command.add_option("--macro-block", o.macro_block, "Weights that share one scale")
      ->check(CLI::IsMember({32, 64, 128}))
      ->capture_default_str();
  add_choice(command, "--inlier-rule", o.inlier_rule,
             "How scales are found: least squared error, or from the largest inlier");
  add_choice(command, "--shift-rule", o.shift_rule,
             "How outlier shifts are found: least squared error, or the largest needed (the paper's)");
  command
      .add_option("--sigma", o.outlier_sigma, "Outlier threshold, in standard deviations from the mean, > 0")
      ->check(positive())
      ->capture_default_str();
}

}  // namespace msq::cli
