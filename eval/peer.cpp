// Measures a design of others by the recipes, timing and power of `microscopiq synth`: see eval/peers.py.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "flow/flow.hpp"
#include "flow/layer/simulation.hpp"
#include "flow/measure/gate_level.hpp"
#include "flow/measure/gate_model.hpp"
#include "flow/measure/netlist.hpp"
#include "flow/measure/power.hpp"
#include "flow/measure/synthesize.hpp"
#include "flow/measure/timing.hpp"
#include "support/files.hpp"
#include "support/result.hpp"
#include "synth/netlist.hpp"
#include "synth/opensta.hpp"
#include "synth/power.hpp"
#include "synth/yosys.hpp"
#include "tb/sim/build_model.hpp"
#include "tb/sim/model.hpp"

namespace msq::eval {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTop = "peer";
/// Silences Verilator's findings about style and open ends, in Verilog that is not ours.
constexpr const char* kNoLint =
    "/* verilator lint_off DECLFILENAME */\n/* verilator lint_off UNUSED */\n/* verilator lint_off UNDRIVEN "
    "*/\n"
    "/* verilator lint_off PINMISSING */\n/* verilator lint_off WIDTH */\n/* verilator lint_off UNOPTFLAT "
    "*/\n"
    "/* verilator lint_off EOFNEWLINE */\n/* verilator lint_off PINCONNECTEMPTY */\n"
    "/* verilator lint_off MODDUP */\n/* verilator lint_off CASEINCOMPLETE */\n";
/// Area block of every module.
constexpr const char* kBlock = "PEs";

struct Arguments {
  std::string verilog, vectors;
  std::string liberty = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
  std::string work = "build/peers";
  double multiplications = 0;
  double frequency = 100;
};

/// Bits of a port, 32 a word, least significant first.
using Word = std::vector<std::uint32_t>;

/// Inputs of one cycle, and the outputs that must be there before the clock edge that ends it.
struct Vector {
  Word input, output, mask;  ///< an output bit counts where the mask has a one
};

struct Vectors {
  int input_bits = 0, output_bits = 0;
  std::vector<Vector> cycles;
};

Result<Word> word_of(const std::string& hex, int bits) {
  constexpr std::size_t kDigits = 8;
  Word word((static_cast<std::size_t>(bits) + 31) / 32);
  if (hex.find_first_not_of("0123456789abcdef") != std::string::npos)
    return Error(fmt::format("\"{}\": allowed are hexadecimal digits", hex));
  for (std::size_t end = hex.size(), i = 0; end > 0; ++i) {
    const std::size_t begin = end > kDigits ? end - kDigits : 0;
    const auto part = static_cast<std::uint32_t>(std::stoul(hex.substr(begin, end - begin), nullptr, 16));
    const int left = bits - static_cast<int>(32 * i);
    if (part != 0 && (left <= 0 || (left < 32 && part >> left != 0)))
      return Error(fmt::format("\"{}\": allowed are numbers of {} bits", hex, bits));
    if (i < word.size()) word[i] = part;
    end = begin;
  }
  return word;
}

/// A line of both widths, then one a cycle: input, output and mask.
Result<Vectors> read_vectors(const fs::path& file) {
  MSQ_TRY(const auto text, read_text(file));
  std::istringstream in(text);
  Vectors vectors;
  if (!(in >> vectors.input_bits >> vectors.output_bits) || vectors.input_bits < 1 || vectors.output_bits < 1)
    return Error(fmt::format("{}: the first line gives the bits of in_i and out_o", file.string()));
  for (std::string input, output, mask; in >> input >> output >> mask;) {
    MSQ_TRY(auto i, word_of(input, vectors.input_bits));
    MSQ_TRY(auto o, word_of(output, vectors.output_bits));
    MSQ_TRY(auto m, word_of(mask, vectors.output_bits));
    vectors.cycles.push_back({std::move(i), std::move(o), std::move(m)});
  }
  if (vectors.cycles.empty()) return Error(fmt::format("{}: holds no cycles", file.string()));
  return vectors;
}

/// Ports and texts as the simulation and the preparation of netlists take them.
Design design_of(const std::string& verilog, const Vectors& vectors) {
  Config config;  // only its name matters
  config.name = kTop;
  return {.config = config,
          .dimensions = Dimensions(config),
          .top = kTop,
          .ports = {{flow::kClockPort, verilog::Direction::input, {.width = 1}, {}},
                    {"in_i", verilog::Direction::input, {.width = vectors.input_bits}, {}},
                    {"out_o", verilog::Direction::output, {.width = vectors.output_bits}, {}}},
          .generated = {{"peer.v", std::string(kNoLint) + verilog}},
          .leaves = {},
          .memory_modules = {},
          .blocks = {},
          .control = {"peer.vlt", "`verilator_config\nlint_off\n"},
          .assertions = {"peer_assert.vh", "// None.\n"}};
}

struct Comparison {
  std::int64_t compared = 0, wrong = 0;  ///< cycles with an expected output
  bool ok() const { return compared > 0 && wrong == 0; }
};

Comparison run(tb::Model& model, const Vectors& vectors,
               const std::function<void(const tb::Model&)>& on_cycle) {
  tb::ModelPort input = model.port("in_i");
  const tb::ModelPort output = model.port("out_o");
  Comparison result;
  Word found(output.word_count());
  for (const Vector& vector : vectors.cycles) {
    input.set_words(vector.input);
    model.eval();
    output.get_words(found);
    bool counts = false, wrong = false;
    for (std::size_t i = 0; i < found.size(); ++i) {
      counts = counts || vector.mask[i] != 0;
      wrong = wrong || ((found[i] ^ vector.output[i]) & vector.mask[i]) != 0;
    }
    result.compared += counts ? 1 : 0;
    result.wrong += wrong ? 1 : 0;
    if (on_cycle) on_cycle(model);
    model.clock();
  }
  return result;
}

Result<Comparison> run_source(const Design& design, const Vectors& vectors) {
  MSQ_TRY(const auto build, flow::compile_model(design, tb::Flavour::quick));
  MSQ_TRY(auto model, tb::Model::open(build.library));
  return run(model, vectors, {});
}

Result<flow::GateLevelRun> run_gates(const flow::PreparedNetlist& netlist, const Vectors& vectors,
                                     double multiplications) {
  MSQ_TRY(const auto engine, flow::gate_model(netlist));
  tb::Model model(engine);
  const Comparison compared = run(model, vectors, [&](const tb::Model&) { engine->count(); });
  flow::GateLevelRun result{{}, engine->take_activity(), multiplications};
  result.result.cycles = vectors.cycles.size();
  result.result.partial_sums_compared = compared.compared;
  result.result.partial_sums_mismatched = compared.wrong;
  return result;
}

/// Whether a cell that is no flip-flop takes the clock. OpenSTA 2.0.17 lets gated clocks run all the time,
/// whatever activity they are given.
bool gates_clock(const synth::Netlist& netlist) {
  const synth::Net clock = netlist.input(flow::kClockPort);
  return std::any_of(netlist.cells.begin(), netlist.cells.end(), [&](const synth::NetlistCell& cell) {
    return !netlist.types[static_cast<std::size_t>(cell.type)].flip_flop &&
           std::find(cell.nets.begin(), cell.nets.end(), clock) != cell.nets.end();
  });
}

Result<nlohmann::json> measure(const Arguments& a) {
  MSQ_TRY(const auto vectors, read_vectors(a.vectors));
  MSQ_TRY(const auto verilog, read_text(a.verilog));
  Design design = design_of(verilog, vectors);
  MSQ_TRY(const auto source, run_source(design, vectors));
  MSQ_CHECK(flow::check_synthesis_tools(a.liberty));
  const fs::path directory = fs::absolute(a.work);
  const synth::SynthesisRequest request{.sources = {a.verilog},
                                        .top = kTop,
                                        .liberty = a.liberty,
                                        .netlist = true,
                                        .work_directory = directory};
  MSQ_TRY(const auto report, synth::synthesize(request));
  for (const synth::ModuleArea& module : report.modules) design.blocks[module.name] = kBlock;
  MSQ_TRY(const auto netlist,
          flow::prepare_netlist({.design = design, .report = report, .netlist = request.netlist_file()},
                                {.liberty = a.liberty, .work = directory}));
  MSQ_TRY(const auto timing, flow::measure_timing(netlist));
  MSQ_TRY(const auto gates, run_gates(netlist, vectors, a.multiplications));
  nlohmann::json json{{"area_um2", report.um2(report.area)},
                      {"cells", report.cells},
                      {"flip_flops", report.flip_flops},
                      {"fmax_mhz", timing.critical().megahertz()},
                      {"critical_path", {timing.critical().start, timing.critical().end}},
                      {"cycles", vectors.cycles.size()},
                      {"multiplications", a.multiplications},
                      {"compared", source.compared},
                      {"wrong", source.wrong},
                      {"gates_wrong", gates.result.partial_sums_mismatched},
                      {"ok", source.ok() && gates.result.partial_sums_mismatched == 0},
                      {"energy_per_mac_j", nullptr},
                      {"library", report.library},
                      {"yosys", report.yosys_version},
                      {"opensta", synth::opensta_version()}};
  if (gates_clock(netlist.core)) return json;
  MSQ_TRY(const auto power, flow::power_of(netlist, gates, {}, a.frequency));
  json["energy_per_mac_j"] = power.energy_per_multiplication;
  json["power_w"] = power.total();
  json["mean_activity"] = power.run.mean_activity;
  return json;
}

}  // namespace
}  // namespace msq::eval

int main(int argc, char** argv) {
  try {
    msq::eval::Arguments a;
    CLI::App app("Measures module `peer` of a Verilog file, with ports clk_i, in_i and out_o. Prints JSON.");
    app.add_option("--verilog", a.verilog, "Verilog of all its modules")->required();
    app.add_option("--vectors", a.vectors, "what it gets and must give, as eval/peers.py writes it")
        ->required();
    app.add_option("--multiplications", a.multiplications, "in these cycles, that are of use")
        ->required()
        ->check(CLI::PositiveNumber);
    app.add_option("--liberty", a.liberty, "standard cells")->capture_default_str();
    app.add_option("--frequency", a.frequency, "of the power, in MHz")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--work", a.work, "for scripts, logs and netlists")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    const auto result = msq::eval::measure(a);
    if (!result) {
      fmt::print(stderr, "{}\n", result.error());
      return 2;
    }
    fmt::print("{}\n", result->dump(1));
    return result->at("ok").get<bool>() ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 3;
  }
}
