#include "gen/config/serialize.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "gen/config/fields.hpp"

namespace msq {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<int>& value) { return value ? Json(*value) : Json(nullptr); }

Json hardware_json(const Config& config) {
  Json json;
  json["rows"] = config.rows;
  json["cols"] = config.cols;
  json["modes"] = config.modes;
  json["micro_block"] = config.micro_block;
  json["outlier_path"] = outlier_path_name(config.outlier_path);
  if (config.has_recon()) {
    json["recon"] = {{"units", config.recon.units},
                     {"span", config.recon.span == ReconSpan::block ? "block" : "array"}};
  }
  if (config.has_inline()) json["inline"] = {{"units_per_block", or_null(config.inlined.units_per_block)}};
  if (config.has_inline() || config.tree_rows) json["tree_rows"] = or_null(config.tree_rows);
  json["skew_columns"] = config.skew_columns;
  json["encoding"] = config.full_range() ? "full_range" : "paper";
  if (config.has_outliers()) {
    json["outliers_per_block"] = or_null(config.outliers_per_block);
  }
  json["fraction_bits"] = config.fraction_bits;
  if (config.full_range()) json["scale_mantissa_bits"] = config.scale_mantissa_bits;
  if (config.has_outliers()) json["outlier_shift_max"] = config.outlier_shift_max;
  json["act_bits"] = config.act_bits;
  json["row_align_bits"] = config.row_align_bits;
  json["acc_bits"] = or_null(config.acc_bits);
  json["top"] = {{"tokens", config.top.tokens},
                 {"act_words", config.top.act_words},
                 {"output_lanes", or_null(config.top.output_lanes)},
                 {"weight_fifo", config.top.weight_fifo}};
  return json;
}

std::uint64_t fnv1a_64(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

}  // namespace

std::string to_json(const Config& config) {
  Json json;
  json["name"] = config.name;
  json.update(hardware_json(config));
  return json.dump(2) + "\n";
}

std::string config_hash(const Config& config) {
  Json json = hardware_json(config);
  json["acc_bits"] = config.acc_width();
  json["top"]["output_lanes"] = config.output_lanes();
  if (config.has_inline()) json["inline"]["units_per_block"] = config.outlier_units();
  json["tree_rows"] = config.rows_per_tree();
  // Where these are what they were before they could be chosen, a design keeps its hash.
  if (config.has_outliers()) json["outliers_per_block"] = config.list_entries();
  if (config.list_entries() == config.micro_block / 2) json.erase("outliers_per_block");
  if (!config.full_range()) json.erase("fraction_bits");
  if (config.rows_per_tree() == 1) json.erase("tree_rows");
  return fmt::format("{:016x}", fnv1a_64(json.dump()));
}

Config none_twin(const Config& config, Twin kind) {
  constexpr std::string_view kSuffix = "-none";
  Config twin = config;
  twin.name = config.name.substr(0, kMaxNameLength - kSuffix.size()) + std::string(kSuffix);
  twin.outlier_path = OutlierPath::none;
  twin.recon = {};
  twin.inlined = {};
  const int tree = kind == Twin::systolic ? 1 : config.rows_per_tree();
  twin.tree_rows = tree == 1 ? std::nullopt : std::optional(tree);
  twin.outlier_shift_max = Config{}.outlier_shift_max;
  twin.outliers_per_block = std::nullopt;
  const int derived = twin.derived_acc_bits();
  const int width = kind == Twin::own_sum_width ? std::min(config.acc_width(), derived) : config.acc_width();
  twin.acc_bits = width == derived ? std::nullopt : std::optional(width);
  return twin;
}

}  // namespace msq
