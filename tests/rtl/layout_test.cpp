// msq_output_layout: random packets in both layouts at many sizes, against an image of the memory that is
// made from the definition of both packets; limits, packets that are given up, and any stalls.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "Vlayout_bench.h"
#include "tests/rtl/bench.hpp"

namespace msq::rtl_test {
namespace {

struct Sizes {
  int word, beat, rows, act_bits, block;
};
constexpr auto kSizes = std::to_array<Sizes>({
    {4, 8, 4, 4, 128},
    {4, 8, 8, 8, 128},
    {16, 8, 8, 8, 128},
    {64, 8, 4, 4, 128},
    {64, 64, 32, 8, 128},
    {16, 128, 128, 8, 256},
    {64, 128, 64, 8, 128},
    {64, 128, 128, 8, 256},
    {8, 16, 128, 4, 256},
    {32, 32, 4, 8, 256},
    {64, 8, 128, 8, 128},
    {4, 128, 4, 8, 256},
    {4, 4, 4, 4, 128},
    {16, 4, 8, 8, 128},
});

constexpr int kRun = 128;  // outputs that share a scale

using Bytes = std::vector<std::uint8_t>;
using Image = std::map<std::uint64_t, std::uint8_t>;  ///< bytes written, by offset

int ceil_to(int value, int unit) { return (value + unit - 1) / unit * unit; }

class Layout : public testing::TestWithParam<int> {
 protected:
  Layout() {
    bench_->rst_ni = 0;
    bench_->select_i = static_cast<std::uint8_t>(GetParam());
    bench_->valid_i = bench_->beat_valid_i = bench_->end_ready_i = 0;
    bench_.settle();
    bench_.edge();
    bench_->rst_ni = 1;
  }

  const Sizes& size() const { return kSizes[static_cast<std::size_t>(GetParam())]; }
  int tile_bytes() const { return size().rows * size().act_bits / 8; }
  int offset_of_values(int columns, int tokens) const {
    return ceil_to((columns + kRun - 1) / kRun * tokens, tile_bytes());
  }
  /// Bytes of a packet that is laid out as activations.
  int activation_bytes(int columns, int tokens) const {
    return offset_of_values(columns, tokens) +
           (columns + size().rows - 1) / size().rows * tokens * tile_bytes();
  }

  /// A random MX packet, [block][token][run]: a beat with the scale, the values dense in whole beats. Beside
  /// it the image of the activation packet with the same scales and values.
  std::vector<Bytes> mx_packet(int columns, int tokens, Image& image) {
    return mx_runs(columns, tokens, static_cast<std::uint64_t>(offset_of_values(columns, tokens)),
                   std::numeric_limits<int>::max(), image);
  }

  /// Its first runs, at most `runs`, with the values at an offset.
  std::vector<Bytes> mx_runs(int columns, int tokens, std::uint64_t values, int runs, Image& image) {
    std::vector<Bytes> beats;
    for (int block = 0; block < columns; block += size().block) {
      for (int token = 0; token < tokens; ++token) {
        const int end = std::min(columns, block + size().block);
        for (int run = block; run < end; run += kRun) {
          if (runs-- == 0) return beats;
          Bytes scale(static_cast<std::size_t>(size().beat), 0);
          scale[0] = byte();
          image[static_cast<std::uint64_t>(run / kRun * tokens + token)] = scale[0];
          beats.push_back(scale);
          add_values(beats, run, std::min(end, run + kRun), token, tokens, values, image);
        }
      }
    }
    return beats;
  }

  void add_values(std::vector<Bytes>& beats, int first, int end, int token, int tokens, std::uint64_t values,
                  Image& image) {
    const int bits = size().act_bits;
    Bytes dense(static_cast<std::size_t>(ceil_to((end - first) * bits, 8) / 8), 0);
    for (int n = first; n < end; ++n) {
      const int value = static_cast<int>(random_.bits() & (bits == 8 ? 0xffU : 0xfU));
      dense[static_cast<std::size_t>((n - first) * bits / 8)] |=
          static_cast<std::uint8_t>(value << ((n - first) * bits % 8));
      const int tile = n / size().rows;
      const int place = n % size().rows * bits;
      const auto at = values + static_cast<std::uint64_t>((tile * tokens + token) * tile_bytes() + place / 8);
      image[at] |= static_cast<std::uint8_t>(value << (place % 8));
    }
    // Words of activations are whole.
    for (int n = first; n < ceil_to(end, size().rows); ++n) {
      const int tile = n / size().rows;
      image[values + static_cast<std::uint64_t>((tile * tokens + token) * tile_bytes() +
                                                n % size().rows * bits / 8)] |= 0;
    }
    dense.resize(static_cast<std::size_t>(ceil_to(static_cast<int>(dense.size()), size().beat)), 0);
    for (std::size_t b = 0; b < dense.size(); b += static_cast<std::size_t>(size().beat))
      beats.emplace_back(dense.begin() + static_cast<std::ptrdiff_t>(b),
                         dense.begin() + static_cast<std::ptrdiff_t>(b) + size().beat);
  }

