#include "flow/layer/save_hessians.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "flow/layer/quantize_tasks.hpp"
#include "golden/io/hessian_file.hpp"
#include "golden/io/npy.hpp"
#include "golden/io/safetensors.hpp"
#include "temporary_directory.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;
using golden::testing::contains;
using golden::testing::TemporaryDirectory;

constexpr std::int64_t kHidden = 24;
constexpr const char* kAll[] = {"gate_proj", "up_proj", "q_proj", "k_proj", "v_proj", "o_proj"};

golden::Matrix normal_matrix(std::int64_t rows, std::int64_t columns, unsigned seed) {
  return load_activations({"", "", rows}, columns, "", seed).value().matrix;
}

/// A LLaMA of one block: q, k and v share an input, and gate and up another one.
class SaveHessians : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(directory_ / "config.json") << R"({"model_type": "llama", "hidden_size": 24})";
    std::vector<golden::NamedTensor> tensors;
    unsigned seed = 0;
    for (const char* name : kAll) {
      const golden::Matrix w = normal_matrix(kHidden, kHidden, ++seed);
      tensors.push_back(
          golden::named_tensor(tensor_of(name), {kHidden, kHidden}, std::span<const float>(w.values)));
    }
    ASSERT_TRUE(golden::write_safetensors(directory_ / "model.safetensors", tensors, {}));
    fs::create_directory(directory_ / "x");
    for (const char* name : kAll) write_rows(name, normal_matrix(100, kHidden, 9));
    write_rows("o_proj", normal_matrix(80, kHidden, 10));
  }

  static std::string layer_of(const std::string& name) {
    const bool mlp = name == "gate_proj" || name == "up_proj";
    return (mlp ? "model.layers.0.mlp." : "model.layers.0.self_attn.") + name;
  }
  static std::string tensor_of(const std::string& name) { return layer_of(name) + ".weight"; }
  void write_rows(const std::string& name, const golden::Matrix& rows) {
    ASSERT_TRUE(golden::write_npy(directory_ / "x" / (layer_of(name) + ".npy"), rows));
  }
  [[nodiscard]] fs::path file() const { return directory_ / "h.safetensors"; }
  [[nodiscard]] QuantizeRequest request(const CalibrationSource& calibration) const {
    QuantizeRequest request{(directory_ / "q.safetensors").string(), choices_, calibration};
    request.choices.options.bits = 2;
    return request;
  }
  [[nodiscard]] CalibrationSource rows() const { return CalibrationSource(directory_ / "x"); }
  Result<SavedHessians> save() {
    MSQ_TRY(const golden::ModelFile model, golden::ModelFile::open(directory_ / "model.safetensors"));
    MSQ_TRY(const auto tensors, select_tensors(model, {}, {}));
    return save_hessians(file(), {model, tensors, request(rows())});
  }
  /// Bytes of the file that is quantized with a calibration.
  std::string quantized(const CalibrationSource& calibration) {
    const auto model = golden::ModelFile::open(directory_ / "model.safetensors");
    const auto tensors = select_tensors(*model, {}, {});
    const QuantizeRequest with = request(calibration);
    const auto done = quantize_model({*model, *tensors, with}, [](const std::string&) {});
    EXPECT_TRUE(done) << done.error();
    std::ifstream in(with.output, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  TemporaryDirectory directory_;
  QuantizerChoices choices_;
};

TEST_F(SaveHessians, LayersOfOneInputAndTheSameRowsShareSums) {
  const auto saved = save();
  ASSERT_TRUE(saved) << saved.error();
  EXPECT_EQ(saved->layers, 6U);
  EXPECT_EQ(saved->inputs, 3U) << "the rows of gate and q are the same, their inputs are not";
  const auto reader = golden::SafetensorsReader::open(file());
  ASSERT_TRUE(reader) << reader.error();
  EXPECT_EQ(reader->tensors().size(), 6U) << "sums and largest of three inputs";
  EXPECT_NE(reader->find(layer_of("k_proj.hessian")), nullptr) << "k comes first";
  EXPECT_EQ(reader->metadata().at(layer_of("q_proj.input")), layer_of("k_proj"));
  EXPECT_EQ(reader->metadata().at(layer_of("o_proj.tokens")), "80");
}

TEST_F(SaveHessians, OtherRowsOrAnotherInputHaveSumsOfTheirOwn) {
  golden::Matrix other = normal_matrix(100, kHidden, 9);
  other.values.back() += 1;
  write_rows("v_proj", other);
  EXPECT_EQ(save()->inputs, 4U);
  write_rows("v_proj", normal_matrix(100, kHidden, 9));
  EXPECT_EQ(save()->inputs, 3U);
  // The same rows, but an input of its own.
  write_rows("o_proj", normal_matrix(100, kHidden, 9));
  EXPECT_EQ(save()->inputs, 3U);
}

TEST_F(SaveHessians, SumsAreThoseOfTheRowsRoundedToFloat) {
  choices_.massive_weight = 3;
  golden::Matrix x = normal_matrix(100, kHidden, 11);
  x.values[5 * kHidden + 2] = -2000;
  write_rows("o_proj", x);
  ASSERT_TRUE(save());
  golden::Calibration wanted(kHidden);
  std::vector<double> counts(100, 1.0);
  counts[5] = 3;
  ASSERT_TRUE(wanted.add(x.values, counts));
  const auto found = golden::HessianFile::open(file())->load(layer_of("o_proj"), kHidden, kHidden);
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->largest, wanted.largest);
  for (Eigen::Index i = 0; i < kHidden; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      EXPECT_EQ(found->hessian.lower()(i, j), static_cast<float>(wanted.hessian.lower()(i, j)));
    }
  }
}

