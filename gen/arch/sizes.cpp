#include "gen/arch/sizes.hpp"

#include "gen/arch/registers.hpp"

namespace msq::arch {

using verilog::Constant;
using verilog::Module;

Constant count(Module& m, const std::string& name, int value, const std::string& doc) {
  return value == 1 ? Constant(1) : m.localparam(name, value, doc);
}

verilog::Expr of_loaded_rows(const Dimensions& d, const verilog::Expr& all, const verilog::Index& at,
                             const Constant& row_words, const Constant& width) {
  std::vector<verilog::Expr> words;
  words.reserve(static_cast<std::size_t>(d.load_rows));
  for (int row = d.load_rows - 1; row >= 0; --row)
    words.push_back(word(all, at + row_words * Constant(row), width));
  return words.size() == 1 ? words[0] : concat(words);
}

Sizes::Sizes(Module& m, const Dimensions& d)
    : rows(m.localparam("ROWS", d.rows, "PE rows")),
      load_rows(count(m, "LOAD_ROWS", d.load_rows, "rows of weights that are loaded together")),
      load_steps(d.load_rows == 1
                     ? rows
                     : m.localparam("LOAD_STEPS", d.load_steps, "steps in which a tile is loaded")),
      cols(m.localparam("COLS", d.cols, "PE columns")),
      band_rows(count(m, "BAND_ROWS", d.tree_rows, "PE rows of a band")),
      bands(d.tree_rows == 1 ? rows : m.localparam("BANDS", d.bands, "bands of PE rows")),
      act_bits(m.localparam("ACT_BITS", d.act_bits, "bits of an activation")),
      band_act_bits(d.tree_rows == 1 ? act_bits
                                     : m.localparam("BAND_ACT_BITS", band_rows * act_bits,
                                                    "bits of the activations of a band")),
      band_x_bits(d.places == 1 ? band_act_bits
                                : m.localparam("BAND_X_BITS", 2 * band_act_bits,
                                               "bits of the activations of both places of a band")),
      x1_bits(d.places == 1 ? Constant(1)
                            : m.localparam("X1_BITS", d.x1_bits, "bits of what digit 1 of a PE multiplies")),
      band_x1_bits(d.places == 1 || d.tree_rows == 1
                       ? x1_bits
                       : m.localparam("BAND_X1_BITS", band_rows * x1_bits,
                                      "bits of what the digits 1 of a band multiply")),
      weight_bits(m.localparam("WEIGHT_BITS", d.weight_bits, "bits of the weight of a PE")),
      lanes_per_pe(count(m, "LANES_PER_PE", d.lanes_per_pe, "partial-sum lanes of a PE")),
      lanes(d.lanes_per_pe == 1 ? cols
                                : m.localparam("LANES", cols * lanes_per_pe, "partial-sum lanes of a row")),
      sum_bits(m.localparam("SUM_BITS", d.sum_bits, "bits of the partial sum of a lane")),
      pe_sum_bits(d.lanes_per_pe == 1 ? sum_bits
                                      : m.localparam("PE_SUM_BITS", lanes_per_pe * sum_bits,
                                                     "bits of the partial sums of a PE")),
      row_sum_bits(
          m.localparam("ROW_SUM_BITS", cols * pe_sum_bits, "bits of the partial sums of all PE columns")),
      acc_bits(m.localparam("ACC_BITS", d.acc_bits, "bits of the partial sum of a lane at the output")),
      groups(count(m, "COLUMN_GROUPS", d.skew_groups, "column groups, each a cycle behind the one before")),
      group_pes(m.localparam("GROUP_PES", d.skew_columns, "PE columns of a column group")),
      lead(m.localparam("LEAD", d.lead, "cycles from the products of a row to its addends")) {}

MetadataSizes::MetadataSizes(Module& m, const Dimensions& d)
    : groups(count(m, "ROUTING_GROUPS", d.outliers->groups, "routing groups of a weight row")),
      group_fields(count(m, "GROUP_FIELDS", d.outliers->group_fields, "metadata fields of a routing group")),
      group_columns(
          m.localparam("GROUP_COLUMNS", d.outliers->group_columns, "PE columns of a routing group")),
      group_lanes(m.localparam("GROUP_LANES", d.outliers->group_lanes, "lanes of a routing group")),
      scale_bits(m.localparam("SCALE_BITS", 8, "bits of the MXScale byte of a field")),
      list_bits(m.localparam("LIST_BITS", d.outliers->list_bits, "bits of the permutation list of a field")),
      shift_bits(m.localparam("SHIFT_BITS", d.outliers->shift_bits, "bits of the shift of a field")) {}

TopSizes::TopSizes(Module& m, const Dimensions& d)
    : Sizes(m, d),
      tokens(m.localparam("TOKENS", d.tokens, "maximum number of tokens per pass")),
      slots(m.localparam("SLOTS", d.slots, "tiles between weight reader and collector")),
      act_words(m.localparam("ACT_WORDS", d.act_words, "words in half of the activation buffer")),
      act_bank_words(d.places == 1 ? act_words
                                   : m.localparam("ACT_BANK_WORDS", d.act_words / 2,
                                                  "words of a bank in half of the activation buffer")),
      places(count(m, "PLACES", d.places, "places of K that a PE row holds in mode 2")),
      stream_act_bits(
          m.localparam("STREAM_ACT_BITS", d.stream_act_bits, "bits of an activation of the stream")),
      act_beat(m.localparam("ACT_BEAT_BITS", rows * stream_act_bits, "bits of a beat of the activations")),
      weight_beat(m.localparam("WEIGHT_BEAT_BITS", d.weight_beat, "bits of a beat of the weights")),
      section_word(d.section_word == d.weight_beat
                       ? weight_beat
                       : m.localparam("SECTION_WORD_BITS", d.section_word, "bits of a word of sections")),
      address_bits(
          m.localparam("ADDRESS_BITS", kRegisterAddressBits, "bits of the byte address of a register")),
      register_bits(m.localparam("REGISTER_BITS", 32, "bits of a register")),
      scale_bits(m.localparam("SCALE_BITS", 8, "bits of a scale or reference")),
      banks(count(m, "BANKS", d.banks, "banks of output accumulators")),
      unit(m.localparam("UNIT", d.unit, "columns of a bank")),
      unit_bits(m.localparam("UNIT_BITS", d.unit_bits, "bits of the number of a unit of columns")),
      bank_depth(m.localparam("BANK_DEPTH", d.block_units / d.banks * d.tokens, "words of a bank")),
      out_acc_bits(m.localparam("OUT_ACC_BITS", d.out_acc_bits, "bits of an output accumulator")),
      output_lanes(m.localparam("OUTPUT_LANES", d.output_lanes, "outputs per beat of the output stream")) {}

}  // namespace msq::arch
