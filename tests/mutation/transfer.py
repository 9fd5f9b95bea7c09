"""Survivors of a generated design, judged by the bench of the leaf if that holds it with the same parameters.

A user runs those tests too, and they give the leaf inputs that a small core never sees.
"""

import re
import shutil

import rtl
from targets import TARGETS, Bench


def plain(text):
    """Without the directories of sources, and the numbers that Yosys counts through the design."""
    return re.sub(r"\$\d+", "", re.sub(r"[^\s$:\"]*/", "", text))


def modules_of(design):
    """{module: {what a cell is and is connected to: [its name ..]}}"""
    found = {}
    module = None
    cell = None
    attributes = []
    for line in (design.work / "prepared.il").read_text(encoding="utf-8").splitlines():
        word = line.split()
        if line.startswith("module "):
            module = found.setdefault(word[1].removeprefix("\\"), {})
        elif word[:1] == ["wire"] and re.search(r" (input|output) \d+ ", line):
            module.setdefault(line.strip(), []).append("")
        elif word[:1] == ["attribute"] and cell is None:
            attributes.append(plain(line))
        elif word[:1] == ["cell"]:
            cell = [word[2], [*attributes, plain(word[1])]]
            # Registers are numbered only.
            if not word[2].startswith("$auto"):
                cell[1].append(plain(word[2]))
        elif cell is not None and line == "  end":
            module.setdefault("\n".join(cell[1]), []).append(cell[0])
            cell = None
        elif cell is not None:
            cell[1].append(plain(line.strip()))
        if cell is None and word[:1] != ["attribute"]:
            attributes = []
    return found


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
    kinds = theirs[module]
    kind = next(k for k, names in kinds.items() if cell in [name.lstrip("\\") for name in names])
    leaf = re.search(r"msq_[a-z0-9_]+", module).group()
    ports = {k for k in kinds if k.startswith("wire")}
    for own, own_kinds in ours.items():
        # Parameters may be written in another way; it is the same module if its ports are the same and nearly
        # all its cells: Yosys drops unused bits in more than one way.
        if leaf not in re.findall(r"msq_[a-z0-9_]+", own) or ports != {
            k for k in own_kinds if k.startswith("wire")
        }:
            continue
        same = sum(1 for k in kinds if len(own_kinds.get(k, ())) == len(kinds[k]))
        if same < 0.9 * max(len(kinds), len(own_kinds)) or len(own_kinds.get(kind, ())) != 1:
            continue
        options = re.search(r" -cell \S+ (-port \S+ -portbit \d+(?: -ctrlbit \d+)?)", line).group(1)
        mode = re.search(r" -mode (\S+)", line).group(1)
        control = f"-ctrl {rtl.SELECT} {rtl.SELECT_BITS} {number}"
        name = own_kinds[kind][0].removeprefix("\\")
        return f"mutate {control} -mode {mode} -module {own} -cell {name} {options}"
    return None


def judge_again(designs, results, work, say):
    """Gives the survivors of the machines that a bench kills the verdict of that bench."""
    survivors = []
    cells = {}
    for design, mutants in designs:
        if isinstance(design.target, Bench):
            continue
        cells[design.target.name] = modules_of(design)
        for mutant in mutants:
            result = results.of(design.target.name, mutant)
            if result is not None and result["verdict"] == "survived":
                survivors.append(result)
    for target in TARGETS:
        if not isinstance(target, Bench) or not survivors:
            continue
        bench = rtl.mutated(target, work)
        if not (bench.work / "prepared.il").exists():
            continue
        ours = modules_of(bench)
        moved = []
        for result in survivors:
            line = translate(result["line"], len(moved) + 1, cells[result["target"]], ours)
            if line is not None and result.get("again") != target.name:
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
