#include "tb/host/output_packet.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/configs.hpp"

namespace msq::tb {
namespace {

StreamTile tile(int columns, int words, bool more = false) {
  StreamTile tile;
  tile.columns = columns;
  tile.words = words;
  tile.more = more;
  return tile;
}

// Five tiles along K: with pairs three tiles of weights, without them five. Two tokens distinguish blocks.
TEST(OutputPacket, BlocksEndWithTheTilesThatTakeAllOfK) {
  const Dimensions d(tests::test_config("top-inline-4x4"));
  ASSERT_EQ(d.output_lanes, 2);
  AcceleratorJob job;
  job.m = 2;
  job.k = 18;
  job.n = 6;
  job.tokens_per_pass = 2;
  job.log2_tile_rows = 2;
  job.format = OutputFormat::raw;
  job.tiles = {tile(4, 2), tile(4, 2, true), tile(4, 2), tile(4, 1)};
  for (int k = 0; k < 5; ++k) job.tiles.push_back(tile(2, 1));
  golden::GemmResult result;
  result.m = job.m;
  result.n = job.n;
  result.acc = {0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15};
  result.weight_reference.resize(6, 0);
  result.activation_reference.resize(2, 0);
  const std::vector<Packet> packets = expected_outputs(d, job, result);
  ASSERT_EQ(packets.size(), 1U);
  std::vector<std::uint32_t> low_words;
  for (std::size_t beat = 0; beat < packets[0].beats(); beat += 3) {
    low_words.push_back(packets[0].words[2 * beat]);
    low_words.push_back(packets[0].words[2 * beat + 1]);
  }
  EXPECT_EQ(low_words, (std::vector<std::uint32_t>{0, 1, 2, 3, 10, 11, 12, 13, 4, 5, 14, 15}));
}

}  // namespace
}  // namespace msq::tb
