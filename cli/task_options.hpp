#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <optional>

#include "support/result.hpp"

namespace msq::cli {

/// Which part of a command to do, instead of all of it (docs/user/models.md).
struct TaskOptions {
  bool plan = false, collect = false;
  std::optional<std::size_t> task;

  /// The option given, or null.
  [[nodiscard]] const char* given() const;
};

/// --plan, --task and --collect, one of them at most, and not with the option `excluded`.
void add_task_options(CLI::App& command, TaskOptions& options, const std::string& excluded);

}  // namespace msq::cli
