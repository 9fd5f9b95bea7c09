#include "synth/fpga.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "support/files.hpp"
#include "support/tool.hpp"
#include "synth/log.hpp"
#include "synth/recipe.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;
using Count = std::int64_t FpgaReport::*;

struct Target {
  const char* name;  ///< of its recipe, too
  /// What a cell counts as, by the beginning of its name; the first that fits.
  std::vector<std::pair<std::string_view, Count>> kinds;
};

const std::array<Target, 3>& targets() {
  using R = FpgaReport;
  static const std::array<Target, 3> all = {Target{"ice40",
                                                   {{"SB_LUT4", &R::luts},
                                                    {"SB_CARRY", &R::carries},
                                                    {"SB_DFF", &R::flip_flops},
                                                    {"SB_RAM40", &R::block_rams},
                                                    {"SB_MAC16", &R::dsps}}},
                                            Target{"ecp5",
                                                   {{"LUT4", &R::luts},
                                                    {"CCU2C", &R::carries},
                                                    {"TRELLIS_FF", &R::flip_flops},
                                                    {"TRELLIS_DPR16X4", &R::lut_rams},
                                                    {"DP16KD", &R::block_rams},
                                                    {"MULT18X18D", &R::dsps}}},
                                            Target{"xilinx7",
                                                   {{"LUT", &R::luts},
                                                    {"CARRY4", &R::carries},
                                                    {"FD", &R::flip_flops},
                                                    {"RAMB", &R::block_rams},
                                                    {"RAM", &R::lut_rams},
                                                    {"SRL", &R::lut_rams},
                                                    {"DSP48", &R::dsps}}}};
  return all;
}

const Target& of(FpgaTarget target) { return targets().at(static_cast<std::size_t>(target)); }

/// Counts of the top module in what `stat -json` printed.
FpgaReport count_cells(const nlohmann::json& stat, FpgaTarget target) {
  FpgaReport report;
  report.target = target;
  for (const auto& [type, count] : stat.at("design").at("num_cells_by_type").items()) {
    const std::int64_t n = count.get<std::int64_t>();
    report.cells[type] = n;
    for (const auto& [beginning, kind] : of(target).kinds) {
      if (type.rfind(beginning, 0) == 0) {
        report.*kind += n;
        break;
      }
    }
  }
  return report;
}

}  // namespace

std::string_view fpga_name(FpgaTarget target) { return of(target).name; }

const std::vector<std::string>& fpga_names() {
  static const std::vector<std::string> names = {targets()[0].name, targets()[1].name, targets()[2].name};
  return names;
}

Result<FpgaReport> synthesize_fpga(const FpgaRequest& request) {
  if (!on_path("yosys")) return Error(missing_program_message("yosys"));
  std::error_code error;
  fs::create_directories(request.work_directory, error);
  if (error) {
    return Error(
        fmt::format("{}: cannot create the directory: {}", request.work_directory.string(), error.message()));
  }
  const fs::path script = request.work_directory / "fpga.ys";
  std::ofstream out(script, std::ios::binary);
  for (const fs::path& file : request.sources)
    out << fmt::format("read_verilog \"{}\"\n", fs::absolute(file).string());
  out << fpga_script(of(request.target).name, request.top) << "tee -o fpga.json stat -json\n";
  out.close();
  if (!out) return Error(fmt::format("{}: cannot write the file", script.string()));
  const fs::path stat = request.work_directory / "fpga.json";
  fs::remove(stat, error);  // never read the figures of an earlier run
  const fs::path log_file = request.work_directory / "fpga.log";
  const auto run = run_tool({.argv = {"yosys", "-Q", "-s", "fpga.ys"},
                             .working_directory = request.work_directory,
                             .log_file = log_file});
  if (!run) return Error(run.error());
  if (!run->ok()) {
    return Error(fmt::format("synthesis of {} for {} failed (log: {}):\n{}", request.top,
                             fpga_name(request.target), log_file.string(),
                             log_error(read_text(log_file).value_or(""))));
  }
  try {
    FpgaReport report = count_cells(nlohmann::json::parse(read_text(stat).value_or("")), request.target);
    report.runtime_seconds = run->wall_seconds;
    return report;
  } catch (const nlohmann::json::exception& problem) {
    return Error(fmt::format("{}: no statistics of Yosys: {}", stat.string(), problem.what()));
  }
}

}  // namespace msq::synth
