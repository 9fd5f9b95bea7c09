#pragma once

#include <cstddef>
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

/// Inputs that all layers of a run share, and a bound that the numbers of its layers are below.
struct PartPlan {
  std::string generator, contract;
  QuantizerChoices choices;
  std::size_t layers = 0;
};

/// Inputs of one layer besides the plan. Contents count, not files, whose names and times may be those
/// of others.
struct PartKey {
  std::string tensor, layer;
  golden::Layout layout = golden::Layout::k_by_n;
  int bits = 0;
  std::string weights;      ///< Digest of the weights [K][N]
  std::string calibration;  ///< Digest of the calibration activations; empty without
};

/// Part files found for a layer.
struct FoundPart {
  std::optional<QuantizationFindings> findings;  ///< without the choices; none: there is no part to use
  bool of_another = false;                       ///< there is a part, of another key
};

/// Purpose of opening the part files.
enum class PartUse {
  run,      ///< quantizing and joining all layers: parts of another plan are removed
  task,     ///< quantizing one layer, while other tasks do the same: parts of another plan are an error
  collect,  ///< joining what tasks left: parts of another plan are an error
};

/// The finished layers of a run that has not ended, in the directory OUTPUT.parts: for each layer a
/// .safetensors file and a JSON text with its key, plan and findings, and plan.json, which says how many
/// layers have files. Every file is written atomically, so that a run killed at any moment leaves finished
/// layers only. No file is removed except those of the plan and their temporaries. Each part names its plan,
/// because locks may not reach from one machine to another.
class PartFiles {
 public:
  /// Makes the directory, or takes up one that a run with the same `plan` left, for any number of layers. One
  /// of another plan is emptied by PartUse::run, and restarted() is true then. Error: the directory cannot be
  /// made or written, holds something else, or is of another plan, with the first difference; another run is
  /// using it (tasks use it together).
  [[nodiscard]] static Result<std::unique_ptr<PartFiles>> open(const std::filesystem::path& output,
                                                               const PartPlan& plan,
                                                               PartUse use = PartUse::run);
  /// Removes the parts of another plan than `plan`, if there are any. Returns whether there were. Error: as
  /// for open().
  [[nodiscard]] static Result<bool> clear_others(const std::filesystem::path& output, const PartPlan& plan);
  /// The directory of an output.
  [[nodiscard]] static std::filesystem::path directory_of(const std::filesystem::path& output);
  /// Files that add() makes for layer number `index` of an output.
  [[nodiscard]] static std::vector<std::filesystem::path> files_of(const std::filesystem::path& output,
                                                                   std::size_t index);
  PartFiles(const PartFiles&) = delete;
  PartFiles& operator=(const PartFiles&) = delete;
  /// Removes the directory if no layer was finished, unless other tasks may be using it.
  ~PartFiles();

  [[nodiscard]] bool restarted() const { return restarted_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  /// Whether anything was kept of layer number `index`.
  [[nodiscard]] bool has(std::size_t index) const;
  /// Layer number `index`, if it was added under this `key` and its files are whole.
  [[nodiscard]] FoundPart find(std::size_t index, const PartKey& key) const;
  [[nodiscard]] Result<> add(std::size_t index, const PartKey& key, const FinishedLayer& finished) const;
  /// The file of layer number `index`, as save_quantized wrote it.
  [[nodiscard]] std::filesystem::path layer_file(std::size_t index) const;
  /// The layers are in the output: nothing of the directory is needed any more.
  void remove();

 private:
  PartFiles(std::filesystem::path directory, PartPlan plan, PartUse use)
      : directory_(std::move(directory)), plan_(std::move(plan)), use_(use) {}
  [[nodiscard]] Result<> lock();
  [[nodiscard]] Result<golden::QuantizedLayer> load(std::size_t index, const std::string& layer) const;
  [[nodiscard]] Result<> prepare();
  /// Error: a file in the directory that the plan does not name, or a plan of another program.
  [[nodiscard]] Result<> check_ours(const std::vector<std::filesystem::path>& files,
                                    bool without_plan = false) const;
  [[nodiscard]] bool is_ours(const std::string& name) const;
  [[nodiscard]] std::filesystem::path file(std::size_t index, const char* extension) const;

  std::filesystem::path directory_;
  PartPlan plan_;
  PartUse use_;
  std::optional<Lock> lock_;  ///< of the directory
  std::size_t layers_ = 0;    ///< whose files may be there
  bool restarted_ = false;
};

}  // namespace msq::flow
