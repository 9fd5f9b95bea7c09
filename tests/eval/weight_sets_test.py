import tempfile
import unittest
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

import embed
import weight_sets
from capture_test import DigitTokenizer
from minilm_test import HEADS, tiny_weights

W = np.arange(6, dtype=np.float32).reshape(2, 3)  # [N][K]


class ReadSet(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name)

    def check(self, path, layout=None):
        tensors = weight_sets.read_set(path, layout)
        self.assertEqual(list(tensors), ["a.dense"])
        np.testing.assert_array_equal(tensors["a.dense"], W)

    def test_safetensors_are_n_by_k_unless_said_otherwise(self):
        save_file({"a.dense.weight": W}, self.path / "x.safetensors")
        self.check(self.path / "x.safetensors")
        self.check(self.path)
        save_file({"a.dense.weight": np.ascontiguousarray(W.T)}, self.path / "x.safetensors")
        self.check(self.path, "k_by_n")

    def test_npy_are_k_by_n_unless_said_otherwise(self):
        np.save(self.path / "a.dense.npy", W.T)
        self.check(self.path)
        np.save(self.path / "a.dense.npy", W)
        self.check(self.path, "n_by_k")

    def test_an_empty_directory_and_a_vector_are_errors(self):
        with self.assertRaisesRegex(ValueError, "found no .npy"):
            weight_sets.read_set(self.path)
        np.save(self.path / "a.npy", W[0])
        with self.assertRaisesRegex(ValueError, "matrices"):
            weight_sets.read_set(self.path)

    def test_unknown_names_and_shapes_are_errors(self):
        with self.assertRaisesRegex(ValueError, "found a tensor b"):
            weight_sets.check_set({"b": W}, {"a": (2, 3)}, "x")
        with self.assertRaisesRegex(ValueError, r"found \[N\]\[K\] = \(2, 3\); allowed: \(3, 2\)"):
            weight_sets.check_set({"a": W}, {"a": (3, 2)}, "x")


class MxInt(unittest.TestCase):
    def test_by_hand(self):
        # Block of 2, 4 bits: max 5 -> scale 2^(2-2) = 1; max 0.9 -> 2^(-1-2) = 1/8; max 7.9 rounds to 8,
        # clamped to 7.
        x = np.float32([[5, 2.5, 0.9, -0.1, 7.9, -7.9, 0, 0]])
        expected = [[5, 2, 0.875, -0.125, 7, -7, 0, 0]]
        self.assertEqual(weight_sets.mx_int(x, 4, 2).tolist(), expected)

    def test_eight_bits_and_a_short_last_block(self):
        x = np.float32([127, 1.5, 0.25, 1])  # scales 2^(6-6) = 1 for three, 2^(0-6) for the last
        self.assertEqual(weight_sets.mx_int(x, 8, 3).tolist(), [127, 2, 0, 1])


class Embed(unittest.TestCase):
    def test_own_weights_give_cosine_one_and_others_less(self):
        weights = tiny_weights()
        name = "encoder.layer.0.attention.self.value"
        own = {name: weights[f"{name}.weight"]}
        other = {name: -weights[f"{name}.weight"]}
        sets = {"own": own, "other": other}
        figures = embed.evaluate(weights, DigitTokenizer(), ["123", "4567"], sets, heads=HEADS)
        self.assertAlmostEqual(figures["own"]["worst_cosine"], 1, places=6)
        self.assertLess(figures["other"]["mean_cosine"], 0.999)
        self.assertLessEqual(figures["other"]["worst_cosine"], figures["other"]["mean_cosine"])
        self.assertEqual(figures["own"]["replaced"], 1)


if __name__ == "__main__":
    unittest.main()
