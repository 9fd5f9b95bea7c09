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
    auto& side = port.name == kClockPort ? clocks_ : port.input ? inputs_ : outputs_;
    side.push_back({port.name, port.nets, std::vector<std::byte>(data_bytes(width)),
                    std::vector<std::uint32_t>((width + 31) / 32)});
  }
  for (auto* side : {&clocks_, &inputs_, &outputs_}) {
    for (Port& port : *side) {
      ports_.push_back({port.name.c_str(), static_cast<int>(port.nets.size()), port.data.data()});
      port.port = tb::ModelPort(ports_.back());
    }
  }
}

void GateEngine::eval() {
  simulator_.set_clock(clocks_.front().port.get() != 0);
  bool changed = false;
  for (Port& input : inputs_) {
    std::vector<std::uint32_t> words(input.words.size());
    input.port.get_words(words);
    if (words == input.words) continue;
    changed = true;
    input.words = std::move(words);
    for (std::size_t i = 0; i < input.nets.size(); ++i)
      simulator_.set(input.nets[i], (input.words[i / 32] >> i % 32 & 1) != 0);
  }
  if (changed) simulator_.settle();
  for (Port& output : outputs_) {
    std::fill(output.words.begin(), output.words.end(), 0);
    for (std::size_t i = 0; i < output.nets.size(); ++i)
      output.words[i / 32] |= std::uint32_t{simulator_.value(output.nets[i])} << i % 32;
    output.port.set_words(output.words);
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
