#include "support/process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

namespace msq {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

/// A directory of its own for every test; its name holds a space, which no shell may ever split.
class ProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "msq process XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { fs::remove_all(directory_); }

  static std::string search_path() {
    const char* path = std::getenv("PATH");
    return path == nullptr ? "" : path;
  }

  static std::string slurp(const fs::path& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }

  static pid_t read_pid(const fs::path& path) {
    for (int i = 0; i < 500; ++i) {
      const std::string text = slurp(path);
      if (!text.empty() && text.back() == '\n') return static_cast<pid_t>(std::stol(text));
      std::this_thread::sleep_for(milliseconds(10));
    }
    return 0;
  }

  /// True once the process is gone or only a zombie waiting for its parent.
  static bool ends(pid_t pid) {
    for (int i = 0; i < 500; ++i) {
      const std::string stat = slurp(fs::path("/proc") / std::to_string(pid) / "stat");
      const auto name_end = stat.rfind(')');
      if (name_end == std::string::npos || stat.substr(name_end, 3) == ") Z") return true;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  }

  fs::path directory_;
};

TEST_F(ProcessTest, ArgumentsArriveUnchanged) {
  const auto result = run_process({.argv = {"printf", "<%s>", "a b", "$HOME", "*", "", "\"q'`;|", "x\ny"}});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->output, "<a b><$HOME><*><><\"q'`;|><x\ny>");
  EXPECT_TRUE(result->ok());
}

TEST_F(ProcessTest, CapturesBothStreamsInOrderAndTheExitCode) {
  const auto result = run_process({.argv = {"sh", "-c", "echo one; echo two >&2; echo three; exit 7"}});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->output, "one\ntwo\nthree\n");
  EXPECT_EQ(result->exit_code, 7);
  EXPECT_EQ(result->signal, 0);
  EXPECT_FALSE(result->ok());
}

TEST_F(ProcessTest, LargeOutputDoesNotBlock) {
  const auto result = run_process({.argv = {"head", "-c", "3000000", "/dev/zero"}});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->output.size(), 3000000U);
}

TEST_F(ProcessTest, LogFileReceivesBothStreamsAndIsReplaced) {
  const fs::path log = directory_ / "the log.txt";
  std::ofstream(log) << "something long from an earlier run, to be replaced";
  const auto result = run_process({.argv = {"sh", "-c", "echo out; echo err >&2"}, .log_file = log});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->output, "");
  EXPECT_EQ(slurp(log), "out\nerr\n");
}

TEST_F(ProcessTest, WorkingDirectoryAndEnvironment) {
  ASSERT_EQ(setenv("MSQ_TEST_REPLACED", "old", 1), 0);
  ASSERT_EQ(setenv("MSQ_TEST_KEPT", "kept", 1), 0);
  const auto result =
      run_process({.argv = {"sh", "-c", "pwd; echo \"$MSQ_TEST_REPLACED|$MSQ_TEST_NEW|$MSQ_TEST_KEPT\""},
                   .working_directory = directory_,
                   .environment = {{"MSQ_TEST_REPLACED", "new value"}, {"MSQ_TEST_NEW", "a=b"}}});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->output, fs::canonical(directory_).string() + "\nnew value|a=b|kept\n");
  EXPECT_STREQ(getenv("MSQ_TEST_REPLACED"), "old");
  const auto listed = run_process({.argv = {"env"}, .environment = {{"MSQ_TEST_REPLACED", "new value"}}});
  ASSERT_TRUE(listed) << listed.error();
  EXPECT_EQ(listed->output.find("MSQ_TEST_REPLACED=old"), std::string::npos);
  EXPECT_NE(listed->output.find("MSQ_TEST_REPLACED=new value\n"), std::string::npos);
}

TEST_F(ProcessTest, RelativeProgramIsRelativeToUsNotToItsWorkingDirectory) {
  const fs::path before = fs::current_path();
  fs::create_symlink("/bin/echo", directory_ / "tool");
  fs::create_directory(directory_ / "elsewhere");
  fs::current_path(directory_);
  const auto result = run_process({.argv = {"./tool", "hi"}, .working_directory = directory_ / "elsewhere"});
  fs::current_path(before);
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->output, "hi\n");
}

TEST_F(ProcessTest, StandardInputIsEmpty) {
  const auto result = run_process({.argv = {"cat"}, .timeout = milliseconds(5000)});
  ASSERT_TRUE(result) << result.error();
  EXPECT_TRUE(result->ok());
  EXPECT_EQ(result->output, "");
}

