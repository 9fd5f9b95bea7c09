#include "synth/cell_functions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include "support/files.hpp"
#include "synth/tool_library.hpp"
#include "synth/yosys_program.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// A signal's value for every combination of the input pins and, the highest bit of the index, the state.
using Values = std::vector<std::uint8_t>;

Values combine(const Values& a, const Values& b, const std::function<int(int, int)>& function) {
  Values result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = static_cast<std::uint8_t>(function(a[i], b[i]));
  return result;
}

Values inverse(Values values) {
  for (std::uint8_t& value : values) value ^= 1;
  return values;
}

/// Value of a for which `choice` is one, else of b.
Values choose(const Values& choice, const Values& a, const Values& b) {
  Values result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = choice[i] != 0 ? a[i] : b[i];
  return result;
}

/// Each value as it is with the other state.
Values other_state(const Values& values) {
  Values result(values.size());
  const std::size_t half = values.size() / 2;
  for (std::size_t i = 0; i < values.size(); ++i) result[i] = values[(i + half) % values.size()];
  return result;
}

/// What a register of a cell does, as its output shows it.
struct CellRegister {
  Values level, edge, clock;
  bool flip_flop = false;
};

/// A library's cell as gates and registers of Yosys, one bit each.
class CellModule {
 public:
  CellModule(const Json& module, const CellType& type) : type_(&type) {
    for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
      if (!type.pins[pin].output) inputs_.push_back(pin);
    }
    for (const auto& [name, port] : module.at("ports").items()) bits_[name] = port.at("bits").at(0);
    for (const auto& [name, cell] : module.at("cells").items()) {
      for (const auto& [port, direction] : cell.at("port_directions").items()) {
        if (direction == "output") drivers_[cell.at("connections").at(port).at(0)] = &cell;
      }
    }
  }

  /// None: a function that is missing, or that these tables do not have.
  std::optional<std::vector<PinFunction>> functions() {
    for (const CellType::Pin& pin : type_->pins) {
      if (!bits_.contains(pin.name)) return std::nullopt;
    }
    std::vector<PinFunction> result;
    std::set<std::size_t> used;
    for (std::size_t pin = 0; pin < type_->pins.size(); ++pin) {
      if (!type_->pins[pin].output) continue;
      auto function = function_of(pin);
      if (!function) return std::nullopt;
      used.insert(function->level.pins.begin(), function->level.pins.end());
      used.insert(function->edge.pins.begin(), function->edge.pins.end());
      if (!function->edge.values.empty()) used.insert(function->clock);
      result.push_back(std::move(*function));
    }
    // Yosys 0.23 loses the data of latches with set or reset, and the enable of tri-state outputs.
    for (const std::size_t pin : inputs_) {
      if (!used.contains(pin)) return std::nullopt;
    }
    return result;
  }

 private:
  static bool is_register(const Json& cell) {
    const std::string type = cell.at("type");
    return type.starts_with("$_DFF") || type.starts_with("$_DLATCH");
  }

  /// Yosys 0.70 has a register for each of the state's two names.
  static bool same_inputs(const Json& a, const Json& b) {
    Json of_a = a.at("connections"), of_b = b.at("connections");
    of_a.erase("Q");
    of_b.erase("Q");
    return a.at("type") == b.at("type") && of_a == of_b;
  }

  static std::optional<Json> connection(const Json& cell, const std::string& port) {
    const Json& connections = cell.at("connections");
    if (!connections.contains(port)) return std::nullopt;
    return connections.at(port).at(0);
  }

  Values index_bit(std::size_t bit) const {
    Values values(std::size_t{2} << inputs_.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i >> bit & 1);
    return values;
  }

  Values state() const { return index_bit(inputs_.size()); }

  /// Values of a bit; those of the first register on the way are its state, of another none.
  std::optional<Values> of(const Json& bit) {
    if (const auto known = known_.find(bit); known != known_.end()) return known->second;
    if (bit == "0" || bit == "1") return Values(std::size_t{2} << inputs_.size(), bit == "1" ? 1 : 0);
    const auto driver = drivers_.find(bit);
    if (driver == drivers_.end()) return std::nullopt;
    std::optional<Values> values;
    if (!is_register(*driver->second)) {
      values = gate(*driver->second);
    } else {
      if (register_ == nullptr) register_ = driver->second;
      if (same_inputs(*register_, *driver->second)) values = state();
    }
    if (values) known_[bit] = *values;
    return values;
  }

  std::optional<Values> input(const Json& cell, const std::string& port) {
    const auto bit = connection(cell, port);
    return bit ? of(*bit) : std::nullopt;
  }

  std::optional<Values> gate(const Json& cell) {
    const std::string type = cell.at("type");
    auto a = input(cell, "A");
    if (!a || type == "$_BUF_") return a;
    if (type == "$_NOT_") return inverse(*a);
    const auto b = input(cell, "B");
    if (!b) return std::nullopt;
    if (type == "$_AND_") return combine(*a, *b, std::bit_and<>());
    if (type == "$_NAND_") return inverse(combine(*a, *b, std::bit_and<>()));
    if (type == "$_ANDNOT_") return combine(*a, inverse(*b), std::bit_and<>());
    if (type == "$_OR_") return combine(*a, *b, std::bit_or<>());
    if (type == "$_NOR_") return inverse(combine(*a, *b, std::bit_or<>()));
    if (type == "$_ORNOT_") return combine(*a, inverse(*b), std::bit_or<>());
    if (type == "$_XOR_") return combine(*a, *b, std::bit_xor<>());
    if (type == "$_XNOR_") return inverse(combine(*a, *b, std::bit_xor<>()));
    if (type != "$_MUX_") return std::nullopt;
    const auto choice = input(cell, "S");
    if (!choice) return std::nullopt;
    return choose(*choice, *b, *a);
  }

  /// The register's input that is active at this level, "P" or "N".
  std::optional<Values> active(const std::string& port, char level) {
    auto values = input(*register_, port);
    if (values && level == 'N') return inverse(std::move(*values));
    return values;
  }

  /// $_DFF_P_, $_DFF_PN0_ (reset: level, value), $_DFFSR_PNN_ (set, reset), $_DLATCH_P_, with their levels.
  std::optional<CellRegister> read_register() {
    const std::string type = register_->at("type");
    const std::size_t end = type.find('_', 2);
    const std::string kind = type.substr(2, end - 2), levels = type.substr(end + 1);
    const auto data = input(*register_, "D");
    const auto clock = active(kind == "DLATCH" ? "E" : "C", levels.at(0));
    if (!data || !clock) return std::nullopt;
    if (kind == "DLATCH" && levels.size() == 2)
      return CellRegister{choose(*clock, *data, state()), {}, {}, false};
    CellRegister found{state(), *data, *clock, true};
    const Values zero(data->size(), 0), one(data->size(), 1);
    if (kind == "DFF" && levels.size() == 4) {
      const auto reset = active("R", levels[1]);
      if (!reset) return std::nullopt;
      found.level = choose(*reset, levels[2] == '1' ? one : zero, state());
      return found;
    }
    if (kind == "DFFSR" && levels.size() == 4) {
      const auto set = active("S", levels[1]), reset = active("R", levels[2]);
      if (!set || !reset) return std::nullopt;
      found.level = choose(*reset, zero, choose(*set, one, state()));
      return found;
    }
    if (kind == "DFF" && levels.size() == 2) return found;
    return std::nullopt;
  }

  /// Those inputs alone that the values depend on, the state last. @param pin whose own value the state is.
  PinTable reduced(const Values& values, std::size_t pin) const {
    PinTable table;
    std::vector<std::size_t> bits;
    for (std::size_t bit = 0; bit <= inputs_.size(); ++bit) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] == values[i ^ std::size_t{1} << bit]) continue;
        bits.push_back(bit);
        table.pins.push_back(bit < inputs_.size() ? inputs_[bit] : pin);
        break;
      }
    }
    for (std::size_t index = 0; index < std::size_t{1} << bits.size(); ++index) {
      std::size_t i = 0;
      for (std::size_t bit = 0; bit < bits.size(); ++bit) i |= (index >> bit & 1) << bits[bit];
      table.values.push_back(values[i]);
    }
    return table;
  }

  std::optional<PinFunction> function_of(std::size_t pin) {
    known_.clear();
    register_ = nullptr;
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      known_[bits_.at(type_->pins[inputs_[i]].name)] = index_bit(i);
    const auto values = of(bits_.at(type_->pins[pin].name));
    if (!values) return std::nullopt;
    PinFunction function{.pin = pin, .level = reduced(*values, pin), .edge = {}};
    if (register_ == nullptr) return function;
    function.inverted = *values == inverse(state());
    if (!function.inverted && *values != state()) return std::nullopt;
    const auto found = read_register();
    if (!found) return std::nullopt;
    const auto shown = [&](const Values& of_state) {
      return reduced(function.inverted ? inverse(other_state(of_state)) : of_state, pin);
    };
    function.level = shown(found->level);
    if (!found->flip_flop) return function;
    function.edge = shown(found->edge);
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const Values level = index_bit(i);
      function.falling_edge = found->clock == inverse(level);
      function.clock = inputs_[i];
      if (function.falling_edge || found->clock == level) return function;
    }
    return std::nullopt;
  }

  const CellType* type_;
  std::vector<std::size_t> inputs_;
  std::map<std::string, Json> bits_;
  std::map<Json, const Json*> drivers_;
  std::map<Json, Values> known_;    ///< of one output
  const Json* register_ = nullptr;  ///< that this output shows
};

}  // namespace

