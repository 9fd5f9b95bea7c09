#!/usr/bin/env python3
"""Area of the whole accelerator by part, memories included (docs/results/area.md, "The whole accelerator").

usage: eval/accelerator_parts.py [--presets 8x8,16x16,64x64] [--liberty FILE] [--csv FILE]

Each preset is one run of `microscopiq synth --top`. A run is kept in build/accelerator (or --work), so the
script resumes after an interruption; --again makes it anew. Prints the table as Markdown."""

from __future__ import annotations

import argparse

import kept_runs

LOGIC = ("core", "readers", "accumulators", "outputs", "control around the core")
MEMORIES = ("memory: output accumulators", "memory: activation buffer")
OTHER = "memory: all others"


def measure(preset: str, options: argparse.Namespace) -> dict:
    """The report of one preset."""
    arguments = ["--config", preset, "--top", "--no-twin"]
    if preset in options.timed.split(","):
        arguments.append("--timing")
    return kept_runs.synthesize(preset, arguments, options)


def parts_of(report: dict) -> dict[str, float]:
    """mm^2 by part; small memories together."""
    parts = dict.fromkeys((*LOGIC, *MEMORIES, OTHER), 0.0)
    for part in report["accelerator"]["parts"]:
        name = part["part"] if part["part"] in parts else OTHER
        parts[name] += part["area_um2"] / 1e6
    return parts


def megahertz(report: dict) -> str:
    return f"{report['timing']['fmax_mhz']:.1f}" if "timing" in report else "-"


def table(reports: dict[str, dict]) -> str:
    presets = {preset: parts_of(report) for preset, report in reports.items()}
    lines = [["mm^2", *presets], ["---"] * (1 + len(presets))]
    for part in (*LOGIC, *MEMORIES, OTHER):
        lines.append([part, *(f"{areas[part]:.3f}" for areas in presets.values())])
    lines.append(["all", *(f"{sum(areas.values()):.2f}" for areas in presets.values())])
    logic = [sum(areas[part] for part in LOGIC) / sum(areas.values()) for areas in presets.values()]
    lines.append(["of it logic", *(f"{100 * share:.1f} %" for share in logic)])
    energies = [report["accelerator"]["memory_launch_energy_j"] * 1e12 for report in reports.values()]
    lines.append(["pJ of memories a token start", *(f"{energy:.0f}" for energy in energies)])
    lines.append(["f_max MHz", *map(megahertz, reports.values())])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def rows_of(reports: dict[str, dict]) -> list[dict]:
    """A row per preset; no f_max where timing was not measured."""
    rows = []
    for preset, report in reports.items():
        row = {"preset": preset}
        row |= {f"{part} mm2": f"{area:.6f}" for part, area in parts_of(report).items()}
        row["memory_pj_per_token_start"] = f"{report['accelerator']['memory_launch_energy_j'] * 1e12:.0f}"
        row["f_max_mhz"] = megahertz(report).replace("-", "")
        rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--presets", default="8x8,16x16,64x64", help="separated by commas")
    timed = "8x8,16x16,8x8-full-range"
    parser.add_argument("--timed", default=timed, help="presets whose f_max is measured too")
    kept_runs.add_options(parser, "accelerator")
    options = parser.parse_args()
    reports = {preset: measure(preset, options) for preset in options.presets.split(",")}
    print(table(reports))
    if options.csv:
        kept_runs.write_csv(options.csv, rows_of(reports))


if __name__ == "__main__":
    main()
