// Designs of every kind of configuration without a simulation: findings of the generator's own checks, and
// that descriptions of a design agree with it.

#include "gen/arch/design.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "gen/arch/manifest.hpp"
#include "gen/arch/registers.hpp"
#include "gen/config/load.hpp"
#include "gen/config/serialize.hpp"
#include "tests/coverage/cover_points.hpp"
#include "tests/soak/random_config.hpp"
#include "tests/support/page.hpp"

namespace msq::tests {
namespace {

TEST(Design, ModulesPortsAndBlocksOfRandomConfigurations) {
  for (int index = 0; index < 120; ++index) {
    const Config config = random_config(99, index);
    SCOPED_TRACE(to_json(config));
    for (const bool accelerator : {false, true}) {
      const Design design = accelerator ? build_accelerator(config) : build_design(config);
      EXPECT_EQ(has_top(design), accelerator);
      const auto files = design.verilog_files();
      EXPECT_EQ(std::set<std::string>(files.begin(), files.end()).size(), files.size());
      EXPECT_EQ(files.size(), design.generated.size() + design.leaves.size());
      const auto blocks = area_blocks(design);
      for (const auto* group : {&design.generated, &design.leaves}) {
        for (const DesignFile& file : *group) {
          const std::string module = file.name.substr(0, file.name.find('.'));
          EXPECT_NE(file.text.find("module " + module), std::string::npos) << file.name;
          if (std::count(design.memory_modules.begin(), design.memory_modules.end(), module) != 0) continue;
          EXPECT_NE(std::find(blocks.begin(), blocks.end(), area_block(design, module)), blocks.end())
              << module;
        }
      }
      EXPECT_THROW(static_cast<void>(area_block(design, "no_such_module")), std::out_of_range);
      const std::string header = ports_header(design);
      for (const verilog::Port& port : design.ports)
        EXPECT_NE(header.find(port.name), std::string::npos) << port.name;
    }
  }
}

/// Blocks follow from the instances: an encoder belongs to its user, a memory to no block of a report.
TEST(Design, BlocksAndMemoriesFollowFromTheInstances) {
  const auto inlined =
      parse_config(R"({"rows": 8, "cols": 8, "outlier_path": "inline", "tree_rows": 4})", "i");
  const auto recon = parse_config(R"({"rows": 8, "cols": 8, "outlier_path": "recon"})", "r");
  EXPECT_EQ(area_block(build_design(*inlined), "msq_onehot_encoder"), "decoder");
  EXPECT_EQ(area_block(build_design(*recon), "msq_onehot_encoder"), "column buses and arbitration");
  EXPECT_TRUE(build_design(*inlined).memory_modules.empty());
  EXPECT_EQ(build_design(*recon).memory_modules, std::vector<std::string>{"msq_ram_1r1w"});
  EXPECT_EQ(build_accelerator(*inlined).memory_modules, std::vector<std::string>{"msq_ram_1r1w"});
  const std::vector<std::string> blocks = {"PEs", "outlier units", "decoder", "feeder and skew", "control"};
  EXPECT_EQ(area_blocks(build_design(*inlined)), blocks);
}

TEST(RegisterMap, IsConsistent) {
  const auto map = register_map(Dimensions(Config{}), 0x12345678);
  int offset = -4;
  for (const Register& r : map) {
    EXPECT_GT(r.offset, offset) << r.name;
    EXPECT_EQ(r.offset % 4, 0) << r.name;
    EXPECT_LT(r.offset, 1 << kRegisterAddressBits) << r.name;
    offset = r.offset;
    int next = 0;
    for (const RegisterField& f : r.fields) {
      EXPECT_GE(f.lsb, next) << r.name << "." << f.name;
      next = f.lsb + f.width;
      EXPECT_FALSE(f.doc.empty()) << r.name << "." << f.name;
      EXPECT_EQ(f.value & ~(f.width == 32 ? ~0U : (1U << f.width) - 1), 0U) << r.name << "." << f.name;
    }
    EXPECT_LE(next, 32) << r.name;
  }
  const Register& control = find_register(map, "control");
  EXPECT_EQ(control.offset, 0x10);
  EXPECT_EQ(field_bits(control, {"start", "interrupt_enable"}), 0x101U);
  EXPECT_EQ(field_bits(find_register(map, "status"), {"code"}), 0xf0U);
  EXPECT_EQ(field_bits(find_register(map, "id"), {"value"}), ~0U);
  EXPECT_THROW(static_cast<void>(field_bits(control, {"stop"})), std::logic_error);
  EXPECT_THROW(static_cast<void>(find_register(map, "none")), std::logic_error);
  const std::string header = register_header(map);
  EXPECT_NE(header.find("#define MSQ_STATUS 0x14\n"), std::string::npos);
  EXPECT_NE(header.find("#define MSQ_STATUS_CODE_LSB 4\n"), std::string::npos);
  EXPECT_NE(header.find("#define MSQ_ERROR_SLOT_CLASH 11\n"), std::string::npos);
  EXPECT_NE(register_page(map).find("| | | 7:4 | `code` | read only |"), std::string::npos);
}

// The page has the registers of the preset 8x8, as `generate --config 8x8` writes them; MSQ_UPDATE=1 writes
// the table anew.
TEST(RegisterMap, TableInTheDocumentation) {
  const auto config = parse_config(R"({"rows": 8, "cols": 8})", "8x8").value();
  expect_part_of_page(MSQ_REGISTER_PAGE, "registers of msq_top",
                      register_table(register_map(Dimensions(config), short_config_hash(config))));
}

// The driver has the header of any configuration; MSQ_UPDATE=1 writes it anew.
TEST(RegisterMap, HeaderOfTheDriver) {
  const std::string header = register_header(register_map(Dimensions(Config{}), 0));
  const std::filesystem::path path = MSQ_DRIVER_REGISTERS;
  if (std::getenv("MSQ_UPDATE") != nullptr) std::ofstream(path) << header;
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_EQ(text, header);
}

// The section "Files" names every file that is not a module.
TEST(Manifest, FilesAreInTheDocumentation) {
  std::ifstream file(MSQ_SOC_PAGE);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::size_t begin = text.find("\n## Files\n");
  ASSERT_NE(begin, std::string::npos);
  const std::string section = text.substr(begin, text.find("\n## ", begin + 1) - begin);
  const Design design = build_accelerator(parse_config(R"({"rows": 8, "cols": 8})", "8x8").value());
  auto names = other_files(design);
  names.push_back(design.assertions.name);
  for (const std::string& name : names) EXPECT_NE(section.find("`" + name + "`"), std::string::npos) << name;
}

TEST(Manifest, AgreesWithTheDesign) {
  for (int index = 0; index < 40; ++index) {
    const Config config = random_config(17, index);
    SCOPED_TRACE(to_json(config));
    for (const bool accelerator : {false, true}) {
      const Design design = accelerator ? build_accelerator(config) : build_design(config);
      const auto manifest = nlohmann::json::parse(manifest_json(design));
      EXPECT_EQ(manifest["top"], design.top);
      auto files = design.verilog_files();
      files.insert(files.begin(), "msq_assert.vh");
      EXPECT_EQ(manifest["files"], nlohmann::json(files));
      EXPECT_EQ(manifest["config"], nlohmann::json::parse(to_json_with_derived(config)));
      EXPECT_FALSE(manifest.contains("baseline"));
      ASSERT_EQ(manifest["ports"].size(), design.ports.size());
      for (std::size_t i = 0; i < design.ports.size(); ++i) {
        EXPECT_EQ(manifest["ports"][i]["name"], design.ports[i].name);
        EXPECT_EQ(manifest["ports"][i]["width"], design.ports[i].type.width);
        const bool input = design.ports[i].direction == verilog::Direction::input;
        EXPECT_EQ(manifest["ports"][i]["direction"], input ? "input" : "output");
      }
      long bits = 0;
      for (const auto& memory : manifest["memories"]) {
        EXPECT_EQ(memory["module"], "msq_ram_1r1w");
        const long instances = memory["instances"];
        const long width = memory["width"];
        const long depth = memory["depth"];
        EXPECT_EQ(memory["bits"], instances * width * depth);
        EXPECT_GT(memory["bits"], 0);
        bits += instances * width * depth;
      }
      EXPECT_EQ(bits, memory_bits(design));
      const bool has_memory = std::any_of(design.leaves.begin(), design.leaves.end(),
                                          [](const auto& f) { return f.name == "msq_ram_1r1w.v"; });
      EXPECT_EQ(bits > 0, has_memory);
    }
  }
}

TEST(Manifest, OfBaselines) {
  for (const Baseline kind : {Baseline::int4, Baseline::int8, Baseline::olive, Baseline::gobo}) {
    for (const int tree_rows : {1, 4}) {
      if (kind == Baseline::gobo && tree_rows > 1) continue;
      const Design design = build_baseline({kind, 8, 4, tree_rows, 2});
      const auto manifest = nlohmann::json::parse(manifest_json(design));
      EXPECT_TRUE(manifest["config"]["name"].get<std::string>().starts_with(baseline_name(kind)));
      // int4 is the plain array itself.
      EXPECT_EQ(manifest.contains("baseline"), kind != Baseline::int4);
      if (kind != Baseline::int4) {
        EXPECT_EQ(manifest["baseline"], baseline_name(kind));
      }
      EXPECT_EQ(manifest["memories"].size(), 0U);
      EXPECT_EQ(memory_bits(design), 0);
      const auto blocks = area_blocks(design);
      for (const auto* group : {&design.generated, &design.leaves}) {
        for (const DesignFile& file : *group) {
          const std::string module = file.name.substr(0, file.name.find('.'));
          EXPECT_NE(std::find(blocks.begin(), blocks.end(), area_block(design, module)), blocks.end())
              << module;
        }
      }
    }
  }
}

/// Cover points are modules of their own: the design below is unchanged.
TEST(CoverPoints, AddFilesAndChangeNone) {
  for (const int index : {0, 1, 2, 3, 4, 9}) {
    const Design design = build_accelerator(random_config(7, index));
    Design covered = design;
    add_cover_points(covered);
    ASSERT_GT(covered.generated.size(), design.generated.size());
    for (std::size_t i = 0; i < design.generated.size(); ++i)
      EXPECT_EQ(covered.generated[i].text, design.generated[i].text);
    for (std::size_t i = design.generated.size(); i < covered.generated.size(); ++i) {
      const DesignFile& file = covered.generated[i];
      EXPECT_TRUE(file.name.ends_with("_cover.v")) << file.name;
      EXPECT_NE(file.text.find("cover property"), std::string::npos) << file.name;
      const std::string target = file.name.substr(0, file.name.size() - std::string("_cover.v").size());
      const auto has = [&](const auto& files) {
        return std::any_of(files.begin(), files.end(),
                           [&](const auto& f) { return f.name == target + ".v"; });
      };
      EXPECT_TRUE(has(design.generated) || has(design.leaves)) << target;
    }
  }
}

}  // namespace
}  // namespace msq::tests
