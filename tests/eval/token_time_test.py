import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "eval"), str(ROOT / "eval" / "llm")]

import token_time  # noqa: E402

import model_tables  # noqa: E402
import tables  # noqa: E402

# Stands for the program: cycles depend on the directory that is named last but three.
STUB = """#!{python}
import json, sys
name = sys.argv[sys.argv.index("--quantized") + 1]
print(json.dumps({{"total": {{"cycles": 1000.0 if name.endswith("2") else 2000.0}}}}))
"""


class Bounds(unittest.TestCase):
    LAYERS = [(100, 10.0, 30.0), (300, 40.0, 70.0)]  # 0.2 and 0.1 cycles a weight more at 4 bits

    def test_ends_are_those_of_one_width(self):
        self.assertEqual(token_time.bounds(self.LAYERS, 0.0), (50.0, 50.0))
        self.assertEqual(token_time.bounds(self.LAYERS, 1.0), (100.0, 100.0))

    def test_the_cheapest_and_the_dearest_layers_come_first(self):
        least, most = token_time.bounds(self.LAYERS, 0.5)
        self.assertAlmostEqual(least, 50 + 200 * 0.1)
        self.assertAlmostEqual(most, 50 + 100 * 0.2 + 100 * 0.1)


class Runs(unittest.TestCase):
    def test_finished_methods_have_the_cycles_of_their_files(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory)
            stub = path / "stub"
            stub.write_text(STUB.format(python=sys.executable))
            stub.chmod(0o755)
            for name in ("full_range2", "mixed3"):
                (path / "runs" / name).mkdir(parents=True)
            rows = token_time.full_range(tables.RESULTS / "data")
            found = token_time.of_runs(model_tables.Program(str(stub), path), path / "runs", rows)
        self.assertEqual(
            [list(row.values()) for row in found],
            [
                ["full_range, bb = 2", rows["full_range, bb = 2"][tables.BITS], "1000", "1000"],
                ["full_range, average 3 bits", rows["full_range, average 3 bits"][tables.BITS]]
                + ["2000", "2000"],
            ],
        )

    def test_missing_inputs_are_named(self):
        for option, found in (("--program", "none"), ("--data", "none/smollm2.csv")):
            with (
                mock.patch("sys.argv", ["token_time.py", option, "none"]),
                self.assertRaisesRegex(SystemExit, f"token_time.py: .*No such file or directory: '{found}'"),
            ):
                token_time.main()

    def test_labels_cover_the_rows_of_the_data(self):
        labels = json.loads((ROOT / "eval" / "llm" / "labels.json").read_text()).values()
        self.assertLessEqual(set(token_time.full_range(tables.RESULTS / "data")), set(labels))


if __name__ == "__main__":
    unittest.main()
