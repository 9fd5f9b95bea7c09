#include "flow/measure/gate_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "synth/cell_functions.hpp"

namespace msq::flow {
namespace {

/// Bytes of a port's data: 1, 2, 4 or 8, or whole words of 32 bits.
std::size_t data_bytes(std::size_t width) {
  for (std::size_t bytes = 1; bytes <= 8; bytes *= 2) {
    if (width <= 8 * bytes) return bytes;
  }
  return (width + 31) / 32 * 4;
}

}  // namespace

GateEngine::GateEngine(GateSimulator simulator, const synth::Netlist& netlist)
    : simulator_(std::move(simulator)) {
  for (const synth::NetlistPort& port : netlist.ports) {
    const std::size_t width = port.nets.size();
    (port.input ? inputs_ : outputs_)
        .push_back(
            {port, std::vector<std::byte>(data_bytes(width)), std::vector<std::uint32_t>((width + 31) / 32)});
  }
  for (auto* side : {&inputs_, &outputs_}) {
    for (Port& port : *side) {
      ports_.push_back({port.nets.name.c_str(), static_cast<int>(port.nets.nets.size()), port.data.data()});
      if (port.nets.name == kClockPort) clock_ = tb::ModelPort(ports_.back());
    }
  }
}

void GateEngine::eval() {
  const auto shape = [](Port& port) {
    return tb::ModelPort({port.nets.name.c_str(), static_cast<int>(port.nets.nets.size()), port.data.data()});
  };
  simulator_.set_clock(clock_.get() != 0);
  bool changed = false;
  for (Port& port : inputs_) {
    if (port.nets.name == kClockPort) continue;
    std::vector<std::uint32_t> words(port.words.size());
    shape(port).get_words(words);
    if (words == port.words) continue;
    changed = true;
    port.words = std::move(words);
    for (std::size_t i = 0; i < port.nets.nets.size(); ++i)
      simulator_.set(port.nets.nets[i], (port.words[i / 32] >> i % 32 & 1) != 0);
  }
  if (changed) simulator_.settle();
  for (Port& port : outputs_) {
    std::fill(port.words.begin(), port.words.end(), 0);
    for (std::size_t i = 0; i < port.nets.nets.size(); ++i)
      port.words[i / 32] |= std::uint32_t{simulator_.value(port.nets.nets[i])} << i % 32;
    shape(port).set_words(port.words);
  }
}

Result<std::shared_ptr<GateEngine>> gate_model(const PreparedNetlist& netlist) {
  const synth::Net clock = netlist.core.input(kClockPort);
  if (clock == synth::kZero) return Error(fmt::format("{}: has no port {}", netlist.core.top, kClockPort));
  MSQ_TRY(const auto functions,
          synth::cell_functions(netlist.liberty_file, netlist.core.types, netlist.directory / "gates"));
  MSQ_TRY(auto simulator, GateSimulator::create(netlist.core, functions, clock));
  return std::make_shared<GateEngine>(std::move(simulator), netlist.core);
}

}  // namespace msq::flow
