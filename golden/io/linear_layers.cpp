#include "golden/io/linear_layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "golden/io/describe.hpp"
#include "golden/io/model_families.hpp"
#include "golden/io/module_path.hpp"
#include "golden/io/mxfp4.hpp"
#include "golden/io/weight_scales.hpp"

namespace msq::golden {
namespace {

constexpr std::string_view kEnding = ".weight";
constexpr std::string_view kPacked = "_proj_weight";  ///< of torch's MultiheadAttention

/// Layout by the shape of a layer named as GPT-2's: c_attn and c_fc widen their input, c_proj of an MLP
/// narrows it.
std::optional<Layout> gpt2_layout(const ModulePath& path, const std::vector<std::int64_t>& shape) {
  if (shape[0] == shape[1] || path.last() == "q_attn") return std::nullopt;
  const bool narrows = path.last() == "c_proj";
  return (shape[0] < shape[1]) != narrows ? Layout::k_by_n : Layout::n_by_k;
}

/// Layouts that layers of a group were found to have.
struct Votes {
  bool k_by_n = false;
  bool n_by_k = false;
  bool by_bias = false;  ///< at least one of them

  void add(std::optional<Layout> layout, bool bias) {
    k_by_n = k_by_n || layout == Layout::k_by_n;
    n_by_k = n_by_k || layout == Layout::n_by_k;
    by_bias = by_bias || (bias && layout);
  }
  [[nodiscard]] bool none() const { return !k_by_n && !n_by_k; }
  [[nodiscard]] std::optional<Layout> layout() const {
    if (k_by_n == n_by_k) return std::nullopt;
    return k_by_n ? Layout::k_by_n : Layout::n_by_k;
  }
};

/// The words before the one that names experts: "model.layers.0.mlp"; empty if none does.
std::string parent_of_experts(const std::vector<std::string>& words) {
  std::string parent;
  for (const std::string& word : words) {
    if (word.find("expert") != std::string::npos) return parent;
    parent += parent.empty() ? word : "." + word;
  }
  return {};
}

bool names_experts(const ModulePath& path) {
  return std::ranges::any_of(
      path.words, [](const std::string& word) { return word.find("expert") != std::string::npos; });
}

/// Which side of an expert's matrix has the model's hidden size: K of a matrix that reads the state of the
/// model, N of one that writes it. Nothing: not decided by the name.
std::optional<bool> reads_state(const ModulePath& path) {
  if (contains_one_of(path.last(), {"down"}) || path.last() == "w2") return false;
  if (contains_one_of(path.last(), {"gate", "up"}) || path.last() == "w1" || path.last() == "w3") return true;
  return std::nullopt;
}

class Guesser {
 public:
  Guesser(std::span<const TensorInfo> tensors, const ModelConfig& config)
      : tensors_(tensors), config_(config), family_(find_family(config)) {
    for (const TensorInfo& tensor : tensors) {
      shapes_[tensor.name] = &tensor.shape;
      if (!mxfp4_name(tensor).empty()) scales_of_[mxfp4_scales_name(tensor)] = tensor.name;
      if (is_float8(tensor.dtype)) {
        for (std::string& scales : scale_names(tensor.name)) scales_of_[std::move(scales)] = tensor.name;
      }
    }
    for (const TensorInfo& tensor : tensors) learn(tensor);
  }

  [[nodiscard]] std::vector<LayerGuess> guesses() const {
    std::vector<LayerGuess> all;
    all.reserve(tensors_.size());
    for (const TensorInfo& tensor : tensors_) all.push_back(guess(tensor));
    return all;
  }

 private:
  /// Notes the facts about other tensors that a tensor implies.
  void learn(const TensorInfo& tensor) {
    const ModulePath path(tensor.name);
    if (std::string parent = parent_of_experts(path.words); !parent.empty()) {
      parents_of_experts_.insert(std::move(parent));
    }
    if (tensor.shape.size() != 2) return;
    has_output_ = has_output_ || is_output_projection(path);
    if (!is_gpt2_layer(path)) return;
    const auto layout = layout_by_bias(tensor);
    votes_[path.group()].add(layout ? layout : gpt2_layout(path, tensor.shape), layout.has_value());
  }

  /// Null if there is no such tensor.
  [[nodiscard]] const std::vector<std::int64_t>* shape_of(std::string_view name) const {
    const auto found = shapes_.find(name);
    return found == shapes_.end() ? nullptr : found->second;
  }

  /// Length of the bias.
  [[nodiscard]] std::optional<std::int64_t> bias_of(const TensorInfo& tensor) const {
    if (!tensor.name.ends_with(kEnding.substr(1))) return std::nullopt;
    const auto* shape = shape_of(tensor.name.substr(0, tensor.name.size() - kEnding.size() + 1) + "bias");
    return shape == nullptr || shape->size() != 1 ? std::nullopt : std::optional(shape->front());
  }

