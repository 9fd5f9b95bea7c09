// Lists of jobs through the shell, with a memory that answers late, out of rhythm and with errors: every byte
// of outputs and completions, and every rule of AXI4.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "tb/host/activation_packet.hpp"
#include "tb/host/output_packet.hpp"
#include "tests/accelerator/random_job.hpp"
#include "tests/shell/shell_bench.hpp"
#include "tests/support/configs.hpp"

namespace msq::tests {
namespace {

using golden::QuantizedActivations;

struct Variant {
  const char* name;  ///< of the configuration
  ShellConfig shell;
};

std::string variant_name(const testing::TestParamInfo<Variant>& info) {
  const ShellConfig& s = info.param.shell;
  return test_name(fmt::format("{}-{}-bits-bursts-of-{}", info.param.name, s.data_bits, s.burst));
}

Config config_of(const Variant& variant) {
  Config config = test_config(variant.name);
  config.shell = variant.shell;
  return config;
}

/// Bytes that the shell writes of outputs laid out as activations: all except those between the scales and
/// the values.
std::vector<bool> written_bytes(const tb::ActivationLayout& layout) {
  std::vector<bool> written(layout.bytes, true);
  for (std::uint32_t i = layout.scales; i < layout.values; ++i) written[i] = false;
  return written;
}

class ShellList : public testing::TestWithParam<Variant> {
 protected:
  ShellList() : bench_(config_of(GetParam())) {}

  const Dimensions& dimensions() const { return bench_.design.dimensions; }

  /// Jobs of a random layer, one for each pass.
  void add_random(std::vector<ListedJob>& list, std::uint32_t seed,
                  std::optional<tb::OutputFormat> format = std::nullopt) {
    RandomJob random(bench_.config, seed);
    const DrawnJob drawn = random.job(dimensions());
    add(list, drawn.parts, drawn.activations, format.value_or(drawn.format), drawn.tokens_per_pass);
  }

  void add(std::vector<ListedJob>& list, const std::vector<golden::QuantizedTensor>& parts,
           const QuantizedActivations& activations, tb::OutputFormat format, int tokens_per_pass = 0) {
    const auto job = tb::make_job(bench_.config, parts, activations, format, tokens_per_pass);
    ASSERT_TRUE(job) << job.error();
    const auto golden = tb::golden_result(bench_.config, parts, activations);
    ASSERT_TRUE(golden) << golden.error();
    const auto outputs = tb::expected_outputs(dimensions(), *job, *golden);
    for (std::int64_t pass = 0; pass < job->passes(); ++pass)
      list.push_back(bench_.place(*job, pass, outputs[static_cast<std::size_t>(pass)]));
  }

  /// All jobs have ended well: outputs, completions, registers.
  void expect_good(const std::vector<ListedJob>& list, const Result<ShellStatus>& status,
                   const std::string& where) {
    ASSERT_TRUE(status) << where << ": " << status.error();
    ASSERT_FALSE(status->error) << where << ": code " << status->code << " after "
                                << bench_.read(bench_.shell_register("finished")) << " jobs";
    EXPECT_TRUE(status->done) << where;
    EXPECT_EQ(bench_.read(bench_.shell_register("finished")), list.size()) << where;
    std::uint32_t cycles = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      ASSERT_EQ(bench_.difference(list[i]), "") << where << ", job " << i;
      const tb::Completion completion = bench_.completion(list[i]);
      EXPECT_TRUE(completion.written) << where << ", job " << i;
      EXPECT_EQ(completion.code, 0U) << where << ", job " << i;
      EXPECT_EQ(completion.job, i) << where;
      EXPECT_GT(completion.cycles, cycles) << where;
      cycles = completion.cycles;
    }
    EXPECT_EQ(last_descriptor(), list.back().address);
    EXPECT_TRUE(bench_.weights.idle());
    EXPECT_TRUE(bench_.data.idle());
  }

