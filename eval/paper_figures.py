#!/usr/bin/env python3
"""The areas of docs/results/paper.md: 64x64 arrays, block by block, and what they compute a mm^2 at 1 GHz.

usage: eval/paper_figures.py [--size 64] [--liberty FILE] [--only NAME,NAME..]

Runs `microscopiq synth` for each array, one after the other; an area is measured again only if the emitted
Verilog or the library changed (as in outlier_paths.py, which keeps them)."""

from __future__ import annotations

import argparse

from outlier_paths import ROOT, Bench

PATHS = {
    "none": {"outlier_path": "none"},
    "recon 1 unit": {"outlier_path": "recon", "recon": {"units": 1}},
    "recon 8 units": {"outlier_path": "recon", "recon": {"units": 8}},
    "inline": {"outlier_path": "inline"},
}
BASELINES = ("int4", "int8", "olive", "gobo")


def synthesize(bench: Bench, name: str, size: int) -> dict:
    if name in BASELINES:
        return bench.area_of(["--baseline", name, "--rows", str(size), "--cols", str(size)])
    report = bench.area({"rows": size, "cols": size, **PATHS[name]})
    return report["configuration"]


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--liberty")
    parser.add_argument("--only", help="arrays, separated by commas; default: all")
    options = parser.parse_args()
    bench = Bench(str(ROOT / "build/release/cli/microscopiq"), options.liberty)
    names = options.only.split(",") if options.only else [*PATHS, *BASELINES]
    reports = {name: synthesize(bench, name, options.size) for name in names}
    pes = options.size**2
    print(
        row(
            "array", "mm^2", "um^2 a PE", "of it PEs", "everything else", "MACs a cycle", "TOPS/mm^2 at 1 GHz"
        )
    )
    print(row(*["---"] * 7))
    for name, own in reports.items():
        area = own["area_um2"]
        inside = sum(block["area_um2"] for block in own["blocks"] if block["block"] == "PEs")
        lanes = 2 if name in PATHS else 1
        density = 2 * lanes * pes * 1e9 / 1e12 / (area / 1e6)
        cells = (f"{area / 1e6:.3f}", f"{area / pes:.1f}", f"{inside / pes:.1f}", f"{1 - inside / area:.1%}")
        print(row(name, *cells, lanes * pes, f"{density:.1f}"))
    print()
    for name, own in reports.items():
        if name not in PATHS:
            continue
        print(name, "in um^2:")
        for block in own["blocks"]:
            print(f"  {block['block']:<30}{block['area_um2']:>14,.1f}  {block['share']:.2%}")


if __name__ == "__main__":
    main()
