// driver/ on the Verilated top: it reads the registers, packs a layer's tensors and runs jobs through a
// transport over the model's streams; outputs against the golden model, to the last bit.

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "golden/exec/output.hpp"
#include "golden/quantize/activations.hpp"
#include "run_layer.h"
#include "tb/host/output_packet.hpp"
#include "tests/accelerator/fixture.hpp"
#include "tests/driver/pack.hpp"
#include "tests/driver/raw_layer.hpp"

namespace msq::tests {
namespace {

tb::Packet packet_of(const void* bytes, std::size_t size, int beat_bits) {
  tb::Packet packet{beat_bits, {}};
  const auto beat = static_cast<std::size_t>(beat_bits / 8);
  packet.words.resize(size / beat * packet.words_per_beat());
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t word = i / beat * packet.words_per_beat() + i % beat / 4;
    packet.words[word] |= std::uint32_t{static_cast<const std::uint8_t*>(bytes)[i]} << i % beat % 4 * 8;
  }
  return packet;
}

/// The streams of a model as the driver's transport.
class Streams {
 public:
  explicit Streams(Bench& bench) : bench_(bench) { bench.accelerator.set_traffic({}); }
  [[nodiscard]] msq_transport get() { return {queue, finish, abort, this}; }

 private:
  static msq_status queue(void* context, const msq_pass* pass) {
    Streams& own = *static_cast<Streams*>(context);
    const Dimensions& d = own.bench_.design.dimensions;
    tb::AcceleratorJob& job = own.jobs_.emplace_back();
    job.weights = {packet_of(pass->weights, pass->weight_bytes, d.weight_beat)};
    job.activations = {packet_of(pass->activations, pass->activation_bytes, d.activation_beat)};
    own.passes_.push_back(*pass);
    own.bench_.accelerator.feed(job);
    return MSQ_OK;
  }
  static msq_status finish(void* context) {
    Streams& own = *static_cast<Streams*>(context);
    while (own.bench_.accelerator.status().busy)
      if (!own.bench_.accelerator.step()) return MSQ_E_TRANSPORT;
    // After an error the closing beat comes some cycles later.
    for (int i = 0; i < 8; ++i)
      if (!own.bench_.accelerator.step()) return MSQ_E_TRANSPORT;
    const std::vector<tb::Packet> packets = own.bench_.accelerator.take_outputs();
    if (packets.size() > own.passes_.size()) return MSQ_E_TRANSPORT;
    for (std::size_t i = 0; i < packets.size(); ++i) {
      const std::vector<std::uint8_t> bytes = bytes_of(packets[i]);
      if (bytes.size() > own.passes_[i].output_bytes) return MSQ_E_TRANSPORT;
      std::copy(bytes.begin(), bytes.end(), static_cast<std::uint8_t*>(own.passes_[i].outputs));
    }
    own.passes_.clear();
    return MSQ_OK;
  }
  static void abort(void* context) {
    Streams& own = *static_cast<Streams*>(context);
    own.bench_.accelerator.withdraw();
    own.passes_.clear();
  }

  Bench& bench_;
  std::deque<tb::AcceleratorJob> jobs_;  ///< the model's streams refer to them
  std::vector<msq_pass> passes_;
};

class DriverOnTheModel : public testing::TestWithParam<const char*> {
 protected:
  DriverOnTheModel() : bench_(GetParam()), streams_(bench_) {
    for (const Register& r : design_registers(bench_.design))
      names_[static_cast<std::uint32_t>(r.offset)] = r.name;
    const msq_io io = {read, write, this};
    EXPECT_EQ(msq_open(&device_, &io), MSQ_OK);
  }
  static std::uint32_t read(void* context, std::uint32_t offset) {
    auto& own = *static_cast<DriverOnTheModel*>(context);
    return own.bench_.accelerator.read_register(own.names_.at(offset));
  }
  static void write(void* context, std::uint32_t offset, std::uint32_t value) {
    auto& own = *static_cast<DriverOnTheModel*>(context);
    own.bench_.accelerator.write_register(own.names_.at(offset), value);
  }

  DrawnJob draw(std::uint32_t seed) {
    RandomJob random(bench_.config, seed);
    DrawnJob drawn = random.job(bench_.design.dimensions);
    drawn.parts.resize(1);
    return drawn;
  }
  /// Packs and runs a job. `damage` changes its weight packets.
  template <class Damage>
  msq_status run(const DrawnJob& drawn, std::vector<std::vector<std::uint8_t>>& outputs, msq_state& state,
                 Damage damage) {
    const RawLayer layer(drawn.parts[0]);
    const Pack own(device_.capabilities, layer.get(), request_of(drawn), heap_.get());
    if (own.status != MSQ_OK) return own.status;
    const std::uint32_t passes = msq_pack_passes(own.pack);
    std::vector<std::vector<std::uint8_t>> weights, activations;
    std::vector<msq_pass> all;
    outputs.assign(passes, {});
    for (std::uint32_t p = 0; p < passes; ++p) {
      weights.push_back(own.weights(p));
      activations.push_back(own.activations(p, drawn.activations));
      damage(weights.back());
      outputs[p].assign(msq_pack_output_bytes(own.pack, p), 0xee);
    }
    for (std::uint32_t p = 0; p < passes; ++p)
      all.push_back({weights[p].data(), weights[p].size(), activations[p].data(), activations[p].size(),
                     outputs[p].data(), outputs[p].size()});
    msq_job job{};
    msq_pack_job(own.pack, &job);
    const msq_transport transport = streams_.get();
    return msq_run(&device_, &transport, &job, all.data(), all.size(), 10, &state);
  }

