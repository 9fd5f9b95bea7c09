"""Mutation of Verilog: one compiled model holds all mutants of a target, an environment variable selects
one."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
from judge import Verdict, judge
from models import plant_model
from targets import Bench, Machine

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
SELECT = "mutate_sel"
SELECT_BITS = 12
# Yosys names a module with parameters $paramod..\msq_leaf..
LEAF = re.compile(r"(msq_[a-z0-9_]+)")

DPI = """#include <cstdlib>
extern "C" int msq_mutant() {
  const char* chosen = std::getenv("MSQ_MUTANT");
  return chosen == nullptr ? 0 : std::atoi(chosen);
}
"""


def run(argv, cwd, log):
    """Runs a tool; its output goes to a file, an error shows the end of it."""
    with open(log, "w", encoding="utf-8") as out:
        code = subprocess.run(argv, cwd=cwd, stdout=out, stderr=subprocess.STDOUT, check=False).returncode
    if code != 0:
        tail = Path(log).read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{argv[0]} failed ({code}), see {log}:\n{tail}")


def quote(path):
    return f'"{path}"'


class Mutated:
    """A target's design with all its mutants, and the way to judge one."""

    def __init__(self, target, work):
        self.target = target
        self.work = work / "rtl" / target.name
        self.list_file = self.work / "mutants.txt"
        self.work.mkdir(parents=True, exist_ok=True)

    def prepare(self):
        """Lists and compiles the mutants, unless that has been done from the same sources."""
        sources = self.sources()
        stamp = "".join(f"{path}\n{path.read_text(encoding='utf-8')}\n" for path in sorted(sources))
        # The filters of a machine's tests choose the judges of the model, not its contents.
        stamp += f"{self.target.name} {self.target.count} {self.target.modules}\n" + self.test_sources()
        stamp_file = self.work / "sources.txt"
        if stamp_file.exists() and stamp_file.read_text(encoding="utf-8") == stamp:
            return
        stamp_file.unlink(missing_ok=True)
        self.mutate(sources)
        self.compile()
        stamp_file.write_text(stamp, encoding="utf-8")

    def test_sources(self):
        """The text of the sources compiled against the mutated model."""
        return ""

    def mutate(self, sources):
        top = self.top()
        self.list_mutants(sources)
        apply = self.work / "apply.ys"
        apply.write_text(
            f"read_rtlil prepared.il\nscript mutants.txt\n"
            # A word of which one bit depends on another looks like a loop to Verilator, and is slow.
            f"flatten\nsplitnets -driver\nopt_clean\n"
            f"rename {top} {top}_mutated\nwrite_verilog -noattr mutated.v\n",
            encoding="utf-8",
        )
        run(["yosys", "-q", "-s", apply], self.work, self.work / "apply.log")
        (self.work / f"{top}.v").write_text(self.wrapper(top), encoding="utf-8")
        (self.work / "mutant.cpp").write_text(DPI, encoding="utf-8")

    def list_mutants(self, sources):
        top = self.top()
        listed = self.work / "list.ys"
        selection = " ".join(self.target.modules)
        # wreduce and opt first: fewer mutants of bits that nothing reads.
        listed.write_text(
            "read_verilog -sv -nolatches " + " ".join(quote(s) for s in sources) + "\n"
            f"hierarchy -check -top {top}\nproc\nopt -full\nwreduce\nopt -full\nopt_clean\n"
            f"write_rtlil prepared.il\n"
            f"mutate -list {self.target.count} -seed 1 -ctrl {SELECT} {SELECT_BITS} 1 "
            f"-o mutants.txt {selection}\n",
            encoding="utf-8",
        )
        run(["yosys", "-q", "-s", listed], self.work, self.work / "list.log")
        # A clock behind a multiplexer would race with the others, also unmutated.
        lines = self.list_file.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not re.search(r"-port \\?(CLK|RD_CLK|WR_CLK|clk_i) ", line)]
        self.list_file.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")

    def wrapper(self, top):
        """The top under its own name, without the selecting port."""
        text = (self.work / "mutated.v").read_text(encoding="utf-8")
        body = text[text.index(f"module {top}_mutated(") :]
        body = body[: body.index("endmodule")]
        ports = re.findall(r"^\s+(input|output) (?:reg |signed )*(\[\d+:\d+\] )?(\w+);", body, re.M)
        # Functions have inputs too.
        header = set(re.findall(r"\w+", body[body.index("(") : body.index(")")]))
        ports = [p for p in ports if p[2] in header and p[2] != SELECT]
        declared = ",\n".join(f"    {way} wire {width}{name}" for way, width, name in ports)
        connected = "".join(f"      .{name}({name}),\n" for _, _, name in ports)
        return (
            f'module {top} (\n{declared}\n);\n  import "DPI-C" function int msq_mutant();\n'
            f"  reg [{SELECT_BITS - 1}:0] selected;\n"
            f"  initial selected = msq_mutant();\n  {top}_mutated u_mutated (\n{connected}"
            f"      .{SELECT}(selected)\n  );\nendmodule\n"
        )

    def mutants(self):
        """Description of each mutant; `mutant` is the value that selects it."""
        found = []
        for line in self.list_file.read_text(encoding="utf-8").splitlines():
            number = int(re.search(rf"-ctrl {SELECT} {SELECT_BITS} (\d+) ", line).group(1))
            option = dict(re.findall(r"-(mode|module|cell|port|portbit|ctrlbit|src) (\S+)", line))
            leaf = LEAF.search(option["module"])
            source = option.get("src", "")
            found.append(
                {
                    "mutant": number,
                    "leaf": leaf.group(1),
                    "mode": option["mode"],
                    "port": f"{option['port']}[{option['portbit']}]",
                    "src": re.sub(r"[^\s:]*/", "", source),
                    "line": line,
                }
            )
        return found

    def judge(self, mutant, limit):
        spent = 0.0
        for argv, environment in self.commands():
            environment = environment | {"MSQ_MUTANT": str(mutant)}
            verdict = judge(argv, environment, limit)
            spent += verdict.seconds
            if verdict.killed:
                return Verdict(True, verdict.by, spent)
        return Verdict(False, "", spent)


