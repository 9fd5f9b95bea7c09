#include "synth/sta.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "synth/fanout.hpp"
#include "synth/netlist_verilog.hpp"
#include "synth/opensta.hpp"

namespace msq::synth {
namespace {

namespace fs = std::filesystem;

// In ns. The period that a path needs follows from its slack, which may be negative. OpenSTA computes with 24
// bits: a longer period would cost digits.
constexpr double kPeriod = 100;
constexpr std::array<const char*, 3> kClocks = {"registers", "ports",
                                                "memories"};  ///< in the order of PathEnd

/// Names the report of all registers among those of paths.
constexpr const char* kRegisters = "all";

std::string_view text_of(PathEnd end) { return kClocks[static_cast<std::size_t>(end)]; }

/// Tcl arrays of the times of a netlist's memories, by their names.
std::string memory_commands(const Netlist& netlist, const MemoryTimings& timings) {
  std::string access, setup;
  for (std::size_t i = 0; i < netlist.memories.size(); ++i) {
    const auto& parameters = netlist.memories[i].parameters;
    const auto width = parameters.find("WIDTH"), depth = parameters.find("DEPTH");
    if (width == parameters.end() || depth == parameters.end()) continue;
    const auto timing = timings.find({width->second, depth->second});
    if (timing == timings.end()) continue;
    access += fmt::format(" m{} {:.6f}", i, timing->second.access);
    setup += fmt::format(" m{} {:.6f}", i, timing->second.setup);
  }
  return fmt::format(
      "array unset access\narray unset setup\narray set access {{{}}}\narray set setup {{{}}}\n", access,
      setup);
}

/// One netlist in the script: a clock for its registers, and two more, that exist on no pin, for paths
/// from ports and memories, so that paths can be asked for by kind.
std::string timing_commands(std::size_t index, const Netlist& netlist, const std::string& clock_port,
                            bool wires, const MemoryTimings& memories) {
  const bool clocked = netlist.input(clock_port) != kZero;
  std::string script = fmt::format("read_verilog netlist{0}.v\nlink_design netlist{0}\n", index);
  if (wires) script += fmt::format("read_spef netlist{0}.spef\n", index);
  script += fmt::format("create_clock -name {} -period {}{}\n", kClocks[0], kPeriod,
                        clocked ? fmt::format(" [get_ports {}]", clock_port) : "");
  for (const char* clock : {kClocks[1], kClocks[2]})
    script += fmt::format("create_clock -name {} -period {}\n", clock, kPeriod);
  script += memory_commands(netlist, memories) + fmt::format("constrain {}\n", clock_port);
  for (const char* from : kClocks) {
    for (const char* to : kClocks) {
      script += fmt::format(
          "puts \"{} {} {} {}\"\nreport_checks -from [get_clocks {}] -to [get_clocks {}] -format full "
          "-digits 6\n",
          kOpenStaMark, index, from, to, from, to);
    }
  }
  script += fmt::format(
      "puts \"{} {} {}\"\nreport_checks -from [get_clocks {{{} {}}}] -to [get_clocks {}] -format summary "
      "-digits 6 "
      "-group_count 100000000\n",
      kOpenStaMark, index, kRegisters, kClocks[0], kClocks[2], kClocks[0]);
  return script;
}

constexpr const char* kConstrain = R"(proc constrain {clock_port} {
  foreach {ports command times} [list [all_inputs] set_input_delay access [all_outputs] set_output_delay setup] {
    upvar #0 $times time
    foreach port $ports {
      set name [get_property $port full_name]
      if {$name eq $clock_port} continue
      set clock ports
      set delay 0
      if {[regexp {^(m[0-9]+)_} $name all memory]} {
        set clock memories
        if {[info exists time($memory)]} { set delay $time($memory) }
      }
      $command $delay -clock $clock $port
    }
  }
}
)";

double number(const std::string& text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::string> words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> result;
  for (std::string word; in >> word;) result.push_back(word);
  return result;
}

std::optional<std::size_t> cell_of(std::string_view name) {
  std::size_t cell = 0;
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || name.front() != 'c') return std::nullopt;
  const auto [end, code] = std::from_chars(name.data() + 1, name.data() + slash, cell);
  if (code != std::errc() || end != name.data() + slash) return std::nullopt;
  return cell;
}

PathStep step_at(const std::string& name, double arrival) {
  const auto cell = cell_of(name);
  return {cell, cell ? "" : name.substr(0, name.find('[')), arrival};
}

/// Reads one report of report_checks; nothing if it says that there is no path.
class PathParser {
 public:
  std::optional<TimingPath> parse(std::istream& in, PathEnd from, PathEnd to) {
    path_.from = from;
    path_.to = to;
    bool arrived = false;
    for (std::string line; std::getline(in, line);) {
      const std::vector<std::string> w = words(line);
      if (w.empty()) continue;
      if (line.find("data arrival time") != std::string::npos) arrived = true;
      for (const char* setup : {"library setup time", "output external delay"})
        if (line.find(setup) != std::string::npos) path_.setup = -number(w.front());
      if (!arrived) step(w);
      if (w.size() >= 2 && w[1] == "slack") {
        path_.period = kPeriod - number(w.front());
        return path_;
      }
    }
    return std::nullopt;
  }

