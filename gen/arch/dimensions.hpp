#pragma once

#include <bit>
#include <optional>
#include <string>

#include "gen/config/config.hpp"

namespace msq {

/// Arrays to compare with, built of other processing elements (docs/results/area.md).
enum class Baseline {
  int4,   ///< the plain array: path none, mode 4, two's complement
  int8,   ///< two's complement weights of 8 bits
  olive,  ///< outlier-victim pairs
  gobo    ///< centroids, outliers and sums in FP32
};

/// Exponent of a power of two.
constexpr int log2_of(int power) { return std::countr_zero(static_cast<unsigned>(power)); }

namespace arch {
class Path;  // gen/arch/paths/path.hpp
}

/// Memories of one kind: instances of msq_ram_1r1w.
struct Memory {
  std::string name;
  int instances = 0, width = 0, depth = 0;
  std::vector<std::string> paths = {};  ///< instances from the top module on, levels separated by '.'
  [[nodiscard]] long bits() const { return static_cast<long>(instances) * width * depth; }
};

/// Sizes of what every outlier path has: metadata of micro-blocks, and routing groups.
struct MetadataDimensions {
  int micro_block;
  int locations;     ///< log2(micro_block)
  int list_entries;  ///< entries of a permutation list: n_max
  int list_bits;     ///< permutation list of one micro-block
  int shift_max, shift_bits;
  int group_fields;   ///< metadata fields (micro-blocks in mode 2, if supported) of a routing group
  int group_lanes;    ///< lanes of a routing group: the smallest set of whole PE columns that holds whole
                      ///< micro-blocks in every mode
  int group_columns;  ///< its PE columns
  int group_stages;   ///< routing stages inside a routing group
  int groups;         ///< routing groups of the array
  int fields;         ///< metadata fields of a row
};

/// Sizes of outlier units, path inline.
struct InlineDimensions {
  int units;       ///< of a routing group in a band
  int inputs;      ///< activations of a band that a unit can take
  int sig_bits;    ///< significand
  int word_bits;   ///< settings of a unit
  int value_bits;  ///< outlier value without its sign bit
};

/// Sizes of ReCoN, path recon.
struct ReconDimensions {
  int units, band_rows;
  int domain_groups;  ///< routing groups that a network spans: 1 (span block) or all (span array)
  int domain_columns, domain_lanes;
  int domain_stages;  ///< routing stages of a network: log2(domain_lanes)
  int domains;        ///< networks of a ReCoN unit
  int sync_columns;   ///< columns brought to one time: a whole network and whole skew groups
  int sync_groups;
  int sync_steps;                  ///< skew groups in a sync group
  int moving_bits;                 ///< moving value with its sign bit
  int merge0_bits, merge1_bits;    ///< result of the merge per lane
  int addend0_bits, addend1_bits;  ///< as added: not wider than the sum
  int addend_bits;                 ///< both lanes of a PE
  int bus_bits;  ///< what a row drives on its column bus: products and one activation per sync group
  int shifts_bits, roles_bits, swaps_bits;  ///< parts of the settings of one network, from bit 0 up
  int domain_settings_bits;
  int settings_bits;                           ///< settings of a row
  int ram_width, ram_depth, ram_address_bits;  ///< settings memory of one unit and sync group: two tiles of
                                               ///< its band
};

/// Replacement of the PEs of a mode in an array to compare with.
struct BaselineDimensions {
  Baseline kind;  ///< int8, olive or gobo
  bool paired;    ///< a word of the load port has rows 2i and 2i + 1, of the columns with the parity of its
                  ///< own number (olive)
  int outlier_weight_bits;  ///< FP32 weights of a row's outlier units beside those of PEs (gobo)
};

/// Every size of the hardware that follows from a Config: the one place where builders, manifest, benches and
/// reports look them up. Widths in bits. docs/reference/architecture.md explains the terms.
struct Dimensions {
  explicit Dimensions(const Config& config);

  OutlierPath outlier_path;
  const arch::Path* path;          ///< strategy of the outlier path
  const EncodingTraits* encoding;  ///< of the weights

