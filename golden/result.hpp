#pragma once

#include <string>
#include <tl/expected.hpp>

namespace msq::golden {

/// Value, or a message a user can act on: it names the file or field, the value found and what is allowed.
/// Errors that only a bug can cause are assertions instead.
template <class T>
using Result = tl::expected<T, std::string>;

}  // namespace msq::golden
