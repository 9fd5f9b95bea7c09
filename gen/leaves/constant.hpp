#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "gen/leaves/tokens.hpp"

namespace msq::leaves {

/// Values of parameters by name.
using Values = std::map<std::string, std::int64_t>;

/// Value of a constant expression: integers (plain or based, without x and z), parameters, `$clog2`,
/// parentheses, `! ~ - +`, `* / %`, `+ -`, `<< >> >>>`, comparisons, `& ^ |`, `&& ||` and `? :` with the
/// precedences of IEEE 1364-2005, calculated in 64 bits. The branch of `? :` that is not selected may have no
/// value (a division by zero). \throws std::logic_error `<file>:<line>: ..` on anything else.
[[nodiscard]] std::int64_t evaluate(std::span<const Token> expression, const Values& values,
                                    const std::string& file);

}  // namespace msq::leaves
