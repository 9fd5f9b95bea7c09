#include "report/tensor_list.hpp"

#include <gtest/gtest.h>

namespace msq::report {
namespace {

const std::vector<flow::ListedTensor> kTensors = {
    {{"a.weight", "F32", {40, 50}, true, {}, ""}, golden::Layout::n_by_k, ""},
    {{"b", "I8", {}, false, {}, ""}, {}, "not two-dimensional"}};

/// Two layers of one input, one of them of an expert and fused.
std::vector<flow::ListedTensor> sharing() {
  golden::StoredTensor first{"a.weight", "F32", {40, 50}, true, {}, ""};
  first.tensor = "a.weight";
  first.input = "x";
  golden::StoredTensor second{"e.weight.1", "BF16", {40, 50}, true, {}, ""};
  second.tensor = "e.weight";
  second.expert = 1;
  second.input = "x";
  second.parts = "gate, up";
  return {{first, golden::Layout::n_by_k, ""}, {second, golden::Layout::k_by_n, ""}};
}

TEST(TensorList, TextSaysForEachTensorWhetherItIsQuantized) {
  EXPECT_EQ(render_list("m.safetensors", kTensors, {}, Form::text),
            "m.safetensors: 1 of 2 tensors would be quantized, 2,000 weights; 0 of two or more dimensions "
            "would not\n"
            "  tensor      type     shape  layout    K x N  input shared as  quantized\n"
            "  'a.weight'   F32  [40, 50]  n_by_k  50 x 40                -  yes\n"
            "  'b'           I8        []       -        -                -  no: not two-dimensional\n");
}

TEST(TensorList, TextNamesSharedInputsAndFusedLayersAndNotes) {
  const std::string text = render_list("m", sharing(), {"doubtful"}, Form::text);
  EXPECT_NE(text.find("'a.weight'     F32  [40, 50]  n_by_k  50 x 40                x  yes"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("k_by_n  40 x 50                x  yes: gate, up in one"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("note: doubtful\n")) << text;
}

TEST(TensorList, JsonDescribesTheLayers) {
  const std::string text = render_list("m", sharing(), {"doubtful"}, Form::json);
  EXPECT_NE(text.find(R"(      "layer": "e.1",
      "tensor": "e.weight",
      "expert": 1,
      "k": 40,
      "n": 50,
      "input": "x",
      "parts": "gate, up")"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"("expert": null)"), std::string::npos) << text;
  EXPECT_NE(text.find("doubtful"), std::string::npos) << text;
}

TEST(TensorList, JsonHasTheReason) {
  EXPECT_EQ(render_list("m.safetensors", {kTensors[1]}, {}, Form::json), R"({
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
  "left_out_tensors": 0,
  "notes": []
}
)");
}

}  // namespace
}  // namespace msq::report