TEST_F(ProcessTest, ASignalIsReported) {
  const auto result = run_process({.argv = {"sh", "-c", "kill -SEGV $$"}});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->signal, SIGSEGV);
  EXPECT_EQ(result->exit_code, 128 + SIGSEGV);
  EXPECT_FALSE(result->timed_out);
}

TEST_F(ProcessTest, TimeoutEndsGrandchildrenToo) {
  const fs::path pid_file = directory_ / "pid";
  const auto result = run_process({.argv = {"sh", "-c", "sleep 1000 & echo $! > pid; wait"},
                                   .working_directory = directory_,
                                   .timeout = milliseconds(300)});
  ASSERT_TRUE(result) << result.error();
  EXPECT_TRUE(result->timed_out);
  EXPECT_FALSE(result->ok());
  EXPECT_GE(result->wall_seconds, 0.3);
  EXPECT_LT(result->wall_seconds, 5.0);
  const pid_t grandchild = read_pid(pid_file);
  ASSERT_GT(grandchild, 0);
  EXPECT_TRUE(ends(grandchild));
}

TEST_F(ProcessTest, TimeoutLetsAProgramCleanUp) {
  const auto result =
      run_process({.argv = {"sh", "-c", "trap 'echo cleaned; exit 3' TERM; while :; do sleep 0.02; done"},
                   .timeout = milliseconds(200)});
  ASSERT_TRUE(result) << result.error();
  EXPECT_TRUE(result->timed_out);
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_NE(result->output.find("cleaned"), std::string::npos) << result->output;
}

TEST_F(ProcessTest, TimeoutEndsAProgramThatIgnoresTerm) {
  const auto result = run_process(
      {.argv = {"sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"}, .timeout = milliseconds(200)});
  ASSERT_TRUE(result) << result.error();
  EXPECT_TRUE(result->timed_out);
  EXPECT_EQ(result->signal, SIGKILL);
}

TEST_F(ProcessTest, NothingOutlivesTheProgramOrKeepsUsWaiting) {
  const auto result = run_process({.argv = {"sh", "-c", "sleep 1000 & echo $!"}});
  ASSERT_TRUE(result) << result.error();
  EXPECT_TRUE(result->ok());
  EXPECT_LT(result->wall_seconds, 5.0);
  EXPECT_TRUE(ends(static_cast<pid_t>(std::stol(result->output))));
}

/// A process like ours that is interrupted (as by Ctrl-C) while a program runs: all of them must end.
TEST_F(ProcessTest, SignalToUsEndsTheWholeTree) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    SCOPED_TRACE(signal);
    const fs::path pid_file = directory_ / "pid";
    fs::remove(pid_file);
    const pid_t us = fork();
    ASSERT_GE(us, 0);
    if (us == 0) {
      ::signal(signal, SIG_DFL);
      (void)run_process(
          {.argv = {"sh", "-c", "sleep 1000 & echo $! > pid; wait"}, .working_directory = directory_});
      _exit(99);
    }
    const pid_t grandchild = read_pid(pid_file);
    ASSERT_GT(grandchild, 0);
    kill(us, signal);
    int status = 0;
    ASSERT_EQ(waitpid(us, &status, 0), us);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), signal);
    EXPECT_TRUE(ends(grandchild));
  }
}

/// Killed in the main thread or in another one, we can do nothing any more: the kernel ends the program.
TEST_F(ProcessTest, KillingUsEndsTheProgram) {
  for (const bool threaded : {false, true}) {
    SCOPED_TRACE(threaded);
    const fs::path pid_file = directory_ / "pid";
    fs::remove(pid_file);
    const pid_t us = fork();
    ASSERT_GE(us, 0);
    if (us == 0) {
      const auto work = [this] {
        (void)run_process(
            {.argv = {"sh", "-c", "echo $$ > pid; exec sleep 1000"}, .working_directory = directory_});
      };
      if (threaded) std::thread(work).join();
      if (!threaded) work();
      _exit(99);
    }
    const pid_t program = read_pid(pid_file);
    ASSERT_GT(program, 0);
    kill(us, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(us, &status, 0), us);
    EXPECT_TRUE(ends(program));
  }
}

/// The program dies with the thread that runs it, and of no other thread.
TEST_F(ProcessTest, ThreadsThatEndDoNotEndTheProgramsOfOthers) {
  Result<ProcessResult> result = Error("not run");
  std::thread lasting([&] { result = run_process({.argv = {"sh", "-c", "sleep 0.5; echo done"}}); });
  for (int i = 0; i < 4; ++i) std::thread([] { EXPECT_TRUE(run_process({.argv = {"true"}})->ok()); }).join();
  lasting.join();
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->output, "done\n");
}

