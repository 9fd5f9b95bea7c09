"""Modules to mutate, numbers of their mutants, and which normal tests judge them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bench:
    """Leaves in a bench of tests/rtl: the test of that bench is compiled against the mutated bench."""

    name: str
    count: int
    sources: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    modules: tuple[str, ...] = ("*msq_*",)


@dataclass(frozen=True)
class Machine:
    """A generated design in the cache of models: the tests find the mutated model in its place."""

    name: str
    count: int
    configuration: str  # its name in the tests
    top: str
    executable: str
    filters: tuple[str, ...]  # tried in this order, the quick killers first
    modules: tuple[str, ...] = ("*msq_*",)


TOP_LEAVES = (
    "*msq_accumulators*",
    "*msq_activation_reader*",
    "*msq_adder*",
    "*msq_align*",
    "*msq_axil*",
    "*msq_collector*",
    "*msq_drain*",
    "*msq_job*",
    "*msq_launcher*",
    "*msq_output_port*",
    "*msq_permuter*",
    "*msq_registers*",
    "*msq_scale*",
    "*msq_stream_fifo*",
    "*msq_tile_queue*",
    "*msq_row_reader*",
    "*msq_tile_reader*",
    "*msq_weight_split*",
)

SHELL_LEAVES = (
    "*msq_beats*",
    "*msq_burst_splitter*",
    "*msq_fetch*",
    "*msq_finish*",
    "*msq_lite_manager*",
    "*msq_lite_subordinate*",
    "*msq_mem_reader*",
    "*msq_mem_writer*",
    "*msq_output_layout*",
    "*msq_packet_reader*",
    "*msq_queue*",
    "*msq_read_mux*",
)

GOLDEN = ("golden/libmsq_golden.a", "-lprotobuf")

# Quick ones first.
TARGETS = (
    Bench("parts", 160, ("parts_test.cpp",)),
    Bench("pe", 160, ("pe_test.cpp",)),
    Bench("merge", 100, ("merge_test.cpp",)),
    Machine(
        "core-recon",
        120,
        "recon-4x4",
        "msq_core",
        "tests/system/system_test",
        (
            "Cycles.*:Reset.*:ProtocolErrors.*:Paths/Headers.*/recon_4x4:Paths/InitialState.*/recon_4x4",
            "Arrays/RandomGemms.MatchGolden/recon_4x4:Paths/LongRuns.*/recon_4x4",
        ),
    ),
    Machine(
        "core-inline",
        120,
        "inline-4x4-bands-of-2",
        "msq_core",
        "tests/system/system_test",
        (
            "InlineCycles.*:InlineErrors.*:InlineReset.*:Paths/Headers.*/inline_4x4_bands_of_2",
            "Arrays/RandomGemms.MatchGolden/inline_4x4_bands_of_2:Paths/LongRuns.*/inline_4x4_bands_of_2",
        ),
    ),
    Bench("factor", 100, ("factor_test.cpp",)),
    Bench(
        "control",
        200,
        ("feeder_test.cpp", "sequencer_test.cpp", "wavefront_test.cpp", "closed_loop_test.cpp"),
    ),
    Machine(
        "core-none",
        40,
        "none-4x4",
        "msq_core",
        "tests/system/system_test",
        (
            "Cycles.*:Reset.*:ProtocolErrors.*:Paths/Headers.*/none_4x4:Paths/InitialState.*/none_4x4",
            "Arrays/RandomGemms.MatchGolden/none_4x4:Paths/LongRuns.*/none_4x4",
        ),
    ),
    Machine(
        "core-full-range",
        80,
        "recon-4x4-full-range",
        "msq_core",
        "tests/system/system_test",
        (
            "Paths/Headers.*/recon_4x4_full_range:Paths/InitialState.*/recon_4x4_full_range",
            "Arrays/RandomGemms.MatchGolden/recon_4x4_full_range:Paths/LongRuns.*/recon_4x4_full_range",
        ),
    ),
    Machine(
        "top",
        100,
        "top-recon-8x8",
        "msq_top",
        "tests/accelerator/accelerator_test",
        (
            "Accelerator/Registers.*/top_recon_8x8:Malformed.*-*Flipped*:*Anywhere",
            "Accelerator/RandomJobs.OutputsAreBitExact/top_recon_8x8:"
            "Accelerator/OutputScales.*/top_recon_8x8:Accelerator/LargestPasses.*/top_recon_8x8:"
            "Accelerator/Queue.*/top_recon_8x8",
            "Accelerator/Timelines.AgreesWithTheCounters/top_recon_8x8:"
            "Malformed.*Flipped*:Malformed.*Anywhere",
        ),
        TOP_LEAVES,
    ),
    Machine(
        "top-align",
        40,
        "top-recon-8x8-row-shifts",
        "msq_top",
        "tests/accelerator/accelerator_test",
        (
            "MalformedRowShifts.*",
            "Accelerator/RandomJobs.OutputsAreBitExact/top_recon_8x8_row_shifts",
            "Accelerator/Queue.RandomJobsFollowEachOther/top_recon_8x8_row_shifts:"
            "Accelerator/Timelines.AgreesWithTheCounters/top_recon_8x8_row_shifts",
        ),
        ("*msq_row_shifter*", "*msq_tile_reader*"),
    ),
    Bench("layout", 30, ("layout_test.cpp",), modules=("*msq_output_layout*",)),
    Machine(
        "shell",
        60,
        "top-inline-4x4",
        "msq_shell",
        "tests/shell/shell_test",
        (
            "Shell/ShellList.HostReachesAllRegisters/top_inline_4x4*:"
            "Shell/ShellList.ChainedLayers/top_inline_4x4*",
            "Shell/ShellList.WritesWaitForTheirResponses/top_inline_4x4*:"
            "Shell/ShellList.ValuesLieAtAnyOffset/top_inline_4x4*:"
            "Shell/ShellList.RequestsWaitSideBySide/top_inline_4x4*:"
            "Shell/ShellList.DescriptorsReachTheRegisters/top_inline_4x4*:"
            "Shell/ShellList.EveryWrongBitOfADescriptorIsReported/top_inline_4x4*",
            "Shell/ShellList.LayoutsHoldTheirLimit/top_inline_4x4*",
            "Shell/ShellList.RandomLists/top_inline_4x4*",
            "Shell/ShellList.ErrorsEndTheListAtTheirJob/top_inline_4x4*",
            "Shell/ShellList.StopAtAnyTime/top_inline_4x4*",
        ),
        SHELL_LEAVES,
    ),
    Bench("row_shifter", 40, ("row_shifter_test.cpp",)),
    Bench("outlier_decoder", 120, ("outlier_decoder_test.cpp",)),
    Bench("decoder", 120, ("decoder_test.cpp",)),
    Bench("output", 120, ("output_test.cpp",), GOLDEN),
    Bench("multiplier", 60, ("multiplier_test.cpp",)),
    Bench("tree", 60, ("tree_test.cpp",)),
    Bench("launch", 60, ("launch_test.cpp",)),
    Bench("outlier", 100, ("outlier_test.cpp",)),
    Bench("tile_reader", 80, ("tile_reader_test.cpp",)),
    Bench("row_reader", 50, ("row_reader_test.cpp",)),
    Bench("weight_split", 30, ("weight_split_test.cpp",)),
    Bench("merge_full", 60, ("merge_full_test.cpp",)),
)
