#include "tests/fuzz/checks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "gen/config/load.hpp"
#include "gen/config/serialize.hpp"
#include "gen/config/validate.hpp"
#include "golden/quantize/packing.hpp"
#include "golden/quantize/validate.hpp"
#include "synth/def.hpp"
#include "synth/lef.hpp"
#include "synth/liberty.hpp"
#include "synth/log.hpp"
#include "synth/stat.hpp"
#include "synth/summary.hpp"
#include "synth/wiring.hpp"
#include "tests/io/check_reader.hpp"
#include "tests/synth/layout_samples.hpp"

namespace msq::tests {
namespace {

/// Stops both a test and a fuzzer.
void require(bool condition, const std::string& what) {
  if (condition) return;
  std::fprintf(stderr, "broken promise: %s\n", what.c_str());
  std::abort();
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool check_config(std::span<const std::byte> bytes) {
  const auto config = parse_config(text_of(bytes), "fuzz");
  if (!config) {
    require(config.error().starts_with("fuzz: ") && config.error().size() < 1500,
            "message: " + config.error());
    return false;
  }
  require(validate(*config).has_value(), "a valid configuration");
  require(parse_config(to_json(*config), "again") == *config, "the same configuration from its own JSON");
  require(config_hash(*config).size() == 16, "a hash");
  return true;
}

/// Cuts a byte string into the fields of a packed tensor: what may come from a file with any lengths.
class Cutter {
 public:
  explicit Cutter(std::span<const std::byte> bytes) : bytes_(bytes) {}
  int byte() {
    if (bytes_.empty()) return 0;
    const int value = std::to_integer<int>(bytes_.front());
    bytes_ = bytes_.subspan(1);
    return value;
  }
  /// A stream with its length, in two bytes, in front.
  template <class Vector>
  void stream(Vector& out) {
    const int low = byte();
    const std::size_t length = static_cast<std::size_t>(low + 256 * byte());
    for (std::size_t i = 0; i < length && !bytes_.empty(); ++i)
      out.push_back(static_cast<typename Vector::value_type>(byte()));
  }

 private:
  std::span<const std::byte> bytes_;
};

bool check_packed(std::span<const std::byte> bytes) {
  Cutter cut(bytes);
  golden::PackedTensor packed;
  golden::Format& format = packed.format;
  format.bits = cut.byte();
  format.micro_block = cut.byte();
  format.macro_block = cut.byte();
  const int choices = cut.byte();
  format.encoding = (choices & 1) != 0 ? golden::Encoding::full_range : golden::Encoding::paper;
  packed.axis = (choices & 2) != 0 ? golden::Axis::output : golden::Axis::reduction;
  if (format.encoding == golden::Encoding::full_range) {
    format.list_entries = cut.byte();
    format.fraction_bits = cut.byte();
    format.scale_mantissa_bits = cut.byte();
    format.shift_bits = cut.byte();
  }
  format.identifier_group = cut.byte();
  packed.outlier_shift_max = cut.byte();
  packed.k = cut.byte();
  packed.n = cut.byte();
  // Sizes beyond any stream must be noticed before they are allocated.
  if ((choices & 4) != 0) packed.k <<= 20;
  if ((choices & 8) != 0) packed.n <<= 20;
  for (auto* stream :
       {&packed.codes, &packed.identifiers, &packed.identifier_masks, &packed.shifts, &packed.lists})
    cut.stream(*stream);
  cut.stream(packed.scales);
  cut.stream(packed.scale_mantissas);
  const auto tensor = golden::unpack(packed);
  if (!tensor) {
    require(!tensor.error().empty() && tensor.error().size() < 1500, "message: " + tensor.error());
    return false;
  }
  require(golden::validate(*tensor).has_value(), "a valid tensor");
  // Not the same streams: unused entries of a list may be anywhere.
  const auto again = golden::unpack(golden::pack(*tensor));
  require(again && *again == *tensor, "the same tensor again");
  return true;
}

bool check_liberty(std::span<const std::byte> bytes) {
  const auto liberty = synth::parse_liberty(text_of(bytes), "fuzz");
  if (!liberty) {
    require(liberty.error().starts_with("fuzz"), "message: " + liberty.error());
    return false;
  }
  require(std::isfinite(liberty->gate_area) && liberty->gate_area > 0, "area of the gate");
  require(liberty->cells.contains(liberty->gate_cell), "the gate is a cell");
  for (const auto& [name, cell] : liberty->cells)
    require(!cell.area || (std::isfinite(*cell.area) && *cell.area >= 0), "area of " + name);
  return true;
}

/// A small library for the cells of the recorded logs.
const synth::Liberty& library() {
  static const synth::Liberty liberty = [] {
    synth::Liberty l;
    l.name = "fuzz";
    l.cells["NAND2X1"] = {.area = 24};
    l.cells["INVX1"] = {.area = 16};
    l.cells["DFFPOSX1"] = {.area = 96, .flip_flop = true};
    l.cells["LATCH"] = {.area = 0, .latch = true};
    l.gate_cell = "NAND2X1";
    l.gate_area = 24;
    return l;
  }();
  return liberty;
}

bool check_stat(std::span<const std::byte> bytes) {
  const std::string_view text = text_of(bytes);
  const auto printed = synth::parse_stat_area(text);
  require(printed || !printed.error().empty(), "a message");
  // The printed table follows behind the JSON, as in the seeds.
  const auto stat = synth::parse_stat(text, text);
  if (!stat) {
    require(!stat.error().empty(), "a message");
    return false;
  }
  require(!stat->modules.empty(), "modules");
  bool summed = false;
  for (const synth::StatModule& module : stat->modules) {
    const auto report = synth::summarize(*stat, library(), synth::base_module_name(module.name));
    require(report || !report.error().empty(), "a message");
    if (!report) continue;
    summed = true;
    synth::AreaNm2 area = 0;
    std::int64_t cells = 0;
    for (const synth::ModuleArea& m : report->modules) {
      require(m.instances > 0 && m.area >= 0 && m.cells >= 0 && m.flip_flops >= 0 && m.flip_flops <= m.cells,
              "counts of " + m.name);
      area += m.area;
      cells += m.cells;
    }
    require(area == report->area && cells == report->cells, "sums");
  }
  return summed;
}

bool check_log(std::span<const std::byte> bytes) {
  const std::string_view log = text_of(bytes);
  const synth::LogFooter footer = synth::parse_log_footer(log);
  require(std::isfinite(footer.peak_memory_mb) && footer.peak_memory_mb >= 0, "memory");
  const std::string error = synth::log_error(log);
  require(error.size() <= log.size() + 1000, "length of the error");
  return !footer.version.empty();
}

bool check_lef(std::span<const std::byte> bytes) {
  const auto lef = synth::parse_lef(text_of(bytes), "fuzz");
  if (!lef) {
    require(lef.error().starts_with("fuzz"), "message: " + lef.error());
    return false;
  }
  require(!lef->layers.empty() && !lef->macros.empty(), "a layer and a cell");
  for (const synth::LefLayer& layer : lef->layers)
    require(std::isfinite(layer.width) && layer.width > 0 && std::isfinite(layer.capacitance),
            "layer " + layer.name);
  for (const auto& [name, macro] : lef->macros)
    require(std::isfinite(macro.width) && std::isfinite(macro.height), "outline of " + name);
  return true;
}

bool check_def(std::span<const std::byte> bytes) {
  static const synth::Lef lef = *synth::parse_lef(synth::testing::kLef, "sample");
  const auto def = synth::parse_def(text_of(bytes), "fuzz");
  if (!def) {
    require(def.error().starts_with("fuzz"), "message: " + def.error());
    return false;
  }
  require(def->units > 0, "units");
  require(def->die.low.x < def->die.high.x && def->die.low.y < def->die.high.y, "a die");
  for (const auto* nets : {&def->nets, &def->special_nets}) {
    for (const synth::DefNet& net : *nets) {
      for (const synth::DefWire& wire : net.wires)
        require(wire.from.x == wire.to.x || wire.from.y == wire.to.y, "a straight wire of " + net.name);
    }
  }
  const auto wiring = synth::measure_wiring(*def, lef);
  if (!wiring) {
    require(!wiring.error().empty(), "a message");
    return true;
  }
  require(wiring->nets.size() == def->nets.size(), "wiring of every net");
  require(std::isfinite(wiring->length()) && wiring->length() >= 0, "length of the wires");
  return true;
}

}  // namespace

const std::vector<FuzzTarget>& fuzz_targets() {
  static const std::vector<FuzzTarget> targets = {
      {"npy", golden::testing::check_npy},
      {"safetensors", golden::testing::check_safetensors},
      {"onnx", golden::testing::check_onnx},
      {"config", check_config},
      {"packed", check_packed},
      {"liberty", check_liberty},
      {"stat", check_stat},
      {"log", check_log},
      {"lef", check_lef},
      {"def", check_def},
  };
  return targets;
}

}  // namespace msq::tests
