#include "model/machines.hpp"

#include <algorithm>

namespace msq::model {
namespace {

constexpr double kWeightsPerScale = 128;
constexpr double kByte = 8;

double ceil_quotient(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = (a + b - 1) / b;
  return static_cast<double>(quotient);
}

}  // namespace

std::vector<Machine> compared_machines() {
  return {
      {"INT8", 8, 1, 8,
       "one 8-bit weight per PE and cycle, so its multipliers are twice as large; scales of a column not "
       "counted"},
      {"INT4", 4 + 16 / kWeightsPerScale, 1, 8,
       "one 4-bit weight per PE and cycle, an FP16 scale for 128 weights"},
      {"MXFP4", 4 + 8.0 / 32, 1, 8,
       "OCP Microscaling 1.0: E2M1 elements, a scale of 8 bits for 32 weights; one weight per PE and cycle"},
      {"OliVe", 4, 1, 4,
       "ISCA 2023, 4 bits: an outlier takes its neighbour's place, so no bits beside the codes; W4A4; scales "
       "of a column not counted"},
      {"GOBO", 3 + 0.001 * (32 + 32), 1, 16,
       "MICRO 2020: 3-bit centroids, 0.1 % of the weights as FP32 with 32 bits of position; activations stay "
       "floating point, FP16 here; one weight per PE and cycle"},
  };
}

Machine ideal_machine(int mode, double weight_bits) {
  return {"MicroScopiQ, ideal", weight_bits, mode == 2 ? 2 : 1, 8,
          "ReCoN, loading and draining take no time"};
}

double Roofline::cycles() const { return std::max({compute, off_chip, on_chip}); }

const char* Roofline::binds() const {
  if (compute >= off_chip && compute >= on_chip) return "compute";
  return off_chip >= on_chip ? "off chip" : "on chip";
}

Roofline roofline(const Machine& machine, const Platform& p, std::int64_t m, std::int64_t k, std::int64_t n) {
  const double passes = ceil_quotient(m, p.tokens_max);
  const double weights = static_cast<double>(k) * static_cast<double>(n) * machine.weight_bits / kByte;
  const double activations =
      static_cast<double>(m) * static_cast<double>(k) * machine.activation_bits / kByte;
  const double outputs = static_cast<double>(m) * static_cast<double>(n) * p.output_bits / kByte;
  Roofline roof;
  roof.compute = static_cast<double>(m) * ceil_quotient(k, p.rows) *
                 ceil_quotient(n, static_cast<std::int64_t>(p.cols) * machine.weights_per_pe);
  roof.off_chip = (weights * (weights <= p.shared_bytes ? 1 : passes) + activations + outputs) / p.off_chip;
  roof.on_chip = (weights * passes + activations + outputs) / p.on_chip;
  return roof;
}

}  // namespace msq::model
