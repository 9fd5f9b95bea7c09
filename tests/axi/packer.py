"""Packets of a job (docs/reference/streams.md)."""

import itertools
from dataclasses import dataclass

import numpy as np

from array_sizes import log2
from beats import Beats
from expected import outputs_of
from permuter import permuter_settings

# Lowest bit and number of bits of each field.
HEADER = {
    "hash_low": (0, 8),
    "tiles": (8, 8),
    "mode4": (16, 1),
    "pairs": (17, 1),
    "described": (18, 1),
    "last": (19, 1),
    "period": (20, 3),
    "scales": (23, 1),
    "hash_high": (24, 8),
    "section_beats": (32, 16),
    "entry_beats": (48, 16),
}
HEADER_BITS = 64
DESCRIPTION = {
    "scales": (0, 1),
    "order": (1, 1),
    "shifts": (2, 1),
    "more": (3, 1),
    "reserved": (4, 4),
    "reserved_recon": (8, 8),
    "interval": (16, 8),
    "gap": (24, 8),
}
ENTRY_BITS = 16
LARGEST_BLOCK = 255
LARGEST_PERIOD = 7
ZERO_BLOCK = 0x80


def fields(table, values):
    """A word with these values in its fields."""
    word = 0
    for name, value in values.items():
        at, bits = table[name]
        if not 0 <= value < 1 << bits:
            raise ValueError(f"{name} {value}")
        word |= int(value) << at
    return word


def mask_of(table, name):
    at, bits = table[name]
    return (1 << bits) - 1 << at


def bits_of(table, name):
    """A word with each bit of a field."""
    at, bits = table[name]
    return [1 << i for i in range(at, at + bits)]


