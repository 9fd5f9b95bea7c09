#!/usr/bin/env python3
"""Proves properties of the emitted Verilog with yosys-smtbmc and z3, or ABC: docs/developer/verification.md.

usage: prove.py --program MICROSCOPIQ [--full] [--keep DIR] [NAME]...    (no NAME: all proofs)

A proof is a checker in this directory, which instantiates modules as the program emits them and asserts. For
each of its variants (values of parameters, and a configuration) these must happen:
  bounded    no assertion fails in `depth` cycles from the start; without registers (depth 1) this is the
             whole truth
  induction  if every assertion holds for `induction` cycles it holds in the next one, so it always holds
             (with engine abc instead of both: property-directed reachability, or SAT sweeping without
             registers)
  cover      every cover statement is reached: what is assumed leaves the interesting cases possible
  bugs       each injected bug, a replaced piece of text in a copy of a module, makes an assertion fail in the
             bounded check

Long variants and bugs are for --full or MSQ_FULL in the environment. A proof that has nothing else is then
skipped: exit code 77 if that is true of all proofs named."""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
from configs import config_file

HERE = Path(__file__).resolve().parent
ASSERTIONS = HERE.parents[1] / "rtl" / "common"  # of msq_assert.vh
SKIPPED = 77

# A tile on a core of one mode.
CORE_MODE2 = {"MODE2": 1, "MODE4": 0, "TILE_MODE4": 0, "SHIFT_MAX": 1, "ENTRY": 16}
# And of the other, for one list only: with any list it takes ABC long.
CORE_MODE4 = {"MODE2": 0, "MODE4": 1, "TILE_MODE4": 1, "SHIFT_MAX": 1, "ENTRY": 1}
CORE_RECON = {"PLACES": 1, "ALONE": 1, "LATENCY": 9}
CORE_INLINE = {"PLACES": 2, "LATENCY": 7, "SUM_BITS": 9, "EARLY": 2}


@dataclass
class Bug:
    module: str
    old: str
    new: str
    variant: int = 0  # in which it shows


@dataclass
class Proof:
    checker: str
    modules: list  # empty: all of the configuration
    depth: int
    bugs: list
    induction: int = 0  # 0: bounded only
    config: tuple = (
        "recon-4x4",
    )  # of tests/configs, whose modules they are; the first one that has a module
    variants: list = field(default_factory=lambda: [{}])  # macros that the checker takes as parameters
    long_variants: list = field(default_factory=list)
    long_bugs: list = field(default_factory=list)  # in a variant of all, long ones counted last
    shell: bool = False  # the configuration is emitted with the shell
    probes: dict = field(
        default_factory=dict
    )  # wire of the checker -> register inside the module, for invariants
    cover_depth: int = 0  # where reaching everything takes longer than depth
    # "z3", or ABC where that is faster: "abc", which proves without a bound, "abc-unrolled", which sweeps all
    # cycles at once, "abc-bounded", which takes one after the other
    engine: str = "z3"

    @property
    def combinational(self):
        return self.depth == 1