class MutatedBench(Mutated):
    def top(self):
        return f"{self.target.name}_bench"

    def sources(self):
        directory = ROOT / "tests" / "rtl"
        bench = directory / f"{self.top()}.v"
        beside = sorted(directory.glob("*_case.v"))
        wanted = {bench}
        text = bench.read_text(encoding="utf-8")
        # The modules that the bench instantiates, and so on.
        pool = {p.stem: p for p in [*beside, *sorted((ROOT / "rtl").rglob("*.v"))]}
        pending = [text]
        while pending:
            for name in re.findall(r"\b(\w+) (?:#\(|u_\w+ \()", pending.pop()):
                if name in pool and pool[name] not in wanted:
                    wanted.add(pool[name])
                    pending.append(pool[name].read_text(encoding="utf-8"))
        return sorted(wanted)

    def executable(self):
        return self.work / "test"

    def test_sources(self):
        tests = ROOT / "tests" / "rtl"
        files = [tests / source for source in self.target.sources] + sorted(tests.glob("*.hpp"))
        return "".join(file.read_text(encoding="utf-8") for file in files)

    def compile(self):
        top = self.top()
        root = subprocess.run(
            ["verilator", "--getenv", "VERILATOR_ROOT"], capture_output=True, text=True, check=True
        ).stdout.strip()
        model = self.work / "model"
        shutil.rmtree(model, ignore_errors=True)
        run(
            [
                "env",
                "OBJCACHE=ccache",
                "verilator",
                "--cc",
                "--build",
                "-j",
                "1",
                "-Wno-fatal",
                "-Wno-lint",
                "-O3",
            ]
            + [
                "--x-assign",
                "unique",
                "--x-initial",
                "unique",
                "-MAKEFLAGS",
                "OPT_FAST=-O1",
                "--prefix",
                f"V{top}",
            ]
            + ["--top-module", top, "--Mdir", model, f"{top}.v", "mutated.v"],
            self.work,
            self.work / "verilator.log",
        )
        tests = [ROOT / "tests" / "rtl" / source for source in self.target.sources]
        runtime = [
            f"{root}/include/{part}.cpp" for part in ("verilated", "verilated_threads", "verilated_dpi")
        ]
        libraries = [BUILD / lib if not lib.startswith("-") else lib for lib in self.target.libraries]
        run(
            ["g++", "-std=c++20", "-O1", "-DFMT_SHARED", f"-I{ROOT}", "-isystem", model]
            + ["-isystem", f"{root}/include", "-isystem", f"{root}/include/vltstd", "-o", self.executable()]
            + [
                *tests,
                "mutant.cpp",
                model / f"V{top}__ALL.a",
                *runtime,
                "-lgtest_main",
                "-lgtest",
                *libraries,
            ]
            + ["-lfmt", "-pthread"],
            self.work,
            self.work / "compile.log",
        )

    def commands(self):
        yield [self.executable()], {}


