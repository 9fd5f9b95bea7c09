"""Energy of a token: constants with their sources, and the arithmetic of docs/results/data/token-energy.md.

Energies are in J. A core is measured on a small array with three numbers of tokens a tile; what a token, a
load of weights and a cycle take follows from the three reports of `microscopiq synth --power`."""

from __future__ import annotations

import math
from dataclasses import dataclass

PICO = 1e-12
PARTS = ("off-chip", "buffers", "array", "outliers", "rest")
OUTLIER_BLOCKS = ("outlier units", "decoder")

# pJ a bit, with the source. Background, controller and PHY of the accelerator are in none of them.
OFF_CHIP = {
    "hbm2": (3.92, "O'Connor et al., Fine-Grained DRAM, MICRO 2017: an access of HBM2"),
    "gddr5": (14.0, "O'Connor et al., Fine-Grained DRAM, MICRO 2017: GDDR5"),
    "lpddr4": (
        14.0,
        "Ha, Understanding and Improving the Energy Efficiency of DRAM, Stanford 2018: simulated",
    ),
    "ddr3": (70.0, "Malladi et al., Energy-Proportional Datacenter Memory, ISCA 2012: all bandwidth used"),
}

# Nominal voltage and polynomial of the energy factor, a2 V^2 + a1 V + a0: Stillmaker and Baas, Scaling
# equations for the accurate prediction of CMOS device performance from 180 nm to 7 nm, Integration 58, 2017.
NODES = {
    180: (1.8, (0.0, 24.64, -17.98)),
    45: (1.0, (1.018, -0.3107, 0.1539)),
    7: (0.7, (0.1776, -0.09097, 0.02447)),
}

# kB and pJ of an access to 64 bits: Jouppi et al., Ten lessons from three generations shaped Google's TPUv4i,
# ISCA 2021, table 2.
SRAM = {
    45: ((8, 10.0), (32, 20.0), (1024, 100.0)),
    7: ((8, 7.5), (32, 8.5), (1024, 14.0)),
}
SRAM_WORD = 64

# pJ a bit of a read and of a write at 0.18 um by the model of docs/results/data/sram.md, of macros of at most
# 256 rows and columns.
MODELLED = {
    "activations": (0.81, 0.66),
    "scales": (3.5, 2.7),
    "accumulators": (0.42, 0.48),
    "stream": (0.23, 0.43),
}

# mW of 8x8 cores in OSU 0.18 um at 100 MHz, a token started in every cycle, in the array, outliers and rest:
# docs/results/energy.md for ours, docs/results/data/baselines.csv for the others, whose parts are not known.
DOCUMENTED = {
    "ours-2": (69.86, 6.29, 31.17),
    "ours-4": (68.04, 5.86, 31.14),
    "int8": (155.4, 0.0, 0.0),
    "int4": (83.3, 0.0, 0.0),
    "olive": (97.1, 0.0, 0.0),
    "gobo": (655.7, 0.0, 0.0),
}

SHARED_BYTES = 2e6  # on-chip memory: weights that fit are read from off chip once (model/machines.hpp)
OUTPUT_BITS = 8 + 8 / 128  # MX-INT-8, a scale for 128
ROWS = COLS = 64  # of the array
SUM_BITS = 53  # of a column of the output accumulators, by manifest.json
BUFFER_WORDS = {"activations": 16384, "scales": 32768, "accumulators": 256, "stream": 64}


def logic_factor(node: int) -> float:
    """Energy at 0.18 um and 1.8 V, divided by that at a node and its nominal voltage."""

    def factor(nm: int) -> float:
        volts, (square, linear, constant) = NODES[nm]
        return square * volts**2 + linear * volts + constant

    return factor(180) / factor(node)


