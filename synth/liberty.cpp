#include "synth/liberty.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>
#include <utility>

#include "support/files.hpp"
#include "synth/liberty_scanner.hpp"
#include "synth/nand.hpp"

namespace msq::synth {
namespace {

using Kind = LibertyStatement::Kind;

/// The pins of one cell, as far as needed to recognize a 2-input NAND.
struct Pins {
  int inputs = 0;
  int outputs = 0;
  bool nand2 = false;
  std::string_view input{}, output{};  ///< names of the last ones
  std::string_view function{};         ///< of the last output that has one

  bool is_nand2_cell() const { return inputs == 2 && outputs == 1 && nand2; }
  bool is_buffer() const {
    std::string_view f = function;
    while (!f.empty() && (f.front() == '(' || f.front() == ' ')) f.remove_prefix(1);
    while (!f.empty() && (f.back() == ')' || f.back() == ' ')) f.remove_suffix(1);
    return inputs == 1 && outputs == 1 && !f.empty() && f == input;
  }
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), scanner_(text) {
    if (scanner_.mark_bytes() != 0) liberty_.edits.push_back({0, scanner_.mark_bytes(), ""});
  }

  Liberty read() {
    const LibertyStatement library = scanner_.next();
    if (library.kind != Kind::kGroup || library.name != "library") {
      throw LibertySyntaxError(library.position, "expected library (NAME) {: this is no Liberty file");
    }
    liberty_.name = library.value;
    for_each_in(library, [&](const LibertyStatement& statement) {
      if (statement.name == "nom_voltage" && statement.kind == Kind::kSimple) {
        liberty_.voltage = number("nom_voltage", "> 0", statement);
      }
      if (statement.kind != Kind::kGroup) return;
      if (statement.name == "cell") {
        read_cell(statement);
      } else {
        scanner_.skip_group(statement);
      }
    });
    const LibertyStatement rest = scanner_.next();
    if (rest.kind != Kind::kEndOfFile) {
      throw LibertySyntaxError(rest.position,
                               "more text after the end of the library; only one library per file");
    }
    if (liberty_.cells.empty()) throw LibertySyntaxError(library.position, "the library has no cells");
    if (liberty_.gate_area == 0) choose_gate_by_name(library.position);
    choose_area_factor();
    return std::move(liberty_);
  }

  std::size_t line(std::size_t position) const { return scanner_.line(position); }

 private:
  template <class Body>
  void for_each_in(const LibertyStatement& group, Body body) {
    while (true) {
      const LibertyStatement statement = scanner_.next();
      if (statement.kind == Kind::kEndOfGroup) return;
      if (statement.kind == Kind::kEndOfFile) {
        throw LibertySyntaxError(statement.position,
                                 fmt::format("file ends inside {} ({}), which opened in line {}", group.name,
                                             group.value, scanner_.line(group.position)));
      }
      body(statement);
    }
  }

  void read_cell(const LibertyStatement& group) {
    const std::string_view name = group.value;
    LibertyCell cell;
    Pins pins;
    for_each_in(group, [&](const LibertyStatement& statement) {
      if (statement.kind == Kind::kSimple && statement.name == "area") {
        cell.area = number(fmt::format("area of cell \"{}\"", name), ">= 0", statement);
        areas_.emplace_back(statement.value, *cell.area);
      } else if (statement.kind == Kind::kSimple && statement.name == "dont_use") {
        cell.dont_use = is_forbidden(name, statement) || cell.dont_use;
      } else if (statement.kind == Kind::kGroup && statement.name == "pin") {
        read_pin(statement, pins);
      } else if (statement.kind == Kind::kGroup) {
        if (statement.name == "ff" || statement.name == "ff_bank") cell.flip_flop = true;
        if (statement.name == "latch" || statement.name == "latch_bank") cell.latch = true;
        scanner_.skip_group(statement);
      }
    });
    if (pins.is_buffer()) cell.buffer = BufferPins{std::string(pins.input), std::string(pins.output)};
    if (pins.is_nand2_cell()) offer_gate(name, cell);
    if (!liberty_.cells.emplace(name, cell).second) {
      throw LibertySyntaxError(group.position, fmt::format("cell \"{}\" is there twice", name));
    }
  }

