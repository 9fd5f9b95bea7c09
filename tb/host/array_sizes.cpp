#include "tb/host/array_sizes.hpp"

namespace msq::tb {
namespace {

golden::OutlierSizes outlier_sizes(const Dimensions& d, golden::Reordering reordering) {
  if (d.recon) return golden::ReconSizes{d.recon->units, d.lead, reordering};
  if (d.inlined) return golden::UnitLimits{d.tree_rows, d.inlined->units_per_block};
  return golden::NoOutliers{};
}

}  // namespace

golden::ArraySizes array_sizes(const Dimensions& d) {
  const auto reordering = d.permuter ? golden::Reordering::for_interval : golden::Reordering::never;
  return {d.rows, 4 * d.cols, outlier_sizes(d, reordering)};
}

golden::ArraySizes core_sizes(const Dimensions& d) {
  return {d.rows, 4 * d.cols, outlier_sizes(d, golden::Reordering::always)};
}

}  // namespace msq::tb
