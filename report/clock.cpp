#include "report/clock.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/text.hpp"

namespace msq::report {

using Json = nlohmann::ordered_json;

Json to_json(const flow::ClockPoint& p) {
  return {{"period_ns", p.period},          {"met", p.met()},
          {"slack_ns", p.slack()},          {"needed_ns", p.needed},
          {"fmax_mhz", p.fmax_megahertz()}, {"area_um2", p.area_um2},
          {"buffers_um2", p.buffers_um2},   {"trial", p.trial}};
}

flow::ClockPoint clock_point(const Json& json) {
  return {.period = json.at("period_ns"),
          .trial = json.at("trial"),
          .needed = json.at("needed_ns"),
          .area_um2 = json.at("area_um2"),
          .buffers_um2 = json.at("buffers_um2")};
}

Json to_json(const flow::ClockFindings& findings) {
  Json json = {{"max_fanout", findings.max_fanout}, {"points", Json::array()}, {"trials", Json::array()}};
  for (const flow::ClockPoint& point : findings.points) json["points"].push_back(to_json(point));
  for (const flow::ClockTrial& t : findings.trials) {
    Json trial = {{"recipe", t.name}, {"blocks", t.recipes}};
    if (t.problem.empty()) {
      trial.update({{"needed_ns", t.period}, {"area_um2", t.area_um2}, {"buffers_um2", t.buffers_um2}});
    } else {
      trial["problem"] = t.problem;
    }
    json["trials"].push_back(std::move(trial));
  }
  return json;
}

std::string met_text(const flow::ClockPoint& point) {
  return point.met() ? fmt::format("met, slack {:.3f} ns", point.slack())
                     : fmt::format("NOT met, too long by {:.3f} ns", -point.slack());
}

namespace {

/// Periods that a trial was kept for.
std::string kept_text(const flow::ClockFindings& findings, std::size_t trial) {
  std::string text;
  for (const flow::ClockPoint& point : findings.points) {
    if (point.trial == trial) text += fmt::format("{}{:.3f} ns", text.empty() ? "" : ", ", point.period);
  }
  return text;
}

std::string trial_text(const flow::ClockTrial& trial) {
  if (trial.name != "mixed") return trial.name;
  std::string text;
  for (const auto& [block, recipe] : trial.recipes)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", block, recipe);
  return text;
}

}  // namespace

std::string to_text(const flow::ClockFindings& findings) {
  std::string text = item(
      "conditions", fmt::format("OpenSTA, ideal clock, no wires, the corner of the library; fan-out {}",
                                findings.max_fanout == 0 ? "as synthesized"
                                                         : fmt::format("at most {}", findings.max_fanout)));
  for (const flow::ClockPoint& p : findings.points) {
    text +=
        item("clock", fmt::format("{:.3f} ns ({:.1f} MHz) {}: {} um^2, of it {} in buffers of the fan-out; "
                                  "f_max {:.1f} MHz",
                                  p.period, 1000 / p.period, met_text(p), area_text(p.area_um2),
                                  area_text(p.buffers_um2), p.fmax_megahertz()));
  }
  Table table({"recipe of the blocks", "um^2", "ns", "MHz", "kept for"});
  for (std::size_t i = 0; i < findings.trials.size(); ++i) {
    const flow::ClockTrial& trial = findings.trials[i];
    if (!trial.problem.empty()) {
      table.add({trial_text(trial), "failed", "", "", ""});
      continue;
    }
    table.add({trial_text(trial), area_text(trial.area_um2), fmt::format("{:.3f}", trial.period),
               fmt::format("{:.1f}", 1000 / trial.period), kept_text(findings, i)});
  }
  text += table.str();
  for (const flow::ClockTrial& trial : findings.trials) {
    if (!trial.problem.empty()) text += item("failed", fmt::format("{}: {}", trial.name, trial.problem));
  }
  return text;
}

}  // namespace msq::report
