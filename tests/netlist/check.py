#!/usr/bin/env python3
"""RTL against the mapped netlist: equivalence of the leaves, and simulation of a mapped core with the tests
of the RTL.

  check.py leaves  MODULES   proves that each module of four 4x4 accelerators and its netlist compute the same
  check.py core    CONFIG    maps the core that system_test uses under this name and runs those tests on its
  gates

With --break one NAND gate of the netlist becomes a NOR gate, and the check must find a difference.
Exit codes: 0 equal (with --break: the difference was found), 1 not, 77 only run with MSQ_FULL set.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
from configs import config_file
from models import plant_model

ROOT = Path(__file__).resolve().parents[2]
LEAVES = {path.stem for path in (ROOT / "rtl").rglob("*.v")}
LIBERTY = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
SKIPPED = 77
# Bits of a memory beyond which it is compared with FEWER words of its width. A chip has a macro there, and
# the text is the same for any number of words, of which several are compared as they are.
MOST_BITS = 1100
FEWER = 4

# Accelerators of 4x4 PEs whose modules are compared. Leaves with the same parameters are compared once.
DESIGNS = ("netlist-recon-4x4", "netlist-inline-4x4", "netlist-none-4x4", "netlist-recon-4x4-full-range")


class NetlistError(Exception):
    """A test failed on the gates."""


def tool(argv, cwd, log, limit=None):
    with open(cwd / log, "w", encoding="utf-8") as out:
        try:
            return subprocess.run(
                [str(a) for a in argv],
                cwd=cwd,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=limit,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            return None


def must(argv, cwd, log):
    if tool(argv, cwd, log) != 0:
        text = (cwd / log).read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"{argv[0]} failed, {cwd / log}:\n{text[-1500:]}")


def recipe(name):
    """Commands of a file of synth/recipe, without comments."""
    lines = (ROOT / "synth" / "recipe" / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def abc_word(name):
    return "+" + ";".join(recipe(f"{name}.abc")).replace(" ", ",")


def mapping(work, top, options="", clock=None, dissolved=()):
    """The commands that map a design in the reports (synth/recipe.cpp fills them in alike).

    For the least area, or every module by one of the recipes for a clock, with the contents of the dissolved
    modules as a part of them."""
    script = "\n".join(recipe("clock.ys" if clock else "map.ys")) + "\n"
    values = {
        "@OPTIONS@": options,
        "@TOP@": top,
        "@LIBERTY@": str(LIBERTY),
        "@ABC@": abc_word("recover_area"),
        "@DRIVE@": "-constr drive.constr",
    }
    for key, value in values.items():
        script = script.replace(key, value)
    if clock is None:
        return script
    shutil.copy(ROOT / "synth" / "recipe" / "adders.v", work)
    (work / "drive.constr").write_text("set_driving_cell BUFX2\n", encoding="utf-8")
    dissolved = " ".join(rf"*\\{name} *\\{name}\\*" for name in sorted(dissolved))
    selections = {clock: "*", "dissolved": dissolved}
    if f"@modules:{clock}@" not in script:
        raise RuntimeError(f"clock.ys has no recipe {clock}")
    lines = []
    for line in script.splitlines():
        used = re.search("@modules:(.+?)@", line)
        if used is None or selections.get(used[1]):
            line = re.sub("@modules:(.+?)@", lambda m: selections[m[1]], line)
            lines.append(re.sub("@abc:(.+?)@", lambda m: abc_word(m[1]), line))
    return "\n".join(lines) + "\n"


def cell_models(work):
    """Function of each cell, from the library's own functions."""
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


# ---- modules


