#include "tests/soak/random_config.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

#include "gen/config/validate.hpp"

namespace msq::tests {
namespace {

class Draw {
 public:
  Draw(std::uint32_t seed, int index)
      : sequence_{seed, static_cast<std::uint32_t>(index)}, random_(sequence_) {}

  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool chance(int percent) { return between(1, 100) <= percent; }
  /// A power of two of low .. high, both powers of two.
  int power(int low, int high) {
    int steps = 0;
    while (low << steps < high) ++steps;
    return low << between(0, steps);
  }

 private:
  std::seed_seq sequence_;
  std::mt19937 random_;
};

void draw_path(Config& c, Draw& draw) {
  if (c.has_recon()) {
    c.recon.units = draw.power(1, c.rows);
    c.recon.span = draw.chance(30) ? ReconSpan::array : ReconSpan::block;
  }
  if (c.has_inline()) c.inlined.units_per_block = draw.power(1, 4);
  c.tree_rows = c.has_recon() ? 1 : draw.power(1, std::min(8, c.rows / 2));
  if (!c.has_outliers()) return;
  if (draw.chance(50)) c.outliers_per_block = draw.power(1, c.micro_block / 2);
  c.outlier_shift_max = draw.chance(50) ? 7 : draw.chance(30) ? 0 : draw.between(0, 15);
}

void draw_top(Config& c, Draw& draw) {
  c.top.tokens = draw.power(16, 32);
  c.top.act_words = draw.power(256, 1024);
  c.top.weight_fifo = draw.power(2, 64);
  if (draw.chance(50)) c.top.output_lanes = draw.power(2, c.unit_columns());
  if (!c.full_range() && draw.chance(50)) c.row_align_bits = draw.between(1, 7);
}

}  // namespace

Config random_config(std::uint32_t seed, int index) {
  Draw draw(seed, index);
  constexpr OutlierPath kPaths[] = {OutlierPath::recon, OutlierPath::inlined, OutlierPath::none};
  Config c;
  c.name = "soak";
  c.outlier_path = kPaths[index % 3];
  c.encoding = index / 3 % 2 == 0 ? Encoding::paper : Encoding::full_range;
  c.rows = c.cols = index / 6 % 2 == 0 ? 4 : 8;
  const int modes = draw.between(0, 3);
  c.modes = modes == 0 ? std::vector<int>{2} : modes == 1 ? std::vector<int>{4} : std::vector<int>{2, 4};
  c.micro_block = draw.power(4, c.logical_columns(c.has_mode(4) ? 4 : 2));
  c.skew_columns = draw.power(1, std::min(8, c.cols));
  c.act_bits = draw.chance(25) ? 4 : 8;
  if (c.full_range()) {
    c.fraction_bits = draw.between(1, 2);
    c.scale_mantissa_bits = draw.between(0, 3);
  }
  draw_path(c, draw);
  if (is_for_accelerator(index)) draw_top(c, draw);
  if (auto valid = validate(c); !valid) throw std::logic_error("random_config: " + valid.error());
  return c;
}

}  // namespace msq::tests
