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
      "Print the tasks of this command, with the files that each reads and writes, as JSON, and do none");
  auto* task = command.add_option("--task", options.task,
                                  "Do only the task of this number, unless it is done. Tasks run in any "
                                  "order, in parallel, on any machine with their inputs");
  auto* collect = command.add_flag("--collect", options.collect,
                                   "Join the results of all tasks into the output of the plain command");
  for (auto* option : {plan, task, collect}) option->excludes(command.get_option(excluded));
  task->excludes(plan)->excludes(collect);
  plan->excludes(collect);
}

}  // namespace msq::cli
