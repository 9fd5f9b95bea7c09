#include "support/interrupt.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

namespace msq {
namespace {

std::mutex cleanups_mutex;
std::list<std::function<void()>> cleanups;
std::atomic<bool> interrupted{false};

void nothing(int /*signal*/) {}

/// Waits for a signal and ends the program. A thread may do all that a signal handler may not.
void watch(sigset_t signals, void (*first)() noexcept) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  interrupted = true;
  // Raised here, it reaches the handler of support/process, which ends the programs that are running.
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, signal);
  pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  raise(signal);
  first();
  const std::lock_guard lock(cleanups_mutex);  // held to the end: nothing new is begun
  for (const auto& action : cleanups) action();
  _exit(128 + signal);
}

}  // namespace

void handle_interrupts(void (*first)() noexcept) {
  // Beyond a limit of file sizes a write then fails, with a message, instead of ending the program with a
  // temporary left behind.
  ::signal(SIGXFSZ, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : std::array{SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action = {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = nothing;
    sigaction(signal, &action, nullptr);
    sigaddset(&signals, signal);
  }
  // Blocked here, and so in every thread, a signal is left to the watcher.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread(watch, signals, first).detach();
}

void wait_if_interrupted() {
  while (interrupted) ::pause();
}

Cleanup::Cleanup(std::function<void()> action) {
  const std::lock_guard lock(cleanups_mutex);
  place_ = cleanups.insert(cleanups.end(), std::move(action));
}

Cleanup::~Cleanup() {
  const std::lock_guard lock(cleanups_mutex);
  cleanups.erase(place_);
}

UninterruptedStep::UninterruptedStep() { cleanups_mutex.lock(); }

UninterruptedStep::~UninterruptedStep() { cleanups_mutex.unlock(); }

}  // namespace msq
