#include "gen/config/load.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gen/config/fields.hpp"
#include "gen/config/serialize.hpp"
#include "gen/config/validate.hpp"

namespace msq {
namespace {

std::string error_of(std::string_view text) {
  const auto result = parse_config(text, "f.json");
  return result ? "valid: " + to_json(*result) : result.error();
}

/// The message for an 8x8 configuration with more members.
std::string error_with(const std::string& members) {
  return error_of(R"({"rows": 8, "cols": 8, )" + members + "}");
}

/// Names of a choice as messages list them: "a", "b" or "c".
template <class Values, class Name>
std::string one_of(const Values& values, Name name) {
  std::string text;
  for (const auto& value : values) {
    const bool last = &value == std::end(values) - 1;
    text += fmt::format("{}\"{}\"", text.empty() ? "" : last ? " or " : ", ", name(value));
  }
  return text;
}

const std::string kPathNames = one_of(kOutlierPaths, outlier_path_name);
const std::string kEncodingNames = one_of(kEncodings, encoding_name);

class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& text)
      : directory_(std::filesystem::path(testing::TempDir()) / ("msq_" + std::to_string(::getpid()))),
        path_(directory_ / name) {
    std::filesystem::create_directories(directory_);
    std::ofstream(path_, std::ios::binary) << text;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path directory_;
  std::filesystem::path path_;
};

TEST(Parse, Defaults) {
  Config expected;
  expected.name = "16x4";
  expected.rows = 16;
  expected.cols = 4;
  expected.micro_block = 4;
  expected.skew_columns = 4;  // not more than cols
  EXPECT_EQ(parse_config(R"({"rows": 16, "cols": 4, "micro_block": 4})", "f"), expected);
  expected.cols = 32;
  expected.name = "16x32";
  expected.micro_block = 8;
  expected.skew_columns = 8;
  EXPECT_EQ(parse_config(R"({"rows": 16, "cols": 32})", "f"), expected);
}

TEST(Parse, ReadsEveryKey) {
  Config expected;
  expected.name = "all";
  expected.rows = 32;
  expected.cols = 16;
  expected.modes = {4};
  expected.micro_block = 16;
  expected.outlier_path = OutlierPath::recon;
  expected.recon = {8, ReconSpan::array};
  expected.skew_columns = 2;
  expected.outlier_shift_max = 3;
  expected.act_bits = 4;
  expected.acc_bits = 15;
  EXPECT_EQ(parse_config(R"({"acc_bits": 15, "act_bits": 4, "outlier_shift_max": 3, "encoding": "paper",
      "skew_columns": 2, "recon": {"span": "array", "units": 8}, "outlier_path": "recon", "micro_block": 16,
      "modes": [4], "cols": 16, "rows": 32, "name": "all"})",
                         "f"),
            expected);
  EXPECT_EQ(parse_config(R"({"rows": 8, "cols": 8, "acc_bits": null})", "f")->acc_bits, std::nullopt);
  EXPECT_EQ(parse_config(R"({"rows": 8, "cols": 8, "outlier_path": "none"})", "f")->outlier_path,
            OutlierPath::none);
}

