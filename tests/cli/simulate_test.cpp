#include "gen/config/load.hpp"
#include "tb/sim/build_model.hpp"
#include "tests/cli/flow.hpp"
#include "tests/support/configs.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

void expect_exact(const nlohmann::json& report, std::int64_t outputs) {
  EXPECT_EQ(report["ok"], true);
  EXPECT_EQ(report["outputs_compared"], outputs);
  EXPECT_EQ(report["outputs_mismatched"], 0);
  EXPECT_GE(report["partial_sums_compared"], outputs);
  EXPECT_EQ(report["partial_sums_mismatched"], 0);
  EXPECT_EQ(report["protocol_errors"], 0);
}

TEST_F(Flow, SimulateLayersThatDoNotDivideTheTile) {
  write_npy("w.npy", sample_matrix(131, 13));
  write_npy("x.npy", sample_matrix(5, 131, 2));
  write("recon.json", tests::test_config_text("recon-4x4"));
  for (const std::string config : {"tiny", "recon.json"}) {
    for (const char* bits : {"2", "4"}) {
      SCOPED_TRACE(config + ", " + bits);
      const auto report = json({"simulate", "--config", config, "--weights", "w.npy", "--bits", bits,
                                "--activations", "x.npy", "--json"});
      expect_exact(report, 5 * 13);
      EXPECT_EQ(report["recon_accesses"] > 0, config == "recon.json");
      expect_exact(json({"simulate", "--config", config, "--weights", "w.npy", "--bits", bits,
                         "--activations", "x.npy", "--stalls", "0.4", "--seed", "7", "--json"}),
                   5 * 13);
    }
  }
}

TEST_F(Flow, SimulateOneElementAndZeros) {
  expect_exact(json({"simulate", "--config", "tiny", "--synthetic", "1x1", "--tokens", "1", "--json"}), 1);
  golden::Matrix weights = sample_matrix(140, 8);
  for (std::size_t i = 0; i < weights.values.size(); ++i) {
    if (i / 8 < 128 && i % 8 < 4) weights.values[i] = 0;  // an all-zero macro-block in four columns
  }
  write_npy("w.npy", weights);
  write_npy("zeros.npy", {16, 8, std::vector<float>(128, 0.0F)});
  write_npy("x.npy", {3, 140, std::vector<float>(420, 0.0F)});
  expect_exact(json({"simulate", "--config", "tiny", "--weights", "w.npy", "--tokens", "3", "--json"}), 24);
  expect_exact(
      json({"simulate", "--config", "tiny", "--weights", "w.npy", "--activations", "x.npy", "--json"}), 24);
  expect_exact(json({"simulate", "--config", "tiny", "--weights", "zeros.npy", "--tokens", "3", "--json"}),
               24);
}

TEST_F(Flow, SimulateAQuantizedFile) {
  write_npy("w.npy", sample_matrix(40, 12));
  succeed({"quantize", "--weights", "w.npy", "--bits", "2", "--micro-block", "4", "-o", "q.safetensors"});
  auto stored =
      json({"simulate", "--config", "tiny", "--quantized", "q.safetensors", "--tokens", "3", "--json"});
  auto direct =
      json({"simulate", "--config", "tiny", "--weights", "w.npy", "--bits", "2", "--tokens", "3", "--json"});
  expect_exact(stored, 36);
  EXPECT_EQ(stored["cycles"], direct["cycles"]);
  EXPECT_EQ(stored["recon_accesses"], direct["recon_accesses"]);
}

TEST_F(Flow, SimulateAWindowWithATrace) {
  const auto report =
      json({"simulate", "--config", "tiny", "--synthetic", "40x24", "--first-tile", "4", "--tiles", "3",
            "--trace", "t.fst", "--trace-from", "5", "--trace-cycles", "10", "--json"});
  EXPECT_EQ(report["tiles"], 3);
  EXPECT_EQ(report["outputs_compared"], 0);  // some tiles are missing
  EXPECT_EQ(report["partial_sums_compared"], 3 * 16 * 4);
  EXPECT_EQ(report["trace"]["cycles"], 10);
  EXPECT_GT(read("t.fst").size(), 1000U);
  EXPECT_EQ(listing(), (std::vector<std::string>{"t.fst", "t.fst.gtkw"}));
  EXPECT_NE(read("t.fst.gtkw").find("TOP.msq_core.psum_valid_o\n"), std::string::npos);
}

/// Copies a model to where the program looks for that of `place`.
void install(const tb::ModelBuild& model, const tb::ModelBuild& place, const fs::path& cache) {
  const fs::path directory = cache / place.library.parent_path().filename();
  fs::create_directories(directory);
  for (const char* name : {"model.so", "model.so.sum"})
    fs::copy_file(model.library.parent_path() / name, directory / name);
}

/// A cache in which the core has a fault: the carry of an outlier's Lower half is wrong.
void plant_faulty_model(const Config& config, const fs::path& cache) {
  const Design design = build_design(config);
  Design faulty = design;
  for (DesignFile& file : faulty.leaves) {
    if (file.name != "msq_merge.v") continue;
    constexpr std::string_view kRight = "outlier ? moving_i[0] : s";
    const std::size_t at = file.text.find(kRight);
    ASSERT_NE(at, std::string::npos) << "the leaf has changed: choose another fault";
    file.text.replace(at, kRight.size(), "outlier ? ~moving_i[0] : s");
  }
  const auto right = tb::build_model(design, tb::Flavour::check, MSQ_MODELS);
  const auto wrong = tb::build_model(faulty, tb::Flavour::check, MSQ_MODELS);
  const auto trace = tb::build_model(design, tb::Flavour::trace, MSQ_MODELS);
  ASSERT_TRUE(right && wrong && trace);
  install(*trace, *trace, cache);
  install(*wrong, *right, cache);
}

TEST_F(Flow, AMismatchIsReportedWithTheCommandThatRecordsIt) {
  const std::string config = write("core.json", tests::test_config_text("recon-4x4"));
  plant_faulty_model(*load_config(directory_ / config), directory_ / "models");
  const ProcessResult result = run({"simulate", "--config", "core.json", "--synthetic", "64x16", "--bits",
                                    "4", "--tokens", "4", "--seed", "3"},
                                   {{"MSQ_MODEL_CACHE", "models"}});
  EXPECT_EQ(result.exit_code, 1) << result.output;
  for (const char* part : {"CHECK FAILED: configuration core (hash ", "4 bits, seed 3:", "first: tile ",
                           "token ", "column ", ": expected ", ", got "}) {
    EXPECT_NE(result.output.find(part), std::string::npos) << part << "\nin: " << result.output;
  }
  const std::size_t at = result.output.find("microscopiq simulate");
  ASSERT_NE(at, std::string::npos) << result.output;
  const std::string command =
      std::string("exec ") + MSQ_PROGRAM + result.output.substr(at + std::string_view("microscopiq").size());
  const auto traced = run_process({.argv = {"sh", "-c", command},
                                   .working_directory = directory_,
                                   .environment = {{"MSQ_MODEL_CACHE", "models"}}});
  ASSERT_TRUE(traced);
  EXPECT_EQ(traced->exit_code, 1) << traced->output;  // the same mismatch again
  const auto first = [](const std::string& text) {
    const std::size_t from = text.find("first: tile");
    return text.substr(from, text.find('\n', from) - from);
  };
  EXPECT_EQ(first(traced->output), first(result.output));
  EXPECT_TRUE(fs::exists(directory_ / "mismatch.fst")) << traced->output;
}

}  // namespace
}  // namespace msq::cli
