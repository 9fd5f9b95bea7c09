#include "tests/quantize/compensated_reference.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "tests/quantize/brute_force.hpp"

namespace msq::golden {
namespace {

using Place = std::pair<std::int64_t, std::int64_t>;  // k, n

std::size_t at(std::int64_t row, std::int64_t column, std::int64_t columns) {
  return static_cast<std::size_t>(row * columns + column);
}

int exponent_of(Real value) {
  int e = 0;
  (void)std::frexp(std::fabs(value), &e);
  return e - 1;
}

// Nearest integer, halves to even, limited.
Real rounded(Real value, Real low, Real high) { return std::max(low, std::min(high, std::nearbyint(value))); }

struct Scale {
  int exponent = 0;
  int factor = 1;
};

struct Micro {
  MicroBlock block;
  std::vector<std::uint8_t> codes;
  std::vector<Real> values;
};

class Compensated {
 public:
  Compensated(std::span<const float> weights, std::int64_t k, std::int64_t n, const QuantizerOptions& options,
              const std::vector<Real>& hessian)
      : k_(k),
        n_(n),
        o_(options),
        w_(weights.begin(), weights.end()),
        original_(w_),
        q_(w_.size(), 0),
        full_(o_.encoding == Encoding::full_range) {
    order_.resize(static_cast<std::size_t>(k));
    std::iota(order_.begin(), order_.end(), 0);
    cost_.assign(static_cast<std::size_t>(k), 1);
    if (!hessian.empty()) use(hessian);
    if (o_.outlier_rule != OutlierRule::sigma && o_.max_outliers() > 1)
      throw std::logic_error("reference: rules by error with n_max = 1 only");
    Real energy = 0;
    for (std::int64_t i = 0; i < k; ++i) {
      for (std::int64_t j = 0; j < n; ++j) energy += w(i, j) * w(i, j) * cost(i);
    }
    price_ = price_of(energy);
    if (hessian.empty()) return;
    h_ = damped_hessian(hessian, k, static_cast<Real>(o_.damping));
    energy = 0;
    for (std::int64_t i = 0; i < k; ++i) {
      for (std::int64_t j = 0; j < n; ++j) energy += w(i, j) * w(i, j) * h_[at(i, i, k)];
    }
    sweep_price_ = price_of(energy);
  }

  QuantizedTensor run() {
    start();
    for (const std::vector<std::int64_t>& rows : runs()) {
      enter(rows.front() / o_.macro_block);
      for (const std::int64_t row : rows) quantize_row(row);
    }
    for (int s = 0; s < o_.sweeps && !h_.empty(); ++s) {
      for (const std::vector<std::int64_t>& rows : runs()) {
        for (std::int64_t j = 0; full_ && j < n_; ++j) refit(rows, j);
        for (const std::int64_t row : rows) improve(row);
      }
    }
    for (std::int64_t i = 0; i < (o_.axis == Axis::reduction ? tensor_.groups() : k_); ++i) {
      for (std::int64_t j = 0; j < (o_.axis == Axis::reduction ? n_ : tensor_.groups()); ++j) {
        const Scale& scale = scale_.at(o_.axis == Axis::reduction ? Place{i * o_.macro_block, j}
                                                                  : Place{i, j * o_.macro_block});
        tensor_.scales.push_back(static_cast<std::int8_t>(scale.exponent));
        if (full_) tensor_.factors.push_back(static_cast<std::int8_t>(scale.factor));
      }
    }
    return tensor_;
  }

 private:
  Real& w(std::int64_t i, std::int64_t j) { return w_[at(i, j, n_)]; }
  Real& q(std::int64_t i, std::int64_t j) { return q_[at(i, j, n_)]; }
  Real price_of(Real energy) const {
    return o_.outlier_price * energy / static_cast<Real>(k_ * n_) / (o_.bits == 2 ? 1 : 16);
  }

