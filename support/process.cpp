#include "support/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "support/spawn.hpp"

extern char** environ;

namespace msq {
namespace {

using Clock = std::chrono::steady_clock;

std::string errno_text(int code) { return std::generic_category().message(code); }

struct DebianPackage {
  std::string_view program, name;
  std::string_view missing{};  ///< systems of setup.sh without this package
};

/// Debian 12 package of a program that this project calls; nullptr for others.
const DebianPackage* debian_package(std::string_view program) {
  constexpr std::string_view kNoQflow = "Debian 13 and Ubuntu 24.04";
  static constexpr std::array<DebianPackage, 11> kPackages{{{"yosys-smtbmc", "yosys"},
                                                            {"yosys", "yosys"},
                                                            {"berkeley-abc", "berkeley-abc"},
                                                            {"verilator", "verilator"},
                                                            {"iverilog", "iverilog"},
                                                            {"vvp", "iverilog"},
                                                            {"sta", "opensta", "Ubuntu 24.04"},
                                                            {"graywolf", "qflow", kNoQflow},
                                                            {"qrouter", "qflow", kNoQflow},
                                                            {"z3", "z3"},
                                                            {"ccache", "ccache"}}};
  const auto* found = std::find_if(kPackages.begin(), kPackages.end(),
                                   [&](const DebianPackage& package) { return package.program == program; });
  return found == kPackages.end() ? nullptr : found;
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Groups of the programs running now, so that a signal that ends us ends them too. A program in its own
/// group no longer gets the terminal's Ctrl-C by itself. Slots are lock-free atomics because the signal
/// handler reads them.
class RunningGroups {
 public:
  static void add(pid_t group) {
    const std::lock_guard lock(mutex_);
    if (count_++ == 0) install();
    for (auto& slot : slots_) {
      if (slot == 0) {
        slot = group;
        return;
      }
    }
    // More programs at once than slots: they run, but a signal to us would not reach this one.
  }

  static void remove(pid_t group) {
    const std::lock_guard lock(mutex_);
    for (auto& slot : slots_) {
      if (slot == group) slot = 0;
    }
    if (--count_ == 0) uninstall();
  }

 private:
  static constexpr std::array<int, 3> kSignals{SIGINT, SIGTERM, SIGHUP};

  static void handler(int signal) {
    for (auto& slot : slots_) {
      const pid_t group = slot;
      if (group > 0) kill(-group, SIGKILL);
    }
    // Then whatever would have happened without us: usually the end of this process.
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      if (kSignals[i] == signal) sigaction(signal, &previous_[i], nullptr);
    }
    raise(signal);
  }

  static void install() {
    struct sigaction action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaction(kSignals[i], &action, &previous_[i]);
      // Under nohup and the like the signal is ignored: leave it so.
      if (previous_[i].sa_handler == SIG_IGN) sigaction(kSignals[i], &previous_[i], nullptr);
    }
  }

  static void uninstall() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &previous_[i], nullptr);
  }

  static_assert(std::atomic<pid_t>::is_always_lock_free);
  static inline std::mutex mutex_;
  static inline int count_ = 0;
  static inline std::array<std::atomic<pid_t>, 64> slots_{};
  static inline std::array<struct sigaction, kSignals.size()> previous_{};
};

std::vector<std::string> merged_environment(const ProcessRequest& request) {
  const auto inherits = [&](std::string_view name) {
    const auto& names = request.inherited;
    return !names || std::find(names->begin(), names->end(), name) != names->end();
  };
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced = std::any_of(request.environment.begin(), request.environment.end(),
                                      [&](const auto& variable) { return variable.first == name; });
    if (!replaced && inherits(name)) merged.emplace_back(text);
  }
  for (const auto& [name, value] : request.environment) merged.push_back(fmt::format("{}={}", name, value));
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (std::string& text : strings) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

int spawn(const ProcessRequest& request, int output, pid_t& pid) {
  std::vector<std::string> arguments = request.argv;
  if (arguments[0].find('/') != std::string::npos) {
    arguments[0] = std::filesystem::absolute(arguments[0]).string();
  }
  std::vector<std::string> environment = merged_environment(request);
  const std::vector<char*> argument_list = pointers(arguments);
  const std::vector<char*> environment_list = pointers(environment);
  const char* directory = request.working_directory.empty() ? nullptr : request.working_directory.c_str();
  return spawn_program({argument_list.data(), environment_list.data(), directory, output}, pid);
}

/// As spawn, and no signal can end us between the start of the program and its entry among the running
/// groups.
int spawn_registered(const ProcessRequest& request, int output, pid_t& pid) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int code = spawn(request, output, pid);
  if (code == 0) RunningGroups::add(pid);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return code;
}

