// Encoding full_range: two's complement numbers; the halves of an outlier are one number of twice the bits.

#include "gen/encodings/encoding.hpp"

namespace msq {
namespace {

constexpr int kFractionBits[] = {1, 2};

}  // namespace

constinit const EncodingTraits kFullRangeEncoding = {
    .name = "full_range",
    .largest_weight = [](int mode) -> std::int64_t { return 1 << (mode - 1); },
    .largest_significand = [](int mode) -> std::int64_t { return 1 << (2 * mode - 1); },
    .fraction_bits = kFractionBits,
    .fraction_bits_allowed = "1 or 2",
    .row_align_most = 0,
    .row_align_allowed = "0, as encoding \"full_range\" has no macro-blocks along the outputs",
    .has_scale_factors = true,
    // -2 of two bits is one more than the magnitudes of the paper's; -8 of four bits fits with its sign
    // apart.
    .product_extra_bits = 1,
    .entry_shift_bits = 4,
    .significand4_bits = 8,
    .merge4_extra_bits = 7,
    .moves_whole_product = true,
    .merge_leaf = "msq_merge_full",
    .merge_has_fraction_bits = true,
    .full_range_parameter = 1};

}  // namespace msq
