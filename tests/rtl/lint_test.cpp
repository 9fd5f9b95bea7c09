// Every leaf as a top of its own: Verilator's lint at several parameter sets, Yosys and Icarus at the
// defaults.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "tests/support/lint_output.hpp"

namespace msq::rtl_test {
namespace {

using Parameters = std::vector<std::pair<std::string, int>>;

/// All combinations of values of several parameters.
std::vector<Parameters> grid(const std::vector<std::pair<std::string, std::vector<int>>>& axes) {
  std::vector<Parameters> sets = {{}};
  for (const auto& [name, values] : axes) {
    std::vector<Parameters> longer;
    for (const Parameters& set : sets) {
      for (const int value : values) {
        longer.push_back(set);
        longer.back().emplace_back(name, value);
      }
    }
    sets = longer;
  }
  return sets;
}

/// `sets` times the mode sets {2,4}, {2} and {4}.
std::vector<Parameters> in_every_mode(const std::vector<Parameters>& sets) {
  std::vector<Parameters> result;
  for (const Parameters& set : sets) {
    for (const auto& [mode2, mode4] : {std::pair{1, 1}, {1, 0}, {0, 1}}) {
      result.push_back(set);
      result.back().emplace_back("MODE2", mode2);
      result.back().emplace_back("MODE4", mode4);
    }
  }
  return result;
}

std::vector<Parameters> join(std::vector<Parameters> a, const std::vector<Parameters>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Parameter sets beside the defaults, with the smallest legal widths.
const std::map<std::string, std::vector<Parameters>>& parameter_sets() {
  static const std::vector<Parameters> shifts = {{{"SHIFT_MAX", 0}, {"SHIFT_BITS", 1}},
                                                 {{"SHIFT_MAX", 1}, {"SHIFT_BITS", 1}},
                                                 {{"SHIFT_MAX", 7}, {"SHIFT_BITS", 3}},
                                                 {{"SHIFT_MAX", 15}, {"SHIFT_BITS", 4}}};
  const auto with_shifts = [](const std::vector<Parameters>& sets) {
    std::vector<Parameters> result;
    for (const Parameters& set : sets) {
      for (const Parameters& shift : shifts) {
        result.push_back(set);
        result.back().insert(result.back().end(), shift.begin(), shift.end());
      }
    }
    return result;
  };
  static const std::map<std::string, std::vector<Parameters>> sets = {
      {"msq_accumulators",
       grid({{"UNIT", {1, 4}}, {"SUM_BITS", {12, 35}}, {"ACC_BITS", {46, 56}}, {"DEPTH", {2, 64}}})},
      {"msq_activation_reader", grid({{"ROWS", {4, 64}},
                                      {"ACT_BITS", {4, 8}},
                                      {"WORDS", {128, 4096}},
                                      {"BANKS", {1, 2}},
                                      {"TOKENS", {16, 128}}})},
      {"msq_adder", grid({{"WIDTH", {2, 44, 64}}, {"BLOCK", {3, 11, 64}}})},
      {"msq_align", grid({{"SUM_BITS", {2, 6, 23, 48}}})},
      {"msq_axil", grid({{"ADDRESS_BITS", {4, 8}}})},
      {"msq_bl_fp32_add", grid({})},
      {"msq_bl_fp32_scale", grid({})},
      {"msq_bl_int8_float", grid({})},
      {"msq_bl_multiply_int8", grid({{"ACT_BITS", {4, 8}}})},
      {"msq_bl_olive_decoder", grid({})},
      {"msq_bl_outlier_gobo", grid({})},
      {"msq_bl_pe_gobo", grid({})},
      {"msq_bl_pe_int8", grid({{"ACT_BITS", {4, 8}}, {"ROWS", {1, 2, 8}}, {"SUM_BITS", {14, 18, 30}}})},
      {"msq_bl_pe_olive", grid({{"ACT_BITS", {4, 8}}, {"SUM_BITS", {15, 17, 30}}})},
      {"msq_bl_pe_olive_tree", grid({{"ACT_BITS", {4, 8}}, {"ROWS", {2, 4, 8}}, {"SUM_BITS", {15, 18, 30}}})},
      {"msq_beats",
       join(grid({{"WORD_BYTES", {4, 8, 64}}, {"BEAT_BYTES", {2, 8, 512}}}), {{{"COUNT_BITS", 9}}})},
      {"msq_burst_splitter", join(grid({{"WORD_BYTES", {4, 64}}, {"BURST", {1, 16, 256}}}),
                                  {{{"ADDRESS_BITS", 64}, {"COUNT_BITS", 12}}})},
      {"msq_bus_driver", grid({{"WIDTH", {1, 2, 84}}})},
      {"msq_collector",
       grid({{"WORDS", {128, 4096}}, {"UNIT_BITS", {1, 2, 5}}, {"SLOT_BITS", {2, 5}}, {"BANKS", {1, 2}}})},
      {"msq_column_bus", grid({{"ROWS", {1, 2, 64}}, {"WIDTH", {1, 2, 84}}})},
      {"msq_counters", grid({{"KINDS", {1, 2, 4}}})},
      {"msq_dsp_product", grid({{"A_BITS", {5, 18}}, {"B_BITS", {2, 13}}})},
      {"msq_event_counter", grid({{"AMOUNT_BITS", {1, 5, 8}}})},
      {"msq_drain",
       join(grid({{"UNIT", {8, 64}}, {"BANKS", {1, 2}}, {"LANES", {2, 8}}, {"ACC_BITS", {30, 64}}}),
            {{{"UNIT", 128}, {"BANKS", 2}, {"BLOCK", 256}, {"LANES", 32}},
             {{"UNIT", 256}, {"BANKS", 1}, {"BLOCK", 256}, {"LANES", 32}, {"LATE", 5}},
             {{"UNIT", 4}, {"BANKS", 1}, {"LANES", 1}, {"TOKENS", 8}, {"ACC_BITS", 32}},
             {{"UNIT", 4}, {"BANKS", 2}, {"LANES", 1}, {"TOKENS", 8}},
             {{"UNIT", 4}, {"BANKS", 2}, {"LANES", 4}, {"TOKENS", 16}, {"FRACTION_BITS", 5}}})},
      {"msq_factor", grid({{"UNIT", {1, 8}}, {"SUM_BITS", {11, 40}}, {"MANTISSA", {0, 1, 2, 3}}})},
      {"msq_feeder", grid({{"ROWS", {1, 2, 64}}, {"ACT_BITS", {1, 2, 8}}, {"LEAD", {0, 1, 2, 9}}})},
      {"msq_fetch", join(grid({{"ADDRESS_BITS", {32, 40, 64}}, {"WORD_BYTES", {4, 64}}}),
                         {{{"WEIGHT_BYTES", 4096}, {"ACT_BYTES", 2}, {"ACT_BITS", 4}, {"TOKEN_BITS", 11}}})},
      {"msq_finish", grid({{"ADDRESS_BITS", {32, 64}}, {"WORD_BYTES", {4, 8, 16, 64}}})},
      {"msq_group_decoder", join(in_every_mode(with_shifts(grid({{"MICRO_BLOCK", {4, 8}}}))),
                                 in_every_mode(grid({{"MICRO_BLOCK", {4, 8, 16}}, {"ENTRIES", {1, 2}}})))},
      {"msq_job",
       join(grid({{"ROWS", {4, 128}}, {"WORDS", {16, 65536}}, {"TOKENS", {16, 1024}}, {"KINDS", {1, 11}}}),
            {{{"BANKS", 2}}})},
      {"msq_launcher",
       grid({{"WORDS", {16, 65536}}, {"BANKS", {1, 2}}, {"TOKENS", {16, 1024}}, {"SCHEDULE", {0, 1}}})},
      {"msq_list_decoder", join(with_shifts(grid({{"MICRO_BLOCK", {4, 8, 16}}})),
                                grid({{"MICRO_BLOCK", {4, 8, 16}}, {"ENTRIES", {1, 2}}}))},
      {"msq_lite_manager", grid({{"PORTS", {2, 3}}, {"ADDRESS_BITS", {8, 12}}})},
      {"msq_lite_subordinate", grid({{"ADDRESS_BITS", {4, 13}}})},
      {"msq_mem_reader", grid({{"WORD_BYTES", {4, 64}}, {"BURST", {16, 64}}, {"OUTSTANDING", {1, 255}}})},
      {"msq_mem_writer", grid({{"WORD_BYTES", {4, 64}}, {"BURST", {16, 64}}, {"OUTSTANDING", {1, 255}}})},
      {"msq_merge", in_every_mode(with_shifts(grid({{"ACT_BITS", {2, 4, 8}}})))},
      {"msq_merge_full",
       in_every_mode(with_shifts(grid({{"ACT_BITS", {2, 4, 8}}, {"FRACTION_BITS", {1, 2}}})))},
      {"msq_multiplier", in_every_mode(grid({{"ACT_BITS", {1, 2, 4, 8}}, {"REGISTER", {0, 1}}}))},
      {"msq_onehot_encoder", grid({{"WIDTH", {2, 3, 4, 64}}})},
      {"msq_outlier_decoder",
       join(in_every_mode(with_shifts(grid({{"MICRO_BLOCK", {4, 8}}, {"ROWS", {1, 4}}, {"UNITS", {1, 2}}}))),
            in_every_mode({{{"MICRO_BLOCK", 16}, {"ROWS", 8}, {"UNITS", 4}},
                           {{"ROWS", 4}, {"LOAD_ROWS", 2}, {"UNITS", 2}},
                           {{"ROWS", 8}, {"LOAD_ROWS", 8}, {"UNITS", 4}, {"ENTRIES", 1}}}))},
      {"msq_outlier_group",
       join(with_shifts(
                grid({{"MICRO_BLOCK", {4}}, {"INPUTS", {1, 8}}, {"SIG_BITS", {4, 6}}, {"UNITS", {1, 2}}})),
            grid({{"MICRO_BLOCK", {8, 16}},
                  {"SKEW_COLUMNS", {1, 2, 4}},
                  {"SIG_BITS", {6, 8}},
                  {"UNITS", {1, 2}}}))},
      {"msq_outlier_unit", with_shifts(grid({{"ACT_BITS", {2, 4, 8}},
                                             {"ROWS", {1, 2, 8}},
                                             {"SIG_BITS", {2, 4, 6, 8}},
                                             {"LANE_BITS", {2, 5}}}))},
      {"msq_output_lane", grid({{"ACC_BITS", {28, 30, 47, 64}}})},
      {"msq_output_layout",
       join(grid({{"WORD_BYTES", {4, 16, 64}},
                  {"BEAT_BYTES", {4, 8, 128}},
                  {"ROWS", {4, 128}},
                  {"ACT_BITS", {4, 8}}}),
            {{{"BLOCK", 256}, {"TOKEN_BITS", 11}}, {{"ADDRESS_BITS", 32}}, {{"ADDRESS_BITS", 64}}})},
      {"msq_output_port", grid({{"LANES", {1, 2, 16}}})},
      {"msq_packet_reader", join(grid({{"WORD_BYTES", {4, 64}}, {"BEAT_BYTES", {2, 512}}}),
                                 {{{"ADDRESS_BITS", 32}, {"BURST", 16}, {"DEPTH", 16}, {"OUTSTANDING", 1}}})},
      {"msq_pe_band",
       join(in_every_mode(grid({{"ACT_BITS", {4, 8}}, {"ROWS", {1, 2, 8, 16}}, {"SUM_BITS", {18, 31}}})),
            in_every_mode(join(grid({{"ROWS", {1, 8}}, {"VALUE_BITS", {0}}, {"FRACTION_BITS", {0}}}),
                               grid({{"ROWS", {8}}, {"LOAD_ROWS", {2, 8}}}))))},
      {"msq_pe_multiply", in_every_mode(grid({{"ACT_BITS", {1, 2, 4, 8}}, {"FULL_RANGE", {0, 1}}}))},
      {"msq_pe_recon",
       join(join(in_every_mode(grid({{"ACT_BITS", {4, 8}},
                                     {"FULL_RANGE", {1}},
                                     {"FRACTION_BITS", {1, 2}},
                                     {"ADDEND0_BITS", {13, 22}},
                                     {"ADDEND1_BITS", {11, 18}},
                                     {"SUM_BITS", {22, 31}}})),
                 in_every_mode(grid({{"ACT_BITS", {4, 8}},
                                     {"ADDEND0_BITS", {13, 20}},
                                     {"ADDEND1_BITS", {10, 18}},
                                     {"SUM_BITS", {20, 31}}}))),
            {{{"ACT_BITS", 8}, {"SUM_BITS", 13}, {"ADDEND0_BITS", 13}, {"ADDEND1_BITS", 11}}})},
      {"msq_permuter", grid({{"WAYS", {2, 4, 64}}, {"WIDTH", {1, 8}}})},
      {"msq_queue", grid({{"WIDTH", {1, 40}}, {"DEPTH", {1, 2, 8}}})},
      {"msq_ram_1r1w", grid({{"WIDTH", {1, 2, 72}}, {"DEPTH", {2, 16}}})},
      {"msq_read_mux", grid({{"ADDRESS_BITS", {32, 64}}})},
      {"msq_recon_counters", grid({{"UNITS", {1, 2, 3, 64}}})},
      {"msq_row_reader",
       {{{"OUTLIERS", 0}, {"FIELDS", 1}},
        {{"HALVES", 0}, {"FIELDS", 1}, {"ENTRIES", 8}, {"LOC", 4}},
        {{"COLS", 4}, {"LOC", 2}, {"ENTRIES", 2}, {"LOAD_ROWS", 2}, {"WORD_ENTRIES", 2}},
        {{"COLS", 64}, {"BEAT", 256}, {"FIELDS", 16}, {"WORD_ENTRIES", 4}, {"ENTRIES", 1}},
        {{"COLS", 64}, {"BEAT", 1024}, {"LOAD_ROWS", 4}, {"FIELDS", 16}, {"WORD_ENTRIES", 16}}}},
      {"msq_row_shifter", grid({{"ROWS", {4, 64}}, {"ACT_BITS", {4, 8}}, {"SHIFT_MAX", {1, 7}}})},
      {"msq_scale", grid({{"LANES", {1, 2, 4, 8, 16, 32}}})},
      {"msq_sequencer", in_every_mode(join(grid({{"ROWS", {2, 4, 128}}, {"EARLY", {0, 1}}}),
                                           grid({{"ROWS", {8}}, {"EARLY", {2, 7}}, {"BAND", {1, 4}}})))},
      {"msq_stream_fifo", grid({{"WIDTH", {1, 33}}, {"DEPTH", {2, 64}}})},
      {"msq_sum_lane_recon",
       join(grid({{"P_BITS", {1, 8, 11}}, {"ADDEND_BITS", {13, 20}}, {"SUM_BITS", {20, 30}}}),
            {{{"P_BITS", 1}, {"ADDEND_BITS", 3}, {"SUM_BITS", 3}},
             {{"P_BITS", 2}, {"ADDEND_BITS", 4}, {"SUM_BITS", 5}},
             {{"P_BITS", 2}, {"ADDEND_BITS", 3}, {"SUM_BITS", 5}, {"FRACTION_BITS", 1}},
             {{"P_BITS", 9}, {"ADDEND_BITS", 18}, {"SUM_BITS", 23}, {"FRACTION_BITS", 1}}})},
      {"msq_sum_tree",
       join(
           grid({{"TERMS", {1, 2, 8}},
                 {"REGISTERED", {0, 1}},
                 {"ALONE", {0, 1}},
                 {"P_BITS", {8, 11}},
                 {"VALUE_BITS", {14, 20}},
                 {"FRACTION_BITS", {1, 2}},
                 {"SUM_BITS", {16, 30}}}),
           grid(
               {{"TERMS", {1, 2, 8}}, {"VALUE_BITS", {0}}, {"FRACTION_BITS", {0}}, {"SUM_BITS", {11, 30}}}))},
      {"msq_switch", grid({{"WIDTH", {1, 2, 11}}})},
      {"msq_tile_queue", grid({{"WIDTH", {1, 40}}, {"DEPTH", {2, 8}}})},
      {"msq_tile_reader",
       {{{"PERMUTER", 0}, {"ORDER", 1}},
        {{"MODE2", 0}},
        {{"REPEATS", 1}, {"PERMUTER", 0}, {"ORDER", 1}},
        {{"MODE4", 0}, {"ROW_SHIFTS", 1}, {"SCHEDULE", 1}},
        {{"PLACES", 2}, {"REPEATS", 1}, {"ROW_SHIFTS", 1}, {"ORDER", 8}},
        {{"PLACES", 2},
         {"MODE4", 0},
         {"ROWS", 64},
         {"COLS", 16},
         {"BEAT", 64},
         {"FACTORS", 1},
         {"ORDER", 192}},
        {{"ROWS", 4}, {"COLS", 4}, {"SLOTS", 32}, {"TOKENS", 16}, {"SCHEDULE", 1}, {"ORDER", 6}},
        {{"ROWS", 64}, {"COLS", 64}, {"BEAT", 256}, {"ROW_SHIFTS", 1}, {"SLOTS", 8}, {"TOKENS", 1024}},
        {{"ROWS", 128}, {"COLS", 128}, {"BEAT", 512}, {"SCHEDULE", 1}, {"ORDER", 832}},
        {{"COLS", 16}, {"BEAT", 256}, {"FACTORS", 1}},
        {{"FACTORS", 1}, {"BEAT", 128}, {"MODE2", 0}}}},
      {"msq_twos_complement", in_every_mode(grid({{"WORDS", {1, 8}}}))},
      {"msq_wavefront", grid({{"ROWS", {2, 4, 128}}})},
      {"msq_wavefront_recon", grid({{"ROWS", {2, 4, 128}}, {"LEAD", {1, 2, 9}}})},
      {"msq_weight_split",
       {{{"OUTLIERS", 0}},
        {{"ROWS", 4}, {"SECTIONS", 16}, {"ENTRIES", 2}, {"TOKENS", 16}, {"HASH", 65535}},
        {{"ROWS", 64}, {"BEAT", 256}, {"ENTRIES", 512}, {"HASH", 1}},
        {{"ROWS", 128}, {"BEAT", 4096}, {"LOAD_ROWS", 8}, {"TOKENS", 1024}}}},
  };
  return sets;
}

/// Files of the leaves in the folders of rtl/, by name of the leaf.
const std::map<std::string, std::string>& leaf_files() {
  static const auto files = [] {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(MSQ_RTL_DIR)) {
      if (entry.path().extension() == ".v") found.emplace(entry.path().stem(), entry.path());
    }
    return found;
  }();
  return files;
}

std::vector<std::string> leaves() {
  std::vector<std::string> names;
  for (const auto& [leaf, file] : leaf_files()) names.push_back(leaf);
  return names;
}

const std::string& file_of(const std::string& leaf) { return leaf_files().at(leaf); }

/// Options -y for the folders that hold leaves.
std::vector<std::string> search_paths() {
  std::set<std::string> folders;
  for (const auto& [leaf, file] : leaf_files()) folders.insert(std::filesystem::path(file).parent_path());
  std::vector<std::string> options;
  for (const std::string& folder : folders) options.insert(options.end(), {"-y", folder});
  return options;
}

/// Runs a program that must succeed and say nothing.
void expect_silent(const std::vector<std::string>& argv, const std::string& what) {
  const auto result = run_process({.argv = argv});
  ASSERT_TRUE(result) << result.error();
  EXPECT_TRUE(result->ok()) << what;
  EXPECT_EQ(tests::findings_of_lint(result->output), "") << what;
}

class LeafLintTest : public testing::TestWithParam<std::string> {};

TEST_P(LeafLintTest, VerilatorAtEveryParameterSet) {
  std::vector<Parameters> sets = parameter_sets().at(GetParam());
  sets.insert(sets.begin(), Parameters{});  // the defaults
  for (const Parameters& set : sets) {
    std::vector<std::string> argv = {"verilator", "--lint-only", "-Wall", "--top-module", GetParam()};
    for (const std::string& option : search_paths()) argv.push_back(option);
    for (const auto& [name, value] : set) argv.push_back(fmt::format("-G{}={}", name, value));
    argv.push_back(file_of(GetParam()));
    expect_silent(argv, fmt::format("{}", fmt::join(argv, " ")));
  }
}

TEST_P(LeafLintTest, VerilatorWithTheChecksOfParametersAndProtocols) {
  std::vector<std::string> argv = {
      "verilator",    "--lint-only", "-Wall", "-DMSQ_ASSERT", "-I" MSQ_RTL_DIR "/common",
      "--top-module", GetParam()};
  for (const std::string& option : search_paths()) argv.push_back(option);
  argv.push_back(file_of(GetParam()));
  expect_silent(argv, GetParam());
}

TEST_P(LeafLintTest, YosysFindsNoProblemAndNoLatch) {
  std::string script;
  for (const std::string& leaf : leaves())
    script += fmt::format("read_verilog -noautowire {}; ", file_of(leaf));
  script += fmt::format(
      "hierarchy -check -top {}; proc; flatten; opt_clean; check -assert; select -assert-none t:$dlatch "
      "t:$_DLATCH_*",
      GetParam());
  expect_silent({"yosys", "-q", "-e", ".*", "-p", script}, GetParam());
}

TEST_P(LeafLintTest, HasNoWaiver) {
  const auto result = run_process(
      {.argv = {"grep", "-niE", "lint_off|lint_save|translate_off|verilog_lint", file_of(GetParam())}});
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->output, "");
}

INSTANTIATE_TEST_SUITE_P(Leaves, LeafLintTest, testing::ValuesIn(leaves()),
                         [](const auto& test) { return test.param; });

TEST(LintTest, EveryLeafHasParameterSets) {
  std::vector<std::string> listed;
  for (const auto& [leaf, sets] : parameter_sets()) {
    listed.push_back(leaf);
    EXPECT_FALSE(sets.empty()) << leaf;
  }
  EXPECT_EQ(listed, leaves());
}

// Icarus as of its Verilog-2005: every leaf is a top.
TEST(LintTest, IcarusCompilesAllLeaves) {
  std::vector<std::string> argv = {"iverilog", "-g2005", "-Wall", "-Wno-timescale", "-tnull"};
  for (const std::string& leaf : leaves()) {
    argv.push_back("-s" + leaf);
    argv.push_back(file_of(leaf));
  }
  expect_silent(argv, "iverilog");
}

}  // namespace
}  // namespace msq::rtl_test
