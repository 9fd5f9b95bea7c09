#include "flow/layer/quantize_model.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "flow/layer/model_jobs.hpp"
#include "flow/layer/model_join.hpp"
#include "flow/layer/model_run.hpp"
#include "flow/layer/part_files.hpp"

namespace msq::flow {

ModelTotals ModelFindings::totals() const {
  ModelTotals totals;
  double stored_bits = 0;
  for (const LayerFindings& layer : layers) {
    const QuantizationFindings& of = layer.quantization;
    totals.weights += of.statistics.weights;
    totals.outliers_kept += of.statistics.outliers_kept;
    stored_bits += of.bits.stored * static_cast<double>(of.statistics.weights);
  }
  const auto weights = static_cast<double>(totals.weights);
  totals.outlier_share = static_cast<double>(totals.outliers_kept) / weights;
  totals.ebw_stored = stored_bits / weights;
  return totals;
}

Result<ModelFindings> quantize_model(const ModelToQuantize& of,
                                     const std::function<void(const std::string&)>& note) {
  MSQ_TRY(const std::vector<ModelJob> jobs, model_jobs(of));
  MSQ_CHECK(check_jobs(of.request, jobs));
  MSQ_TRY(const std::unique_ptr<PartFiles> parts, PartFiles::open(of.request.output, plan_of(of)));
  if (parts->restarted()) {
    note(fmt::format("{}: made with other options; starting anew", parts->directory().string()));
  }
  ModelRun run(of, *parts);
  MSQ_CHECK(run.finish(jobs));
  if (run.of_others() > 0) {
    note(fmt::format("{}: {} finished layers were of other weights or another calibration; made again",
                     parts->directory().string(), run.of_others()));
  }
  return join_parts(of, jobs, run, *parts);
}

}  // namespace msq::flow
