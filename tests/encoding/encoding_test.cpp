// Rules of every encoding, for every code, every pair of halves and a grid of weights, against
// values written down here from docs/reference/numerics.md.

#include "golden/encoding/encoding.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "golden/quantize/option_names.hpp"
#include "golden/quantize/validate.hpp"

namespace msq::golden {
namespace {

/// Value of an inlier code in steps; nothing if the code is no inlier.
std::optional<int> contract_inlier(const Format& format, int code) {
  const int half = 1 << (format.bits - 1);
  if (code >= 2 * half) return std::nullopt;
  switch (format.encoding) {
    case Encoding::paper:
      if (code == half) return std::nullopt;
      return code < half ? code : half - code;
    case Encoding::full_range:
      return code < half ? code : code - 2 * half;
  }
  return std::nullopt;
}

/// Integer of an outlier; nothing if the codes are no halves of one.
std::optional<int> contract_outlier(const Format& format, int upper, int lower) {
  const int sign = 1 << (format.bits - 1);
  if (upper >= 2 * sign || lower >= 2 * sign) return std::nullopt;
  switch (format.encoding) {
    case Encoding::paper: {
      const int half_range = 1 << (format.bits / 2);
      if (upper % sign >= half_range || lower % sign >= half_range || upper / sign != lower / sign)
        return std::nullopt;
      const int significand = (1 << format.bits) + upper % sign * half_range + lower % sign;
      return upper < sign ? significand : -significand;
    }
    case Encoding::full_range: {
      const int field = upper * 2 * sign + lower;
      return upper < sign ? field : field - 4 * sign * sign;
    }
  }
  return std::nullopt;
}

class EveryEncoding : public testing::TestWithParam<std::tuple<Encoding, int>> {
 protected:
  EveryEncoding() {
    format_.bits = std::get<int>(GetParam());
    format_.encoding = std::get<Encoding>(GetParam());
  }
  Format format_;
};

TEST_P(EveryEncoding, GivesEveryCodeItsValue) {
  int least = 0;
  int largest = 0;
  for (int code = 0; code < 256; ++code) {
    const auto expected = contract_inlier(format_, code);
    const auto byte = static_cast<std::uint8_t>(code);
    ASSERT_EQ(is_inlier(format_, byte), expected.has_value()) << code;
    if (!expected) continue;
    EXPECT_EQ(inlier_value(format_, byte), *expected) << code;
    EXPECT_EQ(inlier_code(format_, *expected), code);
    least = std::min(least, *expected);
    largest = std::max(largest, *expected);
    with_rules(format_, [&](auto rules) {
      EXPECT_EQ(rules.reference_inlier(format_, byte), *expected << format_.fraction_bits) << code;
    });
  }
  EXPECT_EQ(qmin(format_), least);
  EXPECT_EQ(qmax(format_), largest);
}

TEST_P(EveryEncoding, GivesEveryPairOfHalvesItsValue) {
  int largest = 0;
  for (int upper = 0; upper < 256; ++upper) {
    for (int lower = 0; lower < 256; ++lower) {
      const Halves halves{static_cast<std::uint8_t>(upper), static_cast<std::uint8_t>(lower)};
      const auto expected = contract_outlier(format_, upper, lower);
      const bool valid =
          is_half(format_, halves.upper) && is_half(format_, halves.lower) && halves_agree(format_, halves);
      ASSERT_EQ(valid, expected.has_value()) << upper << ' ' << lower;
      if (!expected) continue;
      ASSERT_EQ(outlier_integer(format_, halves), *expected) << upper << ' ' << lower;
      ASSERT_EQ(outlier_halves(format_, *expected), halves);
      with_rules(format_, [&](auto rules) {
        ASSERT_EQ(rules.reference_outlier(format_, halves), *expected) << upper << ' ' << lower;
      });
      const auto [hidden, high, low, shift] = outlier_operands(format_, halves);
      for (int x = -127; x <= 127; ++x)
        ASSERT_EQ(hidden * x + ((high * x) << shift) + low * x, *expected * x);
      largest = std::max(largest, std::abs(*expected));
    }
  }
  EXPECT_EQ(outlier_max(format_), largest);
}

/// The value among `integers` (ascending) nearest to `ratio`; of two the even one.
int nearest_of(const std::vector<int>& integers, double ratio) {
  int best = integers.front();
  for (const int candidate : integers) {
    const double gain = std::fabs(ratio - best) - std::fabs(ratio - candidate);
    if (gain > 0 || (gain == 0 && candidate % 2 == 0)) best = candidate;
  }
  return best;
}

TEST_P(EveryEncoding, RoundsWeightsToTheNearestCode) {
  std::vector<int> inliers;
  for (int q = qmin(format_); q <= qmax(format_); ++q) inliers.push_back(q);
  for (int i = -1000; i <= 1000; ++i) {
    const double weight = i / 64.0;
    for (const double step : {1.0, 0.5, -1.0}) {
      ASSERT_EQ(nearest_inlier(format_, weight, step), nearest_of(inliers, weight / step))
          << weight << ' ' << step;
    }
  }
}

TEST_P(EveryEncoding, RoundsWeightsToTheNearestOutlier) {
  // Sorted by value; the gap of `paper` around zero is decided by the weight's sign.
  std::vector<int> positive;
  std::vector<int> all;
  for (int integer = -outlier_max(format_); integer <= outlier_max(format_); ++integer) {
    for (int upper = 0; upper < 1 << format_.bits; ++upper) {
      for (int lower = 0; lower < 1 << format_.bits; ++lower) {
        if (contract_outlier(format_, upper, lower) != integer) continue;
        all.push_back(integer);
        if (integer > 0) positive.push_back(integer);
      }
    }
  }
  const bool gap = std::find(all.begin(), all.end(), 0) == all.end();
  for (int i = -8000; i <= 8000; ++i) {
    const double weight = i / 32.0;
    const int expected = !gap         ? nearest_of(all, weight)
                         : weight < 0 ? -nearest_of(positive, -weight)
                                      : nearest_of(positive, weight);
    ASSERT_EQ(nearest_outlier(format_, weight, 1.0), expected) << weight;
  }
}

TEST_P(EveryEncoding, ShiftsThatAreNeededDoNotClamp) {
  for (int i = 1; i <= 4000; ++i) {
    for (const double weight : {i / 16.0, -i / 16.0}) {
      const int shift = needed_shift(format_, weight, 1.0, 15);
      const double unit = outlier_unit(format_, 1.0, shift);
      const double error = std::fabs(weight - nearest_outlier(format_, weight, unit) * unit);
      const bool small = std::fabs(weight) < unit * (1 << format_.bits);
      ASSERT_TRUE(error <= unit || (shift == 0 && small)) << weight << " shift " << shift;
    }
  }
}

TEST_P(EveryEncoding, HasANameAndFieldsThatCanBeChosen) {
  const std::string name(encoding_name(format_.encoding));
  EXPECT_FALSE(name.empty());
  EXPECT_EQ(option_value<Encoding>(name), format_.encoding);
  EXPECT_TRUE(validate(format_)) << name << " with the defaults of all fields";
  Format wanted = format_;
  wanted.list_entries = 2;
  wanted.shift_bits = 4;
  wanted.fraction_bits = 1;
  wanted.scale_mantissa_bits = 3;
  wanted.identifier_group = 8;
  const Format settled = with_fixed_fields(wanted);
  EXPECT_TRUE(validate(settled)) << validate(settled).error();
  EXPECT_EQ(settled.identifier_group, 8);
  EXPECT_EQ(settled == wanted, encoding_fields(format_.encoding).size() == 4);
}

INSTANTIATE_TEST_SUITE_P(All, EveryEncoding,
                         testing::Combine(testing::ValuesIn(kEncodings), testing::Values(2, 4)),
                         [](const auto& tested) {
                           return fmt::format("{}_{}_bits", encoding_name(std::get<Encoding>(tested.param)),
                                              std::get<int>(tested.param));
                         });

TEST(Encodings, FieldsAreThoseOfTheContract) {
  EXPECT_TRUE(encoding_fields(Encoding::paper).empty());
  std::vector<std::string_view> names;
  for (const FormatField& field : encoding_fields(Encoding::full_range)) names.push_back(field.name);
  EXPECT_EQ(names, (std::vector<std::string_view>{"list_entries", "shift_bits", "fraction_bits",
                                                  "scale_mantissa_bits"}));
}

TEST(Encodings, OnlyPaperHasMacroBlocksAlongN) {
  EXPECT_TRUE(validate(Axis::output, Encoding::paper));
  EXPECT_TRUE(validate(Axis::reduction, Encoding::full_range));
  EXPECT_EQ(validate(Axis::output, Encoding::full_range).error(),
            "axis is output; encoding full_range allows reduction only");
}

TEST(OptionNames, AreListedForMessages) {
  EXPECT_EQ(option_list<Encoding>(), "paper, full_range");
  EXPECT_EQ(option_list<OutlierRule>(), "sigma, demote, error");
  EXPECT_EQ(option_name(Axis::output), "output");
  EXPECT_EQ(option_value<Axis>("outputs"), std::nullopt);
}

}  // namespace
}  // namespace msq::golden
