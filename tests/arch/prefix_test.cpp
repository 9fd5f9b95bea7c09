// Designs under a prefix: the same text with other names, and two of them in one SoC.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "gen/arch/design.hpp"
#include "gen/arch/manifest.hpp"
#include "gen/configs/presets.hpp"
#include "tests/verilog/tools.hpp"

namespace msq {
namespace {

using verilog::TempDir;

std::vector<Design> designs() {
  std::vector<Design> all;
  for (const char* preset : {"tiny", "recon-8x8", "none-8x8", "8x8-full-range"}) {
    all.push_back(build_design(find_config(preset).value(), "generate --config msq_top"));
    all.push_back(build_accelerator(find_config(preset).value()));
  }
  for (const Baseline kind : {Baseline::int4, Baseline::int8, Baseline::olive, Baseline::gobo})
    all.push_back(build_baseline({.kind = kind}));
  return all;
}

std::vector<DesignFile> files_of(const Design& design) {
  std::vector<DesignFile> files = design.leaves;
  files.insert(files.end(), design.generated.begin(), design.generated.end());
  files.push_back(design.control);
  files.push_back(design.assertions);
  return files;
}

void expect_same(const Design& a, const Design& b) {
  const auto files = files_of(a);
  const auto others = files_of(b);
  ASSERT_EQ(files.size(), others.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_EQ(files[i].name, others[i].name);
    EXPECT_EQ(files[i].text, others[i].text) << files[i].name;
  }
  EXPECT_EQ(a.blocks, b.blocks);
  EXPECT_EQ(a.memory_modules, b.memory_modules);
  EXPECT_EQ(manifest_json(a), manifest_json(b));
  EXPECT_EQ(ports_header(a), ports_header(b));
}

TEST(Prefix, OnlyChangesNames) {
  for (const Design& design : designs()) {
    SCOPED_TRACE(design.config.name + " " + design.top);
    const Design other = with_prefix(design, "a8");
    expect_same(with_prefix(other, "msq"), design);
    expect_same(with_prefix(design, "msq"), design);
    EXPECT_EQ(other.top, "a8" + design.top.substr(3));
    EXPECT_EQ(has_top(other), has_top(design));
    for (const DesignFile& file : files_of(other)) {
      EXPECT_TRUE(file.name.starts_with("a8_")) << file.name;
      for (const auto& [module, block] : design.blocks) {
        EXPECT_EQ(file.text.find(module + " "), std::string::npos) << file.name << " still has " << module;
      }
    }
    const auto manifest = nlohmann::json::parse(manifest_json(other));
    for (const auto& memory : manifest["memories"]) EXPECT_EQ(memory["module"], "a8_ram_1r1w");
  }
}

TEST(Prefix, IsInMacrosAndHeaders) {
  const Design design = with_prefix(build_accelerator(find_config("tiny").value()), "npu_1");
  EXPECT_EQ(other_files(design),
            (std::vector<std::string>{"npu_1_top.vlt", "manifest.json", "npu_1_ports.hpp",
                                      "npu_1_registers.h", "registers.md"}));
  EXPECT_NE(ports_header(design).find("#define NPU_1_TOP Vnpu_1_top\n#define NPU_1_PORTS(PORT)"),
            std::string::npos);
  const std::string header = register_header(design_registers(design), design.prefix);
  EXPECT_NE(header.find("#ifndef NPU_1_REGISTERS_H\n#define NPU_1_REGISTERS_H\n"), std::string::npos);
  EXPECT_NE(header.find("#define NPU_1_ERROR_GAP 12\n"), std::string::npos);
  EXPECT_EQ(header.find("MSQ"), std::string::npos);
  EXPECT_EQ(header.find("msq"), std::string::npos);
}

TEST(Prefix, IsAnIdentifierInLowerCase) {
  for (const char* good : {"a", "a8", "left_npu", "msq", "abcdefghijklmnopqrstuvwxyz012345"})
    EXPECT_TRUE(is_prefix(good)) << good;
  for (const char* bad :
       {"", "A8", "8a", "_a", "a_", "a-b", "a.b", "a b", "\xc3\xa9", "abcdefghijklmnopqrstuvwxyz0123456"})
    EXPECT_FALSE(is_prefix(bad)) << bad;
}

/// `soc` with every port of both tops as its own, so that a top of the wrong size is a width that differs.
std::string soc_of(const std::vector<Design>& parts) {
  std::string ports;
  std::string instances;
  for (const Design& part : parts) {
    std::string connections;
    for (const verilog::Port& port : part.ports) {
      const std::string name = fmt::format("{}_{}", part.prefix, port.name);
      ports += fmt::format("{}  {} wire [{}:0] {}", ports.empty() ? "" : ",\n",
                           port.direction == verilog::Direction::input ? "input" : "output",
                           port.type.width - 1, name);
      connections += fmt::format("{}.{}({})", connections.empty() ? "" : ", ", port.name, name);
    }
    instances += fmt::format("  {} u_{} ({});\n", part.top, part.prefix, connections);
  }
  return fmt::format("module soc (\n{}\n);\n{}endmodule\n", ports, instances);
}

TEST(Prefix, LetsTwoDesignsLiveInOneSoc) {
  const std::vector<Design> parts = {with_prefix(build_accelerator(find_config("8x8").value()), "a8"),
                                     with_prefix(build_accelerator(find_config("16x16").value()), "a16")};
  const TempDir dir;
  std::vector<std::string> verilator = {"verilator", "--lint-only", "-Wall", "--top-module", "soc"};
  std::string sources;
  for (const Design& part : parts) {
    EXPECT_EQ(dir.run({"mkdir", part.prefix}), "");
    for (const DesignFile& file : files_of(part)) dir.write(part.prefix + "/" + file.name, file.text);
    verilator.push_back(part.prefix + "/" + part.control.name);
    for (const std::string& file : part.verilog_files()) sources += fmt::format(" {}/{}", part.prefix, file);
  }
  dir.write("soc.v", soc_of(parts));
  verilator.insert(verilator.end(), {"-y", "a8", "-y", "a16", "soc.v"});
  EXPECT_EQ(dir.run(verilator), "");
  std::vector<std::string> iverilog = {"iverilog", "-g2005", "-Wall", "-Wno-timescale",
                                       "-s",       "soc",    "-o",    "lint.vvp"};
  iverilog.insert(iverilog.end(), {"-y", "a8", "-y", "a16", "-Ia8", "-Ia16", "soc.v"});
  EXPECT_EQ(dir.run(iverilog), "");
  iverilog.insert(iverilog.begin() + 1, "-DMSQ_ASSERT");
  EXPECT_EQ(dir.run(iverilog), "");
  // The lists of files, each with its own copy of the macros, in every order of the two.
  for (const bool swapped : {false, true}) {
    std::vector<std::string> listed = {"iverilog", "-g2005", "-Wall", "-Wno-timescale", "-DMSQ_ASSERT",
                                       "-s",       "soc",    "-o",    "lint.vvp"};
    std::vector<std::string> linted = {"verilator",    "--lint-only", "-Wall",         "+define+MSQ_ASSERT",
                                       "--top-module", "soc",         "a8/a8_top.vlt", "a16/a16_top.vlt"};
    for (const Design& part : {parts[swapped ? 1 : 0], parts[swapped ? 0 : 1]}) {
      std::vector<std::string> files = part.verilog_files();
      files.insert(files.begin(), part.assertions.name);
      for (const std::string& file : files) {
        listed.push_back(part.prefix + "/" + file);
        linted.push_back(listed.back());
      }
    }
    listed.emplace_back("soc.v");
    linted.emplace_back("soc.v");
    EXPECT_EQ(dir.run(listed), "");
    EXPECT_EQ(dir.run(linted), "");
  }
  const std::string script =
      fmt::format("read_verilog{} soc.v; hierarchy -check -top soc; proc; check -assert", sources);
  EXPECT_EQ(dir.run({"yosys", "-q", "-p", script}), "");
}

}  // namespace
}  // namespace msq
