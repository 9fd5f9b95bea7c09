"""Tiles of a job: how they are cut, ordered, split and timed (docs/packing.md)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from array_sizes import log2


@dataclass
class Job:
    """A GEMM: what the registers say, and the tiles of every pass."""

    array: object
    layer: object
    values: np.ndarray  # [M][K]
    scales: np.ndarray  # [M][blocks along K]; the value of a block of zeros does not matter
    form: int  # 0 raw, 1 FP32, 2 MX-INT-8, 3 MX-INT-4
    block: int  # activations that share a scale
    pass_tokens: int = 0  # 0: as many as fit
    tile_rows: int = 0  # 0: as many as there are

    def __post_init__(self):
        self.m, self.k = self.values.shape
        self.n = self.layer.n
        rows = min(self.array.rows, self.block)
        if self.layer.axis == "reduction":
            rows = min(rows, self.layer.macro)
        self.tile_rows = self.tile_rows or rows
        self.k_tiles = -(-self.k // self.tile_rows)
        fit = min(self.array.tokens, self.array.act_words // self.k_tiles)
        self.pass_tokens = min(self.pass_tokens or fit, self.m)
        self.columns = self.array.columns(self.layer.bits)

    @property
    def registers(self):
        return {
            "tokens": self.m,
            "depth": self.k,
            "columns": self.n,
            "pass": self.pass_tokens,
            "tiling": log2(self.tile_rows) + 256 * log2(self.block),
            "format": self.form,
        }

    @property
    def passes(self):
        """(first token, tokens) of each."""
        return [(m, min(self.pass_tokens, self.m - m)) for m in range(0, self.m, self.pass_tokens)]

    def rows_of(self, tile):
        first = tile * self.tile_rows
        return first, min(self.k, first + self.tile_rows)

    @cached_property
    def tiles(self):
        """Of each pass, in order."""
        return plan(self)


@dataclass
class Tile:
    """A part of a tile as the array runs it."""

    k_tile: int
    n0: int
    order: list
    outliers: dict  # (row of the tile, micro-block of the tile): [(Upper_loc, Lower_loc)]
    first: bool  # it has the inliers
    more: bool
    interval: int = 1
    gap: int = 1
    tokens: int = 1
    flagged: tuple = ()  # of physical rows

    @property
    def ordered(self):
        return self.order != list(range(len(self.order)))


def outliers_of(job, k_tile, n0):
    micro = job.layer.micro
    first, end = job.rows_of(k_tile)
    result = {}
    for k in range(first, end):
        for b in range(job.columns // micro):
            pairs = job.layer.lists.get((k, n0 // micro + b))
            if pairs:
                result[k - first, b] = pairs
    return result


def plan(job):
    passes, sequence = [], []
    for _, tokens in job.passes:
        tiles = []
        for n0 in range(0, job.n, job.columns):
            for k_tile in range(job.k_tiles):
                outliers = outliers_of(job, k_tile, n0)
                if job.array.path == "inline":
                    tiles += inline_parts(job.array, k_tile, n0, outliers)
                else:
                    tiles.append(whole_tile(job.array, k_tile, n0, outliers, tokens))
        for tile in tiles:
            tile.tokens = tokens
        passes.append(tiles)
        sequence += tiles
    if job.array.path == "recon":
        set_gaps(job.array, sequence)
    return passes


# ------------------------------------------------------------------------------------------- path recon


def whole_tile(array, k_tile, n0, outliers, tokens):
    order = list(range(array.rows))
    flagged = {row for row, _ in outliers}
    if array.path == "recon" and array.permuter and tokens > 1:
        order = spread(array, flagged)
    physical = tuple(row in flagged for row in order)
    tile = Tile(k_tile, n0, order, outliers, True, False, flagged=physical)
    if tokens > 1 and array.path == "recon":
        while not distinct(array, physical, tile.interval):
            tile.interval += 1
    return tile


def spread(array, flagged):
    special = [row for row in range(array.rows) if row in flagged]
    plain = [row for row in range(array.rows) if row not in flagged]
    order = []
    for unit in range(array.units):
        count = len(flagged) // array.units + (unit < len(flagged) % array.units)
        order += [special.pop(0) for _ in range(count)]
        order += [plain.pop(0) for _ in range(array.band_rows - count)]
    return order


def bands(array):
    return [range(first, first + array.band_rows) for first in range(0, array.rows, array.band_rows)]


def distinct(array, flagged, interval):
    for band in bands(array):
        slots = [row % interval for row in band if flagged[row]]
        if len(set(slots)) != len(slots):
            return False
    return True


def needed(array, before, after):
    gap = 1
    if any(b and not a for a, b in zip(before, after, strict=True)):
        gap = array.lead + 1
    for band in bands(array):
        last = [row for row in band if before[row]]
        first = [row for row in band if after[row]]
        if last and first:
            gap = max(gap, last[-1] - first[0] + 1)
    return gap


def set_gaps(array, sequence):
    for i, tile in enumerate(sequence):
        since = 0
        for j in range(i - 1, -1, -1):
            if since >= max(array.rows, array.lead + 1):
                break
            before = sequence[j]
            tile.gap = max(tile.gap, needed(array, before.flagged, tile.flagged) - since)
            since += before.gap + (before.tokens - 1) * before.interval


# ------------------------------------------------------------------------------------------ path inline


def inline_parts(array, k_tile, n0, outliers):
    left, parts = {place: list(pairs) for place, pairs in outliers.items()}, []
    while True:
        order = order_for_units(array, left)
        placed = place(array, order, left)
        left = {
            key: rest for key, pairs in left.items() if (rest := [p for p in pairs if p not in placed[key]])
        }
        kept = {key: pairs for key, pairs in placed.items() if pairs}
        parts.append(Tile(k_tile, n0, order, kept, not parts, bool(left), flagged=(False,) * array.rows))
        if not left:
            return parts


def place(array, order, outliers):
    """The outliers that get a unit."""
    placed = {key: [] for key in outliers}
    for b in {block for _, block in outliers}:
        for band in bands(array):
            taken = set()
            for row in (order[p] for p in band):
                for pair in sorted(outliers.get((row, b), [])):
                    if pair[0] not in taken and len(taken) < array.units:
                        taken.add(pair[0])
                        placed[row, b].append(pair)
    return placed


class Bands:
    def __init__(self, array, outliers):
        self.array = array
        self.blocks = sorted({block for _, block in outliers})
        self.places = {key: [upper for upper, _ in pairs] for key, pairs in outliers.items()}
        self.members = [[] for _ in bands(array)]

    def count(self, row):
        return sum(len(self.places.get((row, b), [])) for b in self.blocks)

    def left(self, rows):
        over = 0
        for b in self.blocks:
            wanted = [p for row in rows for p in self.places.get((row, b), [])]
            over += len(wanted) - min(len(set(wanted)), self.array.units)
        return over

    def fill(self):
        load = [0] * len(self.members)
        for row in sorted(range(self.array.rows), key=lambda row: -self.count(row)):
            choices = []
            for i, band in enumerate(self.members):
                if len(band) < self.array.band_rows:
                    extra = self.left([*band, row]) - self.left(band) if self.count(row) else 0
                    choices.append((extra, load[i], i))
            _, _, best = min(choices)
            self.members[best].append(row)
            load[best] += self.count(row)

    def exchange(self, b):
        mine = self.members[b]
        for i in range(len(mine)):
            for c, other in enumerate(self.members):
                if c == b:
                    continue
                for j in range(len(other)):
                    before = self.left(mine), self.left(other)
                    mine[i], other[j] = other[j], mine[i]
                    after = self.left(mine), self.left(other)
                    if after[0] < before[0] and sum(after) < sum(before):
                        return True
                    mine[i], other[j] = other[j], mine[i]
        return False

    def improve(self):
        for _ in range(4):
            changed = False
            for b in range(len(self.members)):
                while self.left(self.members[b]) > 0 and self.exchange(b):
                    changed = True
            if not changed:
                return


def order_for_units(array, outliers):
    natural = list(range(array.rows))
    found = Bands(array, outliers)
    if array.band_rows == 1 or all(found.left(band) == 0 for band in bands(array)):
        return natural
    found.fill()
    found.improve()
    return [row for band in found.members for row in sorted(band)]


# -------------------------------------------------------------------------------------------- permuter


def permuter_settings(order):
    """Bits of the `order` part."""
    rows = len(order)
    levels = log2(rows)
    settings = [0] * ((2 * levels - 1) * rows // 2)

    def switch(stage, pair, level, low, value):
        settings[stage * rows // 2 + (pair << level | low)] = int(value)

    def route(order, level, low):
        if len(order) == 2:
            switch(level, 0, level, low, order[0] != 0)
            return
        output_of = {source: output for output, source in enumerate(order)}
        side = [None] * len(order)
        for start in range(0, len(order), 2):
            output = start
            while side[output] is None:
                side[output], side[output ^ 1] = 0, 1
                output = output_of[order[output ^ 1] ^ 1]
        inner = [[0] * (len(order) // 2) for _ in range(2)]
        for output, source in enumerate(order):
            inner[side[output]][output // 2] = source // 2
            if output % 2 == 0:
                switch(2 * levels - 2 - level, output // 2, level, low, side[output])
            if source % 2 == 0:
                switch(level, source // 2, level, low, side[output])
        route(inner[0], level + 1, low)
        route(inner[1], level + 1, low | 1 << level)

    route(order, 0, 0)
    return settings


def apply_settings(settings, rows):
    """Which input leaves at each place, by the description of the network alone."""
    places, levels = list(range(rows)), log2(rows)
    for stage in range(2 * levels - 1):
        bit = stage if stage < levels else 2 * levels - 2 - stage
        for i in range(rows // 2):
            q = (i >> bit) << (bit + 1) | (i & ((1 << bit) - 1))
            if settings[stage * rows // 2 + i]:
                places[q], places[q + (1 << bit)] = places[q + (1 << bit)], places[q]
    return places
