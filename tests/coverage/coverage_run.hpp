#pragma once

#include <filesystem>
#include <optional>

#include "gen/arch/design.hpp"
#include "support/result.hpp"
#include "tb/sim/build_model.hpp"
#include "tb/sim/model.hpp"

namespace msq::tests {

/// Under MSQ_COVERAGE=DIRECTORY the benches build their models with coverage and cover points, and every
/// model leaves a file of its coverage there (tests/coverage/rtl.sh).
[[nodiscard]] std::optional<std::filesystem::path> coverage_directory();

/// The model of a design: of the flavour that is asked for, or with coverage.
[[nodiscard]] Result<tb::ModelBuild> build_bench_model(const Design& design, tb::Flavour flavour);

/// Saves what the model covered, if coverage is on.
void save_coverage(const tb::Model& model, const Design& design);

}  // namespace msq::tests
