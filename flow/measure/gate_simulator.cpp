#include "flow/measure/gate_simulator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace msq::flow {
namespace {

std::size_t at(synth::Net net) { return static_cast<std::size_t>(net); }

/// Whether the level of a pin asks for an operation: a register's output that no set and no reset changes
/// keeps its value.
bool needs_operation(const synth::PinFunction& function) {
  return function.level.pins != std::vector<std::size_t>{function.pin};
}

}  // namespace

Result<GateSimulator> GateSimulator::create(const synth::Netlist& netlist,
                                            const std::vector<std::vector<synth::PinFunction>>& functions,
                                            synth::Net clock) {
  GateSimulator simulator;
  simulator.clock_ = clock;
  simulator.values_.resize(at(netlist.nets));
  simulator.values_[at(synth::kOne)] = 1;
  MSQ_CHECK(simulator.add_cells(netlist, functions));
  MSQ_CHECK(simulator.add_memories(netlist));
  MSQ_CHECK(simulator.sort(netlist));
  simulator.find_clock_logic(clock);
  simulator.run(simulator.logic_);
  for (Clock& edge : simulator.clocks_) edge.last = simulator.values_[at(edge.net)];
  return simulator;
}

GateSimulator::Clock& GateSimulator::clock_of(synth::Net net, bool falling) {
  const auto known = std::find_if(clocks_.begin(), clocks_.end(), [&](const Clock& clock) {
    return clock.net == net && clock.falling == falling;
  });
  if (known != clocks_.end()) return *known;
  clocks_.push_back({.net = net, .falling = falling, .registers = {}, .memories = {}});
  return clocks_.back();
}

Result<> GateSimulator::add_cells(const synth::Netlist& netlist,
                                  const std::vector<std::vector<synth::PinFunction>>& functions) {
  std::map<const synth::PinTable*, std::uint32_t> tables;  // where they are in tables_
  const auto operation = [&](const synth::PinTable& table, const synth::NetlistCell& cell, std::size_t pin) {
    const auto [known, is_new] = tables.try_emplace(&table, static_cast<std::uint32_t>(tables_.size()));
    if (is_new) tables_.insert(tables_.end(), table.values.begin(), table.values.end());
    const Operation result{known->second, static_cast<std::uint32_t>(inputs_.size()),
                           static_cast<std::uint32_t>(table.pins.size()), cell.nets[pin],
                           !table.pins.empty() && table.pins.back() == pin};
    for (const std::size_t input : table.pins) inputs_.push_back(cell.nets[input]);
    return result;
  };
  for (const synth::NetlistCell& cell : netlist.cells) {
    for (const synth::PinFunction& function : functions[static_cast<std::size_t>(cell.type)]) {
      const synth::Net output = cell.nets[function.pin];
      if (output <= synth::kOne)
        return Error(fmt::format("the netlist of {} has a cell that drives a constant", netlist.top));
      values_[at(output)] = function.inverted ? 1 : 0;
      if (needs_operation(function)) logic_.push_back(operation(function.level, cell, function.pin));
      if (function.edge.values.empty()) continue;
      clock_of(cell.nets[function.clock], function.falling_edge)
          .registers.push_back(operation(function.edge, cell, function.pin));
    }
  }
  return {};
}

Result<> GateSimulator::add_memories(const synth::Netlist& netlist) {
  for (const synth::NetlistMemory& instance : netlist.memories) {
    if (instance.module != "msq_ram_1r1w")
      return Error(fmt::format("memory {}: only msq_ram_1r1w can be simulated", instance.module));
    const auto nets = [&](const std::string& name) {
      const auto port = std::find_if(instance.ports.begin(), instance.ports.end(),
                                     [&](const synth::NetlistPort& p) { return p.name == name; });
      return port == instance.ports.end() ? std::vector<synth::Net>() : port->nets;
    };
    Memory memory{nets("write_i"),
                  nets("write_address_i"),
                  nets("write_data_i"),
                  nets("read_i"),
                  nets("read_address_i"),
                  nets("read_data_o"),
                  {}};
    memory.words.resize(std::size_t{1} << memory.read_address.size(),
                        std::vector<std::uint8_t>(memory.read_data.size()));
    const std::vector<synth::Net> clock = nets("clk_i");
    if (clock.size() != 1) return Error(fmt::format("memory {}: has no clock", instance.module));
    clock_of(clock.front(), false).memories.push_back(memories_.size());
    memories_.push_back(std::move(memory));
  }
  return {};
}

