#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace msq::model {

using Cycle = std::int64_t;

/// Cycles in which the ports offer before the job runs, while its shape is checked.
inline constexpr Cycle kStart = 2;
/// Cycles from a push into a FIFO (msq_stream_fifo) until the word can go from the memory to the head, and to
/// the word at the head.
inline constexpr Cycle kFetch = 2, kFifo = kFetch + 1;

/// A port of limited rate: every cycle brings `rate` of a beat, a beat can move when there is a whole one.
class Port {
 public:
  explicit Port(double rate) : rate_(rate) {}
  /// A source offers as soon as it can and gathers nothing while its offer waits; from `earliest` on it is
  /// looked at, for `hold` cycles, and taken in the last of these. @return that cycle.
  Cycle offer(Cycle earliest, Cycle hold = 1) {
    const auto gather = std::max<Cycle>(1, static_cast<Cycle>(std::ceil((1 - credit_) / rate_ - kSmall)));
    credit_ += static_cast<double>(gather) * rate_ - 1;
    last_ = std::max(last_ + gather, earliest) + hold - 1;
    return last_;
  }
  /// A sink gathers up to one beat more than it needs. @return when it takes a beat that is there at
  /// `earliest`.
  Cycle accept(Cycle earliest) {
    const auto gather = std::max<Cycle>(1, static_cast<Cycle>(std::ceil((1 - credit_) / rate_ - kSmall)));
    const Cycle at = std::max(last_ + gather, earliest);
    credit_ = std::min(credit_ + static_cast<double>(at - last_) * rate_, 1 + rate_) - 1;
    last_ = at;
    return at;
  }

 private:
  static constexpr double kSmall = 1e-9;
  double rate_;
  double credit_ = 0;
  Cycle last_ = -kStart - 1;
};

}  // namespace msq::model
