#pragma once

#include "cli/operands.hpp"
#include "flow/layer/choices_json.hpp"
#include "flow/layer/quantization.hpp"

namespace msq::cli {

using flow::quantize_weights;
using flow::QuantizerChoices;
using flow::to_json;

}  // namespace msq::cli
