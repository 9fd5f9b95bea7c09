// `microscopiq dequantize`: quantized layers as ordinary weights, alone or in the checkpoint they come from.

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "flow/layer/dequantize_model.hpp"
#include "report/dequantization.hpp"

namespace msq::cli {
namespace {

const std::map<std::string, std::optional<golden::FloatType>> kTypes = {{"same", std::nullopt},
                                                                        {"f32", golden::FloatType::f32},
                                                                        {"f16", golden::FloatType::f16},
                                                                        {"bf16", golden::FloatType::bf16}};
const std::map<std::string, golden::Layout> kLayouts = {{"k_by_n", golden::Layout::k_by_n},
                                                        {"n_by_k", golden::Layout::n_by_k}};

struct DequantizeOptions {
  flow::DequantizeRequest request;
  std::string output, type = "same", layout, max_shard_size;
  bool json = false;
};

/// A size such as 500, 500MB or 5GB, in bytes; units are powers of 1,000.
Result<std::uint64_t> bytes_of(const std::string& size) {
  static const std::map<std::string, std::uint64_t> kUnits = {
      {"", 1}, {"B", 1}, {"KB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}, {"TB", 1'000'000'000'000}};
  constexpr std::uint64_t kMost = 1'000'000;  // with the largest unit
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), count);
  const auto unit = kUnits.find(std::string(end, size.data() + size.size()));
  const bool fits = error == std::errc() && (count <= kMost || unit == kUnits.find(""));
  if (fits && count > 0 && unit != kUnits.end()) return count * unit->second;
  return Error(
      fmt::format("--max-shard-size: found \"{}\"; allowed: a number of bytes above 0, or up to "
                  "1000000 with a unit, such as 500MB or 5GB",
                  size));
}

Outcome run_dequantize(const DequantizeOptions& o) {
  flow::DequantizeRequest request = o.request;
  request.output = o.output;
  request.form.type = kTypes.at(o.type);
  if (!o.layout.empty()) request.form.layout = kLayouts.at(o.layout);
  if (!o.max_shard_size.empty()) {
    MSQ_TRY(request.max_shard_bytes, bytes_of(o.max_shard_size));
  }
  MSQ_TRY(const flow::DequantizedModel model, flow::dequantize_model(request));
  fmt::print("{}", report::render(model, form(o.json)));
  return kOk;
}

void add_form(CLI::App& command, DequantizeOptions& o) {
  command
      .add_option("--dtype", o.type,
                  "Type of the replaced weights. same: type in the checkpoint (bf16 for 8-bit floats), or "
                  "f32 without --weights. Only f32 is exact for every layer")
      ->check(CLI::IsMember(kTypes))
      ->capture_default_str();
  command
      .add_option("--layout", o.layout,
                  "Layout of layers whose layout the checkpoint does not prove. Default: the likely layout; "
                  "n_by_k without --weights")
      ->check(CLI::IsMember(kLayouts));
  command
      .add_option("--max-shard-size", o.max_shard_size,
                  "Largest weight file, such as 500MB or 5GB. Default: files of the checkpoint")
      ->type_name("SIZE");
}

}  // namespace

void add_dequantize(CLI::App& app, Action& action) {
  auto options = std::make_shared<DequantizeOptions>();
  CLI::App* command = app.add_subcommand(
      "dequantize", "Write quantized layers as ordinary weights, in a checkpoint or alone");
  command->add_option("-q,--quantized", options->request.quantized, "Quantized file")
      ->type_name(kInput)
      ->required();
  command
      ->add_option("-w,--weights", options->request.checkpoint,
                   "Checkpoint that was quantized: a directory, an index, or a .safetensors file; its other "
                   "tensors are copied. Without a checkpoint: the layers alone")
      ->type_name(kInputPath);
  command
      ->add_option("-o,--output", options->output,
                   "New or empty directory, which transformers loads like the checkpoint; or one file, if "
                   "the name ends in .safetensors")
      ->type_name(kOutput)
      ->required();
  add_form(*command, *options);
  add_json(*command, options->json);
  command->footer(
      "Example:\n  microscopiq dequantize --quantized model-4.safetensors --weights model/ -o "
      "model-4-as-bf16/");
  command->callback([options, &action] { action = [options] { return run_dequantize(*options); }; });
}

}  // namespace msq::cli
