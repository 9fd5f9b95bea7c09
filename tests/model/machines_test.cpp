#include "model/machines.hpp"

#include <gtest/gtest.h>

namespace msq::model {
namespace {

const Machine kMachine{"test", 4, 1, 8, ""};

/// One token: 4096 x 4096 weights of 4 bits are 8 MiB, on chip 64 bytes per cycle.
TEST(Machines, DecodeIsBoundByTheOnChipInterface) {
  const Roofline roof = roofline(kMachine, {}, 1, 4096, 4096);
  EXPECT_DOUBLE_EQ(roof.compute, 64 * 64);
  EXPECT_DOUBLE_EQ(roof.off_chip, (8388608.0 + 4096 + 4096) / 256);
  EXPECT_DOUBLE_EQ(roof.on_chip, (8388608.0 + 4096 + 4096) / 64);
  EXPECT_STREQ(roof.binds(), "on chip");
  EXPECT_DOUBLE_EQ(roof.cycles(), roof.on_chip);
}

TEST(Machines, PassesReadWeightsAgain) {
  const Roofline large = roofline(kMachine, {}, 256, 4096, 4096);
  EXPECT_DOUBLE_EQ(large.off_chip, (2 * 8388608.0 + 2 * 256 * 4096) / 256);
  EXPECT_DOUBLE_EQ(large.compute, 256.0 * 64 * 64);
  EXPECT_STREQ(large.binds(), "compute");
  // 1 MB fits the shared memory: off chip once, on chip in every pass.
  const Roofline small = roofline(kMachine, {}, 256, 1000, 2000);
  EXPECT_DOUBLE_EQ(small.off_chip, (1e6 + 256 * 3000) / 256);
  EXPECT_DOUBLE_EQ(small.on_chip, (2e6 + 256 * 3000) / 64);
}

TEST(Machines, TwoWeightsAPe) {
  Machine two = kMachine;
  two.weights_per_pe = 2;
  EXPECT_DOUBLE_EQ(roofline(two, {}, 128, 64, 129).compute, 128 * 2);
  EXPECT_DOUBLE_EQ(roofline(kMachine, {}, 128, 64, 129).compute, 128 * 3);
}

TEST(Machines, MicroScopiQ) {
  EXPECT_DOUBLE_EQ(ideal_machine(2, 2.25).weight_bits, 2.25);
  EXPECT_EQ(ideal_machine(2, 2.25).weights_per_pe, 2);
  EXPECT_EQ(ideal_machine(4, 4.25).weights_per_pe, 1);
}

TEST(Machines, Compared) {
  const auto machines = compared_machines();
  ASSERT_EQ(machines.size(), 5U);
  EXPECT_DOUBLE_EQ(machines[0].weight_bits, 8);
  EXPECT_DOUBLE_EQ(machines[1].weight_bits, 4.125);
  EXPECT_DOUBLE_EQ(machines[2].weight_bits, 4.25);
  EXPECT_DOUBLE_EQ(machines[3].weight_bits, 4);
  EXPECT_DOUBLE_EQ(machines[4].weight_bits, 3.064);
}

}  // namespace
}  // namespace msq::model
