"""Writes the tables of docs/accuracy.md from what was measured.

A table stands between the lines "<!-- table: NAME -->" and "<!-- end -->"; what was there is replaced.
MEASURED is the directory with minilm/{compare,full_range,ladder,routing,blocks}.csv and embed.json, and
ocr/compare.csv and ocr.json. With --check nothing is written, and it is an error if a table would change."""

import argparse
import json
import re
import sys
from pathlib import Path

import plots

EVAL = Path(__file__).parent
LABELS = json.loads((EVAL / "labels.json").read_text())
MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
TYPES = ("query", "key", "value", "attention output", "intermediate", "output")


def markdown(header, lines):
    """A table; the first column is text, the others are numbers."""
    rule = "|---|" + "---:|" * (len(header) - 1)
    return "\n".join(
        ["| " + " | ".join(header) + " |", rule, *("| " + " | ".join(line) + " |" for line in lines), ""]
    )


def number(value):
    """Three significant digits, never in exponents."""
    return f"{value:#.3g}".rstrip(".") if value >= 0.001 else f"{value:.6f}"


def percent(value):
    return f"{100 * value:.2f} %"


class Measured:
    """The rows of one CSV by method."""

    def __init__(self, path):
        self.groups = plots.choose(plots.read_rows(path))
        plots.check_layers(self.groups)

    def error(self, method):
        return plots.mean_error(self.groups[method])

    def bits(self, method):
        return plots.mean_bits(self.groups[method], "ebw_stored")

    def figures(self, method):
        return [f"{self.bits(method):.3f}", number(self.error(method))]

    def of_class(self, bits):
        return [method for method, rows in self.groups.items() if rows[0]["bits"] == bits]


def at_equal_bits(points, bits):
    """The error of a method at `bits`: straight in log(error) through its two (bits, error) `points`."""
    (x0, y0), (x1, y1) = points
    return y0 * (y1 / y0) ** ((bits - x0) / (x1 - x0))


def compare_table(measured, columns, figures):
    """Methods of both classes; `figures` has for each method the numbers of `columns`, as text."""
    lines = []
    for bits in (2, 4):
        for method in measured.of_class(bits):
            lines.append([LABELS[method], str(bits), *measured.figures(method), *figures(method)])
    return markdown(["method", "bb", "stored bits", "error", *columns], lines)


def minilm_table(directory):
    sets = json.loads((directory / "minilm" / "embed.json").read_text())["sets"]

    def cosines(method):
        return [f"{sets[method]['mean_cosine']:.4f}", f"{sets[method]['worst_cosine']:.4f}"]

    return compare_table(
        Measured(directory / "minilm" / "compare.csv"), ["mean cosine", "worst cosine"], cosines
    )


def ocr_table(directory):
    sets = json.loads((directory / "ocr" / "ocr.json").read_text())["sets"]

    def rates(method):
        return [percent(sets[method]["character_error_rate"]), percent(sets[method]["steps_as_fp32"])]

    table = compare_table(
        Measured(directory / "ocr" / "compare.csv"), ["wrong characters", "steps as FP32"], rates
    )
    return table + f"| FP32 | | 32 | 0 | {rates('fp32')[0]} | {rates('fp32')[1]} |\n"


def equal_bits_table(directory):
    """full_range against GPTQ, whose error at the same bits is read between groups of 128 and 64.

    The last column is against GPTQ with rows in the order of their activations, at the bits of groups of 128.
    """
    lines = []
    for model, name in (("minilm", "MiniLM"), ("ocr", "recogniser")):
        measured = Measured(directory / model / "compare.csv")
        for bits in (2, 4):
            gptq = [(measured.bits(m), measured.error(m)) for m in (f"gptq{bits}-g128", f"gptq{bits}-g64")]
            ordered = measured.error(f"gptq{bits}-g128-order")
            for method in measured.of_class(bits):
                if not method.startswith("full_range"):
                    continue
                there = at_equal_bits(gptq, measured.bits(method))
                bits_text, error_text = measured.figures(method)
                lines.append(
                    [f"{name}, {LABELS[method]}", str(bits), bits_text, error_text, number(there)]
                    + [f"{measured.error(method) / error:.2f}" for error in (there, ordered)]
                )
    return markdown(
        ["model, method", "bb", "stored bits", "error", "GPTQ there", "ratio", "ratio, ordered"], lines
    )


def ladder_table(directory):
    measured = Measured(directory / "minilm" / "ladder.csv")
    two, four = measured.of_class(2), measured.of_class(4)
    lines = [[LABELS[a], *measured.figures(a), *measured.figures(b)] for a, b in zip(two, four, strict=True)]
    return markdown(["rung", "bits, bb = 2", "error", "bits, bb = 4", "error"], lines)


def blocks_table(directory):
    measured = Measured(directory / "minilm" / "blocks.csv")
    lines = []
    for a, b in zip(measured.of_class(2), measured.of_class(4), strict=True):
        kind, size = LABELS[a].split("@")
        fixed = "macro-block of 128" if kind == "micro-block" else "micro-block of 8"
        lines.append([f"{kind} of {size}, {fixed}", *measured.figures(a), *measured.figures(b)])
    return markdown(["blocks", "bits, bb = 2", "error", "bits, bb = 4", "error"], lines)


