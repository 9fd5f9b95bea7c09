"""tools/waveform/waveform.py on a small VCD: sampled values, bits of a bus, and what it says of bad input."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "tools" / "waveform" / "waveform.py"
VCD = """$timescale 1ps $end
$scope module TOP $end
$var wire 1 ! clk_i $end
$var wire 1 " valid_i $end
$var wire 8 # data_i [7:0] $end
$scope module core $end
$var wire 4 $ state [3:0] $end
$upscope $end
$upscope $end
$enddefinitions $end
#0
$dumpvars
0!
0"
bx #
b11 $
$end
#5
1!
#10
0!
1"
b11111110 #
#15
1!
b101 #
#20
0!
#25
1!
"""


class Waveform(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        (self.directory / "wave.vcd").write_text(VCD)

    def draw(self, *arguments: str, trace: str = "wave.vcd") -> subprocess.CompletedProcess:
        command = [sys.executable, "-B", str(PROGRAM), trace, *arguments, "-o", "wave.svg"]
        return subprocess.run(command, cwd=self.directory, capture_output=True, text=True, check=False)

    def texts(self) -> list[str]:
        return re.findall(r"<text [^>]*>([^<]*)<", (self.directory / "wave.svg").read_text())

    def test_values_are_those_before_the_rising_edges(self):
        done = self.draw("clk_i", "data_i")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("2 signals, cycles 0 to 2 of 3", done.stdout)
        self.assertEqual(self.texts(), ["0", "1", "2", "clk_i", "data_i", "x", "fe", "05"])

    def test_decimals_are_signed_and_labels_replace_names(self):
        self.draw("clk_i", "data_i:d=data & more", "data_i[1:0]:d", "core.state")
        labels = ["data &amp; more", "x", "-2", "5", "data_i[1:0]", "x", "-2", "1", "core.state", "3"]
        self.assertEqual(self.texts()[4:], labels)

    def test_a_value_is_drawn_where_its_valid_signal_is_one(self):
        self.draw("clk_i", "data_i@valid_i=data")
        self.assertEqual(self.texts()[3:], ["clk_i", "data", "fe", "05"])

    def test_bits_are_drawn_as_levels(self):
        self.draw("clk_i", "valid_i")
        levels = re.findall(r'class="wave" d="M178 [\d.]+V([\d.]+)h34V([\d.]+)h34V([\d.]+)h34"', self.svg())
        self.assertEqual(levels, [("82", "64", "64")])

    def svg(self) -> str:
        return (self.directory / "wave.svg").read_text()

    def test_a_part_of_the_cycles_is_drawn(self):
        self.draw("clk_i", "data_i", "--from", "1", "--cycles", "1")
        self.assertEqual(self.texts(), ["1", "clk_i", "data_i", "fe"])

    def test_bad_input_is_named(self):
        (self.directory / "bad.vcd").write_text("words\n")
        for arguments, trace, text in (
            (("clk_i", "none_i"), "wave.vcd", "found none_i; allowed at the top: clk_i, data_i, valid_i"),
            (("clk_i", "data_i[8:0]"), "wave.vcd", "found data_i[8:0]; allowed bits 7 to 0"),
            (("clk_i", "data_i:b"), "wave.vcd", "found data_i:b; allowed"),
            (("clk_i", "data_i@none_i"), "wave.vcd", "found none_i; allowed at the top"),
            (("clk_i", "data_i", "--from", "3"), "wave.vcd", "the trace has 3 cycles"),
            (("clk_i", "data_i"), "bad.vcd", "found no VCD"),
            (("clk_i", "data_i"), "missing.vcd", "missing.vcd"),
        ):
            with self.subTest(text=text):
                done = self.draw(*arguments, trace=trace)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(text, done.stderr)


if __name__ == "__main__":
    unittest.main()
