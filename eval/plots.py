"""Draws the accuracy figures from a CSV of measurements; the ending of OUTPUT (.svg, .png, .pdf) chooses the
format.

The CSV has a header and one row per measurement, with these columns (others are ignored):

  model        name of the model
  layer        name of the linear layer
  k, n         its shape: k inputs, n outputs
  method       name of the method or configuration, shown as it is; "blocks" wants NAME@64 for 64 weights per
               block
  bits         class of the method: 2 or 4
  ebw_stored   bits per weight with everything that is stored counted
  ebw_paper    bits per weight by the paper's formula; empty where it does not apply
  error2       ||X W - X Q||^2 / ||X W||^2 on the held-out inputs

Averages over layers: error2 as the plain mean, bits per weight weighted by k n. Every method shown must have
been measured on the same layers."""

import argparse
import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, NullLocator

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#5c5c5c", "#8c510a")
MARKERS = "osD^vPhX"
ERROR_LABEL = "relative output error, squared"
STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": 10,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "svg.hashsalt": "plots",  # the same SVG from the same data
}
NUMBERS = ("bits", "ebw_stored", "ebw_paper", "error2", "k", "n")


def read_rows(path, model=None, labels=None):
    """The rows as dicts with numbers where there are numbers. Raises ValueError on a missing column or bad
    number.

    `labels`: method -> the text that takes its place, which may be the same in several classes.
    """
    with open(path, newline="") as file:
        reader = csv.DictReader(file)
        missing = [
            name for name in ("model", "layer", "method", *NUMBERS) if name not in (reader.fieldnames or [])
        ]
        if missing:
            raise ValueError(f"{path}: found no column {', '.join(missing)}; allowed: see --help")
        rows = [row for row in reader if model in (None, row["model"])]
    for row in rows:
        row.update({name: float(row[name] or "nan") for name in NUMBERS})
        row["method"] = (labels or {}).get(row["method"], row["method"])
    models = sorted({row["model"] for row in rows})
    if len(models) != 1:
        raise ValueError(f"{path}: found models {models}; allowed: one, or choose it with --model")
    return rows


def choose(rows, methods=None, bits=None):
    """The rows of the named methods (None: all), of a class (None: all). Raises ValueError if a method has
    none."""
    kept = [row for row in rows if bits in (None, row["bits"])]
    names = methods or list(dict.fromkeys(row["method"] for row in kept))
    found = {row["method"] for row in kept}
    absent = [name for name in names if name not in found]
    if absent or not names:
        raise ValueError(
            f"found no row of {', '.join(absent) or 'any method'}; there are: {', '.join(sorted(found))}"
        )
    return {name: [row for row in kept if row["method"] == name] for name in names}


def check_layers(groups):
    """Raises ValueError unless every group has each layer exactly once and all have the same layers."""
    sets = {name: sorted(row["layer"] for row in rows) for name, rows in groups.items()}
    first = next(iter(sets))
    for name, layers in sets.items():
        if len(set(layers)) != len(layers):
            raise ValueError(f"{name}: found a layer more than once; choose with --bits")
        if layers != sets[first]:
            raise ValueError(f"{name} and {first}: found different layers; allowed: the same in all")


def mean_error(rows):
    return sum(row["error2"] for row in rows) / len(rows)


def mean_bits(rows, column):
    weights = [row["k"] * row["n"] for row in rows]
    return sum(row[column] * weight for row, weight in zip(rows, weights, strict=True)) / sum(weights)


def plain(value, _position=None):
    return f"{value:.3g}"


def log_errors(axis):
    """Ticks of a logarithmic scale as plain numbers, enough of them for less than a decade."""
    axis.set_major_locator(matplotlib.ticker.LogLocator(base=10, subs=(1, 1.5, 2, 3, 5, 7), numticks=20))
    axis.set_major_formatter(FuncFormatter(plain))
    axis.set_minor_locator(NullLocator())


