"""Survivors of a generated design, judged by the bench of the leaf if that holds it with the same parameters.

A user runs those tests too, and they give the leaf inputs that a small core never sees.
"""

import re
import shutil

import rtl
from targets import TARGETS, Bench


def cells_of(design):
    """{module: [cell ..]} in the order of the prepared design, which is the same for the same leaf everywhere."""
    found = {}
    module = None
    for line in (design.work / "prepared.il").read_text(encoding="utf-8").splitlines():
        word = line.split()
        if line.startswith("module "):
            module = found.setdefault(word[1], [])
        elif module is not None and word and word[0] == "cell":
            module.append((word[1], word[2]))
    return found


def place(cell):
    """Where a cell comes from, without the directory: kind of the cell and line of the source."""
    kind, name = cell
    return kind, re.sub(r"\$\d+$", "", re.sub(r"[^\s$]*/", "", name))


class Again(rtl.MutatedBench):
    """The bench of another target, with the mutants that survived elsewhere."""

    def __init__(self, target, work):
        super().__init__(target, work)
        self.work = work / "rtl" / f"{target.name}-again"
        self.list_file = self.work / "mutants.txt"
        self.work.mkdir(parents=True, exist_ok=True)
        self.lines = []
        self.prepared = work / "rtl" / target.name / "prepared.il"

    def test_sources(self):
        return super().test_sources() + "\n".join(self.lines)

    def list_mutants(self, sources):
        shutil.copy(self.prepared, self.work / "prepared.il")
        self.list_file.write_text("".join(f"{line}\n" for line in self.lines), encoding="utf-8")


def translate(line, number, theirs, ours):
    """The mutate command for the bench, or None if its leaf is another one."""
    module = re.search(r" -module (\S+)", line).group(1)
    cell = re.search(r" -cell (\S+)", line).group(1)
    # Registers that Yosys cut into slices are not the same ones everywhere.
    if "$auto$" in cell or module not in ours or len(ours[module]) != len(theirs[module]):
        return None
    for their_cell, our_cell in zip(theirs[module], ours[module], strict=True):
        if place(their_cell) != place(our_cell):
            return None
        if their_cell[1] == cell:
            options = re.search(r" -cell \S+ (-port \S+ -portbit \d+(?: -ctrlbit \d+)?)", line).group(1)
            mode = re.search(r" -mode (\S+)", line).group(1)
            control = f"-ctrl {rtl.SELECT} {rtl.SELECT_BITS} {number}"
            return f"mutate {control} -mode {mode} -module {module} -cell {our_cell[1]} {options}"
    return None


def judge_again(designs, results, work, say):
    """Gives the survivors of the machines that a bench kills the verdict of that bench."""
    survivors = []
    cells = {}
    for design, mutants in designs:
        if isinstance(design.target, Bench):
            continue
        cells[design.target.name] = cells_of(design)
        for mutant in mutants:
            result = results.of(design.target.name, mutant)
            if result is not None and result["verdict"] == "survived" and "again" not in result:
                survivors.append(result)
    for target in TARGETS:
        if not isinstance(target, Bench) or not survivors or target.generated:
            continue
        bench = rtl.mutated(target, work)
        if not (bench.work / "prepared.il").exists():
            continue
        ours = cells_of(bench)
        moved = []
        for result in survivors:
            line = translate(result["line"], len(moved) + 1, cells[result["target"]], ours)
            if line is not None:
                moved.append((result, line))
        if not moved:
            continue
        again = Again(target, work)
        again.lines = [line for _, line in moved]
        again.prepare()
        base = again.judge(0, 1200)
        if base.killed:
            raise RuntimeError(f"{target.name}: the tests fail without a mutation: {base.by}")
        for number, (result, _) in enumerate(moved, 1):
            verdict = again.judge(number, 30 + 20 * base.seconds)
            result = result | {"again": target.name}
            if verdict.killed:
                result |= {"verdict": "killed", "by": f"{verdict.by} (bench {target.name})"}
            results.add(result)
        survivors = [s for s in survivors if all(s is not result for result, _ in moved)]
        say(f"{target.name}: {len(moved)} survivors of generated designs judged by the test of their leaf")