/// With sums that float32 holds exactly.
TEST_F(SaveHessians, WeightsOfTheFileAreThoseOfTheRows) {
  golden::Matrix x = normal_matrix(100, kHidden, 9);
  for (float& value : x.values) value = std::round(value);
  for (const char* name : kAll) write_rows(name, x);
  const auto saved = save();
  ASSERT_TRUE(saved);
  EXPECT_EQ(quantized(saved->source), quantized(rows()));
}

TEST_F(SaveHessians, LayersOfTwoWidthsAreSummedUpOnce) {
  const auto model = golden::ModelFile::open(directory_ / "model.safetensors");
  const auto tensors = select_tensors(*model, {}, {});
  QuantizeRequest mixed = request(rows());
  mixed.widths = WidthLimit{};
  EXPECT_EQ(save_hessians(file(), {*model, *tensors, mixed})->layers, 6U);
}

TEST_F(SaveHessians, ALayerWithoutTokensHasZeros) {
  write_rows("o_proj", {0, kHidden, {}});
  ASSERT_TRUE(save());
  const auto found = golden::HessianFile::open(file())->load(layer_of("o_proj"), kHidden, kHidden);
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->hessian.tokens(), 0);
}

TEST_F(SaveHessians, WrongRowsAreNamedAndNothingIsWritten) {
  golden::Matrix x = normal_matrix(90, kHidden, 12);
  x.values[3 * kHidden + 1] = NAN;
  write_rows("o_proj", x);
  const auto nan = save();
  ASSERT_FALSE(nan);
  EXPECT_TRUE(contains(nan.error(), {"--calibration", "o_proj.npy", "[token=3][k=1]"})) << nan.error();
  x.values[3 * kHidden + 1] = 3e38F;
  write_rows("o_proj", x);
  const auto large = save();
  ASSERT_FALSE(large);
  EXPECT_TRUE(contains(large.error(), {"o_proj'", "sums beyond float32"})) << large.error();
  fs::remove(directory_ / "x" / (layer_of("o_proj") + ".npy"));
  EXPECT_TRUE(contains(save().error(), {"--calibration", "o_proj.npy"}));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / ""), fs::directory_iterator()), 3);
}

}  // namespace
}  // namespace msq::flow
