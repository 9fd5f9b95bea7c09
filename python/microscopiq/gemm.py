"""The product X W as the contract defines it: exact, but for tiles far below the largest."""

from dataclasses import dataclass

import numpy as np

from .activations import LEAST_EXPONENT, LIMITS, MxInt, blocks_of, check
from .bits import floor_log2, shift_half_even

WEIGHT_SPREAD, ACTIVATION_SPREAD = 4, 7  # how far below the largest scale a reference may be
MOST_SHIFT = WEIGHT_SPREAD + ACTIVATION_SPREAD


@dataclass(frozen=True)
class Outputs:
    """Value [m][n] = acc[m][n] * 2^exponent[m][n]."""

    acc: np.ndarray  # int64 [M][N]
    exponent: np.ndarray  # int64 [M][N]

    def to_float32(self):
        """[M][N], rounded half to even, with IEEE 754's infinities, subnormals and signed zeros."""
        size = np.abs(self.acc)
        logs = floor_log2(np.maximum(size, 1)) + self.exponent
        last = np.maximum(logs - 23, -149)  # exponent of the last bit that is kept
        kept = shift_half_even(size, self.exponent - last).astype(np.float64)
        with np.errstate(over="ignore"):
            values = np.ldexp(np.where(self.acc < 0, -kept, kept), np.clip(last, -149, 200))
            return values.astype(np.float32)

    def to_mx(self, bits, block=128):
        """MX-INT-`bits` (8 or 4) in blocks of `block` along N."""
        check(bits, block)
        size = np.abs(self.acc)
        logs = np.where(size == 0, np.iinfo(np.int64).min, floor_log2(np.maximum(size, 1)) + self.exponent)
        largest = blocks_of(logs, block, np.iinfo(np.int64).min).max(axis=2)
        scales = np.clip(largest, LEAST_EXPONENT, 127 + bits) - (bits - 2)
        scales = np.clip(scales, LEAST_EXPONENT, 127)
        limit = LIMITS[bits]
        left = self.exponent - np.repeat(scales, block, axis=1)[:, : self.acc.shape[1]]
        # A value that a left shift would take beyond int64 is beyond the limit before.
        held = np.where(left > 0, np.clip(self.acc, -limit, limit), self.acc)
        values = np.clip(shift_half_even(held, np.minimum(left, 8)), -limit, limit)
        return MxInt(values.astype(np.int8), scales.astype(np.int8), bits, block)


@dataclass(frozen=True)
class _Tile:
    first: int  # rows first .. end - 1 of W
    end: int
    weights: np.ndarray  # int64 [rows][N]
    exponents: np.ndarray  # int64 [N]
    factors: np.ndarray  # int64 [N]
    live: np.ndarray  # bool [N]: the exponent counts among those of the column


def _reduction_tiles(layer, rows):
    f, weights = layer.format, layer.integers().astype(np.int64)
    exponents, factors = layer.exponents(), layer.factors()
    for group in range(len(exponents)):
        begin, stop = group * f.macro_block, min((group + 1) * f.macro_block, f.k)
        live = weights[begin:stop].any(axis=0)
        for first in range(begin, stop, rows):
            end = min(first + rows, stop)
            yield _Tile(first, end, weights[first:end], exponents[group], factors[group], live)


def _output_tiles(layer, rows):
    """Rows have scales of their own: a tile takes the least of its rows' that are not zero, and shifts."""
    f, weights, exponents = layer.format, layer.integers().astype(np.int64), layer.exponents()
    ones = np.ones(f.n, np.int64)
    for begin in range(0, f.k, f.macro_block):
        stop = min(begin + f.macro_block, f.k)
        for first in range(begin, stop, rows):
            part = slice(first, min(first + rows, stop))
            there = blocks_of(weights[part] != 0, f.macro_block).any(axis=2)  # [rows][G]
            least = np.where(there, exponents[part], 128).min(axis=0)
            live = there.any(axis=0)
            least = np.where(live, least, LEAST_EXPONENT)
            shifts = np.where(there, exponents[part] - least, 0)
            if shifts.max() > 32:
                raise ValueError(
                    f"{layer.name}: scales of rows {first} to {part.stop - 1} differ by more than 32"
                )

            def columns(of_block):
                return np.repeat(of_block, f.macro_block, axis=-1)[..., : f.n]

            aligned = weights[part] << columns(shifts)
            yield _Tile(first, part.stop, aligned, columns(least), ones, columns(live))


def _reference(exponents, live, spread):
    """max(min, max - spread) along axis 0 over the live entries; LEAST_EXPONENT where there are none."""
    low = np.where(live, exponents, 1 << 20).min(axis=0)
    high = np.where(live, exponents, -(1 << 20)).max(axis=0)
    return np.where(live.any(axis=0), np.maximum(low, high - spread), LEAST_EXPONENT)


def _check_sizes(layer, tiles, limit):
    """Whether a double holds every product of a tile, and int64 every sum, whatever the activations."""
    total = np.zeros(layer.format.n)
    for tile in tiles:
        largest = np.abs(tile.weights).sum(axis=0).astype(np.float64) * limit
        total += (largest * np.abs(tile.factors) + 1) * 2.0**MOST_SHIFT
        if largest.max() >= 2.0**53 or total.max() >= 2.0**61:
            raise OverflowError(f"{layer.name}: sums beyond 61 bits")


def gemm(x, layer, rows=None):
    """X W for activations `x` (an MxInt [M][K] with blocks of the layer's macro_block) and a Layer.

    rows: height of the array, 1 to macro_block (the default), which matters only where tiles are rounded.
    Returns Outputs [M][N]. ValueError for a shape or block that does not fit, OverflowError beyond int64."""
    f = layer.format
    if x.values.shape[1] != f.k or x.block != f.macro_block:
        found, allowed = (x.values.shape[1], x.block), (f.k, f.macro_block)
        raise ValueError("activations: found K = %d in blocks of %d; allowed K = %d, %d" % (found + allowed))
    rows = f.macro_block if rows is None else rows
    if rows < 1:
        raise ValueError(f"rows: found {rows}; allowed 1 and more")
    tiles = list((_reduction_tiles if f.axis == "reduction" else _output_tiles)(layer, rows))
    _check_sizes(layer, tiles, LIMITS[x.bits])
    iref = _reference(
        np.array([tile.exponents for tile in tiles]), np.array([tile.live for tile in tiles]), WEIGHT_SPREAD
    )
    scales = x.scales.astype(np.int64)
    xref = _reference(scales.T, blocks_of(x.values != 0, x.block).any(axis=2).T, ACTIVATION_SPREAD)
    acc = np.zeros((len(x.values), f.n), np.int64)
    values = x.values.astype(np.float64)
    for tile in tiles:
        # Doubles hold these integers exactly, and NumPy multiplies them many times faster than int64.
        products = (values[:, tile.first : tile.end] @ tile.weights.astype(np.float64)).astype(np.int64)
        left = (tile.exponents - iref) + (scales[:, tile.first // f.macro_block] - xref)[:, None]
        acc += shift_half_even(products * tile.factors, np.minimum(left, MOST_SHIFT))
    return Outputs(acc, iref + xref[:, None] - f.fraction_bits - f.scale_mantissa_bits)
