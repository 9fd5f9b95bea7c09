#include "tb/streams.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <utility>

#include "golden/exec/alignment.hpp"
#include "golden/exec/output.hpp"
#include "golden/exec/permutation.hpp"
#include "golden/exec/schedule.hpp"
#include "golden/exec/tile.hpp"
#include "tb/adapters.hpp"
#include "tb/layer_run.hpp"

namespace msq::tb {
namespace {

using golden::QuantizedActivations;
using golden::QuantizedTensor;
using golden::Tile;

constexpr std::uint32_t kMarker = 0xa5;
constexpr std::uint32_t kZeroBlock = 0x80;
constexpr int kLeastScale = -64;  // of a relative scale: nothing is left of a partial sum

/// Fills a packet field by field.
class BeatWriter {
 public:
  explicit BeatWriter(int beat_bits) { packet_.beat_bits = beat_bits; }

  void put(int width, std::uint32_t value) {
    if (used_ == 0) packet_.words.resize(packet_.words.size() + packet_.words_per_beat());
    auto beat = std::span(packet_.words).last(packet_.words_per_beat());
    // A field may lie across two beats if the beat is narrower than it.
    const int here = std::min(width, packet_.beat_bits - used_);
    put_bits(beat, used_, here, here == 32 ? value : value & ((1U << here) - 1));
    used_ = (used_ + here) % packet_.beat_bits;
    if (here < width && here < 32) put(width - here, value >> here);
  }
  void align() { used_ = 0; }
  void beat(std::span<const std::uint32_t> words) {
    packet_.words.insert(packet_.words.end(), words.begin(), words.end());
    packet_.words.resize(packet_.words.size() +
                         (packet_.words_per_beat() - words.size() % packet_.words_per_beat()) %
                             packet_.words_per_beat());
  }
  [[nodiscard]] std::size_t beats() const { return packet_.beats(); }
  Packet take() { return std::move(packet_); }

 private:
  Packet packet_;
  int used_ = 0;
};

/// A tile of the job as it is scheduled.
struct PlannedTile {
  std::size_t part = 0;
  std::size_t range = 0;
  std::int64_t n0 = 0;  ///< in its part
  int tokens = 1;
  bool first_k = false;
  bool more = false;  ///< the next tile has the same rows
  Tile tile;          ///< rows in physical order
  std::vector<int> order;
  std::vector<int> shifts;  ///< of the physical rows
};

int log2_of(std::int64_t power) { return std::countr_zero(static_cast<std::uint64_t>(power)); }

bool is_mx(OutputFormat format) { return format == OutputFormat::mx8 || format == OutputFormat::mx4; }

std::uint32_t low_bits(std::int64_t value, int width) {
  return static_cast<std::uint32_t>(value) & (width == 32 ? ~0U : (1U << width) - 1);
}

/// Rows that use a ReCoN unit.
std::vector<bool> scheduled_rows(const Dimensions& d, const Tile& tile) {
  return d.recon ? golden::flagged_rows(tile) : std::vector<bool>(static_cast<std::size_t>(tile.rows), false);
}

/// Writes the weight packets, tile by tile.
class WeightPacker {
 public:
  WeightPacker(const Dimensions& d, std::span<const QuantizedTensor> parts,
               std::vector<golden::WeightAlignment> alignments)
      : d_(d), parts_(parts), alignments_(std::move(alignments)) {}

