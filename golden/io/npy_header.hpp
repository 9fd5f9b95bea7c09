#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace msq::golden {

/// The dictionary in front of a .npy file's data.
struct NpyHeader {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
};

/// Parses the header text: a Python literal {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } with
/// exactly these keys in any order, then only white space; extents may end in L, as Python 2 wrote them.
/// Error (without the file's name): the expected text, and its place.
[[nodiscard]] Result<NpyHeader> parse_npy_header(std::string_view text);

}  // namespace msq::golden
