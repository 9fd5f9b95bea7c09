#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace msq {

/// Describes a long step on standard error, in one line that is removed at the end: nothing in the first
/// two seconds, nothing ever if standard error is not a terminal.
class Progress {
 public:
  explicit Progress(std::string what);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// Share that is done; without, only the time is shown. The remaining time is estimated from it.
  void update(std::int64_t done, std::int64_t total);
  /// Something else is being done now.
  void describe(std::string what);
  [[nodiscard]] double seconds() const;

 private:
  void show();

  std::string what_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::atomic<double> part_{-1};    ///< 0 to 1; negative: unknown
  std::atomic<double> updated_{0};  ///< seconds() when it was so
  bool shown_ = false;
  bool ended_ = false;
  std::mutex mutex_;
  std::condition_variable end_;
  std::thread thread_;
};

}  // namespace msq
