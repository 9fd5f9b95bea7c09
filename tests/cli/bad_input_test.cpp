#include <cmath>
#include <limits>

#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

struct BadConfig {
  const char* text;
  std::initializer_list<std::string_view> parts;
};

TEST_F(Flow, BadConfigurations) {
  const BadConfig cases[] = {
      {R"({"rows": 8, "cols": 8, "outlier_path": "recon", "colour": 1})", {"colour"}},
      {R"({"rows": 8, "cols": 8, "outlier_path": "recon", "recon": {"unit": 1}})", {"recon.unit"}},
      {R"({"rows": 8})", {"cols"}},
      {R"({"rows": "8", "cols": 8, "outlier_path": "recon"})", {"rows", "\"8\""}},
      {R"({"rows": 8.5, "cols": 8, "outlier_path": "recon"})", {"rows", "8.5"}},
      {R"({"rows": 0, "cols": 8, "outlier_path": "recon"})", {"rows", "0"}},
      {R"({"rows": 12, "cols": 8, "outlier_path": "recon"})", {"rows", "12", "power"}},
      {R"({"rows": 8, "cols": 256, "outlier_path": "recon"})", {"cols", "256", "128"}},
      {R"({"rows": 8, "cols": 8, "outlier_path": "recon", "modes": [3]})", {"modes", "[3]"}},
      {R"({"rows": 8, "cols": 8, "outlier_path": "recon", "modes": 4})", {"modes"}},
      {R"({"rows": 8, "cols": 4, "outlier_path": "recon", "modes": [4], "micro_block": 8})",
       {"micro_block", "8"}},
      {R"({"rows": 8, "cols": 8, "outlier_path": "recon", "recon": {"units": 16}})", {"recon.units", "16"}},
      {R"({"rows": 8, "cols": 4, "outlier_path": "recon", "micro_block": 4, "skew_columns": 8})",
       {"skew_columns", "8"}},
      {R"({"rows": 8, "cols": 8, "outlier_path": "inlined"})", {"outlier_path", "inlined", "recon"}},
      {R"({"rows": 8, "cols": 8, "outlier_path": "none", "outlier_shift_max": 3})", {"outlier_shift_max"}},
      {R"({"rows": 8, "cols": 8, "outlier_path": "recon", "outlier_shift_max": 16})",
       {"outlier_shift_max", "16", "15"}},
      {R"({"rows": 8, "cols": 8, "outlier_path": "recon", "act_bits": 6})", {"act_bits", "6"}},
      {R"({"rows": 8, "cols": 8, "outlier_path": "recon", "acc_bits": 4})", {"acc_bits", "4"}},
      {R"({"rows": 8, "cols": 8, "outlier_path": "recon", "name": "../x"})", {"name"}},
      {R"({"rows": 8, "cols": 8, "outlier_path": "recon")", {"line"}},
      {R"([8, 8])", {"object"}},
      {"", {"bad.json"}},
  };
  for (const BadConfig& bad : cases) {
    SCOPED_TRACE(bad.text);
    write("bad.json", bad.text);
    refuse({"generate", "--config", "bad.json", "-o", "out"}, {"bad.json"});
    refuse({"inspect", "bad.json"}, bad.parts);
  }
  refuse({"generate", "--config", "9x9", "-o", "out"}, {"--config", "9x9", "8x8", "tiny"});
  refuse({"generate", "--config", ".", "-o", "out"}, {"directory"});
}

TEST_F(Flow, WeightsThatAreNotNumbers) {
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    golden::Matrix weights = sample_matrix(12, 10);
    weights.values[4 * 10 + 7] = bad;
    write_npy("w.npy", weights);
    refuse({"quantize", "--weights", "w.npy", "--bits", "2", "-o", "q.safetensors"}, {"w.npy", "4", "7"});
    refuse({"run", "--config", "tiny", "--weights", "w.npy", "--no-synth", "--report", "report.json"},
           {"w.npy", "4", "7"});
    golden::Matrix activations = sample_matrix(3, 12);
    activations.values[2 * 12 + 5] = bad;
    write_npy("x.npy", activations);
    refuse({"simulate", "--config", "tiny", "--synthetic", "12x10", "--activations", "x.npy"},
           {"x.npy", "2", "5"});
  }
}

TEST_F(Flow, CorruptFiles) {
  const std::string npy = read(write_npy("w.npy", sample_matrix(12, 10)));
  succeed({"quantize", "--weights", "w.npy", "--bits", "4", "-o", "q.safetensors"});
  const std::string quantized = read("q.safetensors");
  for (const std::size_t length : {std::size_t{0}, std::size_t{5}, std::size_t{70}, npy.size() - 1}) {
    write("cut.npy", std::string_view(npy).substr(0, length));
    refuse({"inspect", "cut.npy"}, {"cut.npy"});
    refuse({"quantize", "--weights", "cut.npy", "--bits", "2", "-o", "out.safetensors"}, {"cut.npy"});
  }
  for (const std::size_t length : {std::size_t{0}, std::size_t{7}, std::size_t{60}, quantized.size() - 1}) {
    write("cut.safetensors", std::string_view(quantized).substr(0, length));
    refuse({"inspect", "cut.safetensors"}, {"cut.safetensors"});
    refuse({"simulate", "--config", "8x8", "--quantized", "cut.safetensors"}, {"cut.safetensors"});
    refuse(
        {"quantize", "--weights", "cut.safetensors", "--tensor", "w", "--bits", "2", "-o", "out.safetensors"},
        {"cut.safetensors"});
  }
  write("long.safetensors", std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10));
  refuse({"inspect", "long.safetensors"}, {"long.safetensors"});
}

