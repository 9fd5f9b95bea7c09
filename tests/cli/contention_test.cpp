#include <algorithm>
#include <filesystem>
#include <string>

#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

TEST_F(Flow, ContentionOfRandomTiles) {
  const Arguments arguments = {"contention", "--rows", "8",        "--cols",         "8",
                               "--tiles",    "4",      "--tokens", "1,16",           "--units",
                               "1,8",        "--mode", "4",        "--outlier-rate", "0.5",
                               "--spacing",  "1,16",   "--csv",    "c.csv"};
  Arguments with_json = arguments;
  with_json.emplace_back("--json");
  const auto found = json(with_json);
  ASSERT_EQ(found["studies"].size(), 1U);
  const auto& points = found["studies"][0]["points"];
  ASSERT_EQ(points.size(), 4U);
  // One token per tile: nothing waits in the core. Units as rows: nothing waits in the arbitrated schemes.
  EXPECT_EQ(points[0]["core"]["waited"], 0);
  EXPECT_EQ(points[1]["oldest_first"]["waited"], 0);
  EXPECT_EQ(points[3]["by_blocks"]["waited"], 0);
  EXPECT_EQ(points[3]["core"]["slowdown"], 1.0);
  EXPECT_GT(points[2]["core"]["slowdown"], 1.5);
  EXPECT_GT(points[2]["oldest_first"]["waited"], 0);
  EXPECT_EQ(found["studies"][0]["spacing"].size(), 2U);
  const std::string csv = read("c.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 4 * 4 + 2);
  EXPECT_EQ(json(with_json), found);
  EXPECT_NE(succeed(arguments).find("mode 4: 4 tiles"), std::string::npos);
}

TEST_F(Flow, ContentionOfAQuantizedFile) {
  write_npy("w.npy", sample_matrix(24, 16));
  succeed({"quantize", "--weights", "w.npy", "--bits", "4", "-o", "q.safetensors"});
  const auto found = json({"contention", "--config", "recon-8x8", "--tiles", "5", "--units", "1", "--tokens",
                           "4", "--mode", "4", "--outlier-rate", "0", "-q", "q.safetensors", "--json"});
  ASSERT_EQ(found["studies"].size(), 2U);
  EXPECT_EQ(found["studies"][0]["points"][0]["core"]["accesses"], 0);
  EXPECT_EQ(found["studies"][1]["tiles"], 5);  // of 3 x 2
  EXPECT_GT(found["studies"][1]["points"][0]["core"]["accesses"], 0);
}

TEST_F(Flow, ContentionOfBothWidthsOfADirectory) {
  std::filesystem::create_directory(directory_ / "q");
  for (const char* bits : {"4", "2"}) {
    const std::string name = std::string("w") + bits;
    write_npy(name + ".npy", sample_matrix(24, 16));
    succeed({"quantize", "--weights", name + ".npy", "--bits", bits, "-o", "q/" + name + ".safetensors"});
  }
  const auto found = json({"contention", "--config", "recon-8x8", "--units", "1", "--tokens", "4", "--mode",
                           "4", "--outlier-rate", "0", "-q", "q", "--json"});
  ASSERT_EQ(found["studies"].size(), 3U);
  EXPECT_EQ(found["studies"][1]["mode"], 2);
  EXPECT_EQ(found["studies"][1]["tiles"], 3);  // 3 x 1: 16 columns
  EXPECT_EQ(found["studies"][2]["mode"], 4);
  EXPECT_EQ(found["studies"][2]["tiles"], 6);
}

TEST_F(Flow, ContentionRefuses) {
  refuse({"contention", "--config", "none-8x8"}, {"none-8x8", "ReCoN"});
  refuse({"contention", "--rows", "24"}, {"rows", "24", "power"});
  refuse({"contention", "--config", "recon-8x8", "--units", "3"}, {"--units", "3", "1 to 8"});
  refuse({"contention", "--config", "recon-8x8", "--units", "16"}, {"--units", "16", "1 to 8"});
  refuse({"contention", "--outlier-rate", "1.5"}, {"--outlier-rate", "1.5"});
  refuse({"contention", "-q", "missing.safetensors"}, {"missing.safetensors"});
  refuse({"contention", "--config", "recon-8x8", "--tiles", "1", "--csv", "no/c.csv"}, {"no/c.csv"});
}

}  // namespace
}  // namespace msq::cli
