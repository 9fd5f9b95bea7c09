// The packets of driver/ against those of tb/host, byte for byte: random layers, biased to corners, of random
// configurations.

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

#include "gen/arch/registers.hpp"
#include "gen/config/serialize.hpp"
#include "tb/host/job.hpp"
#include "tests/accelerator/random_job.hpp"
#include "tests/driver/raw_layer.hpp"
#include "tests/soak/random_config.hpp"

namespace msq::tests {
namespace {

/// A register file that reads as the map of a design says.
class Registers {
 public:
  explicit Registers(const Config& config) {
    for (const Register& r : register_map(Dimensions(config), short_config_hash(config)))
      for (const RegisterField& f : r.fields)
        if (f.access == Access::constant) words_[r.offset] |= f.value << f.lsb;
  }
  [[nodiscard]] msq_io io() { return {read, write, this}; }

 private:
  static std::uint32_t read(void* context, std::uint32_t offset) {
    return static_cast<Registers*>(context)->words_[static_cast<int>(offset)];
  }
  static void write(void* context, std::uint32_t offset, std::uint32_t value) {
    static_cast<Registers*>(context)->words_[static_cast<int>(offset)] = value;
  }
  std::map<int, std::uint32_t> words_;
};

msq_capabilities capabilities_of(const Config& config) {
  Registers registers(config);
  const msq_io io = registers.io();
  msq_capabilities found{};
  const msq_status status = msq_read_capabilities(&io, &found);
  if (status != MSQ_OK) throw std::logic_error(msq_status_text(status) + to_json(config));
  return found;
}

std::vector<std::uint8_t> bytes_of(const tb::Packet& packet) {
  std::vector<std::uint8_t> bytes;
  const auto beat_bytes = static_cast<std::size_t>(packet.beat_bits / 8);
  for (std::size_t beat = 0; beat < packet.beats(); ++beat)
    for (std::size_t i = 0; i < beat_bytes; ++i)
      bytes.push_back(static_cast<std::uint8_t>(packet.beat(beat)[i / 4] >> i % 4 * 8));
  return bytes;
}

/// The driver's plan of a job; closes itself.
class Pack {
 public:
  Pack(const msq_capabilities& array, const msq_layer& layer, const msq_request& request,
       const msq_allocator* allocator)
      : status(msq_pack_open(&pack, &array, &layer, &request, allocator)) {}
  ~Pack() { msq_pack_close(pack); }
  Pack(const Pack&) = delete;
  Pack& operator=(const Pack&) = delete;
  msq_pack* pack = nullptr;
  msq_status status;

  [[nodiscard]] std::vector<std::uint8_t> weights(std::uint32_t pass) const {
    std::vector<std::uint8_t> bytes(msq_pack_weight_bytes(pack, pass), 0xee);
    EXPECT_EQ(msq_pack_weights(pack, pass, bytes.data(), bytes.size()), MSQ_OK);
    return bytes;
  }
  [[nodiscard]] std::vector<std::uint8_t> activations(std::uint32_t pass,
                                                      const golden::QuantizedActivations& x) const {
    std::vector<std::uint8_t> bytes(msq_pack_activation_bytes(pack, pass), 0xee);
    EXPECT_EQ(msq_pack_activations(pack, pass, x.values.data(), x.scales.data(), bytes.data(), bytes.size()),
              MSQ_OK);
    return bytes;
  }
};

msq_request request_of(const DrawnJob& drawn) {
  return {static_cast<std::uint32_t>(drawn.activations.m), static_cast<std::uint32_t>(drawn.activations.bits),
          static_cast<std::uint32_t>(drawn.activations.block), static_cast<std::uint32_t>(drawn.format),
          static_cast<std::uint32_t>(drawn.tokens_per_pass)};
}

struct Tally {
  int jobs = 0, refused = 0, packets = 0, ordered = 0, parts = 0;
};

void expect_same_settings(const Pack& own, const tb::AcceleratorJob& job) {
  msq_job settings{};
  msq_pack_job(own.pack, &settings);
  const std::map<std::string_view, std::uint32_t> found = {
      {"tokens", settings.tokens},   {"depth", settings.depth},
      {"columns", settings.columns}, {"pass", settings.pass_tokens},
      {"format", settings.format},   {"tiling", settings.log2_rows | settings.log2_block << 8}};
  for (const tb::RegisterSetting& expected : tb::register_settings(job))
    EXPECT_EQ(found.at(expected.name), expected.value) << expected.name;
}

void compare(const Config& config, const DrawnJob& drawn, Tally& tally) {
  const golden::QuantizedTensor& tensor = drawn.parts.front();
  const auto job =
      tb::make_job(config, std::span(&tensor, 1), drawn.activations, drawn.format, drawn.tokens_per_pass);
  const RawLayer layer(tensor);
  Heap heap;
  {
    const Pack own(capabilities_of(config), layer.get(), request_of(drawn), heap.get());
    if (!job) {
      EXPECT_NE(own.status, MSQ_OK) << job.error();
      ++tally.refused;
      return;
    }
    ASSERT_EQ(own.status, MSQ_OK) << msq_status_text(own.status);
    expect_same_settings(own, *job);
    ASSERT_EQ(msq_pack_passes(own.pack), job->passes());
    for (std::size_t pass = 0; pass < job->weights.size(); ++pass) {
      const auto number = static_cast<std::uint32_t>(pass);
      ASSERT_EQ(own.weights(number), bytes_of(job->weights[pass])) << "weights of pass " << pass;
      ASSERT_EQ(own.activations(number, drawn.activations), bytes_of(job->activations[pass]))
          << "activations of pass " << pass;
      tally.packets += 2;
    }
    ++tally.jobs;
    for (const tb::StreamTile& tile : job->tiles) {
      tally.ordered += tile.parts.order;
      tally.parts += tile.more;
    }
  }
  EXPECT_EQ(heap.in_use(), 0U);
}

int effort() { return std::getenv("MSQ_FULL") != nullptr ? 20 : 1; }

TEST(DriverPack, RandomJobsOfRandomConfigurations) {
  Tally tally;
  for (int index = 0; index < 240 * effort(); ++index) {
    const Config config = random_config(31, index);
    SCOPED_TRACE("configuration " + std::to_string(index) + "\n" + to_json(config));
    for (std::uint32_t seed = 0; seed < 4; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      RandomJob random(config, seed + 100);
      ASSERT_NO_FATAL_FAILURE(compare(config, random.job(Dimensions(config)), tally));
    }
  }
  std::printf("%d jobs, %d refused, %d packets, %d tiles with an order, %d with further parts\n", tally.jobs,
              tally.refused, tally.packets, tally.ordered, tally.parts);
  EXPECT_GT(tally.jobs, 500);
  EXPECT_GT(tally.ordered, 0);
  EXPECT_GT(tally.parts, 0);
}

}  // namespace
}  // namespace msq::tests
