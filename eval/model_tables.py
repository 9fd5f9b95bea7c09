#!/usr/bin/env python3
"""Prints the tables of docs/model.md: every known model on a 64x64 array, by `microscopiq model`.

usage: eval/model_tables.py [PROGRAM]      default: build/release/cli/microscopiq
"""

import json
import pathlib
import subprocess
import sys

MODELS = ["minilm", "gpt2", "opt-6.7b", "llama-2-7b", "llama-2-13b", "llama-3-8b", "mixtral-8x7b"]
MACHINES = ["INT8", "INT4", "OliVe", "GOBO"]
TOKENS = {"decode": 1, "prefill": 2048}
# Units of ReCoN; 0: path inline, as the preset 64x64 has it.
UNITS = {"decode": [0, 1], "prefill": [0, 1, 8, 64]}


def measure(program: str, model: str, phase: str, mode: int, units: int) -> dict:
    command = [program, "model", "--json", "--config", "recon-64x64" if units else "64x64", "--model", model]
    command += ["--phase", phase, "--tokens", str(TOKENS[phase]), "--mode", str(mode)]
    if units:
        command += ["--units", str(units)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def bits_per_weight(report: dict) -> float:
    weights = [layer["k"] * layer["n"] * layer["count"] for layer in report["layers"]]
    bits = [layer["bits_per_weight"] for layer in report["layers"]]
    return sum(b * w for b, w in zip(bits, weights, strict=True)) / sum(weights)


def path(report: dict) -> str:
    return f"recon {report['units']}" if report["outlier_path"] == "recon" else report["outlier_path"]


def row(report: dict) -> str:
    total = report["total"]
    cells = [report["model"], str(report["mode"]), path(report)]
    cells += [f"{total['cycles'] / 1e6:,.2f}", f"{100 * total['utilization']:.1f} %"]
    cells += [", ".join(sorted({layer["binds"] for layer in report["layers"]}))]
    cells += [f"{bits_per_weight(report):.2f}"]
    for name in MACHINES:
        machine = total["machines"][name]
        cells.append(f"{machine['speed']:.2f} ({machine['speed_ideal']:.2f})")
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    root = pathlib.Path(__file__).resolve().parent.parent
    program = sys.argv[1] if len(sys.argv) > 1 else str(root / "build/release/cli/microscopiq")
    for phase in TOKENS:
        print(f"{phase}, {TOKENS[phase]} tokens\n")
        header = ["model", "mode", "path", "million cycles", "of peak", "binds", "bits", *MACHINES]
        print("| " + " | ".join(header) + " |\n" + "|---" * len(header) + "|")
        for model in MODELS:
            for mode in (2, 4):
                for units in UNITS[phase]:
                    print(row(measure(program, model, phase, mode, units)))
        print()


if __name__ == "__main__":
    main()
