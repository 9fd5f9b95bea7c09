"""Emits designs and has versions of Verilog tools read them. See tools/matrix.sh, which calls this.

usage: matrix.py --tools DIRECTORY [--program FILE] [--work DIRECTORY] [--jobs N] [--largest PES]
                 [TOOL]...
"""

import argparse
import concurrent.futures
import dataclasses
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
# Beside all presets: every outlier path, encoding, odd shape and the largest arrays.
CONFIGURATIONS = """
inline-4x4-bands-of-2-skew-1 inline-4x4-mode2-smallest inline-4x8-four-units inline-64x64
inline-8x4-full-range-mode2 inline-8x8-bands-of-4-two-units inline-8x8-block-4-bands-of-4
inline-8x8-full-range inline-8x8-mode2-act4 none-16x4 none-4x4-full-range-mantissa-2
none-4x8-full-range-mode2 none-8x8-act4 none-8x8-skew-2 none-8x8-trees-of-4
recon-16x16-block-16-two-units recon-16x4-mode4-sixteen-units recon-32x32-four-units recon-4x4-array-span
recon-4x4-mode2-smallest recon-4x8-full-range-one-outlier recon-64x64-eight-units
recon-8x8-full-range-halves recon-8x8-row-shifts recon-8x8-two-outliers top-inline-16x16-row-shifts
top-none-32x4 top-none-4x128-smallest top-recon-4x4-smallest top-recon-4x64 top-recon-8x16-mode2-32-lanes
top-recon-8x8-full-range-many-words
""".split()
LINT_REPORT = re.compile(r"- V e r i l a t i o n |- Verilator: ")


@dataclasses.dataclass(frozen=True)
class Design:
    name: str
    directory: pathlib.Path
    top: str
    control: str
    files: list[str]
    pes: int


@dataclasses.dataclass(frozen=True)
class Tool:
    name: str
    program: str
    kind: str
    version: str


def verilator(design: Design) -> list[list[str]]:
    return [["--lint-only", "-Wall", "--top-module", design.top, design.control, *design.files]]


def yosys(design: Design) -> list[list[str]]:
    script = f"read_verilog {' '.join(design.files)}; hierarchy -check -top {design.top}; proc; check -assert"
    return [["-q", "-e", ".*", "-p", script]]


def icarus(design: Design) -> list[list[str]]:
    return [["-g2005", "-Wall", "-Wno-timescale", "-tnull", "-s", design.top, *design.files]]


def slang(design: Design) -> list[list[str]]:
    return [["-Wextra", "--std", "1364-2005", "--top", design.top, *design.files]]


def verible(design: Design) -> list[list[str]]:
    return [design.files]


# Program, its option that prints the version, and the arguments of its runs.
KINDS = {
    "verilator": ("verilator", "--version", verilator),
    "yosys": ("yosys", "-V", yosys),
    "icarus": ("iverilog", "-V", icarus),
    "slang": ("slang", "--version", slang),
    "verible": ("verible-verilog-syntax", "--version", verible),
}


def version_of(program: str, option: str) -> str:
    done = subprocess.run([program, option], capture_output=True, text=True, check=False, cwd=ROOT)
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    # Verible names its commit in the second line.
    return " ".join(lines[: 2 if lines[0].startswith("Version") else 1]) if lines else "of unknown version"


def find_tools(directory: pathlib.Path) -> list[Tool]:
    """Those in PATH, then those that were installed."""
    tools = []
    for kind, (program, option, _) in KINDS.items():
        found = shutil.which(program)
        if found:
            tools.append(Tool(kind, found, kind, version_of(found, option)))
        for path in sorted(directory.glob(f"*/{program}")):
            tools.append(Tool(path.parent.name, str(path.resolve()), kind, version_of(str(path), option)))
    return tools


def emit(program: str, work: pathlib.Path) -> list[Design]:
    presets = [path.stem for path in sorted((ROOT / "gen" / "configs").glob("*.json"))]
    files = {name: name for name in presets}
    files |= {name: str(ROOT / "tests" / "configs" / f"{name}.json") for name in CONFIGURATIONS}
    designs = []
    for name, config in files.items():
        directory = work / name
        shutil.rmtree(directory, ignore_errors=True)
        subprocess.run(
            [program, "generate", "--config", config, "-o", str(directory)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        manifest = json.loads((directory / "manifest.json").read_text())
        control = next(file for file in manifest["other_files"] if file.endswith(".vlt"))
        pes = manifest["config"]["rows"] * manifest["config"]["cols"]
        designs.append(Design(name, directory, manifest["top"], control, manifest["files"], pes))
    return designs


def messages(tool: Tool, design: Design) -> str:
    """Messages of a tool about a design: nothing if all is well."""
    said = ""
    for arguments in KINDS[tool.kind][2](design):
        done = subprocess.run(
            [tool.program, *arguments],
            cwd=design.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if not LINT_REPORT.match(line)]
        said += "".join(f"{line}\n" for line in lines if line.strip())
        if done.returncode != 0:
            said += f"exit code {done.returncode}\n"
    return said


def run(tool: Tool, designs: list[Design], jobs: int) -> int:
    """Prints a line for the tool, and its messages by design. Returns the number of those."""
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        said = list(pool.map(lambda design: messages(tool, design), designs))
    bad = [(design, text) for design, text in zip(designs, said, strict=True) if text]
    seconds = time.monotonic() - start
    clean = len(designs) - len(bad)
    print(
        f"{tool.name:16} {clean:3} of {len(designs)} clean {seconds:6.0f} s  {tool.version[:70]}", flush=True
    )
    for design, text in bad:
        lines = text.splitlines()
        print(f"  {design.name}: {lines[0]}" + (f" (and {len(lines) - 1} lines)" if len(lines) > 1 else ""))
    return len(bad)


def main() -> int:
    parser = argparse.ArgumentParser(description="Emitted designs through versions of Verilog tools")
    parser.add_argument("--tools", type=pathlib.Path, required=True)
    parser.add_argument("--program", default=str(ROOT / "build" / "release" / "cli" / "microscopiq"))
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build" / "matrix" / "designs")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--largest", type=int, default=1 << 14, metavar="PES")
    parser.add_argument("names", nargs="*", metavar="TOOL")
    options = parser.parse_args()
    tools = find_tools(options.tools)
    if options.names:
        tools = [tool for tool in tools if any(name in tool.name for name in options.names)]
    if not tools:
        print("matrix.py: found none of the tools", file=sys.stderr)
        return 2
    options.work.mkdir(parents=True, exist_ok=True)
    designs = [design for design in emit(options.program, options.work) if design.pes <= options.largest]
    bad = sum(run(tool, designs, options.jobs) for tool in tools)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
