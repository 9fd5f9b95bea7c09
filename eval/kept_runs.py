"""Runs of `microscopiq` whose reports are kept, and plots of them."""

from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def add_options(parser: argparse.ArgumentParser, directory: str) -> None:
    """Options of a script whose runs are kept in `directory` below build."""
    parser.add_argument("--liberty", help="another library")
    parser.add_argument("--plot", help="also draw into this file (.svg, .png); needs matplotlib")
    parser.add_argument(
        "--work", type=pathlib.Path, default=ROOT / "build" / directory, help="where results are kept"
    )
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/cli/microscopiq")
    parser.add_argument("--again", action="store_true", help="measure what is already known")


def run(name: str, arguments: list[str], options: argparse.Namespace) -> dict:
    """The report of one run of the program, kept in a file of this name."""
    file = options.work / f"{name}.json"
    if options.again or not file.exists():
        options.work.mkdir(parents=True, exist_ok=True)
        command = [str(options.program), *arguments, "--json"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
        partial = file.with_suffix(".part")
        partial.write_text(result.stdout, encoding="utf-8")
        partial.rename(file)
    return json.loads(file.read_text(encoding="utf-8"))


def synthesize(name: str, arguments: list[str], options: argparse.Namespace) -> dict:
    """The report of one run of `synth`, kept in a file of this name."""
    command = ["synth", *arguments, "--work", str(options.work / "synth")]
    if options.liberty:
        command += ["--liberty", options.liberty]
    return run(name, command, options)


def pyplot(salt: str):
    """matplotlib without a display, in the style of these plots; the same picture from the same figures."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update(
        {"font.size": 9, "svg.hashsalt": salt, "axes.spines.top": False, "axes.spines.right": False}
    )
    return plt
