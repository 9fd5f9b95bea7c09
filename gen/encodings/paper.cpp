// Encoding paper: signs and magnitudes; an outlier is 1.m with as many mantissa bits as the mode.

#include "gen/encodings/encoding.hpp"

namespace msq {
namespace {

constexpr int kFractionBits[] = {2};

}  // namespace

constinit const EncodingTraits kPaperEncoding = {
    .name = "paper",
    .largest_weight = [](int mode) -> std::int64_t { return (1 << (mode - 1)) - 1; },
    .largest_significand = [](int mode) -> std::int64_t { return (1 << (mode + 1)) - 1; },
    .fraction_bits = kFractionBits,
    .fraction_bits_allowed = "2, as encoding \"paper\" has quarters",
    .row_align_most = 7,
    .row_align_allowed = "an integer from 0 to 7",
    .has_scale_factors = false,
    .product_extra_bits = 0,
    .entry_shift_bits = 8,
    .significand4_bits = 6,
    .merge4_extra_bits = 5,
    .moves_whole_product = false,
    .merge_leaf = "msq_merge",
    .merge_has_fraction_bits = false,
    .full_range_parameter = 0};

}  // namespace msq