def short(layer):
    """encoder.layer.3.attention.self.query -> 3 query; other names stay as they are."""
    name = layer.removeprefix("encoder.layer.")
    for long, brief in (("attention.self.", ""), ("attention.output.dense", "attn. out"), (".dense", "")):
        name = name.replace(long, brief)
    return name.replace(".", " ", 1) if name != layer else layer


def draw_tradeoff(rows, options):
    """(a) Error against bits per weight, averaged over layers: one panel per class."""
    classes = sorted({row["bits"] for row in rows})
    figure, panels = plt.subplots(1, len(classes), figsize=(4.4 * len(classes), 3.9), squeeze=False)
    style = {
        name: i for i, name in enumerate(options.methods or dict.fromkeys(row["method"] for row in rows))
    }
    handles = {}
    for panel, bits in zip(panels[0], classes, strict=True):
        present = {row["method"] for row in rows if row["bits"] == bits}
        groups = choose(rows, [name for name in style if name in present], bits)
        check_layers(groups)
        for name, group in groups.items():
            i = style[name]  # of more methods than colours, each has its own pair of colour and marker
            colour, marker = COLOURS[i % len(COLOURS)], MARKERS[(i + i // len(COLOURS) * 3) % len(MARKERS)]
            x, y = mean_bits(group, options.bits_column), mean_error(group)
            handles[name] = panel.scatter(
                x, y, s=46, color=colour, marker=marker, edgecolor="white", zorder=3
            )
        panel.set_yscale("log")
        log_errors(panel.yaxis)
        panel.margins(0.12, 0.15)
        panel.set_title(f"{bits:g}-bit class")
        panel.set_xlabel(
            "bits per weight, " + ("as stored" if options.bits_column == "ebw_stored" else "paper's formula")
        )
    panels[0][0].set_ylabel(f"{ERROR_LABEL}\nmean over {len(group)} layers")
    names = [name for name in style if name in handles]
    figure.legend([handles[name] for name in names], names, loc="outside right upper")
    return figure


def draw_layers(rows, options):
    """(b) The error of each layer: bars side by side for the chosen methods."""
    groups = choose(rows, options.methods, options.bits)
    check_layers(groups)
    layers = [row["layer"] for row in next(iter(groups.values()))]
    figure, panel = plt.subplots(figsize=(max(4.5, 1.2 + 0.28 * len(layers)), 3.8))
    width = 0.8 / len(groups)
    for i, (name, group) in enumerate(groups.items()):
        errors = {row["layer"]: row["error2"] for row in group}
        places = [j - 0.4 + (i + 0.5) * width for j in range(len(layers))]
        panel.bar(
            places, [errors[layer] for layer in layers], width, label=name, color=COLOURS[i % len(COLOURS)]
        )
    panel.set_xticks(range(len(layers)), [short(layer) for layer in layers], rotation=90)
    panel.set_xlim(-0.7, len(layers) - 0.3)
    panel.grid(axis="x", visible=False)
    panel.set_ylabel(ERROR_LABEL)
    figure.legend(loc="outside upper center", ncols=min(4, len(groups)))
    return figure


def draw_ladder(rows, options):
    """(c) An ablation: methods from top to bottom, those named "+ .." with their change against the one
    above."""
    groups = choose(rows, options.methods, options.bits)
    check_layers(groups)
    errors = [mean_error(group) for group in groups.values()]
    bits = [mean_bits(group, options.bits_column) for group in groups.values()]
    figure, panel = plt.subplots(figsize=(6.8, 1.1 + 0.42 * len(groups)))
    places = range(len(groups))
    panel.barh(places, errors, 0.62, color=COLOURS[0])
    for place, name in enumerate(groups):
        change = ""
        if place and name.startswith("+"):
            change = f"  ({errors[place] / errors[place - 1] - 1:+.0%})".replace("-", "\N{MINUS SIGN}")
        panel.text(
            errors[place], place, f"  {errors[place]:.3g}{change}   {bits[place]:.2f} bits", va="center"
        )
    panel.set_yticks(places, list(groups))
    panel.invert_yaxis()
    panel.set_xlim(0, max(errors) * 1.5)
    panel.grid(visible=False)
    panel.tick_params(axis="y", length=0)
    panel.set_xlabel(f"{ERROR_LABEL}, mean over {len(next(iter(groups.values())))} layers")
    return figure


def draw_blocks(rows, options):
    """(d) Error and bits per weight against the block size, a line per method."""
    split = [(row, *row["method"].partition("@")[::2]) for row in rows]
    sized = [row | {"method": name, "block": int(block)} for row, name, block in split if block.isdigit()]
    groups = choose(sized, options.methods, options.bits)
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.5))
    sizes = sorted({row["block"] for group in groups.values() for row in group})
    for i, (name, group) in enumerate(groups.items()):
        of_size = defaultdict(list)
        for row in group:
            of_size[row["block"]].append(row)
        check_layers({f"{name}, block {size}": of_size[size] for size in sorted(of_size)})
        style = {
            "color": COLOURS[i % len(COLOURS)],
            "marker": MARKERS[i % len(MARKERS)],
            "markeredgecolor": "white",
        }
        own = sorted(of_size)
        left.plot(own, [mean_error(of_size[size]) for size in own], label=name, **style)
        right.plot(own, [mean_bits(of_size[size], options.bits_column) for size in own], **style)
    for panel in (left, right):
        panel.set_xscale("log", base=2)
        panel.set_xticks(sizes, [str(size) for size in sizes])
        panel.xaxis.set_minor_locator(NullLocator())
        panel.set_xlabel("weights per block")
    left.set_ylim(0, 1.1 * max(max(line.get_ydata()) for line in left.lines))
    left.set_ylabel(f"{ERROR_LABEL}\nmean over layers")
    right.set_ylabel(
        "bits per weight, " + ("as stored" if options.bits_column == "ebw_stored" else "paper's formula")
    )
    figure.legend(loc="outside upper center", ncols=min(4, len(groups)))
    return figure