def modules_of_designs(build, work, wanted):
    """[(design, module as Yosys names it, its name, a note, design it is of)]: all modules of the designs.

    Each set of parameters of a leaf comes once.
    """
    found = {}
    for name in DESIGNS:
        directory = work / name
        program = build / "cli" / "microscopiq"
        must(
            [program, "generate", "--config", config_file(name), "-o", directory],
            work,
            f"{name}-generate.log",
        )
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
            match = re.search(r"(msq_\w+)", module)
            if match is None:
                continue
            short = match.group(1)
            # A leaf with the same parameters is the same text in all designs; what the generator writes is
            # not.
            key = module if short in LEAVES else (name, module)
            if not wanted or short in wanted:
                found.setdefault(key, (name, module, short, "", name))
    return [fewer_words(work, *m) if m[2] == "msq_ram_1r1w" else m for m in found.values()]


def fewer_words(work, design, module, short, *_):
    """The same, or a design with a smaller memory if that one is large."""
    text = (work / f"{design}.il").read_text(encoding="utf-8")
    body = text[text.index(f"\nmodule {module}\n") :]
    width, words = map(int, re.search(r"memory width (\d+) size (\d+)", body).groups())
    if width * words <= MOST_BITS:
        return design, module, short, f" {words} x {width}", design
    source = (work / design / f"{short}.v").read_text(encoding="utf-8")
    for name, value in (("WIDTH", width), ("DEPTH", FEWER)):
        source, count = re.subn(rf"(parameter {name} = )\d+", rf"\g<1>{value}", source)
        if count != 1:
            raise RuntimeError(f"{short}: no parameter {name}")
    smaller = f"{short}-{width}"
    (work / f"{smaller}.v").write_text(source, encoding="utf-8")
    script = work / f"{smaller}.ys"
    script.write_text(
        f"read_verilog {smaller}.v\nhierarchy -check -top {short}\nproc\nopt_clean\n"
        f"write_rtlil {smaller}.il\n",
        encoding="utf-8",
    )
    must(["yosys", "-q", "-s", script], work, f"{smaller}.log")
    return smaller, short, short, f" {words} x {width} as {FEWER} words", design


def flops(module, text):
    """{bit of Q: bit of D} and the module without its registers, all of which must be plain and on the one
    clock."""
    clock = module["ports"]["clk_i"]["bits"] if "clk_i" in module["ports"] else None
    found = {}
    for name, cell in list(module["cells"].items()):
        if cell["type"] == "$_DFF_P_":
            if cell["connections"]["C"] != clock:
                raise RuntimeError(f"{text}: {name} is not clocked by clk_i")
            found[cell["connections"]["Q"][0]] = cell["connections"]["D"][0]
            del module["cells"][name]
        elif re.search("DFF|LATCH|_SR_|mem", cell["type"]):
            raise RuntimeError(f"{text}: {name} is a {cell['type']}")
    return found


def settle(module, registers):
    """Gives registers that are always loaded with one constant that value, which they have from the second
    clock edge on; synthesis removes them."""
    while constants := {q: d for q, d in registers.items() if d in ("0", "1")}:
        for nets in (module["ports"], module["netnames"]):
            for net in nets.values():
                net["bits"] = [constants.get(bit, bit) for bit in net["bits"]]
        for cell in module["cells"].values():
            for port, bits in cell["connections"].items():
                cell["connections"][port] = [constants.get(bit, bit) for bit in bits]
        left = {q: constants.get(d, d) for q, d in registers.items() if q not in constants}
        registers.clear()
        registers.update(left)


def cut_children(module, blackboxes):
    """Removes the instances of other modules; returns {name: bits} of their outputs and of their
    inputs."""
    given, gives = {}, {}
    for name, cell in list(module["cells"].items()):
        kind = cell["type"].lstrip("\\")  # Verilog escapes the names that Yosys makes of parameters
        if kind not in blackboxes:
            continue
        for port, bits in cell["connections"].items():
            into = given if blackboxes[kind]["ports"][port]["direction"] == "input" else gives
            into[f"{name}.{port}"] = bits
        del module["cells"][name]
    return gives, given


def named_bits(module):
    return {
        f"{name}[{i + net.get('offset', 0)}]": bit
        for name, net in module["netnames"].items()
        for i, bit in enumerate(net["bits"])
        if not net["hide_name"]
    }


