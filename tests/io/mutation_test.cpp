#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include "check_reader.hpp"
#include "golden/io/safetensors.hpp"
#include "onnx_writer.hpp"
#include "seeds.hpp"

// Thousands of damaged files, always the same ones, read under AddressSanitizer and
// UndefinedBehaviorSanitizer: every file must give an error or a valid result, and memory in proportion to
// its length.

/// Of the AddressSanitizer run time; gcc ships it without the header that declares it.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void* pointer,
                                                                             std::size_t size),
                                                         void (*free_hook)(const volatile void* pointer));

namespace msq::golden::testing {
namespace {

std::size_t allocated = 0;  // bytes asked for since the last reset, freed ones included
void count_allocation(const volatile void* /*pointer*/, std::size_t size) { allocated += size; }
void ignore_free(const volatile void* /*pointer*/) {}

/// Once: hooks that are installed again count again.
void install_hooks() {
  static const int kInstalled = __sanitizer_install_malloc_and_free_hooks(count_allocation, ignore_free);
  EXPECT_NE(kInstalled, 0);
}

/// Sum of all allocations while `read` looks at a file.
template <class F>
std::size_t allocated_by(F&& read) {
  install_hooks();
  allocated = 0;
  read();
  return allocated;
}

constexpr std::array<const char*, 24> kSplices{"0",
                                               "-1",
                                               "1",
                                               "255",
                                               "4294967296",
                                               "9223372036854775807",
                                               "18446744073709551615",
                                               "1e99",
                                               "[",
                                               "]",
                                               "{",
                                               "}",
                                               "(",
                                               ")",
                                               ",",
                                               ":",
                                               "\"",
                                               "'",
                                               "<f8",
                                               "F16",
                                               "F64",
                                               "__metadata__",
                                               "data_offsets",
                                               "True"};

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : engine_() % limit; }

  /// One damage. Positions lean towards the front, where the lengths and the header are.
  void damage(std::string& file, const std::vector<std::string>& seeds) {
    const std::size_t range = below(2) == 0 ? std::min<std::size_t>(file.size(), 16) : file.size();
    const std::size_t position = below(range);
    switch (below(8)) {
      case 0:
        flip(file, position);
        break;
      case 1:
        file.resize(below(file.size() + 1));
        break;
      case 2:
        overwrite_length(file, position);
        break;
      case 3:
        file.insert(position, kSplices[below(kSplices.size())]);
        break;
      case 4:
        file.erase(position, 1 + below(8));
        break;
      case 5:
        replace_number(file);
        break;
      case 6:
        splice(file, seeds[below(seeds.size())]);
        break;
      default:
        file.append(below(64), static_cast<char>(below(256)));
        break;
    }
  }

 private:
  void flip(std::string& file, std::size_t position) {
    if (!file.empty()) {
      file[position] = static_cast<char>(file[position] ^ (1 << below(8)));
    }
  }

  /// An extreme value in one of the sizes a length field can have.
  void overwrite_length(std::string& file, std::size_t position) {
    const std::array<std::uint64_t, 8> values{
        0, 1, 0x7F, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, ~std::uint64_t{0} >> 1, ~std::uint64_t{0}};
    const std::uint64_t value = values[below(values.size())] - below(2);
    const std::size_t width = std::size_t{1} << below(4);
    if (position + width <= file.size()) {
      std::memcpy(file.data() + position, &value, width);
    }
  }

  /// One of the decimal numbers in the text becomes another: shapes, offsets and their like.
  void replace_number(std::string& file) {
    const std::size_t start = file.find_first_of("0123456789", below(file.size()));
    if (start == std::string::npos) {
      return;
    }
    const std::size_t end = file.find_first_not_of("0123456789", start);
    const std::size_t length = (end == std::string::npos ? file.size() : end) - start;
    file.replace(start, length, below(2) == 0 ? kSplices[below(8)] : std::to_string(below(64)).c_str());
  }

  void splice(std::string& file, const std::string& other) {
    const std::size_t begin = below(other.size());
    file.replace(below(file.size()), below(32), other, begin, below(other.size() - begin));
  }

  std::mt19937 engine_;
};

/// A safetensors header that fits the file again, so that damage reaches the code behind the length check.
void repair_length(std::string& file) {
  const std::size_t end = file.rfind('}');
  if (end != std::string::npos && end >= 8) {
    const std::uint64_t length = end - 7;
    std::memcpy(file.data(), &length, sizeof(length));
  }
}

struct Counts {
  int files = 0;
  int accepted = 0;
};

