// Arrays to compare with (docs/baselines.md): sizes, and what stands beside their PEs.

#include <algorithm>
#include <bit>
#include <cstdint>

#include "gen/arch/builders.hpp"
#include "gen/arch/leaves.hpp"

namespace msq::arch {

using namespace verilog;

namespace {

constexpr std::int64_t kLargestActivation = 127;

int signed_bits(std::int64_t largest) {
  return 1 + static_cast<int>(std::bit_width(static_cast<std::uint64_t>(largest)));
}

}  // namespace

void set_baseline(Dimensions& d, Baseline kind) {
  d.baseline = kind;
  if (kind == Baseline::int8) {
    d.weight_bits = d.load_bits = 8;
    d.sum_bits = signed_bits(d.rows * kLargestActivation * 128);
  } else if (kind == Baseline::olive) {
    // A pair is at most 96 and its victim, so a sum is one bit narrower than that of as many outliers.
    d.weight_bits = 5;
    d.paired = true;
    d.sum_bits = signed_bits(d.rows / 2 * kLargestActivation * 96);
  }
  d.fraction_bits = d.sum_fraction_bits = 0;
  d.acc_bits = d.sum_bits;
}

Module build_olive_decoder(const Dimensions& d) {
  Module m("msq_bl_decoders", "Decoders of the outlier-victim pairs in one word of the load port.");
  const Expr codes = m.input("codes_i", u(d.load_bits * d.cols), "pair {odd row, even row} of each column");
  const Expr words = m.output("words_o", u(d.weight_bits * d.cols), "the same pairs as words of PEs");
  m.generate_for("gen_pair", "c", d.cols / 2, [&](Scope& s, Index c) {
    s.instance(olive_decoder_leaf(), "u_decoder",
               {{"codes_i", slice(codes, c * (2 * d.load_bits), 2 * d.load_bits)},
                {"words_o", slice(words, c * (2 * d.weight_bits), 2 * d.weight_bits)}});
  });
  return m;
}

}  // namespace msq::arch
