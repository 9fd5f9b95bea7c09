#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golden/io/model_config.hpp"

namespace msq::golden {

/// Use of a weight tensor in its model.
enum class ModuleRole {
  linear,          ///< torch.nn.Linear, [N][K]
  conv1d,          ///< Conv1D of GPT-2, [K][N]
  experts,         ///< one Linear per expert, [E][N][K]
  experts_k_by_n,  ///< one matrix per expert, [E][K][N]
  router,          ///< chooses the experts of a token
  output           ///< output projection: logits of the tokens
};

/// Tensors whose names end in the words of `module` (numbers: "*"; without ".weight").
struct ModuleRule {
  std::string_view module;
  ModuleRole role = ModuleRole::linear;
  /// Layers of one block with the same text here have the same input. Empty: the input is its own.
  std::string_view input = {};
  /// Layers fused in one matrix along N, in order; empty if it is one layer.
  std::string_view parts = {};
};

/// Models of one architecture.
struct Family {
  std::string_view name;
  std::vector<std::string_view> model_types;  ///< in config.json
  std::vector<std::string_view> classes;      ///< how the name of an architecture in config.json begins
  std::vector<std::span<const ModuleRule>> rules;
};

/// All families, those whose class names begin with another's first.
[[nodiscard]] const std::vector<Family>& model_families();

/// The family of a configuration, by model_type, else by architectures; null if the table has none.
[[nodiscard]] const Family* find_family(const ModelConfig& config);

/// A rule that fits a name, and the words of the name before it.
struct RuleMatch {
  const ModuleRule* rule = nullptr;  ///< null: none fits
  std::string prefix;                ///< "model.layers.0"; empty: the name has no more words
  std::string module;                ///< the other words: the rule's, with numbers

  /// Layers of the same id have the same input: prefix, and the rule's input or module.
  [[nodiscard]] std::string input_id() const;
};

/// The rule with the most words that fits `words`, the parts of a name between its dots.
[[nodiscard]] RuleMatch match_rule(std::span<const std::string> words,
                                   std::span<const std::span<const ModuleRule>> rules);

/// Rules for models of no known family: what shares an input by the usual names of self-attention and gated
/// feed-forward blocks. Cross-attention is not among them: its inputs differ.
[[nodiscard]] std::span<const ModuleRule> usual_rules();

}  // namespace msq::golden