TEST(Parse, FullRange) {
  Config expected;
  expected.name = "8x8";
  expected.encoding = Encoding::full_range;
  expected.outliers_per_block = 1;
  expected.fraction_bits = 1;
  expected.scale_mantissa_bits = 0;
  EXPECT_EQ(parse_config(R"({"rows": 8, "cols": 8, "encoding": "full_range", "outliers_per_block": 1,
      "fraction_bits": 1, "scale_mantissa_bits": 0})",
                         "f"),
            expected);
  // A number of entries is for either encoding; the rest would be read by nothing.
  EXPECT_EQ(parse_config(R"({"rows": 8, "cols": 8, "outliers_per_block": 2})", "f")->list_entries(), 2);
  EXPECT_EQ(parse_config(R"({"rows": 8, "cols": 8, "outliers_per_block": null})", "f")->list_entries(), 4);
  EXPECT_EQ(
      error_with(R"("scale_mantissa_bits": 3)"),
      R"(f.json: scale_mantissa_bits: found 3; allowed: no such key when encoding is "paper", as nothing )"
      "would read it");
  EXPECT_EQ(
      error_with(R"("outlier_path": "none", "outliers_per_block": 4)"),
      R"(f.json: outliers_per_block: found 4; allowed: no such key when outlier_path is "none", as nothing )"
      "would read it");
  EXPECT_EQ(error_with(R"("fraction_bits": 1)"),
            R"(f.json: fraction_bits: found 1; allowed: 2, as encoding "paper" has quarters)");
  EXPECT_EQ(error_with(R"("encoding": "full_range", "fraction_bits": 3)"),
            "f.json: fraction_bits: found 3; allowed: 1 or 2");
  EXPECT_EQ(error_with(R"("encoding": "full_range", "scale_mantissa_bits": 4)"),
            "f.json: scale_mantissa_bits: found 4; allowed: an integer from 0 to 3");
  EXPECT_EQ(
      error_with(R"("encoding": "full_range", "row_align_bits": 1)"),
      R"(f.json: row_align_bits: found 1; allowed: 0, as encoding "full_range" has no macro-blocks along )"
      "the outputs");
  for (const int bad : {-1, 0, 3, 8}) {
    EXPECT_EQ(
        error_with(fmt::format(R"("outliers_per_block": {})", bad)),
        fmt::format("f.json: outliers_per_block: found {}; allowed: a power of two from 1 to 4, half the "
                    "micro-block",
                    bad));
  }
}

TEST(Parse, RequiredKeys) {
  EXPECT_EQ(error_of(R"({"cols": 8})"),
            "f.json: rows: found nothing (the key is required); allowed: a power of two from 4 to 128");
  EXPECT_EQ(error_of(R"({"rows": 8})"),
            "f.json: cols: found nothing (the key is required); allowed: a power of two from 4 to 128");
}

