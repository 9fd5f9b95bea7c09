#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace msq::tb {

// Numbers of the accelerator's streams. The tables of docs/reference/streams.md are made from here;
// tests/rtl/reader_test.cpp holds rtl/ against it.

/// Field of a word of the weight stream.
struct HeaderField {
  std::string_view name;
  int lsb = 0;
  int width = 1;
  std::string_view meaning;

  [[nodiscard]] constexpr std::uint32_t mask() const { return ((1U << width) - 1) << lsb; }
  [[nodiscard]] constexpr std::uint32_t get(std::uint32_t word) const { return (word & mask()) >> lsb; }
  [[nodiscard]] constexpr std::uint32_t put(std::uint32_t value) const { return value << lsb & mask(); }
  /// `word` with this field replaced.
  [[nodiscard]] constexpr std::uint32_t with(std::uint32_t word, std::uint32_t value) const {
    return (word & ~mask()) | put(value);
  }
};

inline constexpr std::size_t kMostBlockTiles = 255;

/// Bits 31:0 of the header of a block.
namespace header {
inline constexpr HeaderField kHashLow{"hash, low", 0, 8,
                                      "bits 7:0 of the register `config_hash`: the packet is for this array"};
inline constexpr HeaderField kTiles{"tiles", 8, 8, "tiles of the block, 1 to 255"};
inline constexpr HeaderField kMode4{"mode4", 16, 1,
                                    "codes of mode 4, else of mode 2; the same for all tiles along K"};
inline constexpr HeaderField kPairs{
    "pairs", 17, 1,
    "a tile takes the next two tiles along K, not one (the last of an odd number alone); in mode 2 on paths "
    "`inline` and `none`, if an activation block has two or more; the same for all tiles along K"};
inline constexpr HeaderField kDescribed{"described", 18, 1,
                                        "each tile has a description; always on path `recon`"};
inline constexpr HeaderField kLast{"last", 19, 1, "the block is the last one of its packet"};
inline constexpr HeaderField kPeriod{"period", 20, 3, "p, see `scales`"};
inline constexpr HeaderField kScales{"scales", 23, 1,
                                     "without descriptions: scales come with the first tile of the block and "
                                     "each 2^p-th after it, else with none"};
inline constexpr HeaderField kHashHigh{"hash, high", 24, 8, "bits 15:8 of the register `config_hash`"};

/// Both fields of the hash.
[[nodiscard]] constexpr std::uint32_t put_hash(std::uint32_t config_hash) {
  return kHashLow.put(config_hash) | kHashHigh.put(config_hash >> kHashLow.width);
}
}  // namespace header

/// Least significant first.
inline constexpr std::array kHeaderFields = {header::kHashLow, header::kTiles,     header::kMode4,
                                             header::kPairs,   header::kDescribed, header::kLast,
                                             header::kPeriod,  header::kScales,    header::kHashHigh};

/// Bits 63:32 of the header.
namespace counts {
inline constexpr HeaderField kSections{"section beats", 0, 16, "beats of sections, with the header's"};
inline constexpr HeaderField kEntries{"entry beats", 16, 16, "beats of entries"};
}  // namespace counts

inline constexpr std::array kCountFields = {counts::kSections, counts::kEntries};

/// Description of a tile: 8 bits, on path `recon` 32.
namespace description {
inline constexpr HeaderField kScales{"scales", 0, 1, "scales come; always with the first tile along K"};
inline constexpr HeaderField kOrder{"order", 1, 1,
                                    "an order of the rows comes; only on arrays with a permuter"};
inline constexpr HeaderField kShifts{"shifts", 2, 1, "row shifts come; only with `row_align_bits`"};
inline constexpr HeaderField kMore{
    "more", 3, 1,
    "the next tile has the same rows (path `inline`: it holds what did not fit this one; its activations are "
    "read again)"};
inline constexpr HeaderField kReserved{"reserved", 4, 4, "zero"};
inline constexpr HeaderField kReservedRecon{"reserved", 8, 8, "path `recon`: zero"};
inline constexpr HeaderField kInterval{"interval", 16, 8, "path `recon`: initiation interval, 1 to 255"};
inline constexpr HeaderField kGap{"gap", 24, 8, "path `recon`: launch gap, 1 to 255"};
}  // namespace description

inline constexpr std::array kDescriptionFields = {
    description::kScales,   description::kOrder,         description::kShifts,   description::kMore,
    description::kReserved, description::kReservedRecon, description::kInterval, description::kGap};

/// An entry: {skip, r, Upper_loc, Lower_loc}, the locations of log2(B_mu) bits lowest.
namespace entry {
inline constexpr int kBits = 16;
inline constexpr int kShiftBits = 4;
}  // namespace entry

/// Part of a tile: `elements` of `bits` bits, padded to whole words.
struct TilePartFormat {
  std::string_view name;
  int bits = 8;
  std::string_view element;
  std::string_view content;
};

namespace part {
inline constexpr TilePartFormat kReferences{"references", 8, "column",
                                            "Iref. With the first tile along K, only there"};
inline constexpr TilePartFormat kScales{"scales", 8, "column",
                                        "Isf - Iref, -64 (or less) to 4. Without them those of the tile "
                                        "before hold; the first tile along K has them. One "
                                        "set per macro-block is enough"};
inline constexpr TilePartFormat kFactors{"factors", 4, "column",
                                         "encoding `full_range`, after scales whenever they come: {negative, "
                                         "f}, f in the low t bits, of factor = +-(2^t + "
                                         "f)"};
inline constexpr TilePartFormat kOrder{"order", 1, "switch",
                                       "settings of the permuter. Without them rows stay in their order. "
                                       "Only on arrays with fewer ReCoN units than rows, "
                                       "or where rows share outlier units"};
inline constexpr TilePartFormat kShifts{"row shifts", 4, "place",
                                        "of the rows at places 0, 1 ..; axis `output`, only with "
                                        "`row_align_bits`"};
}  // namespace part

/// In the order of the stream.
inline constexpr std::array kTileParts = {part::kReferences, part::kScales, part::kFactors, part::kOrder,
                                          part::kShifts};

/// Range of a relative scale Isf - Iref: below it nothing is left of a partial sum.
inline constexpr int kLeastRelativeScale = -64;
inline constexpr int kMostRelativeScale = 4;

/// Code of an activation or output block of zeros in place of its scale.
inline constexpr std::uint32_t kZeroBlock = 0x80;

/// Format of the outputs, as the register `format` has it.
enum class OutputFormat { raw = 0, fp32 = 1, mx8 = 2, mx4 = 3 };
/// Whether outputs leave in blocks that share scales.
[[nodiscard]] constexpr bool is_mx(OutputFormat format) {
  return format == OutputFormat::mx8 || format == OutputFormat::mx4;
}

}  // namespace msq::tb
