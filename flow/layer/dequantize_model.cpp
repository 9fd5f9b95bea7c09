#include "flow/layer/dequantize_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "flow/layer/checkpoint_output.hpp"
#include "flow/layer/dequantize_layer.hpp"
#include "golden/io/checkpoint.hpp"
#include "golden/io/describe.hpp"
#include "golden/io/quantized_file.hpp"
#include "golden/io/safetensors_stream.hpp"
#include "golden/io/transpose.hpp"
#include "support/files.hpp"
#include "support/interrupt.hpp"
#include "support/progress.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

/// Of the weights of a layer and those that were quantized. Compensated 2 bits have 0.6 and more, weights of
/// different models about 0.
constexpr double kLeastCosine = 0.1;
constexpr const char* kIndex = "model.safetensors.index.json";
constexpr const char* kConfig = "config.json";

/// The files of the output, in a directory that is made if it is missing. Without keep() they are removed
/// again.
class OutputFiles {
 public:
  /// Error: the directory is not empty, or cannot be made.
  static Result<std::unique_ptr<OutputFiles>> create(fs::path directory, std::vector<std::string> names) {
    std::error_code error;
    const bool exists = fs::exists(directory, error);
    if (exists && (!fs::is_directory(directory, error) || !fs::is_empty(directory, error))) {
      return Error(fmt::format("{}: found {}; allowed: a new or empty directory", directory.string(),
                               fs::is_directory(directory, error) ? "files in it" : "a file"));
    }
    if (!exists && !fs::create_directories(directory, error)) {
      return Error(fmt::format("{}: cannot make the directory: {}", directory.string(), error.message()));
    }
    return std::unique_ptr<OutputFiles>(new OutputFiles(std::move(directory), std::move(names), !exists));
  }
  OutputFiles(const OutputFiles&) = delete;
  OutputFiles& operator=(const OutputFiles&) = delete;
  ~OutputFiles() {
    if (!kept_) remove();
  }

  [[nodiscard]] fs::path path(const std::string& name) const { return directory_ / name; }
  void keep() { kept_ = true; }

 private:
  OutputFiles(fs::path directory, std::vector<std::string> names, bool made)
      : directory_(std::move(directory)),
        names_(std::move(names)),
        made_(made),
        cleanup_([this] { remove(); }) {}

  void remove() const {
    std::error_code ignored;
    for (const std::string& name : names_) fs::remove(directory_ / name, ignored);
    if (made_) fs::remove(directory_, ignored);
  }

  fs::path directory_;
  std::vector<std::string> names_;
  bool made_, kept_ = false;
  Cleanup cleanup_;
};

class Dequantizer {
 public:
  Dequantizer(const DequantizeRequest& request, const golden::SafetensorsReader& quantized,
              const golden::ModelFile* model, const DequantizePlan& plan)
      : request_(request), quantized_(quantized), model_(model), plan_(plan) {
    for (const OutputTensor& tensor : plan.tensors) total_ += static_cast<std::int64_t>(tensor.bytes());
  }

  Result<DequantizedModel> write_file() {
    MSQ_CHECK(write(single_shard(plan_, "").front(), request_.output));
    return findings(1, 0);
  }

  Result<DequantizedModel> write_directory() {
    const golden::CheckpointFiles& files = model_->checkpoint()->files();
    std::vector<OutputShard> shards;
    if (request_.max_shard_bytes) {
      shards = shards_of_size(plan_, *request_.max_shard_bytes);
    } else {
      MSQ_TRY(shards, shards_as_before(plan_, files));
    }
    const std::vector<fs::path> others = others_of(files);
    std::vector<std::string> names{kIndex, kConfig};
    for (const OutputShard& shard : shards) names.push_back(shard.name);
    for (const fs::path& other : others) names.push_back(other.filename().string());
    MSQ_TRY(const auto output, OutputFiles::create(request_.output, std::move(names)));
    for (const OutputShard& shard : shards) MSQ_CHECK(write(shard, output->path(shard.name)));
    if (shards.size() > 1 || (files.index && !request_.max_shard_bytes)) {
      MSQ_CHECK(golden::write_file_atomically(output->path(kIndex), index_text(shards)));
    }
    MSQ_CHECK(write_config(files, output->path(kConfig)));
    for (const fs::path& other : others) MSQ_CHECK(copy(other, output->path(other.filename().string())));
    output->keep();
    return findings(shards.size(), others.size() + (files.config ? 1U : 0U));
  }

 private:
  /// Of a directory that was given, or whose index was: around a single file there may be anything.
  [[nodiscard]] std::vector<fs::path> others_of(const golden::CheckpointFiles& files) const {
    std::error_code ignored;
    const bool whole = files.index || fs::is_directory(request_.checkpoint, ignored);
    if (!whole) return {};
    return other_files(fs::absolute(files.shards.front(), ignored).parent_path());
  }

  Result<> write(const OutputShard& shard, const fs::path& path) {
    std::vector<golden::StreamedTensor> streamed;
    for (const OutputTensor* tensor : shard.tensors) {
      streamed.push_back({tensor->info.name, tensor->info.dtype, tensor->info.shape, tensor->bytes(),
                          [this, tensor](golden::FileSink& sink) { return write(*tensor, sink); }});
    }
    return golden::stream_safetensors(path, streamed, shard.metadata);
  }

  Result<> write(const OutputTensor& tensor, golden::FileSink& sink) {
    progress_.describe(fmt::format("writing {}", golden::in_quotes(tensor.info.name)));
    progress_.update(done_, total_);
    done_ += static_cast<std::int64_t>(tensor.bytes());
    if (tensor.copied()) {
      MSQ_TRY(const auto* reader, shard(tensor.shard));
      return golden::copy_data(*reader, tensor.info.begin, tensor.info.end, sink);
    }
    for (const OutputMatrix& matrix : tensor.matrices) MSQ_CHECK(write(matrix, tensor.type, sink));
    return {};
  }

