#include "cli/fpga.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/progress.hpp"
#include "cli/text.hpp"
#include "gen/config/serialize.hpp"
#include "tb/build_model.hpp"

namespace msq::cli {

namespace fs = std::filesystem;

Result<synth::FpgaReport> measure_fpga(const Design& design, const std::string& target,
                                       const fs::path& work) {
  const auto& names = synth::fpga_names();
  synth::FpgaRequest request{
      .sources = {},
      .top = design.top,
      .target = static_cast<synth::FpgaTarget>(std::find(names.begin(), names.end(), target) - names.begin()),
      .work_directory = work / fmt::format("{}-{}{}-{}", design.config.name, config_hash(design.config),
                                           has_top(design) ? "-top" : "", target)};
  if (auto written = tb::write_design(design, request.work_directory); !written)
    return Error(written.error());
  for (const std::string& file : design.verilog_files())
    request.sources.push_back(request.work_directory / file);
  const Progress progress(fmt::format("mapping {} to {} with Yosys", design.config.name, target));
  return synth::synthesize_fpga(request);
}

Json to_json(const synth::FpgaReport& r) {
  return {{"target", std::string(synth::fpga_name(r.target))},
          {"luts", r.luts},
          {"carries", r.carries},
          {"flip_flops", r.flip_flops},
          {"dsps", r.dsps},
          {"block_rams", r.block_rams},
          {"lut_rams", r.lut_rams},
          {"cells", r.cells},
          {"runtime_seconds", r.runtime_seconds}};
}

std::string to_text(const synth::FpgaReport& r) {
  std::string text =
      item("target", fmt::format("{}, by Yosys, before placement", synth::fpga_name(r.target)));
  text += item("look-up tables", grouped(r.luts));
  text += item("flip-flops", grouped(r.flip_flops));
  text += item("carry cells", grouped(r.carries));
  text += item("DSPs", grouped(r.dsps));
  text += item("block RAMs", grouped(r.block_rams));
  text += item("cells of distributed RAM", grouped(r.lut_rams));
  Table table({"cell", "count"});
  for (const auto& [name, count] : r.cells) table.add({name, grouped(count)});
  return text + table.str();
}

}  // namespace msq::cli
