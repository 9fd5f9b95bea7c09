#include "golden/io/mxfp4.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "golden/io/describe.hpp"
#include "golden/io/float8.hpp"

namespace msq::golden {
namespace {

constexpr std::string_view kBlocks = "_blocks";
constexpr std::int64_t kBlockBytes = kMxfp4Block / 2;

/// E2M1 by code: 1 sign, 2 exponent, 1 mantissa bit.
constexpr std::array<float, 16> kMxfp4Values = {0,    0.5F,  1,  1.5F,  2,  3,  4,  6,
                                                -0.F, -0.5F, -1, -1.5F, -2, -3, -4, -6};

}  // namespace

std::string mxfp4_name(const TensorInfo& tensor) {
  const bool fits = tensor.dtype == "U8" && tensor.shape.size() == 4 && tensor.shape[3] == kBlockBytes &&
                    tensor.name.size() > kBlocks.size() && tensor.name.ends_with(kBlocks) &&
                    std::ranges::count(tensor.shape, 0) == 0;
  return fits ? tensor.name.substr(0, tensor.name.size() - kBlocks.size()) : std::string();
}

std::string mxfp4_scales_name(const TensorInfo& blocks) { return mxfp4_name(blocks) + "_scales"; }

std::string check_mxfp4(const TensorInfo& blocks, const TensorInfo* scales) {
  if (scales == nullptr) {
    return fmt::format("MXFP4 without its scales; allowed: a tensor {}",
                       in_quotes(mxfp4_scales_name(blocks)));
  }
  const auto shape = std::span(blocks.shape).first(3);
  if (scales->dtype == "U8" && std::ranges::equal(scales->shape, shape)) return {};
  return fmt::format("its scales {} are {} {}; allowed: U8 {}", in_quotes(scales->name), scales->dtype,
                     shape_text(scales->shape), shape_text(shape));
}

std::vector<float> decode_mxfp4(std::span<const std::byte> codes, std::span<const std::byte> scales) {
  std::vector<float> values(codes.size() * 2);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const float scale = from_float8_e8m0(std::to_integer<std::uint8_t>(scales[i / kBlockBytes]));
    const auto byte = std::to_integer<unsigned>(codes[i]);
    values[2 * i] = kMxfp4Values[byte & 15U] * scale;
    values[2 * i + 1] = kMxfp4Values[byte >> 4U] * scale;
  }
  return values;
}

}  // namespace msq::golden
