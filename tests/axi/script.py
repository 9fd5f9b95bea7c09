"""Files for bench.v, and what must come back."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from packer import packets

OPS = [
    "END",
    "WRITE",
    "READ",
    "WAIT",
    "IRQ",
    "POLL",
    "RESET",
    "LIMIT",
    "ABORT",
    "LASTS",
    "MARK",
    "STALL",
    "BOTH",
]
OPS += ["POST", "OFFERED"]
WEIGHTS, ACTS = 0, 1
TIMEOUT = 20000


@dataclass
class Field:
    lsb: int
    width: int
    access: str
    reset: int

    @property
    def mask(self):
        return (1 << self.width) - 1 << self.lsb


class Registers:
    """The table of the emitted registers.md."""

    def __init__(self, text):
        self.offset, self.fields, self.errors = {}, {}, {}
        name = None
        for line in text.splitlines():
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if re.fullmatch(r"0x[0-9a-f]+", cells[0]):
                name = cells[1].strip("`")
                self.offset[name], self.fields[name] = int(cells[0], 16), {}
            elif len(cells) == 7 and name and cells[3].startswith("`"):
                high, _, low = cells[2].partition(":")
                lsb = int(low or high)
                reset = int(cells[5], 16) if cells[5].startswith("0x") else 0
                self.fields[name][cells[3].strip("`")] = Field(lsb, int(high) - lsb + 1, cells[4], reset)
            elif len(cells) == 3 and cells[0].isdigit():
                self.errors[cells[1].strip("`")] = int(cells[0])

    def mask(self, name, access=("constant", "read, write")):
        return sum(field.mask for field in self.fields[name].values() if field.access in access)

    def reset(self, name):
        return sum(field.reset << field.lsb for field in self.fields[name].values())

    def bits(self, name, **values):
        return sum(value << self.fields[name][field].lsb for field, value in values.items())

    def field_mask(self, name, *fields):
        return sum(self.fields[name][field].mask for field in fields)


class Script:
    """Commands for the bench, in order. Every section between two marks has a check of what came out."""

    def __init__(self, array, registers, rng):
        self.array, self.registers, self.rng = array, registers, rng
        self.lines, self.beats, self.checks = [], ([], []), []
        self.aborts = False
        self.closing = None  # number of the section of closing_beats
        self.slow = 0  # largest delay on AXI4-Lite

    def op(self, name, *values):
        words = [OPS.index(name), *values]
        self.lines.append(" ".join(f"{int(word) & 0xFFFFFFFF:x}" for word in words + [0] * (9 - len(words))))

    def delay(self):
        return int(self.rng.integers(0, self.slow + 1)) if self.slow else 0

    # ------------------------------------------------------------------------------------------ registers

    def write(self, name, value, strobes=15, aw=None, w=None, b=None):
        address = self.registers.offset.get(name, name)
        delays = [self.delay() if delay is None else delay for delay in (aw, w, b)]
        self.op("WRITE", address, value, strobes, *delays)

    def read(self, name, value, mask=0xFFFFFFFF):
        address = self.registers.offset.get(name, name)
        self.op("READ", address, mask, value & mask, self.delay(), self.delay())

    def read_status(self, **fields):
        r = self.registers
        self.read("status", r.bits("status", **fields), r.field_mask("status", *fields))

    def poll_status(self, **fields):
        r = self.registers
        mask = r.field_mask("status", *fields)
        self.op("POLL", r.offset["status"], mask, r.bits("status", **fields))

    def control(self, *bits, interrupt=1, **delays):
        value = self.registers.bits("control", interrupt_enable=interrupt, **dict.fromkeys(bits, 1))
        self.write("control", value, **delays)

    def program(self, job):
        settings = list(job.registers.items())
        self.rng.shuffle(settings)
        for name, value in settings:
            self.write(name, value)

    # -------------------------------------------------------------------------------------------- streams

    def queue(self, made, passes=None):
        """Lets the sources offer the packets of a job."""
        for channel, name in ((WEIGHTS, "weights"), (ACTS, "activations")):
            for packet in made[name][:passes]:
                self.append(channel, packet)
        self.open()

    def append(self, channel, packet):
        self.beats[channel].extend((i + 1 == len(packet), beat) for i, beat in enumerate(packet))

    def open(self):
        for channel in (WEIGHTS, ACTS):
            self.op("LIMIT", channel, len(self.beats[channel]))

    def abort(self):
        """The DMA channels are reset; beats not yet sent are dropped."""
        self.aborts = True
        self.op("ABORT", len(self.beats[WEIGHTS]), len(self.beats[ACTS]))

    def stall(self, weights=0, acts=0, out=0):
        self.op("STALL", weights, acts, out)

    def mark(self, check):
        self.op("MARK", len(self.checks))
        self.checks.append(check)


# ------------------------------------------------------------------------------------------------ outputs


class Exactly:
    """All output packets of these jobs."""

    def __init__(self, *jobs):
        self.beats = [beat for made in jobs for packet in made["outputs"] for beat in last_marked(packet)]

    def __call__(self, beats):
        if beats == self.beats:
            return None
        pairs = enumerate(zip(beats, self.beats, strict=False))
        same = next((i for i, (beat, own) in pairs if beat != own), None)
        text = f"{len(beats)} beats, not {len(self.beats)}; first difference {same}"
        return text if same is None else f"{text}: {beats[same]}, not {self.beats[same]}"


class Prefix:
    """Outputs before a reset."""

    def __init__(self, *jobs):
        self.beats = Exactly(*jobs).beats

    def __call__(self, beats):
        return None if beats == self.beats[: len(beats)] else "not what the job puts out"


class Closed:
    """Jobs of which each either ends or is closed by one beat of zeros with tlast behind what came before."""

    def __init__(self, *jobs, ended=None):
        self.jobs, self.ended = [Exactly(made).beats for made in jobs], ended

    def __call__(self, beats):
        counts = self.explain(beats, 0)
        if not counts:
            return f"{len(self.jobs)} jobs do not explain {len(beats)} beats, the last ones {beats[-3:]}"
        if self.ended is not None and self.ended not in counts:
            return f"{sorted(counts)} jobs ended, not {self.ended}"
        return None

    def explain(self, beats, number):
        """Numbers of jobs that may have ended; outputs may look like closing beats."""
        if number == len(self.jobs):
            return set() if beats else {0}
        wanted, counts, same = self.jobs[number], set(), 0
        while True:
            if same < len(wanted) and beats[same : same + 1] == [(0, True)]:
                counts |= self.explain(beats[same + 1 :], number + 1)
            if same == len(wanted) or beats[same : same + 1] != wanted[same : same + 1]:
                break
            same += 1
        if same == len(wanted):
            counts |= {ended + 1 for ended in self.explain(beats[same:], number + 1)}
        return counts


def last_marked(packet):
    return [(beat, i + 1 == len(packet)) for i, beat in enumerate(packet)]


NOTHING = Exactly()


# ---------------------------------------------------------------------------------------------- simulation


class Device:
    """The Verilog of a configuration, compiled with the bench."""

    def __init__(self, rtl, array, work):
        self.rtl, self.array, self.work = Path(rtl), array, Path(work)
        self.registers = Registers((self.rtl / "registers.md").read_text())
        self.programs = {}

    def program(self, depth, assertions):
        """Compiled with room for so many beats, with or without the assertions of the leaves."""
        key = depth, assertions
        if key not in self.programs:
            a, out = self.array, self.work / f"bench-{depth}-{int(assertions)}.vvp"
            sizes = {
                "WEIGHT_BEAT": a.weight_beat,
                "ACT_BEAT": a.act_beat,
                "OUT_BEAT": a.out_beat,
                "DEPTH": depth,
            }
            command = ["iverilog", "-g2005", "-s", "bench", "-o", out]
            command += ["-DMSQ_ASSERT"] if assertions else []
            command += [f"-Pbench.{name}={value}" for name, value in sizes.items()]
            command += [self.rtl / name for name in a.manifest["files"]]
            subprocess.run([*command, Path(__file__).parent / "bench.v"], check=True)
            self.programs[key] = out
        return self.programs[key]

    def run(self, name, script, scramble=False):
        """Failures, as text."""
        base = self.work / name
        (base.with_suffix(".script")).write_text("\n".join([*script.lines, " ".join(["0"] * 9)]) + "\n")
        for channel, end, beat in (
            (0, ".weights", self.array.weight_beat),
            (1, ".acts", self.array.act_beat),
        ):
            words = [f"{int(last) << beat | data:x}" for last, data in script.beats[channel]]
            base.with_suffix(end).write_text("\n".join(words or ["0"]) + "\n")
        beats = max(1024, *(len(beats) for beats in script.beats))
        # A channel that is reset withdraws its beat, which the assertions of the leaves do not allow.
        program = self.program(1 << (beats - 1).bit_length(), not script.aborts)
        arguments = [f"+{key}={base.with_suffix('.' + key)}" for key in ("script", "weights", "acts", "log")]
        arguments += ["+scramble"] if scramble else []
        done = subprocess.run(["vvp", "-n", program, *arguments], capture_output=True, text=True)
        found = [line for line in done.stdout.splitlines() if line.startswith(("ERROR", "  ", "stopped"))]
        if done.returncode or "errors in" not in done.stdout:
            found.append(f"vvp: {done.stdout[-300:]} {done.stderr[-300:]}")
        self.cycles = 0
        return found + self.check(script, base.with_suffix(".log").read_text())

    def check(self, script, log):
        found, beats, data = [], [], []
        self.edges, self.sections = [[]], []
        for line in log.splitlines():
            kind, *words = line.split()
            if kind == "o":
                beats.append((int(words[0], 16) if "x" not in words[0] else words[0], words[1] == "1"))
            elif kind == "i":
                self.edges[-1].append(words[0])
            elif kind == "r":
                data.append((int(words[0], 16), words[1]))
            elif kind == "end":
                self.cycles = int(words[0])
            elif kind == "m":
                check = script.checks[len(self.sections)]
                wrong = check(beats) if check else None
                if wrong:
                    found.append(f"section {len(self.sections)}: {wrong}")
                self.sections.append((beats, data))
                beats, data = [], []
                self.edges.append([])
        if len(self.sections) != len(script.checks):
            found.append(f"{len(self.sections)} sections of {len(script.checks)}")
        if beats:
            found.append(f"{len(beats)} beats after the last mark")
        return found


class MadeJob(dict):
    """The packets of a job, with the job."""

    def __init__(self, job):
        super().__init__(packets(job))
        self.job = job
