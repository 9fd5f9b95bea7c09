#include "cli/task_options.hpp"

#include <string>

namespace msq::cli {

const char* TaskOptions::given() const {
  if (plan) return "--plan";
  if (collect) return "--collect";
  return task ? "--task" : nullptr;
}

void add_task_options(CLI::App& command, TaskOptions& options, const std::string& excluded) {
  auto* plan = command.add_flag(
      "--plan", options.plan,
      "Only print the tasks that this command consists of, with the files they read and write, as JSON");
  auto* task = command.add_option("--task", options.task,
                                  "Do only the task of this number, unless it is done already; in any "
                                  "order, several at once, on any machine that has its inputs");
  auto* collect = command.add_flag("--collect", options.collect,
                                   "Join what all tasks wrote, as the command without these options does");
  for (auto* option : {plan, task, collect}) option->excludes(command.get_option(excluded));
  task->excludes(plan)->excludes(collect);
  plan->excludes(collect);
}

}  // namespace msq::cli
