#include "synth/fpga.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "support/files.hpp"
#include "synth/recipe.hpp"
#include "synth/stat.hpp"
#include "synth/summary.hpp"
#include "synth/yosys_program.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;
using Count = std::int64_t FpgaReport::*;

struct Target {
  const char* name;  ///< of its recipe, too
  /// Kind that a cell counts as, by the beginning of its name; the first that fits.
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

/// Counts of the whole design in what `stat -json` printed.
Result<FpgaReport> counted(std::string_view stat, const FpgaRequest& request) {
  MSQ_TRY(const auto modules, parse_stat_modules(stat));
  FpgaReport report;
  report.target = request.target;
  report.dsp = request.dsp;
  MSQ_TRY(report.cells, count_cells(modules, request.top));
  for (const auto& [type, count] : report.cells) {
    for (const auto& [beginning, kind] : of(request.target).kinds) {
      if (type.starts_with(beginning)) {
        report.*kind += count;
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
  MSQ_CHECK(check_yosys());
  std::error_code error;
  fs::create_directories(request.work_directory, error);
  if (error) {
    return Error(
        fmt::format("{}: cannot create the directory: {}", request.work_directory.string(), error.message()));
  }
  std::string script;
  for (const fs::path& file : request.sources)
    script +=
        fmt::format("read_verilog {}\"{}\"\n", request.dsp ? "-DMSQ_DSP " : "", fs::absolute(file).string());
  if (request.dsp && request.target == FpgaTarget::ecp5) {
    const fs::path block = request.work_directory / "ecp5_dsp.v";
    MSQ_CHECK(write_text(block, recipe_text("ecp5_dsp")));
    script += fmt::format("read_verilog -overwrite {}\n", block.filename().string());
  }
  script += fpga_script(of(request.target).name, request.top) + "tee -o fpga.json stat -json\n";
  script += fmt::format("write_json {}\n", kFpgaNetlist);
  const fs::path stat = request.work_directory / "fpga.json";
  fs::remove(stat, error);  // never read the figures of an earlier run
  constexpr const char* kLog = "fpga.log";
  MSQ_TRY(auto run, run_yosys({fmt::format("synthesis of {} for {}", request.top, fpga_name(request.target)),
                               request.work_directory, "fpga.ys", kLog, script}));
  auto report = counted(read_text(stat).value_or(""), request);
  if (!report) {
    return Error(fmt::format("{} (Yosys {}, log: {})", report.error(), run.version,
                             (request.work_directory / kLog).string()));
  }
  report->runtime_seconds = run.wall_seconds;
  report->yosys_version = std::move(run.version);
  return report;
}

}  // namespace msq::synth
