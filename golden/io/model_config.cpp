#include "golden/io/model_config.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "golden/io/json_file.hpp"

namespace msq::golden {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxExtent = std::int64_t{1} << 31;

/// Reads fields; the first error sticks.
class ConfigFields {
 public:
  [[nodiscard]] const std::string& error() const { return error_; }

  /// Null if there is none, or if it is null.
  static const json* find(const json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
  }

  std::string text(const json& object, const char* key) {
    const json* value = find(object, key);
    if (value == nullptr) return {};
    if (value->is_string()) return value->get<std::string>();
    fail(key, *value, "text");
    return {};
  }

  std::optional<bool> boolean(const json& object, const char* key) {
    const json* value = find(object, key);
    if (value == nullptr) return std::nullopt;
    if (value->is_boolean()) return value->get<bool>();
    fail(key, *value, "true or false");
    return std::nullopt;
  }

  std::optional<std::int64_t> extent(const json& object, const char* key) {
    const json* value = find(object, key);
    if (value == nullptr) return std::nullopt;
    if (is_extent(*value)) return value->get<std::int64_t>();
    fail(key, *value, "an integer from 1 to 2^31");
    return std::nullopt;
  }

  std::vector<std::string> texts(const json& object, const char* key) {
    const json* value = find(object, key);
    std::vector<std::string> all;
    if (value == nullptr) return all;
    const bool right = value->is_array() && std::all_of(value->begin(), value->end(),
                                                        [](const json& item) { return item.is_string(); });
    if (right) return value->get<std::vector<std::string>>();
    fail(key, *value, "a list of texts");
    return all;
  }

  std::optional<std::array<std::int64_t, 2>> block(const json& object, const char* key) {
    const json* value = find(object, key);
    if (value == nullptr) return std::nullopt;
    if (value->is_array() && value->size() == 2 && is_extent((*value)[0]) && is_extent((*value)[1]))
      return std::array{(*value)[0].get<std::int64_t>(), (*value)[1].get<std::int64_t>()};
    fail(key, *value, "[rows, columns], integers from 1");
    return std::nullopt;
  }

 private:
  static bool is_extent(const json& value) {
    return value.is_number_unsigned() && value.get<std::uint64_t>() >= 1 &&
           value.get<std::uint64_t>() <= static_cast<std::uint64_t>(kMaxExtent);
  }

  void fail(const char* key, const json& found, const char* allowed) {
    if (error_.empty()) {
      error_ = fmt::format("{}: found {:.60}; allowed: {}", key,
                           found.dump(-1, ' ', true, json::error_handler_t::replace), allowed);
    }
  }

  std::string error_;
};

/// Of compressed-tensors: the block structure of the first group that has one.
std::optional<std::array<std::int64_t, 2>> block_of_groups(ConfigFields& fields, const json& quantization) {
  const json* groups = ConfigFields::find(quantization, "config_groups");
  if (groups == nullptr || !groups->is_object()) return std::nullopt;
  for (const json& group : *groups) {
    const json* weights = ConfigFields::find(group, "weights");
    if (weights == nullptr) continue;
    if (const auto block = fields.block(*weights, "block_structure")) return block;
  }
  return std::nullopt;
}

}  // namespace

Result<ModelConfig> read_model_config(const std::filesystem::path& path) {
  MSQ_TRY(const json document, read_json_file(path));
  ConfigFields fields;
  ModelConfig config;
  config.model_type = fields.text(document, "model_type");
  config.architectures = fields.texts(document, "architectures");
  const json* text = ConfigFields::find(document, "text_config");
  const json& language = text == nullptr ? document : *text;
  config.hidden_size = fields.extent(language, "hidden_size");
  if (!config.hidden_size) config.hidden_size = fields.extent(language, "n_embd");
  config.tied = fields.boolean(document, "tie_word_embeddings");
  if (!config.tied) config.tied = fields.boolean(language, "tie_word_embeddings");
  for (const json* owner : {&document, &language}) {
    const json* quantization = ConfigFields::find(*owner, "quantization_config");
    if (quantization == nullptr) continue;
    config.quantization = fields.text(*quantization, "quant_method");
    config.scale_block = fields.block(*quantization, "weight_block_size");
    if (!config.scale_block) config.scale_block = block_of_groups(fields, *quantization);
    break;
  }
  if (!fields.error().empty()) return Error(fmt::format("{}: {}", path.string(), fields.error()));
  return config;
}

}  // namespace msq::golden
