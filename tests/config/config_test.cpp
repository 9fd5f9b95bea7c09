#include "gen/config/config.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "gen/config/load.hpp"
#include "gen/config/serialize.hpp"
#include "gen/config/validate.hpp"

namespace msq {
namespace {

Config plain(Config c) {
  c.outlier_path = OutlierPath::none;
  return c;
}

Config with_recon(ReconConfig recon = {}) {
  Config c;
  c.outlier_path = OutlierPath::recon;
  c.recon = recon;
  return c;
}

std::string error_of(const Config& c) {
  const auto result = validate(c);
  return result ? "valid" : result.error();
}

TEST(Config, ShapeFollowsFromModes) {
  Config c;
  c.cols = 16;
  EXPECT_EQ(c.lanes(), 16);
  for (const int mode : {2, 4}) {
    EXPECT_EQ(c.row_places(mode), mode == 2 ? 2 : 1);
    EXPECT_EQ(c.logical_rows(mode), mode == 2 ? 16 : 8);
    EXPECT_EQ(c.logical_columns(mode), 16);
    EXPECT_EQ(c.weights_per_tile(mode), mode == 2 ? 256 : 128);
  }
  Config recon = with_recon();
  recon.cols = 16;
  EXPECT_EQ(recon.lanes_per_pe(), 2);
  EXPECT_EQ(recon.lanes(), 32);
  EXPECT_EQ(recon.row_places(2), 1);
  EXPECT_EQ(recon.logical_columns(2), 32);
  EXPECT_EQ(recon.logical_columns(4), 16);
  EXPECT_EQ(recon.weights_per_tile(2), 256);
  recon.modes = {4};
  EXPECT_FALSE(recon.has_mode(2));
  EXPECT_EQ(recon.lanes_per_pe(), 1);
  EXPECT_EQ(recon.lanes(), 16);
  EXPECT_EQ(with_recon({4, ReconSpan::block}).band_rows(), 2);
}

TEST(Config, BandsAndUnitsFollowFromTheShape) {
  Config c;
  for (const auto& [rows, tree] : {std::pair{4, 2}, {8, 4}, {16, 8}, {64, 8}}) {
    c.rows = rows;
    EXPECT_EQ(c.rows_per_tree(), tree);
    EXPECT_EQ(c.outlier_units(), 2);
  }
  c.tree_rows = 1;
  EXPECT_EQ(c.rows_per_tree(), 1);
  EXPECT_EQ(c.outlier_units(), 2);
  c.outliers_per_block = 1;  // of one row
  EXPECT_EQ(c.outlier_units(), 1);
  c.inlined.units_per_block = 4;
  EXPECT_EQ(c.outlier_units(), 4);
  EXPECT_EQ(plain(Config{}).rows_per_tree(), 1);
  EXPECT_EQ(with_recon().rows_per_tree(), 1);
}

// By hand: rows * xmax * largest weight, its bits, one more for the sign.
TEST(Config, DerivedSumWidth) {
  Config c;
  c.outlier_shift_max = 7;  // 8 * 127 * 31 * 2^7 = 4,031,488 < 2^22
  EXPECT_EQ(c.exact_acc_bits(), 23);
  EXPECT_EQ(plain(c).exact_acc_bits(), 16);  // 8 * 127 * 28 = 28,448 < 2^15

  c.modes = {2};  // 16 * 127 * 7 * 2^7 = 1,820,672 < 2^21
  EXPECT_EQ(c.exact_acc_bits(), 22);
  EXPECT_EQ(plain(c).exact_acc_bits(), 14);  // 16 * 127 * 4 = 8,128 < 2^13

  c.modes = {4};
  EXPECT_EQ(c.exact_acc_bits(), 23);
  c.outlier_shift_max = 0;  // 8 * 127 * 31 = 31,496 < 2^15
  EXPECT_EQ(c.exact_acc_bits(), 16);
  c.outlier_shift_max = 15;  // 8 * 127 * 31 * 2^15 = 1,032,060,928 < 2^30
  EXPECT_EQ(c.exact_acc_bits(), 31);

  c = Config{};
  c.outlier_shift_max = 7;
  c.act_bits = 4;  // 8 * 7 * 31 * 2^7 = 222,208 < 2^18
  EXPECT_EQ(c.activation_max(), 7);
  EXPECT_EQ(c.exact_acc_bits(), 19);
  EXPECT_EQ(plain(c).exact_acc_bits(), 12);  // 8 * 7 * 28 = 1,568 < 2^11

  c = Config{};
  c.rows = 128;
  c.outlier_shift_max = 15;  // 128 * 127 * 31 * 2^15 = 16,512,974,848 < 2^34: more than 32 bits
  EXPECT_EQ(c.exact_acc_bits(), 35);
  c.rows = 4;  // the array's width counts for nothing
  c.cols = 128;
  c.outlier_shift_max = 7;  // 4 * 127 * 31 * 2^7 = 2,015,744 < 2^21
  EXPECT_EQ(c.exact_acc_bits(), 22);
}

TEST(Config, DerivedSumWidthOfFullRange) {
  Config c;
  c.outlier_shift_max = 7;
  c.encoding = Encoding::full_range;  // 8 * 127 * 128 * 2^7 = 16,646,144 < 2^24
  EXPECT_EQ(c.exact_acc_bits(), 25);
  c.fraction_bits = 1;  // of no effect on the largest outlier
  EXPECT_EQ(c.exact_acc_bits(), 25);
  c.modes = {2};  // 16 * 127 * 8 * 2^7 = 2,080,768 < 2^21
  EXPECT_EQ(c.exact_acc_bits(), 22);
  EXPECT_EQ(plain(c).exact_acc_bits(), 14);  // 16 * 127 * 4 = 8,128 < 2^13
  c.fraction_bits = 2;
  EXPECT_EQ(plain(c).exact_acc_bits(), 15);  // 16 * 127 * 8 = 16,256 < 2^14
  c.modes = {2, 4};
  EXPECT_EQ(plain(c).exact_acc_bits(), 16);  // 8 * 127 * 32 = 32,512 < 2^15
  EXPECT_EQ(c.factor_bits(), 4);
  c.scale_mantissa_bits = 0;
  EXPECT_EQ(c.factor_bits(), 1);
  EXPECT_EQ(Config{}.factor_bits(), 0);
}

TEST(Validate, WhatNothingReads) {
  Config c;
  c.scale_mantissa_bits = 2;
  EXPECT_EQ(error_of(c),
            "scale_mantissa_bits: found 2; allowed: the default, as nothing reads it when encoding is "
            "\"paper\"");
  c = plain(Config{});
  c.outliers_per_block = 1;
  EXPECT_EQ(error_of(c),
            "outliers_per_block: found 1; allowed: the default, as nothing reads it when outlier_path is "
            "\"none\"");
}

TEST(Config, SumWidthIsTheGivenOneOrThatOfThePath) {
  Config c;
  EXPECT_EQ(c.exact_acc_bits(), 19);
  EXPECT_EQ(c.default_acc_bits(), 16);  // inliers: 28,448 < 2^15; an outlier: 127 * 31 * 2^3 = 31,496
  EXPECT_EQ(c.acc_width(), 16);
  c.outlier_shift_max = 7;  // an outlier: 127 * 31 * 2^7 = 503,936 < 2^19
  EXPECT_EQ(c.acc_width(), 20);
  c.rows = 128;  // inliers: 128 * 127 * 28 = 455,168 < 2^19
  EXPECT_EQ(c.acc_width(), 20);
  c.outlier_shift_max = 0;
  EXPECT_EQ(c.exact_acc_bits(), 20);
  EXPECT_EQ(c.acc_width(), 20);
  c.acc_bits = 18;
  EXPECT_EQ(c.acc_width(), 18);
  EXPECT_EQ(plain(Config{}).acc_width(), 16);
  EXPECT_EQ(with_recon().acc_width(), 23);
}

TEST(Config, LargestShiftIsTheGivenOneOrThatOfThePath) {
  EXPECT_EQ(with_recon().largest_shift(), 7);
  Config c;
  EXPECT_EQ(c.largest_shift(), 3);  // 127 * 31 * 2^3 = 31,496; inliers 8 * 127 * 28 = 28,448: both below 2^15
  c.rows = 4;
  EXPECT_EQ(c.largest_shift(), 3);
  c.rows = 32;
  EXPECT_EQ(c.largest_shift(), 5);
  c.rows = 128;
  EXPECT_EQ(c.largest_shift(), 7);
  c.encoding = Encoding::full_range;
  c.fraction_bits = 1;  // 128 * 127 * 16 = 260,096 < 2^18, as 127 * 128 * 2^4
  EXPECT_EQ(c.largest_shift(), 4);
  c.outlier_shift_max = 5;
  EXPECT_EQ(c.largest_shift(), 5);
}

TEST(Validate, AcceptsTheWholeRangeOfShapes) {
  int count = 0;
  for (int rows = 4; rows <= 128; rows *= 2) {
    for (int cols = 4; cols <= 128; cols *= 2) {
      Config c;
      c.rows = rows;
      c.cols = cols;
      c.skew_columns = 4;
      c.micro_block = 4;
      EXPECT_EQ(error_of(c), "valid") << rows << "x" << cols;
      c.outlier_path = OutlierPath::recon;
      c.recon.units = rows;
      EXPECT_EQ(error_of(c), "valid") << rows << "x" << cols;
      ++count;
    }
  }
  EXPECT_EQ(count, 36);
}

TEST(Validate, NamesFieldValueAndLimit) {
  const auto error = [](auto change) {
    Config c;
    change(c);
    return error_of(c);
  };
  const std::string size = "; allowed: a power of two from 4 to 128";
  for (const int bad : {-8, 0, 1, 2, 12, 127, 256}) {
    EXPECT_EQ(error([&](Config& c) { c.rows = bad; }), "rows: found " + std::to_string(bad) + size);
    EXPECT_EQ(error([&](Config& c) { c.cols = bad; }), "cols: found " + std::to_string(bad) + size);
  }
  const std::string modes = "; allowed: [2], [4] or [2, 4]";
  EXPECT_EQ(error([](Config& c) { c.modes = {}; }), "modes: found []" + modes);
  EXPECT_EQ(error([](Config& c) { c.modes = {4, 2}; }), "modes: found [4, 2]" + modes);
  EXPECT_EQ(error([](Config& c) { c.modes = {2, 2}; }), "modes: found [2, 2]" + modes);
  EXPECT_EQ(error([](Config& c) { c.modes = {3}; }), "modes: found [3]" + modes);
  for (const int bad : {-4, 0, 2, 6, 32}) {
    EXPECT_EQ(error([&](Config& c) { c.micro_block = bad; }),
              "micro_block: found " + std::to_string(bad) + "; allowed: 4, 8 or 16");
  }
  for (const int bad : {-1, 0, 3, 16}) {
    EXPECT_EQ(
        error([&](Config& c) {
          c = with_recon({bad, ReconSpan::block});
        }),
        "recon.units: found " + std::to_string(bad) + "; allowed: a power of two from 1 to rows, which is 8");
    EXPECT_EQ(error([&](Config& c) { c.skew_columns = bad; }),
              "skew_columns: found " + std::to_string(bad) +
                  "; allowed: 1, 2, 4, 8 or 16, and at most cols, which is 8");
  }
  EXPECT_EQ(error([](Config& c) { c.outlier_shift_max = -1; }),
            "outlier_shift_max: found -1; allowed: null, or an integer from 0 to 15");
  EXPECT_EQ(error([](Config& c) { c.outlier_shift_max = 16; }),
            "outlier_shift_max: found 16; allowed: null, or an integer from 0 to 15");
  EXPECT_EQ(error([](Config& c) { c.outlier_shift_max = 15; }), "valid");
  for (const int bad : {0, 5, 7, 16}) {
    EXPECT_EQ(error([&](Config& c) { c.act_bits = bad; }),
              "act_bits: found " + std::to_string(bad) + "; allowed: 4 or 8");
  }
}

TEST(Validate, RefusesUnsafeNames) {
  const std::string long_name(65, 'a');
  Config c;
  for (const std::string& bad : std::vector<std::string>{"", "-o", ".hidden", "a b", "a/b", "..", "a\nb",
                                                         "a\"b", "\xc3\xa9", long_name.substr(0, 65)}) {
    c.name = bad;
    EXPECT_NE(error_of(c).find("name: found \""), std::string::npos) << bad;
    EXPECT_NE(error_of(c).find("; allowed: 1 to 64 letters, digits, '_', '-' or '.'"), std::string::npos)
        << bad;
  }
  for (const std::string& good :
       std::vector<std::string>{"8x8", "none-8x8", "a.b_C-9", "_", long_name.substr(0, 64)}) {
    c.name = good;
    EXPECT_EQ(error_of(c), "valid") << good;
  }
}

TEST(Validate, MicroBlockMustFitTheNarrowestTile) {
  Config c;
  c.cols = 4;
  c.skew_columns = 4;
  EXPECT_EQ(error_of(c),
            "micro_block: found 8; allowed: at most 4, the logical columns of mode 4 (cols with cols = 4); "
            "or cols of at least 8");
  c.modes = {2};
  EXPECT_EQ(error_of(c),
            "micro_block: found 8; allowed: at most 4, the logical columns of mode 2 (cols with cols = 4); "
            "or cols of at least 8");
  c = with_recon();
  c.cols = 4;
  c.skew_columns = 4;
  c.modes = {2};  // eight logical columns
  EXPECT_EQ(error_of(c), "valid");
  c.micro_block = 16;
  EXPECT_EQ(error_of(c),
            "micro_block: found 16; allowed: at most 8, the logical columns of mode 2 (2 * cols with cols "
            "= 4); or cols of at least 8");
  c.cols = 8;
  EXPECT_EQ(error_of(c), "valid");
}

TEST(Validate, SkewIsAtMostTheColumns) {
  Config c;
  c.cols = 4;
  c.micro_block = 4;
  EXPECT_EQ(error_of(c), "skew_columns: found 8; allowed: 1, 2, 4, 8 or 16, and at most cols, which is 4");
}

TEST(Validate, SumWidthHoldsAProductAndIsNotWiderThanNeeded) {
  Config c;
  c.outlier_shift_max = 7;
  const std::string allowed =
      "; allowed: null (derived), or an integer from 13 (one product) to 23 (the width in which no partial "
      "sum can "
      "overflow)";
  for (const int bad : {-1, 0, 12, 24}) {
    c.acc_bits = bad;
    EXPECT_EQ(error_of(c), "acc_bits: found " + std::to_string(bad) + allowed);
  }
  for (const int good : {13, 23}) {  // 127 * 28 = 3,556 < 2^12
    c.acc_bits = good;
    EXPECT_EQ(error_of(c), "valid") << good;
  }
  c.act_bits = 4;  // 7 * 28 = 196 < 2^8
  c.acc_bits = 9;
  EXPECT_EQ(error_of(c), "valid");
  c.acc_bits = 8;
  EXPECT_NE(error_of(c), "valid");
  c = plain(Config{});  // as wide as with shift 15: 31 bits (DerivedSumWidth)
  c.acc_bits = 31;
  EXPECT_EQ(error_of(c), "valid");
  c.acc_bits = 32;
  EXPECT_EQ(error_of(c),
            "acc_bits: found 32; allowed: null (derived), or an integer from 13 (one product) to 31 (the "
            "widest that "
            "an array with outliers of this shape can need)");
}

TEST(Validate, PlainArrayHasNoOutlierSettings) {
  Config c = plain(Config{});
  EXPECT_EQ(error_of(c), "valid");
  c.recon.units = 4;
  EXPECT_EQ(
      error_of(c),
      R"(recon: found {"units": 4, "span": "block"}; allowed: the default, as nothing reads it when outlier_path is "none")");
  c = plain(Config{});
  c.outlier_shift_max = 3;
  EXPECT_EQ(
      error_of(c),
      R"(outlier_shift_max: found 3; allowed: the default, as nothing reads it when outlier_path is "none")");
}

TEST(Validate, NothingReadsOtherPathsSettings) {
  Config c;
  c.recon.units = 4;
  EXPECT_EQ(
      error_of(c),
      R"(recon: found {"units": 4, "span": "block"}; allowed: the default, as nothing reads it when outlier_path is "inline")");
  c = with_recon();
  c.inlined.units_per_block = 2;
  EXPECT_EQ(
      error_of(c),
      R"(inline: found {"units_per_block": 2}; allowed: the default, as nothing reads it when outlier_path is "recon")");
}

TEST(Serialize, CanonicalText) {
  Config c = with_recon({2, ReconSpan::array});
  c.name = "mine";
  c.acc_bits = 20;
  EXPECT_EQ(to_json(c), R"({
  "name": "mine",
  "rows": 8,
  "cols": 8,
  "modes": [
    2,
    4
  ],
  "micro_block": 8,
  "outlier_path": "recon",
  "recon": {
    "units": 2,
    "span": "array"
  },
  "skew_columns": 8,
  "encoding": "paper",
  "outliers_per_block": null,
  "fraction_bits": 2,
  "outlier_shift_max": null,
  "act_bits": 8,
  "row_align_bits": 0,
  "acc_bits": 20,
  "top": {
    "tokens": null,
    "act_words": 4096,
    "output_lanes": null,
    "weight_fifo": 64,
    "weight_rows": 1
  }
}
)");
}

TEST(Serialize, CanonicalTextOfInline) {
  Config c;
  EXPECT_NE(to_json(c).find(R"(  "outlier_path": "inline",
  "inline": {
    "units_per_block": null
  },
  "tree_rows": null,
)"),
            std::string::npos)
      << to_json(c);
  c.inlined.units_per_block = 4;
  c.tree_rows = 1;
  EXPECT_NE(to_json(c).find(R"(
    "units_per_block": 4
  },
  "tree_rows": 1,
)"),
            std::string::npos)
      << to_json(c);
}

