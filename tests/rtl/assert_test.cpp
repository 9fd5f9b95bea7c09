// The checks in the leaves (rtl/common/msq_assert.vh): legal use is silent, a violation of a protocol or an
// illegal parameter is reported, and nothing is where MSQ_ASSERT is not defined. Simulated by Icarus. The
// tables break every check of every leaf once: a check that they do not name fails the tests.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace msq::rtl_test {
namespace {

/// A leaf with the signals around it.
struct Bench {
  const char* leaf;         ///< folder/module
  const char* ports;        ///< declarations of the bench
  const char* connections;  ///< of the leaf
};

/// One leaf in a bench whose lines run after reset; `tick` is a clock cycle. Promises of the leaf itself are
/// broken by a forced signal.
struct Violation {
  const char* name;
  Bench bench;
  const char* legal;      ///< statements
  const char* violation;  ///< statements
  const char* message;
};

// Benches of leaves that several violations use.
constexpr Bench kAxilBench = {
    "top/msq_axil", "reg awvalid = 0, wvalid = 0, arvalid = 0; reg [7:0] address = 8'd4;",
    ".awvalid_i(awvalid), .awaddr_i(address), .wvalid_i(wvalid), .wdata_i(32'd0), .wstrb_i(4'd0), "
    ".bready_i(1'b0), .arvalid_i(arvalid), .araddr_i(address), .rready_i(1'b0), .read_data_i(32'd0)"};
constexpr Bench kSequencerBench = {
    "common/msq_sequencer", "reg load = 0, act = 0; reg [7:0] gap = 8'd1;",
    ".load_valid_i(load), .load_mode4_i(1'b0), .load_interval_i(8'd1), .load_gap_i(gap), .committed_i(8'd0), "
    ".act_valid_i(act), .act_last_i(1'b0)"};
constexpr Bench kActivationReaderBench = {
    "top/msq_activation_reader", "reg valid = 0, released = 0; reg [63:0] data = 64'd1;",
    ".valid_i(valid), .last_i(1'b0), .data_i(data), .release_i(released)"};
constexpr Bench kDrainBench = {"top/msq_drain", "", ".push_i(1'b0), .group_ready_i(1'b0)"};
constexpr Bench kLauncherBench = {"top/msq_launcher", "reg released = 0, loaded = 0;",
                                  ".tile_valid_i(1'b0), .act_ready_i(1'b0), .drained_i(1'b0), "
                                  ".release_i(released), .loaded_i(loaded), .read_i(1'b0)"};
constexpr Bench kStreamFifoBench = {"top/msq_stream_fifo", "reg valid = 0; reg [32:0] data = 33'd1;",
                                    ".in_valid_i(valid), .in_data_i(data), .out_ready_i(1'b0)"};
constexpr Bench kTileReaderBench = {"top/msq_tile_reader",
                                    "reg valid = 0, full = 1, free = 0, next = 0; reg [31:0] data = 32'd1;",
                                    ".valid_i(valid), .data_i(data), .load_next_i(next), .tile_full_i(full), "
                                    ".edge_free_i(free)"};
constexpr Bench kSplitBench = {"top/msq_weight_split", "reg valid = 0, restart = 0; reg [31:0] data = 32'd1;",
                               ".restart_i(restart), .valid_i(valid), .data_i(data), .last_i(1'b0), "
                               ".section_ready_i(1'b0), .entry_ready_i(1'b0), .code_ready_i(1'b0)"};
constexpr Bench kRowReaderBench = {
    "top/msq_row_reader", "reg valid = 0; reg [31:0] data = 32'd1;",
    ".begin_i(1'b0), .end_i(1'b0), .entry_valid_i(1'b0), .code_valid_i(valid), "
    ".code_data_i(data), .load_tile_i(1'b0), .load_ready_i(1'b0)"};

// Those of the shell.
constexpr Bench kBeatsBench = {
    "shell/msq_beats", "reg valid = 0, word = 0; reg [29:0] beats = 30'd1;",
    ".valid_i(valid), .beats_i(beats), .word_valid_i(word), .word_i(128'd1), .word_error_i(1'b0), "
    ".beat_ready_i(1'b0)"};
constexpr Bench kSplitterBench = {
    "shell/msq_burst_splitter", "reg valid = 0; reg [39:0] address = 40'd4080; reg [29:0] words = 30'd2;",
    ".valid_i(valid), .address_i(address), .words_i(words), .burst_ready_i(1'b0)"};
constexpr Bench kLiteManagerBench = {
    "shell/msq_lite_manager", "reg [2:0] asked = 0, write = 0; reg answer = 0;",
    ".hold_i(1'b0), .access_i(asked), .write_i(write), .address_i(24'd4), .data_i(96'd1), .strobe_i(12'd15), "
    ".awready_i(1'b0), .wready_i(1'b0), .bvalid_i(1'b0), .arready_i(1'b0), .rvalid_i(answer), "
    ".rdata_i(32'd0)"};
constexpr Bench kLiteSubordinateBench = {
    "shell/msq_lite_subordinate", "reg awvalid = 0, wvalid = 0, arvalid = 0; reg [12:0] address = 13'd4;",
    ".awvalid_i(awvalid), .awaddr_i(address), .wvalid_i(wvalid), .wdata_i(32'd0), .wstrb_i(4'd0), "
    ".bready_i(1'b0), .arvalid_i(arvalid), .araddr_i(address), .rready_i(1'b0), .end_i(1'b1), "
    ".data_i(32'd0)"};
constexpr Bench kMemReaderBench = {
    "shell/msq_mem_reader", "reg valid = 0, rvalid = 0;",
    ".flush_i(1'b0), .valid_i(valid), .address_i(40'd0), .words_i(30'd1), .arready_i(1'b0), "
    ".rvalid_i(rvalid), .rdata_i(128'd1), .rresp_i(2'd0), .rlast_i(1'b1), .out_ready_i(1'b0)"};
constexpr Bench kMemWriterBench = {
    "shell/msq_mem_writer", "reg valid = 0, close = 0, bvalid = 0;",
    ".close_i(close), .valid_i(valid), .address_i(40'd0), .data_i(128'd1), .strobe_i(16'hffff), "
    ".awready_i(1'b0), .wready_i(1'b0), .bvalid_i(bvalid), .bresp_i(2'd0)"};
constexpr Bench kLayoutBench = {
    "shell/msq_output_layout", "reg valid = 0; reg [63:0] data = 64'd1;",
    ".valid_i(1'b0), .end_ready_i(1'b0), .beat_valid_i(valid), .beat_i(data), .beat_last_i(1'b0), "
    ".word_ready_i(1'b0)"};
constexpr Bench kReadMuxBench = {
    "shell/msq_read_mux", "reg valid0 = 0, valid1 = 0;",
    ".arvalid0_i(valid0), .araddr0_i(40'd0), .arlen0_i(8'd0), .arvalid1_i(valid1), .araddr1_i(40'd0), "
    ".arlen1_i(8'd1), .arready_i(1'b0), .rvalid_i(1'b0), .rid_i(1'b0)"};

constexpr Violation kViolations[] = {
    {"PushIntoAFullQueue",
     {"top/msq_tile_queue", "reg push = 0, next = 0; wire full;",
      ".push_i(push), .full_o(full), .entry_i(32'd7), .begin_i(1'b0), .launch_next_i(next), "
      ".collect_next_i(1'b0)"},
     "push = 1; repeat (2) tick; push = 0; tick;",
     "push = 1; repeat (3) tick;",
     "push into a full queue"},
    {"LaunchFromAnEmptyQueue",
     {"top/msq_tile_queue", "reg push = 0, next = 0;",
      ".push_i(push), .entry_i(32'd7), .begin_i(1'b0), .launch_next_i(next), .collect_next_i(1'b0)"},
     "push = 1; tick; push = 0; next = 1; tick; next = 0; tick;",
     "next = 1; tick;",
     "launch from an empty queue"},
    {"WriteAddressNotHeld",
     {"top/msq_axil", "reg awvalid = 0; reg [7:0] address = 8'd4;",
      ".awvalid_i(awvalid), .awaddr_i(address), .wvalid_i(1'b0), .wdata_i(32'd0), .wstrb_i(4'd0), "
      ".bready_i(1'b1), .arvalid_i(1'b0), .araddr_i(8'd0), .rready_i(1'b1), .read_data_i(32'd0)"},
     "awvalid = 1; repeat (3) tick;",
     "awvalid = 1; tick; address = 8'd8; tick;",
     "write address not held"},
    {"LoadOfTwoRows",
     {"recon/msq_wavefront_recon", "reg [7:0] rows = 8'd1;",
      ".load_row_i(rows), .load_parity_i(1'b0), .load_flagged_i(1'b0), .launch_i(1'b0), "
      ".launch_first_i(1'b0), .launch_last_i(1'b0), .launch_mode4_i(1'b0), .launch_parity_i(1'b0), "
      ".launch_waited_i(1'b0)"},
     "tick; rows = 8'd0; tick; rows = 8'h80; tick;",
     "rows = 8'h81; tick;",
     "load_row_i not one-hot"},
    {"CommitOfAnEmptyRow",
     {"common/msq_sequencer", "reg load = 0; reg [7:0] committed = 8'd0;",
      ".load_valid_i(load), .load_mode4_i(1'b0), .load_interval_i(8'd1), .load_gap_i(8'd1), "
      ".committed_i(committed), .act_valid_i(1'b0), .act_last_i(1'b0)"},
     "load = 1; tick; load = 0; committed = 8'd1; tick; committed = 8'd0; tick;",
     "committed = 8'd2; tick;",
     "commit of a row without shadow weights"},
    {"WaitWithoutAccess",
     {"recon/msq_recon_counters", "reg fired = 0, waited = 0;",
      ".clear_i(1'b0), .fired_i(fired), .waited_i(waited)"},
     "fired = 1; waited = 1; tick; fired = 0; waited = 0; tick;",
     "waited = 1; tick;",
     "a unit waited without an access"},
    {"DrainOfNoBlock",
     {"top/msq_launcher", "reg drained = 0, loaded = 0;",
      ".tile_valid_i(1'b0), .tile_tokens_i(8'd1), .tile_single_i(1'b1), .tile_first_k_i(1'b1), "
      ".tile_last_k_i(1'b1), "
      ".tile_more_i(1'b0), .tile_block_first_i(1'b1), .tile_pass_last_i(1'b0), .count0_i(13'd0), "
      ".count1_i(13'd0), .act_ready_i(1'b0), .drained_i(drained), .release_i(1'b0), .loaded_i(loaded), "
      ".read_i(1'b0)"},
     "loaded = 1; tick; loaded = 0; tick;",
     "drained = 1; tick;",
     "more blocks drained than begun"},
    {"AddressUsedInTheNextCycle",
     {"top/msq_accumulators", "reg valid = 0; reg [9:0] address = 10'd0;",
      ".valid_i(valid), .first_i(1'b1), .half_i(1'b0), .address_i(address), .sums_i(184'd0), "
      ".weight_shifts_i(64'd0), .token_right_i(9'd11), .read_address_i(10'd0)"},
     "valid = 1; tick; address = 10'd1; tick; valid = 0; tick;",
     "valid = 1; repeat (2) tick;",
     "tokens of one address in successive cycles"},
    {"AddressUsedTwoCyclesLater",
     {"top/msq_accumulators", "reg valid = 0;",
      ".valid_i(valid), .first_i(1'b1), .half_i(1'b0), .address_i(10'd0), .sums_i(184'd0), "
      ".weight_shifts_i(64'd0), .token_right_i(9'd11), .read_address_i(10'd0)"},
     "valid = 1; tick; valid = 0; repeat (2) tick; valid = 1; tick; valid = 0; tick;",
     "valid = 1; tick; valid = 0; tick; valid = 1; tick;",
     "tokens of one address two cycles apart"},
    {"WriteDataNotHeld", kAxilBench, "wvalid = 1; repeat (3) tick;", "wvalid = 1; tick; wvalid = 0; tick;",
     "write data not held"},
    {"ReadAddressNotHeld", kAxilBench, "arvalid = 1; repeat (7) tick;",
     "arvalid = 1; repeat (6) tick; arvalid = 0; tick;", "read address not held"},
    {"WriteResponseWithdrawn", kAxilBench, "awvalid = 1; wvalid = 1; repeat (3) tick;",
     "awvalid = 1; wvalid = 1; repeat (6) tick; force dut.bvalid_q = 0; tick;", "write response not held"},
    {"ReadDataWithdrawn", kAxilBench, "arvalid = 1; repeat (7) tick;",
     "arvalid = 1; repeat (6) tick; force dut.rdata_q = 1; tick;", "read data not held"},
    {"CollectionBeforeLaunch",
     {"top/msq_tile_queue", "reg push = 0, next = 0, collect = 0;",
      ".push_i(push), .entry_i(32'd7), .begin_i(1'b0), .launch_next_i(next), .collect_next_i(collect)"},
     "push = 1; tick; push = 0; next = 1; tick; next = 0; collect = 1; tick; collect = 0; tick;",
     "push = 1; tick; push = 0; collect = 1; tick;",
     "collection of a tile that is not launched"},
    {"NextRowNotOneHot",
     {"common/msq_sequencer", "", ".load_valid_i(1'b0), .committed_i(8'd0), .act_valid_i(1'b0)"},
     "repeat (2) tick;",
     "force dut.next_row_q = 8'd3; repeat (2) tick;",
     "next_row_o not one-hot"},
    {"WeightRowChanged", kSequencerBench, "load = 1; repeat (12) tick;",
     "load = 1; repeat (10) tick; gap = 8'd2; tick;", "weight row not held"},
    {"TokenWithdrawn", kSequencerBench, "act = 1; repeat (2) tick; load = 1; repeat (8) tick;",
     "act = 1; tick; act = 0; tick;", "token not held"},
    {"AmountAboveTheMost",
     {"common/msq_event_counter", "reg [7:0] amount = 8'd0; defparam dut.AMOUNT_BITS = 8;",
      ".clear_i(!rst_n), .amount_i(amount)"},
     "amount = 8'd128; repeat (2) tick;",
     "amount = 8'd129; tick;",
     "amount_i above 128"},
    {"RowBeyondItsBand",
     {"inline/msq_outlier_decoder", "reg load = 0, row = 0;", ".load_i(load), .first_i(!row), .step_i(row)"},
     "load = 1; tick; load = 0; row = 1; tick;",
     "load = 1; tick; row = 1; tick;",
     "step_i beyond the band, or first_i not at step 0"},
    {"BeatOfActivationsChanged", kActivationReaderBench, "force dut.ready_o = 0; valid = 1; repeat (2) tick;",
     "force dut.ready_o = 0; valid = 1; tick; data = 64'd2; tick;", "beat not held"},
    {"ActivationsRestartedTooEarly",
     {"top/msq_activation_reader", "reg restart = 0;",
      ".restart_i(restart), .valid_i(1'b0), .last_i(1'b0), .data_i(64'd0), .release_i(1'b0)"},
     "force dut.read_o = 1; restart = 1; tick; restart = 0; tick;",
     "restart = 1; tick;",
     "restart before the last packet is read"},
    {"WeightsRestartedTooEarly", kSplitBench,
     "force dut.state_q = 3'd5; restart = 1; tick; restart = 0; tick;", "restart = 1; tick;",
     "restart before the last packet is read"},
    {"TilesRestartedTooEarly",
     {"top/msq_tile_reader", "reg restart = 0;",
      ".restart_i(restart), .valid_i(1'b0), .data_i(32'd0), .load_next_i(1'b0), .tile_full_i(1'b0), "
      ".edge_free_i(1'b0)"},
     "force dut.state_q = 4'd9; restart = 1; tick; restart = 0; tick;",
     "restart = 1; tick;",
     "restart before the last tile is read"},
    {"ReleaseOfAFreeHalf", kActivationReaderBench,
     "force dut.busy_q = 2'b01; released = 1; tick; released = 0; tick;",
     "force dut.busy_q = 2'b00; released = 1; tick;", "release of a half that is not in use"},
    {"MoreTokensThanTheTile",
     {"top/msq_collector", "reg valid = 0;",
      ".soon_valid_i(valid), .soon_last_i(1'b0), .tile_tokens_i(8'd2)"},
     "valid = 1; repeat (2) tick; valid = 0; tick;",
     "valid = 1; repeat (3) tick;",
     "more tokens than the tile has"},
    {"ThirdBlock",
     {"top/msq_drain", "reg push = 0;", ".push_i(push), .group_ready_i(1'b0)"},
     "force dut.done = 0; push = 1; repeat (2) tick; push = 0; tick;",
     "force dut.done = 0; push = 1; repeat (3) tick;",
     "third block waits"},
    {"GroupWithdrawn", kDrainBench, "force dut.group_valid_o = 1; tick; release dut.group_valid_o;",
     "force dut.group_valid_o = 1; tick; force dut.group_valid_o = 0; tick;", "group not held"},
    {"TwoFormatsInARun", kDrainBench,
     "force dut.valid_q = 6'b000100; force dut.tags3_q = {dut.SCAN, 5'd1}; force dut.first3_q = 1; tick; "
     "force dut.first3_q = 0; tick;",
     "force dut.valid_q = 6'b000100; force dut.tags3_q = {dut.SCAN, 5'd1}; force dut.first3_q = 1; tick; "
     "force dut.first3_q = 0; force dut.tags3_q = {dut.SCAN, 5'd0}; tick;",
     "two formats in a run"},
    {"ReleaseOfNoPass", kLauncherBench, "force dut.passes_q = 2'd1; released = 1; tick; released = 0; tick;",
     "released = 1; tick;", "more passes released than launched"},
    {"TileOfOneTokenNotMarked",
     {"top/msq_launcher", "reg valid = 0, single = 1;",
      ".tile_valid_i(valid), .tile_tokens_i(8'd1), .tile_single_i(single)"},
     "valid = 1; tick;",
     "single = 0; valid = 1; tick;",
     "tile of one token not marked"},
    {"LaunchWithdrawn", kLauncherBench,
     "force dut.act_valid_o = 1; force dut.act_last_o = 0; repeat (2) tick;",
     "force dut.act_valid_o = 1; tick; force dut.act_valid_o = 0; tick;", "token not held"},
    {"BeatOfOutputsWithdrawn",
     {"top/msq_output_port", "", ".run_i(1'b0), .abort_i(1'b0), .group_valid_i(1'b0), .ready_i(1'b0)"},
     "repeat (2) tick;",
     "force dut.valid_q = 1; tick; force dut.valid_q = 0; tick;",
     "beat not held"},
    {"StoredWordWithdrawn", kStreamFifoBench, "valid = 1; repeat (4) tick;",
     "valid = 1; repeat (4) tick; force dut.gen_head.valid_q = 0; tick;", "word not held"},
    {"WordChangedAtAFullBuffer", kStreamFifoBench, "valid = 1; repeat (70) tick;",
     "valid = 1; repeat (70) tick; data = 33'd2; tick;", "word to store not held"},
    {"MoreWordsThanTheMemory", kStreamFifoBench, "valid = 1; repeat (70) tick;",
     "force dut.count_q = 7'd65; tick;", "more words than the memory has"},
    {"SecondTileLoaded", kLauncherBench, "loaded = 1; tick; loaded = 0; tick;",
     "loaded = 1; repeat (2) tick;", "tile loaded while one waits"},
    {"BeatOfWeightsWithdrawn", kSplitBench, "force dut.ready_o = 0; valid = 1; repeat (2) tick;",
     "force dut.ready_o = 0; valid = 1; tick; valid = 0; tick;", "beat not held"},
    {"BeatOfSectionsWithdrawn", kTileReaderBench, "force dut.ready_o = 0; valid = 1; repeat (2) tick;",
     "force dut.ready_o = 0; valid = 1; tick; valid = 0; tick;", "beat not held"},
    {"BeatOfCodesChanged", kRowReaderBench, "valid = 1; repeat (2) tick;",
     "valid = 1; tick; data = 32'd2; tick;", "beat of codes not held"},
    {"TilePushedIntoAFullQueue", kTileReaderBench, "full = 0; force dut.tile_push_o = 1; repeat (2) tick;",
     "force dut.tile_push_o = 1; tick;", "push into a full queue"},
    {"EdgeFreedThatWasNotTaken", kTileReaderBench, "force dut.edges_q = 2'd1; free = 1; tick;",
     "free = 1; tick;", "more edges freed than taken"},
    {"TileLoadedThatWasNotRead", kTileReaderBench, "force dut.load_tile_o = 1; next = 1; tick;",
     "next = 1; tick;", "more tiles loaded than read"},
    {"TileBegunThatWasNotPushed",
     {"top/msq_tile_queue", "reg push = 0, first = 0;",
      ".push_i(push), .entry_i(32'd7), .begin_i(first), .launch_next_i(1'b0), .collect_next_i(1'b0)"},
     "push = 1; tick; push = 0; first = 1; tick; first = 0; tick;",
     "first = 1; tick;",
     "more tiles begun than pushed"},
    {"RowThatWasSureDoesNotCome", kSequencerBench, "force dut.begun = 1; load = 1; repeat (2) tick;",
     "force dut.begun = 1; tick;", "a row that was sure to come is not loaded"},
    {"PacketOfNoBeats", kBeatsBench, "valid = 1; tick; valid = 0; tick;", "beats = 0; valid = 1; tick;",
     "packet of no beats"},
    {"CutBeatWithdrawn", kBeatsBench, "valid = 1; tick; valid = 0; word = 1; repeat (2) tick;",
     "valid = 1; tick; valid = 0; word = 1; tick; word = 0; tick;", "beat not held"},
    {"TransferOfNoWords", kSplitterBench, "valid = 1; tick; valid = 0; tick;", "words = 0; valid = 1; tick;",
     "transfer of no words"},
    {"TransferInsideAWord", kSplitterBench, "valid = 1; tick; valid = 0; tick;",
     "address = 40'd4081; valid = 1; tick;", "address inside a word"},
    {"TransferWithdrawn", kSplitterBench, "valid = 1; repeat (4) tick;",
     "valid = 1; repeat (3) tick; valid = 0; tick;", "transfer not held"},
    {"BurstWithdrawn", kSplitterBench, "valid = 1; tick; valid = 0; repeat (4) tick;",
     "valid = 1; tick; valid = 0; repeat (3) tick; force dut.known_q = 0; tick;", "burst not held"},
    {"ReadAcrossAPage", kSplitterBench, "valid = 1; tick; valid = 0; repeat (4) tick;",
     "force dut.length_q = 9'd2; valid = 1; tick; valid = 0; repeat (3) tick;", "burst crosses 4 KiB"},
    {"DescriptorThatWasNotRequested",
     {"shell/msq_fetch", "reg go = 0, rvalid = 0;",
      ".halt_i(1'b0), .go_i(go), .head_i(64'd0), .arready_i(1'b1), .rvalid_i(rvalid), .rlast_i(1'b0)"},
     "go = 1; tick; go = 0; tick; rvalid = 1; tick; rvalid = 0; tick;",
     "rvalid = 1; tick;",
     "beat that was not requested"},
    {"OutputsOfNoJob",
     {"shell/msq_finish", "reg ended = 0, job = 0;", ".start_i(1'b0), .job_valid_i(job), .end_i(ended)"},
     "job = 1; ended = 1; tick; ended = 0; job = 0; tick;",
     "ended = 1; tick;",
     "outputs of no job"},
    {"OfferedWriteAddressWithdrawn", kLiteManagerBench, "asked = 1; write = 1; repeat (3) tick;",
     "asked = 1; write = 1; repeat (2) tick; force dut.awvalid_q = 0; tick;", "write address not held"},
    {"OfferedWriteDataChanged", kLiteManagerBench, "asked = 1; write = 1; repeat (3) tick;",
     "asked = 1; write = 1; repeat (2) tick; force dut.data_q = 2; tick;", "write data not held"},
    {"OfferedReadAddressWithdrawn", kLiteManagerBench, "asked = 1; repeat (3) tick;",
     "asked = 1; repeat (2) tick; force dut.arvalid_q = 0; tick;", "read address not held"},
    {"ResponseWithoutAnAccess", kLiteManagerBench, "asked = 1; tick; asked = 0; answer = 1; tick;",
     "answer = 1; tick;", "response without an access"},
    {"WriteAddressToTheShellChanged", kLiteSubordinateBench, "awvalid = 1; repeat (4) tick;",
     "awvalid = 1; repeat (3) tick; address = 13'd8; tick;", "write address not held"},
    {"WriteDataToTheShellWithdrawn", kLiteSubordinateBench, "wvalid = 1; repeat (4) tick;",
     "wvalid = 1; repeat (3) tick; wvalid = 0; tick;", "write data not held"},
    {"ReadAddressToTheShellWithdrawn", kLiteSubordinateBench, "arvalid = 1; repeat (8) tick;",
     "arvalid = 1; repeat (7) tick; arvalid = 0; tick;", "read address not held"},
    {"WriteResponseOfTheShellWithdrawn", kLiteSubordinateBench, "awvalid = 1; wvalid = 1; repeat (8) tick;",
     "awvalid = 1; wvalid = 1; repeat (7) tick; force dut.bvalid_q = 0; tick;", "write response not held"},
    {"ReadDataOfTheShellChanged", kLiteSubordinateBench, "arvalid = 1; repeat (8) tick;",
     "arvalid = 1; repeat (7) tick; force dut.rdata_q = 1; tick;", "read data not held"},
    {"ReadRequestWithdrawn", kMemReaderBench, "valid = 1; tick; valid = 0; repeat (5) tick;",
     "valid = 1; tick; valid = 0; repeat (5) tick; force dut.arvalid_q = 0; tick;", "request not held"},
    {"BeatWithoutRoom", kMemReaderBench, "force dut.outstanding_q = 8'd1; rvalid = 1; tick;",
     "force dut.outstanding_q = 8'd1; force dut.fifo_ready = 0; rvalid = 1; tick;", "beat without room"},
    {"BeatThatWasNotRequested", kMemReaderBench, "force dut.outstanding_q = 8'd1; rvalid = 1; tick;",
     "rvalid = 1; tick;", "beat that was not requested"},
    {"WriteRequestWithdrawn", kMemWriterBench, "valid = 1; tick; valid = 0; close = 1; repeat (6) tick;",
     "valid = 1; tick; valid = 0; close = 1; repeat (6) tick; force dut.awvalid_q = 0; tick;",
     "request not held"},
    {"BeatToWriteChanged", kMemWriterBench, "valid = 1; tick; valid = 0; close = 1; repeat (6) tick;",
     "valid = 1; tick; valid = 0; close = 1; repeat (6) tick; force dut.left_q = 8'd1; tick;",
     "beat not held"},
    {"ResponseWithoutABurst", kMemWriterBench, "force dut.outstanding_q = 8'd1; bvalid = 1; tick;",
     "bvalid = 1; tick;", "response without a burst"},
    {"WriteAcrossAPage", kMemWriterBench,
     "force dut.awvalid_q = 1; force dut.awword_q = 36'd255; force dut.awlen_q = 8'd0; repeat (2) tick;",
     "force dut.awvalid_q = 1; force dut.awword_q = 36'd255; force dut.awlen_q = 8'd1; tick;",
     "burst crosses 4 KiB"},
    {"BurstWithoutItsData", kMemWriterBench, "valid = 1; tick; valid = 0; close = 1; repeat (6) tick;",
     "force dut.data_q = 1; tick;", "burst without its data"},
    {"BeatToPlaceChanged", kLayoutBench, "valid = 1; repeat (2) tick;",
     "valid = 1; tick; data = 64'd2; tick;", "beat not held"},
    {"PlacedWordWithdrawn", kLayoutBench, "force dut.word_valid_o = 1; tick; release dut.word_valid_o;",
     "force dut.word_valid_o = 1; tick; force dut.word_valid_o = 0; tick;", "word not held"},
    {"AnnouncementOfNoBeats",
     {"shell/msq_packet_reader", "reg valid = 0; reg [31:0] bytes = 32'd8;",
      ".flush_i(1'b0), .valid_i(valid), .address_i(40'd0), .bytes_i(bytes), .arready_i(1'b0), "
      ".rvalid_i(1'b0), .rlast_i(1'b0), .beat_ready_i(1'b0)"},
     "valid = 1; tick; valid = 0; tick;",
     "bytes = 32'd7; valid = 1; tick;",
     "packet of no beats"},
    {"QueuedWordWithdrawn",
     {"shell/msq_queue", "reg valid = 0;", ".in_valid_i(valid), .in_data_i(8'd1), .out_ready_i(1'b0)"},
     "valid = 1; tick; valid = 0; repeat (2) tick;",
     "valid = 1; tick; valid = 0; tick; force dut.read_q = 2'd1; tick;",
     "word not held"},
    {"RequestOfThePacketsWithdrawn", kReadMuxBench, "valid0 = 1; valid1 = 1; repeat (2) tick;",
     "valid0 = 1; valid1 = 1; tick; valid0 = 0; tick;", "request 0 not held"},
    {"RequestOfTheDescriptorsWithdrawn", kReadMuxBench, "valid0 = 1; tick; valid1 = 1; repeat (2) tick;",
     "valid0 = 1; tick; valid1 = 1; tick; valid1 = 0; tick;", "request 1 not held"},
    {"RequestToTheMemoryWithdrawn", kReadMuxBench, "valid0 = 1; repeat (3) tick;",
     "valid0 = 1; repeat (2) tick; force dut.pick_q = 1; tick;", "request not held"},
};

std::string text_of(const std::filesystem::path& leaf) {
  std::ifstream file(leaf);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool has_reset(const std::string& leaf) {
  return text_of(fmt::format("{}/{}.v", MSQ_RTL_DIR, leaf)).find(" rst_ni,") != std::string::npos;
}

std::string bench_of(const Violation& v, const std::string& statements) {
  const std::string module = std::filesystem::path(v.bench.leaf).filename();
  return fmt::format(
      "module bench;\n  reg clk = 0, rst_n = 0;\n  {}\n"
      "  {} dut (.clk_i(clk){}, {});\n"
      "  task tick; begin #5 clk = 1; #5 clk = 0; end endtask\n"
      "  initial begin\n    repeat (2) tick;\n    rst_n = 1;\n    {}\n"
      "    $display(\"end\");\n    $finish(0);\n  end\nendmodule\n",
      v.bench.ports, module, has_reset(v.bench.leaf) ? ", .rst_ni(rst_n)" : "", v.bench.connections,
      statements);
}

class Assertions : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(directory_); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  /// Output of Icarus on the bench, compiled and run.
  std::string simulate(const std::string& bench, bool assertions) {
    std::ofstream(directory_ / "bench.v") << bench;
    std::vector<std::string> argv = {"iverilog", "-g2005", "-o", "bench.vvp", "-s", "bench", "bench.v"};
    if (assertions) argv.emplace_back("-DMSQ_ASSERT");
    const std::string compiled = run(with_leaves(argv));
    return compiled.empty() ? run({"vvp", "-n", "bench.vvp"}) : compiled;
  }

  /// Output of Icarus on a leaf (folder/module) as the top with some parameters.
  std::string elaborate(const std::string& leaf, const std::string& parameters) {
    const std::string module = std::filesystem::path(leaf).filename();
    std::vector<std::string> argv = {"iverilog", "-g2005", "-tnull", "-DMSQ_ASSERT", "-s", module};
    std::istringstream settings(parameters);
    for (std::string setting; settings >> setting;) argv.push_back(fmt::format("-P{}.{}", module, setting));
    return run(with_leaves(argv));
  }

 private:
  static std::vector<std::string> with_leaves(std::vector<std::string> argv) {
    argv.emplace_back(MSQ_RTL_DIR "/common/msq_assert.vh");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(MSQ_RTL_DIR))
      if (entry.path().extension() == ".v") argv.push_back(entry.path());
    return argv;
  }
  std::string run(std::vector<std::string> argv) {
    ProcessRequest request;
    request.argv = std::move(argv);
    request.working_directory = directory_;
    const auto result = run_process(request);
    return result ? result->output : result.error();
  }

  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / fmt::format("msq-assert-{}", ::getpid());
};

