#include "synth/netlist.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "support/files.hpp"
#include "synth/summary.hpp"

namespace msq::synth {
namespace {

using Json = nlohmann::json;

/// Bits of a module: its own nets from 2 on, as Yosys numbers them, and the constants. Yosys leaves 'x' where
/// a value does not matter: zero is as good.
int bit_of(const Json& bit) {
  if (bit.is_number()) return bit.get<int>();
  return bit.get<std::string>() == "1" ? kOne : kZero;
}

std::vector<int> bits_of(const Json& bits) {
  std::vector<int> result;
  for (const Json& bit : bits) result.push_back(bit_of(bit));
  return result;
}

struct Connection {
  std::string port;
  bool output = false;
  std::vector<int> bits{};
};

struct Module;

struct Instance {
  std::string name;
  int cell_type = -1;              ///< a standard cell, or
  const Module* module = nullptr;  ///< a module with contents, or
  std::string blackbox;            ///< one without
  std::map<std::string, long> parameters{};
  std::vector<Connection> connections{};
};

struct Module {
  std::string name;
  std::string source_name;
  std::vector<Connection> ports{};
  std::vector<Instance> instances{};
  std::map<int, std::string> names{};  ///< of bits that have one in the source
  int bits = 2;
};

/// Sets of nets that are one: an output port may be wired to an input port or to a constant.
class NetSets {
 public:
  Net add() {
    parent_.push_back(static_cast<Net>(parent_.size()));
    return parent_.back();
  }
  Net find(Net net) {
    auto& parent = parent_;
    const auto at = [&parent](Net n) -> Net& { return parent[static_cast<std::size_t>(n)]; };
    while (at(net) != net) net = at(net) = at(at(net));
    return net;
  }
  /// The lower number stays: a constant stays a constant.
  void join(Net a, Net b) {
    a = find(a);
    b = find(b);
    parent_[static_cast<std::size_t>(std::max(a, b))] = std::min(a, b);
  }

 private:
  std::vector<Net> parent_ = {kZero, kOne};
};

/// Copies modules into one another, the top first.
class Flattener {
 public:
  explicit Flattener(std::vector<CellType> types) { result_.types = std::move(types); }

  Netlist run(const Module& top) {
    std::vector<Net> map = fresh(top);
    for (const Connection& port : top.ports) {
      result_.ports.push_back({port.port, !port.output, {}});
      for (const int bit : port.bits) result_.ports.back().nets.push_back(net(map, bit));
    }
    result_.top = top.source_name;
    result_.scopes.push_back({"", top.source_name});
    descend(top, 0, map);
    return finish();
  }

 private:
  static std::vector<Net> fresh(const Module& module) {
    std::vector<Net> map(static_cast<std::size_t>(module.bits), -1);
    map[kZero] = kZero;
    map[kOne] = kOne;
    return map;
  }

  Net net(std::vector<Net>& map, int bit) {
    Net& known = map[static_cast<std::size_t>(bit)];
    if (known < 0) known = sets_.add();
    return known;
  }

  void descend(const Module& module, int scope, std::vector<Net>& map) {
    for (const Instance& instance : module.instances) {
      if (instance.cell_type >= 0) {
        add_cell(module, instance, scope, map);
      } else if (instance.module != nullptr) {
        add_module(instance, scope, map);
      } else {
        result_.memories.push_back({instance.blackbox, scope, instance.parameters, {}});
        for (const Connection& c : instance.connections) {
          result_.memories.back().ports.push_back({c.port, !c.output, {}});
          for (const int bit : c.bits) result_.memories.back().ports.back().nets.push_back(net(map, bit));
        }
      }
    }
  }

  void add_cell(const Module& module, const Instance& instance, int scope, std::vector<Net>& map) {
    const CellType& type = result_.types[static_cast<std::size_t>(instance.cell_type)];
    NetlistCell cell{instance.cell_type, scope, std::vector<Net>(type.pins.size(), -1), {}};
    for (const Connection& c : instance.connections) {
      for (std::size_t pin = 0; pin < type.pins.size(); ++pin) {
        if (type.pins[pin].name != c.port || c.bits.empty()) continue;
        cell.nets[pin] = net(map, c.bits.front());
        const auto name = module.names.find(c.bits.front());
        if (type.flip_flop && type.pins[pin].output && name != module.names.end())
          cell.register_bit = name->second;
      }
    }
    for (Net& n : cell.nets) {
      if (n < 0) n = sets_.add();
    }
    result_.cells.push_back(std::move(cell));
  }

  void add_module(const Instance& instance, int scope, std::vector<Net>& map) {
    std::vector<Net> inner = fresh(*instance.module);
    for (const Connection& port : instance.module->ports) {
      const auto outer = std::find_if(instance.connections.begin(), instance.connections.end(),
                                      [&](const Connection& c) { return c.port == port.port; });
      if (outer == instance.connections.end()) continue;
      for (std::size_t i = 0; i < std::min(port.bits.size(), outer->bits.size()); ++i) {
        const Net outside = net(map, outer->bits[i]);
        Net& inside = inner[static_cast<std::size_t>(port.bits[i])];
        if (inside < 0) {
          inside = outside;
        } else {
          sets_.join(inside, outside);
        }
      }
    }
    const std::string& above = result_.scopes[static_cast<std::size_t>(scope)].path;
    result_.scopes.push_back(
        {above.empty() ? instance.name : above + "/" + instance.name, instance.module->source_name});
    descend(*instance.module, static_cast<int>(result_.scopes.size()) - 1, inner);
  }

