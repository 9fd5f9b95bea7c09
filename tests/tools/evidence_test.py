"""The evidence in docs/developer/data agrees with the sources of the tests, and its totals with the page."""

import csv
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "docs" / "developer" / "data"
PAGE = " ".join((ROOT / "docs" / "developer" / "verification.md").read_text(encoding="utf-8").split())
sys.path += [str(ROOT / "tests" / "formal"), str(ROOT / "tests" / "mutation")]
import prove as formal  # noqa: E402
import targets  # noqa: E402


def rows(name: str) -> list[list[str]]:
    """Rows of a file without its header; each has as many fields as the header."""
    with open(DATA / name, encoding="utf-8", newline="") as file:
        header, *found = list(csv.reader(file))
    assert all(len(row) == len(header) for row in found), name
    return found


def total(found: list[list[str]], column: int) -> int:
    return sum(int(row[column]) for row in found)


class Evidence(unittest.TestCase):
    def assert_on_page(self, text: str):
        self.assertIn(text, PAGE)

    def test_proofs_are_those_of_the_prover(self):
        found = {
            row[0]: (row[4], int(row[5]), row[6], *(int(count) for count in row[7:11]))
            for row in rows("proofs.csv")
        }
        expected = {
            name: (
                formal.method(proof),
                proof.depth,
                proof.engine,
                *(len(part) for part in (proof.variants, proof.long_variants, proof.bugs, proof.long_bugs)),
            )
            for name, proof in formal.PROOFS.items()
        }
        self.assertEqual(found, expected)
        self.assert_on_page(f" {len(expected)} proofs ")
        for name, proof in formal.PROOFS.items():
            if formal.method(proof).startswith("bounded"):
                self.assertRegex(PAGE, rf"{name} \({proof.depth}\b")

    def test_every_target_of_mutation_has_its_row(self):
        found = rows("mutation-rtl.csv")
        self.assertEqual(
            [(row[0], int(row[2])) for row in found],
            [(target.name, target.count) for target in targets.TARGETS],
        )
        self.assert_on_page(" | ".join(f"{total(found, column):,}" for column in range(2, 7)))

    def test_verdicts_add_up(self):
        for name, first in (("mutation-rtl.csv", 3), ("mutation-modules.csv", 1), ("mutation-golden.csv", 1)):
            for row in rows(name):
                judged, *verdicts = (int(count) for count in row[first : first + 4])
                self.assertEqual(judged, sum(verdicts), (name, row))
        golden = rows("mutation-golden.csv")
        self.assert_on_page(" | ".join(f"{total(golden, column):,}" for column in range(1, 5)))

    def test_totals_of_soak_and_fuzzing_are_on_the_page(self):
        soak = rows("soak.csv")
        self.assertEqual(total(soak, 6), 0)
        self.assert_on_page(f"{total(soak, 4):,} GEMMs")
        self.assert_on_page(f"{total([row for row in soak if row[7].startswith('second')], 4):,} of them")
        fuzz = rows("fuzz.csv")
        self.assertEqual(total(fuzz, 3), 0)
        self.assert_on_page(f"{total(fuzz, 1):,} executions")

    def test_totals_of_the_netlist_comparison_are_on_the_page(self):
        netlist = rows("netlist.csv")
        self.assertEqual([row[0] for row in netlist], sorted(row[0] for row in netlist))
        self.assert_on_page(f"all {total(netlist, 1)} modules")
        self.assert_on_page(f"{total(netlist, 2):,} cells, {total(netlist, 3):,} outputs and registers")

    def test_reasons_cover_what_was_left_out(self):
        left_out = {"toggle": 0, "branch": 0, "functional": 0}
        for row in rows("coverage-rtl.csv"):
            kind = next(kind for kind in left_out if row[0].startswith(kind)) if int(row[3]) else None
            if kind:
                left_out[kind] += int(row[3])
        reasons = rows("coverage-excluded.csv")
        for kind in ("toggle", "branch"):
            of_kind = [row for row in reasons if row[0] == kind]
            self.assertEqual(total(of_kind, 1), left_out[kind])
        self.assert_on_page(
            f"{left_out['toggle']:,} toggles, {left_out['branch']} branches and "
            f"{left_out['functional']} functional points"
        )
        self.assert_on_page(f"are {total(rows('coverage-rtl.csv'), 4)} points")

    def test_every_file_is_linked(self):
        linked = set(re.findall(r"\(data/([\w-]+\.csv)\)", PAGE))
        self.assertEqual(linked, {path.name for path in DATA.glob("*.csv")})


if __name__ == "__main__":
    unittest.main()
