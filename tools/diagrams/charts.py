"""The roofline chart of docs/reference/performance.md."""

import csv
import math

from svg import Picture

LEFT, TOP, WIDTH, HEIGHT = 70, 40, 520, 250
LEAST, MOST = 0.02, 1.0  # share of the peak
TOKENS = (1, 256)
LABELS = {
    ("2", "64"): "mode 2, 64 bytes",
    ("4", "64"): "mode 4, 64 bytes",
    ("2", "256"): "mode 2, 256 bytes",
    ("4", "256"): "mode 4, 256 bytes",
}


def _x(tokens):
    return LEFT + WIDTH * math.log2(tokens) / math.log2(TOKENS[1])


def _y(share):
    return TOP + HEIGHT * math.log(MOST / share) / math.log(MOST / LEAST)


def roofline(path):
    """Share of the peak over the tokens per load of the weights, of the rows of the CSV file."""
    p = Picture(820, 350, "Share of the peak over the tokens at a time: Llama-3-8B on 64x64 PEs")
    p.text(
        LEFT, 20, "share of the peak multiplications; bytes per cycle of the weight port", "start", "quiet"
    )
    p.text(LEFT + WIDTH / 2, TOP + HEIGHT + 46, "tokens at a time", style="quiet")
    for share in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0):
        p.line((LEFT, _y(share)), (LEFT + WIDTH, _y(share)), style="line grid")
        p.text(LEFT - 8, _y(share) + 4, f"{100 * share:g} %", "end", "quiet")
    for power in range(0, 9):
        p.text(_x(1 << power), TOP + HEIGHT + 20, str(1 << power), style="quiet")
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    for i, (key, label) in enumerate(LABELS.items()):
        mine = [r for r in rows if (r["mode"], r["port_bytes_per_cycle"]) == key]
        points = [(_x(int(r["tokens"])), _y(float(r["share_of_peak"]))) for r in mine]
        roof = [float(r["share_of_peak"]) * float(r["cycles"]) / float(r["roofline_cycles"]) for r in mine]
        p.line(*[(x, _y(share)) for (x, _), share in zip(points, roof, strict=True)], style=f"s{i} dashed")
        for x, y in points:
            p.add(f'<circle class="d{i}" cx="{x:g}" cy="{y:g}" r="3.2"/>')
        y = TOP + 30 + 22 * i
        p.add(f'<circle class="d{i}" cx="{LEFT + WIDTH + 24}" cy="{y - 4}" r="4"/>')
        p.text(LEFT + WIDTH + 36, y, label, "start")
    y = TOP + 30 + 22 * len(LABELS)
    p.line((LEFT + WIDTH + 14, y - 4), (LEFT + WIDTH + 32, y - 4), style="line dashed")
    p.text(LEFT + WIDTH + 36, y, "roofline", "start")
    return p
