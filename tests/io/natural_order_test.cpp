#include "golden/io/natural_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace msq::golden {
namespace {

TEST(NaturalOrder, NumbersCountAsNumbers) {
  const std::vector<std::string> sorted{"",
                                        "a",
                                        "a.1.x",
                                        "a.2",
                                        "a.2.weight",
                                        "a.10.x",
                                        "a.99999999999999999999998",
                                        "a.99999999999999999999999",
                                        "a.100000000000000000000000",
                                        "a.x",
                                        "b\xff"};
  std::vector<std::string> names(sorted);
  std::ranges::reverse(names);
  std::ranges::sort(names, natural_less);
  EXPECT_EQ(names, sorted);
}

TEST(NaturalOrder, IsTotal) {
  EXPECT_FALSE(natural_less("a.1", "a.1"));
  EXPECT_TRUE(natural_less("a.01", "a.1"));
  EXPECT_FALSE(natural_less("a.1", "a.01"));
  EXPECT_TRUE(natural_less("a.01.b", "a.1.c"));
  EXPECT_TRUE(natural_less("a.1.b", "a.01.c")) << "leading zeros count last";
}

}  // namespace
}  // namespace msq::golden
