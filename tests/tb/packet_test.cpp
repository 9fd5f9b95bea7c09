#include "tb/host/packet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "gen/arch/registers.hpp"
#include "tb/host/bits.hpp"
#include "tb/host/job.hpp"

namespace msq::tb {
namespace {

using Words = std::vector<std::uint32_t>;

TEST(PacketWriter, FillsBeatsFromTheLowestBit) {
  PacketWriter out(40);
  out.put(8, 0xa5);
  out.put(32, 0x12345678);
  out.put(4, 0xf);
  out.align();
  out.put(1, 1);
  const Packet packet = out.take();
  EXPECT_EQ(packet.words_per_beat(), 2U);
  EXPECT_EQ(packet.words, (Words{0x345678a5, 0x12, 0xf, 0, 1, 0}));
  EXPECT_EQ(packet.beats(), 3U);
}

TEST(PacketWriter, ContinuesAFieldInTheNextBeat) {
  PacketWriter out(32);
  out.put(24, 0xabcdef);
  out.put(16, 0x1234);
  EXPECT_EQ(out.take().words, (Words{0x34abcdef, 0x12}));
  PacketWriter narrow(4);
  narrow.put(12, 0x987);
  EXPECT_EQ(narrow.take().words, (Words{7, 8, 9}));
}

TEST(PacketWriter, DropsBitsAboveTheWidthOfAField) {
  PacketWriter out(32);
  out.put(4, 0xfff);
  out.put(4, 0);
  EXPECT_EQ(out.take().words, (Words{0xf}));
}

TEST(Bits, SignedFieldsOfUpTo64BitsComeBack) {
  Words words = words_for(70);
  ASSERT_EQ(words.size(), 3U);
  put_long_bits(words, 5, 64, 0x8000000000000001U);
  EXPECT_EQ(get_signed(words, 5, 64), std::int64_t{-0x7fffffffffffffff});
  EXPECT_EQ(get_signed(words, 5, 2), 1);
  EXPECT_EQ(low_bits(-1, 5), 0x1fU);
  EXPECT_EQ(low_bits(-2, 32), 0xfffffffeU);
}

// Names and fields are those of the register map.
TEST(RegisterSettings, SetRegistersOfTheMap) {
  AcceleratorJob job;
  job.m = 9;
  job.k = 0x12345;
  job.n = 7;
  job.tokens_per_pass = 4;
  job.log2_tile_rows = 3;
  job.log2_block = 6;
  job.format = OutputFormat::mx4;
  const auto settings = register_settings(job);
  const auto value = [&](std::string_view name) {
    return std::find_if(settings.begin(), settings.end(), [&](const auto& s) { return s.name == name; })
        ->value;
  };
  EXPECT_EQ(settings.size(), 6U);
  EXPECT_EQ(value("tokens"), 9U);
  EXPECT_EQ(value("depth"), 0x12345U);
  EXPECT_EQ(value("columns"), 7U);
  EXPECT_EQ(value("pass"), 4U);
  EXPECT_EQ(value("tiling"), 0x603U);
  EXPECT_EQ(value("format"), 3U);
}

}  // namespace
}  // namespace msq::tb
