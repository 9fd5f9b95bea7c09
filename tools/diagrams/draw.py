#!/usr/bin/env python3
"""Draws the block and timing diagrams of the documentation.

usage: tools/diagrams/draw.py [--check]

Writes docs/images/accelerator.svg and the pictures below docs/reference/images. With --check it writes
nothing and names the files that differ from what it would write. Exit codes: 0, 1 a file differs."""

import argparse
import pathlib
import sys

import blocks
import charts
import timing

ROOT = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = "docs/reference/images"


def pictures():
    """Path below the root -> SVG."""
    drawn = {
        "docs/images/accelerator.svg": blocks.accelerator(),
        f"{REFERENCE}/core-inline.svg": blocks.core_inline(),
        f"{REFERENCE}/core-recon.svg": blocks.core_recon(),
        f"{REFERENCE}/pe.svg": blocks.element(),
        f"{REFERENCE}/tiles-prefill.svg": timing.tiles_inline(),
        f"{REFERENCE}/tiles-decode.svg": timing.tiles_decode(),
        f"{REFERENCE}/token-inline.svg": timing.token_inline(),
        f"{REFERENCE}/token-recon.svg": timing.token_recon(),
        f"{REFERENCE}/passes.svg": timing.passes(),
        f"{REFERENCE}/errors.svg": timing.errors(),
        f"{REFERENCE}/roofline.svg": charts.roofline(ROOT / "docs/reference/data/roofline.csv"),
    }
    return {path: picture.svg() for path, picture in drawn.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing them")
    arguments = parser.parse_args()
    differing = 0
    for path, svg in pictures().items():
        file = ROOT / path
        if arguments.check:
            if not file.is_file() or file.read_text() != svg:
                differing += 1
                print(f"{path} is not what tools/diagrams/draw.py draws")
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(svg)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
