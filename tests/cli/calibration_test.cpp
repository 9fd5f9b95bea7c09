#include "golden/quantize/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>
#include <string>

#include "golden/io/quantized_file.hpp"
#include "golden/quantize/migration.hpp"
#include "golden/quantize/quantizer.hpp"
#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

golden::NamedTensor named(const std::string& name, const golden::Matrix& matrix) {
  return golden::named_tensor(name, {matrix.rows, matrix.columns}, std::span<const float>(matrix.values));
}

class Calibrated : public Flow {
 protected:
  void SetUp() override {
    Flow::SetUp();
    write_npy("w.npy", w_);
    write_npy("x.npy", x_);
    write("m.safetensors",
          *golden::safetensors_bytes(std::vector{named("a.weight", a_), named("b.weight", b_)}, {}));
    fs::create_directory(directory_ / "x");
    write_npy("x/a.npy", xa_);
    write_npy("x/b.weight.npy", xb_);
  }

  golden::QuantizedLayer load(const std::string& file, const std::string& layer) const {
    return golden::load_quantized(directory_ / file, layer).value();
  }
  /// Result of the quantizer for w.npy and x.npy.
  golden::QuantizedTensor expected(const golden::QuantizerOptions& options) const {
    golden::Hessian hessian(w_.rows);
    EXPECT_TRUE(hessian.add(x_.values));
    return golden::quantize(w_.values, w_.rows, w_.columns, options, hessian).value().tensor;
  }

  golden::Matrix w_ = sample_matrix(40, 24, 1);
  golden::Matrix x_ = sample_matrix(300, 40, 2);
  golden::Matrix a_ = sample_matrix(16, 24, 3);  ///< [N][K]
  golden::Matrix b_ = sample_matrix(8, 32, 4);
  golden::Matrix xa_ = sample_matrix(100, 24, 5);
  golden::Matrix xb_ = sample_matrix(100, 32, 6);
};

TEST_F(Calibrated, ErrorsAreCompensated) {
  const auto report =
      json({"quantize", "-w", "w.npy", "--calibration", "x.npy", "-b", "2", "-o", "q.safetensors", "--json"});
  golden::QuantizerOptions options;
  options.bits = 2;
  EXPECT_EQ(load("q.safetensors", "w").tensor, expected(options));
  EXPECT_EQ(report["calibration_tokens"], 300);
  const auto plain = json({"quantize", "-w", "w.npy", "-b", "2", "-o", "r.safetensors", "--json"});
  EXPECT_EQ(plain["calibration_tokens"], 0);
  EXPECT_NE(load("q.safetensors", "w").tensor, load("r.safetensors", "w").tensor);
}

TEST_F(Calibrated, EveryOptionReachesTheQuantizer) {
  succeed({"quantize",
           "-w",
           "w.npy",
           "--calibration",
           "x.npy",
           "-b",
           "4",
           "--encoding",
           "full_range",
           "--outliers-per-block",
           "2",
           "--identifier-group",
           "4",
           "--shift-bits",
           "4",
           "--fraction-bits",
           "1",
           "--scale-mantissa-bits",
           "2",
           "--outlier-rule",
           "demote",
           "--prune-rule",
           "error",
           "--outlier-price",
           "0.5",
           "--damping",
           "0.1",
           "--weigh-scales",
           "--activation-order",
           "--sweeps",
           "1",
           "--threads",
           "2",
           "-o",
           "q.safetensors"});
  golden::QuantizerOptions options;
  options.encoding = golden::Encoding::full_range;
  options.outliers_per_block = 2;
  options.identifier_group = 4;
  options.shift_bits = 4;
  options.fraction_bits = 1;
  options.scale_mantissa_bits = 2;
  options.outlier_rule = golden::OutlierRule::demote;
  options.prune_rule = golden::PruneRule::error;
  options.outlier_price = 0.5;
  options.damping = 0.1;
  options.weigh_scales = true;
  options.activation_order = true;
  options.sweeps = 1;
  const auto tensor = load("q.safetensors", "w").tensor;
  EXPECT_EQ(tensor, expected(options));
  // Each of them matters: none could be lost unnoticed.
  const auto differs = [&](auto change) {
    golden::QuantizerOptions other = options;
    change(other);
    return expected(other) != tensor;
  };
  EXPECT_TRUE(differs([](auto& o) { o.outlier_rule = golden::OutlierRule::error; }));
  EXPECT_TRUE(differs([](auto& o) { o.outlier_price = 20; }));
  EXPECT_TRUE(differs([](auto& o) { o.damping = 1; }));
  EXPECT_TRUE(differs([](auto& o) { o.weigh_scales = false; }));
  EXPECT_TRUE(differs([](auto& o) { o.activation_order = false; }));
  EXPECT_TRUE(differs([](auto& o) { o.sweeps = 0; }));
}

