#include "golden/quantize/packing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>
#include <stdexcept>

#include "golden/encoding/encoding.hpp"
#include "golden/quantize/validate.hpp"

namespace msq::golden {
namespace {

constexpr int kByteBits = 8;

std::size_t bytes_of(std::size_t bits) { return (bits + kByteBits - 1) / kByteBits; }

class BitWriter {
 public:
  explicit BitWriter(std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  void write(unsigned value, int width) {
    for (int i = 0; i < width; ++i, ++position_) {
      if (position_ % kByteBits == 0) bytes_.push_back(0);
      bytes_.back() =
          static_cast<std::uint8_t>(bytes_.back() | (((value >> i) & 1U) << (position_ % kByteBits)));
    }
  }

 private:
  std::vector<std::uint8_t>& bytes_;
  std::size_t position_ = 0;
};

// The caller has checked that the stream is long enough.
class BitReader {
 public:
  explicit BitReader(const std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  std::uint8_t read(int width) {
    unsigned value = 0;
    for (int i = 0; i < width; ++i, ++position_) {
      value |= ((static_cast<unsigned>(bytes_[position_ / kByteBits]) >> (position_ % kByteBits)) & 1U) << i;
    }
    return static_cast<std::uint8_t>(value);
  }

 private:
  const std::vector<std::uint8_t>& bytes_;
  std::size_t position_ = 0;
};

void write_list(const Format& format, const PairList& pairs, BitWriter& lists) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(format.max_outliers()); ++i) {
    const OutlierPair pair = i < pairs.size() ? pairs[i] : OutlierPair{};
    lists.write(pair.upper, position_bits(format));
    lists.write(pair.lower, position_bits(format));
  }
}

PairList read_list(const Format& format, BitReader& lists) {
  PairList pairs;
  for (int i = 0; i < format.max_outliers(); ++i) {
    const std::uint8_t upper = lists.read(position_bits(format));
    const std::uint8_t lower = lists.read(position_bits(format));
    if (upper != lower) pairs.push_back({upper, lower});
  }
  return pairs;
}

Result<> check_byte_count(const char* field, std::size_t found, std::size_t needed) {
  if (found == needed) return {};
  return Error(fmt::format("{} has {} bytes; shape, format and identifiers need {}", field, found, needed));
}

// Groups of micro-blocks that have one identifier bit: `per_row` in each row of `blocks` micro-blocks.
struct IdentifierGroups {
  explicit IdentifierGroups(const QuantizedTensor& tensor)
      : size(static_cast<std::size_t>(tensor.format.identifier_group)),
        blocks(static_cast<std::size_t>(tensor.blocks_per_row())),
        per_row((blocks + size - 1) / size),
        total(per_row * static_cast<std::size_t>(tensor.k)) {}

