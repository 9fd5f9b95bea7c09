#include "tests/cli/flow.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "golden/io/npy.hpp"
#include "tests/cli/report_keys.hpp"

namespace msq::cli {

namespace fs = std::filesystem;

void Flow::SetUp() {
  std::string name = (fs::temp_directory_path() / "msq cli XXXXXX").string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  directory_ = name;
}

void Flow::TearDown() { fs::remove_all(directory_); }

ProcessResult Flow::run(const Arguments& arguments, const Environment& environment) {
  Environment all = environment;
  const auto is_cache = [](const auto& variable) { return variable.first == "MSQ_MODEL_CACHE"; };
  if (std::none_of(all.begin(), all.end(), is_cache)) all.emplace_back("MSQ_MODEL_CACHE", MSQ_MODELS);
  Arguments argv = {MSQ_PROGRAM};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  auto result = run_process({.argv = argv, .working_directory = directory_, .environment = all});
  if (!result) throw std::runtime_error(result.error());
  return *result;
}

Flow::Environment Flow::with_script(const std::string& program, const std::string& script) {
  const fs::path file = directory_ / "scripts" / program;
  fs::create_directories(file.parent_path());
  std::ofstream(file) << "#!/bin/sh\nPATH=\"${PATH#*:}\"\nreal=" << program << "\n" << script << "\n";
  fs::permissions(file, fs::perms::owner_all);
  return {{"PATH", file.parent_path().string() + ":" + std::getenv("PATH")}};
}

std::string Flow::succeed(const Arguments& arguments) {
  const ProcessResult result = run(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  return result.output;
}

nlohmann::json Flow::json(const Arguments& arguments) {
  const std::string text = succeed(arguments);
  // Notes on standard error come before it.
  const std::size_t begin = text.starts_with('{') ? 0 : text.find("\n{\n");
  auto parsed = nlohmann::json::parse(text.substr(std::min(begin, text.size())), nullptr, false);
  EXPECT_TRUE(parsed.is_object()) << text;
  EXPECT_EQ(undocumented_keys(arguments.front(), parsed), std::vector<std::string>())
      << "keys of `" << arguments.front() << "` that docs/user/reports.md does not have";
  return parsed;
}

void Flow::refuse(const Arguments& arguments, std::initializer_list<std::string_view> parts,
                  const Environment& environment) {
  const auto snapshot = [this] {
    std::map<std::string, std::string> files;
    for (const std::string& name : listing()) {
      files[name] = fs::is_regular_file(directory_ / name) ? read(name) : std::string();
    }
    return files;
  };
  const auto before = snapshot();
  const ProcessResult result = run(arguments, environment);
  EXPECT_EQ(result.exit_code, 2) << result.output;
  for (const std::string_view part : parts) {
    EXPECT_NE(result.output.find(part), std::string::npos)
        << "missing: " << part << "\nin: " << result.output;
  }
  EXPECT_EQ(result.output.find("internal error"), std::string::npos) << result.output;
  EXPECT_EQ(snapshot(), before) << result.output;
}

std::string Flow::write(const std::string& name, std::string_view bytes) {
  std::ofstream(directory_ / name, std::ios::binary) << bytes;
  return name;
}

std::string Flow::read(const std::string& name) const {
  std::ifstream in(directory_ / name, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string Flow::write_npy(const std::string& name, const golden::Matrix& matrix) {
  return write(name, golden::npy_bytes(matrix));
}

std::vector<std::string> Flow::listing(const std::string& below) const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(directory_ / below)) {
    names.push_back(fs::relative(entry.path(), directory_ / below).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

golden::Matrix sample_matrix(std::int64_t rows, std::int64_t columns, unsigned seed) {
  golden::Matrix matrix{rows, columns, std::vector<float>(static_cast<std::size_t>(rows * columns))};
  std::mt19937 random(seed);
  for (std::size_t i = 0; i < matrix.values.size(); ++i) {
    const float value = static_cast<float>(random() % 2001) / 1000.0F - 1.0F;
    matrix.values[i] = i % 23 == 5 ? 9.0F * value : value;
  }
  return matrix;
}

}  // namespace msq::cli
