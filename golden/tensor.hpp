#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <vector>

#include "golden/format.hpp"

namespace msq::golden {

/// Which weights share one Isf (docs/reference/numerics.md, "Macro-block axis").
enum class Axis {
  reduction,  ///< B_M consecutive k of one column n: scales[g * n_columns + n]
  output      ///< B_M consecutive n of one row k:    scales[k * n_groups + h]
};

/// Entry of a permutation list: positions inside the micro-block. Upper half stays at the outlier's position,
/// Lower half lives in the pruned position.
struct OutlierPair {
  std::uint8_t upper = 0;
  std::uint8_t lower = 0;
  friend bool operator==(const OutlierPair&, const OutlierPair&) = default;
};

/// The pairs of a micro-block, in place: a layer has more micro-blocks than kilobytes, nearly all without
/// any.
class PairList {
 public:
  using value_type = OutlierPair;
  using iterator = OutlierPair*;
  using const_iterator = const OutlierPair*;
  static constexpr std::size_t kMost = 8;  ///< half of the longest micro-block

  PairList() = default;
  PairList(std::initializer_list<OutlierPair> pairs) : PairList(std::span(pairs.begin(), pairs.size())) {}
  PairList(const std::vector<OutlierPair>& pairs) : PairList(std::span(pairs)) {}
  explicit PairList(std::span<const OutlierPair> pairs) {
    for (const OutlierPair& pair : pairs) push_back(pair);
  }

  void push_back(const OutlierPair& pair) {
    if (size_ == kMost) throw std::logic_error("PairList: more pairs than any micro-block can have");
    pairs_[size_++] = pair;
  }
  void clear() { size_ = 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] iterator begin() { return pairs_.data(); }
  [[nodiscard]] iterator end() { return pairs_.data() + size_; }
  [[nodiscard]] const_iterator begin() const { return pairs_.data(); }
  [[nodiscard]] const_iterator end() const { return pairs_.data() + size_; }
  [[nodiscard]] OutlierPair& operator[](std::size_t i) { return pairs_[i]; }
  [[nodiscard]] const OutlierPair& operator[](std::size_t i) const { return pairs_[i]; }
  [[nodiscard]] OutlierPair& front() { return pairs_.front(); }
  [[nodiscard]] const OutlierPair& front() const { return pairs_.front(); }
  [[nodiscard]] OutlierPair& back() { return pairs_[size_ - 1U]; }
  friend bool operator==(const PairList& a, const PairList& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::array<OutlierPair, kMost> pairs_{};
  std::uint8_t size_ = 0;
};

/// Metadata of one micro-block; without pairs only its identifier bit (0) is stored.
struct MicroBlock {
  std::uint8_t shift = 0;  ///< r, shared by the outliers of the micro-block
  PairList pairs;          ///< ascending upper position, at most B_mu/2
  [[nodiscard]] bool has_outliers() const { return !pairs.empty(); }
  friend bool operator==(const MicroBlock&, const MicroBlock&) = default;
};

/// A quantized weight matrix W[K][N], unpacked: one byte per code. N is padded to whole micro-blocks with
/// code 0.
struct QuantizedTensor {
  Format format;
  Axis axis = Axis::reduction;
  int outlier_shift_max = 7;        ///< r_max the tensor was quantized for
  std::int64_t k = 0;               ///< rows (positions of the dot product)
  std::int64_t n = 0;               ///< columns (outputs), unpadded
  std::vector<std::uint8_t> codes;  ///< [k][n_padded()], `format.bits` bits (golden/encoding)
  std::vector<MicroBlock> blocks;   ///< [k][blocks_per_row()]
  std::vector<std::int8_t> scales;  ///< Isf; shape by axis, see Axis
  /// One for each scale, magnitude 2^t .. 2^(t+1) - 1: a scale is factor * 2^(Isf - t). Empty if the encoding
  /// stores none (factor_bits is 0), and factors are 1.
  std::vector<std::int8_t> factors;

  [[nodiscard]] std::int64_t blocks_per_row() const {
    return (n + format.micro_block - 1) / format.micro_block;
  }
  [[nodiscard]] std::int64_t n_padded() const { return blocks_per_row() * format.micro_block; }
  /// Macro-blocks along the macro-block axis.
  [[nodiscard]] std::int64_t groups() const {
    return ((axis == Axis::reduction ? k : n) + format.macro_block - 1) / format.macro_block;
  }
  [[nodiscard]] std::size_t scale_index(std::int64_t row, std::int64_t column) const {
    return axis == Axis::reduction ? static_cast<std::size_t>((row / format.macro_block) * n + column)
                                   : static_cast<std::size_t>(row * groups() + column / format.macro_block);
  }
  [[nodiscard]] int scale(std::int64_t row, std::int64_t column) const {
    return scales[scale_index(row, column)];
  }
  /// Integer factor of the scale.
  [[nodiscard]] int factor(std::int64_t row, std::int64_t column) const {
    return factors.empty() ? 1 : factors[scale_index(row, column)];
  }
  [[nodiscard]] std::uint8_t code(std::int64_t row, std::int64_t column) const {
    return codes[static_cast<std::size_t>(row * n_padded() + column)];
  }
  [[nodiscard]] const MicroBlock& block(std::int64_t row, std::int64_t index) const {
    return blocks[static_cast<std::size_t>(row * blocks_per_row() + index)];
  }
  friend bool operator==(const QuantizedTensor&, const QuantizedTensor&) = default;
};

/// Quantized activations X[M][K] (MX-INT-8 or -4, blocks of B_M along K).
struct QuantizedActivations {
  int bits = 8;  ///< 8 or 4; values are +-127 or +-7 in either case stored as int8
  int block = 128;
  std::int64_t m = 0;
  std::int64_t k = 0;
  std::vector<std::int8_t> values;  ///< [m][k]
  std::vector<std::int8_t> scales;  ///< Xsf [m][groups()]
  [[nodiscard]] std::int64_t groups() const { return (k + block - 1) / block; }
};

}  // namespace msq::golden