  // The order cut where another group of macro-blocks begins.
  std::vector<std::vector<std::int64_t>> runs() const {
    std::vector<std::vector<std::int64_t>> found;
    for (const std::int64_t row : order_) {
      if (found.empty() || found.back().front() / o_.macro_block != row / o_.macro_block)
        found.emplace_back();
      found.back().push_back(row);
    }
    return found;
  }

  // (H d) of one weight, d the remaining error of its column.
  Real gradient(std::int64_t i, std::int64_t j) {
    Real sum = 0;
    for (std::int64_t r = 0; r < k_; ++r) sum += h_[at(i, r, k_)] * (original_[at(r, j, n_)] - q(r, j));
    return sum;
  }

  // A column's scale in a run, its codes as they are: d^T H d is a parabola in the step; of the storable
  // scales next to its least point the better one, if better than now.
  void refit(const std::vector<std::int64_t>& rows, std::int64_t j) {
    Scale& scale = scale_.at(block_of(rows.front(), j));
    const Real now = step(scale);
    Real gain = 0;
    Real bend = 0;
    for (const std::int64_t i : rows) {
      gain += q(i, j) / now * gradient(i, j);
      for (const std::int64_t other : rows) bend += q(i, j) / now * h_[at(i, other, k_)] * q(other, j) / now;
    }
    if (bend == 0) return;
    const Real ideal = now + gain / bend;
    const Scale* below = nullptr;
    const Scale* above = nullptr;
    std::vector<Scale> storable;
    for (int e = exponent_of(ideal) - 1; e <= exponent_of(ideal) + 1; ++e) {
      for (int f = zero_scale().factor; f < 2 * zero_scale().factor && into_range(e) == e; ++f)
        storable.push_back({e, ideal < 0 ? -f : f});
    }
    for (const Scale& s : storable) {  // in the order of their magnitude
      if (std::fabs(step(s)) <= std::fabs(ideal)) below = &s;
      if (std::fabs(step(s)) > std::fabs(ideal) && above == nullptr) above = &s;
    }
    Scale best = scale;
    Real most = 0;
    for (const Scale* s : {below, above}) {
      if (s == nullptr) continue;
      const Real change = step(*s) - now;
      const Real saved = 2 * change * gain - change * change * bend;
      if (saved <= most) continue;
      most = saved;
      best = *s;
    }
    scale = best;
    for (const std::int64_t i : rows) q(i, j) = q(i, j) / now * step(best);
  }

  // New codes of a row for all others as they are: the nearest to where d^T H d is least.
  void improve(std::int64_t row) {
    const Real bend = h_[at(row, row, k_)];
    for (std::int64_t j = 0; j < n_; ++j) w(row, j) = q(row, j) + gradient(row, j) / bend;
    const Real price = sweep_price_ / bend;
    for (std::int64_t first = 0; first < n_; first += o_.micro_block) {
      const Positioned m = look(row, first);
      const auto cost = [&](const Micro& micro) {
        Real sum = micro.block.pairs.empty() ? 0 : price;
        for (std::size_t p = 0; p < m.weight.size(); ++p)
          sum += (m.weight[p] - micro.values[p]) * (m.weight[p] - micro.values[p]);
        return sum;
      };
      MicroBlock block = tensor_.blocks[at(row, first / o_.micro_block, tensor_.blocks_per_row())];
      Positions outliers;
      for (const OutlierPair& pair : block.pairs) outliers.push_back(pair.upper);
      if (!outliers.empty() && o_.shift_rule == ShiftRule::mse)
        block.shift = static_cast<std::uint8_t>(shift_of(m, outliers));
      Micro micro = encode(m, block);
      if (o_.outlier_rule == OutlierRule::error && o_.max_outliers() > 0) {
        const Positions all = range(static_cast<int>(m.weight.size()));
        const Micro other = encode(m, least_error(m, all, OutlierRule::error, price));
        if (cost(other) < cost(micro)) micro = other;
      }
      store(micro, row, first);
    }
  }