def encodings(work):
    """{signal: [(old code, the one bit that is set in the new)]} of the state machines that synthesis encoded
    anew."""
    found = {}
    file = work / "fsm.enc"
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        word = line.split()
        if word[0] == ".fsm":
            states = found.setdefault(word[2], [])
        else:
            states.append((word[1], len(word[2]) - 1 - word[2].index("1")))
    return found


def names_of(module, signal, width):
    bits = module["netnames"][signal]["bits"]
    return bits + [None] * (width - len(bits))


class Halves:
    """Both modules without registers and instances.

    Ports: i, o: all inputs and outputs, and what instances give and are given; q, d: registers of the same
    name, now and next; s, t: states of machines that were encoded anew; u, v: the other registers.

    `guesses` are pairs (place in u of the RTL, value) of values that its other registers may have had when
    synthesis removed them: 0, 1, or a place in q. `removed` has the names of these registers."""

    def __init__(self, work):
        gold, gate = (
            json.loads((work / f"{n}.json").read_text(encoding="utf-8"))["modules"] for n in ("gold", "gate")
        )
        sides = {"gold": gold.pop("gold"), "gate": gate.pop("gate")}
        blackboxes = {name: m for name, m in gold.items() if "blackbox" in m["attributes"]}
        self.fsm = encodings(work)
        registers, names, cuts = {}, {}, {}
        for side, module in sides.items():
            registers[side] = flops(module, side)
            settle(module, registers[side])
            names[side] = named_bits(module)
            cuts[side] = cut_children(module, blackboxes)
        shape = {
            side: [{name: len(bits) for name, bits in each.items()} for each in cuts[side]]
            + [{name: (port["direction"], len(port["bits"])) for name, port in sides[side]["ports"].items()}]
            for side in sides
        }
        if shape["gold"] != shape["gate"]:
            raise RuntimeError(f"{work}: other ports or instances: {shape}")
        # States of machines; a bit of the new code that nothing reads is not there.
        coded = {side: {} for side in sides}
        self.places = {}
        for signal, states in self.fsm.items():
            coded["gold"][signal] = names_of(sides["gold"], signal, len(states[0][0]))
            if not all(b in registers["gold"] for b in coded["gold"][signal]):
                raise RuntimeError(f"{signal} is not a register")
            new = names_of(sides["gate"], signal, 1 + max(place for _, place in states))
            self.places[signal] = [place for place, bit in enumerate(new) if bit in registers["gate"]]
            coded["gate"][signal] = [new[place] for place in self.places[signal]]
        # Registers of the same name. Signals that are one net after the simplest rules (a sum with 0) have
        # all its names.
        pairs, seen = {}, {side: {b for bits in coded[side].values() for b in bits} for side in sides}
        simpler = named_bits(json.loads((work / "names.json").read_text(encoding="utf-8"))["modules"]["gold"])
        in_gates = {
            bit: names["gate"][name]
            for name, bit in simpler.items()
            if names["gate"].get(name) in registers["gate"]
        }
        same = {}  # {register of the RTL: the pair whose register in the netlist has its name, too}
        for name, bit in sorted(names["gold"].items()):
            other = names["gate"].get(name, in_gates.get(simpler.get(name)))
            new = bit not in seen["gold"] and other not in seen["gate"]
            if bit in registers["gold"] and other in registers["gate"] and new:
                pairs[name] = {"gold": bit, "gate": other}
                seen["gold"].add(bit)
                seen["gate"].add(other)
            elif bit in registers["gold"] and bit not in seen["gold"]:
                same.setdefault(bit, [n for n, pair in pairs.items() if pair["gate"] == other])
        self.registers = len(pairs) + sum(len(s) for s in coded["gate"].values())
        self.modules, self.width = {}, {}
        for side, module in sides.items():
            q = registers[side]
            rest = [b for b in q if b not in seen[side]]
            state = [b for s in sorted(coded[side]) for b in coded[side][s]]
            ports = module["ports"]
            gives, given = cuts[side]
            inputs = [b for n in sorted(ports) if ports[n]["direction"] == "input" for b in ports[n]["bits"]]
            outputs = [
                b for n in sorted(ports) if ports[n]["direction"] == "output" for b in ports[n]["bits"]
            ]
            bits = {
                "i": inputs + [b for n in sorted(gives) for b in gives[n]],
                "o": outputs + [b for n in sorted(given) for b in given[n]],
                "q": [pairs[n][side] for n in sorted(pairs)],
                "d": [q[pairs[n][side]] for n in sorted(pairs)],
                "s": state,
                "t": [q[b] for b in state],
                "u": rest,
                "v": [q[b] for b in rest],
            }
            module["ports"] = {
                p: {"direction": "output" if p in "odtv" else "input", "bits": b}
                for p, b in bits.items()
                if b
            }
            module["netnames"] = {}
            self.reset = inputs.index(ports["rst_ni"]["bits"][0]) if "rst_ni" in ports else None
            if side == "gold":
                name_of = {bit: name for name, bit in reversed(names["gold"].items())}
                self.removed = [name_of.get(b, "?") for b in rest]
                self.paired = sorted(pairs)
                self.guesses = [
                    (n, value)
                    for n, b in enumerate(rest)
                    for value in ["1'b0", "1'b1", *(self.paired.index(name) for name in same.get(b, []))]
                ]
            self.modules[side] = module
            self.width[side] = {p: len(b) for p, b in bits.items()}

    def code(self, state):
        """Verilog: the state of the gates for this one of the RTL, and whether it is one of the machine's."""
        encoded, legal, at = [], [], 0
        for signal in sorted(self.fsm):
            states = self.fsm[signal]
            bits = len(states[0][0])
            part = f"{state}[{at + bits - 1}:{at}]"
            old = {place: f"({part} == {bits}'b{code})" for code, place in states}
            encoded += [old[place] for place in self.places[signal]]
            legal.append("(" + " || ".join(old.values()) + ")")
            at += bits
        return "{" + ", ".join(reversed(encoded)) + "}", " && ".join(legal)

    def in_reset(self):
        """Verilog: the inputs, with the reset active if there is one."""
        width = self.width["gold"]["i"]
        mask = (1 << width) - 1 - (0 if self.reset is None else 1 << self.reset)
        return f"i & {width}'h{mask:x}"

    def holds(self, guess, now, others):
        """Verilog: the register has the guessed value, in the state of these two signals."""
        register, value = guess
        return f"({now}[{register}] == {value if isinstance(value, str) else f'{others}[{value}]'})"

    def induction(self, guesses):
        """Verilog of a circuit with two outputs for each guess.

        The lower half: it does not hold after a clock edge in reset, from any state. The upper half: it does
        not hold after a clock edge at which all guesses hold before. Codes of machines are any."""
        pins = {p: self.width["gold"][p] for p in "iqsu" if self.width["gold"][p]}
        outputs = {p: self.width["gold"][p] for p in "dv" if self.width["gold"][p]}
        text = []
        for suffix, i in (("_reset", self.in_reset()), ("", "i")):
            text += [f"wire [{width - 1}:0] {p}{suffix};" for p, width in outputs.items()]
            wires = {p: i if p == "i" else p for p in pins} | {p: f"{p}{suffix}" for p in outputs}
            text.append(f"gold rtl{suffix} ({', '.join(f'.{p}({wire})' for p, wire in wires.items())});")
        fine = " && ".join(self.holds(g, "u", "q") for g in guesses)
        bad = [f"!{self.holds(g, 'v_reset', 'd_reset')}" for g in guesses]
        bad += [f"({fine}) && !{self.holds(g, 'v', 'd')}" for g in guesses]
        ports = [f"input wire [{width - 1}:0] {p}" for p, width in pins.items()]
        ports.append(f"output wire [{len(bad) - 1}:0] bad")
        text.append(f"assign bad = {{{', '.join(f'({b})' for b in reversed(bad))}}};")
        return f"module induction({', '.join(ports)});\n" + "\n".join(text) + "\nendmodule\n"

    def described(self, guess):
        register, value = guess
        return f"{self.removed[register]} = {value[-1] if isinstance(value, str) else self.paired[value]}"

    def miter(self, proven=()):
        """Verilog of a circuit whose outputs are always 0 if and only if the two sides are indistinguishable.

        That is: from any state in which registers of the same name are equal, machines are in corresponding
        states and the proven guesses hold, all outputs are equal and the next states correspond again; other
        registers are anything. A reset brings machines from any state to corresponding ones."""
        width = self.width
        ports, text = [], []

        def port(name, bits):
            ports.extend([f"input wire [{bits - 1}:0] {name}"] * (bits > 0))

        def instance(side, suffix, pins):
            for p in "odtv":
                if width[side][p]:
                    text.append(f"wire [{width[side][p] - 1}:0] {side}_{p}{suffix};")
                    pins[p] = f"{side}_{p}{suffix}"
            connected = ", ".join(f".{p}({wire})" for p, wire in pins.items() if width[side][p])
            text.append(f"{side} u_{side}{suffix} ({connected});")

        for p in "iqs":
            port(p, width["gold"][p])
        for side in width:
            port(f"{side}_u", width[side]["u"])
            state = self.code("s")[0] if self.fsm and side == "gate" else "s"
            instance(side, "", {"i": "i", "q": "q", "s": state, "u": f"{side}_u"})
        differ = [f"gold_{p} ^ gate_{p}" for p in "od" if width["gold"][p]]
        fine = " && ".join(["1'b1", *(self.holds(g, "gold_u", "q") for g in proven)])
        if self.fsm:
            fine += f" && {self.code('s')[1]}"
            differ.append(self.other_state("{}_t"))
            port("gate_s", width["gate"]["s"])
            for side in width:
                state = "s" if side == "gold" else "gate_s"
                instance(side, "_reset", {"i": self.in_reset(), "q": "q", "s": state, "u": f"{side}_u"})
        text.append(f"assign bad_reset = {self.other_state('{}_t_reset') if self.fsm else 0};")
        text.append(f"assign bad = ({fine}) ? {{{', '.join(f'({d})' for d in differ)}}} : 0;")
        ports += [f"output wire [{width['gold']['o'] + width['gold']['d']}:0] bad", "output wire bad_reset"]
        return f"module miter({', '.join(ports)});\n" + "\n".join(text) + "\nendmodule\n"

    def other_state(self, name):
        encoded, legal = self.code(name.format("gold"))
        return f"(!({legal}) || {name.format('gate')} != {encoded})"


