#include "flow/measure/baseline_layer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "golden/baselines/array_gemm.hpp"
#include "golden/baselines/olive.hpp"
#include "golden/baselines/round_to_nearest.hpp"
#include "golden/exec/tile.hpp"
#include "tb/host/bits.hpp"
#include "tb/sim/layer_run.hpp"

namespace msq::flow {
namespace {

namespace baselines = golden::baselines;

/// As many as run_layer takes by itself.
std::int64_t tokens_per_pass() { return tb::LayerRunOptions{}.tokens_per_pass; }

/// Place of a tile in the layer.
struct Place {
  std::int64_t token = 0, k = 0, n = 0;
};

/// K fastest, then columns, then passes of tokens.
std::vector<Place> places(const Dimensions& d, const BaselineLayer& layer, std::int64_t limit) {
  std::vector<Place> found;
  for (std::int64_t token = 0; token < layer.tokens; token += tokens_per_pass()) {
    for (std::int64_t n = 0; n < layer.n; n += d.cols) {
      for (std::int64_t k = 0; k < layer.k; k += d.rows) {
        if (std::ssize(found) == limit) return found;
        found.push_back({token, k, n});
      }
    }
  }
  return found;
}

/// [rows][cols] of a [K][N] matrix; beyond its edge is `padding`.
template <class Weight>
std::vector<Weight> cut(const Dimensions& d, const BaselineLayer& layer, const std::vector<Weight>& weights,
                        const Place& at, Weight padding) {
  std::vector<Weight> tile;
  for (std::int64_t k = at.k; k < at.k + d.rows; ++k) {
    for (std::int64_t n = at.n; n < at.n + d.cols; ++n) {
      tile.push_back(k < layer.k && n < layer.n ? weights[static_cast<std::size_t>(k * layer.n + n)]
                                                : padding);
    }
  }
  return tile;
}

std::vector<std::vector<std::int8_t>> tokens_of(const Dimensions& d, const BaselineLayer& layer,
                                                const golden::QuantizedActivations& activations,
                                                const Place& at) {
  const auto count = static_cast<int>(std::min(tokens_per_pass(), layer.tokens - at.token));
  const auto own = golden::activation_tile(activations, at.k, d.rows, at.token, count);
  std::vector<std::vector<std::int8_t>> tokens;
  for (auto next = own.begin(); next != own.end(); next += d.rows) tokens.emplace_back(next, next + d.rows);
  return tokens;
}

/// Adds a tile with its tokens. `sums` gives the lanes of a token's sums as in psum_o.
template <class Sums>
void add_tile(const Dimensions& d, BaselineLayer& layer, tb::BaselineTile tile, const Place& at, Sums sums) {
  layer.multiplications += static_cast<double>(std::min<std::int64_t>(d.rows, layer.k - at.k)) *
                           static_cast<double>(std::min<std::int64_t>(d.cols, layer.n - at.n)) *
                           static_cast<double>(tile.tokens.size());
  for (const auto& token : tile.tokens) {
    tb::Words words = tb::words_for(d.cols * d.acc_bits);
    const std::vector<std::uint32_t> lanes = sums(token);
    const std::uint32_t mask = d.acc_bits == 32 ? ~0U : (1U << d.acc_bits) - 1;
    for (int c = 0; c < d.cols; ++c)
      tb::put_bits(words, c * d.acc_bits, d.acc_bits, lanes[static_cast<std::size_t>(c)] & mask);
    layer.sums.push_back(std::move(words));
  }
  layer.tiles.push_back(std::move(tile));
}

/// The array int4 is the generator's plain array as it is.
Baseline kind_of(const Design& design) {
  return design.dimensions.baseline ? design.dimensions.baseline->kind : Baseline::int4;
}

Result<std::vector<int>> integers_of(Baseline kind, const golden::Matrix& w) {
  if (kind == Baseline::olive) return baselines::olive_integers(w.values, w.rows, w.columns, {});
  return baselines::rounded_integers(w.values, w.rows, w.columns, {.bits = kind == Baseline::int8 ? 8 : 4});
}

Result<> add_integer_tiles(const Design& design, const LabelledMatrix& weights,
                           const golden::QuantizedActivations& activations, std::int64_t limit,
                           BaselineLayer& layer) {
  const Dimensions& d = design.dimensions;
  const auto integers = integers_of(kind_of(design), weights.matrix);
  if (!integers) return Error(fmt::format("{}: {}", weights.source, integers.error()));
  for (const Place& at : places(d, layer, limit)) {
    const std::vector<int> tile = cut(d, layer, *integers, at, 0);
    auto loads = tb::integer_loads(d, tile);
    if (!loads) return Error(fmt::format("{}: {}", weights.source, loads.error()));
    add_tile(d, layer, {std::move(*loads), tokens_of(d, layer, activations, at)}, at,
             [&](const std::vector<std::int8_t>& token) {
               std::vector<std::uint32_t> lanes;
               for (const std::int64_t sum : baselines::integer_gemm(token, tile, 1, d.rows, d.cols))
                 lanes.push_back(static_cast<std::uint32_t>(sum << d.fraction_bits));
               return lanes;
             });
  }
  return {};
}

/// Leaves one outlier for each unit, the first one in the row. @return how many are taken away.
std::int64_t demote(const Dimensions& d, std::vector<baselines::GoboWeight>& tile) {
  const int pes = tb::pes_of_an_outlier_unit(d);
  std::int64_t demoted = 0;
  auto next = tile.begin();
  for (int row = 0; row < d.rows; ++row) {
    for (int c = 0, unit = -1; c < d.cols; ++c) {
      auto& outlier = (next++)->outlier;
      if (!outlier) continue;
      if (c / pes == unit) {
        outlier.reset();
        ++demoted;
      }
      unit = c / pes;
    }
  }
  return demoted;
}

Result<> add_gobo_tiles(const Design& design, const LabelledMatrix& weights,
                        const golden::QuantizedActivations& activations, std::int64_t limit,
                        BaselineLayer& layer) {
  const Dimensions& d = design.dimensions;
  const golden::Matrix& w = weights.matrix;
  auto codes = baselines::gobo_codes(w.values, w.rows, w.columns, {});
  if (!codes) return Error(fmt::format("{}: {}", weights.source, codes.error()));
  for (const Place& at : places(d, layer, limit)) {
    auto tile = cut(d, layer, codes->weights, at, {});
    layer.demoted += demote(d, tile);
    std::vector<float> values;
    values.reserve(tile.size());
    for (const baselines::GoboWeight& weight : tile) values.push_back(codes->value(weight));
    add_tile(d, layer, {tb::gobo_loads(d, tile), tokens_of(d, layer, activations, at)}, at,
             [&](const std::vector<std::int8_t>& token) {
               std::vector<std::uint32_t> lanes;
               for (const float sum : baselines::fp32_gemm(token, values, 1, d.rows, d.cols))
                 lanes.push_back(std::bit_cast<std::uint32_t>(sum));
               return lanes;
             });
  }
  layer.centroids = std::move(codes->centroids);
  return {};
}

int bits_of(Baseline kind) {
  if (kind == Baseline::int8) return 8;
  return kind == Baseline::gobo ? 3 : 4;
}

}  // namespace

Result<BaselineLayer> baseline_layer(const Design& design, const LabelledMatrix& weights,
                                     const golden::QuantizedActivations& activations, std::int64_t limit) {
  const Baseline kind = kind_of(design);
  BaselineLayer layer;
  layer.weights_source = weights.source;
  layer.bits = bits_of(kind);
  layer.tokens = activations.m;
  layer.k = weights.matrix.rows;
  layer.n = weights.matrix.columns;
  const auto added = kind == Baseline::gobo ? add_gobo_tiles(design, weights, activations, limit, layer)
                                            : add_integer_tiles(design, weights, activations, limit, layer);
  if (!added) return Error(added.error());
  return layer;
}

Result<BaselineLayer> load_baseline_layer(const Design& design, const LayerInputs& inputs,
                                          std::int64_t limit) {
  MSQ_TRY(const auto weights, load_weights(inputs.weights, inputs.seed));
  MSQ_TRY(const auto activations,
          load_activations(inputs.activations, weights.matrix.rows, weights.source, inputs.seed));
  MSQ_TRY(const auto quantized,
          quantize_activations(activations, design.config.act_bits, golden::Format{}.macro_block));
  MSQ_TRY(auto layer, baseline_layer(design, weights, quantized, limit));
  layer.activations_source = activations.source;
  return layer;
}

}  // namespace msq::flow
