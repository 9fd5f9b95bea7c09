#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "flow/layer/layer_operands.hpp"
#include "flow/layer/simulation.hpp"
#include "flow/tool_versions.hpp"
#include "gen/config/config.hpp"
#include "support/result.hpp"
#include "tb/host/job.hpp"
#include "tb/host/output_packet.hpp"
#include "tb/sim/accelerator.hpp"

namespace msq::flow {

/// How `accelerate` runs a layer.
struct AcceleratorRequest {
  tb::OutputFormat format = tb::OutputFormat::fp32;
  int tokens_per_pass = 0;  ///< 0: as many as fit
  double stalls = 0;        ///< probability of a pause of each stream in a cycle
  unsigned seed = 1;
  std::filesystem::path packets;         ///< directory for the stream packets; empty: they are not written
  std::optional<tb::TraceWindow> trace;  ///< to record after the comparison
  std::vector<std::filesystem::path> inputs{};  ///< files that were read: no packet may replace one
};

/// Words of the output packets that differ from the golden ones.
struct PacketComparison {
  std::int64_t words = 0, differing = 0;
  std::string first;  ///< place of the first difference
};

/// A layer that ran through the ports of the accelerator.
struct AcceleratorFindings {
  std::string config, weights_source, activations_source;
  int bits = 0;
  std::int64_t m = 0, k = 0, n = 0;
  tb::OutputFormat format = tb::OutputFormat::fp32;
  int tokens_per_pass = 0;
  tb::AcceleratorResult result;
  PacketComparison comparison;
  std::int64_t predicted_cycles = 0;  ///< by the cycle model
  double utilization = 0;             ///< multiplications / what the array could do in the counted cycles
  std::optional<RecordedTrace> trace;
  std::vector<ToolVersion> tools;

  [[nodiscard]] bool ok() const { return result.done && comparison.differing == 0; }
};

/// Runs a layer as one job of the simulated accelerator and compares its output packets with the golden
/// model. A mismatch is a result. Errors: operands that do not fit the configuration, tools missing, a model
/// that does not build, a broken protocol, packets or a trace that cannot be written, or packets that would
/// replace an input or the trace.
[[nodiscard]] Result<AcceleratorFindings> accelerate(const Config& config, const LayerOperands& operands,
                                                     const AcceleratorRequest& request);

}  // namespace msq::flow