  /// @return the tile as the timing sees it.
  model::TilePlan add(BeatWriter& out, const PlannedTile& t, int interval, int gap) {
    const std::size_t before = out.beats();
    const bool ordered = !std::is_sorted(t.order.begin(), t.order.end());
    const bool shifted = std::any_of(t.shifts.begin(), t.shifts.end(), [](int s) { return s != 0; });
    // A column that is all zero in this tile can have any scale: one that the tiles around it have, too.
    const QuantizedTensor& tensor = parts_[t.part];
    const auto k0 = alignments_[t.part].ranges()[t.range].k0;
    std::vector<std::uint32_t> scales =
        section(t, [&](const golden::WeightAlignment& a, std::int64_t n) -> int {
          const int reference = a.reference()[static_cast<std::size_t>(n)];
          if (tensor.axis == golden::Axis::reduction)
            return std::clamp(tensor.scale(k0, n) - reference, kLeastScale, golden::kWeightSpread);
          const auto exponent = a.exponent(t.range, n);
          if (exponent) return std::max(*exponent - reference, kLeastScale);
          return t.first_k ? 0 : static_cast<int>(scales_[static_cast<std::size_t>(n - t.n0)]);
        });
    std::vector<std::uint32_t> factors;
    if (d_.factor_bits > 0)
      factors = section(t, [&](const auto&, std::int64_t n) { return factor_code(tensor, k0, n); });
    const bool new_scales = t.first_k || scales != scales_ || factors != factors_;
    const bool mode4 = t.tile.format.bits == 4;
    out.put(32, kMarker | (mode4 ? 1U << 8 : 0) | (new_scales ? 1U << 9 : 0) | (ordered ? 1U << 10 : 0) |
                    (shifted ? 1U << 11 : 0) | (t.more ? 1U << 12 : 0) |
                    static_cast<std::uint32_t>(interval) << 16 | static_cast<std::uint32_t>(gap) << 24);
    out.align();
    if (t.first_k) {
      put_bytes(out, section(t, [](const golden::WeightAlignment& a, std::int64_t n) {
                  return a.reference()[static_cast<std::size_t>(n)];
                }));
    }
    if (new_scales) {
      put_bytes(out, scales);
      for (const std::uint32_t factor : factors) out.put(4, factor);
      out.align();
    }
    scales_ = std::move(scales);
    factors_ = std::move(factors);
    if (ordered) {
      for (const std::uint8_t exchange : golden::permuter_settings(t.order)) out.put(1, exchange);
      out.align();
    }
    if (shifted) {
      for (const int shift : t.shifts) out.put(4, static_cast<std::uint32_t>(shift));
      out.align();
    }
    model::TilePlan plan;
    plan.header_beats = static_cast<int>(out.beats() - before);
    plan.row_beats = add_rows(out, t.tile);
    plan.flagged = scheduled_rows(d_, t.tile);
    plan.more = t.more;
    plan.initiation_interval = interval;
    plan.launch_gap = gap;
    plan.columns = t.tile.columns;
    plan.edge = ordered || shifted;
    return plan;
  }

 private:
  struct Entry {
    std::uint32_t scale = 0;
    std::vector<std::uint32_t> list;  ///< one bit each
  };

  /// A byte for every column of the tile; beyond N the bytes are 0.
  template <class Value>
  std::vector<std::uint32_t> section(const PlannedTile& t, const Value& value) const {
    const golden::WeightAlignment& alignment = alignments_[t.part];
    const auto columns = static_cast<std::int64_t>(alignment.reference().size());
    std::vector<std::uint32_t> bytes;
    bytes.reserve(static_cast<std::size_t>(t.tile.columns));
    for (int c = 0; c < t.tile.columns; ++c)
      bytes.push_back(t.n0 + c < columns ? low_bits(value(alignment, t.n0 + c), 8) : 0);
    return bytes;
  }

  /// {negative, f} of the factor of the scale at (k, n).
  static int factor_code(const QuantizedTensor& tensor, std::int64_t k, std::int64_t n) {
    const int factor = tensor.factor(k, n);
    const int f = std::abs(factor) - (1 << tensor.format.scale_mantissa_bits);
    return f | (factor < 0 ? 8 : 0);
  }

  static void put_bytes(BeatWriter& out, std::span<const std::uint32_t> bytes) {
    for (const std::uint32_t byte : bytes) out.put(8, byte);
    out.align();
  }

  /// @return beats of each row.
  std::vector<std::uint8_t> add_rows(BeatWriter& out, const Tile& tile) const {
    std::vector<std::uint8_t> beats;
    const int id_rows = d_.outliers ? d_.weight_beat / d_.fields : 1;
    const int entry_bits =
        d_.outliers ? std::bit_ceil(static_cast<unsigned>(d_.entry_shift_bits + d_.list_bits)) : 32;
    const std::size_t per_beat = static_cast<std::size_t>(std::max(1, d_.weight_beat / entry_bits));
    std::vector<LoadWord> words;
    words.reserve(static_cast<std::size_t>(tile.rows));
    for (int row = 0; row < tile.rows; ++row) words.push_back(make_load_word(d_, tile, row));
    std::vector<std::vector<Entry>> entries;  // of each row
    entries.reserve(words.size());
    for (const LoadWord& word : words) entries.push_back(entries_of(word));
    std::vector<Entry> all;
    for (const auto& row : entries) all.insert(all.end(), row.begin(), row.end());

    std::size_t sent = 0;  // entries
    std::size_t left = 0;  // of the last beat
    for (int row = 0; row < tile.rows; ++row) {
      const std::size_t before = out.beats();
      if (d_.outliers && row % id_rows == 0) {
        for (int r = row; r < std::min(row + id_rows, tile.rows); ++r) {
          for (int f = 0; f < d_.fields; ++f)
            out.put(1, bit_of(words[static_cast<std::size_t>(r)].has_outliers, f));
        }
        out.align();
      }
      std::size_t need = d_.outliers ? entries[static_cast<std::size_t>(row)].size() : 0;
      while (need > left) {
        need -= left;
        left = per_beat;
        for (std::size_t e = sent; e < std::min(sent + per_beat, all.size()); ++e)
          put_entry(out, all[e], entry_bits);
        out.align();
        sent += per_beat;
      }
      left -= need;
      out.beat(words[static_cast<std::size_t>(row)].weights);
      beats.push_back(static_cast<std::uint8_t>(out.beats() - before));
    }
    return beats;
  }

