#!/usr/bin/env python3
"""Estimated wires against routed modules, and arrays with and without them (docs/results/area.md, Wires).

usage: eval/wires.py modules --csv docs/results/data/wires.csv
       eval/wires.py arrays [--sizes 8,16,64] [--power 8,16,64] --csv docs/results/data/wires-arrays.csv

modules: five leaf modules and a row of PEs, placed and routed with qflow, a few minutes each. arrays: ours,
INT4 and INT8 with the same trees at each of --sizes; those of --power also with power, in a layer of random
weights, 16 tokens, 64 at 64x64. An array of 64x64 takes ten minutes of processor and 5 GB. A run is kept in
build/wires (or --work), so the script resumes after an interruption; --again makes it anew."""

from __future__ import annotations

import argparse
import pathlib

import kept_runs

MODULES = (
    ("none-8x8", "msq_pe_band"),
    ("recon-8x8", "msq_pe_recon"),
    ("8x8", "msq_pe_band"),
    ("recon-8x8", "msq_merge"),
    ("recon-8x8", "msq_switch"),
    ("tests/configs/none-4x4.json", "msq_row"),
)
ARRAYS = ("ours", "int4", "int8")
LAYER = ("--synthetic", "384x1536", "--tiles", "16")


def percent(found: float, expected: float) -> str:
    return f"{100 * (found / expected - 1):+.1f}"


def module_row(preset: str, place: dict) -> dict:
    estimate = place["estimate"]
    before, after = (place[key]["period_ns"] for key in ("before_routing", "after_routing"))
    guess = estimate["timing"]["period_ns"]
    return {
        "preset": pathlib.Path(preset).stem,
        "module": place["module"],
        "cells": place["cells"],
        "routed_um": f"{estimate['routed_length_um']:.0f}",
        "estimated_um": f"{estimate['length_um']:.0f}",
        "length_error_percent": percent(estimate["length_um"], estimate["routed_length_um"]),
        "routed_pf": f"{estimate['routed_capacitance_pf']:.3f}",
        "estimated_pf": f"{estimate['capacitance_pf']:.3f}",
        "without_wires_ns": f"{before:.3f}",
        "routed_ns": f"{after:.3f}",
        "estimated_ns": f"{guess:.3f}",
        "path_error_percent": percent(guess, after),
    }


def array_arguments(array: str, size: int) -> list[str]:
    if array == "ours":
        return ["--config", f"{size}x{size}", "--no-twin"]
    tree = 4 if size == 8 else 8  # as in the presets
    return ["--baseline", array, "--rows", str(size), "--cols", str(size), "--tree-rows", str(tree)]


def array_row(array: str, size: int, report: dict) -> dict:
    wires, timing, power = report["wires"], report["timing"], report.get("power")
    clock = wires["clock"]
    without, with_wires = timing["fmax_mhz"], timing["wires"]["fmax_mhz"]

    def watts(value: float) -> str:
        return f"{1e3 * value:.1f}"

    def picojoules(value: float) -> str:
        return f"{1e12 * value:.2f}"

    return {
        "array": f"{size}x{size}",
        "design": array,
        "die_mm2": f"{wires['die']['area_um2'] / 1e6:.3f}",
        "wires_mm": f"{wires['length_um'] / 1e3:.0f}",
        "longest_um": f"{wires['longest_um']:.0f}",
        "wires_pf": f"{wires['capacitance_pf']:.0f}",
        "clock_buffers": clock["buffers"],
        "clock_wires_pf": f"{clock['capacitance_pf']:.1f}",
        "skew_ns": f"{clock['skew_ns']:.3f}",
        "f_max_mhz": f"{without:.1f}",
        "f_max_wires_mhz": f"{with_wires:.1f}",
        "f_max_percent": percent(with_wires, without),
        "mw": watts(power["total_w"]) if power else "",
        "mw_wires": watts(power["wires"]["total_w"]) if power else "",
        "of_it_clock_mw": watts(power["wires"]["clock_tree_w"]) if power else "",
        "pj_per_mac": picojoules(power["energy_per_mac_j"]) if power else "",
        "pj_per_mac_wires": picojoules(power["wires"]["energy_per_mac_j"]) if power else "",
    }


def measure_modules(options: argparse.Namespace) -> list[dict]:
    rows = []
    for preset, module in MODULES:
        config = str(kept_runs.ROOT / preset) if preset.endswith(".json") else preset
        run = ["--config", config, "--no-twin", "--place-route", module, "--wires"]
        report = kept_runs.synthesize(f"{pathlib.Path(preset).stem}-{module}", run, options)
        rows.append(module_row(preset, report["place_route"]))
    return rows


def measure_arrays(options: argparse.Namespace) -> list[dict]:
    rows = []
    for size in options.sizes:
        for array in ARRAYS:
            run = [*array_arguments(array, size), "--timing", "--wires"]
            if size in options.power:
                # As many tokens as a tile loads for, so that the array is as busy at any size.
                run += ["--power", *LAYER, "--tokens", str(max(16, size))]
            rows.append(array_row(array, size, kept_runs.synthesize(f"{array}-{size}", run, options)))
    return rows


def sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",") if size]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", choices=("modules", "arrays"))
    parser.add_argument("--sizes", type=sizes, default=[8, 16, 64], help="of arrays")
    parser.add_argument("--power", type=sizes, default=[8, 16, 64], help="sizes with power")
    kept_runs.add_options(parser, "wires")
    options = parser.parse_args()
    rows = measure_modules(options) if options.table == "modules" else measure_arrays(options)
    for row in rows:
        print(", ".join(f"{key} {value}" for key, value in row.items()))
    if options.csv:
        kept_runs.write_csv(options.csv, rows)


if __name__ == "__main__":
    main()
