#include "synth/nextpnr.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "support/files.hpp"
#include "support/process.hpp"
#include "support/tool.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Device {
  std::string_view program;  ///< from PyPI with yowasp- before it
  std::string_view name;
  std::vector<std::string> options;
};

std::optional<Device> device_of(FpgaTarget target) {
  switch (target) {
    case FpgaTarget::ice40:
      return Device{
          "nextpnr-ice40", "iCE40 HX8K", {"--hx8k", "--package", "ct256", "--pcf-allow-unconstrained"}};
    case FpgaTarget::ecp5:
      return Device{"nextpnr-ecp5",
                    "LFE5U-85F, speed grade 6",
                    {"--85k", "--speed", "6", "--package", "CABGA381", "--lpf-allow-unconstrained"}};
    case FpgaTarget::xilinx7:
      break;
  }
  return std::nullopt;
}

/// Instance that a cell or net belongs to, below the instance of the design in its wrapper.
std::string instance_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return {};
  const std::string instance = name.substr(0, dot);
  constexpr std::string_view kDesign = "u_design";
  if (instance == kDesign) return {};
  return instance.starts_with(std::string(kDesign) + ".") ? instance.substr(kDesign.size() + 1) : instance;
}

std::vector<FpgaStep> steps_of(const Json& path) {
  std::vector<FpgaStep> steps;
  double routing = 0;
  for (const Json& part : path) {
    const auto type = part.at("type").get<std::string>();
    const auto delay = part.at("delay").get<double>();
    if (type == "routing") {
      routing += delay;
      continue;
    }
    if (type != "logic" && type != "clk-to-q" && type != "setup")
      throw std::runtime_error(fmt::format("a delay of the unknown kind \"{}\"", type));
    std::string instance = instance_of(part.at("to").at("cell").get<std::string>());
    if (steps.empty() || steps.back().instance != instance) steps.push_back({std::move(instance)});
    FpgaStep& step = steps.back();
    step.cells += type == "logic" ? 1 : 0;
    step.logic_ns += delay;
    step.routing_ns += std::exchange(routing, 0);
  }
  return steps;
}

NextpnrReport report_of(const Json& json) {
  NextpnrReport report;
  const Json& clocks = json.at("fmax");
  if (clocks.size() != 1) throw std::runtime_error(fmt::format("{} clocks, not one", clocks.size()));
  report.fmax_mhz = clocks.begin()->at("achieved").get<double>();
  for (const auto& [kind, use] : json.at("utilization").items())
    report.use[kind] = {use.at("used").get<std::int64_t>(), use.at("available").get<std::int64_t>()};
  for (const Json& path : json.at("critical_paths")) {
    const auto from = path.at("from").get<std::string>();
    if (from == "<async>" || from != path.at("to").get<std::string>()) continue;
    report.path = steps_of(path.at("path"));
  }
  if (report.path.empty()) throw std::runtime_error("no path from a register to a register");
  return report;
}

Result<NextpnrRun> run_once(const NextpnrRequest& request, const std::string& program, const Device& device,
                            int seed) {
  const std::string name = fmt::format("nextpnr-{}", seed);
  const fs::path report = request.work_directory / (name + ".json");
  const fs::path log = request.work_directory / (name + ".log");
  std::error_code ignored;
  fs::remove(report, ignored);  // never read the figures of an earlier run
  // A clock that no array reaches: missing the constraint is only a warning.
  std::vector<std::string> argv = {
      program,  "--json", request.netlist,      "--report", name + ".json", "--seed", std::to_string(seed),
      "--freq", "150",    "--timing-allow-fail"};
  argv.insert(argv.end(), device.options.begin(), device.options.end());
  // Builds for WebAssembly compile themselves once and keep that below HOME.
  const auto run = run_tool({.argv = argv,
                             .working_directory = request.work_directory,
                             .log_file = log,
                             .timeout = std::chrono::hours(2)},
                            {"HOME", "XDG_CACHE_HOME", "YOWASP_CACHE_DIR"});
  if (!run) return Error(run.error());
  if (!run->ok()) {
    return Error(fmt::format("{} failed (log: {}):\n{}", program, log.string(),
                             error_excerpt(read_text(log).value_or(""))));
  }
  MSQ_TRY(const auto text, read_text(report));
  auto parsed = parse_nextpnr_report(text);
  if (!parsed) return Error(fmt::format("{}: {}", report.string(), parsed.error()));
  return NextpnrRun{seed, std::move(*parsed), run->wall_seconds};
}

