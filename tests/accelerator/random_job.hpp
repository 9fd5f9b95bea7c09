#pragma once

#include <random>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "gen/config/config.hpp"
#include "golden/encoding/encoding.hpp"
#include "golden/tensor.hpp"
#include "tb/host/job.hpp"
#include "tb/sim/accelerator.hpp"

namespace msq::tests {

/// A job before it is cut into packets.
struct DrawnJob {
  std::vector<golden::QuantizedTensor> parts;
  golden::QuantizedActivations activations;
  tb::OutputFormat format = tb::OutputFormat::raw;
  int tokens_per_pass = 0;  ///< 0: as many as fit
};

/// Random operands for the accelerator, biased to corners: shapes from 1 up and around multiples of a tile,
/// outliers at every count, scales that are equal, near, or so far apart that alignment rounds everything
/// away, factors at both ends and of both signs, blocks of zeros.
class RandomJob {
 public:
  RandomJob(const Config& config, std::uint32_t seed) : config_(config), random_(seed) {}

  /// A whole job of a shape that fits; traffic() may follow.
  [[nodiscard]] DrawnJob job(const Dimensions& dimensions);
  /// One tensor, or two side by side in different modes.
  [[nodiscard]] std::vector<golden::QuantizedTensor> parts(std::int64_t k, std::int64_t n, golden::Axis axis);
  [[nodiscard]] golden::QuantizedTensor tensor(std::int64_t k, std::int64_t n, int bits, golden::Axis axis);
  [[nodiscard]] golden::QuantizedActivations activations(std::int64_t m, std::int64_t k, int block);
  /// 1..most, often at the ends or around a multiple of `unit`.
  [[nodiscard]] std::int64_t extent(std::int64_t most, std::int64_t unit);
  [[nodiscard]] tb::AcceleratorTraffic traffic();
  [[nodiscard]] int between(int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random_);
  }
  [[nodiscard]] bool chance(int percent) { return between(1, 100) <= percent; }

 private:
  /// How far shifts may be beyond the largest of the array: in tiles that it splits.
  [[nodiscard]] int most_excess() const;
  std::uint8_t inlier(const golden::Format& format, int style);
  golden::Halves outlier(const golden::Format& format);
  void draw_factors(golden::QuantizedTensor& tensor);
  void fill_block(golden::QuantizedTensor& tensor, std::int64_t row, std::int64_t block, int outliers);

  const Config& config_;
  std::mt19937 random_;
};

}  // namespace msq::tests
