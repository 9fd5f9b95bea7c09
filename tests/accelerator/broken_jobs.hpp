#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tb/host/stream_format.hpp"
#include "tb/host/weight_stream.hpp"
#include "tests/accelerator/fixture.hpp"

namespace msq::tests {

namespace field = tb::header;
namespace described = tb::description;

/// Places of the parts of a weight packet, in beats of one word of sections.
class PacketMap {
 public:
  /// @param tiles of the packet.
  PacketMap(const Dimensions& d, std::span<const tb::StreamTile> tiles);

  [[nodiscard]] const std::vector<tb::StreamBlock>& blocks() const { return blocks_; }
  /// First beat of a block, of its entries, of its codes, behind it.
  [[nodiscard]] std::size_t header_at(std::size_t block) const { return first_[block]; }
  [[nodiscard]] std::size_t counts_at(std::size_t block) const;
  [[nodiscard]] std::size_t entries_at(std::size_t block) const;
  [[nodiscard]] std::size_t codes_at(std::size_t block) const;
  [[nodiscard]] std::size_t end_of(std::size_t block) const;
  [[nodiscard]] std::size_t block_of(std::size_t tile) const;
  /// Beat that the description of a tile is in, and its first bit there; its block has descriptions.
  [[nodiscard]] std::size_t description_at(std::size_t tile) const;
  [[nodiscard]] int description_bit(std::size_t tile) const;
  /// First beat of the parts of a tile.
  [[nodiscard]] std::size_t parts_at(std::size_t tile) const;

 private:
  tb::WeightStream stream_;
  std::vector<tb::StreamTile> tiles_;
  std::vector<tb::StreamBlock> blocks_;
  std::vector<std::size_t> first_;
};

/// A job, and its sources.
struct Operands {
  std::vector<golden::QuantizedTensor> parts;
  golden::QuantizedActivations activations;
  tb::AcceleratorJob job;
};

/// Of the status register; throws if there is none of this name.
unsigned code_of(const std::string& name);

/// A random layer of one tensor, K in macro-blocks, blocks of 64 activations.
Operands draw_operands(const Config& config, std::uint32_t seed, std::int64_t m, std::int64_t k,
                       std::int64_t n, int bits = 2, tb::OutputFormat format = tb::OutputFormat::fp32,
                       int tokens = 8);

/// Jobs that must end with an error code, on one accelerator, and a good one that must run after each.
class BrokenJobs : public testing::Test {
 protected:
  explicit BrokenJobs(const char* config) : bench_(config) {}

  /// The job must end with the error of this name; after a clear a good one must run.
  void expect_error(const tb::AcceleratorJob& bad, const std::string& name, const std::string& what);
  void expect_recovery();
  /// ReCoN: from a tile without outliers to one with them, the gap must cover its latency. K is of two tiles,
  /// N of one.
  void expect_gap_error(int tokens, std::int64_t k, std::int64_t n);

  /// Of the first weight packet of a job.
  [[nodiscard]] PacketMap map_of(const tb::AcceleratorJob& job) const;
  /// `job` with a field replaced in the header of a block of the first weight packet, in its counts, or in
  /// the description of a tile.
  [[nodiscard]] tb::AcceleratorJob with_field(tb::AcceleratorJob job, std::size_t block,
                                              const tb::HeaderField& field, std::uint32_t value) const;
  [[nodiscard]] tb::AcceleratorJob with_count(tb::AcceleratorJob job, std::size_t block,
                                              const tb::HeaderField& field, std::uint32_t value) const;
  [[nodiscard]] tb::AcceleratorJob with_description(tb::AcceleratorJob job, std::size_t tile,
                                                    const tb::HeaderField& field, std::uint32_t value) const;
  /// A job of one block, made for another configuration, as if it were for this one.
  [[nodiscard]] tb::AcceleratorJob with_own_hash(tb::AcceleratorJob job) const;
  [[nodiscard]] std::uint32_t description_of(const tb::AcceleratorJob& job, std::size_t tile) const;
  /// Walks the fields of the header of a block of the good job and of its first tile's description: every bit
  /// that the configuration fixes, counts that cannot be, an interval and a gap of 0, missing scales end in
  /// their errors.
  void expect_header_rules(std::size_t block);
  /// First word of a beat.
  static std::uint32_t& word(tb::Packet& packet, std::size_t beat) {
    return packet.words[beat * packet.words_per_beat()];
  }

  /// Mode and `pairs` of the first header of a job in mode 2, and of one in mode 4.
  void expect_mode_and_pairs_rules();

  /// Whether a field has one legal value on this configuration.
  [[nodiscard]] bool is_fixed(const tb::HeaderField& field) const;

  Bench bench_;
  Operands good_ = draw_operands(bench_.config, 3, 11, 70, 40);
};

}  // namespace msq::tests
