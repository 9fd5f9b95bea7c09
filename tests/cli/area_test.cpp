#include <fmt/format.h>

#include "tests/cli/flow.hpp"
#include "tests/support/configs.hpp"

namespace msq::cli {
namespace {

double sum_of_blocks(const nlohmann::json& area) {
  double sum = 0;
  for (const auto& block : area["blocks"]) sum += block["area_um2"].get<double>();
  return sum;
}

void expect_twin(const nlohmann::json& own, const nlohmann::json& plain) {
  EXPECT_EQ(plain["config"]["outlier_path"], "none");
  EXPECT_EQ(plain["memory_bits"], 0);
  const double area = own["area_um2"];
  const double plain_area = plain["area_um2"];
  EXPECT_NEAR(plain["overhead"]["fraction"], area / plain_area - 1, 1e-9);
  EXPECT_NEAR(sum_of_blocks(plain), plain_area, 1e-3);
}

TEST_F(Flow, SynthComparesWithBothPlainArrays) {
  write("recon.json", tests::test_config_text("recon-4x4"));
  const auto report = json({"synth", "--config", "recon.json", "--work", "work", "--json"});
  const auto& own = report["configuration"];
  EXPECT_EQ(report["library"], "osu018_stdcells");
  EXPECT_GT(own["area_um2"], 0.0);
  EXPECT_GT(own["memory_bits"], 0);
  for (const char* twin : {"none_same_sum_width", "none_own_sum_width"}) {
    SCOPED_TRACE(twin);
    expect_twin(own, report[twin]);
    EXPECT_GT(report[twin]["overhead"]["fraction"], 0.0);
  }
  EXPECT_TRUE(report["none_systolic"].is_null());  // the same array
  EXPECT_EQ(report["none_same_sum_width"]["sum_bits"], own["sum_bits"]);
  EXPECT_LT(report["none_own_sum_width"]["sum_bits"], own["sum_bits"]);
  EXPECT_NEAR(sum_of_blocks(own), own["area_um2"], 1e-3);
  for (const auto& block : own["blocks"]) EXPECT_GT(block["area_um2"], 0.0) << block;
}

TEST_F(Flow, SynthComparesTreesWithTheSystolicArray) {
  write("inline.json", R"({"rows": 4, "cols": 4, "micro_block": 4, "modes": [2], "outlier_path": "inline",
                           "tree_rows": 2, "inline": {"units_per_block": 1}})");
  const auto report = json({"synth", "--config", "inline.json", "--work", "work", "--json"});
  const auto& own = report["configuration"];
  EXPECT_EQ(own["memory_bits"], 0);
  for (const char* twin : {"none_same_sum_width", "none_own_sum_width", "none_systolic"}) {
    SCOPED_TRACE(twin);
    expect_twin(own, report[twin]);
  }
  EXPECT_EQ(report["none_same_sum_width"]["config"]["tree_rows"], 2);
  EXPECT_EQ(report["none_systolic"]["sum_bits"], own["sum_bits"]);
  EXPECT_FALSE(report["none_systolic"]["config"].contains("tree_rows"));
  EXPECT_LT(report["none_same_sum_width"]["area_um2"], report["none_systolic"]["area_um2"]);
}

TEST_F(Flow, SynthOfTheAccelerator) {
  write("small.json", R"({"rows": 4, "cols": 4, "modes": [4], "micro_block": 4, "outlier_path": "none",
                          "top": {"tokens": 16, "act_words": 16}})");
  const auto core = json({"synth", "--config", "small.json", "--work", "work", "--json"});
  const auto top = json({"synth", "--config", "small.json", "--work", "work", "--top", "--json"});
  EXPECT_GT(top["configuration"]["area_um2"], core["configuration"]["area_um2"]);
  EXPECT_GT(top["configuration"]["memory_bits"], 2 * 16 * 32);
  EXPECT_EQ(core["configuration"]["memory_bits"], 0);
  double around = 0;
  for (const auto& block : top["configuration"]["blocks"]) {
    const auto name = block["block"].get<std::string>();
    if (name.starts_with("top: ") || name == "control") around += block["area_um2"].get<double>();
  }
  // Event counters are of block control, in the core and around it.
  for (const auto& block : core["configuration"]["blocks"]) {
    if (block["block"] == "control") around -= block["area_um2"].get<double>();
  }
  // Inside the top, constant inputs save the core a little.
  const double parts = around + core["configuration"]["area_um2"].get<double>();
  EXPECT_NEAR(parts / top["configuration"]["area_um2"].get<double>(), 1.0, 0.03);
}

