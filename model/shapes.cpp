#include "model/shapes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "support/files.hpp"

namespace msq::model {
namespace {

constexpr std::string_view kHeader = "name,k,n,count";
constexpr std::array<std::string_view, 4> kColumns = {"name", "k", "n", "count"};

/// Separate query, key, value and output projections, and two matrices of a feed-forward network.
std::vector<LinearLayer> encoder(std::int64_t layers, std::int64_t d, std::int64_t ffn) {
  return {{"attention.q,k,v,o", d, d, 4 * layers}, {"ffn.up", d, ffn, layers}, {"ffn.down", ffn, d, layers}};
}

/// LLaMA's block: keys and values may be narrower (grouped queries), gate and up share a shape.
std::vector<LinearLayer> llama(std::int64_t layers, std::int64_t d, std::int64_t kv, std::int64_t ffn) {
  return {{"attention.q,o", d, d, 2 * layers},
          {"attention.k,v", d, kv, 2 * layers},
          {"ffn.gate,up", d, ffn, 2 * layers},
          {"ffn.down", ffn, d, layers}};
}

/// A mixture whose every block has a router and experts; heads need not be as wide as the model.
std::vector<LinearLayer> mixture(std::int64_t layers, std::int64_t d, std::int64_t q, std::int64_t kv,
                                 std::int64_t ffn, std::int64_t experts, std::int64_t active) {
  return {{"attention.q", d, q, layers},
          {"attention.k,v", d, kv, 2 * layers},
          {"attention.o", q, d, layers},
          {"router", d, experts, layers},
          {"experts.gate,up", d, ffn, 2 * layers, experts, active},
          {"experts.down", ffn, d, layers, experts, active}};
}

Error refusal(std::string_view source, std::size_t line, std::size_t column, std::string_view found,
              std::string_view allowed) {
  return Error(fmt::format("{}: line {}, column {}: found \"{}\"; allowed: {}", source, line, column,
                           found.substr(0, 60), allowed));
}

/// Without blanks around it.
std::string_view bare(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

bool is_header(std::string_view line) {
  std::string plain;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(',', begin), line.size());
    plain += fmt::format("{}{}", begin == 0 ? "" : ",", bare(line.substr(begin, end - begin)));
    begin = end + 1;
  }
  return plain == kHeader;
}

Result<LinearLayer> parse_line(std::string_view text, std::string_view source, std::size_t line) {
  LinearLayer layer;
  const std::array<std::int64_t*, 4> targets = {nullptr, &layer.k, &layer.n, &layer.count};
  std::size_t begin = 0;
  for (std::size_t field = 0; field < kColumns.size(); ++field) {
    const std::size_t comma = text.find(',', begin);
    const bool last = field + 1 == kColumns.size();
    const std::string_view value =
        bare(text.substr(begin, comma == std::string_view::npos ? comma : comma - begin));
    if ((comma == std::string_view::npos) != last) {
      return refusal(source, line, begin + 1, text, fmt::format("four fields: {}", kHeader));
    }
    if (field == 0) {
      if (value.empty()) return refusal(source, line, 1, value, "a name");
      layer.name = value;
    } else {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (error != std::errc() || end != value.data() + value.size() || number < 1 || number > kShapeLimit) {
        return refusal(source, line, begin + 1, value,
                       fmt::format("{}, a number from 1 to {}", kColumns[field], kShapeLimit));
      }
      *targets[field] = number;
    }
    begin = comma + 1;
  }
  return layer;
}

}  // namespace

Gemms gemms_of(const LinearLayer& layer, std::int64_t tokens) {
  const std::int64_t used = std::min(layer.experts, layer.active * tokens);
  return {.tokens = (tokens * layer.active + used - 1) / used, .count = layer.count * used};
}

std::int64_t ModelShapes::weights() const {
  std::int64_t sum = 0;
  for (const LinearLayer& layer : layers) sum += layer.weights();
  return sum;
}

