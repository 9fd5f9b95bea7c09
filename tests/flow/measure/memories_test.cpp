#include "flow/measure/memories.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace msq::flow {
namespace {

constexpr const char* kOne =
    R"({"width": 64, "depth": 4096, "area_um2": 1000, "leakage_nw": 5, "read_pj": 20, "write_pj": 30,
        "access_ns": 1.5, "setup_ns": 0.25})";

class MemoryFile : public testing::Test {
 protected:
  ~MemoryFile() override { std::filesystem::remove(file_); }
  Result<std::vector<GivenMemory>> load(const std::string& text) {
    std::ofstream(file_) << text;
    return load_memory_file(file_);
  }
  /// The message, or "" if the text was taken.
  std::string refusal(const std::string& text) {
    const auto loaded = load(text);
    return loaded ? "" : loaded.error();
  }

 private:
  std::filesystem::path file_ = std::filesystem::path(testing::TempDir()) / "msq_memories_test.json";
};

TEST_F(MemoryFile, FiguresHaveTheUnitsOfTheirKeys) {
  const auto loaded = load(std::string("[") + kOne + "]");
  ASSERT_TRUE(loaded) << loaded.error();
  ASSERT_EQ(loaded->size(), 1U);
  const GivenMemory& m = loaded->front();
  EXPECT_EQ(m.width, 64);
  EXPECT_EQ(m.depth, 4096);
  EXPECT_DOUBLE_EQ(m.figures.area, 1000);
  EXPECT_DOUBLE_EQ(m.figures.leakage, 5e-9);
  EXPECT_DOUBLE_EQ(m.figures.read_energy, 20e-12);
  EXPECT_DOUBLE_EQ(m.figures.write_energy, 30e-12);
  EXPECT_DOUBLE_EQ(m.figures.access_time, 1.5);
  EXPECT_DOUBLE_EQ(m.figures.setup_time, 0.25);
}

TEST_F(MemoryFile, WrongFilesAreRefusedWithThePlace) {
  const auto has = [&](const std::string& text, const std::string& message) {
    EXPECT_NE(refusal(text).find(message), std::string::npos) << refusal(text);
  };
  has("{", "no JSON list");
  has("[3]", "memory 0: found no object");
  has(R"([{"width": 0}])", "width: found 0; allowed: 1 to");
  has(R"([{"width": 8, "depth": "x"}])", "depth: found \"x\"");
  has(R"([{"width": 8, "depth": 9, "area_um2": -1}])", "area_um2: found -1; allowed: a number from 0");
  has(R"([{"width": 8, "depth": 9, "area": 1}])",
      "area: found an unknown key; allowed: width, depth, area_um2");
  has(R"([{"width": 8, "depth": 9, "read": 1}])", "(nearest: \"read_pj\")");
  has(std::string("[") + kOne + "," + kOne + "]", "memory 1: width 64 and depth 4096 are given twice");
  EXPECT_FALSE(load_memory_file("/no/such/file.json"));
}

TEST(MemoryFindings, CountAllInstances) {
  MemoryFindings findings;
  findings.memories.push_back({.memory = {"a", 2, 8, 16}, .figures = {.area = 10, .leakage = 1e-9}});
  findings.memories.push_back({.memory = {"b", 3, 4, 32},
                               .figures = {.area = 1, .leakage = 2e-9, .access_time = 2, .setup_time = 1}});
  findings.memories[0].figures.read_energy = 3e-12;
  findings.memories[0].figures.write_energy = 5e-12;
  findings.memories[0].accesses = {2, 1};
  findings.memories[1].figures.cycle_energy = 1e-12;
  EXPECT_DOUBLE_EQ(findings.launch_energy(), 14e-12);
  EXPECT_DOUBLE_EQ(findings.area(), 23);
  EXPECT_DOUBLE_EQ(findings.leakage(), 8e-9);
  EXPECT_DOUBLE_EQ((findings.timings().at({4, 32}).access), 2);
  EXPECT_DOUBLE_EQ((findings.timings().at({4, 32}).setup), 1);
}

}  // namespace
}  // namespace msq::flow
