#include "tb/sim/accelerator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace msq::tb {
namespace {

constexpr std::uint64_t kHangCycles = 20000;
constexpr std::array<const char*, 2> kStreams = {"s_axis_weight", "s_axis_act"};

/// Decides in which cycles a port moves.
class Pace {
 public:
  Pace(const Traffic& traffic, std::mt19937& random) : traffic_(traffic), random_(random) {}
  /// Called once a cycle: may a beat be offered (or taken) in it?
  bool allows() {
    credit_ = std::min(credit_ + traffic_.beats_per_cycle, 1.0 + traffic_.beats_per_cycle);
    if (credit_ < 1.0 - 1e-9) return false;
    return traffic_.stall <= 0 || std::uniform_real_distribution<double>(0, 1)(random_) >= traffic_.stall;
  }
  void moved() { credit_ -= 1.0; }

 private:
  Traffic traffic_;
  std::mt19937& random_;
  double credit_ = 0;
};

}  // namespace

/// An input stream: packets in order, what is offered stays until it is taken.
struct Accelerator::Source {
  Source(const Accelerator& a, const std::string& name, std::span<const Packet> all, const Traffic& traffic,
         std::mt19937& random)
      : valid(a.port(fmt::format("{}_tvalid_i", name))),
        ready(a.port(fmt::format("{}_tready_o", name))),
        data(a.port(fmt::format("{}_tdata_i", name))),
        last(a.port(fmt::format("{}_tlast_i", name))),
        packets(all),
        pace(traffic, random) {}

  void offer() {
    if (!offered && packet < packets.size() && pace.allows()) {
      offered = true;
      data.set_words(packets[packet].beat(beat));
      last.set(beat + 1 == packets[packet].beats());
    }
    valid.set(offered);
  }
  bool observe() {
    if (!offered || ready.get() == 0) return false;
    offered = false;
    pace.moved();
    if (++beat == packets[packet].beats()) {
      beat = 0;
      ++packet;
    }
    return true;
  }

  ModelPort valid, ready, data, last;
  std::span<const Packet> packets;
  Pace pace;
  std::size_t packet = 0, beat = 0;
  bool offered = false;
};

/// The output stream.
struct Accelerator::Sink {
  Sink(const Accelerator& a, const Traffic& traffic, std::mt19937& random)
      : valid(a.port("m_axis_out_tvalid_o")),
        ready(a.port("m_axis_out_tready_i")),
        data(a.port("m_axis_out_tdata_o")),
        last(a.port("m_axis_out_tlast_o")),
        pace(traffic, random),
        words(data.word_count()) {}

  void offer() {
    open = pace.allows();
    ready.set(open);
  }
  /// @return what is wrong, if anything.
  std::string observe(std::vector<Packet>& packets, bool& moved, int bits) {
    const bool is_valid = valid.get() != 0;
    if (held && !is_valid) return "the output stream withdrew a beat";
    if (!is_valid) return {};
    data.get_words(words);
    if (held && (words != held_words || held_last != last.get())) return "the output stream changed a beat";
    held = !open;
    if (held) {
      held_words = words;
      held_last = last.get();
      return {};
    }
    moved = true;
    pace.moved();
    if (fresh) packets.push_back({bits, {}});
    fresh = last.get() != 0;
    packets.back().words.insert(packets.back().words.end(), words.begin(), words.end());
    return {};
  }

  ModelPort valid, ready, data, last;
  Pace pace;
  std::vector<std::uint32_t> words, held_words;
  std::uint64_t held_last = 0;
  bool open = false, held = false, fresh = true;
};

Accelerator::Accelerator(Model model, const Design& design, unsigned seed)
    : model_(std::move(model)),
      registers_(design_registers(design)),
      output_bits_(32 * design.dimensions.output_lanes),
      random_(seed) {
  for (const char* name : {"s_axil_awvalid_i", "s_axil_wvalid_i", "s_axil_arvalid_i",
                           "s_axis_weight_tvalid_i", "s_axis_act_tvalid_i", "m_axis_out_tready_i"})
    port(name).set(0);
  for (const char* name : {"s_axil_bready_i", "s_axil_rready_i"}) port(name).set(1);
  reset();
}

ModelPort Accelerator::port(std::string_view name) const {
  const ModelPort found = model_.port(name);
  if (!found.exists()) throw std::logic_error(fmt::format("the model has no port {}", name));
  return found;
}

void Accelerator::cycle() {
  model_.eval();
  if (on_cycle) on_cycle(model_);
  std::array<bool, 2> taken{};
  for (std::size_t i = 0; i < taken.size(); ++i)
    taken[i] = port(fmt::format("{}_tready_o", kStreams[i])).get() != 0;
  model_.clock();
  for (std::size_t i = 0; i < taken.size(); ++i)
    if (taken[i]) port(fmt::format("{}_tvalid_i", kStreams[i])).set(0);
}

void Accelerator::withdraw_beats() {
  for (const char* name : kStreams) port(fmt::format("{}_tvalid_i", name)).set(0);
}

void Accelerator::reset() {
  withdraw_beats();
  port("m_axis_out_tready_i").set(0);
  port("rst_ni").set(0);
  cycle();
  port("rst_ni").set(1);
}

