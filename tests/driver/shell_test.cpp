// driver/msq_shell: descriptors against those of the shell's own bench, byte for byte; its refusals; and
// every access to registers. Lists that run: examples/soc.

#include "gen/arch/shell.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gen/config/serialize.hpp"
#include "msq_shell.h"
#include "tb/host/descriptor.hpp"
#include "tests/driver/pack.hpp"
#include "tests/driver/raw_layer.hpp"
#include "tests/support/configs.hpp"

namespace msq::tests {
namespace {

/// Registers of accelerator and shell. `control` of the shell reads as its setting alone.
class Window {
 public:
  explicit Window(const Config& config) {
    const auto constants = [&](const std::vector<Register>& map, std::uint32_t base) {
      for (const Register& r : map)
        for (const RegisterField& f : r.fields)
          if (f.access == Access::constant)
            words[base + static_cast<std::uint32_t>(r.offset)] |= f.value << f.lsb;
    };
    constants(register_map(Dimensions(config), short_config_hash(config)), 0);
    constants(shell_register_map(config.shell), kShellRegisters);
  }
  [[nodiscard]] msq_io io() { return {read, write, this}; }

  std::map<std::uint32_t, std::uint32_t> words;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> writes;
  std::function<void()> before_read;

 private:
  static std::uint32_t read(void* context, std::uint32_t offset) {
    Window& own = *static_cast<Window*>(context);
    if (own.before_read) own.before_read();
    return own.words[offset];
  }
  static void write(void* context, std::uint32_t offset, std::uint32_t value) {
    Window& own = *static_cast<Window*>(context);
    own.writes.emplace_back(offset, value);
    own.words[offset] = offset == 0x1010 ? value & 0x100U : value;
  }
};

class DriverShell : public testing::TestWithParam<const char*> {
 protected:
  DriverShell() : config_(test_config(GetParam())), window_(config_), io_(window_.io()) {
    EXPECT_EQ(msq_shell_open(&shell_, &io_), MSQ_OK);
  }

  std::uint64_t place(RandomJob& random, std::uint64_t unit) {
    const auto draw = [&] { return static_cast<std::uint64_t>(random.between(0, (1 << 30) - 1)); };
    const std::uint64_t low = std::uint64_t{1} << (config_.shell.address_bits - 2);
    return (low + (draw() << 30 ^ draw()) % low) / unit * unit;
  }