def routing_table(directory):
    measured = Measured(directory / "minilm" / "routing.csv")
    lines = []
    for bits in (2, 4):
        for size in (4, 8, 16):
            bound, free = (f"routing{bits}-{size}{ending}" for ending in ("", "-free"))
            ratio = measured.error(bound) / measured.error(free) - 1
            errors = [f"{measured.error(method):.6f}" for method in (bound, free)]
            lines.append(
                [
                    f"bb = {bits}, B_mu = {size}",
                    *errors,
                    f"{100 * ratio:+.2f} %".replace("-", "\N{MINUS SIGN}"),
                ]
            )
    return markdown(["", "sets that route", "any set", "cost"], lines)


def type_of(layer):
    """query, .. of a layer's name."""
    parts = layer.split(".")
    if parts[-1] != "dense":
        return parts[-1]
    return "attention output" if parts[-3:-1] == ["attention", "output"] else parts[-2]


def outliers_table(directory):
    """Shares of outliers by type of layer, from the weights as they are (rounded to nearest)."""
    rows = plots.choose(plots.read_rows(directory / "minilm" / "compare.csv"))["paper4-rtn"]
    columns = ("outliers_wanted", "adjacent", "flagged")
    lines = []
    for name in (*TYPES, "all"):
        chosen = [row for row in rows if name in ("all", type_of(row["layer"]))]
        line = [f"{name} ({len(chosen)})"]
        for column in columns:
            values = [float(row[column]) for row in chosen]
            line += [percent(value) for value in (min(values), sum(values) / len(values), max(values))]
        lines.append(line)
    header = ["layers", "outliers: min", "mean", "max", "adjacent: min", "mean", "max"]
    return markdown([*header, "blocks with outliers: min", "mean", "max"], lines)


def by_type_table(directory):
    """The ratio of full_range (price 2) to GPTQ at equal bits, in each layer, by type of layer."""
    groups = plots.choose(plots.read_rows(directory / "minilm" / "compare.csv"))
    ratios = {bits: {} for bits in (2, 4)}
    for bits, of_layer in ratios.items():
        wide, narrow = ({row["layer"]: row for row in groups[f"gptq{bits}-g{size}"]} for size in (128, 64))
        for row in groups[f"full_range{bits}-price2"]:
            gptq = [
                (other["ebw_stored"], other["error2"]) for other in (wide[row["layer"]], narrow[row["layer"]])
            ]
            of_layer[row["layer"]] = row["error2"] / at_equal_bits(gptq, row["ebw_stored"])
    lines = []
    for name in (*TYPES, "all"):
        line = []
        for of_layer in ratios.values():
            values = [ratio for layer, ratio in of_layer.items() if name in ("all", type_of(layer))]
            line += [f"{value:.2f}" for value in (min(values), sum(values) / len(values), max(values))]
        lines.append([f"{name} ({len(values)})", *line])
    return markdown(["layers", "bb = 2: min", "mean", "max", "bb = 4: min", "mean", "max"], lines)


def full_range_table(directory):
    """Other settings of full_range at 4 bits."""
    measured = Measured(directory / "minilm" / "full_range.csv")
    lines = []
    for method in measured.of_class(4):
        ratio = measured.error(method) / measured.error("tried4") - 1
        change = f"{100 * ratio:+.1f} %".replace("-", "\N{MINUS SIGN}") if method != "tried4" else ""
        lines.append([LABELS[method], *measured.figures(method), change])
    return markdown(["bb = 4", "stored bits", "error", "change"], lines)


TABLES = {
    "minilm": minilm_table,
    "equal_bits": equal_bits_table,
    "by_type": by_type_table,
    "full_range": full_range_table,
    "ladder": ladder_table,
    "blocks": blocks_table,
    "outliers": outliers_table,
    "routing": routing_table,
    "ocr": ocr_table,
}


def fill(text, tables):
    """`text` with the tables (name -> text) in their places. Raises ValueError unless each has exactly one
    place."""
    places = [name for _, name, _ in MARKED.findall(text)]
    if sorted(places) != sorted(tables):
        raise ValueError(
            f"found places for the tables {sorted(places)}; there are {sorted(tables)}, each once"
        )
    return MARKED.sub(lambda match: match[1] + tables[match[2]] + match[3], text)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "measured", type=Path, metavar="MEASURED", nargs="?", default=EVAL.parent / "build" / "eval"
    )
    parser.add_argument("--page", type=Path, default=EVAL.parent / "docs" / "accuracy.md")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    old = options.page.read_text()
    try:
        new = fill(old, {name: table(options.measured) for name, table in TABLES.items()})
    except (ValueError, OSError) as error:
        sys.exit(f"tables.py: {error}")
    if options.check and new != old:
        sys.exit(f"tables.py: {options.page} has other tables than these measurements give")
    if not options.check:
        options.page.write_text(new)


if __name__ == "__main__":
    main()