  std::uint8_t byte() { return static_cast<std::uint8_t>(random_.bits()); }

  /// Runs a packet; its writes go to written_. @return whether it overflowed.
  bool run(const std::vector<Bytes>& beats, bool activations, int columns, int tokens, std::uint32_t limit) {
    return run(beats, activations, columns, tokens, limit,
               static_cast<std::uint32_t>(offset_of_values(columns, tokens)));
  }
  bool run(const std::vector<Bytes>& beats, bool activations, int columns, int tokens, std::uint32_t limit,
           std::uint32_t values) {
    written_.clear();
    bench_->valid_i = 1;
    bench_->address_i = base_;
    bench_->limit_i = limit;
    bench_->activations_i = activations;
    bench_->values_i = values;
    bench_->tokens_i = static_cast<std::uint8_t>(tokens);
    bench_->columns_i = static_cast<std::uint32_t>(columns);
    bench_->word_ready_i = 0;
    bench_.settle();
    EXPECT_TRUE(bench_->ready_o);
    bench_.edge();
    bench_->valid_i = 0;
    const int stall_in = random_.one_in(2) ? 0 : random_.range(1, 9);
    const int stall_out = random_.one_in(2) ? 0 : random_.range(1, 9);
    std::size_t next = 0;
    bool offered = false;
    for (int cycle = 0; cycle < 200000; ++cycle) {
      if (!offered && next < beats.size()) offered = random_.range(0, 9) >= stall_in;
      bench_->beat_valid_i = offered;
      if (offered) put_beat(beats[next], next + 1 == beats.size());
      bench_->word_ready_i = random_.range(0, 9) >= stall_out;
      bench_.settle();
      if (bench_->word_valid_o && bench_->word_ready_i) take_word();
      const bool ended = bench_->end_o;
      bench_->end_ready_i = ended;
      bench_.settle();
      if (ended) {
        EXPECT_EQ(next, beats.size()) << "ended before its last beat";
      }
      const bool overflow = bench_->overflow_o;
      if (offered && bench_->beat_ready_o) {
        offered = false;
        ++next;
      }
      bench_.edge();
      if (!ended) continue;
      bench_->end_ready_i = 0;
      bench_->beat_valid_i = 0;
      return overflow;
    }
    ADD_FAILURE() << "no end; " << next << " of " << beats.size() << " beats were taken";
    return false;
  }

  void put_beat(const Bytes& beat, bool last) {
    for (std::size_t w = 0; w < 32; ++w) bench_->beat_i[w] = static_cast<std::uint32_t>(random_.bits());
    for (std::size_t w = 0; w < beat.size() / 4; ++w) {
      std::uint32_t word = 0;
      for (std::size_t i = 4; i-- > 0;) word = word << 8 | beat[4 * w + i];
      bench_->beat_i[w] = word;
    }
    bench_->beat_last_i = last;
  }

  void take_word() {
    const std::uint64_t address = bench_->word_address_o;
    EXPECT_EQ(address % static_cast<std::uint64_t>(size().word), 0U);
    for (int i = 0; i < size().word; ++i) {
      if ((bench_->word_strobe_o >> i & 1U) == 0) continue;
      const auto at = static_cast<std::size_t>(i);
      written_[address + static_cast<std::uint64_t>(i) - base_] =
          static_cast<std::uint8_t>(bench_->word_o[at / 4] >> (8 * (at % 4)));
    }
    ++words_;
  }

  /// First byte that differs.
  std::string difference(const Image& expected) const {
    for (const auto& [at, value] : written_) {
      const auto found = expected.find(at);
      if (found == expected.end()) return "byte " + std::to_string(at) + " should not be written";
      if (found->second != value) return "byte " + std::to_string(at);
    }
    for (const auto& [at, value] : expected) {
      if (!written_.contains(at)) return "byte " + std::to_string(at) + " is not written";
    }
    return "";
  }

