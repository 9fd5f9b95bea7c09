// The `inline` outlier path: what decodes a weight row. The units themselves are in the rows (inline.cpp).

#include "gen/arch/paths/inline_decoder.hpp"

#include <fmt/format.h>

#include "gen/leaves/leaf.hpp"

namespace msq::arch {

using leaves::leaf;
using namespace verilog;

namespace {

Interface outlier_decoder(const Dimensions& d) {
  return leaf("msq_outlier_decoder", {{"MICRO_BLOCK", d.outliers->micro_block},
                                      {"MODE2", d.mode2},
                                      {"MODE4", d.mode4},
                                      {"ENTRIES", d.outliers->list_entries},
                                      {"FULL_RANGE", d.encoding->full_range_parameter},
                                      {"ROWS", d.tree_rows},
                                      {"UNITS", d.inlined->units_per_block},
                                      {"SHIFT_MAX", d.outliers->shift_max},
                                      {"SHIFT_BITS", d.outliers->shift_bits}});
}

/// Place of the next row in its band, and whether it is the first; constants for bands of one row.
struct RowPlace {
  Expr index, first;
};

RowPlace row_place(Module& m, const Dimensions& d, const Expr& next_row) {
  if (d.tree_rows == 1) return {lit(u(1), 0), lit(u(1), 1)};
  std::vector<Expr> bands;
  for (int b = 0; b < d.bands; ++b) bands.push_back(slice(next_row, b * d.tree_rows, d.tree_rows));
  const Expr row = m.wire("row_in_band", or_all(bands), "one-hot");
  Interface encoder = leaf("msq_onehot_encoder", {{"WIDTH", d.tree_rows}});
  encoder.block = "decoder";
  const Expr index = m.wire("row_index", u(encoder.port("index_o").type.width));
  m.instance(encoder, "u_row_index", {{"onehot_i", row}, {"index_o", index}});
  return {index, bit(row, 0)};
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
  const bool shared = d.tree_rows > 1;  // units of a band are shared by its rows
  const Expr next_row =
      shared ? m.input("next_row_i", u(d.rows), "row that the next load writes, one-hot") : Expr{};
  const Expr load_row = m.input("load_row_i", u(d.rows), "row being loaded, one-hot, or none");
  const Expr mode4 = m.input("load_mode4_i", u(1), "mode of the tile");
  const Expr weights = m.input("weights_i", u(4 * d.cols), "code words of the row");
  const Expr has = m.input("has_outliers_i", u(d.outliers->fields), "identifier bit of metadata field f");
  const Expr scale = m.input("mx_scale_i", u(8 * d.outliers->fields), "MXScale byte (r) of field f");
  const Expr list =
      m.input("list_i", u(d.outliers->list_bits * d.outliers->fields), "permutation list of field f");
  const Expr codes = m.output("weights_o", u(4 * d.cols), "code words without halves of outliers");
  const int units = d.outliers->group_fields * d.inlined->units_per_block;
  const Expr band_write = m.output("band_write_o", u(d.bands), "band of the units that are set, one-hot");
  const Expr write =
      m.output("unit_write_o", u(d.outliers->groups * units), "units of the band that are set");
  const Expr words =
      m.output("unit_words_o", u(d.outliers->groups * d.inlined->group_word_bits), "settings of the units");
  const Expr list_error = m.output("list_error_o", u(1), "illegal list, or r beyond the maximum");
  const Expr unit_error =
      m.output("unit_error_o", u(1), "more outliers than units, or two outliers on one lane");

  m.section("Routing groups");
  const Expr load = m.wire("load", reduce_or(load_row));
  const RowPlace place = row_place(m, d, next_row);
  const Interface decoder = outlier_decoder(d);
  const Expr row = m.wire("place", zext(place.index, decoder.port("row_i").type.width));
  const Expr next_write = m.wire("next_write", u(d.outliers->groups * units));
  const Expr next_words = m.wire("next_words", u(d.outliers->groups * d.inlined->group_word_bits));
  const Expr list_errors = m.wire("list_errors", u(d.outliers->groups));
  const Expr unit_errors = m.wire("unit_errors", u(d.outliers->groups));
  m.generate_for("gen_group", "g", d.outliers->groups, [&](Scope& s, Index g) {
    const int list_bits = d.outliers->list_bits * d.outliers->group_fields;
    s.instance(
        decoder, "u_group",
        {{"clk_i", clk},
         {"load_i", load},
         {"first_i", place.first},
         {"row_i", row},
         {"mode4_i", mode4},
         {"has_outliers_i", slice(has, g * d.outliers->group_fields, d.outliers->group_fields)},
         {"mx_scale_i", slice(scale, g * (8 * d.outliers->group_fields), 8 * d.outliers->group_fields)},
         {"list_i", slice(list, g * list_bits, list_bits)},
         {"codes_i", slice(weights, g * (4 * d.outliers->group_columns), 4 * d.outliers->group_columns)},
         {"codes_o", slice(codes, g * (4 * d.outliers->group_columns), 4 * d.outliers->group_columns)},
         {"write_o", slice(next_write, g * units, units)},
         {"words_o", slice(next_words, g * d.inlined->group_word_bits, d.inlined->group_word_bits)},
         {"list_error_o", bit(list_errors, g)},
         {"unit_error_o", bit(unit_errors, g)}});
  });
  m.assign(list_error, reduce_or(list_errors));
  m.assign(unit_error, reduce_or(unit_errors));

  m.section("To the units of the row's band, one cycle later");
  const Expr next_band = m.wire("next_band", u(d.bands));
  for (int b = 0; b < d.bands; ++b) {
    m.assign(bit(next_band, b),
             d.tree_rows == 1 ? bit(load_row, b) : reduce_or(slice(load_row, b * d.tree_rows, d.tree_rows)));
  }
  const Expr band_q = m.reg("band_q", u(d.bands));
  const Expr write_q = m.reg("write_q", u(d.outliers->groups * units));
  const Expr words_q = m.reg("words_q", u(d.outliers->groups * d.inlined->group_word_bits));
  m.flip_flops(
      clk, rst_n,
      {{band_q, next_band, {}, zeros(d.bands)}, {write_q, next_write, load}, {words_q, next_words, load}});
  m.assign(band_write, band_q);
  m.assign(write, write_q);
  m.assign(words, words_q);
  return m;
}

}  // namespace msq::arch