/// A spread of valid configurations that differ in every field.
std::vector<Config> many_configs() {
  std::vector<Config> all;
  for (const auto& modes : {std::vector{2}, std::vector{4}, std::vector{2, 4}}) {
    for (const int micro_block : {4, 8, 16}) {
      for (const int act_bits : {4, 8}) {
        for (const int shift : {0, 7, 15}) {
          for (const int path : {0, 1, 2}) {
            Config c;
            c.name = fmt::format("n{}", all.size());
            c.rows = 16;
            c.cols = 32;
            c.modes = modes;
            c.micro_block = micro_block;
            c.act_bits = act_bits;
            c.outlier_shift_max = shift;
            if (path < 2) {
              c.outlier_path = OutlierPath::recon;
              c.recon = {4, path == 0 ? ReconSpan::block : ReconSpan::array};
            } else {
              c.tree_rows = 4;
            }
            c.skew_columns = 2;
            all.push_back(c);
            c.name += "w";
            c.acc_bits = c.acc_width() - 1;
            all.push_back(c);
            c.name += "f";
            c.encoding = Encoding::full_range;
            c.acc_bits = std::nullopt;
            c.outliers_per_block = 1;
            c.fraction_bits = 1;
            all.push_back(c);
            c.name += "t";
            c.outliers_per_block = 2;
            c.scale_mantissa_bits = 1;
            all.push_back(c);
          }
        }
      }
    }
  }
  return all;
}

