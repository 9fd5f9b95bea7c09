#include "golden/io/model_families.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "golden/io/linear_layers.hpp"

namespace msq::golden {
namespace {

constexpr std::int64_t kHidden = 32;
constexpr std::int64_t kInner = 48;
constexpr std::int64_t kExperts = 4;

/// A model of one block; weights are added as torch's modules have them.
class Model {
 public:
  explicit Model(std::string model_type, std::optional<bool> tied = {}) {
    config_.model_type = std::move(model_type);
    config_.tied = tied;
    config_.hidden_size = kHidden;
  }

  Model& add(const std::string& name, std::vector<std::int64_t> shape) {
    tensors_.push_back({name, "BF16", std::move(shape), 0, 0});
    return *this;
  }
  /// Linear, [N][K].
  Model& linear(const std::string& prefix, const std::vector<std::string>& names, std::int64_t k = kHidden,
                std::int64_t n = kInner) {
    for (const std::string& name : names) add(prefix + name + ".weight", {n, k});
    return *this;
  }
  Model& without_config() {
    config_ = {};
    return *this;
  }
  [[nodiscard]] std::map<std::string, LayerGuess> guesses() const {
    const std::vector<LayerGuess> found = guess_layers(tensors_, config_);
    std::map<std::string, LayerGuess> all;
    for (std::size_t i = 0; i < found.size(); ++i) all[tensors_[i].name] = found[i];
    return all;
  }
  [[nodiscard]] LayerGuess guess(const std::string& name) const { return guesses().at(name); }

  /// Layers that share an input with another: those of each input, without ".weight".
  [[nodiscard]] std::map<std::string, std::set<std::string>> shared() const {
    std::map<std::string, std::set<std::string>> layers;
    for (const auto& [name, guess] : guesses()) {
      const bool weight = name.ends_with(".weight");
      if (guess.linear) layers[guess.input].insert(weight ? name.substr(0, name.size() - 7) : name);
    }
    std::erase_if(layers, [](const auto& input) { return input.second.size() < 2; });
    return layers;
  }
  /// Two-dimensional weights that are no layers to quantize.
  [[nodiscard]] std::map<std::string, std::string> left_out() const {
    std::map<std::string, std::string> reasons;
    for (const auto& [name, guess] : guesses()) {
      if (!guess.linear) reasons[name] = guess.use;
    }
    return reasons;
  }

