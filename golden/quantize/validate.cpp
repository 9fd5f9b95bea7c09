#include "golden/quantize/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <cstdlib>
#include <initializer_list>
#include <span>
#include <string>

#include "golden/quantize/codes.hpp"
#include "golden/quantize/routing.hpp"

namespace msq::golden {
namespace {

Result<> check_choice(const char* field, int value, std::initializer_list<int> allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return {};
  return Error(fmt::format("{} is {}; allowed are {}", field, value, fmt::join(allowed, ", ")));
}

Result<> check_size(const char* field, std::size_t size, std::size_t needed) {
  if (size == needed) return {};
  return Error(fmt::format("{} has {} elements; shape and format need {}", field, size, needed));
}

Result<> check_sizes(const QuantizedTensor& tensor) {
  const auto k = static_cast<std::size_t>(tensor.k);
  if (auto ok = check_size("codes", tensor.codes.size(), k * static_cast<std::size_t>(tensor.n_padded()));
      !ok) {
    return ok;
  }
  if (auto ok =
          check_size("blocks", tensor.blocks.size(), k * static_cast<std::size_t>(tensor.blocks_per_row()));
      !ok) {
    return ok;
  }
  if (auto ok = check_size("scales", tensor.scales.size(), scale_count(tensor)); !ok) return ok;
  return check_size("factors", tensor.factors.size(), tensor.format.full_range() ? scale_count(tensor) : 0);
}

// Fields that encoding `paper` fixes.
Result<> check_paper(const Format& format) {
  if (auto ok = check_choice("list_entries of encoding paper", format.list_entries, {0}); !ok) return ok;
  if (auto ok = check_choice("shift_bits of encoding paper", format.shift_bits, {8}); !ok) return ok;
  if (auto ok = check_choice("fraction_bits of encoding paper", format.fraction_bits, {kFractionBits}); !ok)
    return ok;
  return check_choice("scale_mantissa_bits of encoding paper", format.scale_mantissa_bits, {0});
}

Result<> check_full_range(const Format& format) {
  if (auto ok = check_choice("list_entries", format.list_entries, {0, 1, 2, 4}); !ok) return ok;
  if (format.list_entries > format.micro_block / 2) {
    return Error(fmt::format("list_entries is {}; allowed are up to half the micro-block, {}",
                             format.list_entries, format.micro_block / 2));
  }
  if (auto ok = check_choice("shift_bits", format.shift_bits, {4, 8}); !ok) return ok;
  if (auto ok = check_choice("fraction_bits", format.fraction_bits, {1, 2}); !ok) return ok;
  return check_choice("scale_mantissa_bits", format.scale_mantissa_bits, {0, 1, 2, 3});
}

Result<> check_scales(const QuantizedTensor& tensor) {
  const Format& format = tensor.format;
  const auto allowed = [&](int s) { return format.scale_min() <= s && s <= format.scale_max(); };
  const auto bad = std::find_if_not(tensor.scales.begin(), tensor.scales.end(), allowed);
  if (bad != tensor.scales.end()) {
    return Error(fmt::format("scale {} is {}; allowed are {}..{}", bad - tensor.scales.begin(), *bad,
                             format.scale_min(), format.scale_max()));
  }
  const int one = 1 << format.scale_mantissa_bits;
  const auto normal = [&](int f) { return one <= std::abs(f) && std::abs(f) < 2 * one; };
  const auto wrong = std::find_if_not(tensor.factors.begin(), tensor.factors.end(), normal);
  if (wrong == tensor.factors.end()) return {};
  return Error(fmt::format("factor {} is {}; allowed are +-{}..{}", wrong - tensor.factors.begin(), *wrong,
                           one, 2 * one - 1));
}

// Where a micro-block is, for messages.
std::string place(std::int64_t row, std::int64_t index) {
  return fmt::format("micro-block [k={}][block={}]", row, index);
}

Result<> check_list(const QuantizedTensor& tensor, const MicroBlock& block, std::int64_t row,
                    std::int64_t index) {
  const auto most = static_cast<std::size_t>(tensor.format.max_outliers());
  if (block.pairs.size() > most) {
    return Error(fmt::format("{}: {} list entries; at most {} are allowed", place(row, index),
                             block.pairs.size(), most));
  }
  const int shift_limit = block.has_outliers() ? tensor.outlier_shift_max : 0;
  if (block.shift > shift_limit) {
    return Error(fmt::format("{}: outlier shift is {}; allowed are 0..{}", place(row, index), block.shift,
                             shift_limit));
  }
  const auto ascends = [](const OutlierPair& a, const OutlierPair& b) { return a.upper >= b.upper; };
  if (std::adjacent_find(block.pairs.begin(), block.pairs.end(), ascends) != block.pairs.end()) {
    return Error(fmt::format("{}: Upper positions must ascend", place(row, index)));
  }
  if (!routable(block.pairs, tensor.format.micro_block)) {
    return Error(
        fmt::format("{}: the list must name different positions inside the micro-block and be routable",
                    place(row, index)));
  }
  for (const OutlierPair& pair : block.pairs) {
    if (index * tensor.format.micro_block + pair.upper >= tensor.n) {
      return Error(fmt::format("{}: outlier at position {} lies beyond n={}", place(row, index), pair.upper,
                               tensor.n));
    }
  }
  return {};
}

Result<> check_halves(const Format& format, std::span<const std::uint8_t> codes, const OutlierPair& pair,
                      const std::string& where) {
  const Halves halves{codes[pair.upper], codes[pair.lower]};
  for (const std::uint8_t code : {halves.upper, halves.lower}) {
    if (!is_half(format, code)) {
      return Error(fmt::format("{}: code {} is no half of an outlier at {} bits", where, code, format.bits));
    }
  }
  if (!halves_agree(format, halves)) {
    return Error(
        fmt::format("{}: halves at positions {} and {} differ in sign", where, pair.upper, pair.lower));
  }
  return {};
}

Result<> check_codes(const QuantizedTensor& tensor, const MicroBlock& block, std::int64_t row,
                     std::int64_t index) {
  const Format& format = tensor.format;
  const auto size = static_cast<std::size_t>(format.micro_block);
  const auto codes =
      std::span(tensor.codes)
          .subspan(static_cast<std::size_t>(row * tensor.n_padded()) + static_cast<std::size_t>(index) * size,
                   size);
  std::bitset<16> halves;
  for (const OutlierPair& pair : block.pairs) {
    if (auto ok = check_halves(format, codes, pair, place(row, index)); !ok) return ok;
    halves.set(pair.upper).set(pair.lower);
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (halves.test(i)) continue;
    const std::int64_t column = index * format.micro_block + static_cast<std::int64_t>(i);
    if (codes[i] >= (1 << format.bits) || is_minus_zero(format, codes[i])) {
      return Error(fmt::format("code [k={}][n={}] is {}; an inlier has {} bits and is not minus zero", row,
                               column, codes[i], format.bits));
    }
    if (column >= tensor.n && codes[i] != 0) {
      return Error(
          fmt::format("code [k={}][n={}] is {}; beyond n={} it must be 0", row, column, codes[i], tensor.n));
    }
  }
  return {};
}

}  // namespace

Result<> validate(const Format& format) {
  if (auto ok = check_choice("bits", format.bits, {2, 4}); !ok) return ok;
  if (auto ok = check_choice("micro_block", format.micro_block, {4, 8, 16}); !ok) return ok;
  if (auto ok = check_choice("macro_block", format.macro_block, {32, 64, 128}); !ok) return ok;
  if (auto ok = check_choice("identifier_group", format.identifier_group, {1, 4, 8, 16}); !ok) return ok;
  return format.full_range() ? check_full_range(format) : check_paper(format);
}

Result<> validate_shape(std::int64_t k, std::int64_t n) {
  if (k < 1 || k > kMaxDimension) return Error(fmt::format("k is {}; allowed are 1..{}", k, kMaxDimension));
  if (n < 1 || n > kMaxDimension) return Error(fmt::format("n is {}; allowed are 1..{}", n, kMaxDimension));
  return {};
}

std::size_t scale_count(const QuantizedTensor& tensor) {
  return static_cast<std::size_t>(tensor.groups() * (tensor.axis == Axis::reduction ? tensor.n : tensor.k));
}

Result<> validate(const QuantizedTensor& tensor) {
  if (auto ok = validate(tensor.format); !ok) return ok;
  if (auto ok = validate_shape(tensor.k, tensor.n); !ok) return ok;
  if (tensor.axis != Axis::reduction && tensor.axis != Axis::output) {
    return Error(fmt::format("axis is {}; allowed are reduction and output", static_cast<int>(tensor.axis)));
  }
  if (tensor.format.full_range() && tensor.axis != Axis::reduction) {
    return Error("axis is output; encoding full_range allows reduction only");
  }
  if (tensor.outlier_shift_max < 0 || tensor.outlier_shift_max > kOutlierShiftLimit) {
    return Error(fmt::format("outlier_shift_max is {}; allowed are 0..{}", tensor.outlier_shift_max,
                             kOutlierShiftLimit));
  }
  if (auto ok = check_sizes(tensor); !ok) return ok;
  if (auto ok = check_scales(tensor); !ok) return ok;
  for (std::int64_t row = 0; row < tensor.k; ++row) {
    for (std::int64_t index = 0; index < tensor.blocks_per_row(); ++index) {
      const MicroBlock& block = tensor.block(row, index);
      if (auto ok = check_list(tensor, block, row, index); !ok) return ok;
      if (auto ok = check_codes(tensor, block, row, index); !ok) return ok;
    }
  }
  return {};
}

}  // namespace msq::golden
