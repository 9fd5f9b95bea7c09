#include "golden/exec/permutation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <random>
#include <stdexcept>

namespace msq::golden {
namespace {

std::vector<int> identity(int ways) {
  std::vector<int> order(static_cast<std::size_t>(ways));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

TEST(Permutation, EveryOneOfTwoFourAndEight) {
  for (const int ways : {2, 4, 8}) {
    std::vector<int> order = identity(ways);
    do {
      ASSERT_EQ(apply_settings(permuter_settings(order), ways), order);
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST(Permutation, RandomOnesOfMany) {
  std::mt19937 random(3);
  for (int ways = 16; ways <= 128; ways *= 2) {
    for (int i = 0; i < 300; ++i) {
      std::vector<int> order = identity(ways);
      std::shuffle(order.begin(), order.end(), random);
      const auto settings = permuter_settings(order);
      const auto stages = static_cast<std::size_t>(2 * std::countr_zero(static_cast<unsigned>(ways)) - 1);
      ASSERT_EQ(settings.size(), stages * static_cast<std::size_t>(ways) / 2);
      ASSERT_EQ(apply_settings(settings, ways), order);
    }
  }
}

TEST(Permutation, IdentityExchangesNothing) {
  for (int ways = 2; ways <= 128; ways *= 2) {
    const auto settings = permuter_settings(identity(ways));
    EXPECT_EQ(std::count(settings.begin(), settings.end(), 1), 0) << ways;
  }
}

TEST(Permutation, RefusesWhatIsNone) {
  EXPECT_THROW(static_cast<void>(permuter_settings(std::vector<int>{})), std::logic_error);
  EXPECT_THROW(static_cast<void>(permuter_settings(std::vector<int>{0})), std::logic_error);
  EXPECT_THROW(static_cast<void>(permuter_settings(std::vector<int>{0, 1, 2})), std::logic_error);
  EXPECT_THROW(static_cast<void>(permuter_settings(std::vector<int>{0, 0})), std::logic_error);
  EXPECT_THROW(static_cast<void>(permuter_settings(std::vector<int>{0, 2})), std::logic_error);
  EXPECT_THROW(static_cast<void>(permuter_settings(std::vector<int>{-1, 0})), std::logic_error);
}

}  // namespace
}  // namespace msq::golden
