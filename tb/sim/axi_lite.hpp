#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "support/result.hpp"
#include "tb/sim/model.hpp"

namespace msq::tb {

/// Host on the AXI4-Lite ports PREFIX_aw.., PREFIX_w.., PREFIX_b.., PREFIX_ar.., PREFIX_r..: one transfer at
/// a time, always ready for its response.
class AxiLiteHost {
 public:
  /// Puts the ports at rest. @param step does a cycle of the model.
  /// \throws std::logic_error if the model has no such ports.
  AxiLiteHost(const Model& model, const std::string& prefix, std::function<void()> step);

  /// Error: no response for a long time.
  [[nodiscard]] Result<std::uint32_t> read(std::uint64_t address);
  [[nodiscard]] Result<> write(std::uint64_t address, std::uint32_t value, unsigned strobe = 0xf);

 private:
  Model model_;
  std::function<void()> step_;
  ModelPort awaddr_, awready_, awvalid_, wdata_, wstrb_, wready_, wvalid_, bvalid_;
  ModelPort araddr_, arready_, arvalid_, rdata_, rvalid_;
};

}  // namespace msq::tb
