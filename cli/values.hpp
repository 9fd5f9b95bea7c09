#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

namespace msq::cli {

/// Allows numbers from `low` to `high`, ends included. The message gives the number and the range.
template <class T>
CLI::Validator between(T low, T high) {
  const std::string range = fmt::format("{} to {}", low, high);
  return {[low, high, range](const std::string& text) {
            T value{};
            if (CLI::detail::lexical_cast(text, value) && value >= low && value <= high) return std::string();
            return fmt::format("found {}; allowed: {}", text, range);
          },
          range};
}

/// Allows `low` and all numbers above.
CLI::Validator at_least(double low);

/// Allows numbers above 0.
CLI::Validator positive();

/// Makes every option of every subcommand that takes values refuse an empty one, and those of numbers any
/// text except a finite decimal number. Call it once all options are added.
void check_values(CLI::App& app);

/// Refuses `--name=` without a value, for which CLI11 would take the next argument. \throws CLI::ParseError.
void check_arguments(int argc, const char* const* argv);

}  // namespace msq::cli
