#include "golden/quantize/packing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "golden/quantize/validate.hpp"

namespace msq::golden {
namespace {

constexpr int kByteBits = 8;

tl::unexpected<std::string> error(std::string text) { return tl::unexpected<std::string>(std::move(text)); }

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

void write_list(const Format& format, const std::vector<OutlierPair>& pairs, BitWriter& lists) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(format.max_outliers()); ++i) {
    const OutlierPair pair = i < pairs.size() ? pairs[i] : OutlierPair{};
    lists.write(pair.upper, position_bits(format));
    lists.write(pair.lower, position_bits(format));
  }
}

std::vector<OutlierPair> read_list(const Format& format, BitReader& lists) {
  std::vector<OutlierPair> pairs;
  for (int i = 0; i < format.max_outliers(); ++i) {
    const std::uint8_t upper = lists.read(position_bits(format));
    const std::uint8_t lower = lists.read(position_bits(format));
    if (upper != lower) pairs.push_back({upper, lower});
  }
  return pairs;
}

Result<void> check_size(const char* field, std::size_t found, std::size_t needed) {
  if (found == needed) return {};
  return error(fmt::format("{} has {} bytes; shape, format and identifiers need {}", field, found, needed));
}

// Number of micro-blocks with outliers, which decides the sizes of what follows.
Result<std::size_t> count_flagged(const PackedTensor& packed, std::size_t blocks) {
  if (auto ok = check_size("identifiers", packed.identifiers.size(), bytes_of(blocks)); !ok)
    return error(ok.error());
  if (blocks % kByteBits != 0 && (packed.identifiers.back() >> (blocks % kByteBits)) != 0) {
    return error(fmt::format("identifiers: unused bits of the last byte ({:#04x}) must be 0",
                             packed.identifiers.back()));
  }
  std::size_t flagged = 0;
  for (const std::uint8_t byte : packed.identifiers) flagged += static_cast<std::size_t>(std::popcount(byte));
  return flagged;
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
Result<void> check_sizes(const PackedTensor& packed, const QuantizedTensor& tensor) {
  const auto rows = static_cast<std::size_t>(tensor.k);
  const std::size_t code_bits = rows * static_cast<std::size_t>(tensor.n_padded() * tensor.format.bits);
  if (auto ok = check_size("codes", packed.codes.size(), bytes_of(code_bits)); !ok) return ok;
  const auto flagged = count_flagged(packed, rows * static_cast<std::size_t>(tensor.blocks_per_row()));
  if (!flagged) return error(flagged.error());
  if (auto ok = check_size("shifts", packed.shifts.size(), *flagged); !ok) return ok;
  const std::size_t all_lists = *flagged * static_cast<std::size_t>(list_bits(tensor.format));
  if (auto ok = check_size("lists", packed.lists.size(), bytes_of(all_lists)); !ok) return ok;
  return check_size("scales", packed.scales.size(), scale_count(tensor));
}

Result<void> read_blocks(const PackedTensor& packed, QuantizedTensor& tensor) {
  tensor.blocks.resize(static_cast<std::size_t>(tensor.k * tensor.blocks_per_row()));
  BitReader identifiers(packed.identifiers);
  BitReader lists(packed.lists);
  auto shift = packed.shifts.begin();
  for (std::size_t i = 0; i < tensor.blocks.size(); ++i) {
    if (identifiers.read(1) == 0) continue;
    tensor.blocks[i].shift = *shift++;
    tensor.blocks[i].pairs = read_list(tensor.format, lists);
    if (!tensor.blocks[i].has_outliers()) {
      return error(fmt::format("micro-block {}: its identifier is 1 but its list is empty", i));
    }
  }
  return {};
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
  packed.scales = tensor.scales;
  BitWriter codes(packed.codes);
  for (const std::uint8_t code : tensor.codes) codes.write(code, tensor.format.bits);
  BitWriter identifiers(packed.identifiers);
  BitWriter lists(packed.lists);
  for (const MicroBlock& block : tensor.blocks) {
    identifiers.write(block.has_outliers() ? 1 : 0, 1);
    if (!block.has_outliers()) continue;
    packed.shifts.push_back(block.shift);
    write_list(tensor.format, block.pairs, lists);
  }
  return packed;
}

Result<QuantizedTensor> unpack(const PackedTensor& packed) {
  if (auto ok = validate(packed.format); !ok) return error(ok.error());
  if (auto ok = validate_shape(packed.k, packed.n); !ok) return error(ok.error());
  QuantizedTensor tensor = header(packed);
  if (auto ok = check_sizes(packed, tensor); !ok) return error(ok.error());
  BitReader codes(packed.codes);
  tensor.codes.resize(static_cast<std::size_t>(tensor.k * tensor.n_padded()));
  std::generate(tensor.codes.begin(), tensor.codes.end(), [&] { return codes.read(tensor.format.bits); });
  tensor.scales = packed.scales;
  if (auto ok = read_blocks(packed, tensor); !ok) return error(ok.error());
  if (auto ok = validate(tensor); !ok) return error(ok.error());
  return tensor;
}

EffectiveBits effective_bits(const QuantizedTensor& tensor) {
  const Format& format = tensor.format;
  const auto flagged = static_cast<double>(std::count_if(
      tensor.blocks.begin(), tensor.blocks.end(), [](const MicroBlock& b) { return b.has_outliers(); }));
  const auto blocks = static_cast<double>(tensor.blocks.size());
  const double metadata = flagged * (list_bits(format) + kByteBits);  // lists and MXScale bytes
  const double codes = static_cast<double>(tensor.codes.size()) * format.bits;
  const double scales = static_cast<double>(tensor.scales.size()) * kByteBits;
  const auto weights = static_cast<double>(tensor.k) * static_cast<double>(tensor.n);
  EffectiveBits bits;
  bits.paper = (codes + metadata) / (blocks * format.micro_block);
  bits.stored = (codes + blocks + metadata + scales) / weights;
  return bits;
}

}  // namespace msq::golden
