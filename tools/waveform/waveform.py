"""Draws signals of a recorded trace as SVG, one column per clock cycle.

    python3 waveform.py wave.fst clk_i load_valid_i 'psum_o[15:0]:d=sum of column 0' --cycles 16 -o wave.svg

TRACE is VCD, or FST as `microscopiq simulate --trace` writes it; for FST, Verilator and a C compiler are
needed. The first signal is the clock. A SIGNAL is NAME[MSB:LSB]:FORMAT@VALID=LABEL: the bits, FORMAT (x:
hexadecimal, the default; d: signed decimal), VALID (a signal; only where it is 1 the value is drawn) and
LABEL may be left out. Names are those below the top scope of the trace, dots lead into instances
(msq_core.launch). A column shows the value that the rising edge at its end samples.
"""

import argparse
import functools
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path

LEFT, COLUMN, ROW, HIGH, TOP = 178, 34, 30, 18, 34  # pixels
CHARACTER = 7.3  # width at 12 px
STYLE = """
  text { font: 12px ui-monospace, monospace; fill: #1b1f24; }
  .wave { fill: none; stroke: #2563a8; stroke-width: 1.5; }
  .bus { fill: #dbe8f7; stroke: #2563a8; }
  .grid { stroke: #d5d9de; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9ee; }
    .wave { stroke: #7fb4ee; }
    .bus { fill: #203a57; stroke: #7fb4ee; }
    .grid { stroke: #3a4048; }
  }
"""


class TraceError(Exception):
    """A trace or a signal that cannot be drawn."""


@dataclass
class Signal:
    """A row of the picture: bits of a signal, how to print them, and the signal that says when to."""

    name: str
    bits: tuple[int, int] | None
    format: str
    valid: str | None
    label: str

    @staticmethod
    def parse(text: str) -> "Signal":
        match = re.fullmatch(r"([\w.]+)(?:\[(\d+):(\d+)\])?(?::([dx]))?(?:@([\w.]+))?(?:=(.+))?", text)
        if not match:
            raise TraceError(f"signal: found {text}; allowed NAME[MSB:LSB]:FORMAT@VALID=LABEL, FORMAT d or x")
        bits = (int(match[2]), int(match[3])) if match[2] else None
        name = match[1] + (f"[{match[2]}:{match[3]}]" if bits else "")
        return Signal(match[1], bits, match[4] or "x", match[5], match[6] or name)

    def shown(self, value: str, width: int) -> str:
        """A value as text; it has width binary digits, x where unknown, none where it is not drawn."""
        if not value:
            return ""
        if "x" in value or "z" in value:
            return "x"
        number = int(value, 2)
        if self.format == "d":
            return str(number - (1 << width) if value[0] == "1" else number)
        return f"{number:0{(width + 3) // 4}x}"


def vcd_of(trace: Path) -> str:
    """The text of a VCD file, or of an FST file converted."""
    if trace.suffix != ".fst":
        return trace.read_text()
    command = ["verilator", "--getenv", "VERILATOR_ROOT"]
    root = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    reader = Path(root) / "include" / "gtkwave"
    with tempfile.TemporaryDirectory() as directory:
        program = f"{directory}/fst2vcd"
        sources = [Path(__file__).with_name("fst2vcd.c")] + [
            reader / f for f in ("fstapi.c", "lz4.c", "fastlz.c")
        ]
        configuration = '-DFST_CONFIG_INCLUDE="fst_config.h"'
        subprocess.run(["cc", "-w", configuration, f"-I{reader}", *sources, "-lz", "-o", program], check=True)
        done = subprocess.run([program, trace], capture_output=True, text=True, check=False)
    if done.returncode:
        raise TraceError(f"{trace}: found no whole FST file")
    return done.stdout


def identifiers(header: list[str]) -> dict[str, tuple[str, int]]:
    """Name below the top scope -> (identifier, width), of the $var lines of a VCD header."""
    found, scopes = {}, []
    for line in header:
        words = line.split()
        if words[:1] == ["$scope"]:
            scopes.append(words[2])
        elif words[:1] == ["$upscope"]:
            scopes.pop()
        elif words[:1] == ["$var"]:
            found.setdefault(".".join([*scopes[1:], words[4]]), (words[3], int(words[2])))
    return found


def samples(text: str, clock: str) -> tuple[dict[str, tuple[str, int]], list[dict[str, str]]]:
    """The signals of a VCD, and identifier -> value just before each rising edge of the clock."""
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines) if line.startswith("$enddefinitions")), None)
    if end is None:
        raise TraceError("found no VCD: no $enddefinitions")
    signals = identifiers(lines[:end])
    edge, values, found, before = place_of(signals, clock)[0], {}, [], {}
    for line in lines[end:]:
        if line[:1] == "#":
            before = dict(values)
        elif line[:1] in ("b", "B"):
            value, identifier = line[1:].split()
            values[identifier] = value.lower()
        elif line[:1] in ("0", "1", "x", "z", "X", "Z"):
            identifier, value = line[1:].strip(), line[0].lower()
            if identifier == edge and value == "1" and before.get(edge) == "0":
                found.append(before)
            values[identifier] = value
    return signals, found


