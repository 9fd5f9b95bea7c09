"""Writes the figures of docs/results/accuracy.md: CSV files in docs/results/data, and the page's tables from
them.

With --measured DIRECTORY the CSV files are written first, from what eval/reproduce.sh leaves there:
minilm/{compare,full_range,ladder,routing,blocks}.csv and embed.json, ocr/compare.csv and ocr.json. Without
it, or after it, the tables of the page are filled from the CSV files: a table has its place between the lines
"<!-- table: NAME -->" and "<!-- end -->". With --check nothing is written, and it is an error if the page has
other tables than the CSV files give."""

import argparse
import csv
import json
import re
import sys
from pathlib import Path

import measured

EVAL = Path(__file__).parent
RESULTS = EVAL.parent / "docs" / "results"
LABELS = json.loads((EVAL / "labels.json").read_text())
MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
TYPES = ("query", "key", "value", "attention output", "intermediate", "output")
BITS = "stored_bits_per_weight"
ERROR = "squared_output_error"


# ---- measurements as rows of CSV files --------------------------------------------------------------------


def error_text(value):
    """Four significant digits, never in exponents."""
    return f"{value:.4g}" if value >= 0.001 else f"{value:.7f}"


def percent_text(value):
    return f"{100 * value:.3f}"


def figures(found, method):
    return {BITS: f"{found.bits(method):.3f}", ERROR: error_text(found.error(method))}


def compared(found, own):
    """A row per method of both classes; `own` has the other columns of a method."""
    return [
        {"method": LABELS[method], "width_bits": str(bits), **figures(found, method), **own(method)}
        for bits in (2, 4)
        for method in found.of_class(bits)
    ]


def minilm_rows(directory):
    sets = json.loads((directory / "minilm" / "embed.json").read_text())["sets"]

    def cosines(method):
        return {name: f"{sets[method][name]:.4f}" for name in ("mean_cosine", "worst_cosine")}

    return compared(measured.Measured(directory / "minilm" / "compare.csv"), cosines)


def recogniser_rows(directory):
    sets = json.loads((directory / "ocr" / "ocr.json").read_text())["sets"]

    def rates(method):
        return {
            "wrong_characters_percent": f"{100 * sets[method]['character_error_rate']:.2f}",
            "steps_as_fp32_percent": f"{100 * sets[method]['steps_as_fp32']:.2f}",
        }

    reference = {"method": "FP32", "width_bits": "32", BITS: "32", ERROR: "0", **rates("fp32")}
    return [*compared(measured.Measured(directory / "ocr" / "compare.csv"), rates), reference]


def at_equal_bits(points, bits):
    """The error of a method at `bits`: straight in log(error) through its two (bits, error) `points`."""
    (x0, y0), (x1, y1) = points
    return y0 * (y1 / y0) ** ((bits - x0) / (x1 - x0))


def equal_bits_rows(directory):
    """full_range against GPTQ, whose error at the same bits is read between groups of 128 and 64.

    The last column is against GPTQ with rows in the order of their activations, at the bits of groups of 128.
    """
    rows = []
    for model, name in (("minilm", "MiniLM"), ("ocr", "recogniser")):
        found = measured.Measured(directory / model / "compare.csv")
        for bits in (2, 4):
            gptq = [(found.bits(m), found.error(m)) for m in (f"gptq{bits}-g128", f"gptq{bits}-g64")]
            ordered = found.error(f"gptq{bits}-g128-order")
            for method in found.of_class(bits):
                if not method.startswith("full_range"):
                    continue
                there = at_equal_bits(gptq, found.bits(method))
                rows.append(
                    {
                        "model": name,
                        "method": LABELS[method],
                        "width_bits": str(bits),
                        **figures(found, method),
                        "gptq_squared_output_error": error_text(there),
                        "ratio": f"{found.error(method) / there:.2f}",
                        "ratio_to_ordered_gptq": f"{found.error(method) / ordered:.2f}",
                    }
                )
    return rows