 private:
  /// "0.14 0.14 ^ c12/Q (DFFPOSX1)"
  void step(const std::vector<std::string>& w) {
    const std::size_t n = w.size();
    if (n < 4 || w[n - 1].front() != '(' || (w[n - 3] != "^" && w[n - 3] != "v")) return;
    const double arrival = number(w[n - 4]);
    const std::string& name = w[n - 2];
    const auto cell = cell_of(name);
    if (cell && !path_.steps.empty() && path_.steps.back().cell == cell) {
      path_.steps.back().arrival = arrival;  // clock and output of the register it begins at
    } else {
      path_.steps.push_back(step_at(name, arrival));
    }
  }

  TimingPath path_;
};

/// Lines "c12/Q (DFFPOSX1)  c34/D (DFFPOSX1)  992.2".
std::vector<RegisterTiming> parse_registers(std::istream& in) {
  std::vector<RegisterTiming> registers;
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> w = words(line);
    if (w.size() != 5 || w[1].front() != '(' || w[3].front() != '(') continue;
    if (const auto cell = cell_of(w[2]))
      registers.push_back({step_at(w[0], 0), *cell, kPeriod - number(w[4])});
  }
  std::stable_sort(registers.begin(), registers.end(),
                   [](const RegisterTiming& a, const RegisterTiming& b) { return a.period > b.period; });
  return registers;
}

Result<std::vector<NetlistTiming>> parse_reports(const std::string& log, std::size_t count) {
  std::vector<NetlistTiming> result(count);
  std::vector<int> reports(count);
  std::size_t at = 0;
  const std::string mark = std::string(kOpenStaMark) + " ";
  while ((at = log.find(mark, at)) != std::string::npos) {
    const std::size_t end = std::min(log.find(mark, at + 1), log.size());
    std::istringstream in(log.substr(at, end - at));
    std::string marker, from, to;
    std::size_t index = 0;
    in >> marker >> index >> from;
    if (index >= count) return Error(fmt::format("OpenSTA reports netlist {} of {}", index, count));
    ++reports[index];
    at = end;
    if (from == kRegisters) {
      result[index].registers = parse_registers(in);
      continue;
    }
    in >> to;
    const auto kind = [](const std::string& name) {
      return static_cast<PathEnd>(std::find(kClocks.begin(), kClocks.end(), name) - kClocks.begin());
    };
    if (auto path = PathParser().parse(in, kind(from), kind(to)))
      result[index].paths.push_back(std::move(*path));
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (reports[i] != static_cast<int>(kClocks.size() * kClocks.size() + 1))
      return Error(fmt::format("OpenSTA gave {} reports of netlist {}", reports[i], i));
    std::stable_sort(result[i].paths.begin(), result[i].paths.end(),
                     [](const TimingPath& a, const TimingPath& b) { return a.period > b.period; });
  }
  return result;
}

}  // namespace

const TimingPath* NetlistTiming::core() const {
  for (const TimingPath& path : paths) {
    if (path.from != PathEnd::ports && path.to != PathEnd::ports) return &path;
  }
  return nullptr;
}

const TimingPath* NetlistTiming::any() const { return paths.empty() ? nullptr : &paths.front(); }

std::string_view path_end_text(PathEnd end) { return text_of(end); }

Result<std::vector<NetlistTiming>> analyze_timing(const std::vector<Netlist>& netlists,
                                                  const TimingRequest& request) {
  OpenStaRun run(request.work_directory, "timing", request.liberty);
  run.add(kConstrain);
  for (std::size_t i = 0; i < netlists.size(); ++i) {
    const std::string name = fmt::format("netlist{}", i);
    run.add_file(name + ".v", timing_verilog(netlists[i], name, request.clock_port));
    const auto wires = request.wires.find(i);
    if (wires != request.wires.end()) run.add_file(name + ".spef", wires->second);
    run.add(
        timing_commands(i, netlists[i], request.clock_port, wires != request.wires.end(), request.memories));
  }
  const auto log = run.execute();
  if (!log) return Error(log.error());
  auto reports = parse_reports(*log, netlists.size());
  if (!reports) return Error(fmt::format("{} (log: {})", reports.error(), run.log_file().string()));
  return reports;
}

Result<CellType> fastest_buffer(const std::vector<CellType>& buffers, const CellType& load,
                                std::size_t fanout, const TimingRequest& request) {
  if (buffers.empty())
    return Error(fmt::format("{}: the library has no buffer that may be used", request.liberty.string()));
  std::vector<Netlist> trials;
  trials.reserve(buffers.size());
  for (const CellType& buffer : buffers) trials.push_back(buffer_trial(buffer, load, fanout));
  const auto timing = analyze_timing(trials, request);
  if (!timing) return Error(timing.error());
  std::size_t best = 0;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const TimingPath* path = (*timing)[i].any();
    if (path == nullptr) return Error(fmt::format("OpenSTA finds no path through {}", buffers[i].name));
    if (path->period < (*timing)[best].any()->period) best = i;
  }
  return buffers[best];
}

}  // namespace msq::synth