  Real cost(std::int64_t row) const { return cost_[static_cast<std::size_t>(row)]; }

  // Order of the rows, damped inverse, and the cost of an error of each row once those after it have
  // compensated it.
  void use(const std::vector<Real>& hessian) {
    if (o_.activation_order) {
      std::map<std::int64_t, Real> total;
      for (const std::int64_t row : order_) total[row / o_.macro_block] += hessian[at(row, row, k_)];
      std::stable_sort(order_.begin(), order_.end(), [&](std::int64_t a, std::int64_t b) {
        const std::int64_t ga = a / o_.macro_block;
        const std::int64_t gb = b / o_.macro_block;
        if (ga != gb) return total[ga] != total[gb] ? total[ga] > total[gb] : ga < gb;
        return hessian[at(a, a, k_)] > hessian[at(b, b, k_)];
      });
    }
    inverse_ = inverse(damped_hessian(hessian, k_, static_cast<Real>(o_.damping)), k_);
    std::vector<Real> rest = inverse_;
    for (const std::int64_t row : order_) {
      cost_[static_cast<std::size_t>(row)] = 1 / rest[at(row, row, k_)];
      eliminate(rest, row);
    }
  }

  void eliminate(std::vector<Real>& matrix, std::int64_t row) const {
    const Real pivot = matrix[at(row, row, k_)];
    std::vector<Real> line(static_cast<std::size_t>(k_));
    for (std::int64_t j = 0; j < k_; ++j) line[static_cast<std::size_t>(j)] = matrix[at(row, j, k_)];
    for (std::int64_t i = 0; i < k_; ++i) {
      for (std::int64_t j = 0; j < k_; ++j)
        matrix[at(i, j, k_)] -= line[static_cast<std::size_t>(i)] * line[static_cast<std::size_t>(j)] / pivot;
    }
  }

  void start() {
    tensor_.format = {.bits = o_.bits, .micro_block = o_.micro_block, .macro_block = o_.macro_block};
    tensor_.format.encoding = o_.encoding;
    tensor_.format.identifier_group = o_.identifier_group;
    if (full_) {
      tensor_.format.list_entries = o_.outliers_per_block ? std::max(1, *o_.outliers_per_block) : 0;
      tensor_.format.shift_bits = o_.shift_bits;
      tensor_.format.fraction_bits = o_.fraction_bits;
      tensor_.format.scale_mantissa_bits = o_.scale_mantissa_bits;
    }
    tensor_.axis = o_.axis;
    tensor_.outlier_shift_max = o_.outlier_shift_max;
    tensor_.k = k_;
    tensor_.n = n_;
    tensor_.codes.assign(static_cast<std::size_t>(k_ * tensor_.n_padded()), 0);
    tensor_.blocks.resize(static_cast<std::size_t>(k_ * tensor_.blocks_per_row()));
  }

  Place block_of(std::int64_t i, std::int64_t j) const {
    return o_.axis == Axis::reduction ? Place{i - i % o_.macro_block, j} : Place{i, j - j % o_.macro_block};
  }

  // Fixes thresholds and scales of all macro-blocks of a group of rows.
  void enter(std::int64_t group) {
    const std::int64_t first = group * o_.macro_block;
    const std::int64_t end = std::min(k_, first + o_.macro_block);
    std::map<Place, std::vector<Place>> blocks;
    for (std::int64_t i = first; i < end; ++i) {
      for (std::int64_t j = 0; j < n_; ++j) blocks[block_of(i, j)].push_back({i, j});
    }
    for (const auto& [block, places] : blocks) {
      Real mean = 0;
      for (const Place& p : places) mean += w(p.first, p.second);
      mean /= static_cast<Real>(places.size());
      Real variance = 0;
      for (const Place& p : places) variance += (w(p.first, p.second) - mean) * (w(p.first, p.second) - mean);
      mean_[block] = mean;
      threshold_[block] = o_.outlier_sigma * std::sqrt(variance / static_cast<Real>(places.size()));
      scale_[block] = zero_scale();
    }
    set_scales(blocks, first, end, OutlierRule::sigma);
    if (o_.outlier_rule == OutlierRule::error) set_scales(blocks, first, end, OutlierRule::error);
    if (o_.axis == Axis::output) limit(blocks);
  }