TEST(Config, OutputLanesKeepUp) {
  const auto lanes = [](int rows, int cols, std::vector<int> modes) {
    Config c;
    c.rows = rows;
    c.cols = cols;
    c.modes = std::move(modes);
    return c.output_lanes();
  };
  EXPECT_EQ(lanes(8, 8, {2, 4}), 2);
  EXPECT_EQ(lanes(16, 16, {2, 4}), 4);
  EXPECT_EQ(lanes(32, 32, {2, 4}), 16);
  EXPECT_EQ(lanes(32, 32, {4}), 8);
  EXPECT_EQ(lanes(64, 64, {2, 4}), 32);
  EXPECT_EQ(lanes(64, 64, {4}), 32);
  EXPECT_EQ(lanes(128, 4, {4}), 4);  // a unit has no more columns
  Config c;
  c.top.output_lanes = 8;
  EXPECT_EQ(c.output_lanes(), 8);
  EXPECT_EQ(error_of(c), "valid");
  c.top.output_lanes = 16;
  EXPECT_EQ(error_of(c),
            "top.output_lanes: found 16; allowed: null (derived), or a power of two from 1 to 8 (columns of "
            "an accumulator "
            "bank, at most 32)");
  c = Config{};
  c.top.output_lanes = 1;
  c.top.tokens = 8;
  EXPECT_EQ(error_of(c), "valid");
  EXPECT_EQ(c.output_lanes(), 1);
  c.top.tokens = 4;
  EXPECT_EQ(error_of(c), "top.tokens: found 4; allowed: null (derived), or a power of two from 8 to 1024");
  c = Config{};
  EXPECT_EQ(c.pass_tokens(), 32);
  c.top.act_words = 16;
  EXPECT_EQ(error_of(c),
            "top.act_words: found 16; allowed: a power of two from top.tokens, which is 32, to 1048576");
  c = Config{};
  c.top.weight_fifo = 3;
  EXPECT_EQ(error_of(c), "top.weight_fifo: found 3; allowed: a power of two from 2 to 4096");
  c = Config{};
  c.row_align_bits = 8;
  EXPECT_EQ(error_of(c), "row_align_bits: found 8; allowed: an integer from 0 to 7");
  c.row_align_bits = 3;
  EXPECT_EQ(error_of(c), "valid");
  EXPECT_EQ(c.exact_acc_bits(), Config{}.exact_acc_bits() + 3);
}

