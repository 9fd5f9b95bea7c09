#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace msq::model {

/// Linear layers of one shape: Y[M][n] = X[M][k] W[k][n].
struct LinearLayer {
  std::string name;
  std::int64_t k = 0;
  std::int64_t n = 0;
  std::int64_t count = 1;    ///< in the model; with experts, groups of experts
  std::int64_t experts = 1;  ///< matrices of a group, of which a token uses `active`
  std::int64_t active = 1;

  [[nodiscard]] std::int64_t weights() const { return k * n * count * experts; }
  friend bool operator==(const LinearLayer&, const LinearLayer&) = default;
};

/// GEMMs of one shape that a layer causes.
struct Gemms {
  std::int64_t tokens = 0;  ///< M of each
  std::int64_t count = 0;
  friend bool operator==(const Gemms&, const Gemms&) = default;
};

/// Cost of `tokens` tokens at once in a layer. Experts: as many as the tokens can reach, active * tokens at
/// most, are used, and share the tokens evenly (rounded up).
[[nodiscard]] Gemms gemms_of(const LinearLayer& layer, std::int64_t tokens);

/// Share of micro-blocks with outliers that the paper gives for weights of 2 and of 4 bits.
[[nodiscard]] constexpr double paper_rate(int mode) { return mode == 2 ? 0.09 : 0.0375; }

/// The linear layers of a transformer, without embeddings, output head and what a pooler adds.
struct ModelShapes {
  std::string name;
  std::vector<LinearLayer> layers;

  [[nodiscard]] std::int64_t weights() const;
};

/// Models known by name: minilm, gpt2, opt-6.7b, llama-2-7b, llama-2-13b, llama-3-8b, mixtral-8x7b.
[[nodiscard]] const std::vector<ModelShapes>& known_models();

/// Error lists the names.
[[nodiscard]] Result<ModelShapes> find_model(std::string_view name);

/// Largest k, n or count that a file may name.
inline constexpr std::int64_t kShapeLimit = std::int64_t{1} << 24;

/// Layers from comma-separated text: the header `name,k,n,count`, then a line for each layer; k, n and count
/// are 1 to kShapeLimit. Lines end with LF or CRLF, empty ones are skipped, and so are blanks around fields
/// and a byte order mark, as spreadsheets write them. Errors name source, line and column, the text found and
/// the allowed one.
[[nodiscard]] Result<ModelShapes> parse_shapes(std::string_view text, std::string_view source);
/// parse_shapes of a file; the model is named after it. Error: also a file that cannot be read.
[[nodiscard]] Result<ModelShapes> load_shapes(const std::filesystem::path& path);

}  // namespace msq::model
