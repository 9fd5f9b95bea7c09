#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/accelerator/fixture.hpp"

namespace msq::tests {

/// A job, and what it was made of.
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

  /// First beat of a tile in the first weight packet.
  static std::size_t header_of(const tb::AcceleratorJob& job, std::size_t tile);
  /// First word of a beat.
  static std::uint32_t& word(tb::Packet& packet, std::size_t beat) {
    return packet.words[beat * packet.words_per_beat()];
  }

  Bench bench_;
  Operands good_ = draw_operands(bench_.config, 3, 11, 70, 40);
};

}  // namespace msq::tests
