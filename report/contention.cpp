#include "report/contention.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/json.hpp"
#include "report/text.hpp"

namespace msq::report {
namespace {

using flow::ContentionStudy;
using model::ContentionCount;
using model::ContentionPoint;

std::string share(const ContentionCount& count) { return percent(count.waited_share()); }
std::string factor(const ContentionCount& count) { return fmt::format("{:.2f}", count.slowdown); }

std::string text_of(const ContentionStudy& study) {
  std::string out = fmt::format("\n{}, mode {}: {} tiles, {} of micro-blocks and {} of rows with outliers\n",
                                study.load.name, study.load.mode, grouped(study.result.tiles),
                                percent(study.result.block_rate), percent(study.result.row_rate));
  Table table({"tokens", "units", "II", "core: held", "slower", "oldest first: busy", "slower",
               "in turns: busy", "slower", "by blocks: busy", "slower"});
  for (const ContentionPoint& p : study.result.points) {
    table.add({std::to_string(p.tokens), std::to_string(p.units), fmt::format("{:.2f}", p.mean_interval),
               share(p.core), factor(p.core), share(p.oldest), factor(p.oldest), share(p.turns),
               factor(p.turns), share(p.blocks), factor(p.blocks)});
  }
  Table spacing({"oldest first, one unit, a token every", "busy", "slower"});
  for (const model::SpacingPoint& p : study.spacing) {
    spacing.add({fmt::format("{} cycles", p.spacing), share(p.oldest), factor(p.oldest)});
  }
  return out + table.str() + spacing.str();
}

Json json_of(const ContentionCount& count) {
  return {{"cycles", count.cycles},
          {"accesses", count.accesses},
          {"waited", count.waited},
          {"waited_share", count.waited_share()},
          {"slowdown", count.slowdown}};
}

Json json_of(const ContentionStudy& study) {
  Json points = Json::array();
  for (const ContentionPoint& p : study.result.points) {
    points.push_back({{"tokens", p.tokens},
                      {"units", p.units},
                      {"mean_interval", p.mean_interval},
                      {"core", json_of(p.core)},
                      {"oldest_first", json_of(p.oldest)},
                      {"in_turns", json_of(p.turns)},
                      {"by_blocks", json_of(p.blocks)}});
  }
  Json spacing = Json::array();
  for (const model::SpacingPoint& p : study.spacing) {
    spacing.push_back({{"spacing", p.spacing}, {"oldest_first", json_of(p.oldest)}});
  }
  return {{"load", study.load.name},
          {"mode", study.load.mode},
          {"tiles", study.result.tiles},
          {"block_rate", study.result.block_rate},
          {"row_rate", study.result.row_rate},
          {"points", points},
          {"spacing", spacing}};
}

Json json_of(const flow::ContentionFindings& findings) {
  Json json = {{"config", findings.config.name}, {"seed", findings.seed}, {"studies", Json::array()}};
  for (const ContentionStudy& study : findings.studies) json["studies"].push_back(json_of(study));
  return json;
}

std::string text_of(const flow::ContentionFindings& findings) {
  std::string text = fmt::format("{}: accesses to ReCoN that wait, and the time relative to {} units\n",
                                 findings.config.name, findings.config.rows);
  for (const ContentionStudy& study : findings.studies) text += text_of(study);
  return text;
}

}  // namespace

std::string render(const flow::ContentionFindings& findings, Form form) {
  return form == Form::json ? json_text(json_of(findings)) : text_of(findings);
}

std::string csv_of(const flow::ContentionFindings& findings) {
  std::string out =
      "load,mode,tiles,block_rate,row_rate,scheme,tokens,units,spacing,cycles,accesses,waited,slowdown\n";
  const auto line = [&out](const ContentionStudy& s, const char* scheme, int tokens, int units, int spacing,
                           const ContentionCount& c) {
    out += fmt::format("\"{}\",{},{},{:.6f},{:.6f},{},{},{},{},{},{},{},{:.6f}\n", s.load.name, s.load.mode,
                       s.result.tiles, s.result.block_rate, s.result.row_rate, scheme, tokens, units, spacing,
                       c.cycles, c.accesses, c.waited, c.slowdown);
  };
  for (const ContentionStudy& s : findings.studies) {
    for (const ContentionPoint& p : s.result.points) {
      line(s, "core", p.tokens, p.units, 1, p.core);
      line(s, "oldest_first", p.tokens, p.units, 1, p.oldest);
      line(s, "in_turns", p.tokens, p.units, 1, p.turns);
      line(s, "by_blocks", p.tokens, p.units, 1, p.blocks);
    }
    for (const model::SpacingPoint& p : s.spacing) {
      line(s, "oldest_first", s.spacing_tokens, 1, p.spacing, p.oldest);
    }
  }
  return out;
}

}  // namespace msq::report
