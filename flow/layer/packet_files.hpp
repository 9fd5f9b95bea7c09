#pragma once

#include <filesystem>
#include <vector>

#include "support/result.hpp"
#include "tb/host/job.hpp"

namespace msq::flow {

/// Writes the packets of a job to a directory (created if missing), as a DMA takes them: weights-P.bin,
/// activations-P.bin and outputs-P.bin for each pass P, each beat in whole bytes, least significant first;
/// and registers.json with the settings. Errors: the directory or a file cannot be written.
[[nodiscard]] Result<> write_packets(const std::filesystem::path& directory, const tb::AcceleratorJob& job,
                                     const std::vector<tb::Packet>& outputs);

}  // namespace msq::flow
