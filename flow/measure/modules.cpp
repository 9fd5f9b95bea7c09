#include "flow/measure/modules.hpp"

#include <algorithm>
#include <filesystem>

namespace msq::flow {

std::string module_of(const std::string& file) { return std::filesystem::path(file).stem().string(); }

bool is_memory(const Design& design, const std::string& module) {
  const auto& memories = design.memory_modules;
  return std::find(memories.begin(), memories.end(), module) != memories.end();
}

std::vector<std::string> logic_modules(const Design& design) {
  std::vector<std::string> modules;
  for (const std::string& file : design.verilog_files()) {
    const std::string module = module_of(file);
    if (!is_memory(design, module)) modules.push_back(module);
  }
  return modules;
}

}  // namespace msq::flow
