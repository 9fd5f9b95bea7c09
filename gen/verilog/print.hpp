#pragma once

#include <string>
#include <vector>

#include "gen/verilog/module.hpp"

namespace msq::verilog {

/// Comment lines at the top of a file, without `//`.
struct FileHeader {
  std::vector<std::string> lines;
};

/// Text of a file with this one module. Same module, same bytes. Call check() or require_clean() first.
[[nodiscard]] std::string print(const Module& module, const FileHeader& header);

}  // namespace msq::verilog