def to_aiger(work, sides, top):
    """The circuit of `top`.v with the halves as {top}.aig."""
    reads = "".join(f"read_json {side}_half.json\n" for side in sides)
    (work / f"{top}.ys").write_text(
        f"{reads}read_verilog {top}.v\nhierarchy -check -top {top}\n"
        "proc\nflatten\nopt_clean\ntechmap\nsetundef -undriven -anyseq\nsetundef -anyseq\nopt_clean\naigmap\n"
        f"opt_clean\nwrite_aiger {top}.aig\n",
        encoding="utf-8",
    )
    must(["yosys", "-q", "-s", f"{top}.ys"], work, f"{top}.log")


def verdicts(work, commands, count, limit):
    """Of each of these proofs of ABC whether the output is always 0; None if the time ran out."""
    if tool(["yosys-abc", "-c", "; ".join(commands)], work, "abc.log", limit) is None:
        return None
    text = (work / "abc.log").read_text(encoding="utf-8", errors="replace")
    found = re.findall(r"\b(UN)?SATISFIABLE", text)
    if len(found) != count:
        raise RuntimeError(f"{work / 'abc.log'} ends without a result:\n{text[-1500:]}")
    return [word == "UN" for word in found]


def proven_values(work, halves, limit):
    """The guesses that hold from the first reset on, by induction over the RTL alone."""
    guesses = halves.guesses
    while guesses:
        (work / "induction.v").write_text(halves.induction(guesses), encoding="utf-8")
        to_aiger(work, ["gold"], "induction")
        commands = [f"read_aiger induction.aig; cone -O {n}; strash; iprove" for n in range(2 * len(guesses))]
        held = verdicts(work, commands, len(commands), limit)
        if held is None:
            return []
        left = [g for n, g in enumerate(guesses) if held[n] and held[len(guesses) + n]]
        if left == guesses:
            break
        guesses = left
    return guesses


