"""Tiles of a job: how they are cut, ordered and timed (docs/reference/streams.md)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from alignment import Alignment
from array_sizes import log2
from units import Places, parts_of


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
    tile_rows: int = 0  # of a tile along K; 0: as many as there are
    pairs: bool | None = None  # None: as the program does; set only if they are legal

    def __post_init__(self):
        self.m, self.k = self.values.shape
        self.n = self.layer.n
        self.tile_rows = self.tile_rows or min(self.array.rows, self.aligned)
        self.k_tiles = -(-self.k // self.tile_rows)
        wanted = self.tile_rows == self.array.rows if self.pairs is None else self.pairs
        self.pairs = self.can_pair and wanted
        self.tiles_along_k = -(-self.k_tiles // 2) if self.pairs else self.k_tiles
        banks = self.array.places_of_row
        fit = min(self.array.tokens, self.array.act_words // (-(-self.k_tiles // banks) * banks))
        self.pass_tokens = min(self.pass_tokens or fit, self.m)
        self.rows = self.array.places(self.layer.bits)
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

    @property
    def aligned(self):
        """Positions of K whose boundaries no tile crosses."""
        return self.block if self.layer.axis == "output" else min(self.block, self.layer.macro)

    @property
    def can_pair(self):
        two_places = self.array.places_of_row == 2 and self.layer.bits == 2
        return two_places and self.aligned >= 2 * self.tile_rows

    def rows_of(self, tile):
        """Positions of K of a tile along K: the first one, and behind the last one."""
        first = tile * self.tile_rows
        return first, min(self.k, first + self.tile_rows)

    def range_of(self, tile):
        """The same of a tile."""
        height = 2 * self.tile_rows if self.pairs else self.tile_rows
        return tile * height, min(self.k, (tile + 1) * height)

    def positions(self, tile):
        """k of each row of a tile; None of rows of zeros."""
        first, end = self.range_of(tile)
        found = [None] * self.rows
        for k in range(first, end):
            second, position = divmod(k - first, self.tile_rows)
            found[second * self.array.rows + position] = k
        return found

    @cached_property
    def alignment(self):
        return Alignment(self)

    @cached_property
    def tiles(self):
        """Of each pass, in order."""
        return plan(self)


@dataclass
class Tile:
    """A part of a tile as the array runs it."""

    k_tile: int  # number of the tile in the order of K
    n0: int
    order: list  # row of the tile at each place
    outliers: dict  # (row of the tile, micro-block of the tile): [(Upper_loc, Lower_loc)]
    first: bool
    more: bool
    inliers: frozenset  # rows of the tile whose inliers it has
    excess: int = 0  # r of its outliers is less by that
    interval: int = 1
    gap: int = 1
    tokens: int = 1
    flagged: tuple = ()  # of physical rows

    @property
    def ordered(self):
        return self.order != list(range(len(self.order)))


def outliers_of(job, k_tile, n0):
    micro = job.layer.micro
    result = {}
    for row, k in enumerate(job.positions(k_tile)):
        for b in range(job.columns // micro):
            pairs = job.layer.lists.get((k, n0 // micro + b))
            if pairs:
                result[row, b] = pairs
    return result


def plan(job):
    passes, sequence = [], []
    for _, tokens in job.passes:
        tiles = []
        for n0 in range(0, job.n, job.columns):
            for k_tile in range(job.tiles_along_k):
                outliers = outliers_of(job, k_tile, n0)
                if job.array.path == "inline":
                    tiles += inline_tiles(job, k_tile, n0, outliers)
                else:
                    tiles.append(whole_tile(job, k_tile, n0, outliers, tokens))
        for tile in tiles:
            tile.tokens = tokens
        passes.append(tiles)
        sequence += tiles
    if job.array.path == "recon":
        set_gaps(job.array, sequence)
    return passes


def inline_tiles(job, k_tile, n0, outliers):
    places, tiles = Places(job.array, job.rows), []
    for excess, own in layers_of(job, k_tile, n0, outliers):
        for group in groups_of(job, k_tile, n0, own, excess):
            parts = parts_of(places, {at: pairs for at, pairs in own.items() if at[0] in group})
            for number, (order, placed) in enumerate(parts):
                inliers = frozenset(group) if number == 0 and excess == 0 else frozenset()
                for _ in range(1 << excess):
                    tiles.append(Tile(k_tile, n0, order, placed, False, True, inliers, excess))
    tiles[0].first, tiles[-1].more = True, False
    return tiles


def layers_of(job, k_tile, n0, outliers):
    """(bits that r is beyond the largest of the array, outliers) of each, ascending."""
    positions = job.positions(k_tile)
    layers = {0: {}}
    for (row, b), pairs in outliers.items():
        r = job.layer.shifts[positions[row], n0 // job.layer.micro + b]
        layers.setdefault(max(0, r - job.array.shift_max), {})[row, b] = pairs
    return sorted(layers.items())


def groups_of(job, k_tile, n0, outliers, excess):
    """Rows of the tile that fit the sums together, as lists of rows."""
    limit = 1 << (job.array.acc_bits - 1)
    sizes = np.zeros((job.rows, job.columns), np.int64)
    layer, positions = job.layer, job.positions(k_tile)
    first, end = n0, min(n0 + job.columns, layer.n)
    for row, k in enumerate(positions):
        if k is not None and excess == 0:
            sizes[row, : end - first] = np.abs(layer.inliers[k, first:end])
    for (row, b), pairs in outliers.items():
        for upper, _ in pairs:
            n = b * layer.micro + upper
            sizes[row, n] = abs(layer.outliers[positions[row], n0 + n][0]) >> excess
    sizes = sizes * job.array.act_max << shifts_of_rows(job, k_tile, n0)[:, None]
    groups = []
    for row in range(job.rows):
        for group in groups:
            if np.all(group[1] + sizes[row] < limit):
                break
        else:
            group = ([], np.zeros(job.columns, np.int64))
            groups.append(group)
        group[0].append(row)
        group[1][:] += sizes[row]
    return [rows for rows, _ in groups]


def shifts_of_rows(job, k_tile, n0):
    """Of the activations of each row of a tile."""
    own, first = job.alignment.row_shifts[k_tile], job.range_of(k_tile)[0]
    return np.array([0 if k is None else int(own[k - first, n0]) for k in job.positions(k_tile)])


# ------------------------------------------------------------------------------------------- path recon


def whole_tile(job, k_tile, n0, outliers, tokens):
    array, order = job.array, list(range(job.rows))
    flagged = {row for row, _ in outliers}
    if array.path == "recon" and array.permuter and tokens > 1:
        order = spread(array, flagged)
    physical = tuple(row in flagged for row in order)  # only path `recon` looks at it
    tile = Tile(k_tile, n0, order, outliers, True, False, frozenset(order), flagged=physical)
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


def distinct(array, flagged, interval):
    for band in array.bands:
        slots = [row % interval for row in band if flagged[row]]
        if len(set(slots)) != len(slots):
            return False
    return True


def needed(array, before, after):
    gap = 1
    if any(b and not a for a, b in zip(before, after, strict=True)):
        gap = array.lead + 1
    for band in array.bands:
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
