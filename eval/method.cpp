#include "eval/method.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "eval/options.hpp"
#include "eval/outliers_apart.hpp"
#include "golden/baselines/gobo.hpp"
#include "golden/baselines/gptq.hpp"
#include "golden/baselines/mx.hpp"
#include "golden/baselines/olive.hpp"
#include "golden/baselines/round_to_nearest.hpp"
#include "golden/quantize/dequantize.hpp"
#include "golden/quantize/migration.hpp"
#include "golden/quantize/option_names.hpp"
#include "golden/quantize/packing.hpp"

namespace msq::eval {
namespace {

namespace baselines = golden::baselines;

struct MicroscopiqOptions {
  golden::QuantizerOptions quantizer;
  bool compensate = true;
  double migration = 0;  // alpha; 0: none
};

Result<MicroscopiqOptions> microscopiq_options(const nlohmann::json& spec) {
  MicroscopiqOptions o;
  golden::QuantizerOptions& q = o.quantizer;
  OptionReader reader(spec);
  reader.read("bits", q.bits);
  reader.read("micro_block", q.micro_block);
  reader.read("macro_block", q.macro_block);
  reader.read_choice("axis", q.axis, golden::kOptionNames<golden::Axis>);
  reader.read_choice("encoding", q.encoding, golden::kOptionNames<golden::Encoding>);
  reader.read_choice("inlier_rule", q.inlier_rule, golden::kOptionNames<golden::InlierRule>);
  reader.read_choice("shift_rule", q.shift_rule, golden::kOptionNames<golden::ShiftRule>);
  reader.read_choice("outlier_rule", q.outlier_rule, golden::kOptionNames<golden::OutlierRule>);
  reader.read_choice("prune_rule", q.prune_rule, golden::kOptionNames<golden::PruneRule>);
  reader.read("outliers_per_block", q.outliers_per_block);
  reader.read("outlier_shift_max", q.outlier_shift_max);
  reader.read("outlier_sigma", q.outlier_sigma);
  reader.read("outlier_price", q.outlier_price);
  reader.read("row_align_bits", q.row_align_bits);
  reader.read("shift_bits", q.shift_bits);
  reader.read("fraction_bits", q.fraction_bits);
  reader.read("scale_mantissa_bits", q.scale_mantissa_bits);
  reader.read("identifier_group", q.identifier_group);
  reader.read("damping", q.damping);
  reader.read("weigh_scales", q.weigh_scales);
  reader.read("activation_order", q.activation_order);
  reader.read("sweeps", q.sweeps);
  reader.read("routable", q.routable);
  reader.read("compensate", o.compensate);
  reader.read("migration", o.migration);
  if (auto ok = reader.finish(); !ok) return Error(ok.error());
  return o;
}

Result<Quantized> microscopiq(const nlohmann::json& spec, const Layer& layer) {
  const auto o = microscopiq_options(spec);
  if (!o) return Error(o.error());
  Quantized result;
  std::vector<float> weights = layer.weights;
  std::optional<golden::Hessian> hessian = layer.hessian;
  if (o->migration > 0) {
    result.input_scale = golden::migration_scales(weights, layer.largest, layer.k, layer.n, o->migration);
    golden::migrate(result.input_scale, weights, *hessian);
  }
  if (!o->compensate) hessian.reset();
  const auto output = golden::quantize(weights, layer.k, layer.n, o->quantizer, std::move(hessian));
  if (!output) return Error(output.error());
  result.values = golden::dequantize(output->tensor);
  const auto bits = golden::effective_bits(output->tensor);
  result.bits_stored = bits.stored;
  result.bits_paper = bits.paper;
  result.outliers = output->statistics;
  return result;
}

Result<Quantized> from_baseline(const Result<baselines::BaselineResult>& result) {
  if (!result) return Error(result.error());
  Quantized quantized;
  quantized.values.assign(result->values.begin(), result->values.end());
  quantized.bits_stored = baselines::effective_bits(*result);
  return quantized;
}

void read_grid(OptionReader& reader, const Layer& layer, baselines::IntegerOptions& grid) {
  reader.read("bits", grid.bits);
  reader.read("group", grid.group);
  if (grid.group == 0) grid.group = layer.k;  // one scale for each column
  reader.read("symmetric", grid.symmetric);
  reader.read("mse_search", grid.mse_search);
}

Result<Quantized> integer(const nlohmann::json& spec, const Layer& layer) {
  baselines::IntegerOptions o;
  OptionReader reader(spec);
  read_grid(reader, layer, o);
  if (auto ok = reader.finish(); !ok) return Error(ok.error());
  return from_baseline(baselines::round_to_nearest(layer.weights, layer.k, layer.n, o));
}

Result<Quantized> gptq(const nlohmann::json& spec, const Layer& layer) {
  baselines::GptqOptions o;
  OptionReader reader(spec);
  read_grid(reader, layer, o.grid);
  reader.read("damping", o.damping);
  reader.read("act_order", o.act_order);
  reader.read("static_groups", o.static_groups);
  if (auto ok = reader.finish(); !ok) return Error(ok.error());
  const Eigen::MatrixXd hessian = layer.hessian.lower().selfadjointView<Eigen::Lower>();
  return from_baseline(baselines::gptq(layer.weights, layer.k, layer.n, hessian, o));
}

Result<Quantized> mx_int(const nlohmann::json& spec, const Layer& layer) {
  int bits = 4;
  OptionReader reader(spec);
  reader.read("bits", bits);
  if (auto ok = reader.finish(); !ok) return Error(ok.error());
  return from_baseline(baselines::mx_int(layer.weights, layer.k, layer.n, bits));
}

Result<Quantized> mxfp4(const nlohmann::json& spec, const Layer& layer) {
  if (auto ok = OptionReader(spec).finish(); !ok) return Error(ok.error());
  return from_baseline(baselines::mxfp4(layer.weights, layer.k, layer.n));
}

Result<Quantized> gobo(const nlohmann::json& spec, const Layer& layer) {
  baselines::GoboOptions o;
  OptionReader reader(spec);
  reader.read("bits", o.bits);
  reader.read("log_probability", o.log_probability);
  if (auto ok = reader.finish(); !ok) return Error(ok.error());
  return from_baseline(baselines::gobo(layer.weights, layer.k, layer.n, o));
}

Result<Quantized> olive(const nlohmann::json& spec, const Layer& layer) {
  using baselines::OliveGranularity;
  baselines::OliveOptions o;
  OptionReader reader(spec);
  reader.read("bits", o.bits);
  reader.read("group", o.group);
  constexpr std::array kGranularities{std::pair{std::string_view("tensor"), OliveGranularity::tensor},
                                      std::pair{std::string_view("column"), OliveGranularity::column},
                                      std::pair{std::string_view("group"), OliveGranularity::group}};
  reader.read_choice("granularity", o.granularity, kGranularities);
  if (auto ok = reader.finish(); !ok) return Error(ok.error());
  return from_baseline(baselines::olive(layer.weights, layer.k, layer.n, o));
}

Result<Quantized> apart(const nlohmann::json& spec, const Layer& layer) {
  ApartOptions o;
  OptionReader reader(spec);
  reader.read("bits", o.bits);
  reader.read("group", o.group);
  if (auto ok = reader.finish(); !ok) return Error(ok.error());
  return outliers_apart(layer.weights, layer.k, layer.n, o);
}

using Apply = std::function<Result<Quantized>(const nlohmann::json&, const Layer&)>;

const std::map<std::string, Apply>& kinds() {
  static const std::map<std::string, Apply> table = {
      {"microscopiq", microscopiq}, {"apart", apart}, {"integer", integer}, {"gptq", gptq},
      {"mx_int", mx_int},           {"mxfp4", mxfp4}, {"gobo", gobo},       {"olive", olive}};
  return table;
}

}  // namespace

Result<std::vector<Method>> parse_methods(const nlohmann::json& list) {
  if (!list.is_array()) return Error("methods: a list is needed");
  std::vector<Method> methods;
  std::set<std::string> names;
  for (const auto& entry : list) {
    if (!entry.is_object()) return Error(fmt::format("methods: {} is no object", entry.dump()));
    Method method;
    method.spec = entry;
    for (const char* key : {"name", "kind"}) {
      if (!entry.contains(key) || !entry[key].is_string())
        return Error(fmt::format("methods: {}: \"{}\" is missing or no text", entry.dump(), key));
      method.spec.erase(key);
    }
    method.name = entry["name"];
    method.kind = entry["kind"];
    if (!names.insert(method.name).second)
      return Error(fmt::format("methods: \"{}\" is used twice", method.name));
    if (!kinds().contains(method.kind))
      return Error(fmt::format("methods: {}: unknown kind \"{}\"", method.name, method.kind));
    if (const auto found = entry.find("act_bits"); found != entry.end()) {
      if (*found != 8 && *found != 4)
        return Error(fmt::format("methods: {}: act_bits is {}; allowed: 8, 4", method.name, found->dump()));
      method.act_bits = *found;
      method.spec.erase("act_bits");
    }
    methods.push_back(std::move(method));
  }
  return methods;
}

Result<Quantized> apply(const Method& method, const Layer& layer) {
  auto result = kinds().at(method.kind)(method.spec, layer);
  if (!result) return Error(fmt::format("method {}: {}", method.name, result.error()));
  return result;
}

}  // namespace msq::eval
