"""The comparison accepts a removed register only if no output depends on it or its value is proven.

usage: check_test.py
"""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import check  # noqa: E402

LIMIT = 60
LEAF = """module leaf(input wire clk_i, input wire rst_ni, input wire en_i, input wire data_i,
            output wire y_o);
  {declarations}
  always @(posedge clk_i) begin
    {edge}
  end
  assign y_o = {output};
endmodule
"""


def leaf(registers, edge, output, wires=""):
    return LEAF.format(declarations=f"reg {registers}; {wires}", edge=edge, output=output)


# The netlist without the register state_q of the RTL, with 0 in its place.
WITHOUT_STATE = leaf("data_q", "data_q <= data_i;", "data_q")


def rtl(state):
    """An output that depends on a register state_q with this assignment."""
    return leaf("data_q, state_q", f"data_q <= data_i; {state}", "data_q ^ state_q")


class RemovedRegisters(unittest.TestCase):
    def compare(self, gold, netlist):
        with tempfile.TemporaryDirectory() as directory:
            work = Path(directory)
            (work / "gold.v").write_text(gold, encoding="utf-8")
            (work / "netlist.v").write_text(netlist, encoding="utf-8")
            (work / "cells.v").write_text("", encoding="utf-8")
            script = work / "gold.ys"
            script.write_text("read_verilog gold.v\nproc\nopt_clean\nwrite_rtlil gold.il\n", encoding="utf-8")
            check.must(["yosys", "-q", "-s", script], work, "gold.log")
            check.sides(work, work / "cells.v")
            result, _, proven = check.same(work, LIMIT)
            return result, proven

    def test_equal_modules_need_no_proof(self):
        module = rtl("state_q <= en_i;")
        self.assertEqual(self.compare(module, module), ("equal", []))

    def test_a_register_that_stays_at_its_reset_value_is_proven(self):
        module = rtl("if (!rst_ni) state_q <= 1'b0; else if (en_i) state_q <= state_q & data_i;")
        self.assertEqual(self.compare(module, WITHOUT_STATE), ("equal", ["state_q[0] = 0"]))

    def test_one_is_proven_as_zero_is(self):
        gold = rtl("if (!rst_ni) state_q <= 1'b1; else state_q <= state_q | data_i;")
        inverted = leaf("data_q", "data_q <= data_i;", "!data_q")
        self.assertEqual(self.compare(gold, inverted), ("equal", ["state_q[0] = 1"]))
        self.assertEqual(self.compare(gold, WITHOUT_STATE)[0], "different")

    def test_a_needed_register_is_missed(self):
        gold = rtl("if (!rst_ni) state_q <= 1'b0; else if (en_i) state_q <= !state_q;")
        self.assertEqual(self.compare(gold, WITHOUT_STATE), ("different", []))

    def test_a_constant_without_a_reset_is_not_proven(self):
        self.assertEqual(self.compare(rtl("state_q <= state_q & en_i;"), WITHOUT_STATE), ("different", []))

    def test_a_late_change_is_missed(self):
        # Three edges after the reset the register becomes 1.
        gold = leaf(
            "data_q, one_q, two_q, state_q",
            "data_q <= data_i; one_q <= rst_ni; two_q <= rst_ni & one_q; state_q <= rst_ni & two_q;",
            "data_q ^ state_q",
        )
        netlist = leaf(
            "data_q, one_q, two_q",
            "data_q <= data_i; one_q <= rst_ni; two_q <= rst_ni & one_q;",
            "data_q",
        )
        self.assertEqual(self.compare(gold, netlist), ("different", []))

    def test_registers_that_keep_each_other_constant_are_proven_together(self):
        gold = leaf(
            "data_q, state_q, other_q",
            "data_q <= data_i; state_q <= rst_ni & other_q & en_i; other_q <= rst_ni & state_q;",
            "data_q ^ state_q ^ other_q",
        )
        result, proven = self.compare(gold, WITHOUT_STATE)
        self.assertEqual((result, sorted(proven)), ("equal", ["other_q[0] = 0", "state_q[0] = 0"]))

    def test_a_false_guess_proves_no_other(self):
        # Each would stay 0 if the other did, which becomes 1.
        gold = leaf(
            "data_q, state_q, other_q",
            "data_q <= data_i; state_q <= rst_ni & other_q; other_q <= rst_ni & (state_q | en_i);",
            "data_q ^ state_q",
        )
        self.assertEqual(self.compare(gold, WITHOUT_STATE), ("different", []))

    def test_a_copy_has_the_partner_of_its_original(self):
        gold = leaf("data_q, state_q", "data_q <= data_i; state_q <= data_i;", "data_q & (state_q | en_i)")
        merged = leaf("data_q", "data_q <= data_i;", "data_q & (state_q | en_i)", "wire state_q = data_q;")
        self.assertEqual(self.compare(gold, merged), ("equal", ["state_q[0] = data_q[0]"]))

    def test_a_register_that_is_no_copy_is_missed(self):
        gold = leaf(
            "data_q, state_q", "data_q <= data_i; state_q <= data_i & en_i;", "data_q & (state_q | en_i)"
        )
        merged = leaf("data_q", "data_q <= data_i;", "data_q & (state_q | en_i)", "wire state_q = data_q;")
        self.assertEqual(self.compare(gold, merged), ("different", []))

    def test_a_register_that_no_output_depends_on_may_have_any_value(self):
        gold = leaf("data_q, state_q", "data_q <= data_i; state_q <= state_q ^ en_i;", "data_q")
        self.assertEqual(self.compare(gold, WITHOUT_STATE), ("equal", []))

    def test_a_wrong_netlist_is_noticed_beside_a_proven_register(self):
        gold = rtl("if (!rst_ni) state_q <= 1'b0; else if (en_i) state_q <= state_q & data_i;")
        wrong = leaf("data_q", "data_q <= data_i & en_i;", "data_q")
        self.assertEqual(self.compare(gold, wrong)[0], "different")

    def test_a_register_that_is_needed_is_missed_beside_a_proven_one(self):
        gold = leaf(
            "data_q, state_q, other_q",
            "data_q <= data_i; state_q <= rst_ni & state_q; other_q <= rst_ni & en_i;",
            "data_q ^ state_q ^ other_q",
        )
        self.assertEqual(self.compare(gold, WITHOUT_STATE)[0], "different")


if __name__ == "__main__":
    unittest.main()
