#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace msq::model {

// Other weight-stationary arrays by their roofline: as many PEs, the same bandwidths and clock. Nothing of
// their control, of loading weights or of draining sums is counted, which favours them over a machine whose
// cycles are modelled.

struct Machine {
  std::string name;
  double weight_bits = 8;  ///< moved for a weight, metadata included
  int weights_per_pe = 1;  ///< multiplied by a token per PE and cycle
  int activation_bits = 8;
  std::string assumption;  ///< what the figures rest on
};

/// INT8, INT4, MXFP4, OliVe and GOBO, as their papers or specifications describe them; each one's assumption
/// says how.
[[nodiscard]] std::vector<Machine> compared_machines();

/// MicroScopiQ itself, as if ReCoN, loading and draining took no time.
/// @param mode 2 or 4; @param weight_bits of its weight stream.
[[nodiscard]] Machine ideal_machine(int mode, double weight_bits);

/// Properties that all machines share.
struct Platform {
  int rows = 64, cols = 64;   ///< PEs
  int tokens_max = 128;       ///< of a pass: every pass moves all weights into the array
  double off_chip = 256;      ///< bytes per cycle: 256 GB/s at 1 GHz (the paper's HBM2)
  double on_chip = 64;        ///< bytes per cycle between the shared memory and the array
  double shared_bytes = 2e6;  ///< of on-chip memory: weights that fit are read from off chip once
  int output_bits = 8;        ///< of an output that leaves
};

struct Roofline {
  double compute = 0, off_chip = 0, on_chip = 0;  ///< cycles that each would take alone

  [[nodiscard]] double cycles() const;
  [[nodiscard]] const char* binds() const;  ///< "compute", "off chip" or "on chip"
};

/// Y[m][n] = X[m][k] W[k][n].
[[nodiscard]] Roofline roofline(const Machine& machine, const Platform& platform, std::int64_t m,
                                std::int64_t k, std::int64_t n);

}  // namespace msq::model
