#include "synth/def.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "support/files.hpp"
#include "synth/lef_def_scanner.hpp"

namespace msq::synth {
namespace {

constexpr std::array<std::string_view, 8> kOrientations = {"N", "W", "S", "E", "FN", "FW", "FS", "FE"};

class DefParser {
 public:
  explicit DefParser(std::string_view text) : scanner_(text) {}

  Def parse() {
    bool ended = false;
    for (std::string_view word = scanner_.next(); !ended && !word.empty();) {
      ended = statement(word);
      if (!ended) word = scanner_.next();
    }
    if (!ended) scanner_.fail("file ends before END DESIGN");
    if (def_.units == 0) scanner_.fail("no UNITS");
    if (def_.die.low.x >= def_.die.high.x || def_.die.low.y >= def_.die.high.y)
      scanner_.fail("no DIEAREA, or an empty one");
    return std::move(def_);
  }

 private:
  /// Whether it was the last one.
  bool statement(std::string_view word) {
    if (word == "END") return scanner_.word("a name") == "DESIGN";
    if (word == "DESIGN") {
      def_.design = scanner_.word("a name");
    } else if (word == "UNITS") {
      scanner_.expect("DISTANCE");
      scanner_.expect("MICRONS");
      def_.units = scanner_.integer();
      if (def_.units <= 0) scanner_.fail(fmt::format("found {}; allowed: more than 0", def_.units));
    } else if (word == "DIEAREA") {
      def_.die = rect();
    } else if (word == "COMPONENTS") {
      return section(word, [this] { component(); });
    } else if (word == "PINS") {
      return section(word, [this] { pin(); });
    } else if (word == "NETS") {
      return section(word, [this] { net(); });
    } else if (word == "SPECIALNETS") {
      return section(word, [this] { special_net(); });
    } else if (word == "VIAS" || word == "PROPERTYDEFINITIONS") {
      scanner_.skip_section(word);
      return false;
    }
    scanner_.skip_statement();
    return false;
  }

  /// "NAME count ; - item ; - item ; END NAME". Each item reads up to and with its ";".
  template <class Item>
  bool section(std::string_view name, Item item) {
    const std::int64_t announced = scanner_.integer();
    scanner_.expect(";");
    std::int64_t found = 0;
    for (std::string_view word = scanner_.word("END"); word != "END"; word = scanner_.word("END")) {
      if (word != "-") scanner_.fail(fmt::format("found {}; allowed: \"-\" or \"END\"", shown_word(word)));
      item();
      ++found;
    }
    scanner_.expect(name);
    // qrouter counts special nets that it adds wires to twice.
    if (found != announced && name != "SPECIALNETS")
      scanner_.fail(fmt::format("{}: found {}; allowed: {}, as announced", name, found, announced));
    return false;
  }

  std::string name() { return std::string(scanner_.word("a name")); }

  DefPoint point() {
    scanner_.expect("(");
    DefPoint point;
    point.x = scanner_.integer();
    point.y = scanner_.integer();
    scanner_.expect(")");
    return point;
  }

  DefRect rect() {
    const DefPoint a = point(), b = point();
    return {{std::min(a.x, b.x), std::min(a.y, b.y)}, {std::max(a.x, b.x), std::max(a.y, b.y)}};
  }

  DefOrientation orientation() {
    const std::string_view found = scanner_.word("an orientation");
    const auto* known = std::find(kOrientations.begin(), kOrientations.end(), found);
    if (known == kOrientations.end())
      scanner_.fail(fmt::format("found {}; allowed: N, W, S, E, FN, FW, FS or FE", shown_word(found)));
    return static_cast<DefOrientation>(known - kOrientations.begin());
  }

  void component() {
    DefComponent component;
    component.name = name();
    component.macro = name();
    bool placed = false;
    for (std::string_view word = scanner_.word("\";\""); word != ";"; word = scanner_.word("\";\"")) {
      if (word == "PLACED" || word == "FIXED") {
        component.at = point();
        component.orientation = orientation();
        placed = true;
      }
    }
    if (!placed) scanner_.fail(fmt::format("component {} is not placed", shown_word(component.name)));
    def_.components.push_back(std::move(component));
  }

  void pin() {
    DefPin pin;
    pin.name = name();
    bool placed = false;
    for (std::string_view word = scanner_.word("\";\""); word != ";"; word = scanner_.word("\";\"")) {
      if (word == "NET") {
        pin.net = name();
      } else if (word == "LAYER") {
        pin.layer = name();
        pin.shape = rect();
      } else if (word == "PLACED" || word == "FIXED") {
        pin.at = point();
        orientation();
        placed = true;
      }
    }
    if (!placed) scanner_.fail(fmt::format("pin {} is not placed", shown_word(pin.name)));
    def_.pins.push_back(std::move(pin));
  }

