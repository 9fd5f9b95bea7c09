#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "gen/verilog/verilog.hpp"

namespace msq {

/// Behaviour of a register field.
enum class Access {
  constant,  ///< reads as its value
  status,    ///< reads what the hardware says
  pulse,     ///< writing 1 does something for one cycle; reads 0
  setting    ///< kept and read back; a job takes those of 0x18 to 0x2c with its start
};

struct RegisterField {
  std::string name;  ///< snake_case
  int lsb = 0;
  int width = 1;
  Access access = Access::status;
  std::uint32_t value = 0;  ///< of a constant; after reset for a setting
  std::string doc;
};

struct Register {
  std::string name;  ///< snake_case
  int offset = 0;    ///< bytes, a multiple of 4
  std::string doc;
  std::vector<RegisterField> fields;  ///< ascending, not overlapping
};

inline constexpr int kRegisterAddressBits = 8;
/// Version of the format of the accelerator's streams (docs/reference/streams.md), as the register `version`
/// has it.
inline constexpr std::uint32_t kStreamVersion = 2;

/// Registers of the top, in ascending order: the one source of the hardware's register file, the C header,
/// and the page in docs/. `hash` is the low half of the configuration's.
[[nodiscard]] std::vector<Register> register_map(const Dimensions& d, std::uint32_t hash);

/// The register of a name. \throws std::logic_error if there is none.
[[nodiscard]] const Register& find_register(const std::vector<Register>& map, std::string_view name);
/// All bits of some fields of a register. \throws std::logic_error if there is no such field.
[[nodiscard]] std::uint32_t field_bits(const Register& r, std::initializer_list<std::string_view> fields);

/// Error codes of the status register: code, name, meaning.
struct ErrorCode {
  int code;
  std::string name;
  std::string doc;
};
[[nodiscard]] const std::vector<ErrorCode>& error_codes();

/// Registers that a register port shows from one address on.
struct RegisterBlock {
  std::string name;  ///< snake_case
  int base = 0;      ///< byte address
  int bytes = 0;     ///< addresses that the block decodes
  std::string doc;
  std::vector<Register> map;
  std::vector<ErrorCode> codes;  ///< of the field `status.code`
};

/// `tile_tokens` as `TILE_TOKENS`.
[[nodiscard]] std::string upper(std::string text);

/// C header: byte offsets, field positions and error codes as macros that begin with the prefix.
[[nodiscard]] std::string register_header(const std::vector<Register>& map,
                                          const std::string& prefix = "msq");
/// Of the registers and error codes of another module.
[[nodiscard]] std::string register_header(const std::vector<Register>& map, const std::string& prefix,
                                          const std::string& module, const std::vector<ErrorCode>& codes);
/// Table of the registers in Markdown.
[[nodiscard]] std::string register_table(const std::vector<Register>& map);
/// Table of the error codes in Markdown.
[[nodiscard]] std::string error_table(const std::vector<ErrorCode>& codes);
/// Both tables.
[[nodiscard]] std::string register_page(const std::vector<Register>& map,
                                        const std::vector<ErrorCode>& codes = error_codes());

namespace arch {
/// Register file behind msq_axil: outputs <register>_<field>_o for settings and pulses, inputs
/// <register>_<field>_i for statuses.
[[nodiscard]] verilog::Module build_registers(const std::vector<Register>& map);
/// Of another module: name and comment of the register file, and its area block.
[[nodiscard]] verilog::Module build_registers(const std::vector<Register>& map, const std::string& name,
                                              const std::string& doc, const std::string& block);
}  // namespace arch

}  // namespace msq
