#pragma once

#include <sys/types.h>

namespace msq {

/// A program to start.
struct SpawnRequest {
  char* const* argv;         ///< null-terminated; argv[0] is looked up in our PATH unless it holds a '/'
  char* const* environment;  ///< null-terminated
  const char* directory;     ///< where it runs; null: our working directory
  int output;                ///< descriptor that becomes its stdout and stderr
};

/// Starts a program in its own process group, with an empty standard input and no signal blocked or handled.
/// It is killed when the calling thread ends, however that ends: SIGKILL to us too. So the thread must wait
/// for it. Its own children are not killed with it. Call with all signals blocked.
/// @return an errno value; 0: `pid` is set.
[[nodiscard]] int spawn_program(const SpawnRequest& request, pid_t& pid);

}  // namespace msq
