#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "golden/exec/plan.hpp"

namespace msq::tb {

// Shape of the weight stream (docs/reference/streams.md): blocks of tiles, and their layout.
// The packer writes it, the cycle model follows it.

/// Parts of a tile in the sections of its block.
struct TileParts {
  bool references = false;
  bool scales = false;  ///< and factors, with encoding full_range
  bool order = false;
  bool shifts = false;
};

/// A tile of the weight stream, as the accelerator's timing depends on it.
struct StreamTile {
  TileParts parts;
  bool mode4 = false;
  bool pairs = false;         ///< tiles of its column tile take two tiles along K
  bool more = false;          ///< the next tile has the same rows
  std::vector<bool> flagged;  ///< [rows] physical rows that use a ReCoN unit
  int initiation_interval = 1;
  int launch_gap = 1;
  int columns = 8;  ///< logical columns of the tile's mode
  int words = 1;    ///< activation words that a token of it takes: 1, or 2
  int fields = 0;   ///< micro-blocks of a physical row, at all its places
  /// Micro-block of each outlier, row * fields + field; ascending, equal for outliers of one micro-block.
  std::vector<std::uint32_t> outliers;

  [[nodiscard]] int flagged_rows() const {
    return static_cast<int>(std::count(flagged.begin(), flagged.end(), true));
  }
  /// An order or row shifts come with it.
  [[nodiscard]] bool edge() const { return parts.order || parts.shifts; }
};

/// Tiles that share a header.
struct StreamBlock {
  std::size_t first = 0;  ///< of the packet's tiles
  std::size_t tiles = 0;
  bool described = false;  ///< each tile has a description; else the first and each 2^period-th after it have
                           ///< scales, if `scales`, and no other part comes
  bool scales = false;
  int period = 0;
  int section_beats = 0;  ///< with the header's
  int entry_beats = 0;
};

/// An entry of the weight stream: fields from that of the entry before to its own, and whether an outlier is
/// there.
struct EntrySkip {
  int skip = 0;
  bool outlier = false;
  std::size_t row = 0;  ///< row of the block that holds its field
};

/// Sizes of the weight stream of an array.
class WeightStream {
 public:
  explicit WeightStream(const Dimensions& d);

  [[nodiscard]] int beat_bits() const { return beat_bits_; }
  [[nodiscard]] int array_rows() const { return rows_; }
  /// Bits of the unit in which sections are laid out and read.
  [[nodiscard]] int word_bits() const { return word_bits_; }
  /// Bits of the skip of an entry.
  [[nodiscard]] int skip_bits() const { return skip_bits_; }
  /// Bits of a description, and tiles that a word describes.
  [[nodiscard]] int description_bits() const { return schedule_ ? 32 : 8; }
  [[nodiscard]] std::size_t described_tiles() const {
    return static_cast<std::size_t>(word_bits_ / description_bits());
  }
  [[nodiscard]] int entries_per_beat() const { return beat_bits_ / 16; }
  /// Beats of codes of a tile.
  [[nodiscard]] int code_beats() const { return code_beats_; }

  /// Words of the header of a block.
  [[nodiscard]] int header_words() const { return words_of(64); }
  /// Words of a part that has `bits` bits.
  [[nodiscard]] int words_of(int bits) const { return (bits + word_bits_ - 1) / word_bits_; }
  /// Words of the parts of a tile.
  [[nodiscard]] int part_words(const StreamTile& tile) const;
  /// Beats of all of a block: sections, entries, codes.
  [[nodiscard]] std::size_t beats(const StreamBlock& block) const {
    return static_cast<std::size_t>(block.section_beats + block.entry_beats) +
           block.tiles * static_cast<std::size_t>(code_beats());
  }

  /// Cuts the tiles of a packet into blocks: each as many as its counts and the buffers of the hardware
  /// allow, of one mode, ended where scales follow if it can be.
  [[nodiscard]] std::vector<StreamBlock> blocks(std::span<const StreamTile> tiles) const;
  /// Entries of a block, whole beats of them: the last ones may be without an outlier.
  [[nodiscard]] std::vector<EntrySkip> entries(std::span<const StreamTile> tiles) const;

 private:
  [[nodiscard]] StreamBlock block(std::span<const StreamTile> tiles) const;
  [[nodiscard]] bool fits(const StreamBlock& block) const;

  int rows_;
  int code_beats_;
  int ways_;
  int beat_bits_;
  int word_bits_;
  int skip_bits_;
  bool factors_;
  bool schedule_;
  int order_bits_;
  int section_depth_, entry_depth_;
};

/// Whether the rows of a planned tile change places, so that an order comes with it.
[[nodiscard]] bool is_ordered(const golden::PlannedTile& planned);

/// @param place of the tile. @param bits of its codes. @param pairs of its column tile.
[[nodiscard]] StreamTile stream_tile(const WeightStream& stream, const golden::PlannedTile& planned,
                                     const golden::TilePlace& place, int bits, bool pairs,
                                     const TileParts& parts);

}  // namespace msq::tb