  Bench bench_;
  Streams streams_;
  std::map<std::uint32_t, std::string> names_;
  msq_device device_{};
  Heap heap_;
};

TEST_P(DriverOnTheModel, RunsRandomLayers) {
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const DrawnJob drawn = draw(seed);
    std::vector<std::vector<std::uint8_t>> outputs;
    msq_state state{};
    const std::uint32_t before = msq_jobs(&device_);
    ASSERT_STREQ(msq_status_name(run(drawn, outputs, state, [](auto&) {})), "MSQ_OK") << state.code;
    EXPECT_EQ(state.done, 1U);
    EXPECT_EQ(msq_jobs(&device_), before + 1);
    const auto job =
        tb::make_job(bench_.config, drawn.parts, drawn.activations, drawn.format, drawn.tokens_per_pass);
    ASSERT_TRUE(job) << job.error();
    const auto golden = tb::golden_result(bench_.config, drawn.parts, drawn.activations);
    ASSERT_TRUE(golden) << golden.error();
    const auto expected = tb::expected_outputs(bench_.design.dimensions, *job, *golden);
    ASSERT_EQ(outputs.size(), expected.size());
    for (std::size_t p = 0; p < expected.size(); ++p)
      ASSERT_EQ(outputs[p], bytes_of(expected[p])) << "pass " << p;
    msq_counters counters{};
    msq_read_counters(&device_, &counters);
    EXPECT_EQ(counters.tiles, job->tiles.size());
  }
}

// A packet of another array is an error with a name, and the next job runs.
TEST_P(DriverOnTheModel, ReportsAPacketOfAnotherArray) {
  for (std::uint32_t seed = 20; seed < 24; ++seed) {
    std::vector<std::vector<std::uint8_t>> outputs;
    msq_state state{};
    const DrawnJob drawn = draw(seed);
    const std::size_t byte = seed % 2 == 0 ? 0 : 3;
    EXPECT_STREQ(msq_status_name(run(drawn, outputs, state, [&](auto& packet) { packet[byte] ^= 0x10; })),
                 "MSQ_E_JOB_ERROR");
    EXPECT_STREQ(msq_error_name(state.code), "array");
    msq_read_state(&device_, &state);
    EXPECT_EQ(state.error, 0U);
    EXPECT_EQ(run(drawn, outputs, state, [](auto&) {}), MSQ_OK);
  }
}

// driver/examples: from floats to floats in a block of memory.
TEST_P(DriverOnTheModel, RunsTheExample) {
  for (std::uint32_t seed = 0; seed < 3; ++seed) {
    RandomJob random(bench_.config, seed + 40);
    const std::int64_t m = random.between(1, 20), k = random.between(1, 100), n = random.between(1, 40);
    const int bits = bench_.config.modes[seed % bench_.config.modes.size()];
    const golden::QuantizedTensor tensor = random.tensor(k, n, bits, golden::Axis::reduction);
    std::vector<float> x;
    for (std::int64_t i = 0; i < m * k; ++i)
      x.push_back(static_cast<float>(random.between(-1000, 1000)) / 300);
    const RawLayer layer(tensor);
    std::vector<float> y(static_cast<std::size_t>(m * n), 99);
    std::vector<unsigned char> memory(4 << 20);
    msq_state state{};
    const msq_transport transport = streams_.get();
    const auto run = [&](std::size_t size) {
      return run_layer(&device_, &transport, &layer.get(), x.data(), static_cast<std::uint32_t>(m), y.data(),
                       memory.data(), size, &state);
    };
    EXPECT_EQ(run(1 << 10), MSQ_E_NO_MEMORY);
    ASSERT_STREQ(msq_status_name(run(memory.size())), "MSQ_OK") << state.code;
    const auto quantized =
        golden::quantize_activations(x, m, k, bench_.config.act_bits, tensor.format.macro_block);
    ASSERT_TRUE(quantized) << quantized.error();
    const auto golden = tb::golden_result(bench_.config, std::span(&tensor, 1), *quantized);
    ASSERT_TRUE(golden) << golden.error();
    ASSERT_EQ(y, golden::to_float(*golden));
  }
}

INSTANTIATE_TEST_SUITE_P(Accelerator, DriverOnTheModel,
                         testing::Values("top-inline-4x4", "top-inline-8x8-full-range",
                                         "top-inline-8x8-two-rows", "top-recon-8x8-row-shifts",
                                         "top-none-4x4", "hx8k"),
                         by_config);

}  // namespace
}  // namespace msq::tests
