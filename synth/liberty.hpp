#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace msq::synth {

struct BufferPins {
  std::string input, output;
};

/// Properties of one standard cell that a report needs.
struct LibertyCell {
  std::optional<double> area{};  ///< in the library's unit, by convention um^2; none if the file gives none
  bool flip_flop = false;        ///< has an `ff` or `ff_bank` group
  bool latch = false;            ///< has a `latch` or `latch_bank` group
  bool dont_use = false;         ///< the library forbids it
  std::optional<BufferPins> buffer{};  ///< if it is a buffer: the output's function is its only input
};

/// Bytes of a Liberty file, and the text that tools need in their place.
struct LibertyEdit {
  std::size_t offset = 0, length = 0;
  std::string text{};
};

/// Properties of a standard-cell library that an area report needs.
struct Liberty {
  std::string name;
  std::map<std::string, LibertyCell, std::less<>> cells;
  std::string gate_cell;  ///< the 2-input NAND of smallest area
  double gate_area = 0;   ///< its area, the unit of gate equivalents; > 0
  double voltage = 0;     ///< nom_voltage, in V; 0 if the file gives none
  /// Power of ten that areas are multiplied by in what tools read: Yosys prints six decimals. 1 unless the
  /// gate cell has less than 0.01 or more than 1e5.
  double area_factor = 1;
  /// Replacements of the file's text for tools, in its order: no byte order mark; `dont_use : false`
  /// gone, which abc takes for true; other forms of true as `true`; areas times area_factor.
  std::vector<LibertyEdit> edits{};

  bool has_flip_flop() const;  ///< that may be used
  bool has_latch() const;
};

/// The OSU 0.18 um library as Debian's qflow-tech-osu018 installs it: what areas are reported in by default.
inline constexpr const char* kOsu018Liberty = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

/// Reads a Liberty file (plain text, any size: groups that say nothing of area are passed over quickly).
/// Errors: unreadable, compressed, truncated or malformed file (with its line), no cells, no 2-input NAND.
Result<Liberty> read_liberty(const std::filesystem::path& path);

/// As read_liberty, from text; `file` is the name that messages give.
Result<Liberty> parse_liberty(std::string_view text, std::string_view file);

}  // namespace msq::synth