/// Waits until the program has ended, without reaping it: as long as it is not reaped its process group
/// number cannot be given to somebody else. False if the deadline passes first.
bool wait_for_end(pid_t pid, std::optional<Clock::time_point> deadline) {
  auto pause = std::chrono::microseconds(500);
  while (true) {
    siginfo_t info = {};
    const int code =
        waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT | (deadline ? WNOHANG : 0));
    if (code != 0 && errno != EINTR) throw std::logic_error("waitid: " + errno_text(errno));
    if (code == 0 && info.si_pid == pid) return true;
    if (deadline) {
      if (Clock::now() >= *deadline) return false;
      std::this_thread::sleep_for(pause);
      pause = std::min(pause * 2, std::chrono::microseconds(20000));
    }
  }
}

ProcessResult collect(pid_t pid, std::optional<std::chrono::milliseconds> timeout, Clock::time_point start) {
  ProcessResult result;
  if (!wait_for_end(pid, timeout ? std::optional(start + *timeout) : std::nullopt)) {
    result.timed_out = true;
    kill(-pid, SIGTERM);
    wait_for_end(pid, Clock::now() + std::chrono::milliseconds(500));
  }
  kill(-pid, SIGKILL);  // whatever is left of it, and whatever it left behind
  RunningGroups::remove(pid);

  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.wall_seconds = std::chrono::duration<double>(Clock::now() - start).count();
  result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  result.exit_code = result.signal != 0 ? 128 + result.signal : WEXITSTATUS(status);
  return result;
}

std::string read_all(int fd) {
  std::string text;
  struct stat info = {};
  if (fstat(fd, &info) == 0) text.reserve(static_cast<std::size_t>(info.st_size));
  std::array<char, 65536> buffer;
  off_t offset = 0;
  while (true) {
    const ssize_t count = pread(fd, buffer.data(), buffer.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    offset += count;
  }
}

/// The file the program writes to. Captured output also goes to a file, one in memory: unlike a pipe it
/// cannot fill up, and a grandchild that keeps it open cannot keep us waiting.
int open_output(const std::filesystem::path& log_file) {
  if (log_file.empty()) return memfd_create("output", MFD_CLOEXEC);
  // O_APPEND: stdout and stderr share the file and must not overwrite each other.
  return open(log_file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
}

}  // namespace

std::string missing_program_message(std::string_view name) {
  const DebianPackage* package = debian_package(name);
  std::string text = fmt::format("program \"{}\" not found in PATH", name);
  if (package == nullptr) return text;
  text += fmt::format("; install the Debian package {0} (apt-get install {0})", package->name);
  if (!package->missing.empty()) text += fmt::format("; there is none in {}", package->missing);
  return text;
}

bool on_path(std::string_view name) {
  const auto executable = [](const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
  };
  if (name.empty()) return false;
  if (name.find('/') != std::string_view::npos) return executable(name);
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/bin:/usr/bin" : path;  // as execvp does
  while (true) {
    const std::size_t colon = rest.find(':');
    const std::string_view directory = rest.substr(0, colon);
    if (executable(std::filesystem::path(directory.empty() ? "." : directory) / name)) return true;
    if (colon == std::string_view::npos) return false;
    rest.remove_prefix(colon + 1);
  }
}

Result<ProcessResult> run_process(const ProcessRequest& request) {
  if (request.argv.empty() || request.argv[0].empty())
    throw std::logic_error("run_process: no program given");
  const std::string& program = request.argv[0];
  // The log is opened here, so a relative name is relative to our directory, not the program's.
  const FileDescriptor output(open_output(request.log_file));
  if (output.get() < 0) {
    return Error(fmt::format("cannot write the output of \"{}\" to \"{}\": {}", program,
                             request.log_file.string(), errno_text(errno)));
  }
  std::error_code error;
  if (!request.working_directory.empty() &&
      !std::filesystem::is_directory(request.working_directory, error)) {
    return Error(fmt::format("cannot run \"{}\" in \"{}\": not a directory", program,
                             request.working_directory.string()));
  }
  if (program.find('/') == std::string::npos && !on_path(program))
    return Error(missing_program_message(program));

  const auto start = Clock::now();
  pid_t pid = 0;
  if (const int code = spawn_registered(request, output.get(), pid); code != 0) {
    return Error(fmt::format("cannot run \"{}\": {}", program, errno_text(code)));
  }
  ProcessResult result = collect(pid, request.timeout, start);
  if (request.log_file.empty()) result.output = read_all(output.get());
  return result;
}

}  // namespace msq
