#include "tests/shell/shell_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "tb/sim/build_model.hpp"
#include "tests/coverage/coverage_run.hpp"

namespace msq::tests {
namespace {

constexpr int kHangCycles = 60000;
constexpr std::size_t kGuard = 64;  // bytes around outputs that nothing writes

tb::Model build_and_open(const Design& design, unsigned seed) {
  auto build = build_bench_model(design, tb::Flavour::check);
  if (!build) throw std::runtime_error(build.error());
  auto model = tb::Model::open(build->library, seed);
  if (!model) throw std::runtime_error(model.error());
  return std::move(*model);
}

}  // namespace

ShellBench::ShellBench(const Config& configuration, unsigned seed)
    : config(configuration),
      design(build_shell(config)),
      model(build_and_open(design, seed)),
      weights(model, "m_axi_weight", bytes, config.shell.burst),
      data(model, "m_axi_data", bytes, std::max(config.shell.burst, 64 * 8 / config.shell.data_bits)),
      random(seed),
      host_(model, "s_axi", [this] { step(); }),
      regions_(seed) {
  reset();
}

ShellBench::~ShellBench() { save_coverage(model, design); }

tb::ModelPort ShellBench::port(std::string_view name) const {
  const tb::ModelPort found = model.port(name);
  if (!found.exists()) throw std::logic_error(fmt::format("the model has no port {}", name));
  return found;
}

void ShellBench::step() {
  weights.drive(random);
  data.drive(random);
  model.eval();
  weights.observe(model.cycles(), random);
  data.observe(model.cycles(), random);
  model.clock();
}

void ShellBench::reset() {
  port("aresetn").set(0);
  for (int i = 0; i < 2; ++i) {  // before it, the ports may show anything
    model.eval();
    model.clock();
  }
  port("aresetn").set(1);
  step();
}

void ShellBench::set_traffic(const tb::MemoryTraffic& traffic) {
  weights.set_traffic(traffic);
  data.set_traffic(traffic);
}

void ShellBench::write(std::uint64_t address, std::uint32_t value, unsigned strobe) {
  if (const auto written = host_.write(address, value, strobe); !written)
    throw std::runtime_error(written.error());
}

std::uint32_t ShellBench::read(std::uint64_t address) {
  const auto word = host_.read(address);
  if (!word) throw std::runtime_error(word.error());
  return *word;
}

std::uint64_t ShellBench::shell_register(std::string_view name) const {
  return kShellRegisters +
         static_cast<std::uint64_t>(find_register(shell_register_map(config.shell), name).offset);
}

ShellStatus ShellBench::status() { return ShellStatus(read(shell_register("status"))); }

std::uint64_t ShellBench::allocate(std::size_t size, std::uint64_t alignment) {
  // Now and then just below a boundary of 4 KiB.
  free_ += std::uniform_int_distribution<std::uint64_t>(0, 300)(random);
  if (std::uniform_int_distribution<int>(0, 2)(random) == 0) free_ = std::max(free_, (free_ | 4095) - 200);
  const std::uint64_t address = (free_ + alignment - 1) / alignment * alignment;
  free_ = address + size + kGuard;
  if (free_ >> kRegionBits != 0) throw std::logic_error("no memory left");
  // Addresses use all bits.
  const std::uint64_t region = regions_() >> (64 - (config.shell.address_bits - kRegionBits));
  return region << kRegionBits | address;
}

ListedJob ShellBench::place(const tb::AcceleratorJob& job, std::int64_t pass, const tb::Packet& outputs) {
  const auto word = static_cast<std::uint64_t>(config.shell.data_bits / 8);
  const auto put = [&](const tb::Packet& packet) {
    const std::vector<std::uint8_t> all = tb::packet_bytes(packet);
    const std::uint64_t address = allocate(all.size(), word);
    bytes.write(address, all);
    return std::pair(address, static_cast<std::uint32_t>(all.size()));
  };
  ListedJob listed;
  tb::Descriptor& d = listed.descriptor;
  d.format = job.format;
  d.log2_rows = job.log2_tile_rows;
  d.log2_block = job.log2_block;
  d.tokens = static_cast<std::uint32_t>(job.tokens(pass));
  d.depth = static_cast<std::uint32_t>(job.k);
  d.columns = static_cast<std::uint32_t>(job.n);
  const auto at = static_cast<std::size_t>(pass);
  std::tie(d.weight_address, d.weight_bytes) = put(job.weights[at]);
  std::tie(d.activation_address, d.activation_bytes) = put(job.activations[at]);
  listed.outputs = tb::packet_bytes(outputs);
  d.output_bytes = static_cast<std::uint32_t>(listed.outputs.size());
  d.output_address = place_outputs(listed);
  return listed;
}

std::uint64_t ShellBench::place_outputs(const ListedJob& job) {
  const std::size_t size = job.outputs.size() + kGuard;
  const std::uint64_t address = allocate(size, static_cast<std::uint64_t>(config.shell.data_bits / 8));
  bytes.write(address, std::vector<std::uint8_t>(size, kUntouched));
  return address;
}

void ShellBench::link(std::vector<ListedJob>& list) {
  for (ListedJob& job : list) job.address = allocate(kDescriptorBytes, kDescriptorBytes);
  for (std::size_t i = 0; i < list.size(); ++i) {
    tb::Descriptor& d = list[i].descriptor;
    d.last = i + 1 == list.size();
    d.next = d.last ? 0 : list[i + 1].address;
    bytes.write(list[i].address, std::vector<std::uint8_t>(kDescriptorBytes, 0));
    const auto words = d.words();
    for (std::size_t w = 0; w < words.size(); ++w) bytes.write_word(list[i].address + 4 * w, words[w]);
  }
}

void ShellBench::start(std::uint64_t head) {
  write(shell_register("head_low"), static_cast<std::uint32_t>(head));
  write(shell_register("head_high"), static_cast<std::uint32_t>(head >> 32));
  write(shell_register("control"), 0x101);
}

Result<ShellStatus> ShellBench::wait() {
  std::uint64_t moved = 0;
  std::uint64_t moved_at = model.cycles();
  while (model.cycles() - moved_at < kHangCycles) {
    for (int i = 0; i < 16; ++i) step();
    if (!problem().empty()) return Error(problem());
    const std::uint64_t all = weights.read_beats + data.read_beats + data.write_beats;
    if (std::exchange(moved, all) != all) moved_at = model.cycles();
    model.eval();
    if (port("irq").get() == 0) continue;
    const ShellStatus now = status();
    if (!now.busy) return now;
    write(shell_register("control"), 0x104);  // acknowledge
  }
  return Error(fmt::format("nothing moved for {} cycles", kHangCycles));
}

Result<ShellStatus> ShellBench::run(const std::vector<ListedJob>& list) {
  start(list.front().address);
  return wait();
}

tb::Completion ShellBench::completion(const ListedJob& job) const {
  std::array<std::uint32_t, 4> words{};
  for (std::size_t i = 0; i < 4; ++i) words[i] = bytes.read_word(job.address + kCompletionOffset + 4 * i);
  return tb::Completion(words);
}

std::string ShellBench::difference(const ListedJob& job) const {
  const auto got = bytes.read(job.descriptor.output_address, job.outputs.size() + kGuard);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const bool inside = i < job.outputs.size() && (job.written.empty() || job.written[i]);
    const std::uint8_t expected = inside ? job.outputs[i] : kUntouched;
    if (got[i] != expected)
      return fmt::format("byte {} of {}: found {:#x}, expected {:#x}{}", i, job.outputs.size(), got[i],
                         expected, inside ? "" : ", which nothing should write");
  }
  return "";
}

std::string ShellBench::problem() const {
  return weights.problem().empty() ? data.problem() : weights.problem();
}

}  // namespace msq::tests
