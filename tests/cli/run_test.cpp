#include "tests/cli/flow.hpp"
#include "tests/support/configs.hpp"

namespace msq::cli {
namespace {

TEST_F(Flow, RunIsTheWholeWay) {
  write_npy("w.npy", sample_matrix(70, 18));
  const auto printed = json({"run", "--config", "tiny", "--weights", "w.npy", "--tokens", "5", "--report",
                             "new/report.json", "--html", "page.html", "--json"});
  EXPECT_EQ(nlohmann::json::parse(read("new/report.json")), printed);
  EXPECT_EQ(printed["ok"], true);
  EXPECT_EQ(printed["config"]["name"], "tiny");
  EXPECT_EQ(printed["weights"]["source"], "w.npy");
  EXPECT_EQ(printed["weights"]["synthetic"], false);
  EXPECT_EQ(printed["activations"]["synthetic"], true);
  ASSERT_EQ(printed["runs"].size(), 2U);
  double error = 1;
  for (const auto& run : printed["runs"]) {
    SCOPED_TRACE(run["bits"]);
    EXPECT_EQ(run["outputs_compared"], 5 * 18);
    EXPECT_EQ(run["outputs_mismatched"], 0);
    EXPECT_EQ(run["simulation"]["protocol_errors"], 0);
    EXPECT_EQ(run["simulation"]["recon_accesses"], 0);  // outliers on path inline
    EXPECT_GT(run["simulation"]["utilization"], 0.05);
    EXPECT_LE(run["simulation"]["utilization"], 1.0);
    EXPECT_GT(run["quantization"]["outlier_share"], 0.0);
    EXPECT_GT(run["quantization"]["ebw_stored"], run["bits"].get<double>());
    EXPECT_GT(run["output_error"], 0.0);
    EXPECT_LT(run["output_error"], error);  // fewer errors with more bits
    error = run["output_error"];
  }
  EXPECT_EQ(printed["runs"][0]["bits"], 2);
  EXPECT_EQ(printed["runs"][1]["bits"], 4);
  EXPECT_GT(printed["area"]["none_same_sum_width"]["overhead"]["fraction"], 0.0);
  EXPECT_FALSE(printed["area"]["none_systolic"].is_null());
  EXPECT_EQ(printed["tools"]["verilator"].get<std::string>().substr(0, 9), "Verilator");
  EXPECT_EQ(printed["tools"]["yosys"], printed["area"]["configuration"]["synthesis"]["yosys_version"]);
  EXPECT_TRUE(printed["failure"].is_null());
  // The page shows what the report says.
  if (!on_path("node")) GTEST_SKIP() << missing_program_message("node");
  const auto shown = run_process({.argv = {"node", MSQ_PAGE_SCRIPT, (directory_ / "page.html").string()}});
  ASSERT_TRUE(shown && shown->ok()) << (shown ? shown->output : shown.error());
  for (const char* text : {"every check passed", "Array to scale", "Errors", "2 bits, outputs", "PEs",
                           "outlier units", "[70][18], w.npy", "passed"})
    EXPECT_NE(shown->output.find(text), std::string::npos) << text << "\nin: " << shown->output;
}

TEST_F(Flow, RunReportsTheSimulationIfTheSynthesisFails) {
  const auto fails =
      with_script("yosys", "case \"$*\" in *synth.ys*) echo out of order; exit 1;; esac\n\"$real\" \"$@\"");
  const ProcessResult result =
      run({"run", "--config", "tiny", "--synthetic", "40x24", "--tokens", "5"}, fails);
  EXPECT_EQ(result.exit_code, 2) << result.output;
  for (const char* part : {"120 of 120 outputs bit-exact", "out of order", "Yosys 0.",
                           "Every check so far passed, the rest FAILED"})
    EXPECT_NE(result.output.find(part), std::string::npos) << part << "\nin: " << result.output;
  const auto report = nlohmann::json::parse(read("build/report.json"));
  EXPECT_EQ(report["ok"], false);
  EXPECT_EQ(report["runs"].size(), 2U);
  EXPECT_TRUE(report["area"].is_null());
  EXPECT_NE(report["failure"].get<std::string>().find("out of order"), std::string::npos);
}

TEST_F(Flow, SynthReportsTheAreaIfOpenStaFails) {
  const auto fails = with_script("sta", "case \"$*\" in *-version*) echo 9.9;; *) exit 1;; esac");
  const ProcessResult result = run({"synth", "--config", "tiny", "--no-twin", "--timing"}, fails);
  EXPECT_EQ(result.exit_code, 2) << result.output;
  for (const char* part : {"gate equivalents", "opensta 9.9", "OpenSTA 9.9 failed"})
    EXPECT_NE(result.output.find(part), std::string::npos) << part << "\nin: " << result.output;
}

TEST_F(Flow, RunPrintsAReportForPeople) {
  const std::string text = succeed({"run", "--config", "tiny", "--synthetic", "40x24", "--tokens", "5"});
  for (const char* part :
       {"120 of 120 outputs bit-exact", "2 bits", "4 bits", "effective bit width", "outlier support",
        "gate equivalents", "synthetic: Student's t", "Every check passed", "build/report.json"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin: " << text;
  }
}

TEST_F(Flow, RunWithoutWeightsSaysSo) {
  const ProcessResult result = run({"run", "--config", "tiny", "--tokens", "1", "--no-synth"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_NE(result.output.find("build/weights/model.safetensors: not found"), std::string::npos)
      << result.output;
  const auto report = nlohmann::json::parse(read("build/report.json"));
  EXPECT_EQ(report["weights"]["synthetic"], true);
  EXPECT_EQ(report["weights"]["source"].get<std::string>().substr(0, 9), "synthetic");
  EXPECT_EQ(report["weights"]["k"], 384);
  EXPECT_EQ(report["weights"]["n"], 1536);
  EXPECT_TRUE(report["area"].is_null());
}

TEST_F(Flow, RunFullRange) {
  write("full.json",
        R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "encoding": "full_range",
                         "outliers_per_block": 1, "fraction_bits": 1, "scale_mantissa_bits": 2})");
  write_npy("w.npy", sample_matrix(70, 18));
  const auto report =
      json({"run", "--config", "full.json", "--weights", "w.npy", "--tokens", "5", "--no-synth", "--json"});
  ASSERT_EQ(report["runs"].size(), 2U);
  for (const auto& run : report["runs"]) {
    EXPECT_EQ(run["outputs_compared"], 5 * 18);
    EXPECT_EQ(run["outputs_mismatched"], 0);
    EXPECT_GT(run["simulation"]["recon_accesses"], 0);
    EXPECT_EQ(run["quantization"]["encoding"], "full_range");
    EXPECT_EQ(run["quantization"]["outliers_per_block"], 1);
    EXPECT_EQ(run["quantization"]["fraction_bits"], 1);
    EXPECT_EQ(run["quantization"]["scale_mantissa_bits"], 2);
  }
  EXPECT_EQ(report["ok"], true);
}

TEST_F(Flow, OperandsOfTheOtherEncodingAreRefused) {
  write_npy("w.npy", sample_matrix(40, 12));
  write("full.json", tests::test_config_text("recon-4x4-full-range"));
  write("one.json",
        R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "outliers_per_block": 1})");
  succeed({"quantize", "--weights", "w.npy", "--bits", "2", "--micro-block", "4", "--sigma", "0.5", "-o",
           "p.safetensors"});
  succeed({"quantize", "--weights", "w.npy", "--bits", "2", "--micro-block", "4", "--encoding", "full_range",
           "--fraction-bits", "1", "-o", "f.safetensors"});
  const auto refused = [&](const char* config, const char* file) {
    const ProcessResult result = run({"simulate", "--config", config, "--quantized", file, "--tokens", "3"});
    EXPECT_EQ(result.exit_code, 2) << result.output;
    return result.output;
  };
  EXPECT_NE(refused("full.json", "p.safetensors")
                .find("weights of encoding paper: configuration full has encoding full_range"),
            std::string::npos);
  EXPECT_NE(refused("tiny", "f.safetensors")
                .find("weights of encoding full_range: configuration tiny has encoding paper"),
            std::string::npos);
  EXPECT_NE(
      refused("full.json", "f.safetensors")
          .find("weights with fraction_bits 1 and scale_mantissa_bits 3: configuration full has 2 and 3"),
      std::string::npos);
  EXPECT_NE(refused("one.json", "p.safetensors")
                .find("weights with 2 outliers in a micro-block: configuration one takes 1"),
            std::string::npos);
}

TEST_F(Flow, RunOnPathNone) {
  write("plain.json", tests::test_config_text("none-4x4-mode2"));
  const auto report =
      json({"run", "--config", "plain.json", "--synthetic", "33x9", "--tokens", "3", "--no-synth", "--json"});
  ASSERT_EQ(report["runs"].size(), 1U);
  EXPECT_EQ(report["runs"][0]["outputs_compared"], 27);
  EXPECT_EQ(report["runs"][0]["quantization"]["outliers_kept"], 0);
  EXPECT_EQ(report["ok"], true);
}

}  // namespace
}  // namespace msq::cli