  Scale zero_scale() const { return full_ ? Scale{-64, 1 << o_.scale_mantissa_bits} : Scale{-127, 1}; }

  bool is_zero(const std::vector<Place>& places) {
    return std::all_of(places.begin(), places.end(),
                       [&](const Place& p) { return w(p.first, p.second) == 0; });
  }

  void limit(const std::map<Place, std::vector<Place>>& blocks) {
    std::map<std::int64_t, int> largest;
    for (const auto& [block, places] : blocks) {
      if (is_zero(places)) continue;
      const auto [it, fresh] = largest.emplace(block.second, scale_[block].exponent);
      if (!fresh) it->second = std::max(it->second, scale_[block].exponent);
    }
    for (const auto& [block, places] : blocks) {
      if (is_zero(places)) continue;
      scale_[block].exponent = std::max(scale_[block].exponent, largest[block.second] - o_.row_align_bits);
    }
  }

  void set_scales(const std::map<Place, std::vector<Place>>& blocks, std::int64_t first, std::int64_t end,
                  OutlierRule rule) {
    std::map<Place, bool> outlier;
    std::map<Place, bool> pruned;
    for (std::int64_t i = first; i < end; ++i) {
      for (std::int64_t j = 0; j < n_; j += o_.micro_block) {
        for (const OutlierPair& pair : quantize(i, j, rule).block.pairs) {
          outlier[{i, j + pair.upper}] = true;
          pruned[{i, j + pair.lower}] = rule == OutlierRule::error;
        }
      }
    }
    std::map<Place, Scale> found;
    for (const auto& [block, places] : blocks) {
      if (is_zero(places)) continue;
      std::vector<Place> inliers;
      for (const Place& p : places) {
        if (!outlier[p] && !pruned[p]) inliers.push_back(p);
      }
      found[block] = best_scale(inliers, places);
    }
    for (const auto& [block, scale] : found) scale_[block] = scale;
  }

  int into_range(int e) const { return full_ ? std::clamp(e, -64, 63) : std::clamp(e, -127, 127); }

  Real step(const Scale& scale) const {
    return std::ldexp(static_cast<Real>(scale.factor), scale.exponent - (full_ ? o_.scale_mantissa_bits : 0));
  }

  Scale best_scale(const std::vector<Place>& inliers, const std::vector<Place>& all) {
    Real largest = 0;
    for (const Place& p : inliers) largest = std::max(largest, std::fabs(w(p.first, p.second)));
    const int one = zero_scale().factor;
    if (largest == 0) {
      int low = 1000;
      int high = -1000;
      for (const Place& p : all) {
        if (w(p.first, p.second) == 0) continue;
        low = std::min(low, exponent_of(w(p.first, p.second)));
        high = std::max(high, exponent_of(w(p.first, p.second)));
      }
      const int leading = full_ ? 2 * o_.bits - 2 - o_.fraction_bits : o_.bits - 2;
      return {into_range(std::max(low, high - o_.outlier_shift_max) - leading), one};
    }
    const int e0 = exponent_of(largest) - (o_.bits - 2);
    Scale best{into_range(e0), one};
    if (o_.inlier_rule == InlierRule::ocp) return best;
    Real least = -1;
    for (const int e : {e0, e0 - 1, e0 + 1}) {
      for (int factor = one; factor < (full_ ? 2 * one : one + 1); ++factor) {
        for (const int sign : {1, -1}) {
          if (sign < 0 && !full_) continue;
          const Scale candidate{into_range(e), sign * factor};
          Real error = 0;
          for (const Place& p : inliers) {
            const Real weight = w(p.first, p.second);
            const Real difference = weight - inlier(weight, step(candidate)) * step(candidate);
            error += difference * difference * (o_.weigh_scales ? cost(p.first) : 1);
          }
          if (least >= 0 && error >= least) continue;
          least = error;
          best = candidate;
        }
      }
    }
    return best;
  }

