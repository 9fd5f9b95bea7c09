#include <cmath>

#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

TEST_F(Flow, InspectNpy) {
  write_npy("w.npy", {2, 3, {1, 2, NAN, -4, 5, 0}});
  const auto found = json({"inspect", "w.npy", "--json"});
  EXPECT_EQ(found["shape"], (std::vector<int>{2, 3}));
  EXPECT_EQ(found["statistics"]["not_finite"], 1);
  EXPECT_EQ(found["statistics"]["minimum"], -4.0);
  EXPECT_EQ(found["statistics"]["maximum"], 5.0);
  EXPECT_DOUBLE_EQ(found["statistics"]["mean"], 0.8);
  EXPECT_NE(succeed({"inspect", "w.npy"}).find("[2, 3]"), std::string::npos);
}

TEST_F(Flow, InspectQuantized) {
  write_npy("w.npy", sample_matrix(24, 16));
  const auto made = json({"quantize", "--weights", "w.npy", "--bits", "2", "-o", "q.safetensors", "--json"});
  const auto found = json({"inspect", "q.safetensors", "--json"});
  ASSERT_EQ(found["layers"].size(), 1U);
  EXPECT_EQ(found["layers"][0]["name"], "w");
  EXPECT_EQ(found["layers"][0]["outliers"], made["outliers_kept"]);
  EXPECT_EQ(found["layers"][0]["ebw_stored"], made["ebw_stored"]);
  EXPECT_NE(succeed({"inspect", "q.safetensors"}).find("[24][16]"), std::string::npos);
}

TEST_F(Flow, InspectConfiguration) {
  const auto preset = json({"inspect", "tiny", "--json"});
  EXPECT_EQ(preset["config"]["rows"], 4);
  write("my.json", preset["config"].dump());
  const auto file = json({"inspect", "my.json", "--json"});
  EXPECT_EQ(file["config_hash"], preset["config_hash"]);
  EXPECT_EQ(file["config"], preset["config"]);
}

TEST_F(Flow, InspectTellsWhatIsDerived) {
  const auto found = json({"inspect", "64x64", "--json"});
  EXPECT_TRUE(found["config"]["acc_bits"].is_null());
  EXPECT_EQ(found["in_use"]["acc_bits"], found["sum_bits"]);
  EXPECT_EQ(found["in_use"]["tree_rows"], 8);
  write("given.json", found["in_use"].dump());
  EXPECT_EQ(json({"inspect", "given.json", "--json"})["config_hash"], found["config_hash"]);
  EXPECT_NE(succeed({"inspect", "64x64"}).find("tree_rows 8, outliers_per_block 4"), std::string::npos);
  EXPECT_EQ(succeed({"inspect", "64x64"}).find("rows 64, cols"), std::string::npos);
  EXPECT_NE(succeed({"inspect", "given.json"}).find("nothing\n"), std::string::npos);
}

}  // namespace
}  // namespace msq::cli
