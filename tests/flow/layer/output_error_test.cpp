#include <gtest/gtest.h>

#include "flow/layer/simulation.hpp"

namespace msq::flow {
namespace {

/// Y = acc * 2^(Iref + Xref - fraction_bits).
golden::GemmResult outputs(std::vector<std::int64_t> acc) {
  const auto n = static_cast<std::int64_t>(acc.size());
  return {1, n, std::move(acc), std::vector<int>(static_cast<std::size_t>(n), 1), {1}, 2};
}

TEST(OutputError, IsZeroIfOutputsAreExact) {
  // [1 2] * [[3 0] [1 4]] = [5 8]; the exponent is 1 + 1 - 2 = 0.
  EXPECT_EQ(output_error({1, 2, {1, 2}}, {2, 2, {3, 0, 1, 4}}, outputs({5, 8})), 0);
}

TEST(OutputError, IsRelativeToTheExactOutputs) {
  // Exact [3 4], found [3 1]: 3 / 5.
  EXPECT_DOUBLE_EQ(output_error({1, 1, {1}}, {1, 2, {3, 4}}, outputs({3, 1})), 0.6);
}

TEST(OutputError, IsZeroWithoutAnyOutput) {
  EXPECT_EQ(output_error({1, 1, {0}}, {1, 2, {3, 4}}, outputs({0, 0})), 0);
}

}  // namespace
}  // namespace msq::flow