  /// Address in the registers `last_low` and `last_high`.
  std::uint64_t last_descriptor() {
    const std::uint64_t high = bench_.read(bench_.shell_register("last_high"));
    return high << 32 | bench_.read(bench_.shell_register("last_low"));
  }

  /// A job of one pass whose MX outputs, up to 128 of a token, are laid out as activations.
  void add_activations(std::vector<ListedJob>& list, std::uint32_t seed, int tokens, int columns) {
    const Dimensions& d = dimensions();
    const tb::OutputFormat format = d.stream_act_bits == 8 ? tb::OutputFormat::mx8 : tb::OutputFormat::mx4;
    RandomJob random(bench_.config, seed);
    const auto parts = random.parts(8, columns, golden::Axis::reduction);
    const QuantizedActivations x = random.activations(tokens, 8, 128);
    ASSERT_NO_FATAL_FAILURE(add(list, parts, x, format, tokens));
    const auto job = tb::make_job(bench_.config, parts, x, format, tokens);
    const auto golden = tb::golden_result(bench_.config, parts, x);
    const QuantizedActivations next = tb::read_mx_outputs(d, *job, tb::expected_outputs(d, *job, *golden));
    const tb::ActivationLayout layout = tb::activation_layout(d, columns, tokens);
    ListedJob& listed = list.back();
    listed.descriptor.activations = true;
    listed.descriptor.values = layout.values;
    listed.descriptor.output_bytes = layout.bytes;
    const std::vector<std::uint8_t> dense =
        std::exchange(listed.outputs, tb::packet_bytes(tb::activation_packet(d, next, 0, tokens, d.rows)));
    // Of values that all round to zero the two packets have different scales; the shell keeps that of the
    // outputs.
    const auto count = static_cast<std::size_t>(tokens);
    for (std::size_t t = 0; t < count; ++t) listed.outputs[t] = dense[t * dense.size() / count];
    listed.written = written_bytes(layout);
    listed.descriptor.output_address = bench_.place_outputs(listed);
  }

  /// Reads the constants of a register map, and writes and reads its settings.
  void expect_registers(const std::vector<Register>& map, std::uint64_t base) {
    std::mt19937 draw(11);
    for (const Register& r : map) {
      SCOPED_TRACE(r.name);
      const std::uint64_t address = base + static_cast<std::uint64_t>(r.offset);
      std::uint32_t constants = 0, expected = 0, settings = 0;
      for (const RegisterField& f : r.fields) {
        const std::uint32_t mask = ~0U >> (32 - f.width) << f.lsb;
        if (f.access == Access::setting) settings |= mask;
        if (f.access != Access::constant) continue;
        constants |= mask;
        expected |= f.value << f.lsb;
      }
      EXPECT_EQ(bench_.read(address) & constants, expected);
      if (settings == 0) continue;
      const std::uint32_t value = static_cast<std::uint32_t>(draw()) & settings;
      for (const std::uint32_t written : {value, ~value & settings}) {
        bench_.write(address, written);
        EXPECT_EQ(bench_.read(address) & settings, written);
      }
    }
  }

  /// Signal of a port in this cycle.
  [[nodiscard]] bool signal(std::string_view name) {
    bench_.model.eval();
    return bench_.model.port(name).get() != 0;
  }

  tb::MemoryTraffic traffic(std::uint32_t seed) {
    std::mt19937 random(seed);
    const int kind = std::uniform_int_distribution<int>(0, 3)(random);
    if (kind == 0) return {};
    if (kind == 1) return tb::MemoryTraffic::slow();
    tb::MemoryTraffic t;
    t.stall = std::uniform_int_distribution<int>(0, 90)(random) / 100.0;
    t.least_latency = std::uniform_int_distribution<int>(1, 40)(random);
    t.most_latency = t.least_latency + std::uniform_int_distribution<int>(0, 40)(random);
    return t;
  }

