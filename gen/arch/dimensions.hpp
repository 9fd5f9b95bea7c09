#pragma once

#include <optional>

#include "gen/config/config.hpp"

namespace msq {

/// Arrays to compare with, in which other processing elements stand (docs/baselines.md).
enum class Baseline {
  int4,   ///< the plain array: path none, mode 4, two's complement
  int8,   ///< two's complement weights of 8 bits
  olive,  ///< outlier-victim pairs
  gobo    ///< centroids, outliers and sums in FP32
};

/// Every size of the hardware that follows from a Config: the one place where builders, manifest, benches and
/// reports look them up. Widths in bits. docs/architecture.md explains the terms.
struct Dimensions {
  explicit Dimensions(const Config& config);

  // Array.
  int rows, cols;
  int stream_act_bits;  ///< an activation as it comes
  int act_bits;         ///< as the array takes it, shifted by up to row_align_bits
  int row_align_bits;
  bool mode2, mode4;
  int lanes_per_pe;   ///< partial-sum lanes of a PE
  int lanes;          ///< of the array
  bool full_range;    ///< encoding
  int fraction_bits;  ///< F
  int acc_bits;       ///< a lane as the contract counts it, with its F fraction bits
  int sum_bits;  ///< a lane as stored: on path none without the fraction bits, which are always zero there
  std::optional<Baseline> baseline;  ///< int8, olive or gobo: in place of the PEs of a mode
  int weight_bits = 4;               ///< weights of a PE as it stores them
  int load_bits = 4;                 ///< and as the load port brings them
  int outlier_weight_bits = 0;       ///< and FP32 weights of a row's outlier units beside them (gobo)
  bool paired = false;  ///< a word of the load port has rows 2i and 2i + 1, of the columns with the parity of
                        ///< its own number (olive)
  int p0_bits;          ///< product of lane 0, without sign bit
  int p1_bits;          ///< product of lane 1
  int product_bits;     ///< both lanes with their sign bits
  int skew_columns;
  int skew_groups;  ///< column groups, each one cycle later than the one before

  int tree_rows;   ///< rows of a band, which a partial sum passes in one step; 1 with ReCoN
  int pe_latency;  ///< cycles from a PE's activation to its sum: 2, or 3 if products are added in a tree
  int bands;       ///< rows / tree_rows
  int sum_fraction_bits;  ///< of a stored sum: 0 on path none, where they are always zero

  // Outliers; zero on path none.
  bool outliers = false;
  int micro_block = 0;
  int locations = 0;     ///< log2(micro_block)
  int list_entries = 0;  ///< entries of a permutation list: n_max
  int list_bits = 0;     ///< permutation list of one micro-block
  int shift_max = 0, shift_bits = 0;
  int group_columns = 0;  ///< PE columns of a routing group: the smallest set whose lanes hold whole
                          ///< micro-blocks in every mode
  int group_lanes = 0;
  int group_fields = 0;  ///< metadata fields (micro-blocks in mode 2, if supported) of a routing group
  int group_stages = 0;  ///< routing stages inside a routing group
  int groups = 0;        ///< routing groups of the array
  int fields = 0;        ///< metadata fields of a row

  // Outlier units; zero but on path inline.
  bool inlined = false;
  int units_per_block = 0;
  int unit_sig0_bits = 0, unit_sig1_bits = 0;  ///< significand of a unit of field 0 and 1 of a routing group
  int unit_word0_bits = 0, unit_word1_bits = 0;  ///< settings of such a unit
  int group_word_bits = 0;                       ///< settings of all units of a band and routing group
  int value0_bits = 0, value1_bits = 0;  ///< outlier value of lane 0 and 1 of a PE, without its sign bit
  int value_bits = 0;                    ///< of a PE, with sign bits

  // ReCoN; zero but on path recon.
  bool recon = false;
  int units = 0, band_rows = 0;
  int domain_groups = 0;  ///< routing groups that a network spans: 1 (span block) or all (span array)
  int domain_columns = 0, domain_lanes = 0;
  int domain_stages = 0;  ///< routing stages of a network: log2(domain_lanes)
  int domains = 0;        ///< networks of a ReCoN unit
  int sync_columns = 0;   ///< columns brought to one time: a whole network and whole skew groups
  int sync_groups = 0;
  int sync_steps = 0;                      ///< skew groups in a sync group
  int lead = 0;                            ///< ReCoN latency, from a row's products to the addend
  int moving_bits = 0;                     ///< moving value with its sign bit
  int merge0_bits = 0, merge1_bits = 0;    ///< result of the merge per lane
  int addend0_bits = 0, addend1_bits = 0;  ///< as added: not wider than the sum
  int addend_bits = 0;                     ///< both lanes of a PE
  int bus_bits = 0;  ///< what a row drives on its column bus: products and one activation per sync group
  int shifts_bits = 0, roles_bits = 0,
      swaps_bits = 0;  ///< parts of the settings of one network, least significant first
  int domain_settings_bits = 0;
  int settings_bits = 0;  ///< settings of a row
  int ram_width = 0, ram_depth = 0,
      ram_address_bits = 0;  ///< settings memory of one unit and sync group: two tiles of its band

  /// Cycles from a token's launch (its handshake) to its psum_valid_o.
  int latency;
  // Top: what stands around the core.
  int banks;                         ///< of output accumulators: 2 with both modes
  int unit;                          ///< columns of a bank
  int block;                         ///< columns of a block of outputs
  int block_units;                   ///< units of columns in it
  int unit_bits;                     ///< to count them, at least 1
  int weight_beat, activation_beat;  ///< bits of a beat of the streams; the output's has 32 * output_lanes
  int output_lanes;
  int section_beats;                   ///< beats with a byte for every lane
  int factor_mantissa;                 ///< t: mantissa bits of the factor of a scale
  int factor_bits;                     ///< a partial sum grows by, when that multiplies it; 0: no factors
  int factor_beats;                    ///< beats with four bits, {sign, f}, for every lane
  int entry_shift_bits;                ///< r in an entry of the weight stream
  int unit_beats;                      ///< beats with a byte for every column of a unit
  bool permuter;                       ///< activations can change rows
  int order_bits;                      ///< settings of the permuter
  int out_acc_bits;                    ///< output accumulator
  int tokens, act_words, weight_fifo;  ///< see TopConfig
  int slots;                           ///< tiles on their way from the weight reader to the last partial sum

  /// Bits in memories (not flip-flops) of the core.
  [[nodiscard]] long memory_bits() const {
    return static_cast<long>(units) * sync_groups * ram_width * ram_depth;
  }

 private:
  void set_metadata(const Config& config);
  void set_recon(const Config& config);
  void set_inline(const Config& config);
};

}  // namespace msq
