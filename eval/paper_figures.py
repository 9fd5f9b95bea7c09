#!/usr/bin/env python3
"""The areas of docs/paper-figures.md: 64x64 arrays, block by block, and what they compute a mm^2 at 1 GHz.

usage: eval/paper_figures.py [--size 64] [--liberty FILE] [--only NAME,NAME..]

Runs `microscopiq synth` for each array, one after the other; a result is kept in build/paper-figures under the names
of array and library, so that the script goes on where it was interrupted (--again measures anew).
"""

from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build/paper-figures"
PROGRAM = ROOT / "build/release/cli/microscopiq"
PATHS = {
    "none": {"outlier_path": "none"},
    "recon 1 unit": {"outlier_path": "recon", "recon": {"units": 1}},
    "recon 8 units": {"outlier_path": "recon", "recon": {"units": 8}},
    "inline": {"outlier_path": "inline"},
}
BASELINES = ("int4", "int8", "olive", "gobo")


def synthesize(name: str, size: int, liberty: str | None, again: bool) -> dict:
    key = f"{name}-{size}-{pathlib.Path(liberty).stem if liberty else 'default'}".replace(" ", "-")
    kept = OUT / f"{key}.json"
    if kept.exists() and not again:
        return json.loads(kept.read_text())
    if name in BASELINES:
        arguments = ["--baseline", name, "--rows", str(size), "--cols", str(size)]
    else:
        config = OUT / f"{key}.config.json"
        config.write_text(json.dumps({"rows": size, "cols": size, **PATHS[name]}))
        arguments = ["--config", str(config), "--no-twin"]
    if liberty:
        arguments += ["--liberty", liberty]
    command = [PROGRAM, "synth", *arguments, "--work", OUT / "work", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{name}: {done.stderr}")
    kept.write_text(done.stdout)
    return json.loads(done.stdout)


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--liberty")
    parser.add_argument("--only", help="arrays, separated by commas; default: all")
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    names = options.only.split(",") if options.only else [*PATHS, *BASELINES]
    reports = {name: synthesize(name, options.size, options.liberty, options.again) for name in names}
    pes = options.size**2
    print(row("array", "mm^2", "um^2 a PE", "of it PEs", "everything else", "MACs a cycle", "TOPS/mm^2 at 1 GHz"))
    print(row(*["---"] * 7))
    for name, report in reports.items():
        own = report.get("configuration", report)
        area = own["area_um2"]
        inside = sum(block["area_um2"] for block in own["blocks"] if block["block"] == "PEs")
        lanes = 2 if name in PATHS else 1
        density = 2 * lanes * pes * 1e9 / 1e12 / (area / 1e6)
        cells = (f"{area / 1e6:.3f}", f"{area / pes:.1f}", f"{inside / pes:.1f}", f"{1 - inside / area:.1%}")
        print(row(name, *cells, lanes * pes, f"{density:.1f}"))
    print()
    for name, report in reports.items():
        if name not in PATHS:
            continue
        print(name, "in um^2:")
        for block in report["configuration"]["blocks"]:
            print(f"  {block['block']:<30}{block['area_um2']:>14,.1f}  {block['share']:.2%}")


if __name__ == "__main__":
    main()
