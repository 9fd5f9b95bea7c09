"""Packets of a job (docs/packing.md, docs/accelerator.md "Streams")."""

import numpy as np

from beats import Beats
from expected import outputs_of
from permuter import permuter_settings

HEADER = {
    "marker": 0,
    "mode4": 8,
    "scales": 9,
    "order": 10,
    "shifts": 11,
    "more": 12,
    "pairs": 13,
    "interval": 16,
    "gap": 24,
}
ZERO_BLOCK = 0x80


class WeightPacker:
    def __init__(self, job):
        self.job, self.array, self.layer = job, job.array, job.layer
        self.alignment = job.alignment
        self.before = None  # scales and factors of the tile before

    def packets(self):
        return [self.packet(tiles) for tiles in self.job.tiles]

    def packet(self, tiles):
        out = Beats(self.array.weight_beat)
        for tile in tiles:
            self.tile(out, tile)
        return out.beats

    def tile(self, out, tile):
        leads = tile.k_tile == 0 and tile.first
        scales = self.scales(tile), self.factors(tile)
        shifts = self.shifts(tile)
        with_scales = leads or scales != self.before
        flags = {
            "marker": 0xA5,
            "mode4": self.layer.bits == 4,
            "scales": with_scales,
            "order": tile.ordered,
            "shifts": any(shifts),
            "more": tile.more,
            "pairs": self.job.pairs,
            "interval": tile.interval,
            "gap": tile.gap,
        }
        out.part(32, [sum(int(value) << HEADER[name] for name, value in flags.items())])
        if leads:
            out.part(8, self.columns(tile, lambda n: int(self.alignment.reference[n]) & 255))
        if with_scales:
            out.part(8, scales[0])
            out.part(4, scales[1])
        if tile.ordered:
            out.part(1, permuter_settings(tile.order + list(range(self.job.rows, self.array.ways))))
        if any(shifts):
            out.part(4, shifts)
        self.before = scales
        self.rows(out, tile)

    def columns(self, tile, value):
        """A number for each column of the tile, 0 beyond N."""
        end = tile.n0 + self.job.columns
        return [value(n) if n < self.layer.n else 0 for n in range(tile.n0, end)]

    def scales(self, tile):
        a, leads = self.alignment, tile.k_tile == 0 and tile.first

        def relative(n):
            exponent = int(a.exponents[tile.k_tile, n]) - int(a.reference[n])
            if self.layer.axis == "reduction":
                return max(-64, min(4, exponent)) & 255
            if a.live[tile.k_tile, n]:
                return max(-64, exponent) & 255
            return 0 if leads else self.before[0][n - tile.n0]

        return self.columns(tile, relative)

    def factors(self, tile):
        if not self.array.full_range:
            return []
        t, group = self.layer.mantissa_bits, self.job.range_of(tile.k_tile)[0] // self.layer.macro

        def code(n):
            factor = int(self.layer.factor[group, n])
            return abs(factor) - (1 << t) + (8 if factor < 0 else 0)

        return self.columns(tile, code)

    def shifts(self, tile):
        own, first = self.alignment.row_shifts[tile.k_tile], self.job.range_of(tile.k_tile)[0]
        positions = self.job.positions(tile.k_tile)
        ks = [positions[row] for row in tile.order] + [None] * (self.array.ways - self.job.rows)
        return [0 if k is None else int(own[k - first, tile.n0]) for k in ks]

    def codes(self, tile, row):
        """Of a row of the tile, with what the part does not hold set to zero."""
        k, codes = self.job.positions(tile.k_tile)[row], [0] * self.job.columns
        if k is None:
            return codes
        micro, base = self.layer.micro, tile.n0
        own = self.layer.codes[k, base : base + self.job.columns]
        if row in tile.inliers:
            codes[: len(own)] = [int(code) for code in own]
        for b in range(self.job.columns // micro):
            kept = tile.outliers.get((row, b), [])
            for pair in self.layer.lists.get((k, base // micro + b), []):
                for half in pair:
                    codes[b * micro + half] = int(own[b * micro + half]) if pair in kept else 0
        return codes

    def rows(self, out, tile):
        a = self.array
        places = [range(r, self.job.rows, a.rows) for r in range(a.rows)]
        blocks = [self.row_fields(tile, those) for those in places]
        entries = [self.entry(tile, *block) for those in blocks for _, block in sorted(those.items())]
        left = 0
        for r in range(a.rows):
            if a.fields and r % a.identifier_rows == 0:
                of_beat = blocks[r : r + a.identifier_rows]
                out.part(1, [int(f in those) for those in of_beat for f in range(a.fields)])
            while left < len(blocks[r]):
                out.part(a.entry_bits, entries[: a.load_entries])
                entries = entries[a.load_entries :]
                left += a.load_entries
            left -= len(blocks[r])
            codes = [self.codes(tile, tile.order[p]) for p in places[r]]
            out.part(self.layer.bits, [code for column in zip(*codes, strict=True) for code in column])

    def row_fields(self, tile, places):
        """{metadata field: (row of the tile, micro-block)} of the outliers of a physical row."""
        return {
            self.array.field(b, p, self.layer.bits): (tile.order[p], b)
            for p in places
            for b in range(self.job.columns // self.layer.micro)
            if (tile.order[p], b) in tile.outliers
        }

    def entry(self, tile, row, block):
        a, pairs = self.array, tile.outliers[row, block]
        place = self.job.positions(tile.k_tile)[row], tile.n0 // self.layer.micro + block
        value, at = self.layer.shifts[place] - tile.excess, a.entry_shift_bits
        for upper, lower in pairs:
            value |= (upper << a.location_bits | lower) << at
            at += 2 * a.location_bits
        return value


def activation_packet(job, m0, tokens):
    out = Beats(job.array.act_beat)
    bits, mask = job.array.act_bits, (1 << job.array.act_bits) - 1
    values = job.values[m0 : m0 + tokens]
    scales = []
    for g in range(job.scales.shape[1]):
        for t in range(tokens):
            block = values[t, g * job.block : (g + 1) * job.block]
            scales.append(int(job.scales[m0 + t, g]) & 255 if np.any(block) else ZERO_BLOCK)
    out.part(8, scales)
    for tile in range(job.k_tiles):
        first, end = job.rows_of(tile)
        for t in range(tokens):
            out.part(
                bits, [int(x) & mask for x in values[t, first:end]] + [0] * (job.array.rows - end + first)
            )
    return out.beats


def packets(job):
    """{"weights", "activations", "outputs"}: beats of each pass."""
    return {
        "weights": WeightPacker(job).packets(),
        "activations": [activation_packet(job, m0, tokens) for m0, tokens in job.passes],
        "outputs": outputs_of(job),
    }