TEST(Serialize, RoundTrip) {
  for (const Config& c : many_configs()) {
    ASSERT_EQ(error_of(c), "valid") << to_json(c);
    for (const Config& d : {c, none_twin(c, Twin::same_sum_width), none_twin(c, Twin::own_sum_width),
                            none_twin(c, Twin::systolic)}) {
      const auto back = parse_config(to_json(d), "text");
      ASSERT_TRUE(back) << back.error() << "\n" << to_json(d);
      EXPECT_EQ(*back, d) << to_json(d);
    }
  }
}

TEST(Serialize, HashNamesTheHardware) {
  std::set<std::string> hashes;
  for (const Config& c : many_configs()) hashes.insert(config_hash(c));
  EXPECT_EQ(hashes.size(), many_configs().size());

  EXPECT_EQ(config_hash(with_recon()), "8e2c4d8a28abc0aa");
  Config c;
  EXPECT_EQ(config_hash(c), "584d02ce7b64afa6");
  Config written = c;  // the derived values
  written.tree_rows = 4;
  written.inlined.units_per_block = 2;
  EXPECT_EQ(config_hash(written), config_hash(c));
  written.tree_rows = 2;
  EXPECT_NE(config_hash(written), config_hash(c));
  written.tree_rows = 4;
  written.inlined.units_per_block = 1;
  EXPECT_NE(config_hash(written), config_hash(c));
  Config other = c;
  other.name = "other";
  other.acc_bits = 16;  // the derived values
  other.outlier_shift_max = 3;
  EXPECT_EQ(config_hash(other), config_hash(c));
  other.outlier_shift_max = 2;
  EXPECT_NE(config_hash(other), config_hash(c));
  other = c;
  other.acc_bits = 17;
  EXPECT_NE(config_hash(other), config_hash(c));
  for (const auto& change : std::vector<std::function<void(Config&)>>{
           [](Config& d) { d.row_align_bits = 1; }, [](Config& d) { d.top.tokens = 64; },
           [](Config& d) { d.top.act_words = 512; }, [](Config& d) { d.top.output_lanes = 4; },
           [](Config& d) { d.top.weight_fifo = 2; }}) {
    Config changed = c;
    change(changed);
    EXPECT_NE(config_hash(changed), config_hash(c));
  }
}

