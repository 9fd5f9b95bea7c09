#pragma once

#include <string>

#include "flow/layer/quantize_layer.hpp"
#include "flow/layer/quantize_model.hpp"
#include "report/json.hpp"
#include "report/render.hpp"

namespace msq::report {

/// docs/user/reports.md, "quantization".
[[nodiscard]] Json to_json(const flow::QuantizationFindings& findings);
[[nodiscard]] std::string to_text(const flow::QuantizationFindings& findings);

/// Reports of `quantize` on one matrix and on a model.
[[nodiscard]] std::string render(const flow::MatrixFindings& findings, Form form);
[[nodiscard]] std::string render(const flow::ModelFindings& findings, Form form);

}  // namespace msq::report
