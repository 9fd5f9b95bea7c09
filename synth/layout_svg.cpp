#include "synth/layout_svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

namespace msq::synth {
namespace {

/// Colours of wires, the lowest layer first; a library with more layers begins again.
constexpr std::array<const char*, 6> kLayerColours = {"#1f5fbf", "#c8322b", "#2e8b3d",
                                                      "#e08a1e", "#8a3fb0", "#12888e"};

enum CellKind { kFlipFlop, kGate, kFiller };
struct KindStyle {
  const char* name;
  const char* colour;
};
constexpr std::array<KindStyle, 3> kKinds = {
    {{"flip-flop", "#a9cdef"}, {"gate", "#f1e4bd"}, {"filler", "#e9e9e9"}}};
constexpr const char* kSupplyColour = "#777777";

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '&':
        result += "&amp;";
        break;
      case '"':
        result += "&quot;";
        break;
      default: {
        // Names of a file may hold anything; XML may not.
        const bool plain = std::isprint(static_cast<unsigned char>(c)) != 0;
        result += plain ? c : '?';
      }
    }
  }
  return result;
}

/// A pin's name with brackets as in Verilog, not as in DEF.
std::string pin_name(std::string name) {
  std::replace(name.begin(), name.end(), '<', '[');
  std::replace(name.begin(), name.end(), '>', ']');
  return escaped(name);
}

/// A length in um as short as it can be written; the grid is no finer than a hundredth.
std::string um(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? std::string(1, '0') : text;
}

/// 1, 2 or 5 times a power of ten, about a fifth of a length.
double scale_length(double width) {
  const double power = std::pow(10, std::floor(std::log10(width / 5)));
  for (const double factor : {5.0, 2.0}) {
    if (factor * power <= width / 5) return factor * power;
  }
  return power;
}

class Picture {
 public:
  Picture(const Def& def, const Lef& lef, const Liberty& liberty)
      : def_(def),
        lef_(lef),
        liberty_(liberty),
        width_(def.um(def.die.high.x - def.die.low.x)),
        height_(def.um(def.die.high.y - def.die.low.y)),
        unit_(std::max(width_, height_) / 100) {}

