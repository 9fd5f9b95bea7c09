#include <algorithm>

#include "tests/soak/subject.hpp"

namespace msq::tests {

std::optional<Failure> run_cases(Subject& subject, std::uint32_t first, std::uint32_t last,
                                 const Steps& steps) {
  subject.renew(first);
  for (std::uint32_t seed = first; seed <= last; ++seed) {
    const Steps& used = seed == last ? steps : Steps{};
    if (auto message = subject.run(seed, used)) return Failure{first, seed, used, *message};
  }
  return std::nullopt;
}

Failure shrink(Subject& subject, Failure failure, long budget) {
  // Alone, or with as few of the cases before it as it takes: what a case leaves in the model may matter.
  for (std::uint32_t before = 0; failure.last - failure.first > before && budget > 0;
       before = before == 0 ? 1 : 2 * before, --budget) {
    auto smaller = run_cases(subject, failure.last - before, failure.last, failure.steps);
    if (!smaller) continue;
    failure = *smaller;
    break;
  }
  bool progress = true;
  while (progress) {
    progress = false;
    for (const Step& step : subject.candidates(failure.last, failure.steps)) {
      if (budget-- <= 0) return failure;
      Steps steps = failure.steps;
      steps.push_back(step);
      // An earlier case that fails now is another failure; keep to this one.
      auto smaller = run_cases(subject, failure.first, failure.last, steps);
      if (!smaller || smaller->last != failure.last) continue;
      failure = *smaller;
      progress = true;
      break;
    }
  }
  return failure;
}

}  // namespace msq::tests
