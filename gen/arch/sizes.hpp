#pragma once

#include <string>

#include "gen/arch/dimensions.hpp"
#include "gen/verilog/verilog.hpp"

namespace msq::arch {

/// Localparam for a number of parts, or the number 1, which leaves products.
[[nodiscard]] verilog::Constant count(verilog::Module& m, const std::string& name, int value,
                                      const std::string& doc);

/// Words `at` of `width` bits of all rows that are loaded together, `row_words` a row, the first row's
/// lowest.
[[nodiscard]] verilog::Expr of_loaded_rows(const Dimensions& d, const verilog::Expr& all,
                                           const verilog::Index& at, const verilog::Constant& row_words,
                                           const verilog::Constant& width);

/// Sizes of the array by name: localparams of one module, made as often as asked for and printed if used.
/// Widths in bits. Those of an outlier path are in the file of the path.
struct Sizes {
  Sizes(verilog::Module& m, const Dimensions& d);

  verilog::Constant rows, load_rows, load_steps, cols;  ///< load_rows come together, in load_steps
  verilog::Constant band_rows;                          ///< 1 without trees
  verilog::Constant bands;
  verilog::Constant act_bits, band_act_bits;
  verilog::Constant band_x_bits;  ///< activations that a band takes: those of all places of its rows
  verilog::Constant x1_bits, band_x1_bits;  ///< what digit 1 of the PEs multiplies, of a row and of a band
  verilog::Constant weight_bits;            ///< of a PE
  verilog::Constant lanes_per_pe, lanes;
  verilog::Constant sum_bits, pe_sum_bits, row_sum_bits;  ///< partial sums: of a lane, a PE, a row
  verilog::Constant acc_bits;                             ///< of a lane at the output
  verilog::Constant groups, group_pes;                    ///< column groups, PE columns of one
  verilog::Constant lead;
};

/// Sizes of metadata and routing groups by name, for paths with outliers.
struct MetadataSizes {
  MetadataSizes(verilog::Module& m, const Dimensions& d);

  verilog::Constant groups;                                    ///< routing groups
  verilog::Constant group_fields, group_columns, group_lanes;  ///< of a routing group
  verilog::Constant scale_bits, list_bits, shift_bits;         ///< of a field
};

/// Sizes of the top by name, as Sizes.
struct TopSizes : Sizes {
  TopSizes(verilog::Module& m, const Dimensions& d);

  verilog::Constant tokens, slots;
  verilog::Constant act_words, act_bank_words;  ///< of half of the activation buffer, and of a bank of it
  verilog::Constant places;                     ///< most places of K that a PE row holds
  verilog::Constant stream_act_bits, act_beat, weight_beat;  ///< bits: an activation as it comes, beats
  verilog::Constant section_word;                            ///< bits of a word of sections
  verilog::Constant address_bits;                            ///< registers, in bytes
  verilog::Constant register_bits, scale_bits;
  verilog::Constant banks, unit,
      unit_bits;                 ///< banks of output accumulators, columns of one, its number's bits
  verilog::Constant bank_depth;  ///< words of a bank
  verilog::Constant out_acc_bits, output_lanes;
};

}  // namespace msq::arch
