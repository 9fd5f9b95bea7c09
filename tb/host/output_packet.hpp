#pragma once

#include <span>
#include <vector>

#include "gen/arch/dimensions.hpp"
#include "golden/exec/accumulate.hpp"
#include "golden/tensor.hpp"
#include "support/result.hpp"
#include "tb/host/job.hpp"

namespace msq::tb {

/// Golden result of the job's GEMM on an array of this configuration, the tensors' columns side by side.
[[nodiscard]] Result<golden::GemmResult> golden_result(const Config& config,
                                                       std::span<const golden::QuantizedTensor> parts,
                                                       const golden::QuantizedActivations& activations);

/// The packets that the accelerator must give for this result, to the last bit.
[[nodiscard]] std::vector<Packet> expected_outputs(const Dimensions& d, const AcceleratorJob& job,
                                                   const golden::GemmResult& result);

/// MX outputs as activations of a next layer. The packets are those of expected_outputs' form.
[[nodiscard]] golden::QuantizedActivations read_mx_outputs(const Dimensions& d, const AcceleratorJob& job,
                                                           std::span<const Packet> packets);

}  // namespace msq::tb
