#include <cmath>

#include "golden/io/quantized_file.hpp"
#include "golden/io/transpose.hpp"
#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

golden::QuantizedTensor load(const std::filesystem::path& path, std::string_view layer) {
  return golden::load_quantized(path, layer).value().tensor;
}

TEST_F(Flow, QuantizeReportsWhatItStored) {
  write_npy("w.npy", sample_matrix(130, 20));
  const auto report =
      json({"quantize", "--weights", "w.npy", "--bits", "2", "-o", "q.safetensors", "--json"});
  const golden::QuantizedTensor tensor = load(directory_ / "q.safetensors", "w");
  EXPECT_EQ(tensor.k, 130);
  EXPECT_EQ(tensor.n, 20);
  EXPECT_EQ(tensor.format, (golden::Format{2, 8, 128}));
  std::int64_t outliers = 0;
  for (const auto& block : tensor.blocks) outliers += static_cast<std::int64_t>(block.pairs.size());
  EXPECT_GT(outliers, 0);
  EXPECT_EQ(report["outliers_kept"], outliers);
  EXPECT_DOUBLE_EQ(report["outlier_share"], static_cast<double>(outliers) / (130 * 20));
  EXPECT_GT(report["ebw_stored"], report["ebw_paper"]);
  EXPECT_GT(report["ebw_paper"], 2.0);
  EXPECT_EQ(report["source"]["synthetic"], false);
  EXPECT_GT(report["weight_error"], 0.0);
  EXPECT_LT(report["weight_error"], 1.0);
}

