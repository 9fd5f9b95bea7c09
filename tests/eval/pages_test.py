import json
import math
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "eval"), str(ROOT / "eval" / "llm")]

import pages  # noqa: E402

import tables  # noqa: E402


class Pages(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name)
        self.kept = tables.read_csv(tables.RESULTS / "data" / "smollm2.csv")
        for run, model in pages.MODELS.items():
            (self.path / run).mkdir()
            shown = {row["method"] for row in self.kept if row["model"] == model}
            for name, label in pages.LABELS.items():
                if label in shown:
                    self.write(run, name, 0.0 if "GPTQ" in label else 0.03)
        reference = {text: math.log(20 + place) for place, text in enumerate(pages.TEXTS)}
        (self.path / "smollm2" / "reference.json").write_text(json.dumps(reference))

    def write(self, run, name, flagged):
        result = {"method": name, "bits": 2.5, "outliers": 0.004, "flagged": flagged}
        result["ratio"] = dict.fromkeys(pages.TEXTS, 1.25)
        (self.path / run / f"{name}.json").write_text(json.dumps(result))

    def main(self):
        data = self.path / "data"
        data.mkdir()
        for file in (tables.RESULTS / "data").glob("*.csv"):
            (data / file.name).write_text(file.read_text())
        page = self.path / "page.md"
        page.write_text((tables.RESULTS / "accuracy.md").read_text())
        pages.main([str(self.path), "--data", str(data), "--page", str(page)])
        return data, page.read_text()

    def test_files_have_the_columns_and_rows_of_those_in_the_tree(self):
        data, page = self.main()
        made = tables.read_csv(data / "smollm2.csv")
        self.assertEqual(list(made[0]), list(self.kept[0]))
        for column in ("model", "method"):
            self.assertEqual([row[column] for row in made], [row[column] for row in self.kept])
        self.assertEqual(made[0]["quotations_ratio"], "1.250")
        self.assertEqual(made[0]["micro_blocks_with_outliers_percent"], "3.00")
        self.assertIn("| width 2 | 2.500 | 1.250 | 1.250 | 1.250 |", page)

    def test_baselines_have_no_outliers(self):
        rows = {row["method"]: row for row in pages.ratio_rows(self.path / "smollm2", "m")}
        self.assertEqual(rows["GPTQ, 2 bits"]["outliers_percent_of_weights"], "")

    def test_reference_is_the_perplexity(self):
        data, _ = self.main()
        found = tables.read_csv(data / "smollm2-reference.csv")
        self.assertEqual([row["perplexity"] for row in found], ["20.00", "21.00", "22.00"])
        kept = tables.read_csv(tables.RESULTS / "data" / "smollm2-reference.csv")
        self.assertEqual([row["text"] for row in found], [row["text"] for row in kept])

    def test_a_method_without_a_label_is_refused(self):
        self.write("smollm2", "strange", 0.1)
        with self.assertRaisesRegex(ValueError, "strange"):
            pages.results(self.path / "smollm2")


if __name__ == "__main__":
    unittest.main()
