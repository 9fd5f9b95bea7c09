#include "flow/layer/part_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "flow/layer/choices_json.hpp"
#include "golden/io/model_file.hpp"

namespace msq::flow {
namespace {

using Json = nlohmann::ordered_json;
using Statistics = golden::QuantizeStatistics;

constexpr std::pair<const char*, std::int64_t Statistics::*> kCounts[] = {
    {"weights", &Statistics::weights},
    {"outliers_wanted", &Statistics::outliers_wanted},
    {"outliers_kept", &Statistics::outliers_kept},
    {"demoted_too_many", &Statistics::demoted_too_many},
    {"demoted_unroutable", &Statistics::demoted_unroutable},
    {"demoted_unwelcome", &Statistics::demoted_unwelcome},
    {"demoted_too_small", &Statistics::demoted_too_small},
    {"adjacent_outliers", &Statistics::adjacent_outliers},
    {"pruned_weights", &Statistics::pruned_weights},
    {"micro_blocks", &Statistics::micro_blocks},
    {"micro_blocks_with_outliers", &Statistics::micro_blocks_with_outliers}};

std::string value_at(const Json& json, const Json::json_pointer& place) {
  return json.contains(place) ? json.at(place).dump(-1, ' ', false, Json::error_handler_t::replace) : "none";
}

/// Without the number of layers, which a plan need not share.
Json comparable(Json plan) {
  if (plan.is_object()) plan.erase("layers");
  return plan;
}

}  // namespace

Json to_json(const PartPlan& plan) {
  return {{"generator", plan.generator},
          {"contract", plan.contract},
          {"choices", to_json(plan.choices)},
          {"layers", plan.layers}};
}

Json to_json(const PartKey& key) {
  return {{"tensor", key.tensor}, {"layer", key.layer},     {"layout", golden::layout_name(key.layout)},
          {"bits", key.bits},     {"weights", key.weights}, {"calibration", key.calibration}};
}

Json to_json(const QuantizationFindings& findings) {
  Json json = {{"k", findings.k},
               {"n", findings.n},
               {"ebw_paper", findings.bits.paper},
               {"ebw_stored", findings.bits.stored},
               {"weight_error", findings.weight_error},
               {"output_error", findings.output_error ? Json(*findings.output_error) : Json()},
               {"calibration_tokens", findings.calibration_tokens},
               {"warnings", findings.warnings}};
  for (const auto& [name, member] : kCounts) json[name] = findings.statistics.*member;
  return json;
}

QuantizationFindings findings_from(const Json& json) {
  QuantizationFindings findings;
  json.at("k").get_to(findings.k);
  json.at("n").get_to(findings.n);
  json.at("ebw_paper").get_to(findings.bits.paper);
  json.at("ebw_stored").get_to(findings.bits.stored);
  json.at("weight_error").get_to(findings.weight_error);
  if (!json.at("output_error").is_null()) findings.output_error = json.at("output_error").get<double>();
  json.at("calibration_tokens").get_to(findings.calibration_tokens);
  json.at("warnings").get_to(findings.warnings);
  for (const auto& [name, member] : kCounts) json.at(name).get_to(findings.statistics.*member);
  return findings;
}

bool same_plan(const Json& a, const Json& b) { return comparable(a) == comparable(b); }

std::string plan_difference(const Json& found, const Json& plan) {
  const Json changes = Json::diff(comparable(found), comparable(plan));
  const std::string place = changes.front().at("path");
  const Json::json_pointer pointer(place);
  std::string name = place.substr(1);
  std::ranges::replace(name, '/', '.');
  return fmt::format("found {} {}; allowed: {}, as here; --plan removes layers of other options", name,
                     value_at(found, pointer), value_at(plan, pointer));
}

}  // namespace msq::flow
