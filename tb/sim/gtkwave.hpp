#pragma once

#include <filesystem>
#include <string>

#include "gen/arch/design.hpp"

namespace msq::tb {

/// Signal list of a recorded trace, for GTKWave: the ports of the top by stream, and in the accelerator the
/// signals between them.
[[nodiscard]] std::string gtkwave_signals(const Design& design, const std::filesystem::path& trace);

}  // namespace msq::tb
