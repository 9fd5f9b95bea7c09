#include "support/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace msq {
namespace {

constexpr std::chrono::seconds kQuiet{2};
constexpr std::chrono::milliseconds kRefresh{250};

}  // namespace

Progress::Progress(std::string what) : what_(std::move(what)) {
  if (::isatty(STDERR_FILENO) == 0) return;
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    if (end_.wait_for(lock, kQuiet, [this] { return ended_; })) return;
    do {
      show();
    } while (!end_.wait_for(lock, kRefresh, [this] { return ended_; }));
  });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  end_.notify_all();
  thread_.join();
  if (shown_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::update(std::int64_t done, std::int64_t total) {
  updated_ = seconds();
  part_ = static_cast<double>(done) / static_cast<double>(total > 0 ? total : 1);
}

void Progress::describe(std::string what) {
  const std::lock_guard lock(mutex_);
  what_ = std::move(what);
}

double Progress::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void Progress::show() {
  shown_ = true;
  const double part = part_;
  const double elapsed = seconds();
  const std::string percent = part >= 0 ? fmt::format("{:.0f} %, ", 100 * part) : std::string();
  const std::string left =
      part > 0 ? fmt::format(", about {:.0f} s left", std::max(0.0, updated_ / part - elapsed))
               : std::string();
  fmt::print(stderr, "\r\x1b[K{} ... {}{:.0f} s{}", what_, percent, elapsed, left);
  std::fflush(stderr);
}

}  // namespace msq
