#include "tb/host/array_sizes.hpp"

#include <memory>
#include <stdexcept>

#include "golden/exec/plan_inline.hpp"
#include "golden/exec/plan_none.hpp"

namespace msq::tb {
namespace {

golden::PlannerPointer planner_of(const Dimensions& d, golden::Reordering reordering) {
  switch (d.outlier_path) {
    case OutlierPath::none:
      return std::make_shared<golden::NonePlanner>();
    case OutlierPath::recon:
      return std::make_shared<golden::ReconPlanner>(golden::ReconSizes{d.recon->units, d.lead, reordering},
                                                    d.rows);
    case OutlierPath::inlined:
      return std::make_shared<golden::InlinePlanner>(
          golden::UnitLimits{d.tree_rows, d.inlined->units, d.rows});
  }
  throw std::logic_error("planner_of: no such path");
}

}  // namespace

golden::ArraySizes array_sizes(const Dimensions& d) {
  const auto reordering = d.permuter ? golden::Reordering::for_interval : golden::Reordering::never;
  return core_sizes(d, reordering);
}

golden::ArraySizes core_sizes(const Dimensions& d, golden::Reordering reordering) {
  golden::ArraySizes array{d.rows, d.cols, d.places == 2 ? 1 : 2, planner_of(d, reordering), {}};
  if (array.planner->splits_tiles()) {
    array.sums.activation_max = (1 << (d.stream_act_bits - 1)) - 1;
    array.sums.shift_max = d.outliers->shift_max;
    if (d.acc_bits < d.exact_acc_bits) array.sums.bits = d.acc_bits;
  }
  return array;
}

}  // namespace msq::tb
