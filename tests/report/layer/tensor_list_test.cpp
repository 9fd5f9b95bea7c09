#include "report/tensor_list.hpp"

#include <gtest/gtest.h>

namespace msq::report {
namespace {

const std::vector<flow::ListedTensor> kTensors = {
    {{"a.weight", "F32", {40, 50}, true, {}, ""}, golden::Layout::n_by_k, ""},
    {{"b", "I8", {}, false, {}, ""}, {}, "not two-dimensional"}};

TEST(TensorList, TextSaysForEachTensorWhetherItIsQuantized) {
  EXPECT_EQ(render_list("m.safetensors", kTensors, Form::text),
            "m.safetensors: 1 of 2 tensors would be quantized, 2,000 weights; 0 of two or more dimensions "
            "would not\n"
            "  tensor      type     shape  layout  quantized\n"
            "  'a.weight'   F32  [40, 50]  n_by_k  yes\n"
            "  'b'           I8        []       -  no: not two-dimensional\n");
}

TEST(TensorList, JsonHasTheReason) {
  EXPECT_EQ(render_list("m.safetensors", {kTensors[1]}, Form::json), R"({
  "weights": "m.safetensors",
  "tensors": [
    {
      "name": "b",
      "type": "I8",
      "shape": [],
      "layout": null,
      "quantized": false,
      "reason": "not two-dimensional"
    }
  ],
  "quantized_tensors": 0,
  "quantized_weights": 0,
  "left_out_tensors": 0
}
)");
}

}  // namespace
}  // namespace msq::report
