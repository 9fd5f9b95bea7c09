"""The pictures of eval/result_plots.py, from small tables made by hand and from those of the pages."""

import csv
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

import picture
import result_plots

PLT = picture.pyplot("results")
DATA = result_plots.ROOT / "docs/results/data"
SVG = "{http://www.w3.org/2000/svg}"


class Pictures(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name)

    def test_every_picture_of_the_pages_is_drawn_and_the_same_twice(self):
        for name, (function, _, _) in result_plots.PICTURES.items():
            with self.subTest(picture=name):
                found = []
                for _ in range(2):
                    result_plots.draw(name, DATA, self.path)
                    found.append((self.path / f"{name}.svg").read_text(encoding="utf-8"))
                self.assertEqual(*found)
                root = xml.etree.ElementTree.fromstring(found[0])
                self.assertEqual(root.get("role"), "img")
                self.assertEqual(root.find(f"{SVG}title").text, function.__doc__)
                self.assertIn("prefers-color-scheme: dark", found[0])

    def test_a_point_is_where_the_table_says(self):
        """Areas of 3 and 6 mm2: the second point is twice as high above the axis."""
        rows = [
            {"array": "8x8", "design": "ours", "period_ns": period, "area_mm2": area}
            for period, area in (("4", "3"), ("2", "6"), ("1", ""))
        ]
        figure = result_plots.draw_clock(PLT, rows)
        ((line,), _) = figure.axes[0].get_legend_handles_labels()
        self.assertEqual(line.get_xydata().tolist(), [[250, 3], [500, 6]])

    def test_stacked_bars_add_up(self):
        _, axis = PLT.subplots()
        parts = {"a": [1.0, 2.0], "b": [3.0, 4.0]}
        self.assertEqual(result_plots.stacked(axis, ["x", "y"], parts), [4, 6])

    def test_a_missing_column_is_named(self):
        file = self.path / "clock.csv"
        with file.open("w", newline="") as stream:
            csv.writer(stream).writerows([["array", "design"], ["8x8", "ours"]])
        with self.assertRaisesRegex(ValueError, "found no period_ns, area_mm2; allowed"):
            result_plots.draw("clock", self.path, self.path)


if __name__ == "__main__":
    unittest.main()
