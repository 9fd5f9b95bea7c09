#include "report/fpga.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/text.hpp"

namespace msq::report {

using Json = nlohmann::ordered_json;

Json to_json(const synth::FpgaReport& r) {
  return {{"target", std::string(synth::fpga_name(r.target))},
          {"luts", r.luts},
          {"carries", r.carries},
          {"flip_flops", r.flip_flops},
          {"dsps", r.dsps},
          {"block_rams", r.block_rams},
          {"lut_rams", r.lut_rams},
          {"cells", r.cells},
          {"runtime_seconds", r.runtime_seconds},
          {"yosys_version", r.yosys_version}};
}

std::string to_text(const synth::FpgaReport& r) {
  std::string text = item("target", fmt::format("{}, by Yosys {}, before placement",
                                                synth::fpga_name(r.target), r.yosys_version));
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

}  // namespace msq::report
