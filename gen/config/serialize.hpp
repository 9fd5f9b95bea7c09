#pragma once

#include <cstdint>
#include <string>

#include "gen/config/config.hpp"

namespace msq {

/// Canonical JSON of a valid configuration: every key that is read, in the order of the parameter table, two
/// spaces of indent, newline at the end. `recon` and `outlier_shift_max` are left out on path none, where
/// nothing reads them; numbers that are derived are null. parse_config gives the same Config back.
[[nodiscard]] std::string to_json(const Config& config);
/// The same with the actual numbers in place of null, for readers that do not derive them.
[[nodiscard]] std::string to_json_with_derived(const Config& config);

/// 16 hexadecimal digits that name the hardware: FNV-1a 64 over the canonical JSON without the name and with
/// the actual numbers in place of derived ones. Two names for one design have one hash, as have a derived
/// width and the same width written out. Stable between runs, machines and releases unless a parameter is
/// added.
[[nodiscard]] std::string config_hash(const Config& config);
/// The lower half of config_hash, as the register `config_hash` has it; the header of each block of weights
/// has the low 16 bits of that.
[[nodiscard]] std::uint32_t short_config_hash(const Config& config);

/// Plain arrays to compare a configuration with.
enum class Twin {
  same_sum_width,  ///< partial sums as wide as the original's, the same trees
  own_sum_width,   ///< as wide as inliers alone need and never wider than the original's, the same trees
  systolic,        ///< as wide as the original's, without trees: the column of the literature
};

/// The plain array (path none) that a configuration is compared with for area: same shape, modes, skew and
/// activations, no outliers. Its name gets "-none" appended.
[[nodiscard]] Config none_twin(const Config& config, Twin twin);

}  // namespace msq
