#include "flow/layer/checkpoint_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "golden/io/safetensors_header.hpp"
#include "support/files.hpp"

namespace msq::flow {
namespace {

namespace fs = std::filesystem;

void sort_tensors(OutputShard& shard) {
  std::ranges::stable_sort(shard.tensors, [](const OutputTensor* a, const OutputTensor* b) {
    return golden::comes_before(a->info, b->info);
  });
}

/// Name of a type in transformers.
const char* torch_name(golden::FloatType type) {
  switch (type) {
    case golden::FloatType::f16:
      return "float16";
    case golden::FloatType::bf16:
      return "bfloat16";
    case golden::FloatType::f64:
      return "float64";
    default:
      return "float32";
  }
}

void change_config(nlohmann::ordered_json& config, std::optional<golden::FloatType> type,
                   bool drop_quantization) {
  if (drop_quantization) {
    config.erase("quantization_config");
    config.erase("compression_config");
  }
  for (const char* key : {"torch_dtype", "dtype"}) {
    if (type && config.contains(key)) config[key] = torch_name(*type);
  }
}

bool holds_weights(const std::string& name) {
  constexpr std::array<std::string_view, 13> kEndings = {".safetensors", ".safetensors.index.json",
                                                         ".bin",         ".bin.index.json",
                                                         ".pt",          ".pth",
                                                         ".gguf",        ".onnx",
                                                         ".onnx_data",   ".h5",
                                                         ".msgpack",     ".ckpt",
                                                         ".npz"};
  return std::ranges::any_of(kEndings, [&](std::string_view ending) { return name.ends_with(ending); });
}

}  // namespace

std::vector<OutputShard> single_shard(const DequantizePlan& plan, std::string name) {
  OutputShard shard{std::move(name), {}, {{"format", "pt"}}};
  for (const OutputTensor& tensor : plan.tensors) shard.tensors.push_back(&tensor);
  sort_tensors(shard);
  return {std::move(shard)};
}

Result<std::vector<OutputShard>> shards_as_before(const DequantizePlan& plan,
                                                  const golden::CheckpointFiles& files) {
  std::vector<OutputShard> shards;
  for (const fs::path& path : files.shards) {
    MSQ_TRY(const auto reader, golden::SafetensorsReader::open(path));
    shards.push_back({path.filename().string(), {}, reader.metadata()});
  }
  for (const OutputTensor& tensor : plan.tensors) shards[tensor.shard].tensors.push_back(&tensor);
  std::erase_if(shards, [](const OutputShard& shard) { return shard.tensors.empty(); });
  std::ranges::for_each(shards, sort_tensors);
  return shards;
}

std::vector<OutputShard> shards_of_size(const DequantizePlan& plan, std::uint64_t max_bytes) {
  std::vector<OutputShard> shards;
  std::uint64_t filled = 0;
  for (const OutputTensor& tensor : plan.tensors) {
    if (shards.empty() || (filled > 0 && filled + tensor.bytes() > max_bytes)) {
      shards.push_back({"model.safetensors", {}, {{"format", "pt"}}});
      filled = 0;
    }
    filled += tensor.bytes();
    shards.back().tensors.push_back(&tensor);
  }
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (shards.size() > 1) {
      shards[i].name = fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards.size());
    }
    sort_tensors(shards[i]);
  }
  return shards;
}

std::string index_text(const std::vector<OutputShard>& shards) {
  nlohmann::json weight_map = nlohmann::json::object();
  std::uint64_t total = 0;
  for (const OutputShard& shard : shards) {
    for (const OutputTensor* tensor : shard.tensors) {
      weight_map[tensor->info.name] = shard.name;
      total += tensor->bytes();
    }
  }
  const nlohmann::ordered_json index = {{"metadata", {{"total_size", total}}}, {"weight_map", weight_map}};
  return index.dump(2) + "\n";
}

Result<std::string> changed_config(const fs::path& config, std::optional<golden::FloatType> type,
                                   bool drop_quantization) {
  MSQ_TRY(const std::string text, read_text(config));
  auto document = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!document.is_object()) {
    return Error(
        fmt::format("{}: found no JSON object; allowed: the configuration of a model", config.string()));
  }
  change_config(document, type, drop_quantization);
  const auto text_config = document.find("text_config");
  if (text_config != document.end() && text_config->is_object()) {
    change_config(*text_config, type, drop_quantization);
  }
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::vector<fs::path> other_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (name != "config.json" && !holds_weights(name) && entry.is_regular_file(error))
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace msq::flow