def same(work, limit):
    """(result, compared bits, values of removed registers that it rests on) of gold.json and gate.json.

    Registers that only the RTL has may have any value at first: then they are not observable. If that makes a
    difference, those with a proven value have that one."""
    halves = Halves(work)
    for side, module in halves.modules.items():
        (work / f"{side}_half.json").write_text(json.dumps({"modules": {side: module}}), encoding="utf-8")
    compared = halves.width["gold"]["o"] + halves.registers
    if compared == 0:
        raise RuntimeError(f"{work}: nothing to compare")

    def equal(proven):
        (work / "miter.v").write_text(halves.miter(proven), encoding="utf-8")
        to_aiger(work, halves.modules, "miter")
        command = "read_aiger miter.aig; strash; fraig; orpos; iprove"
        return verdicts(work, [command], 1, limit)

    result, proven = equal([]), []
    if result == [False]:
        proven = proven_values(work, halves, limit)
        result = equal(proven) if proven else result
    if result is None:
        return "time limit", compared, []
    return ("equal" if result[0] else "different"), compared, [halves.described(g) for g in proven]


def sides(work, models):
    """gold.json and gate.json, of module leaf in gold.il and in netlist.v; names.json for names."""
    script = work / "sides.ys"
    common = (
        "hierarchy -top {0}\nproc\nflatten\nopt_clean\ndffunmap\ntechmap\nopt_clean\nwrite_json {0}.json\n"
    )
    script.write_text(
        "read_rtlil gold.il\nrename leaf gold\n"
        + common.format("gold")
        + "opt_expr -full\nopt_expr -full\nopt_clean\nwrite_json names.json\n"
        + f"design -reset\nread_verilog {models.name} netlist.v\nrename leaf gate\n"
        + common.format("gate"),
        encoding="utf-8",
    )
    must(["yosys", "-q", "-s", script], work, "sides.log")


