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
        self.kept = {name: tables.read_csv(tables.RESULTS / "data" / f"{name}.csv") for name in pages.MODELS}
        for file, runs in pages.MODELS.items():
            for run, model in runs.items():
                (self.path / run).mkdir()
                shown = {row["method"] for row in self.kept[file] if row["model"] == model}
                for name, label in pages.LABELS.items():
                    if label in shown:
                        self.write(run, name, 0.0 if "GPTQ" in label else 0.03)
            self.write_reference(file, 20)

    def write_reference(self, run, first):
        reference = {
            "test_windows": dict.fromkeys(pages.TEXTS, 3),
            "log_perplexity": {text: math.log(first + place) for place, text in enumerate(pages.TEXTS)},
        }
        (self.path / run / "reference.json").write_text(json.dumps(reference))

    def write(self, run, name, flagged, ratio=1.25):
        result = {"method": name, "bits": 2.5, "outliers": 0.004, "flagged": flagged}
        result["ratio"] = dict.fromkeys(pages.TEXTS, ratio)
        (self.path / run / f"{name}.json").write_text(json.dumps(result))

    def main(self, fresh=True):
        """The directory of CSV files and the page; `fresh`: without those of language models at first."""
        data = self.path / "data"
        if not data.exists():
            data.mkdir()
            for file in (tables.RESULTS / "data").glob("*.csv"):
                (data / file.name).write_text(file.read_text())
        if fresh:
            for file in pages.MODELS:
                (data / f"{file}.csv").unlink(missing_ok=True)
        page = self.path / "page.md"
        page.write_text((tables.RESULTS / "accuracy.md").read_text())
        pages.main([str(self.path), "--data", str(data), "--page", str(page)])
        return data, page.read_text()

    def test_files_have_the_columns_and_rows_of_those_in_the_tree(self):
        data, page = self.main()
        for file, kept in self.kept.items():
            made = tables.read_csv(data / f"{file}.csv")
            self.assertEqual(list(made[0]), list(kept[0]))
            for column in ("model", "method"):
                self.assertEqual([row[column] for row in made], [row[column] for row in kept])
        made = tables.read_csv(data / "smollm2.csv")
        self.assertEqual(made[0]["quotations_ratio"], "1.250")
        self.assertEqual(made[0]["micro_blocks_with_outliers_percent"], "3.00")
        self.assertIn("| width 2 | 2.500 | 1.250 | 1.250 | 1.250 |", page)

    def test_baselines_have_no_outliers(self):
        rows = {row["method"]: row for row in pages.ratio_rows(self.path / "smollm2", "m")}
        self.assertEqual(rows["GPTQ, 2 bits"]["outliers_percent_of_weights"], "")

    def test_reference_is_the_perplexity(self):
        data, _ = self.main()
        for file in pages.MODELS:
            found = tables.read_csv(data / f"{file}-reference.csv")
            self.assertEqual([row["perplexity"] for row in found], ["20.00", "21.00", "22.00"])
            self.assertEqual([row["windows"] for row in found], ["3", "3", "3"])
            kept = tables.read_csv(tables.RESULTS / "data" / f"{file}-reference.csv")
            self.assertEqual(list(found[0]), list(kept[0]))
            self.assertEqual([row["text"] for row in found], [row["text"] for row in kept])

    def test_rows_that_were_not_run_again_stay(self):
        data, _ = self.main()
        before = tables.read_csv(data / "smollm2.csv")
        for run in ("smollm2", "smollm2_rotated"):
            for result in (self.path / run).glob("full_range*.json"):
                result.unlink()
        self.write("smollm2", "gptq4", 0.0, ratio=1.5)
        self.write("smollm2", "gptaq4", 0.0, ratio=1.75)
        self.main(fresh=False)
        after = {(row["model"], row["method"]): row for row in tables.read_csv(data / "smollm2.csv")}
        for row in before:
            key = (row["model"], row["method"])
            if key not in [
                (tables.PUBLISHED, f"GPTQ, 4 bits{targets}") for targets in ("", ", with targets")
            ]:
                self.assertEqual(after[key], row)
        self.assertEqual(after[tables.PUBLISHED, "GPTQ, 4 bits"]["handbook_ratio"], "1.500")
        self.assertEqual(after[tables.PUBLISHED, "GPTQ, 4 bits, with targets"]["handbook_ratio"], "1.750")
        names = [method for model, method in after if model == tables.PUBLISHED]
        order = list(pages.LABELS.values())
        self.assertEqual(names, sorted(names, key=order.index))

    def test_a_model_that_was_not_run_keeps_its_file(self):
        data, _ = self.main()
        before = (data / "smollm2.csv").read_text()
        for result in (self.path / "smollm2").iterdir():
            result.unlink()
        (self.path / "smollm2").rmdir()
        self.main(fresh=False)
        self.assertEqual((data / "smollm2.csv").read_text(), before)

    def test_a_directory_without_runs_is_refused(self):
        for name in ("none", "full_range2.json"):
            with self.assertRaisesRegex(SystemExit, f"{name}: found no run; allowed: .* smollm2 or gemma3"):
                pages.main([str(self.path / name)])

    def test_rows_of_another_reference_are_not_mixed(self):
        self.main()
        self.write_reference("smollm2", 30)
        with self.assertRaisesRegex(SystemExit, "reference"):
            self.main(fresh=False)

    def test_a_method_without_a_label_is_refused(self):
        self.write("smollm2", "strange", 0.1)
        with self.assertRaisesRegex(ValueError, "strange"):
            pages.results(self.path / "smollm2")


if __name__ == "__main__":
    unittest.main()
