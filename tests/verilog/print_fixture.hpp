#pragma once

#include <gtest/gtest.h>

#include <string>

#include "gen/verilog/module.hpp"
#include "gen/verilog/print.hpp"

namespace msq::verilog {

/// Text between the ports and `endmodule`.
inline std::string body(const Module& m) {
  const std::string text = print(m, {});
  const std::size_t begin = text.find(");\n") + 3;
  return text.substr(begin, text.find("endmodule") - begin);
}

struct Print : ::testing::Test {
  Module m{"m", "Doc."};
  Expr clk = m.input("clk_i", u(1), "");
  Expr rst = m.input("rst_ni", u(1), "");
  Expr en = m.input("en_i", u(1), "");
  Expr a = m.input("a_i", u(8), "");
  Expr out = m.output("out_o", u(8), "");
};

}  // namespace msq::verilog