  Config config_;
  Window window_;
  msq_io io_;
  msq_shell shell_{};
  Heap heap_;
};

/// Words of a descriptor as memory has them.
std::vector<std::uint8_t> bytes_of(const tb::Descriptor& descriptor) {
  std::vector<std::uint8_t> bytes;
  for (const std::uint32_t word : descriptor.words())
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(word >> 8 * i));
  bytes.resize(80);  // an empty completion
  bytes.resize(MSQ_DESCRIPTOR_BYTES, 0xee);
  return bytes;
}

std::size_t rounded(std::size_t bytes, std::size_t word) { return (bytes + word - 1) / word * word; }

// Random layers at random places, one list for all: the bytes of the list are the bench's descriptors.
TEST_P(DriverShell, WritesTheDescriptorsOfTheBench) {
  const Dimensions d(config_);
  const auto word = static_cast<std::size_t>(config_.shell.data_bits / 8);
  int shared = 0;
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    RandomJob random(config_, seed);
    std::vector<std::uint8_t> memory(64 * MSQ_DESCRIPTOR_BYTES, 0xee), expected;
    const std::uint64_t address = place(random, MSQ_DESCRIPTOR_BYTES);
    msq_shell_list list{};
    ASSERT_EQ(msq_shell_list_open(&list, &shell_, memory.data(), address, memory.size()), MSQ_OK);
    std::vector<tb::Descriptor> all;
    for (int l = 0; l < 2; ++l) {
      DrawnJob drawn = random.job(d);
      drawn.parts.resize(1);
      const RawLayer raw(drawn.parts[0]);
      const Pack own(shell_.device.capabilities, raw.get(), request_of(drawn), heap_.get());
      const auto job =
          tb::make_job(config_, drawn.parts, drawn.activations, drawn.format, drawn.tokens_per_pass);
      ASSERT_EQ(own.status == MSQ_OK, job.has_value());
      if (!job) continue;
      const std::uint32_t passes = msq_pack_passes(own.pack);
      if (passes > 16) continue;
      msq_shell_layer layer{own.pack,           nullptr, 0, 1, place(random, word), place(random, word),
                            place(random, word)};
      std::vector<std::uint8_t> weights(msq_shell_weight_offset(&shell_, &layer, passes)),
          activations(msq_shell_activation_offset(&shell_, &layer, passes));
      ASSERT_EQ(msq_shell_put_weights(&shell_, &layer, weights.data(), weights.size()), MSQ_OK);
      ASSERT_EQ(
          msq_shell_put_activations(&shell_, &layer, drawn.activations.values.data(),
                                    drawn.activations.scales.data(), activations.data(), activations.size()),
          MSQ_OK);
      EXPECT_EQ(msq_shell_put_weights(&shell_, &layer, weights.data(), weights.size() + 1), MSQ_E_BUFFER);
      ASSERT_EQ(msq_shell_add_layer(&list, &layer), MSQ_OK);
      tb::Descriptor now;
      now.format = job->format;
      now.log2_rows = job->log2_tile_rows;
      now.log2_block = job->log2_block;
      now.depth = static_cast<std::uint32_t>(job->k);
      now.columns = static_cast<std::uint32_t>(job->n);
      std::size_t activation = 0, output = 0;
      for (std::uint32_t p = 0; p < passes; ++p) {
        const auto own_weights = tb::packet_bytes(job->weights[p]);
        const auto own_activations = tb::packet_bytes(job->activations[p]);
        const std::size_t at = msq_shell_weight_offset(&shell_, &layer, p);
        shared += p > 0 && at == 0;
        ASSERT_LE(at + own_weights.size(), weights.size());
        EXPECT_TRUE(std::equal(own_weights.begin(), own_weights.end(),
                               weights.begin() + static_cast<std::ptrdiff_t>(at)));
        EXPECT_TRUE(std::equal(own_activations.begin(), own_activations.end(),
                               activations.begin() + static_cast<std::ptrdiff_t>(activation)));
        now.tokens = static_cast<std::uint32_t>(job->tokens(p));
        now.weight_bytes = static_cast<std::uint32_t>(own_weights.size());
        now.activation_bytes = static_cast<std::uint32_t>(own_activations.size());
        now.output_bytes = static_cast<std::uint32_t>(msq_pack_output_bytes(own.pack, p));
        now.weight_address = layer.weights + at;
        now.activation_address = layer.activations + activation;
        now.output_address = layer.outputs + output;
        now.interrupt = p + 1 == passes;
        all.push_back(now);
        activation += rounded(now.activation_bytes, word);
        output += rounded(now.output_bytes, word);
      }
    }
    ASSERT_EQ(list.count, all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].last = i + 1 == all.size();
      all[i].next = all[i].last ? 0 : address + MSQ_DESCRIPTOR_BYTES * (i + 1);
      const auto bytes = bytes_of(all[i]);
      expected.insert(expected.end(), bytes.begin(), bytes.end());
    }
    expected.resize(memory.size(), 0xee);
    const auto differs = std::mismatch(memory.begin(), memory.end(), expected.begin()).first - memory.begin();
    ASSERT_EQ(memory, expected) << "from byte " << differs << " on";
  }
  EXPECT_GT(shared, 0);
}

