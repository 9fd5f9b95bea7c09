#include "tb/sim/accelerator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <utility>

namespace msq::tb {
namespace {

constexpr std::uint64_t kHangCycles = 20000;
constexpr int kAnswerCycles = 8;  // of the registers, at most

/// Decides in which cycles a port moves.
class Pace {
 public:
  explicit Pace(const Traffic& traffic = {}) : traffic_(traffic) {}
  /// Called once a cycle: may a beat be offered (or taken) in it?
  bool allows(std::mt19937& random) {
    credit_ = std::min(credit_ + traffic_.beats_per_cycle, 1.0 + traffic_.beats_per_cycle);
    if (credit_ < 1.0 - 1e-9) return false;
    return traffic_.stall <= 0 || std::uniform_real_distribution<double>(0, 1)(random) >= traffic_.stall;
  }
  void moved() { credit_ -= 1.0; }

 private:
  Traffic traffic_;
  double credit_ = 0;
};

}  // namespace

/// An input stream: packets in order; a beat offered stays until accepted.
struct Accelerator::Source {
  Source(const Model& model, const std::string& name)
      : valid(model.port(name + "_tvalid_i")),
        ready(model.port(name + "_tready_o")),
        data(model.port(name + "_tdata_i")),
        last(model.port(name + "_tlast_i")) {}

  void offer(std::mt19937& random) {
    if (!offered && !packets.empty() && pace.allows(random)) {
      offered = true;
      data.set_words(packets.front()->beat(beat));
      last.set(beat + 1 == packets.front()->beats());
    }
    valid.set(offered);
  }
  bool observe() {
    if (!offered || ready.get() == 0) return false;
    offered = false;
    pace.moved();
    if (std::exchange(stray, false)) return true;
    if (++beat == packets.front()->beats()) {
      beat = 0;
      packets.pop_front();
    }
    return true;
  }
  /// Forgets the packets; a beat on offer stays.
  void stop() {
    packets.clear();
    beat = 0;
    stray = offered;
  }
  void withdraw() {
    offered = false;
    stop();
    valid.set(0);
  }

  ModelPort valid, ready, data, last;
  std::deque<const Packet*> packets;
  Pace pace;
  std::size_t beat = 0;
  bool offered = false;
  bool stray = false;  ///< the beat on offer is of no packet that is left
};

/// The output stream.
struct Accelerator::Sink {
  explicit Sink(const Model& model)
      : valid(model.port("m_axis_out_tvalid_o")),
        ready(model.port("m_axis_out_tready_i")),
        data(model.port("m_axis_out_tdata_o")),
        last(model.port("m_axis_out_tlast_o")),
        words(data.word_count()) {}

  void offer(std::mt19937& random) {
    open = enabled && pace.allows(random);
    ready.set(open);
  }
  /// @return a beat was accepted. A violation of the stream's rules goes to `problem`.
  bool observe(int bits) {
    const bool is_valid = valid.get() != 0;
    if (held && !is_valid) problem = "the output stream withdrew a beat";
    if (!is_valid) return held = false;
    data.get_words(words);
    if (held && (words != held_words || held_last != last.get()))
      problem = "the output stream changed a beat";
    held = !open;
    if (held) {
      held_words = words;
      held_last = last.get();
      return false;
    }
    pace.moved();
    if (fresh) packets.push_back({bits, {}});
    fresh = last.get() != 0;
    packets.back().words.insert(packets.back().words.end(), words.begin(), words.end());
    return true;
  }
  /// Forgets everything that came.
  void drop() {
    packets.clear();
    held = false;
    fresh = true;
    problem.clear();
    ready.set(0);
  }

