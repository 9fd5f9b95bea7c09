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
      ASSERT_EQ(apply_settings(permuter_settings(order, benes_network(ways)), benes_network(ways)), order);
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST(Permutation, RandomOnesOfMany) {
  std::mt19937 random(3);
  for (int ways = 16; ways <= 128; ways *= 2) {
    for (int i = 0; i < 300; ++i) {
      std::vector<int> order = identity(ways);
      std::shuffle(order.begin(), order.end(), random);
      const auto settings = permuter_settings(order, benes_network(ways));
      const auto stages = static_cast<std::size_t>(2 * std::countr_zero(static_cast<unsigned>(ways)) - 1);
      ASSERT_EQ(settings.size(), stages * static_cast<std::size_t>(ways) / 2);
      ASSERT_EQ(apply_settings(settings, benes_network(ways)), order);
    }
  }
}

TEST(Permutation, IdentityExchangesNothing) {
  for (int ways = 2; ways <= 128; ways *= 2) {
    const auto settings = permuter_settings(identity(ways), benes_network(ways));
    EXPECT_EQ(std::count(settings.begin(), settings.end(), 1), 0) << ways;
  }
}

TEST(Permutation, RefusesWhatIsNone) {
  EXPECT_THROW(static_cast<void>(permuter_settings(std::vector<int>{}, benes_network(2))), std::logic_error);
  EXPECT_THROW(static_cast<void>(permuter_settings(std::vector<int>{0}, benes_network(2))), std::logic_error);
  EXPECT_THROW(static_cast<void>(permuter_settings(std::vector<int>{0, 1, 2}, benes_network(2))),
               std::logic_error);
  EXPECT_THROW(static_cast<void>(permuter_settings(std::vector<int>{0, 0}, benes_network(2))),
               std::logic_error);
  EXPECT_THROW(static_cast<void>(permuter_settings(std::vector<int>{0, 2}, benes_network(2))),
               std::logic_error);
  EXPECT_THROW(static_cast<void>(permuter_settings(std::vector<int>{-1, 0}, benes_network(2))),
               std::logic_error);
}

// Every setting of a network that goes through its bits once gives an order that its own settings give back.
TEST(Permutation, EverySettingOfOnePass) {
  for (const Permuter& p : {Permuter{.ways = 8, .first = 1, .bits = 2, .benes = false},
                            Permuter{.ways = 16, .first = 2, .bits = 1, .benes = false},
                            Permuter{.ways = 8, .first = 0, .bits = 3, .benes = false}}) {
    std::vector<std::uint8_t> settings(static_cast<std::size_t>(p.settings()));
    for (std::uint32_t value = 0; value >> p.settings() == 0; ++value) {
      for (std::size_t i = 0; i < settings.size(); ++i) settings[i] = value >> i & 1U;
      const std::vector<int> order = apply_settings(settings, p);
      ASSERT_EQ(permuter_settings(order, p), settings);
      for (std::size_t place = 0; place < order.size(); ++place)
        ASSERT_EQ((order[place] ^ static_cast<int>(place)) & ~(((1 << p.bits) - 1) << p.first), 0);
    }
  }
}

TEST(Permutation, OnePassDoesNotReachEveryOrder) {
  const Permuter p{.ways = 4, .first = 0, .bits = 2, .benes = false};
  int reached = 0;
  std::vector<int> order = identity(4);
  do {
    try {
      reached += apply_settings(permuter_settings(order, p), p) == order ? 1 : 0;
    } catch (const std::logic_error&) {
      continue;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(reached, 16);  // 2^4 settings of 24 orders
}

}  // namespace
}  // namespace msq::golden
