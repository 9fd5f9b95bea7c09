#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flow/layer/array_choice.hpp"
#include "model/cycles.hpp"
#include "model/machines.hpp"
#include "model/pattern.hpp"
#include "model/shapes.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Layers, array and memories for which cycles are calculated.
struct ModelRequest {
  ArrayChoice array;
  std::string model, shapes, quantized;  ///< a known model, a CSV file, or files of `quantize`
  bool decode = false;                   ///< tokens one after the other instead of all at once
  std::int64_t tokens = 0;
  int mode = 0;                ///< bits of a weight; 0: the fewest of the configuration
  std::optional<double> rate;  ///< share of micro-blocks with outliers; none: the paper's
  model::PortRates rates;
  model::Platform platform;
  tb::OutputFormat output = tb::OutputFormat::fp32;
  unsigned seed = 1;

  /// M of a GEMM without experts.
  [[nodiscard]] std::int64_t at_once() const { return decode ? 1 : tokens; }
  /// How often all of it is run.
  [[nodiscard]] std::int64_t repeats() const { return decode ? tokens : 1; }
};

/// A layer on all machines: cycles of one of its GEMMs, and how many there are.
struct LayerTimes {
  std::string name;
  model::LayerShape shape;
  std::int64_t count = 1;  ///< repeats included
  model::CyclePrediction top;
  model::Roofline ideal;  ///< MicroScopiQ
  std::vector<model::Roofline> machines;

  /// The generated top behind the platform's memories.
  [[nodiscard]] double cycles() const {
    return std::max({static_cast<double>(top.cycles), ideal.off_chip, ideal.on_chip});
  }
  [[nodiscard]] std::string binds() const {
    return cycles() > static_cast<double>(top.cycles) ? ideal.binds() : top.binds();
  }
  [[nodiscard]] double bits_per_weight() const {
    return static_cast<double>(top.weight_bits_of_a_pass) /
           (static_cast<double>(shape.k) * static_cast<double>(shape.n));
  }
};

/// Sums over all layers.
struct ModelTimesTotals {
  double cycles = 0, ideal = 0, macs = 0, weight_bytes = 0, activation_bytes = 0, output_bytes = 0;
  double bits_per_weight = 0;  ///< mean over the layers' weights
  double peak_cycles = 0;      ///< for the multiplications alone, each layer at the peak of its mode
  double accesses = 0, waits = 0;
  std::vector<double> machines;
};

/// Cycles of a model's linear layers on an array, beside other machines.
struct ModelTimes {
  std::string model;
  bool decode = false;
  std::int64_t tokens = 0;
  unsigned seed = 1;
  model::Hardware hardware;
  double rate = 0;  ///< of micro-blocks with outliers
  std::vector<model::Machine> machines;
  std::vector<LayerTimes> layers;

  [[nodiscard]] ModelTimesTotals totals() const;
  /// Those that layers have, in ascending order.
  [[nodiscard]] std::vector<int> modes() const;
  /// Multiplications per cycle, as a share of the array's peak in the mode of each layer.
  [[nodiscard]] double utilization() const;
};

/// Calculates the cycles of every layer. Errors: no layers named, or not readable; a rate of outliers that
/// the configuration cannot have; a layer that it cannot run.
[[nodiscard]] Result<ModelTimes> time_model(const ModelRequest& request);

}  // namespace msq::flow