  ShellBench bench_;
};

TEST_P(ShellList, RandomLists) {
  std::uint32_t seed = 100;
  for (int i = 0; i < 12; ++i) {
    std::vector<ListedJob> list;
    const auto layers = 1 + i % 4;
    for (int l = 0; l < layers; ++l) ASSERT_NO_FATAL_FAILURE(add_random(list, seed++));
    for (ListedJob& job : list) job.descriptor.interrupt = seed % 3 == 0;
    bench_.set_traffic(traffic(seed));
    bench_.link(list);
    ASSERT_NO_FATAL_FAILURE(expect_good(list, bench_.run(list), fmt::format("list {}", i)));
  }
  EXPECT_GT(bench_.weights.most_reads, 1U);
}

// Layers whose activations are the outputs of the layer before, with no host in between: all of them are in
// memory from the start, except the activations of the later ones, which the shell writes.
TEST_P(ShellList, ChainedLayers) {
  const Dimensions& d = dimensions();
  const tb::OutputFormat format = d.stream_act_bits == 8 ? tb::OutputFormat::mx8 : tb::OutputFormat::mx4;
  std::mt19937 draw(7);
  const auto between = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(draw); };
  for (int i = 0; i < 10; ++i) {
    RandomJob random(bench_.config, 500 + static_cast<std::uint32_t>(i));
    const std::vector<int> widths = {between(1, 3 * d.rows), between(1, 300), between(1, 140),
                                     between(1, 20)};
    const int tokens = i % 3 == 0 ? 1 : between(1, 4);
    golden::QuantizedActivations x = random.activations(tokens, widths[0], 128);
    std::vector<ListedJob> list;
    for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
      const bool last = l + 2 == widths.size();
      const auto axis = golden::Axis::reduction;
      const auto parts = random.parts(widths[l], widths[l + 1], axis);
      const auto before = list.size();
      ASSERT_NO_FATAL_FAILURE(add(list, parts, x, last ? tb::OutputFormat::fp32 : format, tokens));
      ASSERT_EQ(list.size(), before + 1);
      const auto job = tb::make_job(bench_.config, parts, x, last ? tb::OutputFormat::fp32 : format, tokens);
      ASSERT_TRUE(job);
      tb::Descriptor& now = list.back().descriptor;
      if (l > 0) {
        const tb::Descriptor& then = list[l - 1].descriptor;
        EXPECT_EQ(now.activation_bytes, then.output_bytes);
        now.activation_address = then.output_address;
        now.wait = true;
      }
      if (last) break;
      const auto golden = tb::golden_result(bench_.config, parts, x);
      x = tb::read_mx_outputs(d, *job, tb::expected_outputs(d, *job, *golden));
      const tb::ActivationLayout layout = tb::activation_layout(d, widths[l + 1], tokens);
      now.activations = true;
      now.values = layout.values;
      now.output_bytes = layout.bytes;
      list.back().outputs = tb::packet_bytes(tb::activation_packet(d, x, 0, tokens, d.rows));
      ASSERT_EQ(list.back().outputs.size(), layout.bytes);
      list.back().written = written_bytes(layout);
      now.output_address = bench_.place_outputs(list.back());
    }
    bench_.set_traffic(traffic(static_cast<std::uint32_t>(i)));
    bench_.link(list);
    ASSERT_NO_FATAL_FAILURE(expect_good(list, bench_.run(list), fmt::format("chain {}", i)));
  }
}

/// Code of an error by its name.
unsigned code_of(const std::string& name) {
  for (const ErrorCode& code : shell_error_codes()) {
    if (code.name == name) return static_cast<unsigned>(code.code);
  }
  throw std::logic_error("no error " + name);
}

