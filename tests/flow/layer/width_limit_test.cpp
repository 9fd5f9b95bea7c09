#include "flow/layer/width_limit.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "flow/layer/model_times.hpp"
#include "flow/layer/quantize_model.hpp"
#include "gen/configs/presets.hpp"
#include "golden/io/quantized_file.hpp"
#include "golden/io/safetensors.hpp"
#include "temporary_directory.hpp"

namespace msq::flow {
namespace {

using golden::testing::contains;
using golden::testing::TemporaryDirectory;

class WidthLimits : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<golden::NamedTensor> tensors;
    for (const auto& [name, n, k] :
         {std::tuple{"a.weight", 24, 160}, {"b.weight", 40, 64}, {"c.weight", 16, 256}}) {
      const WeightsSource source{"", "", "", std::to_string(n) + "x" + std::to_string(k)};
      const LabelledMatrix matrix = load_weights(source, static_cast<unsigned>(k)).value();
      tensors.push_back(golden::named_tensor(name, {n, k}, std::span<const float>(matrix.matrix.values)));
    }
    ASSERT_TRUE(golden::write_safetensors(directory_ / "m.safetensors", tensors, {}));
  }

  Result<ModelFindings> quantize(const std::optional<WidthLimit>& limit, int bits = 2,
                                 const char* output = "q.safetensors") {
    MSQ_TRY(const golden::ModelFile model, golden::ModelFile::open(directory_ / "m.safetensors"));
    MSQ_TRY(const auto tensors, select_tensors(model, {}, {}));
    QuantizeRequest request{(directory_ / output).string(), choices_, {}, limit};
    request.choices.options.bits = bits;
    return quantize_model({model, tensors, request}, [](const std::string&) {});
  }
  static WidthLimit cycles(double most, std::int64_t tokens = 3) {
    return {WidthLimit::Of::cycles, most, CycleTarget{find_config("8x8").value(), tokens}};
  }

  TemporaryDirectory directory_;
  QuantizerChoices choices_;
};

TEST_F(WidthLimits, CyclesAreThoseOfTheModelOfTheSameFile) {
  ModelRequest request;
  request.array.config = "8x8";
  request.tokens = 3;
  for (const int bits : {2, 4}) {
    ASSERT_TRUE(quantize({}, bits));
    request.quantized = (directory_ / "q.safetensors").string();
    const auto times = time_model(request);
    ASSERT_TRUE(times) << times.error();
    for (const LayerTimes& layer : times->layers) {
      const auto tensor = golden::load_quantized(directory_ / "q.safetensors", layer.name).value().tensor;
      EXPECT_EQ(cycles(1).target->cycles(tensor), layer.top.cycles) << layer.name << " " << bits;
    }
  }
}

TEST_F(WidthLimits, TheTotalStaysWithinItsShare) {
  const auto narrow = quantize(cycles(1), 2);
  ASSERT_TRUE(narrow) << narrow.error();
  EXPECT_EQ(narrow->cycles->total, narrow->cycles->at_four_bits);
  const auto mixed = quantize(cycles(0.75));
  ASSERT_TRUE(mixed) << mixed.error();
  EXPECT_EQ(mixed->cycles->config, "8x8");
  EXPECT_EQ(mixed->cycles->tokens, 3);
  EXPECT_EQ(mixed->cycles->at_four_bits, narrow->cycles->at_four_bits);
  std::int64_t total = 0;
  std::string widths;
  for (const LayerFindings& layer : mixed->layers) {
    total += *layer.cycles;
    widths += std::to_string(layer.quantization.choices.options.bits);
  }
  EXPECT_EQ(total, mixed->cycles->total);
  EXPECT_LE(static_cast<double>(total), 0.75 * static_cast<double>(mixed->cycles->at_four_bits));
  EXPECT_NE(widths, "222");
  EXPECT_NE(widths, "444");
}

TEST_F(WidthLimits, AShareBelowThatOfTwoBitsIsRefusedAndTheNamedOneIsNot) {
  const auto few = quantize(cycles(0.1));
  ASSERT_FALSE(few);
  EXPECT_TRUE(contains(few.error(), {"--cycles: found 0.1; allowed: 0."})) << few.error();
  const std::size_t at = few.error().find("allowed: ") + 9;
  const auto least = quantize(cycles(std::stod(few.error().substr(at))));
  ASSERT_TRUE(least) << least.error();
  EXPECT_EQ(least->resumed, 6U) << "layers at both widths";
}

TEST_F(WidthLimits, AnAverageReportsCyclesToo) {
  WidthLimit limit{WidthLimit::Of::stored_bits, 8, cycles(1).target};
  const auto found = quantize(limit);
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->cycles->total, found->cycles->at_four_bits);
  limit.target.reset();
  const auto without = quantize(limit);
  ASSERT_TRUE(without) << without.error();
  EXPECT_FALSE(without->cycles);
  EXPECT_FALSE(without->layers[0].cycles);
}

TEST_F(WidthLimits, ArraysThatDoNotFitAreNamedBeforeTheFirstLayer) {
  const auto refused = [&](const Config& config) {
    const auto found = quantize(WidthLimit{WidthLimit::Of::cycles, 0.7, CycleTarget{config, 1}});
    EXPECT_FALSE(std::filesystem::exists(directory_ / "q.safetensors.parts"));
    return found ? "" : found.error();
  };
  Config config = find_config("8x8").value();
  config.modes = {4};
  EXPECT_TRUE(contains(refused(config), {"--config: found 8x8, of mode 4", "modes 2 and 4"}));
  config = find_config("tiny").value();
  EXPECT_TRUE(contains(refused(config), {"--config: ", "micro-block 8", "tiny", "micro-block 4"}));
  config = find_config("recon-8x8").value();
  config.outlier_shift_max = 3;
  EXPECT_TRUE(contains(refused(config), {"--outlier-shift-max: found 7", "at most 3"}));
  config = find_config("8x8").value();
  config.outliers_per_block = 2;
  EXPECT_TRUE(contains(refused(config), {"--outliers-per-block: found 4", "at most 2"}));
  EXPECT_TRUE(contains(refused(find_config("none-8x8").value()), {"--outliers-per-block", "at most 0"}));
  EXPECT_TRUE(contains(refused(find_config("8x8-full-range").value()), {"--config", "encoding paper"}));
  choices_.options.macro_block = 64;
  EXPECT_TRUE(contains(refused(find_config("8x8").value()), {"macro-block 64", "macro-block 128"}));
  choices_.options.macro_block = 128;
  config = find_config("8x8").value();
  config.top.act_words = 16;
  EXPECT_TRUE(contains(refused(config), {"--config: layer 'a'", "found 160", "1 to 128"}));
}

}  // namespace
}  // namespace msq::flow
