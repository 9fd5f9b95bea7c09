"""Writes docs/results/data/smollm2.csv from the results of run.py, and fills the tables of
docs/results/accuracy.md in the way of eval/tables.py."""

import argparse
import json
import math
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "eval"))

import tables  # noqa: E402

LABELS = json.loads((pathlib.Path(__file__).parent / "labels.json").read_text())
TEXTS = {"handbook": "handbook", "fortunes": "quotations", "bible": "bible"}
MODELS = {"smollm2": tables.PUBLISHED, "smollm2_rotated": "rotated"}


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


def ratio_rows(directory, model):
    """A row per method: perplexities over the original model's. Baselines have no share of outliers."""
    rows = []
    for name, result in results(directory).items():
        row = {"model": model, "method": LABELS[name], tables.BITS: f"{result['bits']:.3f}"}
        row |= {f"{shown}_ratio": f"{result['ratio'][text]:.3f}" for text, shown in TEXTS.items()}
        for key, column in (
            ("outliers", "outliers_percent_of_weights"),
            ("flagged", "micro_blocks_with_outliers_percent"),
        ):
            row[column] = f"{100 * result[key]:.2f}" if result["flagged"] else ""
        rows.append(row)
    return rows


def reference_rows(directory):
    """Perplexity of the original model on each text."""
    found = json.loads((directory / "reference.json").read_text())
    return [{"text": shown, "perplexity": f"{math.exp(found[text]):.2f}"} for text, shown in TEXTS.items()]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=pathlib.Path, help="directory with a run of run.py for each model")
    parser.add_argument("--data", type=pathlib.Path, default=tables.RESULTS / "data")
    parser.add_argument("--page", type=pathlib.Path, default=tables.RESULTS / "accuracy.md")
    options = parser.parse_args(arguments)
    try:
        rows = [row for name, model in MODELS.items() for row in ratio_rows(options.runs / name, model)]
        tables.write_csv(options.data / "smollm2.csv", rows)
        reference = reference_rows(options.runs / "smollm2")
        tables.write_csv(options.data / "smollm2-reference.csv", reference)
        options.page.write_text(tables.filled(options.page, options.data))
    except (ValueError, KeyError, OSError) as error:
        sys.exit(f"pages.py: {error}")


if __name__ == "__main__":
    main()
