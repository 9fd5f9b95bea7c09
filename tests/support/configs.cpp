#include "tests/support/configs.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "gen/config/load.hpp"

namespace msq::tests {

namespace fs = std::filesystem;

fs::path test_config_file(const std::string& name) {
  for (const char* folder : {"tests/configs", "gen/configs"}) {
    const fs::path file = fs::path(MSQ_SOURCE_DIR) / folder / (name + ".json");
    if (fs::exists(file)) return file;
  }
  throw std::runtime_error("test_config: found " + name +
                           "; allowed: a name in tests/configs or gen/configs");
}

Config test_config(const std::string& name) {
  auto config = load_config(test_config_file(name));
  if (!config) throw std::runtime_error(config.error());
  return *config;
}

std::string test_config_text(const std::string& name) {
  std::ifstream file(test_config_file(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string test_name(std::string config) {
  std::replace(config.begin(), config.end(), '-', '_');
  return config;
}

}  // namespace msq::tests
