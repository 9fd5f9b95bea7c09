#include "flow/measure/fpga.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "flow/measure/synthesize.hpp"
#include "gen/arch/interfaces.hpp"
#include "support/files.hpp"
#include "support/progress.hpp"
#include "tb/sim/build_model.hpp"

namespace msq::flow {
namespace {

synth::FpgaTarget target_of(const FpgaOptions& options) {
  const auto& names = synth::fpga_names();
  return static_cast<synth::FpgaTarget>(std::find(names.begin(), names.end(), options.target) -
                                        names.begin());
}

/// Puts the design into a wrapper: writes that, and makes it the top.
Result<> wrap(const Design& design, synth::FpgaRequest& request, FpgaFindings& findings) {
  std::vector<synth::WrappedPort> ports;
  const std::string clock = find_interfaces(design.ports).clock;
  for (const verilog::Port& port : design.ports) {
    const bool input = port.direction == verilog::Direction::input;
    ports.push_back({port.name, port.type.width, input});
    if (port.name != clock) (input ? findings.wrapper_inputs : findings.wrapper_outputs) += port.type.width;
  }
  MSQ_TRY(const auto text, synth::fpga_wrapper(design.top, clock, ports));
  request.top = synth::kFpgaWrapper;
  request.sources.push_back(request.work_directory / (request.top + ".v"));
  return write_text(request.sources.back(), text);
}

}  // namespace

Result<> check_fpga(const FpgaOptions& options) {
  if (options.dsp && target_of(options) == synth::FpgaTarget::ice40)
    return Error("--dsp: allowed with --target ecp5 and xilinx7: an iCE40 HX has no multipliers");
  if (options.seeds == 0) return {};
  const auto program = synth::nextpnr_program(target_of(options));
  if (!program) return Error("--route: " + program.error());
  return {};
}

Result<FpgaFindings> measure_fpga(const Design& design, const FpgaOptions& options, const Flow& flow) {
  synth::FpgaRequest request{
      .sources = {},
      .top = design.top,
      .target = target_of(options),
      .work_directory =
          flow.work / fmt::format("{}-{}{}", work_name(design), options.target, options.dsp ? "-dsp" : ""),
      .dsp = options.dsp};
  MSQ_TRY(const auto lock, lock_work(request.work_directory));
  MSQ_CHECK(tb::write_design(design, request.work_directory));
  for (const std::string& file : design.verilog_files())
    request.sources.push_back(request.work_directory / file);
  FpgaFindings findings{.design = design.config.name, .report = {}};
  if (options.seeds > 0) {
    MSQ_CHECK(wrap(design, request, findings));
  }
  {
    const Progress progress(fmt::format("mapping {} to {} with Yosys", design.config.name, options.target));
    MSQ_TRY(findings.report, synth::synthesize_fpga(request));
  }
  if (options.seeds == 0) return findings;
  const Progress progress(fmt::format("placing and routing {} with nextpnr", design.config.name));
  MSQ_TRY(findings.routing, synth::route_fpga({.work_directory = request.work_directory,
                                               .netlist = std::string(synth::kFpgaNetlist),
                                               .target = request.target,
                                               .seeds = options.seeds}));
  return findings;
}

}  // namespace msq::flow