def check_module(work, design, module, models, options):
    """Maps the module as the area reports do, its instances left as they are, and compares."""
    top = f"\\{module}" if not module.startswith("$") else module
    script = work / "prepare.ys"
    script.write_text(
        f"read_rtlil {design}.il\nselect -set others * {top} %d\nblackbox @others\nhierarchy -top {top}\n"
        f"memory_map\n"
        "opt_clean\nrename -top leaf\nwrite_rtlil gold.il\n",
        encoding="utf-8",
    )
    must(["yosys", "-q", "-s", script], work, "prepare.log")
    # Words of a memory get public names, which the netlist keeps: registers are paired by name.
    gold = work / "gold.il"
    text = re.sub(r"\$(\S*)memory\\(\S+)\[(\d+)\](?=\s)", r"\\word_\1\2_\3", gold.read_text(encoding="utf-8"))
    gold.write_text(text, encoding="utf-8")
    (work / "fsm.enc").unlink(missing_ok=True)
    script = work / "map.ys"
    script.write_text(
        "read_rtlil gold.il\n"
        + mapping(work, "leaf", "-encfile fsm.enc", options.clock)
        + "write_verilog -noattr netlist.v\ntee -q -o cells.txt stat\n",
        encoding="utf-8",
    )
    must(["yosys", "-q", "-s", script], work, "map.log")
    cells = re.search(r"Number of cells:\s+(\d+)", (work / "cells.txt").read_text(encoding="utf-8"))
    if options.broken:
        break_one_gate(work / "netlist.v")
    sides(work, models)
    return int(cells.group(1)), *same(work, options.limit)