/// "0.11.1" of what `--version` prints; builds of PyPI first say that they compile themselves.
std::string version_of(const std::string& program) {
  const auto run = run_tool({.argv = {program, "--version"}, .timeout = std::chrono::minutes(2)},
                            {"HOME", "XDG_CACHE_HOME", "YOWASP_CACHE_DIR"});
  constexpr std::string_view kBefore = "(Version ";
  const std::string text = run && run->ok() ? run->output : "";
  const std::size_t at = text.find(kBefore);
  if (at == std::string::npos) return "of unknown version";
  const std::size_t begin = at + kBefore.size();
  const std::string version = text.substr(begin, text.find(')', begin) - begin);
  constexpr std::string_view kName = "nextpnr-";
  return version.starts_with(kName) ? version.substr(kName.size()) : version;
}

}  // namespace

Result<NextpnrReport> parse_nextpnr_report(std::string_view json) {
  try {
    return report_of(Json::parse(json));
  } catch (const std::exception& error) {
    return Error(fmt::format("not a report of nextpnr: {}", error.what()));
  }
}

Result<std::string> fpga_wrapper(const std::string& top, const std::string& clock,
                                 const std::vector<WrappedPort>& ports) {
  std::string connections;
  int inputs = 0, outputs = 0;
  bool clocked = false;
  for (const WrappedPort& port : ports) {
    if (port.name == clock) {
      clocked = true;
      continue;
    }
    int& bits = port.input ? inputs : outputs;
    connections +=
        fmt::format(",\n      .{}({}[{}+:{}])", port.name, port.input ? "in_q" : "out", bits, port.width);
    bits += port.width;
  }
  if (!clocked) return Error(fmt::format("{}: no clock {}", top, clock));
  if (inputs < 2 || outputs < 2) return Error(fmt::format("{}: fewer than two inputs or outputs", top));
  return fmt::format(
      "// Three pins for {0}: inputs come from a shift register, outputs are folded into another one.\n"
      "module {1} (\n    input  wire clk_i,\n    input  wire serial_i,\n    output wire serial_o\n);\n"
      "  reg  [{2}:0] in_q;\n  reg  [{4}:0] out_q;\n  wire [{4}:0] out;\n"
      "  always @(posedge clk_i) begin\n"
      "    in_q  <= {{in_q[{3}:0], serial_i}};\n"
      "    out_q <= out ^ {{out_q[{5}:0], 1'b0}};\n  end\n  assign serial_o = out_q[{4}];\n"
      "  {0} u_design (\n      .{6}(clk_i){7}\n  );\nendmodule\n",
      top, kFpgaWrapper, inputs - 1, inputs - 2, outputs - 1, outputs - 2, clock, connections);
}

std::vector<double> FpgaRouting::sorted_fmax() const {
  std::vector<double> all;
  all.reserve(runs.size());
  for (const NextpnrRun& run : runs) all.push_back(run.report.fmax_mhz);
  std::sort(all.begin(), all.end());
  return all;
}

double FpgaRouting::median_fmax() const {
  const auto all = sorted_fmax();
  return (all.at((all.size() - 1) / 2) + all.at(all.size() / 2)) / 2;
}

const NextpnrRun& FpgaRouting::median_run() const {
  const double fmax = sorted_fmax().at((runs.size() - 1) / 2);
  return *std::find_if(runs.begin(), runs.end(),
                       [&](const NextpnrRun& r) { return r.report.fmax_mhz == fmax; });
}

Result<std::string> nextpnr_program(FpgaTarget target) {
  const auto device = device_of(target);
  if (!device)
    return Error(fmt::format("place and route: found {}; allowed: ice40, ecp5", fpga_name(target)));
  for (const std::string& name : {std::string(device->program), fmt::format("yowasp-{}", device->program)}) {
    if (on_path(name)) return name;
  }
  return Error(
      fmt::format("{0} is not in PATH, nor yowasp-{0}; install {0}, or the Python package yowasp-{0} "
                  "(pip install yowasp-{0})",
                  device->program));
}

Result<FpgaRouting> route_fpga(const NextpnrRequest& request) {
  MSQ_TRY(const auto program, nextpnr_program(request.target));
  const Device device = *device_of(request.target);
  FpgaRouting routing{std::string(device.name), version_of(program), {}};
  for (int seed = 1; seed <= request.seeds; ++seed) {
    MSQ_TRY(auto run, run_once(request, program, device, seed));
    routing.runs.push_back(std::move(run));
  }
  return routing;
}

}  // namespace msq::synth