 private:
  ModelConfig config_;
  std::vector<TensorInfo> tensors_;
};

using Shared = std::map<std::string, std::set<std::string>>;
using Reasons = std::map<std::string, std::string>;

Model llama(const char* type) {
  Model model(type, false);
  model.add("model.embed_tokens.weight", {100, kHidden}).add("lm_head.weight", {100, kHidden});
  model.linear("model.layers.0.self_attn.", {"q_proj", "k_proj", "v_proj", "o_proj"});
  return model.add("model.layers.0.input_layernorm.weight", {kHidden});
}

TEST(ModelFamilies, LlamaAndItsKin) {
  for (const char* type : {"llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text"}) {
    Model model = llama(type);
    model.linear("model.layers.0.mlp.", {"gate_proj", "up_proj", "down_proj"});
    EXPECT_EQ(model.shared(), (Shared{{"model.layers.0.self_attn.qkv",
                                       {"model.layers.0.self_attn.q_proj", "model.layers.0.self_attn.k_proj",
                                        "model.layers.0.self_attn.v_proj"}},
                                      {"model.layers.0.mlp.gate_up",
                                       {"model.layers.0.mlp.gate_proj", "model.layers.0.mlp.up_proj"}}}))
        << type;
    EXPECT_EQ(model.left_out(), (Reasons{{"model.embed_tokens.weight", "embedding by its name"},
                                         {"lm_head.weight", "output projection"},
                                         {"model.layers.0.input_layernorm.weight", "no matrix"}}));
    const LayerGuess down = model.guess("model.layers.0.mlp.down_proj.weight");
    EXPECT_EQ(down.layout, Layout::n_by_k);
    EXPECT_EQ(down.input, "model.layers.0.mlp.down_proj");
    EXPECT_TRUE(down.use.starts_with("linear layer of ")) << down.use;
  }
}

TEST(ModelFamilies, MixturesOfOneMatrixPerExpert) {
  Model mixtral = llama("mixtral");
  const std::string moe = "model.layers.0.block_sparse_moe.";
  mixtral.linear(moe, {"gate"}, kHidden, kExperts);
  mixtral.linear(moe + "experts.3.", {"w1", "w2", "w3"});
  EXPECT_EQ(mixtral.shared()[moe + "experts.3.gate_up"],
            (std::set<std::string>{moe + "experts.3.w1", moe + "experts.3.w3"}));
  EXPECT_EQ(mixtral.left_out()[moe + "gate.weight"], "router of the mixture (Mixtral)");
  for (const char* type : {"qwen2_moe", "qwen3_moe", "deepseek_v3"}) {
    Model qwen = llama(type);
    const std::string mlp = "model.layers.0.mlp.";
    qwen.linear(mlp, {"gate", "shared_expert_gate"}, kHidden, kExperts);
    qwen.linear(mlp + "experts.10.", {"gate_proj", "up_proj", "down_proj"});
    qwen.linear(mlp + "shared_expert.", {"gate_proj", "up_proj", "down_proj"});
    EXPECT_EQ(qwen.shared()[mlp + "experts.10.gate_up"],
              (std::set<std::string>{mlp + "experts.10.gate_proj", mlp + "experts.10.up_proj"}));
    EXPECT_EQ(qwen.shared()[mlp + "shared_expert.gate_up"].size(), 2U);
    EXPECT_TRUE(qwen.left_out()[mlp + "gate.weight"].starts_with("router of the mixture")) << type;
    EXPECT_TRUE(qwen.left_out()[mlp + "shared_expert_gate.weight"].starts_with("router")) << type;
  }
}

TEST(ModelFamilies, DeepSeeksAttention) {
  const std::string attention = "model.layers.0.self_attn.";
  Model model("deepseek_v3");
  model.linear(attention, {"q_a_proj", "q_b_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj"});
  EXPECT_EQ(model.shared(),
            (Shared{{attention + "q_kv", {attention + "q_a_proj", attention + "kv_a_proj_with_mqa"}}}));
}

TEST(ModelFamilies, ExpertsOfOneTensor) {
  const std::string experts = "model.layers.0.mlp.experts.";
  for (const char* type : {"mixtral", "qwen2_moe", "qwen3_moe"}) {
    Model model(type);
    model.add(experts + "gate_up_proj", {kExperts, 2 * kInner, kHidden});
    model.add(experts + "down_proj", {kExperts, kHidden, kInner});
    for (const char* name : {"gate_up_proj", "down_proj"}) {
      const LayerGuess guess = model.guess(experts + name);
      EXPECT_TRUE(guess.linear && guess.experts && guess.proven);
      EXPECT_EQ(guess.layout, Layout::n_by_k) << type << name;
    }
    EXPECT_EQ(model.guess(experts + "gate_up_proj").parts, "gate, up");
  }
  Model oss("gpt_oss");
  oss.add(experts + "gate_up_proj", {kExperts, kHidden, 2 * kInner});
  oss.add(experts + "gate_up_proj_bias", {kExperts, 2 * kInner});
  oss.add(experts + "down_proj", {kExperts, kInner, kHidden});
  oss.linear("model.layers.0.mlp.", {"router"}, kHidden, kExperts);
  EXPECT_EQ(oss.guess(experts + "gate_up_proj").layout, Layout::k_by_n);
  EXPECT_EQ(oss.guess(experts + "gate_up_proj").parts, "gate and up in turn");
  EXPECT_EQ(oss.guess(experts + "down_proj").layout, Layout::k_by_n);
  EXPECT_EQ(oss.guess(experts + "gate_up_proj_bias").belongs_to, experts + "gate_up_proj");
  EXPECT_EQ(oss.left_out()["model.layers.0.mlp.router.weight"], "router of the mixture (gpt-oss)");
  Model llama4("llama4");
  const std::string forward = "language_model.model.layers.0.feed_forward.";
  llama4.add(forward + "experts.gate_up_proj", {kExperts, kHidden, 2 * kInner});
  llama4.linear(forward, {"router"}, kHidden, kExperts);
  EXPECT_EQ(llama4.guess(forward + "experts.gate_up_proj").layout, Layout::k_by_n);
  EXPECT_EQ(llama4.left_out().size(), 1U);
}

TEST(ModelFamilies, SquareExpertsFollowTheFamily) {
  const std::string name = "model.layers.0.mlp.experts.down_proj";
  EXPECT_EQ(Model("gpt_oss").add(name, {kExperts, kHidden, kHidden}).guess(name).layout, Layout::k_by_n);
  const LayerGuess qwen = Model("qwen3_moe").add(name, {kExperts, kHidden, kHidden}).guess(name);
  EXPECT_EQ(qwen.layout, Layout::n_by_k);
  EXPECT_FALSE(qwen.proven);
}

TEST(ModelFamilies, ShapesOfExpertsOutweighTheFamily) {
  const std::string name = "model.layers.0.mlp.experts.gate_up_proj";
  EXPECT_EQ(Model("qwen3_moe").add(name, {kExperts, kHidden, 2 * kInner}).guess(name).layout, Layout::k_by_n);
}

TEST(ModelFamilies, ExpertsOfAnUnknownModelFollowItsRouter) {
  const std::string experts = "layers.0.moe.experts.";
  const auto layout = [&](const char* name, std::int64_t rows, std::int64_t columns, bool router) {
    Model model("");
    model.without_config().add(experts + name, {kExperts, rows, columns});
    if (router) model.linear("layers.0.moe.", {"gate"}, kHidden, kExperts);
    return model.guess(experts + name).layout;
  };
  EXPECT_EQ(layout("up_proj", kHidden, kInner, true), Layout::k_by_n);
  EXPECT_EQ(layout("up_proj", kInner, kHidden, true), Layout::n_by_k);
  EXPECT_EQ(layout("w2", kHidden, kInner, true), Layout::n_by_k);
  EXPECT_EQ(layout("w2", kInner, kHidden, true), Layout::k_by_n);
  EXPECT_EQ(layout("down_proj", kHidden, kInner, false), std::nullopt);
  EXPECT_EQ(layout("mystery", kHidden, kInner, true), std::nullopt);
  EXPECT_EQ(layout("up_proj", kHidden, kHidden, true), std::nullopt);
}

TEST(ModelFamilies, Gpt2IsConv1D) {
  for (const bool with_config : {true, false}) {
    for (const char* prefix : {"transformer.h.0.", "h.0."}) {
      Model model("gpt2");
      if (!with_config) model.without_config();
      const std::string block = prefix;
      model.add(block + "attn.c_attn.weight", {kHidden, 3 * kHidden}).add(block + "attn.c_attn.bias", {96});
      model.add(block + "attn.c_proj.weight", {kHidden, kHidden}).add(block + "attn.c_proj.bias", {kHidden});
      model.add(block + "mlp.c_fc.weight", {kHidden, 128}).add(block + "mlp.c_proj.weight", {128, kHidden});
      model.add("transformer.wte.weight", {100, kHidden}).add("transformer.wpe.weight", {64, kHidden});
      for (const char* name : {"attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"}) {
        const LayerGuess guess = model.guess(block + name + ".weight");
        EXPECT_EQ(guess.layout, Layout::k_by_n) << name;
        EXPECT_TRUE(guess.proven) << name << ": a bias of 3 K tells for all";
        EXPECT_EQ(guess.input, block + name);
      }
      EXPECT_EQ(model.left_out()["transformer.wte.weight"], "embedding by its name");
      EXPECT_EQ(model.left_out()["transformer.wpe.weight"], "table of positions by its name");
      EXPECT_EQ(model.guess(block + "attn.c_attn.weight").parts, with_config ? "q, k, v" : "");
    }
  }
}

/// The same names, and Linear.
TEST(ModelFamilies, GptBigCodeIsLinear) {
  Model model("gpt_bigcode");
  model.linear("transformer.h.0.attn.", {"c_attn", "c_proj"}, kHidden, kHidden);
  EXPECT_EQ(model.guess("transformer.h.0.attn.c_proj.weight").layout, Layout::n_by_k);
  EXPECT_EQ(model.guess("transformer.h.0.attn.c_attn.weight").layout, Layout::n_by_k);
}

TEST(ModelFamilies, FusedProjections) {
  Model phi3("phi3");
  phi3.linear("model.layers.0.",
              {"self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj"});
  EXPECT_EQ(phi3.guess("model.layers.0.self_attn.qkv_proj.weight").parts, "q, k, v");
  EXPECT_EQ(phi3.guess("model.layers.0.mlp.gate_up_proj.weight").parts, "gate, up");
  EXPECT_EQ(phi3.shared(), Shared{});
  Model neox("gpt_neox", false);
  neox.linear("gpt_neox.layers.0.",
              {"attention.query_key_value", "attention.dense", "mlp.dense_h_to_4h", "mlp.dense_4h_to_h"});
  neox.add("embed_out.weight", {100, kHidden}).add("gpt_neox.embed_in.weight", {100, kHidden});
  EXPECT_EQ(neox.guess("gpt_neox.layers.0.attention.query_key_value.weight").parts, "q, k, v of each head");
  EXPECT_EQ(neox.left_out(), (Reasons{{"embed_out.weight", "output projection"},
                                      {"gpt_neox.embed_in.weight", "embedding by its name"}}));
}

TEST(ModelFamilies, PhiSharesTheInputOfItsBlock) {
  Model phi("phi");
  const std::string block = "model.layers.3.";
  phi.linear(block, {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.dense", "mlp.fc1",
                     "mlp.fc2"});
  EXPECT_EQ(phi.shared(), (Shared{{block + "qkv_fc1",
                                   {block + "self_attn.q_proj", block + "self_attn.k_proj",
                                    block + "self_attn.v_proj", block + "mlp.fc1"}}}));
}

TEST(ModelFamilies, Opt) {
  Model opt("opt");
  const std::string block = "model.decoder.layers.0.";
  opt.linear(block, {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj", "fc1",
                     "fc2"});
  opt.linear("model.decoder.", {"project_in", "embed_positions", "embed_tokens"});
  EXPECT_EQ(opt.shared()[block + "self_attn.qkv"].size(), 3U);
  EXPECT_TRUE(opt.guess("model.decoder.project_in.weight").linear);
  EXPECT_EQ(opt.left_out().size(), 2U) << "embeddings";
}

TEST(ModelFamilies, Berts) {
  for (const char* type : {"bert", "roberta"}) {
    Model bert(type, true);
    const std::string layer = "bert.encoder.layer.11.";
    bert.linear(layer, {"attention.self.query", "attention.self.key", "attention.self.value",
                        "attention.output.dense", "intermediate.dense", "output.dense"});
    bert.linear(layer, {"crossattention.self.query", "crossattention.self.key"});
    bert.linear("", {"bert.pooler.dense", "cls.predictions.decoder", "cls.predictions.transform.dense"});
    bert.linear("bert.embeddings.", {"word_embeddings", "position_embeddings", "token_type_embeddings"});
    EXPECT_EQ(bert.shared(), (Shared{{layer + "attention.self.qkv",
                                      {layer + "attention.self.query", layer + "attention.self.key",
                                       layer + "attention.self.value"}}}))
        << "queries of a cross-attention have another input than keys";
    EXPECT_EQ(bert.guess(layer + "attention.output.dense.weight").input, layer + "attention.output.dense");
    EXPECT_EQ(bert.left_out()["cls.predictions.decoder.weight"], "output projection, tied to the embedding");
    EXPECT_EQ(bert.left_out()["bert.embeddings.word_embeddings.weight"],
              "embedding by its name, tied: the output projection, too");
    EXPECT_EQ(bert.left_out().size(), 4U);
  }
  Model distil("distilbert");
  const std::string layer = "distilbert.transformer.layer.0.";
  distil.linear(layer, {"attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin",
                        "ffn.lin1", "ffn.lin2"});
  distil.linear("", {"vocab_projector", "vocab_transform"});
  EXPECT_EQ(distil.shared()[layer + "attention.qkv"].size(), 3U);
  EXPECT_EQ(distil.left_out(), (Reasons{{"vocab_projector.weight", "output projection"}}));
}

TEST(ModelFamilies, TiedEmbeddings) {
  Model tied("gemma", true);
  tied.add("model.embed_tokens.weight", {100, kHidden}).add("lm_head.weight", {100, kHidden});
  EXPECT_EQ(tied.left_out(),
            (Reasons{{"model.embed_tokens.weight", "embedding by its name, tied: the output projection, too"},
                     {"lm_head.weight", "output projection, tied to the embedding"}}));
  ModelConfig config;
  config.architectures = {"LlamaForCausalLM"};
  const std::vector<TensorInfo> tensors{{"model.embed_tokens.weight", "F32", {100, kHidden}, 0, 0}};
  EXPECT_EQ(guess_layers(tensors, config)[0].use, "embedding by its name, tied: the output projection, too")
      << "there is no other";
}

TEST(ModelFamilies, AreFoundByTypeOrClass) {
  const auto family = [](std::string type, std::vector<std::string> classes) {
    ModelConfig config;
    config.model_type = std::move(type);
    config.architectures = std::move(classes);
    const Family* found = find_family(config);
    return found == nullptr ? std::string_view("none") : found->name;
  };
  EXPECT_EQ(family("llama", {"Whatever"}), "LLaMA");
  EXPECT_EQ(family("", {"Llama4ForCausalLM"}), "Llama 4");
  EXPECT_EQ(family("", {"LlamaForCausalLM"}), "LLaMA");
  EXPECT_EQ(family("my_own", {"Qwen2MoeForCausalLM"}), "Qwen2-MoE");
  EXPECT_EQ(family("", {"Phi3ForCausalLM"}), "Phi-3");
  EXPECT_EQ(family("", {"GPT2LMHeadModel"}), "GPT-2");
  EXPECT_EQ(family("qwen3_next", {"Qwen3NextForCausalLM"}), "none");
  EXPECT_EQ(family("", {}), "none");
  for (const Family& known : model_families()) {
    for (const std::string_view type : known.model_types)
      EXPECT_EQ(family(std::string(type), {}), known.name);
    for (const std::string_view name : known.classes) {
      EXPECT_EQ(family("", {std::string(name)}), known.name) << "hidden by a shorter one: " << name;
    }
  }
}

TEST(ModelFamilies, OtherLayersOfAKnownModelAreFoundByNames) {
  Model model("gemma3");
  model.linear("vision_tower.encoder.layers.0.self_attn.", {"out_proj"});
  model.linear("", {"score"});
  EXPECT_TRUE(model.guess("vision_tower.encoder.layers.0.self_attn.out_proj.weight").linear);
  EXPECT_EQ(model.guess("score.weight").use, "linear layer");
}

}  // namespace
}  // namespace msq::golden