def place_of(signals: dict[str, tuple[str, int]], name: str) -> tuple[str, int]:
    if name not in signals:
        top = sorted(known for known in signals if "." not in known)
        raise TraceError(f"signal: found {name}; allowed at the top: {', '.join(top)}")
    return signals[name]


def column_values(signal: Signal, signals: dict, cycles: list[dict[str, str]]) -> tuple[list[str], int]:
    """Binary digits of a signal in each cycle, none where it is not valid, and how many there are."""
    identifier, width = place_of(signals, signal.name)
    first, last = signal.bits or (width - 1, 0)
    if not width > first >= last:
        raise TraceError(f"signal: found {signal.name}[{first}:{last}]; allowed bits {width - 1} to 0")
    valid = place_of(signals, signal.valid)[0] if signal.valid else None
    found = []
    for values in cycles:
        if valid and values.get(valid) != "1":
            found.append("")
            continue
        value = values.get(identifier, "x")
        value = value.rjust(width, "0" if value[0] in "01" else value[0])
        found.append(value[width - 1 - first : width - last])
    return found, first - last + 1


def bit_row(y: float, values: list[str]) -> str:
    heights = [y if value == "1" else y + HIGH for value in values]
    steps = "".join(f"V{height}h{COLUMN}" for height in heights)
    return f'<path class="wave" d="M{LEFT} {heights[0]}{steps}"/>'


def bus_row(y: float, texts: list[str]) -> str:
    parts, start = [], 0
    for end in range(1, len(texts) + 1):
        if end < len(texts) and texts[end] == texts[start]:
            continue
        if not texts[start]:
            start = end
            continue
        x, width = LEFT + COLUMN * start, COLUMN * (end - start)
        outline = f"M{x} {y + HIGH / 2}l3 {-HIGH / 2}h{width - 6}l3 {HIGH / 2}l-3 {HIGH / 2}h{6 - width}z"
        parts.append(f'<path class="bus" d="{outline}"/>')
        if CHARACTER * len(texts[start]) <= width:
            place = f'x="{x + width / 2}" y="{y + 13}" text-anchor="middle"'
            parts.append(f"<text {place}>{escape(texts[start])}</text>")
        start = end
    return "".join(parts)


def clock_row(y: float, count: int) -> str:
    half = COLUMN / 2
    return f'<path class="wave" d="M{LEFT} {y + HIGH}' + f"V{y}h{half}V{y + HIGH}h{half}" * count + '"/>'


def picture(clock: Signal, rows: list[Signal], signals: dict, cycles: list, first: int, title: str) -> str:
    """The SVG of some cycles."""
    width, height = LEFT + COLUMN * len(cycles) + 8, TOP + ROW * (len(rows) + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">',
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>",
    ]
    for column in range(len(cycles) + 1):
        x = LEFT + COLUMN * column
        parts.append(f'<path class="grid" d="M{x} {TOP - 8}V{height}"/>')
        if column < len(cycles):
            middle = x + COLUMN / 2
            parts.append(f'<text x="{middle}" y="{TOP - 14}" text-anchor="middle">{first + column}</text>')
    for index, signal in enumerate([clock, *rows]):
        y = TOP + ROW * index
        parts.append(f'<text x="4" y="{y + 13}">{escape(signal.label)}</text>')
        if index == 0:
            parts.append(clock_row(y, len(cycles)))
            continue
        values, bits = column_values(signal, signals, cycles)
        if bits == 1 and set(values) <= {"0", "1"}:
            parts.append(bit_row(y, values))
        else:
            parts.append(bus_row(y, list(map(functools.partial(signal.shown, width=bits), values))))
    return "\n".join([*parts, "</svg>", ""])


def draw(arguments: argparse.Namespace) -> None:
    clock, *rows = map(Signal.parse, arguments.signals)
    signals, cycles = samples(vcd_of(arguments.trace), clock.name)
    chosen = cycles[arguments.first : arguments.first + arguments.cycles]
    if not chosen:
        raise TraceError(f"--from: found {arguments.first}; the trace has {len(cycles)} cycles")
    title = arguments.title or f"Signals of {arguments.trace.name}"
    arguments.output.write_text(picture(clock, rows, signals, chosen, arguments.first, title))
    last = arguments.first + len(chosen) - 1
    print(f"{arguments.output}: {len(rows) + 1} signals, cycles {arguments.first} to {last} of {len(cycles)}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trace", type=Path)
    parser.add_argument("signals", nargs="+", metavar="SIGNAL")
    parser.add_argument("-o", "--output", type=Path, required=True, help="SVG file to write")
    parser.add_argument("--from", dest="first", type=int, default=0, help="first cycle drawn")
    parser.add_argument("--cycles", type=int, default=16, help="columns, default 16")
    parser.add_argument("--title", help="of the picture, for readers that cannot see it")
    try:
        draw(parser.parse_args())
    except (TraceError, OSError, subprocess.CalledProcessError) as error:
        print(f"waveform.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
