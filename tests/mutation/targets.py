"""What is mutated, how many mutants of it, and which normal tests judge them."""

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
    "*msq_align*",
    "*msq_axil*",
    "*msq_collector*",
    "*msq_drain*",
    "*msq_job*",
    "*msq_launcher*",
    "*msq_output_port*",
    "*msq_permuter*",
    "*msq_registers*",
    "*msq_stream_fifo*",
    "*msq_tile_queue*",
    "*msq_weight_reader*",
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
        "t4x4",
        "msq_core",
        "tests/system/system_test",
        (
            "Cycles.*:Reset.*:ProtocolErrors.*:Paths/Headers.*/0:Paths/InitialState.*/0",
            "Arrays/RandomGemms.MatchGolden/tiny:Paths/LongRuns.*/0",
        ),
    ),
    Machine(
        "core-inline",
        120,
        "i4x4e",
        "msq_core",
        "tests/system/system_test",
        (
            "InlineCycles.*:InlineErrors.*:InlineReset.*:Paths/Headers.*/2",
            "Arrays/RandomGemms.MatchGolden/tiny_inline_both:Paths/LongRuns.*/2",
        ),
    ),
    Bench("factor", 100, ("factor_test.cpp",)),
    Bench("control", 200, ("feeder_test.cpp", "sequencer_test.cpp", "wavefront_test.cpp", "closed_loop_test.cpp")),
    Machine(
        "core-none",
        40,
        "t4x4n",
        "msq_core",
        "tests/system/system_test",
        (
            "Cycles.*:Reset.*:ProtocolErrors.*:Paths/Headers.*/1:Paths/InitialState.*/1",
            "Arrays/RandomGemms.MatchGolden/tiny_none:Paths/LongRuns.*/1",
        ),
    ),
    Machine(
        "core-full-range",
        80,
        "t4x4f",
        "msq_core",
        "tests/system/system_test",
        (
            "Paths/Headers.*/3:Paths/InitialState.*/3",
            "Arrays/RandomGemms.MatchGolden/full_tiny:Paths/LongRuns.*/3",
        ),
    ),
    Machine(
        "top",
        100,
        "top-8x8",
        "msq_top",
        "tests/accelerator/accelerator_test",
        (
            "Accelerator/Registers.*/3:Malformed.*-*Flipped*:*Anywhere",
            "Accelerator/RandomJobs.OutputsAreBitExact/default_8x8:Accelerator/OutputScales.*/0:Accelerator/LargestPasses.*/5",
            "Accelerator/Timelines.AgreesWithTheCounters/2:Malformed.*Flipped*:Malformed.*Anywhere",
        ),
        TOP_LEAVES,
    ),
    Machine(
        "top-align",
        40,
        "top-align",
        "msq_top",
        "tests/accelerator/accelerator_test",
        ("MalformedRowShifts.*", "Accelerator/RandomJobs.OutputsAreBitExact/row_shifts"),
        ("*msq_row_shifter*", "*msq_weight_reader*"),
    ),
    Bench("row_shifter", 40, ("row_shifter_test.cpp",)),
    Bench("outlier_decoder", 120, ("outlier_decoder_test.cpp",)),
    Bench("decoder", 120, ("decoder_test.cpp",)),
    Bench("output", 120, ("output_test.cpp",), GOLDEN),
    Bench("outlier", 100, ("outlier_test.cpp",)),
    Bench("reader", 120, ("reader_test.cpp",)),
    Bench("merge_full", 60, ("merge_full_test.cpp",)),
)
