import csv
import json
import re
import tempfile
import unittest
from pathlib import Path

import measured
import tables

ROOT = Path(__file__).parent.parent.parent
COLUMNS = (
    "model,layer,method,bits,k,n,ebw_stored,ebw_paper,error2,outliers_wanted,outliers_kept,adjacent,flagged"
)
LAYERS = [
    f"encoder.layer.0.{name}"
    for name in (
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
        "attention.output.dense",
        "intermediate.dense",
        "output.dense",
    )
]


class Directory(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name)

    def write(self, name, rows):
        """rows: (layer, method, bits, k, n, stored, error, wanted, adjacent, flagged)"""
        file = self.path / name
        file.parent.mkdir(exist_ok=True)
        with file.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS.split(","))
            for layer, method, bits, k, n, stored, error, wanted, adjacent, flagged in rows:
                writer.writerow(
                    ["m", layer, method, bits, k, n, stored, "", error, wanted, 0, adjacent, flagged]
                )
        return file


class MeasuredRows(Directory):
    def rows(self, *rows):
        return measured.read_rows(self.write("x.csv", [(*row, 0, 0, 0) for row in rows]))

    def test_means(self):
        rows = self.rows(("a", "x", 2, 2, 3, 2.5, 0.1), ("b", "x", 2, 2, 9, 4.5, 0.3))
        self.assertAlmostEqual(measured.mean_error(rows), 0.2)
        self.assertAlmostEqual(measured.mean_bits(rows), (2.5 * 6 + 4.5 * 18) / 24)

    def test_layers_must_be_the_same(self):
        rows = self.rows(("a", "x", 2, 2, 3, 2, 0.1), ("b", "y", 2, 2, 3, 2, 0.3))
        with self.assertRaisesRegex(ValueError, "different layers"):
            measured.check_layers(measured.by_method(rows))
        with self.assertRaisesRegex(ValueError, "more than once"):
            measured.check_layers({"x": rows[:1] * 2})

    def test_bad_files(self):
        file = self.write("x.csv", [("a", "x", 2, 2, 3, 2, 0.1, 0, 0, 0)] * 2)
        file.write_text(file.read_text().replace("m,a", "o,a", 1))
        with self.assertRaisesRegex(ValueError, "models"):
            measured.read_rows(file)
        file.write_text("model,layer\n")
        with self.assertRaisesRegex(ValueError, "found no column method"):
            measured.read_rows(file)


