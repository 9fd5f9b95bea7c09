#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"
#include "synth/fpga.hpp"

namespace msq::synth {

/// Cells of a kind in a device.
struct FpgaUse {
  std::int64_t used = 0, available = 0;
};

/// Consecutive cells of a path in one instance, and the wires to them.
struct FpgaStep {
  std::string instance;   ///< "u_core.u_decoder", by the names that Yosys gave; empty: the outermost module
  int cells = 0;          ///< passed
  double logic_ns = 0;    ///< in the cells
  double routing_ns = 0;  ///< on the wires to them
};

/// Figures of one clock in the report of nextpnr.
struct NextpnrReport {
  double fmax_mhz = 0;
  std::map<std::string, FpgaUse> use;  ///< by nextpnr's own names, such as TRELLIS_COMB
  std::vector<FpgaStep> path;          ///< the longest from a register to a register
};

/// Reads the file of `nextpnr --report`. Errors: no JSON; not exactly one clock; a key that is missing or has
/// a value of another type; a delay of an unknown kind; no path between registers.
[[nodiscard]] Result<NextpnrReport> parse_nextpnr_report(std::string_view json);

/// Port of a design to be put into a wrapper.
struct WrappedPort {
  std::string name;
  int width = 1;
  bool input = true;
};

/// A module `fpga_wrapper` with three pins around a design that has more ports than an FPGA has pins: inputs
/// come from a shift register, outputs are folded into another one, so that each path of the design runs from
/// a register to a register. One register an input and an output bit, and a look-up table an output bit.
/// @param ports of the design, with its clock. Errors: no port that is the clock, or none that is driven.
[[nodiscard]] Result<std::string> fpga_wrapper(const std::string& top, const std::string& clock,
                                               const std::vector<WrappedPort>& ports);
inline constexpr std::string_view kFpgaWrapper = "fpga_wrapper";

/// Findings of place and route with one seed.
struct NextpnrRun {
  int seed = 1;
  NextpnrReport report;
  double runtime_seconds = 0;
};

struct FpgaRouting {
  std::string device;   ///< "LFE5U-85F, speed grade 6"
  std::string version;  ///< of nextpnr: "0.11.1"
  std::vector<NextpnrRun> runs;

  /// f_max of the runs, smallest first. The median of an even number is the mean of the middle two.
  [[nodiscard]] std::vector<double> sorted_fmax() const;
  [[nodiscard]] double median_fmax() const;
  /// The run whose f_max is the median, or the next below it.
  [[nodiscard]] const NextpnrRun& median_run() const;
};

/// Checks that nextpnr is there, under its own name or as PyPI has it. @return the program's name. Errors: no
/// device of this family is placed and routed; the missing program, and where it comes from.
[[nodiscard]] Result<std::string> nextpnr_program(FpgaTarget target);

struct NextpnrRequest {
  std::filesystem::path work_directory;  ///< with the netlist; gets logs and reports
  std::string netlist;                   ///< JSON by Yosys, a name in the directory
  FpgaTarget target = FpgaTarget::ecp5;
  int seeds = 1;  ///< 1, 2 .. seeds
};

/// Places and routes a netlist once for each seed. Errors: those of nextpnr_program; a design that does not
/// fit or a run that fails, with its log's name and nextpnr's own words; those of parse_nextpnr_report.
[[nodiscard]] Result<FpgaRouting> route_fpga(const NextpnrRequest& request);

}  // namespace msq::synth
