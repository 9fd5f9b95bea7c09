#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace msq::synth {

/// FPGA families that Yosys maps to.
enum class FpgaTarget { ice40, ecp5, xilinx7 };

[[nodiscard]] std::string_view fpga_name(FpgaTarget target);
/// Names of all targets, in their order.
[[nodiscard]] const std::vector<std::string>& fpga_names();

struct FpgaRequest {
  std::vector<std::filesystem::path> sources;  ///< Verilog, memories too
  std::string top;
  FpgaTarget target = FpgaTarget::ice40;
  std::filesystem::path work_directory;  ///< created if missing
  bool dsp = false;                      ///< defines MSQ_DSP: multipliers of the leaves are written as `*`
};
/// Netlist that synthesize_fpga leaves in its directory, for nextpnr.
inline constexpr std::string_view kFpgaNetlist = "fpga-netlist.json";

/// Resources of an FPGA that a design takes, before placement.
struct FpgaReport {
  FpgaTarget target = FpgaTarget::ice40;
  bool dsp = false;          ///< as requested
  std::int64_t luts = 0;     ///< look-up tables of any size; ice40: of 4 inputs
  std::int64_t carries = 0;  ///< carry cells, in the family's own unit
  std::int64_t flip_flops = 0;
  std::int64_t dsps = 0;
  std::int64_t block_rams = 0;
  std::int64_t lut_rams = 0;                  ///< cells of distributed memory
  std::map<std::string, std::int64_t> cells;  ///< by the family's own names
  double runtime_seconds = 0;
  std::string yosys_version;  ///< counts depend on it more than areas do
};

/// Maps a design with the family's own script of Yosys, flattened, without pads. Errors: Yosys missing or
/// failing; statistics that cannot be read, with its version.
[[nodiscard]] Result<FpgaReport> synthesize_fpga(const FpgaRequest& request);

}  // namespace msq::synth