class ProtocolOf : public Assertions, public ::testing::WithParamInterface<Violation> {};

TEST_P(ProtocolOf, LegalUseIsSilentAndAViolationIsReported) {
  EXPECT_EQ(simulate(bench_of(GetParam(), GetParam().legal), true), "end\n");
  const std::string reported = simulate(bench_of(GetParam(), GetParam().violation), true);
  EXPECT_NE(reported.find(GetParam().message), std::string::npos) << reported;
  EXPECT_EQ(reported.find("end\n"), std::string::npos) << reported;
  EXPECT_EQ(simulate(bench_of(GetParam(), GetParam().violation), false), "end\n");
}

INSTANTIATE_TEST_SUITE_P(Leaves, ProtocolOf, ::testing::ValuesIn(kViolations),
                         [](const auto& test) { return std::string(test.param.name); });

/// A set of parameters that one check refuses.
struct IllegalParameters {
  const char* leaf;        ///< folder/module
  const char* check;       ///< msq_illegal_<check>
  const char* parameters;  ///< name=value, separated by blanks
};

constexpr IllegalParameters kIllegal[] = {
    {"baselines/msq_bl_multiply_int8", "act_bits", "ACT_BITS=1"},
    {"baselines/msq_bl_pe_int8", "rows", "ROWS=3"},
    {"baselines/msq_bl_pe_olive", "rows", "ROWS=2"},
    {"baselines/msq_bl_pe_olive_tree", "rows", "ROWS=3"},
    {"common/msq_adder", "width", "WIDTH=1"},
    {"common/msq_adder", "block", "BLOCK=1"},
    {"common/msq_counters", "kinds", "KINDS=0"},
    {"common/msq_event_counter", "amount_bits", "AMOUNT_BITS=9"},
    {"common/msq_feeder", "rows", "ROWS=0"},
    {"common/msq_feeder", "act_bits", "ACT_BITS=0"},
    {"common/msq_feeder", "lead", "LEAD=-1"},
    {"common/msq_onehot_encoder", "width", "WIDTH=1"},
    {"common/msq_ram_1r1w", "width", "WIDTH=0"},
    {"common/msq_ram_1r1w", "depth", "DEPTH=1"},
    {"common/msq_sequencer", "rows", "ROWS=1"},
    {"common/msq_sequencer", "modes", "MODE2=0 MODE4=0"},
    {"common/msq_wavefront", "rows", "ROWS=1"},
    {"inline/msq_outlier_decoder", "micro_block", "MICRO_BLOCK=6"},
    {"inline/msq_outlier_decoder", "modes", "MODE2=0 MODE4=0"},
    {"inline/msq_outlier_decoder", "shift_bits", "SHIFT_MAX=16 SHIFT_BITS=4"},
    {"inline/msq_outlier_decoder", "rows", "ROWS=3"},
    {"inline/msq_outlier_decoder", "load_rows", "ROWS=4 LOAD_ROWS=3"},
    {"inline/msq_outlier_decoder", "units", "UNITS=3"},
    {"inline/msq_outlier_group", "micro_block", "MICRO_BLOCK=6"},
    {"inline/msq_outlier_group", "shift_bits", "SHIFT_MAX=16 SHIFT_BITS=4"},
    {"inline/msq_outlier_group", "inputs", "INPUTS=3"},
    {"inline/msq_outlier_group", "units", "UNITS=0"},
    {"inline/msq_outlier_unit", "rows", "ROWS=3"},
    {"inline/msq_outlier_unit", "shift_bits", "SHIFT_MAX=16 SHIFT_BITS=4"},
    {"inline/msq_outlier_unit", "sig_bits", "SIG_BITS=3"},
    {"pe/msq_dsp_product", "widths", "B_BITS=0"},
    {"pe/msq_multiplier", "modes", "MODE2=0 MODE4=0"},
    {"pe/msq_multiplier", "act_bits", "ACT_BITS=0"},
    {"pe/msq_pe_band", "rows", "ROWS=3"},
    {"pe/msq_pe_band", "load_rows", "LOAD_ROWS=2"},
    {"pe/msq_pe_band", "fraction_bits", "FRACTION_BITS=3"},
    {"pe/msq_pe_multiply", "modes", "MODE2=0 MODE4=0"},
    {"pe/msq_pe_multiply", "act_bits", "ACT_BITS=0"},
    {"pe/msq_pe_multiply", "full_range", "FULL_RANGE=2"},
    {"pe/msq_pe_recon", "fraction_bits", "FRACTION_BITS=3"},
    {"pe/msq_sum_lane_recon", "fraction_bits", "FRACTION_BITS=3"},
    {"pe/msq_sum_lane_recon", "addend_bits", "ADDEND_BITS=4"},
    {"pe/msq_sum_tree", "terms", "TERMS=3"},
    {"recon/msq_bus_driver", "width", "WIDTH=0"},
    {"recon/msq_column_bus", "rows", "ROWS=0"},
    {"recon/msq_group_decoder", "micro_block", "MICRO_BLOCK=6"},
    {"recon/msq_group_decoder", "modes", "MODE2=0 MODE4=0"},
    {"recon/msq_group_decoder", "shift_bits", "SHIFT_MAX=16 SHIFT_BITS=4"},
    {"recon/msq_group_decoder", "entries", "ENTRIES=0"},
    {"recon/msq_list_decoder", "micro_block", "MICRO_BLOCK=6"},
    {"recon/msq_list_decoder", "shift_bits", "SHIFT_MAX=16 SHIFT_BITS=4"},
    {"recon/msq_list_decoder", "entries", "ENTRIES=0"},
    {"recon/msq_merge", "modes", "MODE2=0 MODE4=0"},
    {"recon/msq_merge", "shift_bits", "SHIFT_MAX=16 SHIFT_BITS=4"},
    {"recon/msq_merge_full", "modes", "MODE2=0 MODE4=0"},
    {"recon/msq_merge_full", "shift_bits", "SHIFT_MAX=16 SHIFT_BITS=4"},
    {"recon/msq_merge_full", "fraction_bits", "FRACTION_BITS=3"},
    {"recon/msq_recon_counters", "units", "UNITS=129"},
    {"recon/msq_switch", "width", "WIDTH=0"},
    {"recon/msq_wavefront_recon", "rows", "ROWS=1"},
    {"recon/msq_wavefront_recon", "lead", "LEAD=0"},
    {"top/msq_accumulators", "acc_bits", "ACC_BITS=20"},
    {"top/msq_accumulators", "depth", "DEPTH=3"},
    {"top/msq_activation_reader", "beat", "ROWS=3 ACT_BITS=4"},
    {"top/msq_activation_reader", "words", "WORDS=3"},
    {"top/msq_activation_reader", "scales", "WORDS=16 SCALES=8"},
    {"top/msq_activation_reader", "banks", "BANKS=3"},
    {"top/msq_activation_reader", "tokens", "TOKENS=3"},
    {"top/msq_align", "sum_bits", "SUM_BITS=49"},
    {"top/msq_axil", "address_bits", "ADDRESS_BITS=2"},
    {"top/msq_collector", "banks", "BANKS=3"},
    {"top/msq_drain", "banks", "BANKS=3"},
    {"top/msq_drain", "late", "LATE=2"},
    {"top/msq_drain", "lanes", "LANES=3"},
    {"top/msq_drain", "unit", "UNIT=9"},
    {"top/msq_factor", "mantissa", "MANTISSA=4"},
    {"top/msq_job", "rows", "ROWS=3"},
    {"top/msq_job", "words", "WORDS=3"},
    {"top/msq_job", "banks", "BANKS=3"},
    {"top/msq_job", "tokens", "TOKENS=3"},
    {"top/msq_job", "kinds", "KINDS=15"},
    {"top/msq_launcher", "banks", "BANKS=3"},
    {"top/msq_launcher", "words", "WORDS=3"},
    {"top/msq_launcher", "tokens", "TOKENS=3"},
    {"top/msq_output_lane", "acc_bits", "ACC_BITS=65"},
    {"top/msq_output_port", "lanes", "LANES=3"},
    {"top/msq_permuter", "ways", "WAYS=3"},
    {"top/msq_row_shifter", "shift_max", "SHIFT_MAX=8"},
    {"top/msq_scale", "lanes", "LANES=3"},
    {"top/msq_stream_fifo", "depth", "DEPTH=3"},
    {"top/msq_stream_fifo", "follow", "FOLLOW=0"},
    {"top/msq_tile_queue", "depth", "DEPTH=3"},
    {"top/msq_tile_reader", "modes", "MODE2=0 MODE4=0"},
    {"top/msq_tile_reader", "places", "PLACES=2 MODE2=0"},
    {"top/msq_tile_reader", "slots", "SLOTS=3"},
    {"top/msq_tile_reader", "tokens", "TOKENS=3"},
    {"top/msq_tile_reader", "beat", "BEAT=48"},
    {"top/msq_weight_split", "hash", "HASH=65536"},
    {"top/msq_weight_split", "load_rows", "LOAD_ROWS=3"},
    {"top/msq_weight_split", "beat", "BEAT=48"},
    {"top/msq_weight_split", "tokens", "TOKENS=3"},
    {"top/msq_row_reader", "steps", "ROWS=6"},
    {"top/msq_row_reader", "locations", "LOC=5 ENTRIES=1"},
    {"top/msq_row_reader", "word_entries", "WORD_ENTRIES=3"},
    {"top/msq_permuter", "bits", "BITS=4"},
    {"common/msq_sequencer", "early", "EARLY=8"},
    {"common/msq_sequencer", "band", "BAND=3"},
    {"shell/msq_beats", "word", "WORD_BYTES=3"},
    {"shell/msq_beats", "beat", "BEAT_BYTES=3"},
    {"shell/msq_burst_splitter", "address_bits", "ADDRESS_BITS=17"},
    {"shell/msq_burst_splitter", "word", "WORD_BYTES=128"},
    {"shell/msq_burst_splitter", "burst", "BURST=257"},
    {"shell/msq_burst_splitter", "count", "COUNT_BITS=11"},
    {"shell/msq_fetch", "address_bits", "ADDRESS_BITS=65"},
    {"shell/msq_fetch", "word", "WORD_BYTES=128"},
    {"shell/msq_fetch", "act_bits", "ACT_BITS=6"},
    {"shell/msq_finish", "address_bits", "ADDRESS_BITS=7"},
    {"shell/msq_finish", "word", "WORD_BYTES=128"},
    {"shell/msq_lite_manager", "ports", "PORTS=1"},
    {"shell/msq_lite_subordinate", "address_bits", "ADDRESS_BITS=2"},
    {"shell/msq_mem_reader", "fifo", "DEPTH=32"},
    {"shell/msq_mem_reader", "outstanding", "OUTSTANDING=256"},
    {"shell/msq_mem_writer", "word", "WORD_BYTES=128"},
    {"shell/msq_mem_writer", "burst", "BURST=257"},
    {"shell/msq_mem_writer", "fifo", "DEPTH=32"},
    {"shell/msq_mem_writer", "outstanding", "OUTSTANDING=256"},
    {"shell/msq_output_layout", "word", "WORD_BYTES=128"},
    {"shell/msq_output_layout", "beat", "BEAT_BYTES=2"},
    {"shell/msq_output_layout", "rows", "ROWS=2"},
    {"shell/msq_output_layout", "act_bits", "ACT_BITS=6"},
    {"shell/msq_output_layout", "block", "BLOCK=64"},
    {"shell/msq_packet_reader", "beat", "BEAT_BYTES=1"},
    {"shell/msq_queue", "depth", "DEPTH=3"},
    {"shell/msq_read_mux", "address_bits", "ADDRESS_BITS=0"},
};