def long_rows(directory, name, cells):
    """A row per method of both classes; `cells` turns its label into columns."""
    found = measured.Measured(directory / "minilm" / f"{name}.csv")
    return [
        {**cells(LABELS[method]), "width_bits": str(bits), **figures(found, method)}
        for bits in (2, 4)
        for method in found.of_class(bits)
    ]


def ladder_rows(directory):
    return long_rows(directory, "ladder", lambda label: {"rung": label})


def blocks_rows(directory):
    def cells(label):
        kind, size = label.split("@")
        other = "128" if kind == "micro-block" else "8"
        micro, macro = (size, other) if kind == "micro-block" else (other, size)
        return {"micro_block_weights": micro, "macro_block_weights": macro}

    of_size = {}  # micro-blocks of 8 and macro-blocks of 128 are in both series
    for row in long_rows(directory, "blocks", cells):
        of_size.setdefault(tuple(row[name] for name in (*cells("micro-block@8"), "width_bits")), row)
    return list(of_size.values())


def routing_rows(directory):
    found = measured.Measured(directory / "minilm" / "routing.csv")
    rows = []
    for bits in (2, 4):
        for size in (4, 8, 16):
            bound, free = (found.error(f"routing{bits}-{size}{ending}") for ending in ("", "-free"))
            rows.append(
                {
                    "width_bits": str(bits),
                    "micro_block_weights": str(size),
                    "squared_output_error_routable_sets": f"{bound:.6f}",
                    "squared_output_error_any_set": f"{free:.6f}",
                    "cost_percent": f"{100 * (bound / free - 1):.2f}",
                }
            )
    return rows


def type_of(layer):
    """query, .. of a layer's name."""
    parts = layer.split(".")
    if parts[-1] != "dense":
        return parts[-1]
    return "attention output" if parts[-3:-1] == ["attention", "output"] else parts[-2]


def spread(name, values, text):
    """Smallest, mean and largest value as columns."""
    numbers = (min(values), sum(values) / len(values), max(values))
    return {
        f"{name}_{which}": text(value) for which, value in zip(("min", "mean", "max"), numbers, strict=True)
    }


def outliers_rows(directory):
    """Shares of outliers by type of layer, from the weights as they are (rounded to nearest)."""
    rows = measured.by_method(measured.read_rows(directory / "minilm" / "compare.csv"))["paper4-rtn"]
    columns = {
        "outliers_percent_of_weights": "outliers_wanted",
        "adjacent_percent_of_weights": "adjacent",
        "micro_blocks_with_outliers_percent": "flagged",
    }
    found = []
    for name in (*TYPES, "all"):
        chosen = [row for row in rows if name in ("all", type_of(row["layer"]))]
        line = {"layers": name, "count": str(len(chosen))}
        for shown, column in columns.items():
            line |= spread(shown, [float(row[column]) for row in chosen], percent_text)
        found.append(line)
    return found


def layer_types_rows(directory):
    """The ratio of full_range (price 2) to GPTQ at equal bits, in each layer, by type of layer."""
    groups = measured.by_method(measured.read_rows(directory / "minilm" / "compare.csv"))
    ratios = {bits: {} for bits in (2, 4)}
    for bits, of_layer in ratios.items():
        wide, narrow = ({row["layer"]: row for row in groups[f"gptq{bits}-g{size}"]} for size in (128, 64))
        for row in groups[f"full_range{bits}-price2"]:
            gptq = [
                (other["ebw_stored"], other["error2"]) for other in (wide[row["layer"]], narrow[row["layer"]])
            ]
            of_layer[row["layer"]] = row["error2"] / at_equal_bits(gptq, row["ebw_stored"])
    found = []
    for name in (*TYPES, "all"):
        line = {"layers": name}
        for bits, of_layer in ratios.items():
            values = [ratio for layer, ratio in of_layer.items() if name in ("all", type_of(layer))]
            line |= {"count": str(len(values))}
            line |= spread(f"ratio_{bits}_bits", values, lambda value: f"{value:.2f}")
        found.append(line)
    return found