  [[nodiscard]] std::optional<Layout> layout_by_bias(const TensorInfo& tensor) const {
    const auto length = bias_of(tensor);
    if (!length || tensor.shape[0] == tensor.shape[1]) return std::nullopt;
    if (tensor.shape[0] == *length) return Layout::n_by_k;
    return tensor.shape[1] == *length ? std::optional(Layout::k_by_n) : std::nullopt;
  }

  [[nodiscard]] LayerGuess guess(const TensorInfo& tensor) const {
    if (std::string owner = owner_of(tensor); !owner.empty()) {
      std::string use =
          fmt::format("{} of {}", scales_of_.contains(tensor.name) ? "scales" : "bias", in_quotes(owner));
      return {false, std::nullopt, false, std::move(use), {}, {}, false, std::move(owner)};
    }
    if (!mxfp4_name(tensor).empty()) return guess_mxfp4(tensor);
    const std::vector<std::string> words = words_of(tensor.name);
    const RuleMatch match = family_ == nullptr ? RuleMatch{} : match_rule(words, family_->rules);
    if (tensor.shape.size() == 3) return guess_experts(tensor, words, match);
    if (tensor.shape.size() != 2) return {false, std::nullopt, false, "no matrix"};
    const bool packed = tensor.name.ends_with(kPacked);
    if (!tensor.name.ends_with(kEnding) && !packed) {
      return {false, Layout::n_by_k, false, "its name does not end in \".weight\""};
    }
    LayerGuess found = match.rule == nullptr ? guess_by_name(tensor, packed) : guess_by_rule(tensor, match);
    if (!found.linear) return found;
    found.input = input_of(tensor, words, match);
    if (match.rule != nullptr) found.parts = match.rule->parts;
    return found;
  }

  /// The tensor whose scales or biases this one holds.
  [[nodiscard]] std::string owner_of(const TensorInfo& tensor) const {
    if (const auto found = scales_of_.find(tensor.name); found != scales_of_.end()) return found->second;
    constexpr std::string_view kBias = "_bias";
    if (!tensor.name.ends_with(kBias) || tensor.shape.size() != 2) return {};
    std::string owner = tensor.name.substr(0, tensor.name.size() - kBias.size());
    const auto* shape = shape_of(owner);
    const bool owns = shape != nullptr && shape->size() == 3;
    return owns || shape_of(owner + "_blocks") != nullptr ? std::move(owner) : std::string();
  }

  [[nodiscard]] std::string input_of(const TensorInfo& tensor, const std::vector<std::string>& words,
                                     const RuleMatch& match) const {
    if (match.rule != nullptr) return match.input_id();
    const std::span<const ModuleRule> usual = usual_rules();
    const RuleMatch shared = match_rule(words, {&usual, 1});
    if (shared.rule != nullptr) return shared.input_id();
    return tensor.name.ends_with(kEnding) ? tensor.name.substr(0, tensor.name.size() - kEnding.size())
                                          : tensor.name;
  }

  [[nodiscard]] LayerGuess guess_by_rule(const TensorInfo& tensor, const RuleMatch& match) const {
    switch (match.rule->role) {
      case ModuleRole::router:
        return {false, Layout::n_by_k, false, fmt::format("router of the mixture ({})", family_->name)};
      case ModuleRole::output:
        return {false, Layout::n_by_k, false, output_use()};
      case ModuleRole::experts:
      case ModuleRole::experts_k_by_n:
      case ModuleRole::linear:
      case ModuleRole::conv1d:
        break;
    }
    if (const auto layout = layout_by_bias(tensor)) return {true, layout, true, "linear layer with a bias"};
    const bool conv1d = match.rule->role == ModuleRole::conv1d;
    const std::string use =
        fmt::format("linear layer of {}{}", family_->name, conv1d ? " (Conv1D, [K][N])" : "");
    const Votes* votes = votes_of(ModulePath(tensor.name));
    if (votes != nullptr && votes->layout()) return {true, votes->layout(), votes->by_bias, use};
    return {true, conv1d ? Layout::k_by_n : Layout::n_by_k, false, use};
  }

  /// Null if the layer is not named as GPT-2's.
  [[nodiscard]] const Votes* votes_of(const ModulePath& path) const {
    return is_gpt2_layer(path) ? &votes_.at(path.group()) : nullptr;
  }

