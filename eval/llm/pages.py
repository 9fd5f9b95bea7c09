"""Writes the tables of docs/language-models.md from the results of run.py, in the way of eval/tables.py."""

import argparse
import json
import math
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "eval"))

import tables  # noqa: E402

LABELS = json.loads((pathlib.Path(__file__).parent / "labels.json").read_text())
TEXTS = ("handbook", "fortunes", "bible")


def results(directory):
    """Results by method, in the order of the labels. Error: a method without a label."""
    found = {}
    for path in directory.glob("*.json"):
        if path.name != "reference.json":
            result = json.loads(path.read_text())
            found[result["method"]] = result
    unknown = found.keys() - LABELS.keys()
    if unknown:
        raise ValueError(f"no label for {sorted(unknown)}")
    return {name: found[name] for name in LABELS if name in found}


def perplexities(directory):
    lines = []
    for name, result in results(directory).items():
        outliers = (
            [tables.percent(result[key]) for key in ("outliers", "flagged")]
            if result["flagged"]
            else ["", ""]
        )
        ratios = [f"{result['ratio'][text]:.3f}" for text in TEXTS]
        lines.append([LABELS[name], f"{result['bits']:.3f}", *ratios, *outliers])
    reference = json.loads((directory / "reference.json").read_text())
    header = ["method", "stored bits"]
    header += [f"{text} ({math.exp(reference[text]):.2f})" for text in TEXTS]
    return tables.markdown([*header, "outliers", "micro-blocks with one"], lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=pathlib.Path, help="directory with a run of run.py for each model")
    parser.add_argument("--page", type=pathlib.Path, default=ROOT / "docs" / "language-models.md")
    options = parser.parse_args()
    models = {path.name: perplexities(path) for path in sorted(options.runs.iterdir()) if path.is_dir()}
    try:
        options.page.write_text(tables.fill(options.page.read_text(), models))
    except (ValueError, OSError) as error:
        sys.exit(f"pages.py: {error}")


if __name__ == "__main__":
    main()