  /// Connections before the first "+" or the ";". Returns that word.
  std::string_view connections(DefNet& net) {
    for (std::string_view word = scanner_.word("\";\"");; word = scanner_.word("\";\"")) {
      if (word == "+" || word == ";") return word;
      if (word != "(")
        scanner_.fail(fmt::format("found {}; allowed: \"(\", \"+\" or \";\"", shown_word(word)));
      DefConnection connection;
      connection.component = name();
      connection.pin = name();
      scanner_.expect(")");
      net.connections.push_back(std::move(connection));
    }
  }

  /// A coordinate of a path: "*" repeats that of the point before.
  std::int64_t coordinate(const std::optional<std::int64_t>& before) {
    if (scanner_.peek() != "*") return scanner_.integer();
    scanner_.next();
    if (!before) scanner_.fail("found \"*\" in the first point of a path; allowed: a number");
    return *before;
  }

  /// "metal1 ( 1 2 ) ( * 3 ) VIA NEW metal2 40 ( ..." up to and with the next "+" or ";", which it returns.
  std::string_view paths(DefNet& net, bool special) {
    while (true) {
      const std::string layer = name();
      std::int64_t width = 0;
      if (special) {
        width = scanner_.integer();
        if (width < 0) scanner_.fail(fmt::format("found {}; allowed: 0 or more", width));
      }
      std::optional<DefPoint> last;
      bool via = false;
      std::string_view word = scanner_.word("\";\"");
      for (; word != "NEW" && word != "+" && word != ";"; word = scanner_.word("\";\"")) {
        if (via) {
          scanner_.fail(
              fmt::format("found {}; allowed: \"NEW\", \"+\" or \";\" behind a via", shown_word(word)));
        }
        if (word != "(") {
          if (!last) scanner_.fail(fmt::format("found {}; allowed: \"(\"", shown_word(word)));
          net.vias.push_back({std::string(word), *last});
          via = true;
          continue;
        }
        DefPoint point;
        point.x = coordinate(last ? std::optional(last->x) : std::nullopt);
        point.y = coordinate(last ? std::optional(last->y) : std::nullopt);
        scanner_.expect(")");
        if (last) {
          if (last->x != point.x && last->y != point.y)
            scanner_.fail("found a wire askew; allowed: horizontal or vertical");
          // A point where a power stripe has its via is written twice.
          if (*last != point) net.wires.push_back({layer, width, *last, point});
        }
        last = point;
      }
      if (!last) scanner_.fail("found a path without a point; allowed: one or more");
      if (word != "NEW") return word;
    }
  }

  void net() {
    DefNet net{.name = name()};
    std::string_view word = connections(net);
    while (word == "+") {
      const std::string_view what = scanner_.word("a property");
      if (what == "ROUTED" || what == "FIXED" || what == "COVER") {
        word = paths(net, false);
      } else {
        do {
          word = scanner_.word("\";\"");
        } while (word != "+" && word != ";");
      }
    }
    if (!index_.emplace(net.name, def_.nets.size()).second)
      scanner_.fail(fmt::format("net {} twice", shown_word(net.name)));
    def_.nets.push_back(std::move(net));
  }

  void special_net() {
    DefNet fixed{.name = name()};
    const auto known = index_.find(fixed.name);
    std::string_view word = connections(fixed);
    while (word == "+") {
      const std::string_view what = scanner_.word("a property");
      if (what == "ROUTED" && known != index_.end()) {
        word = paths(def_.nets[known->second], true);
      } else if (what == "ROUTED" || what == "FIXED" || what == "COVER") {
        word = paths(fixed, true);
      } else {
        do {
          word = scanner_.word("\";\"");
        } while (word != "+" && word != ";");
      }
    }
    if (!fixed.wires.empty() || !fixed.vias.empty()) def_.special_nets.push_back(std::move(fixed));
  }

  LefDefScanner scanner_;
  Def def_;
  std::map<std::string, std::size_t> index_;  ///< of nets
};

}  // namespace

Result<Def> parse_def(std::string_view text, const std::string& file) {
  try {
    return DefParser(text).parse();
  } catch (const LefDefError& error) {
    return Error(fmt::format("{}:{}: {}", file, error.line, error.what()));
  }
}

Result<Def> read_def(const std::filesystem::path& file) {
  MSQ_TRY(const std::string text, read_text(file));
  return parse_def(text, file.string());
}

}  // namespace msq::synth
