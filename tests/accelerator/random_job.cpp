#include "tests/accelerator/random_job.hpp"

#include <algorithm>
#include <numeric>

#include "golden/quantize/routing.hpp"
#include "tb/host/operands.hpp"

namespace msq::tests {

namespace {

constexpr std::int64_t kMacroBlock = golden::Format{}.macro_block;

}  // namespace

using golden::Axis;
using golden::MicroBlock;
using golden::OutlierPair;
using golden::QuantizedActivations;
using golden::QuantizedTensor;

void RandomJob::fill_block(QuantizedTensor& tensor, std::int64_t row, std::int64_t block, int outliers) {
  const golden::Format& format = tensor.format;
  const std::int64_t base = row * tensor.n_padded() + block * format.micro_block;
  const auto code = [&](int position) -> std::uint8_t& {
    return tensor.codes[static_cast<std::size_t>(base + position)];
  };
  const int style = between(0, 3);
  for (int p = 0; p < format.micro_block; ++p) {
    if (block * format.micro_block + p >= tensor.n) continue;
    code(p) = inlier(format, style);
  }
  if (outliers == 0) return;
  MicroBlock& meta = tensor.blocks[static_cast<std::size_t>(row * tensor.blocks_per_row() + block)];
  const int inside =
      static_cast<int>(std::min<std::int64_t>(format.micro_block, tensor.n - block * format.micro_block));
  std::vector<std::uint8_t> positions(static_cast<std::size_t>(format.micro_block));
  std::iota(positions.begin(), positions.end(), std::uint8_t{0});
  const auto count = static_cast<std::size_t>(std::min(outliers, inside));
  const auto within = [&](const OutlierPair& pair) { return pair.upper < inside; };
  do {
    std::shuffle(positions.begin(), positions.end(), random_);
    meta.pairs.clear();
    for (std::size_t i = 0; i < count; ++i) meta.pairs.push_back({positions[i], positions[count + i]});
  } while (!std::all_of(meta.pairs.begin(), meta.pairs.end(), within) ||
           !golden::routable(meta.pairs, format.micro_block));
  std::sort(meta.pairs.begin(), meta.pairs.end(),
            [](const OutlierPair& a, const OutlierPair& b) { return a.upper < b.upper; });
  const int corner = between(0, 2);
  const int r_max = config_.largest_shift();
  meta.shift = static_cast<std::uint8_t>(corner == 0 ? 0 : corner == 1 ? r_max : between(0, r_max));
  if (chance(4)) meta.shift = static_cast<std::uint8_t>(r_max + between(0, most_excess()));
  for (const OutlierPair& pair : meta.pairs) {
    const golden::Halves halves = outlier(format);
    code(pair.upper) = halves.upper;
    code(pair.lower) = halves.lower;
  }
}

int RandomJob::most_excess() const {
  const bool splits = outlier_path_traits(config_.outlier_path).splits_tiles;
  return splits ? std::min(2, golden::kOutlierShiftLimit - config_.largest_shift()) : 0;
}

std::uint8_t RandomJob::inlier(const golden::Format& format, int style) {
  if (style == 1) return golden::inlier_code(format, 0);
  const int qmin = golden::qmin(format);
  const int qmax = golden::qmax(format);
  if (qmin != -qmax) {
    const int end = chance(50) ? qmin : qmax;
    return golden::inlier_code(format, style == 0 ? end : between(qmin, qmax));
  }
  const int magnitude = style == 0 ? qmax : between(0, qmax);
  return golden::inlier_code(format, magnitude != 0 && chance(50) ? -magnitude : magnitude);
}

golden::Halves RandomJob::outlier(const golden::Format& format) {
  const bool full = format.encoding == golden::Encoding::full_range;
  if (full && chance(20)) return golden::outlier_halves(format, -golden::outlier_max(format));
  // The halves of encoding `paper` have one sign.
  const int sign = !full && chance(50) ? format.sign_mask() : 0;
  const int kind = between(0, 3);
  const int most =
      full ? 2 * format.sign_mask() - 1 : (1 << golden::PaperEncoding::half_mantissa_bits(format)) - 1;
  const auto half = [&] {
    return static_cast<std::uint8_t>(sign | (kind == 0 ? 0 : kind == 1 ? most : between(0, most)));
  };
  const std::uint8_t upper = half();
  return {upper, half()};
}

void RandomJob::draw_factors(QuantizedTensor& tensor) {
  const int one = 1 << tensor.format.scale_mantissa_bits;
  const golden::ExponentLimits limits = golden::exponent_limits(tensor.format);
  const int style = between(0, 3);
  for (std::size_t s = 0; s < tensor.scales.size(); ++s) {
    tensor.scales[s] = static_cast<std::int8_t>(std::clamp<int>(tensor.scales[s], limits.min, limits.max));
    const int factor = style == 0 ? one : style == 1 ? 2 * one - 1 : between(one, 2 * one - 1);
    tensor.factors.push_back(static_cast<std::int8_t>(chance(50) ? -factor : factor));
  }
}

QuantizedTensor RandomJob::tensor(std::int64_t k, std::int64_t n, int bits, Axis axis) {
  QuantizedTensor t;
  t.format = tb::array_format(config_, bits);
  t.axis = axis;
  t.outlier_shift_max = config_.largest_shift() + most_excess();
  t.k = k;
  t.n = n;
  t.codes.assign(static_cast<std::size_t>(k * t.n_padded()), 0);
  t.blocks.resize(static_cast<std::size_t>(k * t.blocks_per_row()));
  const int density = between(0, 3) == 0 ? 0 : between(0, 1) == 0 ? 100 : between(1, 30);
  for (std::int64_t row = 0; row < k; ++row) {
    const bool zero_row = chance(5);
    for (std::int64_t block = 0; block < t.blocks_per_row(); ++block) {
      if (zero_row) continue;
      const bool has = config_.has_outliers() && chance(density);
      fill_block(t, row, block, has ? between(1, config_.list_entries()) : 0);
    }
  }
  const std::int64_t scales = axis == Axis::reduction ? t.groups() * n : k * t.groups();
  const int spread = std::vector<int>{0, 2, 6, 60}[static_cast<std::size_t>(between(0, 3))];
  const int base = chance(10) ? between(-127, 127) : between(-12, 4);
  for (std::int64_t s = 0; s < scales; ++s) {
    int scale = base + between(-spread, spread);
    if (axis == Axis::output) scale = base + between(0, config_.row_align_bits);
    t.scales.push_back(static_cast<std::int8_t>(std::clamp(scale, -127, 127)));
  }
  if (golden::factor_bits(t.format) > 0) draw_factors(t);
  return t;
}

std::vector<QuantizedTensor> RandomJob::parts(std::int64_t k, std::int64_t n, Axis axis) {
  if (config_.modes.size() == 1) return {tensor(k, n, config_.modes.front(), axis)};
  // Mode 2 in front ends on an even unit of columns whatever it is; mode 4 in front must be cut there.
  const std::int64_t pair = 2L * config_.cols;
  if (n > pair && chance(50)) {
    const std::int64_t first = pair * between(1, static_cast<int>((n - 1) / pair));
    const int bits = chance(50) ? 2 : 4;
    return {tensor(k, first, bits, axis), tensor(k, n - first, 6 - bits, axis)};
  }
  return {tensor(k, n, chance(50) ? 2 : 4, axis)};
}

QuantizedActivations RandomJob::activations(std::int64_t m, std::int64_t k, int block) {
  QuantizedActivations x{config_.act_bits, block, m, k, {}, {}};
  const int top = config_.activation_max();
  const int style = between(0, 4);
  const int zero_blocks = chance(30) ? 40 : 0;
  for (std::int64_t row = 0; row < m; ++row) {
    bool zero = false;
    for (std::int64_t i = 0; i < k; ++i) {
      if (i % block == 0) zero = chance(zero_blocks);
      const int any = between(-top, top);
      const int extreme = chance(50) ? top : -top;
      const int value = style == 0   ? top
                        : style == 1 ? extreme
                        : style == 2 ? (chance(30) ? extreme : any)
                                     : any;
      x.values.push_back(static_cast<std::int8_t>(zero ? 0 : value));
    }
  }
  const int spread = std::vector<int>{0, 3, 9, 70}[static_cast<std::size_t>(between(0, 3))];
  const int base = chance(10) ? between(-127, 127) : between(-8, 0);
  for (std::int64_t s = 0; s < m * x.groups(); ++s)
    x.scales.push_back(static_cast<std::int8_t>(std::clamp(base + between(-spread, spread), -127, 127)));
  return x;
}

std::int64_t RandomJob::extent(std::int64_t most, std::int64_t unit) {
  const int kind = between(0, 5);
  if (kind == 0) return 1;
  if (kind == 1) return most;
  if (kind == 2) {
    const std::int64_t near = unit * between(1, static_cast<int>(std::max<std::int64_t>(1, most / unit)));
    return std::clamp<std::int64_t>(near + between(-1, 1), 1, most);
  }
  return between(1, static_cast<int>(most));
}

DrawnJob RandomJob::job(const Dimensions& dimensions) {
  const Config& c = config_;
  const int block = std::vector<int>{32, 64, 128}[static_cast<std::size_t>(between(0, 2))];
  // Scales of macro-blocks only meet in one sum where K is longer than one of them.
  const std::int64_t most_k = chance(30) ? std::int64_t{3} * kMacroBlock : std::int64_t{5} * c.rows + block;
  const std::int64_t k = extent(most_k, c.rows);
  const std::int64_t n = extent(std::int64_t{6} * c.lanes() + 130, c.lanes());
  const std::int64_t m = extent(std::int64_t{2} * c.rows, c.rows);
  const auto axis = c.row_align_bits > 0 && chance(70) ? Axis::output : Axis::reduction;
  DrawnJob drawn;
  drawn.parts = parts(k, n, axis);
  drawn.activations = activations(m, k, block);
  drawn.format = static_cast<tb::OutputFormat>(between(0, 3));
  const int fit = tb::tokens_that_fit(dimensions, k, 2);
  drawn.tokens_per_pass = chance(50) ? 0 : between(1, std::max(1, std::min(fit, 12)));
  return drawn;
}

tb::AcceleratorTraffic RandomJob::traffic() {
  const auto port = [this] {
    tb::Traffic t;
    if (chance(40)) t.stall = between(5, 95) / 100.0;
    if (chance(20)) t.beats_per_cycle = between(5, 100) / 100.0;
    return t;
  };
  tb::AcceleratorTraffic all;
  all.weights = port();
  all.activations = port();
  all.outputs = port();
  return all;
}

}  // namespace msq::tests