  static std::uint32_t bit_of(std::span<const std::uint32_t> words, int position) {
    return words[static_cast<std::size_t>(position) / 32] >> (position % 32) & 1U;
  }

  std::vector<Entry> entries_of(const LoadWord& word) const {
    std::vector<Entry> entries;
    if (!d_.outliers) return entries;
    for (int f = 0; f < d_.fields; ++f) {
      if (bit_of(word.has_outliers, f) == 0) continue;
      Entry entry;
      for (int b = 0; b < 8; ++b) entry.scale |= bit_of(word.mx_scale, 8 * f + b) << b;
      for (int b = 0; b < d_.list_bits; ++b) entry.list.push_back(bit_of(word.list, f * d_.list_bits + b));
      entries.push_back(std::move(entry));
    }
    return entries;
  }

  void put_entry(BeatWriter& out, const Entry& entry, int entry_bits) const {
    out.put(d_.entry_shift_bits, entry.scale);
    for (const std::uint32_t bit : entry.list) out.put(1, bit);
    for (int b = d_.entry_shift_bits + static_cast<int>(entry.list.size()); b < entry_bits; ++b)
      out.put(1, 0);
  }

  const Dimensions& d_;
  std::span<const QuantizedTensor> parts_;
  std::vector<golden::WeightAlignment> alignments_;
  std::vector<std::uint32_t> scales_, factors_;  ///< of the tile before
};

Packet activation_packet(const Dimensions& d, const AcceleratorJob& job, const QuantizedActivations& x,
                         std::int64_t pass) {
  const golden::ActivationAlignment alignment(x);
  const std::int64_t m0 = pass * job.tokens_per_pass;
  const int tokens = job.tokens(pass);
  BeatWriter out(d.activation_beat);
  for (std::int64_t g = 0; g < x.groups(); ++g) {
    for (int t = 0; t < tokens; ++t) {
      const auto exponent = alignment.exponent(m0 + t, g);
      out.put(8, exponent ? low_bits(*exponent, 8) : kZeroBlock);
    }
  }
  out.align();
  const int rows = 1 << job.log2_tile_rows;
  for (std::int64_t k0 = 0; k0 < job.k; k0 += rows) {
    for (int t = 0; t < tokens; ++t) {
      for (int r = 0; r < d.rows; ++r) {
        const bool exists = r < rows && k0 + r < job.k;
        const int value = exists ? x.values[static_cast<std::size_t>((m0 + t) * x.k + k0 + r)] : 0;
        out.put(d.stream_act_bits, low_bits(value, d.stream_act_bits));
      }
      out.align();
    }
  }
  return out.take();
}

Result<> check_parts(const Config& config, std::span<const QuantizedTensor> parts,
                     const QuantizedActivations& activations, OutputFormat format) {
  if (parts.empty()) return Error("a job needs at least one tensor");
  std::int64_t units = 0;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const QuantizedTensor& w = parts[p];
    if (auto ok = check_operands(config, w, activations); !ok) return ok;
    if (w.format.macro_block != parts[0].format.macro_block || w.axis != parts[0].axis)
      return Error(fmt::format("tensor {}: all tensors of a job need one macro-block size and axis", p));
    const int columns = config.logical_columns(w.format.bits);
    if (p + 1 < parts.size() && w.n % columns != 0) {
      return Error(
          fmt::format("tensor {} has {} columns, not a multiple of the {} of a tile, and is not the last", p,
                      w.n, columns));
    }
    const std::int64_t unit = config.unit_columns();
    if (is_mx(format) && columns > unit && units % 2 != 0) {
      return Error(
          fmt::format("tensor {} in mode 2 begins at column {}: with MX outputs not a multiple of {}", p,
                      units * unit, columns));
    }
    units += (w.n + unit - 1) / unit;
    const golden::WeightAlignment alignment(w, golden::split_rows(w, activations.block, config.rows));
    if (alignment.max_row_shift() > config.row_align_bits) {
      return Error(fmt::format("tensor {}: rows shifted by up to {}, configuration {} has row_align_bits {}",
                               p, alignment.max_row_shift(), config.name, config.row_align_bits));
    }
    if (w.axis == golden::Axis::output && columns > w.format.macro_block) {
      return Error(fmt::format("tensor {}: a tile of {} columns crosses macro-blocks of {}", p, columns,
                               w.format.macro_block));
    }
  }
  return {};
}

/// The tiles that an array takes for a tile, and the order of their rows.
std::vector<golden::MappedTile> map_tile(const Config& config, const Dimensions& d, const Tile& tile,
                                         int tokens) {
  if (config.has_inline()) return golden::map_to_units(tile, unit_limits(config));
  golden::MappedTile whole{tile, std::vector<int>(static_cast<std::size_t>(config.rows))};
  std::iota(whole.order.begin(), whole.order.end(), 0);
  // A single token has no interval to shorten.
  if (d.permuter && tokens > 1)
    whole.order = golden::order_rows(golden::flagged_rows(tile), config.recon.units);
  return {std::move(whole)};
}

/// Every tile of one pass, in the order in which they run.
std::vector<PlannedTile> plan_pass(const Config& config, std::span<const QuantizedTensor> parts,
                                   const std::vector<golden::WeightAlignment>& alignments,
                                   const Dimensions& d, int tokens) {
  std::vector<PlannedTile> tiles;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const int columns = config.logical_columns(parts[p].format.bits);
    const auto& ranges = alignments[p].ranges();
    for (std::int64_t n0 = 0; n0 < parts[p].n; n0 += columns) {
      for (std::size_t r = 0; r < ranges.size(); ++r) {
        const Tile tile = golden::pad_rows(
            golden::extract_tile(parts[p], ranges[r].k0, n0, ranges[r].rows, columns), config.rows);
        std::vector<golden::MappedTile> mapped = map_tile(config, d, tile, tokens);
        std::vector<int> shifts = alignments[p].row_shifts(r, n0);
        shifts.resize(static_cast<std::size_t>(config.rows), 0);
        for (std::size_t i = 0; i < mapped.size(); ++i) {
          PlannedTile t{p, r, n0, tokens, r == 0 && i == 0, i + 1 < mapped.size(), {}, {}, {}};
          t.tile = golden::permute_rows(mapped[i].tile, mapped[i].order);
          for (const int row : mapped[i].order) t.shifts.push_back(shifts[static_cast<std::size_t>(row)]);
          t.order = std::move(mapped[i].order);
          tiles.push_back(std::move(t));
        }
      }
    }
  }
  return tiles;
}