TEST(Parse, UnknownKeysNameTheNearest) {
  std::string keys;
  for (const FieldGroup& group : field_groups()) keys += (keys.empty() ? "" : ", ") + std::string(group.key);
  EXPECT_TRUE(keys.starts_with("name, rows, cols, ") && keys.ends_with(", acc_bits, top, shell")) << keys;
  EXPECT_EQ(error_with(R"("row": 8)"),
            "f.json: row: found an unknown key; allowed: " + keys + " (nearest: \"rows\")");
  EXPECT_EQ(error_with(R"("microblock": 8)"),
            "f.json: microblock: found an unknown key; allowed: " + keys + " (nearest: \"micro_block\")");
  EXPECT_EQ(error_with(R"("unit": 8)"),
            "f.json: unit: found an unknown key; allowed: " + keys + " (nearest: \"recon.units\")");
  EXPECT_EQ(
      error_with(R"("outlier_path": "recon", "recon": {"spam": "block"})"),
      "f.json: recon.spam: found an unknown key; allowed: recon.units, recon.span (nearest: \"recon.span\")");
  EXPECT_EQ(error_with(R"("outlier_path": "recon", "recon": {"rows": 8})"),
            "f.json: recon.rows: found an unknown key; allowed: recon.units, recon.span (nearest: \"rows\")");
  EXPECT_NE(error_with(R"("recon.units": 8)").find("recon.units: found an unknown key"), std::string::npos);
  EXPECT_NE(error_with(R"("\u001b[2J": 8)").find(R"(f.json: \x1b[2J: found an unknown key)"),
            std::string::npos);
}

TEST(Parse, WrongTypes) {
  EXPECT_EQ(error_of(R"({"rows": "8", "cols": 8})"),
            R"(f.json: rows: found "8"; allowed: a power of two from 4 to 128)");
  EXPECT_EQ(error_of(R"({"rows": 8.0, "cols": 8})"),
            "f.json: rows: found 8.0; allowed: a power of two from 4 to 128");
  EXPECT_EQ(error_of(R"({"rows": 8, "cols": null})"),
            "f.json: cols: found null; allowed: a power of two from 4 to 128");
  EXPECT_EQ(error_of(R"({"rows": 8, "cols": true})"),
            "f.json: cols: found true; allowed: a power of two from 4 to 128");
  EXPECT_EQ(error_with(R"("name": 8)"),
            "f.json: name: found 8; allowed: 1 to 64 letters, digits, '_', '-' or '.', starting with a "
            "letter, digit or '_'");
  EXPECT_EQ(error_with(R"("modes": 4)"), "f.json: modes: found 4; allowed: [2], [4] or [2, 4]");
  EXPECT_EQ(error_with(R"("modes": [2, "4"])"),
            R"(f.json: modes: found [2,"4"]; allowed: [2], [4] or [2, 4])");
  EXPECT_EQ(error_with(R"("micro_block": [8])"), "f.json: micro_block: found [8]; allowed: 4, 8 or 16");
  EXPECT_EQ(error_with(R"("outlier_path": 1)"), "f.json: outlier_path: found 1; allowed: " + kPathNames);
  EXPECT_EQ(error_with(R"("outlier_path": "recon", "recon": 1)"),
            R"(f.json: recon: found 1; allowed: an object with the keys "units" and "span")");
  EXPECT_EQ(error_with(R"("outlier_path": "recon", "recon": null)"),
            R"(f.json: recon: found null; allowed: an object with the keys "units" and "span")");
  EXPECT_EQ(error_with(R"("outlier_path": "recon", "recon": {"units": "2"})"),
            R"(f.json: recon.units: found "2"; allowed: a power of two from 1 to rows, which is 8)");
  EXPECT_EQ(error_with(R"("outlier_path": "recon", "recon": {"span": 2})"),
            R"(f.json: recon.span: found 2; allowed: "block" or "array")");
  EXPECT_EQ(error_with(R"("skew_columns": {})"),
            "f.json: skew_columns: found {}; allowed: 1, 2, 4, 8 or 16, and at most cols, which is 8");
  EXPECT_EQ(error_with(R"("encoding": ["paper"])"),
            R"(f.json: encoding: found ["paper"]; allowed: )" + kEncodingNames);
  EXPECT_EQ(
      error_with(R"("outliers_per_block": [1])"),
      "f.json: outliers_per_block: found [1]; allowed: a power of two from 1 to 4, half the micro-block");
  EXPECT_EQ(error_with(R"("fraction_bits": 1.5)"),
            R"(f.json: fraction_bits: found 1.5; allowed: 2, as encoding "paper" has quarters)");
  EXPECT_EQ(error_with(R"("encoding": "full_range", "scale_mantissa_bits": null)"),
            "f.json: scale_mantissa_bits: found null; allowed: an integer from 0 to 3");
  EXPECT_EQ(error_with(R"("outlier_shift_max": "7")"),
            R"(f.json: outlier_shift_max: found "7"; allowed: null, or an integer from 0 to 15)");
  EXPECT_EQ(error_with(R"("act_bits": false)"), "f.json: act_bits: found false; allowed: 4 or 8");
  EXPECT_EQ(
      error_with(R"("acc_bits": "derived")"),
      R"(f.json: acc_bits: found "derived"; allowed: null (derived), or an integer from 13 (one product) to 19 (the width in which no partial sum can overflow))");
}

TEST(Parse, WrongValues) {
  EXPECT_EQ(error_of(R"({"rows": 0, "cols": 8})"),
            "f.json: rows: found 0; allowed: a power of two from 4 to 128");
  EXPECT_EQ(error_of(R"({"rows": 8, "cols": 12})"),
            "f.json: cols: found 12; allowed: a power of two from 4 to 128");
  EXPECT_EQ(error_with(R"("modes": [])"), "f.json: modes: found []; allowed: [2], [4] or [2, 4]");
  EXPECT_EQ(error_with(R"("modes": [4, 2])"), "f.json: modes: found [4, 2]; allowed: [2], [4] or [2, 4]");
  EXPECT_EQ(error_with(R"("outlier_path": "inlined")"),
            R"(f.json: outlier_path: found "inlined"; allowed: )" + kPathNames);
  EXPECT_EQ(error_with(R"("encoding": "half_range")"),
            R"(f.json: encoding: found "half_range"; allowed: )" + kEncodingNames);
  EXPECT_EQ(error_with(R"("outlier_path": "recon", "recon": {"span": "row"})"),
            R"(f.json: recon.span: found "row"; allowed: "block" or "array")");
  EXPECT_EQ(error_with(R"("name": "../x")").rfind(R"(f.json: name: found "../x"; allowed: 1 to 64)", 0), 0U);
  EXPECT_EQ(error_with(R"("acc_bits": 24)").rfind("f.json: acc_bits: found 24; allowed: null", 0), 0U);
}

TEST(Parse, NumbersThatFitNoInteger) {
  const std::string allowed = "; allowed: a power of two from 4 to 128";
  for (const std::string number : {"2147483648", "-2147483649", "4294967304", "18446744073709551615"}) {
    EXPECT_EQ(error_of(fmt::format(R"({{"rows": {}, "cols": 8}})", number)),
              fmt::format("f.json: rows: found {}{}", number, allowed));
  }
  EXPECT_EQ(
      error_of(R"({"rows": 1e999, "cols": 8})"),
      "f.json: top level: found number overflow parsing '1e999'; allowed: one JSON object, without comments");
  // The limits of acc_bits derive from the other fields, which must have been checked before.
  EXPECT_EQ(error_with(R"("acc_bits": "x", "outlier_shift_max": 1000000000)"),
            "f.json: outlier_shift_max: found 1000000000; allowed: null, or an integer from 0 to 15");
}

TEST(Parse, OutlierSettingsOnAPlainArray) {
  const std::string unread = "; allowed: no such key when outlier_path is \"none\", as nothing would read it";
  EXPECT_EQ(error_with(R"("outlier_path": "none", "recon": {"units": 1})"),
            "f.json: recon: found {\"units\":1}" + unread);
  EXPECT_EQ(error_with(R"("recon": {}, "outlier_path": "none")"), "f.json: recon: found {}" + unread);
  EXPECT_EQ(error_with(R"("outlier_path": "none", "outlier_shift_max": 7)"),
            "f.json: outlier_shift_max: found 7" + unread);
  EXPECT_EQ(error_with(R"("outlier_path": "none", "inline": {"units_per_block": 1})"),
            "f.json: inline: found {\"units_per_block\":1}" + unread);
}

TEST(Parse, InlinePath) {
  const auto config = parse_config(
      R"({"rows": 16, "cols": 8, "outlier_path": "inline", "inline": {"units_per_block": 2}, "tree_rows": 8,
          "outlier_shift_max": 3, "outliers_per_block": 1})",
      "f.json");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->outlier_path, OutlierPath::inlined);
  EXPECT_EQ(config->inlined.units_per_block, 2);
  EXPECT_EQ(config->tree_rows, 8);
  EXPECT_EQ(config->outlier_shift_max, 3);
  EXPECT_EQ(config->list_entries(), 1);
  EXPECT_EQ(*parse_config(to_json(*config), "f.json"), *config);
  EXPECT_EQ(
      parse_config(R"({"rows": 8, "cols": 8, "tree_rows": null, "inline": {"units_per_block": null}})", "f"),
      parse_config(R"({"rows": 8, "cols": 8})", "f"));

  EXPECT_EQ(
      error_with(R"("recon": {"units": 1})"),
      "f.json: recon: found {\"units\":1}; allowed: no such key when outlier_path is \"inline\", as nothing "
      "would read it");
  EXPECT_EQ(error_with(R"("outlier_path": "recon", "inline": {})"),
            "f.json: inline: found {}; allowed: no such key when outlier_path is \"recon\", as nothing would "
            "read it");
  for (const int units : {-1, 0, 3, 5, 8}) {
    EXPECT_EQ(
        error_with(fmt::format(R"("outlier_path": "inline", "inline": {{"units_per_block": {}}})", units)),
        fmt::format("f.json: inline.units_per_block: found {}; allowed: null (derived), 1, 2 or 4", units));
  }
  EXPECT_EQ(error_with(R"("outlier_path": "inline", "inline": {"units": 1})"),
            "f.json: inline.units: found an unknown key; allowed: inline.units_per_block (nearest: "
            "\"recon.units\")");
  EXPECT_EQ(error_with(R"("outlier_path": "inline", "inline": 2)"),
            "f.json: inline: found 2; allowed: an object with the key \"units_per_block\"");
  const std::string trees =
      "null (derived), or 1, 2, 4, 8 or 16, at most half of rows, which is 8; 1 when outlier_path is "
      "\"recon\"";
  EXPECT_EQ(error_with(R"("outlier_path": "inline", "tree_rows": 8)"),
            "f.json: tree_rows: found 8; allowed: " + trees);
  EXPECT_EQ(error_with(R"("outlier_path": "none", "tree_rows": 3)"),
            "f.json: tree_rows: found 3; allowed: " + trees);
  EXPECT_EQ(error_with(R"("outlier_path": "recon", "tree_rows": 2)"),
            "f.json: tree_rows: found 2; allowed: " + trees);
}

