#include "tb/host/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "gen/config/serialize.hpp"
#include "golden/exec/accumulate.hpp"
#include "golden/exec/alignment.hpp"
#include "tb/host/activation_packet.hpp"
#include "tb/host/array_sizes.hpp"
#include "tb/host/operands.hpp"
#include "tb/host/weight_packet.hpp"

namespace msq::tb {
namespace {

using golden::QuantizedActivations;
using golden::QuantizedTensor;
using golden::WeightAlignment;

int log2_of(std::int64_t power) { return std::countr_zero(static_cast<std::uint64_t>(power)); }

/// Place of a tensor among the others of its job.
struct PartPlace {
  std::size_t number = 0;
  bool last = false;
  std::int64_t units = 0;  ///< units of columns before it
};

Result<> check_columns(const Config& config, const QuantizedTensor& w, const PartPlace& at,
                       OutputFormat format) {
  const int columns = config.logical_columns(w.format.bits);
  if (!at.last && w.n % columns != 0) {
    return Error(
        fmt::format("tensor {} has {} columns, not a multiple of the {} of a tile, and is not the last",
                    at.number, w.n, columns));
  }
  const std::int64_t unit = config.unit_columns();
  if (is_mx(format) && columns > unit && at.units % 2 != 0) {
    return Error(fmt::format("tensor {} in mode 2 begins at column {}: with MX outputs not a multiple of {}",
                             at.number, at.units * unit, columns));
  }
  return {};
}

Result<> check_alignment(const Config& config, const QuantizedTensor& w, std::size_t number,
                         int activation_block) {
  const WeightAlignment alignment(
      w, golden::split_rows(w, activation_block, config.logical_rows(w.format.bits)));
  if (alignment.max_row_shift() > config.row_align_bits) {
    return Error(fmt::format("tensor {}: rows shifted by up to {}, configuration {} has row_align_bits {}",
                             number, alignment.max_row_shift(), config.name, config.row_align_bits));
  }
  const int columns = config.logical_columns(w.format.bits);
  if (w.axis == golden::Axis::output && columns > w.format.macro_block) {
    return Error(fmt::format("tensor {}: a tile of {} columns crosses macro-blocks of {}", number, columns,
                             w.format.macro_block));
  }
  return {};
}

Result<> check_parts(const Config& config, std::span<const QuantizedTensor> parts,
                     const QuantizedActivations& activations, OutputFormat format) {
  if (parts.empty()) return Error("a job needs at least one tensor");
  PartPlace at;
  for (const QuantizedTensor& w : parts) {
    at.last = at.number + 1 == parts.size();
    MSQ_CHECK(check_operands(config, w, activations));
    if (w.format.macro_block != parts[0].format.macro_block || w.axis != parts[0].axis) {
      return Error(
          fmt::format("tensor {}: all tensors of a job need one macro-block size and axis", at.number));
    }
    MSQ_CHECK(check_columns(config, w, at, format));
    MSQ_CHECK(check_alignment(config, w, at.number, activations.block));
    at.units += (w.n + config.unit_columns() - 1) / config.unit_columns();
    ++at.number;
  }
  return {};
}

/// Job without its packets. Error: K beyond the buffers, or more tokens in a pass than they hold.
Result<AcceleratorJob> shape_of(const Dimensions& d, std::span<const QuantizedTensor> parts,
                                const QuantizedActivations& activations, int tokens_per_pass) {
  AcceleratorJob job;
  job.m = activations.m;
  job.k = activations.k;
  for (const QuantizedTensor& w : parts) job.n += w.n;
  job.log2_block = log2_of(activations.block);
  int tile_rows = std::min(d.rows, activations.block);
  if (parts[0].axis == golden::Axis::reduction) tile_rows = std::min(tile_rows, parts[0].format.macro_block);
  job.log2_tile_rows = log2_of(tile_rows);
  const int fit = tokens_that_fit(d, job.k, job.log2_tile_rows);
  if (fit == 0 || job.tiles_k() > golden::kMaxTilesAlongK) {
    return Error(
        fmt::format("K of {} takes {} tiles of {} rows; a token may have {} (half of the activation "
                    "buffer), at most {}",
                    job.k, job.tiles_k(), tile_rows, d.act_words, golden::kMaxTilesAlongK));
  }
  if (tokens_per_pass > fit)
    return Error(fmt::format("{} tokens per pass: at most {} fit the buffers", tokens_per_pass, fit));
  job.tokens_per_pass =
      static_cast<int>(std::min<std::int64_t>(tokens_per_pass > 0 ? tokens_per_pass : fit, job.m));
  return job;
}

/// Tiles of all passes, tensor by tensor, scheduled through all of them.
std::vector<JobTile> plan_job(const golden::ArraySizes& array, std::span<const QuantizedTensor> parts,
                              int activation_block, const golden::TokenPasses& passes) {
  std::vector<JobTile> places;  // of one pass
  std::vector<golden::TileDemand> demands;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const golden::LayerCut cut(array, parts[p], activation_block);
    const golden::TensorDemands of_part(array, parts[p], cut);
    for (std::int64_t tile = 0; tile < cut.tiles(); ++tile) {
      places.push_back({p, cut.place(tile), {}, cut.most_rows() > array.rows});
      demands.push_back(of_part.at(places.back().place));
    }
  }
  std::vector<JobTile> tiles;
  for (golden::PlannedTile& planned : golden::plan_passes(*array.planner, demands, passes)) {
    tiles.push_back(places[static_cast<std::size_t>(planned.tile)]);
    tiles.back().plan = std::move(planned);
  }
  return tiles;
}

void pack_weights(const Dimensions& d, std::uint32_t hash, const golden::ArraySizes& array,
                  std::span<const QuantizedTensor> parts, std::span<const JobTile> tiles,
                  int activation_block, AcceleratorJob& job) {
  std::vector<WeightAlignment> alignments;
  for (const QuantizedTensor& w : parts)
    alignments.emplace_back(w, golden::split_rows(w, activation_block, array.places(w.format.bits)));
  const WeightPacker packer(d, array, parts, std::move(alignments), hash);
  const std::size_t per_pass = tiles.size() / static_cast<std::size_t>(job.passes());
  for (std::size_t first = 0; first < tiles.size(); first += per_pass)
    job.weights.push_back(packer.pass(tiles.subspan(first, per_pass), job.tiles));
}

}  // namespace