TEST_F(Flow, FilesOfTheWrongKind) {
  write_npy("w.npy", sample_matrix(12, 10));
  succeed({"quantize", "--weights", "w.npy", "--bits", "4", "-o", "q.safetensors"});
  refuse({"inspect", "nothing.npy"}, {"nothing.npy"});
  refuse({"inspect", "notes.txt"}, {"notes.txt", ".npy", ".safetensors"});
  refuse({"inspect", "w.npy", "--tensor", "w"}, {"--tensor"});
  refuse({"quantize", "--weights", "w.npy", "--tensor", "w", "--bits", "2", "-o", "o.safetensors"},
         {"w.npy"});
  refuse({"quantize", "--weights", "q.safetensors", "--bits", "2", "-o", "o.safetensors"},
         {"q.safetensors", "tensor"});
  refuse({"quantize", "--weights", "q.safetensors", "--tensor", "none", "--bits", "2", "-o", "o.safetensors"},
         {"q.safetensors", "none"});
  refuse({"simulate", "--config", "8x8", "--quantized", "w.npy"}, {"w.npy"});
  refuse({"simulate", "--config", "8x8", "--quantized", "q.safetensors", "--layer", "other"}, {"other", "w"});
  refuse({"synth", "--config", "tiny", "--liberty", "missing.lib"}, {"missing.lib"});
  write("empty.lib", "library (empty) { }");
  refuse({"synth", "--config", "tiny", "--liberty", "empty.lib"}, {"empty.lib"});
}

TEST_F(Flow, OperandsThatDoNotFit) {
  write_npy("w.npy", sample_matrix(16, 8));
  write_npy("x.npy", sample_matrix(3, 15));
  write("mode2.json", R"({"rows": 4, "cols": 4, "outlier_path": "recon", "modes": [2], "micro_block": 4})");
  write("narrow.json",
        R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "acc_bits": 13})");
  write("shift0.json",
        R"({"rows": 4, "cols": 4, "outlier_path": "recon", "micro_block": 4, "outlier_shift_max": 0})");
  write("none4.json", R"({"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "none"})");
  const auto quantize = [&](const std::string& name, const Arguments& more) {
    Arguments arguments = {"quantize", "--weights", "w.npy", "--bits", "4", "-o", name};
    arguments.insert(arguments.end(), more.begin(), more.end());
    succeed(arguments);
  };
  quantize("block8.safetensors", {});
  quantize("block4.safetensors", {"--micro-block", "4"});
  quantize("output.safetensors", {"--micro-block", "4", "--axis", "output"});
  quantize("shift.safetensors", {"--micro-block", "4", "--outlier-shift-max", "9"});
  refuse({"simulate", "--config", "tiny", "--weights", "w.npy", "--activations", "x.npy"},
         {"x.npy", "[3][15]", "[M][16]", "w.npy"});
  refuse({"simulate", "--config", "mode2.json", "--weights", "w.npy", "--bits", "4"},
         {"4 bits", "modes", "mode2"});
  refuse({"simulate", "--config", "tiny", "--quantized", "block8.safetensors"},
         {"block8.safetensors", "micro_block 8", "micro_block 4"});
  refuse({"simulate", "--config", "tiny", "--quantized", "output.safetensors"}, {"axis output", "reduction"});
  refuse({"simulate", "--config", "shift0.json", "--quantized", "shift.safetensors"},
         {"outlier shift of", "outlier_shift_max 0"});
  refuse({"simulate", "--config", "none4.json", "--quantized", "block4.safetensors"}, {"outliers", "none"});
  refuse({"simulate", "--config", "narrow.json", "--weights", "w.npy"}, {"w.npy", "column", "13"});
}

TEST_F(Flow, UnwritableOutput) {
  refuse({"quantize", "--synthetic", "8x8", "--bits", "2", "-o", "missing/q.safetensors"},
         {"missing/q.safetensors"});
  refuse({"quantize", "--synthetic", "8x8", "--bits", "2", "-o", "/proc/q.safetensors"},
         {"/proc/q.safetensors"});
  refuse({"simulate", "--config", "tiny", "--synthetic", "8x8", "--trace", "missing/t.fst"},
         {"missing/t.fst"});
  refuse({"run", "--config", "tiny", "--synthetic", "8x8", "--no-synth", "--report", "/proc/x/r.json"},
         {"--report", "/proc/x/r.json"});
  write("file", "");
  refuse({"synth", "--config", "tiny", "--work", "file"}, {"file"});
}

TEST_F(Flow, ToolsMissingFromThePath) {
  const Environment none = {{"PATH", directory_.string()}};
  refuse({"simulate", "--config", "tiny", "--synthetic", "8x8"}, {"verilator", "Debian package verilator"},
         none);
  refuse({"run", "--config", "tiny", "--synthetic", "8x8"}, {"verilator", "Debian package verilator"}, none);
  refuse({"synth", "--config", "tiny"}, {"yosys", "Debian package yosys"}, none);
}

}  // namespace
}  // namespace msq::cli
