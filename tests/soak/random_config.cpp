#include "tests/soak/random_config.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <stdexcept>

#include "gen/config/fields.hpp"
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
  if (is_read_on("recon.units", c.outlier_path)) {
    c.recon.units = draw.power(1, c.rows);
    c.recon.span = draw.chance(30) ? ReconSpan::array : ReconSpan::block;
  }
  if (is_read_on("inline.units_per_block", c.outlier_path)) c.inlined.units_per_block = draw.power(1, 4);
  const int most_rows = c.most_tree_rows();
  c.tree_rows = most_rows == 1 ? 1 : draw.power(1, most_rows);
  if (!c.has_outliers()) return;
  if (draw.chance(50)) c.outliers_per_block = draw.power(1, c.micro_block / 2);
  c.outlier_shift_max = draw.chance(50) ? 7 : draw.chance(30) ? 0 : draw.between(0, 15);
}

void draw_top(Config& c, Draw& draw) {
  c.top.tokens = draw.power(8, 32);
  c.top.act_words = draw.power(256, 1024);
  c.top.weight_fifo = draw.power(2, 64);
  if (draw.chance(50)) c.top.weight_rows = draw.power(1, std::min({8, c.rows_per_tree(), c.rows / 2}));
  if (draw.chance(50)) c.top.output_lanes = draw.power(1, c.unit_columns());
  const int most_align = encoding_traits(c.encoding).row_align_most;
  if (most_align > 0 && draw.chance(50)) c.row_align_bits = draw.between(1, most_align);
}

}  // namespace

Config random_config(std::uint32_t seed, int index) {
  Draw draw(seed, index);
  const int paths = static_cast<int>(std::size(kOutlierPaths));
  const int encodings = static_cast<int>(std::size(kEncodings));
  Config c;
  c.name = "soak";
  c.outlier_path = kOutlierPaths[index % paths];
  c.encoding = kEncodings[index / paths % encodings];
  c.rows = c.cols = index / (paths * encodings) % 2 == 0 ? 4 : 8;
  const int modes = draw.between(0, 3);
  c.modes = modes == 0 ? std::vector<int>{2} : modes == 1 ? std::vector<int>{4} : std::vector<int>{2, 4};
  c.micro_block = draw.power(4, c.logical_columns(c.has_mode(4) ? 4 : 2));
  c.skew_columns = draw.power(1, std::min(8, c.cols));
  c.act_bits = draw.chance(25) ? 4 : 8;
  const EncodingTraits& encoding = encoding_traits(c.encoding);
  if (encoding.fraction_bits.size() > 1)
    c.fraction_bits = draw.between(encoding.fraction_bits.front(), encoding.fraction_bits.back());
  if (encoding.has_scale_factors) c.scale_mantissa_bits = draw.between(0, 3);
  draw_path(c, draw);
  if (is_for_accelerator(index)) draw_top(c, draw);
  if (auto valid = validate(c); !valid) throw std::logic_error("random_config: " + valid.error());
  return c;
}

}  // namespace msq::tests