Result<std::vector<std::vector<PinFunction>>> cell_functions(const fs::path& liberty,
                                                             const std::vector<CellType>& types,
                                                             const fs::path& work_directory) {
  std::error_code error;
  fs::create_directories(work_directory, error);
  if (error)
    return Error(
        fmt::format("{}: cannot create the directory: {}", work_directory.string(), error.message()));
  MSQ_TRY(const auto library, ToolLibrary::of(liberty));
  const fs::path file = work_directory / "cells.json";
  fs::remove(file, error);  // never read what an earlier run left
  const std::string script = fmt::format(
      "read_liberty -ignore_miss_func -ignore_miss_dir -ignore_miss_data_latch {}\nproc\nopt_clean\n"
      "write_json cells.json\n",
      library.path().string());
  MSQ_TRY([[maybe_unused]] const auto run,
          run_yosys({"reading the functions of the cells", work_directory, "cells.ys", "cells.log", script}));
  const Json json = Json::parse(read_text(file).value_or(""), nullptr, false);
  if (json.is_discarded()) return Error(fmt::format("{}: Yosys wrote no JSON", file.string()));
  std::vector<std::vector<PinFunction>> result;
  for (const CellType& type : types) {
    const auto module = json.at("modules").find(type.name);
    std::optional<std::vector<PinFunction>> functions;
    if (module != json.at("modules").end()) functions = CellModule(*module, type).functions();
    if (!functions)
      return Error(
          fmt::format("{}: cell {} has no function that can be simulated", liberty.string(), type.name));
    result.push_back(std::move(*functions));
  }
  return result;
}

}  // namespace msq::synth
