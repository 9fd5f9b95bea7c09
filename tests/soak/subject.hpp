#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gen/arch/design.hpp"
#include "tests/soak/step.hpp"

namespace msq::tests {

struct SoakTotals {
  long gemms = 0;
  long compared = 0;  ///< partial sums (core) or outputs (accelerator)
};

/// A design under random cases. A case is a seed; all of it follows from the seed, the configuration and the
/// steps that make it smaller.
class Subject {
 public:
  virtual ~Subject() = default;
  /// A fresh instance of the model, its initial state drawn from the seed.
  virtual void renew(std::uint32_t seed) = 0;
  /// Runs a case on the instance as it was left by the one before. @return the problem, if any. Steps
  /// that do not apply to the case leave it as it is.
  virtual std::optional<std::string> run(std::uint32_t seed, const Steps& steps) = 0;
  /// Steps that could follow `steps`, those that take most away first.
  virtual std::vector<Step> candidates(std::uint32_t seed, const Steps& steps) = 0;
  /// Size of the case: what a reader of a reproducer has to look at.
  virtual std::string describe(std::uint32_t seed, const Steps& steps) = 0;

  SoakTotals totals;
};

/// A design of build_design, or of build_accelerator. Builds the model if need be, below `cache`. Throw
/// std::runtime_error with the tool's message.
[[nodiscard]] std::unique_ptr<Subject> core_subject(const Design& design, const std::filesystem::path& cache);
[[nodiscard]] std::unique_ptr<Subject> accelerator_subject(const Design& design,
                                                           const std::filesystem::path& cache);

/// A failing run: cases first .. last, with the steps applied to the last.
struct Failure {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  Steps steps;
  std::string message;
};

/// Cases first .. last on a fresh instance; the first failure of them.
[[nodiscard]] std::optional<Failure> run_cases(Subject& subject, std::uint32_t first, std::uint32_t last,
                                               const Steps& steps);

/// Makes a failing run as small as it gets: fewer cases before it, then steps for as long as it still fails,
/// however it fails. At most `budget` runs.
[[nodiscard]] Failure shrink(Subject& subject, Failure failure, long budget);

}  // namespace msq::tests