const std::vector<ModelShapes>& known_models() {
  static const std::vector<ModelShapes> models = {
      // 6 layers, hidden 384, intermediate 1536: config.json of sentence-transformers/all-MiniLM-L6-v2; Wang
      // et al., "MiniLM", arXiv:2002.10957.
      {"minilm", encoder(6, 384, 1536)},
      // 12 layers, width 768, feed-forward 4 x 768, one matrix for q, k, v: Radford et al., "Language Models
      // are Unsupervised Multitask Learners", 2019, and the config.json of the smallest model.
      {"gpt2",
       {{"attention.qkv", 768, 2304, 12},
        {"attention.o", 768, 768, 12},
        {"ffn.up", 768, 3072, 12},
        {"ffn.down", 3072, 768, 12}}},
      // 32 layers, width 4096, feed-forward 4 x 4096: Zhang et al., "OPT", arXiv:2205.01068, table 1.
      {"opt-6.7b", encoder(32, 4096, 16384)},
      // 32 (40) layers, width 4096 (5120), feed-forward 11008 (13824): Touvron et al., "Llama 2",
      // arXiv:2307.09288, and the config.json of the published models.
      {"llama-2-7b", llama(32, 4096, 4096, 11008)},
      {"llama-2-13b", llama(40, 5120, 5120, 13824)},
      // 32 layers, width 4096, 8 key/value heads of 128, feed-forward 14336: "The Llama 3 Herd of Models",
      // arXiv:2407.21783, table 3.
      {"llama-3-8b", llama(32, 4096, 1024, 14336)},
      // 30 layers, width 576, 3 key/value heads of 64, feed-forward 1536: the config.json of
      // SmolLM2-135M; Ben Allal et al., "SmolLM2", arXiv:2502.02737.
      {"smollm2-135m", llama(30, 576, 192, 1536)},
      // 36 layers, width 4096, 8 key/value heads of 128, feed-forward 12288: the config.json of Qwen3-8B;
      // "Qwen3 Technical Report", arXiv:2505.09388, table 1.
      {"qwen3-8b", llama(36, 4096, 1024, 12288)},
      // 48 layers, width 2048, 32 heads of 128 and 4 for keys and values, 128 experts of feed-forward 768, 8
      // for a token: the same, table 2.
      {"qwen3-30b-a3b", mixture(48, 2048, 4096, 512, 768, 128, 8)},
      // 24 layers, width 2880, 64 heads of 64 and 8 for keys and values, 32 experts of feed-forward 2880, 4
      // for
      // a token: "gpt-oss-120b & gpt-oss-20b Model Card", arXiv:2508.10925, and its config.json.
      {"gpt-oss-20b", mixture(24, 2880, 4096, 512, 2880, 32, 4)},
      // 32 layers, width 4096, 8 key/value heads of 128, 8 experts of feed-forward 14336, 2 for a token:
      // Jiang et al., "Mixtral of Experts", arXiv:2401.04088, table 1.
      {"mixtral-8x7b", mixture(32, 4096, 4096, 1024, 14336, 8, 2)},
  };
  return models;
}

Result<ModelShapes> find_model(std::string_view name) {
  std::vector<std::string_view> names;
  for (const ModelShapes& model : known_models()) {
    if (model.name == name) return model;
    names.push_back(model.name);
  }
  return Error(fmt::format("--model: found \"{}\"; allowed: {}", name, fmt::join(names, ", ")));
}

Result<ModelShapes> parse_shapes(std::string_view text, std::string_view source) {
  ModelShapes shapes{std::string(source), {}};
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  bool header = false;
  for (std::size_t line = 1, begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view content = text.substr(begin, end - begin);
    begin = end + 1;
    if (content.ends_with('\r')) content.remove_suffix(1);
    if (bare(content).empty()) continue;
    if (!header) {
      if (!is_header(content))
        return refusal(source, line, 1, content, fmt::format("the header {}", kHeader));
      header = true;
      continue;
    }
    auto layer = parse_line(content, source, line);
    if (!layer) return Error(layer.error());
    shapes.layers.push_back(std::move(*layer));
  }
  if (shapes.layers.empty()) {
    return Error(
        fmt::format("{}: found no layer; allowed: the header {} and a line for each layer", source, kHeader));
  }
  return shapes;
}

Result<ModelShapes> load_shapes(const std::filesystem::path& path) {
  MSQ_TRY(const std::string text, read_text(path));
  auto shapes = parse_shapes(text, path.string());
  if (shapes) shapes->name = path.stem().string();
  return shapes;
}

}  // namespace msq::model
