#include "golden/quantize/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <cstdlib>
#include <span>
#include <string>

#include "golden/check.hpp"
#include "golden/encoding/encoding.hpp"
#include "golden/quantize/routing.hpp"

namespace msq::golden {
namespace {

Result<> check_element_count(const char* field, std::size_t size, std::size_t needed) {
  if (size == needed) return {};
  return Error(fmt::format("{} has {} elements; shape and format need {}", field, size, needed));
}

Result<> check_sizes(const QuantizedTensor& tensor) {
  const auto k = static_cast<std::size_t>(tensor.k);
  MSQ_CHECK(
      check_element_count("codes", tensor.codes.size(), k * static_cast<std::size_t>(tensor.n_padded())));
  MSQ_CHECK(check_element_count("blocks", tensor.blocks.size(),
                                k * static_cast<std::size_t>(tensor.blocks_per_row())));
  MSQ_CHECK(check_element_count("scales", tensor.scales.size(), scale_count(tensor)));
  return check_element_count("factors", tensor.factors.size(),
                             factor_bits(tensor.format) > 0 ? scale_count(tensor) : 0);
}

Result<> check_scales(const QuantizedTensor& tensor) {
  const Format& format = tensor.format;
  const ExponentLimits limits = exponent_limits(format);
  const auto allowed = [&](int s) { return limits.min <= s && s <= limits.max; };
  const auto bad = std::find_if_not(tensor.scales.begin(), tensor.scales.end(), allowed);
  if (bad != tensor.scales.end()) {
    return Error(fmt::format("scale {} is {}; allowed are {}..{}", bad - tensor.scales.begin(), *bad,
                             limits.min, limits.max));
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
      return Error(
          fmt::format("{}: outlier at position {} is beyond n={}", place(row, index), pair.upper, tensor.n));
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
    MSQ_CHECK(check_halves(format, codes, pair, place(row, index)));
    halves.set(pair.upper).set(pair.lower);
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (halves.test(i)) continue;
    const std::int64_t column = index * format.micro_block + static_cast<std::int64_t>(i);
    if (!is_inlier(format, codes[i])) {
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
  MSQ_CHECK(check_choice("bits", format.bits, {2, 4}));
  MSQ_CHECK(check_choice("micro_block", format.micro_block, {4, 8, 16}));
  MSQ_CHECK(check_choice("macro_block", format.macro_block, {32, 64, 128}));
  MSQ_CHECK(check_choice("identifier_group", format.identifier_group, {1, 4, 8, 16}));
  return with_rules(format, [&](auto rules) { return rules.validate(format); });
}

Result<> validate(Axis axis, Encoding encoding) {
  switch (axis) {
    case Axis::reduction:
      return {};
    case Axis::output:
      if (allows_axis_output(encoding)) return {};
      return Error(fmt::format("axis is output; encoding {} allows reduction only", encoding_name(encoding)));
  }
  return Error(fmt::format("axis is {}; allowed are reduction and output", static_cast<int>(axis)));
}

Result<> validate_shape(std::int64_t k, std::int64_t n) {
  MSQ_CHECK(check_range("k", k, 1, kMaxDimension));
  return check_range("n", n, 1, kMaxDimension);
}

std::size_t scale_count(const QuantizedTensor& tensor) {
  return static_cast<std::size_t>(tensor.groups() * (tensor.axis == Axis::reduction ? tensor.n : tensor.k));
}

Result<> validate(const QuantizedTensor& tensor) {
  MSQ_CHECK(validate(tensor.format));
  MSQ_CHECK(validate_shape(tensor.k, tensor.n));
  MSQ_CHECK(validate(tensor.axis, tensor.format.encoding));
  MSQ_CHECK(check_range("outlier_shift_max", tensor.outlier_shift_max, 0, kOutlierShiftLimit));
  MSQ_CHECK(check_sizes(tensor));
  MSQ_CHECK(check_scales(tensor));
  for (std::int64_t row = 0; row < tensor.k; ++row) {
    for (std::int64_t index = 0; index < tensor.blocks_per_row(); ++index) {
      const MicroBlock& block = tensor.block(row, index);
      MSQ_CHECK(check_list(tensor, block, row, index));
      MSQ_CHECK(check_codes(tensor, block, row, index));
    }
  }
  return {};
}

}  // namespace msq::golden