// Each error ends the list at its own job: those before it are whole, it has its code, those behind it have
// no completion, and the next list runs.
TEST_P(ShellList, ErrorsEndTheListAtTheirJob) {
  struct Damage {
    std::string code;
    bool completion;  ///< the job gets one
    std::function<void(ShellBench&, ListedJob&)> damage;
  };
  const auto spoil = [](ShellBench& bench, ListedJob& job) {  // writes the changed descriptor
    const auto words = job.descriptor.words();
    for (std::size_t w = 0; w < words.size(); ++w) bench.bytes.write_word(job.address + 4 * w, words[w]);
  };
  const std::uint64_t beyond =
      GetParam().shell.address_bits < 64 ? std::uint64_t{1} << GetParam().shell.address_bits : 0;
  std::vector<Damage> damages = {
      {"weight_read", true,
       [](ShellBench& b, ListedJob& j) {
         const auto& d = j.descriptor;
         b.bytes.bad_reads.push_back(
             {d.weight_address + d.weight_bytes - 1, d.weight_address + d.weight_bytes, 2});
       }},
      {"activation_read", true,
       [](ShellBench& b, ListedJob& j) {
         b.bytes.bad_reads.push_back(
             {j.descriptor.activation_address, j.descriptor.activation_address + 1, 3});
       }},
      {"write", true,
       [](ShellBench& b, ListedJob& j) {
         b.bytes.bad_writes.push_back({j.descriptor.output_address, j.descriptor.output_address + 1, 2});
       }},
      {"descriptor_read", false,
       [](ShellBench& b, ListedJob& j) {
         b.bytes.bad_reads.push_back({j.address + 60, j.address + 61, 2});
       }},
      {"descriptor", false,
       [](ShellBench& b, ListedJob& j) { b.bytes.write(j.address, std::uint8_t{0xd4}); }},
      {"descriptor", false,
       [](ShellBench& b, ListedJob& j) { b.bytes.write(j.address + 3, std::uint8_t{1}); }},
      {"descriptor", false,
       [&](ShellBench& b, ListedJob& j) {
         j.descriptor.tokens = 0;
         spoil(b, j);
       }},
      {"alignment", false,
       [&](ShellBench& b, ListedJob& j) {
         j.descriptor.weight_address += 1;
         spoil(b, j);
       }},
      {"alignment", false,
       [&](ShellBench& b, ListedJob& j) {
         j.descriptor.activation_bytes += 1;
         spoil(b, j);
       }},
      {"layout", false,
       [&](ShellBench& b, ListedJob& j) {
         j.descriptor.activations = true;
         j.descriptor.format = tb::OutputFormat::raw;
         spoil(b, j);
       }},
      {"overflow", true,
       [&](ShellBench& b, ListedJob& j) {
         j.descriptor.output_bytes -= 1;
         j.outputs.clear();
         spoil(b, j);
       }},
      {"shape", true,
       [&](ShellBench& b, ListedJob& j) {
         j.descriptor.log2_block = 4;
         spoil(b, j);
       }},
      {"weight_short", true,
       [&](ShellBench& b, ListedJob& j) {
         j.descriptor.weight_bytes -= static_cast<std::uint32_t>(b.design.dimensions.weight_beat / 8);
         spoil(b, j);
       }},
      {"activation_long", true,
       [&](ShellBench& b, ListedJob& j) {
         j.descriptor.activation_bytes += static_cast<std::uint32_t>(b.design.dimensions.activation_beat / 8);
         spoil(b, j);
       }},
      {"array", true,
       [](ShellBench& b, ListedJob& j) {
         const std::uint64_t at = j.descriptor.weight_address;
         b.bytes.write(at, static_cast<std::uint8_t>(b.bytes.read(at) ^ 1U));
       }},
      {"header", true, [](ShellBench& b, ListedJob& j) {
         b.bytes.write(j.descriptor.weight_address + 1, std::uint8_t{0});  // no tiles
       }}};
  if (beyond != 0) {
    damages.push_back({"alignment", false, [&](ShellBench& b, ListedJob& j) {
                         j.descriptor.output_address |= beyond;
                         spoil(b, j);
                       }});
  }
  std::uint32_t seed = 900;
  for (std::size_t i = 0; i < damages.size(); ++i) {
    for (const std::size_t at : {0, 1, 3}) {
      const std::string where = fmt::format("{} in job {}, number {}", damages[i].code, at, i);
      SCOPED_TRACE(where);
      std::vector<ListedJob> list;
      while (list.size() < 5) {
        RandomJob random(bench_.config, seed++);
        ASSERT_NO_FATAL_FAILURE(add(list, random.parts(20, 12, golden::Axis::reduction),
                                    random.activations(3, 20, 128), tb::OutputFormat::fp32));
      }
      bench_.set_traffic(traffic(seed));
      bench_.link(list);
      damages[i].damage(bench_, list[at]);
      const auto status = bench_.run(list);
      ASSERT_TRUE(status) << status.error();
      EXPECT_TRUE(status->error);
      EXPECT_FALSE(status->done);
      EXPECT_EQ(status->code, code_of(damages[i].code));
      EXPECT_EQ(bench_.read(bench_.shell_register("finished")), at);
      EXPECT_EQ(last_descriptor(), list[at].address);
      for (std::size_t j = 0; j < list.size(); ++j) {
        const tb::Completion completion = bench_.completion(list[j]);
        EXPECT_EQ(completion.written, j < at || (j == at && damages[i].completion)) << j;
        if (j < at) {
          EXPECT_EQ(bench_.difference(list[j]), "") << j;
        } else if (completion.written) {
          EXPECT_EQ(completion.code, code_of(damages[i].code));
        }
      }
      EXPECT_TRUE(bench_.weights.idle());
      EXPECT_TRUE(bench_.data.idle());
      bench_.bytes.bad_reads.clear();
      bench_.bytes.bad_writes.clear();
      std::vector<ListedJob> good;
      ASSERT_NO_FATAL_FAILURE(add_random(good, seed));
      bench_.link(good);
      ASSERT_NO_FATAL_FAILURE(expect_good(good, bench_.run(good), "after " + where));
    }
  }
}

