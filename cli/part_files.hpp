#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/outcome.hpp"
#include "golden/io/quantized_file.hpp"
#include "support/result.hpp"

namespace msq::cli {

/// The finished layers of a run that is not at its end yet, in the directory OUTPUT.parts: for each layer a
/// .safetensors file and a JSON text about it, and plan.json, which tells what made them. Every file is
/// written atomically, so that a run killed at any moment leaves finished layers only.
class PartFiles {
 public:
  /// Makes the directory, or takes up one that a run with the same `plan` left. One of another plan is
  /// emptied, and restarted() tells so. Error: the directory cannot be made or written, holds something else,
  /// or another run is using it.
  [[nodiscard]] static Result<std::unique_ptr<PartFiles>> open(const std::filesystem::path& output,
                                                               const Json& plan);
  PartFiles(const PartFiles&) = delete;
  PartFiles& operator=(const PartFiles&) = delete;
  /// Removes the directory if no layer was finished.
  ~PartFiles();

  [[nodiscard]] bool restarted() const { return restarted_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  /// What was said about layer number `index` when it was added under this `key`; nothing if it was not, or
  /// its files are not whole.
  [[nodiscard]] std::optional<Json> find(std::size_t index, const Json& key, const std::string& layer) const;
  [[nodiscard]] Result<> add(std::size_t index, const Json& key, const Json& report,
                             const golden::QuantizedLayer& layer) const;
  [[nodiscard]] Result<golden::QuantizedLayer> load(std::size_t index, const std::string& layer) const;
  /// The layers are in the output: nothing of the directory is needed any more.
  void remove();

 private:
  explicit PartFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}
  [[nodiscard]] Result<> lock();
  [[nodiscard]] Result<> prepare(const std::string& plan);
  [[nodiscard]] std::filesystem::path file(std::size_t index, const char* extension) const;

  std::filesystem::path directory_;
  int descriptor_ = -1;  ///< of the directory, locked
  bool restarted_ = false;
};

}  // namespace msq::cli
