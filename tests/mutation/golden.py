"""Mutation of the golden model's C++: one changed operator or constant, judged by the tests of the golden
model."""

import json
import random
import re
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

import equivalent
from judge import Verdict, judge

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
DIRECTORIES = ("encoding", "exec", "quantize")

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
SKIPPED = re.compile(
    r"^\s*(//|#|using |namespace |template|static_assert|assert\()|fmt::format|unexpected\(|Error\("
)


def mask(line):
    """The line with the text of literals and comments blanked out, of the same length."""
    line = re.sub(r'"(?:[^"\\]|\\.)*"', lambda m: '"' + "_" * (len(m.group()) - 2) + '"', line)
    return re.sub(r"//.*", lambda m: "_" * len(m.group()), line)


def sites(suffix):
    """All places of the files *.cpp or *.hpp, and what each of them can be changed to."""
    for directory in ("", *DIRECTORIES):
        for file in sorted((ROOT / "golden" / directory).glob(f"*{suffix}")):
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
                    changes += [
                        (found.start(), found.end(), str(new)) for new in (value + 1, value - 1) if new >= 0
                    ]
                for start, end, new in changes:
                    yield {
                        "file": f"{directory}/{file.name}".lstrip("/"),
                        "row": number + 1,
                        "column": start,
                        "was": line.strip(),
                        "line": f"{file.name}:{line[:start]}[{line[start:end]}->{new}]{line[end:]}#{number}",
                        "now": line[:start] + new + line[end:],
                    }


