// Outputs that are inputs, and inputs that are no regular files: a message and exit code 2, nothing changed.

#include <sys/stat.h>

#include "tests/cli/flow.hpp"

namespace msq::cli {
namespace {

namespace fs = std::filesystem;

class Outputs : public Flow {
 protected:
  void SetUp() override {
    Flow::SetUp();
    write_npy("w.npy", sample_matrix(12, 10));
    succeed({"quantize", "--weights", "w.npy", "--bits", "4", "--micro-block", "4", "-o", "q.safetensors"});
    fs::create_symlink("q.safetensors", directory_ / "link");
    fs::create_hard_link(directory_ / "q.safetensors", directory_ / "hard");
    fs::create_directory(directory_ / "below");
  }
};

TEST_F(Outputs, ThatAreInputsAreRefused) {
  for (const char* name : {"q.safetensors", "./below/../q.safetensors", "link", "hard"}) {
    SCOPED_TRACE(name);
    const std::string found = std::string("found \"") + name + "\", which ";
    refuse({"fit", "--config", "tiny", "-q", "q.safetensors", "-o", name},
           {"--output: " + found + "--quantized reads"});
    refuse({"contention", "--config", "tiny", "-q", "q.safetensors", "--csv", name},
           {"--csv: " + found + "--quantized reads"});
    refuse({"simulate", "--config", "tiny", "-q", "q.safetensors", "--trace", name},
           {"--trace: " + found + "--quantized reads"});
    refuse({"accelerate", "--config", "tiny", "-q", "q.safetensors", "--trace", name},
           {"--trace: " + found + "--quantized reads"});
    refuse({"run", "--config", "tiny", "-w", "q.safetensors", "--report", name},
           {"--report: " + found + "--weights reads"});
  }
}

TEST_F(Outputs, OfQuantizeAreNotItsWeightsOrCalibration) {
  fs::copy_file(directory_ / "q.safetensors", directory_ / "m.safetensors");
  fs::create_symlink("m.safetensors", directory_ / "l.safetensors");
  for (const char* name : {"m.safetensors", "l.safetensors"}) {
    refuse({"quantize", "-w", "m.safetensors", "-b", "4", "-o", name}, {"--output", "which --weights reads"});
    refuse({"quantize", "-w", "m.safetensors", "--tensor", "w", "-b", "4", "-o", name},
           {"which --weights reads"});
    refuse({"quantize", "-w", "w.npy", "--calibration", "m.safetensors", "-b", "4", "-o", name},
           {"--output", "which --calibration reads"});
  }
}

TEST_F(Outputs, ThatAreConfigurationsOrGridsAreRefused) {
  write("c.json", R"({"rows": 4, "cols": 4, "micro_block": 4})");
  refuse({"fit", "--config", "c.json", "-q", "q.safetensors", "-o", "c.json"}, {"which --config reads"});
  refuse({"contention", "--config", "c.json", "--csv", "c.json"}, {"which --config reads"});
  write("below/sweep.json", R"({"grid": {"size": [4]}})");
  refuse({"sweep", "--grid", "below/sweep.json", "-o", "below"},
         {"--output: found \"below/sweep.json\", which --grid reads"});
  write_npy("t.gtkw", sample_matrix(3, 12));
  refuse({"simulate", "--config", "tiny", "-q", "q.safetensors", "-a", "t.gtkw", "--trace", "t"},
         {"--trace: found \"t.gtkw\", which --activations reads"});
}

TEST_F(Outputs, ThatAreOtherOutputsAreRefused) {
  refuse({"accelerate", "--config", "tiny", "-q", "q.safetensors", "--trace", "new", "--packets",
          "below/../new"},
         {"--packets: found \"below/../new\", which --trace writes"});
}

/// The manifest lists the file, as if generate had written it.
TEST_F(Outputs, OfGenerateAreNotItsConfiguration) {
  succeed({"generate", "--config", "tiny", "-o", "out"});
  auto manifest = nlohmann::json::parse(read("out/manifest.json"));
  manifest["other_files"].push_back("c.json");
  write("out/manifest.json", manifest.dump());
  write("out/c.json", R"({"rows": 4, "cols": 4, "micro_block": 4})");
  fs::create_hard_link(directory_ / "out/c.json", directory_ / "hard.json");
  fs::create_symlink("out/c.json", directory_ / "link.json");
  fs::create_directory_symlink("out", directory_ / "to");
  for (const char* config : {"out/c.json", "hard.json", "link.json", "to/c.json"}) {
    refuse({"generate", "--config", config, "-o", "out"}, {"out/c.json\", which --config reads"});
    refuse({"generate", "--config", config, "-o", "to/"}, {"c.json\", which --config reads"});
  }
}

TEST_F(Outputs, PacketsAreNotTheTraceOrAnInput) {
  const auto refuse_packets = [this](const char* trace, const char* config, const char* found) {
    refuse({"accelerate", "--config", config, "-q", "q.safetensors", "--trace", trace, "--packets", "p"},
           {"p: found packet file \"", found, "allowed: another directory"});
  };
  succeed({"accelerate", "--config", "tiny", "-q", "q.safetensors", "--packets", "p"});
  refuse_packets("p/registers.json", "tiny", "registers.json\", which the command writes as trace");
  refuse_packets("below/../p/outputs-0.bin", "tiny", "outputs-0.bin\", which the command writes as trace");
  fs::create_directory_symlink("p", directory_ / "to");
  refuse_packets("to/packets.json", "tiny", "packets.json\", which the command writes as trace");
  fs::remove(directory_ / "p/registers.json");
  write("c.json", R"({"rows": 4, "cols": 4, "micro_block": 4})");
  fs::create_hard_link(directory_ / "c.json", directory_ / "p/registers.json");
  refuse_packets("t", "c.json", "registers.json\", which the command reads");
  succeed({"accelerate", "--config", "tiny", "-q", "q.safetensors", "--packets", "p", "--trace", "p/t.fst"});
}

TEST_F(Outputs, OfTheNameOfAPresetAreNoConfigurations) {
  write("recon-8x8", "figures of an earlier run");
  succeed({"contention", "--config", "recon-8x8", "--tiles", "1", "--csv", "recon-8x8"});
  EXPECT_NE(read("recon-8x8"), "figures of an earlier run");
}

TEST_F(Outputs, OfRunAreNotTheWeightsItTakesByDefault) {
  fs::create_directories(directory_ / "build/weights");
  fs::copy_file(directory_ / "q.safetensors", directory_ / "build/weights/model.safetensors");
  refuse({"run", "--config", "tiny", "--report", "build/weights/model.safetensors"},
         {"--report", "which --weights reads"});
}

TEST_F(Outputs, OfRunAreNotInADirectoryOfTheSynthesis) {
  const std::string report = "below/tiny-0123456789abcdef-flat/synth.ys";
  for (const char* work : {"below", "./below/", "below/../below"})
    refuse({"run", "--config", "tiny", "-w", "w.npy", "--tokens", "2", "--work", work, "--report", report},
           {"--report: found \"" + report + "\", in a directory that --work fills"});
}

TEST_F(Outputs, TracesReplaceRegularFilesOnly) {
  for (const char* command : {"simulate", "accelerate"}) {
    refuse({command, "--config", "tiny", "-q", "q.safetensors", "--trace", "below"},
           {"below: cannot write: is a directory"});
    refuse({command, "--config", "tiny", "-q", "q.safetensors", "--trace", "/dev/null"},
           {"/dev/null: cannot write: is not a regular file"});
    refuse({command, "--config", "tiny", "-q", "q.safetensors", "--trace", "none/t"},
           {"none/t: cannot write: no such directory"});
  }
}

/// The job ends long before the window: the trace of an earlier run stays.
TEST_F(Outputs, TracesThatAreNotRecordedReplaceNothing) {
  write("t.fst", "an earlier trace");
  fs::create_symlink("t.fst", directory_ / "to");
  for (const char* command : {"simulate", "accelerate"}) {
    refuse({command, "--config", "tiny", "-q", "q.safetensors", "--trace", "to", "--trace-from", "1000000"},
           {"no trace"});
    EXPECT_EQ(read("t.fst"), "an earlier trace");
  }
  succeed({"accelerate", "--config", "tiny", "-q", "q.safetensors", "--trace", "to"});
  EXPECT_TRUE(fs::is_symlink(directory_ / "to"));
  EXPECT_GT(read("t.fst").size(), 500U);
}

/// Every option that names an input, with a FIFO that no one writes to, and a directory.
TEST_F(Outputs, InputsAreRegularFiles) {
  for (const char* extension : {"", ".npy", ".safetensors", ".onnx", ".json"}) {
    ASSERT_EQ(::mkfifo((directory_ / (std::string("fifo") + extension)).c_str(), 0600), 0);
    fs::create_directory(directory_ / (std::string("folder") + extension));
  }
  for (const auto& [name, kind] :
       {std::pair<std::string, const char*>{"fifo", "is a FIFO"}, {"folder", "is a directory"}}) {
    const std::initializer_list<std::string_view> parts = {name, kind, "allowed: a regular file"};
    refuse({"inspect", name + ".json"}, parts);
    refuse({"generate", "--config", name, "-o", "out"}, parts);
    refuse({"fit", "--config", name, "-q", "q.safetensors"}, parts);
    refuse({"fit", "--config", "tiny", "-q", name}, parts);
    refuse({"contention", "--config", name}, parts);
    refuse({"sweep", "--config", name, "--set", "size=4", "--list"}, parts);
    refuse({"sweep", "--grid", name, "--list"}, parts);
    refuse({"model", "--phase", "decode", "-m", "1", "--shapes", name}, parts);
    refuse({"synth", "--config", "tiny", "--liberty", name}, parts);
    for (const char* extension : {".npy", ".safetensors", ".onnx"}) {
      const std::string file = name + extension;
      refuse({"inspect", file}, parts);
      refuse({"quantize", "-w", file, "-b", "2", "-o", "o.safetensors"}, parts);
      refuse({"simulate", "--config", "tiny", "-w", "w.npy", "-a", file, "--activations-tensor", "x"},
             {file});
    }
  }
  refuse({"quantize", "-w", "w.npy", "-b", "2", "-o", "o.safetensors", "--calibration", "fifo.npy"},
         {"fifo.npy: is a FIFO; allowed: a regular file"});
  // These take a directory of quantized files as well.
  for (const auto& [name, message] :
       {std::pair{"fifo", "is a FIFO"}, {"folder", "found no quantized layer"}}) {
    refuse({"contention", "--config", "recon-8x8", "-q", name}, {name, message});
    refuse({"model", "--phase", "decode", "-m", "1", "-q", name}, {name, message});
  }
}

TEST_F(Outputs, SettingsOfASweepAreUtf8) {
  refuse({"sweep", "--set", "size=\xff", "--list"}, {"--set: found \"size=\\xff\"; allowed: UTF-8"});
  refuse({"sweep", "--set", "si\xffze=4", "--list"}, {"--set: found \"si\\xffze=4\"; allowed: UTF-8"});
}

TEST_F(Outputs, NamesOfFilesNeedNotBeUtf8) {
  const std::string name = "caf\xe9.npy";
  write_npy(name, sample_matrix(12, 10));
  EXPECT_EQ(json({"inspect", name, "--json"})["file"], "caf\xef\xbf\xbd.npy");
}

}  // namespace
}  // namespace msq::cli
