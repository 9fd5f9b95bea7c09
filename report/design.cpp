#include "report/design.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "gen/arch/manifest.hpp"
#include "gen/config/serialize.hpp"
#include "report/config_text.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace msq::report {
namespace {

/// Weights in the PEs; a baseline has no modes of its own.
std::string weights_text(const Design& design) {
  if (const auto& baseline = design.dimensions.baseline) {
    switch (baseline->kind) {
      case Baseline::int8:
        return "8-bit weights";
      case Baseline::olive:
        return "outlier-victim pairs of 4-bit weights";
      case Baseline::gobo:
        return "3-bit indices of FP32 centroids, outliers in FP32";
      case Baseline::int4:
        break;
    }
  }
  return fmt::format("modes {}", fmt::join(design.config.modes, " and "));
}

/// As the header of the core says it, or by the outlier path.
std::string outliers_of(const Design& design) {
  if (!design.dimensions.baseline) return outlier_text(design.config);
  return design.dimensions.is_baseline(Baseline::int8) ? "none" : "its own (docs/results/area.md)";
}

Json json_of(const flow::GeneratedDesign& generated) {
  return {{"directory", generated.directory},
          {"top", generated.design.top},
          {"config_hash", config_hash(generated.design.config)},
          {"files", generated.files}};
}

std::string text_of(const flow::GeneratedDesign& generated) {
  const Design& design = generated.design;
  const Config& c = design.config;
  const Dimensions& d = design.dimensions;
  std::string text = fmt::format("{}: {} files\n", generated.directory, generated.files.size());
  text += item("configuration", fmt::format("{}, hash {}", c.name, config_hash(c)));
  text += item("array", fmt::format("{} rows x {} columns of PEs, {}", c.rows, c.cols, weights_text(design)));
  text += item("outlier path", outliers_of(design));
  text += item("partial sums", fmt::format("{} lanes of {} bits", d.lanes, d.acc_bits));
  text += item("latency", fmt::format("{} cycles from a token to its partial sums", d.latency));
  text += item("memories", fmt::format("{} bits", grouped(memory_bits(design))));
  text += item("top module", design.top);
  for (const std::string& file : generated.files) text += fmt::format("    {}\n", file);
  return text;
}

}  // namespace

std::string render(const flow::GeneratedDesign& generated, Form form) {
  return form == Form::json ? json_text(json_of(generated)) : text_of(generated);
}

}  // namespace msq::report
