#!/usr/bin/env python3
"""Prints the tables of docs/model.md: known models on 64x64 arrays, by `microscopiq model`.

usage: eval/model_tables.py [--roofline] [PROGRAM]      default: build/release/cli/microscopiq

With --roofline it prints docs/reference/data/roofline.csv instead: the model of the table of batches.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

MODELS = ["minilm", "smollm2-135m", "llama-2-7b", "llama-3-8b", "qwen3-8b", "mixtral-8x7b", "qwen3-30b-a3b"]
MODELS += ["gpt-oss-20b"]
# Of the longer tables.
FEW = ["smollm2-135m", "llama-2-7b", "llama-3-8b"]
MACHINES = ["INT8", "INT4", "MXFP4", "OliVe", "GOBO"]
REAL_RATE = 0.029  # of micro-blocks with outliers: docs/outlier-paths.md
PAPER_RATE = {2: 0.09, 4: 0.0375}
# Rows of weights a beat, and so bytes a cycle between memory and array.
PORTS = {2: 64, 8: 256}
BATCHES = [1, 2, 4, 8, 16, 32, 64, 128]


def inline_config(weight_rows: int) -> dict:
    """The array of the tables: what the language models of docs/results/accuracy.md were quantized for."""
    return {
        "rows": 64,
        "cols": 64,
        "encoding": "full_range",
        "outliers_per_block": 1,
        "fraction_bits": 1,
        "inline": {"units_per_block": 4},
        "skew_columns": 16,
        "top": {"act_words": 16384, "weight_rows": weight_rows},
    }


class Program:
    """Runs `microscopiq model` and keeps nothing."""

    def __init__(self, program: str, directory: pathlib.Path):
        self.program, self.directory = program, directory

    def inline(self, weight_rows: int, *options: str) -> dict:
        file = self.directory / f"inline-{weight_rows}.json"
        file.write_text(json.dumps(inline_config(weight_rows)))
        return self.run("--config", str(file), "--on-chip", str(PORTS[weight_rows]), *options)

    def run(self, *options: str) -> dict:
        command = [self.program, "model", "--json", *options]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def port_use(report: dict, bytes_a_cycle: int) -> float:
    """Share of the cycles in which the weight port moves a beat."""
    layers = report["layers"]
    cycles = sum(layer["top_cycles"] * layer["count"] for layer in layers)
    return sum(layer["bytes"]["weights"] * layer["count"] for layer in layers) / bytes_a_cycle / cycles


def print_table(header: list[str], rows: list[list[str]]) -> None:
    print("| " + " | ".join(header) + " |\n" + "|---" * len(header) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def speeds(report: dict) -> list[str]:
    machines = report["total"]["machines"]
    return [f"{machines[name]['speed']:.2f}" for name in MACHINES]


def decode_row(report: dict, bytes_a_cycle: int) -> list[str]:
    total = report["total"]
    cells = [report["model"], str(report["mode"]), f"{100 * report['outlier_rate']:g} %"]
    cells += [f"{total['cycles'] / 1e6:,.3f}", f"{100 * port_use(report, bytes_a_cycle):.1f} %"]
    return cells + [f"{total['bits_per_weight']:.3f}", *speeds(report)]


def print_decode(program: Program) -> None:
    header = ["model", "mode", "outliers", "million cycles", "port", "bits", *MACHINES]
    for weight_rows, bytes_a_cycle in PORTS.items():
        print(f"decode, one token, {bytes_a_cycle} bytes a cycle\n")
        rows = []
        for model in MODELS if weight_rows == 2 else FEW:
            for mode in (2, 4):
                for rate in (REAL_RATE, PAPER_RATE[mode]):
                    options = ["--model", model, "--phase", "decode", "--tokens", "1", "--mode", str(mode)]
                    report = program.inline(weight_rows, *options, "--outlier-rate", str(rate))
                    rows.append(decode_row(report, bytes_a_cycle))
        print_table(header, rows)


def prefill_row(report: dict, path: str) -> list[str]:
    total = report["total"]
    cells = [report["model"], str(report["mode"]), f"{100 * report['outlier_rate']:g} %", path]
    cells += [f"{total['cycles'] / 1e6:,.2f}", f"{100 * total['utilization']:.1f} %"]
    return cells + [", ".join(sorted({layer["binds"] for layer in report["layers"]})), *speeds(report)]


def print_prefill(program: Program) -> None:
    print("prefill, 2,048 tokens, 64 bytes a cycle\n")
    header = ["model", "mode", "outliers", "path", "million cycles", "of peak", "binds", *MACHINES]
    rows = []
    for model in FEW:
        for mode in (2, 4):
            options = ["--model", model, "--phase", "prefill", "--tokens", "2048", "--mode", str(mode)]
            for rate in (REAL_RATE, PAPER_RATE[mode]):
                report = program.inline(2, *options, "--outlier-rate", str(rate))
                rows.append(prefill_row(report, "inline"))
            for units in (1, 64):
                report = program.run("--config", "recon-64x64", "--units", str(units), *options)
                rows.append(prefill_row(report, f"recon {units}"))
    print_table(header, rows)


def print_batches(program: Program) -> None:
    model = "llama-3-8b"
    print(f"tokens at a time, {model}, {100 * REAL_RATE:g} % outliers\n")
    header = ["tokens"]
    header += [f"mode {mode}, {size} bytes" for mode in (2, 4) for size in PORTS.values()]
    rows = []
    for tokens in BATCHES:
        cells = [str(tokens)]
        for mode in (2, 4):
            for weight_rows in PORTS:
                options = ["--model", model, "--phase", "prefill", "--tokens", str(tokens)]
                options += ["--mode", str(mode), "--outlier-rate", str(REAL_RATE)]
                total = program.inline(weight_rows, *options)["total"]
                share = total["ideal_cycles"] / total["cycles"]
                cells.append(f"{total['cycles'] / 1e6:,.2f} ({100 * share:.1f} %)")
        rows.append(cells)
    print_table(header, rows)


def print_roofline(program: Program) -> None:
    model = "llama-3-8b"
    columns = ["model", "outlier_rate", "mode", "port_bytes_per_cycle", "tokens"]
    print(",".join([*columns, "cycles", "roofline_cycles", "share_of_peak"]))
    for mode in (2, 4):
        for weight_rows, size in PORTS.items():
            for tokens in [*BATCHES, 256]:
                options = ["--model", model, "--phase", "prefill", "--tokens", str(tokens)]
                options += ["--mode", str(mode), "--outlier-rate", str(REAL_RATE)]
                total = program.inline(weight_rows, *options)["total"]
                cells = [model, REAL_RATE, mode, size, tokens, int(total["cycles"])]
                cells += [int(total["ideal_cycles"]), f"{total['utilization']:.4f}"]
                print(",".join(str(cell) for cell in cells), flush=True)


def main() -> None:
    root = pathlib.Path(__file__).resolve().parent.parent
    arguments = [a for a in sys.argv[1:] if a != "--roofline"]
    path = arguments[0] if arguments else str(root / "build/release/cli/microscopiq")
    with tempfile.TemporaryDirectory() as directory:
        program = Program(path, pathlib.Path(directory))
        if "--roofline" in sys.argv[1:]:
            return print_roofline(program)
        print_decode(program)
        print_batches(program)
        print_prefill(program)


if __name__ == "__main__":
    main()