class Tables(Directory):
    def test_numbers_have_three_digits(self):
        self.assertEqual(
            [tables.number(v) for v in ("0.0539", "0.00361", "1.0", "0.000724")],
            ["0.0539", "0.00361", "1.00", "0.000724"],
        )

    def test_files_have_four_digits(self):
        self.assertEqual([tables.error_text(v) for v in (0.053912, 0.0007241)], ["0.05391", "0.0007241"])

    def test_between_two_points_the_error_is_geometric(self):
        self.assertAlmostEqual(tables.at_equal_bits([(2.0, 0.16), (2.5, 0.04)], 2.25), 0.08)
        self.assertAlmostEqual(tables.at_equal_bits([(2.0, 0.16), (2.5, 0.04)], 2.0), 0.16)

    def test_types_of_layers(self):
        types = [tables.type_of(layer) for layer in LAYERS]
        self.assertEqual(types, list(tables.TYPES))

    def test_compared_methods_are_averaged_over_layers_and_have_their_embeddings(self):
        self.write(
            "minilm/compare.csv",
            [
                ("a", "paper2", 2, 2, 3, 2.5, 0.1, 0, 0, 0),
                ("b", "paper2", 2, 2, 9, 4.5, 0.3, 0, 0, 0),
                ("a", "mxfp4", 4, 2, 3, 4.25, 0.01, 0, 0, 0),
                ("b", "mxfp4", 4, 2, 9, 4.25, 0.03, 0, 0, 0),
            ],
        )
        sets = {
            "paper2": {"mean_cosine": 0.9, "worst_cosine": 0.8},
            "mxfp4": {"mean_cosine": 0.99, "worst_cosine": 0.98},
        }
        (self.path / "minilm" / "embed.json").write_text(json.dumps({"sets": sets}))
        self.assertEqual(
            [list(row.values()) for row in tables.minilm_rows(self.path)],
            [
                ["paper, compensated", "2", "4.000", "0.2", "0.9000", "0.8000"],
                ["MXFP4", "4", "4.250", "0.02", "0.9900", "0.9800"],
            ],
        )

    def test_equal_bits(self):
        methods = [
            ("gptq{}-g128", 0.16),
            ("gptq{}-g64", 0.04),
            ("gptq{}-g128-order", 0.12),
            ("full_range{}-price2", 0.06),
        ]
        stored = (0.0, 0.5, 0.0, 0.25)
        rows = [
            ("a", name.format(b), b, 2, 2, b + more, error, 0, 0, 0)
            for b in (2, 4)
            for (name, error), more in zip(methods, stored, strict=True)
        ]
        self.write("minilm/compare.csv", rows)
        self.write("ocr/compare.csv", rows)
        found = [list(row.values()) for row in tables.equal_bits_rows(self.path)]
        self.assertEqual(len(found), 4)
        shared = ["0.06", "0.08", "0.75", "0.50"]
        self.assertEqual(found[0], ["MiniLM", "full_range, price 2", "2", "2.250", *shared])
        self.assertEqual(found[3], ["recogniser", "full_range, price 2", "4", "4.250", *shared])
        tables.write_csv(self.path / "equal-bits.csv", tables.equal_bits_rows(self.path))
        self.assertIn(
            "| recogniser | 4 | 4.250 | 0.0600 | 0.0800 | 0.75 | 0.50 |", tables.equal_bits_table(self.path)
        )

    def test_ratio_by_type_of_layer(self):
        rows = []
        for bits in (2, 4):
            for i, layer in enumerate(LAYERS):
                rows.append((layer, f"gptq{bits}-g128", bits, 2, 2, bits, 0.16, 0, 0, 0))
                rows.append((layer, f"gptq{bits}-g64", bits, 2, 2, bits + 0.5, 0.04, 0, 0, 0))
                rows.append(
                    (layer, f"full_range{bits}-price2", bits, 2, 2, bits + 0.25, 0.04 + 0.008 * i, 0, 0, 0)
                )
        self.write("minilm/compare.csv", rows)
        found = [list(row.values()) for row in tables.layer_types_rows(self.path)]
        self.assertEqual(found[0], ["query", "1", *["0.50"] * 6])
        self.assertEqual(found[-1], ["all", "6", *["0.50", "0.75", "1.00"] * 2])

    def test_cost_of_routability(self):
        rows = []
        for bits in (2, 4):
            for size in (4, 8, 16):
                rows.append(("a", f"routing{bits}-{size}", bits, 2, 2, 2, 0.0102, 0, 0, 0))
                rows.append(("a", f"routing{bits}-{size}-free", bits, 2, 2, 2, 0.01, 0, 0, 0))
        self.write("minilm/routing.csv", rows)
        found = tables.routing_rows(self.path)
        self.assertEqual(list(found[1].values()), ["2", "8", "0.010200", "0.010000", "2.00"])

    def test_shares_of_outliers_by_type(self):
        rows = [(layer, "paper4-rtn", 4, 2, 2, 4, 0.1, 0.001 * i, 0, 0.5) for i, layer in enumerate(LAYERS)]
        self.write("minilm/compare.csv", rows)
        last = list(tables.outliers_rows(self.path)[-1].values())
        self.assertEqual(last[:5], ["all", "6", "0.000", "0.250", "0.500"])

    def test_blocks_of_both_series_are_written_once(self):
        names = [f"{kind}{bits}@{size}" for bits in (2, 4) for kind, size in (("micro", 8), ("macro", 128))]
        self.write("minilm/blocks.csv", [("a", n, int(n[5]), 2, 2, 3, 0.1, 0, 0, 0) for n in names])
        found = [list(row.values()) for row in tables.blocks_rows(self.path)]
        self.assertEqual(found, [["8", "128", bits, "3.000", "0.1"] for bits in "24"])

    def test_csv_files_have_one_set_of_columns(self):
        with self.assertRaisesRegex(ValueError, "different columns"):
            tables.write_csv(self.path / "x.csv", [{"a": "1"}, {"b": "1"}])

    def test_fill_replaces_between_the_marks_only(self):
        text = "a\n<!-- table: x -->\nold\n<!-- end -->\nb\n<!-- table: y -->\n<!-- end -->\n"
        filled = tables.fill(text, {"x": "new\n", "y": "more\n"})
        self.assertEqual(
            filled, "a\n<!-- table: x -->\nnew\n<!-- end -->\nb\n<!-- table: y -->\nmore\n<!-- end -->\n"
        )
        self.assertEqual(tables.fill(filled, {"x": "new\n", "y": "more\n"}), filled)
        for tables_of_it in ({"x": ""}, {"x": "", "y": "", "z": ""}):
            with self.assertRaisesRegex(ValueError, "each once"):
                tables.fill(text, tables_of_it)


