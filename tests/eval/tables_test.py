import csv
import json
import re
import tempfile
import unittest
from pathlib import Path

import minilm
import tables

ROOT = Path(__file__).parent.parent.parent
COLUMNS = (
    "model,layer,method,bits,k,n,ebw_stored,ebw_paper,error2,outliers_wanted,outliers_kept,adjacent,flagged"
)


class Tables(unittest.TestCase):
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

    def test_number_has_three_digits(self):
        self.assertEqual(
            [tables.number(v) for v in (0.0539, 0.00361, 1.0, 0.000724)],
            ["0.0539", "0.00361", "1.00", "0.000724"],
        )

    def test_between_two_points_the_error_is_geometric(self):
        self.assertAlmostEqual(tables.at_equal_bits([(2.0, 0.16), (2.5, 0.04)], 2.25), 0.08)
        self.assertAlmostEqual(tables.at_equal_bits([(2.0, 0.16), (2.5, 0.04)], 2.0), 0.16)

    def test_types_of_layers(self):
        names = {
            "encoder.layer.3.attention.self.query": "query",
            "encoder.layer.3.attention.output.dense": "attention output",
            "encoder.layer.3.intermediate.dense": "intermediate",
            "encoder.layer.3.output.dense": "output",
        }
        for layer, kind in names.items():
            self.assertEqual(tables.type_of(layer), kind)

    def test_compare_averages_over_layers_and_adds_the_embeddings(self):
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
            tables.minilm_table(self.path).splitlines(),
            [
                "| method | bb | stored bits | error | mean cosine | worst cosine |",
                "|---|---:|---:|---:|---:|---:|",
                "| paper, compensated | 2 | 4.000 | 0.200 | 0.9000 | 0.8000 |",
                "| MXFP4 | 4 | 4.250 | 0.0200 | 0.9900 | 0.9800 |",
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
        lines = tables.equal_bits_table(self.path).splitlines()
        self.assertEqual(len(lines), 2 + 4)
        self.assertEqual(
            lines[2], "| MiniLM, full_range, price 2 | 2 | 2.250 | 0.0600 | 0.0800 | 0.75 | 0.50 |"
        )
        self.assertEqual(
            lines[5], "| recogniser, full_range, price 2 | 4 | 4.250 | 0.0600 | 0.0800 | 0.75 | 0.50 |"
        )

    def test_ratio_by_type_of_layer(self):
        layers = [f"encoder.layer.0.{name}" for name in minilm.LINEARS_OF_LAYER]
        rows = []
        for bits in (2, 4):
            for i, layer in enumerate(layers):
                rows.append((layer, f"gptq{bits}-g128", bits, 2, 2, bits, 0.16, 0, 0, 0))
                rows.append((layer, f"gptq{bits}-g64", bits, 2, 2, bits + 0.5, 0.04, 0, 0, 0))
                rows.append(
                    (layer, f"full_range{bits}-price2", bits, 2, 2, bits + 0.25, 0.04 + 0.008 * i, 0, 0, 0)
                )
        self.write("minilm/compare.csv", rows)
        lines = tables.by_type_table(self.path).splitlines()
        self.assertEqual(lines[2], "| query (1) | 0.50 | 0.50 | 0.50 | 0.50 | 0.50 | 0.50 |")
        self.assertEqual(lines[-1], "| all (6) | 0.50 | 0.75 | 1.00 | 0.50 | 0.75 | 1.00 |")

    def test_cost_of_routability(self):
        rows = []
        for bits in (2, 4):
            for size in (4, 8, 16):
                rows.append(("a", f"routing{bits}-{size}", bits, 2, 2, 2, 0.0102, 0, 0, 0))
                rows.append(("a", f"routing{bits}-{size}-free", bits, 2, 2, 2, 0.01, 0, 0, 0))
        self.write("minilm/routing.csv", rows)
        lines = tables.routing_table(self.path).splitlines()
        self.assertEqual(lines[3], "| bb = 2, B_mu = 8 | 0.010200 | 0.010000 | +2.00 % |")

    def test_shares_of_outliers_by_type(self):
        layers = [f"encoder.layer.0.{name}" for name in minilm.LINEARS_OF_LAYER]
        rows = [(layer, "paper4-rtn", 4, 2, 2, 4, 0.1, 0.001 * i, 0, 0.5) for i, layer in enumerate(layers)]
        self.write("minilm/compare.csv", rows)
        last = tables.outliers_table(self.path).splitlines()[-1]
        self.assertEqual(last.split(" | ")[:4], ["| all (6)", "0.00 %", "0.25 %", "0.50 %"])

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
        page = (ROOT / "docs" / "accuracy.md").read_text()
        self.assertEqual(sorted(re.findall("<!-- table: (.*) -->", page)), sorted(tables.TABLES))
        tables.fill(page, dict.fromkeys(tables.TABLES, ""))


if __name__ == "__main__":
    unittest.main()