TEST_F(ProcessTest, ProgramsHaveOurIgnoredSignalsAndNoHandlers) {
  const auto ignored = [](int signal) { return std::uint64_t{1} << (signal - 1); };
  struct sigaction own = {};
  own.sa_handler = [](int) {};
  struct sigaction before_usr1 = {};
  struct sigaction before_usr2 = {};
  struct sigaction before_pipe = {};
  sigaction(SIGUSR1, &own, &before_usr1);
  own.sa_handler = SIG_IGN;
  sigaction(SIGUSR2, &own, &before_usr2);
  sigaction(SIGPIPE, &own, &before_pipe);
  const auto result = run_process({.argv = {"cat", "/proc/self/status"}});
  sigaction(SIGUSR1, &before_usr1, nullptr);
  sigaction(SIGUSR2, &before_usr2, nullptr);
  sigaction(SIGPIPE, &before_pipe, nullptr);
  ASSERT_TRUE(result) << result.error();
  std::istringstream text(result->output);
  std::map<std::string, std::uint64_t> sets;
  for (std::string name, mask; text >> name;) {
    if (name.starts_with("Sig") && name != "SigQ:" && text >> mask)
      sets[name] = std::stoull(mask, nullptr, 16);
  }
  EXPECT_EQ(sets.at("SigBlk:"), 0U);
  EXPECT_EQ(sets.at("SigCgt:"), 0U);
  EXPECT_NE(sets.at("SigIgn:") & ignored(SIGUSR2), 0U);
  EXPECT_EQ(sets.at("SigIgn:") & ignored(SIGPIPE), 0U);
}

TEST_F(ProcessTest, OwnSignalHandlersAreBackAfterwards) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction ours = {};
    ours.sa_handler = [](int) {};
    struct sigaction before = {};
    sigaction(signal, &ours, &before);
    ASSERT_TRUE(run_process({.argv = {"true"}}));
    struct sigaction after = {};
    sigaction(signal, &before, &after);
    EXPECT_EQ(after.sa_handler, ours.sa_handler) << "signal " << signal;
  }
}

TEST_F(ProcessTest, ManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<std::string> outputs(16);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    threads.emplace_back([&outputs, i] {
      const auto result = run_process({.argv = {"echo", std::to_string(i)}});
      outputs[i] = result ? result->output : result.error();
    });
  }
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < outputs.size(); ++i) EXPECT_EQ(outputs[i], std::to_string(i) + "\n");
}

TEST_F(ProcessTest, MissingProgramNamesItAndItsPackage) {
  const std::string path = search_path();
  setenv("PATH", directory_.c_str(), 1);
  const auto vvp = run_process({.argv = {"vvp", "x"}});
  const auto sta = run_process({.argv = {"sta"}});
  const auto other = run_process({.argv = {"no-such-program"}});
  setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(vvp);
  EXPECT_EQ(
      vvp.error(),
      "program \"vvp\" not found in PATH; install the Debian package iverilog (apt-get install iverilog)");
  ASSERT_FALSE(sta);
  EXPECT_EQ(
      sta.error(),
      "program \"sta\" not found in PATH; install the Debian package opensta (apt-get install opensta); "
      "there is none in Ubuntu 24.04");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error(), "program \"no-such-program\" not found in PATH");
}

TEST_F(ProcessTest, UnusableDirectoryOrLogIsNamed) {
  const auto directory = run_process({.argv = {"true"}, .working_directory = directory_ / "none"});
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error(),
            "cannot run \"true\" in \"" + (directory_ / "none").string() + "\": not a directory");
  const auto log = run_process({.argv = {"true"}, .log_file = directory_ / "none" / "log"});
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error(), "cannot write the output of \"true\" to \"" +
                             (directory_ / "none" / "log").string() + "\": No such file or directory");
  const auto program = run_process({.argv = {(directory_ / "gone").string()}});
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error(),
            "cannot run \"" + (directory_ / "gone").string() + "\": No such file or directory");
}

TEST_F(ProcessTest, OnPathLooksForExecutableFiles) {
  const std::string path = search_path();
  std::ofstream(directory_ / "plain") << "not executable";
  fs::create_symlink("/bin/true", directory_ / "runs");
  fs::create_directory(directory_ / "folder");
  setenv("PATH", ("/nowhere:" + directory_.string()).c_str(), 1);
  EXPECT_TRUE(on_path("runs"));
  EXPECT_FALSE(on_path("plain"));
  EXPECT_FALSE(on_path("folder"));
  EXPECT_FALSE(on_path("absent"));
  EXPECT_FALSE(on_path(""));
  EXPECT_TRUE(on_path((directory_ / "runs").string()));
  setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace msq
