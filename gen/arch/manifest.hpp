#pragma once

#include <string>

#include "gen/arch/design.hpp"

namespace msq {

/// All memories of a design. What is not listed here is flip-flops.
[[nodiscard]] std::vector<Memory> memories(const Design& design);
/// Their bits together.
[[nodiscard]] long memory_bits(const Design& design);

/// Manifest of a design as JSON: configuration, hash, version, ports, widths, latencies, memories, files. For
/// other tools; docs/architecture.md lists the keys.
[[nodiscard]] std::string manifest_json(const Design& design);

/// The ports of the top module as a C++ header: `#define MSQ_CORE_PORTS(PORT)` with one PORT(name, width) per
/// port. tb/model_shim.cpp is compiled against it for each configuration.
[[nodiscard]] std::string ports_header(const Design& design);

/// FuseSoC core description (CAPI2) of the design, its files beside it.
[[nodiscard]] std::string fusesoc_core(const Design& design);

}  // namespace msq