// Layers that follow each other, of several passes: places of the packets in between as the bench has them.
TEST_P(DriverShell, ChainsLayers) {
  const Dimensions d(config_);
  const bool wide = d.stream_act_bits == 8;
  const auto word = static_cast<std::uint64_t>(config_.shell.data_bits / 8);
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    RandomJob random(config_, seed);
    const int k = random.between(1, 40), n = random.between(1, 300), m = random.between(1, 9);
    const auto first = random.tensor(k, n, config_.modes.front(), golden::Axis::reduction);
    const auto second = random.tensor(n, 12, config_.modes.front(), golden::Axis::reduction);
    const RawLayer raw1(first), raw2(second);
    msq_request request{static_cast<std::uint32_t>(m), static_cast<std::uint32_t>(d.stream_act_bits), 128,
                        static_cast<std::uint32_t>(wide ? MSQ_MX8 : MSQ_MX4), 2};
    const Pack one(shell_.device.capabilities, raw1.get(), request, heap_.get());
    request.format = MSQ_FP32;
    const Pack two(shell_.device.capabilities, raw2.get(), request, heap_.get());
    ASSERT_EQ(one.status, MSQ_OK);
    ASSERT_EQ(two.status, MSQ_OK);
    msq_shell_layer from{one.pack,           nullptr, 1, 0, place(random, word), place(random, word),
                         place(random, word)};
    msq_shell_layer to{two.pack, &from, 0, 0, place(random, word), 0, place(random, word)};
    std::uint64_t output = from.outputs;
    for (std::uint32_t p = 0; p < msq_pack_passes(one.pack); ++p) {
      const auto layout = tb::activation_layout(d, n, static_cast<int>(msq_pack_tokens(one.pack, p)));
      msq_shell_job job{}, next{};
      msq_shell_job_of(&shell_, &from, p, &job);
      msq_shell_job_of(&shell_, &to, p, &next);
      EXPECT_EQ(job.values, layout.values);
      EXPECT_EQ(job.output_bytes, layout.bytes);
      EXPECT_EQ(job.output_address, output);
      EXPECT_EQ(next.activation_address, output);
      EXPECT_EQ(next.activation_bytes, layout.bytes);
      EXPECT_EQ(job.activations, 1U);
      EXPECT_EQ(next.wait, 1U);
      EXPECT_EQ(next.activations + job.wait, 0U);
      output += rounded(layout.bytes, word);
    }
    std::vector<std::uint8_t> memory(20 * MSQ_DESCRIPTOR_BYTES);
    msq_shell_list list{};
    ASSERT_EQ(msq_shell_list_open(&list, &shell_, memory.data(), 0, memory.size()), MSQ_OK);
    EXPECT_EQ(msq_shell_add_layer(&list, &from), MSQ_OK);
    EXPECT_EQ(msq_shell_add_layer(&list, &to), MSQ_OK);
    EXPECT_EQ(list.count, 2 * msq_pack_passes(one.pack));
    const std::uint32_t before = list.count;
    from.chained = 0;
    EXPECT_EQ(msq_shell_add_layer(&list, &to), MSQ_E_CHAIN);
    from.chained = 1;
    to.before = &to;  // K is not its N, unless both are 12
    to.chained = 1;
    EXPECT_EQ(msq_shell_add_layer(&list, &to), n == 12 ? MSQ_E_LAYOUT : MSQ_E_CHAIN);
    EXPECT_EQ(list.count, before);
  }
}

