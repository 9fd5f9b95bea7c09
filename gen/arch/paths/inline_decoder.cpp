// The `inline` outlier path: what decodes a weight row. The units themselves are in the rows (inline.cpp).

#include "gen/arch/paths/inline_decoder.hpp"

#include <fmt/format.h>

#include "gen/arch/paths/inline_sizes.hpp"
#include "gen/leaves/leaf.hpp"

namespace msq::arch {

using leaves::leaf;
using namespace verilog;

namespace {

Interface outlier_decoder(Module& m, const Dimensions& d) {
  return leaf("msq_outlier_decoder", {{"MICRO_BLOCK", d.outliers->micro_block},
                                      {"MODE2", d.mode2},
                                      {"MODE4", d.mode4},
                                      {"ENTRIES", d.outliers->list_entries},
                                      {"FULL_RANGE", d.encoding->full_range_parameter},
                                      {"ROWS", Sizes(m, d).band_rows},
                                      {"LOAD_ROWS", Sizes(m, d).load_rows},
                                      {"UNITS", InlineSizes(m, d).units},
                                      {"SHIFT_MAX", d.outliers->shift_max},
                                      {"SHIFT_BITS", MetadataSizes(m, d).shift_bits}});
}

/// Place of the next rows in their band, and whether they are the first; constants for bands of one step.
struct StepPlace {
  Expr index, first;
};

Constant band_steps(Module& m, const Dimensions& d) {
  return count(m, "BAND_STEPS", d.band_steps(), "steps in which a band is loaded");
}

StepPlace step_place(Module& m, const Dimensions& d, const Expr& next_step) {
  if (d.band_steps() == 1) return {lit(u(1), 0), lit(u(1), 1)};
  const Constant steps = band_steps(m, d);
  std::vector<Expr> bands;
  bands.reserve(static_cast<std::size_t>(d.bands));
  for (int b = 0; b < d.bands; ++b) bands.push_back(word(next_step, b, steps));
  const Expr step = m.wire("step_in_band", u(steps), or_all(bands), "next step inside its band, one-hot");
  Interface encoder = leaf("msq_onehot_encoder", {{"WIDTH", steps}});
  encoder.block = "decoder";
  const Expr index = m.wire("step_index", u(encoder.port("index_o").type.width));
  m.instance(encoder, "u_step_index", {{"onehot_i", step}, {"index_o", index}});
  return {index, bit(step, 0)};
}

}  // namespace

Module build_inline_decoder(const Dimensions& d) {
  Module m(
      "msq_inline_decoder",
      "Weight decoder: joins the halves of each outlier of a weight row when the row is loaded, and sets the "
      "outlier units of its band one cycle later. The PEs get the code words with the halves cleared.");
  m.block("decoder");
  const Expr clk = m.input("clk_i", u(1), "clock");
  const Expr rst_n = m.input("rst_ni", u(1), "synchronous reset");
  const Sizes k(m, d);
  const MetadataSizes o(m, d);
  const InlineSizes i(m, d);
  const Constant fields = k.load_rows * o.groups * o.group_fields;
  const Constant units = o.groups * i.units;
  const Constant words_bits = o.groups * i.group_word_bits;
  const bool shared = d.band_steps() > 1;  // units of a band are shared by rows of several steps
  const Expr next_row =
      shared ? m.input("next_row_i", u(k.load_steps), "rows that the next load writes, one-hot by steps")
             : Expr{};
  const Expr load_row =
      m.input("load_row_i", u(k.load_steps), "rows being loaded, one-hot by steps, or none");
  const Expr mode4 = m.input("load_mode4_i", u(1), "mode of the tile");
  const Expr weights =
      m.input("weights_i", u(k.load_rows * k.cols * k.weight_bits), "code words of the rows");
  const Expr has = m.input("has_outliers_i", u(fields), "identifier bit of metadata field f");
  const Expr scale = m.input("mx_scale_i", u(fields * o.scale_bits), "MXScale byte (r) of field f");
  const Expr list = m.input("list_i", u(fields * o.list_bits), "permutation list of field f");
  const Expr codes = m.output("weights_o", u(k.load_rows * k.cols * k.weight_bits),
                              "two's complement code words without halves of outliers");
  const Expr band_write = m.output("band_write_o", u(k.bands), "band of the units that are set, one-hot");
  const Expr write = m.output("unit_write_o", u(units), "units of the band that are set");
  const Expr words = m.output("unit_words_o", u(words_bits), "settings of the units");
  const Expr list_error = m.output("list_error_o", u(1), "illegal list, or r beyond the maximum");
  const Expr unit_error =
      m.output("unit_error_o", u(1), "more outliers than units, or two outliers on one lane");

  m.section("Routing groups");
  const Expr load = m.wire("load", reduce_or(load_row));
  const StepPlace place = step_place(m, d, next_row);
  const Interface decoder = outlier_decoder(m, d);
  const Expr step = m.wire("place", zext(place.index, decoder.port("step_i").type.width));
  const Expr next_write = m.wire("next_write", u(units));
  const Expr next_words = m.wire("next_words", u(words_bits));
  const Expr list_errors = m.wire("list_errors", u(o.groups));
  const Expr unit_errors = m.wire("unit_errors", u(o.groups));
  const Constant codes_bits = o.group_columns * k.weight_bits;
  m.generate_for("gen_group", "g", o.groups, [&](Scope& s, const Index& g) {
    Expr group_codes = word(codes, g, codes_bits);
    if (d.load_rows > 1) {
      group_codes = s.wire("group_codes", u(k.load_rows * codes_bits), "of its columns, of all rows");
      for (int w = 0; w < d.load_rows; ++w)
        s.assign(word(codes, g + o.groups * Constant(w), codes_bits), word(group_codes, w, codes_bits));
    }
    s.instance(decoder, "u_group",
               {{"clk_i", clk},
                {"load_i", load},
                {"first_i", place.first},
                {"step_i", step},
                {"mode4_i", mode4},
                {"has_outliers_i", of_loaded_rows(d, has, g, o.groups, o.group_fields)},
                {"mx_scale_i", of_loaded_rows(d, scale, g, o.groups, o.group_fields * o.scale_bits)},
                {"list_i", of_loaded_rows(d, list, g, o.groups, o.group_fields * o.list_bits)},
                {"codes_i", of_loaded_rows(d, weights, g, o.groups, codes_bits)},
                {"codes_o", group_codes},
                {"write_o", word(next_write, g, i.units)},
                {"words_o", word(next_words, g, i.group_word_bits)},
                {"list_error_o", bit(list_errors, g)},
                {"unit_error_o", bit(unit_errors, g)}});
  });
  m.assign(list_error, reduce_or(list_errors));
  m.assign(unit_error, reduce_or(unit_errors));

  m.section("To the units of the row's band, one cycle later");
  const Expr next_band = m.wire("next_band", u(k.bands));
  for (int b = 0; b < d.bands; ++b) {
    const Expr steps = word(load_row, b, band_steps(m, d));
    m.assign(bit(next_band, b), d.band_steps() == 1 ? steps : reduce_or(steps));
  }
  const Expr band_q = m.reg("band_q", u(k.bands));
  const Expr write_q = m.reg("write_q", u(units));
  const Expr words_q = m.reg("words_q", u(words_bits));
  m.flip_flops(
      clk, rst_n,
      {{band_q, next_band, {}, zeros(k.bands)}, {write_q, next_write, load}, {words_q, next_words, load}});
  m.assign(band_write, band_q);
  m.assign(write, write_q);
  m.assign(words, words_q);
  return m;
}

}  // namespace msq::arch
