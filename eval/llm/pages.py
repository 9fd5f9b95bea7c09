"""Writes docs/results/data/smollm2.csv and gemma3.csv from the results of run.py, and fills the tables of
docs/results/accuracy.md in the way of eval/tables.py.

Rows of methods that RUNS lacks stay as they are if the perplexity of the original model is the same; delete
a CSV file to begin it anew."""

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
MODELS = {  # CSV file: run: model in that file; the first run has the reference
    "smollm2": {
        "smollm2": tables.PUBLISHED,
        "smollm2_rotated": "rotated",
        "smollm2_rotated_4": "rotated for 4-bit inputs",
    },
    "gemma3": {"gemma3": tables.PUBLISHED},
}


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
    return [
        {
            "text": shown,
            "windows": str(found["test_windows"][text]),
            "perplexity": f"{math.exp(found['log_perplexity'][text]):.2f}",
        }
        for text, shown in TEXTS.items()
    ]


def kept_rows(path):
    return tables.read_csv(path) if path.exists() else []


def merged(kept, new):
    """The rows, new ones in place of kept ones of the same model and method; models in the order in which
    they come, methods in that of the labels."""
    found = {(row["model"], row["method"]): row for row in [*kept, *new]}
    models = list(dict.fromkeys(model for model, _ in found))
    order = list(LABELS.values())
    return sorted(found.values(), key=lambda row: (models.index(row["model"]), order.index(row["method"])))


def write(runs, name, data):
    """The CSV files of a model, if it has been run. Error: the rows kept are of another reference."""
    reference = reference_rows(runs / name)
    path = data / f"{name}.csv"
    kept = kept_rows(path)
    kept_reference = kept_rows(data / f"{name}-reference.csv")
    if kept and kept_reference != reference:
        raise ValueError(
            f"{path}: found the reference {reference}; allowed that of its rows: {kept_reference}"
        )
    rows = [row for run, model in MODELS[name].items() for row in ratio_rows(runs / run, model)]
    if not rows:
        raise ValueError(f"{runs / name}: found no finished method")
    tables.write_csv(path, merged(kept, rows))
    tables.write_csv(data / f"{name}-reference.csv", reference)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=pathlib.Path, help="directory with a run of run.py for each model")
    parser.add_argument("--data", type=pathlib.Path, default=tables.RESULTS / "data")
    parser.add_argument("--page", type=pathlib.Path, default=tables.RESULTS / "accuracy.md")
    options = parser.parse_args(arguments)
    try:
        found = [name for name in MODELS if (options.runs / name).is_dir()]
        if not found:
            raise ValueError(f"{options.runs}: found no run; allowed: a directory with {' or '.join(MODELS)}")
        for name in found:
            write(options.runs, name, options.data)
        options.page.write_text(tables.filled(options.page, options.data))
    except (ValueError, KeyError, OSError) as error:
        sys.exit(f"pages.py: {error}")


if __name__ == "__main__":
    main()