TEST_P(DriverShell, RefusesWhatTheShellRefuses) {
  RandomJob random(config_, 3);
  const auto tensor = random.tensor(20, 12, config_.modes.front(), golden::Axis::reduction);
  const RawLayer raw(tensor);
  const auto bits = shell_.device.capabilities.act_bits;
  const msq_request request{3, bits, 128, static_cast<std::uint32_t>(bits == 8 ? MSQ_MX8 : MSQ_MX4), 0};
  const Pack own(shell_.device.capabilities, raw.get(), request, heap_.get());
  ASSERT_EQ(own.status, MSQ_OK);
  const msq_shell_layer layer{own.pack, nullptr, 1, 0, 0x1000, 0x8000, 0x10000};
  msq_shell_job good{};
  msq_shell_job_of(&shell_, &layer, 0, &good);
  ASSERT_EQ(msq_shell_check(&shell_, &good), MSQ_OK);
  const std::uint64_t word = shell_.word_bytes;
  const std::uint64_t last = (UINT64_MAX >> (64 - shell_.address_bits)) - word + 1;  // the last word
  struct Case {
    msq_status status;
    std::function<void(msq_shell_job&)> change;
  };
  const std::vector<Case> cases = {
      {MSQ_E_SHAPE, [](msq_shell_job& j) { j.tokens = 0; }},
      {MSQ_E_SHAPE, [](msq_shell_job& j) { j.columns = 1U << 24; }},
      {MSQ_E_PASS_TOKENS, [&](msq_shell_job& j) { j.tokens = shell_.device.capabilities.tokens + 1; }},
      {MSQ_E_TILING, [](msq_shell_job& j) { j.log2_rows = 1; }},
      {MSQ_E_ACTIVATION_BLOCK, [](msq_shell_job& j) { j.log2_block = 4; }},
      {MSQ_E_FORMAT, [](msq_shell_job& j) { j.format = 4; }},
      {MSQ_E_BEATS, [](msq_shell_job& j) { j.weight_bytes = 0; }},
      {MSQ_E_BEATS, [](msq_shell_job& j) { j.weight_bytes += 1; }},
      {MSQ_E_BEATS, [](msq_shell_job& j) { j.activation_bytes = 0; }},
      {MSQ_E_BEATS, [](msq_shell_job& j) { j.activation_bytes -= 1; }},
      {MSQ_E_BUFFER, [&](msq_shell_job& j) { j.activation_bytes += shell_.device.capabilities.act_beat; }},
      {MSQ_E_ALIGNMENT, [](msq_shell_job& j) { j.weight_address += 1; }},
      {MSQ_E_ALIGNMENT, [&](msq_shell_job& j) { j.activation_address += word / 2; }},
      {MSQ_E_ALIGNMENT, [&](msq_shell_job& j) { j.output_address -= 1; }},
      {MSQ_E_ADDRESS, [&](msq_shell_job& j) { j.weight_address = last, j.weight_bytes *= 64; }},
      {MSQ_E_LAYOUT, [](msq_shell_job& j) { j.format = MSQ_RAW; }},
      {MSQ_E_LAYOUT, [](msq_shell_job& j) { j.values += 1; }},
      {MSQ_E_LAYOUT, [](msq_shell_job& j) { j.values = 0; }},
      {MSQ_E_LAYOUT, [](msq_shell_job& j) { j.output_bytes -= 1; }},
      {MSQ_E_ARGUMENT, [](msq_shell_job& j) { j.wait = 2; }},
  };
  std::vector<std::uint8_t> memory(2 * MSQ_DESCRIPTOR_BYTES, 0xee);
  msq_shell_list list{};
  const auto open = [&](std::uint64_t address) {
    return msq_shell_list_open(&list, &shell_, memory.data(), address, memory.size());
  };
  EXPECT_EQ(open(64), MSQ_E_ALIGNMENT);
  EXPECT_EQ(open((UINT64_MAX >> (64 - shell_.address_bits)) - 127), MSQ_E_ADDRESS);
  ASSERT_EQ(open(0), MSQ_OK);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    msq_shell_job job = good;
    cases[i].change(job);
    EXPECT_STREQ(msq_status_name(msq_shell_add(&list, &job)), msq_status_name(cases[i].status)) << i;
  }
  if (shell_.address_bits < 64) {
    msq_shell_job job = good;
    job.output_address |= std::uint64_t{1} << shell_.address_bits;
    EXPECT_EQ(msq_shell_add(&list, &job), MSQ_E_ADDRESS);
  }
  EXPECT_EQ(memory, std::vector<std::uint8_t>(memory.size(), 0xee));
  EXPECT_EQ(msq_shell_start(&list), MSQ_E_ARGUMENT);
  EXPECT_TRUE(window_.writes.empty());
  EXPECT_EQ(msq_shell_add(&list, &good), MSQ_OK);
  EXPECT_EQ(msq_shell_add(&list, &good), MSQ_OK);
  EXPECT_EQ(msq_shell_add(&list, &good), MSQ_E_LIST_FULL);
  EXPECT_EQ(msq_shell_add_layer(&list, &layer), MSQ_E_LIST_FULL);
}

TEST_P(DriverShell, OpensShellsAlone) {
  EXPECT_EQ(shell_.word_bytes, static_cast<std::uint32_t>(config_.shell.data_bits / 8));
  EXPECT_EQ(shell_.address_bits, static_cast<std::uint32_t>(config_.shell.address_bits));
  EXPECT_EQ(shell_.burst, static_cast<std::uint32_t>(config_.shell.burst));
  EXPECT_EQ(shell_.device.capabilities.rows, static_cast<std::uint32_t>(config_.rows));
  for (const auto& [offset, value, status] :
       {std::tuple{0U, 1U, MSQ_E_NO_DEVICE}, std::tuple{0x1000U, 1U, MSQ_E_NO_SHELL},
        std::tuple{0x1004U, 2U, MSQ_E_DESCRIPTOR_VERSION}, std::tuple{0x1008U, 0x402803U, MSQ_E_CAPABILITIES},
        std::tuple{0x1008U, 0x401f10U, MSQ_E_CAPABILITIES}}) {
    Window wrong(config_);
    wrong.words[offset] = value;
    const msq_io io = wrong.io();
    msq_shell shell{};
    EXPECT_STREQ(msq_status_name(msq_shell_open(&shell, &io)), msq_status_name(status));
    EXPECT_TRUE(wrong.writes.empty());
  }
}

