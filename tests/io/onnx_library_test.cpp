// Models written by the ONNX library: the reader must know the format, not only our own writer.
#include <gtest/gtest.h>

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wextra"
#endif
#include <onnx/onnx_pb.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include <span>
#include <string>

#include "golden/io/onnx.hpp"
#include "onnx_writer.hpp"
#include "seeds.hpp"
#include "temporary_directory.hpp"

namespace msq::golden {
namespace {

::onnx::TensorProto& add_tensor(::onnx::GraphProto& graph, const char* name, int type) {
  ::onnx::TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  tensor.add_dims(2);
  tensor.add_dims(3);
  return tensor;
}

::onnx::NodeProto& add_node(::onnx::GraphProto& graph, const char* op, const char* weight) {
  ::onnx::NodeProto& node = *graph.add_node();
  node.set_op_type(op);
  node.add_input("x");
  node.add_input(weight);
  node.add_output(std::string("y_") + weight);
  return node;
}

::onnx::ModelProto library_model() {
  ::onnx::ModelProto model;
  model.set_ir_version(8);
  model.set_producer_name("library");
  ::onnx::GraphProto& graph = *model.mutable_graph();
  ::onnx::AttributeProto& flag = *add_node(graph, "Gemm", "list").add_attribute();
  flag.set_name("transB");
  flag.set_type(::onnx::AttributeProto::INT);
  flag.set_i(1);
  add_node(graph, "MatMul", "raw");
  add_node(graph, "MatMul", "outside");
  ::onnx::NodeProto& constant = *graph.add_node();
  constant.set_op_type("Constant");
  constant.add_output("constant");
  ::onnx::AttributeProto& value = *constant.add_attribute();
  value.set_name("value");
  value.set_type(::onnx::AttributeProto::TENSOR);
  ::onnx::TensorProto& inside = *value.mutable_t();
  inside.set_data_type(::onnx::TensorProto::FLOAT16);
  inside.add_dims(1);
  inside.add_dims(2);
  inside.add_int32_data(0x3C00);
  inside.add_int32_data(0xC000);
  graph.set_name("main");
  ::onnx::TensorProto& list = add_tensor(graph, "list", ::onnx::TensorProto::FLOAT);
  for (int i = 1; i <= 6; ++i) {
    list.add_float_data(static_cast<float>(i));
  }
  add_tensor(graph, "raw", ::onnx::TensorProto::BFLOAT16)
      .set_raw_data(testing::bytes_of<std::uint16_t>({0x3F80, 0x4000, 0x4040, 0x4080, 0x40A0, 0x40C0}));
  ::onnx::TensorProto& doubles = add_tensor(graph, "doubles", ::onnx::TensorProto::DOUBLE);
  for (int i = 1; i <= 6; ++i) doubles.add_double_data(i);
  ::onnx::NodeProto& call = add_node(graph, "linear", "doubles");
  call.set_domain("lib");
  ::onnx::FunctionProto& function = *model.add_functions();
  function.set_name("linear");
  function.set_domain("lib");
  function.add_input("a");
  function.add_input("b");
  function.add_output("c");
  ::onnx::NodeProto& scaled = *function.add_node();
  scaled.set_op_type("Gemm");
  scaled.add_input("a");
  scaled.add_input("b");
  scaled.add_output("c");
  ::onnx::AttributeProto& alpha = *scaled.add_attribute();
  alpha.set_name("alpha");
  alpha.set_type(::onnx::AttributeProto::FLOAT);
  alpha.set_f(0.5F);
  ::onnx::SparseTensorProto& sparse = *graph.add_sparse_initializer();
  sparse.mutable_values()->set_name("sparse");
  sparse.mutable_values()->set_data_type(::onnx::TensorProto::FLOAT);
  sparse.add_dims(2);
  sparse.add_dims(3);
  ::onnx::TensorProto& outside = add_tensor(graph, "outside", ::onnx::TensorProto::FLOAT);
  outside.set_data_location(::onnx::TensorProto::EXTERNAL);
  for (const auto& [key, text] :
       {std::pair("location", "data.bin"), std::pair("offset", "8"), std::pair("length", "24")}) {
    auto& entry = *outside.add_external_data();
    entry.set_key(key);
    entry.set_value(text);
  }
  auto& version = *model.add_opset_import();
  version.set_domain("");
  version.set_version(17);
  return model;
}

TEST(OnnxLibrary, ItsModelsAreRead) {
  const testing::TemporaryDirectory directory;
  const std::vector<float> six{1, 2, 3, 4, 5, 6};
  testing::write_text(directory / "m.onnx", library_model().SerializeAsString());
  testing::write_text(directory / "data.bin", "12345678" + testing::bytes_of<float>({1, 2, 3, 4, 5, 6}));
  const auto reader = OnnxReader::open(directory / "m.onnx");
  ASSERT_TRUE(reader) << reader.error();
  ASSERT_EQ(reader->tensors().size(), 6U);
  EXPECT_EQ(reader->load_matrix("doubles").value().values, six);
  EXPECT_EQ(reader->find("doubles")->use, "Gemm with alpha 0.5");
  EXPECT_EQ(reader->find("sparse")->type, "sparse FLOAT");
  EXPECT_EQ(reader->load_matrix("list").value().values, six);
  EXPECT_EQ(reader->load_matrix("raw").value().values, six);
  EXPECT_EQ(reader->load_matrix("outside").value().values, six);
  EXPECT_EQ(reader->load_matrix("constant").value().values, (std::vector<float>{1, -2}));
  EXPECT_EQ(reader->find("list")->layout, Layout::n_by_k);
  EXPECT_EQ(reader->find("raw")->layout, Layout::k_by_n);
  EXPECT_EQ(reader->find("outside")->layout, Layout::k_by_n);
  EXPECT_EQ(reader->find("raw")->type, "BFLOAT16");
}

/// So that the other tests, whose files come from our own writer, test the format.
TEST(OnnxLibrary, ItReadsWhatOurWriterWrites) {
  using namespace testing::onnx;
  ::onnx::ModelProto read;
  const std::string six = testing::bytes_of<float>({1, 2, 3, 4, 5, 6});
  ASSERT_TRUE(read.ParseFromString(model(graph(
      {node("Gemm", {"x", "w"}, "y", {attribute("transB", number(3, 1)), attribute("perm", number(8, 7))}),
       node("If", {"c"}, "z", {attribute("then_branch", block(6, graph({}, {})))})},
      {tensor("w", kFloat, {2, 3}, raw(six)), tensor("l", kFloat, {6}, packed_floats(six)),
       tensor("h", kFloat16, {2}, packed_ints({5, 6})),
       tensor("e", kBfloat16, {2}, external({{"location", "f"}, {"length", "4"}}))}))));
  const auto& main = read.graph();
  EXPECT_EQ(read.ir_version(), 8);
  EXPECT_EQ(read.opset_import(0).version(), 17);
  ASSERT_EQ(main.node_size(), 2);
  EXPECT_EQ(main.node(0).op_type(), "Gemm");
  EXPECT_EQ(main.node(0).input(1), "w");
  EXPECT_EQ(main.node(0).output(0), "y");
  EXPECT_EQ(main.node(0).attribute(0).name(), "transB");
  EXPECT_EQ(main.node(0).attribute(0).i(), 1);
  EXPECT_EQ(main.node(0).attribute(1).ints(0), 7);
  EXPECT_EQ(main.node(1).attribute(0).g().name(), "main");
  ASSERT_EQ(main.initializer_size(), 4);
  EXPECT_EQ(main.initializer(0).raw_data(), six);
  EXPECT_EQ(main.initializer(0).dims(1), 3);
  EXPECT_EQ(main.initializer(0).data_type(), ::onnx::TensorProto::FLOAT);
  EXPECT_EQ(main.initializer(1).float_data(5), 6);
  EXPECT_EQ(main.initializer(2).int32_data(1), 6);
  EXPECT_EQ(main.initializer(2).data_type(), ::onnx::TensorProto::FLOAT16);
  EXPECT_EQ(main.initializer(3).data_type(), ::onnx::TensorProto::BFLOAT16);
  EXPECT_EQ(main.initializer(3).data_location(), ::onnx::TensorProto::EXTERNAL);
  EXPECT_EQ(main.initializer(3).external_data(1).value(), "4");
}

}  // namespace
}  // namespace msq::golden
