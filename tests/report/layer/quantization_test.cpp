#include "report/quantization.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace msq::report {
namespace {

flow::QuantizationFindings findings() {
  flow::QuantizationFindings f;
  f.choices.options.bits = 2;
  f.k = 64;
  f.n = 50;
  f.statistics.weights = 3200;
  f.statistics.outliers_wanted = 40;
  f.statistics.outliers_kept = 32;
  f.statistics.micro_blocks = 448;
  f.statistics.micro_blocks_with_outliers = 28;
  f.bits = {2.5, 2.25};
  f.weight_error = 0.125;
  return f;
}

const std::string kText =
    "  quantized                   [64][50] to 2 bits, encoding paper, micro-block 8, macro-block 128 along "
    "reduction\n"
    "  rounding                    to the nearest\n"
    "  outliers                    1.00 % of the weights (32 of 40 wanted); 6.25 % of the micro-blocks hold "
    "one\n"
    "  effective bit width         2.500 by the paper's formula, 2.250 with every stored bit\n"
    "  weight error                0.1250 = ||W - Wq|| / ||W||\n";

TEST(QuantizationReport, TextOfOneMatrix) {
  EXPECT_EQ(to_text(findings()), kText);
  const flow::MatrixFindings matrix{"q.safetensors", "a", {"w.npy", false, 64, 50}, findings()};
  EXPECT_EQ(render(matrix, Form::text), "q.safetensors: layer a of w.npy\n" + kText);
}

TEST(QuantizationReport, CalibrationIsNamedWithItsTokens) {
  flow::QuantizationFindings f = findings();
  f.calibration_tokens = 2048;
  f.output_error = 0.0625;
  EXPECT_NE(to_text(f).find("errors compensated, as 2,048 calibration tokens weigh them"), std::string::npos);
  EXPECT_TRUE(to_text(f).ends_with(
      "  output error                0.0625 = ||X (W - Wq)|| / ||X W|| on the calibration tokens\n"))
      << to_text(f);
  EXPECT_EQ(to_json(f)["output_error"], 0.0625);
  EXPECT_TRUE(to_json(findings())["output_error"].is_null());
}

TEST(QuantizationReport, JsonHasChoicesThenFindings) {
  const Json json = to_json(findings());
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"bits",
                                            "encoding",
                                            "micro_block",
                                            "macro_block",
                                            "axis",
                                            "inlier_rule",
                                            "shift_rule",
                                            "outlier_rule",
                                            "prune_rule",
                                            "outliers_per_block",
                                            "outlier_shift_max",
                                            "outlier_sigma",
                                            "outlier_price",
                                            "row_align_bits",
                                            "identifier_group",
                                            "shift_bits",
                                            "fraction_bits",
                                            "scale_mantissa_bits",
                                            "damping",
                                            "weigh_scales",
                                            "activation_order",
                                            "sweeps",
                                            "migration",
                                            "target_strength",
                                            "massive_weight",
                                            "calibration_tokens",
                                            "weights",
                                            "outliers_wanted",
                                            "outliers_kept",
                                            "outlier_share",
                                            "demoted_too_many",
                                            "demoted_unroutable",
                                            "demoted_unwelcome",
                                            "demoted_too_small",
                                            "adjacent_outliers",
                                            "pruned_weights",
                                            "micro_blocks",
                                            "micro_blocks_with_outliers",
                                            "flagged_share",
                                            "ebw_paper",
                                            "ebw_stored",
                                            "weight_error",
                                            "output_error",
                                            "warnings"}));
  EXPECT_EQ(json["outlier_share"], 0.01);
  EXPECT_EQ(json["flagged_share"], 0.0625);
}

TEST(QuantizationReport, WarningsAreItemsAtTheEnd) {
  flow::QuantizationFindings doubtful = findings();
  doubtful.warnings = {"one", "two"};
  EXPECT_TRUE(
      to_text(doubtful).ends_with("  warning                     one\n  warning                     two\n"))
      << to_text(doubtful);
  EXPECT_EQ(to_json(doubtful)["warnings"], (std::vector<std::string>{"one", "two"}));
}

TEST(QuantizationReport, AModelNamesTheTensorsItLeftOut) {
  flow::ModelFindings model{"q.safetensors", "m.safetensors", 2, 0, {}};
  model.left_out = {{{"wte.weight", "F32", {4, 2}, true, {}, ""}, {}, "embedding by its name"}};
  EXPECT_NE(render(model, Form::json).find(R"("left_out": [
    {
      "tensor": "wte.weight",
      "shape": [
        4,
        2
      ],
      "reason": "embedding by its name"
    }
  ])"),
            std::string::npos)
      << render(model, Form::json);
}

TEST(QuantizationReport, AModelHasATableAndTotals) {
  const flow::LayerFindings layer{"a", "a.weight", golden::Layout::n_by_k, findings()};
  flow::LayerFindings calibrated = layer;
  calibrated.quantization.output_error = 0.0625;
  const flow::ModelFindings model{"q.safetensors", "m.safetensors", 2, 1, {layer, calibrated}};
  EXPECT_EQ(render(model, Form::text),
            "q.safetensors: 2 layers of m.safetensors to 2 bits, 1 of them finished by an earlier run\n"
            "  layer   K   N  outliers  effective bits  weight error  output error\n"
            "  'a'    64  50    1.00 %           2.250        0.1250             -\n"
            "  'a'    64  50    1.00 %           2.250        0.1250        0.0625\n"
            "  all layers                  6,400 weights, 1.00 % outliers, 2.250 effective bits\n");
  EXPECT_TRUE(render(model, Form::json).ends_with(R"(  "total": {
    "weights": 6400,
    "outliers_kept": 64,
    "outlier_share": 0.01,
    "ebw_stored": 2.25
  }
}
)"));
}

TEST(QuantizationReport, AModelOfTwoWidthsNamesThemAndItsCycles) {
  flow::LayerFindings narrow{"a", "a.weight", golden::Layout::n_by_k, findings(), 1234};
  flow::LayerFindings wide = narrow;
  wide.quantization.choices.options.bits = 4;
  wide.cycles = 2000;
  flow::ModelFindings model{"q.safetensors", "m.safetensors", 0, 0, {narrow, wide}};
  model.cycles = {"8x8", 16, 3234, 4000};
  EXPECT_EQ(render(model, Form::text),
            "q.safetensors: 2 layers of m.safetensors to 2 or 4 bits\n"
            "  layer   K   N  bits  outliers  effective bits  weight error  output error  cycles\n"
            "  'a'    64  50     2    1.00 %           2.250        0.1250             -   1,234\n"
            "  'a'    64  50     4    1.00 %           2.250        0.1250             -   2,000\n"
            "  all layers                  6,400 weights, 1.00 % outliers, 2.250 effective bits\n"
            "  cycles                      3,234 predicted on 8x8 (tokens: 16), 80.85 % of those with 4 bits "
            "everywhere\n");
  const std::string json = render(model, Form::json);
  EXPECT_NE(json.find("\"cycles\": 1234\n"), std::string::npos) << json;
  EXPECT_TRUE(json.ends_with(R"(  "cycles": {
    "config": "8x8",
    "tokens": 16,
    "total": 3234,
    "at_four_bits": 4000
  }
}
)")) << json;
}

}  // namespace
}  // namespace msq::report