template <class Check>
Counts mutate(const std::vector<std::string>& seeds, int files, bool repair, Check&& check) {
  constexpr std::uint32_t kSeed = 20240;
  Mutator mutator(kSeed);
  Counts counts;
  for (int i = 0; i < files; ++i) {
    std::string file = seeds[static_cast<std::size_t>(i) % seeds.size()];
    for (std::size_t damages = 1 + mutator.below(3); damages > 0; --damages) {
      mutator.damage(file, seeds);
    }
    if (repair && mutator.below(2) == 0) {
      repair_length(file);
    }
    const std::string exact(file.data(), file.size());  // no spare capacity: an overrun is caught
    bool accepted = false;
    const std::size_t memory = allocated_by([&] { accepted = check(std::as_bytes(std::span(exact))); });
    counts.accepted += accepted ? 1 : 0;
    ++counts.files;
    // A damaged header can turn bytes into list elements of 32 to 100 bytes each; errors and names add a
    // constant.
    EXPECT_LE(memory, 100 * exact.size() + 16384) << "seed " << kSeed << ", file " << i;
    if (::testing::Test::HasFailure()) {
      break;
    }
  }
  return counts;
}

TEST(Mutation, Npy) {
  const Counts counts = mutate(npy_seeds(), 40000, false, check_npy);
  std::printf("%d damaged .npy files, %d of them still readable\n", counts.files, counts.accepted);
  EXPECT_GT(counts.accepted,
            counts.files / 100);  // damage that never leaves a valid file would test one check only
  EXPECT_LT(counts.accepted, counts.files * 2 / 3);
}

TEST(Mutation, Safetensors) {
  const Counts counts = mutate(safetensors_seeds(), 40000, true, check_safetensors);
  std::printf("%d damaged .safetensors files, %d of them still readable\n", counts.files, counts.accepted);
  EXPECT_GT(counts.accepted, counts.files / 100);
  EXPECT_LT(counts.accepted, counts.files * 2 / 3);
}

TEST(Mutation, Onnx) {
  const Counts counts = mutate(onnx_seeds(), 40000, false, check_onnx);
  std::printf("%d damaged .onnx files, %d of them still readable\n", counts.files, counts.accepted);
  EXPECT_GT(counts.accepted, counts.files / 100);
  EXPECT_LT(counts.accepted, counts.files * 2 / 3);
}

TEST(Mutation, EveryBitOfEverySeed) {
  struct Format {
    std::vector<std::string> seeds;
    bool (*check)(std::span<const std::byte>);
  };
  for (const Format& format : {Format{npy_seeds(), check_npy}, Format{safetensors_seeds(), check_safetensors},
                               Format{onnx_seeds(), check_onnx}}) {
    for (const std::string& seed : format.seeds) {
      for (std::size_t bit = 0; bit < seed.size() * 8; ++bit) {
        std::string file = seed;
        file[bit / 8] = static_cast<char>(file[bit / 8] ^ (1 << (bit % 8)));
        const auto bytes = std::as_bytes(std::span(file));
        const std::size_t memory = allocated_by([&] { (void)format.check(bytes); });
        ASSERT_LE(memory, 100 * file.size() + 16384) << "bit " << bit;
      }
    }
  }
}

/// Models that are all syntax: memory must stay in proportion.
TEST(Mutation, DenseModels) {
  std::string empty_nodes;
  std::string products;
  std::string tensors;
  for (int i = 0; i < 20000; ++i) {
    empty_nodes += onnx::block(1, "");
    products += onnx::block(1, onnx::node("MatMul", {"", "w"}, ""));
    tensors += onnx::block(5, onnx::block(8, std::to_string(i)));
  }
  for (const std::string& body : {empty_nodes, products, tensors}) {
    const std::string file = onnx::model(body);
    bool accepted = false;
    const std::size_t memory = allocated_by([&] { accepted = check_onnx(std::as_bytes(std::span(file))); });
    EXPECT_TRUE(accepted);
    // An empty tensor is 8 bytes of the file; its name and the reason to leave it out are kept.
    EXPECT_LE(memory, 250 * file.size());
  }
}

/// Headers that are all syntax: memory must stay in proportion.
TEST(Mutation, DenseHeaders) {
  std::string many = "{";
  for (int i = 0; i < 20000; ++i) {
    many += "\"" + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)";
  }
  many.back() = '}';
  const std::string text = "{\"a\":{\"shape\":[" + std::string(400000, '[');
  std::string metadata = R"({"__metadata__":{)";
  for (int i = 0; i < 20000; ++i) {
    metadata += "\"" + std::to_string(i) + "\":\"\",";
  }
  metadata.back() = '}';
  metadata += '}';
  const std::string long_name = "{\"" + std::string(1000000, 'x') + "\":1}";
  const std::array<std::pair<std::string, bool>, 4> headers{
      {{many, true}, {text, false}, {metadata, true}, {long_name, false}}};
  for (const auto& [header, valid] : headers) {
    const std::string file = safetensors_file(header, "");
    bool accepted = false;
    const std::size_t memory =
        allocated_by([&] { accepted = check_safetensors(std::as_bytes(std::span(file))); });
    EXPECT_EQ(accepted, valid) << header.substr(0, 40);
    EXPECT_LE(memory, 40 * file.size()) << header.substr(0, 40);
  }
}

}  // namespace
}  // namespace msq::golden::testing
