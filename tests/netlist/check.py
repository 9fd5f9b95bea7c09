#!/usr/bin/env python3
"""RTL against the mapped netlist: equivalence of the leaves, and simulation of a mapped core with the tests of the RTL.

  check.py leaves  MODULES   proves that each leaf of a 4x4 accelerator and its netlist compute the same
  check.py core    CONFIG    maps the core that system_test uses under this name and runs those tests on its gates

With --break one NAND gate of the netlist becomes a NOR gate, and the check must find a difference.
Exit codes: 0 equal (with --break: the difference was found), 1 not, 77 only run with MSQ_FULL set.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIBERTY = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
SKIPPED = 77
# Gates of a leaf beyond which it is said not to be compared: memories, which a chip has as macros.
TOO_LARGE = 2500

# Accelerators of 4x4 PEs whose leaves are compared. Those with the same parameters are compared once.
DESIGNS = {
    "recon": '{"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "recon", "row_align_bits": 3, '
    '"top": {"tokens": 16, "act_words": 16, "weight_fifo": 2, "output_lanes": 2}}',
    "inline": '{"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "inline", "tree_rows": 2, '
    '"inline": {"units_per_block": 2}, "top": {"tokens": 16, "act_words": 16, "weight_fifo": 2, "output_lanes": 2}}',
    "none": '{"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "none", "tree_rows": 1, '
    '"top": {"tokens": 16, "act_words": 16, "weight_fifo": 2, "output_lanes": 2}}',
    "full-range": '{"rows": 4, "cols": 4, "micro_block": 4, "outlier_path": "recon", "encoding": "full_range", '
    '"top": {"tokens": 16, "act_words": 16, "weight_fifo": 2, "output_lanes": 2}}',
}


class NetlistError(Exception):
    """The netlist differs, or nothing could be said."""


def tool(argv, cwd, log, limit=None):
    with open(cwd / log, "w", encoding="utf-8") as out:
        try:
            return subprocess.run(
                [str(a) for a in argv], cwd=cwd, stdout=out, stderr=subprocess.STDOUT, timeout=limit, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            return None


def must(argv, cwd, log):
    if tool(argv, cwd, log) != 0:
        text = (cwd / log).read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"{argv[0]} failed, {cwd / log}:\n{text[-1500:]}")


def recipe():
    """The options and the script of abc that area reports use (synth/yosys.cpp)."""
    text = (ROOT / "synth" / "yosys.cpp").read_text(encoding="utf-8")
    options = re.search(r'kSynthOptions = "([^"]*)"', text).group(1)
    abc = re.search(r'kAbcScript =\s*"([^"]*)"', text).group(1)
    return options, f"dfflibmap -liberty {LIBERTY}\nabc -liberty {LIBERTY} -script {abc}\nopt_clean -purge\n"


def cell_models(work):
    """What each cell computes, from the library's own functions."""
    script = work / "cells.ys"
    script.write_text(
        f"read_liberty -ignore_miss_func {LIBERTY}\nproc\nwrite_verilog -noattr cells.v\n", encoding="utf-8"
    )
    must(["yosys", "-q", "-s", script], work, "cells.log")
    return work / "cells.v"


