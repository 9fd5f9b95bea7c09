#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <thread>

#include "golden/io/quantized_file.hpp"
#include "golden/io/transpose.hpp"
#include "tests/cli/flow.hpp"
#include "tests/io/onnx_writer.hpp"

namespace msq::cli {
namespace {

namespace onnx = golden::testing::onnx;

std::string bytes_of(const golden::Matrix& matrix) {
  return {reinterpret_cast<const char*>(matrix.values.data()), matrix.values.size() * sizeof(float)};
}

golden::NamedTensor named(const std::string& name, const golden::Matrix& matrix) {
  return golden::named_tensor(name, {matrix.rows, matrix.columns}, std::span<const float>(matrix.values));
}

std::string onnx_tensor(const std::string& name, const golden::Matrix& matrix) {
  return onnx::tensor(name, onnx::kFloat, {matrix.rows, matrix.columns}, onnx::raw(bytes_of(matrix)));
}

constexpr const char* kGathered = "input 1 of Gather; not the second input of a MatMul or Gemm";

class QuantizeModel : public Flow {
 protected:
  void SetUp() override {
    Flow::SetUp();
    const std::vector<float> bias{1, 2, 3};
    const std::vector<golden::NamedTensor> tensors{
        named("a.weight", a_),
        named("b.weight", b_),
        named("embeddings.words.weight", a_),
        named("b.table", b_),
        golden::named_tensor("a.bias", {3}, std::span<const float>(bias)),
        golden::named_tensor("none.weight", {0, 4}, std::span<const float>())};
    write("m.safetensors", *golden::safetensors_bytes(tensors, {}));
    const std::string trans_b = onnx::attribute("transB", onnx::number(3, 1));
    write("m.onnx",
          onnx::model(onnx::graph(
              {onnx::node("Gemm", {"x", "a.weight", "a.bias"}, "1", {trans_b}),
               onnx::node("MatMul", {"x", "b.weight"}, "2"), onnx::node("Gather", {"words", "x"}, "3")},
              {onnx_tensor("a.weight", a_), onnx_tensor("b.weight", golden::transposed(b_)),
               onnx_tensor("words", a_), onnx::tensor("ids", onnx::kInt64, {1, 1}, onnx::raw("12345678"))})));
  }

  /// Names of the layers in a file.
  std::vector<std::string> layers(const std::string& file) const {
    return golden::quantized_layers(golden::SafetensorsReader::open(directory_ / file).value());
  }