void Accelerator::clear() {
  write_register("control", 1U << 8 | 1U << 1);
  withdraw_beats();
  ModelPort ready = port("m_axis_out_tready_i");
  ready.set(1);
  for (int i = 0; i < 8; ++i) cycle();  // a beat that waited, and the closing one
  ready.set(0);
}

void Accelerator::write_register(std::string_view name, std::uint32_t value) {
  const auto found =
      std::find_if(registers_.begin(), registers_.end(), [&](const Register& r) { return r.name == name; });
  if (found == registers_.end()) throw std::logic_error(fmt::format("no register {}", name));
  port("s_axil_awaddr_i").set(static_cast<std::uint64_t>(found->offset));
  port("s_axil_wdata_i").set(value);
  port("s_axil_wstrb_i").set(0xf);
  port("s_axil_awvalid_i").set(1);
  port("s_axil_wvalid_i").set(1);
  ModelPort ready = port("s_axil_awready_o");
  model_.eval();
  while (ready.get() == 0) {
    cycle();
    model_.eval();
  }
  cycle();
  port("s_axil_awvalid_i").set(0);
  port("s_axil_wvalid_i").set(0);
}

std::uint32_t Accelerator::read_register(std::string_view name) {
  const auto found =
      std::find_if(registers_.begin(), registers_.end(), [&](const Register& r) { return r.name == name; });
  if (found == registers_.end()) throw std::logic_error(fmt::format("no register {}", name));
  port("s_axil_araddr_i").set(static_cast<std::uint64_t>(found->offset));
  port("s_axil_arvalid_i").set(1);
  ModelPort ready = port("s_axil_arready_o");
  model_.eval();
  while (ready.get() == 0) {
    cycle();
    model_.eval();
  }
  cycle();
  port("s_axil_arvalid_i").set(0);
  model_.eval();
  const auto value = static_cast<std::uint32_t>(port("s_axil_rdata_o").get());
  if (port("s_axil_rvalid_o").get() == 0) throw std::logic_error("AXI4-Lite: no answer to a read");
  cycle();
  return value;
}

void Accelerator::program(const AcceleratorJob& job) {
  for (const RegisterSetting& setting : register_settings(job)) write_register(setting.name, setting.value);
  write_register("control", 1U << 8 | 1U);
}

Result<AcceleratorResult> Accelerator::stream(const AcceleratorJob& job, const AcceleratorTraffic& traffic,
                                              std::uint64_t limit) {
  AcceleratorResult result;
  Source weights(*this, "s_axis_weight", job.weights, traffic.weights, random_);
  Source activations(*this, "s_axis_act", job.activations, traffic.activations, random_);
  Sink outputs(*this, traffic.outputs, random_);
  ModelPort irq = port("irq_o");
  const std::uint64_t first = model_.cycles();
  std::uint64_t moved_at = first;
  // After an error the closing beat comes some cycles later.
  bool ended = false;
  for (int quiet = 0; quiet < 4; quiet = ended && outputs.valid.get() == 0 ? quiet + 1 : 0) {
    if (model_.cycles() - first >= limit) {
      // A beat on offer stays until it is accepted, or dropped by a clear or a reset.
      for (Source* source : {&weights, &activations}) source->valid.set(source->offered);
      outputs.ready.set(0);
      return result;
    }
    weights.offer();
    activations.offer();
    outputs.offer();
    model_.eval();
    if (on_cycle) on_cycle(model_);
    bool moved = weights.observe();
    moved = activations.observe() || moved;
    if (const std::string problem = outputs.observe(result.outputs, moved, output_bits_); !problem.empty())
      return Error(fmt::format("cycle {}: {}", model_.cycles(), problem));
    if (!ended) result.cycles = model_.cycles() - first;
    ended = irq.get() != 0;
    if (moved) moved_at = model_.cycles();
    if (model_.cycles() - moved_at > kHangCycles) {
      return Error(
          fmt::format("cycle {}: nothing moved for {} cycles; weight packet {} beat {}, activation packet {} "
                      "beat {}, {} output "
                      "packets",
                      model_.cycles(), kHangCycles, weights.packet, weights.beat, activations.packet,
                      activations.beat, result.outputs.size()));
    }
    model_.clock();
    model_.eval();
  }
  for (Source* source : {&weights, &activations}) source->valid.set(0);
  outputs.ready.set(1);
  const std::uint32_t status = read_register("status");
  result.done = (status >> 1 & 1U) != 0;
  result.error = (status >> 2 & 1U) != 0;
  result.code = status >> 4 & 0xfU;
  for (const Register& r : registers_) {
    if (r.name.starts_with("count_")) result.counters[r.name.substr(6)] = read_register(r.name);
  }
  outputs.ready.set(0);
  write_register("control", 1U << 8 | 1U << 2);
  return result;
}

Result<AcceleratorResult> Accelerator::run(const AcceleratorJob& job, const AcceleratorTraffic& traffic) {
  program(job);
  return stream(job, traffic, ~std::uint64_t{0});
}

void Accelerator::run_cycles(const AcceleratorJob& job, std::uint64_t cycles,
                             const AcceleratorTraffic& traffic) {
  program(job);
  static_cast<void>(stream(job, traffic, cycles));
}

}  // namespace msq::tb
