#pragma once

#include <string>

#include "flow/layer/simulation.hpp"
#include "gen/config/config.hpp"
#include "report/json.hpp"
#include "report/render.hpp"

namespace msq::report {

[[nodiscard]] Json to_json(const flow::Simulation& simulation);
[[nodiscard]] std::string to_text(const flow::Simulation& simulation);

/// Report of `simulate`.
[[nodiscard]] std::string render(const flow::SimulationFindings& findings, Form form);

/// Keys: file, from_cycle, cycles.
[[nodiscard]] Json to_json(const flow::RecordedTrace& trace);

/// Message of a failed check: seed, configuration, place, expected and got, and the command that records it.
/// Empty if every check passed. @param command `microscopiq simulate` with the options that name
/// configuration and operands.
[[nodiscard]] std::string failure_text(const flow::Simulation& simulation, const Config& config,
                                       const std::string& command);

}  // namespace msq::report