  Real inlier(Real weight, Real unit) const {
    const Real high = o_.bits == 2 ? 1 : 7;
    return rounded(weight / unit, full_ ? -high - 1 : -high, high);
  }

  Real outlier_unit(Real inlier_step, int r) const {
    return std::ldexp(inlier_step, r - (full_ ? o_.fraction_bits : 2));
  }

  Real outlier(Real weight, Real unit) const {
    if (full_) {
      const Real half = o_.bits == 2 ? 8 : 128;
      return rounded(weight / unit, -half, half - 1);
    }
    const Real s = rounded(std::fabs(weight / unit), o_.bits == 2 ? 4 : 16, o_.bits == 2 ? 7 : 31);
    return weight < 0 ? -s : s;
  }

  struct Positioned {
    std::vector<Real> weight, step, inlier_error;
  };

  Positioned look(std::int64_t i, std::int64_t first) {
    Positioned m;
    for (std::int64_t j = first; j < std::min(n_, first + o_.micro_block); ++j) {
      m.weight.push_back(w(i, j));
      m.step.push_back(step(scale_.at(block_of(i, j))));
      const Real d = m.weight.back() - inlier(m.weight.back(), m.step.back()) * m.step.back();
      m.inlier_error.push_back(d * d);
    }
    return m;
  }

  Real outlier_error(const Positioned& m, std::size_t p, int r) const {
    const Real unit = outlier_unit(m.step[p], r);
    const Real d = m.weight[p] - outlier(m.weight[p], unit) * unit;
    return d * d;
  }

  // Wanted outliers, the largest n_max of them.
  Positions thresholded(const Positioned& m, std::int64_t i, std::int64_t first) {
    Positions wanted;
    for (std::size_t p = 0; p < m.weight.size(); ++p) {
      const Place block = block_of(i, first + static_cast<std::int64_t>(p));
      if (std::fabs(m.weight[p] - mean_.at(block)) > threshold_.at(block))
        wanted.push_back(static_cast<std::uint8_t>(p));
    }
    return wanted;
  }

  void keep_largest(const Positioned& m, Positions& wanted) const {
    std::stable_sort(wanted.begin(), wanted.end(), [&](std::uint8_t a, std::uint8_t b) {
      return std::fabs(m.weight[a]) > std::fabs(m.weight[b]);
    });
    wanted.resize(std::min(wanted.size(), static_cast<std::size_t>(o_.max_outliers())));
    std::sort(wanted.begin(), wanted.end());
  }

  int shift_of(const Positioned& m, const Positions& outliers) const {
    int best = 0;
    Real least = -1;
    for (int r = 0; r <= o_.outlier_shift_max; ++r) {
      Real error = 0;
      bool clamped_below = false;  // is r needed: would an outlier be clamped with r - 1?
      for (const std::uint8_t p : outliers) {
        error += outlier_error(m, p, r);
        const Real ratio = m.weight[p] / outlier_unit(m.step[p], r - 1);
        const Real half = o_.bits == 2 ? 8 : 128;
        clamped_below =
            clamped_below || (full_ ? std::nearbyint(ratio) > half - 1 || std::nearbyint(ratio) < -half
                                    : std::fabs(ratio) >= (o_.bits == 2 ? 8 : 32));
      }
      if (o_.shift_rule == ShiftRule::max ? r > 0 && clamped_below : (least < 0 || error < least)) {
        best = r;
        least = error;
      }
    }
    return best;
  }

