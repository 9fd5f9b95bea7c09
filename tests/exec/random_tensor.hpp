#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "golden/encoding/encoding.hpp"
#include "golden/exec/tile.hpp"
#include "golden/tensor.hpp"

namespace msq::golden::testing {

/// Source of random cases that leans towards corners.
class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  /// Uniform in low..high, both included.
  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }
  bool chance(int percent) { return between(1, 100) <= percent; }
  template <class T>
  T pick(std::initializer_list<T> choices) {
    return *(choices.begin() + between(0, static_cast<int>(choices.size()) - 1));
  }
  std::mt19937& engine() { return engine_; }

 private:
  std::mt19937 engine_;
};

inline Format random_format(Random& random) {
  return {.bits = random.pick({2, 4}),
          .micro_block = random.pick({4, 8, 16}),
          .macro_block = random.pick({32, 64, 128})};
}

/// Fills one micro-block: `count` outliers at any distinct positions, inliers elsewhere.
inline void fill_block(Random& random, const Format& format, int count, int shift_max, std::uint8_t* codes,
                       MicroBlock& block) {
  const int sign = format.sign_mask();
  const int style = random.between(0, 3);
  for (int p = 0; p < format.micro_block; ++p) {
    const int size = style == 0 ? qmax(format) : style == 1 ? 0 : random.between(0, qmax(format));
    codes[p] = static_cast<std::uint8_t>(size == 0 ? 0 : size + (random.chance(50) ? sign : 0));
  }
  block = {};
  if (count == 0) return;
  std::vector<int> positions(static_cast<std::size_t>(format.micro_block));
  std::iota(positions.begin(), positions.end(), 0);
  std::shuffle(positions.begin(), positions.end(), random.engine());
  std::sort(positions.begin(), positions.begin() + count);
  block.shift = static_cast<std::uint8_t>(random.pick({0, shift_max, random.between(0, shift_max)}));
  const int half_max = (1 << PaperEncoding::half_mantissa_bits(format)) - 1;
  for (int i = 0; i < count; ++i) {
    const int upper = positions[static_cast<std::size_t>(i)];
    const int lower = positions[static_cast<std::size_t>(count + i)];
    const int negative = random.chance(50) ? sign : 0;
    // Both halves zero is the minus zero of the contract if the outlier is negative.
    const int corner = random.between(0, 2);
    codes[upper] = static_cast<std::uint8_t>(negative + (corner == 0 ? 0 : random.between(0, half_max)));
    codes[lower] = static_cast<std::uint8_t>(negative + (corner == 0   ? 0
                                                         : corner == 1 ? half_max
                                                                       : random.between(0, half_max)));
    block.pairs.push_back({static_cast<std::uint8_t>(upper), static_cast<std::uint8_t>(lower)});
  }
}

inline Tile random_tile(Random& random, const Format& format, int rows, int columns, int shift_max) {
  Tile tile = make_tile(format, rows, columns);
  const int density = random.pick({0, 10, 50, 100});
  for (int row = 0; row < rows; ++row) {
    for (int index = 0; index < tile.blocks_per_row(); ++index) {
      const int count = random.chance(density) ? random.between(1, format.max_outliers()) : 0;
      fill_block(random, format, count, shift_max,
                 &tile.codes[tile.code_index(row, index * format.micro_block)],
                 tile.blocks[tile.block_index(row, index)]);
    }
  }
  return tile;
}

inline std::vector<std::int8_t> random_activations(Random& random, std::size_t count, int limit) {
  std::vector<std::int8_t> values(count);
  const int style = random.between(0, 3);
  for (auto& x : values) {
    const int corner = random.pick({limit, -limit, 0, 1, -1});
    x = static_cast<std::int8_t>(style == 0 ? limit : style == 1 ? corner : random.between(-limit, limit));
  }
  return values;
}

/// A tensor with scales in scale_low..scale_high; about one macro-block in ten is all zero, with scale -127.
inline QuantizedTensor random_tensor(Random& random, const Format& format, Axis axis, std::int64_t k,
                                     std::int64_t n, int scale_low, int scale_high) {
  QuantizedTensor tensor;
  tensor.format = format;
  tensor.axis = axis;
  tensor.outlier_shift_max = random.pick({0, 7, 15});
  tensor.k = k;
  tensor.n = n;
  tensor.codes.resize(static_cast<std::size_t>(k * tensor.n_padded()));
  tensor.blocks.resize(static_cast<std::size_t>(k * tensor.blocks_per_row()));
  tensor.scales.resize(
      static_cast<std::size_t>(axis == Axis::reduction ? tensor.groups() * n : k * tensor.groups()));
  for (auto& scale : tensor.scales) {
    scale = random.chance(10) ? std::int8_t{-127}
                              : static_cast<std::int8_t>(random.between(scale_low, scale_high));
  }
  const int density = random.pick({0, 10, 60});
  for (std::int64_t row = 0; row < k; ++row) {
    for (std::int64_t index = 0; index < tensor.blocks_per_row(); ++index) {
      const std::int64_t first = index * format.micro_block;
      // Where any weight of the micro-block is in an all-zero macro-block, no outliers: they would cross it.
      bool zero = first + format.micro_block > n;
      for (int p = 0; p < format.micro_block && first + p < n; ++p)
        zero = zero || tensor.scale(row, first + p) == -127;
      const int count = !zero && random.chance(density) ? random.between(1, format.max_outliers()) : 0;
      std::uint8_t* codes = &tensor.codes[static_cast<std::size_t>(row * tensor.n_padded() + first)];
      fill_block(random, format, count, tensor.outlier_shift_max, codes,
                 tensor.blocks[static_cast<std::size_t>(row * tensor.blocks_per_row() + index)]);
      for (int p = 0; p < format.micro_block; ++p) {
        if (first + p >= n || tensor.scale(row, first + p) == -127) codes[p] = 0;
      }
    }
  }
  return tensor;
}

/// Activations with scales in scale_low..scale_high; about one block in ten is all zero, with scale -127.
inline QuantizedActivations random_layer_input(Random& random, std::int64_t m, std::int64_t k, int block,
                                               int scale_low, int scale_high) {
  QuantizedActivations x{8, block, m, k, {}, {}};
  x.values = random_activations(random, static_cast<std::size_t>(m * k), 127);
  for (std::int64_t row = 0; row < m; ++row) {
    for (std::int64_t g = 0; g < x.groups(); ++g) {
      const bool zero = random.chance(10);
      x.scales.push_back(zero ? std::int8_t{-127}
                              : static_cast<std::int8_t>(random.between(scale_low, scale_high)));
      if (!zero) continue;
      for (std::int64_t i = g * block; i < std::min((g + 1) * block, k); ++i) {
        x.values[static_cast<std::size_t>(row * k + i)] = 0;
      }
    }
  }
  return x;
}

}  // namespace msq::golden::testing
