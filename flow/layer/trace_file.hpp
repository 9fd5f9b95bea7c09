#pragma once

#include <filesystem>
#include <string>

#include "support/interrupt.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// A trace that is recorded to a temporary file beside its place, and takes the place once it is complete: a
/// file that is there stays as it is until then. Links are followed, permissions kept. The temporary goes
/// with the object, and when the program is interrupted.
class TraceFile {
 public:
  explicit TraceFile(std::filesystem::path file);
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  ~TraceFile();

  /// Error (names the file): no such directory, or the file is a directory or device, or write-protected. To
  /// be asked before the work of recording.
  [[nodiscard]] static Result<> check(const std::filesystem::path& file);

  /// Where to record.
  [[nodiscard]] const std::filesystem::path& temporary() const { return temporary_; }
  /// Moves the temporary into its place. Error: the file cannot be replaced.
  [[nodiscard]] Result<> keep() const;

 private:
  void remove() const;

  std::filesystem::path file_, target_, temporary_;
  Cleanup cleanup_;
};

}  // namespace msq::flow
