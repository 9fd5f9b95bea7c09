#pragma once

#include <string>
#include <vector>

#include "gen/config/config.hpp"

namespace msq::rtl_test {

/// A configuration whose generated decoder, network and recon lanes are under test, in modules named with
/// `suffix`.
struct LanesCase {
  std::string suffix;
  Config config;
};

/// The cases of lanes_bench, in the order of its ports: case i at 64-bit words 16*i of addends_o and i of
/// status_o.
inline std::vector<LanesCase> lanes_cases() {
  const auto make = [](int micro_block, int cols, std::vector<int> modes) {
    Config c;
    c.outlier_path = OutlierPath::recon;
    c.rows = 4;
    c.cols = cols;
    c.skew_columns = 4;
    c.modes = std::move(modes);
    c.micro_block = micro_block;
    return c;
  };
  const auto with = [](Config c, const auto& change) {
    change(c);
    return c;
  };
  const auto array = [](Config& c) { c.recon.span = ReconSpan::array; };
  const auto full = [](Config& c) { c.encoding = Encoding::full_range; };
  return {
      {"b4", make(4, 4, {2, 4})},
      {"b4_mode2", make(4, 4, {2})},
      {"b4_mode4", make(4, 4, {4})},
      {"b4_array", with(make(4, 8, {2, 4}), array)},
      {"b4_mode2_array", with(make(4, 4, {2}), array)},
      {"b4_narrow", with(make(4, 4, {2, 4}),
                         [](Config& c) {
                           c.act_bits = 4;
                           c.outlier_shift_max = 15;
                         })},
      {"b8", make(8, 8, {2, 4})},
      {"b8_mode2", make(8, 4, {2})},
      {"b8_mode4", make(8, 8, {4})},
      {"b8_array", with(make(8, 16, {2, 4}), array)},
      {"b8_unshifted", with(make(8, 8, {2, 4}), [](Config& c) { c.outlier_shift_max = 0; })},
      {"b8_short", with(make(8, 8, {2, 4}), [](Config& c) { c.acc_bits = 16; })},
      {"b16", make(16, 16, {2, 4})},
      {"b4_full", with(make(4, 4, {2, 4}), full)},
      {"b8_full", with(make(8, 8, {2, 4}), full)},
      {"b8_full_mode2", with(with(make(8, 4, {2}), full), [](Config& c) { c.fraction_bits = 1; })},
      {"b8_full_mode4", with(with(make(8, 8, {4}), full), [](Config& c) { c.outliers_per_block = 2; })},
      {"b8_full_one", with(with(make(8, 16, {2, 4}), full),
                           [](Config& c) {
                             c.outliers_per_block = 1;
                             c.fraction_bits = 1;
                             c.outlier_shift_max = 15;
                             c.act_bits = 4;
                           })},
      {"b16_full", with(with(make(16, 16, {2, 4}), full), [](Config& c) { c.outliers_per_block = 4; })},
  };
}

}  // namespace msq::rtl_test
