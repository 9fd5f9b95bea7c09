// Clean ends after a signal: each in a program of its own.

#include "support/interrupt.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

namespace msq {
namespace {

constexpr unsigned kLong = 100'000;  // microseconds, in which a waiting thread would have run

void none() noexcept {}

class InterruptDeathTest : public testing::Test {
 protected:
  InterruptDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(InterruptDeathTest, CleanupsRun) {
  const auto program = [] {
    handle_interrupts(none);
    const Cleanup cleanup([] { std::fputs("cleaned", stderr); });
    ::kill(::getpid(), SIGTERM);
    for (;;) ::pause();
  };
  EXPECT_EXIT(program(), testing::ExitedWithCode(128 + SIGTERM), "cleaned");
}

TEST_F(InterruptDeathTest, ACleanupWaitsForTheEndOfAStep) {
  const auto program = [] {
    handle_interrupts(none);
    const Cleanup cleanup([] { std::fputs("cleaned", stderr); });
    std::optional<UninterruptedStep> step(std::in_place);
    ::kill(::getpid(), SIGINT);
    ::usleep(kLong);
    std::fputs("step, ", stderr);
    step.reset();
    for (;;) ::pause();
  };
  EXPECT_EXIT(program(), testing::ExitedWithCode(128 + SIGINT), "^step, cleaned$");
}

TEST_F(InterruptDeathTest, NoStepIsBegunAfterACleanup) {
  const auto program = [] {
    handle_interrupts(none);
    const Cleanup cleanup([] {
      std::fputs("cleaning", stderr);
      ::usleep(kLong);
    });
    ::kill(::getpid(), SIGINT);
    ::usleep(kLong / 2);
    const UninterruptedStep step;
    std::fputs(", step", stderr);
    std::exit(0);
  };
  EXPECT_EXIT(program(), testing::ExitedWithCode(128 + SIGINT), "^cleaning$");
}

}  // namespace
}  // namespace msq
