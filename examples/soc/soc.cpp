// A system around the Verilated msq_shell: memory on its AXI4 ports, a UART, and in place of a processor a
// bus-functional host. The program (main.c, or that of --program) runs natively; each of its accesses to
// registers is a transfer on the AXI4-Lite port, cycle by cycle, and its memory is behind the AXI4 ports.

#include <dlfcn.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "examples/soc/board.h"
#include "gen/arch/design.hpp"
#include "gen/configs/presets.hpp"
#include "support/result.hpp"
#include "tb/sim/axi_lite.hpp"
#include "tb/sim/axi_memory.hpp"
#include "tb/sim/build_model.hpp"
#include "tb/sim/model.hpp"

namespace {

using namespace msq;

constexpr int kInterruptCycles = 50000;  // that the host sleeps
constexpr std::uint32_t kWindow = 0x2000;
constexpr std::uint64_t kMemoryAddress = 0x80000000;
constexpr std::size_t kMemoryBytes = 4 << 20;

struct Options {
  std::string config = "8x8", image, program;
  int latency = 30;
  double stall = 0.1;
  unsigned seed = 1;
  std::uint64_t bad_read = 0;
};

/// Ends the process for what the program cannot learn as a status.
[[noreturn]] void fail(const std::string& what) {
  std::fflush(stdout);
  fmt::print(stderr, "soc: {}\n", what);
  std::exit(2);
}

class Soc {
 public:
  Soc(const Config& config, tb::Model model, const Options& options)
      : model_(std::move(model)),
        weights_(model_, "m_axi_weight", bytes_, config.shell.burst),
        data_(model_, "m_axi_data", bytes_, std::max(config.shell.burst, 64 * 8 / config.shell.data_bits)),
        host_(model_, "s_axi", [this] { step(); }),
        random_(options.seed) {
    bytes_.map(kMemoryAddress, memory_);
    if (options.bad_read != 0) bytes_.bad_reads.push_back({options.bad_read, options.bad_read + 1, 2});
    const tb::MemoryTraffic traffic{options.stall, options.latency, options.latency + options.latency / 2};
    weights_.set_traffic(traffic);
    data_.set_traffic(traffic);
    port("aresetn").set(0);
    for (int i = 0; i < 2; ++i) {  // before it, the ports may show anything
      model_.eval();
      model_.clock();
    }
    port("aresetn").set(1);
    step();
  }

  std::uint32_t read(std::uint32_t address) {
    const auto word = host_.read(address);
    if (!word) fail(word.error());
    return *word;
  }

  void write(std::uint32_t address, std::uint32_t value) {
    if (const auto written = host_.write(address, value); !written) fail(written.error());
  }

  void wait_for_interrupt() {
    for (int i = 0; i < kInterruptCycles; ++i) {
      model_.eval();
      if (port("irq").get() != 0) return;
      step();
    }
  }

  [[nodiscard]] std::vector<std::uint8_t>& memory() { return memory_; }
  [[nodiscard]] std::uint64_t cycles() const { return model_.cycles(); }
  [[nodiscard]] std::string traffic() const {
    return fmt::format("{} beats of weights, {} of other reads, {} of writes", weights_.read_beats,
                       data_.read_beats, data_.write_beats);
  }

 private:
  [[nodiscard]] tb::ModelPort port(const char* name) const { return model_.port(name); }
  void step() {
    weights_.drive(random_);
    data_.drive(random_);
    model_.eval();
    weights_.observe(model_.cycles(), random_);
    data_.observe(model_.cycles(), random_);
    model_.clock();
    for (const tb::AxiMemory* memory : {&weights_, &data_})
      if (!memory->problem().empty()) fail(memory->problem());
  }

  tb::Model model_;
  std::vector<std::uint8_t> memory_ = std::vector<std::uint8_t>(kMemoryBytes);
  tb::MemoryBytes bytes_;
  tb::AxiMemory weights_, data_;
  tb::AxiLiteHost host_;
  std::mt19937 random_;
};

std::unique_ptr<Soc> soc;  // that the program runs on

Result<std::unique_ptr<Soc>> make(const Options& options) {
  MSQ_TRY(const Config config, find_config(options.config));
  MSQ_TRY(const tb::ModelBuild build,
          tb::build_model(build_shell(config), tb::Flavour::check, tb::default_model_cache()));
  MSQ_TRY(tb::Model model, tb::Model::open(build.library, options.seed));
  auto made = std::make_unique<Soc>(config, std::move(model), options);
  std::ifstream file(options.image, std::ios::binary);
  const std::vector<char> image(std::istreambuf_iterator<char>(file), {});
  if (image.empty() || image.size() > kMemoryBytes)
    return Error(
        fmt::format("{}: found {} bytes; allowed: 1 to {}", options.image, image.size(), kMemoryBytes));
  std::copy(image.begin(), image.end(), made->memory().begin());
  return made;
}

using Program = int (*)();

/// The function `program` of a shared library, which finds the functions of board.h in this process.
Result<Program> load(const std::string& file) {
  // An absolute path: others are searched for where libraries are.
  void* library = dlopen(std::filesystem::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL);
  void* found = library == nullptr ? nullptr : dlsym(library, "program");
  if (found == nullptr) return Error(fmt::format("--program: {}", dlerror()));
  return reinterpret_cast<Program>(found);
}

}  // namespace

std::uint32_t board_read32(std::uint32_t address) {
  if (address >= BOARD_ACCELERATOR && address < BOARD_ACCELERATOR + kWindow)
    return soc->read(address - BOARD_ACCELERATOR);
  fail(fmt::format("read of {:#x}, where nothing is", address));
}

void board_write32(std::uint32_t address, std::uint32_t value) {
  if (address == BOARD_UART) {
    std::putchar(static_cast<int>(value & 0xffU));
  } else if (address >= BOARD_ACCELERATOR && address < BOARD_ACCELERATOR + kWindow) {
    soc->write(address - BOARD_ACCELERATOR, value);
  } else {
    fail(fmt::format("write of {:#x}, where nothing is", address));
  }
}

void board_wait_for_interrupt(void) { soc->wait_for_interrupt(); }

board_memory board_main_memory(void) { return {soc->memory().data(), kMemoryAddress, kMemoryBytes}; }

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Verilated system: msq_shell, memory, UART and a host that runs main.c or another program");
  app.add_option("--config", options.config, "preset or file")->capture_default_str();
  app.add_option("--image", options.image, "contents of the memory, from soc_image")->required();
  app.add_option("--program", options.program,
                 "shared library whose function `int program(void)` runs in place of main.c's")
      ->check(CLI::ExistingFile);
  app.add_option("--latency", options.latency, "least cycles from a request to its answer")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--stall", options.stall, "probability that a channel of the memory rests in a cycle")
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  app.add_option("--bad-read", options.bad_read, "bus address whose reads the memory answers with an error");
  app.add_option("--seed", options.seed)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const Result<Program> chosen = options.program.empty() ? Result<Program>(&program) : load(options.program);
  if (!chosen) fail(chosen.error());
  auto made = make(options);
  if (!made) fail(made.error());
  soc = std::move(*made);
  const int result = (*chosen)();
  std::fflush(stdout);
  fmt::print("simulated: {} cycles; {}\n", soc->cycles(), soc->traffic());
  return result;
}
