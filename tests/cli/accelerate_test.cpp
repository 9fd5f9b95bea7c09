#include <gtest/gtest.h>

#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

TEST_F(Flow, AcceleratorRunsALayer) {
  const auto report = json({"accelerate", "--config", "tiny", "--synthetic", "40x24", "--bits", "2",
                            "--tokens", "5", "--format", "mx8", "--packets", "packets", "--json"});
  EXPECT_EQ(report["ok"], true);
  EXPECT_EQ(report["output_words_mismatched"], 0);
  EXPECT_GT(report["output_words_compared"], 0);
  EXPECT_EQ(report["error_code"], 0);
  EXPECT_EQ(report["predicted_cycles"], report["counters"]["cycles"]);
  EXPECT_EQ(listing("packets"),
            (std::vector<std::string>{"activations-0.bin", "outputs-0.bin", "packets.json", "registers.json",
                                      "weights-0.bin"}));
}

TEST_F(Flow, PacketsOfAnEarlierJobAreRemovedAndOtherFilesAreNot) {
  const auto packets = [&](const char* pass) {
    succeed({"accelerate", "--config", "tiny", "--synthetic", "40x24", "--bits", "2", "--tokens", "5",
             "--pass", pass, "--packets", "p"});
  };
  packets("2");
  EXPECT_EQ(listing("p").size(), 3 * 3 + 2U);
  write("p/weights-3.bin", "mine");
  write("p/notes.txt", "mine");
  packets("5");
  EXPECT_EQ(listing("p"),
            (std::vector<std::string>{"activations-0.bin", "notes.txt", "outputs-0.bin", "packets.json",
                                      "registers.json", "weights-0.bin", "weights-3.bin"}));
  EXPECT_EQ(read("p/weights-3.bin"), "mine");
  const auto list = nlohmann::json::parse(read("p/packets.json"));
  EXPECT_EQ(list["files"], (nlohmann::json{"activations-0.bin", "outputs-0.bin", "packets.json",
                                           "registers.json", "weights-0.bin"}));
}

TEST_F(Flow, PacketsNeverReplaceFilesThatTheyDidNotWrite) {
  std::filesystem::create_directory(directory_ / "p");
  write("p/registers.json", "{}");
  const Arguments arguments = {"accelerate", "--config", "tiny", "--synthetic", "40x24", "--tokens",
                               "5",          "--pass",   "5",    "--packets",   "p"};
  refuse(arguments, {"p: found \"registers.json\", which accelerate would replace but did not write",
                     "allowed: a directory without files of these names"});
  write("p/packets.json", R"({"files": ["registers.json", "packets.json"]})");  // not of this program
  refuse(arguments, {"p: found \"packets.json\", \"registers.json\""});
  refuse({"accelerate", "--config", "tiny", "--synthetic", "40x24", "--packets", "p/registers.json"},
         {"p/registers.json: found a file; allowed: a directory"});
}

TEST_F(Flow, AcceleratorRecordsAWindow) {
  succeed({"accelerate", "--config", "tiny", "--synthetic", "40x24", "--tokens", "3", "--trace", "t.fst",
           "--trace-from", "60", "--trace-cycles", "40"});
  EXPECT_EQ(listing(), (std::vector<std::string>{"t.fst", "t.fst.gtkw"}));
  EXPECT_NE(read("t.fst.gtkw").find("TOP.msq_top.s_axis_weight_tvalid_i\n"), std::string::npos);
  EXPECT_GT(read("t.fst").size(), 500U);
}

TEST_F(Flow, AcceleratorRefusesWhatDoesNotFit) {
  refuse({"accelerate", "--config", "tiny", "--synthetic", "40x24", "--tokens", "3", "--pass", "1000"},
         {"1000 tokens per pass", "at most"});
  refuse({"accelerate", "--config", "tiny"}, {"weights: found none"});
}

}  // namespace
}  // namespace msq::cli
