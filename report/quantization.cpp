#include "report/quantization.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "flow/layer/choices_json.hpp"
#include "golden/io/describe.hpp"
#include "golden/quantize/option_names.hpp"
#include "report/operands.hpp"
#include "report/text.hpp"

namespace msq::report {
namespace {

std::vector<std::string> row_of(const flow::LayerFindings& layer, bool mixed) {
  const flow::QuantizationFindings& of = layer.quantization;
  std::vector<std::string> row{golden::in_quotes(layer.layer), fmt::to_string(of.k), fmt::to_string(of.n)};
  if (mixed) row.push_back(fmt::to_string(of.choices.options.bits));
  row.push_back(percent(of.outlier_share()));
  row.push_back(fmt::format("{:.3f}", of.bits.stored));
  row.push_back(fmt::format("{:.4f}", of.weight_error));
  row.push_back(of.output_error ? fmt::format("{:.4f}", *of.output_error) : "-");
  if (layer.cycles) row.push_back(grouped(*layer.cycles));
  return row;
}

/// With the bits of each layer where they have their own.
std::string layer_table(const flow::ModelFindings& findings) {
  const bool mixed = findings.bits == 0;
  std::vector<std::string> header{"layer", "K", "N"};
  if (mixed) header.emplace_back("bits");
  for (const char* name : {"outliers", "effective bits", "weight error", "output error"})
    header.emplace_back(name);
  if (findings.cycles) header.emplace_back("cycles");
  Table table(std::move(header));
  for (const flow::LayerFindings& layer : findings.layers) table.add(row_of(layer, mixed));
  return table.str();
}

Json json_of(const flow::ModelCycles& cycles) {
  return {{"config", cycles.config},
          {"tokens", cycles.tokens},
          {"total", cycles.total},
          {"at_four_bits", cycles.at_four_bits}};
}

std::string text_of(const flow::ModelCycles& cycles) {
  const double share = static_cast<double>(cycles.total) / static_cast<double>(cycles.at_four_bits);
  return fmt::format("{} predicted on {} (tokens: {}), {} of those with 4 bits everywhere",
                     grouped(cycles.total), cycles.config, grouped(cycles.tokens), percent(share));
}

}  // namespace

Json to_json(const flow::QuantizationFindings& findings) {
  const golden::QuantizeStatistics& s = findings.statistics;
  Json json = flow::to_json(findings.choices);
  const Json found = {{"calibration_tokens", findings.calibration_tokens},
                      {"weights", s.weights},
                      {"outliers_wanted", s.outliers_wanted},
                      {"outliers_kept", s.outliers_kept},
                      {"outlier_share", findings.outlier_share()},
                      {"demoted_too_many", s.demoted_too_many},
                      {"demoted_unroutable", s.demoted_unroutable},
                      {"demoted_unwelcome", s.demoted_unwelcome},
                      {"demoted_too_small", s.demoted_too_small},
                      {"adjacent_outliers", s.adjacent_outliers},
                      {"pruned_weights", s.pruned_weights},
                      {"micro_blocks", s.micro_blocks},
                      {"micro_blocks_with_outliers", s.micro_blocks_with_outliers},
                      {"flagged_share", findings.flagged_share()},
                      {"ebw_paper", findings.bits.paper},
                      {"ebw_stored", findings.bits.stored},
                      {"weight_error", findings.weight_error},
                      {"output_error", findings.output_error ? Json(*findings.output_error) : Json()},
                      {"warnings", findings.warnings}};
  json.update(found);
  return json;
}

std::string to_text(const flow::QuantizationFindings& findings) {
  const golden::QuantizerOptions& o = findings.choices.options;
  const golden::QuantizeStatistics& s = findings.statistics;
  std::string text = item(
      "quantized", fmt::format("[{}][{}] to {} bits, encoding {}, micro-block {}, macro-block {} along {}",
                               findings.k, findings.n, o.bits, golden::option_name(o.encoding), o.micro_block,
                               o.macro_block, golden::option_name(o.axis)));
  text += item("rounding", findings.calibration_tokens == 0
                               ? std::string("to the nearest")
                               : fmt::format("errors compensated, as {} calibration tokens weigh them",
                                             grouped(findings.calibration_tokens)));
  text += item("outliers", fmt::format("{} of the weights ({} of {} wanted); {} of the micro-blocks hold one",
                                       percent(findings.outlier_share()), grouped(s.outliers_kept),
                                       grouped(s.outliers_wanted), percent(findings.flagged_share())));
  text +=
      item("effective bit width", fmt::format("{:.3f} by the paper's formula, {:.3f} with every stored bit",
                                              findings.bits.paper, findings.bits.stored));
  text += item("weight error", fmt::format("{:.4f} = ||W - Wq|| / ||W||", findings.weight_error));
  if (findings.output_error) {
    text += item("output error", fmt::format("{:.4f} = ||X (W - Wq)|| / ||X W|| on the calibration tokens",
                                             *findings.output_error));
  }
  for (const std::string& warning : findings.warnings) text += item("warning", warning);
  return text;
}

namespace {

Json json_of(const flow::MatrixFindings& findings) {
  Json json = {
      {"output", findings.output}, {"layer", findings.layer}, {"source", to_json(findings.source, "k", "n")}};
  json.update(to_json(findings.quantization));
  return json;
}

std::string text_of(const flow::MatrixFindings& findings) {
  return fmt::format("{}: layer {} of {}\n{}", findings.output, findings.layer, findings.source.source,
                     to_text(findings.quantization));
}

Json json_of(const flow::ModelFindings& findings) {
  Json layers = Json::array();
  for (const flow::LayerFindings& of : findings.layers) {
    Json layer = {{"layer", of.layer},
                  {"tensor", of.tensor},
                  {"layout", golden::layout_name(of.layout)},
                  {"k", of.quantization.k},
                  {"n", of.quantization.n}};
    layer.update(to_json(of.quantization));
    if (of.cycles) layer["cycles"] = *of.cycles;
    layers.push_back(std::move(layer));
  }
  Json left_out = Json::array();
  for (const flow::ListedTensor& of : findings.left_out) {
    left_out.push_back({{"tensor", of.stored.name}, {"shape", of.stored.shape}, {"reason", of.reason}});
  }
  const flow::ModelTotals total = findings.totals();
  Json json = {{"output", findings.output},
               {"source", findings.source},
               {"resumed", findings.resumed},
               {"layers", std::move(layers)},
               {"left_out", std::move(left_out)},
               {"total",
                {{"weights", total.weights},
                 {"outliers_kept", total.outliers_kept},
                 {"outlier_share", total.outlier_share},
                 {"ebw_stored", total.ebw_stored}}}};
  if (findings.cycles) json["cycles"] = json_of(*findings.cycles);
  return json;
}

std::string text_of(const flow::ModelFindings& findings) {
  const std::string bits = findings.bits == 0 ? "2 or 4" : fmt::to_string(findings.bits);
  std::string text = fmt::format("{}: {} layers of {} to {} bits", findings.output, findings.layers.size(),
                                 findings.source, bits);
  if (findings.resumed > 0) text += fmt::format(", {} of them finished by an earlier run", findings.resumed);
  text += fmt::format("\n{}", layer_table(findings));
  const flow::ModelTotals total = findings.totals();
  text +=
      item("all layers", fmt::format("{} weights, {} outliers, {:.3f} effective bits", grouped(total.weights),
                                     percent(total.outlier_share), total.ebw_stored));
  if (findings.cycles) text += item("cycles", text_of(*findings.cycles));
  return text;
}

}  // namespace

std::string render(const flow::MatrixFindings& findings, Form form) {
  return form == Form::json ? json_text(json_of(findings)) : text_of(findings);
}

std::string render(const flow::ModelFindings& findings, Form form) {
  return form == Form::json ? json_text(json_of(findings)) : text_of(findings);
}

}  // namespace msq::report
