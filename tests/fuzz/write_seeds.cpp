// write_seeds DIRECTORY: small files from which the fuzzers start, DIRECTORY/<reader>/seed-<number>.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "gen/config/serialize.hpp"
#include "golden/quantize/packing.hpp"
#include "tests/io/seeds.hpp"
#include "tests/synth/layout_samples.hpp"

namespace {

using msq::golden::testing::small_quantized_tensor;

std::vector<std::string> config_seeds() {
  msq::Config plain;
  plain.outlier_path = msq::OutlierPath::none;
  plain.tree_rows = 2;
  msq::Config inlined;
  inlined.outlier_path = msq::OutlierPath::inlined;
  inlined.tree_rows = 4;
  inlined.inlined.units_per_block = 2;
  inlined.encoding = msq::Encoding::full_range;
  inlined.fraction_bits = 1;
  inlined.outliers_per_block = 2;
  msq::Config recon;
  recon.outlier_path = msq::OutlierPath::recon;
  recon.acc_bits = 20;
  recon.row_align_bits = 3;
  return {to_json(plain), to_json(inlined), to_json(recon), R"({"rows": 4, "cols": 4, "micro_block": 4})",
          R"({"rows": 4, "cols": 4, "modes": [5]})"};
}

/// A packed tensor in the form that the check `packed` cuts up.
std::string packed_bytes(const msq::golden::QuantizedTensor& tensor) {
  const msq::golden::PackedTensor p = msq::golden::pack(tensor);
  std::string bytes;
  const auto byte = [&](std::int64_t value) { bytes += static_cast<char>(value); };
  byte(p.format.bits);
  byte(p.format.micro_block);
  byte(p.format.macro_block);
  const bool full_range = p.format.encoding == msq::golden::Encoding::full_range;
  byte((full_range ? 1 : 0) + (p.axis == msq::golden::Axis::output ? 2 : 0));
  if (full_range) {
    byte(p.format.list_entries);
    byte(p.format.fraction_bits);
    byte(p.format.scale_mantissa_bits);
    byte(p.format.shift_bits);
  }
  byte(p.format.identifier_group);
  byte(p.outlier_shift_max);
  byte(p.k);
  byte(p.n);
  const auto stream = [&](const auto& values) {
    byte(static_cast<std::int64_t>(values.size() % 256));
    byte(static_cast<std::int64_t>(values.size() / 256));
    for (const auto value : values) byte(value);
  };
  for (const auto* values : {&p.codes, &p.identifiers, &p.identifier_masks, &p.shifts, &p.lists})
    stream(*values);
  stream(p.scales);
  stream(p.scale_mantissas);
  return bytes;
}

std::vector<std::string> packed_seeds() {
  auto paper = small_quantized_tensor();
  auto grouped = paper;
  grouped.format.identifier_group = 4;
  auto full = paper;
  full.format.encoding = msq::golden::Encoding::full_range;
  full.format.list_entries = 2;
  full.format.shift_bits = 4;
  full.format.scale_mantissa_bits = 3;
  full.factors.assign(full.scales.size(), 9);
  for (auto& scale : full.scales) scale = 0;
  std::string cut = packed_bytes(paper);
  cut.resize(cut.size() / 2);
  return {packed_bytes(paper), packed_bytes(grouped), packed_bytes(full), cut, ""};
}

std::vector<std::string> liberty_seeds() {
  return {
      R"lib(library ("small") {
  /* a comment */ lu_table_template (t) { index_1 ("1, 2"); index_2 ( "3, \
 4" ); }
  cell ("NAND2X1") { area : 24.5 ; pin (A) { direction : input; } pin (B) { direction : "input" }
    pin (Y) { direction : output; function : "(!A) | (!B)";
    timing() {
    related_pin:
      "A";
    }
  }
}
cell(DFF) {
  ff(IQ, IQN) {
  next_state:
    "D";
  clocked_on:
    "CLK";
  }
area:
  96;
}
cell(LAT) {
  latch(IQ, IQN) {
  enable:
    "G";
  data_in:
    "D";
  }
area:
  0.0;
}
}
)lib",
      "library (x) { cell (ND2) { area : 1; pin(A) { direction : input; } pin(B) { direction : input; } "
      "pin(Y) { "
      "direction : output; function : \"(A B)'\"; } } }",
      "library (x) { cell (AND2) { area : 1; } }", "library (x) { cell (",
      "library (x) { a : \"unfinished }"};
}

