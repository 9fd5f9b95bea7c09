#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace msq::tb {

// Numbers of the accelerator's streams. The tables of docs/accelerator.md ("Streams") are made from here;
// tests/rtl/reader_test.cpp holds rtl/ against it.

/// Field of the word that begins a tile in the weight stream.
struct HeaderField {
  std::string_view name;
  int lsb = 0;
  int width = 1;
  std::string_view meaning;

  [[nodiscard]] constexpr std::uint32_t mask() const { return ((1U << width) - 1) << lsb; }
  [[nodiscard]] constexpr std::uint32_t get(std::uint32_t header) const { return (header & mask()) >> lsb; }
  [[nodiscard]] constexpr std::uint32_t put(std::uint32_t value) const { return value << lsb & mask(); }
  /// `header` with this field replaced.
  [[nodiscard]] constexpr std::uint32_t with(std::uint32_t header, std::uint32_t value) const {
    return (header & ~mask()) | put(value);
  }
};

inline constexpr std::uint32_t kMarkerValue = 0xa5;

namespace header {
inline constexpr HeaderField kMarker{"marker", 0, 8, "0xa5"};
inline constexpr HeaderField kMode4{"mode4", 8, 1,
                                    "codes of mode 4, else of mode 2; the same for all tiles along K"};
inline constexpr HeaderField kScales{"scales", 9, 1, "scales follow; always set in the first tile along K"};
inline constexpr HeaderField kOrder{"order", 10, 1,
                                    "an order of the rows follows; only on arrays with a permuter"};
inline constexpr HeaderField kShifts{"shifts", 11, 1, "row shifts follow; only with `row_align_bits`"};
inline constexpr HeaderField kMore{
    "more", 12, 1,
    "the next tile has the same rows (path `inline`: it holds what did not fit "
    "this one; its activations are read again)"};
inline constexpr HeaderField kPairs{
    "pairs", 13, 1,
    "the tile takes the next two tiles along K, not one (the last of an odd "
    "number alone); in mode 2 on paths `inline` and `none`, if an activation block "
    "has two or more; the same for all tiles along K"};
inline constexpr HeaderField kReserved{"reserved", 14, 2, "zero"};
inline constexpr HeaderField kInterval{"interval", 16, 8, "initiation interval, 1 to 255"};
inline constexpr HeaderField kGap{"gap", 24, 8, "launch gap, 1 to 255"};
}  // namespace header

/// All 32 bits, least significant first.
inline constexpr std::array kHeaderFields = {
    header::kMarker, header::kMode4, header::kScales,   header::kOrder,    header::kShifts,
    header::kMore,   header::kPairs, header::kReserved, header::kInterval, header::kGap};

/// Part of a tile behind its header: `elements` of `bits` bits, padded to whole beats.
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

/// In the order of the stream; the rows of codes follow.
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
