#include "synth/cell_functions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
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

/// The state of a cell, before it is known which pin shows it.
struct CellState {
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
      const std::string type_name = cell.at("type");
      if (type_name.starts_with("$_DFF") || type_name.starts_with("$_DLATCH")) register_ = &cell;
    }
  }

  /// None: a function that is missing or that these tables do not have.
  std::optional<std::vector<PinFunction>> functions() {
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      known_[bits_.at(type_->pins[inputs_[i]].name)] = index_bit(i);
    CellState state;
    if (register_ != nullptr) {
      known_[connection(*register_, "Q")] = index_bit(inputs_.size());
      const auto found = read_register();
      if (!found) return std::nullopt;
      state = *found;
    }
    std::vector<PinFunction> result;
    for (std::size_t pin = 0; pin < type_->pins.size(); ++pin) {
      if (!type_->pins[pin].output) continue;
      const auto values = of(bits_.at(type_->pins[pin].name));
      if (!values) return std::nullopt;
      auto function = function_of(pin, *values, state);
      if (!function) return std::nullopt;
      result.push_back(std::move(*function));
    }
    return result;
  }

 private:
  static const Json& connection(const Json& cell, const std::string& port) {
    return cell.at("connections").at(port).at(0);
  }

  Values index_bit(std::size_t bit) const {
    Values values(std::size_t{2} << inputs_.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i >> bit & 1);
    return values;
  }

  std::optional<Values> of(const Json& bit) {
    if (const auto known = known_.find(bit); known != known_.end()) return known->second;
    if (bit == "0" || bit == "1") return Values(std::size_t{2} << inputs_.size(), bit == "1" ? 1 : 0);
    const auto driver = drivers_.find(bit);
    if (driver == drivers_.end()) return std::nullopt;
    auto values = gate(*driver->second);
    if (values) known_[bit] = *values;
    return values;
  }

  std::optional<Values> gate(const Json& cell) {
    const std::string type = cell.at("type");
    const auto a = of(connection(cell, "A"));
    if (!a || type == "$_BUF_") return a;
    if (type == "$_NOT_") return inverse(*a);
    const auto b = of(connection(cell, "B"));
    if (!b) return std::nullopt;
    if (type == "$_AND_") return combine(*a, *b, std::bit_and<>());
    if (type == "$_OR_") return combine(*a, *b, std::bit_or<>());
    if (type == "$_XOR_") return combine(*a, *b, std::bit_xor<>());
    return std::nullopt;
  }

  /// A register's input that is active at this level, "P" or "N".
  std::optional<Values> active(const std::string& port, char level) {
    auto values = of(connection(*register_, port));
    if (values && level == 'N') return inverse(std::move(*values));
    return values;
  }

  /// $_DFF_P_, $_DFF_PN0_ (reset: level, value), $_DFFSR_PNN_ (set, reset), $_DLATCH_P_, with their levels.
  std::optional<CellState> read_register() {
    const std::string type = register_->at("type");
    const std::size_t end = type.find('_', 2);
    const std::string kind = type.substr(2, end - 2), levels = type.substr(end + 1);
    const Values now = of(connection(*register_, "Q")).value();
    const auto data = of(connection(*register_, "D"));
    const auto clock = active(kind == "DLATCH" ? "E" : "C", levels.at(0));
    if (!data || !clock) return std::nullopt;
    if (kind == "DLATCH" && levels.size() == 2) return CellState{choose(*clock, *data, now), {}, {}, false};
    CellState state{now, *data, *clock, true};
    const Values zero(now.size(), 0), one(now.size(), 1);
    if (kind == "DFF" && levels.size() == 4) {
      const auto reset = active("R", levels[1]);
      if (!reset) return std::nullopt;
      state.level = choose(*reset, levels[2] == '1' ? one : zero, now);
      return state;
    }
    if (kind == "DFFSR" && levels.size() == 4) {
      const auto set = active("S", levels[1]), reset = active("R", levels[2]);
      if (!set || !reset) return std::nullopt;
      state.level = choose(*reset, zero, choose(*set, one, now));
      return state;
    }
    if (kind == "DFF" && levels.size() == 2) return state;
    return std::nullopt;
  }

  /// Those inputs alone that the values depend on. @param pin whose own value the state is.
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

  std::optional<PinFunction> function_of(std::size_t pin, const Values& values,
                                         const CellState& state) const {
    PinFunction function{.pin = pin, .level = reduced(values, pin), .edge = {}};
    const auto& pins = function.level.pins;
    if (std::find(pins.begin(), pins.end(), pin) == pins.end()) return function;  // no state
    const Values now = index_bit(inputs_.size());
    const bool inverted = values == inverse(now);
    if (!inverted && values != now) return std::nullopt;
    const auto shown = [&](const Values& of_state) {
      return reduced(inverted ? inverse(other_state(of_state)) : of_state, pin);
    };
    function.level = shown(state.level);
    if (!state.flip_flop) return function;
    function.edge = shown(state.edge);
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const Values level = index_bit(i);
      function.falling_edge = state.clock == inverse(level);
      function.clock = inputs_[i];
      if (function.falling_edge || state.clock == level) return function;
    }
    return std::nullopt;
  }

  const CellType* type_;
  std::vector<std::size_t> inputs_;
  std::map<std::string, Json> bits_;
  std::map<Json, const Json*> drivers_;
  std::map<Json, Values> known_;
  const Json* register_ = nullptr;
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
      return Error(fmt::format("{}: the library gives no function of cell {}", liberty.string(), type.name));
    result.push_back(std::move(*functions));
  }
  return result;
}

}  // namespace msq::synth
