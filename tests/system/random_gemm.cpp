#include "tests/system/random_gemm.hpp"

#include <algorithm>

#include "golden/exec/gemm.hpp"
#include "golden/exec/plan.hpp"
#include "golden/exec/rounding.hpp"
#include "golden/quantize/routing.hpp"
#include "tb/host/array_sizes.hpp"
#include "tb/host/operands.hpp"

namespace msq::tests {

using golden::MicroBlock;
using golden::OutlierPair;
using golden::Tile;

void RandomGemm::fill_block(Tile& tile, int row, int block, int outliers) {
  const golden::Format& format = tile.format;
  const int base = block * format.micro_block;
  const auto code = [&](int position) -> std::uint8_t& {
    return tile.codes[tile.code_index(row, base + position)];
  };
  const int style = between(0, 3);
  for (int p = 0; p < format.micro_block; ++p) {
    const int low = chance(50) ? golden::qmin(format) : golden::qmax(format);
    const int q = style == 0 ? low : style == 1 ? 0 : between(golden::qmin(format), golden::qmax(format));
    code(p) = golden::inlier_code(format, q);
  }
  MicroBlock& meta = tile.blocks[tile.block_index(row, block)];
  meta = {};
  if (outliers == 0) return;

  // Any routable pairing, not only the one the quantizer would choose.
  std::vector<std::uint8_t> positions(static_cast<std::size_t>(format.micro_block));
  std::iota(positions.begin(), positions.end(), std::uint8_t{0});
  const auto n = static_cast<std::size_t>(outliers);
  do {
    std::shuffle(positions.begin(), positions.end(), random_);
    meta.pairs.clear();
    for (std::size_t i = 0; i < n; ++i) meta.pairs.push_back({positions[i], positions[n + i]});
  } while (!golden::routable(meta.pairs, format.micro_block));
  std::sort(meta.pairs.begin(), meta.pairs.end(),
            [](const OutlierPair& a, const OutlierPair& b) { return a.upper < b.upper; });

  const int r_max = config_.largest_shift();
  const int corner = between(0, 2);
  meta.shift = static_cast<std::uint8_t>(corner == 0 ? 0 : corner == 1 ? r_max : between(0, r_max));
  for (const OutlierPair& pair : meta.pairs) {
    const golden::Halves halves = draw_outlier(format);
    code(pair.upper) = halves.upper;
    code(pair.lower) = halves.lower;
  }
}

golden::Halves RandomGemm::draw_outlier(const golden::Format& format) {
  const int kind = between(0, 3);  // both halves zero, both full, or anything
  if (format.encoding == golden::Encoding::paper) {
    const int most = golden::PaperEncoding::significand_max(format);
    const int least = golden::PaperEncoding::significand_min(format);
    return golden::PaperEncoding::outlier_halves(format, chance(50),
                                                 kind == 0   ? least
                                                 : kind == 1 ? most
                                                             : between(least, most));
  }
  // The least M, and each half zero, all ones, or with its highest bit alone.
  if (kind == 0) return golden::outlier_halves(format, -golden::outlier_max(format));
  const int full = 2 * format.sign_mask() - 1;
  const auto half = [&] {
    const std::vector<int> corners = {0, full, format.sign_mask(), format.sign_mask() - 1};
    return static_cast<std::uint8_t>(kind == 1 ? corners[static_cast<std::size_t>(between(0, 3))]
                                               : between(0, full));
  };
  return {half(), half()};
}

std::vector<bool> RandomGemm::choose_flagged(int rows) {
  std::vector<bool> flagged(static_cast<std::size_t>(rows), false);
  const int pattern = between(0, 8);
  const auto set = [&](int row) { flagged[static_cast<std::size_t>(row)] = true; };
  if (pattern == 0) return flagged;
  if (pattern == 1) set(0);
  if (pattern == 2) set(rows - 1);
  if (pattern == 3) {
    const int row = between(0, rows - 2);
    set(row);
    set(row + 1);
  }
  if (pattern == 4) flagged.assign(flagged.size(), true);
  if (pattern >= 5) {
    const int percent = pattern == 5 ? 10 : pattern == 6 ? 50 : between(1, 99);
    for (int r = 0; r < rows; ++r) flagged[static_cast<std::size_t>(r)] = chance(percent);
  }
  return flagged;
}

Tile RandomGemm::draw_tile() {
  const auto mode = static_cast<std::size_t>(between(0, static_cast<int>(config_.modes.size()) - 1));
  const golden::Format format = tb::array_format(config_, config_.modes[mode]);
  Tile tile =
      golden::make_tile(format, config_.logical_rows(format.bits), config_.logical_columns(format.bits));
  const auto flagged = config_.has_outliers() ? choose_flagged(tile.rows)
                                              : std::vector<bool>(static_cast<std::size_t>(tile.rows), false);
  for (int r = 0; r < tile.rows; ++r) {
    const int forced = between(0, tile.blocks_per_row() - 1);
    const int density = between(0, 2) == 0 ? 100 : 15;
    for (int b = 0; b < tile.blocks_per_row(); ++b) {
      const bool has = flagged[static_cast<std::size_t>(r)] && (b == forced || chance(density));
      fill_block(tile, r, b, has ? between(1, config_.list_entries()) : 0);
    }
  }
  return tile;
}

bool RandomGemm::fits(const Tile& tile) const {
  const int most = config_.activation_max();
  if (!outlier_path_traits(config_.outlier_path).splits_tiles)
    return !golden::prove_accumulator(tile, config_.acc_width(), most);
  const std::vector<std::int64_t> bounds = golden::row_bounds(tile, most);
  return 1 + golden::magnitude_bits(*std::max_element(bounds.begin(), bounds.end())) <= config_.acc_width();
}

Tile RandomGemm::tile() {
  Tile tile = draw_tile();
  // Only a configuration with narrow sums ever draws again.
  while (!fits(tile)) {
    tile = draw_tile();
    const int keep = between(0, tile.rows);
    for (int r = keep; r < tile.rows; ++r) {
      for (int b = 0; b < tile.blocks_per_row(); ++b) fill_block(tile, r, b, 0);
    }
  }
  return tile;
}

std::vector<std::int8_t> RandomGemm::activations(const Tile& tile, int tokens) {
  const int top = config_.activation_max();
  const int style = between(0, 5);
  std::vector<std::int8_t> x(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(tile.rows));
  for (std::int8_t& value : x) {
    const int any = between(-top, top);
    const int extreme = chance(50) ? top : -top;
    const int drawn = style == 0   ? top
                      : style == 1 ? -top
                      : style == 2 ? 0
                      : style == 3 ? extreme
                      : style == 4 ? (chance(30) ? extreme : any)
                                   : any;
    value = static_cast<std::int8_t>(drawn);
  }
  return x;
}

int RandomGemm::token_count() {
  const int kind = between(0, 9);
  if (kind < 4) return 1;
  if (kind < 8) return between(2, 5);
  return between(6, 3 * config_.rows);
}

std::vector<tb::TileJob> RandomGemm::sequence(int tiles) {
  const Dimensions d(config_);
  if (tb::core_sizes(d).planner->splits_tiles()) return split_sequence(tiles);
  std::vector<Tile> drawn;
  std::vector<int> tokens;
  for (int i = 0; i < tiles; ++i) {
    drawn.push_back(tile());
    tokens.push_back(token_count());
  }
  // Natural row order: longer intervals, flagged rows anywhere.
  const auto reordering = chance(50) ? golden::Reordering::always : golden::Reordering::never;
  const golden::PlannerPointer planner = tb::core_sizes(d, reordering).planner;
  std::vector<golden::PlannedTile> plan;
  for (std::size_t i = 0; i < drawn.size(); ++i)
    golden::plan_tile(*planner, {{golden::outlier_lanes(drawn[i]), {}}, {}}, static_cast<std::int64_t>(i),
                      tokens[i], plan);
  golden::set_launch_gaps(*planner, plan);
  std::vector<tb::TileJob> jobs;
  for (std::size_t i = 0; i < drawn.size(); ++i)
    jobs.push_back(
        tb::make_job(drawn[i], golden::schedule_of(plan[i]), tokens[i], activations(drawn[i], tokens[i])));
  return jobs;
}

std::vector<tb::TileJob> RandomGemm::split_sequence(int tiles) {
  const golden::ArraySizes array = tb::core_sizes(Dimensions(config_));
  std::vector<tb::TileJob> jobs;
  for (int i = 0; i < tiles; ++i) {
    const Tile drawn = tile();
    const int tokens = token_count();
    const auto x = activations(drawn, tokens);
    std::vector<golden::PlannedTile> plan;
    golden::plan_tile(*array.planner,
                      {{golden::outlier_lanes(drawn), golden::sum_groups(drawn, array.sums)}, {}}, i, tokens,
                      plan);
    for (golden::PlannedTile& part : plan) {
      // Any order of bands, and of the rows of a band, is as good.
      if (chance(50)) shuffle_bands(part.part.order);
      jobs.push_back(tb::make_job(golden::weights_of(drawn, part), golden::schedule_of(part), tokens, x));
    }
  }
  return jobs;
}

void RandomGemm::shuffle_bands(std::vector<int>& order) {
  // Row r of the array holds the places r, rows + r ..
  std::vector<std::vector<int>> bands(static_cast<std::size_t>(config_.rows / config_.rows_per_tree()));
  const auto band_of = [&](std::size_t place) {
    return place % static_cast<std::size_t>(config_.rows) / static_cast<std::size_t>(config_.rows_per_tree());
  };
  for (std::size_t place = 0; place < order.size(); ++place) bands[band_of(place)].push_back(order[place]);
  for (std::vector<int>& band : bands) std::shuffle(band.begin(), band.end(), random_);
  std::shuffle(bands.begin(), bands.end(), random_);
  for (std::size_t place = 0; place < order.size(); ++place) {
    order[place] = bands[band_of(place)].back();
    bands[band_of(place)].pop_back();
  }
}

tb::Stalls RandomGemm::stalls() {
  const auto probability = [this] { return chance(60) ? 0.0 : between(5, 90) / 100.0; };
  const double load = probability();
  return {load, probability()};
}

}  // namespace msq::tests