TEST(Parse, DuplicateKeys) {
  EXPECT_EQ(error_with(R"("rows": 8)"), "f.json: rows: found the key twice; allowed: each key once");
  EXPECT_EQ(error_with(R"("recon": {"units": 1, "span": "block", "units": 2})"),
            "f.json: recon.units: found the key twice; allowed: each key once");
  // The same key in two objects is none.
  EXPECT_EQ(error_with(R"("recon": {"rows": 1})").find("twice"), std::string::npos);
}

TEST(Parse, SyntaxErrorsNameLineAndColumn) {
  const std::string allowed = "; allowed: one JSON object, without comments";
  EXPECT_EQ(error_of("{\n  \"rows\": 8,\n  \"cols\" 8\n}"),
            "f.json: line 3, column 10: found syntax error while parsing object separator - unexpected "
            "number literal; "
            "expected ':'" +
                allowed);
  EXPECT_EQ(
      error_of("").rfind(
          "f.json: line 1, column 1: found syntax error while parsing value - unexpected end of input", 0),
      0U)
      << error_of("");
  EXPECT_EQ(error_of("{\"rows\": 8, \"cols\": 8,}").rfind("f.json: line 1, column 23: ", 0), 0U);
  EXPECT_EQ(error_of("{\"rows\": 8,\n // eight\n \"cols\": 8}").rfind("f.json: line 2, column 2: ", 0), 0U);
  EXPECT_EQ(error_of("{\"rows\": 8, \"cols\": 8} x").rfind("f.json: line 1, column 24: ", 0), 0U);
  EXPECT_EQ(error_of("{\"rows\": 8, \"cols\": 8}\n{}").rfind("f.json: line 2, column 1: ", 0), 0U);
  EXPECT_EQ(error_of("{\"name\": \"\xff\"}").rfind("f.json: line 1, column 11: ", 0), 0U);
}

