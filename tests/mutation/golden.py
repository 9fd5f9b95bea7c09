"""Mutation of the golden model's C++: one changed operator or constant, judged by the tests of the golden model."""

import random
import re
import subprocess
import time
from collections import Counter
from pathlib import Path

from judge import Verdict, judge

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
DIRECTORIES = ("exec", "quantize")

# Operators as clang-format sets them: blanks on both sides mean a binary one.
REPLACED = (
    (r" < ", (" <= ", " >= ")),
    (r" <= ", (" < ",)),
    (r" > ", (" >= ", " <= ")),
    (r" >= ", (" > ",)),
    (r" == ", (" != ",)),
    (r" != ", (" == ",)),
    (r" \+ ", (" - ",)),
    (r" - ", (" + ",)),
    (r" \* ", (" + ",)),
    (r" / ", (" * ",)),
    (r" % ", (" / ",)),
    (r" << ", (" >> ",)),
    (r" >> ", (" << ",)),
    (r" & ", (" | ",)),
    (r" \| ", (" & ",)),
    (r" \^ ", (" | ",)),
    (r" && ", (" || ",)),
    (r" \|\| ", (" && ",)),
    (r" \+= ", (" -= ",)),
    (r" -= ", (" += ",)),
    (r"\bstd::min\b", ("std::max",)),
    (r"\bstd::max\b", ("std::min",)),
    (r"\btrue\b", ("false",)),
    (r"\bfalse\b", ("true",)),
    (r"(?<=[( ])!(?=[\w(])", ("",)),
    (r"(?<=[ (])-(?=\w)", ("",)),
    (r"\bbreak;", (";",)),
    (r"\bcontinue;", (";",)),
)
NUMBER = re.compile(r"(?<![\w.:])(\d+)(?![\w.]|\.\d)")
# Words for people, includes and declarations of types are not behaviour.
SKIPPED = re.compile(r"^\s*(//|#|using |namespace |template|static_assert|assert\()|fmt::format|unexpected\(|Error\(")


def mask(line):
    """The line with the text of literals and comments blanked out, of the same length."""
    line = re.sub(r'"(?:[^"\\]|\\.)*"', lambda m: '"' + "_" * (len(m.group()) - 2) + '"', line)
    return re.sub(r"//.*", lambda m: "_" * len(m.group()), line)


def sites():
    for directory in DIRECTORIES:
        for file in sorted((ROOT / "golden" / directory).glob("*.cpp")):
            lines = file.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines):
                if SKIPPED.search(line):
                    continue
                masked = mask(line)
                changes = []
                for pattern, replacements in REPLACED:
                    for found in re.finditer(pattern, masked):
                        changes += [(found.start(), found.end(), new) for new in replacements]
                for found in NUMBER.finditer(masked):
                    value = int(found.group(1))
                    changes += [(found.start(), found.end(), str(new)) for new in (value + 1, value - 1) if new >= 0]
                for start, end, new in changes:
                    yield {
                        "file": f"{directory}/{file.name}",
                        "row": number + 1,
                        "column": start,
                        "was": line.strip(),
                        "line": f"{file.name}:{line[:start]}[{line[start:end]}->{new}]{line[end:]}#{number}",
                        "now": line[:start] + new + line[end:],
                    }


