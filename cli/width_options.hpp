#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "flow/layer/width_limit.hpp"
#include "support/result.hpp"

namespace msq::cli {

/// Limits for which the layers of a model mix 2 and 4 bits.
struct WidthOptions {
  std::optional<double> average_bits, cycles;
  std::string config;
  std::int64_t tokens = 1;

  /// The limit given, or null.
  [[nodiscard]] const char* given() const;
  /// Nothing without a limit. Error: no such configuration.
  [[nodiscard]] Result<std::optional<flow::WidthLimit>> limit() const;
};

/// --average-bits and --cycles, not with --bits, and --config and --tokens.
void add_width_options(CLI::App& command, WidthOptions& options);

/// After parsing. \throws CLI::Error.
void check_width_options(const CLI::App& command, const WidthOptions& options);

}  // namespace msq::cli