  Result<> write(const OutputMatrix& matrix, golden::FloatType type, golden::FileSink& sink) {
    if (matrix.layer.empty()) {
      MSQ_TRY(golden::Matrix stored, model_->load_stored(matrix.stored, std::nullopt));
      if (matrix.transposed) stored = golden::transposed(stored);
      return write_rounded(stored, fmt::format("tensor {}", golden::in_quotes(matrix.stored)), type, sink);
    }
    MSQ_TRY(const golden::QuantizedLayer layer, golden::load_quantized(quantized_, matrix.layer));
    if (model_ != nullptr) MSQ_CHECK(check_origin(layer, matrix));
    return write_dequantized(layer, matrix.layout, type, sink);
  }

  /// The layer was quantized from the matrix that it replaces, not from one of the same size.
  [[nodiscard]] Result<> check_origin(const golden::QuantizedLayer& layer, const OutputMatrix& matrix) const {
    MSQ_TRY(const golden::Matrix original, model_->load(matrix.stored, matrix.original_layout));
    const double cosine = cosine_to(layer, original);
    if (cosine >= kLeastCosine) return {};
    return Error(
        fmt::format("{}: layer {}: found other weights than in {} (cosine {:.2f}); allowed: the checkpoint "
                    "that was quantized",
                    quantized_.name(), golden::in_quotes(layer.name), model_->name(), cosine));
  }

  /// One shard is open at a time.
  Result<const golden::SafetensorsReader*> shard(std::size_t index) {
    if (!open_ || open_shard_ != index) {
      MSQ_TRY(auto reader, golden::SafetensorsReader::open(model_->checkpoint()->files().shards[index]));
      open_ = std::make_unique<golden::SafetensorsReader>(std::move(reader));
      open_shard_ = index;
    }
    return open_.get();
  }

  Result<> write_config(const golden::CheckpointFiles& files, const fs::path& to) const {
    if (!files.config) return {};
    const bool from_float8 = !plan_.dropped.empty();
    if (!from_float8 && !request_.form.type) return copy(*files.config, to);
    const auto type = request_.form.type.value_or(golden::FloatType::bf16);
    MSQ_TRY(const std::string text, changed_config(*files.config, type, from_float8));
    return golden::write_file_atomically(to, text);
  }

  static Result<> copy(const fs::path& from, const fs::path& to) {
    std::error_code error;
    if (fs::copy_file(from, to, error)) return {};
    return Error(fmt::format("{}: cannot copy to {}: {}", from.string(), to.string(), error.message()));
  }

  [[nodiscard]] DequantizedModel findings(std::size_t shards, std::size_t others) const {
    DequantizedModel found{request_.quantized, request_.checkpoint, request_.output.string()};
    found.layers = plan_.layers;
    found.dropped = plan_.dropped.size();
    found.shards = shards;
    found.other_files = others;
    found.bytes = static_cast<std::uint64_t>(total_);
    for (const OutputTensor& tensor : plan_.tensors) {
      const bool layer = std::ranges::any_of(tensor.matrices, [](const auto& m) { return !m.layer.empty(); });
      found.copied += tensor.copied() ? 1U : 0U;
      found.converted += !tensor.copied() && !layer ? 1U : 0U;
    }
    return found;
  }

  const DequantizeRequest& request_;
  const golden::SafetensorsReader& quantized_;
  const golden::ModelFile* model_;  ///< null: the layers alone
  const DequantizePlan& plan_;
  std::unique_ptr<golden::SafetensorsReader> open_;
  std::size_t open_shard_ = 0;
  std::int64_t done_ = 0, total_ = 0;
  Progress progress_{"writing"};
};

bool names_file(const fs::path& output) { return output.extension() == ".safetensors"; }

Result<> check_output(const DequantizeRequest& request) {
  if (names_file(request.output)) {
    if (!request.max_shard_bytes) return {};
    return Error(fmt::format("output: found one file, {}, with a size of shards; allowed: a directory",
                             request.output.string()));
  }
  if (!request.checkpoint.empty()) return {};
  return Error(fmt::format("output: found {} without a checkpoint; allowed: a name that ends in .safetensors",
                           golden::in_quotes(request.output.string())));
}

/// The output is none of the files that are read, nor their directory.
Result<> check_apart_from(const DequantizeRequest& request, const golden::ModelFile& model) {
  std::error_code error;
  for (fs::path file : model.files()) {
    if (!names_file(request.output)) file = fs::absolute(file, error).parent_path();
    if (!fs::equivalent(file, request.output, error) || error) continue;
    return Error(
        fmt::format("output: found {}, which is read; allowed: another place", request.output.string()));
  }
  return {};
}

}  // namespace

Result<DequantizedModel> dequantize_model(const DequantizeRequest& request) {
  MSQ_CHECK(check_output(request));
  MSQ_TRY(const auto quantized, golden::SafetensorsReader::open(request.quantized));
  if (request.checkpoint.empty()) {
    MSQ_TRY(const DequantizePlan plan, plan_layers(quantized, request.form));
    return Dequantizer(request, quantized, nullptr, plan).write_file();
  }
  MSQ_TRY(const golden::ModelFile model, golden::ModelFile::open(request.checkpoint));
  MSQ_CHECK(check_apart_from(request, model));
  MSQ_TRY(const DequantizePlan plan, plan_checkpoint(quantized, model, request.form));
  Dequantizer dequantizer(request, quantized, &model, plan);
  return names_file(request.output) ? dequantizer.write_file() : dequantizer.write_directory();
}

}  // namespace msq::flow