def published_sram(node: int, kilobytes: float) -> float:
    """J of a bit; between the published sizes linear in the logarithm of the size, outside the nearest."""
    points = SRAM[node]
    size = min(max(kilobytes, points[0][0]), points[-1][0])
    for (low, below), (high, above) in zip(points, points[1:], strict=False):
        if size <= high:
            share = math.log(size / low) / math.log(high / low)
            return (below + share * (above - below)) * PICO / SRAM_WORD
    raise AssertionError("the size was limited to the table's")


@dataclass(frozen=True)
class Access:
    """J of a bit."""

    read: float
    write: float


def published_buffers(node: int) -> dict[str, Access]:
    """Buffers are parts of 64 bits per word, each as deep as the buffer; the shared memory is one of 1 MB."""
    sizes = {name: words * SRAM_WORD / 8 / 1024 for name, words in BUFFER_WORDS.items()}
    sizes["shared"] = SHARED_BYTES / 1024
    return {name: Access(*[published_sram(node, size)] * 2) for name, size in sizes.items()}


def modelled_buffers(factor: float) -> dict[str, Access]:
    """Divided by the factor. The shared memory is as the activation buffer, with no way to it."""
    found = {
        name: Access(read * PICO / factor, write * PICO / factor) for name, (read, write) in MODELLED.items()
    }
    return found | {"shared": found["activations"]}


CORE_PARTS = PARTS[2:]


@dataclass(frozen=True)
class Core:
    """J of a PE in each of CORE_PARTS: of a token, of a load of weights, of any cycle."""

    token: dict[str, float]
    load: dict[str, float]
    cycle: dict[str, float]

    def scaled(self, factor: float) -> Core:
        def divided(parts: dict[str, float]) -> dict[str, float]:
            return {part: energy / factor for part, energy in parts.items()}

        return Core(divided(self.token), divided(self.load), divided(self.cycle))


def tile_energies(power: dict) -> dict[str, float]:
    """J of a tile in each part; the clock's pins are in the rest."""
    watts = dict.fromkeys(CORE_PARTS, 0.0) | {"rest": power["clock_pins_w"]}
    for block in power["blocks"]:
        name = block["block"]
        part = "array" if name == "PEs" else "outliers" if name in OUTLIER_BLOCKS else "rest"
        watts[part] += block["total_w"]
    seconds = power["cycles"] / power["tiles"] / (power["frequency_mhz"] * 1e6)
    return {part: watt * seconds for part, watt in watts.items()}


def core_of(reports: list[dict], pes: int) -> Core:
    """From three reports of `--power` on one array, with different numbers of tokens per tile: a
    tile takes load + tokens x token + cycles x cycle."""
    tokens = [report["m"] for report in reports]
    cycles = [report["cycles"] / report["tiles"] for report in reports]
    energies = [tile_energies(report) for report in reports]

    def steps(values: list[float]) -> tuple[float, float]:
        return values[0] - values[1], values[1] - values[2]

    (t0, t1), (c0, c1) = steps(tokens), steps(cycles)
    determinant = t0 * c1 - t1 * c0
    if determinant == 0:
        raise ValueError(f"found {tokens} tokens in {cycles} cycles; allowed: rates of tokens that differ")
    core = Core({}, {}, {})
    for part in CORE_PARTS:
        of_part = [energy[part] / pes for energy in energies]
        e0, e1 = steps(of_part)
        core.token[part] = (e0 * c1 - e1 * c0) / determinant
        core.cycle[part] = (t0 * e1 - t1 * e0) / determinant
        core.load[part] = of_part[0] - tokens[0] * core.token[part] - cycles[0] * core.cycle[part]
    return core


def documented_core(name: str) -> Core:
    """From power at full activity, taken in every cycle: too much where an array waits."""
    watts = dict(zip(CORE_PARTS, DOCUMENTED[name], strict=True))
    none = dict.fromkeys(CORE_PARTS, 0.0)
    return Core(none, none, {part: watt * 1e-3 / 100e6 / 64 for part, watt in watts.items()})