  ModelPort valid, ready, data, last;
  Pace pace;
  std::vector<Packet> packets;
  std::string problem;
  std::vector<std::uint32_t> words, held_words;
  std::uint64_t held_last = 0;
  bool enabled = false, open = false, held = false, fresh = true;
};

Accelerator::Accelerator(Model model, const Design& design, unsigned seed)
    : model_(std::move(model)),
      registers_(design_registers(design)),
      output_bits_(32 * design.dimensions.output_lanes),
      random_(seed),
      weights_(std::make_unique<Source>(model_, "s_axis_weight")),
      activations_(std::make_unique<Source>(model_, "s_axis_act")),
      outputs_(std::make_unique<Sink>(model_)) {
  for (const char* name : {"s_axil_awvalid_i", "s_axil_wvalid_i", "s_axil_arvalid_i"}) port(name).set(0);
  for (const char* name : {"s_axil_bready_i", "s_axil_rready_i"}) port(name).set(1);
  reset();
}

Accelerator::Accelerator(Accelerator&&) noexcept = default;
Accelerator::~Accelerator() = default;

ModelPort Accelerator::port(std::string_view name) const {
  const ModelPort found = model_.port(name);
  if (!found.exists()) throw std::logic_error(fmt::format("the model has no port {}", name));
  return found;
}

void Accelerator::cycle() {
  weights_->offer(random_);
  activations_->offer(random_);
  outputs_->offer(random_);
  model_.eval();
  if (on_cycle) on_cycle(model_);
  bool moved = weights_->observe();
  moved = activations_->observe() || moved;
  moved = outputs_->observe(output_bits_) || moved;
  if (moved) moved_at_ = model_.cycles();
  model_.clock();
}

void Accelerator::reset() {
  withdraw();
  outputs_->enabled = false;
  port("rst_ni").set(0);
  cycle();
  outputs_->drop();
  port("rst_ni").set(1);
  cycle();  // the registers accept accesses from the next cycle on
}

void Accelerator::feed(const AcceleratorJob& job) {
  for (const Packet& packet : job.weights) weights_->packets.push_back(&packet);
  for (const Packet& packet : job.activations) activations_->packets.push_back(&packet);
}

void Accelerator::set_traffic(const AcceleratorTraffic& traffic) {
  weights_->pace = Pace(traffic.weights);
  activations_->pace = Pace(traffic.activations);
  outputs_->pace = Pace(traffic.outputs);
  outputs_->enabled = true;
}

void Accelerator::stop_traffic() {
  weights_->stop();
  activations_->stop();
  outputs_->enabled = false;
}

void Accelerator::withdraw() {
  weights_->withdraw();
  activations_->withdraw();
}

std::vector<Packet> Accelerator::take_outputs() {
  outputs_->fresh = true;
  return std::exchange(outputs_->packets, {});
}

void Accelerator::clear() {
  control({"clear"});
  withdraw();
  control({"clear"});  // what came in between
  outputs_->pace = Pace();
  outputs_->enabled = true;
  for (int i = 0; i < 8; ++i) cycle();  // a beat that waited, and the closing ones
  stop_traffic();
  static_cast<void>(take_outputs());
}

std::uint64_t Accelerator::offset_of(std::string_view name) const {
  return static_cast<std::uint64_t>(find_register(registers_, name).offset);
}

void Accelerator::control(std::initializer_list<std::string_view> pulses) {
  const Register& r = find_register(registers_, "control");
  write_register(r.name, field_bits(r, pulses) | field_bits(r, {"interrupt_enable"}));
}

void Accelerator::wait_for(std::string_view name) {
  const ModelPort awaited = port(name);
  model_.eval();
  for (int waited = 0; awaited.get() == 0; ++waited) {
    if (waited == kAnswerCycles) throw std::logic_error(fmt::format("AXI4-Lite: {} stays low", name));
    cycle();
    model_.eval();
  }
  cycle();
}

void Accelerator::write_register(std::string_view name, std::uint32_t value) {
  port("s_axil_awaddr_i").set(offset_of(name));
  port("s_axil_wdata_i").set(value);
  port("s_axil_wstrb_i").set(0xf);
  port("s_axil_awvalid_i").set(1);
  port("s_axil_wvalid_i").set(1);
  wait_for("s_axil_awready_o");  // both are accepted together: no access is under way
  port("s_axil_awvalid_i").set(0);
  port("s_axil_wvalid_i").set(0);
  wait_for("s_axil_bvalid_o");
}

std::uint32_t Accelerator::read_register(std::string_view name) {
  port("s_axil_araddr_i").set(offset_of(name));
  port("s_axil_arvalid_i").set(1);
  wait_for("s_axil_arready_o");
  port("s_axil_arvalid_i").set(0);
  wait_for("s_axil_rvalid_o");
  return static_cast<std::uint32_t>(port("s_axil_rdata_o").get());
}

void Accelerator::start(const AcceleratorJob& job) {
  for (const RegisterSetting& setting : register_settings(job)) write_register(setting.name, setting.value);
  control({"start"});
}

void Accelerator::begin(const AcceleratorJob& job, const AcceleratorTraffic& traffic) {
  start(job);
  static_cast<void>(take_outputs());
  set_traffic(traffic);
  feed(job);
}

Result<> Accelerator::step() {
  cycle();
  model_.eval();
  if (!outputs_->problem.empty())
    return Error(fmt::format("cycle {}: {}", model_.cycles() - 1, outputs_->problem));
  if (model_.cycles() - moved_at_ > kHangCycles) {
    return Error(
        fmt::format("cycle {}: nothing moved for {} cycles; {} weight and {} activation packets are left, {} "
                    "output packets "
                    "came",
                    model_.cycles(), kHangCycles, weights_->packets.size(), activations_->packets.size(),
                    outputs_->packets.size()));
  }
  return {};
}

Result<AcceleratorResult> Accelerator::run(const AcceleratorJob& job, const AcceleratorTraffic& traffic) {
  begin(job, traffic);
  moved_at_ = model_.cycles();
  AcceleratorResult result;
  const std::uint64_t first = model_.cycles();
  const ModelPort irq = port("irq_o");
  while (irq.get() == 0) MSQ_CHECK(step());
  result.cycles = model_.cycles() - first;
  // After an error the closing beat comes some cycles later.
  for (int quiet = 0; quiet < 4; quiet = outputs_->valid.get() == 0 ? quiet + 1 : 0) MSQ_CHECK(step());
  stop_traffic();
  result.outputs = take_outputs();
  const AcceleratorStatus ended = status();
  result.done = ended.done;
  result.error = ended.error;
  result.code = ended.code;
  for (const Register& r : registers_) {
    if (r.name.starts_with("count_")) result.counters[r.name.substr(6)] = read_register(r.name);
  }
  control({"acknowledge"});
  return result;
}

Result<std::vector<Packet>> Accelerator::run_queue(std::span<const AcceleratorJob* const> jobs,
                                                   const AcceleratorTraffic& traffic) {
  static_cast<void>(take_outputs());
  set_traffic(traffic);
  moved_at_ = model_.cycles();
  for (const AcceleratorJob* job : jobs) feed(*job);
  for (const AcceleratorJob* job : jobs) {
    while (status().queued) MSQ_CHECK(step());
    start(*job);
  }
  while (status().busy) MSQ_CHECK(step());
  const AcceleratorStatus ended = status();
  stop_traffic();
  if (ended.error) return Error(fmt::format("error code {}", ended.code));
  control({"acknowledge"});
  return take_outputs();
}

AcceleratorStatus Accelerator::status() { return AcceleratorStatus(read_register("status")); }

void Accelerator::run_cycles(const AcceleratorJob& job, std::uint64_t cycles,
                             const AcceleratorTraffic& traffic) {
  begin(job, traffic);
  for (std::uint64_t i = 0; i < cycles; ++i) cycle();
  stop_traffic();
}

}  // namespace msq::tb