Result<> GateSimulator::sort(const synth::Netlist& netlist) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> driver(values_.size(), kNone);
  for (std::size_t i = 0; i < logic_.size(); ++i) driver[at(logic_[i].output)] = i;
  // Users of each operation's output, one after the other; the value that it keeps is not used by it.
  std::vector<std::size_t> waits(logic_.size()), first(logic_.size() + 1);
  const auto for_each_use = [&](const auto& use) {
    for (std::size_t i = 0; i < logic_.size(); ++i) {
      const std::uint32_t count = logic_[i].count - (logic_[i].keeps ? 1 : 0);
      for (std::uint32_t k = 0; k < count; ++k) {
        const std::size_t from = driver[at(inputs_[logic_[i].first + k])];
        if (from != kNone) use(from, i);
      }
    }
  };
  for_each_use([&](std::size_t from, std::size_t) { ++first[from + 1]; });
  for (std::size_t i = 0; i < logic_.size(); ++i) first[i + 1] += first[i];
  std::vector<std::size_t> users(first.back()), next(first.begin(), first.end() - 1);
  for_each_use([&](std::size_t from, std::size_t to) {
    users[next[from]++] = to;
    ++waits[to];
  });
  std::vector<std::size_t> ready;
  for (std::size_t i = logic_.size(); i-- > 0;) {
    if (waits[i] == 0) ready.push_back(i);
  }
  std::vector<Operation> sorted;
  sorted.reserve(logic_.size());
  while (!ready.empty()) {
    const std::size_t i = ready.back();
    ready.pop_back();
    sorted.push_back(logic_[i]);
    for (std::size_t u = first[i]; u < first[i + 1]; ++u) {
      if (--waits[users[u]] == 0) ready.push_back(users[u]);
    }
  }
  if (sorted.size() != logic_.size()) {
    const auto stuck = std::find_if(waits.begin(), waits.end(), [](std::size_t w) { return w > 0; });
    const Operation& loop = logic_[static_cast<std::size_t>(stuck - waits.begin())];
    const auto cell = std::find_if(netlist.cells.begin(), netlist.cells.end(), [&](const auto& c) {
      return std::find(c.nets.begin(), c.nets.end(), loop.output) != c.nets.end();
    });
    return Error(fmt::format("the netlist of {} has logic that depends on itself, at cell {} in {}",
                             netlist.top, netlist.types[static_cast<std::size_t>(cell->type)].name,
                             netlist.scopes[static_cast<std::size_t>(cell->scope)].module));
  }
  logic_ = std::move(sorted);
  return {};
}

void GateSimulator::find_clock_logic(synth::Net clock) {
  std::vector<bool> follows(values_.size());
  follows[at(clock)] = true;
  for (const Operation& operation : logic_) {
    for (std::uint32_t k = 0; k < operation.count && !follows[at(operation.output)]; ++k)
      follows[at(operation.output)] = follows[at(inputs_[operation.first + k])];
    if (follows[at(operation.output)]) clock_logic_.push_back(operation);
  }
}

std::uint8_t GateSimulator::result(const Operation& operation) const {
  std::size_t index = operation.table;
  for (std::uint32_t k = 0; k < operation.count; ++k)
    index += static_cast<std::size_t>(values_[at(inputs_[operation.first + k])]) << k;
  return tables_[index];
}

void GateSimulator::run(const std::vector<Operation>& operations) {
  for (const Operation& operation : operations) values_[at(operation.output)] = result(operation);
}

std::size_t GateSimulator::number(const std::vector<synth::Net>& nets) const {
  std::size_t number = 0;
  for (std::size_t i = 0; i < nets.size(); ++i) number |= std::size_t{values_[at(nets[i])]} << i;
  return number;
}

void GateSimulator::settle() {
  run(logic_);
  take_edges();
}

void GateSimulator::set_clock(bool value) {
  set(clock_, value);
  run(clock_logic_);
  take_edges();
}

void GateSimulator::take_edges() {
  for (;;) {
    for (Clock& clock : clocks_) {
      const std::uint8_t now = values_[at(clock.net)];
      const bool edge = now != clock.last && (now == 0) == clock.falling;
      clock.last = now;
      if (!edge) continue;
      for (const Operation& next : clock.registers) changes_.emplace_back(next.output, result(next));
      for (const std::size_t memory : clock.memories) clock_memory(memories_[memory]);
    }
    if (changes_.empty()) return;
    for (const auto& [net, value] : changes_) values_[at(net)] = value;
    changes_.clear();
    run(logic_);
  }
}

void GateSimulator::clock_memory(Memory& memory) {
  if (number(memory.read) != 0) {
    const auto& word = memory.words[number(memory.read_address)];
    for (std::size_t i = 0; i < word.size(); ++i) changes_.emplace_back(memory.read_data[i], word[i]);
  }
  if (number(memory.write) == 0) return;
  auto& word = memory.words[number(memory.write_address)];
  for (std::size_t i = 0; i < word.size(); ++i) word[i] = values_[at(memory.write_data[i])];
}

void GateSimulator::count() {
  if (activity_.cycles == 0) {
    counted_ = values_;
    activity_.toggles.assign(values_.size(), 0);
    activity_.ones.assign(values_.size(), 0);
  }
  ++activity_.cycles;
  for (std::size_t net = 0; net < values_.size(); ++net) {
    activity_.toggles[net] += values_[net] ^ counted_[net];
    activity_.ones[net] += values_[net];
  }
  counted_ = values_;
}

synth::Activity GateSimulator::take_activity() { return std::exchange(activity_, {}); }

}  // namespace msq::flow