@dataclass(frozen=True)
class Machine:
    """Energies and sizes of an array of ROWS x COLS PEs."""

    core: Core
    places: int  # weights of a PE along K
    accumulator_bits: float  # of a column
    roofline: str | None = None  # name in the report of `microscopiq model`; None: the accelerator itself
    weight_bits: float = 0  # of a weight in memory; the accelerator's are in the report


@dataclass(frozen=True)
class Work:
    """Demands of one layer, computed once, on a machine."""

    cycles: float
    launches: float  # tokens that start in a tile
    loads: float  # tiles that are loaded
    single: float  # bits of the weights, read once
    streamed: float  # bits of the weights that the array takes, all passes
    activations: float  # bits
    outputs: float  # bits


def work_of(layer: dict, machine: Machine) -> Work:
    """All machines make the passes that the accelerator makes, as their buffers are its."""
    k, n, m = layer["k"], layer["n"], layer["m"]
    moved = layer["bytes"]
    single = layer["bits_per_weight"] * k * n
    passes = max(round(moved["weights"] * 8 / single), 1)
    activations, outputs = moved["activations"] * 8, m * n * OUTPUT_BITS
    if machine.roofline is None:
        launches = layer["launches"]
        loads = launches / m * passes
        return Work(layer["cycles"], launches, loads, single, single * passes, activations, outputs)
    tiles = math.ceil(k / (ROWS * machine.places)) * math.ceil(n / COLS)
    roof = layer["machines"][machine.roofline]
    cycles = max(roof["compute"], roof["off_chip"], roof["on_chip"])
    single = machine.weight_bits * k * n
    return Work(cycles, m * tiles, tiles * passes, single, single * passes, activations, outputs)


def off_chip_bits(work: Work) -> float:
    """Weights that fit the shared memory come once, others in every pass."""
    weights = work.single if work.single <= 8 * SHARED_BYTES else work.streamed
    return weights + work.activations + work.outputs


def buffer_energy(work: Work, machine: Machine, buffers: dict[str, Access]) -> float:
    shared = off_chip_bits(work)  # written when they come from off chip or from the outputs
    taken = work.streamed + work.activations + work.outputs
    energy = shared * buffers["shared"].write + taken * buffers["shared"].read
    energy += work.streamed * (buffers["stream"].write + buffers["stream"].read)
    energy += work.activations * buffers["activations"].write
    energy += work.launches * ROWS * machine.places * 8 * buffers["activations"].read
    energy += work.launches * 8 * buffers["scales"].read
    sums = COLS * machine.accumulator_bits
    energy += work.launches * sums * (buffers["accumulators"].read + buffers["accumulators"].write)
    drained = work.outputs / OUTPUT_BITS * machine.accumulator_bits
    return energy + drained * buffers["accumulators"].read


def layer_energy(
    layer: dict, machine: Machine, buffers: dict[str, Access], off_chip: float
) -> dict[str, float]:
    """J of one layer, computed once, in each of PARTS. `off_chip`: J of a bit."""
    work = work_of(layer, machine)
    pes = ROWS * COLS
    core = machine.core
    energy = {"off-chip": off_chip_bits(work) * off_chip, "buffers": buffer_energy(work, machine, buffers)}
    for part in CORE_PARTS:
        moved = work.launches * core.token[part] + work.loads * core.load[part]
        energy[part] = pes * (moved + work.cycles * core.cycle[part])
    return energy


def token_energy(report: dict, machine: Machine, buffers: dict[str, Access], off_chip: float) -> dict:
    """Of a report of `microscopiq model`: J of a token in each part, and `cycles` of a token."""
    sums = dict.fromkeys((*PARTS, "cycles"), 0.0)
    for layer in report["layers"]:
        for part, energy in layer_energy(layer, machine, buffers, off_chip).items():
            sums[part] += layer["count"] * energy / report["tokens"]
        sums["cycles"] += layer["count"] * work_of(layer, machine).cycles / report["tokens"]
    return sums
