#include "cli/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/files.hpp"
#include "cli/values.hpp"
#include "synth/liberty.hpp"

namespace msq::cli {

void add_array(CLI::App& command, flow::ArrayChoice& array) {
  add_config(command, array.config, false);
  command.add_option("--rows", array.rows, "PE rows, a power of two. Default: those of the configuration")
      ->check(between(4, 128));
  command.add_option("--cols", array.cols, "PE columns, a power of two. Default: those of the configuration")
      ->check(between(4, 128));
}

void add_weights(CLI::App& command, flow::WeightsSource& source) {
  add_weights_file(command, source);
  command
      .add_option("--tensor", source.tensor,
                  "Tensor of a checkpoint or .onnx file, by name; TENSOR.I names expert I")
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
  auto* file = command
                   .add_option_function<std::vector<std::string>>(
                       "-w,--weights", set,
                       "Weights: .npy (float16, 32, 64), .onnx (DOUBLE, FLOAT, FLOAT16, BFLOAT16; up to 2 "
                       "GiB, and external data), .safetensors (F64, F32, F16, BF16, F8_E4M3, F8_E5M2), the "
                       "index of a checkpoint (model.safetensors.index.json) or its directory; config.json "
                       "beside a checkpoint is read")
                   ->allow_extra_args(false)
                   ->type_name(kInputPath);
  auto* layout =
      command
          .add_option(
              "--layout", source.layout,
              "Layout of the stored matrix; K is the dimension of the dot product. Default: k_by_n for .npy; "
              "as in the graph for .onnx; for checkpoints as in the architecture of config.json, else n_by_k "
              "(PyTorch's Linear), except k_by_n for layers of GPT-2 and where a bias proves it")
          ->check(CLI::IsMember({"k_by_n", "n_by_k"}));
  command
      .add_option("--synthetic", source.synthetic,
                  "Random heavy-tailed weights KxN instead of a file, such as 384x1536")
      ->excludes(file)
      ->excludes(layout);
}

void add_activations(CLI::App& command, flow::ActivationsSource& source) {
  auto* file = command
                   .add_option("-a,--activations", source.file,
                               "Activations [M][K]: .npy, .safetensors or .onnx. Default: random activations")
                   ->type_name(kInput);
  command.add_option("--activations-tensor", source.tensor,
                     "Tensor of the activations file (.safetensors or .onnx), by name");
  command.add_option("-m,--tokens", source.tokens, "Number of random activation rows M")
      ->check(between(std::int64_t{1}, std::int64_t{4096}))
      ->capture_default_str()
      ->excludes(file);
}

void add_seed(CLI::App& command, unsigned& seed) {
  command
      .add_option("--seed", seed, "Seed of all random numbers: weights, activations, stalls, initial state")
      ->check(between(0U, 4294967295U))
      ->capture_default_str();
}

void add_liberty(CLI::App& command, std::string& liberty) {
  if (liberty.empty()) liberty = synth::kOsu018Liberty;
  command
      .add_option("--liberty", liberty,
                  "Standard-cell library (Liberty, plain text); areas have the unit of the library")
      ->type_name(kInput)
      ->capture_default_str();
}

CLI::Option* add_periods(CLI::App& command, std::vector<double>& periods) {
  return command
      .add_option(
          "--period", periods,
          "Clock period in ns, several separated by commas: map for this clock instead of least area. "
          "Several recipes are tried, and the smallest netlist that meets the clock in OpenSTA is kept")
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
  command.add_option("--macro-block", o.macro_block, "Weights per shared scale")
      ->check(CLI::IsMember({32, 64, 128}))
      ->capture_default_str();
  add_choice(command, "--inlier-rule", o.inlier_rule,
             "Choice of scales. mse: least squared error; ocp: from the largest inlier");
  add_choice(
      command, "--shift-rule", o.shift_rule,
      "Choice of outlier shifts. mse: least squared error; max: largest shift needed, as in the paper");
  command.add_option("--sigma", o.outlier_sigma, "Outlier threshold, in standard deviations from the mean")
      ->check(positive())
      ->capture_default_str();
}

}  // namespace msq::cli
