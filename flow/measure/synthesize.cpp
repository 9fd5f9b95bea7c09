#include "flow/measure/synthesize.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "flow/measure/modules.hpp"
#include "gen/config/serialize.hpp"
#include "support/process.hpp"
#include "support/progress.hpp"
#include "synth/liberty.hpp"
#include "synth/yosys.hpp"
#include "synth/yosys_program.hpp"
#include "tb/sim/build_model.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

synth::SynthesisRequest request_of(const Design& design, const Flow& flow, const SynthesisOptions& options) {
  fs::path directory = flow.work / (work_name(design) + (options.flatten ? "-flat" : ""));
  if (!options.variant.empty()) directory /= options.variant;
  synth::SynthesisRequest request{.sources = {},
                                  .top = design.top,
                                  .liberty = flow.liberty,
                                  .flatten = options.flatten,
                                  .netlist = options.netlist,
                                  .clock = options.clock,
                                  .work_directory = std::move(directory)};
  for (const std::string& file : design.verilog_files()) {
    auto& files = is_memory(design, module_of(file)) ? request.blackboxes : request.sources;
    files.push_back(request.work_directory / file);
  }
  return request;
}

}  // namespace

std::string work_name(const Design& design) {
  const char* around = has_shell(design) ? "-shell" : has_top(design) ? "-top" : "";
  return fmt::format("{}-{}{}", design.config.name, config_hash(design.config), around);
}

Result<> check_synthesis_tools(const fs::path& liberty) {
  MSQ_CHECK(synth::check_yosys());
  std::error_code error;
  if (!fs::exists(liberty, error) && liberty == synth::kOsu018Liberty) {
    return Error(fmt::format(
        "{}: no such library; install the package qflow-tech-osu018 (Debian 12 has it, Debian 13 and Ubuntu "
        "24.04 do not), or name another one with --liberty",
        liberty.string()));
  }
  MSQ_TRY([[maybe_unused]] const synth::Liberty library, synth::read_liberty(liberty));
  return {};
}

Result<std::shared_ptr<const Lock>> lock_work(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error)
    return Error(fmt::format("{}: cannot create the directory: {}", directory.string(), error.message()));
  return Lock::shared_directory(directory);
}

Result<Synthesized> synthesize(const Design& design, const Flow& flow, const SynthesisOptions& options) {
  const synth::SynthesisRequest request = request_of(design, flow, options);
  MSQ_TRY(auto lock, lock_work(request.work_directory));
  MSQ_CHECK(tb::write_design(design, request.work_directory));
  const Progress progress(fmt::format("synthesizing {} with Yosys", design.config.name));
  MSQ_TRY(auto report, synth::synthesize(request));
  return Synthesized{design, std::move(report), request.netlist_file(), std::move(lock)};
}

}  // namespace msq::flow