def break_one_gate(netlist):
    """The NAND gate in the middle becomes a NOR gate: same pins, another function."""
    text = netlist.read_text(encoding="utf-8")
    gates = [m.start() for m in re.finditer(r"\bNAND2X1\b", text)]
    if not gates:
        raise RuntimeError(f"{netlist}: no NAND2X1 to break")
    at = gates[len(gates) // 2]
    netlist.write_text(text[:at] + "NOR2X1" + text[at + len("NAND2X1") :], encoding="utf-8")


# ---- leaves


def leaf_modules(build, work, wanted):
    """{(design, module with its parameters): leaf}, each set of parameters once."""
    found = {}
    for name, config in DESIGNS.items():
        directory = work / name
        (work / f"{name}.json").write_text(config, encoding="utf-8")
        program = build / "cli" / "microscopiq"
        must([program, "generate", "--config", work / f"{name}.json", "-o", directory], work, f"{name}-generate.log")
        sources = " ".join(f'"{p}"' for p in sorted(directory.glob("*.v")))
        script = work / f"{name}.ys"
        script.write_text(
            f"read_verilog {sources}\nhierarchy -check -top msq_top\nproc\nopt_clean\nwrite_rtlil {name}.il\n"
            f"tee -q -o {name}.modules ls\n",
            encoding="utf-8",
        )
        must(["yosys", "-q", "-s", script], work, f"{name}.log")
        for line in (work / f"{name}.modules").read_text(encoding="utf-8").splitlines():
            module = line.strip()
            leaf = re.search(r"(msq_\w+)", module)
            if leaf is None or not (ROOT / "rtl" / f"{leaf.group(1)}.v").exists():
                continue
            if (not wanted or leaf.group(1) in wanted) and module not in (m for _, m in found):
                found[(name, module)] = leaf.group(1)
    return found


def check_leaf(work, design, module, models, broken, limit):
    """Proves gold = gate for every input and every state, register by register of the same name."""
    options, mapping = recipe()
    script = work / "prepare.ys"
    script.write_text(
        f"read_rtlil {design}.il\nhierarchy -top {module}\nflatten\nmemory_map\nopt_clean\nrename -top leaf\n"
        "write_rtlil gold.il\n",
        encoding="utf-8",
    )
    must(["yosys", "-q", "-s", script], work, "prepare.log")
    # Words of a memory get public names, which the netlist keeps: registers are paired by name.
    gold = work / "gold.il"
    text = re.sub(r"\$(\S*)memory\\(\S+)\[(\d+)\](?=\s)", r"\\word_\1\2_\3", gold.read_text(encoding="utf-8"))
    gold.write_text(text, encoding="utf-8")
    script = work / "map.ys"
    script.write_text(
        f"read_rtlil gold.il\nsynth {options} -flatten -top leaf\n{mapping}write_verilog -noattr netlist.v\n"
        "tee -q -o cells.txt stat\n",
        encoding="utf-8",
    )
    must(["yosys", "-q", "-s", script], work, "map.log")
    cells = int(re.search(r"Number of cells:\s+(\d+)", (work / "cells.txt").read_text(encoding="utf-8")).group(1))
    if cells > TOO_LARGE:
        return "not compared", cells, 0
    if broken:
        break_one_gate(work / "netlist.v")
    script = work / "equal.ys"
    script.write_text(
        f"read_verilog {models.name} netlist.v\nhierarchy -top leaf\nproc\nflatten\nopt_clean\n"
        "rename -top gate\ndesign -stash gate\n"
        "read_rtlil gold.il\nrename -top gold\ndesign -stash gold\n"
        "design -copy-from gold -as gold gold\ndesign -copy-from gate -as gate gate\n"
        "equiv_make gold gate equiv\nhierarchy -top equiv\nopt_clean\n"
        "equiv_simple -undef\nequiv_simple -undef -seq 5\nequiv_induct -undef -seq 8\n"
        "equiv_status\n",
        encoding="utf-8",
    )
    code = tool(["yosys", "-s", script], work, "equal.log", limit)
    log = (work / "equal.log").read_text(encoding="utf-8", errors="replace")
    proven = re.findall(r"Of those cells (\d+) are proven and (\d+) are unproven", log)
    if code is None:
        return "time limit", cells, 0
    if code != 0 or not proven:
        raise RuntimeError(f"{work / 'equal.log'} ends without a result:\n{log[-1500:]}")
    good, bad = map(int, proven[-1])
    if good + bad == 0:
        raise RuntimeError(f"{module}: nothing was compared")
    return ("equal" if bad == 0 else "not proven"), cells, good + bad


def leaves(options, work):
    models = cell_models(work)
    modules = leaf_modules(options.build, work, options.names)
    missing = set(options.names) - set(modules.values())
    if missing or not modules:
        raise RuntimeError(f"no such leaf in the designs: {', '.join(missing)}")
    wrong = 0
    print("| leaf | design | gates | compared bits | result | s |\n|---|---|---|---|---|---|")
    for (design, module), leaf in modules.items():
        start = time.monotonic()
        result, cells, compared = check_leaf(work, design, module, models, options.broken, options.limit)
        print(f"| {leaf} | {design} | {cells} | {compared} | {result} | {time.monotonic() - start:.1f} |", flush=True)
        wrong += result != "not compared" and result != ("not proven" if options.broken else "equal")
    return wrong


# ---- gates in the place of the RTL


def cached_model(tests, name, filters, cache):
    """The directory of the one model that the tests build under this name."""
    pattern = f"{name}-check-*"
    for old in cache.glob(pattern):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    cache.mkdir(parents=True, exist_ok=True)
    run_tests(tests, filters, cache, cache.parent, "rtl.log")
    (model,) = (p for p in cache.glob(pattern) if p.is_dir())
    return model


def run_tests(tests, filters, cache, work, log):
    with open(work / log, "w", encoding="utf-8") as out:
        code = subprocess.run(
            [str(tests), f"--gtest_filter={filters}", "--gtest_fail_fast", "--gtest_brief=1"],
            env=os.environ | {"MSQ_MODEL_CACHE": str(cache)},
            stdout=out,
            stderr=subprocess.STDOUT,
            timeout=3000,
            check=False,
        ).returncode
    text = (work / log).read_text(encoding="utf-8", errors="replace")
    ran = re.search(r"\[  PASSED  \] (\d+) test", text)
    if code == 0 and (ran is None or ran.group(1) == "0"):
        raise RuntimeError(f"no test matches {filters}")
    if code == 0:
        return int(ran.group(1))
    failed = re.search(r"\[  FAILED  \] (\S+)", text)
    raise NetlistError(failed.group(1) if failed else f"exit code {code}: {text[-500:]}")


def gates(options, work, tests, top, name, filters):
    options_of_synth, mapping = recipe()
    rtl = cached_model(tests, name, filters, work / "rtl")
    models = cell_models(work)
    sources = " ".join(f'"{p}"' for p in sorted(rtl.glob("*.v")))
    script = work / "map.ys"
    # Hierarchy kept, as for the area; then flat and bit by bit, which Verilator simulates without false loops.
    script.write_text(
        f"read_verilog {sources}\nhierarchy -check -top {top}\nproc\nsynth {options_of_synth} -top {top}\n{mapping}"
        f"flatten\nsplitnets\nopt_clean -purge\nwrite_verilog -noattr netlist.v\ntee -q -o cells.txt stat\n",
        encoding="utf-8",
    )
    must(["yosys", "-q", "-s", script], work, "map.log")
    cells = re.search(r"Number of cells:\s+(\d+)", (work / "cells.txt").read_text(encoding="utf-8")).group(1)
    if re.search(r"^\s+\$", (work / "cells.txt").read_text(encoding="utf-8"), re.M):
        raise RuntimeError(f"{work / 'cells.txt'}: cells that are not of the library")
    if options.broken:
        break_one_gate(work / "netlist.v")
    for extra in ("msq_ports.hpp", "model_shim.cpp", "model_abi.h"):
        shutil.copy(rtl / extra, work / extra)
    must(
        ["env", "OBJCACHE=ccache" if shutil.which("ccache") else "OBJCACHE=", "verilator", "--cc", "--exe", "--build"]
        + ["-j", "1", "-Wno-fatal", "-Wno-lint", "-O3", "--x-assign", "unique", "--x-initial", "unique", "--top-module"]
        + [top, "--Mdir", "obj", "-CFLAGS", "-fPIC -I..", "-LDFLAGS", "-shared", "-o", "model.so"]
        + ["netlist.v", models.name, "model_shim.cpp"],
        work,
        "verilator.log",
    )
    cache = work / "gates"
    shutil.rmtree(cache, ignore_errors=True)
    (cache / rtl.name).mkdir(parents=True)
    shutil.copy(work / "obj" / "model.so", cache / rtl.name / "model.so")
    for other in (work / "rtl").iterdir():
        if other.is_dir() and other != rtl:
            (cache / other.name).symlink_to(other)
    start = time.monotonic()
    try:
        count = run_tests(tests, filters, cache, work, "gates.log")
    except NetlistError as failed:
        print(f"{name}: {cells} gates: {failed}")
        return 0 if options.broken else 1
    print(f"{name}: {cells} gates: {count} tests passed in {time.monotonic() - start:.1f} s")
    return 1 if options.broken else 0


CORES = {
    "t4x4": "Cycles.*:Reset.*:ProtocolErrors.*:Arrays/RandomGemms.MatchGolden/tiny",
    "i4x4e": "InlineCycles.*:InlineErrors.*:InlineReset.*:Arrays/RandomGemms.MatchGolden/tiny_inline_both",
    "t4x4n": "Cycles.PlainTilesFollowEachOtherWithoutABubble:Arrays/RandomGemms.MatchGolden/tiny_none",
    "t4x4f": "Arrays/RandomGemms.MatchGolden/full_tiny",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("leaves", "core"))
    parser.add_argument("names", nargs="*", help="leaves (default: all), or the configuration of a core")
    parser.add_argument("--break", dest="broken", action="store_true", help="break one gate: the check must see it")
    parser.add_argument("--full", action="store_true", help="only with MSQ_FULL set")
    parser.add_argument("--limit", type=float, default=1200, help="seconds for the proof of one leaf")
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release", help="where the programs are")
    options = parser.parse_args()
    options.build = options.build.resolve()
    if options.full and not os.environ.get("MSQ_FULL"):
        print("only with MSQ_FULL set")
        return SKIPPED
    label = "-".join([options.what, *options.names[:1], *(["broken"] if options.broken else [])])
    work = options.build / "netlist" / label
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    if options.what == "leaves":
        return 1 if leaves(options, work) else 0
    tests = options.build / "tests" / "system" / "system_test"
    worst = 0
    for name in options.names:
        (work / name).mkdir()
        worst = max(worst, gates(options, work / name, tests, "msq_core", name, CORES[name]))
    return worst


if __name__ == "__main__":
    sys.exit(main())
