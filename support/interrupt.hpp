#pragma once

#include <functional>
#include <list>

namespace msq {

/// Makes SIGINT, SIGTERM and SIGHUP end the program cleanly: programs it started are ended, `first` and every
/// Cleanup run, the exit code is 128 + the signal's number. Signals that were ignored from the start (nohup)
/// stay so. Call once, before any thread is started.
/// @param first removes half-written files, before any Cleanup.
void handle_interrupts(void (*first)() noexcept);

/// Never returns once a signal has come: the thread that handles it ends the program. Call before reporting
/// a failure (which may be a consequence of the signal) and before the end.
void wait_if_interrupted();

/// Something to undo if the program is interrupted while this object lives. Runs in a thread of its own,
/// with no Cleanup being added or removed at the same time.
class Cleanup {
 public:
  explicit Cleanup(std::function<void()> action);
  Cleanup(const Cleanup&) = delete;
  Cleanup& operator=(const Cleanup&) = delete;
  ~Cleanup();

 private:
  std::list<std::function<void()>>::iterator place_;
};

/// A step that no Cleanup may interleave with: one that comes in the meantime runs after it. Made after the
/// signal, it never returns. No Cleanup is made or destroyed during the step.
class UninterruptedStep {
 public:
  UninterruptedStep();
  UninterruptedStep(const UninterruptedStep&) = delete;
  UninterruptedStep& operator=(const UninterruptedStep&) = delete;
  ~UninterruptedStep();
};

}  // namespace msq