def leaves(options, work):
    models = cell_models(work)
    modules = modules_of_designs(options.build, work, options.names)
    missing = set(options.names) - {m[2] for m in modules}
    if missing or not modules:
        raise RuntimeError(f"no such module in the designs: {', '.join(missing)}")
    wrong = 0
    print("| module | design | cells | compared bits | result | s |\n|---|---|---|---|---|---|")
    for design, module, short, note, written in modules:
        start = time.monotonic()
        cells, result, compared, proven = check_module(work, design, module, models, options)
        seconds = time.monotonic() - start
        result_note = f" with {', '.join(proven)}" if proven else ""
        print(
            f"| {short}{note} | {written} | {cells} | {compared} | {result}{result_note} | {seconds:.1f} |",
            flush=True,
        )
        wrong += result != ("different" if options.broken else "equal")
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
            # Without MSQ_FULL, which would make the tests long: half a million GEMMs took a core of gates 400
            # s.
            env={k: v for k, v in os.environ.items() if k != "MSQ_FULL"} | {"MSQ_MODEL_CACHE": str(cache)},
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
    rtl = cached_model(tests, name, filters, work / "rtl")
    models = cell_models(work)
    sources = " ".join(f'"{p}"' for p in sorted(rtl.glob("*.v")))
    script = work / "map.ys"
    commands = mapping(work, top, clock=options.clock, dissolved=LEAVES)
    # Hierarchy kept, as for the area; then flat and bit by bit, which Verilator simulates without false
    # loops.
    script.write_text(
        f"read_verilog {sources}\nhierarchy -check -top {top}\nproc\n{commands}"
        "flatten\nsplitnets\nopt_clean -purge\nwrite_verilog -noattr netlist.v\ntee -q -o cells.txt stat\n",
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
        [
            "env",
            "OBJCACHE=ccache" if shutil.which("ccache") else "OBJCACHE=",
            "verilator",
            "--cc",
            "--exe",
            "--build",
        ]
        + [
            "-j",
            "1",
            "-Wno-fatal",
            "-Wno-lint",
            "-O3",
            "--x-assign",
            "unique",
            "--x-initial",
            "unique",
            "--top-module",
        ]
        + [top, "--Mdir", "obj", "-CFLAGS", "-fPIC -I..", "-LDFLAGS", "-shared", "-o", "model.so"]
        + ["netlist.v", models.name, "model_shim.cpp"],
        work,
        "verilator.log",
    )
    cache = work / "gates"
    shutil.rmtree(cache, ignore_errors=True)
    (cache / rtl.name).mkdir(parents=True)
    plant_model(work / "obj" / "model.so", cache / rtl.name)
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
    "recon-4x4": "Cycles.*:Reset.*:ProtocolErrors.*:Arrays/RandomGemms.MatchGolden/recon_4x4",
    "inline-4x4-bands-of-2": "InlineCycles.*:InlineErrors.*:InlineReset.*:"
    "Arrays/RandomGemms.MatchGolden/inline_4x4_bands_of_2",
    "none-4x4": "Cycles.PlainTilesFollowEachOtherWithoutABubble:Arrays/RandomGemms.MatchGolden/none_4x4",
    "recon-4x4-full-range": "Arrays/RandomGemms.MatchGolden/recon_4x4_full_range",
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("leaves", "core"))
    parser.add_argument("names", nargs="*", help="modules (default: all), or the configuration of a core")
    parser.add_argument(
        "--break", dest="broken", action="store_true", help="break one gate: the check must see it"
    )
    parser.add_argument("--clock", metavar="RECIPE", help="map by this recipe of synth/recipe/clock.ys")
    parser.add_argument("--full", action="store_true", help="only with MSQ_FULL set")
    parser.add_argument("--limit", type=float, default=1200, help="seconds for the proof of one module")
    parser.add_argument(
        "--build", type=Path, default=ROOT / "build" / "release", help="where the programs are"
    )
    options = parser.parse_args()
    options.build = options.build.resolve()
    if options.full and not os.environ.get("MSQ_FULL"):
        print("only with MSQ_FULL set")
        return SKIPPED
    variant = filter(None, [options.clock, options.broken and "broken"])
    label = "-".join([options.what, *options.names[:1], *variant])
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
