#include "tb/host/array_sizes.hpp"

#include <stdexcept>

namespace msq::tb {
namespace {

golden::OutlierSizes outlier_sizes(const Dimensions& d, golden::Reordering reordering) {
  switch (d.outlier_path) {
    case OutlierPath::none:
      return golden::NoOutliers{};
    case OutlierPath::recon:
      return golden::ReconSizes{d.recon->units, d.lead, reordering};
    case OutlierPath::inlined:
      return golden::UnitLimits{d.tree_rows, d.inlined->units_per_block};
  }
  throw std::logic_error("array_sizes: no such outlier path");
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
