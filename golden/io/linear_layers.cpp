#include "golden/io/linear_layers.hpp"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <map>
#include <string_view>

namespace msq::golden {
namespace {

using Words = std::initializer_list<std::string_view>;

constexpr std::string_view kWeight = ".weight";
constexpr std::string_view kPacked = "_proj_weight";  ///< of torch's MultiheadAttention

bool is_one_of(std::string_view word, Words words) { return std::ranges::find(words, word) != words.end(); }
bool contains_one_of(std::string_view word, Words words) {
  return std::ranges::any_of(
      words, [&](std::string_view part) { return word.find(part) != std::string_view::npos; });
}
bool is_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

/// The name of a tensor, in small letters, as a path of modules.
struct ModulePath {
  explicit ModulePath(std::string_view name) {
    std::string text(name);
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find('.', begin), text.size());
      words.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
    if (!words.empty() && words.back() == "weight") words.pop_back();
    while (words.size() > 1 && is_number(words.back())) {
      words.pop_back();
      in_list = true;
    }
  }

  [[nodiscard]] std::string_view last() const { return words.empty() ? std::string_view() : words.back(); }
  [[nodiscard]] std::string_view parent() const {
    return words.size() < 2 ? std::string_view() : words[words.size() - 2];
  }
  /// Everything before the first number: the part of the model that a layer belongs to.
  [[nodiscard]] std::string group() const {
    std::string text;
    for (const std::string& word : words) {
      if (is_number(word)) break;
      text += word + '.';
    }
    return text;
  }

  std::vector<std::string> words;
  bool in_list = false;  ///< numbers followed, as in a Sequential
};

bool is_norm(std::string_view word) {
  const bool short_name = word.starts_with("ln") || word.starts_with("bn");
  const bool alone = word.size() == 2 || word.find_first_of("_0123456789") == 2;
  return (short_name && alone) || contains_one_of(word, {"norm"});
}

bool is_positions(std::string_view word) {
  return word.ends_with("bias") || word.starts_with("pos_") || word.starts_with("position") ||
         word == "wpe" || contains_one_of(word, {"relative_pos", "rel_pos"});
}

bool is_embedding(const ModulePath& path) {
  const std::string_view word = path.last();
  if (is_one_of(path.parent(), {"embedding", "embeddings"})) return true;
  if (is_one_of(word, {"wte", "shared", "codebook"}) || word.ends_with("token") || word.ends_with("tokens")) {
    return !contains_one_of(word, {"vision_embed"});
  }
  if (word == "emb" || word.ends_with("_emb")) return !path.in_list;
  // The output of a GPT-NeoX, and layers that make vectors from patches and times.
  const bool linear = contains_one_of(
      word, {"embed_out", "embedder", "patch_embed", "vision_embed", "time_embed", "timestep_embed"});
  return contains_one_of(word, {"embed", "embd"}) && !linear;
}

/// Why a module is no linear layer by its name; empty if it may be one.
std::string other_than_linear(const ModulePath& path, bool has_bias) {
  if (contains_one_of(path.last(), {"proj", "linear", "dense", "mapping", "fc"})) return {};
  if (is_norm(path.last())) return "norm by its name";
  if (has_bias) return {};
  if (is_positions(path.last())) return "table of positions by its name";
  return is_embedding(path) ? "embedding by its name" : "";
}

/// Named as GPT-2's layers, which are [K][N] there.
bool is_gpt2(const ModulePath& path) {
  return is_one_of(path.last(), {"c_attn", "q_attn", "c_fc", "c_proj"});
}

/// What the shape of such a layer says: c_attn and c_fc widen their input, c_proj of an MLP narrows it.
std::optional<Layout> gpt2_layout(const ModulePath& path, const std::vector<std::int64_t>& shape) {
  if (shape[0] == shape[1] || path.last() == "q_attn") return std::nullopt;
  const bool narrows = path.last() == "c_proj";
  return (shape[0] < shape[1]) != narrows ? Layout::k_by_n : Layout::n_by_k;
}

/// Layouts that layers of a group were found to have.
struct Votes {
  bool k_by_n = false;
  bool n_by_k = false;

  void add(std::optional<Layout> layout) {
    k_by_n = k_by_n || layout == Layout::k_by_n;
    n_by_k = n_by_k || layout == Layout::n_by_k;
  }
  [[nodiscard]] std::optional<Layout> layout() const {
    if (k_by_n == n_by_k) return std::nullopt;
    return k_by_n ? Layout::k_by_n : Layout::n_by_k;
  }
};

class Guesser {
 public:
  explicit Guesser(std::span<const TensorInfo> tensors) : tensors_(tensors) {
    for (const TensorInfo& tensor : tensors) {
      if (tensor.shape.size() == 1) vectors_[tensor.name] = tensor.shape[0];
    }
    for (const TensorInfo& tensor : tensors) {
      const ModulePath path(tensor.name);
      if (tensor.shape.size() != 2 || !is_gpt2(path)) continue;
      const auto layout = layout_by_bias(tensor);
      votes_[path.group()].add(layout ? layout : gpt2_layout(path, tensor.shape));
    }
  }

  [[nodiscard]] std::vector<LayerGuess> guesses() const {
    std::vector<LayerGuess> all;
    all.reserve(tensors_.size());
    for (const TensorInfo& tensor : tensors_) all.push_back(guess(tensor));
    return all;
  }

 private:
  [[nodiscard]] std::optional<std::int64_t> bias_of(const TensorInfo& tensor) const {
    constexpr std::string_view kEnd = "weight";
    if (!tensor.name.ends_with(kEnd)) return std::nullopt;
    const auto found = vectors_.find(tensor.name.substr(0, tensor.name.size() - kEnd.size()) + "bias");
    return found == vectors_.end() ? std::nullopt : std::optional(found->second);
  }

  [[nodiscard]] std::optional<Layout> layout_by_bias(const TensorInfo& tensor) const {
    const auto length = bias_of(tensor);
    if (!length || tensor.shape[0] == tensor.shape[1]) return std::nullopt;
    if (tensor.shape[0] == *length) return Layout::n_by_k;
    return tensor.shape[1] == *length ? std::optional(Layout::k_by_n) : std::nullopt;
  }

  [[nodiscard]] LayerGuess guess(const TensorInfo& tensor) const {
    if (tensor.shape.size() != 2) return {false, std::nullopt, false, "no matrix"};
    const bool packed = tensor.name.ends_with(kPacked);
    if (!tensor.name.ends_with(kWeight) && !packed) {
      return {false, Layout::n_by_k, false, "its name does not end in \".weight\""};
    }
    const ModulePath path(tensor.name);
    if (std::string other = other_than_linear(path, bias_of(tensor).has_value()); !other.empty() && !packed) {
      return {false, Layout::n_by_k, false, std::move(other)};
    }
    if (const auto layout = layout_by_bias(tensor)) return {true, layout, true, "linear layer with a bias"};
    if (!is_gpt2(path)) return {true, Layout::n_by_k, false, "linear layer"};
    const auto layout = votes_.at(path.group()).layout();
    return {true, layout, false, "named as GPT-2's layers, [K][N] there and [N][K] in others"};
  }

  std::span<const TensorInfo> tensors_;
  std::map<std::string, std::int64_t, std::less<>> vectors_;  ///< lengths of one-dimensional tensors
  std::map<std::string, Votes> votes_;                        ///< of layers named as GPT-2's
};

}  // namespace

std::vector<LayerGuess> guess_layers(std::span<const TensorInfo> tensors) {
  return Guesser(tensors).guesses();
}

}  // namespace msq::golden