  [[nodiscard]] LayerGuess guess_by_name(const TensorInfo& tensor, bool packed) const {
    const ModulePath path(tensor.name);
    if (is_output_projection(path)) return {false, Layout::n_by_k, false, output_use()};
    if (is_router(path, is_beside_experts(path))) {
      return {false, Layout::n_by_k, false, "router of a mixture by its name"};
    }
    std::string other = packed ? "" : other_than_linear(path, bias_of(tensor).has_value());
    if (!other.empty()) {
      if (is_tied() && is_token_embedding(path)) other += ", tied: the output projection, too";
      return {false, Layout::n_by_k, false, std::move(other)};
    }
    if (const auto layout = layout_by_bias(tensor)) return {true, layout, true, "linear layer with a bias"};
    const Votes* votes = votes_of(path);
    if (votes == nullptr) return {true, Layout::n_by_k, false, "linear layer"};
    constexpr const char* kUse = "named as GPT-2's layers, [K][N] there and [N][K] in others";
    if (votes->none() && is_in_gpt2_block(path)) return {true, Layout::k_by_n, false, kUse};
    return {true, votes->layout(), votes->by_bias, kUse};
  }

  [[nodiscard]] bool is_beside_experts(const ModulePath& path) const {
    std::string parent;
    for (std::size_t i = 0; i + 1 < path.words.size(); ++i) parent += (i == 0 ? "" : ".") + path.words[i];
    return parents_of_experts_.contains(parent);
  }

  /// By config.json, or because a model of language has no other output projection.
  [[nodiscard]] bool is_tied() const {
    if (config_.tied.value_or(false)) return true;
    const bool causal = std::ranges::any_of(config_.architectures, [](const std::string& name) {
      return contains_one_of(name, {"ForCausalLM", "LMHead"});
    });
    return causal && !has_output_;
  }

  [[nodiscard]] std::string output_use() const {
    return config_.tied.value_or(false) ? "output projection, tied to the embedding" : "output projection";
  }

  [[nodiscard]] LayerGuess guess_experts(const TensorInfo& tensor, const std::vector<std::string>& words,
                                         const RuleMatch& match) const {
    const ModulePath path(tensor.name);
    if (!names_experts(path)) return {false, std::nullopt, false, "no matrix"};
    LayerGuess found{true, std::nullopt, false, "matrix of an expert"};
    found.experts = true;
    found.input = input_of(tensor, words, match);
    if (match.rule != nullptr) {
      found.parts = match.rule->parts;
      found.use = fmt::format("expert of {}", family_->name);
      if (match.rule->role == ModuleRole::experts) found.layout = Layout::n_by_k;
      if (match.rule->role == ModuleRole::experts_k_by_n) found.layout = Layout::k_by_n;
    }
    if (const auto layout = layout_by_hidden_size(tensor, path)) {
      found.layout = layout;
      found.proven = true;
      found.use += ", layout by the hidden size";
    }
    return found;
  }

  /// As a tensor [experts][N][K]: blocks run along K.
  [[nodiscard]] LayerGuess guess_mxfp4(const TensorInfo& blocks) const {
    const TensorInfo tensor{mxfp4_name(blocks),
                            blocks.dtype,
                            {blocks.shape[0], blocks.shape[1], blocks.shape[2] * kMxfp4Block},
                            0,
                            0};
    LayerGuess found = guess(tensor);
    found.layout = Layout::n_by_k;
    found.proven = found.experts;
    if (found.experts)
      found.use = fmt::format("expert of {}", family_ == nullptr ? "a mixture" : family_->name);
    return found;
  }

  [[nodiscard]] std::optional<Layout> layout_by_hidden_size(const TensorInfo& tensor,
                                                            const ModulePath& path) const {
    const auto hidden = config_.hidden_size ? config_.hidden_size : columns_of_router(tensor);
    const auto reads = reads_state(path);
    if (!hidden || !reads) return std::nullopt;
    const bool first = tensor.shape[1] == *hidden;
    const bool second = tensor.shape[2] == *hidden;
    if (first == second) return std::nullopt;
    return first == *reads ? Layout::k_by_n : Layout::n_by_k;
  }

  /// K of the router beside the experts, which is the hidden size.
  [[nodiscard]] std::optional<std::int64_t> columns_of_router(const TensorInfo& tensor) const {
    const std::string parent = parent_of_experts(words_of(tensor.name));
    for (const char* router : {"gate", "router"}) {
      const auto* shape = shape_of(fmt::format("{}.{}.weight", parent, router));
      if (shape != nullptr && shape->size() == 2 && shape->front() == tensor.shape[0]) return shape->back();
    }
    return std::nullopt;
  }

  std::span<const TensorInfo> tensors_;
  const ModelConfig& config_;
  const Family* family_;
  std::map<std::string, const std::vector<std::int64_t>*, std::less<>> shapes_;
  std::map<std::string, std::string, std::less<>> scales_of_;  ///< tensor of each name for scales
  std::map<std::string, Votes> votes_;                         ///< of layers named as GPT-2's
  std::set<std::string> parents_of_experts_;                   ///< in small letters
  bool has_output_ = false;
};

}  // namespace

std::vector<LayerGuess> guess_layers(std::span<const TensorInfo> tensors, const ModelConfig& config) {
  return Guesser(tensors, config).guesses();
}

}  // namespace msq::golden
