#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flow/layer/quantize_layer.hpp"
#include "golden/io/matrix.hpp"
#include "golden/io/quantized_file.hpp"
#include "support/lock.hpp"
#include "support/result.hpp"

namespace msq::flow {

/// Size and time of last change of a file: equal as long as nobody wrote to it.
struct FileStamp {
  std::string file;
  std::int64_t bytes = 0, seconds = 0, nanoseconds = 0;
};

/// Error: a file is not there.
[[nodiscard]] Result<std::vector<FileStamp>> stamps_of(const std::vector<std::filesystem::path>& files);

/// What all layers of a run depend on.
struct PartPlan {
  std::string generator, contract;
  QuantizerChoices choices;
  std::vector<FileStamp> source;
};

/// What one layer depends on besides the plan.
struct PartKey {
  std::string tensor, layer;
  golden::Layout layout = golden::Layout::k_by_n;
  std::vector<FileStamp> other_files;
};

/// The finished layers of a run that has not ended, in the directory OUTPUT.parts: for each layer a
/// .safetensors file and a JSON text with its key and findings, and plan.json. Every file is written
/// atomically, so that a run killed at any moment leaves finished layers only.
class PartFiles {
 public:
  /// Makes the directory, or takes up one that a run with the same `plan` left. One of another plan is
  /// emptied, and restarted() tells so. Error: the directory cannot be made or written, holds something else,
  /// or another run is using it.
  [[nodiscard]] static Result<std::unique_ptr<PartFiles>> open(const std::filesystem::path& output,
                                                               const PartPlan& plan);
  PartFiles(const PartFiles&) = delete;
  PartFiles& operator=(const PartFiles&) = delete;
  /// Removes the directory if no layer was finished.
  ~PartFiles();

  [[nodiscard]] bool restarted() const { return restarted_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  /// Findings of layer number `index`, without the choices, if it was added under this `key` and its files
  /// are whole.
  [[nodiscard]] std::optional<QuantizationFindings> find(std::size_t index, const PartKey& key) const;
  [[nodiscard]] Result<> add(std::size_t index, const PartKey& key, const FinishedLayer& finished) const;
  [[nodiscard]] Result<golden::QuantizedLayer> load(std::size_t index, const std::string& layer) const;
  /// The layers are in the output: nothing of the directory is needed any more.
  void remove();

 private:
  explicit PartFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}
  [[nodiscard]] Result<> lock();
  [[nodiscard]] Result<> prepare(const std::string& plan);
  [[nodiscard]] std::filesystem::path file(std::size_t index, const char* extension) const;

  std::filesystem::path directory_;
  std::optional<Lock> lock_;  ///< of the directory
  bool restarted_ = false;
};

}  // namespace msq::flow
