import re
import tempfile
import unittest
from pathlib import Path

import picture
import plots
import tables

TEXT = ("text", "grey", "blue", "orange", "green", "purple")


def luminance(colour):
    """Relative luminance of WCAG 2.1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class Theme(unittest.TestCase):
    def test_colours_are_readable_on_both_grounds(self):
        self.assertAlmostEqual(contrast("#000000", "#ffffff"), 21)
        for name in TEXT:
            for side in (0, 1):
                found = contrast(picture.COLOURS[name][side], picture.COLOURS["ground"][side])
                self.assertGreaterEqual(found, 4.5, (name, side))

    def test_strange_colours_are_refused(self):
        with self.assertRaisesRegex(ValueError, "#123456"):
            picture.themed('<svg width="1"><path style="fill: #123456"/></svg>', "x")

    def test_title_role_and_style_are_added(self):
        svg = picture.themed('<svg width="1"><metadata>m</metadata><g/></svg>', "a < b")
        self.assertIn('role="img"', svg)
        self.assertIn("<title>a &lt; b</title>", svg)
        self.assertIn("prefers-color-scheme: dark", svg)
        self.assertNotIn("metadata", svg)


class Pictures(unittest.TestCase):
    def test_pictures_in_the_tree_are_those_of_the_csv_files(self):
        self.assertEqual(plots.stale(list(plots.PICTURES), tables.RESULTS / "data", plots.IMAGES), [])

    def test_another_figure_gives_another_picture(self):
        with tempfile.TemporaryDirectory() as directory:
            data = Path(directory)
            rows = tables.read_csv(tables.RESULTS / "data" / "ladder.csv")
            rows[3][tables.ERROR] = "0.2"
            tables.write_csv(data / "ladder.csv", rows)
            self.assertEqual(plots.stale(["ladder"], data, plots.IMAGES), ["ladder"])

    def test_text_is_large_enough(self):
        for name in plots.PICTURES:
            svg = (plots.IMAGES / f"{name}.svg").read_text()
            width = float(re.search(r'width="([\d.]+)pt"', svg)[1])
            sizes = [float(size) for size in re.findall(r"font(?:-size)?: (?:[\w ]*? )?([\d.]+)px", svg)]
            self.assertTrue(sizes, name)
            self.assertGreaterEqual(min(sizes) * 700 / width, 12, name)


if __name__ == "__main__":
    unittest.main()