/// Columns [first, second) that leave the accelerator together.
using Block = std::pair<std::int64_t, std::int64_t>;

/// MX outputs leave in blocks, others with every column tile.
std::vector<Block> output_blocks(const Dimensions& d, const AcceleratorJob& job) {
  std::vector<Block> blocks;
  if (is_mx(job.format)) {
    for (std::int64_t n = 0; n < job.n; n += d.block)
      blocks.emplace_back(n, std::min<std::int64_t>(n + d.block, job.n));
    return blocks;
  }
  std::int64_t n = 0;
  std::int64_t k = 0;  // tile along K
  for (std::size_t t = 0; n < job.n; ++t) {
    if (job.tiles[t].more || ++k < job.tiles_k()) continue;
    blocks.emplace_back(n, std::min<std::int64_t>(n + job.tiles[t].columns, job.n));
    n = blocks.back().second;
    k = 0;
  }
  return blocks;
}

}  // namespace

int tokens_that_fit(const Dimensions& d, std::int64_t k, int log2_tile_rows) {
  const std::int64_t tiles = (k + (1 << log2_tile_rows) - 1) >> log2_tile_rows;
  return static_cast<int>(std::min<std::int64_t>(d.tokens, d.act_words / tiles));
}

Result<AcceleratorJob> make_job(const Config& config, std::span<const QuantizedTensor> parts,
                                const QuantizedActivations& activations, OutputFormat format,
                                int tokens_per_pass) {
  if (auto ok = check_parts(config, parts, activations, format); !ok) return Error(ok.error());
  const Dimensions d(config);
  AcceleratorJob job;
  job.m = activations.m;
  job.k = activations.k;
  for (const QuantizedTensor& w : parts) job.n += w.n;
  job.format = format;
  job.log2_block = log2_of(activations.block);
  int tile_rows = std::min(config.rows, activations.block);
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
    return Error(fmt::format("{} tokens a pass: at most {} fit the buffers", tokens_per_pass, fit));
  job.tokens_per_pass =
      static_cast<int>(std::min<std::int64_t>(tokens_per_pass > 0 ? tokens_per_pass : fit, job.m));

  std::vector<golden::WeightAlignment> alignments;
  for (const QuantizedTensor& w : parts)
    alignments.emplace_back(w, golden::split_rows(w, activations.block, config.rows));

  // The schedule runs through all passes, for the gaps between their tiles too.
  std::vector<std::vector<PlannedTile>> passes;
  std::vector<golden::TileRun> runs;
  std::vector<int> intervals;
  const int units = config.has_recon() ? config.recon.units : 1;
  for (std::int64_t pass = 0; pass < job.passes(); ++pass) {
    passes.push_back(plan_pass(config, parts, alignments, d, job.tokens(pass)));
    for (const PlannedTile& t : passes.back()) {
      runs.push_back({scheduled_rows(d, t.tile), t.tokens});
      intervals.push_back(golden::initiation_interval(runs.back().flagged, units, t.tokens));
    }
  }
  const std::vector<int> gaps = golden::launch_gaps(runs, intervals, units, d.lead);

  WeightPacker packer(d, parts, std::move(alignments));
  std::size_t i = 0;
  for (std::int64_t pass = 0; pass < job.passes(); ++pass) {
    BeatWriter weights(d.weight_beat);
    for (const PlannedTile& t : passes[static_cast<std::size_t>(pass)]) {
      job.tiles.push_back(packer.add(weights, t, intervals[i], gaps[i]));
      ++i;
    }
    job.weights.push_back(weights.take());
    job.activations.push_back(activation_packet(d, job, activations, pass));
  }
  return job;
}

