#pragma once

#include <string>
#include <vector>

#include "gen/arch/design.hpp"
#include "gen/silicon/platform.hpp"
#include "gen/silicon/silicon.hpp"

namespace msq::silicon {

/// Width and height in um.
struct Outline {
  double width = 0, height = 0;
};

/// Memory macros of a design.
struct Macro {
  MacroMemory memory;
  std::string name;  ///< of the cell: msq_sram_64x4096
  Outline outline{};

  [[nodiscard]] int address_bits() const;
  /// "64x4096".
  [[nodiscard]] std::string size() const;
  /// Name of the file with the black box: "msq_sram_64x4096_stub.sv".
  [[nodiscard]] std::string stub_file() const;
  /// Name of a placeholder: "msq_sram_64x4096_placeholder.lef" for "lef".
  [[nodiscard]] std::string file(const std::string& extension) const;
};

/// Macro of a memory, near to a square, with room for its pins; larger than its area if that is below
/// least_macro_area.
[[nodiscard]] Macro macro_of(const Design& design, const MacroMemory& memory, const Platform& platform);

/// Ports of a macro in the order of the black box. All are inputs except the data read.
struct MacroPort {
  std::string name;
  int width = 0;  ///< 0: a single wire
  bool output = false;
};
[[nodiscard]] std::vector<MacroPort> macro_ports(const Macro& macro);

/// Path from an instance of the memory module to the macro in it.
[[nodiscard]] std::string macro_instance(const Macro& macro);

/// The memory module of the design with a macro for each of the sizes, registers for others.
[[nodiscard]] std::string memory_module(const Design& design, const std::vector<Macro>& macros);
/// Black box.
[[nodiscard]] std::string macro_stub(const Macro& macro);
/// Outline, pins and blocked layers.
[[nodiscard]] std::string macro_lef(const Macro& macro, const Platform& platform);
/// Area, leakage, energy of accesses, access and setup time.
[[nodiscard]] std::string macro_liberty(const Macro& macro, const Platform& platform);
/// Stream of a layout that has the outline alone, on a layer of SKY130.
[[nodiscard]] std::string macro_gds(const Macro& macro);

}  // namespace msq::silicon
