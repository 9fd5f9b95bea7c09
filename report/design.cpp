#include "report/design.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gen/arch/manifest.hpp"
#include "gen/config/serialize.hpp"
#include "report/config_text.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace msq::report {
namespace {

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
  text += item("array", fmt::format("{} rows x {} columns of PEs, modes {}", c.rows, c.cols,
                                    fmt::join(c.modes, " and ")));
  text += item("outlier path", outlier_text(c));
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
