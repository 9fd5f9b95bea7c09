#include "report/dequantization.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/json.hpp"
#include "report/text.hpp"

namespace msq::report {
namespace {

std::string counted_text(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", grouped(static_cast<std::int64_t>(count)), what, count == 1 ? "" : "s");
}

std::string dequantized_text(const flow::DequantizedModel& model) {
  std::string text =
      item("dequantized", fmt::format("{} of {}", counted_text(model.layers, "layer"), model.quantized));
  if (!model.checkpoint.empty()) {
    text += item("checkpoint",
                 fmt::format("{}: {} copied", model.checkpoint, counted_text(model.copied, "tensor")));
  }
  if (model.dropped > 0) {
    text += item("8-bit floats",
                 fmt::format("{} to bf16, {} dropped", counted_text(model.converted, "other tensor"),
                             counted_text(model.dropped, "scale tensor")));
  }
  text +=
      item("written", fmt::format("{}: {} of {} bytes{}", model.output, counted_text(model.shards, "file"),
                                  grouped(static_cast<std::int64_t>(model.bytes)),
                                  model.other_files == 0
                                      ? ""
                                      : fmt::format(", {}", counted_text(model.other_files, "other file"))));
  return text;
}

}  // namespace

std::string render(const flow::DequantizedModel& model, Form form) {
  if (form == Form::text) return dequantized_text(model);
  return json_text({{"quantized", model.quantized},
                    {"checkpoint", model.checkpoint},
                    {"output", model.output},
                    {"layers", model.layers},
                    {"tensors_copied", model.copied},
                    {"tensors_converted", model.converted},
                    {"scales_dropped", model.dropped},
                    {"weight_files", model.shards},
                    {"other_files", model.other_files},
                    {"bytes", model.bytes}});
}

}  // namespace msq::report