  // Cost of pruning each position; positions beyond N cost nothing.
  std::vector<double> prune_costs(const Positioned& m, OutlierRule rule) const {
    std::vector<double> costs(static_cast<std::size_t>(o_.micro_block), 0.0);
    const bool less_inlier = rule != OutlierRule::sigma || o_.prune_rule == PruneRule::error;
    for (std::size_t p = 0; p < m.weight.size(); ++p) {
      const Real cost = m.weight[p] * m.weight[p] - (less_inlier ? m.inlier_error[p] : 0);
      costs[p] = static_cast<double>(std::max<Real>(cost, 0));
    }
    return costs;
  }

  // The one outlier, partner and r that save most, if more than the price.
  MicroBlock least_error(const Positioned& m, const Positions& candidates, OutlierRule rule,
                         Real price) const {
    MicroBlock best;
    Real saved = price;
    const std::vector<double> costs = prune_costs(m, rule);
    for (int r = 0; r <= o_.outlier_shift_max; ++r) {
      for (const std::uint8_t p : candidates) {
        for (std::uint8_t partner = 0; partner < o_.micro_block; ++partner) {
          if (partner == p) continue;
          const Real saving = m.inlier_error[p] - outlier_error(m, p, r) - costs[partner];
          if (saving <= saved) continue;
          saved = saving;
          best = {static_cast<std::uint8_t>(r), {{p, partner}}};
        }
      }
    }
    return best;
  }

  MicroBlock roles(const Positioned& m, std::int64_t i, std::int64_t first, OutlierRule rule) {
    Positions candidates =
        rule == OutlierRule::error ? range(static_cast<int>(m.weight.size())) : thresholded(m, i, first);
    if (o_.max_outliers() == 0 || candidates.empty()) return {};
    if (rule != OutlierRule::sigma) return least_error(m, candidates, rule, price_ / cost(i));
    keep_largest(m, candidates);
    MicroBlock block;
    block.pairs = choose_by_exhaustion(candidates, prune_costs(m, rule), o_.micro_block).value().pairs;
    block.shift = static_cast<std::uint8_t>(shift_of(m, candidates));
    return block;
  }

  Micro quantize(std::int64_t i, std::int64_t first, OutlierRule rule) {
    const Positioned m = look(i, first);
    return encode(m, roles(m, i, first, rule));
  }

  Micro encode(const Positioned& m, const MicroBlock& block) const {
    Micro result{block, {}, {}};
    const int modulus = 1 << o_.bits;
    result.codes.assign(static_cast<std::size_t>(o_.micro_block), 0);
    for (std::size_t p = 0; p < m.weight.size(); ++p) {
      const auto q = static_cast<int>(inlier(m.weight[p], m.step[p]));
      result.codes[p] = static_cast<std::uint8_t>(full_   ? (q + modulus) % modulus
                                                  : q < 0 ? modulus / 2 - q
                                                          : q);
      result.values.push_back(q * m.step[p]);
    }
    for (const OutlierPair& pair : result.block.pairs) {
      const Real unit = outlier_unit(m.step[pair.upper], result.block.shift);
      const auto integer = static_cast<int>(outlier(m.weight[pair.upper], unit));
      result.values[pair.upper] = integer * unit;
      if (pair.lower < result.values.size()) result.values[pair.lower] = 0;
      const int part = full_ ? modulus : o_.bits == 2 ? 2 : 4;
      const int field = full_ ? (integer + modulus * modulus) % (modulus * modulus) : std::abs(integer);
      const int sign = !full_ && integer < 0 ? modulus / 2 : 0;
      result.codes[pair.upper] = static_cast<std::uint8_t>(sign + field / part % part);
      result.codes[pair.lower] = static_cast<std::uint8_t>(sign + field % part);
    }
    return result;
  }

  void store(const Micro& micro, std::int64_t row, std::int64_t first) {
    std::copy(micro.codes.begin(), micro.codes.end(),
              tensor_.codes.begin() + row * tensor_.n_padded() + first);
    tensor_.blocks[at(row, first / o_.micro_block, tensor_.blocks_per_row())] = micro.block;
    for (std::size_t p = 0; p < micro.values.size(); ++p)
      q(row, first + static_cast<std::int64_t>(p)) = micro.values[p];
  }

