#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace msq {

/// Value, or a message a user can act on: it names the file or field, the value found and those allowed.
/// Errors that only a bug can cause are assertions or std::logic_error instead.
template <class T = void>
using Result = tl::expected<T, std::string>;

/// The failed side of a Result: `return Error("rows: found 3; allowed: ...")`.
using Error = tl::unexpected<std::string>;

}  // namespace msq

#define MSQ_CONCAT_(a, b) a##b
#define MSQ_CONCAT(a, b) MSQ_CONCAT_(a, b)
#define MSQ_TRY_AS_(temporary, declaration, ...)                     \
  auto temporary = (__VA_ARGS__);                                    \
  if (!temporary) return ::msq::Error(std::move(temporary).error()); \
  declaration = *std::move(temporary)

/// `MSQ_TRY(const Config config, load_config(path));` declares config, or returns the error of the Result to
/// the caller, whose own return type is some Result.
#define MSQ_TRY(declaration, ...) MSQ_TRY_AS_(MSQ_CONCAT(msq_try_, __LINE__), declaration, __VA_ARGS__)

/// Returns the error of a Result<> to the caller: `MSQ_CHECK(validate(config));`
#define MSQ_CHECK(...)                                                                                       \
  do {                                                                                                       \
    if (auto msq_checked = (__VA_ARGS__); !msq_checked) return ::msq::Error(std::move(msq_checked).error()); \
  } while (false)