model::GemmPlan AcceleratorJob::plan() const {
  model::GemmPlan plan;
  plan.m = m;
  plan.k = k;
  plan.n = n;
  plan.tokens_per_pass = tokens_per_pass;
  plan.tiles_k = static_cast<int>(tiles_k());
  plan.tiles_per_pass = static_cast<int>(static_cast<std::int64_t>(tiles.size()) / passes());
  plan.blocks_k = static_cast<int>((k + (1 << log2_block) - 1) >> log2_block);
  plan.output = static_cast<model::OutputKind>(format);
  return plan;
}

golden::UnitLimits unit_limits(const Config& config) {
  return {config.rows_per_tree(), config.outlier_units()};
}

Result<golden::GemmResult> layer_result(const Config& config, const QuantizedTensor& weights,
                                        const QuantizedActivations& activations) {
  if (!config.has_inline()) return golden::gemm(weights, activations, config.rows);
  const auto split = [&](const Tile& tile) {
    std::vector<Tile> tiles;
    for (golden::MappedTile& part :
         golden::map_to_units(golden::pad_rows(tile, config.rows), unit_limits(config))) {
      part.tile.rows = tile.rows;  // the padding again
      part.tile.codes.resize(tile.codes.size());
      part.tile.blocks.resize(tile.blocks.size());
      tiles.push_back(std::move(part.tile));
    }
    return tiles;
  };
  return golden::gemm(weights, activations, config.rows, config.logical_columns(weights.format.bits), split);
}

Result<golden::GemmResult> golden_result(const Config& config, std::span<const QuantizedTensor> parts,
                                         const QuantizedActivations& activations) {
  golden::GemmResult all;
  for (const QuantizedTensor& w : parts) {
    auto result = layer_result(config, w, activations);
    if (!result) return Error(result.error());
    if (all.n == 0) {
      all = std::move(*result);
      continue;
    }
    golden::GemmResult joined = all;
    joined.n = all.n + result->n;
    joined.acc.clear();
    for (std::int64_t m = 0; m < all.m; ++m) {
      for (std::int64_t n = 0; n < all.n; ++n) joined.acc.push_back(all.at(m, n));
      for (std::int64_t n = 0; n < result->n; ++n) joined.acc.push_back(result->at(m, n));
    }
    joined.weight_reference.insert(joined.weight_reference.end(), result->weight_reference.begin(),
                                   result->weight_reference.end());
    all = std::move(joined);
  }
  return all;
}