TEST_F(Calibrated, ProfileBestYieldsToOptions) {
  golden::QuantizerOptions options;
  options.bits = 2;
  options.encoding = golden::Encoding::full_range;
  options.outliers_per_block = 1;
  options.identifier_group = 8;
  options.shift_bits = 4;
  options.fraction_bits = 1;
  options.outlier_shift_max = 4;
  options.outlier_rule = golden::OutlierRule::error;
  options.weigh_scales = true;
  options.activation_order = true;
  options.sweeps = 4;
  Arguments arguments = {"quantize", "-w", "w.npy", "--calibration", "x.npy", "--profile", "best",
                         "-b",       "2",  "-o",    "q.safetensors"};
  succeed(arguments);
  EXPECT_EQ(load("q.safetensors", "w").tensor, expected(options));
  succeed({"fit", "-c", "8x8-full-range", "-q", "q.safetensors"});  // an array of the preset takes it
  arguments.insert(arguments.end(), {"--sweeps", "0", "--outliers-per-block", "2"});
  succeed(arguments);
  options.sweeps = 0;
  options.outliers_per_block = 2;
  EXPECT_EQ(load("q.safetensors", "w").tensor, expected(options));
  // Without calibration: what needs none.
  succeed({"quantize", "-w", "w.npy", "--profile", "best", "-b", "2", "-o", "r.safetensors"});
  EXPECT_EQ(load("r.safetensors", "w").tensor.format.encoding, golden::Encoding::full_range);
  succeed({"fit", "-c", "8x8-full-range", "-q", "r.safetensors"});
  // With the paper's encoding the length of its shift stays.
  succeed({"quantize", "-w", "w.npy", "--profile", "best", "--encoding", "paper", "-b", "2", "-o",
           "p.safetensors"});
  EXPECT_EQ(load("p.safetensors", "w").tensor.format.shift_bits, 8);
}

TEST_F(Calibrated, MigrationStoresInputScales) {
  const auto report = json({"quantize", "-w", "w.npy", "--calibration", "x.npy", "--migration", "0.7", "-b",
                            "4", "-o", "q.safetensors", "--json"});
  const auto layer = load("q.safetensors", "w");
  golden::Calibration calibration(w_.rows);
  ASSERT_TRUE(calibration.add(x_.values));
  const auto scales = golden::migration_scales(w_.values, calibration.largest, w_.rows, w_.columns, 0.7);
  EXPECT_EQ(layer.input_scales, (std::vector<float>(scales.begin(), scales.end())));
  std::vector<float> weights = w_.values;
  const std::vector<double> stored(layer.input_scales.begin(), layer.input_scales.end());
  golden::migrate(stored, weights, calibration.hessian);
  EXPECT_EQ(layer.tensor,
            golden::quantize(weights, w_.rows, w_.columns, {}, calibration.hessian).value().tensor);
  EXPECT_DOUBLE_EQ(report["ebw_stored"], golden::effective_bits(layer).stored);
  EXPECT_LT(report["weight_error"], 0.5);  // of the weights as they were before
  const auto found = json({"inspect", "q.safetensors", "--json"});
  EXPECT_EQ(found["layers"][0]["input_scales"], true);
  EXPECT_EQ(found["layers"][0]["encoding"], "paper");
}

TEST_F(Calibrated, SimulationDividesItsInputs) {
  const Arguments simulate = {"simulate", "--config", "tiny", "--quantized", "q.safetensors", "--activations",
                              "x.npy",    "--tiles",  "2"};
  succeed({"quantize", "-w", "w.npy", "--calibration", "x.npy", "--micro-block", "4", "--migration", "0.7",
           "-b", "4", "-o", "q.safetensors"});
  EXPECT_NE(succeed(simulate).find("bit-exact"), std::string::npos);
  // Divided by almost nothing they are infinite.
  golden::QuantizedLayer layer = load("q.safetensors", "w");
  layer.input_scales.assign(layer.input_scales.size(), 1e-38F);
  write("q.safetensors", *golden::quantized_bytes({&layer, 1}));
  refuse(simulate, {"x.npy", "inf"});
}

