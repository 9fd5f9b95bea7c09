#!/usr/bin/env python3
"""Time and energy of a token, beside the same machine with INT8, INT4, OliVe-like and GOBO-like arrays
(docs/results/energy.md).

usage: eval/token_energy.py [--models minilm,smollm2-135m,llama-2-7b,llama-3-8b] [--node 7] [--off-chip hbm2]
                            [--csv FILE]

Cycles and bytes are of `microscopiq model`, of a 64x64 array; energy of cores is measured by
`microscopiq synth --power` on 8x8 arrays that compute MiniLM's weights, scaled to the node by published
equations (--node 180: as measured). A run is kept in build/token-energy (or --work), so the script resumes
after an interruption; --again makes it anew. Prints tables as Markdown. Weights: `./setup.sh --weights`."""

from __future__ import annotations

import argparse
import json
import math
import pathlib
import sys

import energy_model
import kept_runs
from energy_model import CORE_PARTS, PARTS, PICO, Machine

TENSOR = "encoder.layer.0.intermediate.dense.weight"
PHASES = {"decode": 1, "prefill": 2048}
FORMAT = {"encoding": "full_range", "outliers_per_block": 1, "fraction_bits": 1}
ARRAY = {
    "rows": energy_model.ROWS,
    "cols": energy_model.COLS,
    **FORMAT,
    "inline": {"units_per_block": 4},
    "top": {"act_words": energy_model.BUFFER_WORDS["activations"], "weight_rows": 2},
}
SMALL = 8  # rows and columns of the arrays that are measured; trees of SMALL / 2 rows
CORE = {"rows": SMALL, "cols": SMALL, **FORMAT, "top": {"weight_rows": 2}}
TOKENS = {16: 64, 4: 128, 1: 512}  # tokens of a tile -> tiles that are simulated

# Share of micro-blocks with outliers, and the threshold, in standard deviations, at which the measured layer
# has about as many.
RATES = {
    "real": {2: (0.029, 2.95), 4: (0.029, 2.95)},
    "paper": {2: (0.09, 2.54), 4: (0.0375, 2.86)},
}
# Roofline of `microscopiq model` -> baseline of `synth`, bits of a sum in the output accumulators.
BASELINES = {"INT8": ("int8", 32), "INT4": ("int4", 32), "OliVe": ("olive", 32), "GOBO": ("gobo", 32)}

MODELS = ["minilm", "smollm2-135m", "llama-2-7b", "llama-3-8b"]


CORES_HELP = (
    "documented: without runs, power of docs/results/data/baselines.csv in every cycle: too much in decode"
)


def written(name: str, text: str, options: argparse.Namespace) -> str:
    """A file below --work, and its path."""
    options.work.mkdir(parents=True, exist_ok=True)
    file = options.work / name
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")
    return str(file)


def configuration(name: str, keys: dict, options: argparse.Namespace) -> str:
    return written(f"{name}.config", json.dumps(keys, indent=2), options)


def times(model: str, phase: str, mode: int, rate: str, options: argparse.Namespace) -> dict:
    """Cycles and bytes of a model's linear layers."""
    arguments = ["model", "--config", configuration("64x64", ARRAY, options), "--model", model]
    arguments += ["--phase", phase, "--tokens", str(PHASES[phase]), "--mode", str(mode), "--output", "mx8"]
    arguments += ["--outlier-rate", str(RATES[rate][mode][0])]
    return kept_runs.run(f"model-{model}-{phase}-{mode}-{rate}", arguments, options)


def core(name: str, arguments: list[str], options: argparse.Namespace) -> energy_model.Core:
    """Energy of a PE, measured on a small array."""
    layer = ["--weights", str(options.weights), "--tensor", TENSOR]
    reports = [
        kept_runs.synthesize(
            f"core-{name}-{tokens}",
            [*arguments, "--power", "--tiles", str(tiles), "--tokens", str(tokens), *layer],
            options,
        )["power"]
        for tokens, tiles in TOKENS.items()
    ]
    return energy_model.core_of(reports, SMALL * SMALL)


