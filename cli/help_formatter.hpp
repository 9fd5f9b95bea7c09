#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace msq::cli {

/// Layout of help texts: names in one column, texts beside them, lines of at most 100 characters.
/// It does not change with the version of CLI11, so that docs/user/command-line.md can hold the texts and a
/// test can compare them.
class HelpFormatter : public CLI::FormatterBase {
 public:
  HelpFormatter() { column_width(30); }

  /// @param name the command as it was called, such as "microscopiq run".
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

}  // namespace msq::cli