  std::string draw(const std::string& caption) {
    std::size_t longest = 0;
    for (const DefPin& pin : def_.pins) longest = std::max(longest, pin.name.size());
    const double label = 2 + 0.65 * kLabel * static_cast<double>(longest);  // room for names of pins
    const double left = label, top = label + 6 * unit_;
    const double legend = 26 * unit_;
    const double page_width = left + width_ + label + legend, page_height = top + height_ + label + 6 * unit_;
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\" "
        "font-family=\"sans-serif\">\n",
        std::lround(kPixels), std::lround(kPixels * page_height / page_width), um(page_width),
        um(page_height));
    add("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    add("<text x=\"{}\" y=\"{}\" font-size=\"{}\">{}</text>\n", um(left), um(4 * unit_), um(2.6 * unit_),
        escaped(caption));
    // Within this group y goes up, as in the layout.
    add("<g transform=\"translate({} {}) scale(1 -1)\">\n", um(left - def_.um(def_.die.low.x)),
        um(top + height_ + def_.um(def_.die.low.y)));
    add("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"black\" "
        "stroke-width=\"{}\"/>\n",
        um(def_.um(def_.die.low.x)), um(def_.um(def_.die.low.y)), um(width_), um(height_), um(unit_ / 5));
    cells();
    supply();
    wires();
    pins();
    add("</g>\n");
    labels(left, top);
    legend_at(left + width_ + label + 2 * unit_, top);
    scale_bar(left, top + height_ + label + 2 * unit_);
    return text_ + "</svg>\n";
  }

 private:
  static constexpr double kPixels = 1400;
  static constexpr double kLabel = 1.3;  ///< size of a pin's name in um: less than the pitch of the pins

  template <class... T>
  void add(fmt::format_string<T...> format, T&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<T>(values)...);
  }

  [[nodiscard]] CellKind kind(const std::string& macro) const {
    const auto outline = lef_.macros.find(macro);
    if (outline != lef_.macros.end() && outline->second.is_filler()) return kFiller;
    const auto cell = liberty_.cells.find(macro);
    return cell != liberty_.cells.end() && (cell->second.flip_flop || cell->second.latch) ? kFlipFlop : kGate;
  }

  void cells() {
    std::array<std::string, kKinds.size()> outlines;
    for (const DefComponent& c : def_.components) {
      const auto macro = lef_.macros.find(c.macro);
      if (macro == lef_.macros.end()) continue;
      double w = macro->second.width, h = macro->second.height;
      const DefOrientation o = c.orientation;
      if (o == DefOrientation::W || o == DefOrientation::E || o == DefOrientation::FW ||
          o == DefOrientation::FE)
        std::swap(w, h);
      const CellKind of = kind(c.macro);
      outlines[of] +=
          fmt::format("M{} {}h{}v{}h-{}z", um(def_.um(c.at.x)), um(def_.um(c.at.y)), um(w), um(h), um(w));
      ++cells_[of];
    }
    for (std::size_t i = 0; i < outlines.size(); ++i) {
      if (!outlines[i].empty())
        add("<path class=\"{}\" fill=\"{}\" stroke=\"#999\" stroke-width=\".1\" d=\"{}\"/>\n", kKinds[i].name,
            kKinds[i].colour, outlines[i]);
    }
  }

  [[nodiscard]] std::string line(const DefWire& wire) const {
    std::string path = fmt::format("M{} {}", um(def_.um(wire.from.x)), um(def_.um(wire.from.y)));
    return path + (wire.from.y == wire.to.y ? fmt::format("h{}", um(def_.um(wire.to.x - wire.from.x)))
                                            : fmt::format("v{}", um(def_.um(wire.to.y - wire.from.y))));
  }

  /// Stripes only: the vias below them would hide the rows.
  void supply() {
    std::map<std::int64_t, std::string> by_width;
    for (const DefNet& net : def_.special_nets) {
      for (const DefWire& wire : net.wires) by_width[wire.width] += line(wire);
    }
    for (const auto& [width, path] : by_width) {
      add("<path class=\"supply\" fill=\"none\" stroke=\"{}\" stroke-opacity=\".35\" stroke-width=\"{}\" "
          "d=\"{}\"/>\n",
          kSupplyColour, um(def_.um(width)), path);
    }
  }

  void wires() {
    std::string vias;
    std::vector<std::map<std::int64_t, std::string>> paths(lef_.layers.size());  // by width
    for (const DefNet& net : def_.nets) {
      for (const DefWire& wire : net.wires) {
        const auto layer = lef_.layer(wire.layer);
        if (layer) paths[*layer][wire.width] += line(wire);
      }
      for (const DefVia& via : net.vias)
        vias += fmt::format("M{} {}h0", um(def_.um(via.at.x)), um(def_.um(via.at.y)));
    }
    used_.resize(paths.size());
    for (std::size_t i = 0; i < paths.size(); ++i) {
      for (const auto& [width, path] : paths[i]) {
        used_[i] = true;
        add("<path class=\"{}\" fill=\"none\" stroke=\"{}\" stroke-opacity=\".8\" stroke-width=\"{}\" "
            "stroke-linecap=\"square\" d=\"{}\"/>\n",
            escaped(lef_.layers[i].name), colour(i), um(width > 0 ? def_.um(width) : lef_.layers[i].width),
            path);
      }
    }
    // A line of no length with square ends is a square.
    if (!vias.empty()) {
      add("<path class=\"via\" fill=\"none\" stroke=\"#222\" stroke-width=\".3\" stroke-linecap=\"square\" "
          "d=\"{}\"/>\n",
          vias);
    }
  }

  static const char* colour(std::size_t layer) { return kLayerColours[layer % kLayerColours.size()]; }

  [[nodiscard]] std::string fill(const DefPin& pin) const {
    const auto layer = lef_.layer(pin.layer);
    return layer ? colour(*layer) : "black";
  }

  void pins() {
    for (const DefPin& pin : def_.pins) {
      const double x = def_.um(pin.at.x), y = def_.um(pin.at.y);
      constexpr double kSize = 1;
      add("<rect class=\"pin\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" stroke=\"black\" "
          "stroke-width=\".1\"><title>{}</title></rect>\n",
          um(x - kSize / 2), um(y - kSize / 2), um(kSize), um(kSize), fill(pin), pin_name(pin.name));
    }
  }

  /// Names of pins outside the die, beside the nearest edge.
  void labels(double left, double top) {
    add("<g font-size=\"{}\" fill=\"#333\">\n", um(kLabel));
    for (const DefPin& pin : def_.pins) {
      const double x = left + def_.um(pin.at.x - def_.die.low.x);
      const double y = top + def_.um(def_.die.high.y - pin.at.y);
      const double to_left = x - left, to_right = left + width_ - x, to_top = y - top,
                   to_bottom = top + height_ - y;
      const double nearest = std::min({to_left, to_right, to_top, to_bottom});
      double at_x = x + kLabel * 0.35, at_y = y + kLabel * 0.35;  // y is the baseline of the text
      const char* anchor = "start";
      const char* turn = "";
      if (nearest == to_left) {
        at_x = left - 1;
        anchor = "end";
      } else if (nearest == to_right) {
        at_x = left + width_ + 1;
      } else {
        turn = "-90";
        at_y = nearest == to_top ? top - 1 : top + height_ + 1;
        anchor = nearest == to_top ? "start" : "end";
      }
      if (*turn == '\0') {
        add("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>\n", um(at_x), um(at_y), anchor,
            pin_name(pin.name));
      } else {
        add("<text transform=\"translate({} {}) rotate({})\" text-anchor=\"{}\">{}</text>\n", um(at_x),
            um(at_y), turn, anchor, pin_name(pin.name));
      }
    }
    add("</g>\n");
  }

  void legend_at(double x, double y) {
    const double size = 2 * unit_, step = 3.2 * unit_;
    const auto entry = [&](const char* fill, double opacity, const std::string& name) {
      add("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\" fill-opacity=\"{}\" "
          "stroke=\"#999\" "
          "stroke-width=\"{}\"/>\n<text x=\"{}\" y=\"{}\" font-size=\"{}\">{}</text>\n",
          um(x), um(y), um(size), um(size), fill, um(opacity), um(unit_ / 20), um(x + 1.5 * size),
          um(y + 0.85 * size), um(size), escaped(name));
      y += step;
    };
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      if (cells_[i] > 0) entry(kKinds[i].colour, 1, fmt::format("{} ({})", kKinds[i].name, cells_[i]));
    }
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (used_[i]) entry(colour(i), 0.8, lef_.layers[i].name);
    }
    if (!def_.special_nets.empty()) entry(kSupplyColour, 0.35, "supply stripe");
  }

  void scale_bar(double x, double y) {
    const double length = scale_length(width_);
    add("<path class=\"scale\" fill=\"none\" stroke=\"black\" stroke-width=\"{}\" d=\"M{} {}v{}h{}v-{}\"/>\n",
        um(unit_ / 4), um(x), um(y), um(unit_), um(length), um(unit_));
    add("<text x=\"{}\" y=\"{}\" font-size=\"{}\">{} um</text>\n", um(x + length + unit_),
        um(y + 1.2 * unit_), um(2 * unit_), um(length));
  }

  const Def& def_;
  const Lef& lef_;
  const Liberty& liberty_;
  double width_, height_;
  double unit_;  ///< a hundredth of the longer side
  std::array<int, kKinds.size()> cells_{};
  std::vector<bool> used_;  ///< layers with wires
  std::string text_;
};

}  // namespace

std::string layout_svg(const Def& def, const Lef& lef, const Liberty& liberty, const std::string& caption) {
  return Picture(def, lef, liberty).draw(caption);
}

}  // namespace msq::synth