std::vector<Packet> expected_outputs(const Dimensions& d, const AcceleratorJob& job,
                                     const golden::GemmResult& result) {
  const int lanes = d.output_lanes;
  std::optional<QuantizedActivations> mx;
  const int bits = job.format == OutputFormat::mx4 ? 4 : 8;
  if (is_mx(job.format)) mx = *golden::to_mx(result, bits);
  std::vector<Packet> packets;
  for (std::int64_t pass = 0; pass < job.passes(); ++pass) {
    BeatWriter out(32 * lanes);
    for (const auto& [block, block_end] : output_blocks(d, job)) {
      for (int t = 0; t < job.tokens(pass); ++t) {
        const std::int64_t m = pass * job.tokens_per_pass + t;
        if (mx) {
          for (std::int64_t n0 = block; n0 < block_end; n0 += golden::kOutputBlock) {
            const std::int64_t end = std::min<std::int64_t>(n0 + golden::kOutputBlock, job.n);
            const auto first = mx->values.begin() + m * job.n;
            bool zeros = true;
            for (std::int64_t n = n0; n < end; ++n) zeros = zeros && result.at(m, n) == 0;
            const auto scale =
                mx->scales[static_cast<std::size_t>(m * mx->groups() + n0 / golden::kOutputBlock)];
            out.put(8, zeros ? kZeroBlock : low_bits(scale, 8));
            out.align();
            for (std::int64_t n = n0; n < end; ++n) out.put(bits, low_bits(first[n], bits));
            out.align();
          }
          continue;
        }
        for (std::int64_t n0 = block; n0 < block_end; n0 += lanes) {
          const std::int64_t end = std::min<std::int64_t>(n0 + lanes, block_end);
          const auto each = [&](const auto& word) {
            for (std::int64_t n = n0; n < end; ++n) out.put(32, word(n));
            out.align();
          };
          if (job.format == OutputFormat::fp32) {
            each([&](std::int64_t n) {
              return std::bit_cast<std::uint32_t>(golden::to_float(result.at(m, n), result.exponent(m, n)));
            });
          } else {
            each([&](std::int64_t n) { return static_cast<std::uint32_t>(result.at(m, n)); });
            each([&](std::int64_t n) { return static_cast<std::uint32_t>(result.at(m, n) >> 32); });
            each([&](std::int64_t n) { return static_cast<std::uint32_t>(result.exponent(m, n)); });
          }
        }
      }
    }
    packets.push_back(out.take());
  }
  return packets;
}

QuantizedActivations read_mx_outputs(const Dimensions& d, const AcceleratorJob& job,
                                     std::span<const Packet> packets) {
  const int bits = job.format == OutputFormat::mx4 ? 4 : 8;
  QuantizedActivations out{bits, golden::kOutputBlock, job.m, job.n, {}, {}};
  out.values.resize(static_cast<std::size_t>(job.m * job.n));
  out.scales.resize(static_cast<std::size_t>(job.m * out.groups()));
  for (std::int64_t pass = 0; pass < job.passes(); ++pass) {
    const Packet& packet = packets[static_cast<std::size_t>(pass)];
    std::size_t beat = 0;
    for (const auto& [block, block_end] : output_blocks(d, job)) {
      for (int t = 0; t < job.tokens(pass); ++t) {
        const std::int64_t m = pass * job.tokens_per_pass + t;
        for (std::int64_t n0 = block; n0 < block_end; n0 += golden::kOutputBlock) {
          const auto scale = static_cast<int>(get_signed(packet.beat(beat++), 0, 8));
          out.scales[static_cast<std::size_t>(m * out.groups() + n0 / golden::kOutputBlock)] =
              static_cast<std::int8_t>(std::max(scale, golden::kScaleMin));
          int position = 0;
          const std::int64_t end = std::min<std::int64_t>(n0 + golden::kOutputBlock, job.n);
          for (std::int64_t n = n0; n < end; ++n) {
            if (position == packet.beat_bits) {
              position = 0;
              ++beat;
            }
            out.values[static_cast<std::size_t>(m * job.n + n)] =
                static_cast<std::int8_t>(get_signed(packet.beat(beat), position, bits));
            position += bits;
          }
          ++beat;
        }
      }
    }
  }
  return out;
}

}  // namespace msq::tb