// Every bit of a descriptor that must be zero or has one legal value, and every bit of an address inside a
// word of the memory or beyond the memory.
TEST_P(ShellList, EveryWrongBitOfADescriptorIsReported) {
  struct Bits {
    const char* code;
    int first, count;  ///< of the descriptor
  };
  const Dimensions& d = dimensions();
  const ShellConfig& shell = GetParam().shell;
  const int token_bits = log2_of(d.tokens) + 1;
  std::vector<Bits> wrong = {{"descriptor", 0, 8},
                             {"descriptor", 14, 2},
                             {"descriptor", 24, 8},
                             {"descriptor", 32 + token_bits, 32 - token_bits},
                             {"descriptor", 2 * 32 + 24, 8},
                             {"descriptor", 3 * 32 + 24, 8},
                             {"alignment", 4 * 32, log2_of(d.weight_beat / 8)},
                             {"alignment", 5 * 32, log2_of(d.activation_beat / 8)}};
  for (const int word : {8, 10, 12, 14}) {
    wrong.push_back({"alignment", word * 32, log2_of(word == 14 ? kDescriptorBytes : shell.data_bits / 8)});
    wrong.push_back({"alignment", word * 32 + shell.address_bits, 64 - shell.address_bits});
  }
  std::vector<ListedJob> list;
  while (list.size() < 2) ASSERT_NO_FATAL_FAILURE(add_random(list, 70));
  bench_.link(list);
  const auto expect_wrong = [&](const char* code, std::uint64_t head) {
    bench_.start(head);
    const auto status = bench_.wait();
    ASSERT_TRUE(status) << status.error();
    EXPECT_TRUE(status->error);
    EXPECT_EQ(status->code, code_of(code));
    EXPECT_EQ(bench_.read(bench_.shell_register("finished")), 0U);
    EXPECT_FALSE(bench_.completion(list[0]).written);
  };
  const std::uint64_t head = list[0].address;
  const auto words = list[0].descriptor.words();
  for (const Bits& bits : wrong) {
    for (int bit = bits.first; bit < bits.first + bits.count; ++bit) {
      SCOPED_TRACE(bit);
      const auto word = static_cast<std::size_t>(bit / 32);
      bench_.bytes.write_word(head + 4 * word, words[word] ^ 1U << bit % 32);
      ASSERT_NO_FATAL_FAILURE(expect_wrong(bits.code, head));
      bench_.bytes.write_word(head + 4 * word, words[word]);
    }
  }
  for (int bit = 0; bit < 64; ++bit) {
    if (bit >= log2_of(kDescriptorBytes) && bit < shell.address_bits) continue;
    SCOPED_TRACE(bit);
    ASSERT_NO_FATAL_FAILURE(expect_wrong("alignment", head ^ std::uint64_t{1} << bit));
  }
  ASSERT_NO_FATAL_FAILURE(expect_good(list, bench_.run(list), "after all"));
}

