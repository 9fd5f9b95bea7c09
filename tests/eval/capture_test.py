import tempfile
import unittest
from pathlib import Path

import numpy as np

import capture
import minilm
import rows
from minilm_test import HEADS, HIDDEN, INNER, LAYERS, tiny_weights


class Encoded:
    def __init__(self, ids, length):
        self.ids = ids + [0] * (length - len(ids))
        self.attention_mask = [1] * len(ids) + [0] * (length - len(ids))


class DigitTokenizer:
    """Sentences are strings of digits, each a token; pads to the longest of a batch."""

    def encode_batch(self, sentences):
        return [Encoded([int(c) for c in s], max(map(len, sentences))) for s in sentences]


SENTENCES = ["123", "45678", "9", "12", "34", "56", "7", "89", "987", "6543"]  # two batches, 25 tokens


class Capture(unittest.TestCase):
    def run_capture(self, cap):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        recorder = capture.capture(tiny_weights(), DigitTokenizer(), SENTENCES, cap, HEADS)
        return Path(directory.name), recorder.write(Path(directory.name))

    def test_every_linear_has_all_tokens_without_padding(self):
        directory, index = self.run_capture(100)
        self.assertEqual(sorted(index), sorted(minilm.linear_names(LAYERS)))
        for name in index:
            k = INNER if name.endswith(".output.dense") and "attention" not in name else HIDDEN
            matrix = np.load(directory / f"{name}.npy")
            self.assertEqual((matrix.shape, matrix.dtype), ((25, k), np.float32), name)

    def test_first_input_is_the_normalised_embedding_of_each_token_in_order(self):
        directory, _ = self.run_capture(100)
        w = tiny_weights()
        x = w["embeddings.word_embeddings.weight"][[1, 2, 3, 4]]
        x = x + w["embeddings.position_embeddings.weight"][[0, 1, 2, 0]]  # "123", then "45678" begins
        x = x + w["embeddings.token_type_embeddings.weight"][0]
        x = (x - x.mean(1)[:, None]) / x.std(1)[:, None]
        x = x * w["embeddings.LayerNorm.weight"] + w["embeddings.LayerNorm.bias"]
        captured = np.load(directory / "encoder.layer.0.attention.self.query.npy")
        np.testing.assert_allclose(captured[:4], x, atol=1e-5)

    def test_query_key_and_value_share_a_file(self):
        directory, index = self.run_capture(100)
        prefix = "encoder.layer.1.attention.self."
        self.assertEqual(index[prefix + "value"]["same_as"], prefix + "query")
        files = [directory / f"{prefix}{name}.npy" for name in ("query", "key", "value")]
        self.assertEqual(len({file.stat().st_ino for file in files}), 1)
        self.assertNotIn("same_as", index["encoder.layer.1.attention.output.dense"])

    def test_cap_keeps_the_same_rows_of_every_layer(self):
        whole, _ = self.run_capture(100)
        part, _ = self.run_capture(7)
        kept = rows.Rows(25, 7).kept
        for name in minilm.linear_names(LAYERS):
            expected = np.load(whole / f"{name}.npy")[kept]
            np.testing.assert_array_equal(np.load(part / f"{name}.npy"), expected)


class RowsTest(unittest.TestCase):
    def test_pieces_give_the_chosen_rows(self):
        wanted = rows.Rows(10, 4)
        x = np.arange(20).reshape(10, 2)
        pieces = np.concatenate([wanted.of(0, x[:3]), wanted.of(3, x[3:4]), wanted.of(4, x[4:])])
        np.testing.assert_array_equal(pieces, x[wanted.kept])
        self.assertEqual((len(wanted.kept), len(set(wanted.kept))), (4, 4))

    def test_a_cap_above_the_total_keeps_all(self):
        self.assertEqual(rows.Rows(5, 9).kept.tolist(), [0, 1, 2, 3, 4])

    def test_nan_is_an_error(self):
        with tempfile.TemporaryDirectory() as directory, self.assertRaisesRegex(ValueError, "NaN"):
            rows.write_matrix(Path(directory) / "x.npy", [np.array([[1, np.nan]])])


if __name__ == "__main__":
    unittest.main()
