"""Declarations and vectors of eval/peers.py, and a stand-in for a design of others through all tools."""

import argparse
import contextlib
import csv
import dataclasses
import io
import itertools
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import peers

STAND_IN = Path(__file__).parent / "peer_dot"
PROGRAM = os.environ.get("MSQ_PEER")
VARIANTS = ("", peers.BOOTH)


def load():
    return peers.load(STAND_IN / "declaration.py")


class Vectors(unittest.TestCase):
    def test_fields_are_packed_from_the_lowest_bit_on(self):
        self.assertEqual(peers.pack({"a": 4, "b": 8}, {"b": -2, "a": 3}), 0xFE3)

    def test_unknown_fields_and_large_values_are_refused(self):
        for values, message in (
            ({"c": 1}, "no such field; allowed: a"),
            ({"a": 16}, "found 16"),
            ({"a": -9}, "-9"),
        ):
            with self.assertRaisesRegex(ValueError, message):
                peers.pack({"a": 4}, values)

    def test_only_named_outputs_are_compared(self):
        stimulus = peers.Stimulus({"x": 8}, {"y": 8, "z": 4})
        stimulus.at(1)[0]["x"] = 255
        stimulus.at(1)[1]["z"] = -1
        self.assertEqual(stimulus.text(), "8 12\n0 0 0\nff f00 f00\n")

    def test_operands_stay_in_their_range(self):
        rng = random.Random(3)
        for bits in (2, 4, 8):
            most = (1 << (bits - 1)) - 1
            found = peers.weights(rng, 300, bits), peers.activations(rng, 300, bits)
            self.assertEqual([max(map(abs, numbers)) <= most for numbers in found], [True, True])
            self.assertEqual(max(map(abs, found[0][:128])), most)


class Published(unittest.TestCase):
    """Declarations of eval/peers, without the designs themselves."""

    def setUp(self):
        with (peers.kept_runs.ROOT / "docs/results/data/peers.csv").open(
            encoding="utf-8", newline=""
        ) as file:
            self.rows = {
                (row["design"], int(row["weight_bits"])): row
                for row in csv.DictReader(file)
                if row["repository"]
            }
        self.modes = [(peer, mode) for peer in peers.published() for mode in peer.modes]

    def test_the_table_has_the_declared_modes(self):
        names = {(peer.name + variant, mode.weight_bits) for peer, mode in self.modes for variant in VARIANTS}
        self.assertEqual(names, self.rows.keys())
        for (peer, mode), variant in itertools.product(self.modes, VARIANTS):
            row = self.rows[peer.name + variant, mode.weight_bits]
            for key in ("repository", "commit", "licence"):
                self.assertEqual(row[key], getattr(peer, key), peer.name)
            for key in ("activation_bits", "sum_bits", "macs_per_cycle"):
                self.assertEqual(int(row[key]), getattr(mode, key), peer.name)

    def test_vectors_are_those_that_the_table_counts(self):
        for peer, mode in self.modes:
            stimulus = mode.stimulus(random.Random(1))
            compared = sum(bool(expected) for _, expected in stimulus.cycles)
            for variant in VARIANTS:
                row = self.rows[peer.name + variant, mode.weight_bits]
                self.assertEqual(compared, int(row["checked"]), row["design"])
            self.assertEqual(stimulus.text().count("\n"), len(stimulus.cycles) + 1, peer.name)

    def test_wrappers_name_every_field(self):
        for peer in peers.published():
            stimulus = peer.modes[0].stimulus(random.Random(1))
            text = peers.wrapper(peer.body, stimulus.inputs, stimulus.outputs)
            for name in [*stimulus.inputs, *stimulus.outputs]:
                self.assertGreater(len(re.findall(rf"\b{name}\b", text)), 1, (peer.name, name))

    def test_a_missing_checkout_is_named(self):
        with tempfile.TemporaryDirectory() as directory:
            command = [sys.executable, "-B", peers.__file__, "--checkouts", directory]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("benchmarking-precision-scalable-mac-units: mac_bfusion/batch", done.stderr)


class Declarations(unittest.TestCase):
    def test_the_wrapper_cuts_the_ports_into_fields(self):
        text = peers.wrapper("  assign y = a;", {"a": 4, "b": 2}, {"y": 4})
        for line in ("input wire [5:0] in_i", "wire [1:0] b = in_i[4 +: 2];", "assign out_o[0 +: 4] = y;"):
            self.assertIn(line, text)

    def test_files_without_a_declaration_are_refused(self):
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory) / "x.py"
            with self.assertRaisesRegex(ValueError, "no Python file"):
                peers.load(file)
            file.write_text("PEER = 3\n", encoding="utf-8")
            with self.assertRaisesRegex(ValueError, "holds no PEER"):
                peers.load(file)

    def test_another_commit_or_a_missing_file_is_refused(self):
        peer = load()
        with self.assertRaisesRegex(ValueError, "dot.v: no such file"):
            peers.check_checkout(peer, STAND_IN.parent)
        peers.check_checkout(peer, STAND_IN)
        with self.assertRaisesRegex(ValueError, "found commit"):
            peers.check_checkout(dataclasses.replace(peer, commit="0" * 40), STAND_IN)

    def test_modules_get_plain_names(self):
        text = "module \\$paramod\\dot\\N=2 (a);\nendmodule\nmodule top(b);\n  \\$paramod\\dot\\N=2  u (\n"
        found = peers.plain_names(text)
        self.assertNotIn("\\", found)
        self.assertEqual(found.count("paramod_dot_N_2_0 "), 2)

    def test_a_row_holds_figures_per_multiplication(self):
        report = {"area_um2": 64e3, "fmax_mhz": 250.0, "energy_per_mac_j": 5e-12, "compared": 9}
        report |= {"yosys": "0.23 (git)", "opensta": "2.0.17"}
        row = peers.row({"design": "x"}, peers.Mode(8, 8, 19, 64, peers.Stimulus), report)
        found = [row[key] for key in ("um2_per_mac", "gmac_s_per_mm2", "pj_per_mac", "yosys")]
        self.assertEqual(found, ["1000", "250.0", "5.00", "0.23"])


@unittest.skipUnless(
    PROGRAM and shutil.which("yosys"), "MSQ_PEER names the program msq_peer, built, and Yosys is there"
)
class StandIn(unittest.TestCase):
    def rows(self, peer):
        with tempfile.TemporaryDirectory() as directory:
            options = argparse.Namespace(
                work=Path(directory), again=False, yosys="yosys", measurer=PROGRAM, liberty=None
            )
            return peers.peer_rows(peer, STAND_IN, False, options)

    def test_a_design_is_measured_and_every_vector_compared(self):
        (row,) = self.rows(load())
        self.assertEqual(row["checked"], 100)
        self.assertGreater(int(row["area_um2"]), 25 * 96)  # of its flip-flops alone
        self.assertGreater(float(row["f_max_mhz"]), 0)
        self.assertGreater(float(row["pj_per_mac"]), 0)

    def test_a_wrong_result_ends_the_run(self):
        peer = load()
        wrong = dataclasses.replace(
            peer.modes[0], stimulus=lambda rng: next(iter(peer.modes)).stimulus(rng, wrong=1)
        )
        with (
            self.assertRaisesRegex(SystemExit, "100 and 100 of 100 vectors are wrong"),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            self.rows(dataclasses.replace(peer, modes=(wrong,)))


if __name__ == "__main__":
    unittest.main()