/// The JSON of Yosys 0.23 and 0.70, each with the lines of the printed table that are read.
std::vector<std::string> stat_seeds() {
  const std::string old_json = R"({
   "modules": {
      "$paramod\\leaf\\W=s32'00000000000000000000000000000010": {
         "num_wires":         5,
         "num_cells":         4,
         "num_cells_by_type": {
            "DFFPOSX1": 2,
            "NAND2X1": 2
         }
      },
      "\\top": {
         "num_wires":         4,
         "num_cells":         4,
         "num_cells_by_type": {
            "$paramod\\leaf\\W=s32'00000000000000000000000000000010": 2,
            "INVX1": 1,
            "mem": 1
         }
      }
   },
       $paramod\leaf\W=s32'00000000000000000000000000000010      2
      "design": {
         "num_cells":         8
      }
}
)";
  const std::string new_json = R"({
   "modules": {
      "\\top": {
         "num_cells":         1,
         "num_submodules":       1,
         "area":              256.000000,
         "num_cells_by_type": {
            "INVX1": 1,
            "leaf": 1
         }
      },
      "\\leaf": {
         "num_cells":         4,
         "num_submodules":       0,
         "num_cells_by_type": {
            "DFFPOSX1": 2,
            "NAND2X1": 2
         }
      }
   },
      "design": {
      }
}
)";
  const std::string areas = R"(
   Chip area for module '\leaf': 240.000000
   Chip area for module '\top': 16.000000
     of which used for sequential elements: 0.000000 (-nan%)
   Chip area for top module '\top': )";
  return {old_json + areas + "496.000000\n",
          new_json + areas + "256.000000\n",
          new_json + areas + "-nan\n",
          old_json,
          "{\n   \"modules\": {\n   }\n}\n",
          "",
          areas + "1.000000\n"};
}

std::vector<std::string> log_seeds() {
  return {
      "\nEnd of script. Logfile hash: f7c2192038, CPU: user 0.10s system 0.02s, MEM: 14.08 MB peak\nYosys "
      "0.23 (git "
      "sha1 7ce5011c24b)\nTime spent: 72% 2x abc (0 sec), 5% 14x opt_expr (0 sec), ...\n",
      "\n6. Executing CHECK pass (checking for obvious problems).\nChecking module top...\nWarning: Wire "
      "top.\\t is used "
      "but has no driver.\nERROR: Found 1 problems in 'check -assert'.\n",
      "\n5.8. Executing PROC_DLATCH pass (convert process syncs to latches).\nLatch inferred for signal "
      "`\\sub.\\q_o' "
      "from process `\\sub.$proc$latch.v:1$2': $auto$proc_dlatch.cc:427:proc_dlatch$16\nERROR: Assertion "
      "failed: "
      "selection is not empty: t:$dlatch\nSelection contains:\nsub/$auto$proc_dlatch.cc:427:proc_dlatch$16\n",
      "top.v:3: ERROR: syntax error, unexpected TOK_ID\n", ""};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

/// One that can be read, and what a broken file may hold.
std::vector<std::string> lef_seeds() {
  const std::string lef = msq::synth::testing::kLef;
  return {lef, lef.substr(0, lef.size() / 2), replaced(lef, "WIDTH 0.5", "WIDTH 1e999"), "END LIBRARY\n",
          replaced(lef, "END metal1", "END metal2")};
}

/// The second is read, but holds a layer that the library has not.
std::vector<std::string> def_seeds() {
  const std::string def = msq::synth::testing::kDef;
  return {def, replaced(def, "metal2 ( 450", "metal9 ( 450"),
          replaced(def, "( 450 * ) M2_M1", "( 450 600 ) M2_M1"), replaced(def, "NETS 3", "NETS 4"),
          def.substr(0, def.size() / 2)};
}

void write(const std::filesystem::path& directory, const std::vector<std::string>& seeds) {
  std::filesystem::create_directories(directory);
  for (std::size_t i = 0; i < seeds.size(); ++i)
    std::ofstream(directory / ("seed-" + std::to_string(i)), std::ios::binary) << seeds[i];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_seeds DIRECTORY\n");
    return 2;
  }
  const std::filesystem::path directory(argv[1]);
  write(directory / "npy", msq::golden::testing::npy_seeds());
  write(directory / "onnx", msq::golden::testing::onnx_seeds());
  write(directory / "safetensors", msq::golden::testing::safetensors_seeds());
  write(directory / "config", config_seeds());
  write(directory / "packed", packed_seeds());
  write(directory / "liberty", liberty_seeds());
  write(directory / "stat", stat_seeds());
  write(directory / "log", log_seeds());
  write(directory / "lef", lef_seeds());
  write(directory / "def", def_seeds());
  return 0;
}
