"""Bits of a packet by their part, of the example of docs/reference/streams.md and of changed ones."""

import csv
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "eval"))
import numpy as np  # noqa: E402

import port_use  # noqa: E402
from stream_bits import ARRAYS, PARTS, Array, Matrix, count, count_entries  # noqa: E402

TINY = Array(cols=4, beat=32, steps=4, factors=False, switches=4, location_bits=2)
MATRIX = Matrix(k=8, n=4, bits=4, tile_rows=4)
SECTIONS = "ae0299eb 04000100 f9fafaf9 00000000"
CODES = "09b10000" * 8


def packet(text):
    return bytes.fromhex(text.replace(" ", ""))


class Count(unittest.TestCase):
    def test_the_example_of_the_page(self):
        page = (ROOT / "docs" / "reference" / "streams.md").read_text(encoding="utf-8")
        for word in SECTIONS.split():
            self.assertIn(" ".join(word[i : i + 2] for i in range(0, 8, 2)), page)
        found = count(packet(f"{SECTIONS} 2c0400ff {CODES}"), TINY, MATRIX)
        expected = dict.fromkeys(PARTS, 0) | {
            "codes": 128,
            "codes_beyond_the_matrix": 128,
            "scales": 32,
            "references": 32,
            "headers": 64,
            "entries": 16,
            "entry_fill": 16,
        }
        self.assertEqual(found, expected)

    def test_descriptions_orders_and_second_parts(self):
        # Three tiles, the second one with the rows of the first; only that one has an order.
        header = "ae031deb 06000000"
        sections = f"{header} 09020000 f9fafaf9 00000000 05000000"
        found = count(packet(f"{sections} {CODES} {CODES[:32]}"), TINY, MATRIX)
        self.assertEqual((found["orders"], found["headers"]), (32, 96))
        self.assertEqual((found["codes_of_second_parts"], found["codes"]), (128, 128))
        self.assertEqual((found["references"], found["scales"]), (32, 32))

    def test_a_packet_of_another_matrix_is_refused(self):
        good = packet(f"{SECTIONS} 2c0400ff {CODES}")
        for matrix in (
            Matrix(k=8, n=8, bits=4, tile_rows=4),
            Matrix(k=12, n=4, bits=4, tile_rows=4),
            Matrix(k=8, n=4, bits=2, tile_rows=4),
        ):
            with self.assertRaises(ValueError):
                count(good, TINY, matrix)

    def test_a_packet_that_ends_early_is_refused(self):
        with self.assertRaises(ValueError):
            count(packet(f"{SECTIONS} 2c0400ff {CODES}")[:-4], TINY, MATRIX)

    def test_sections_longer_than_the_header_says_are_refused(self):
        with self.assertRaises(ValueError):
            count(packet(f"{SECTIONS} 2c0400ff {CODES}".replace("04000100", "03000200")), TINY, MATRIX)


class Entries(unittest.TestCase):
    def test_only_the_last_ones_fill_the_beat(self):
        none, outlier = 0xFF00, 0x042C
        found = count_entries(np.array([none, outlier, outlier, none, none], "<u2"), 2)
        self.assertEqual(found, {"entries": 32, "entries_passing": 16, "entry_fill": 32})


class Page(unittest.TestCase):
    def test_percents_are_those_of_the_data(self):
        reference = ROOT / "docs" / "reference"
        with (reference / "data" / "stream-bits.csv").open(encoding="utf-8") as file:
            data = list(csv.DictReader(file))
        text = (reference / "streams.md").read_text(encoding="utf-8")
        for layer in dict.fromkeys(row["layer"] for row in data):
            of_layer = {row["array"]: row for row in data if (row["layer"], row["mode"]) == (layer, "2")}
            percents = [of_layer[array]["more_percent"] for array in ARRAYS]
            self.assertIn(f"| {layer.replace('x', ' x ')} | {' | '.join(percents)} |", text)


class PortUse(unittest.TestCase):
    REPORT = {"ok": True, "counters": {"cycles": 200}, "predicted_cycles": 200}

    def test_share_of_the_beats(self):
        row = port_use.row_of("384x384", 8, 64, 2, self.REPORT, 190 * 256)
        self.assertEqual((row["beats"], row["port_use_percent"]), ("190", "95.0"))

    def test_wrong_outputs_have_no_figure(self):
        with self.assertRaises(SystemExit):
            port_use.row_of("384x384", 8, 64, 2, self.REPORT | {"ok": False}, 256)


if __name__ == "__main__":
    unittest.main()