  /// Numbers the nets anew, one number for all that are joined.
  Netlist finish() {
    std::vector<Net> numbers;
    const auto renumber = [&](std::vector<Net>& nets) {
      for (Net& n : nets) {
        const auto root = static_cast<std::size_t>(sets_.find(n));
        if (root < 2) {
          n = static_cast<Net>(root);
          continue;
        }
        if (numbers.size() <= root) numbers.resize(root + 1, -1);
        if (numbers[root] < 0) numbers[root] = result_.nets++;
        n = numbers[root];
      }
    };
    for (NetlistPort& port : result_.ports) renumber(port.nets);
    for (NetlistCell& cell : result_.cells) renumber(cell.nets);
    for (NetlistMemory& memory : result_.memories) {
      for (NetlistPort& port : memory.ports) renumber(port.nets);
    }
    return std::move(result_);
  }

  Netlist result_;
  NetSets sets_;
};

}  // namespace

struct MappedDesign::Impl {
  std::vector<CellType> types;
  std::map<std::string, Module> modules;

  void read(const Json& json, const Liberty& liberty) {
    const auto contents = [](const Json& module) { return !module.at("attributes").contains("blackbox"); };
    for (const auto& [name, module] : json.at("modules").items()) {
      if (contents(module)) modules[name].name = name;
    }
    for (auto& [name, module] : modules) read_module(json.at("modules").at(name), liberty, module);
  }

 private:
  void read_module(const Json& json, const Liberty& liberty, Module& module) {
    module.source_name = base_module_name(module.name);
    for (const auto& [name, port] : json.at("ports").items())
      module.ports.push_back({name, port.at("direction") != "input", bits_of(port.at("bits"))});
    for (const auto& [name, net] : json.at("netnames").items()) {
      const std::vector<int> bits = bits_of(net.at("bits"));
      for (std::size_t i = 0; i < bits.size(); ++i) {
        module.bits = std::max(module.bits, bits[i] + 1);
        if (net.at("hide_name") == 0) {
          module.names.emplace(bits[i], bits.size() == 1 ? name : fmt::format("{}[{}]", name, i));
        }
      }
    }
    for (const auto& [name, cell] : json.at("cells").items()) {
      module.instances.push_back(read_instance(name, cell, liberty));
      for (const Connection& c : module.instances.back().connections) {
        for (const int bit : c.bits) module.bits = std::max(module.bits, bit + 1);
      }
    }
  }

  Instance read_instance(const std::string& name, const Json& cell, const Liberty& liberty) {
    Instance instance{.name = name, .blackbox = {}};
    const Json& directions = cell.at("port_directions");
    for (const auto& [port, bits] : cell.at("connections").items())
      instance.connections.push_back({port, directions.at(port) != "input", bits_of(bits)});
    const std::string type = cell.at("type");
    if (const auto known = liberty.cells.find(type); known != liberty.cells.end()) {
      instance.cell_type = type_index(type, known->second.flip_flop, instance.connections);
    } else if (const auto inner = modules.find(type); inner != modules.end()) {
      instance.module = &inner->second;
    } else {
      instance.blackbox = type;
      for (const auto& [parameter, value] : cell.at("parameters").items())
        instance.parameters[parameter] = std::stol(value.get<std::string>(), nullptr, 2);
    }
    return instance;
  }

  int type_index(const std::string& name, bool flip_flop, const std::vector<Connection>& connections) {
    const auto known =
        std::find_if(types.begin(), types.end(), [&](const CellType& t) { return t.name == name; });
    const auto index = known - types.begin();
    if (known == types.end()) types.push_back({name, {}, flip_flop});
    // A pin that one cell leaves open another may use.
    std::vector<CellType::Pin>& pins = types[static_cast<std::size_t>(index)].pins;
    for (const Connection& c : connections) {
      if (std::none_of(pins.begin(), pins.end(), [&](const CellType::Pin& p) { return p.name == c.port; }))
        pins.push_back({c.port, c.output});
    }
    return static_cast<int>(index);
  }
};

MappedDesign::MappedDesign(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MappedDesign::MappedDesign(MappedDesign&&) noexcept = default;
MappedDesign& MappedDesign::operator=(MappedDesign&&) noexcept = default;
MappedDesign::~MappedDesign() = default;

Result<MappedDesign> MappedDesign::load(const std::filesystem::path& json, const Liberty& liberty) {
  MSQ_TRY(const std::string text, read_text(json));
  auto impl = std::make_unique<Impl>();
  try {
    impl->read(Json::parse(text), liberty);
  } catch (const std::exception& error) {  // of nlohmann::json, or a number that is none
    return Error(fmt::format("{}: not a netlist of Yosys: {}", json.string(), error.what()));
  }
  return MappedDesign(std::move(impl));
}

std::map<std::string, std::string> MappedDesign::modules() const {
  std::map<std::string, std::string> names;
  for (const auto& [name, module] : impl_->modules) names[name] = module.source_name;
  return names;
}

bool MappedDesign::has_modules(const std::string& module) const {
  const std::vector<Instance>& instances = impl_->modules.at(module).instances;
  return std::any_of(instances.begin(), instances.end(),
                     [](const Instance& instance) { return instance.module != nullptr; });
}

Netlist MappedDesign::flatten(const std::string& module) const {
  return Flattener(impl_->types).run(impl_->modules.at(module));
}

Net Netlist::input(const std::string& name) const {
  for (const NetlistPort& port : ports) {
    if (port.input && port.name == name) return port.nets.front();
  }
  return kZero;
}

}  // namespace msq::synth
