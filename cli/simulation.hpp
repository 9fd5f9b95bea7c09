#pragma once

#include "cli/outcome.hpp"
#include "flow/layer/simulation.hpp"
#include "report/simulation.hpp"

namespace msq::cli {

using flow::compile_model;
using flow::simulate;
using flow::Simulation;

}  // namespace msq::cli