def beats_of(bits, beat):
    return -(-bits // beat)


@dataclass
class Contents:
    """Data of a tile in the stream."""

    described: bool  # on its own account
    scales: bool
    description: int
    parts: list  # (bits of a value, values) of each
    outliers: list  # (number of the micro-block in the tile, entry without its skip), ascending
    rows: list  # codes of each physical row


class WeightPacker:
    def __init__(self, job):
        self.job, self.array, self.layer = job, job.array, job.layer
        self.alignment = job.alignment
        self.before = None  # scales and factors of the tile before

    def packets(self):
        return [self.packet(tiles) for tiles in self.job.tiles]

    def packet(self, tiles):
        out, contents = Beats(self.array.weight_beat), [self.contents(tile) for tile in tiles]
        for first, count in self.blocks(contents):
            self.block(out, contents[first : first + count], first + count == len(contents))
        return out.beats

    # -------------------------------------------------------------------------------------------- blocks

    def blocks(self, contents):
        """(first tile, tiles) of each."""
        first = 0
        while first < len(contents):
            count = self.count(contents, first)
            yield first, count
            first += count

    def count(self, contents, first):
        """Tiles of the block that begins here."""
        most = min(len(contents) - first, LARGEST_BLOCK)
        count, step = 1, 1 << log2(most)
        while step:
            if count + step <= most and self.fits(contents[first : first + count + step]):
                count += step
            step >>= 1
        if first + count == len(contents):
            return count
        # The next block begins with scales if it can.
        found = (c for c in range(count, 1, -1) if contents[first + c].scales)
        return next(found, count)

    def fits(self, contents):
        a = self.array
        entries = beats_of(ENTRY_BITS * len(self.entries(contents)), a.weight_beat)
        return self.section_beats(contents) <= a.section_limit and entries <= a.entry_limit

    def section_beats(self, contents):
        a = self.array
        words = beats_of(HEADER_BITS, a.word)
        if self.described(contents):
            words += beats_of(a.description_bits * len(contents), a.word)
        sizes = [width * len(values) for tile in contents for width, values in tile.parts]
        words += sum(beats_of(size, a.word) for size in sizes)
        return beats_of(words * a.word, a.weight_beat)

    def described(self, contents):
        return any(tile.described for tile in contents) or period_of(contents) is None

    def block(self, out, contents, last):
        a, described, entries = self.array, self.described(contents), self.entries(contents)
        header = {
            "hash_low": a.hash & 0xFF,
            "hash_high": a.hash >> 8 & 0xFF,
            "tiles": len(contents),
            "mode4": self.layer.bits == 4,
            "pairs": self.job.pairs,
            "described": described,
            "last": last,
            "period": 0 if described else period_of(contents),
            "scales": not described and any(tile.scales for tile in contents),
            "section_beats": self.section_beats(contents),
            "entry_beats": beats_of(ENTRY_BITS * len(entries), a.weight_beat),
        }
        out.part(a.word, self.sections(header, contents))
        out.part(ENTRY_BITS, entries + [self.passing()] * (-len(entries) % (a.weight_beat // ENTRY_BITS)))
        for tile in contents:
            for r in range(0, a.rows, a.weight_rows):
                out.part(self.layer.bits, itertools.chain(*tile.rows[r : r + a.weight_rows]))

    def sections(self, header, contents):
        """Words of a block."""
        a = self.array
        words, share = Beats(a.word), a.word // a.description_bits
        words.part(HEADER_BITS, [fields(HEADER, header)])
        for i, tile in enumerate(contents):
            if header["described"] and i % share == 0:
                words.part(a.description_bits, [other.description for other in contents[i : i + share]])
            for width, values in tile.parts:
                words.part(width, values)
        return words.beats

    def entries(self, contents):
        """Of a block. The rest of the last beat is left out."""
        at, of_tile, found = 0, self.array.rows * self.micro_blocks_of_row(), []
        longest = (1 << self.array.skip_bits) - 1
        for number, tile in enumerate(contents):
            for block, entry in tile.outliers:
                skip = number * of_tile + block - at
                found += [self.passing()] * (skip // longest)
                found.append(entry | skip % longest << ENTRY_BITS - self.array.skip_bits)
                at += skip
        return found

    def passing(self):
        """An entry without an outlier."""
        return (1 << self.array.skip_bits) - 1 << ENTRY_BITS - self.array.skip_bits

    # --------------------------------------------------------------------------------------------- tiles

    def contents(self, tile):
        leads = tile.k_tile == 0 and tile.first
        scales, shifts = (self.scales(tile), self.factors(tile)), self.shifts(tile)
        description = {
            "scales": self.with_scales(tile, scales),
            "order": tile.ordered,
            "shifts": any(shifts),
            "more": tile.more,
        }
        described = any(description[name] for name in ("order", "shifts", "more"))
        if self.array.path == "recon":
            described = True
            description |= {"interval": tile.interval, "gap": tile.gap}
        parts = []
        if leads:
            parts.append((8, self.columns(tile, lambda n: int(self.alignment.reference[n]) & 255)))
        if description["scales"]:
            parts.append((8, scales[0]))
            parts.append((4, scales[1]))
        if tile.ordered:
            order = tile.order + list(range(self.job.rows, self.array.ways))
            parts.append((1, permuter_settings(self.array, order)))
        if any(shifts):
            parts.append((4, shifts))
        self.before = scales
        word = fields(DESCRIPTION, description)
        return Contents(
            described, description["scales"], word, parts, self.outliers(tile), list(self.rows(tile))
        )

    def with_scales(self, tile, scales):
        if tile.k_tile == 0 and tile.first:
            return True
        if self.layer.axis == "output":
            return scales != self.before
        return tile.first and self.job.range_of(tile.k_tile)[0] % self.layer.macro == 0

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

    def places(self, row):
        """Those that the tile uses of a physical row."""
        return range(row, self.job.rows, self.array.rows)

    def rows(self, tile):
        """Codes of each physical row."""
        for r in range(self.array.rows):
            codes = [self.codes(tile, tile.order[p]) for p in self.places(r)]
            yield [code for column in zip(*codes, strict=True) for code in column]

    def micro_blocks_of_row(self):
        return self.job.rows // self.array.rows * self.job.columns // self.array.micro

    def outliers(self, tile):
        """In the order of physical rows, micro-blocks and places."""
        found, number = [], 0
        for r in range(self.array.rows):
            for b in range(self.job.columns // self.array.micro):
                for p in self.places(r):
                    pairs = tile.outliers.get((tile.order[p], b), [])
                    found += [(number, self.entry(tile, tile.order[p], b, pair)) for pair in pairs]
                    number += 1
        return found

    def entry(self, tile, row, block, pair):
        """With skip 0."""
        upper, lower = pair
        place = self.job.positions(tile.k_tile)[row], tile.n0 // self.layer.micro + block
        bits, shift = self.array.location_bits, self.layer.shifts[place] - tile.excess
        return lower | upper << bits | shift << 2 * bits


def period_of(contents):
    """p if the first tile and each 2^p-th after it have scales, 0 if none has, else None."""
    scales = [tile.scales for tile in contents]
    if not any(scales):
        return 0
    for period in range(LARGEST_PERIOD + 1):
        if scales == [i % (1 << period) == 0 for i in range(len(scales))]:
            return period
    return None


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
