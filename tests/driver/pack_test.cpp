// The packets of driver/ against those of tb/host, byte for byte: random layers, biased to corners, of random
// configurations.

#include "tests/driver/pack.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "gen/config/serialize.hpp"
#include "gen/config/validate.hpp"
#include "golden/exec/output.hpp"
#include "golden/quantize/activations.hpp"
#include "tb/host/job.hpp"
#include "tb/host/output_packet.hpp"
#include "tests/accelerator/random_job.hpp"
#include "tests/driver/raw_layer.hpp"
#include "tests/soak/random_config.hpp"
#include "tests/support/configs.hpp"

namespace msq::tests {
namespace {

struct Tally {
  int jobs = 0, refused = 0, packets = 0, ordered = 0, parts = 0;

  void print() const {
    std::printf("%d jobs, %d refused, %d packets, %d tiles with an order, %d with further parts\n", jobs,
                refused, packets, ordered, parts);
  }
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

/// The tensor in another stored form: macro-blocks of another size, with scales of the old ones, and
/// identifiers in groups.
void restore(golden::QuantizedTensor& tensor, int macro_block, int identifier_group) {
  tensor.format.macro_block = macro_block;
  tensor.format.identifier_group = identifier_group;
  // A file has no number for longer lists than 4 except this one.
  if (tensor.format.list_entries == tensor.format.micro_block / 2) tensor.format.list_entries = 0;
  const auto scales = static_cast<std::size_t>(
      tensor.axis == golden::Axis::reduction ? tensor.groups() * tensor.n : tensor.k * tensor.groups());
  const std::vector<std::int8_t> old = tensor.scales, factors = tensor.factors;
  tensor.scales.resize(scales);
  for (std::size_t s = 0; s < scales; ++s) tensor.scales[s] = old[s % old.size()];
  if (!factors.empty()) tensor.factors.resize(scales);
  for (std::size_t s = 0; s < tensor.factors.size(); ++s) tensor.factors[s] = factors[s % factors.size()];
}

DrawnJob draw(const Config& config, std::uint32_t seed) {
  RandomJob random(config, seed);
  DrawnJob drawn = random.job(Dimensions(config));
  drawn.parts.resize(1);
  restore(drawn.parts[0], 32 << random.between(0, 2), random.chance(50) ? 1 : 4 << random.between(0, 2));
  return drawn;
}

/// Outputs read from golden packets are the golden result.
void read_outputs(const Config& config, const DrawnJob& drawn) {
  const golden::QuantizedTensor& tensor = drawn.parts.front();
  const std::span<const golden::QuantizedTensor> parts(&tensor, 1);
  const auto job = tb::make_job(config, parts, drawn.activations, drawn.format, drawn.tokens_per_pass);
  ASSERT_TRUE(job) << job.error();
  const auto golden = tb::golden_result(config, parts, drawn.activations);
  ASSERT_TRUE(golden) << golden.error();
  const std::vector<tb::Packet> packets = tb::expected_outputs(Dimensions(config), *job, *golden);
  const RawLayer layer(tensor);
  Heap heap;
  const Pack own(capabilities_of(config), layer.get(), request_of(drawn), heap.get());
  ASSERT_EQ(own.status, MSQ_OK);
  const auto outputs = static_cast<std::size_t>(golden->m * golden->n);
  std::vector<std::int64_t> acc(outputs, 99);
  std::vector<std::int32_t> exponents(outputs, 99);
  std::vector<float> y(outputs, 99);
  std::vector<std::int8_t> values(outputs, 99),
      scales(static_cast<std::size_t>(golden->m * ((golden->n + 127) / 128)));
  for (std::uint32_t p = 0; p < packets.size(); ++p) {
    const std::vector<std::uint8_t> bytes = bytes_of(packets[p]);
    const auto read = [&](std::size_t size) {
      if (drawn.format == tb::OutputFormat::raw)
        return msq_read_raw(own.pack, p, bytes.data(), size, acc.data(), exponents.data());
      if (drawn.format == tb::OutputFormat::fp32)
        return msq_read_fp32(own.pack, p, bytes.data(), size, y.data());
      return msq_read_mx(own.pack, p, bytes.data(), size, values.data(), scales.data());
    };
    ASSERT_EQ(read(bytes.size()), MSQ_OK);
    ASSERT_EQ(read(bytes.size() - 1), MSQ_E_BUFFER);
    ASSERT_EQ(drawn.format == tb::OutputFormat::raw
                  ? msq_read_fp32(own.pack, p, bytes.data(), bytes.size(), y.data())
                  : msq_read_raw(own.pack, p, bytes.data(), bytes.size(), acc.data(), exponents.data()),
              MSQ_E_FORMAT);
  }
  if (drawn.format == tb::OutputFormat::raw) {
    ASSERT_EQ(acc, golden->acc);
    for (std::int64_t i = 0; i < golden->m * golden->n; ++i)
      ASSERT_EQ(exponents[static_cast<std::size_t>(i)], golden->exponent(i / golden->n, i % golden->n));
  } else if (drawn.format == tb::OutputFormat::fp32) {
    const std::vector<float> expected = golden::to_float(*golden);
    ASSERT_EQ(std::memcmp(y.data(), expected.data(), sizeof(float) * outputs), 0);
  } else {
    const auto expected = golden::to_mx(*golden, drawn.format == tb::OutputFormat::mx8 ? 8 : 4);
    ASSERT_TRUE(expected);
    ASSERT_EQ(values, expected->values);
    ASSERT_EQ(scales, expected->scales);
  }
}

int effort() { return std::getenv("MSQ_FULL") != nullptr ? 20 : 1; }

TEST(DriverPack, RandomJobsOfRandomConfigurations) {
  Tally tally;
  for (int index = 0; index < 240 * effort(); ++index) {
    const Config config = random_config(31, index);
    SCOPED_TRACE("configuration " + std::to_string(index) + "\n" + to_json(config));
    for (std::uint32_t seed = 0; seed < 4; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      ASSERT_NO_FATAL_FAILURE(compare(config, draw(config, seed + 100), tally));
    }
  }
  tally.print();
  EXPECT_GT(tally.jobs, 500);
  EXPECT_GT(tally.ordered, 0);
  EXPECT_GT(tally.parts, 0);
}

TEST(DriverPack, ReadsOutputs) {
  for (const char* name :
       {"top-inline-4x4", "top-recon-4x64", "top-none-4x128", "top-recon-8x16-mode2-32-lanes"}) {
    const Config config = test_config(name);
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
      SCOPED_TRACE(std::string(name) + ", seed " + std::to_string(seed));
      DrawnJob drawn = draw(config, seed);
      drawn.format = static_cast<tb::OutputFormat>(seed % 4);
      ASSERT_NO_FATAL_FAILURE(read_outputs(config, drawn));
    }
  }
}

// Larger arrays, several rows of weights in a beat, every array that has a test of its own.
TEST(DriverPack, NamedConfigurations) {
  Tally tally;
  for (const auto& entry :
       std::filesystem::directory_iterator(test_config_file("top-inline-4x4").parent_path())) {
    const std::string name = entry.path().stem().string();
    const Config config = test_config(name);
    SCOPED_TRACE(name);
    for (int seed = 0; seed < 2 * effort(); ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      ASSERT_NO_FATAL_FAILURE(compare(config, draw(config, static_cast<std::uint32_t>(seed) + 7), tally));
    }
  }
  tally.print();
  EXPECT_GT(tally.jobs, 100);
}

// Sums of few bits: rows in several parts on path inline, refusals on the others.
TEST(DriverPack, NarrowSums) {
  Tally tally;
  for (const char* name : {"top-inline-4x4", "top-inline-8x8-full-range", "top-recon-4x4", "top-none-4x4"}) {
    Config config = test_config(name);
    const int widest = config.exact_acc_bits();
    for (int bits = 8; bits < widest; ++bits) {
      config.acc_bits = bits;
      if (!validate(config)) continue;
      SCOPED_TRACE(std::string(name) + ", bits " + std::to_string(bits));
      for (std::uint32_t seed = 0; seed < 6; ++seed)
        ASSERT_NO_FATAL_FAILURE(compare(config, draw(config, seed), tally));
    }
  }
  tally.print();
  EXPECT_GT(tally.jobs, 30);
  EXPECT_GT(tally.refused, 10);
  EXPECT_GT(tally.parts, 0);
}

// One token, one column, one position: the smallest of everything, in each pass.
TEST(DriverPack, SmallestShapes) {
  Tally tally;
  for (const char* name :
       {"top-inline-4x4", "top-recon-4x4", "top-none-8x8-full-range", "top-inline-16x4-eight-rows"}) {
    const Config config = test_config(name);
    for (std::uint32_t seed = 0; seed < 16; ++seed) {
      SCOPED_TRACE(std::string(name) + ", seed " + std::to_string(seed));
      RandomJob random(config, seed);
      DrawnJob drawn;
      const std::int64_t k = random.between(1, 3), n = random.between(1, 3), m = random.between(1, 3);
      drawn.parts = {random.tensor(k, n, config.modes[seed % config.modes.size()], golden::Axis::reduction)};
      drawn.activations = random.activations(m, k, 32);
      drawn.tokens_per_pass = random.between(0, 1);
      ASSERT_NO_FATAL_FAILURE(compare(config, drawn, tally));
    }
  }
}

/// A layer that an array takes, its purpose, and the array.
class Refusals : public testing::Test {
 protected:
  explicit Refusals(const char* name = "top-recon-8x8-row-shifts")
      : config_(test_config(name)),
        array_(capabilities_of(config_)),
        drawn_(dense()),
        raw_(drawn_.parts[0]),
        layer_(raw_.get()),
        request_(request_of(drawn_)) {}