  void quantize_row(std::int64_t row) {
    for (std::int64_t first = 0; first < n_; first += o_.micro_block)
      store(quantize(row, first, o_.outlier_rule), row, first);
    done_.push_back(row);
    if (inverse_.empty()) return;
    for (std::int64_t i = 0; i < k_; ++i) {
      if (std::find(done_.begin(), done_.end(), i) != done_.end()) continue;
      const Real share = inverse_[at(i, row, k_)] / inverse_[at(row, row, k_)];
      for (std::int64_t j = 0; j < n_; ++j) w(i, j) -= (w(row, j) - q(row, j)) * share;
    }
    eliminate(inverse_, row);
  }

  std::int64_t k_;
  std::int64_t n_;
  QuantizerOptions o_;
  std::vector<Real> w_;  // compensated
  std::vector<Real> original_;
  std::vector<Real> q_;  // values of the codes
  bool full_;
  std::vector<std::int64_t> order_;
  std::vector<std::int64_t> done_;
  std::vector<Real> cost_;
  std::vector<Real> inverse_;
  std::vector<Real> h_;  // damped
  Real price_ = 0, sweep_price_ = 0;
  std::map<Place, Real> mean_, threshold_;  // by first weight of the macro-block
  std::map<Place, Scale> scale_;
  QuantizedTensor tensor_;
};

}  // namespace

std::vector<Real> plain_hessian(std::span<const float> activations, std::int64_t k) {
  std::vector<Real> h(static_cast<std::size_t>(k * k), 0);
  for (std::size_t first = 0; first < activations.size(); first += static_cast<std::size_t>(k)) {
    const auto x = activations.subspan(first, static_cast<std::size_t>(k));
    for (std::int64_t i = 0; i < k; ++i) {
      for (std::int64_t j = 0; j < k; ++j)
        h[at(i, j, k)] += 2 * Real{x[static_cast<std::size_t>(i)]} * Real{x[static_cast<std::size_t>(j)]};
    }
  }
  return h;
}

std::vector<Real> damped_hessian(std::vector<Real> hessian, std::int64_t k, Real damping) {
  Real mean = 0;
  for (std::int64_t i = 0; i < k; ++i) mean += hessian[at(i, i, k)] / static_cast<Real>(k);
  for (std::int64_t i = 0; i < k; ++i) {
    Real& diagonal = hessian[at(i, i, k)];
    diagonal = diagonal == 0 ? mean : diagonal + damping * mean;
  }
  return hessian;
}

std::vector<Real> inverse(std::vector<Real> matrix, std::int64_t k) {
  std::vector<Real> result(matrix.size(), 0);
  for (std::int64_t i = 0; i < k; ++i) result[at(i, i, k)] = 1;
  for (std::int64_t p = 0; p < k; ++p) {
    const Real pivot = matrix[at(p, p, k)];
    if (!(pivot > 0)) throw std::logic_error("inverse: not positive definite");
    for (std::int64_t j = 0; j < k; ++j) {
      matrix[at(p, j, k)] /= pivot;
      result[at(p, j, k)] /= pivot;
    }
    for (std::int64_t i = 0; i < k; ++i) {
      if (i == p) continue;
      const Real times = matrix[at(i, p, k)];
      for (std::int64_t j = 0; j < k; ++j) {
        matrix[at(i, j, k)] -= times * matrix[at(p, j, k)];
        result[at(i, j, k)] -= times * result[at(p, j, k)];
      }
    }
  }
  return result;
}

QuantizedTensor compensated_reference(std::span<const float> weights, std::int64_t k, std::int64_t n,
                                      const QuantizerOptions& options, const std::vector<Real>& hessian) {
  return Compensated(weights, k, n, options, hessian).run();
}

}  // namespace msq::golden
