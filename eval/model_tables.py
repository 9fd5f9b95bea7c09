#!/usr/bin/env python3
"""Speed of known models on 64x64 arrays beside rooflines of other machines (docs/results/energy.md).

Each figure is of `microscopiq model`. Prints tables as Markdown; --csv DIRECTORY keeps them as CSV, too."""

import argparse
import json
import pathlib
import subprocess
import tempfile

import kept_runs

MODELS = ["minilm", "smollm2-135m", "llama-2-7b", "llama-3-8b", "qwen3-8b", "mixtral-8x7b", "qwen3-30b-a3b"]
MODELS += ["gpt-oss-20b"]
# Of the longer tables.
FEW = ["smollm2-135m", "llama-2-7b", "llama-3-8b"]
MACHINES = ["INT8", "INT4", "MXFP4", "OliVe", "GOBO"]
REAL_RATE = 0.029  # of micro-blocks with outliers, as measured on SmolLM2-135M
PAPER_RATE = {2: 0.09, 4: 0.0375}
# Rows of weights per beat, and so bytes per cycle between memory and array.
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


def speeds(report: dict) -> dict[str, str]:
    machines = report["total"]["machines"]
    return {f"times_{name}": f"{machines[name]['speed']:.2f}" for name in MACHINES}


def head(report: dict) -> dict[str, str]:
    return {
        "model": report["model"],
        "mode": str(report["mode"]),
        "outlier_blocks_percent": f"{100 * report['outlier_rate']:g}",
    }


def decode_rows(program: Program) -> list[dict[str, str]]:
    """One token."""
    rows = []
    for weight_rows, bytes_a_cycle in PORTS.items():
        for model in MODELS if weight_rows == 2 else FEW:
            for mode in (2, 4):
                for rate in (REAL_RATE, PAPER_RATE[mode]):
                    options = ["--model", model, "--phase", "decode", "--tokens", "1", "--mode", str(mode)]
                    report = program.inline(weight_rows, *options, "--outlier-rate", str(rate))
                    row = {"bytes_per_cycle": str(bytes_a_cycle), **head(report)}
                    row["million_cycles"] = f"{report['total']['cycles'] / 1e6:.3f}"
                    row["port_busy_percent"] = f"{100 * port_use(report, bytes_a_cycle):.1f}"
                    row["bits_per_weight"] = f"{report['total']['bits_per_weight']:.3f}"
                    rows.append(row | speeds(report))
    return rows


def prefill_row(report: dict, path: str) -> dict[str, str]:
    total = report["total"]
    row = {**head(report), "path": path, "million_cycles": f"{total['cycles'] / 1e6:.2f}"}
    row["of_peak_percent"] = f"{100 * total['utilization']:.1f}"
    row["bound_by"] = " and ".join(sorted({layer["binds"] for layer in report["layers"]}))
    return row | speeds(report)


def prefill_rows(program: Program) -> list[dict[str, str]]:
    """2,048 tokens, 64 bytes a cycle."""
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
    return rows


def batch_rows(program: Program) -> list[dict[str, str]]:
    """LLaMA-3-8B with several tokens at a time."""
    rows = []
    for tokens in BATCHES:
        for mode in (2, 4):
            for weight_rows, bytes_a_cycle in PORTS.items():
                options = ["--model", "llama-3-8b", "--phase", "prefill", "--tokens", str(tokens)]
                options += ["--mode", str(mode), "--outlier-rate", str(REAL_RATE)]
                total = program.inline(weight_rows, *options)["total"]
                row = {"tokens": str(tokens), "mode": str(mode), "bytes_per_cycle": str(bytes_a_cycle)}
                row["million_cycles"] = f"{total['cycles'] / 1e6:.2f}"
                row["of_roofline_percent"] = f"{100 * total['ideal_cycles'] / total['cycles']:.1f}"
                rows.append(row)
    return rows


def roofline_rows(program: Program) -> list[dict[str, str]]:
    """LLaMA-3-8B by tokens at a time: cycles, those of the roofline, and the share of the array's peak."""
    rows = []
    for mode in (2, 4):
        for weight_rows, size in PORTS.items():
            for tokens in [*BATCHES, 256]:
                options = ["--model", "llama-3-8b", "--phase", "prefill", "--tokens", str(tokens)]
                options += ["--mode", str(mode), "--outlier-rate", str(REAL_RATE)]
                total = program.inline(weight_rows, *options)["total"]
                row = {"model": "llama-3-8b", "outlier_rate": str(REAL_RATE), "mode": str(mode)}
                row |= {"port_bytes_per_cycle": str(size), "tokens": str(tokens)}
                row |= {
                    "cycles": str(int(total["cycles"])),
                    "roofline_cycles": str(int(total["ideal_cycles"])),
                }
                row["share_of_peak"] = f"{total['utilization']:.4f}"
                rows.append(row)
    return rows


TABLES = {"decode": decode_rows, "batches": batch_rows, "prefill": prefill_rows, "roofline": roofline_rows}


PREFIXES = {"roofline": ""}  # of the files; the table of docs/reference/performance.md stands apart


def table(rows: list[dict[str, str]]) -> str:
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    root = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--program", default=str(root / "build/release/cli/microscopiq"))
    parser.add_argument("--csv", type=pathlib.Path, help="also write the tables into this directory")
    parser.add_argument("--tables", default=",".join(TABLES), help="default: %(default)s")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        program = Program(options.program, pathlib.Path(directory))
        for name in options.tables.split(","):
            rows = TABLES[name](program)
            print(f"{name}: {TABLES[name].__doc__}\n\n{table(rows)}\n", flush=True)
            if options.csv:
                kept_runs.write_csv(options.csv / f"{PREFIXES.get(name, 'machines-')}{name}.csv", rows)


if __name__ == "__main__":
    main()
