#include "golden/io/module_path.hpp"

#include <algorithm>
#include <cctype>

namespace msq::golden {
namespace {

bool is_word_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool is_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

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
  if (is_word_of(path.parent(), {"embedding", "embeddings"})) return true;
  if (is_word_of(word, {"wte", "shared", "codebook"}) || word.ends_with("token") ||
      word.ends_with("tokens")) {
    return !contains_one_of(word, {"vision_embed"});
  }
  if (word == "emb" || word.ends_with("_emb")) return !path.in_list;
  // The output of a GPT-NeoX, and layers that make vectors from patches and times.
  const bool linear = contains_one_of(
      word, {"embed_out", "embedder", "patch_embed", "vision_embed", "time_embed", "timestep_embed"});
  return contains_one_of(word, {"embed", "embd"}) && !linear;
}

}  // namespace

bool contains_one_of(std::string_view word, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(
      parts, [&](std::string_view part) { return word.find(part) != std::string_view::npos; });
}

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    words.emplace_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  if (words.back() == "weight") words.pop_back();
  return words;
}

ModulePath::ModulePath(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  words = words_of(text);
  while (words.size() > 1 && is_number(words.back())) {
    words.pop_back();
    in_list = true;
  }
}

std::string ModulePath::group() const {
  std::string text;
  for (const std::string& word : words) {
    if (is_number(word)) break;
    text += word + '.';
  }
  return text;
}

std::string other_than_linear(const ModulePath& path, bool has_bias) {
  if (contains_one_of(path.last(), {"proj", "linear", "dense", "mapping", "fc"})) return {};
  if (is_norm(path.last())) return "norm by its name";
  if (has_bias) return {};
  if (is_positions(path.last())) return "table of positions by its name";
  return is_embedding(path) ? "embedding by its name" : "";
}

bool is_token_embedding(const ModulePath& path) {
  return is_word_of(path.last(),
                    {"wte", "shared", "embed_tokens", "embed_in", "word_embeddings", "tok_embeddings"});
}

bool is_output_projection(const ModulePath& path) {
  if (is_word_of(path.last(), {"lm_head", "embed_out", "output_projection", "vocab_projector"})) return true;
  if (path.last() == "decoder") return is_word_of(path.parent(), {"predictions", "lm_head"});
  return path.last() == "output" && path.words.size() == 1;  // of LLaMA's own files
}

bool is_router(const ModulePath& path, bool beside_experts) {
  if (path.parent() == "router" || is_word_of(path.last(), {"router", "shared_expert_gate"})) return true;
  return path.last() == "gate" && (beside_experts || is_word_of(path.parent(), {"block_sparse_moe", "moe"}));
}

bool is_gpt2_layer(const ModulePath& path) {
  return is_word_of(path.last(), {"c_attn", "q_attn", "c_fc", "c_proj"});
}

bool is_in_gpt2_block(const ModulePath& path) {
  const std::size_t size = path.words.size();
  return is_gpt2_layer(path) && size >= 4 && is_word_of(path.parent(), {"attn", "mlp", "crossattention"}) &&
         is_number(path.words[size - 3]) && path.words[size - 4] == "h";
}

}  // namespace msq::golden
