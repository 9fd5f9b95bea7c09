#pragma once

#include <filesystem>
#include <vector>

namespace msq::flow {

/// Library, directory and rules of all measurements of a command.
struct Flow {
  std::filesystem::path liberty;               ///< standard cells, plain text
  std::filesystem::path work = "build/synth";  ///< every design gets a directory below it
  int max_fanout = 16;                         ///< cells that a net may load; 0: nets as synthesized
  std::vector<double> periods{};               ///< clocks that designs are mapped for, ns; none: least area
};

}  // namespace msq::flow
