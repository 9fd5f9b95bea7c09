#pragma once

/// Typed Verilog abstract syntax tree: builders make modules of it, check() proves them sound, print() writes
/// them. It knows no accelerator. Every bug of a builder (wrong width, mixed signs, unknown port, ..) is a
/// std::logic_error thrown where it is made; what only shows in the finished module is a Diagnostic of
/// check().
#include "gen/verilog/check.hpp"
#include "gen/verilog/expr.hpp"
#include "gen/verilog/index.hpp"
#include "gen/verilog/module.hpp"
#include "gen/verilog/print.hpp"
#include "gen/verilog/type.hpp"