class Page(unittest.TestCase):
    def test_tables_are_those_of_the_csv_files(self):
        page = tables.RESULTS / "accuracy.md"
        self.assertTrue(tables.filled(page, tables.RESULTS / "data") == page.read_text())

    def test_csv_files_are_linked_from_a_page(self):
        pages = "".join((tables.RESULTS / name).read_text() for name in ("accuracy.md", "paper.md"))
        own = {*tables.FILES, "contention", "massive-tokens", "smollm2", "smollm2-reference", "token-time"}
        for name in own | {"smollm2-calibration-settings", "gemma3", "gemma3-reference"}:
            self.assertTrue((tables.RESULTS / "data" / f"{name}.csv").exists(), name)
            self.assertTrue(f"(data/{name}.csv)" in pages, name)


class WholeRun(Directory):
    """Files that eval/reproduce.sh leaves, with made-up errors, for every method of its lists."""

    def setUp(self):
        super().setUp()
        for model, names in (("minilm", ("compare", "full_range", "ladder", "routing", "blocks")),) + (
            ("ocr", ("compare",)),
        ):
            for name in names:
                self.write(f"{model}/{name}.csv", self.rows(name))
        sets = {entry["name"]: {"mean_cosine": 0.9, "worst_cosine": 0.8} for entry in self.list("compare")}
        (self.path / "minilm" / "embed.json").write_text(json.dumps({"sets": sets}))
        rates = {"character_error_rate": 0.0123, "steps_as_fp32": 0.95}
        read = dict.fromkeys(["fp32", *sets], rates)
        (self.path / "ocr" / "ocr.json").write_text(json.dumps({"sets": read}))

    def list(self, name):
        return json.loads((ROOT / "eval" / "methods" / f"{name}.json").read_text())

    def rows(self, name):
        for place, entry in enumerate(self.list(name)):
            bits = entry.get("bits", 4)
            for layer in LAYERS:
                yield layer, entry["name"], bits, 8, 8, bits + 0.01 * place, 0.1, 0.01, 0.001, 0.03

    def test_every_file_has_the_columns_and_rows_of_the_one_in_the_tree(self):
        texts = ("method", "rung", "setting", "layers", "model", "width_bits", "micro_block_weights")
        for name, rows in tables.FILES.items():
            tables.write_csv(self.path / f"{name}.csv", rows(self.path))
            made, kept = (tables.read_csv(p / f"{name}.csv") for p in (self.path, tables.RESULTS / "data"))
            self.assertEqual(list(made[0]), list(kept[0]), name)
            for column in set(texts) & set(made[0]):
                self.assertEqual([r[column] for r in made], [r[column] for r in kept], (name, column))

    def test_main_fills_the_page_from_what_was_measured(self):
        data = self.path / "data"
        data.mkdir()
        page = self.path / "page.md"
        page.write_text((tables.RESULTS / "accuracy.md").read_text())
        for file in ("smollm2.csv", "gemma3.csv"):
            (data / file).write_text((tables.RESULTS / "data" / file).read_text())
        arguments = ["--data", str(data), "--page", str(page)]
        tables.main(["--measured", str(self.path), *arguments])
        self.assertIn("| 4.0", page.read_text())
        self.assertIn("| 1.23 % |", page.read_text())
        tables.main(["--check", *arguments])
        page.write_text(page.read_text().replace("| 1.23 % |", "| 1.24 % |"))
        with self.assertRaisesRegex(SystemExit, "other tables"):
            tables.main(["--check", *arguments])


class Lists(unittest.TestCase):
    def test_every_method_has_a_label_and_labels_differ_within_a_list_and_class(self):
        used = set()
        for file in sorted((ROOT / "eval" / "methods").glob("*.json")):
            entries = json.loads(file.read_text())
            used |= {entry["name"] for entry in entries}
            if file.stem == "routing":
                continue  # shown by its own table
            shown = [(tables.LABELS[entry["name"]], entry.get("bits", 4)) for entry in entries]
            self.assertEqual(len(set(shown)), len(shown), file.name)
        self.assertEqual(set(tables.LABELS) - used, set())

    def test_page_has_a_place_for_each_table(self):
        page = (tables.RESULTS / "accuracy.md").read_text()
        self.assertEqual(sorted(re.findall("<!-- table: (.*) -->", page)), sorted(tables.TABLES))


if __name__ == "__main__":
    unittest.main()