// A list is stopped at any time: nothing is left under way, and the next one runs.
TEST_P(ShellList, StopAtAnyTime) {
  for (int cycles = 0; cycles < 1500; cycles += 31) {
    SCOPED_TRACE(cycles);
    std::vector<ListedJob> list;
    for (std::uint32_t l = 0; l < 3; ++l) {
      RandomJob random(bench_.config, 40 + l);
      ASSERT_NO_FATAL_FAILURE(add(list, random.parts(20, 12, golden::Axis::reduction),
                                  random.activations(3, 20, 128), tb::OutputFormat::fp32));
    }
    bench_.set_traffic(traffic(static_cast<std::uint32_t>(cycles)));
    bench_.link(list);
    bench_.start(list.front().address);
    for (int i = 0; i < cycles; ++i) bench_.step();
    bench_.write(bench_.shell_register("control"), 0x102);
    const auto status = bench_.wait();
    ASSERT_TRUE(status) << status.error();
    const std::uint32_t finished = bench_.read(bench_.shell_register("finished"));
    if (status->error) {
      EXPECT_EQ(status->code, code_of("stopped"));
      ASSERT_LT(finished, list.size());
      EXPECT_EQ(last_descriptor(), list[finished].address);
    }
    for (std::uint32_t j = 0; j < finished; ++j) {
      EXPECT_EQ(bench_.difference(list[j]), "");
      EXPECT_EQ(bench_.completion(list[j]).code, 0U);
    }
    EXPECT_TRUE(bench_.weights.idle());
    EXPECT_TRUE(bench_.data.idle());
    bench_.write(bench_.shell_register("control"), 0x104);
    std::vector<ListedJob> good;
    ASSERT_NO_FATAL_FAILURE(add_random(good, 77));
    bench_.link(good);
    ASSERT_NO_FATAL_FAILURE(expect_good(good, bench_.run(good), "after a stop"));
  }
}

// The host reaches the accelerator's registers through the shell, before and while a list runs.
TEST_P(ShellList, HostReachesAllRegisters) {
  expect_registers(design_registers(bench_.design), 0);
  expect_registers(shell_register_map(GetParam().shell), kShellRegisters);
  bench_.write(bench_.shell_register("head_low"), 0x12345678);
  bench_.write(bench_.shell_register("head_low"), 0xffffffff, 0x2);
  EXPECT_EQ(bench_.read(bench_.shell_register("head_low")), 0x1234ff78U);
  std::vector<ListedJob> list;
  for (std::uint32_t seed = 0; seed < 3; ++seed) ASSERT_NO_FATAL_FAILURE(add_random(list, seed));
  bench_.set_traffic(traffic(5));
  bench_.link(list);
  bench_.start(list.front().address);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(bench_.read(0), 0x4d535131U);
    EXPECT_EQ(bench_.read(bench_.shell_register("version")), 1U);
  }
  ASSERT_NO_FATAL_FAILURE(expect_good(list, bench_.wait(), "while the host reads"));
  EXPECT_EQ(bench_.read(0x30), list.size());  // jobs
  EXPECT_TRUE(bench_.status().interrupt);
  bench_.write(bench_.shell_register("control"), 0x104);
  EXPECT_FALSE(bench_.status().interrupt);
}