def early(rows, tree, groups, period, settled, slots=1):
    """The sequencer as the core of path inline connects it: EARLY is what gen/arch/dimensions.cpp gives."""
    most = min(rows // tree - 1, rows + groups - 3)
    return {
        "ROWS": rows,
        "TREE": tree,
        "GROUPS": groups,
        "EARLY": most,
        "FOLLOW_BITS": (most + 1).bit_length(),
        "UNITS": 1,
        "SLOTS": slots,
        "PERIOD": period,
        "SETTLED": settled,
    }


PROOFS = {
    "PeMultiply": Proof(
        "pe_multiply",
        ["msq_pe_multiply"],
        depth=7,
        induction=3,
        variants=[
            {"ACT_BITS": 8, "MODE2": 1, "MODE4": 1, "FULL_RANGE": 0},
            {"ACT_BITS": 8, "MODE2": 1, "MODE4": 1, "FULL_RANGE": 1},
        ],
        long_variants=[
            {"ACT_BITS": act, "MODE2": mode2, "MODE4": mode4, "FULL_RANGE": full}
            for act, mode2, mode4 in ((8, 1, 0), (8, 0, 1), (4, 1, 1))
            for full in (0, 1)
        ],
        probes={"dut_shadow": "u_dut.shadow_q", "dut_active": "u_dut.active_q"},
        bugs=[
            Bug("msq_pe_multiply", "x_i[ACT_BITS-1], x_i, 2'b00", "1'b0, x_i, 2'b00"),
            Bug(
                "msq_pe_multiply",
                "active_q[2] | below) : active_q[2] & below",
                "active_q[2] | below) : 1'b0",
                variant=1,
            ),
        ],
        long_bugs=[
            Bug(
                "msq_pe_multiply",
                "assign p1 = (x_i & {ACT_BITS{active_q[2] & ~wide}})",
                "assign p1 = (x_i & {ACT_BITS{active_q[2]}})",
            ),
            Bug("msq_pe_multiply", "if (commit_i) active_q", "if (commit_i && !load_i) active_q"),
        ],
    ),
    "Multiplier": Proof(
        "multiplier",
        ["msq_multiplier"],
        config=("none-4x4",),
        depth=7,
        induction=3,
        variants=[{"ACT_BITS": 8, "MODE2": 1, "MODE4": 1, "FULL_RANGE": 1}],
        long_variants=[
            {"ACT_BITS": act, "MODE2": mode2, "MODE4": mode4, "FULL_RANGE": 1}
            for act, mode2, mode4 in ((8, 1, 0), (8, 0, 1), (4, 1, 1))
        ],
        probes={"dut_shadow": "u_dut.shadow_q", "dut_active": "u_dut.active_q"},
        bugs=[
            Bug("msq_multiplier", "~(active_q[2] | below)", "~active_q[2]"),
            Bug("msq_multiplier", "{part1, active_q[1]}", "{part1, 1'b0}"),
        ],
        long_bugs=[Bug("msq_multiplier", "if (commit_i) active_q", "if (commit_i && !load_i) active_q")],
    ),
    "SumLaneRecon": Proof(
        "sum_lane",
        ["msq_sum_lane_recon"],
        config=("recon-4x4",),
        depth=6,
        induction=2,
        variants=[
            {"SUM_BITS": 23, "P_BITS": 11, "ADDEND_BITS": 20},
        ],
        long_variants=[
            {"SUM_BITS": 23, "P_BITS": 8, "ADDEND_BITS": 18},
            {"SUM_BITS": 13, "P_BITS": 11, "ADDEND_BITS": 13},
            {"SUM_BITS": 31, "P_BITS": 18, "ADDEND_BITS": 20},
        ],
        bugs=[
            Bug("msq_sum_lane_recon", "wire carry = s & ~use_addend_i", "wire carry = s"),
        ],
    ),
    "PeRecon": Proof(
        "pe",
        ["msq_pe_multiply", "msq_pe_recon", "msq_sum_lane_recon"],
        config=("recon-4x4",),
        depth=8,
        induction=4,
        variants=[
            {"ACT_BITS": 8, "MODE2": 1, "MODE4": 1, "FULL_RANGE": 1, "FRACTION_BITS": 1, "SUM_BITS": 23}
        ],
        long_variants=[
            {
                "ACT_BITS": 8,
                "MODE2": mode2,
                "MODE4": mode4,
                "FULL_RANGE": full,
                "FRACTION_BITS": 2,
                "SUM_BITS": 23,
            }
            for mode2, mode4 in ((1, 1), (0, 1), (1, 0))
            for full in (0, 1)
        ],
        probes={"dut_shadow": "u_dut.u_multiply.shadow_q", "dut_active": "u_dut.u_multiply.active_q"},
        bugs=[Bug("msq_pe_recon", "addend_i[ADDEND_BITS-1-:ADDEND1_BITS]", "addend_i[ADDEND1_BITS-1:0]")],
    ),
    "OutlierUnit": Proof(
        "outlier_unit",
        ["msq_outlier_unit"],
        config=("inline-4x4-bands-of-2-one-unit",),
        engine="abc",
        depth=8,
        variants=[
            {"ACT_BITS": 4, "ROWS": 2, "LANE_BITS": 3, "SIG_BITS": 6, "SHIFT_MAX": 7, "SHIFT_BITS": 3},
        ],
        long_variants=[
            {"ACT_BITS": 8, "ROWS": 1, "LANE_BITS": 3, "SIG_BITS": 4, "SHIFT_MAX": 4, "SHIFT_BITS": 3},
            {"ACT_BITS": 8, "ROWS": 2, "LANE_BITS": 3, "SIG_BITS": 6, "SHIFT_MAX": 7, "SHIFT_BITS": 3},
            {"ACT_BITS": 8, "ROWS": 1, "LANE_BITS": 4, "SIG_BITS": 8, "SHIFT_MAX": 4, "SHIFT_BITS": 3},
            {"ACT_BITS": 4, "ROWS": 4, "LANE_BITS": 2, "SIG_BITS": 6, "SHIFT_MAX": 0, "SHIFT_BITS": 1},
        ],
        probes={"dut_shadow": "u_dut.shadow_q", "dut_early": "u_dut.early_q", "dut_late": "u_dut.late_q"},
        bugs=[
            Bug("msq_outlier_unit", "(code == 3'b011) || (code == 3'b100)", "code == 3'b100"),
            Bug("msq_outlier_unit", "emptied & {SHIFT_MAX{s_q}}", "emptied & {SHIFT_MAX{1'b0}}"),
        ],
        long_bugs=[Bug("msq_outlier_unit", "if (commit_late_i) late_q", "if (commit_i) late_q")],
    ),
    "SumTree": Proof(
        "sum_tree",
        ["msq_sum_tree"],
        config=("inline-4x4-bands-of-2-one-unit",),
        depth=9,
        induction=4,
        variants=[
            {"TERMS": 1, "ALONE": 1, "P_BITS": 11, "VALUE_BITS": 20, "FRACTION_BITS": 2, "SUM_BITS": 23},
            {"TERMS": 1, "ALONE": 0, "P_BITS": 11, "VALUE_BITS": 20, "FRACTION_BITS": 2, "SUM_BITS": 23},
            {"TERMS": 2, "ALONE": 0, "P_BITS": 5, "VALUE_BITS": 9, "FRACTION_BITS": 2, "SUM_BITS": 11},
            {"TERMS": 4, "ALONE": 0, "P_BITS": 4, "VALUE_BITS": 0, "FRACTION_BITS": 0, "SUM_BITS": 8},
            {
                "TERMS": 2,
                "REGISTERED": 1,
                "ALONE": 0,
                "P_BITS": 5,
                "VALUE_BITS": 9,
                "FRACTION_BITS": 2,
                "SUM_BITS": 11,
            },
        ],
        long_variants=[
            {"TERMS": 2, "ALONE": 0, "P_BITS": 11, "VALUE_BITS": 20, "FRACTION_BITS": 2, "SUM_BITS": 23},
            {"TERMS": 4, "ALONE": 0, "P_BITS": 8, "VALUE_BITS": 0, "FRACTION_BITS": 0, "SUM_BITS": 14},
            {"TERMS": 4, "ALONE": 0, "P_BITS": 6, "VALUE_BITS": 14, "FRACTION_BITS": 1, "SUM_BITS": 10},
            {"TERMS": 1, "ALONE": 0, "P_BITS": 9, "VALUE_BITS": 0, "FRACTION_BITS": 0, "SUM_BITS": 14},
        ],
        bugs=[
            Bug("msq_sum_tree", "assign carry = s | sv", "assign carry = s"),
            Bug("msq_sum_tree", "{value, sv};", "{value, 1'b0};", variant=1),
            Bug("msq_sum_tree", "+ {b[P_BITS], b}", "+ {1'b0, b}", variant=2),
            Bug(
                "msq_sum_tree",
                "nodes[(2*n+1)*TREE_BITS+:TREE_BITS], pair_s[n]",
                "nodes[(2*n+1)*TREE_BITS+:TREE_BITS], pair_s[0]",
                variant=3,
            ),
        ],
    ),
    "Switch": Proof(
        "switch",
        ["msq_switch"],
        depth=1,
        bugs=[Bug("msq_switch", "b_o = swap_i ? a_i : b_i", "b_o = swap_i ? b_i : b_i")],
    ),
    "Network": Proof(
        "network",
        ["msq_network", "msq_switch", "msq_list_decoder"],
        config=("recon-4x8-mode4",),
        depth=1,
        variants=[{"PART": 0}, {"PART": 1}],
        bugs=[
            Bug("msq_network", "swaps_i[STAGE_SWITCHES + 2*a + b]", "swaps_i[STAGE_SWITCHES + 2*b + a]"),
            Bug("msq_switch", "b_o = swap_i ? a_i : b_i", "b_o = b_i"),
        ],
    ),
    "Merge": Proof(
        "merge",
        ["msq_merge"],
        depth=1,
        engine="abc",
        variants=[
            {"ACT_BITS": 4, "MODE2": 1, "MODE4": 1, "SHIFT_MAX": 7, "SHIFT_BITS": 3, "WHOLE": whole}
            for whole in (0, 1)
        ],
        long_variants=[
            {
                "ACT_BITS": 8,
                "MODE2": mode2,
                "MODE4": mode4,
                "SHIFT_MAX": most,
                "SHIFT_BITS": bits,
                "WHOLE": whole,
            }
            for mode2, mode4, most, bits in ((1, 1, 7, 3), (1, 0, 7, 3), (0, 1, 15, 4))
            for whole in (0, 1)
        ],
        bugs=[
            Bug("msq_merge", "wire [ACT_BITS-1:0] x = x_i ^ {ACT_BITS{s}}", "wire [ACT_BITS-1:0] x = x_i"),
            Bug("msq_merge", "{x[ACT_BITS-1], x, {4{s}}}", "{x[ACT_BITS-1], x, 4'b0000}"),
        ],
        long_bugs=[
            Bug("msq_merge", "s & keep & outlier, keep &", "1'b0, keep &"),
        ],
    ),
    "MergeFullRange": Proof(
        "merge_full",
        ["msq_merge_full"],
        config=("recon-4x4-full-range",),
        depth=1,
        engine="abc",
        variants=[
            {
                "ACT_BITS": 4,
                "MODE2": 1,
                "MODE4": 1,
                "FRACTION_BITS": 2,
                "SHIFT_MAX": 7,
                "SHIFT_BITS": 3,
                "WHOLE": whole,
            }
            for whole in (0, 1)
        ],
        long_variants=[
            {
                "ACT_BITS": 8,
                "MODE2": mode2,
                "MODE4": mode4,
                "FRACTION_BITS": f,
                "SHIFT_MAX": 7,
                "SHIFT_BITS": 3,
                "WHOLE": whole,
            }
            for mode2, mode4, f in ((1, 1, 2), (1, 1, 1), (1, 0, 2), (0, 1, 1))
            for whole in (0, 1)
        ],
        bugs=[
            Bug(
                "msq_merge_full",
                "wire high_bit = moving_i[0] & outlier",
                "wire high_bit = straight_i[0] & outlier",
            ),
            Bug("msq_merge_full", "{weighted, 1'b1} + {lower, high_bit}", "{weighted, 1'b1} + {lower, 1'b0}"),
        ],
    ),
    "ListDecoder": Proof(
        "list_decoder",
        ["msq_list_decoder"],
        depth=1,
        engine="abc",
        variants=[
            {"MICRO_BLOCK": 8, "ENTRIES": 2, "SHIFT_MAX": 7, "SHIFT_BITS": 3},
            {"MICRO_BLOCK": 4, "ENTRIES": 2, "SHIFT_MAX": 7, "SHIFT_BITS": 3},
        ],
        long_variants=[
            {"MICRO_BLOCK": 8, "ENTRIES": 4, "SHIFT_MAX": 7, "SHIFT_BITS": 3},
            {"MICRO_BLOCK": 8, "ENTRIES": 1, "SHIFT_MAX": 4, "SHIFT_BITS": 3},
            {"MICRO_BLOCK": 16, "ENTRIES": 4, "SHIFT_MAX": 7, "SHIFT_BITS": 3},
            {"MICRO_BLOCK": 4, "ENTRIES": 2, "SHIFT_MAX": 0, "SHIFT_BITS": 1},
        ],
        bugs=[
            Bug("msq_list_decoder", "(|(here & wants)) && (|(here & ~wants))", "&(here & wants)"),
            Bug("msq_list_decoder", "(i < b) ? upper_loc[i]", "(i <= b) ? upper_loc[i]"),
            Bug("msq_list_decoder", "mx_scale_i > SHIFT_MAX[7:0]", "mx_scale_i >= SHIFT_MAX[7:0]"),
        ],
    ),
    "GroupDecoder": Proof(
        "group_decoder",
        ["msq_group_decoder", "msq_list_decoder", "msq_network", "msq_switch"],
        depth=1,
        engine="abc",
        bugs=[
            Bug(
                "msq_group_decoder",
                "assign in_mode4 = swaps[(h-1)*PAIRS+i/2]",
                "assign in_mode4 = swaps[(h-1)*PAIRS+i%4]",
            ),
            Bug("msq_group_decoder", "(|errors) || (mode4_i && has_outliers_i[1])", "|errors"),
        ],
        long_bugs=[
            Bug("msq_group_decoder", "mode4_i ? shifts[SHIFT_BITS-1:0] :", "1'b0 ? shifts[SHIFT_BITS-1:0] :")
        ],
    ),
    "OutlierDecoder": Proof(
        "outlier_decoder",
        ["msq_outlier_decoder", "msq_twos_complement"],
        config=("inline-4x4-bands-of-2-one-unit",),
        engine="abc",
        depth=6,
        variants=[
            {"ROWS": 2, "UNITS": 1, "FULL_RANGE": 0},
            {"ROWS": 2, "UNITS": 1, "FULL_RANGE": 0, "MSQ_DSP": 1},
        ],
        long_variants=[
            {"ROWS": 2, "UNITS": 2, "FULL_RANGE": 1},
            {"ROWS": 4, "UNITS": 2, "FULL_RANGE": 0},
            {"ROWS": 1, "UNITS": 2, "FULL_RANGE": 0},
        ],
        bugs=[
            Bug(
                "msq_outlier_decoder",
                "high_negative & low_negative, high_negative ^ low_negative",
                "1'b0, high_negative ^ low_negative",
            ),
            Bug("msq_outlier_decoder", "cleared[(w*FIELDS+(p%4)/2%FIELDS)*MICRO_BLOCK+p/4]", "cleared[p/4]"),
            Bug("msq_outlier_decoder", "upper4[0] ^ borrow4", "upper4[0]", variant=1),
        ],
        long_bugs=[
            Bug("msq_outlier_decoder", "both || |(taken & wanted)", "both", variant=2),
            Bug("msq_outlier_decoder", "both || |(taken & wanted)", "|(taken & wanted)", variant=2),
        ],
    ),
    "Adder": Proof(
        "adder",
        ["msq_adder"],
        depth=1,
        variants=[{"WIDTH": 44, "BLOCK": 11}, {"WIDTH": 23, "BLOCK": 8}, {"WIDTH": 23, "BLOCK": 11}],
        bugs=[
            Bug("msq_adder", "(&(below_x ^ below_y) && ", "("),
            Bug("msq_adder", "alone[BLOCK] || (", "("),
        ],
    ),
    "Scale": Proof(
        "scale",
        ["msq_scale"],
        engine="abc",
        depth=8,
        variants=[{"LANES": 2}, {"LANES": 1}],
        long_variants=[{"LANES": 4}],
        bugs=[
            Bug("msq_scale", "!a[10] && (b[10] ||", "(b[10] ||"),
            Bug("msq_scale", "wanted > 10'sd127", "wanted > 10'sd128"),
            Bug("msq_scale", "{first || largest_q[10]", "{largest_q[10]"),
            Bug("msq_scale", "if (first || best[19])", "if (best[19])"),
        ],
    ),
    "Align": Proof(
        "align",
        ["msq_align"],
        engine="abc-unrolled",
        depth=4,
        variants=[{"SUM_BITS": 23}],
        long_variants=[{"SUM_BITS": 14}],
        bugs=[
            Bug("msq_align", "shifted[0] & (sticky | shifted[1])", "shifted[0]"),
            Bug("msq_align", "sticky | (|(", "(|("),
            Bug("msq_align", "|distance[9:6]", "|distance[8:6]"),
        ],
    ),
    "EventCounter": Proof(
        "event_counter",
        ["msq_event_counter"],
        depth=6,
        induction=2,
        variants=[{"AMOUNT_BITS": 1}, {"AMOUNT_BITS": 8}],
        probes={"dut_second_full": "u_dut.second_full_q", "dut_third_full": "u_dut.third_full_q"},
        bugs=[
            Bug("msq_event_counter", "carry && second_full_q", "second_full_q"),
            Bug("msq_event_counter", "third_carry && third_full_q", "carry && third_full_q", variant=1),
            Bug("msq_event_counter", "&third_q", "&third_q[7:1]"),
        ],
    ),
    "Counters": Proof(
        "counters",
        ["msq_counters", "msq_event_counter"],
        depth=6,
        induction=3,
        variants=[{"KINDS": 4}, {"KINDS": 1}],
        probes={
            f"dut_{counter}_{place}": f"u_dut.u_{counter}.{place}_full_q"
            for counter in ("cycles", "tokens", "tiles", "errors")
            for place in ("second", "third")
        },
        bugs=[
            Bug("msq_counters", "tile_i && !clear", "tile_i"),
            Bug("msq_counters", "sticky_o | errors_q", "sticky_o | errors_i"),
            # The upper bits that no simulation counts to: one bit of the sum turns with its neighbour.
            Bug(
                "msq_event_counter",
                "assign sum_o = {fourth_q,",
                "assign sum_o = {fourth_q[7:2], fourth_q[1] ^ fourth_q[2], fourth_q[0],",
            ),
        ],
    ),
    "CoreCounters": Proof(
        "core_counters",
        [],
        depth=6,
        induction=3,
        variants=[{"CONFIG": ("inline-4x4-mode2-smallest",)}],
        cover_depth=12,
        probes={
            "dut_in_tile": "u_dut.u_sequencer.in_tile_q",
            "dut_next_row": "u_dut.u_sequencer.next_row_q",
            "dut_left": "u_dut.u_sequencer.gen_early.left_q",
            "dut_soon": "u_dut.u_sequencer.gen_early.soon_q",
            "dut_begun": "u_dut.u_sequencer.gen_early.begun_q",
            "dut_errors": "u_dut.u_counters.errors_i",
        }
        | {
            f"dut_{counter}_{place}": f"u_dut.u_counters.u_{counter}.{place}_full_q"
            for counter in ("cycles", "tokens", "tiles", "errors")
            for place in ("second", "third")
        },
        bugs=[
            Bug("msq_core", ".tile_i(launch & launch_first)", ".tile_i(launch)"),
            Bug(
                "msq_core",
                ".tiles_o(count_tiles_o)",
                ".tiles_o({count_tiles_o[31:26], count_tiles_o[24], count_tiles_o[25], count_tiles_o[23:0]})",
            ),
        ],
    ),
    "ReconCounters": Proof(
        "recon_counters",
        ["msq_recon_counters", "msq_event_counter"],
        depth=6,
        induction=3,
        variants=[{"UNITS": 3}],
        long_variants=[{"UNITS": 1}, {"UNITS": 16}],
        probes={
            f"dut_{counter}_{place}": f"u_dut.u_{counter}.{place}_full_q"
            for counter in ("accesses", "waits")
            for place in ("second", "third")
        },
        bugs=[
            Bug("msq_recon_counters", ".amount_i(waited_q)", ".amount_i(fired_q)"),
            Bug(
                "msq_event_counter",
                "assign sum_o = {fourth_q,",
                "assign sum_o = {fourth_q[7:3], fourth_q[2] ^ fourth_q[3], fourth_q[1:0],",
            ),
            # Found by mutation, when no simulation counted so far.
            Bug(
                "msq_recon_counters",
                "  msq_event_counter #(\n      .AMOUNT_BITS(COUNT_BITS)\n  ) u_waits (\n"
                "      .clk_i(clk_i),\n      .clear_i(clear),\n      .amount_i(waited_q),\n"
                "      .sum_o(waits_o)\n  );",
                "  wire [31:0] sum;\n  msq_event_counter #(\n      .AMOUNT_BITS(COUNT_BITS)\n  ) u_waits (\n"
                "      .clk_i(clk_i),\n      .clear_i(clear),\n      .amount_i(waited_q),\n"
                "      .sum_o(sum)\n  );\n"
                "  assign waits_o = {sum[31:27], sum[26] ^ sum[17], sum[25:0]};",
            ),
        ],
    ),
    "StreamFifo": Proof(
        "stream_fifo",
        ["msq_stream_fifo", "msq_ram_1r1w"],
        engine="abc",
        depth=12,
        variants=[{"DEPTH": 4, "HEAD": 1}, {"DEPTH": 2, "HEAD": 1}, {"DEPTH": 4, "HEAD": 0}],
        probes={
            "dut_write": "u_dut.write_q",
            "dut_read": "u_dut.read_q",
            "count": "u_dut.count_q",
            "dut_behind": "u_dut.behind_q",
        },
        bugs=[
            Bug("msq_stream_fifo", "load ? more : stored;", "load ? more : stored || push;"),
            Bug("msq_stream_fifo", "load ? more : stored;", "load ? stored : stored;"),
            Bug("msq_stream_fifo", "read_address_i(read_d)", "read_address_i(read_q)"),
            Bug("msq_stream_fifo", "at_load = !more ?", "at_load = !stored ?"),
            Bug(
                "msq_stream_fifo", "{FOLLOW_BITS{rst_ni && stays && !load}}", "{FOLLOW_BITS{rst_ni && !load}}"
            ),
            Bug("msq_stream_fifo", "if (load) word_q", "if (behind_q) word_q"),
            Bug("msq_stream_fifo", "if (push != load)", "if (push || load)"),
        ],
    ),
    "BurstSplitter": Proof(
        "burst_splitter",
        ["msq_burst_splitter"],
        config=("top-inline-4x4",),
        shell=True,
        depth=10,
        induction=3,
        variants=[{"WORD_BYTES": 4, "BURST": 16}, {"WORD_BYTES": 64, "BURST": 64}],
        long_variants=[{"WORD_BYTES": 16, "BURST": 256}, {"WORD_BYTES": 4, "BURST": 256}],
        probes={
            "dut_busy": "u_dut.busy_q",
            "dut_length": "u_dut.length_q",
            "dut_left": "u_dut.left_q",
            "dut_word": "u_dut.word_q",
        },
        bugs=[
            Bug("msq_burst_splitter", "in_page < MOST ? in_page[8:0] : MOST[8:0]", "MOST[8:0]"),
            Bug("msq_burst_splitter", "last ? left_q[8:0] : most", "most"),
            Bug("msq_burst_splitter", "busy_q && !move", "busy_q"),
        ],
    ),
    "ReadMux": Proof(
        "read_mux",
        ["msq_read_mux"],
        config=("top-inline-4x4",),
        shell=True,
        depth=6,
        induction=2,
        probes={"dut_busy": "u_dut.busy_q", "dut_pick": "u_dut.pick_q"},
        bugs=[
            Bug("msq_read_mux", "pick = busy_q ? pick_q : arvalid1_i", "pick = arvalid1_i"),
            Bug("msq_read_mux", "arready0_o = arready_i && !pick", "arready0_o = arready_i"),
        ],
    ),
    "LiteManager": Proof(
        "lite_manager",
        ["msq_lite_manager"],
        config=("top-inline-4x4",),
        shell=True,
        depth=8,
        induction=2,
        probes={
            "dut_busy": "u_dut.busy_q",
            "dut_grant": "u_dut.grant_q",
            "dut_address": "u_dut.address_q",
            "dut_data": "u_dut.data_q",
            "dut_strobe": "u_dut.strobe_q",
        },
        bugs=[
            Bug("msq_lite_manager", "begins = !busy_q && !hold_i", "begins = !busy_q"),
            Bug("msq_lite_manager", "(begins && write) || (wvalid_q && !wready_i)", "begins && write"),
            Bug("msq_lite_manager", "grant_q & {PORTS{ends}}", "{PORTS{ends}}"),
        ],
    ),
    "LiteSubordinate": Proof(
        "lite_subordinate",
        ["msq_lite_subordinate"],
        config=("top-inline-4x4",),
        shell=True,
        depth=10,
        induction=4,
        probes={
            "dut_aw": "u_dut.aw_q",
            "dut_w": "u_dut.w_q",
            "dut_ar": "u_dut.ar_q",
            "dut_awword": "u_dut.awword_q",
            "dut_arword": "u_dut.arword_q",
        },
        bugs=[
            Bug("msq_lite_subordinate", "aw_q && w_q && !bvalid_q", "aw_q && !bvalid_q"),
            Bug("msq_lite_subordinate", "ar_q && !rvalid_q", "ar_q"),
            Bug("msq_lite_subordinate", "if (read_ends) rdata_q", "if (access_q) rdata_q"),
        ],
    ),
    "MemReader": Proof(
        "mem_reader",
        ["msq_mem_reader", "msq_burst_splitter", "msq_stream_fifo", "msq_ram_1r1w"],
        config=("top-inline-4x4",),
        shell=True,
        engine="abc",
        depth=14,
        cover_depth=20,
        variants=[{"OUTSTANDING": 2}],
        long_variants=[{"OUTSTANDING": 3}],
        bugs=[
            Bug("msq_mem_reader", "space > {24'd0, burst_length}", "space >= {24'd0, burst_length}"),
            Bug("msq_mem_reader", " && {24'd0, outstanding_q} != OUTSTANDING", ""),
        ],
        long_bugs=[
            Bug("msq_mem_reader", "issue || (arvalid_q && !arready_i)", "issue"),
            Bug("msq_mem_reader", "answered = rvalid_i && rlast_i", "answered = rvalid_i"),
        ],
    ),
    "MemWriter": Proof(
        "mem_writer",
        ["msq_mem_writer", "msq_queue", "msq_stream_fifo", "msq_ram_1r1w"],
        config=("top-inline-4x4",),
        shell=True,
        engine="abc-unrolled",
        depth=12,
        cover_depth=16,
        bugs=[
            Bug("msq_mem_writer", "place == next_q && same_page", "place == next_q"),
            Bug("msq_mem_writer", "place == next_q && same_page", "same_page"),
            Bug("msq_mem_writer", "count_q != MOST && !close_i", "!close_i"),
            Bug("msq_mem_writer", "(count_q == MOST || close_i ||", "(close_i ||"),
        ],
        long_bugs=[
            Bug("msq_mem_writer", "wlast_o = left_q == 8'd0", "wlast_o = left_q <= 8'd1"),
            Bug("msq_mem_writer", "(!data_q || (beat && wlast_o));", "(!data_q || beat);"),
            Bug("msq_mem_writer", "!burst_q && !queue_valid &&", "!queue_valid &&"),
        ],
    ),
    "Fetch": Proof(
        "fetch",
        ["msq_fetch"],
        config=("top-inline-4x4",),
        shell=True,
        depth=18,
        cover_depth=19,
        induction=2,
        variants=[{"WORD_BYTES": 64, "ACT_BITS": 8}, {"WORD_BYTES": 32, "ACT_BITS": 4}],
        probes={
            f"dut_{name}": f"u_dut.{name}_q"
            for name in ("state", "words", "bad", "setting", "address", "jobs")
        },
        bugs=[
            Bug("msq_fetch", "(a == 3 && last) ? 1'b0", "(a == 3) ? 1'b0"),
            Bug("msq_fetch", "if (access_end_i && !queued) state_q", "if (access_end_i) state_q"),
            Bug(
                "msq_fetch",
                "rvalid_i && rlast_i) state_q <= halt_i",
                "rvalid_i) state_q <= halt_i",
                variant=1,
            ),
        ],
        long_bugs=[Bug("msq_fetch", "head_bad) state_q <= FAILED;", "1'b0) state_q <= FAILED;")],
    ),
    "Finish": Proof(
        "finish",
        ["msq_finish", "msq_event_counter"],
        config=("top-inline-4x4",),
        shell=True,
        depth=20,
        cover_depth=22,
        induction=2,
        variants=[{"WORD_BYTES": 16}, {"WORD_BYTES": 8}],
        probes={
            f"dut_{name}": f"u_dut.{name}_q"
            for name in (
                "state",
                "quiet",
                "part",
                "report",
                "write_error",
                "stop",
                "last",
                "wanted",
                "weights",
                "acts",
            )
        },
        bugs=[
            Bug("msq_finish", "CLOSE_COMPLETE: if (written_i) state_q", "CLOSE_COMPLETE: if (1'b1) state_q"),
            Bug("msq_finish", "RUN: if (end_i) state_q <= CLOSE;", "RUN: if (end_i) state_q <= COUNT;"),
            Bug("msq_finish", "weights_q == finished_q[7:0]", "1'b1"),
            Bug("msq_finish", "job_valid_i ? job_address_i : fetch_address_i", "job_address_i"),
        ],
        long_bugs=[
            Bug("msq_finish", "word_ready_i && part_last) state_q", "word_ready_i) state_q", variant=1),
            Bug("msq_finish", "if (good && write_error_q) code_q <= ERROR_WRITE;", ""),
            Bug("msq_finish", "reset_o && idle_i && written_i ?", "reset_o && idle_i ?"),
        ],
    ),
    "OutputLayout": Proof(
        "output_layout",
        ["msq_output_layout"],
        config=("top-inline-4x4",),
        shell=True,
        engine="abc-bounded",
        depth=11,
        cover_depth=13,
        variants=[{"WORD_BYTES": 4, "BEAT_BYTES": 8, "ROWS": 4, "ACT_BITS": 8, "COLUMNS": 8}],
        bugs=[
            Bug("msq_output_layout", "token_done ? TILE :", "token_done ? 32'd0 :"),
            Bug("msq_output_layout", "offset} + size <= {1'b0, limit_q}", "offset} <= {1'b0, limit_q}"),
            Bug("msq_output_layout", "tokens_q} << TILE_BITS;", "tokens_q};"),
        ],
    ),
    "Axil": Proof(
        "axil",
        ["msq_axil"],
        depth=8,
        induction=6,
        probes={"dut_aw": "u_dut.aw_q", "dut_w": "u_dut.w_q", "dut_ar": "u_dut.ar_q"},
        bugs=[
            Bug("msq_axil", "aw_q && w_q && !bvalid_q", "aw_q && w_q"),
            Bug("msq_axil", "ar_q && !rvalid_q", "ar_q"),
            Bug("msq_axil", "wready_q  <= !w_d", "wready_q  <= !aw_d"),
            Bug("msq_axil", "if (wvalid_i && wready_q) begin", "if (wvalid_i) begin"),
        ],
    ),
    "Registers": Proof(
        "registers",
        ["msq_registers"],
        depth=5,
        induction=2,
        bugs=[
            Bug(
                "msq_registers",
                "(depth_value_q & ~write_mask_i[23:0])",
                "(depth_value_q & ~write_mask_i[22:0])",
            ),
            Bug("msq_registers", "(write_word_i == COLUMNS_ADDR)", "(write_word_i == DEPTH_ADDR)"),
            Bug("msq_registers", "TILING_LOG2_BLOCK_RESET = 4'd7", "TILING_LOG2_BLOCK_RESET = 4'd6"),
            # Found by mutation, when no simulation counted so far.
            Bug(
                "msq_registers",
                "((read_word_i == COUNT_WAIT_ACTIVATION_ADDR) ? read_count_wait_activation : 32'd0)",
                "((read_word_i == COUNT_WAIT_ACTIVATION_ADDR) ? read_count_wait_activation ^ "
                "{3'd0, read_count_wait_activation[30], 28'd0} : 32'd0)",
            ),
        ],
    ),
    "OutputPort": Proof(
        "output_port",
        ["msq_output_port"],
        depth=9,
        cover_depth=14,
        induction=3,
        variants=[{"LANES": 1}, {"LANES": 2}],
        probes={
            "dut_part": "u_dut.part_q",
            "dut_close": "u_dut.close_q",
            "dut_data": "u_dut.data_q",
            "dut_job_last": "u_dut.job_last_q",
        },
        bugs=[
            Bug("msq_output_port", "group_ready_o = room && (!raw || part_last)", "group_ready_o = room"),
            Bug("msq_output_port", "if (room && closing) begin", "if (closing) begin"),
            Bug("msq_output_port", "if (abort_i) job_last_q <= 1'b0;", ""),
            Bug("msq_output_port", "- {2'd0, complete} :", ":"),
            Bug("msq_output_port", "(part_q == 3'd0) ? {(LANES * 32) {1'b0}} : data_q", "data_q"),
        ],
    ),
    "Job": Proof(
        "job",
        ["msq_job", "msq_output_port", "msq_event_counter"],
        depth=17,
        cover_depth=24,
        bugs=[
            Bug("msq_job", "(clear_i || fail) && jobs != 2'd0", "fail && jobs != 2'd0"),
            Bug("msq_job", "+ {1'b0, queued_q} - {1'b0, end_job};", "+ {1'b0, queued_q};"),
            Bug("msq_job", "enter ? !end_job : two_q && !end_job", "enter || (two_q && !end_job)"),
        ],
        long_bugs=[
            Bug("msq_job", "rst_ni && end_job && !fail", "rst_ni && end_job"),
            Bug("msq_output_port", "if (abort_i) job_last_q <= 1'b0;", ""),
            Bug("msq_output_port", "- {2'd0, complete} :", ":"),
        ],
    ),
    "OutputLane": Proof(
        "output_lane",
        ["msq_output_lane"],
        engine="abc-unrolled",
        depth=7,
        variants=[{"ACC_BITS": 28, "FORMAT": 3}, {"ACC_BITS": 28, "FORMAT": 0}],
        long_variants=[{"ACC_BITS": 28, "FORMAT": 2}, {"ACC_BITS": 28, "FORMAT": 1}],
        probes={
            "dut_normal": "u_dut.normal_q",
            "dut_log2": "u_dut.log2_q",
            "dut_negative": "u_dut.negative2_q",
            "dut_zero": "u_dut.zero2_q",
        },
        bugs=[
            Bug("msq_output_lane", "(sticky3_q || kept3_q[1])", "(sticky3_q || !kept3_q[1])"),
            Bug("msq_output_lane", "|normal_q[LOW-1:0] || |(", "|("),
            Bug("msq_output_lane", "{~count, power1_q}", "{~count, 1'b0}"),
            Bug("msq_output_lane", "{1'b0, count, !power1_q}", "{1'b0, count, 1'b1}"),
            Bug("msq_output_lane", "at_most ? negative3_q : up", "up"),
            Bug("msq_output_lane", "<= normal_q[LOW-1:0]", "<= normal_q[LOW:1]", variant=1),
        ],
        long_bugs=[
            Bug("msq_output_lane", "- 11'd125 -", "- 11'd124 -", variant=3),
            Bug("msq_output_lane", "add && &size[22:0]", "add && &size[22:1]", variant=3),
        ],
    ),
    "Sequencer": Proof(
        "sequencer",
        ["msq_sequencer", "msq_wavefront_recon"],
        engine="abc",
        depth=18,
        variants=[{"ROWS": 2}, {"ROWS": 2, "MSQ_DSP": 1}],
        long_variants=[{"ROWS": 4}],
        bugs=[
            Bug("msq_sequencer", "since_q >= next_gap_q", "since_q + 8'd1 >= next_gap_q"),
            Bug("msq_sequencer", "next_gap_q <= 8'd1", "next_gap_q <= 8'd2", variant=1),
            Bug("msq_sequencer", "interval <= 8'd1", "interval <= 8'd2", variant=1),
            Bug(
                "msq_wavefront_recon",
                "assign commit_o      = (fire_o &",
                "assign commit_o      = (early_valid &",
            ),
        ],
        long_bugs=[
            Bug("msq_sequencer", "phase_q + 8'd1 >= interval", "phase_q >= interval"),
            Bug("msq_sequencer", "!loaded_q && !(|(next_row_q & occupied))", "!loaded_q"),
        ],
    ),
    "Early": Proof(
        "early",
        ["msq_sequencer", "msq_wavefront"],
        config=("inline-4x4-bands-of-2",),
        engine="abc",
        depth=20,
        cover_depth=30,
        variants=[early(4, 2, 1, 4, 8), early(4, 1, 2, 4, 20)],
        long_variants=[
            early(4, 1, 1, 4, 20),
            early(4, 1, 1, 0, 0, slots=3),
            early(4, 2, 2, 5, 0),
            early(8, 2, 2, 8, 20),
        ],
        bugs=[
            Bug("msq_sequencer", "load_follow_i} >= left_q", "load_follow_i} >= left_d"),
            Bug("msq_sequencer", "full_q & ~committed_i : full_q", "{ROWS{1'b0}} : full_q", variant=1),
            Bug("msq_sequencer", "assign begun = begun_q;", "assign begun = 1'b0;", variant=1),
            # Nothing goes wrong, a row is loaded late.
            Bug("msq_sequencer", "full_q & ~committed_i : full_q", "full_q : full_q"),
        ],
        long_bugs=[
            Bug(
                "msq_sequencer",
                "(start && !loaded_q)) && !(load && last_row)",
                "(start && !loaded_q))",
            ),
            # With two bands nothing goes wrong: EARLY + 1 rows to come are soon enough there.
            Bug("msq_sequencer", "few_d && sure", "sure", variant=2),
        ],
    ),
    "RowReader": Proof(
        "row_reader",
        ["msq_row_reader"],
        depth=10,
        engine="abc-unrolled",
        variants=[
            {"BEAT": 16, "LOAD_ROWS": 1, "HALVES": 1, "WORD_ENTRIES": 1},
            {"BEAT": 32, "LOAD_ROWS": 1, "HALVES": 0, "WORD_ENTRIES": 1},
        ],
        long_variants=[{"BEAT": 32, "LOAD_ROWS": 2, "HALVES": 1, "WORD_ENTRIES": 2}],
        cover_depth=16,
        probes={"dut_fill": "u_dut.gen_outliers.fill"},
        bugs=[
            Bug("msq_row_reader", "if (skip != {SKIP{1'b0}}) place", "if (skip > 1) place"),
            Bug(
                "msq_row_reader",
                "wire complete = run && (|wait_d || exhausted)",
                "wire complete = run && (|wait_d || !more)",
            ),
        ],
        long_bugs=[
            Bug("msq_row_reader", "halves ? in_row << 1 : in_row", "in_row", variant=2),
        ],
    ),
    "WeightSplit": Proof(
        "weight_split",
        ["msq_weight_split"],
        depth=20,
        induction=1,
        variants=[
            {"BEAT": 32, "LOAD_ROWS": 1, "OUTLIERS": 1},
            {"BEAT": 64, "LOAD_ROWS": 2, "OUTLIERS": 0},
        ],
        probes={
            f"dut_{name}": f"u_dut.{name}_q"
            for name in ("state", "codes", "sections", "entries_left", "entries", "end", "tokens")
        },
        bugs=[
            Bug(
                "msq_weight_split",
                "section_last = sections_q == {{(SECTION_BITS - 1) {1'b0}}, 1'b1}",
                "section_last = sections_q[0]",
            ),
            Bug(
                "msq_weight_split",
                "(BEAT < 64) ? COUNTS : !no_sections ?",
                "(BEAT < 64) ? COUNTS : 1'b1 ?",
                variant=1,
            ),
            Bug("msq_weight_split", "counts[15:0] > SECTIONS[15:0]", "counts[15:0] >= SECTIONS[15:0]"),
            Bug(
                "msq_weight_split",
                "take && last_i && !(at_codes && code_last && end_q)",
                "take && last_i && !(at_codes && code_last)",
            ),
            Bug(
                "msq_weight_split",
                "tokens_q <= {{(23 - TOKEN_BITS) {1'b0}}, tokens_pass_i};",
                "tokens_q < {{(23 - TOKEN_BITS) {1'b0}}, tokens_pass_i};",
            ),
            Bug(
                "msq_weight_split",
                "{data_i[31:24], data_i[7:0]} != HASH[15:0]",
                "{data_i[30:24], data_i[7:0]} != HASH[14:0]",
            ),
        ],
        long_bugs=[
            Bug("msq_weight_split", "tiles} << $clog2(STEPS)", "tiles}"),
            Bug(
                "msq_weight_split",
                "if (short_o || long_o || header_o || array_o) state_q <= DONE",
                "if (short_o || header_o || array_o) state_q <= DONE",
            ),
            Bug(
                "msq_weight_split",
                "in_sections ? section_ready_i :",
                "in_sections ? section_ready_i || entry_ready_i :",
            ),
        ],
    ),
    "TileQueue": Proof(
        "tile_queue",
        ["msq_tile_queue"],
        engine="abc",
        depth=10,
        cover_depth=14,
        variants=[{"DEPTH": 4}],
        probes={f"dut_{name}": f"u_dut.{name}_q" for name in ("write", "launch", "collect")},
        bugs=[
            Bug("msq_tile_queue", "if (launch_next_i || !launch_valid_q)", "if (launch_next_i)"),
            Bug(
                "msq_tile_queue",
                "launch_next_i ? behind : launch_valid_q",
                "!launch_next_i && launch_valid_q",
            ),
            Bug("msq_tile_queue", " || waiting_q[1]", ""),
            Bug(
                "msq_tile_queue",
                "write_q == {!collect_q[BITS], collect_q[BITS-1:0]}",
                "write_q == {!launch_q[BITS], launch_q[BITS-1:0]}",
            ),
            Bug("msq_tile_queue", "entries[after]", "entries[launch_q[BITS-1:0]]"),
            Bug(
                "msq_tile_queue",
                "+ {1'b0, push_i} - {1'b0, begin_i}",
                "+ {1'b0, push_i} - {1'b0, launch_next_i}",
            ),
        ],
    ),
    "Launcher": Proof(
        "launcher",
        ["msq_launcher"],
        engine="abc",
        depth=16,
        variants=[{"BANKS": 1, "SCHEDULE": 1}, {"BANKS": 1, "SCHEDULE": 0}, {"BANKS": 2, "SCHEDULE": 0}],
        bugs=[
            Bug(
                "msq_launcher",
                "wire room = !begins_block || !blocks_q[1]",
                "wire room = !first_q || !blocks_q[1]",
            ),
            Bug("msq_launcher", "assign half_o = word ? half_after : half_q", "assign half_o = half_q"),
            Bug("msq_launcher", "assign act_read_o = launch || !word", "assign act_read_o = launch"),
            Bug("msq_launcher", "assign act_read_o = launch || !word", "assign act_read_o = 1'b1"),
            Bug("msq_launcher", "wire word = tile_valid_i && there", "wire word = there", variant=2),
            Bug("msq_launcher", "{1'b0, next} < count", "{1'b0, next} <= count"),
            Bug("msq_launcher", "(tile_more_i || other_bank) ? start_q", "1'b1 ? start_q"),
            Bug("msq_launcher", "after_next == ", "after_next - 32'd1 == "),
            Bug("msq_launcher", "wire hold = pause_q || ", "wire hold = "),
            Bug("msq_launcher", "if (finish) start_q <= after", "if (launch) start_q <= after"),
            Bug(
                "msq_launcher", "assign waits_for_tile = first_q;", "assign waits_for_tile = 1'b0;", variant=1
            ),
            Bug("msq_launcher", "passes_q == 2'd0", "1'b1"),
            Bug("msq_launcher", "tile_pair_i ? &there_q : ", "", variant=2),
            Bug("msq_launcher", "&there_q", "|there_q", variant=2),
            Bug("msq_launcher", ": there_q[bank_q]", ": &there_q", variant=2),
            Bug("msq_launcher", "!tile_pair_i && !bank_q", "!bank_q", variant=2),
            Bug("msq_launcher", "other_bank && !wraps", "other_bank", variant=2),
            Bug("msq_launcher", "count1_i[b*", "count1_i[0*", variant=2),
        ],
        long_bugs=[
            Bug("msq_launcher", "(loaded_q && !tile_start_o)", "(loaded_q && !launch)"),
        ],
    ),
    "Core": Proof(
        "core",
        [],
        engine="abc-unrolled",
        depth=18,
        variants=[],
        long_variants=[
            {"CONFIG": ("recon-4x4-mode2-smallest",), **CORE_MODE2, **CORE_RECON, "SUM_BITS": 10},
            {"CONFIG": ("inline-4x4-mode2-smallest",), **CORE_MODE2, **CORE_INLINE, "ALONE": 2},
            {"CONFIG": ("inline-4x4-mode2-smallest",), **CORE_MODE2, **CORE_INLINE, "ALONE": 7},
            {"CONFIG": ("recon-4x4-mode4-smallest",), **CORE_MODE4, **CORE_RECON, "SUM_BITS": 12},
        ],
        long_bugs=[
            Bug(
                "msq_recon_unit",
                ".read_address_i(address_q[ADDRESS_BITS +: ADDRESS_BITS])",
                ".read_address_i(address_q[0 +: ADDRESS_BITS])",
            ),
            Bug("msq_outlier_unit", "emptied & {SHIFT_MAX{s_q}}", "emptied & {SHIFT_MAX{1'b0}}", variant=1),
            # Outlier units get their words a cycle later than PEs: too late if no row is there.
            Bug("msq_sequencer", "assign soon = soon_q && !begun_q;", "assign soon = 1'b1;", variant=1),
        ],
        bugs=[],
    ),
}


class ProofError(Exception):
    pass


def run(command, log):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    log.write_text(done.stdout + done.stderr)
    return done


def cpu_seconds():
    """Of the finished children: what a proof costs, however busy the machine is."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Emitted:
    """Directories of emitted Verilog, one for each configuration, written when first asked for."""

    def __init__(self, program, directory):
        self.program, self.directory = program, directory

    def directory_of(self, config, shell):
        target = self.directory / (f"{config}-shell" if shell else config)
        if not target.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            command = [self.program, "generate", "--config", config_file(config), "-o", target]
            done = run(command + ["--shell"] * shell, target.with_suffix(".log"))
            if done.returncode:
                raise ProofError(f"microscopiq generate: {done.stdout}{done.stderr}")
        return target


class Run:
    def __init__(self, proof, emitted, directory):
        self.proof, self.emitted, self.directory = proof, emitted, directory
        self.variants = proof.variants + proof.long_variants
        self.count = 0
        self.times = []

    def source(self, variant, module):
        for config in variant.get("CONFIG", self.proof.config):
            file = self.emitted.directory_of(config, self.proof.shell) / f"{module}.v"
            if file.exists():
                return file
        raise ProofError(f"no configuration of the proof has the module {module}")

    def all_modules(self, variant):
        (config,) = variant.get("CONFIG", self.proof.config)
        directory = self.emitted.directory_of(config, self.proof.shell)
        return sorted(file.stem for file in directory.glob("*.v"))

    def model(self, variant, replaced=None):
        """SMT-LIB text of the checker with the modules, one of them replaced, or none."""
        proof = self.proof
        self.count += 1
        target = self.directory / f"model{self.count}.smt2"
        sources = [HERE / f"{proof.checker}.v"]
        modules = proof.modules or self.all_modules(variant)
        for module in modules:
            sources.append(
                self.directory / f"{module}.bug.v" if module == replaced else self.source(variant, module)
            )
        macros = "".join(f" -D{k}={v}" for k, v in variant.items() if k != "CONFIG")
        # The leaves' own checks of parameters and protocols are proved with the rest.
        options = f"-formal -sv -DMSQ_ASSERT -I{ASSERTIONS} -I{HERE}{macros}"
        script = [f"read_verilog {options} {' '.join(str(s) for s in sources)}"]
        script += [f"hierarchy -check -top formal_{proof.checker}", "proc", "flatten"]
        script += [f"connect -set {wire} {inner}" for wire, inner in proof.probes.items()]
        script += [
            "check -assert",
            "opt -keepdc -noff",
            "memory_dff",
            "memory_collect",
            "memory_map",
            "opt -keepdc -noff",
        ]
        script += ["dffunmap", f"write_smt2 -wires {target}"]
        if proof.engine != "z3":
            # An undefined value becomes an input, and so does the first value of a register that has none
            # (-zinit).
            script += [
                "delete t:$cover",
                "techmap",
                "opt_clean",
                "dffunmap",
                "simplemap",
                "setundef -undriven -anyseq",
            ]
            script += [
                "setundef -anyseq",
                "opt_clean",
                "dfflegalize -cell $_DFF_P_ 01",
                "opt_clean",
                "aigmap",
                "opt_clean",
            ]
            script += [f"write_aiger -zinit {target.with_suffix('.aig')}"]
        done = run(["yosys", "-q", "-p", "; ".join(script)], target.with_suffix(".log"))
        if done.returncode or "Warning" in done.stdout + done.stderr:
            raise ProofError(f"yosys: {done.stdout}{done.stderr}")
        if "yosys-smt2-assert" not in target.read_text():
            raise ProofError("the model has no assertion")
        return target

    def abc(self, model, method):
        """Whether ABC proved the assertions; anything except a clear answer is an error."""
        start = cpu_seconds()
        script = f"read_aiger {model.with_suffix('.aig')}; fold; orpos; strash; "
        if method.startswith("iprove -F"):
            script += f"frames -i {method[7:]}; orpos; strash; iprove"
        else:
            script += method
        done = run(["yosys-abc", "-c", script], model.with_suffix(".abc.log"))
        self.times.append((f"{model.stem} {method}", cpu_seconds() - start))
        passes = {"iprove": "UNSATISFIABLE", "pdr": "Property proved", "bmc3": "No output asserted in"}
        fails = {"iprove": "SATISFIABLE", "pdr": "was asserted in frame", "bmc3": "was asserted in frame"}
        engine = method.split()[0]
        if passes[engine] in done.stdout:
            return True
        if fails[engine] in done.stdout:
            return False
        raise ProofError(f"abc {method}: {done.stdout[-2000:]}{done.stderr[-2000:]}")

    def bounded(self, model):
        """Whether the assertions hold for the proof's depth."""
        if self.proof.engine == "z3":
            return self.check(model, "-t", str(self.proof.depth))
        if self.proof.engine == "abc-unrolled":
            return self.abc(model, f"iprove -F {self.proof.depth}")
        return self.abc(model, "iprove" if self.proof.combinational else f"bmc3 -F {self.proof.depth}")

    def check(self, model, *arguments):
        """Whether yosys-smtbmc passed; anything except a clear pass or a failed property is an error.

        Without --unroll z3 gets functions nested as deep as the logic, and takes minutes for what takes it a
        second."""
        start = cpu_seconds()
        command = ["yosys-smtbmc", "--noprogress", "--unroll", "-s", "z3", *arguments, model]
        done = run(command, model.with_suffix(f".{arguments[0]}.log"))
        self.times.append((f"{model.stem} {arguments[0]}", cpu_seconds() - start))
        if done.returncode == 0 and "Status: PASSED" in done.stdout:
            return True
        if "Assert failed" in done.stdout or "Unreached cover" in done.stdout:
            return False
        raise ProofError(f"yosys-smtbmc {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")

    def hold(self, model, what, *arguments):
        if not self.check(model, *arguments):
            log = model.with_suffix(f".{arguments[0]}.log").read_text()
            raise ProofError(f"{what}\n{log[-3000:]}")

    def variant(self, variant):
        proof = self.proof
        model = self.model(variant)
        if proof.engine == "abc" and not proof.combinational:
            if not self.abc(model, "pdr"):
                raise ProofError(f"proof of {variant} failed")
        elif proof.engine != "z3":
            if not self.bounded(model):
                raise ProofError(f"check of {variant} failed")
        elif proof.induction:
            # Base and step. That the depth suffices to see something is shown by the bugs and the covers.
            self.hold(model, f"bounded check of {variant} failed", "-t", str(proof.induction + 1))
            self.hold(model, f"induction of {variant} failed", "-i", "-t", str(proof.induction))
        else:
            self.hold(model, f"bounded check of {variant} failed", "-t", str(proof.depth))
        self.hold(
            model, f"{variant}: not all covers reached", "-c", "-t", str(proof.cover_depth or proof.depth)
        )

    def bug(self, bug):
        variant = self.variants[bug.variant]
        text = self.source(variant, bug.module).read_text()
        if text.count(bug.old) != 1:
            raise ProofError(f"{bug.module} has {text.count(bug.old)} times the text to replace: {bug.old}")
        (self.directory / f"{bug.module}.bug.v").write_text(text.replace(bug.old, bug.new))
        model = self.model(variant, bug.module)
        if self.bounded(model):
            raise ProofError(f"the injected bug '{bug.old}' -> '{bug.new}' in {bug.module} was not caught")


def method(proof):
    if proof.combinational:
        return "all inputs"
    if proof.engine == "abc":
        return "unbounded"
    return f"induction {proof.induction}" if proof.induction else f"bounded {proof.depth}"


def prove(name, options, directory, emitted):
    """One line about the proof."""
    proof = PROOFS[name]
    variants = proof.variants + (proof.long_variants if options.full else [])
    bugs = proof.bugs + (proof.long_bugs if options.full else [])
    directory.mkdir(parents=True, exist_ok=True)
    start = cpu_seconds()
    job = Run(proof, emitted, directory)
    for variant in variants:
        job.variant(variant)
    for bug in bugs:
        job.bug(bug)
    seconds = cpu_seconds() - start
    if options.times:
        for what, spent in job.times:
            print(f"  {what}: {spent:.1f} s")
    left = len(proof.long_variants) + len(proof.long_bugs)
    rest = f"; {left} long checks left to MSQ_FULL" if left and not options.full else ""
    plural = "s" * (len(variants) != 1), "s" * (len(bugs) != 1)
    caught = f"{len(bugs)} injected bug{plural[1]} caught"
    return (
        f"{name}: proved, {len(variants)} variant{plural[0]}, {method(proof)}; {caught}; "
        f"{seconds:.1f} s of CPU{rest}"
    )


def main():
    parser = argparse.ArgumentParser(description="Formal proofs about the emitted Verilog")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--program", help="the microscopiq program")
    parser.add_argument(
        "--full", action="store_true", default=bool(os.environ.get("MSQ_FULL")), help="long checks, too"
    )
    parser.add_argument("--keep", help="directory for models and logs")
    parser.add_argument("--times", action="store_true", help="time of each call of the solver")
    parser.add_argument("--list", action="store_true", help="print the names of the proofs")
    options = parser.parse_args()
    if options.list:
        print("\n".join(PROOFS))
        return 0
    unknown = [name for name in options.names if name not in PROOFS]
    if unknown or not options.program:
        parser.error(
            f"no proof is called {unknown[0]}; there are {', '.join(PROOFS)}"
            if unknown
            else "--program is needed"
        )
    names = options.names or list(PROOFS)
    failures = skipped = 0
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(options.keep or temporary)
        emitted = Emitted(options.program, Path(temporary) / "emitted")
        for name in names:
            if not PROOFS[name].variants and not options.full:
                print(f"{name}: skipped, it takes long: set MSQ_FULL=1")
                skipped += 1
                continue
            try:
                print(prove(name, options, base / name, emitted), flush=True)
            except ProofError as error:
                print(f"{name}: FAILED: {error}", flush=True)
                failures += 1
    return 1 if failures else SKIPPED if skipped == len(names) else 0


if __name__ == "__main__":
    sys.exit(main())
