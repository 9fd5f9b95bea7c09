#include "cli/quantize_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/values.hpp"
#include "golden/encoding/encoding.hpp"

namespace msq::cli {
namespace {

/// Which tensors of a model.
void add_selection(CLI::App& command, QuantizeOptions& o) {
  command
      .add_option(
          "--tensor", o.selection.tensors,
          fmt::format("Tensor of a checkpoint or .onnx file: a name, or a pattern with *, ? and [..]; may be "
                      "repeated. TENSOR.I is matrix I of a three-dimensional tensor. Default: {}",
                      flow::kDefaultRule))
      ->allow_extra_args(false)
      ->excludes("--synthetic");
  command
      .add_option("--exclude", o.selection.exclude,
                  "Tensors to leave out: a name or a pattern; may be repeated")
      ->allow_extra_args(false);
  command.add_flag("--list", o.list,
                   "List the tensors of a model and quantize nothing: layers, shared inputs, and whether "
                   "each would be quantized or why not; --json for programs");
}

/// --output, and --bits or a limit of several widths, which only --list does without.
void require_options(const CLI::App& command, const QuantizeOptions& o) {
  if (o.list) return;
  if (command.count("--output") == 0) throw CLI::RequiredError("--output");
  if (command.count("--bits") == 0 && o.widths.given() == nullptr) throw CLI::RequiredError("--bits");
}

void add_format_options(CLI::App& command, golden::QuantizerOptions& o) {
  command
      .add_option("-b,--bits", o.bits,
                  "Bits per weight; required without --list, --average-bits and --cycles")
      ->check(CLI::IsMember({2, 4}));
  add_choice(command, "--encoding", o.encoding,
             "Encoding of codes and scales, as in the configuration that computes the layer");
  command
      .add_option("--micro-block", o.micro_block,
                  "Weights per micro-block: they share an outlier shift and a permutation list")
      ->check(CLI::IsMember({4, 8, 16}))
      ->capture_default_str();
  add_choice(command, "--axis", o.axis,
             "Dimension along which a macro-block extends; simulate takes reduction, accelerate both");
  command
      .add_option("--outliers-per-block", o.outliers_per_block,
                  "Maximum number of outliers per micro-block; 0: no outliers; a power of two with "
                  "--encoding full_range. Default: half of --micro-block, the most that is allowed")
      ->check(between(0, 8));
  command.add_option("--outlier-shift-max", o.outlier_shift_max, "Largest outlier shift in bits")
      ->check(between(0, 15))
      ->capture_default_str();
  command
      .add_option("--row-align-bits", o.row_align_bits,
                  "With --axis output: largest difference between the scales of rows, in bits")
      ->check(between(0, 7))
      ->capture_default_str();
  command
      .add_option(
          "--identifier-group", o.identifier_group,
          "Micro-blocks per first identifier bit; large groups are smaller if few micro-blocks hold outliers")
      ->check(CLI::IsMember({1, 4, 8, 16}))
      ->capture_default_str();
  command
      .add_option("--shift-bits", o.shift_bits, "With --encoding full_range: stored bits of an outlier shift")
      ->check(CLI::IsMember({4, 8}))
      ->capture_default_str();
  command
      .add_option("--fraction-bits", o.fraction_bits, "With --encoding full_range: fraction bits F of a sum")
      ->check(CLI::IsMember({1, 2}))
      ->capture_default_str();
  command
      .add_option("--scale-mantissa-bits", o.scale_mantissa_bits,
                  "With --encoding full_range: mantissa bits t of a scale")
      ->check(between(0, 3))
      ->capture_default_str();
}

/// How the values are found.
void add_search_options(CLI::App& command, QuantizeOptions& o) {
  golden::QuantizerOptions& q = o.choices.options;
  add_choice(
      command, "--outlier-rule", q.outlier_rule,
      "Choice of outliers. sigma: weights beyond --sigma; demote: weights beyond --sigma that save error; "
      "error: any weight that saves error");
  add_choice(command, "--prune-rule", q.prune_rule,
             "Choice of the weights pruned for outliers. saliency: the smallest; error: those of least cost");
  command
      .add_option("--outlier-price", q.outlier_price,
                  "With --outlier-rule demote or error: error that the outliers of a micro-block must save")
      ->check(at_least(0))
      ->capture_default_str();
  command
      .add_option("--threads", q.threads,
                  "Threads; 0: one per processor. The result does not depend on the number")
      ->check(between(0, 1024))
      ->capture_default_str();
}

/// Options that calibration makes possible.
void add_calibration_options(CLI::App& command, QuantizeOptions& o) {
  golden::QuantizerOptions& q = o.choices.options;
  auto* calibration =
      command.add_option("--calibration", o.calibration,
                         "Captured inputs [tokens][K] of the layers, for error compensation: a directory "
                         "with LAYER.npy or TENSOR.npy, a .safetensors file with such tensors, or one .npy. "
                         "Without them, and for layers with no or too few tokens, weights are rounded");
  calibration->type_name(kInputPath);
  auto* hessians = command.add_option(
      "--hessians", o.hessians,
      "Sums over activations instead of --calibration, a .safetensors file (docs/user/models.md)");
  hessians->type_name(kInputPath)->excludes(calibration);
  auto* save = command.add_option("--save-hessians", o.save_hessians,
                                  "Write the sums over the --calibration activations to this .safetensors "
                                  "file, then quantize as with --hessians");
  save->type_name(kOutput)->needs(calibration);
  for (const char* other : {"--list", "--plan", "--task", "--collect"}) save->excludes(other);
  command
      .add_option("--massive-weight", o.choices.massive_weight,
                  "Count of each token whose largest activation is at least 16 times the median token's: for "
                  "captured rows with few such tokens, such as first tokens")
      ->check(at_least(1))
      ->needs(calibration)
      ->capture_default_str();
  command.add_option("--damping", q.damping, "Term added to the Hessian's diagonal, as a share of its mean")
      ->check(at_least(0))
      ->capture_default_str();
  command
      .add_option("--target-strength", o.choices.target_strength,
                  "Strength of the targets in the Hessian file; 0: ignored")
      ->check(between(0.0, 1.0))
      ->capture_default_str();
  command.add_flag("--weigh-scales", q.weigh_scales, "Choose scales by the cost of an error in each row");
  command.add_flag("--activation-order", q.activation_order, "Quantize rows with large inputs first");
  command
      .add_option("--sweeps", q.sweeps,
                  "Passes over the finished layer that lower its error; each pass costs time")
      ->check(between(0, 100))
      ->capture_default_str();
  command
      .add_option("--migration", o.choices.migration,
                  "alpha: move outliers of activations into the weights and store input scales; for "
                  "quantized activations (paper: 0.7); 0: none")
      ->check(between(0.0, 1.0))
      ->capture_default_str();
  command
      .add_option("--profile", o.profile,
                  "best: encoding full_range and every rule that lowers the error "
                  "(docs/results/accuracy.md); other options take precedence")
      ->check(CLI::IsMember({"paper", "best"}))
      ->capture_default_str();
}

/// Names of the encodings that leave a field of the format to the user.
std::string encodings_with(int golden::Format::*field) {
  std::vector<std::string_view> names;
  for (const golden::Encoding encoding : golden::kEncodings) {
    if (golden::has_field(encoding, field)) names.push_back(golden::encoding_name(encoding));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Options are not given with an encoding that does not have them.
void check_encoding_options(const CLI::App& command, const golden::QuantizerOptions& o) {
  constexpr std::pair<const char*, int golden::Format::*> kOptions[] = {
      {"--shift-bits", &golden::Format::shift_bits},
      {"--fraction-bits", &golden::Format::fraction_bits},
      {"--scale-mantissa-bits", &golden::Format::scale_mantissa_bits}};
  for (const auto& [name, field] : kOptions) {
    if (command.count(name) == 0 || golden::has_field(o.encoding, field)) continue;
    throw CLI::ValidationError(name, fmt::format("found with --encoding {}; allowed: with {}",
                                                 golden::encoding_name(o.encoding), encodings_with(field)));
  }
}

/// Options of calibration are given with one.
void check_calibration_options(const CLI::App& command) {
  if (command.count("--calibration") + command.count("--hessians") > 0) return;
  for (const char* name : {"--damping", "--weigh-scales", "--activation-order", "--sweeps", "--migration",
                           "--target-strength"}) {
    if (command.count(name) > 0) throw CLI::RequiresError(name, "--calibration or --hessians");
  }
}

/// Options are not given where nothing reads them.
void check_options_read(const CLI::App& command, const golden::QuantizerOptions& o) {
  const auto check = [&command](const char* name, bool read, std::string_view found, const char* allowed) {
    if (command.count(name) > 0 && !read)
      throw CLI::ValidationError(name, fmt::format("found with {}; allowed: with {}", found, allowed));
  };
  check("--row-align-bits", o.axis == golden::Axis::output, "--axis reduction", "--axis output");
  check("--outlier-price", o.outlier_rule != golden::OutlierRule::sigma, "--outlier-rule sigma",
        "--outlier-rule demote or error");
}

/// --profile best: what docs/results/accuracy.md measured as best, where the command line says nothing else.
void apply_profile(const CLI::App& command, QuantizeOptions& o) {
  if (o.profile != "best") return;
  golden::QuantizerOptions& q = o.choices.options;
  const auto set = [&command](const char* name, auto& value, auto best) {
    if (command.count(name) == 0) value = best;
  };
  set("--encoding", q.encoding, golden::Encoding::full_range);
  set("--outliers-per-block", q.outliers_per_block, 1);
  set("--identifier-group", q.identifier_group, 8);
  set("--outlier-rule", q.outlier_rule, golden::OutlierRule::error);
  set("--outlier-shift-max", q.outlier_shift_max, 4);  // of preset 8x8-full-range, as are the fraction bits
  if (golden::has_field(q.encoding, &golden::Format::shift_bits)) set("--shift-bits", q.shift_bits, 4);
  if (golden::has_field(q.encoding, &golden::Format::fraction_bits))
    set("--fraction-bits", q.fraction_bits, 1);
  if (o.calibration.empty() && o.hessians.empty()) return;
  set("--weigh-scales", q.weigh_scales, true);
  set("--activation-order", q.activation_order, true);
  set("--sweeps", q.sweeps, 4);
}

}  // namespace

void add_quantize_options(CLI::App& command, QuantizeOptions& o) {
  add_weights_file(command, o.weights);
  add_selection(command, o);
  command.add_option("-o,--output", o.output, "Output file, .safetensors; required without --list")
      ->type_name(kOutput);
  command.add_option("--layer", o.layer,
                     "Layer name in the output file, for one tensor. Default: name of the tensor without "
                     "\".weight\", or name of the file");
  add_format_options(command, o.choices.options);
  add_width_options(command, o.widths);
  add_task_options(command, o.tasks, "--list");
  add_quantizer_choices(command, o.choices);
  add_search_options(command, o);
  add_calibration_options(command, o);
  add_seed(command, o.seed);
  add_json(command, o.json);
}

void finish_quantize_options(const CLI::App& command, QuantizeOptions& o) {
  require_options(command, o);
  check_width_options(command, o.widths);
  apply_profile(command, o);
  check_encoding_options(command, o.choices.options);
  check_calibration_options(command);
  check_options_read(command, o.choices.options);
}

}  // namespace msq::cli
