// A shell without its simulation: its page, its registers, its hash.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "gen/arch/manifest.hpp"
#include "gen/arch/shell.hpp"
#include "gen/config/serialize.hpp"
#include "gen/config/validate.hpp"
#include "tb/host/descriptor.hpp"
#include "tests/support/configs.hpp"
#include "tests/support/page.hpp"

namespace msq::tests {
namespace {

std::string descriptor_page() {
  std::string text = "| word | bits | field | meaning |\n|---|---|---|---|\n";
  for (const DescriptorField& f : descriptor_fields()) {
    const std::string bits = f.width == 64  ? ""
                             : f.width == 1 ? fmt::format("{}", f.lsb)
                                            : fmt::format("{}:{}", f.lsb + f.width - 1, f.lsb);
    const std::string word =
        f.width == 64 ? fmt::format("{}, {}", f.word, f.word + 1) : fmt::format("{}", f.word);
    text += fmt::format("| {} | {} | `{}` | {} |\n", word, bits, f.name, f.doc);
  }
  return text;
}

// MSQ_UPDATE=1 writes the tables of the pages anew. The descriptor is on the page of the shell, its registers
// and the error codes of both register ports are on that of the registers.
TEST(ShellPage, HasTheTablesOfTheSource) {
  expect_part_of_page(MSQ_REGISTER_PAGE, "descriptor", descriptor_page());
  expect_part_of_page(MSQ_REGISTER_PAGE, "registers of msq_shell", register_table(shell_register_map({})));
  expect_part_of_page(MSQ_REGISTER_PAGE, "error codes", error_table(shell_error_codes()));
}

TEST(ShellDescriptor, FieldsDoNotOverlap) {
  std::array<std::uint64_t, 16> used{};
  for (const DescriptorField& f : descriptor_fields()) {
    const std::uint64_t mask = (f.width >= 32 ? 0xffffffffU : (1U << f.width) - 1) << f.lsb;
    const auto word = static_cast<std::size_t>(f.word);
    EXPECT_EQ(used.at(word) & mask, 0U) << f.name;
    used.at(word) |= mask;
    if (f.width == 64) used.at(word + 1) |= mask;
  }
  tb::Descriptor d;
  d.next = 0x0123456789abcdefU;
  d.tokens = 7;
  d.last = true;
  const auto words = d.words();
  EXPECT_EQ(words[0] & 0x1ffU, 0x1d5U);
  EXPECT_EQ(words[1], 7U);
  EXPECT_EQ(words[14], 0x89abcdefU);
  EXPECT_EQ(words[15], 0x01234567U);
}

TEST(ShellErrors, CodesAreUnique) {
  std::set<int> codes;
  for (const ErrorCode& code : shell_error_codes()) EXPECT_TRUE(codes.insert(code.code).second) << code.name;
}

// A configuration names the same hardware whether or not it writes out the shell's defaults.
TEST(ShellConfiguration, IsHashedWhereItDiffers) {
  Config config = test_config("top-inline-4x4");
  const std::string hash = config_hash(config);
  EXPECT_EQ(to_json(config).find("shell"), std::string::npos);
  config.shell.data_bits = 256;
  EXPECT_NE(config_hash(config), hash);
  EXPECT_NE(to_json(config).find("\"data_bits\": 256"), std::string::npos);
  for (const auto& change : std::vector<void (*)(ShellConfig&)>{
           [](ShellConfig& s) { s.data_bits = 48; }, [](ShellConfig& s) { s.data_bits = 1024; },
           [](ShellConfig& s) { s.address_bits = 31; }, [](ShellConfig& s) { s.address_bits = 65; },
           [](ShellConfig& s) { s.burst = 512; }, [](ShellConfig& s) { s.fifo = s.burst / 2; },
           [](ShellConfig& s) { s.outstanding = 0; }}) {
    Config wrong = config;
    change(wrong.shell);
    EXPECT_FALSE(validate(wrong));
  }
}

TEST(ShellDesign, ListsItsFilesAndMemories) {
  const Design design = with_prefix(build_shell(test_config("top-inline-4x4")), "npu");
  EXPECT_EQ(design.top, "npu_shell");
  EXPECT_TRUE(has_shell(design));
  EXPECT_TRUE(has_top(design));
  const auto files = design.verilog_files();
  for (const char* name : {"npu_top.v", "npu_shell.v", "npu_fetch.v", "npu_shell_registers.v"})
    EXPECT_NE(std::find(files.begin(), files.end(), name), files.end()) << name;
  const auto others = other_files(design);
  for (const char* name : {"npu_shell_registers.h", "shell_registers.md"})
    EXPECT_NE(std::find(others.begin(), others.end(), name), others.end()) << name;
  long bits = 0;
  for (const Memory& memory : memories(design)) {
    if (memory.name.starts_with("memory ")) bits += memory.bits();
  }
  EXPECT_EQ(bits, 128L * (2 * 129 + 144));
}

}  // namespace
}  // namespace msq::tests