int tokens_that_fit(const Dimensions& d, std::int64_t k, int log2_tile_rows) {
  const std::int64_t tiles = (k + (1 << log2_tile_rows) - 1) >> log2_tile_rows;
  const std::int64_t of_a_bank = (tiles + d.places - 1) / d.places;
  return static_cast<int>(std::min<std::int64_t>(d.tokens, d.act_words / d.places / of_a_bank));
}

Result<AcceleratorJob> make_job(const Config& config, std::span<const QuantizedTensor> parts,
                                const QuantizedActivations& activations, OutputFormat format,
                                int tokens_per_pass) {
  MSQ_CHECK(check_parts(config, parts, activations, format));
  const Dimensions d(config);
  MSQ_TRY(AcceleratorJob job, shape_of(d, parts, activations, tokens_per_pass));
  job.format = format;
  const golden::ArraySizes array = array_sizes(d);
  const golden::TokenPasses passes{job.m, job.tokens_per_pass};
  pack_weights(d, short_config_hash(config), array, parts, plan_job(array, parts, activations.block, passes),
               activations.block, job);
  for (std::int64_t pass = 0; pass < passes.count(); ++pass) {
    job.activations.push_back(
        activation_packet(d, activations, passes.first(pass), passes.tokens(pass), 1 << job.log2_tile_rows));
  }
  return job;
}

std::vector<RegisterSetting> register_settings(const AcceleratorJob& job) {
  const auto word = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
  return {{"tokens", word(job.m)},
          {"depth", word(job.k)},
          {"columns", word(job.n)},
          {"pass", word(job.tokens_per_pass)},
          {"tiling", word(job.log2_tile_rows) | word(job.log2_block) << 8},
          {"format", word(static_cast<int>(job.format))}};
}

}  // namespace msq::tb
