#pragma once

#include <string>
#include <vector>

#include "flow/layer/model_selection.hpp"
#include "report/render.hpp"

namespace msq::report {

/// Output of `quantize --list` on the tensors of a model, and `notes` on it (ModelFile::notes).
[[nodiscard]] std::string render_list(const std::string& file, const std::vector<flow::ListedTensor>& tensors,
                                      const std::vector<std::string>& notes, Form form);

}  // namespace msq::report
