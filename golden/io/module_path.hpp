#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace msq::golden {

[[nodiscard]] bool contains_one_of(std::string_view word, std::initializer_list<std::string_view> parts);

/// The parts of a tensor's name between its dots, without "weight" at the end.
[[nodiscard]] std::vector<std::string> words_of(std::string_view name);

/// The name of a tensor, in small letters, as a path of modules.
struct ModulePath {
  explicit ModulePath(std::string_view name);

  [[nodiscard]] std::string_view last() const { return words.empty() ? std::string_view() : words.back(); }
  [[nodiscard]] std::string_view parent() const {
    return words.size() < 2 ? std::string_view() : words[words.size() - 2];
  }
  /// Everything before the first number: the part of the model that a layer belongs to.
  [[nodiscard]] std::string group() const;

  std::vector<std::string> words;
  bool in_list = false;  ///< numbers followed, as in a Sequential
};

// By the words alone:

/// Why a module is no linear layer; empty if it may be one.
[[nodiscard]] std::string other_than_linear(const ModulePath& path, bool has_bias);
/// Embedding of tokens, rather than of positions or types.
[[nodiscard]] bool is_token_embedding(const ModulePath& path);
/// Logits of the tokens.
[[nodiscard]] bool is_output_projection(const ModulePath& path);
/// Chooses experts. `beside_experts`: the module's parent holds experts.
[[nodiscard]] bool is_router(const ModulePath& path, bool beside_experts);
/// Named as GPT-2's layers, which are [K][N] there.
[[nodiscard]] bool is_gpt2_layer(const ModulePath& path);
/// In a block of the names of GPT-2's: "h.0.attn.c_attn".
[[nodiscard]] bool is_in_gpt2_block(const ModulePath& path);

}  // namespace msq::golden
