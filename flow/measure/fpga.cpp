#include "flow/measure/fpga.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "flow/measure/synthesize.hpp"
#include "gen/config/serialize.hpp"
#include "support/progress.hpp"
#include "tb/sim/build_model.hpp"

namespace msq::flow {

Result<synth::FpgaReport> measure_fpga(const Design& design, const std::string& target, const Flow& flow) {
  const auto& names = synth::fpga_names();
  synth::FpgaRequest request{
      .sources = {},
      .top = design.top,
      .target = static_cast<synth::FpgaTarget>(std::find(names.begin(), names.end(), target) - names.begin()),
      .work_directory = flow.work / fmt::format("{}-{}{}-{}", design.config.name, config_hash(design.config),
                                                has_top(design) ? "-top" : "", target)};
  MSQ_TRY(const auto lock, lock_work(request.work_directory));
  MSQ_CHECK(tb::write_design(design, request.work_directory));
  for (const std::string& file : design.verilog_files())
    request.sources.push_back(request.work_directory / file);
  const Progress progress(fmt::format("mapping {} to {} with Yosys", design.config.name, target));
  return synth::synthesize_fpga(request);
}

}  // namespace msq::flow