  golden::Matrix a_ = sample_matrix(10, 24, 1);  ///< [N][K]
  golden::Matrix b_ = sample_matrix(16, 40, 2);
};

TEST_F(QuantizeModel, AnAverageMixesBothWidths) {
  const auto quantize = [&](const Arguments& more) {
    Arguments all{"quantize", "-w", "m.safetensors", "--json", "-o"};
    all.insert(all.end(), more.begin(), more.end());
    return json(all);
  };
  const auto narrow = quantize({"2.safetensors", "-b", "2"});
  const auto wide = quantize({"4.safetensors", "-b", "4"});
  const double most = 0.9 * wide["total"]["ebw_stored"].get<double>();  // too few for both
  const auto mixed = quantize({"m2.safetensors", "--average-bits", std::to_string(most)});
  EXPECT_LE(mixed["total"]["ebw_stored"], most);
  std::vector<int> bits;
  for (const std::size_t i : {0U, 1U}) {
    bits.push_back(mixed["layers"][i]["bits"]);
    const std::string name = mixed["layers"][i]["layer"];
    EXPECT_EQ(mixed["layers"][i], (bits.back() == 2 ? narrow : wide)["layers"][i]);
    EXPECT_EQ(
        golden::load_quantized(directory_ / "m2.safetensors", name).value().tensor,
        golden::load_quantized(directory_ / fmt::format("{}.safetensors", bits.back()), name).value().tensor);
  }
  EXPECT_EQ(bits[0] + bits[1], 6);
  EXPECT_EQ(quantize({"m4.safetensors", "--average-bits", "8"})["layers"], wide["layers"]);
  const auto few = run({"quantize", "-w", "m.safetensors", "-o", "q.safetensors", "--average-bits", "2"});
  EXPECT_EQ(few.exit_code, 2);
  EXPECT_NE(few.output.find("--average-bits: found 2; allowed: 3."), std::string::npos) << few.output;
  EXPECT_FALSE(std::filesystem::exists(directory_ / "m2.safetensors.parts"));
  EXPECT_EQ(quantize({"q.safetensors", "--average-bits", "8"})["resumed"], 4) << "layers at both widths";
  EXPECT_FALSE(std::filesystem::exists(directory_ / "q.safetensors.parts"));
  refuse({"quantize", "-w", "m.safetensors", "--tensor", "a.weight", "-o", "q.safetensors", "--average-bits",
          "3"},
         {"--average-bits", "with several tensors of a model"});
  refuse({"quantize", "-w", "m.safetensors", "-o", "q.safetensors", "--average-bits", "3", "--bits", "2"},
         {"--average-bits", "--bits"});
}

TEST_F(QuantizeModel, AShareOfCyclesMixesBothWidths) {
  const Arguments plain{"quantize", "-w", "m.safetensors", "-o", "q.safetensors", "--cycles", "0.9"};
  const auto with = [&](const Arguments& more) {
    Arguments all = plain;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto mixed = json(with({"-c", "8x8", "--tokens", "2", "--json"}));
  EXPECT_EQ(mixed["cycles"]["config"], "8x8");
  EXPECT_EQ(mixed["cycles"]["tokens"], 2);
  const auto total = mixed["cycles"]["total"].get<double>();
  EXPECT_LE(total, 0.9 * mixed["cycles"]["at_four_bits"].get<double>());
  double sum = 0;
  int bits = 0;
  for (const auto& layer : mixed["layers"]) {
    sum += layer["cycles"].get<double>();
    bits += layer["bits"].get<int>();
  }
  EXPECT_EQ(sum, total);
  EXPECT_EQ(bits, 6) << "one of 2 bits, one of 4";
  const std::string text = succeed(with({"-c", "8x8"}));
  EXPECT_NE(text.find("predicted on 8x8 (tokens: 1), "), std::string::npos) << text;
  // With an average, too.
  const Arguments average{"quantize", "-w", "m.safetensors", "-o", "q.safetensors", "--average-bits", "8"};
  EXPECT_EQ(succeed(average).find("cycles"), std::string::npos);
  Arguments both = average;
  both.insert(both.end(), {"-c", "8x8"});
  EXPECT_NE(succeed(both).find("100.00 % of those with 4 bits everywhere"), std::string::npos);
  refuse(plain, {"--cycles", "--config"});
  refuse(with({"-c", "8x8", "-b", "2"}), {"--cycles", "--bits"});
  refuse(with({"-c", "8x8", "--average-bits", "3"}), {"--cycles", "--average-bits"});
  refuse(with({"-c", "8x8", "--tokens", "0"}), {"--tokens", "1 to 1048576"});
  refuse(with({"-c", "nowhere.json"}), {"nowhere.json"});
  refuse(with({"-c", "8x8", "--tensor", "a.weight"}), {"--cycles", "with several tensors of a model"});
  refuse({"quantize", "-w", "m.safetensors", "-o", "q.safetensors", "-b", "2", "-c", "8x8"},
         {"--config", "--cycles or --average-bits"});
  Arguments tokens = average;
  tokens.insert(tokens.end(), {"--tokens", "4"});
  refuse(tokens, {"--tokens", "--config"});
}

TEST_F(QuantizeModel, EveryLinearWeightGoesToOneFile) {
  const auto report = json({"quantize", "-w", "m.safetensors", "-b", "2", "-o", "q.safetensors", "--json"});
  EXPECT_EQ(layers("q.safetensors"), (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(report["layers"].size(), 2U);
  EXPECT_EQ(report["layers"][0]["tensor"], "a.weight");
  EXPECT_EQ(report["layers"][0]["k"], 24);
  EXPECT_EQ(report["layers"][0]["n"], 10);
  EXPECT_EQ(report["total"]["weights"], 24 * 10 + 40 * 16);
  EXPECT_EQ(report["resumed"], 0);
  // Each layer as it is when it is quantized alone.
  std::vector<golden::QuantizedLayer> alone;
  for (const std::string name : {"a", "b"}) {
    const auto one = json({"quantize", "-w", "m.safetensors", "--tensor", name + ".weight", "-b", "2", "-o",
                           "1.safetensors", "--json"});
    EXPECT_EQ(one["weight_error"], report["layers"][alone.size()]["weight_error"]);
    alone.push_back(golden::load_quantized(directory_ / "1.safetensors", name).value());
  }
  EXPECT_EQ(read("q.safetensors"), *golden::quantized_bytes(alone));
  EXPECT_EQ(listing(),
            (std::vector<std::string>{"1.safetensors", "m.onnx", "m.safetensors", "q.safetensors"}));
  EXPECT_NE(succeed({"quantize", "-w", "m.safetensors", "-b", "2", "-o", "q.safetensors"}).find("'a'"),
            std::string::npos);
}

/// One tensor in [N][K] under a Gemm with transB, the other in [K][N] under a MatMul.
TEST_F(QuantizeModel, OnnxGivesTheSameBytes) {
  succeed({"quantize", "-w", "m.safetensors", "-b", "4", "-o", "1.safetensors"});
  const auto report = json({"quantize", "-w", "m.onnx", "-b", "4", "-o", "2.safetensors", "--json"});
  EXPECT_EQ(read("1.safetensors"), read("2.safetensors"));
  EXPECT_EQ(report["layers"][0]["layout"], "n_by_k");
  EXPECT_EQ(report["layers"][1]["layout"], "k_by_n");
}

TEST_F(QuantizeModel, OneTensorOfAnOnnxModel) {
  succeed({"quantize", "-w", "m.onnx", "--tensor", "b.weight", "-b", "4", "-o", "1.safetensors"});
  succeed({"quantize", "-w", "m.safetensors", "--tensor", "b.weight", "-b", "4", "-o", "2.safetensors"});
  EXPECT_EQ(read("1.safetensors"), read("2.safetensors"));
  succeed({"quantize", "-w", "m.onnx", "--tensor", "words", "--layout", "n_by_k", "-b", "4", "-o",
           "1.safetensors", "--layer", "w"});
  EXPECT_EQ(golden::load_quantized(directory_ / "1.safetensors", "w").value().tensor.k, 24);
  const auto one = [](const char* tensor) {
    return Arguments{"quantize", "-w", "m.onnx", "--tensor", tensor, "-b", "4", "-o", "o.safetensors"};
  };
  refuse(one("words"), {"m.onnx: tensor 'words': found no layout in the file", "k_by_n or n_by_k"});
  refuse(one("ids"), {"m.onnx: tensor 'ids' has type INT64; allowed: DOUBLE, FLOAT"});
  refuse(one("missing"), {"no tensor 'missing'", "'a.weight'"});
  Arguments contradicting = one("b.weight");
  contradicting.insert(contradicting.end(), {"--layout", "n_by_k"});
  refuse(contradicting, {"'b.weight'", "n_by_k was asked for", "(MatMul) it is k_by_n"});
}

TEST_F(QuantizeModel, ListTellsWhatAndWhyNot) {
  const auto reasons = [this](const Arguments& more) {
    Arguments arguments = {"quantize", "--list", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto list = json(arguments);
    std::map<std::string, std::string> found;
    for (const auto& tensor : list["tensors"]) {
      EXPECT_EQ(tensor["quantized"], tensor["reason"].is_null());
      found[tensor["name"]] = tensor["quantized"] ? "yes" : tensor["reason"].get<std::string>();
    }
    return found;
  };
  using Reasons = std::map<std::string, std::string>;
  EXPECT_EQ(reasons({"-w", "m.safetensors"}), (Reasons{{"a.weight", "yes"},
                                                       {"b.weight", "yes"},
                                                       {"embeddings.words.weight", "embedding by its name"},
                                                       {"b.table", "its name does not end in \".weight\""},
                                                       {"a.bias", "not two-dimensional"},
                                                       {"none.weight", "K or N is 0"}}));
  EXPECT_EQ(
      reasons({"-w", "m.safetensors", "--tensor", "b.*", "--tensor", "?.weight", "--exclude", "*.table"}),
      (Reasons{{"a.weight", "yes"},
               {"b.weight", "yes"},
               {"embeddings.words.weight", "not chosen by --tensor"},
               {"b.table", "excluded by '*.table'"},
               {"a.bias", "not two-dimensional"},
               {"none.weight", "K or N is 0"}}));
  EXPECT_EQ(reasons({"-w", "m.onnx"}), (Reasons{{"a.weight", "yes"},
                                                {"b.weight", "yes"},
                                                {"words", kGathered},
                                                {"ids", "type INT64, not a float type that is read"}}));
  EXPECT_EQ(reasons({"-w", "m.onnx", "--tensor", "*"})["words"],
            "layout unknown (" + std::string(kGathered) + "): needs --layout");
  EXPECT_EQ(reasons({"-w", "m.onnx", "--tensor", "*", "--layout", "k_by_n"}),
            (Reasons{{"a.weight", "--layout k_by_n contradicts the file (Gemm)"},
                     {"b.weight", "yes"},
                     {"words", "yes"},
                     {"ids", "type INT64, not a float type that is read"}}));
  const auto list = json({"quantize", "--list", "--json", "-w", "m.onnx"});
  EXPECT_EQ(list["quantized_tensors"], 2);
  EXPECT_EQ(list["quantized_weights"], 24 * 10 + 40 * 16);
  EXPECT_EQ(list["tensors"][1]["shape"], (std::vector<int>{40, 16}));
  EXPECT_EQ(list["tensors"][1]["layout"], "k_by_n");
  EXPECT_EQ(list["tensors"][1]["type"], "FLOAT");
  const std::string text = succeed({"quantize", "--list", "-w", "m.onnx"});
  EXPECT_NE(
      text.find("2 of 4 tensors would be quantized, 880 weights; 2 of two or more dimensions would not"),
      std::string::npos)
      << text;
  EXPECT_EQ(listing(), (std::vector<std::string>{"m.onnx", "m.safetensors"}));
}

TEST_F(QuantizeModel, Patterns) {
  const auto chosen = [this](const Arguments& more) {
    Arguments arguments = {"quantize", "-w", "m.safetensors", "-b", "2", "-o", "q.safetensors"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    succeed(arguments);
    return layers("q.safetensors");
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(chosen({"--tensor", "[b-z].*"}), (Names{"b", "b.table"}));
  EXPECT_EQ(chosen({"--tensor", "*"}), (Names{"a", "b", "b.table", "embeddings.words"}));
  EXPECT_EQ(chosen({"--tensor", "*", "--exclude", "b.*", "--exclude", "emb*"}), (Names{"a"}));
  EXPECT_EQ(chosen({"--tensor", "b.weight", "--tensor", "b.table"}), (Names{"b", "b.table"}));
  EXPECT_EQ(chosen({"--exclude", "a.weight"}), (Names{"b"}));
}

TEST_F(QuantizeModel, Refusals) {
  const auto refused = [this](const Arguments& more, std::initializer_list<std::string_view> parts) {
    Arguments arguments = {"quantize", "-b", "2", "-o", "q.safetensors"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    refuse(arguments, parts);
  };
  refused({"-w", "m.safetensors", "--tensor", "c*"}, {"--tensor: found 'c*'", "no tensor of m.safetensors"});
  refused({"-w", "m.onnx", "--exclude", "c"}, {"--exclude: found 'c'", "no tensor of m.onnx"});
  refused({"-w", "m.safetensors", "--tensor", "*.bias"}, {"no tensor of 6 is to be quantized", "--list"});
  refused({"-w", "m.safetensors", "--layer", "x"}, {"--layer: found \"x\"", "one tensor only"});
  refused({"--synthetic", "8x8", "--exclude", "x"}, {"--exclude: found with --synthetic"});
  write_npy("w.npy", a_);
  refused({"-w", "w.npy", "--list"}, {"--list: found with w.npy", ".onnx"});
  refused({"-w", "w.npy", "--tensor", "*"}, {"w.npy: tensor '*'", "without a name"});
  refuse({"quantize", "-w", "m.onnx", "-b", "2"}, {"--output is required"});
  refuse({"quantize", "-w", "m.onnx", "-o", "q.safetensors"}, {"--bits is required"});
  refuse({"quantize", "-b", "2", "-w", "m.onnx", "-o", "missing/q.safetensors"},
         {"missing/q.safetensors.parts", "No such file"});
  const std::vector<golden::NamedTensor> twins{named("c", a_), named("c.weight", b_)};
  write("twins.safetensors", *golden::safetensors_bytes(twins, {}));
  refused({"-w", "twins.safetensors", "--tensor", "*"}, {"'c'", "'c.weight'", "would both be layer 'c'"});
  const std::string model = read("m.onnx");
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, model.size() / 2, model.size() - 1}) {
    write("cut.onnx", std::string_view(model).substr(0, length));
    refused({"-w", "cut.onnx"}, {"cut.onnx: ", "truncated"});
    refuse({"inspect", "cut.onnx"}, {"cut.onnx: ", "truncated"});
  }
}

TEST_F(QuantizeModel, TensorsLeftOutAreNamedOnStandardError) {
  const ProcessResult result = run({"quantize", "-w", "m.safetensors", "-b", "2", "-o", "q.safetensors"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(
      result.output.find("microscopiq: m.safetensors: 3 tensors of two or more dimensions not quantized\n"),
      std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("microscopiq:   'embeddings.words.weight' [10, 24]: embedding by its name\n"),
            std::string::npos)
      << result.output;
  const auto report = json({"quantize", "-w", "m.safetensors", "-b", "2", "-o", "q.safetensors", "--json"});
  EXPECT_EQ(report["left_out"].size(), 3U);
}

/// The weights of a branch are layers of their own, whatever other graphs call theirs.
TEST_F(QuantizeModel, WeightsOfBranchesAreQuantized) {
  const auto branch = [&](const golden::Matrix& w) {
    return onnx::block(6, onnx::graph({onnx::node("MatMul", {"x", "w"}, "o")}, {onnx_tensor("w", w)}));
  };
  const golden::Matrix other = sample_matrix(10, 24, 3);
  write("if.onnx", onnx::model(onnx::graph({onnx::node("MatMul", {"x", "w"}, "h"),
                                            onnx::node("If", {"c"}, "y",
                                                       {onnx::attribute("then_branch", branch(b_)),
                                                        onnx::attribute("else_branch", branch(other))})},
                                           {onnx_tensor("w", a_)})));
  succeed({"quantize", "-w", "if.onnx", "-b", "4", "-o", "q.safetensors"});
  EXPECT_EQ(layers("q.safetensors"), (std::vector<std::string>{"w", "y/else_branch/w", "y/then_branch/w"}));
  EXPECT_EQ(golden::load_quantized(directory_ / "q.safetensors", "y/then_branch/w").value().tensor.k, 16);
  EXPECT_EQ(json({"inspect", "if.onnx", "--json"})["tensors"][2]["name"], "y/else_branch/w");
  EXPECT_EQ(json({"quantize", "-w", "if.onnx", "--list", "--json"})["quantized_tensors"], 3);
}

TEST_F(QuantizeModel, LayersOfGpt2AreTakenAsKByN) {
  const std::vector<golden::NamedTensor> tensors{named("wte.weight", a_), named("h.0.attn.c_attn.weight", b_),
                                                 named("lm_head.weight", a_)};
  write("g.safetensors", *golden::safetensors_bytes(tensors, {}));
  const auto report = json({"quantize", "-w", "g.safetensors", "-b", "2", "-o", "q.safetensors", "--json"});
  ASSERT_EQ(report["layers"].size(), 1U) << "without the output projection";
  EXPECT_EQ(report["layers"][0]["layer"], "h.0.attn.c_attn");
  EXPECT_EQ(report["layers"][0]["k"], 16);
  EXPECT_EQ(report["layers"][0]["layout"], "k_by_n");
  // Alone, too.
  const auto one = json({"quantize", "-w", "g.safetensors", "--tensor", "h.0.attn.c_attn.weight", "-b", "2",
                         "-o", "1.safetensors", "--json"});
  EXPECT_EQ(one["source"]["k"], 16);
}

TEST_F(QuantizeModel, DoublesOfEveryFormatGiveTheSameBytes) {
  const std::vector<double> values(a_.values.begin(), a_.values.end());
  const std::string bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
  const std::string header = R"({"a.weight":{"dtype":"F64","shape":[10,24],"data_offsets":[0,1920]}})";
  const std::uint64_t length = header.size();
  write("d.safetensors",
        std::string(reinterpret_cast<const char*>(&length), sizeof(length)) + header + bytes);
  write("d.onnx",
        onnx::model(onnx::graph(
            {onnx::node("Gemm", {"x", "a.weight"}, "1", {onnx::attribute("transB", onnx::number(3, 1))})},
            {onnx::tensor("a.weight", onnx::kDouble, {10, 24}, onnx::raw(bytes))})));
  for (const char* model : {"m.safetensors", "d.safetensors", "d.onnx"}) {
    succeed({"quantize", "-w", model, "--tensor", "a.*t", "-b", "2", "-o",
             std::string(model) + ".q.safetensors"});
  }
  EXPECT_EQ(read("d.safetensors.q.safetensors"), read("m.safetensors.q.safetensors"));
  EXPECT_EQ(read("d.onnx.q.safetensors"), read("m.safetensors.q.safetensors"));
}

TEST_F(QuantizeModel, InspectOnnx) {
  const auto found = json({"inspect", "m.onnx", "--json"});
  EXPECT_EQ(found["kind"], "onnx");
  ASSERT_EQ(found["tensors"].size(), 4U);
  EXPECT_EQ(found["tensors"][0]["layout"], "n_by_k");
  EXPECT_EQ(found["tensors"][0]["use"], "Gemm");
  EXPECT_TRUE(found["tensors"][2]["layout"].is_null());
  EXPECT_EQ(json({"inspect", "m.onnx", "--tensor", "words", "--json"})["shape"], (std::vector<int>{10, 24}));
  EXPECT_NE(succeed({"inspect", "m.onnx"}).find("MatMul"), std::string::npos);
}

/// Runs that are stopped midway, of a model whose layers take some milliseconds each.
class QuantizeResume : public Flow {
 protected:
  static constexpr int kLayers = 24;

  void SetUp() override {
    Flow::SetUp();
    write_model(1);
    succeed(command("whole.safetensors"));
  }

  void write_model(unsigned seed) {
    std::vector<golden::NamedTensor> tensors;
    tensors.reserve(kLayers);
    for (int i = 0; i < kLayers; ++i) {
      tensors.push_back(named("layer." + std::to_string(i) + ".weight",
                              sample_matrix(128, 1024, seed * 1000 + static_cast<unsigned>(i))));
    }
    write("m.safetensors", *golden::safetensors_bytes(tensors, {}));
  }

  static Arguments command(const std::string& output, const std::string& bits = "2") {
    return {"quantize", "-w", "m.safetensors", "-b", bits, "-o", output, "--json"};
  }

  static pid_t start(const Arguments& arguments, const std::filesystem::path& directory) {
    std::vector<std::string> words = {MSQ_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return child;
    const int nowhere = ::open("/dev/null", O_WRONLY);
    if (::chdir(directory.c_str()) == 0 && ::dup2(nowhere, 1) == 1) ::execv(argv[0], argv.data());
    ::_exit(127);
  }

  /// Sends the signal once three layers are finished. Returns the status as waitpid gives it. A run that was
  /// done too early to be stopped is repeated.
  int stop_midway(int signal) {
    for (int attempt = 0; attempt < 10; ++attempt) {
      std::filesystem::remove(directory_ / "q.safetensors");
      const pid_t child = start(command("q.safetensors"), directory_);
      int status = 0;
      while (!std::filesystem::exists(directory_ / "q.safetensors.parts" / "0002.safetensors") &&
             ::waitpid(child, &status, WNOHANG) == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      ::kill(child, signal);
      ::waitpid(child, &status, 0);
      if (!std::filesystem::exists(directory_ / "q.safetensors")) return status;
    }
    ADD_FAILURE() << "no run could be stopped midway";
    return 0;
  }

  /// Files of finished layers.
  int parts() const {
    const auto names = listing("q.safetensors.parts");
    return static_cast<int>(std::count_if(names.begin(), names.end(), [](const std::string& name) {
      return name.ends_with(".safetensors") && !name.starts_with('.');
    }));
  }

  void expect_same_as_whole() {
    EXPECT_EQ(read("q.safetensors"), read("whole.safetensors"));
    EXPECT_EQ(listing(), (std::vector<std::string>{"m.safetensors", "q.safetensors", "whole.safetensors"}));
  }
};

TEST_F(QuantizeResume, AfterInterrupt) {
  const int status = stop_midway(SIGINT);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  for (const std::string& name : listing()) EXPECT_FALSE(name.ends_with(".tmp")) << name;
  const int finished = parts();
  EXPECT_GE(finished, 3);
  EXPECT_LT(finished, kLayers);
  const auto report = json(command("q.safetensors"));
  EXPECT_EQ(report["resumed"], finished);
  EXPECT_EQ(report["layers"].size(), static_cast<std::size_t>(kLayers));
  EXPECT_GT(report["layers"][0]["weight_error"], 0.0);
  expect_same_as_whole();
}

TEST_F(QuantizeResume, AfterKill) {
  const int status = stop_midway(SIGKILL);
  ASSERT_TRUE(WIFSIGNALED(status));
  const int finished = parts();
  EXPECT_GE(finished, 3);
  write("q.safetensors.parts/.0007.safetensors.0123456789abcdef.tmp", "half");  // what a kill may leave
  EXPECT_EQ(json(command("q.safetensors"))["resumed"], finished);
  expect_same_as_whole();
}

TEST_F(QuantizeResume, DamagedPartsAreMadeAgain) {
  stop_midway(SIGKILL);
  const int finished = parts();
  write("q.safetensors.parts/0000.safetensors", read("q.safetensors.parts/0000.safetensors").substr(0, 500));
  write("q.safetensors.parts/0001.json", "{");
  EXPECT_EQ(json(command("q.safetensors"))["resumed"], finished - 2);
  expect_same_as_whole();
}

TEST_F(QuantizeResume, OtherOptionsOrSourceStartAnew) {
  stop_midway(SIGKILL);
  auto other = run(command("q.safetensors", "4"));
  EXPECT_EQ(other.exit_code, 0);
  EXPECT_NE(other.output.find("q.safetensors.parts: made with other options; starting anew"),
            std::string::npos)
      << other.output;
  EXPECT_NE(other.output.find("\"resumed\": 0"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "q.safetensors.parts"));
  stop_midway(SIGKILL);
  write_model(2);
  other = run(command("q.safetensors"));
  EXPECT_NE(other.output.find("finished layers were of other weights or another calibration; made again"),
            std::string::npos)
      << other.output;
  EXPECT_NE(other.output.find("\"resumed\": 0"), std::string::npos) << other.output;
  succeed(command("whole.safetensors"));
  expect_same_as_whole();
}

/// The options that decide a layer are the same: finished parts stay.
TEST_F(QuantizeResume, AnotherChoiceOfTensorsGoesOn) {
  stop_midway(SIGKILL);
  Arguments fewer = command("q.safetensors");
  fewer.insert(fewer.end(), {"--exclude", "layer.1*"});
  const auto report = json(fewer);
  EXPECT_GE(report["resumed"], 1);
  EXPECT_EQ(report["layers"].size(), static_cast<std::size_t>(kLayers) - 11);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "q.safetensors.parts"));
}

TEST_F(QuantizeResume, DirectoriesThatAreNotOurs) {
  std::filesystem::create_directory(directory_ / "q.safetensors.parts");
  write("q.safetensors.parts/thesis.txt", "precious");
  refuse(command("q.safetensors"), {"q.safetensors.parts: found 'thesis.txt'", "did not write"});
  std::filesystem::remove(directory_ / "q.safetensors.parts" / "thesis.txt");
  const int descriptor = ::open((directory_ / "q.safetensors.parts").c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(::flock(descriptor, LOCK_EX), 0);
  refuse(command("q.safetensors"), {"q.safetensors.parts: in use by another run"});
  ::close(descriptor);
  write("file.safetensors.parts", "");
  refuse(command("file.safetensors"), {"file.safetensors.parts", "Not a directory"});
}

}  // namespace
}  // namespace msq::cli
