#include "report/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "gen/arch/dimensions.hpp"
#include "gen/config/serialize.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace msq::report {
namespace {

std::string shares(std::span<const std::int64_t> counts) {
  std::int64_t total = 0;
  for (const std::int64_t count : counts) total += count;
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", i,
                        percent(static_cast<double>(counts[i]) / static_cast<double>(total), 3));
  }
  return text.empty() ? "no outliers" : text;
}

Json json_of(const flow::FitFindings& f) {
  const Config& config = f.config;
  const flow::FitNeeds& n = f.needs;
  return {{"config", config.name},
          {"layers", n.layers},
          {"acc_bits",
           {{"configured", config.acc_width()}, {"needed", n.acc_bits}, {"fitted", f.fitted.acc_width()}}},
          {"outlier_shift", {{"configured", config.largest_shift()}, {"largest", n.shift}}},
          {"micro_blocks_by_shift", n.shifts},
          {"micro_blocks_by_outliers", n.counts},
          {"tiles", n.tiles},
          {"extra_tiles", n.extra_tiles},
          {"fitted", Json::parse(msq::to_json(f.fitted))}};
}

std::string text_of(const flow::FitFindings& f) {
  const Config& config = f.config;
  const Config& fit = f.fitted;
  const flow::FitNeeds& n = f.needs;
  std::string text = fmt::format("{}: {} layers\n", config.name, n.layers);
  text +=
      item("partial sums", fmt::format("{} bits hold every column whatever the activations; configured {}",
                                       n.acc_bits, config.acc_width()));
  text +=
      item("outlier shift", fmt::format("{} is the largest; configured {}", n.shift, config.largest_shift()));
  text += item("by shift", shares(n.shifts));
  text += item("by outliers", shares(n.counts));
  if (Dimensions(config).repeats) {
    text +=
        item("tiles",
             fmt::format(
                 "{}, and {} more ({}) for outliers without a unit, large shifts and columns beyond the sums",
                 grouped(n.tiles), grouped(n.extra_tiles),
                 percent(static_cast<double>(n.extra_tiles) /
                         static_cast<double>(std::max<std::int64_t>(n.tiles, 1)))));
  }
  return text + item("fitted",
                     fmt::format("acc_bits {}, outlier_shift_max {}", fit.acc_width(), fit.largest_shift()));
}

}  // namespace

std::string render(const flow::FitFindings& findings, Form form) {
  return form == Form::json ? json_text(json_of(findings)) : text_of(findings);
}

}  // namespace msq::report
