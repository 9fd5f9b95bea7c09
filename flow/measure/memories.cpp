#include "flow/measure/memories.hpp"

#include <algorithm>

#include "flow/measure/register_memory.hpp"
#include "gen/arch/manifest.hpp"
#include "synth/liberty.hpp"

namespace msq::flow {
namespace {

const GivenMemory* find(const std::vector<GivenMemory>& given, const Memory& memory) {
  const auto found = std::find_if(given.begin(), given.end(), [&](const GivenMemory& g) {
    return g.width == memory.width && g.depth == memory.depth;
  });
  return found == given.end() ? nullptr : &*found;
}

/// A token reads its activations, their scale and its reference, and adds to one word of each accumulator
/// bank.
LaunchAccesses accesses_of(const Memory& memory, const Dimensions& d) {
  if (memory.name == "activation buffer") return {d.places, 0};
  if (memory.name == "activation scales" || memory.name == "activation references") return {1, 0};
  if (memory.name == "output accumulators") return {d.banks, d.banks};
  return {};
}

double sum(const std::vector<PricedMemory>& memories, double (PricedMemory::*figure)() const) {
  double sum = 0;
  for (const PricedMemory& memory : memories) sum += (memory.*figure)();
  return sum;
}

bool fits_registers(const Memory& memory) {
  return static_cast<long>(memory.width) * memory.depth <= kMostRegisterBits;
}

void use_macros(PricedMemory& priced, const synth::MemoryProcess& process) {
  priced.array = synth::arrange_macros(priced.memory.width, priced.memory.depth);
  priced.figures = synth::array_figures(priced.array, process);
}

/// @param priced with the figures of macros, if the model has any.
void use_registers_if_smaller(PricedMemory& priced, const synth::MemoryFigures& registers) {
  if (priced.figures.area > 0 && priced.figures.area <= registers.area) return;
  priced.kind = MemoryKind::registers;
  priced.figures = registers;
}

}  // namespace

std::string_view memory_kind_name(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::macros:
      return "macros";
    case MemoryKind::registers:
      return "registers";
    case MemoryKind::given:
      break;
  }
  return "given";
}

double MemoryFindings::area() const { return sum(memories, &PricedMemory::area); }
double MemoryFindings::leakage() const { return sum(memories, &PricedMemory::leakage); }
double MemoryFindings::launch_energy() const { return sum(memories, &PricedMemory::launch_energy); }

synth::MemoryTimings MemoryFindings::timings() const {
  synth::MemoryTimings timings;
  for (const PricedMemory& m : memories)
    timings[{m.memory.width, m.memory.depth}] = {m.figures.access_time, m.figures.setup_time};
  return timings;
}

Result<std::optional<MemoryFindings>> price_memories(const Design& design, const Flow& flow,
                                                     const std::vector<GivenMemory>& given,
                                                     bool with_opensta) {
  MSQ_TRY(const auto library, synth::read_liberty(flow.liberty));
  const auto process = synth::memory_process(library);
  MemoryFindings findings;
  for (const Memory& memory : memories(design)) {
    PricedMemory priced{.memory = memory, .accesses = accesses_of(memory, design.dimensions)};
    if (const GivenMemory* of_user = find(given, memory)) {
      priced.kind = MemoryKind::given;
      priced.figures = of_user->figures;
    } else if (!process && !fits_registers(memory)) {
      return std::optional<MemoryFindings>();
    } else {
      if (process) use_macros(priced, *process);
      if (fits_registers(memory)) {
        MSQ_TRY(const auto registers,
                measure_register_memory(design, memory.width, memory.depth, flow, library, with_opensta));
        use_registers_if_smaller(priced, registers);
      }
    }
    findings.memories.push_back(std::move(priced));
  }
  return std::optional(std::move(findings));
}

}  // namespace msq::flow