class ParametersOf : public Assertions, public ::testing::WithParamInterface<IllegalParameters> {};

TEST_P(ParametersOf, StopElaborationWhereTheyAreIllegal) {
  const std::string missing = fmt::format("Unknown module type: msq_illegal_{}\n", GetParam().check);
  const std::string refused = elaborate(GetParam().leaf, GetParam().parameters);
  EXPECT_NE(refused.find(missing), std::string::npos) << refused;
}

INSTANTIATE_TEST_SUITE_P(Leaves, ParametersOf, ::testing::ValuesIn(kIllegal), [](const auto& test) {
  return fmt::format("{}_{}", std::filesystem::path(test.param.leaf).filename().string(), test.param.check);
});

/// The first argument (or the quoted message) of every use of a macro in the leaves: "<folder/module>
/// <text>".
std::set<std::string> uses(const std::string& macro_and_text) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(MSQ_RTL_DIR)) {
    if (entry.path().extension() != ".v") continue;
    const std::string text = text_of(entry.path());
    const std::string leaf =
        entry.path().parent_path().filename().string() + "/" + entry.path().stem().string();
    const std::regex pattern(macro_and_text);
    for (std::sregex_iterator use(text.begin(), text.end(), pattern), end; use != end; ++use)
      found.insert(leaf + ": " + (*use)[1].str());
  }
  return found;
}

TEST(Checks, OfParametersAreAllInTheTable) {
  std::set<std::string> listed;
  for (const IllegalParameters& row : kIllegal) listed.insert(fmt::format("{}: {}", row.leaf, row.check));
  EXPECT_EQ(listed, uses("`MSQ_PARAMETER\\(msq_illegal_(\\w+),"));
}

TEST(Checks, OfPortsAreAllInTheTable) {
  std::set<std::string> listed;
  for (const Violation& row : kViolations) listed.insert(fmt::format("{}: {}", row.bench.leaf, row.message));
  EXPECT_EQ(listed, uses("`MSQ_(?:CHECK|HELD|INPUT|INPUT_HELD)\\([^\"]*\"([^\"]*)\""));
}

}  // namespace
}  // namespace msq::rtl_test
