#include "support/spawn.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

namespace msq {
namespace {

/// Data that parent and child share: the child runs in the memory of the parent, which waits until exec.
struct Launch {
  const SpawnRequest* request;
  pid_t parent;
  int error;  ///< errno of the step that failed
};

/// Handlers are ours, not the program's, and must not run in the child: it shares our memory.
void drop_handlers() {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action = {};
    if (sigaction(signal, nullptr, &action) != 0) continue;
    const bool ignored = action.sa_handler == SIG_IGN && signal != SIGPIPE && signal != SIGXFSZ;
    if (!ignored && action.sa_handler != SIG_DFL) sigaction(signal, &standard, nullptr);
  }
}

/// In an order that holds even if `output` is one of the three.
bool set_streams(int output) {
  if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0) return false;
  const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (input < 0 || dup2(input, STDIN_FILENO) < 0) return false;
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) fcntl(stream, F_SETFD, 0);
  return true;
}

/// Runs in the child: system calls only. @return if a step fails, with errno.
void become(const Launch& launch) {
  const SpawnRequest& request = *launch.request;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return;
  if (getppid() != launch.parent) _exit(127);  // the parent has ended already
  if (setpgid(0, 0) != 0 || !set_streams(request.output)) return;
  if (request.directory != nullptr && chdir(request.directory) != 0) return;
  drop_handlers();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execvpe(request.argv[0], request.argv, request.environment);
}

int child(void* shared) {
  auto* launch = static_cast<Launch*>(shared);
  become(*launch);
  launch->error = errno;
  _exit(127);
}

}  // namespace

int spawn_program(const SpawnRequest& request, pid_t& pid) {
  constexpr std::size_t kStackBytes = std::size_t{1} << 18;  // execvpe holds a path and the arguments on it
  std::vector<std::max_align_t> stack(kStackBytes / sizeof(std::max_align_t));
  Launch launch{&request, getpid(), 0};
  // Not posix_spawn, which has no death signal, nor fork, which copies the page tables of large tensors.
  pid = clone(child, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK | SIGCHLD, &launch);
  if (pid < 0) return errno;
  if (launch.error != 0) waitpid(pid, nullptr, 0);
  return launch.error;
}

}  // namespace msq