// Outputs laid out as activations, up to any limit: no byte behind it, all scales before it.
TEST_P(ShellList, LayoutsHoldTheirLimit) {
  const tb::ActivationLayout layout = tb::activation_layout(dimensions(), 20, 3);
  for (std::uint32_t limit = 0; limit < layout.bytes; limit += limit < layout.values ? 1 : 7) {
    SCOPED_TRACE(limit);
    std::vector<ListedJob> list;
    ASSERT_NO_FATAL_FAILURE(add_activations(list, 300 + limit, 3, 20));
    ListedJob& job = list[0];
    job.descriptor.output_bytes = limit;
    bench_.link(list);
    const auto status = bench_.run(list);
    ASSERT_TRUE(status) << status.error();
    EXPECT_EQ(status->code, code_of("overflow"));
    for (std::uint32_t i = 0; i < layout.bytes; ++i) {
      const std::uint8_t byte = bench_.bytes.read(job.descriptor.output_address + i);
      if (i >= limit || !job.written[i]) {
        ASSERT_EQ(byte, kUntouched) << i;
      } else if (i < layout.scales) {
        ASSERT_EQ(byte, job.outputs[i]) << i;
      } else {
        ASSERT_TRUE(byte == job.outputs[i] || byte == kUntouched) << i;
      }
    }
  }
}

// Values may be far behind their scales.
TEST_P(ShellList, ValuesLieAtAnyOffset) {
  const tb::ActivationLayout layout = tb::activation_layout(dimensions(), 20, 3);
  const std::uint64_t space = ~std::uint64_t{0} >> (64 - GetParam().shell.address_bits);
  constexpr int kNear = 14;  // bits of more bytes than a list of one job takes
  for (int bit = 8; bit < 32; ++bit) {
    SCOPED_TRACE(bit);
    std::vector<ListedJob> list;
    ASSERT_NO_FATAL_FAILURE(add_activations(list, 400 + static_cast<std::uint32_t>(bit), 3, 20));
    // The descriptor must not be where the values are.
    if (bit < kNear) std::ignore = bench_.allocate(std::size_t{1} << bit, 1);
    ListedJob& job = list[0];
    job.descriptor.values += 1U << bit;
    job.descriptor.output_bytes = job.descriptor.values + layout.bytes - layout.values;
    bench_.link(list);
    const auto status = bench_.run(list);
    ASSERT_TRUE(status) << status.error();
    ASSERT_FALSE(status->error) << status->code;
    for (std::uint32_t i = 0; i < layout.bytes; ++i) {
      if (!job.written[i]) continue;
      const std::uint64_t far = i < layout.values ? 0 : std::uint64_t{1} << bit;
      ASSERT_EQ(bench_.bytes.read((job.descriptor.output_address + far + i) & space), job.outputs[i]) << i;
    }
  }
}

