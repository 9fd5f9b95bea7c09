#include "gen/config/serialize.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "gen/config/fields.hpp"

namespace msq {
namespace {

using Json = nlohmann::ordered_json;

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
  if (config.has_inline()) json["inline"] = {{"units_per_block", config.inlined.units_per_block}};
  if (config.tree_rows != 1) json["tree_rows"] = config.tree_rows;
  json["skew_columns"] = config.skew_columns;
  json["encoding"] = config.full_range() ? "full_range" : "paper";
  if (config.has_outliers()) {
    json["outliers_per_block"] = config.outliers_per_block ? Json(*config.outliers_per_block) : Json(nullptr);
  }
  json["fraction_bits"] = config.fraction_bits;
  if (config.full_range()) json["scale_mantissa_bits"] = config.scale_mantissa_bits;
  if (config.has_outliers()) json["outlier_shift_max"] = config.outlier_shift_max;
  json["act_bits"] = config.act_bits;
  json["row_align_bits"] = config.row_align_bits;
  json["acc_bits"] = config.acc_bits ? Json(*config.acc_bits) : Json(nullptr);
  json["top"] = {{"tokens", config.top.tokens},
                 {"act_words", config.top.act_words},
                 {"output_lanes", config.top.output_lanes ? Json(*config.top.output_lanes) : Json(nullptr)},
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
  // Where these are what they were before they could be chosen, a design keeps its hash.
  if (config.has_outliers()) json["outliers_per_block"] = config.list_entries();
  if (config.list_entries() == config.micro_block / 2) json.erase("outliers_per_block");
  if (!config.full_range()) json.erase("fraction_bits");
  return fmt::format("{:016x}", fnv1a_64(json.dump()));
}

Config none_twin(const Config& config, bool same_sum_width) {
  constexpr std::string_view kSuffix = "-none";
  Config twin = config;
  twin.name = config.name.substr(0, kMaxNameLength - kSuffix.size()) + std::string(kSuffix);
  twin.outlier_path = OutlierPath::none;
  twin.recon = {};
  twin.inlined = {};
  twin.outlier_shift_max = Config{}.outlier_shift_max;
  twin.outliers_per_block = std::nullopt;
  const int derived = twin.derived_acc_bits();
  const int width = same_sum_width ? config.acc_width() : std::min(config.acc_width(), derived);
  twin.acc_bits = width == derived ? std::nullopt : std::optional(width);
  return twin;
}

}  // namespace msq