class Program:
    """A program of the build, linked with the mutated objects in front of the library that holds the
    originals."""

    def __init__(self, name, work):
        lines = subprocess.run(
            ["ninja", "-C", BUILD, "-t", "commands", name], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        link = lines[-1].removeprefix(": && ").split(" && ")[0]
        before, after = link.split(" -o ", 1)
        words = before.split()
        self.objects = [word for word in words if word.endswith(".o")]
        self.flags = [word for word in words if not word.endswith(".o")]
        self.output = work / Path(name).name
        self.libraries = after.split()[1:]

    def link(self, mutated, changed=None):
        """`mutated`: objects of the library; `changed`: {object of the program: the one to take instead}."""
        changed = changed or {}
        objects = [str(changed.get(o, o)) for o in self.objects]
        argv = [*self.flags, *map(str, mutated), *objects, "-o", str(self.output), *self.libraries]
        subprocess.run(argv, cwd=BUILD, check=True, capture_output=True)
        return self.output


class Oracle:
    """The second golden model judges what the tests of the first one let pass."""

    def __init__(self, work):
        self.programs = [Program("tests/oracle/golden_outputs", work), Program("cli/microscopiq", work)]

    def judge(self, mutated, limit):
        outputs, program = (p.link(mutated) for p in self.programs)
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


class NotCompiledError(Exception):
    """The mutant is not C++, or a static_assert sees it."""

    def __init__(self, text):
        super().__init__(text[:300])
        self.asserted = "static assertion failed" in text


class Compiler:
    """Compiles sources of the build with one file changed.

    Assertions are on, other than in the release build, and those of the library stand for the run with asan.
    """

    FLAGS = ("-std=c++20", "-w", "-DFMT_SHARED", "-D_GLIBCXX_ASSERTIONS", "-isystem", "/usr/include/eigen3")

    def __init__(self, work):
        self.work = work
        self.overlay = work / "overlay"  # a mutated header, found before the original
        # Headers that all sources include are parsed once: half of the time to compile one.
        prefix = set()
        for file in [f for d in DIRECTORIES for f in (ROOT / "golden" / d).glob("*.?pp")]:
            prefix.update(re.findall(r"^#include <.*>", file.read_text(encoding="utf-8"), re.M))
        self.prefix = work / "prefix.hpp"
        self.prefix.write_text("\n".join(sorted(prefix)) + "\n", encoding="utf-8")
        self.levels = {}
        for level in ("-O1", "-O0"):
            directory = work / f"prefix{level}"
            directory.mkdir(exist_ok=True)
            (directory / "prefix.hpp").write_bytes(self.prefix.read_bytes())
            subprocess.run(
                ["g++", level, *self.FLAGS, "-x", "c++-header", directory / "prefix.hpp"]
                + ["-o", directory / "prefix.hpp.gch"],
                check=True,
            )
            self.levels[level] = directory / "prefix.hpp"
        self.sources = {}  # source: the object of the build, relative to it
        commands = json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
        for command in commands:
            self.sources[command["file"]] = re.search(r" -o (\S+)", command["command"]).group(1)
        self.users = self.read_users()

    def read_users(self):
        """{header: sources that include it, also through others}"""
        users = {}
        deps = subprocess.run(
            ["ninja", "-C", BUILD, "-t", "deps"], capture_output=True, text=True, check=True
        ).stdout
        for entry in deps.split("\n\n"):
            files = [(BUILD / line.strip()).resolve() for line in entry.splitlines()[1:]]
            ours = [f for f in files if f.is_relative_to(ROOT)]
            if ours:
                for file in ours[1:]:
                    users.setdefault(file, set()).add(ours[0])
        return users

    def compile(self, source, output, level="-O1"):
        argv = ["g++", level, *self.FLAGS, "-include", self.levels[level], f"-I{self.overlay}", f"-I{ROOT}"]
        done = subprocess.run(
            [*argv, "-c", source, "-o", output], capture_output=True, text=True, errors="replace", check=False
        )
        if done.returncode != 0:
            raise NotCompiledError(done.stderr)
        return output

    def library(self, file, text):
        """The objects of the golden model that change if this file is the given text."""
        shutil.rmtree(self.overlay, ignore_errors=True)
        path = ROOT / "golden" / file
        if path.suffix == ".cpp":
            source = self.work / path.name
            source.write_text(text, encoding="utf-8")
            return [self.compile(source, self.work / "mutated.o")]
        shadow = self.overlay / "golden" / file
        shadow.parent.mkdir(parents=True)
        shadow.write_text(text, encoding="utf-8")
        ours = [ROOT / "golden" / d for d in DIRECTORIES]
        users = sorted(u for u in self.users[path] if u.parent in ours and str(u) in self.sources)
        return [self.compile(u, self.work / f"{u.stem}.mutated.o") for u in users]

    def tests(self, file, program, only):
        """{object: recompiled object} of the program's sources that include the file and that `only`
        accepts."""
        objects = {self.sources[s]: Path(s) for s in self.sources if self.sources[s] in program.objects}
        users = self.users[ROOT / "golden" / file]
        return {
            o: self.compile(s, self.work / f"{s.stem}.test.o", "-O0")
            for o, s in sorted(objects.items())
            if s in users and only(s)
        }


class Judges:
    def __init__(self, work):
        self.work = work
        self.compiler = Compiler(work)
        self.tests = {
            d: Program(f"tests/{d}/{t}", work)
            for d, t in (
                ("encoding", "encoding_tests"),
                ("exec", "exec_test"),
                ("quantize", "quantize_tests"),
            )
        }
        self.system = Program("tests/system/system_test", work)
        self.oracle = Oracle(work)

    def judge(self, file, text, limit):
        mutated = self.compiler.library(file, text)
        own = file.split("/")[0] if "/" in file else "quantize"
        spent = 0.0
        # Each part uses those before it: encodings, the quantizer, the execution of its codes.
        parts = ("encoding", "quantize", "exec")
        for part in parts[parts.index(own) :]:
            verdict = judge([self.tests[part].link(mutated)], {}, limit)
            if file.endswith(".hpp"):
                verdict = self.confirm(part, file, mutated, verdict, limit)
            spent += verdict.seconds
            if verdict.killed:
                return Verdict(True, verdict.by, spent)
        environment = {"MSQ_MODEL_CACHE": str(BUILD / "models")}
        verdict = judge(
            [self.system.link(mutated), "--gtest_filter=Arrays/RandomGemms.MatchGolden/*_4x4*"],
            environment,
            limit,
        )
        spent += verdict.seconds
        if not verdict.killed:
            verdict = self.oracle.judge(mutated, 20 * limit)
            spent += verdict.seconds
        return Verdict(verdict.killed, verdict.by, spent)

    def confirm(self, part, file, mutated, verdict, limit):
        """The tests compiled with the mutated header too: before they were not, and may see just that, or
        miss it."""
        program = self.tests[part]
        named = re.match(r"(?:\w+/)?(\w+)\.(\w+)", verdict.by)
        if verdict.killed and named is not None and not verdict.by.startswith(("signal", "time limit")):
            case = re.compile(rf"TEST(_[FP])?\({named.group(1)}, {named.group(2)}\)")

            def wanted(source):
                return (
                    not source.stem.endswith("_test")
                    or case.search(source.read_text(encoding="utf-8")) is not None
                )

            changed = self.compiler.tests(file, program, wanted)
            again = judge([program.link(mutated, changed), f"--gtest_filter={verdict.by}"], {}, limit)
            if again.killed:
                return again
        return judge([program.link(mutated, self.compiler.tests(file, program, lambda _: True))], {}, limit)


def sample(options):
    """A longer one begins with the shorter one."""
    chosen = []
    for suffix, count in ((".cpp", options.count), (".hpp", options.headers)):
        places = list(sites(suffix))
        random.Random(1).shuffle(places)
        chosen += places[:count]
    return chosen


def campaign(options, work, results):
    part, parts = map(int, options.part.split("/"))
    work = work / (f"golden{part}" if parts > 1 else "golden")
    chosen = sample(options)
    if options.only:
        chosen = [s for s in chosen if any(part in s["file"] for part in options.only)]
    if options.what != "report":
        work.mkdir(exist_ok=True)
        judge_sites(Judges(work), chosen[part::parts], results, options.retry)
    return report(chosen, results)


def judge_sites(judges, chosen, results, retry):
    todo = []
    for site in chosen:
        known = results.of("golden", site)
        if equivalent.reason(site) is not None:
            continue
        if known is None or (known["verdict"] == "survived" and retry):
            todo.append(site)
    if not todo:
        return
    # The unmutated file goes the same way.
    first = todo[0]["file"]
    base = judges.judge(first, (ROOT / "golden" / first).read_text(encoding="utf-8"), 1200)
    if base.killed:
        raise RuntimeError(f"the tests fail without a mutation: {base.by}")
    limit = 60  # seconds of the processor for a program, ten times what the longest one takes
    for site in todo:
        path = ROOT / "golden" / site["file"]
        lines = path.read_text(encoding="utf-8").splitlines()
        lines[site["row"] - 1] = site["now"]
        try:
            verdict = judges.judge(site["file"], "\n".join(lines) + "\n", limit)
            said = {"verdict": "killed" if verdict.killed else "survived", "by": verdict.by}
        except NotCompiledError as refused:
            said = {"verdict": "killed" if refused.asserted else "not C++", "by": "compiler"}
        results.add({"target": "golden", **site, **said, "when": time.strftime("%Y-%m-%d %H:%M")})
        print(
            f"{time.strftime('%H:%M:%S')} {site['file']}:{site['row']} {said['verdict']} {said['by']}",
            flush=True,
        )


def report(chosen, results):
    counts = {}
    survivors = []
    explained = []
    for site in chosen:
        result = results.of("golden", site) or {}
        verdict = result.get("verdict")
        if equivalent.reason(site) is not None and verdict != "killed":
            verdict = "equivalent"
            explained.append(site)
        if verdict is None:
            continue
        counts.setdefault(site["file"], Counter())[verdict] += 1
        if verdict == "survived":
            survivors.append(site)
    print("\n| golden model | mutants | killed | equivalent | survived |\n|---|---|---|---|---|")
    total = Counter()
    for name, c in [*sorted(counts.items()), ("all", total)]:
        mutants = c["killed"] + c["equivalent"] + c["survived"]
        print(f"| {name} | {mutants} | {c['killed']} | {c['equivalent']} | {c['survived']} |")
        if c is not total:
            total.update(c)
    print(f"\n{total['not C++']} more do not compile.")
    print("\n| equivalent | change | why |\n|---|---|---|")
    for s in explained:
        print(f"| {s['file']}:{s['row']} | {change(s)} | {equivalent.reason(s)} |")
    if survivors:
        print("\n| survivor | change |\n|---|---|")
    for s in survivors:
        print(f"| {s['file']}:{s['row']} | {change(s)} |")
    return survivors


def change(site):
    """The changed line, for a table."""
    text = site["line"].split(":", 1)[1].rsplit("#", 1)[0].strip()
    return "`" + text.replace("|", "\\|") + "`"