TEST_F(Calibrated, LayersOfAModelFindTheirFiles) {
  const auto report = json(
      {"quantize", "-w", "m.safetensors", "--calibration", "x", "-b", "2", "-o", "q.safetensors", "--json"});
  EXPECT_EQ(report["layers"][0]["calibration_tokens"], 100);
  write("x.safetensors",
        *golden::safetensors_bytes(std::vector{named("a", xa_), named("b.weight", xb_)}, {}));
  succeed({"quantize", "-w", "m.safetensors", "--calibration", "x.safetensors", "-b", "2", "-o",
           "r.safetensors"});
  EXPECT_EQ(read("q.safetensors"), read("r.safetensors"));
  succeed({"quantize", "-w", "m.safetensors", "--tensor", "b.weight", "--calibration", "x/b.weight.npy", "-b",
           "2", "-o", "1.safetensors"});
  EXPECT_EQ(load("1.safetensors", "b").tensor, load("q.safetensors", "b").tensor);
}

/// An expert that saw no token.
TEST_F(Calibrated, ALayerWithoutTokensIsRounded) {
  write_npy("x/b.weight.npy", {0, 32, {}});
  const ProcessResult result =
      run({"quantize", "-w", "m.safetensors", "--calibration", "x", "-b", "2", "-o", "q.safetensors"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_NE(result.output.find("microscopiq: warning: layer 'b': x/b.weight.npy holds no tokens: rounded to "
                               "the nearest\n"),
            std::string::npos)
      << result.output;
  succeed({"quantize", "-w", "m.safetensors", "-b", "2", "-o", "r.safetensors"});
  EXPECT_EQ(load("q.safetensors", "b").tensor, load("r.safetensors", "b").tensor);
  EXPECT_NE(load("q.safetensors", "a").tensor, load("r.safetensors", "a").tensor);
}

/// An input that was captured where nothing flows.
TEST_F(Calibrated, ALayerOfZeroInputsIsRounded) {
  golden::Matrix zeros = xb_;
  std::ranges::fill(zeros.values, 0.0F);
  write_npy("x/b.weight.npy", zeros);
  for (const std::string profile : {"paper", "best"}) {
    const ProcessResult result = run({"quantize", "-w", "m.safetensors", "--calibration", "x", "-b", "2",
                                      "-o", "q.safetensors", "--profile", profile});
    EXPECT_EQ(result.exit_code, 0) << result.output;
    EXPECT_NE(result.output.find("microscopiq: warning: layer 'b': every input is zero in the calibration: "
                                 "rounded to the nearest\n"),
              std::string::npos)
        << result.output;
  }
  const auto report = json(
      {"quantize", "-w", "m.safetensors", "--calibration", "x", "-b", "2", "-o", "q.safetensors", "--json"});
  EXPECT_TRUE(report["layers"][1]["output_error"].is_null());
  EXPECT_EQ(report["layers"][1]["calibration_tokens"], 0);
}

TEST_F(Calibrated, FewTokensAreNoWorseThanRounding) {
  write_npy("few.npy", sample_matrix(3, 40, 7));
  const Arguments arguments = {"quantize",    "-w",  "w.npy", "-b",           "2", "--calibration", "few.npy",
                               "--migration", "0.5", "-o",    "q.safetensors"};
  const ProcessResult result = run(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_NE(result.output.find("microscopiq: warning: layer 'w': few.npy holds 3 tokens, fewer than K = 40: "
                               "rounded to the nearest, since they do not show that calibration helps\n"),
            std::string::npos)
      << result.output;
  succeed({"quantize", "-w", "w.npy", "-b", "2", "-o", "r.safetensors"});
  EXPECT_EQ(read("q.safetensors"), read("r.safetensors"));
}

/// The same name, size and time, but other tokens.
TEST_F(Calibrated, LayersOfAnotherCalibrationAreMadeAgain) {
  golden::Matrix broken = b_;
  broken.values[5] = NAN;
  write("n.safetensors",
        *golden::safetensors_bytes(std::vector{named("a.weight", a_), named("b.weight", broken)}, {}));
  const Arguments arguments = {"quantize", "-w", "n.safetensors", "--calibration", "x", "-b",
                               "2",        "-o", "q.safetensors"};
  EXPECT_EQ(run(arguments).exit_code, 2);
  ASSERT_TRUE(fs::exists(directory_ / "q.safetensors.parts" / "0000.safetensors"));
  const auto time = fs::last_write_time(directory_ / "x/a.npy");
  write_npy("x/a.npy", sample_matrix(100, 24, 8));
  fs::last_write_time(directory_ / "x/a.npy", time);
  fs::rename(directory_ / "m.safetensors", directory_ / "n.safetensors");
  const ProcessResult result = run(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_NE(result.output.find("1 finished layers were of other weights or another calibration; made again"),
            std::string::npos)
      << result.output;
}

TEST_F(Calibrated, AMissingModelIsNamedWithEveryOption) {
  refuse({"quantize", "-w", "none", "--list"}, {"none: does not exist; allowed: .safetensors"});
  refuse({"quantize", "-w", "none", "-b", "2", "-o", "q.safetensors"}, {"none: does not exist; allowed"});
  refuse({"quantize", "-w", "w.npy", "--list"}, {"--list: found with w.npy; allowed: with a model"});
}

TEST_F(Calibrated, Refusals) {
  const auto refuse_with = [this](const Arguments& more, std::initializer_list<std::string_view> parts) {
    Arguments arguments = {"quantize", "-b", "2", "-o", "q.safetensors"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    refuse(arguments, parts);
  };
  refuse_with({"-w", "w.npy", "--calibration", "none.npy"}, {"--calibration", "none.npy"});
  refuse_with({"-w", "w.npy", "--calibration", "x/a.npy"}, {"[100][24]", "[tokens][40]", "'w'"});
  refuse_with({"-w", "w.npy", "--sweeps", "2"}, {"--sweeps", "--calibration"});
  refuse_with({"-w", "w.npy", "--migration", "0.5"}, {"--migration", "--calibration"});
  refuse_with({"-w", "w.npy", "--calibration", "x.npy", "--migration", "2"},
              {"--migration: found 2; allowed: 0 to 1"});
  refuse_with({"-w", "m.safetensors", "--calibration", "x.npy"}, {"--calibration", "x.npy", "one tensor"});
  refuse_with({"-w", "w.npy", "--shift-bits", "4"}, {"--shift-bits", "paper"});
  write("other.safetensors", *golden::safetensors_bytes(std::vector{named("p", xa_), named("q", xb_)}, {}));
  refuse_with({"-w", "m.safetensors", "--calibration", "other.safetensors"}, {"other.safetensors", "'a'"});
  // Nothing is quantized if the last layer's activations are missing.
  fs::remove(directory_ / "x/b.weight.npy");
  refuse_with({"-w", "m.safetensors", "--calibration", "x"},
              {"--calibration: x: no activations of layer 'b'; allowed: a file 'b.npy' or 'b.weight.npy'"});
  refuse_with({"-w", "m.safetensors", "--calibration", "none"},
              {"--calibration: none: does not exist; allowed: a directory"});
  // One tensor serves one matrix under any name, and no layer of a model.
  write("one.safetensors", *golden::safetensors_bytes(std::vector{named("p", xa_)}, {}));
  succeed({"quantize", "-b", "2", "-o", "q.safetensors", "-w", "m.safetensors", "--tensor", "a.weight",
           "--calibration", "one.safetensors"});
  refuse_with({"-w", "m.safetensors", "--tensor", "a*", "--calibration", "one.safetensors"},
              {"one.safetensors: no activations of layer 'a'"});
  write_npy("nan.npy", {1, 40, std::vector<float>(40, std::nanf(""))});
  refuse_with({"-w", "w.npy", "--calibration", "nan.npy"}, {"nan.npy", "[token=0][k=0]"});
}

/// Activations whose sums are exact in float32.
golden::Matrix small_integers(std::int64_t rows, std::int64_t columns) {
  golden::Matrix x{rows, columns, std::vector<float>(static_cast<std::size_t>(rows * columns))};
  unsigned state = 1;
  for (float& value : x.values) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<float>(state >> 28U) - 8;
  }
  return x;
}

/// H of activations as a Hessian file has it.
golden::Matrix sums_of(const golden::Matrix& x) {
  golden::Matrix sums{x.columns, x.columns,
                      std::vector<float>(static_cast<std::size_t>(x.columns * x.columns))};
  for (std::int64_t i = 0; i < x.columns; ++i) {
    for (std::int64_t j = 0; j < x.columns; ++j) {
      double sum = 0;
      for (std::int64_t t = 0; t < x.rows; ++t) {
        sum += 2.0 * x.values[static_cast<std::size_t>(t * x.columns + i)] *
               x.values[static_cast<std::size_t>(t * x.columns + j)];
      }
      sums.values[static_cast<std::size_t>(i * x.columns + j)] = static_cast<float>(sum);
    }
  }
  return sums;
}

TEST_F(Calibrated, SumsOfAFileServeAsTheActivations) {
  const golden::Matrix xa = small_integers(100, 24);
  const golden::Matrix xb = small_integers(90, 32);
  write_npy("x/a.npy", xa);
  write_npy("x/b.weight.npy", xb);
  write("h.safetensors", *golden::safetensors_bytes(
                             std::vector{named("a.hessian", sums_of(xa)), named("in.hessian", sums_of(xb))},
                             {{"a.tokens", "100"}, {"in.tokens", "90"}, {"b.weight.input", "in"}}));
  const std::vector<std::string> command{"quantize", "-w", "m.safetensors", "-b", "2", "--json", "-o"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> all = command;
    all.insert(all.end(), more.begin(), more.end());
    return json(all);
  };
  const auto rows = with({"r.safetensors", "--calibration", "x"});
  const auto sums = with({"s.safetensors", "--hessians", "h.safetensors"});
  for (const char* layer : {"a", "b"}) {
    EXPECT_EQ(load("s.safetensors", layer).tensor, load("r.safetensors", layer).tensor);
  }
  EXPECT_EQ(sums["layers"][0]["calibration_tokens"], 100);
  EXPECT_EQ(sums["layers"][0]["output_error"], rows["layers"][0]["output_error"]);
  EXPECT_GT(sums["layers"][0]["output_error"], 0.01);
}

/// As the first token of a window, of which rows drawn at random hold one.
TEST_F(Calibrated, MassiveActivationsThatAreHardlySeenAreAWarning) {
  golden::Matrix x = small_integers(200, 40);
  const auto set = [&](std::size_t token, float value) { x.values[token * 40 + 7] = value; };
  const auto warnings = [&](const std::string& option, const std::string& file) -> nlohmann::json {
    return json(
        {"quantize", "-w", "w.npy", option, file, "-b", "2", "-o", "q.safetensors", "--json"})["warnings"];
  };
  const auto sums = [&] {
    golden::Matrix largest{1, 40, std::vector<float>(40, 8.0F)};
    largest.values[7] = 500;
    write("h.safetensors",
          *golden::safetensors_bytes(std::vector{named("w.hessian", sums_of(x)), named("w.largest", largest)},
                                     {{"w.tokens", "200"}}));
  };
  const nlohmann::json expected = {
      "calibration hardly sees the massive activations of 1 input, of input 7 least: one token makes up 98 % "
      "of its sum of squares (docs/user/models.md, \"Choice of text\")"};
  set(3, 500);
  write_npy("x.npy", x);
  sums();
  EXPECT_EQ(warnings("--calibration", "x.npy"), expected);
  EXPECT_EQ(warnings("--hessians", "h.safetensors"), expected);
  const ProcessResult text =
      run({"quantize", "-w", "w.npy", "--calibration", "x.npy", "-b", "2", "-o", "q.safetensors"});
  EXPECT_NE(text.output.find("microscopiq: warning: layer 'w': calibration hardly sees"), std::string::npos)
      << text.output;
  // Four such tokens are enough.
  for (const std::size_t token : {40U, 80U, 120U}) set(token, 500);
  write_npy("x.npy", x);
  sums();
  EXPECT_EQ(warnings("--calibration", "x.npy"), nlohmann::json::array());
  EXPECT_EQ(warnings("--hessians", "h.safetensors"), nlohmann::json::array());
}

TEST_F(Calibrated, MassiveTokensCountMore) {
  golden::Matrix x = small_integers(200, 40);
  x.values[3 * 40 + 7] = 500;
  write_npy("x.npy", x);
  const Arguments arguments = {"quantize", "-w", "w.npy",         "--calibration", "x.npy",           "-b",
                               "2",        "-o", "q.safetensors", "--json",        "--massive-weight"};
  const auto with = [&](const char* weight) {
    Arguments all = arguments;
    all.emplace_back(weight);
    return all;
  };
  const auto report = json(with("5"));
  EXPECT_EQ(report["massive_weight"], 5);
  EXPECT_EQ(report["calibration_tokens"], 200);
  EXPECT_EQ(report["warnings"], nlohmann::json::array()) << "one token, counted five times, is seen";
  golden::Hessian hessian(40);
  std::vector<double> counts(200, 1.0);
  counts[3] = 5;
  ASSERT_TRUE(hessian.add(x.values, counts));
  golden::QuantizerOptions options;
  options.bits = 2;
  EXPECT_EQ(load("q.safetensors", "w").tensor,
            golden::quantize(w_.values, w_.rows, w_.columns, options, hessian).value().tensor);
  EXPECT_NE(json(with("1"))["output_error"], report["output_error"]);
  refuse(with("0.5"), {"--massive-weight: found 0.5; allowed: at least 1"});
  refuse({"quantize", "-w", "w.npy", "--hessians", "h.safetensors", "--massive-weight", "2", "-b", "2", "-o",
          "q.safetensors"},
         {"--massive-weight", "--calibration"});
}

TEST_F(Calibrated, SavedSumsGiveTheSameWeights) {
  const auto command = [](const Arguments& more) {
    Arguments all{"quantize", "-b", "2", "--sweeps", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const ProcessResult result = run(command({"-w", "m.safetensors", "--calibration", "x", "--save-hessians",
                                            "h.safetensors", "-o", "q.safetensors"}));
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_NE(result.output.find("microscopiq: h.safetensors: sums written, inputs: 2, layers: 2\n"),
            std::string::npos)
      << result.output;
  succeed(command({"-w", "m.safetensors", "--hessians", "h.safetensors", "-o", "r.safetensors"}));
  EXPECT_EQ(read("q.safetensors"), read("r.safetensors"));
  // One matrix.
  succeed(command({"-w", "w.npy", "--calibration", "x.npy", "--massive-weight", "2", "--save-hessians",
                   "h.safetensors", "-o", "q.safetensors"}));
  succeed(command({"-w", "w.npy", "--hessians", "h.safetensors", "-o", "r.safetensors"}));
  EXPECT_EQ(read("q.safetensors"), read("r.safetensors"));
  const auto refused = [&](const Arguments& more, std::initializer_list<std::string_view> parts) {
    refuse(command(more), parts);
  };
  refused({"-w", "w.npy", "--save-hessians", "h.safetensors", "-o", "q.safetensors", "--hessians",
           "h.safetensors"},
          {"--save-hessians", "--calibration"});
  refused({"-w", "w.npy", "--calibration", "x.npy", "--save-hessians", "h.npy", "-o", "q.safetensors"},
          {"--save-hessians: found \"h.npy\"", ".safetensors"});
  refused(
      {"-w", "w.npy", "--calibration", "x.npy", "--save-hessians", "q.safetensors", "-o", "q.safetensors"},
      {"--save-hessians", "--output"});
  refused({"-w", "m.safetensors", "--calibration", "x", "--save-hessians", "m.safetensors", "-o",
           "q.safetensors"},
          {"--save-hessians", "m.safetensors", "--weights"});
  refused({"-w", "m.safetensors", "--calibration", "x", "--save-hessians", "h.safetensors", "-o",
           "q.safetensors", "--plan"},
          {"--save-hessians", "--plan"});
}

TEST_F(Calibrated, OptionsOfCalibrationNeedOne) {
  for (const std::string option : {"--damping", "--sweeps", "--migration", "--target-strength"}) {
    refuse({"quantize", "-w", "w.npy", "-b", "2", "-o", "q.safetensors", option, "1"},
           {option, "--calibration or --hessians"});
  }
}

TEST_F(Calibrated, WrongSumsAreNamed) {
  write("h.safetensors", *golden::safetensors_bytes(std::vector{named("a.hessian", small_integers(3, 3))},
                                                    {{"a.tokens", "1"}}));
  const auto refuse_tensor = [&](const std::string& tensor, std::initializer_list<std::string_view> parts) {
    refuse({"quantize", "-w", "m.safetensors", "-b", "2", "-o", "q.safetensors", "--hessians",
            "h.safetensors", "--tensor", tensor},
           parts);
  };
  refuse_tensor("a.weight", {"--hessians", "a.hessian", "[3][3]", "[24][24]"});
  refuse_tensor("b.weight", {"--hessians", "no Hessian of layer 'b'"});
}

}  // namespace
}  // namespace msq::cli
