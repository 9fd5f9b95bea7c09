#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flow/flow.hpp"
#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "synth/memory_model.hpp"
#include "synth/sta.hpp"

namespace msq::flow {

/// Memories of at most this many bits are built of the library's flip-flops where that is smaller than
/// macros.
inline constexpr long kMostRegisterBits = 256;

/// Where the figures of a memory come from: the model of synth/memory_model.hpp, the mapped netlist of its
/// flip-flops, or the file of the user.
enum class MemoryKind { macros, registers, given };
/// "macros", "registers" or "given".
[[nodiscard]] std::string_view memory_kind_name(MemoryKind kind);

/// Accesses of all instances of a memory together in a cycle in which a token starts through a tile. Accesses
/// that a tile or a beat of a stream costs are fewer and not counted.
struct LaunchAccesses {
  int reads = 0, writes = 0;
};

/// Equal memories of a design and the figures of one of them.
struct PricedMemory {
  Memory memory;
  MemoryKind kind = MemoryKind::macros;
  synth::MemoryArray array{};  ///< of kind macros
  synth::MemoryFigures figures{};
  LaunchAccesses accesses{};

  /// Of all instances.
  [[nodiscard]] double area() const { return memory.instances * figures.area; }        ///< um^2
  [[nodiscard]] double leakage() const { return memory.instances * figures.leakage; }  ///< W
  /// J of all instances in a cycle in which a token starts.
  [[nodiscard]] double launch_energy() const {
    return accesses.reads * figures.read_energy + accesses.writes * figures.write_energy +
           memory.instances * figures.cycle_energy;
  }
};

struct MemoryFindings {
  std::vector<PricedMemory> memories;  ///< in the order of the manifest

  [[nodiscard]] double area() const;           ///< um^2
  [[nodiscard]] double leakage() const;        ///< W
  [[nodiscard]] double launch_energy() const;  ///< J
  /// By width and depth.
  [[nodiscard]] synth::MemoryTimings timings() const;
};

/// Figures of a memory of this size, from a file of the user.
struct GivenMemory {
  int width = 0, depth = 0;
  synth::MemoryFigures figures{};
};
/// Reads a JSON list of memories; docs/results/data/sram.md has the keys. Errors name the file and the place:
/// no such file, no such form, a key that is missing or unknown, a figure below 0, a size given twice.
[[nodiscard]] Result<std::vector<GivenMemory>> load_memory_file(const std::filesystem::path& file);

/// Figures of all memories of a design. Nothing if the process of the library is unknown to the model and a
/// memory is not given. Small memories are synthesized below `work`. Errors: those of synth::synthesize and,
/// with OpenSTA, its own.
/// @param with_opensta also energy and times of memories of flip-flops; they are 0 without.
[[nodiscard]] Result<std::optional<MemoryFindings>> price_memories(const Design& design, const Flow& flow,
                                                                   const std::vector<GivenMemory>& given,
                                                                   bool with_opensta);

}  // namespace msq::flow