  // Array.
  int rows, cols;
  int stream_act_bits;  ///< an activation as it comes
  int act_bits;         ///< as the array takes it, shifted by up to row_align_bits
  int row_align_bits;
  bool mode2, mode4;
  int lanes_per_pe;    ///< partial-sum lanes of a PE
  int places;          ///< most places of K that a PE row holds: 2 in mode 2, but 1 on path recon
  int lanes;           ///< of the array
  int fraction_bits;   ///< F
  int acc_bits;        ///< a lane as the contract counts it, with its F fraction bits
  int exact_acc_bits;  ///< width in which no partial sum can overflow; with fewer, tiles are split
  int sum_bits;  ///< a lane as stored: on path none without the fraction bits, which are always zero there
  int weight_bits = 4;  ///< weights of a PE as it stores them
  int load_bits = 4;    ///< and as the load port brings them
  int x1_bits;          ///< activation operand of digit 1 of a PE; 0 without a second place
  int p0_bits;          ///< product of lane 0, without sign bit
  int p1_bits;          ///< product of lane 1
  int product_bits;     ///< both lanes with their sign bits
  int skew_columns;
  int skew_groups;  ///< column groups, each one cycle later than the one before

  int tree_rows;   ///< rows of a band, which a partial sum passes in one step; 1 with ReCoN
  int pe_latency;  ///< cycles from a PE's activation to its sum: 2, or 3 if products are added in a tree
  int bands;       ///< rows / tree_rows
  int sum_fraction_bits;  ///< of a stored sum: 0 on path none, where they are always zero

  int load_rows;        ///< rows of weights that the load port takes in a cycle
  int load_steps;       ///< cycles that a tile takes there: rows / load_rows
  int early_steps = 0;  ///< of these, that may still come when a tile's first token is launched
  int follow_bits = 0;  ///< to count them
  int lead = 0;         ///< cycles from a row's products to the addend that a network makes of them

  // Parts that not every array has.
  std::optional<MetadataDimensions> outliers;  ///< on every path except none
  std::optional<InlineDimensions> inlined;
  std::optional<ReconDimensions> recon;
  std::optional<BaselineDimensions> baseline;

  /// Cycles from a token's launch (its handshake) to its psum_valid_o.
  int latency;
  // Top: the logic around the core.
  int banks;                         ///< of output accumulators: 2 with both modes
  int unit;                          ///< columns of a bank
  int block;                         ///< columns of a block of outputs
  int block_units;                   ///< units of columns in it
  int unit_bits;                     ///< to count them, at least 1
  int weight_beat, activation_beat;  ///< bits of a beat of the streams; the output's has 32 * output_lanes
  int output_lanes;
  int section_words;                  ///< words of sections with a byte for every lane
  int factor_mantissa;                ///< t: mantissa bits of the factor of a scale
  int factor_bits;                    ///< a partial sum grows by, when that multiplies it; 0: no factors
  int factor_words;                   ///< words with four bits, {sign, f}, for every lane
  int section_word;                   ///< bits of the words in which the weight stream's sections are read
  int section_fifo, entry_fifo;       ///< beats of a block that the buffers of both parts hold
  int word_entries;                   ///< entries of the weight stream in a word; two words are looked at
  int row_fifo;                       ///< steps of weight rows that wait for the core, a power of two
  int row_bits;                       ///< bits of such a step: weights, metadata, mode, schedule, end of tile
  int unit_words;                     ///< words with a byte for every column of a unit
  bool permuter = false;              ///< activations can change rows
  bool repeats = false;               ///< a tile can have the activations of the tile before once more
  int permuter_first, permuter_bits;  ///< bits of a place's number that its stages join
  bool benes;                         ///< they go through them forth and back
  int order_bits;                     ///< settings of the permuter
  int out_acc_bits;                   ///< output accumulator
  int tokens, act_words, weight_fifo;  ///< see TopConfig
  int scale_wait;                      ///< cycles that an MX scale comes later where many lanes are compared
  int sum_delay;                       ///< cycles from a partial sum to its accumulator's new word
  int slots;                           ///< tiles on their way from the weight reader to the last partial sum

  /// Activations that a permuter exchanges: those of all places of a tile.
  [[nodiscard]] int ways() const { return rows * places; }
  /// Bits in memories (not flip-flops) of the core.
  [[nodiscard]] long memory_bits() const;
  [[nodiscard]] bool paired() const { return baseline && baseline->paired; }
  [[nodiscard]] bool is_baseline(Baseline kind) const { return baseline && baseline->kind == kind; }
  /// Bits of the weights that the load port takes in a cycle.
  [[nodiscard]] int load_step_bits() const {
    return load_bits * cols * load_rows + (baseline ? baseline->outlier_weight_bits : 0);
  }
  /// Steps of loading in which the rows of a band come.
  [[nodiscard]] int band_steps() const { return std::max(1, tree_rows / load_rows); }
};

}  // namespace msq
