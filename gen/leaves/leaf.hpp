#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gen/leaves/header.hpp"
#include "gen/verilog/module.hpp"

namespace msq::leaves {

/// Area block of leaves that are memories.
inline constexpr const char* kMemoryBlock = "memory";

using Parameters = std::vector<std::pair<std::string, verilog::Constant>>;

/// Interface of a parsed module with the given parameter values, which are printed as overrides in this
/// order; others keep their defaults. `file` is for messages. \throws std::logic_error
/// `<file>:<line>: ..` on a parameter that does not exist or is local, is given twice, or has neither value
/// nor default, on an expression that is not understood, and on a port that does not end in bit 0.
[[nodiscard]] verilog::Interface interface_of(const Header& header, const Parameters& parameters,
                                              const std::string& file);

/// Header of a leaf. \throws std::logic_error on an unknown leaf and on text that is not understood.
[[nodiscard]] const Header& leaf_header(const std::string& module);

/// Interface of a hand-written leaf: `leaf("msq_switch", {{"WIDTH", d.moving_bits}})`. Its area block is the
/// one in the header comment of the leaf. \throws std::logic_error as leaf_header and interface_of.
[[nodiscard]] verilog::Interface leaf(const std::string& module, const Parameters& parameters = {});

/// The leaves and the leaves that they instantiate, sorted, each once. \throws std::logic_error as
/// leaf_header.
[[nodiscard]] std::vector<std::string> with_inner_leaves(const std::vector<std::string>& modules);

}  // namespace msq::leaves
