"""Runs of `microscopiq` whose reports are kept, and tables of their figures."""

from __future__ import annotations

import argparse
import csv
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def add_csv(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--csv", type=pathlib.Path, help="also write the figures into this file")


def add_options(parser: argparse.ArgumentParser, directory: str) -> None:
    """Options of a script whose runs are kept in `directory` below build."""
    parser.add_argument("--liberty", help="another library")
    add_csv(parser)
    parser.add_argument(
        "--work", type=pathlib.Path, default=ROOT / "build" / directory, help="where results are kept"
    )
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/cli/microscopiq")
    parser.add_argument("--again", action="store_true", help="measure what is already known")


def must(arguments: list) -> str:
    """Output of a command; ends the script if that fails."""
    command = [str(argument) for argument in arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
    return result.stdout


def run(name: str, arguments: list[str], options: argparse.Namespace) -> dict:
    """The report of one run of the program, kept in a file of this name."""
    file = options.work / f"{name}.json"
    if options.again or not file.exists():
        options.work.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".part")
        partial.write_text(must([options.program, *arguments, "--json"]), encoding="utf-8")
        partial.rename(file)
    return json.loads(file.read_text(encoding="utf-8"))


def synthesize(name: str, arguments: list[str], options: argparse.Namespace) -> dict:
    """The report of one run of `synth`, kept in a file of this name."""
    command = ["synth", *arguments, "--work", str(options.work / "synth")]
    if options.liberty:
        command += ["--liberty", options.liberty]
    return run(name, command, options)


def write_csv(file: pathlib.Path, rows: list[dict]) -> None:
    """A header line with the keys of the first row, then the rows, all with the same keys."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