TEST(NoneTwin, KeepsAllButTheOutliers) {
  Config c = with_recon({4, ReconSpan::array});
  c.name = "big";
  c.rows = 16;
  c.modes = {4};
  c.outlier_shift_max = 12;
  c.skew_columns = 2;  // 16 * 127 * 31 * 2^12 = 258,015,232 < 2^28; 16 * 127 * 28 = 56,896 < 2^16
  Config expected;
  expected.name = "big-none";
  expected.rows = 16;
  expected.modes = {4};
  expected.outlier_path = OutlierPath::none;
  expected.skew_columns = 2;
  EXPECT_EQ(none_twin(c, Twin::own_sum_width), expected);
  EXPECT_EQ(none_twin(c, Twin::own_sum_width).acc_width(), 17);
  expected.acc_bits = 29;
  EXPECT_EQ(none_twin(c, Twin::same_sum_width), expected);
  EXPECT_EQ(error_of(none_twin(c, Twin::same_sum_width)), "valid");
  EXPECT_EQ(none_twin(c, Twin::systolic), expected);

  c.recon = {};
  c.outlier_path = OutlierPath::inlined;
  c.acc_bits = 29;
  EXPECT_EQ(none_twin(c, Twin::systolic), expected);
  expected.tree_rows = 8;
  EXPECT_EQ(none_twin(c, Twin::same_sum_width), expected);
  EXPECT_EQ(error_of(none_twin(c, Twin::same_sum_width)), "valid");
}

TEST(NoneTwin, IsNeverWiderThanTheOriginal) {
  Config c;
  c.acc_bits = 14;  // the plain array would derive 16
  EXPECT_EQ(none_twin(c, Twin::own_sum_width).acc_width(), 14);
  EXPECT_EQ(none_twin(c, Twin::same_sum_width).acc_width(), 14);
  c.acc_bits = 16;
  EXPECT_EQ(none_twin(c, Twin::same_sum_width).acc_bits, std::nullopt);
}

TEST(NoneTwin, NameStaysSafe) {
  Config c;
  c.name = std::string(64, 'x');
  EXPECT_EQ(none_twin(c, Twin::same_sum_width).name, std::string(59, 'x') + "-none");
}

}  // namespace
}  // namespace msq
