#include "synth/cell_models.hpp"

#include <fmt/format.h>

#include <set>
#include <system_error>

#include "support/files.hpp"
#include "support/tool.hpp"
#include "synth/log.hpp"
#include "synth/tool_library.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

}  // namespace

Result<std::string> cell_models(const fs::path& liberty, const std::vector<CellType>& types,
                                const fs::path& work_directory) {
  std::error_code error;
  fs::create_directories(work_directory, error);
  if (error)
    return Error(
        fmt::format("{}: cannot create the directory: {}", work_directory.string(), error.message()));
  MSQ_TRY(const auto library, ToolLibrary::of(liberty));
  std::set<std::string> names;
  for (const CellType& type : types) names.insert(type.name);
  const fs::path file = work_directory / "cells.v";
  fs::remove(file, error);  // never read what an earlier run left
  const std::string script = fmt::format(
      "read_liberty -ignore_miss_func -ignore_miss_dir -ignore_miss_data_latch {}; proc; opt_clean; select "
      "{}; "
      "write_verilog -noattr -selected cells.v",
      library.path().string(), fmt::join(names, " "));
  const fs::path log_file = work_directory / "cells.log";
  const auto run = run_tool(
      {.argv = {"yosys", "-Q", "-p", script}, .working_directory = work_directory, .log_file = log_file});
  if (!run) return Error(run.error());
  if (!run->ok()) {
    return Error(fmt::format("no models of the cells (log: {}):\n{}", log_file.string(),
                             log_error(read_text(log_file).value_or(""))));
  }
  std::string text = read_text(file).value_or("");
  for (const std::string& name : names) {
    // Not there, or a black box: Yosys found no function.
    if (text.find(fmt::format("\nmodule {}(", name)) == std::string::npos)
      return Error(fmt::format("{}: the library gives no function of cell {}", liberty.string(), name));
  }
  return text;
}

}  // namespace msq::synth
