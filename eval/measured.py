"""Rows that msq_evaluate wrote: one per method and layer, and averages over the layers.

A CSV of measurements has a header and these columns (others are kept as text):

  model        name of the model
  layer        name of the linear layer
  k, n         its shape: k inputs, n outputs
  method       name of the method or configuration
  bits         class of the method: 2 or 4
  ebw_stored   bits per weight with everything that is stored counted
  ebw_paper    bits per weight by the paper's formula; empty where it does not apply
  error2       ||X W - X Q||^2 / ||X W||^2 on the held-out inputs

Averages over layers: error2 as the plain mean, bits per weight weighted by k n. Methods that are compared
must have been measured on the same layers."""

import csv

NUMBERS = ("bits", "ebw_stored", "ebw_paper", "error2", "k", "n")


def read_rows(path):
    """The rows as dicts with numbers where there are numbers. Raises ValueError on a missing column, a bad
    number, or rows of several models."""
    with open(path, newline="") as file:
        reader = csv.DictReader(file)
        missing = [
            name for name in ("model", "layer", "method", *NUMBERS) if name not in (reader.fieldnames or [])
        ]
        if missing:
            raise ValueError(f"{path}: found no column {', '.join(missing)}; allowed: see eval/measured.py")
        rows = list(reader)
    for row in rows:
        row.update({name: float(row[name] or "nan") for name in NUMBERS})
    models = sorted({row["model"] for row in rows})
    if len(models) != 1:
        raise ValueError(f"{path}: found models {models}; allowed: one")
    return rows


def by_method(rows):
    """method -> its rows, in the order of the file."""
    groups = {}
    for row in rows:
        groups.setdefault(row["method"], []).append(row)
    return groups


def check_layers(groups):
    """Raises ValueError unless every group has each layer exactly once and all have the same layers."""
    sets = {name: sorted(row["layer"] for row in rows) for name, rows in groups.items()}
    first = next(iter(sets))
    for name, layers in sets.items():
        if len(set(layers)) != len(layers):
            raise ValueError(f"{name}: found a layer more than once")
        if layers != sets[first]:
            raise ValueError(f"{name} and {first}: found different layers; allowed: the same in all")


def mean_error(rows):
    return sum(row["error2"] for row in rows) / len(rows)


def mean_bits(rows, column="ebw_stored"):
    weights = [row["k"] * row["n"] for row in rows]
    return sum(row[column] * weight for row, weight in zip(rows, weights, strict=True)) / sum(weights)


class Measured:
    """The rows of one CSV by method."""

    def __init__(self, path):
        self.groups = by_method(read_rows(path))
        check_layers(self.groups)

    def error(self, method):
        return mean_error(self.groups[method])

    def bits(self, method):
        return mean_bits(self.groups[method])

    def of_class(self, bits):
        return [method for method, rows in self.groups.items() if rows[0]["bits"] == bits]
