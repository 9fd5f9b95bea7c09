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

  /// `job` with a field replaced in the header of a tile of the first weight packet.
  static tb::AcceleratorJob with_field(tb::AcceleratorJob job, std::size_t tile, const tb::HeaderField& field,
                                       std::uint32_t value);
  /// Walks the fields of the header of a tile of the good job: every bit that the configuration fixes, an
  /// interval and a gap of 0, missing scales and another mode along K end in their errors.
  void expect_header_rules(std::size_t tile);
  /// Beats before the part of a tile of `columns` columns that follows these parts: header included.
  [[nodiscard]] std::size_t beats_up_to(int columns, const tb::TileParts& parts) const;
  /// Beats before the rows of the first tile of a job, which has no row shifts.
  [[nodiscard]] std::size_t rows_at(const tb::AcceleratorJob& job) const;
  /// First beat of a tile in the first weight packet.
  static std::size_t header_of(const tb::AcceleratorJob& job, std::size_t tile);
  /// First word of a beat.
  static std::uint32_t& word(tb::Packet& packet, std::size_t beat) {
    return packet.words[beat * packet.words_per_beat()];
  }

  /// Mode and `pairs` of the headers of a job in mode 2, and of one in mode 4.
  void expect_mode_and_pairs_rules(bool pairs);

  /// Whether a field has one legal value on this configuration.
  [[nodiscard]] bool is_fixed(const tb::HeaderField& field) const;

  Bench bench_;
  Operands good_ = draw_operands(bench_.config, 3, 11, 70, 40);
};

}  // namespace msq::tests