TEST_F(Flow, QuantizeOfSubnormalWeightsWarnsAndIsNoWorseThanZeros) {
  golden::Matrix weights{64, 32, std::vector<float>(64 * 32)};
  for (std::size_t i = 0; i < weights.values.size(); ++i)
    weights.values[i] = std::ldexp(i % 97 == 0 ? 9.0F : static_cast<float>(i % 5), -149);
  write_npy("w.npy", weights);
  const ProcessResult result = run({"quantize", "-w", "w.npy", "-b", "2", "-o", "q.safetensors", "--json"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.output.find("outliers are stored as inliers: no scale is small enough for them"),
            std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("warning: layer 'w': weight error 1: zeros would be as near to the weights"),
            std::string::npos)
      << result.output;
  const auto report = json({"quantize", "-w", "w.npy", "-b", "2", "-o", "q.safetensors", "--json"});
  EXPECT_EQ(report["weight_error"], 1.0);
  EXPECT_EQ(report["outliers_kept"], 0);
  EXPECT_GT(report["demoted_too_small"], 0);
  EXPECT_EQ(report["demoted_too_small"], report["outliers_wanted"]);
  EXPECT_EQ(report["warnings"].size(), 2U);
}

TEST_F(Flow, QuantizeHonoursEveryOption) {
  write_npy("w.npy", sample_matrix(70, 40));
  succeed({"quantize",
           "--weights",
           "w.npy",
           "--bits",
           "4",
           "--micro-block",
           "4",
           "--macro-block",
           "32",
           "--axis",
           "output",
           "--inlier-rule",
           "ocp",
           "--shift-rule",
           "max",
           "--outliers-per-block",
           "1",
           "--outlier-shift-max",
           "3",
           "--sigma",
           "2",
           "--row-align-bits",
           "2",
           "--layer",
           "a.b",
           "-o",
           "q.safetensors"});
  const golden::QuantizedTensor tensor = load(directory_ / "q.safetensors", "a.b");
  EXPECT_EQ(tensor.format, (golden::Format{4, 4, 32}));
  EXPECT_EQ(tensor.axis, golden::Axis::output);
  EXPECT_EQ(tensor.outlier_shift_max, 3);
  for (const auto& block : tensor.blocks) EXPECT_LE(block.pairs.size(), 1U);
  // Options that leave no trace in the format change the report.
  const auto error = [this](const Arguments& more) {
    Arguments arguments = {"quantize", "--weights", "w.npy", "--bits", "4", "-o", "x.safetensors", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto report = json(arguments);
    return std::pair(report["weight_error"].get<double>(), report["outliers_kept"].get<int>());
  };
  const auto plain = error({});
  EXPECT_NE(error({"--inlier-rule", "ocp"}), plain);
  EXPECT_NE(error({"--sigma", "1.5"}).second, plain.second);
  EXPECT_EQ(error({"--outliers-per-block", "0"}).second, 0);
  refuse(
      {"quantize", "--weights", "w.npy", "--bits", "4", "--outliers-per-block", "5", "-o", "x.safetensors"},
      {"outliers_per_block", "5"});
}

TEST_F(Flow, OptionsThatNothingReadsAreRefused) {
  const auto refused = [this](const Arguments& more, std::initializer_list<std::string_view> parts) {
    Arguments arguments = {"quantize", "--synthetic", "16x8", "--bits", "4", "-o", "x.safetensors"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    refuse(arguments, parts);
  };
  refused({"--row-align-bits", "2"},
          {"--row-align-bits: found with --axis reduction; allowed: with --axis output"});
  refused({"--row-align-bits", "0", "--axis", "reduction"}, {"--row-align-bits"});
  refused({"--outlier-price", "1"}, {"--outlier-price: found with --outlier-rule sigma; allowed: with"});
  refused({"--layout", "n_by_k"}, {"--layout excludes --synthetic"});
  refused({"--tensor", "t"}, {"--synthetic excludes --tensor"});
  for (const char* option : {"--layout", "--tensor"})
    refuse({"simulate", "--config", "tiny", "--synthetic", "16x8", option, "n_by_k"}, {"excludes", option});
  succeed({"quantize", "--synthetic", "16x8", "--bits", "4", "--axis", "output", "--row-align-bits", "2",
           "--outlier-rule", "error", "--outlier-price", "1", "-o", "x.safetensors"});
}

TEST_F(Flow, LayoutsGiveTheSameTensor) {
  const golden::Matrix weights = sample_matrix(24, 10);
  write_npy("kn.npy", weights);
  write_npy("nk.npy", golden::transposed(weights));
  succeed({"quantize", "--weights", "kn.npy", "--bits", "2", "--layer", "w", "-o", "1.safetensors"});
  succeed({"quantize", "--weights", "nk.npy", "--layout", "n_by_k", "--bits", "2", "--layer", "w", "-o",
           "2.safetensors"});
  EXPECT_EQ(read("1.safetensors"), read("2.safetensors"));
}

TEST_F(Flow, SafetensorsAreReadAsPyTorchStoresThem) {
  const golden::Matrix stored = sample_matrix(10, 24);  // [N][K]
  const golden::NamedTensor tensor = golden::named_tensor("l.weight", {10, 24}, std::span(stored.values));
  write("m.safetensors", *golden::safetensors_bytes({&tensor, 1}, {}));
  write_npy("kn.npy", golden::transposed(stored));
  succeed({"quantize", "--weights", "m.safetensors", "--tensor", "l.weight", "--bits", "2", "-o",
           "1.safetensors"});
  succeed({"quantize", "--weights", "kn.npy", "--bits", "2", "--layer", "l", "-o", "2.safetensors"});
  EXPECT_EQ(read("1.safetensors"), read("2.safetensors"));
}

TEST_F(Flow, ZeroWeights) {
  write_npy("w.npy", {16, 8, std::vector<float>(128, 0.0F)});
  const auto report =
      json({"quantize", "--weights", "w.npy", "--bits", "2", "-o", "q.safetensors", "--json"});
  EXPECT_EQ(report["weight_error"], 0.0);
  EXPECT_EQ(report["outliers_kept"], 0);
}

}  // namespace
}  // namespace msq::cli
