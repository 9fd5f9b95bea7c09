#pragma once

#include <vector>

#include "flow/layer/model_jobs.hpp"
#include "flow/layer/model_run.hpp"
#include "flow/layer/part_files.hpp"
#include "flow/layer/quantize_model.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Joins the finished parts of all `jobs` (model_jobs) to the output, with the better width of each layer
/// where a limit is given, and removes them. Error: a limit that no choice of widths keeps; those of
/// golden::merge_safetensors. After an error the parts are kept.
[[nodiscard]] Result<ModelFindings> join_parts(const ModelToQuantize& of, std::vector<ModelJob> jobs,
                                               const ModelRun& run, PartFiles& parts);

}  // namespace msq::flow