  DrawnJob dense() const {
    for (std::uint32_t seed = 0;; ++seed) {
      RandomJob random(config_, seed);
      DrawnJob drawn;
      drawn.parts = {random.tensor(70, 20, 2, golden::Axis::reduction)};
      drawn.activations = random.activations(3, 70, 128);
      std::size_t most = 0;
      for (const auto& block : drawn.parts[0].blocks) most = std::max(most, block.pairs.size());
      if (std::cmp_equal(most, config_.list_entries())) return drawn;
    }
  }
  [[nodiscard]] msq_status open() const { return Pack(array_, layer_, request_, heap_.get()).status; }
  /// The change alone, and everything as before after it.
  template <class T>
  void expect(T& place, T value, msq_status status) {
    const T before = place;
    place = value;
    EXPECT_STREQ(msq_status_name(open()), msq_status_name(status));
    EXPECT_EQ(heap_.in_use(), 0U);
    place = before;
    ASSERT_EQ(open(), MSQ_OK);
  }

  Config config_;
  msq_capabilities array_;
  DrawnJob drawn_;
  RawLayer raw_;
  msq_layer layer_;
  msq_request request_;
  Heap heap_;
};

TEST_F(Refusals, WhatTheArrayDoesNotHave) {
  ASSERT_EQ(open(), MSQ_OK);
  expect(array_.mode2, 0U, MSQ_E_MODE);
  expect(array_.full_range, 1U, MSQ_E_ENCODING);
  expect(array_.fraction_bits, 1U, MSQ_E_FRACTION_BITS);
  expect(array_.scale_mantissa_bits, 1U, MSQ_E_SCALE_MANTISSA_BITS);
  expect(array_.micro_block, 16U, MSQ_E_MICRO_BLOCK);
  expect(array_.list_entries, array_.list_entries - 1, MSQ_E_LIST_ENTRIES);
  expect(array_.shift_max, 0U, MSQ_E_OUTLIER_SHIFT);
  expect(array_.acc_bits, 8U, MSQ_E_PARTIAL_SUM);
  expect(array_.accumulator_bits, 20U, MSQ_E_ACCUMULATOR);
  expect(array_.act_words, 8U, MSQ_E_DEPTH);
  expect(array_.path, static_cast<std::uint32_t>(MSQ_PATH_IS_NONE), MSQ_E_NO_OUTLIERS);
}

TEST_F(Refusals, WhatNoArrayHas) {
  expect(layer_.bits, 3U, MSQ_E_MODE);
  expect(layer_.micro_block, 5U, MSQ_E_MICRO_BLOCK);
  expect(layer_.macro_block, 16U, MSQ_E_MACRO_BLOCK);
  expect(layer_.axis, 2U, MSQ_E_AXIS);
  expect(layer_.k, 0U, MSQ_E_SHAPE);
  expect(layer_.n, 1U << 24, MSQ_E_SHAPE);
  expect(request_.tokens, 0U, MSQ_E_SHAPE);
  expect(request_.act_bits, 4U, MSQ_E_ACTIVATION_BITS);
  expect(request_.block, 16U, MSQ_E_ACTIVATION_BLOCK);
  expect(request_.format, 4U, MSQ_E_FORMAT);
  expect(request_.pass_tokens, array_.tokens + 1, MSQ_OK);  // no more than there are tokens
  request_.tokens = array_.tokens + 1;
  expect(request_.pass_tokens, array_.tokens + 1, MSQ_E_PASS_TOKENS);
  layer_.full_range = 1;
  for (const std::uint32_t entries : {3U, 5U}) {
    layer_.list_entries = entries;
    EXPECT_STREQ(msq_status_name(open()), "MSQ_E_LIST_ENTRIES");
  }
}

TEST_F(Refusals, TensorsOfAnotherSize) {
  for (msq_tensor* tensor : {&layer_.codes, &layer_.identifiers, &layer_.mx_scales, &layer_.lists,
                             &layer_.scales, &layer_.scale_mantissas, &layer_.identifier_masks}) {
    if (tensor != &layer_.identifier_masks) expect(tensor->bytes, tensor->bytes + 1, MSQ_E_TENSOR_SIZE);
    if (tensor->bytes > 0) expect(tensor->bytes, tensor->bytes - 1, MSQ_E_TENSOR_SIZE);
  }
}

TEST_F(Refusals, ListsAndScalesThatMeanNothing) {
  auto& packed = raw_.packed();
  expect(packed.scales[3], std::int8_t{-128}, MSQ_E_SCALE);
  const std::vector<std::uint8_t> lists = packed.lists;
  const std::size_t bytes = 3;  // of a list: 4 entries of 6 bits
  const auto set = [&](std::uint32_t list) {
    for (std::size_t i = 0; i < bytes; ++i) packed.lists[i] = static_cast<std::uint8_t>(list >> (8 * i));
  };
  const auto pair = [](std::uint32_t upper, std::uint32_t lower) { return upper | lower << 3; };
  set(pair(1, 0) | pair(1, 2) << 6);
  EXPECT_EQ(open(), MSQ_E_LIST);
  set(pair(1, 0) | pair(2, 1) << 6);
  EXPECT_EQ(open(), MSQ_E_LIST);
  set(pair(2, 1) | pair(0, 3) << 6);
  EXPECT_EQ(open(), MSQ_E_LIST);  // not ascending
  // Bit 0 of both becomes 0: 2 and 3 meet at 2.
  set(pair(0, 2) | pair(4, 3) << 6);
  EXPECT_EQ(open(), MSQ_E_LIST);
  packed.lists = lists;
  packed.shifts[0] = 16;
  EXPECT_EQ(open(), MSQ_E_OUTLIER_SHIFT);
}

TEST_F(Refusals, CodesThatMeanNothing) {
  auto& packed = raw_.packed();
  const golden::QuantizedTensor& tensor = drawn_.parts[0];
  const auto set = [&](std::int64_t row, std::int64_t column, std::uint32_t code) {
    std::uint8_t& byte = packed.codes[static_cast<std::size_t>(row * tensor.n_padded() + column) / 4];
    const auto shift = static_cast<unsigned>(column % 4 * 2);
    byte = static_cast<std::uint8_t>((byte & ~(3U << shift)) | code << shift);
  };
  const std::vector<std::uint8_t> codes = packed.codes;
  bool plain = false, halves = false;
  for (std::int64_t row = 0; row < tensor.k; ++row) {
    const golden::MicroBlock& block = tensor.block(row, 0);
    if (block.pairs.empty()) {
      plain = true;
      set(row, 3, 0b10);  // minus zero
    } else {
      halves = true;
      const auto upper = block.pairs[0].upper;
      set(row, upper, tensor.code(row, upper) ^ 0b10U);  // the sign of one half
    }
    EXPECT_EQ(open(), MSQ_E_CODE) << row;
    packed.codes = codes;
  }
  EXPECT_TRUE(plain || halves);
  const std::int64_t last = tensor.blocks_per_row() - 1;
  for (std::int64_t row = 0; row < tensor.k; ++row) {
    if (!tensor.block(row, last).pairs.empty()) continue;
    set(row, tensor.n, 1);
    EXPECT_EQ(open(), MSQ_E_CODE);
    return;
  }
}

// Any wrong bits: a refusal, or a packet.
TEST_F(Refusals, DamagedTensorsNeverHurt) {
  std::mt19937 random(4);
  const auto pick = [&](std::size_t size) {
    return std::uniform_int_distribution<std::size_t>(0, size - 1)(random);
  };
  int packed = 0;
  for (int round = 0; round < 400 * effort(); ++round) {
    RawLayer damaged(drawn_.parts[0]);
    golden::PackedTensor& own = damaged.packed();
    std::vector<std::uint8_t>* const tensors[] = {&own.codes, &own.identifiers, &own.shifts, &own.lists};
    std::vector<std::uint8_t>& tensor = *tensors[pick(4)];
    tensor[pick(tensor.size())] ^= static_cast<std::uint8_t>(1U << pick(8));
    own.scales[pick(own.scales.size())] = static_cast<std::int8_t>(pick(255) - 127);
    layer_ = damaged.get();
    const Pack plan(array_, layer_, request_, heap_.get());
    if (plan.status != MSQ_OK) continue;
    ++packed;
    EXPECT_FALSE(plan.weights(0).empty());
  }
  std::printf("%d packed\n", packed);
  EXPECT_GT(packed, 20);
}

TEST_F(Refusals, RowsThatDiffer) {
  RandomJob random(config_, 5);
  golden::QuantizedTensor tensor = random.tensor(70, 20, 2, golden::Axis::output);
  const RawLayer good(tensor);
  layer_ = good.get();
  ASSERT_EQ(open(), MSQ_OK);
  expect(array_.row_align_bits, 0U, MSQ_E_ROW_SHIFT);
  restore(tensor, 32, 1);
  const RawLayer narrow(tensor);
  layer_ = narrow.get();
  ASSERT_EQ(open(), MSQ_OK);
  array_.cols = 32;
  array_.weight_beat = 16;
  EXPECT_EQ(open(), MSQ_E_TILE_COLUMNS);
}

TEST_F(Refusals, BuffersAndActivations) {
  const Pack own(array_, layer_, request_, heap_.get());
  ASSERT_EQ(own.status, MSQ_OK);
  std::vector<std::uint8_t> out(msq_pack_weight_bytes(own.pack, 0));
  EXPECT_EQ(msq_pack_weights(own.pack, 0, out.data(), out.size() - 1), MSQ_E_BUFFER);
  EXPECT_EQ(msq_pack_weights(own.pack, msq_pack_passes(own.pack), out.data(), out.size()), MSQ_E_ARGUMENT);
  golden::QuantizedActivations x = drawn_.activations;
  x.values.back() = -128;
  out.resize(msq_pack_activation_bytes(own.pack, 0));
  EXPECT_EQ(msq_pack_activations(own.pack, 0, x.values.data(), x.scales.data(), out.data(), out.size()),
            MSQ_E_ACTIVATION_VALUE);
  EXPECT_EQ(msq_pack_tokens(own.pack, msq_pack_passes(own.pack)), 0U);
}

// Whichever allocation fails, the rest is given back.
TEST_F(Refusals, NoMemory) {
  int failures = 0;
  for (;; ++failures) {
    heap_.fail_at(failures);
    const msq_status status = open();
    EXPECT_EQ(heap_.in_use(), 0U) << failures;
    if (status == MSQ_OK) break;
    ASSERT_EQ(status, MSQ_E_NO_MEMORY) << failures;
  }
  EXPECT_GT(failures, 5);
}

TEST_F(Refusals, ABlockOfTheCallersIsEnough) {
  msq_arena arena{};
  std::vector<unsigned char> block(8 << 20);
  std::vector<std::uint8_t> expected;
  {
    const Pack own(array_, layer_, request_, heap_.get());
    expected = own.weights(0);
  }
  msq_allocator allocator = msq_arena_allocator(&arena, block.data() + 1, block.size() - 1);
  {
    const Pack own(array_, layer_, request_, &allocator);
    ASSERT_EQ(own.status, MSQ_OK);
    EXPECT_EQ(own.weights(0), expected);
  }
  // As much as was in use is enough, and no less.
  allocator = msq_arena_allocator(&arena, block.data(), block.size());
  ASSERT_EQ(Pack(array_, layer_, request_, &allocator).status, MSQ_OK);
  EXPECT_LT(arena.used, arena.peak);
  const std::size_t peak = arena.peak;
  allocator = msq_arena_allocator(&arena, block.data(), peak);
  EXPECT_EQ(Pack(array_, layer_, request_, &allocator).status, MSQ_OK);
  allocator = msq_arena_allocator(&arena, block.data(), peak - 16);
  EXPECT_EQ(Pack(array_, layer_, request_, &allocator).status, MSQ_E_NO_MEMORY);
}

// Against the golden quantizer: values at ties and at both ends, blocks of zeros, subnormal numbers.
TEST(DriverQuantize, RandomActivations) {
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    const int bits = i % 2 == 0 ? 8 : 4, block = 32 << i % 3;
    const std::int64_t m = 1 + i % 3, k = 1 + i % 150;
    std::vector<float> x;
    const int base = std::uniform_int_distribution<int>(-149, 120)(random);
    for (std::int64_t e = 0; e < m * k; ++e) {
      const int kind = std::uniform_int_distribution<int>(0, 5)(random);
      const double any = std::uniform_real_distribution<double>(-2, 2)(random);
      const double half = std::uniform_int_distribution<int>(-300, 300)(random) / 2.0;
      const double value = kind == 0   ? 0
                           : kind == 1 ? std::ldexp(half, base - 6)
                                       : std::ldexp(any, base - kind);
      x.push_back(static_cast<float>(value));
    }
    const auto expected = golden::quantize_activations(x, m, k, bits, block);
    ASSERT_TRUE(expected) << expected.error();
    std::vector<std::int8_t> values(x.size(), 99), scales(expected->scales.size(), 99);
    ASSERT_EQ(msq_quantize(x.data(), nullptr, static_cast<std::size_t>(m), static_cast<std::size_t>(k),
                           static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(block), values.data(),
                           scales.data()),
              MSQ_OK);
    ASSERT_EQ(values, expected->values) << i;
    ASSERT_EQ(scales, expected->scales) << i;
  }
}

TEST(DriverQuantize, Refusals) {
  const float infinite = std::numeric_limits<float>::infinity(), one = 1, zero = 0;
  std::int8_t value = 0, scale = 0;
  const auto status = [&](float x, const float* scales, std::uint32_t bits, std::uint32_t block) {
    return msq_quantize(&x, scales, 1, 1, bits, block, &value, &scale);
  };
  EXPECT_EQ(status(3, &one, 8, 32), MSQ_OK);
  EXPECT_EQ(value, 96);
  EXPECT_EQ(scale, -5);
  EXPECT_EQ(status(infinite, nullptr, 8, 32), MSQ_E_ACTIVATION_FINITE);
  EXPECT_EQ(status(std::numeric_limits<float>::quiet_NaN(), nullptr, 8, 32), MSQ_E_ACTIVATION_FINITE);
  EXPECT_EQ(status(1, &zero, 8, 32), MSQ_E_ACTIVATION_FINITE);
  EXPECT_EQ(status(1, nullptr, 5, 32), MSQ_E_ACTIVATION_BITS);
  EXPECT_EQ(status(1, nullptr, 8, 31), MSQ_E_ACTIVATION_BLOCK);
}

}  // namespace
}  // namespace msq::tests
