"""Activations, products and outputs at their edges; tests/oracle compares whole matrices."""

import unittest
from fractions import Fraction

import microscopiq
from files import WithDirectory, np, paper_layer
from microscopiq.bits import floor_log2, shift_half_even
from microscopiq.gemm import Outputs


def one(value, exponent=0):
    return Outputs(np.array([[value]], np.int64), np.array([[exponent]], np.int64))


class Shifts(unittest.TestCase):
    def test_half_to_even(self):
        values = np.array([5, 6, 7, -5, -6, -7, 2, -2, 10, -10], np.int64)
        expected = [round(Fraction(int(v), 4)) for v in values]
        self.assertEqual(shift_half_even(values, np.int64(-2)).tolist(), expected)
        self.assertEqual(shift_half_even(values, np.int64(3)).tolist(), (values * 8).tolist())

    def test_far_to_the_right_nothing_is_left(self):
        values = np.array([2**60, -(2**60), 1, -1], np.int64)
        self.assertEqual(shift_half_even(values, np.int64(-200)).tolist(), [0, 0, 0, 0])

    def test_floor_log2_beyond_the_precision_of_doubles(self):
        values = np.array([1, 2, 3, 2**53 - 1, 2**60 - 1, 2**60, 2**62 - 1], np.int64)
        self.assertEqual(floor_log2(values).tolist(), [0, 1, 1, 52, 59, 60, 61])


class Activations(unittest.TestCase):
    def test_by_hand(self):
        x = np.float32([[5, 2.5, 0.9, -0.1] + [0] * 28 + [0.5]])
        got = microscopiq.quantize_activations(x, 4, 32)
        self.assertEqual(got.scales.tolist(), [[0, -3]])
        self.assertEqual(got.values[0, :4].tolist(), [5, 2, 1, 0])
        self.assertEqual(got.dequantize()[0, 32], 0.5)

    def test_ends_of_the_range(self):
        got = microscopiq.quantize_activations(np.float32([[2.0**-149], [3.4e38], [0], [7.999]]), 8, 128)
        self.assertEqual(got.scales.tolist(), [[-127], [121], [-127], [-4]])
        self.assertEqual(got.values.tolist(), [[0], [127], [0], [127]])

    def test_what_is_refused(self):
        with self.assertRaisesRegex(ValueError, r"found nan at \[1\]\[0\]"):
            microscopiq.quantize_activations([[1], [np.nan]], 8, 128)
        with self.assertRaisesRegex(ValueError, r"found inf at \[0\]\[0\]"):
            microscopiq.quantize_activations([[1e39]], 8, 128)
        for x, bits, block in (([1], 8, 128), ([[1]], 6, 128), ([[1]], 8, 5)):
            with self.assertRaisesRegex(ValueError, "found .*; allowed"):
                microscopiq.quantize_activations(x, bits, block)


class Products(WithDirectory):
    def test_the_worked_example(self):
        layer = microscopiq.load(self.write(*paper_layer()))["w"]
        y = microscopiq.gemm(microscopiq.quantize_activations([[32]], 8, 32), layer)
        self.assertEqual(y.to_float32().tolist(), [[32, -48, 0, 32, -32, 0, 32, -32]])
        x = microscopiq.MxInt(np.int8([[32]]), np.int8([[0]]), 8, 32)
        self.assertEqual(microscopiq.gemm(x, layer).acc[0, :2].tolist(), [128, -192])

    def test_what_does_not_fit(self):
        layer = microscopiq.load(self.write(*paper_layer()))["w"]
        with self.assertRaisesRegex(ValueError, "found K = 2 in blocks of 32; allowed K = 1, 32"):
            microscopiq.gemm(microscopiq.quantize_activations([[1, 2]], 8, 32), layer)
        with self.assertRaisesRegex(ValueError, "in blocks of 128"):
            microscopiq.gemm(microscopiq.quantize_activations([[1]], 8, 128), layer)
        with self.assertRaisesRegex(ValueError, "rows: found 0"):
            microscopiq.gemm(microscopiq.quantize_activations([[1]], 8, 32), layer, 0)


class OutputForms(unittest.TestCase):
    def test_float32(self):
        for acc, exponent, expected in (
            (2**24 + 1, 0, 2.0**24),
            (2**24 + 3, 0, 2.0**24 + 4),
            (2**60 - 1, 0, 2.0**60),
            (3, -150, 2 * 2.0**-149),
            (1, -150, 0.0),
            (-1, 128, -np.inf),
            (2**25 - 1, 103, np.inf),
            (2**24 - 1, 104, 3.4028234663852886e38),
        ):
            self.assertEqual(one(acc, exponent).to_float32()[0, 0], np.float32(expected), (acc, exponent))
        self.assertTrue(np.signbit(one(-1, -200).to_float32()[0, 0]))
        self.assertFalse(np.signbit(one(0).to_float32()[0, 0]))

    def test_mx_int(self):
        y = Outputs(np.array([[1000, -3, 0, 2**40]], np.int64), np.array([[0, 0, 0, -60]], np.int64))
        got = y.to_mx(8)
        self.assertEqual((got.values.tolist(), got.scales.tolist()), ([[125, 0, 0, 0]], [[3]]))
        self.assertEqual(one(0).to_mx(4).scales.tolist(), [[-127]])
        self.assertEqual(one(-1, 400).to_mx(4).values.tolist(), [[-7]])
        self.assertEqual(one(-1, 400).to_mx(4).scales.tolist(), [[127]])
        self.assertEqual(one(3, -129).to_mx(8).values.tolist(), [[1]])


if __name__ == "__main__":
    unittest.main()
