// Arrays to compare with (docs/baselines.md): sizes, and what stands beside their PEs.

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>

#include "gen/arch/builders.hpp"
#include "gen/arch/shift.hpp"

namespace msq::arch {

using namespace verilog;

namespace {

constexpr std::int64_t kLargestActivation = 127;

int signed_bits(std::int64_t largest) {
  return 1 + static_cast<int>(std::bit_width(static_cast<std::uint64_t>(largest)));
}

constexpr int kCentroids = 8;
constexpr int kFloat = 32;
constexpr int kActivationFloat = 12;  // msq_bl_int8_float

/// Outlier units of a row (gobo): one for 16 PEs.
int outlier_units(const Dimensions& d) { return std::max(1, d.cols / 16); }

}  // namespace

void set_baseline(Dimensions& d, Baseline kind) {
  BaselineDimensions& sizes = d.baseline.emplace(BaselineDimensions{kind, false, 0});
  if (kind == Baseline::int8) {
    d.weight_bits = d.load_bits = 8;
    d.sum_bits = signed_bits(d.rows * kLargestActivation * 128);
  } else if (kind == Baseline::olive) {
    // A pair is at most 96 and its victim, so a sum is one bit narrower than that of as many outliers.
    d.weight_bits = 5;
    sizes.paired = true;
    d.sum_bits = signed_bits(d.rows / 2 * kLargestActivation * 96);
  }
  if (kind == Baseline::gobo) {
    sizes.outlier_weight_bits = 32 * outlier_units(d);
    d.sum_bits = 32;
  }
  d.fraction_bits = d.sum_fraction_bits = 0;
  d.acc_bits = d.sum_bits;
}

Module build_gobo_row(const Dimensions& d) {
  Module m("msq_row",
           "One row of PEs. The activation is multiplied with all centroids and with the weights of outliers "
           "on the left; the "
           "products move one column group to the right each cycle, partial sums down.");
  m.block("feeder and skew");
  m.keep_boundary();
  const int units = outlier_units(d);
  const int unit_groups = d.skew_groups / units;  // column groups of an outlier unit
  const int sums = d.cols * kFloat;
  const Expr clk = m.input("clk_i", u(1), "clock");
  const Expr rst_n = m.input("rst_ni", u(1), "synchronous reset");
  const Expr load = m.input("load_i", u(1), "write the row's shadow weights");
  const Expr weights = m.input("weights_i", u(d.load_row_bits()), "words of PEs, FP32 of outlier units");
  const Expr centroids = m.input("centroids_i", u(kCentroids * kFloat), "FP32 centroids");
  const Expr activation = m.input("activation_i", u(d.act_bits), "activation for column group 0");
  const Expr commit = m.input("commit_i", u(1), "first activation of a tile at activation_i");
  const Expr committed = m.output("committed_o", u(1), "last column group switches to the new weights");
  const Expr sums_in = m.input("sums_i", u(sums), "partial sums from the row above");
  const Expr sums_out = m.output("sums_o", u(sums), "partial sums to the row below");

  m.section("Activation and control pipeline");
  const int words = (units - 1) * unit_groups + 1;
  const Expr x = m.wire("x", u(kActivationFloat));
  m.instance(leaf("msq_bl_int8_float"), "u_float", {{"x_i", activation}, {"float_o", x}});
  const Expr x_q =
      m.reg("x_q", u(words * kActivationFloat), "word g: beside the products of column group g - 1");
  const Expr commit_q = m.reg("commit_q", u(d.skew_groups), "bit g: column group g takes its new weights");
  m.flip_flops(clk, rst_n,
               {shift(x_q, x, words), shift(commit_q, commit, d.skew_groups, zeros(d.skew_groups))});
  m.assign(committed, bit(commit_q, d.skew_groups - 1));

  m.section("Products with all centroids");
  const Expr products = m.wire("products", u(kCentroids * kFloat));
  m.generate_for("gen_centroid", "j", kCentroids, [&](Scope& s, Index j) {
    s.instance(leaf("msq_bl_fp32_scale"), "u_scale",
               {{"x_i", slice(x_q, 0, kActivationFloat)},
                {"weight_i", slice(centroids, j * kFloat, kFloat)},
                {"product_o", slice(products, j * kFloat, kFloat)}});
  });
  const Expr products_q =
      m.reg("products_q", u(d.skew_groups * kCentroids * kFloat), "word g: of column group g");
  m.flip_flops(clk, {}, {shift(products_q, products, d.skew_groups)});

  m.section("Outlier units, each in front of its column groups, and their PEs");
  for (int unit = 0; unit < units; ++unit) {
    const int first = unit * unit_groups;
    const Expr product = m.wire(fmt::format("outlier{}", unit), u(kFloat));
    m.instance(leaf("msq_bl_outlier_gobo"), fmt::format("u_outlier{}", unit),
               {{"clk_i", clk},
                {"load_i", load},
                {"weight_i", slice(weights, 4 * d.cols + unit * kFloat, kFloat)},
                {"commit_i", unit == 0 ? commit : bit(commit_q, first - 1)},
                {"x_i", slice(x_q, first * kActivationFloat, kActivationFloat)},
                {"product_o", product}});
    const Expr outlier_q = m.reg(fmt::format("outlier{}_q", unit), u(unit_groups * kFloat));
    m.flip_flops(clk, {}, {shift(outlier_q, product, unit_groups)});
    m.generate_for(fmt::format("gen_group{}", unit), "g", unit_groups, [&](Scope& group, Index g) {
      group.generate_for("gen_column", "c", d.skew_columns, [&](Scope& column, Index c) {
        const Index pe = g * d.skew_columns + c + first * d.skew_columns;
        column.instance(
            leaf("msq_bl_pe_gobo"), "u_pe",
            {{"clk_i", clk},
             {"load_i", load},
             {"weight_i", slice(weights, pe * 4, 4)},
             {"commit_i", bit(commit_q, g + first)},
             {"products_i", slice(products_q, (g + first) * (kCentroids * kFloat), kCentroids * kFloat)},
             {"outlier_i", slice(outlier_q, g * kFloat, kFloat)},
             {"sum_i", slice(sums_in, pe * kFloat, kFloat)},
             {"sum_o", slice(sums_out, pe * kFloat, kFloat)}});
      });
    });
  }
  return m;
}

Module build_olive_decoder(const Dimensions& d) {
  Module m("msq_bl_decoders", "Decoders of the outlier-victim pairs in one word of the load port.");
  m.block("decoder");
  const Expr codes = m.input("codes_i", u(d.load_bits * d.cols), "pair {odd row, even row} of each column");
  const Expr words = m.output("words_o", u(d.weight_bits * d.cols), "the same pairs as words of PEs");
  m.generate_for("gen_pair", "c", d.cols / 2, [&](Scope& s, Index c) {
    s.instance(leaf("msq_bl_olive_decoder"), "u_decoder",
               {{"codes_i", slice(codes, c * (2 * d.load_bits), 2 * d.load_bits)},
                {"words_o", slice(words, c * (2 * d.weight_bits), 2 * d.weight_bits)}});
  });
  return m;
}

}  // namespace msq::arch