def own_core(mode: int, rate: str, options: argparse.Namespace) -> energy_model.Core:
    if options.cores == "documented":
        return energy_model.documented_core(f"ours-{mode}")
    arguments = ["--config", configuration("8x8", CORE, options), "--no-twin", "--bits", str(mode)]
    return core(f"ours-{mode}-{rate}", [*arguments, "--sigma", str(RATES[rate][mode][1])], options)


def baseline_core(array: str, options: argparse.Namespace) -> energy_model.Core:
    if options.cores == "documented":
        return energy_model.documented_core(array)
    arguments = ["--baseline", array, "--rows", str(SMALL), "--cols", str(SMALL)]
    if array != "gobo":  # floating-point sums have an order
        arguments += ["--tree-rows", str(SMALL // 2)]
    return core(array, arguments, options)


def machines_of(options: argparse.Namespace) -> dict[str, tuple[Machine, int, str]]:
    """Machines at the node, each with the mode and rate of the report that its cycles and bytes are in."""
    factor = energy_model.logic_factor(options.node)
    machines = {}
    for rate in options.rates:
        for mode in (2, 4):
            found = own_core(mode, rate, options).scaled(factor)
            machine = Machine(found, 2 if mode == 2 else 1, energy_model.SUM_BITS)
            machines[f"ours, {mode} bits, {rate} outliers"] = machine, mode, rate
    rate = options.rates[0]
    report = times(options.models[0], "decode", 4, rate, options)
    for name, (array, sum_bits) in BASELINES.items():
        bits = report["total"]["machines"][name]["weight_bits"]
        found = baseline_core(array, options).scaled(factor)
        machines[name] = Machine(found, 1, sum_bits, name, bits), 4, rate
    return machines


def buffers_of(options: argparse.Namespace) -> dict[str, energy_model.Access]:
    if options.sram == "published" and options.node in energy_model.SRAM:
        return energy_model.published_buffers(options.node)
    return energy_model.modelled_buffers(energy_model.logic_factor(options.node))


def energies(model: str, phase: str, machines: dict, buffers: dict, options: argparse.Namespace) -> dict:
    """Per machine: J of a token in each part and its cycles."""
    off_chip = options.off_chip_pj * PICO
    return {
        name: energy_model.token_energy(times(model, phase, mode, rate, options), machine, buffers, off_chip)
        for name, (machine, mode, rate) in machines.items()
    }


def digits(value: float) -> str:
    """Three of them, no exponent."""
    return f"{value:,.{max(2 - math.floor(math.log10(value)), 0)}f}" if value > 0 else "-"


def total(parts: dict) -> float:
    return sum(parts[part] for part in PARTS)


def row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def table(results: dict[str, dict], options: argparse.Namespace) -> str:
    """One model and phase."""
    header = ["", "us", "uJ", *PARTS, *(f"{name}: time, energy" for name in BASELINES)]
    lines = [row(*header), row(*["---"] * len(header))]
    for name, parts in results.items():
        microseconds = parts["cycles"] / options.clock / 1e3
        joules = [total(parts), *(parts[part] for part in PARTS)]
        cells = [name, digits(microseconds), *(digits(energy * 1e6) for energy in joules)]
        for other in BASELINES:
            against = results[other]
            ratios = against["cycles"] / parts["cycles"], total(against) / total(parts)
            cells.append("{:.2f}, {:.2f}".format(*ratios) if name.startswith("ours") else "")
        lines.append(row(*cells))
    return "\n".join(lines)


def mean(values: list[float]) -> float:
    """Geometric."""
    return math.exp(sum(map(math.log, values)) / len(values))


def summary(results: dict[tuple[str, str], dict[str, dict]]) -> str:
    """How many times faster and lower than each baseline, geometric means over the models."""
    header = ["", *(f"{phase}, {name}" for phase in PHASES for name in BASELINES)]
    lines = [row(*header), row(*["---"] * len(header))]
    own = [name for name in next(iter(results.values())) if name.startswith("ours")]
    for name in own:
        cells = [name]
        for phase in PHASES:
            of_phase = [found for (_, its), found in results.items() if its == phase]
            for other in BASELINES:
                faster = mean([found[other]["cycles"] / found[name]["cycles"] for found in of_phase])
                lower = mean([total(found[other]) / total(found[name]) for found in of_phase])
                cells.append(f"{faster:.2f}, {lower:.2f}")
        lines.append(row(*cells))
    return "\n".join(lines)


def core_table(machines: dict[str, tuple[Machine, int, str]]) -> str:
    """Measured energies: fJ of a PE at the node."""
    header = ["fJ of a PE", *(f"{what}: {p}" for what in ("token", "load", "cycle") for p in CORE_PARTS)]
    lines = [row(*header), row(*["---"] * len(header))]
    for name, (machine, _, _) in machines.items():
        core = machine.core
        figures = [what[part] for what in (core.token, core.load, core.cycle) for part in CORE_PARTS]
        lines.append(row(name, *(f"{1e15 * figure:.3g}" for figure in figures)))
    return "\n".join(lines)


def rows_of(results: dict[tuple[str, str], dict[str, dict]], options: argparse.Namespace) -> list[dict]:
    """A row per phase, model and machine."""
    rows = []
    for (model, phase), found in results.items():
        for machine, parts in found.items():
            row = {"phase": phase, "model": model, "machine": machine}
            row["time_us"] = f"{parts['cycles'] / options.clock / 1e3:.5g}"
            row["energy_uJ"] = f"{total(parts) * 1e6:.5g}"
            row |= {f"{part}_uJ": f"{parts[part] * 1e6:.4g}" for part in PARTS}
            rows.append(row)
    return rows


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument

    def listed(text: str) -> list[str]:
        return text.split(",")

    known = ", ".join(f"{name} {pj:g}" for name, (pj, _) in energy_model.OFF_CHIP.items())
    add("--models", type=listed, default=MODELS, help="by commas")
    add("--rates", type=listed, default=list(RATES), help="of outliers: real, paper, separated by commas")
    add("--off-chip", default="hbm2", help=f"memory, or pJ a bit ({known}; default: hbm2)")
    add("--node", type=int, choices=energy_model.NODES, default=7, help="nm; 180: as measured (default: 7)")
    add(
        "--sram",
        choices=("published", "scaled"),
        default="published",
        help="energies of buffers, 45 and 7 nm",
    )
    add("--cores", choices=("measured", "documented"), default="measured", help=CORES_HELP)
    add("--clock", type=float, default=1.0, help="GHz of every machine, for us alone (default: 1)")
    weights = kept_runs.ROOT / "build/weights/model.safetensors"
    add("--weights", type=pathlib.Path, default=weights, help="MiniLM's, for the power of cores")
    kept_runs.add_options(parser, "token-energy")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.rates) - set(RATES))
    if unknown:
        parser.error(f"--rates: found {', '.join(unknown)}; allowed: {', '.join(RATES)}")
    try:
        found = energy_model.OFF_CHIP.get(options.off_chip)
        options.off_chip_pj = found[0] if found else float(options.off_chip)
    except ValueError:
        parser.error(f"--off-chip: found {options.off_chip}; allowed: {known}, or pJ a bit")
    return options


def main() -> None:
    options = parse()
    if options.cores == "measured" and not options.weights.exists():
        sys.exit(f"{options.weights}: not found; ./setup.sh --weights fetches the file")
    machines, buffers = machines_of(options), buffers_of(options)
    print(f"{options.node} nm, {options.off_chip_pj:g} pJ a bit off chip, {options.clock:g} GHz\n")
    if options.cores == "measured":
        print(core_table(machines))
    results = {}
    for phase in PHASES:
        for model in options.models:
            results[model, phase] = energies(model, phase, machines, buffers, options)
            print(f"\n{model}, {phase}\n\n{table(results[model, phase], options)}")
    print(f"\nTimes faster, times less energy; means over the models\n\n{summary(results)}")
    if options.csv:
        kept_runs.write_csv(options.csv, rows_of(results, options))


if __name__ == "__main__":
    main()
