#include "report/inspect.hpp"

#include <gtest/gtest.h>

namespace msq::report {
namespace {

TEST(InspectReport, AnArrayHasItsStatistics) {
  const flow::Description npy{"x.npy", flow::ArrayDescription{"", {2, 3}, {6, 2, {{-1, 5, 2, 0.5}}}}};
  EXPECT_EQ(render(npy, Form::text),
            "x.npy: NumPy array [2, 3]\n"
            "  values                      6, 2 of them NaN or infinite\n"
            "  range                       -1 to 5\n"
            "  mean, sigma                 2, 0.5\n");
  const flow::Description tensor{"m.onnx", flow::ArrayDescription{"w", {2, 3}, {6, 6, {}}}};
  EXPECT_EQ(render(tensor, Form::text),
            "m.onnx: tensor 'w' [2, 3]\n"
            "  values                      6, 6 of them NaN or infinite\n");
  EXPECT_EQ(render(tensor, Form::json), R"({
  "file": "m.onnx",
  "kind": "tensor",
  "name": "w",
  "shape": [
    2,
    3
  ],
  "statistics": {
    "values": 6,
    "not_finite": 6
  }
}
)");
}

TEST(InspectReport, AQuantizedLayerHasItsFormatAndOutliers) {
  flow::QuantizedDescription layer;
  layer.name = "a";
  layer.k = 100;
  layer.n = 100;
  layer.format.bits = 2;
  layer.outlier_shift_max = 7;
  layer.input_scales = true;
  layer.outliers = 125;
  layer.bits = {2.5, 2.25};
  EXPECT_EQ(
      render({"q.safetensors", std::vector{layer}}, Form::text),
      "q.safetensors: quantized layers\n"
      "'a'\n"
      "  weights                     [100][100], 2 bits, encoding paper, micro-block 8, macro-block 128 "
      "along reduction\n"
      "  activations                 are divided by the layer's input scales first\n"
      "  outliers                    125 = 1.25 %, shift up to 7\n"
      "  effective bit width         2.500 by the paper's formula, 2.250 with every stored bit\n");
}

TEST(InspectReport, TensorsOfAModelAreATable) {
  const std::vector<golden::TensorInfo> tensors{{"a.weight", "F32", {4, 2}, 0, 32}, {"b", "I8", {}, 32, 33}};
  EXPECT_EQ(render({"m.safetensors", tensors}, Form::text),
            "m.safetensors: 2 tensors\n"
            "  tensor      type   shape\n"
            "  'a.weight'   F32  [4, 2]\n"
            "  'b'           I8      []\n");
  const std::vector<golden::StoredTensor> onnx{{"w", "FLOAT", {4}, true, {}, "bias"}};
  EXPECT_EQ(render({"m.onnx", onnx}, Form::json), R"({
  "file": "m.onnx",
  "kind": "onnx",
  "tensors": [
    {
      "name": "w",
      "type": "FLOAT",
      "shape": [
        4
      ],
      "layout": null,
      "use": "bias"
    }
  ]
}
)");
}

}  // namespace
}  // namespace msq::report
