#pragma once

#include <string>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "gen/arch/registers.hpp"
#include "gen/config/config.hpp"
#include "gen/verilog/verilog.hpp"

namespace msq {

/// Byte address of the shell's own registers; those of msq_top are below.
inline constexpr int kShellRegisters = 0x1000;

/// Registers of the shell, at their offsets from kShellRegisters.
[[nodiscard]] std::vector<Register> shell_register_map(const ShellConfig& shell);

/// Error codes of the shell: those of msq_top, and its own.
[[nodiscard]] const std::vector<ErrorCode>& shell_error_codes();

/// A word of a descriptor, or a field of one.
struct DescriptorField {
  std::string name;  ///< snake_case
  int word = 0;      ///< 32-bit word
  int lsb = 0;
  int width = 32;  ///< 64 for an address, which takes two words
  std::string doc;
};
/// The descriptor of a job in memory, in the order of its words (rtl/shell/msq_fetch.v).
[[nodiscard]] const std::vector<DescriptorField>& descriptor_fields();
inline constexpr int kDescriptorBytes = 128;    ///< alignment, with the completion
inline constexpr int kCompletionOffset = 64;    ///< bytes from the descriptor to its completion
inline constexpr int kDescriptorMarker = 0xd5;  ///< lowest byte of the control word

/// Memories of the shell.
[[nodiscard]] std::vector<Memory> shell_memories(const ShellConfig& shell);

namespace arch {
/// Shell around msq_top: AXI4 memory ports, descriptors, registers.
[[nodiscard]] verilog::Module build_shell(const Dimensions& d, const ShellConfig& shell,
                                          const verilog::Interface& top, const verilog::Interface& registers,
                                          const std::vector<Register>& top_map);
}  // namespace arch

}  // namespace msq
