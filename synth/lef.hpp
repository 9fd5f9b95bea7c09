#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace msq::synth {

// The parts of a library that placement and routing use: its layers, vias and the outlines and pins of its
// cells. Lengths are in um.

struct LefRect {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};

/// A layer of wires.
struct LefLayer {
  std::string name;
  bool horizontal = false;      ///< direction that the router prefers
  double width = 0;             ///< of a wire
  double pitch = 0;             ///< of its tracks
  double resistance = 0;        ///< ohm per square; 0 if the library gives none
  double capacitance = 0;       ///< pF per um^2; 0 if the library gives none
  double edge_capacitance = 0;  ///< pF per um of edge; 0 if the library gives none
};

struct LefVia {
  std::vector<std::string> layers{};  ///< those of wires, in the order of the file
  double resistance = 0;              ///< ohm; 0 if the library gives none
};

/// Where a pin can be reached.
struct LefShape {
  std::string layer;
  LefRect rect;
};

struct LefPin {
  enum class Use { signal, power, ground };
  std::string name;
  Use use = Use::signal;
  std::vector<LefShape> shapes{};
};

struct LefMacro {
  double width = 0, height = 0;
  std::vector<LefPin> pins{};

  [[nodiscard]] const LefPin* pin(std::string_view name) const;
  /// No pins except those of the supply: it fills a gap in a row.
  [[nodiscard]] bool is_filler() const;
};

struct Lef {
  std::vector<LefLayer> layers;  ///< of wires, the lowest first
  std::map<std::string, LefVia, std::less<>> vias;
  std::map<std::string, LefMacro, std::less<>> macros;

  [[nodiscard]] std::optional<std::size_t> layer(std::string_view name) const;
  /// Name of the supply's pins; empty if no cell has one.
  [[nodiscard]] std::string supply(LefPin::Use use) const;
  /// The narrowest; empty if there is none.
  [[nodiscard]] std::string filler() const;
};

/// Errors name the file, the line, the text found and the allowed one; also if there is no layer or no cell.
[[nodiscard]] Result<Lef> parse_lef(std::string_view text, const std::string& file);
[[nodiscard]] Result<Lef> read_lef(const std::filesystem::path& file);

}  // namespace msq::synth
