#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace msq::flow {

/// Files of a task: it reads the inputs only, and writes every output.
struct TaskFiles {
  std::vector<std::filesystem::path> inputs, outputs;
};

/// "0, 3, 4 and 7 more" of task numbers.
[[nodiscard]] std::string task_numbers(const std::vector<std::size_t>& numbers);

/// --task with a number that no task has.
[[nodiscard]] Error no_such_task(std::size_t number, const std::vector<std::size_t>& numbers);

/// --collect before these tasks were done.
[[nodiscard]] Error tasks_left(const std::string& output, const std::vector<std::size_t>& left,
                               std::size_t all);

}  // namespace msq::flow
