import tempfile
import unittest
from pathlib import Path

import plots

HEADER = "model,layer,k,n,method,bits,ebw_stored,ebw_paper,error2"


class Plots(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name)

    def csv(self, *lines):
        file = self.path / "x.csv"
        file.write_text("\n".join([HEADER, *lines]) + "\n")
        return file

    def test_means(self):
        rows = plots.read_rows(self.csv("m,a,2,3,x@128,2,2.5,2,0.1", "m,b,2,9,x@128,2,4.5,2,0.3"))
        self.assertAlmostEqual(plots.mean_error(rows), 0.2)
        self.assertAlmostEqual(plots.mean_bits(rows, "ebw_stored"), (2.5 * 6 + 4.5 * 18) / 24)

    def test_layers_must_be_the_same(self):
        rows = plots.read_rows(self.csv("m,a,2,3,x@128,2,2,2,0.1", "m,b,2,3,y@128,2,2,2,0.3"))
        with self.assertRaisesRegex(ValueError, "different layers"):
            plots.check_layers(plots.choose(rows))
        with self.assertRaisesRegex(ValueError, "more than once"):
            plots.check_layers({"x": rows[:1] * 2})

    def test_bad_files(self):
        with self.assertRaisesRegex(ValueError, "models"):
            plots.read_rows(self.csv("m,a,2,3,x@128,2,2,2,0.1", "o,a,2,3,x@128,2,2,2,0.1"))
        (self.path / "y.csv").write_text("model,layer\n")
        with self.assertRaisesRegex(ValueError, "found no column method"):
            plots.read_rows(self.path / "y.csv")

    def test_short_names(self):
        self.assertEqual(plots.short("encoder.layer.3.attention.self.query"), "3 query")
        self.assertEqual(plots.short("encoder.layer.0.attention.output.dense"), "0 attn. out")
        self.assertEqual(plots.short("linear_77.w_0"), "linear_77.w_0")

    def test_every_plot_is_drawn_and_the_same_twice(self):
        lines = [
            f"m,{layer},2,3,{method}@{block},{bits},{bits + 8 / block},{bits},{error / bits}"
            for layer in ("a", "b")
            for method, error in (("x", 0.3), ("y", 0.2))
            for bits in (2, 4)
            for block in (64, 128)
        ]
        file = self.csv(*lines)
        arguments = {"tradeoff": []}
        for plot in plots.PLOTS:
            drawn = []
            for name in ("1.svg", "2.svg"):
                more = arguments.get(plot, ["--bits", "4"])
                options = plots.parse([plot, str(file), "-o", str(self.path / name), *more])
                plots.draw(plots.read_rows(file), options)
                drawn.append((self.path / name).read_text())
            self.assertIn("<svg", drawn[0])
            self.assertEqual(drawn[0], drawn[1], plot)


if __name__ == "__main__":
    unittest.main()
