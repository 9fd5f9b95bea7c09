#include "golden/io/linear_layers.hpp"

#include <gtest/gtest.h>

namespace msq::golden {
namespace {

TensorInfo tensor(std::string name, std::vector<std::int64_t> shape) {
  return {std::move(name), "F32", std::move(shape), 0, 0};
}

/// The guess for the first tensor of a file.
LayerGuess guess(const std::vector<TensorInfo>& tensors) { return guess_layers(tensors).front(); }

LayerGuess guess(const std::string& name) { return guess({tensor(name, {100, 32})}); }

TEST(LinearLayers, AreFoundByTheLastWordOfTheirNames) {
  for (const char* name : {"model.layers.0.self_attn.q_proj.weight",
                           "encoder.block.0.layer.0.SelfAttention.q.weight",
                           "patch_embed.proj.weight",
                           "time_embedding.linear_1.weight",
                           "time_embed.0.weight",
                           "label_emb.0.0.weight",
                           "add_embedding.linear_2.weight",
                           "embeddings_project.weight",
                           "encoder.embedding_hidden_mapping_in.weight",
                           "context_embedder.weight",
                           "x_embedder.weight",
                           "vision_embed_tokens.weight",
                           "embeddings.patch_embeddings.projection.weight",
                           "norm1.linear.weight",
                           "deberta.encoder.pos_proj.weight",
                           "block_sparse_moe.experts.7.w1.weight",
                           "pooler.dense.weight",
                           "classifier.weight",
                           "attn.in_proj_weight",
                           "layer.0.weight"}) {
    EXPECT_TRUE(guess(name).linear) << name << ": " << guess(name).use;
    EXPECT_EQ(guess(name).layout, Layout::n_by_k) << name;
  }
}

TEST(LinearLayers, EmbeddingsAreNone) {
  for (const char* name :
       {"wte.weight", "transformer.wte.weight", "shared.weight", "model.embed_tokens.weight",
        "gpt_neox.embed_in.weight", "bert.embeddings.word_embeddings.weight", "embeddings.words.weight",
        "tok_embeddings.weight", "rwkv.emb.weight", "model.decoder.embed_tokens.0.weight",
        "text_model.embeddings.token_embedding.weight", "query_embed.weight", "quantize.codebook.weight",
        "mask_tokens.weight", "wordEmbedding.weight"}) {
    EXPECT_FALSE(guess(name).linear) << name;
    EXPECT_EQ(guess(name).use, "embedding by its name") << name;
  }
}

TEST(LinearLayers, TablesOfPositionsAreNone) {
  for (const char* name :
       {"wpe.weight", "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
        "embeddings.position_embeddings.weight", "encoder.relative_position.weight"}) {
    EXPECT_FALSE(guess(name).linear) << name;
    EXPECT_EQ(guess(name).use, "table of positions by its name") << name;
  }
}

TEST(LinearLayers, NormsAreNone) {
  for (const char* name : {"norm.weight", "model.final_layernorm.weight", "LayerNorm.weight", "ln_f.weight",
                           "h.0.ln_1.weight", "ln1.weight", "bn2.weight", "layer_norm.weight"}) {
    EXPECT_FALSE(guess({tensor(name, {1, 32})}).linear) << name;
    EXPECT_EQ(guess(name).use, "norm by its name") << name;
  }
  EXPECT_EQ(guess({tensor("norm.weight", {1, 32}), tensor("norm.bias", {32})}).use, "norm by its name");
}

TEST(LinearLayers, OutputProjectionsAndRoutersAreLeftOut) {
  for (const char* name : {"lm_head.weight", "embed_out.weight", "output.weight", "vocab_projector.weight",
                           "cls.predictions.decoder.weight", "lm_head.decoder.weight"}) {
    EXPECT_FALSE(guess(name).linear) << name;
    EXPECT_EQ(guess(name).use, "output projection") << name;
  }
  EXPECT_FALSE(guess({tensor("lm_head.weight", {92, 256}), tensor("lm_head.bias", {92})}).linear);
  for (const char* name :
       {"layers.0.block_sparse_moe.gate.weight", "layers.0.mlp.router.weight",
        "layers.0.mlp.shared_expert_gate.weight", "block.0.mlp.router.classifier.weight"}) {
    EXPECT_FALSE(guess(name).linear) << name;
    EXPECT_EQ(guess(name).use, "router of a mixture by its name") << name;
  }
  EXPECT_TRUE(guess("layers.0.mlp.gate.weight").linear) << "no experts beside it";
  EXPECT_FALSE(guess({tensor("layers.0.mlp.gate.weight", {4, 32}),
                      tensor("layers.0.mlp.experts.3.up_proj.weight", {64, 32})})
                   .linear);
  EXPECT_TRUE(guess("encoder.layer.0.output.weight").linear) << "not of the whole model";
}

TEST(LinearLayers, WhatSharesAnInputByUsualNames) {
  const auto input = [](const char* name) { return guess(name).input; };
  EXPECT_EQ(input("a.self_attn.q_proj.weight"), "a.self_attn.qkv");
  EXPECT_EQ(input("a.self_attn.v_proj.weight"), "a.self_attn.qkv");
  EXPECT_EQ(input("a.encoder_attn.k_proj.weight"), "a.encoder_attn.k_proj");
  EXPECT_EQ(input("a.experts.12.w3.weight"), "a.experts.12.gate_up");
  EXPECT_EQ(input("a.SelfAttention.k.weight"), "a.SelfAttention.qkv");
  EXPECT_EQ(input("a.EncDecAttention.k.weight"), "a.EncDecAttention.k");
  EXPECT_EQ(input("embed_tokens.weight"), "");
}

TEST(LinearLayers, WhatHasABiasIsNoEmbedding) {
  EXPECT_TRUE(guess({tensor("class_embed.weight", {92, 256}), tensor("class_embed.bias", {92})}).linear);
  EXPECT_FALSE(guess({tensor("class_embed.weight", {92, 256}), tensor("other.bias", {92})}).linear);
}

TEST(LinearLayers, OtherNamesAndShapesAreNone) {
  EXPECT_EQ(guess("b.table").use, "its name does not end in \".weight\"");
  EXPECT_EQ(guess({tensor("conv1.weight", {8, 8, 3})}).use, "no matrix");
  EXPECT_EQ(guess({tensor("conv1.weight", {8, 8, 3})}).layout, std::nullopt);
  EXPECT_FALSE(guess({tensor("a.weight", {8})}).linear);
}

TEST(LinearLayers, TheLengthOfTheBiasIsN) {
  const auto layout = [](std::vector<std::int64_t> shape, std::int64_t bias) {
    const LayerGuess found = guess({tensor("l.weight", std::move(shape)), tensor("l.bias", {bias})});
    return std::pair(found.layout, found.proven);
  };
  EXPECT_EQ(layout({4, 7}, 7), std::pair(std::optional(Layout::k_by_n), true));
  EXPECT_EQ(layout({4, 7}, 4), std::pair(std::optional(Layout::n_by_k), true));
  EXPECT_EQ(layout({4, 7}, 5), std::pair(std::optional(Layout::n_by_k), false)) << "no bias of this layer";
  EXPECT_EQ(layout({7, 7}, 7), std::pair(std::optional(Layout::n_by_k), false)) << "both would do";
}

std::vector<TensorInfo> gpt2(bool turned) {
  const auto weight = [turned](const char* name, std::int64_t k, std::int64_t n) {
    return tensor(name, turned ? std::vector{n, k} : std::vector{k, n});
  };
  return {weight("h.0.attn.c_attn.weight", 32, 96), weight("h.0.attn.c_proj.weight", 32, 32),
          weight("h.0.mlp.c_fc.weight", 32, 128), weight("h.0.mlp.c_proj.weight", 128, 32),
          tensor("lm_head.weight", {100, 32})};
}

TEST(LinearLayers, LayersOfGpt2AreTransposedWhereTheirShapesSaySo) {
  for (const bool turned : {false, true}) {
    const auto guesses = guess_layers(gpt2(turned));
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_TRUE(guesses[i].linear);
      EXPECT_EQ(guesses[i].layout, turned ? Layout::n_by_k : Layout::k_by_n) << turned << i;
    }
    EXPECT_FALSE(guesses[4].linear);
  }
}

TEST(LinearLayers, SquareLayersOfGpt2FollowTheOthersOfTheirPart) {
  std::vector<TensorInfo> tensors = gpt2(false);
  tensors.push_back(tensor("visual.blocks.0.mlp.c_fc.weight", {128, 32}));
  tensors.push_back(tensor("visual.blocks.0.attn.c_proj.weight", {32, 32}));
  const auto guesses = guess_layers(tensors);
  EXPECT_EQ(guesses[1].layout, Layout::k_by_n);
  EXPECT_EQ(guesses[6].layout, Layout::n_by_k);
  EXPECT_EQ(guess({tensor("blocks.0.attn.c_proj.weight", {32, 32})}).layout, std::nullopt) << "nothing tells";
  EXPECT_EQ(guess({tensor("h.0.attn.c_proj.weight", {32, 32})}).layout, Layout::k_by_n)
      << "the name of GPT-2";
  tensors = gpt2(false);
  tensors.push_back(tensor("h.1.mlp.c_fc.weight", {128, 32}));
  EXPECT_EQ(guess_layers(tensors)[1].layout, std::nullopt) << "two others disagree";
  EXPECT_TRUE(guess_layers(tensors)[1].linear);
}

TEST(LinearLayers, ABiasTellsForAllLayersOfGpt2) {
  const auto guesses = guess_layers(std::vector{tensor("h.0.attn.c_proj.weight", {32, 32}),
                                                tensor("h.0.attn.q_attn.weight", {32, 40}),
                                                tensor("h.0.attn.q_attn.bias", {40})});
  EXPECT_EQ(guesses[0].layout, Layout::k_by_n);
  EXPECT_EQ(guesses[1].layout, Layout::k_by_n);
}

}  // namespace
}  // namespace msq::golden
