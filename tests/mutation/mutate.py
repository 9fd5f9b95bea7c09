#!/usr/bin/env python3
"""Mutation of the Verilog and of the golden model, judged by the normal tests.

The results are in docs/developer/verification.md.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter

import equivalent
import golden
import prove
import rtl
import transfer
from targets import TARGETS

WORK = rtl.ROOT / "build" / "mutation"


class Results:
    """One JSON object a line, appended as soon as it is known; the last one of a mutant counts."""

    def __init__(self, path):
        self.path = path
        self.known = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    result = json.loads(line)
                except json.JSONDecodeError:
                    continue  # cut off while it was written
                known = self.known.get(self.key(result))
                # Tests are not taken away: what a run killed stays so, whatever another one wrote meanwhile.
                if known is None or known["verdict"] == "survived" or result["verdict"] != "survived":
                    self.known[self.key(result)] = result

    @staticmethod
    def key(result):
        # The command names the mutated bit; it changes with the design, so that old results do not count.
        # Names of cells hold the directory of the sources, which says nothing.
        line = result["line"]
        return result["target"], line if result["target"] == "golden" else re.sub(r"[^\s$:]*/", "", line)

    def of(self, target, mutant):
        return self.known.get(self.key({"target": target, "line": mutant["line"]}))

    def add(self, result):
        self.known[self.key(result)] = result
        with open(self.path, "a", encoding="utf-8") as out:
            out.write(json.dumps(result) + "\n")


def judge_all(design, mutants, results, retry):
    """Judges mutants without a verdict; with retry, survivors too."""
    name = design.target.name
    base = design.judge(0, 1200)
    if base.killed:
        raise RuntimeError(f"{name}: the tests fail without a mutation: {base.by}")
    # Far beyond the unmutated run, however loaded the machine is.
    limit = 30 + 20 * base.seconds
    done = 0
    for mutant in mutants:
        known = results.of(name, mutant)
        if known is not None and (known["verdict"] != "survived" or not retry):
            continue
        verdict = design.judge(mutant["mutant"], limit)
        results.add(
            {"target": name, **mutant}
            | {"verdict": "killed" if verdict.killed else "survived", "by": verdict.by}
            | {"seconds": round(verdict.seconds, 3), "when": time.strftime("%Y-%m-%d %H:%M")}
        )
        done += 1
    print(f"{name}: {len(mutants)} mutants, {done} judged now, unmutated {base.seconds:.1f} s", flush=True)


def current(design, mutants, results):
    found = (results.of(design.target.name, mutant) for mutant in mutants)
    return [result for result in found if result is not None]


def prove_all(design, mutants, results, options):
    for result in current(design, mutants, results):
        if result["verdict"] != "survived" or equivalent.rtl_reason(result) is not None:
            continue
        if "proof" in result and not options.retry:
            continue
        proof = prove.equivalent(design, result, options.limit)
        verdict = "equivalent" if proof.proven else "survived"
        results.add(result | {"verdict": verdict, "proof": proof.by})
        print(f"{design.target.name} {result['mutant']} {result['leaf']}: {verdict}, {proof.by}", flush=True)


def table(name, rows):
    print(f"\n| {name} | mutants | killed | equivalent | survived | killed of the rest |")
    print("|---|---|---|---|---|---|")
    total = Counter()
    for label, counts in [*rows.items(), ("all", None)]:
        counts = total if counts is None else counts
        mutants = sum(counts[v] for v in ("killed", "equivalent", "survived"))
        rest = mutants - counts["equivalent"]
        share = f"{100 * counts['killed'] / rest:.1f} %" if rest else ""
        print(
            f"| {label} | {mutants} | {counts['killed']} | {counts['equivalent']} | {counts['survived']} | "
            f"{share} |"
        )
        if counts is not total:
            total.update(counts)


def report(designs, results):
    by_target = {}
    by_leaf = {}
    survivors = []
    explained = []
    by_proof = []
    proofs = Counter()
    for design, mutants in designs:
        for result in current(design, mutants, results):
            verdict = result["verdict"]
            if verdict == "survived" and equivalent.rtl_reason(result, equivalent.BY_PROOF) is not None:
                verdict = "killed"
                by_proof.append(result)
            elif verdict == "survived" and equivalent.rtl_reason(result) is not None:
                verdict = "equivalent"
                explained.append(result)
            elif verdict == "equivalent":
                proofs[result["proof"].split(" ", 1)[0]] += 1
            by_target.setdefault(result["target"], Counter())[verdict] += 1
            by_leaf.setdefault(result["leaf"], Counter())[verdict] += 1
            if verdict == "survived":
                survivors.append(result)
    table("target", by_target)
    table("module", dict(sorted(by_leaf.items())))
    print(f"\nProven: {', '.join(f'{count} by {method}' for method, count in proofs.items())}.")
    if by_proof:
        print("\n| killed by a proof | module | change | line | proof |\n|---|---|---|---|---|")
    for s in by_proof:
        print(f"| {described(s)} | {equivalent.rtl_reason(s, equivalent.BY_PROOF)} |")
    if explained:
        print("\n| equivalent by reading | module | change | line | why |\n|---|---|---|---|---|")
    for s in explained:
        print(f"| {described(s)} | {equivalent.rtl_reason(s)} |")
    print(f"\n{len(survivors)} survivors without a proof or a reason")
    if survivors:
        print("\n| mutant | module | change | line |\n|---|---|---|---|")
    for s in survivors:
        print(f"| {described(s)} |")
    return survivors


def described(result):
    line = result["src"].split()[-1] if result["src"] else ""
    return (
        f"{result['target']} {result['mutant']} | {result['leaf']} | {result['mode']} {result['port']} | "
        f"{line}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=("all", "rtl", "prove", "golden", "report"), default="all")
    parser.add_argument(
        "--only", action="append", default=[], metavar="TARGET", help="targets of targets.py, or golden files"
    )
    parser.add_argument(
        "--retry", action="store_true", help="judge survivors and ask the prover again, after a change"
    )
    parser.add_argument(
        "--limit", type=int, default=40, help="seconds of one attempt of the prover; more on a loaded machine"
    )
    parser.add_argument("--no-proof", action="store_true", help="do not try to prove survivors equivalent")
    parser.add_argument("--count", type=int, default=130, help="mutants of the golden model's sources")
    parser.add_argument("--headers", type=int, default=30, help="mutants of its headers")
    parser.add_argument(
        "--part", default="0/1", help="I/N: every Nth mutant of the golden model, for N runs at once"
    )
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    results = Results(WORK / "results.jsonl")
    survivors = []
    if options.what != "golden":
        designs = []
        for target in TARGETS:
            if options.only and target.name not in options.only:
                continue
            design = rtl.mutated(target, WORK)
            if options.what not in ("prove", "report"):
                design.prepare()
            elif not design.list_file.exists():
                continue
            mutants = design.mutants()
            designs.append((design, mutants))
            if options.what not in ("prove", "report"):
                judge_all(design, mutants, results, options.retry)
        if options.what != "report":
            transfer.judge_again(designs, results, WORK, print)
        if options.what != "report" and not options.no_proof:
            for design, mutants in designs:
                prove_all(design, mutants, results, options)
        survivors += report(designs, results)
    if options.what not in ("rtl", "prove"):
        survivors += golden.campaign(options, WORK, Results(WORK / "golden.jsonl"))
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