  std::size_t size;
  std::size_t blocks;
  std::size_t per_row;
  std::size_t total;
};

std::size_t count_ones(std::span<const std::uint8_t> stream) {
  std::size_t ones = 0;
  for (const std::uint8_t byte : stream) ones += static_cast<std::size_t>(std::popcount(byte));
  return ones;
}

// A stream of `bits` bits, the unused ones of the last byte 0.
Result<> check_stream(const char* field, std::span<const std::uint8_t> stream, std::size_t bits) {
  MSQ_CHECK(check_byte_count(field, stream.size(), bytes_of(bits)));
  if (bits % kByteBits != 0 && (stream.back() >> (bits % kByteBits)) != 0) {
    return Error(fmt::format("{}: unused bits of the last byte ({:#04x}) must be 0", field, stream.back()));
  }
  return {};
}

// Number of micro-blocks with outliers, which decides the sizes of what follows.
Result<std::size_t> count_flagged(const PackedTensor& packed, const IdentifierGroups& groups) {
  MSQ_CHECK(check_stream("identifiers", packed.identifiers, groups.total));
  const std::size_t ones = count_ones(packed.identifiers);
  const std::size_t mask_bits = groups.size == 1 ? 0 : ones * groups.size;
  MSQ_CHECK(check_stream("identifier_masks", packed.identifier_masks, mask_bits));
  return groups.size == 1 ? ones : count_ones(packed.identifier_masks);
}

QuantizedTensor header(const PackedTensor& packed) {
  QuantizedTensor tensor;
  tensor.format = packed.format;
  tensor.axis = packed.axis;
  tensor.outlier_shift_max = packed.outlier_shift_max;
  tensor.k = packed.k;
  tensor.n = packed.n;
  return tensor;
}

// All sizes agree with shape, format and identifiers. `tensor` is the header.
Result<> check_sizes(const PackedTensor& packed, const QuantizedTensor& tensor) {
  const Format& format = tensor.format;
  const auto rows = static_cast<std::size_t>(tensor.k);
  const std::size_t code_bits = rows * static_cast<std::size_t>(tensor.n_padded() * format.bits);
  MSQ_CHECK(check_byte_count("codes", packed.codes.size(), bytes_of(code_bits)));
  MSQ_TRY(const std::size_t flagged, count_flagged(packed, IdentifierGroups(tensor)));
  MSQ_CHECK(check_stream("shifts", packed.shifts, flagged * static_cast<std::size_t>(format.shift_bits)));
  MSQ_CHECK(check_stream("lists", packed.lists, flagged * static_cast<std::size_t>(list_bits(format))));
  const std::size_t scales = scale_count(tensor);
  MSQ_CHECK(check_byte_count("scales", packed.scales.size(), scales));
  return check_stream("scale_mantissas", packed.scale_mantissas,
                      scales * static_cast<std::size_t>(format.scale_mantissa_bits));
}

// Identifier of every micro-block in row-major order. Sizes have been checked.
Result<std::vector<bool>> read_identifiers(const PackedTensor& packed, const QuantizedTensor& tensor) {
  const IdentifierGroups groups(tensor);
  std::vector<bool> flags;
  flags.reserve(tensor.blocks.size());
  BitReader identifiers(packed.identifiers);
  BitReader masks(packed.identifier_masks);
  for (std::size_t g = 0; g < groups.total; ++g) {
    const bool any = identifiers.read(1) != 0;
    const std::size_t in_group = std::min(groups.size, groups.blocks - g % groups.per_row * groups.size);
    bool seen = false;
    for (std::size_t i = 0; i < groups.size; ++i) {
      const bool flag = groups.size == 1 ? any : any && masks.read(1) != 0;
      seen = seen || flag;
      if (i < in_group) flags.push_back(flag);
      if (i >= in_group && flag)
        return Error(fmt::format("identifier_masks: group {} names a micro-block beyond its row", g));
    }
    if (any && !seen) return Error(fmt::format("identifier_masks: group {} names no micro-block", g));
  }
  return flags;
}

Result<> read_blocks(const PackedTensor& packed, QuantizedTensor& tensor) {
  tensor.blocks.resize(static_cast<std::size_t>(tensor.k * tensor.blocks_per_row()));
  MSQ_TRY(const std::vector<bool> flags, read_identifiers(packed, tensor));
  BitReader lists(packed.lists);
  BitReader shifts(packed.shifts);
  for (std::size_t i = 0; i < tensor.blocks.size(); ++i) {
    if (!flags[i]) continue;
    tensor.blocks[i].shift = shifts.read(tensor.format.shift_bits);
    tensor.blocks[i].pairs = read_list(tensor.format, lists);
    if (!tensor.blocks[i].has_outliers()) {
      return Error(fmt::format("micro-block {}: its identifier is 1 but its list is empty", i));
    }
  }
  return {};
}

void write_identifiers(const QuantizedTensor& tensor, PackedTensor& packed) {
  const IdentifierGroups groups(tensor);
  BitWriter identifiers(packed.identifiers);
  BitWriter masks(packed.identifier_masks);
  for (std::size_t g = 0; g < groups.total; ++g) {
    const std::size_t first = g % groups.per_row * groups.size;
    const std::size_t row = g / groups.per_row * groups.blocks;
    unsigned mask = 0;
    for (std::size_t i = 0; i < groups.size && first + i < groups.blocks; ++i) {
      mask |= tensor.blocks[row + first + i].has_outliers() ? 1U << i : 0U;
    }
    identifiers.write(mask != 0 ? 1 : 0, 1);
    if (groups.size > 1 && mask != 0) masks.write(mask, tensor.format.identifier_group);
  }
}

void write_scales(const QuantizedTensor& tensor, PackedTensor& packed) {
  packed.scales.reserve(tensor.scales.size());
  BitWriter mantissas(packed.scale_mantissas);
  for (std::size_t i = 0; i < tensor.scales.size(); ++i) {
    const StoredScale stored =
        store_scale(tensor.format, {tensor.scales[i], tensor.factors.empty() ? 1 : tensor.factors[i]});
    packed.scales.push_back(static_cast<std::int8_t>(stored.byte));
    mantissas.write(stored.mantissa, tensor.format.scale_mantissa_bits);
  }
}

void read_scales(const PackedTensor& packed, QuantizedTensor& tensor) {
  tensor.scales.reserve(packed.scales.size());
  BitReader mantissas(packed.scale_mantissas);
  for (const std::int8_t byte : packed.scales) {
    const std::uint8_t mantissa = mantissas.read(tensor.format.scale_mantissa_bits);
    const BlockScale scale = load_scale(tensor.format, {static_cast<std::uint8_t>(byte), mantissa});
    tensor.scales.push_back(static_cast<std::int8_t>(scale.exponent));
    if (factor_bits(tensor.format) > 0) tensor.factors.push_back(static_cast<std::int8_t>(scale.factor));
  }
}

}  // namespace

PackedTensor pack(const QuantizedTensor& tensor) {
  if (auto ok = validate(tensor); !ok) throw std::logic_error("pack: " + ok.error());
  PackedTensor packed;
  packed.format = tensor.format;
  packed.axis = tensor.axis;
  packed.outlier_shift_max = tensor.outlier_shift_max;
  packed.k = tensor.k;
  packed.n = tensor.n;
  BitWriter codes(packed.codes);
  for (const std::uint8_t code : tensor.codes) codes.write(code, tensor.format.bits);
  write_identifiers(tensor, packed);
  BitWriter shifts(packed.shifts);
  BitWriter lists(packed.lists);
  for (const MicroBlock& block : tensor.blocks) {
    if (!block.has_outliers()) continue;
    shifts.write(block.shift, tensor.format.shift_bits);
    write_list(tensor.format, block.pairs, lists);
  }
  write_scales(tensor, packed);
  return packed;
}

Result<QuantizedTensor> unpack(const PackedTensor& packed) {
  MSQ_CHECK(validate(packed.format));
  MSQ_CHECK(validate_shape(packed.k, packed.n));
  QuantizedTensor tensor = header(packed);
  MSQ_CHECK(check_sizes(packed, tensor));
  BitReader codes(packed.codes);
  tensor.codes.resize(static_cast<std::size_t>(tensor.k * tensor.n_padded()));
  std::generate(tensor.codes.begin(), tensor.codes.end(), [&] { return codes.read(tensor.format.bits); });
  read_scales(packed, tensor);
  MSQ_CHECK(read_blocks(packed, tensor));
  MSQ_CHECK(validate(tensor));
  return tensor;
}

EffectiveBits effective_bits(const QuantizedTensor& tensor) {
  const Format& format = tensor.format;
  const auto holds_outliers = [](const MicroBlock& b) { return b.has_outliers(); };
  const auto flagged =
      static_cast<double>(std::count_if(tensor.blocks.begin(), tensor.blocks.end(), holds_outliers));
  const auto blocks = static_cast<double>(tensor.blocks.size());
  const double metadata = flagged * (list_bits(format) + format.shift_bits);
  const double codes = static_cast<double>(tensor.codes.size()) * format.bits;
  PackedTensor identifiers;
  write_identifiers(tensor, identifiers);
  const double identifier_bits =
      static_cast<double>(IdentifierGroups(tensor).total) +
      (format.identifier_group == 1
           ? 0.0
           : static_cast<double>(count_ones(identifiers.identifiers)) * format.identifier_group);
  const double scales = static_cast<double>(tensor.scales.size()) * (kByteBits + format.scale_mantissa_bits);
  const auto weights = static_cast<double>(tensor.k) * static_cast<double>(tensor.n);
  EffectiveBits bits;
  bits.paper = (codes + metadata) / (blocks * format.micro_block);
  bits.stored = (codes + identifier_bits + metadata + scales) / weights;
  return bits;
}

}  // namespace msq::golden