  Bench<Vlayout_bench> bench_;
  Random random_{7};
  std::uint64_t base_ = 0x12345000;  ///< address of the packet
  Image written_;
  long words_ = 0;
};

constexpr int kPackets = 60;

TEST_P(Layout, MxOutputsBecomeActivations) {
  for (int i = 0; i < kPackets * effort(); ++i) {
    const int tokens = random_.one_in(3) ? 1 : random_.range(1, 5);
    const int columns = random_.one_in(3) ? random_.range(1, 20) : random_.range(1, 600);
    SCOPED_TRACE(std::to_string(columns) + " columns, " + std::to_string(tokens) + " tokens");
    Image image;
    const auto beats = mx_packet(columns, tokens, image);
    ASSERT_FALSE(
        run(beats, true, columns, tokens, static_cast<std::uint32_t>(activation_bytes(columns, tokens))));
    ASSERT_EQ(difference(image), "");
  }
}

TEST_P(Layout, DensePacketsAreTheirBeats) {
  for (int i = 0; i < kPackets * effort(); ++i) {
    std::vector<Bytes> beats(static_cast<std::size_t>(random_.one_in(4) ? 1 : random_.range(1, 200)));
    Image image;
    for (Bytes& beat : beats) {
      for (int b = 0; b < size().beat; ++b) {
        beat.push_back(byte());
        image.emplace(image.size(), beat.back());
      }
    }
    words_ = 0;
    const auto bytes = static_cast<int>(image.size());
    ASSERT_FALSE(
        run(beats, false, random_.range(1, 900), random_.range(1, 9), static_cast<std::uint32_t>(bytes)));
    ASSERT_EQ(difference(image), "");
    ASSERT_EQ(words_, ceil_to(bytes, size().word) / size().word);  // no word is written in pieces
  }
}

// Nothing lands behind the limit; words before it do, and the packet ends as ever.
TEST_P(Layout, TheLimitHolds) {
  for (int i = 0; i < kPackets * effort(); ++i) {
    const int tokens = random_.range(1, 4);
    const int columns = random_.range(1, 300);
    const bool activations = random_.one_in(2);
    Image image;
    const auto beats = mx_packet(columns, tokens, image);
    if (!activations) {
      image.clear();
      for (const Bytes& beat : beats) {
        for (const std::uint8_t b : beat) image.emplace(image.size(), b);
      }
    }
    const auto bytes = static_cast<std::uint32_t>(image.rbegin()->first + 1);
    const auto limit = static_cast<std::uint32_t>(random_.range(0, static_cast<int>(bytes) - 1));
    ASSERT_TRUE(run(beats, activations, columns, tokens, limit));
    for (const auto& [at, value] : written_) {
      ASSERT_LT(at, limit);
      ASSERT_EQ(image.at(at), value) << at;
    }
  }
}

// A packet that ends anywhere ends, and the next one is whole.
TEST_P(Layout, PacketsMayBeGivenUp) {
  for (int i = 0; i < kPackets * effort(); ++i) {
    const int tokens = random_.range(1, 4);
    const int columns = random_.range(1, 300);
    Image image;
    auto beats = mx_packet(columns, tokens, image);
    const auto bytes = static_cast<std::uint32_t>(activation_bytes(columns, tokens));
    beats.resize(static_cast<std::size_t>(random_.range(1, static_cast<int>(beats.size()))));
    static_cast<void>(run(beats, true, columns, tokens, bytes));
    for (const auto& [at, value] : written_) ASSERT_TRUE(image.contains(at)) << at;
    image.clear();
    beats = mx_packet(columns, tokens, image);
    ASSERT_FALSE(run(beats, true, columns, tokens, bytes));
    ASSERT_EQ(difference(image), "");
  }
}

// Packets of up to 2^24 outputs, at any offset and address, up to any limit: their first runs show each bit
// of a size, which no whole packet of a test would reach.
TEST_P(Layout, SizesUseAllBits) {
  const auto piece = static_cast<std::uint64_t>(std::min(tile_bytes(), size().word));
  for (int i = 0; i < 2 * 32 * effort(); ++i) {
    const int bit = i % 32;
    const bool limited = i % 64 >= 32;
    const int tokens = random_.one_in(2) ? random_.range(2, 4) : random_.range(1, 255);
    const int columns = (1 << (7 + bit % 17)) + random_.range(0, 127);
    base_ = ((std::uint64_t{1} << (12 + bit % 27)) + 0x40) * static_cast<std::uint64_t>(random_.range(1, 2));
    auto values = static_cast<std::uint32_t>(ceil_to(2 * tokens, tile_bytes()));
    if (!limited)
      values += (1U << bit) / static_cast<unsigned>(tile_bytes()) * static_cast<unsigned>(tile_bytes());
    const std::uint32_t limit = limited ? 1U << bit : 0xffffffffU;
    SCOPED_TRACE(std::to_string(columns) + " columns, " + std::to_string(tokens) + " tokens, values at " +
                 std::to_string(values) + ", limit " + std::to_string(limit));
    Image image;
    // Three runs: a second token also where a token has two.
    const auto beats = mx_runs(columns, tokens, values, random_.range(limited ? 1 : 3, 6), image);
    const std::size_t bytes = image.size();
    std::erase_if(image, [&](const auto& byte) {
      const std::uint64_t offset = byte.first;
      // Values are written in pieces.
      return (offset < values ? offset + 1 : offset / piece * piece + piece) > limit;
    });
    ASSERT_EQ(run(beats, true, columns, tokens, limit, values), image.size() != bytes);
    ASSERT_EQ(difference(image), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Leaf, Layout, testing::Range(0, static_cast<int>(kSizes.size())));

}  // namespace
}  // namespace msq::rtl_test
