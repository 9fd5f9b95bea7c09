#include <gtest/gtest.h>

#include <array>
#include <random>

#include "gen/config/load.hpp"
#include "gen/config/serialize.hpp"
#include "gen/config/validate.hpp"

namespace msq {
namespace {

constexpr std::array<std::string_view, 28> kTokens = {"{",          "}",           "[",
                                                      "]",          ",",           ":",
                                                      "\"",         "null",        "true",
                                                      "-1",         "0",           "3",
                                                      "4",          "8",           "16",
                                                      "1e999",      "8.0",         "99999999999",
                                                      "1000000000", "-2147483649", "\\u0",
                                                      "\xff",       "/**/",        "\"recon\"",
                                                      "\"none\"",   "\"units\"",   "\"acc_bits\":9",
                                                      "\"rows\":4"};

std::string mutate(std::string text, std::mt19937& random) {
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  for (std::size_t edits = 1 + below(3); edits > 0 && !text.empty(); --edits) {
    const std::size_t at = below(text.size());
    const std::size_t length = std::min(text.size() - at, 1 + below(8));
    switch (below(5)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, kTokens[below(kTokens.size())]);
        break;
      case 3:
        text.insert(at, text.substr(below(text.size()), length));
        break;
      default:  // a number for a number reaches deeper than a broken syntax
        if (const std::size_t digit = text.find_first_of("0123456789", at); digit != std::string::npos) {
          text.replace(digit, 1, kTokens[9 + below(11)]);
        }
        break;
    }
  }
  return text;
}

// For any text the result is a valid configuration or a message that begins with the source.
TEST(ParseFuzz, NeverCrashesAndNeverReturnsAnInvalidConfig) {
  Config narrow;
  narrow.acc_bits = 20;
  Config full;
  full.encoding = Encoding::full_range;
  full.outliers_per_block = 1;
  full.fraction_bits = 1;
  Config recon;
  recon.outlier_path = OutlierPath::recon;
  const std::array<std::string, 5> seeds = {to_json(Config{}), to_json(recon), to_json(narrow),
                                            to_json(none_twin(narrow, Twin::same_sum_width)), to_json(full)};
  int accepted = 0;
  int refused = 0;
  for (unsigned seed = 0; seed < 60'000; ++seed) {
    std::mt19937 random(seed);
    const std::string text = mutate(seeds[seed % seeds.size()], random);
    const auto result = parse_config(text, "fuzz");
    if (!result) {
      ++refused;
      ASSERT_EQ(result.error().rfind("fuzz: ", 0), 0U) << "seed " << seed << ": " << result.error() << "\n"
                                                       << text;
      ASSERT_NE(result.error().find("allowed: "), std::string::npos)
          << "seed " << seed << ": " << result.error();
      ASSERT_LT(result.error().size(), 600U) << "seed " << seed << ": " << result.error();
      continue;
    }
    ++accepted;
    ASSERT_TRUE(validate(*result)) << "seed " << seed << "\n" << text;
    ASSERT_EQ(parse_config(to_json(*result), "again"), *result) << "seed " << seed << "\n" << text;
  }
  EXPECT_GT(accepted, 800);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace msq