  /// Value of a `dont_use`, with the edit that makes it clear to every tool.
  bool is_forbidden(std::string_view cell, const LibertyStatement& statement) {
    std::string value(statement.value);
    std::transform(value.begin(), value.end(), value.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool forbidden = value == "true" || value == "1";
    if (!forbidden && value != "false" && value != "0") {
      throw LibertySyntaxError(
          statement.position,
          fmt::format("dont_use of cell \"{}\" is \"{}\", allowed: true or false", cell, statement.value));
    }
    if (!forbidden) liberty_.edits.push_back({statement.position, statement.name.size(), "dont_touch"});
    if (forbidden && statement.value != "true") liberty_.edits.push_back(replace(statement.value, "true"));
    return forbidden;
  }

  [[nodiscard]] LibertyEdit replace(std::string_view part, std::string text) const {
    return {static_cast<std::size_t>(part.data() - text_.data()), part.size(), std::move(text)};
  }

  void choose_area_factor() {
    constexpr double kSmallestGate = 0.01, kLargestGate = 1e5;
    if (liberty_.gate_area >= kSmallestGate && liberty_.gate_area <= kLargestGate) return;
    liberty_.area_factor = std::pow(10, -std::floor(std::log10(liberty_.gate_area)));
    for (const auto& [text, area] : areas_)
      liberty_.edits.push_back(replace(text, fmt::format("{:.12g}", area * liberty_.area_factor)));
    std::stable_sort(liberty_.edits.begin(), liberty_.edits.end(),
                     [](const LibertyEdit& a, const LibertyEdit& b) { return a.offset < b.offset; });
  }

  void read_pin(const LibertyStatement& group, Pins& pins) {
    for_each_in(group, [&](const LibertyStatement& statement) {
      if (statement.kind == Kind::kGroup) return scanner_.skip_group(statement);
      if (statement.kind != Kind::kSimple) return;
      if (statement.name == "direction") {
        ++(statement.value == "input" ? pins.inputs : pins.outputs);
        (statement.value == "input" ? pins.input : pins.output) = group.value;
      }
      if (statement.name == "function") {
        pins.nand2 = is_nand2_function(statement.value);
        pins.function = statement.value;
      }
    });
  }

  static double number(const std::string& what, const char* allowed, const LibertyStatement& statement) {
    const std::string_view text = statement.value;
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value < 0) {
      throw LibertySyntaxError(statement.position,
                               fmt::format("{} is \"{}\", allowed: a number {}", what, text, allowed));
    }
    return value;
  }

  void offer_gate(std::string_view name, const LibertyCell& cell) {
    const double value = cell.area.value_or(0);
    if (value == 0 || (liberty_.gate_area != 0 && value >= liberty_.gate_area)) return;
    liberty_.gate_area = value;
    liberty_.gate_cell = name;
  }

  void choose_gate_by_name(std::size_t library) {
    for (const auto& [name, cell] : liberty_.cells) {
      if (is_nand2_name(name)) offer_gate(name, cell);
    }
    if (liberty_.gate_area == 0) {
      throw LibertySyntaxError(library,
                               "no 2-input NAND with an area, so there is no unit for gate equivalents");
    }
  }

  std::string_view text_;
  LibertyScanner scanner_;
  Liberty liberty_;
  std::vector<std::pair<std::string_view, double>> areas_;  ///< as the file has them, and their values
};

bool any_cell(const Liberty& liberty, bool LibertyCell::*flag) {
  return std::any_of(liberty.cells.begin(), liberty.cells.end(),
                     [&](const auto& entry) { return entry.second.*flag && !entry.second.dont_use; });
}

}  // namespace

bool Liberty::has_flip_flop() const { return any_cell(*this, &LibertyCell::flip_flop); }
bool Liberty::has_latch() const { return any_cell(*this, &LibertyCell::latch); }

Result<Liberty> parse_liberty(std::string_view text, std::string_view file) {
  if (text.substr(0, 2) == "\x1f\x8b") {
    return Error(fmt::format("{}: the Liberty file is compressed; unpack it first (gunzip)", file));
  }
  Reader reader(text);
  try {
    return reader.read();
  } catch (const LibertySyntaxError& error) {
    return Error(fmt::format("{}:{}: {}", file, reader.line(error.position), error.what()));
  }
}

Result<Liberty> read_liberty(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) {
    const bool is_default = path == kOsu018Liberty;
    return Error(fmt::format("{}: no such Liberty file{}", path.string(),
                             is_default ? "; install the Debian package qflow-tech-osu018" : ""));
  }
  MSQ_TRY(const std::string text, read_text(path));
  return parse_liberty(text, path.string());
}

}  // namespace msq::synth
