#!/usr/bin/env python3
"""Tables of cores from sweeps: cores.csv and core-blocks.csv of docs/results/data.

usage: eval/core_tables.py SWEEP... -o DIRECTORY

SWEEP is a directory that `microscopiq sweep` wrote. docs/results/area.md has the sweeps that the tables come
from. Blocks are of the points with the default library, OSU 0.18 um."""

from __future__ import annotations

import argparse
import json
import pathlib

import kept_runs

LIBRARY = "osu018_stdcells"


def design(point: dict) -> str:
    """none, none with trees of 4, recon or inline."""
    tree = point["config"].get("tree_rows", 1)
    path = point["outlier_path"]
    return f"{path}, trees of {tree}" if path == "none" and tree > 1 else path


def array(point: dict) -> str:
    return f"{point['rows']}x{point['cols']}"


def core_row(point: dict) -> dict:
    power = point.get("power")
    return {
        "library": point["library"],
        "array": array(point),
        "design": design(point),
        "config_hash": point["config_hash"],
        "sum_bits": point["sum_bits"],
        "area_um2": f"{point['area_um2']:.0f}",
        "f_max_mhz": f"{point['fmax_mhz']:.1f}" if "fmax_mhz" in point else "",
        "macs_per_cycle": f"{point['throughput']['macs_per_cycle']:.1f}",
        "gmacs_per_second": f"{point['gmacs_per_second']:.2f}" if "gmacs_per_second" in point else "",
        "power_mw_at_100_mhz": f"{1e3 * power['total_w']:.1f}" if power else "",
        "pj_per_mac": f"{1e12 * power['energy_per_mac_j']:.2f}" if power else "",
    }


def block_rows(point: dict) -> list[dict]:
    """Area of each block, and power of its cells where it was measured; clock pins are a row of their own."""
    power = point.get("power")
    watts = {block["block"]: block["total_w"] for block in power["blocks"]} if power else {}
    areas = dict(point["blocks"])
    if power:
        areas["clock pins"] = 0.0
        watts["clock pins"] = power["clock_pins_w"]
    return [
        {
            "array": array(point),
            "design": design(point),
            "block": block,
            "area_um2": f"{area:.0f}",
            "power_mw_at_100_mhz": f"{1e3 * watts[block]:.2f}" if block in watts else "",
        }
        for block, area in areas.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sweeps", nargs="+", type=pathlib.Path, metavar="SWEEP")
    parser.add_argument(
        "-o", "--output", type=pathlib.Path, required=True, help="directory of the two tables"
    )
    options = parser.parse_args()
    points = []
    for directory in options.sweeps:
        points += json.loads((directory / "sweep.json").read_text(encoding="utf-8"))["points"]
    kept_runs.write_csv(options.output / "cores.csv", [core_row(point) for point in points])
    blocks = [row for point in points if point["library"] == LIBRARY for row in block_rows(point)]
    kept_runs.write_csv(options.output / "core-blocks.csv", blocks)


if __name__ == "__main__":
    main()
