#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gen/leaves/tokens.hpp"

namespace msq::leaves {

/// Parameter of a module, or localparam of its parameter list.
struct HeaderParameter {
  std::string name;
  std::vector<Token> value;  ///< default, or the value of a localparam; empty if there is none
  bool local = false;
  std::string doc;
  int line = 0;
};

/// Port of a module, with its range as it is written.
struct HeaderPort {
  std::string name;
  bool input = true;
  bool is_signed = false;
  std::vector<Token> msb, lsb;  ///< empty: one bit
  std::string doc;              ///< comment behind it on its line
  int line = 0;
};

/// Module as its source text declares it.
struct Header {
  std::string module;
  std::string doc;                     ///< comment lines above the module, without the licence
  std::string area_block;              ///< of the line `Area block: ..` among them
  std::vector<std::string> kept_nets;  ///< of lines `Kept by Verilator: ..`: nets whose drivers stay apart
  std::vector<HeaderParameter> parameters;
  std::vector<HeaderPort> ports;
  std::vector<std::string> body_identifiers;  ///< behind the header, each once, sorted
};

/// Reads a file with one module that has ANSI ports: `input wire signed [MSB:LSB] name_i,  // doc`.
/// \throws std::logic_error `<file>:<line>: ..` on anything else.
[[nodiscard]] Header parse_header(std::string_view text, const std::string& file);

}  // namespace msq::leaves
