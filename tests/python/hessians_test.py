"""Sums over activations, and the program that reads them."""

import os
import subprocess
import unittest

import microscopiq
from files import WithDirectory, np
from microscopiq.file import Safetensors


def integers(seed, *shape):
    """Activations whose sums are exact."""
    return np.random.default_rng(seed).integers(-8, 9, shape).astype(np.float32)


class Hessians(WithDirectory):
    def file(self, sums):
        sums.save(self.path / "h.safetensors")
        return Safetensors(self.path / "h.safetensors")

    def hessian(self, sums, k, name="a"):
        return self.file(sums).array(f"{name}.hessian", "F32", [k, k])

    def test_windows_add_up(self):
        x, y = integers(1, 30, 5), integers(2, 30, 3)
        sums = microscopiq.Hessians()
        for rows in (slice(0, 12), slice(12, 13), slice(13, 13), slice(13, 30)):
            sums.add("a", x[rows], {"b": y[rows]})
        sums.share("c", "a")
        file = self.file(sums)
        np.testing.assert_array_equal(file.array("a.hessian", "F32", [5, 5]), 2 * x.T @ x)
        np.testing.assert_array_equal(file.array("a.largest", "F32", [1, 5])[0], np.abs(x).max(axis=0))
        np.testing.assert_array_equal(file.array("b.target", "F32", [5, 3]), 2 * x.T @ y)
        self.assertEqual(file.metadata, {"a.tokens": "30", "b.input": "a", "c.input": "a"})

    def test_rows_count_several_times(self):
        x, y = integers(3, 12, 4), integers(4, 12, 2)
        x[3, 1] = 500
        counts = np.ones(12)
        counts[0], counts[3], counts[5] = 4, 9, 0
        sums = microscopiq.Hessians(first_weight=4, massive_weight=9)
        weights = np.ones(12)
        weights[5] = 0
        sums.add("a", x, {"a": y}, row_weights=weights)
        file = self.file(sums)
        np.testing.assert_array_equal(file.array("a.hessian", "F32", [4, 4]), 2 * (counts * x.T) @ x)
        np.testing.assert_array_equal(file.array("a.target", "F32", [4, 2]), 2 * (counts * x.T) @ y)
        self.assertEqual(file.metadata, {"a.tokens": "12"})

    def test_massive_is_sixteen_times_the_median_row(self):
        def largest_counted(values):
            x = np.diag(np.array(values, np.float32))
            sums = microscopiq.Hessians(massive_weight=4)
            sums.add("a", x)
            return np.diag(self.hessian(sums, len(values))) / np.maximum(2 * np.square(values), 1e-9)

        self.assertEqual(largest_counted([1, 1, 16]).tolist(), [1, 1, 4])
        self.assertEqual(largest_counted([1, 1, 15.75]).tolist(), [1, 1, 1])
        self.assertEqual(largest_counted([1, 1, 16, 0, 0]).tolist(), [1, 1, 4, 0, 0])  # zeros apart
        self.assertEqual(largest_counted([1, 16]).tolist(), [1, 1])  # the upper median

    def test_sums_are_in_double_and_symmetric(self):
        x = np.random.default_rng(5).normal(size=(200, 33)).astype(np.float32)
        sums = microscopiq.Hessians(first_weight=7)
        for rows in np.split(x, 8):
            sums.add("a", rows)
        found = self.hessian(sums, 33)
        counts = np.where(np.arange(200) % 25 == 0, 7, 1)
        wanted = 2 * (counts * x.T.astype(np.float64)) @ x
        np.testing.assert_array_equal(found, found.T)
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)

    def test_wrong_windows_are_named_and_add_nothing(self):
        x, y = integers(6, 4, 3), integers(7, 4, 2)
        sums = microscopiq.Hessians()
        sums.add("a", x, {"b": y})
        bad = x.copy()
        bad[2, 1] = np.nan
        for text, *arguments in (
            (r"input a: found shape \[4\]", "a", x[:, 0]),
            ("input a: found K = 2; allowed 3", "a", x[:, :2]),
            (r"input a: found nan at \[2\]\[1\]", "a", bad),
            ("target of b: found 3 rows; allowed 4", "a", x, {"b": y[:3]}),
            ("target of b: found N = 1; allowed 2", "a", x, {"b": y[:, :1]}),
            ("target of c: found shape", "a", x, {"c": y[0]}),
            ("layer b: found input d; allowed a", "d", x, {"c": y, "b": y}),
            ("layer b: found input b; allowed a", "b", x),
            ("row_weights of a: allowed 4 finite", "a", x, None, [1, 1, 1]),
            ("row_weights of a: allowed 4 finite", "a", x, None, [1, 1, 1, -1]),
        ):
            with self.assertRaisesRegex(ValueError, text):
                sums.add(*arguments)
        file = self.file(sums)
        np.testing.assert_array_equal(file.array("a.hessian", "F32", [3, 3]), 2 * x.T @ x)
        self.assertEqual(file.metadata, {"a.tokens": "4", "b.input": "a"})

    def test_layers_have_one_input(self):
        sums = microscopiq.Hessians()
        sums.add("a", integers(8, 4, 3))
        sums.share("b", "a")
        sums.share("b", "a")
        sums.share("a", "a")
        with self.assertRaisesRegex(ValueError, "layer b: found input c; allowed a"):
            sums.share("b", "c")
        with self.assertRaisesRegex(ValueError, "layer a: found input c; allowed a"):
            sums.share("a", "c")
        sums.share("d", "c")
        with self.assertRaisesRegex(ValueError, "layer d: found input c without sums; allowed a"):
            sums.save(self.path / "h.safetensors")
        self.assertEqual(list(self.path.iterdir()), [])

    def test_weights_are_finite_and_not_negative(self):
        for weights in ({"first_weight": -1}, {"massive_weight": np.inf}):
            with self.assertRaisesRegex(ValueError, f"{next(iter(weights))}: found"):
                microscopiq.Hessians(**weights)

    def test_sums_beyond_float32_are_named(self):
        sums = microscopiq.Hessians()
        sums.add("a", np.array([[1e20]]))
        with self.assertRaisesRegex(ValueError, "input a: found sums beyond float32"):
            sums.save(self.path / "h.safetensors")

    def test_a_failed_write_leaves_the_file_before(self):
        sums = microscopiq.Hessians()
        sums.add("a", integers(9, 4, 3))
        sums.save(self.path / "h.safetensors")
        before = (self.path / "h.safetensors").read_bytes()
        sums.add("b\ud800", integers(9, 4, 3))  # no UTF-8
        with self.assertRaises(UnicodeEncodeError):
            sums.save(self.path / "h.safetensors")
        self.assertEqual((self.path / "h.safetensors").read_bytes(), before)
        self.assertEqual(len(list(self.path.iterdir())), 1)

    def test_the_program_quantizes_as_with_the_rows(self):
        x = integers(10, 300, 64)
        np.save(self.path / "x.npy", x)
        np.save(self.path / "w.npy", np.random.default_rng(11).normal(size=(64, 24)).astype(np.float32))
        sums = microscopiq.Hessians()
        for rows in np.split(x, 3):
            sums.add("input", rows)
        sums.share("w", "input")
        sums.save(self.path / "h.safetensors")
        found = []
        for option, name in (("--calibration", "x.npy"), ("--hessians", "h.safetensors")):
            command = [
                os.environ["MSQ_PROGRAM"],
                "quantize",
                "-w",
                self.path / "w.npy",
                option,
                self.path / name,
            ]
            command += ["-b", "2", "--migration", "0.5", "-o", self.path / "q.safetensors"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            found.append((self.path / "q.safetensors").read_bytes())
        self.assertEqual(found[0], found[1])


if __name__ == "__main__":
    unittest.main()