PLOTS = {"tradeoff": draw_tradeoff, "layers": draw_layers, "ladder": draw_ladder, "blocks": draw_blocks}


def draw(rows, options):
    with plt.rc_context(STYLE | {"figure.constrained_layout.use": True}):
        figure = PLOTS[options.plot](rows, options)
        if options.title:
            figure.suptitle(options.title, fontsize=11)
        metadata = {"Date": None} if Path(options.output).suffix == ".svg" else None
        figure.savefig(options.output, dpi=160, metadata=metadata)
        plt.close(figure)


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    descriptions = "; ".join(f"{name}: {function.__doc__.rstrip('.')}" for name, function in PLOTS.items())
    parser.add_argument("plot", choices=PLOTS, help=descriptions)
    parser.add_argument("csv", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--model", help="rows of this model; needed if there are several")
    parser.add_argument("--methods", type=lambda text: text.split(","), help="A,B,...: these, in this order")
    parser.add_argument(
        "--bits", type=float, help="only this class (2 or 4); not for tradeoff, which shows all"
    )
    parser.add_argument("--bits-column", choices=("ebw_stored", "ebw_paper"), default="ebw_stored")
    parser.add_argument(
        "--labels", type=Path, help="JSON: method -> text to show instead, and to name it by here"
    )
    parser.add_argument("--skip", help="no method in whose name this text is")
    parser.add_argument("--title")
    options = parser.parse_args(arguments)
    if options.plot == "tradeoff" and options.bits:
        parser.error("found --bits with tradeoff, which shows all classes")
    return options


def main():
    options = parse()
    try:
        labels = json.loads(options.labels.read_text()) if options.labels else None
        rows = read_rows(options.csv, options.model, labels)
        if options.skip:
            rows = [row for row in rows if options.skip not in row["method"]]
        draw(rows, options)
    except ValueError as error:
        sys.exit(f"plots.py: {error}")


if __name__ == "__main__":
    main()