TEST_F(Flow, SynthOfTheAcceleratorCountsItsMemories) {
  write("small.json", R"({"rows": 4, "cols": 4, "modes": [4], "micro_block": 4, "outlier_path": "none",
                          "top": {"tokens": 64, "act_words": 128}})");
  const std::vector<std::string> command = {"synth", "--config", "small.json", "--work",
                                            "work",  "--top",    "--timing",   "--json"};
  const auto report = json(command);
  const auto& whole = report["accelerator"];
  double memories = 0, parts = 0;
  bool macros = false, registers = false;
  for (const auto& m : whole["memories"]) {
    memories += m["area_um2"].get<double>();
    EXPECT_GT(m["area_um2"], 0);
    EXPECT_GT(m["leakage_w"], 0);
    EXPECT_GT(m["access_ns"], 0);
    EXPECT_GT(m["read_energy_j"].get<double>() + m["cycle_energy_j"].get<double>(), 0);
    macros = macros || m["kind"] == "macros";
    registers = registers || m["kind"] == "registers";
    const long bits = m["width"].get<long>() * m["depth"].get<long>();
    EXPECT_TRUE(m["kind"] == "macros" || bits <= 2048) << m.dump();
  }
  EXPECT_TRUE(macros);
  EXPECT_TRUE(registers);
  for (const auto& part : whole["parts"]) parts += part["area_um2"].get<double>();
  EXPECT_NEAR(memories, whole["memory_area_um2"], 1e-3);
  EXPECT_NEAR(parts, whole["area_um2"], 1e-3);
  EXPECT_NEAR(parts, memories + report["configuration"]["area_um2"].get<double>(), 1);
  // Some path from a memory begins with its access time.
  EXPECT_EQ(report["timing"]["memories_timed"], true);
  bool access = false;
  for (const auto& path : report["timing"]["paths"]) {
    if (path["from"] != "memories") continue;
    access = true;
    EXPECT_EQ(path["segments"][0]["block"], "memory");
    EXPECT_GT(path["segments"][0]["delay_ns"], 0.1);
  }
  EXPECT_TRUE(access);
  // A macro of the user takes the place of the model's.
  for (const auto& m : whole["memories"]) {
    if (m["kind"] != "macros") continue;
    write("macros.json", fmt::format(R"([{{"width": {}, "depth": {}, "area_um2": 10, "leakage_nw": 1,
        "read_pj": 2, "write_pj": 3, "access_ns": 1, "setup_ns": 0}}])",
                                     m["width"].get<int>(), m["depth"].get<int>()));
  }
  std::vector<std::string> with_file = command;
  with_file.insert(with_file.end(), {"--memories", "macros.json"});
  const auto changed = json(with_file);
  bool given = false;
  for (const auto& m : changed["accelerator"]["memories"]) {
    if (m["kind"] != "given") continue;
    given = true;
    EXPECT_EQ(m["area_um2"], 10.0 * m["instances"].get<int>());
    EXPECT_EQ(m["write_energy_j"], 3e-12);
  }
  EXPECT_TRUE(given);
  EXPECT_LT(changed["accelerator"]["area_um2"], whole["area_um2"]);
}

TEST_F(Flow, MemoriesOfTheUserNeedTheAccelerator) {
  write("small.json", tests::test_config_text("none-4x4-mode2"));
  refuse({"synth", "--config", "small.json", "--memories", "macros.json"}, {"--memories", "--top"});
  write("macros.json", R"([{"width": 8}])");
  refuse({"synth", "--config", "small.json", "--top", "--work", "work", "--memories", "macros.json"},
         {"macros.json", "memory 0", "depth"});
}

TEST_F(Flow, SynthOfAPlainArrayHasNoTwin) {
  write("plain.json", tests::test_config_text("none-4x4-mode2"));
  const auto report = json({"synth", "--config", "plain.json", "--json"});
  EXPECT_TRUE(report["none_same_sum_width"].is_null());
  EXPECT_TRUE(report["none_own_sum_width"].is_null());
  EXPECT_TRUE(report["none_systolic"].is_null());
  const auto flat = json({"synth", "--config", "plain.json", "--flatten", "--no-twin", "--json"});
  EXPECT_EQ(flat["flattened"], true);
  EXPECT_TRUE(flat["configuration"]["blocks"].empty());
  const double hierarchical = report["configuration"]["area_um2"];
  EXPECT_NEAR(flat["configuration"]["area_um2"], hierarchical, 0.1 * hierarchical);
}

}  // namespace
}  // namespace msq::cli
