#include "report/sweep_point.hpp"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "gen/config/serialize.hpp"
#include "golden/io/atomic_file.hpp"
#include "report/clock.hpp"
#include "report/power.hpp"
#include "report/text.hpp"
#include "support/files.hpp"

namespace msq::report {
namespace {

using Json = nlohmann::ordered_json;

Json throughput_json(const flow::Throughput& t) {
  return {{"model", t.model},
          {"tokens", t.tokens},
          {"bits", t.bits},
          {"outlier_rate", t.outlier_rate},
          {"cycles", t.cycles},
          {"macs_per_cycle", t.macs_per_cycle},
          {"peak_macs_per_cycle", t.peak_macs_per_cycle},
          {"utilization", t.utilization()}};
}

flow::Throughput throughput_of(const Json& json) {
  return {.model = json.at("model"),
          .tokens = json.at("tokens"),
          .bits = json.at("bits"),
          .outlier_rate = json.at("outlier_rate"),
          .cycles = json.at("cycles"),
          .macs_per_cycle = json.at("macs_per_cycle"),
          .peak_macs_per_cycle = json.at("peak_macs_per_cycle")};
}

/// Throws nlohmann::json::exception, or std::invalid_argument where a key is not a number.
flow::SweepPoint point_of(const Json& json, const Config& config) {
  flow::SweepPoint point;
  point.config = config;
  point.library = json.at("library");
  point.area_um2 = json.at("area_um2");
  point.gate_equivalents = json.at("gate_equivalents");
  point.memory_bits = json.at("memory_bits");
  point.flip_flops = json.at("flip_flops");
  for (const auto& [block, area] : json.at("blocks").items()) point.blocks.push_back({block, area});
  point.throughput = throughput_of(json.at("throughput"));
  if (json.contains("memory_area_um2")) point.memory_um2 = json["memory_area_um2"].get<double>();
  if (json.contains("clock")) point.clock = clock_point(json["clock"]);
  if (json.contains("period_ns")) point.period = json["period_ns"].get<double>();
  if (json.contains("power")) point.power = power_findings(json["power"]);
  if (json.contains("weight_error")) {
    for (const auto& [bits, error] : json["weight_error"].items())
      point.weight_errors.push_back({std::stoi(bits), error});
  }
  point.seconds = json.at("seconds");
  return point;
}

/// Of the text as it is written.
std::string hash_of(const Json& json) {
  return fmt::format("{:016x}", std::hash<std::string>{}(json_text(json)));
}

}  // namespace

Json to_json(const flow::SweepPoint& p) {
  const Config& config = p.config;
  Json json = {{"config_hash", config_hash(config)},
               {"config", Json::parse(msq::to_json(config))},
               {"rows", config.rows},
               {"cols", config.cols},
               {"outlier_path", std::string(outlier_path_name(config.outlier_path))},
               {"sum_bits", config.acc_width()},
               {"library", p.library},
               {"area_um2", p.area_um2},
               {"gate_equivalents", p.gate_equivalents},
               {"memory_bits", p.memory_bits},
               {"flip_flops", p.flip_flops},
               {"blocks", Json::object()},
               {"throughput", throughput_json(p.throughput)}};
  if (p.memory_um2) json["memory_area_um2"] = *p.memory_um2;
  for (const flow::PointBlock& block : p.blocks) json["blocks"][block.block] = block.area_um2;
  if (p.clock) {
    json["clock"] = to_json(*p.clock);
    json["gmacs_per_second_and_mm2"] = p.gmac_density();
  }
  if (p.period) {
    json["period_ns"] = *p.period;
    json["fmax_mhz"] = p.megahertz();
  }
  if (p.timed()) json["gmacs_per_second"] = p.gmacs_per_second();
  if (p.power) json["power"] = to_json(*p.power);
  for (const flow::WeightError& e : p.weight_errors) json["weight_error"][std::to_string(e.bits)] = e.error;
  json["seconds"] = p.seconds;
  return json;
}

std::optional<flow::SweepPoint> sweep_point(const Json& json, const Config& config) {
  try {
    flow::SweepPoint point = point_of(json, config);
    return to_json(point) == json ? std::optional(std::move(point)) : std::nullopt;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::filesystem::path PointFiles::file(const std::string& key) const { return directory_ / (key + ".json"); }

std::optional<flow::SweepPoint> PointFiles::find(const std::string& key, const Config& config) const {
  const auto text = read_text(file(key));
  if (!text) return std::nullopt;
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains("point") || !json.contains("hash")) return std::nullopt;
  const Json& point = json["point"];
  return json["hash"] == hash_of(point) ? sweep_point(point, config) : std::nullopt;
}

Result<> PointFiles::keep(const std::string& key, const flow::SweepPoint& point) {
  namespace fs = std::filesystem;
  const fs::path path = file(key);
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) fs::remove(path, ignored);
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))
    return Error(fmt::format("{}: cannot write: in its place is something else", path.string()));
  const Json json = to_json(point);
  return golden::write_file_atomically(path, json_text({{"hash", hash_of(json)}, {"point", json}}));
}

}  // namespace msq::report
