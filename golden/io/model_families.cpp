#include "golden/io/model_families.hpp"

#include <algorithm>
#include <cstddef>

namespace msq::golden {
namespace {

using enum ModuleRole;

// How transformers names and computes them. The page docs/user/models.md shows this table.

constexpr std::string_view kQkv = "self_attn.qkv";
constexpr std::string_view kGateUp = "mlp.gate_up";

constexpr ModuleRule kHead[] = {{"lm_head", output}, {"embed_out", output}};

constexpr ModuleRule kSelfAttention[] = {{"self_attn.q_proj", linear, kQkv},
                                         {"self_attn.k_proj", linear, kQkv},
                                         {"self_attn.v_proj", linear, kQkv},
                                         {"self_attn.o_proj", linear}};

constexpr ModuleRule kGatedMlp[] = {
    {"mlp.gate_proj", linear, kGateUp}, {"mlp.up_proj", linear, kGateUp}, {"mlp.down_proj", linear}};

/// In files one matrix per expert, or one tensor of all experts since transformers 5.
constexpr ModuleRule kMixtralExperts[] = {
    {"block_sparse_moe.gate", router},
    {"mlp.gate", router},
    {"block_sparse_moe.experts.*.w1", linear, "block_sparse_moe.experts.*.gate_up"},
    {"block_sparse_moe.experts.*.w3", linear, "block_sparse_moe.experts.*.gate_up"},
    {"block_sparse_moe.experts.*.w2", linear},
    {"mlp.experts.gate_up_proj", experts, {}, "gate, up"},
    {"mlp.experts.down_proj", experts}};

constexpr ModuleRule kQwenExperts[] = {{"mlp.gate", router},
                                       {"mlp.shared_expert_gate", router},
                                       {"mlp.shared_expert.gate_proj", linear, "mlp.shared_expert.gate_up"},
                                       {"mlp.shared_expert.up_proj", linear, "mlp.shared_expert.gate_up"},
                                       {"mlp.shared_expert.down_proj", linear},
                                       {"mlp.experts.*.gate_proj", linear, "mlp.experts.*.gate_up"},
                                       {"mlp.experts.*.up_proj", linear, "mlp.experts.*.gate_up"},
                                       {"mlp.experts.*.down_proj", linear},
                                       {"mlp.experts.gate_up_proj", experts, {}, "gate, up"},
                                       {"mlp.experts.down_proj", experts}};

constexpr ModuleRule kDeepSeek[] = {{"self_attn.q_proj", linear, "self_attn.q_kv"},
                                    {"self_attn.q_a_proj", linear, "self_attn.q_kv"},
                                    {"self_attn.kv_a_proj_with_mqa", linear, "self_attn.q_kv"},
                                    {"self_attn.q_b_proj", linear},
                                    {"self_attn.kv_b_proj", linear},
                                    {"self_attn.o_proj", linear},
                                    {"mlp.shared_experts.gate_proj", linear, "mlp.shared_experts.gate_up"},
                                    {"mlp.shared_experts.up_proj", linear, "mlp.shared_experts.gate_up"},
                                    {"mlp.shared_experts.down_proj", linear}};

constexpr ModuleRule kGptOss[] = {{"mlp.router", router},
                                  {"mlp.experts.gate_up_proj", experts_k_by_n, {}, "gate and up in turn"},
                                  {"mlp.experts.down_proj", experts_k_by_n}};

constexpr ModuleRule kLlama4[] = {
    {"feed_forward.router", router},
    {"feed_forward.experts.gate_up_proj", experts_k_by_n, {}, "gate, up"},
    {"feed_forward.experts.down_proj", experts_k_by_n},
    {"feed_forward.shared_expert.gate_proj", linear, "feed_forward.shared_expert.gate_up"},
    {"feed_forward.shared_expert.up_proj", linear, "feed_forward.shared_expert.gate_up"},
    {"feed_forward.shared_expert.down_proj", linear},
    {"feed_forward.gate_proj", linear, "feed_forward.gate_up"},
    {"feed_forward.up_proj", linear, "feed_forward.gate_up"},
    {"feed_forward.down_proj", linear}};

constexpr ModuleRule kGpt2[] = {{"attn.c_attn", conv1d, {}, "q, k, v"},
                                {"attn.c_proj", conv1d},
                                {"mlp.c_fc", conv1d},
                                {"mlp.c_proj", conv1d},
                                {"crossattention.q_attn", conv1d},
                                {"crossattention.c_attn", conv1d, {}, "k, v"},
                                {"crossattention.c_proj", conv1d}};

constexpr ModuleRule kGptBigCode[] = {{"attn.c_attn", linear, {}, "q, k, v"},
                                      {"attn.c_proj", linear},
                                      {"mlp.c_fc", linear},
                                      {"mlp.c_proj", linear}};

constexpr ModuleRule kGptNeoX[] = {{"attention.query_key_value", linear, {}, "q, k, v of each head"},
                                   {"attention.dense", linear},
                                   {"mlp.dense_h_to_4h", linear},
                                   {"mlp.dense_4h_to_h", linear}};

constexpr ModuleRule kOpt[] = {{"self_attn.q_proj", linear, kQkv},
                               {"self_attn.k_proj", linear, kQkv},
                               {"self_attn.v_proj", linear, kQkv},
                               {"self_attn.out_proj", linear},
                               {"fc1", linear},
                               {"fc2", linear},
                               {"decoder.project_in", linear},
                               {"decoder.project_out", linear}};

/// Attention and feed-forward read the same normalized state.
constexpr ModuleRule kPhi[] = {{"self_attn.q_proj", linear, "qkv_fc1"},
                               {"self_attn.k_proj", linear, "qkv_fc1"},
                               {"self_attn.v_proj", linear, "qkv_fc1"},
                               {"mlp.fc1", linear, "qkv_fc1"},
                               {"self_attn.dense", linear},
                               {"mlp.fc2", linear}};

constexpr ModuleRule kPhi3[] = {{"self_attn.qkv_proj", linear, {}, "q, k, v"},
                                {"self_attn.o_proj", linear},
                                {"mlp.gate_up_proj", linear, {}, "gate, up"},
                                {"mlp.down_proj", linear}};

constexpr ModuleRule kBert[] = {{"attention.self.query", linear, "attention.self.qkv"},
                                {"attention.self.key", linear, "attention.self.qkv"},
                                {"attention.self.value", linear, "attention.self.qkv"},
                                {"attention.output.dense", linear},
                                {"intermediate.dense", linear},
                                {"output.dense", linear},
                                {"pooler.dense", linear},
                                {"cls.predictions.transform.dense", linear},
                                {"cls.predictions.decoder", output},
                                {"lm_head.dense", linear},
                                {"lm_head.decoder", output}};

constexpr ModuleRule kDistilBert[] = {{"attention.q_lin", linear, "attention.qkv"},
                                      {"attention.k_lin", linear, "attention.qkv"},
                                      {"attention.v_lin", linear, "attention.qkv"},
                                      {"attention.out_lin", linear},
                                      {"ffn.lin1", linear},
                                      {"ffn.lin2", linear},
                                      {"vocab_transform", linear},
                                      {"vocab_projector", output}};

constexpr ModuleRule kUsual[] = {{"self_attn.q_proj", linear, kQkv},
                                 {"self_attn.k_proj", linear, kQkv},
                                 {"self_attn.v_proj", linear, kQkv},
                                 {"SelfAttention.q", linear, "SelfAttention.qkv"},
                                 {"SelfAttention.k", linear, "SelfAttention.qkv"},
                                 {"SelfAttention.v", linear, "SelfAttention.qkv"},
                                 {"attention.self.query", linear, "attention.self.qkv"},
                                 {"attention.self.key", linear, "attention.self.qkv"},
                                 {"attention.self.value", linear, "attention.self.qkv"},
                                 {"mlp.gate_proj", linear, kGateUp},
                                 {"mlp.up_proj", linear, kGateUp},
                                 {"feed_forward.gate_proj", linear, "feed_forward.gate_up"},
                                 {"feed_forward.up_proj", linear, "feed_forward.gate_up"},
                                 {"experts.gate_proj", experts, "experts.gate_up"},
                                 {"experts.up_proj", experts, "experts.gate_up"},
                                 {"experts.*.gate_proj", linear, "experts.*.gate_up"},
                                 {"experts.*.up_proj", linear, "experts.*.gate_up"},
                                 {"experts.*.w1", linear, "experts.*.gate_up"},
                                 {"experts.*.w3", linear, "experts.*.gate_up"},
                                 {"DenseReluDense.wi_0", linear, "DenseReluDense.wi"},
                                 {"DenseReluDense.wi_1", linear, "DenseReluDense.wi"}};

std::vector<Family> make_families() {
  using Rules = std::vector<std::span<const ModuleRule>>;
  const Rules llama{kHead, kSelfAttention, kGatedMlp};
  return {
      {"Llama 4", {"llama4", "llama4_text"}, {"Llama4"}, {kHead, kSelfAttention, kLlama4}},
      {"LLaMA", {"llama", "smollm3"}, {"Llama", "SmolLM3"}, llama},
      {"Mixtral", {"mixtral"}, {"Mixtral"}, {kHead, kSelfAttention, kMixtralExperts}},
      {"Mistral", {"mistral", "mistral3", "ministral"}, {"Mistral", "Ministral"}, llama},
      {"Qwen2-MoE", {"qwen2_moe"}, {"Qwen2Moe"}, {kHead, kSelfAttention, kGatedMlp, kQwenExperts}},
      {"Qwen3-MoE", {"qwen3_moe"}, {"Qwen3Moe"}, {kHead, kSelfAttention, kGatedMlp, kQwenExperts}},
      {"Qwen2", {"qwen2", "qwen2_vl", "qwen2_5_vl"}, {"Qwen2"}, llama},
      {"Qwen3", {"qwen3", "qwen3_vl"}, {"Qwen3For", "Qwen3Model", "Qwen3VLFor"}, llama},
      {"Gemma", {"gemma", "gemma2", "gemma3", "gemma3_text"}, {"GemmaFor", "Gemma2", "Gemma3For"}, llama},
      {"DeepSeek",
       {"deepseek_v2", "deepseek_v3"},
       {"DeepseekV2", "DeepseekV3"},
       {kHead, kGatedMlp, kQwenExperts, kDeepSeek}},
      {"gpt-oss", {"gpt_oss"}, {"GptOss"}, {kHead, kSelfAttention, kGptOss}},
      {"GPT-2", {"gpt2"}, {"GPT2"}, {kHead, kGpt2}},
      {"GPT-BigCode", {"gpt_bigcode"}, {"GPTBigCode"}, {kHead, kGptBigCode}},
      {"GPT-NeoX", {"gpt_neox"}, {"GPTNeoXFor", "GPTNeoXModel"}, {kHead, kGptNeoX}},
      {"OPT", {"opt"}, {"OPT"}, {kHead, kOpt}},
      {"Phi-3", {"phi3"}, {"Phi3For", "Phi3Model"}, {kHead, kPhi3}},
      {"Phi", {"phi"}, {"PhiFor", "PhiModel"}, {kHead, kPhi}},
      {"DistilBERT", {"distilbert"}, {"DistilBert"}, {kDistilBert}},
      {"RoBERTa", {"roberta", "xlm-roberta", "camembert"}, {"Roberta", "XLMRoberta", "Camembert"}, {kBert}},
      {"BERT", {"bert"}, {"Bert"}, {kBert}}};
}

bool is_number_word(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

/// Number of words of `module` if the name ends in them; 0 if it does not.
std::size_t words_matched(std::span<const std::string> name, std::string_view module) {
  std::size_t matched = 0;
  for (std::string_view rest = module; !rest.empty(); ++matched) {
    if (matched == name.size()) return 0;
    const std::size_t dot = rest.rfind('.');
    const std::string_view word = dot == std::string_view::npos ? rest : rest.substr(dot + 1);
    const std::string& found = name[name.size() - 1 - matched];
    if (word == "*" ? !is_number_word(found) : word != found) return 0;
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(0, dot);
  }
  return matched;
}

std::string joined(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ".") + word;
  return text;
}

}  // namespace

const std::vector<Family>& model_families() {
  static const std::vector<Family> families = make_families();
  return families;
}

const Family* find_family(const ModelConfig& config) {
  for (const Family& family : model_families()) {
    if (std::ranges::find(family.model_types, config.model_type) != family.model_types.end()) return &family;
  }
  for (const std::string& architecture : config.architectures) {
    for (const Family& family : model_families()) {
      if (std::ranges::any_of(family.classes,
                              [&](std::string_view prefix) { return architecture.starts_with(prefix); })) {
        return &family;
      }
    }
  }
  return nullptr;
}

RuleMatch match_rule(std::span<const std::string> words, std::span<const std::span<const ModuleRule>> rules) {
  RuleMatch best;
  std::size_t most = 0;
  for (const std::span<const ModuleRule> set : rules) {
    for (const ModuleRule& rule : set) {
      const std::size_t matched = words_matched(words, rule.module);
      if (matched <= most) continue;
      most = matched;
      best.rule = &rule;
    }
  }
  if (best.rule == nullptr) return best;
  best.prefix = joined(words.first(words.size() - most));
  best.module = joined(words.last(most));
  return best;
}

std::string RuleMatch::input_id() const {
  std::string input(rule->input.empty() ? std::string_view(module) : rule->input);
  if (const std::size_t star = input.find('*'); star != std::string::npos) {
    const std::size_t begin = rule->module.find('*');  // the words before it are the same in the name
    input.replace(star, 1, module.substr(begin, module.find('.', begin) - begin));
  }
  return prefix.empty() ? input : prefix + "." + input;
}

std::span<const ModuleRule> usual_rules() { return kUsual; }

}  // namespace msq::golden