TEST_P(DriverShell, StartsAndWaits) {
  RandomJob random(config_, 3);
  const auto tensor = random.tensor(20, 12, config_.modes.front(), golden::Axis::reduction);
  const RawLayer raw(tensor);
  const Pack own(shell_.device.capabilities, raw.get(),
                 {1, shell_.device.capabilities.act_bits, 128, MSQ_FP32, 0}, heap_.get());
  ASSERT_EQ(own.status, MSQ_OK);
  const msq_shell_layer layer{own.pack, nullptr, 0, 1, 0x1000, 0x8000, 0x10000};
  std::vector<std::uint8_t> memory(MSQ_DESCRIPTOR_BYTES);
  msq_shell_list list{};
  ASSERT_EQ(msq_shell_list_open(&list, &shell_, memory.data(), 0x80000000, memory.size()), MSQ_OK);
  ASSERT_EQ(msq_shell_add_layer(&list, &layer), MSQ_OK);
  memory[64] = 7;
  memory[67] = 0x80;
  memory[68] = 5;
  memory[73] = 2;
  msq_shell_completion completion{};
  ASSERT_EQ(msq_shell_read_completion(&list, 0, &completion), MSQ_OK);
  EXPECT_EQ(completion.written, 1U);
  EXPECT_EQ(completion.code, 7U);
  EXPECT_EQ(completion.job, 5U);
  EXPECT_EQ(completion.cycles, 512U);
  EXPECT_EQ(msq_shell_read_completion(&list, 1, &completion), MSQ_E_ARGUMENT);

  msq_shell_enable_interrupt(&shell_, 1);
  window_.words[0x1014] = 1;
  EXPECT_EQ(msq_shell_start(&list), MSQ_E_BUSY);
  window_.words[0x1014] = 0;
  EXPECT_EQ(msq_shell_start(&list), MSQ_OK);
  msq_shell_acknowledge(&shell_);
  msq_shell_stop(&shell_);
  msq_shell_enable_interrupt(&shell_, 0);
  using Writes = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  EXPECT_EQ(window_.writes, (Writes{{0x1010, 0x100},
                                    {0x1018, 0x80000000},
                                    {0x101c, 0},
                                    {0x1010, 0x101},
                                    {0x1010, 0x104},
                                    {0x1010, 0x102},
                                    {0x1010, 0}}));
  ASSERT_EQ(msq_shell_read_completion(&list, 0, &completion), MSQ_OK);
  EXPECT_EQ(completion.written + completion.code + completion.job + completion.cycles, 0U);

  window_.words[0x1014] = 1;
  int reads = 0, relaxed = 0;
  window_.before_read = [&] {
    if (++reads == 4) window_.words[0x1014] = 0x1404;  // error weight_read
  };
  window_.words[0x1020] = 3;
  window_.words[0x1024] = 1000;
  window_.words[0x1028] = 0x80;
  window_.words[0x102c] = 1;
  msq_shell_state state{};
  const auto relax = [](void* context) { ++*static_cast<int*>(context); };
  EXPECT_EQ(msq_shell_wait(&shell_, 3, relax, &relaxed, &state), MSQ_E_TIMEOUT);
  EXPECT_EQ(relaxed, 3);
  EXPECT_EQ(msq_shell_wait(&shell_, 3, relax, &relaxed, &state), MSQ_E_JOB_ERROR);
  EXPECT_EQ(state.code, 20U);
  EXPECT_STREQ(msq_shell_error_name(state.code), "weight_read");
  EXPECT_EQ(state.finished, 3U);
  EXPECT_EQ(state.cycles, 1000U);
  EXPECT_EQ(state.last, 0x100000080U);
  window_.words[0x1014] = 0xa;
  EXPECT_EQ(msq_shell_wait(&shell_, 1, nullptr, nullptr, &state), MSQ_OK);
  EXPECT_EQ(state.done + state.interrupt, 2U);
}

INSTANTIATE_TEST_SUITE_P(Accelerator, DriverShell,
                         testing::Values("top-inline-4x4", "top-inline-8x8", "top-recon-4x8-act4",
                                         "top-recon-8x8-many-words"),
                         by_config);

TEST(DriverShellErrors, AreThoseOfTheShell) {
  std::map<int, std::string> names;
  for (const ErrorCode& error : shell_error_codes()) names[error.code] = error.name;
  for (int code = 0; code < 300; ++code) {
    const auto own = static_cast<std::uint32_t>(code);
    EXPECT_EQ(msq_shell_error_name(own), names.contains(code) ? names[code] : "unknown");
    EXPECT_NE(std::string(msq_shell_error_text(own)), "");
  }
}

// The driver has the header of any shell; MSQ_UPDATE=1 writes it anew.
TEST(DriverShellErrors, HeaderIsThatOfTheShell) {
  const std::string header =
      register_header(shell_register_map({}), "msq_shell", "msq_shell", shell_error_codes());
  const char* const path = MSQ_DRIVER_SHELL_REGISTERS;
  if (std::getenv("MSQ_UPDATE") != nullptr) std::ofstream(path) << header;
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), header);
}

}  // namespace
}  // namespace msq::tests
