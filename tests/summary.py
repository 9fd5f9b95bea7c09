#!/usr/bin/env python3
"""The short form of docs/developer/verification.md: what a test run proved, by kind of evidence."""

import argparse
import pathlib
import re
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
# First match wins. A kind that no test of the run belongs to is left out, so that --only works.
KINDS = [
    ("formal proofs", r"^Formal\."),
    ("mapped netlist against RTL", r"^Netlist\."),
    ("random GEMMs against the golden model, core", r"RandomGemms"),
    ("random jobs through the ports, accelerator", r"^Accelerator/RandomJobs|RandomJobs"),
    ("AXI bench and packer, written from the pages", r"^Axi\."),
    ("soak program, its own tests", r"[Ss]oak"),
    ("cycle model against the Verilog's counters", r"Timelines|CycleModel|CoreModel"),
    ("other simulator (Icarus)", r"Icarus"),
    ("independent numpy oracle", r"[Oo]racle"),
    ("baseline arrays", r"[Bb]aseline|IntegerArray|OliveCodes|Olive"),
    ("emitted Verilog: lint, synthesis, the same twice", r"EmittedVerilog|EmittedAccelerator|LintTest"),
    ("hostile input, corpora of the fuzzers", r"Fuzz|Corpus|Hostile|BadInput|Refuse|Malformed"),
    ("leaves of the RTL", r"^Leaves|Bench|Leaf"),
    ("command line", r"^Flow\."),
    ("units of golden, gen, model, synth, tb", r""),
]


def outcome(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.get("status") == "fail":
        return "failed"
    if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        return "skipped"
    return "passed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "junit",
        nargs="?",
        type=pathlib.Path,
        default=ROOT / "build/release/tests.xml",
        help="the run; default: the last of test.sh",
    )
    path = parser.parse_args().junit
    if not path.exists():
        parser.error(f"{path} is missing; test.sh writes it")
    counts: dict[str, dict[str, int]] = {}
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        kind = next(kind for kind, pattern in KINDS if re.search(pattern, case.get("name", "")))
        of_kind = counts.setdefault(kind, {"passed": 0, "failed": 0, "skipped": 0})
        of_kind[outcome(case)] += 1
    print(f"{'evidence (docs/developer/verification.md)':54}{'passed':>8}{'failed':>8}{'skipped':>9}")
    for kind, _ in KINDS:
        if kind in counts:
            of_kind = counts[kind]
            print(f"{kind:54}{of_kind['passed']:8}{of_kind['failed']:8}{of_kind['skipped']:9}")


if __name__ == "__main__":
    main()
