#pragma once

#include <string>
#include <vector>

#include "tb/sim/accelerator.hpp"

namespace msq::tests {

/// First place where two sequences of packets differ, in words; empty if they are equal.
[[nodiscard]] std::string difference(const std::vector<tb::Packet>& got,
                                     const std::vector<tb::Packet>& expected);

/// Difference of the counters from those that follow from the job; empty if none.
[[nodiscard]] std::string counter_problem(const tb::AcceleratorResult& result, const tb::AcceleratorJob& job);

}  // namespace msq::tests
