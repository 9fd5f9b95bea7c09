#pragma once

#include <string>
#include <vector>

#include "gen/arch/design.hpp"

namespace msq {

/// All memories of a design. All other storage is flip-flops.
[[nodiscard]] std::vector<Memory> memories(const Design& design);
/// Their bits together.
[[nodiscard]] long memory_bits(const Design& design);

/// Names of the manifest, by which an output of `generate` is recognized, and of the register page.
inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kRegisterPage = "registers.md";
inline constexpr const char* kShellRegisterPage = "shell_registers.md";

/// Names of the headers.
[[nodiscard]] std::string ports_file(const Design& design);
[[nodiscard]] std::string registers_file(const Design& design);
[[nodiscard]] std::string shell_registers_file(const Design& design);

/// Names of the files that belong to a design beside its Verilog: control file, descriptions, headers.
[[nodiscard]] std::vector<std::string> other_files(const Design& design);

/// Manifest of a design as JSON: configuration, hash, version, ports, widths, latencies, memories, files. For
/// other tools; docs/reference/architecture.md lists the keys.
[[nodiscard]] std::string manifest_json(const Design& design);

/// The ports of the top module as a C++ header: `#define MSQ_PORTS(PORT)` with one PORT(name,
/// width) per port. tb/model_shim.cpp is compiled against it for each configuration.
[[nodiscard]] std::string ports_header(const Design& design);

}  // namespace msq