TEST(Parse, OnlyAnObject) {
  EXPECT_EQ(error_of("[8, 8]"), "f.json: top level: found [8,8]; allowed: a JSON object");
  EXPECT_EQ(error_of("null"), "f.json: top level: found null; allowed: a JSON object");
}

TEST(Parse, NestingAndSizeBombs) {
  const std::string too_deep = ": found more than 8 nested levels; allowed: an object of plain fields";
  EXPECT_EQ(error_of(std::string(500'000, '[')), "f.json: top level" + too_deep);
  EXPECT_EQ(error_with("\"modes\": " + std::string(500'000, '[')), "f.json: modes" + too_deep);
  std::string many_keys = "{";
  for (int i = 0; i < 60'000; ++i) many_keys += "\"k" + std::to_string(i) + "\":0,";
  const std::size_t keys = field_groups().size();
  EXPECT_EQ(error_of(many_keys), fmt::format("f.json: top level: found {} keys and more; allowed: at most {}",
                                             4 * keys + 1, keys));
  std::string long_list = "\"modes\": [2";
  for (int i = 0; i < 100'000; ++i) long_list += ",2";
  EXPECT_LT(error_with(long_list + "]").size(), 200U);
  EXPECT_EQ(error_of(std::string(kMaxConfigBytes + 1, ' ')),
            "f.json: found more than 1048576 bytes; allowed: a configuration of at most 1 MiB");
  const std::string small = R"({"rows": 8, "cols": 8})";
  EXPECT_TRUE(parse_config(small + std::string(kMaxConfigBytes - small.size(), ' '), "f.json"));
}

TEST(Load, NameIsTheStemIfItCanBe) {
  EXPECT_EQ(load_config(TemporaryFile("mine.json", R"({"rows": 8, "cols": 8})").path())->name, "mine");
  EXPECT_EQ(
      load_config(TemporaryFile("my own.json", R"({"rows": 8, "cols": 4, "micro_block": 4})").path())->name,
      "8x4");
  EXPECT_EQ(load_config(TemporaryFile("mine.json", R"({"rows": 8, "cols": 8, "name": "b"})").path())->name,
            "b");
}

TEST(Load, ErrorsNameTheFile) {
  const TemporaryFile bad("bad.json", R"({"rows": 9, "cols": 8})");
  EXPECT_EQ(load_config(bad.path()).error(),
            bad.path().string() + ": rows: found 9; allowed: a power of two from 4 to 128");
  EXPECT_EQ(load_config("no/such.json").error(), "no/such.json: cannot open: No such file or directory");
  const std::string directory = bad.path().parent_path().string();
  EXPECT_EQ(load_config(directory).error(), directory + ": is a directory; allowed: a regular file");
}

TEST(Load, RefusesLargeFiles) {
  const TemporaryFile large("large.json", std::string(kMaxConfigBytes + 1, ' '));
  EXPECT_EQ(
      load_config(large.path()).error(),
      large.path().string() + ": found more than 1048576 bytes; allowed: a configuration of at most 1 MiB");
}

TEST(Presets, AllLoad) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(MSQ_CONFIG_DIR)) {
    if (entry.path().extension() != ".json") continue;
    const auto config = load_config(entry.path());
    ASSERT_TRUE(config) << config.error();
    EXPECT_TRUE(validate(*config));
    EXPECT_EQ(config->name, entry.path().stem().string());
    ++count;
  }
  EXPECT_GE(count, 10);
}

TEST(Parse, Top) {
  const auto config = parse_config(
      R"({"rows": 8, "cols": 8, "row_align_bits": 2, "top": {"tokens": 64, "act_words": 256, "output_lanes": 4, "weight_fifo": 8}})",
      "f.json");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->row_align_bits, 2);
  EXPECT_EQ(config->top, (TopConfig{64, 256, 4, 8}));
  EXPECT_EQ(*parse_config(to_json(*config), "text"), *config);
  EXPECT_EQ(parse_config(R"({"rows": 8, "cols": 8, "top": {"output_lanes": null}})", "f")->top, TopConfig{});
  EXPECT_EQ(
      error_with(R"("top": 3)"),
      R"(f.json: top: found 3; allowed: an object with the keys "tokens", "act_words", "output_lanes", "weight_fifo", "weight_rows")");
  EXPECT_EQ(error_with(R"("top": {"token": 3})"),
            "f.json: top.token: found an unknown key; allowed: top.tokens, top.act_words, top.output_lanes, "
            "top.weight_fifo, top.weight_rows "
            "(nearest: \"top.tokens\")");
}

TEST(Presets, AreWhatTheirNamesSay) {
  const auto preset = [](const std::string& name) {
    return *load_config(MSQ_CONFIG_DIR "/" + name + ".json");
  };
  Config expected;
  for (const int size : {8, 16, 32, 64}) {
    expected.name = std::to_string(size) + "x" + std::to_string(size);
    expected.rows = expected.cols = size;
    if (size == 64) expected.top.act_words = 16384;  // the paper's 2 MB of shared memory
    EXPECT_EQ(preset(expected.name), expected);
  }
  expected.outlier_path = OutlierPath::recon;
  expected.name = "recon-64x64";
  EXPECT_EQ(preset("recon-64x64"), expected);
  expected.name = "paper";
  expected.recon = {1, ReconSpan::array};
  expected.skew_columns = 1;
  EXPECT_EQ(preset("paper"), expected);
  expected = Config{};
  expected.name = "recon-8x8";
  expected.outlier_path = OutlierPath::recon;
  EXPECT_EQ(preset("recon-8x8"), expected);
  expected.name = "none-8x8";
  expected.outlier_path = OutlierPath::none;
  EXPECT_EQ(preset("none-8x8"), expected);
  expected = Config{};
  expected.name = "8x8-full-range";
  expected.encoding = Encoding::full_range;
  expected.outliers_per_block = 1;
  expected.fraction_bits = 1;
  EXPECT_EQ(preset("8x8-full-range"), expected);
  expected = Config{};
  expected.name = "tiny";
  expected.rows = expected.cols = expected.micro_block = expected.skew_columns = 4;
  EXPECT_EQ(preset("tiny"), expected);
}

}  // namespace
}  // namespace msq
