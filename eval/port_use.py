#!/usr/bin/env python3
"""Share of the weight port's bandwidth that decode uses, of 64x64 accelerators with wide ports, simulated
(docs/reference/performance.md).

usage: eval/port_use.py [--rows 2,4,8] [--fifo BEATS] [--layers NAME,..] [--modes 2,4] [--csv FILE]

One token; the layers of eval/stream_bits.py. `microscopiq accelerate` compares all outputs and counts cycles;
beats are those of the weight packet it sends. Models of 64x64 arrays take minutes to build. Runs are kept in
build/port-use (or --work). Prints a table as Markdown."""

from __future__ import annotations

import argparse
import json
import pathlib
import sys

import kept_runs
from model_tables import inline_config, table
from stream_bits import quantized

LAYERS = ("384x384", "384x1536", "1536x384", "4096x1024", "4096x4096")


def row_of(name: str, rows: int, fifo: int, mode: int, report: dict, packet_bytes: int) -> dict[str, str]:
    """Figures of a simulated layer; the script ends if outputs differ from the golden model."""
    if not report["ok"]:
        sys.exit(f"{name}, {rows} rows per beat, mode {mode}: outputs differ from the golden model")
    size = 32 * rows
    beats, cycles = packet_bytes // size, report["counters"]["cycles"]
    row = {"layer": name, "weight_rows": str(rows), "port_bytes_per_cycle": str(size)}
    row |= {"weight_fifo": str(fifo), "mode": str(mode), "beats": str(beats), "cycles": str(cycles)}
    return row | {
        "predicted_cycles": str(report["predicted_cycles"]),
        "port_use_percent": f"{100 * beats / cycles:.1f}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kept_runs.add_options(parser, "port-use")
    parser.add_argument("--rows", default="2,4,8", help="default: %(default)s")
    parser.add_argument("--fifo", type=int, default=64, help="top.weight_fifo; default: %(default)s")
    parser.add_argument("--layers", default=",".join(LAYERS), help="default: %(default)s")
    parser.add_argument("--modes", default="2,4", help="default: %(default)s")
    parser.add_argument(
        "--weights", type=pathlib.Path, default=kept_runs.ROOT / "build/weights/model.safetensors"
    )
    options = parser.parse_args()
    found = []
    for rows in map(int, options.rows.split(",")):
        options.work.mkdir(parents=True, exist_ok=True)
        array = f"w{rows}f{options.fifo}"
        keys = inline_config(rows)
        keys["top"]["weight_fifo"] = options.fifo
        config = options.work / f"{array}.json"
        config.write_text(json.dumps(keys), encoding="utf-8")
        for name in options.layers.split(","):
            for mode in map(int, options.modes.split(",")):
                label = f"{name}-{mode}-{array}"
                _, file = quantized(name, mode, 3, options)
                packets = options.work / f"{label}-packets"
                command = ["accelerate", "--config", str(config), "--quantized", str(file)]
                report = kept_runs.run(
                    f"accelerate-{label}", [*command, "--tokens", "1", "--packets", str(packets)], options
                )
                size = (packets / "weights-0.bin").stat().st_size
                found.append(row_of(name, rows, options.fifo, mode, report, size))
                print(found[-1], file=sys.stderr, flush=True)
    print(table(found))
    if options.csv:
        kept_runs.write_csv(options.csv, found)


if __name__ == "__main__":
    main()
