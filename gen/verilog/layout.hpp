#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gen/verilog/expr.hpp"

namespace msq::verilog::detail {

/// Expression on one line, with the parentheses its operators need or a reader would want.
[[nodiscard]] std::string flat_text(const Expr& e);

/// `[7:0]`, `[COLS*ACT_BITS-1:0]`, nothing for one bit.
[[nodiscard]] std::string range_text(const Constant& width);

/// A net or a part of one as the target of an assignment.
[[nodiscard]] std::string target_text(const Expr& target);

/// Expression in lines of at most `width` characters where its operators allow; the lines carry their
/// indentation relative to the first. One line if the expression fits and is no or_all / and_all of several
/// groups.
[[nodiscard]] std::vector<std::string> layout(const Expr& e, std::size_t width);

}  // namespace msq::verilog::detail
