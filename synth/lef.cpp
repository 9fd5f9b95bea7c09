#include "synth/lef.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "support/files.hpp"
#include "synth/lef_def_scanner.hpp"

namespace msq::synth {
namespace {

class LefParser {
 public:
  explicit LefParser(std::string_view text) : scanner_(text) {}

  Lef parse() {
    bool ended = false;
    for (std::string_view word = scanner_.next(); !word.empty(); word = scanner_.next()) {
      ended = word == "END" && scanner_.peek() == "LIBRARY";
      if (ended) break;
      if (word == "LAYER") {
        layer();
      } else if (word == "VIA") {
        via();
      } else if (word == "MACRO") {
        macro();
      } else if (word == "SITE" || word == "VIARULE" || word == "NONDEFAULTRULE") {
        scanner_.skip_section(name());
      } else if (word == "UNITS" || word == "SPACING" || word == "PROPERTYDEFINITIONS") {
        scanner_.skip_section(word);
      } else {
        scanner_.skip_statement();
      }
    }
    if (!ended) scanner_.fail("file ends before END LIBRARY");
    if (lef_.layers.empty()) scanner_.fail("no layer of wires (LAYER with TYPE ROUTING)");
    if (lef_.macros.empty()) scanner_.fail("no cell (MACRO)");
    return std::move(lef_);
  }

 private:
  std::string name() { return std::string(scanner_.word("a name")); }

  double positive() {
    const double value = scanner_.number();
    if (value <= 0) scanner_.fail(fmt::format("found {}; allowed: more than 0", value));
    return value;
  }

  double not_negative() {
    const double value = scanner_.number();
    if (value < 0) scanner_.fail(fmt::format("found {}; allowed: 0 or more", value));
    return value;
  }

  LefRect rect() {
    const double x1 = scanner_.number(), y1 = scanner_.number();
    const double x2 = scanner_.number(), y2 = scanner_.number();
    return {std::min(x1, x2), std::min(y1, y2), std::max(x1, x2), std::max(y1, y2)};
  }

  void end(std::string_view name) { scanner_.expect(name); }

  void layer() {
    LefLayer layer{.name = name()};
    bool routing = false;
    for (std::string_view word = scanner_.word("END"); word != "END"; word = scanner_.word("END")) {
      if (word == "TYPE") {
        routing = scanner_.word("a type") == "ROUTING";
      } else if (word == "DIRECTION") {
        layer.horizontal = scanner_.word("a direction") == "HORIZONTAL";
      } else if (word == "WIDTH") {
        layer.width = positive();
      } else if (word == "PITCH") {
        layer.pitch = positive();
      } else if (word == "RESISTANCE" && scanner_.peek() == "RPERSQ") {
        scanner_.next();
        layer.resistance = not_negative();
      } else if (word == "CAPACITANCE" && scanner_.peek() == "CPERSQDIST") {
        scanner_.next();
        layer.capacitance = not_negative();
      } else if (word == "EDGECAPACITANCE") {
        layer.edge_capacitance = not_negative();
      }
      scanner_.skip_statement();
    }
    end(layer.name);
    if (!routing) return;
    if (layer.width <= 0 || layer.pitch <= 0)
      scanner_.fail(fmt::format("layer {}: no WIDTH or no PITCH", shown_word(layer.name)));
    if (lef_.layer(layer.name)) scanner_.fail(fmt::format("layer {} twice", shown_word(layer.name)));
    lef_.layers.push_back(std::move(layer));
  }

  void via() {
    const std::string via_name = name();
    LefVia via;
    if (scanner_.peek() == "DEFAULT") scanner_.next();
    for (std::string_view word = scanner_.word("END"); word != "END"; word = scanner_.word("END")) {
      if (word == "LAYER") {
        const std::string layer = name();
        if (lef_.layer(layer)) via.layers.push_back(layer);
      } else if (word == "RESISTANCE") {
        via.resistance = not_negative();
      }
      scanner_.skip_statement();
    }
    end(via_name);
    lef_.vias[via_name] = std::move(via);
  }

  void macro() {
    const std::string macro_name = name();
    LefMacro macro;
    double x = 0, y = 0;
    for (std::string_view word = scanner_.word("END"); word != "END"; word = scanner_.word("END")) {
      if (word == "PIN") {
        macro.pins.push_back(pin());
        continue;
      }
      if (word == "OBS") {
        while (scanner_.word("END") != "END") {
        }
        continue;
      }
      if (word == "SIZE") {
        macro.width = positive();
        scanner_.expect("BY");
        macro.height = positive();
      } else if (word == "ORIGIN") {
        x = scanner_.number();
        y = scanner_.number();
      }
      scanner_.skip_statement();
    }
    end(macro_name);
    if (macro.width <= 0) scanner_.fail(fmt::format("cell {}: no SIZE", shown_word(macro_name)));
    for (LefPin& pin : macro.pins) {
      for (LefShape& shape : pin.shapes)
        shape.rect = {shape.rect.x1 + x, shape.rect.y1 + y, shape.rect.x2 + x, shape.rect.y2 + y};
    }
    lef_.macros[macro_name] = std::move(macro);
  }

  LefPin pin() {
    LefPin pin{.name = name()};
    for (std::string_view word = scanner_.word("END"); word != "END"; word = scanner_.word("END")) {
      if (word == "PORT") {
        port(pin);
        continue;
      }
      if (word == "USE") {
        const std::string_view use = scanner_.word("a use");
        if (use == "POWER") pin.use = LefPin::Use::power;
        if (use == "GROUND") pin.use = LefPin::Use::ground;
      }
      scanner_.skip_statement();
    }
    end(pin.name);
    return pin;
  }

  void port(LefPin& pin) {
    std::string layer;
    for (std::string_view word = scanner_.word("END"); word != "END"; word = scanner_.word("END")) {
      if (word == "LAYER") {
        layer = name();
      } else if (word == "RECT") {
        pin.shapes.push_back({layer, rect()});
      }
      scanner_.skip_statement();
    }
  }

  LefDefScanner scanner_;
  Lef lef_;
};

}  // namespace

const LefPin* LefMacro::pin(std::string_view name) const {
  const auto found = std::find_if(pins.begin(), pins.end(), [&](const LefPin& p) { return p.name == name; });
  return found == pins.end() ? nullptr : &*found;
}

bool LefMacro::is_filler() const {
  return std::none_of(pins.begin(), pins.end(), [](const LefPin& p) { return p.use == LefPin::Use::signal; });
}

std::optional<std::size_t> Lef::layer(std::string_view name) const {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].name == name) return i;
  }
  return std::nullopt;
}

std::string Lef::supply(LefPin::Use use) const {
  for (const auto& [name, macro] : macros) {
    for (const LefPin& pin : macro.pins) {
      if (pin.use == use) return pin.name;
    }
  }
  return {};
}

std::string Lef::filler() const {
  const LefMacro* best = nullptr;
  std::string found;
  for (const auto& [name, macro] : macros) {
    if (!macro.is_filler() || (best != nullptr && best->width <= macro.width)) continue;
    best = &macro;
    found = name;
  }
  return found;
}

Result<Lef> parse_lef(std::string_view text, const std::string& file) {
  try {
    return LefParser(text).parse();
  } catch (const LefDefError& error) {
    return Error(fmt::format("{}:{}: {}", file, error.line, error.what()));
  }
}

Result<Lef> read_lef(const std::filesystem::path& file) {
  MSQ_TRY(const std::string text, read_text(file));
  return parse_lef(text, file.string());
}

}  // namespace msq::synth
