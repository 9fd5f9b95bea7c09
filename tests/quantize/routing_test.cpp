#include "golden/quantize/routing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <stdexcept>

#include "golden/quantize/quantizer.hpp"
#include "tests/quantize/brute_force.hpp"

namespace msq::golden {
namespace {

struct Count {
  int sets = 0;
  int without_pairing = 0;
};

// All (outlier set, pruned set) combinations against the simulation, pairing by pairing.
std::map<std::size_t, Count> exhaust(int micro_block) {
  std::map<std::size_t, Count> counts;
  const Positions all = range(micro_block);
  for (std::size_t size = 1; size <= all.size() / 2; ++size) {
    for (const Positions& outliers : subsets(all, size)) {
      for (const Positions& pruned : subsets(without(all, outliers), size)) {
        const auto expected = first_pairing_by_permutation(outliers, pruned, micro_block);
        EXPECT_EQ(first_routable_pairing(outliers, pruned, micro_block), expected)
            << "outliers " << show(outliers) << "pruned " << show(pruned);
        counts[size].sets += 1;
        counts[size].without_pairing += expected ? 0 : 1;
      }
    }
  }
  return counts;
}

TEST(Routing, EightPositionsExhaustively) {
  auto counts = exhaust(8);
  EXPECT_EQ(counts[1].sets, 56);
  EXPECT_EQ(counts[1].without_pairing, 0);
  EXPECT_EQ(counts[2].sets, 420);
  EXPECT_EQ(counts[2].without_pairing, 40);
  EXPECT_EQ(counts[3].sets, 560);
  EXPECT_EQ(counts[3].without_pairing, 40);
  EXPECT_EQ(counts[4].sets, 70);
  EXPECT_EQ(counts[4].without_pairing, 0);
}

TEST(Routing, FourPositionsExhaustively) {
  auto counts = exhaust(4);
  EXPECT_EQ(counts[1].sets, 12);
  EXPECT_EQ(counts[1].without_pairing, 0);
  EXPECT_EQ(counts[2].sets, 6);
  EXPECT_EQ(counts[2].without_pairing, 0);
}

TEST(Routing, EveryListOfEightPositionsAgainstSimulation) {
  // Every pairing, not only the first routable one.
  const Positions all = range(8);
  int routes = 0;
  for (std::size_t size = 1; size <= 4; ++size) {
    for (const Positions& outliers : subsets(all, size)) {
      for (Positions pruned : subsets(without(all, outliers), size)) {
        do {
          std::vector<OutlierPair> pairs;
          for (std::size_t i = 0; i < size; ++i) pairs.push_back({outliers[i], pruned[i]});
          const bool expected = simulate(pairs, 8);
          ASSERT_EQ(routable(pairs, 8), expected) << "outliers " << show(outliers) << "to " << show(pruned);
          routes += expected ? 1 : 0;
        } while (std::next_permutation(pruned.begin(), pruned.end()));
      }
    }
  }
  EXPECT_GT(routes, 56);
}

TEST(Routing, RandomListsOfSixteenPositionsAgainstSimulation) {
  std::mt19937 random(16);
  int routes = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    Positions order = range(16);
    std::shuffle(order.begin(), order.end(), random);
    const std::size_t size = 1 + random() % 8;
    std::vector<OutlierPair> pairs;
    pairs.reserve(size);
    for (std::size_t i = 0; i < size; ++i) pairs.push_back({order[2 * i], order[2 * i + 1]});
    const bool expected = simulate(pairs, 16);
    ASSERT_EQ(routable(pairs, 16), expected) << "seed 16, trial " << trial;
    routes += expected ? 1 : 0;
  }
  EXPECT_GT(routes, 1000);
  EXPECT_LT(routes, 19000);
}

TEST(Routing, RandomSetsOfSixteenPositions) {
  std::mt19937 random(17);
  for (int trial = 0; trial < 1500; ++trial) {
    Positions order = range(16);
    std::shuffle(order.begin(), order.end(), random);
    const auto size = static_cast<std::ptrdiff_t>(1 + random() % 6);
    Positions outliers(order.begin(), order.begin() + size);
    std::sort(outliers.begin(), outliers.end());
    const Positions pruned(order.begin() + size, order.begin() + 2 * size);
    ASSERT_EQ(first_routable_pairing(outliers, pruned, 16),
              first_pairing_by_permutation(outliers, pruned, 16))
        << "seed 17, trial " << trial << ", outliers " << show(outliers) << "pruned " << show(pruned);
  }
}

// How many outlier sets of each size have no routable set of pruned positions.
std::map<std::size_t, int> hopeless(int micro_block) {
  std::map<std::size_t, int> counts;
  const Positions all = range(micro_block);
  for (std::size_t size = 1; size <= all.size() / 2; ++size) {
    for (const Positions& outliers : subsets(all, size)) {
      if (!has_routable_choice(outliers, micro_block)) counts[size] += 1;
    }
  }
  return counts;
}

TEST(Routing, AChoiceExistsExceptForSomeLargeSetsOfSixteen) {
  EXPECT_TRUE(hopeless(4).empty());
  EXPECT_TRUE(hopeless(8).empty());
  EXPECT_EQ(hopeless(16), (std::map<std::size_t, int>{{7, 16}, {8, 416}}));
}

TEST(Routing, HopelessSetOfSixteenByBruteForce) {
  const Positions all = range(16);
  for (const Positions& outliers : subsets(all, 7)) {
    if (has_routable_choice(outliers, 16)) continue;
    EXPECT_FALSE(choose_pruned(outliers, std::vector<double>(16, 1.0), 16));
    for (const Positions& pruned : subsets(without(all, outliers), 7)) {
      ASSERT_FALSE(first_pairing_by_permutation(outliers, pruned, 16))
          << show(outliers) << "/ " << show(pruned);
    }
    return;  // one of the sixteen sets is 36 * 5040 simulations
  }
  FAIL() << "no hopeless set of seven";
}

void compare_choices(int micro_block, std::size_t most, int trials, unsigned seed) {
  std::mt19937 random(seed);
  for (int trial = 0; trial < trials; ++trial) {
    Positions outliers = range(micro_block);
    std::shuffle(outliers.begin(), outliers.end(), random);
    outliers.resize(1 + random() % most);
    std::sort(outliers.begin(), outliers.end());
    // Few different values give many ties; the others test the totals.
    const bool ties = trial % 2 == 0;
    std::vector<double> saliency;
    saliency.reserve(static_cast<std::size_t>(micro_block));
    for (int i = 0; i < micro_block; ++i) {
      saliency.push_back(ties ? static_cast<double>(random() % 3)
                              : static_cast<double>(random() % 100000) / 3.0);
    }
    const auto expected = choose_by_exhaustion(outliers, saliency, micro_block);
    const auto found = choose_pruned(outliers, saliency, micro_block);
    ASSERT_EQ(found.has_value(), expected.has_value()) << "seed " << seed << ", trial " << trial;
    if (!expected) continue;
    ASSERT_EQ(found->pruned, expected->pruned)
        << "seed " << seed << ", trial " << trial << ": " << show(outliers);
    ASSERT_EQ(found->pairs, expected->pairs)
        << "seed " << seed << ", trial " << trial << ": " << show(outliers);
    ASSERT_EQ(found->saliency, expected->total) << "seed " << seed << ", trial " << trial;
  }
}

TEST(ChoosePruned, AgainstExhaustion) {
  compare_choices(4, 2, 2000, 4);
  compare_choices(8, 4, 6000, 8);
  compare_choices(16, 4, 150, 16);
}

TEST(ChoosePruned, SkipsTheLeastSalientSetIfItDoesNotRoute) {
  // Find such a case among all (2, 2) sets: make the unroutable set free, everything else expensive.
  const Positions all = range(8);
  int cases = 0;
  for (const Positions& outliers : subsets(all, 2)) {
    for (const Positions& pruned : subsets(without(all, outliers), 2)) {
      if (first_pairing_by_permutation(outliers, pruned, 8)) continue;
      std::vector<double> saliency(8, 1.0);
      for (const std::uint8_t position : pruned) saliency[position] = 0.0;
      const auto choice = choose_pruned(outliers, saliency, 8);
      ASSERT_TRUE(choice);
      EXPECT_NE(choice->pruned, pruned);
      EXPECT_EQ(choice->saliency, 1.0) << "one free and one expensive position must do";
      ++cases;
    }
  }
  EXPECT_EQ(cases, 40);
}

TEST(ChoosePruned, AnywhereTakesTheLeastSalientSetAndRoutesItIfItCan) {
  const Positions all = range(8);
  std::map<bool, int> sets;
  for (const Positions& outliers : subsets(all, 2)) {
    for (const Positions& pruned : subsets(without(all, outliers), 2)) {
      std::vector<double> saliency(8, 1.0);
      for (const std::uint8_t position : pruned) saliency[position] = 0.25;
      const PruneChoice choice = choose_pruned_anywhere(outliers, saliency, 8);
      ASSERT_EQ(choice.pruned, pruned);
      ASSERT_EQ(choice.saliency, 0.5);
      const bool routes = routable(choice.pairs, 8);
      ASSERT_EQ(routes, first_pairing_by_permutation(outliers, pruned, 8).has_value());
      ++sets[routes];
    }
  }
  EXPECT_EQ(sets, (std::map<bool, int>{{false, 40}, {true, 380}}));
}

TEST(ChoosePruned, TensorsOfTheMeasurementWithoutRoutabilityDoNotValidateIfTheyDoNotRoute) {
  // Columns of +-1 with two outliers in row 0, where the two weights of 0.5 are cheapest to prune.
  const Positions all = range(8);
  int refused = 0;
  for (const Positions& outliers : subsets(all, 2)) {
    for (const Positions& pruned : subsets(without(all, outliers), 2)) {
      std::vector<float> weights(8 * 32);
      for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = i / 8 % 2 == 0 ? 1.0F : -1.0F;
      for (const std::uint8_t i : outliers) weights[i] = 10.0F;
      for (const std::uint8_t i : pruned) weights[i] = 0.5F;
      const bool routes = first_pairing_by_permutation(outliers, pruned, 8).has_value();
      QuantizerOptions options;
      const auto bound = quantize(weights, 32, 8, options);
      options.routable = false;
      const auto free = quantize(weights, 32, 8, options);
      ASSERT_TRUE(bound && free);
      ASSERT_EQ(free->tensor.block(0, 0).pairs.size(), 2U);
      EXPECT_TRUE(validate(bound->tensor));
      EXPECT_EQ(validate(free->tensor).has_value(), routes);
      EXPECT_EQ(free->tensor == bound->tensor, routes);
      refused += routes ? 0 : 1;
    }
  }
  EXPECT_EQ(refused, 40);
}

TEST(Routing, MalformedListsDoNotRoute) {
  const auto route = [](std::vector<OutlierPair> pairs, int micro_block) {
    return routable(pairs, micro_block);
  };
  EXPECT_TRUE(route({}, 8));
  EXPECT_TRUE(route({{1, 5}}, 8));
  EXPECT_FALSE(route({{1, 1}}, 8)) << "empty entry";
  EXPECT_FALSE(route({{1, 8}}, 8)) << "outside the micro-block";
  EXPECT_FALSE(route({{4, 1}}, 4));
  EXPECT_FALSE(route({{1, 5}, {1, 6}}, 8)) << "same Upper";
  EXPECT_FALSE(route({{1, 5}, {2, 5}}, 8)) << "same Lower";
  EXPECT_FALSE(route({{1, 5}, {5, 6}}, 8)) << "a pruned position with an outlier";
  EXPECT_THROW((void)route({{1, 5}}, 6), std::logic_error);
}

TEST(Routing, WrongCallsAreBugs) {
  EXPECT_THROW((void)first_routable_pairing(Positions{2, 1}, Positions{3, 4}, 8), std::logic_error);
  EXPECT_THROW((void)first_routable_pairing(Positions{1, 2}, Positions{3}, 8), std::logic_error);
  EXPECT_THROW((void)first_routable_pairing(Positions{1, 2}, Positions{2, 3}, 8), std::logic_error);
  for (std::uint8_t twice = 0; twice < 8; ++twice) {
    EXPECT_THROW(
        (void)first_routable_pairing(
            Positions{twice, twice},
            Positions{static_cast<std::uint8_t>(twice ^ 1), static_cast<std::uint8_t>(twice ^ 2)}, 8),
        std::logic_error);
  }
  EXPECT_THROW((void)first_routable_pairing(Positions{1, 8}, Positions{2, 3}, 8), std::logic_error);
  EXPECT_THROW((void)choose_pruned(Positions{0, 1, 2}, std::vector<double>(4, 0.0), 4), std::logic_error);
  EXPECT_THROW((void)choose_pruned(Positions{0}, std::vector<double>(4, 0.0), 8), std::logic_error);
  EXPECT_THROW((void)choose_pruned(Positions{0}, std::vector<double>(8, -1.0), 8), std::logic_error);
}

}  // namespace
}  // namespace msq::golden