class MutatedMachine(Mutated):
    """Beside the mutated model, the cache holds links to the other models that the tests use."""

    def reference(self):
        return self.work.parent / "reference"

    def cache(self):
        return self.work / "cache"

    def sources(self):
        """Runs the tests on a fresh cache, so that the model in use is the only one of its name."""
        reference = self.reference()
        name = f"{self.target.configuration}-check-"
        for old in reference.glob(f"{name}*"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        reference.mkdir(parents=True, exist_ok=True)
        for argv, environment in self.commands():
            verdict = judge(argv, environment | {"MSQ_MODEL_CACHE": str(reference)}, 1200)
            if verdict.killed:
                raise RuntimeError(f"{self.target.name}: the tests fail without a mutation: {verdict.by}")
        (self.original,) = (p for p in reference.glob(f"{name}*") if p.is_dir())
        return sorted(self.original.glob("*.v"))

    def top(self):
        return self.target.top

    def compile(self):
        top = self.top()
        for extra in ("msq_ports.hpp", "model_shim.cpp", "model_abi.h"):
            shutil.copy(self.original / extra, self.work / extra)
        shutil.rmtree(self.work / "obj", ignore_errors=True)
        run(
            [
                "env",
                "OBJCACHE=ccache",
                "verilator",
                "--cc",
                "--exe",
                "--build",
                "-j",
                "1",
                "-Wno-fatal",
                "-Wno-lint",
            ]
            + ["-O3", "--x-assign", "unique", "--x-initial", "unique", "-MAKEFLAGS", "OPT_FAST=-O1"]
            + ["--top-module", top, "--Mdir", "obj", "-CFLAGS", "-fPIC -I..", "-LDFLAGS", "-shared"]
            + ["-o", "model.so", f"{top}.v", "mutated.v", "model_shim.cpp", "mutant.cpp"],
            self.work,
            self.work / "verilator.log",
        )
        cache = self.cache()
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir()
        for model in self.reference().iterdir():
            if model.is_dir() and model.name != self.original.name:
                (cache / model.name).symlink_to(model)
        (cache / self.original.name).mkdir()
        plant_model(self.work / "obj" / "model.so", cache / self.original.name)

    def commands(self):
        for wanted in self.target.filters:
            argv = [BUILD / self.target.executable, f"--gtest_filter={wanted}"]
            yield argv, {"MSQ_MODEL_CACHE": str(self.cache())}


def mutated(target, work):
    return {Bench: MutatedBench, Machine: MutatedMachine}[type(target)](target, work)
