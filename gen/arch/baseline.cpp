// Arrays to compare with (docs/results/area.md): sizes, and the logic beside their PEs.

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>

#include "gen/arch/builders.hpp"
#include "gen/arch/shift.hpp"
#include "gen/arch/sizes.hpp"

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
  d.early_steps = 0;
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
  const Sizes k(m, d);
  const Constant fp32 = m.localparam("FP32_BITS", kFloat, "bits of a number in FP32");
  const Constant x_bits =
      m.localparam("X_BITS", kActivationFloat, "bits of an activation as msq_bl_int8_float makes it");
  const Constant all_centroids = m.localparam("CENTROIDS", kCentroids, "centroids");
  const Constant step = m.localparam("UNIT_GROUPS", unit_groups, "column groups of an outlier unit");
  const Constant sums = k.cols * fp32;
  const Expr clk = m.input("clk_i", u(1), "clock");
  const Expr rst_n = m.input("rst_ni", u(1), "synchronous reset");
  const Expr load = m.input("load_i", u(1), "write the row's shadow weights");
  const Expr weights = m.input("weights_i", u(d.load_step_bits()), "words of PEs, FP32 of outlier units");
  const Expr centroids = m.input("centroids_i", u(all_centroids * fp32), "FP32 centroids");
  const Expr activation = m.input("activation_i", u(d.act_bits), "activation for column group 0");
  const Expr commit = m.input("commit_i", u(1), "first activation of a tile at activation_i");
  const Expr committed = m.output("committed_o", u(1), "last column group switches to the new weights");
  const Expr sums_in = m.input("sums_i", u(sums), "partial sums from the row above");
  const Expr sums_out = m.output("sums_o", u(sums), "partial sums to the row below");

  m.section("Activation and control pipeline");
  const Constant words = (units - 1) * step + 1;
  const Expr x = m.wire("x", u(x_bits));
  m.instance(leaf("msq_bl_int8_float"), "u_float", {{"x_i", activation}, {"float_o", x}});
  const Expr x_q = m.reg("x_q", u(words * x_bits), "word g: beside the products of column group g - 1");
  const Expr commit_q = m.reg("commit_q", u(k.groups), "bit g: column group g takes its new weights");
  m.flip_flops(clk, rst_n, {shift(x_q, x, words), shift(commit_q, commit, k.groups, zeros(k.groups))});
  m.assign(committed, bit(commit_q, k.groups - 1));

  m.section("Products with all centroids");
  const Expr products = m.wire("products", u(all_centroids * fp32));
  m.generate_for("gen_centroid", "j", all_centroids, [&](Scope& s, const Index& j) {
    s.instance(leaf("msq_bl_fp32_scale"), "u_scale",
               {{"x_i", word(x_q, 0, x_bits)},
                {"weight_i", word(centroids, j, fp32)},
                {"product_o", word(products, j, fp32)}});
  });
  const Expr products_q =
      m.reg("products_q", u(k.groups * all_centroids * fp32), "word g: products of column group g");
  m.flip_flops(clk, {}, {shift(products_q, products, k.groups)});

  m.section("Outlier units, each in front of its column groups, and their PEs");
  for (int unit = 0; unit < units; ++unit) {
    const Constant first = unit * step;
    const Expr product = m.wire(fmt::format("outlier{}", unit), u(fp32));
    m.instance(leaf("msq_bl_outlier_gobo"), fmt::format("u_outlier{}", unit),
               {{"clk_i", clk},
                {"load_i", load},
                {"weight_i", slice(weights, k.cols * k.weight_bits + unit * fp32, fp32)},
                {"commit_i", unit == 0 ? commit : bit(commit_q, first - 1)},
                {"x_i", word(x_q, first, x_bits)},
                {"product_o", product}});
    const Expr outlier_q = m.reg(fmt::format("outlier{}_q", unit), u(step * fp32));
    m.flip_flops(clk, {}, {shift(outlier_q, product, step)});
    m.generate_for(fmt::format("gen_group{}", unit), "g", step, [&](Scope& group, const Index& g) {
      group.generate_for("gen_column", "c", k.group_pes, [&](Scope& column, const Index& c) {
        const Index pe = (g + first) * k.group_pes + c;
        column.instance(leaf("msq_bl_pe_gobo"), "u_pe",
                        {{"clk_i", clk},
                         {"load_i", load},
                         {"weight_i", word(weights, pe, k.weight_bits)},
                         {"commit_i", bit(commit_q, g + first)},
                         {"products_i", word(products_q, g + first, all_centroids * fp32)},
                         {"outlier_i", word(outlier_q, g, fp32)},
                         {"sum_i", word(sums_in, pe, fp32)},
                         {"sum_o", word(sums_out, pe, fp32)}});
      });
    });
  }
  return m;
}

Module build_olive_decoder(const Dimensions& d) {
  Module m("msq_bl_decoders", "Decoders of the outlier-victim pairs in one word of the load port.");
  m.block("decoder");
  const Sizes k(m, d);
  const Constant load = m.localparam("LOAD_BITS", d.load_bits, "bits of a code at the load port");
  const Constant pairs = m.localparam("COLUMN_PAIRS", d.cols / 2, "pairs of PE columns");
  const Expr codes = m.input("codes_i", u(k.cols * load), "pair {odd row, even row} of each column");
  const Expr words = m.output("words_o", u(k.cols * k.weight_bits), "the same pairs as words of PEs");
  m.generate_for("gen_pair", "c", pairs, [&](Scope& s, const Index& c) {
    s.instance(leaf("msq_bl_olive_decoder"), "u_decoder",
               {{"codes_i", word(codes, c, 2 * load)}, {"words_o", word(words, c, 2 * k.weight_bits)}});
  });
  return m;
}

}  // namespace msq::arch
