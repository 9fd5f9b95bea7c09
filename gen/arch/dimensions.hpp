#pragma once

#include "gen/config/config.hpp"

namespace msq {

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
  int p0_bits;   ///< product of lane 0, without sign bit
  int p1_bits;   ///< product of lane 1
  int product_bits;  ///< both lanes with their sign bits
  int skew_columns;
  int skew_groups;  ///< column groups, each one cycle later than the one before

  // ReCoN; zero on path none.
  bool recon;
  int units, band_rows;
  int micro_block;
  int locations;      ///< log2(micro_block)
  int list_entries;   ///< entries of a permutation list: n_max
  int list_bits;      ///< permutation list of one micro-block
  int group_columns;  ///< PE columns of a routing group: the smallest set whose lanes hold whole micro-blocks
                      ///< in every mode
  int group_lanes;
  int group_fields;   ///< metadata fields (micro-blocks in mode 2, if supported) of a routing group
  int group_stages;   ///< routing stages inside a routing group
  int groups;         ///< routing groups of the array
  int fields;         ///< metadata fields of a row
  int domain_groups;  ///< routing groups that a network spans: 1 (span block) or all (span array)
  int domain_columns, domain_lanes;
  int domain_stages;  ///< routing stages of a network: log2(domain_lanes)
  int domains;        ///< networks of a ReCoN unit
  int sync_columns;   ///< columns brought to one time: a whole network and whole skew groups
  int sync_groups;
  int sync_steps;  ///< skew groups in a sync group
  int lead;        ///< ReCoN latency, from a row's products to the addend
  int shift_max, shift_bits;
  int moving_bits;                 ///< moving value with its sign bit
  int merge0_bits, merge1_bits;    ///< result of the merge per lane
  int addend0_bits, addend1_bits;  ///< as added: not wider than the sum
  int addend_bits;                 ///< both lanes of a PE
  int bus_bits;  ///< what a row drives on its column bus: products and one activation per sync group
  int shifts_bits, roles_bits, swaps_bits;  ///< parts of the settings of one network, least significant first
  int domain_settings_bits;
  int settings_bits;  ///< settings of a row
  int ram_width, ram_depth,
      ram_address_bits;  ///< settings memory of one unit and sync group: two tiles of its band

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
};

}  // namespace msq
