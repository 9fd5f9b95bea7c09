#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace msq::synth {

// A placed or routed design, in the subset of DEF that qflow's placement scripts and qrouter write. Lengths
// are in units of the file.

struct DefPoint {
  std::int64_t x = 0, y = 0;
  auto operator<=>(const DefPoint&) const =
      default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 is wrong here
};

struct DefRect {
  DefPoint low, high;
};

/// How a cell is turned, as DEF names it: N upright, W a quarter turn to the left; F is mirrored at the
/// vertical axis after the turn.
enum class DefOrientation { N, W, S, E, FN, FW, FS, FE };

struct DefComponent {
  std::string name, macro;
  DefPoint at;  ///< lower left corner as it is placed
  DefOrientation orientation = DefOrientation::N;
};

/// A pin at the edge of the design.
struct DefPin {
  std::string name, net, layer;
  DefRect shape;  ///< around `at`
  DefPoint at;
};

/// A pin of a component; of the design if the component is "PIN".
struct DefConnection {
  std::string component, pin;
};

struct DefWire {
  std::string layer;
  std::int64_t width = 0;  ///< 0: the layer's
  DefPoint from, to;       ///< at least one coordinate is the same
};

struct DefVia {
  std::string name;
  DefPoint at;
};

struct DefNet {
  std::string name;
  std::vector<DefConnection> connections{};
  std::vector<DefWire> wires{};
  std::vector<DefVia> vias{};
};

struct Def {
  std::string design;
  std::int64_t units = 0;  ///< in a um, > 0
  DefRect die;             ///< not empty
  std::vector<DefComponent> components;
  std::vector<DefPin> pins;
  std::vector<DefNet> nets;          ///< with what SPECIALNETS holds of their wires (short ones at pins)
  std::vector<DefNet> special_nets;  ///< others of SPECIALNETS, and all that is FIXED there: the supply

  [[nodiscard]] double um(std::int64_t length) const {
    return static_cast<double>(length) / static_cast<double>(units);
  }
};

/// Errors name the file, the line, the text found and the allowed one. A file that is cut off, holds a wire
/// that is neither horizontal nor vertical, or fewer objects than it announces, is an error.
[[nodiscard]] Result<Def> parse_def(std::string_view text, const std::string& file);
[[nodiscard]] Result<Def> read_def(const std::filesystem::path& file);

}  // namespace msq::synth
