#!/usr/bin/env python3
"""Resources and routed clock of arrays on FPGAs (docs/results/area.md, "FPGA"), as CSV.

usage: eval/fpga.py [--designs 8x8,int8-8x8,int4-8x8] [--targets ecp5] [--dsp 1,0] [--seeds 5]
                    [-o docs/results/data/fpga.csv]

A design is a preset, `top-PRESET` (the whole accelerator), or int8-RxC or int4-RxC, the plain array of that
size with the trees of the preset RxC. Each row is one run of `microscopiq synth` for the counts of the design
alone and one with `--route` for its clock, kept in build/fpga (or --work), so the script resumes after an
interruption; --again makes them anew. gmac_s is that of mode 4, one multiplication per PE and cycle."""

from __future__ import annotations

import argparse
import csv
import datetime
import io
import json
import pathlib
import re
import sys

import kept_runs

COLUMNS = (
    "design,target,device,dsp,lut4,ff,carry,bram,dsps,fmax_median_mhz,seeds,gmac_s,yosys,nextpnr,date"
).split(",")
TWIN = re.compile(r"(int8|int4)-(\d+)x(\d+)")


def arguments_of(design: str) -> list[str]:
    """Options of `synth` that choose the design."""
    if twin := TWIN.fullmatch(design):
        kind, rows, cols = twin.groups()
        trees = min(8, int(rows) // 2)  # of path inline
        return ["--baseline", kind, "--rows", rows, "--cols", cols, "--tree-rows", str(trees)]
    preset = design.removeprefix("top-")
    return ["--config", preset, "--no-twin", *(["--top"] if preset != design else [])]


def size_of(design: str) -> tuple[int, int]:
    """Rows and columns of PEs."""
    if twin := TWIN.fullmatch(design):
        return int(twin[2]), int(twin[3])
    file = kept_runs.ROOT / "gen/configs" / f"{design.removeprefix('top-')}.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    return config["rows"], config["cols"]


def row(design: str, target: str, dsp: bool, options: argparse.Namespace) -> dict:
    """One line of the table."""
    name = f"{design}-{target}{'-dsp' if dsp else ''}"
    arguments = [*arguments_of(design), "--target", target, *(["--dsp"] if dsp else [])]
    fpga = kept_runs.synthesize(f"{name}-0", arguments, options)["fpga"]  # without a wrapper
    found = {
        "design": design,
        "target": target,
        "dsp": int(dsp),
        "lut4": fpga["luts"],
        "ff": fpga["flip_flops"],
        "carry": fpga["carries"],
        "bram": fpga["block_rams"],
        "dsps": fpga["dsps"],
        "yosys": fpga["yosys_version"].split()[0],
    }
    if options.seeds:
        name += f"-{options.seeds}"
        route = ["--route", "--seeds", str(options.seeds)]
        routing = kept_runs.synthesize(name, [*arguments, *route], options)["fpga"]["routing"]
        rows, cols = size_of(design)
        fmax = routing["fmax_mhz"]["median"]
        found |= {
            "device": routing["device"],
            "fmax_median_mhz": f"{fmax:.1f}",
            "seeds": options.seeds,
            "gmac_s": f"{rows * cols * fmax / 1000:.2f}",
            "nextpnr": routing["nextpnr_version"],
        }
    else:
        name += "-0"
    written = (options.work / f"{name}.json").stat().st_mtime
    return found | {"date": datetime.date.fromtimestamp(written).isoformat()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--designs", default="8x8,int8-8x8,int4-8x8", help="separated by commas")
    parser.add_argument("--targets", default="ecp5", help="ecp5, ice40")
    parser.add_argument("--dsp", default="1,0", help="1: multiplier blocks (not on ice40), 0: look-up tables")
    parser.add_argument("--seeds", type=int, default=5, help="0: counts, nothing is placed and routed")
    parser.add_argument("-o", "--output", type=pathlib.Path, help="CSV file; by default printed")
    kept_runs.add_options(parser, "fpga")
    options = parser.parse_args()
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    for design in options.designs.split(","):
        for target in options.targets.split(","):
            for dsp in options.dsp.split(","):
                if dsp == "0" or target != "ice40":
                    table.writerow(row(design, target, dsp == "1", options))
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(text.getvalue(), encoding="utf-8")
    else:
        sys.stdout.write(text.getvalue())


if __name__ == "__main__":
    main()