class Program:
    """A program of the build, linked with the mutated object in front of the library that holds the original."""

    def __init__(self, name, work):
        lines = subprocess.run(
            ["ninja", "-C", BUILD, "-t", "commands", name], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        link = lines[-1].removeprefix(": && ").split(" && ")[0]
        self.output = work / Path(name).name
        before, after = link.split(" -o ", 1)
        first, objects = before.split(".dir/", 1)
        flags, directory = first.rsplit(" ", 1)
        self.command = (
            f"{flags} {work / 'mutated.o'} {directory}.dir/{objects} -o {self.output} {after.split(' ', 1)[1]}"
        )

    def link(self):
        subprocess.run(self.command, shell=True, cwd=BUILD, check=True, capture_output=True)
        return self.output


class Oracle:
    """The second golden model judges what the tests of the first one let pass."""

    def __init__(self, work):
        self.programs = [Program("tests/oracle/golden_outputs", work), Program("cli/microscopiq", work)]

    def judge(self, limit):
        outputs, program = [p.link() for p in self.programs]
        start = time.monotonic()
        try:
            code = subprocess.run(
                ["/usr/bin/python3", "-B", ROOT / "tests" / "oracle" / "oracle_test.py", program, outputs],
                capture_output=True,
                timeout=limit,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            return Verdict(True, f"time limit of {limit:.0f} s", limit)
        return Verdict(code != 0, "Oracle.GoldenModel" if code != 0 else "", time.monotonic() - start)


class Judges:
    def __init__(self, work):
        self.work = work
        self.tests = {
            d: Program(f"tests/{d}/{t}", work) for d, t in (("exec", "exec_test"), ("quantize", "quantize_tests"))
        }
        self.system = Program("tests/system/system_test", work)
        self.oracle = Oracle(work)

    def compile(self, file, text):
        source = self.work / Path(file).name
        source.write_text(text, encoding="utf-8")
        argv = [
            "g++",
            "-std=c++20",
            "-O1",
            "-w",
            "-DFMT_SHARED",
            f"-I{ROOT}",
            f"-I{ROOT / 'golden' / file.split('/')[0]}",
        ]
        argv += ["-isystem", "/usr/include/eigen3", "-c", source, "-o", self.work / "mutated.o"]
        return subprocess.run(argv, capture_output=True, check=False).returncode == 0

    def judge(self, file, limit):
        own = file.split("/")[0]
        spent = 0.0
        for part in (own, *(d for d in DIRECTORIES if d != own)):
            verdict = judge([self.tests[part].link()], {}, limit)
            spent += verdict.seconds
            if verdict.killed:
                return Verdict(True, verdict.by, spent)
        environment = {"MSQ_MODEL_CACHE": str(BUILD / "models")}
        verdict = judge(
            [self.system.link(), "--gtest_filter=Arrays/RandomGemms.MatchGolden/*tiny*"], environment, limit
        )
        spent += verdict.seconds
        if not verdict.killed:
            verdict = self.oracle.judge(10 * limit)
            spent += verdict.seconds
        return Verdict(verdict.killed, verdict.by, spent)


def campaign(options, work, results):
    work = work / "golden"
    work.mkdir(exist_ok=True)
    chosen = random.Random(1).sample(list(sites()), options.count)
    if options.only:
        chosen = [s for s in chosen if any(part in s["file"] for part in options.only)]
    if options.what != "report":
        judges = Judges(work)
        judge_sites(judges, chosen, results, options.retry)
    return report(chosen, results)


def judge_sites(judges, chosen, results, retry):
    # The unmutated file goes the same way.
    first = chosen[0]["file"]
    if not judges.compile(first, (ROOT / "golden" / first).read_text(encoding="utf-8")):
        raise RuntimeError(f"{first} does not compile")
    base = judges.judge(first, 1200)
    if base.killed:
        raise RuntimeError(f"the tests fail without a mutation: {base.by}")
    limit = 60 + 5 * base.seconds
    for site in chosen:
        known = results.known.get(("golden", site["line"]))
        if known is not None and (known["verdict"] != "survived" or not retry):
            continue
        path = ROOT / "golden" / site["file"]
        lines = path.read_text(encoding="utf-8").splitlines()
        lines[site["row"] - 1] = site["now"]
        if judges.compile(site["file"], "\n".join(lines) + "\n"):
            verdict = judges.judge(site["file"], limit)
            said = {"verdict": "killed" if verdict.killed else "survived", "by": verdict.by}
        else:
            said = {"verdict": "not C++", "by": "compiler"}
        results.add({"target": "golden", **site, **said, "when": time.strftime("%Y-%m-%d %H:%M")})


def report(chosen, results):
    counts = {}
    survivors = []
    for site in chosen:
        result = results.known.get(("golden", site["line"]))
        if result is None:
            continue
        counts.setdefault(result["file"], Counter())[result["verdict"]] += 1
        if result["verdict"] == "survived":
            survivors.append(result)
    print("\n| golden model | mutants | killed | survived | not C++ |\n|---|---|---|---|---|")
    total = Counter()
    for name, c in sorted(counts.items()):
        print(f"| {name} | {c['killed'] + c['survived']} | {c['killed']} | {c['survived']} | {c['not C++']} |")
        total.update(c)
    print(
        f"| all | {total['killed'] + total['survived']} | {total['killed']} | {total['survived']} "
        f"| {total['not C++']} |"
    )
    for s in survivors:
        print(f"  {s['file']}:{s['row']}: {s['was']}\n    now: {s['now'].strip()}")
    return survivors
