#include "flow/tasks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

namespace msq::flow {
namespace {

constexpr std::size_t kNamed = 20;

}  // namespace

std::string task_numbers(const std::vector<std::size_t>& numbers) {
  const std::size_t named = std::min(numbers.size(), kNamed);
  std::string text = fmt::format("{}", fmt::join(std::span(numbers).first(named), ", "));
  if (named == numbers.size()) return text;
  return fmt::format("{} and {} more", text, numbers.size() - named);
}

Error no_such_task(std::size_t number, const std::vector<std::size_t>& numbers) {
  return Error(fmt::format("--task: found {}; allowed: {}", number, task_numbers(numbers)));
}

Error tasks_left(const std::string& output, const std::vector<std::size_t>& left, std::size_t all) {
  return Error(fmt::format("{}: {} of {} tasks are not done: {}; allowed: --collect after all of them",
                           output, left.size(), all, task_numbers(left)));
}

}  // namespace msq::flow