def settings_rows(directory):
    """Other settings of full_range at 4 bits."""
    found = measured.Measured(directory / "minilm" / "full_range.csv")
    return [
        {
            "setting": LABELS[method],
            **figures(found, method),
            "change_percent": f"{100 * (found.error(method) / found.error('tried4') - 1):.1f}",
        }
        for method in found.of_class(4)
    ]


FILES = {
    "minilm": minilm_rows,
    "recogniser": recogniser_rows,
    "equal-bits": equal_bits_rows,
    "layer-types": layer_types_rows,
    "full-range-settings": settings_rows,
    "ladder": ladder_rows,
    "blocks": blocks_rows,
    "outliers": outliers_rows,
    "routing": routing_rows,
}


def write_csv(path, rows):
    """Rows are dicts with the same keys in the same order. Raises ValueError otherwise."""
    header = list(rows[0])
    if any(list(row) != header for row in rows):
        raise ValueError(f"{path}: found rows with different columns; allowed: {', '.join(header)}")
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_csv(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


# ---- the page's tables -------------------------------------------------------------------------------------


def markdown(header, lines, texts=1):
    """A table; the first `texts` columns are text, the others are numbers."""
    rule = "|" + "---|" * texts + "---:|" * (len(header) - texts)
    return "\n".join(
        ["| " + " | ".join(header) + " |", rule, *("| " + " | ".join(line) + " |" for line in lines), ""]
    )


def number(text):
    """Three significant digits, never in exponents."""
    value = float(text)
    return f"{value:#.3g}".rstrip(".") if value >= 0.001 else f"{value:.6f}"


def signed(text):
    return f"{float(text):+.1f} %".replace("-", "\N{MINUS SIGN}")


def by_name(data, file, *columns):
    """The rows of a file by the text of `columns`, joined by commas."""
    return {", ".join(row[column] for column in columns): row for row in read_csv(data / f"{file}.csv")}


# Name in the overview, method in minilm.csv and recogniser.csv, width in bits, method in smollm2.csv.
OVERVIEW = (
    ("full_range", "full_range, price 2", 4, "full_range, bb = 4"),
    ("GPTQ, ordered", "GPTQ, groups of 128, ordered", 4, "GPTQ, 4 bits"),
    ("paper", "paper, compensated", 4, "paper, bb = 4"),
    ("INT, rounded", "INT, groups of 128", 4, "INT4, rounded"),
    ("OliVe", "OliVe", 4, "OliVe, rounded"),
    ("MXFP4", "MXFP4", 4, "MXFP4, rounded"),
    ("full_range", "full_range, price 2", 2, "full_range, bb = 2"),
    ("GPTQ, ordered", "GPTQ, groups of 128, ordered", 2, "GPTQ, 2 bits"),
    ("paper", "paper, compensated", 2, "paper, bb = 2"),
)
PUBLISHED = "as published"


def overview_table(data):
    minilm, recogniser = (by_name(data, name, "method", "width_bits") for name in ("minilm", "recogniser"))
    smollm2 = by_name(data, "smollm2", "model", "method")
    lines = []
    for name, method, bits, language in OVERVIEW:
        found, read = (rows[f"{method}, {bits}"] for rows in (minilm, recogniser))
        lines.append(
            [name, str(bits), found[BITS], number(found[ERROR]), found["mean_cosine"]]
            + [f"{float(read['wrong_characters_percent']):.2f} %"]
            + [smollm2[f"{PUBLISHED}, {language}"]["handbook_ratio"]]
        )
    header = ["method", "width", "stored bits", "error", "cosine", "wrong characters", "perplexity"]
    return markdown(header, lines)


def equal_bits_table(data):
    lines = [
        [row["model"], row["width_bits"], row[BITS]]
        + [number(row[ERROR]), number(row["gptq_squared_output_error"])]
        + [row["ratio"], row["ratio_to_ordered_gptq"]]
        for row in read_csv(data / "equal-bits.csv")
        if row["method"] == "full_range, price 2"
    ]
    header = ["model", "width", "stored bits", "error", "GPTQ there", "ratio", "to ordered GPTQ"]
    return markdown(header, lines)


def perplexity_table(data):
    lines = [
        [row["method"].removeprefix("full_range, ").replace("bb =", "width"), row[BITS]]
        + [row[f"{text}_ratio"] for text in ("handbook", "quotations", "bible")]
        for row in read_csv(data / "smollm2.csv")
        if row["model"] == PUBLISHED
        and row["method"].startswith("full_range")
        and "inputs" not in row["method"]
    ]
    return markdown(["full_range", "stored bits", "handbook", "quotations", "bible"], lines)


def gemma3_table(data):
    lines = [
        [row["method"], row[BITS]] + [row[f"{text}_ratio"] for text in ("handbook", "quotations", "bible")]
        for row in read_csv(data / "gemma3.csv")
        if "inputs" not in row["method"]
    ]
    return markdown(["method", "stored bits", "handbook", "quotations", "bible"], lines)


def inputs_table(data):
    """Ratios on the handbook by the inputs of all layers; what was not measured is empty."""
    smollm2, gemma3 = (by_name(data, name, "model", "method") for name in ("smollm2", "gemma3"))
    lines = []
    for found, model, method, tuned in (
        (smollm2, PUBLISHED, "full_range, bb = 4", ""),
        (smollm2, "rotated", "full_range, bb = 4", ""),
        (smollm2, "rotated for 4-bit inputs", "full_range, bb = 4", ""),
        (smollm2, "rotated for 4-bit inputs", "full_range, bb = 4", ", tuned"),
        (smollm2, PUBLISHED, "full_range, bb = 2", ""),
        (smollm2, PUBLISHED, "paper, bb = 4", ""),
        (smollm2, PUBLISHED, "paper, bb = 2", ""),
        (gemma3, PUBLISHED, "full_range, bb = 4", ""),
        (gemma3, PUBLISHED, "full_range, bb = 2", ""),
        (gemma3, PUBLISHED, "paper, bb = 4", ""),
        (gemma3, PUBLISHED, "paper, bb = 2", ""),
    ):
        ratios = []
        for inputs in ("", ", MX-INT-8 inputs", ", MX-INT-4 inputs"):
            row = found.get(f"{model}, {method}{inputs}{tuned}")
            ratios.append(row["handbook_ratio"] if row else "")
        if any(ratios):
            shown = "Gemma 3" if found is gemma3 else model + tuned
            lines.append([shown, method.replace("bb =", "width"), *ratios])
    return markdown(["model", "weights", "float inputs", "MX-INT-8", "MX-INT-4"], lines)


TABLES = {
    "overview": overview_table,
    "equal_bits": equal_bits_table,
    "perplexity": perplexity_table,
    "gemma3": gemma3_table,
    "inputs": inputs_table,
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


def filled(page, data):
    """The text of a page with the tables that the CSV files in `data` give."""
    return fill(page.read_text(), {name: table(data) for name, table in TABLES.items()})


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--measured", type=Path, help="write the CSV files from this directory first")
    parser.add_argument("--data", type=Path, default=RESULTS / "data", help="directory of the CSV files")
    parser.add_argument("--page", type=Path, default=RESULTS / "accuracy.md")
    parser.add_argument("--check", action="store_true", help="write nothing; is the page up to date?")
    options = parser.parse_args(arguments)
    if options.check and options.measured:
        parser.error("found --check with --measured, which writes")
    try:
        if options.measured:
            for name, rows in FILES.items():
                write_csv(options.data / f"{name}.csv", rows(options.measured))
        new = filled(options.page, options.data)
    except (ValueError, KeyError, OSError) as error:
        sys.exit(f"tables.py: {error}")
    if options.check and new != options.page.read_text():
        sys.exit(f"tables.py: {options.page} has other tables than {options.data} gives")
    if not options.check:
        options.page.write_text(new)


if __name__ == "__main__":
    main()