// All bits of a job's sizes reach the registers of the accelerator.
TEST_P(ShellList, DescriptorsReachTheRegisters) {
  struct Size {
    std::uint64_t offset;
    std::uint32_t tb::Descriptor::*field;
  };
  const auto map = register_map(dimensions(), 0);
  const auto offset = [&](const char* name) {
    return static_cast<std::uint64_t>(find_register(map, name).offset);
  };
  tb::MemoryTraffic never;
  never.stall = 1;
  for (const Size& size :
       {Size{offset("depth"), &tb::Descriptor::depth}, Size{offset("columns"), &tb::Descriptor::columns}}) {
    for (int bit = 0; bit < 24; ++bit) {
      SCOPED_TRACE(fmt::format("register {:#x}, bit {}", size.offset, bit));
      std::vector<ListedJob> list;
      ASSERT_NO_FATAL_FAILURE(add_random(list, static_cast<std::uint32_t>(bit)));
      list.resize(1);
      const std::uint32_t value = 1U << bit;
      list[0].descriptor.*size.field = value;
      bench_.weights.set_traffic(never);  // so that the job does not end
      bench_.link(list);
      bench_.start(list[0].address);
      bool seen = false;
      for (int i = 0; i < 200 && !seen; ++i) seen = bench_.read(size.offset) == value;
      EXPECT_TRUE(seen);
      bench_.weights.set_traffic({});
      bench_.write(bench_.shell_register("control"), 0x102);  // stop
      const auto status = bench_.wait();
      ASSERT_TRUE(status) << status.error();
      bench_.write(bench_.shell_register("control"), 0x104);
    }
  }
}

// A host that does not take its responses: the next write waits, and each one gets its own.
TEST_P(ShellList, WritesWaitForTheirResponses) {
  const auto set = [&](std::string_view port, std::uint64_t value) { bench_.model.port(port).set(value); };
  const auto offer = [&](std::string_view name, std::uint32_t value) {
    set("s_axi_awaddr", bench_.shell_register(name));
    set("s_axi_wdata", value);
    set("s_axi_wstrb", 0xf);
    bool address = true, data = true;
    for (int cycle = 0; cycle < 50 && (address || data); ++cycle) {
      set("s_axi_awvalid", address ? 1 : 0);
      set("s_axi_wvalid", data ? 1 : 0);
      const bool address_taken = signal("s_axi_awready");
      const bool data_taken = signal("s_axi_wready");
      bench_.step();
      address = address && !address_taken;
      data = data && !data_taken;
    }
    set("s_axi_awvalid", 0);
    set("s_axi_wvalid", 0);
    EXPECT_FALSE(address || data);
  };
  set("s_axi_bready", 0);
  offer("head_low", 0x12345600);
  offer("head_high", 0x5a);
  for (int i = 0; i < 20; ++i) bench_.step();
  EXPECT_TRUE(signal("s_axi_bvalid"));
  set("s_axi_bready", 1);
  int responses = 0;
  for (int i = 0; i < 50; ++i) {
    if (signal("s_axi_bvalid")) ++responses;
    bench_.step();
  }
  EXPECT_EQ(responses, 2);
  EXPECT_EQ(bench_.read(bench_.shell_register("head_low")), 0x12345600U);
  EXPECT_EQ(bench_.read(bench_.shell_register("head_high")), 0x5aU);
}

// Descriptors and activations share a port whose requests wait long, jobs ahead of the array.
TEST_P(ShellList, RequestsWaitSideBySide) {
  for (std::uint32_t i = 0; i < 6; ++i) {
    std::vector<ListedJob> list;
    while (list.size() < 8) {
      RandomJob random(bench_.config, 600 + 8 * i + static_cast<std::uint32_t>(list.size()));
      ASSERT_NO_FATAL_FAILURE(add(list, random.parts(40, 4, golden::Axis::reduction),
                                  random.activations(2, 40, 128), tb::OutputFormat::fp32));
    }
    bench_.data.set_traffic({0.5 + 0.07 * i, 1, 8});
    bench_.link(list);
    ASSERT_NO_FATAL_FAILURE(expect_good(list, bench_.run(list), fmt::format("list {}", i)));
  }
}

INSTANTIATE_TEST_SUITE_P(Shell, ShellList,
                         testing::Values(Variant{"top-inline-4x4", {32, 32, 16, 16, 2}},
                                         Variant{"top-inline-8x8", {128, 40, 64, 128, 8}},
                                         Variant{"top-recon-4x8-act4", {512, 64, 256, 256, 4}},
                                         Variant{"top-recon-4x4-one-lane", {64, 32, 16, 32, 2}}),
                         variant_name);

}  // namespace
}  // namespace msq::tests
