#include "tb/sim/gtkwave.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace msq::tb {
namespace {

// Flags of GTKWave's save format.
constexpr const char* kBinary = "@28";
constexpr const char* kHexadecimal = "@22";
constexpr const char* kComment = "@200";

/// Ports whose names begin like this, under a title.
using Group = std::pair<const char*, const char*>;
constexpr Group kCoreGroups[] = {{"load_", "weight rows"},
                                 {"act_", "tokens"},
                                 {"psum_", "partial sums"},
                                 {"protocol_", "errors"},
                                 {"count_", "counters"}};
constexpr Group kTopGroups[] = {{"s_axil_", "registers"},
                                {"s_axis_weight_", "weights"},
                                {"s_axis_act_", "activations"},
                                {"m_axis_out_", "outputs"},
                                {"irq_", "interrupt"}};
/// One-bit nets of msq_top worth seeing.
constexpr const char* kTopNets[] = {"job_run",
                                    "weight_load_valid",
                                    "core_load_ready",
                                    "launch_launch",
                                    "launch_wait_weight",
                                    "launch_wait_activation",
                                    "launch_wait_output",
                                    "launch_wait_schedule",
                                    "psum_valid",
                                    "psum_last",
                                    "collect_block_push",
                                    "drained",
                                    "pass_free"};

void add(std::string& text, const std::string& path, int width) {
  if (width == 1) {
    text += fmt::format("{}\n{}\n", kBinary, path);
  } else {
    text += fmt::format("{}\n{}[{}:0]\n", kHexadecimal, path, width - 1);
  }
}

}  // namespace

std::string gtkwave_signals(const Design& design, const std::filesystem::path& trace) {
  std::string text = fmt::format("[dumpfile] \"{}\"\n[timestart] 0\n", trace.filename().string());
  const std::string scope = fmt::format("TOP.{}.", design.top);
  for (const char* name : {"clk_i", "rst_ni"}) add(text, scope + name, 1);
  const auto groups = [&](const auto& list) {
    for (const auto& [prefix, title] : list) {
      text += fmt::format("{}\n-{}\n", kComment, title);
      for (const verilog::Port& port : design.ports) {
        if (port.name.starts_with(prefix)) add(text, scope + port.name, port.type.width);
      }
    }
  };
  if (!has_top(design)) {
    groups(kCoreGroups);
    return text;
  }
  groups(kTopGroups);
  text += fmt::format("{}\n-inside\n", kComment);
  for (const char* name : kTopNets) add(text, scope + name, 1);
  return text;
}

}  // namespace msq::tb
