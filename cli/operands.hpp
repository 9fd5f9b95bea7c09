#pragma once

#include "cli/outcome.hpp"
#include "flow/layer/operands.hpp"

namespace msq::cli {

using flow::ActivationsSource;
using flow::LabelledMatrix;
using flow::load_activations;
using flow::load_weights;
using flow::quantize_activations;
using flow::WeightsSource;

}  // namespace msq::cli
