#include "synth/cell_models.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <system_error>

#include "support/files.hpp"
#include "synth/tool_library.hpp"
#include "synth/yosys_program.hpp"

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
      "read_liberty -ignore_miss_func -ignore_miss_dir -ignore_miss_data_latch {}\nproc\nopt_clean\n"
      "select {}\nwrite_verilog -noattr -selected cells.v\n",
      library.path().string(), fmt::join(names, " "));
  MSQ_TRY([[maybe_unused]] const auto run,
          run_yosys({"making models of the cells", work_directory, "cells.ys", "cells.log", script}));
  std::string text = read_text(file).value_or("");
  for (const std::string& name : names) {
    // Not there, or a black box: Yosys found no function.
    if (text.find(fmt::format("\nmodule {}(", name)) == std::string::npos)
      return Error(fmt::format("{}: the library gives no function of cell {}", liberty.string(), name));
  }
  return text;
}

}  // namespace msq::synth
