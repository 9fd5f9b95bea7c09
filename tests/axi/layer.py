"""A quantized layer: read from a file as docs/reference/numerics.md describes it, or made by a test."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass
class Layer:
    """Weights as they are stored, decoded to arrays. Np: N in whole micro-blocks."""

    bits: int
    micro: int
    macro: int
    axis: str
    encoding: str
    fraction_bits: int
    mantissa_bits: int
    n: int
    codes: np.ndarray  # [K][Np]
    isf: np.ndarray  # [G][N] or [K][G]
    factor: np.ndarray  # as isf: +-(2^t + f); 1 with `paper`
    lists: dict = field(default_factory=dict)  # (k, micro-block): [(Upper_loc, Lower_loc)], ascending
    shifts: dict = field(default_factory=dict)  # (k, micro-block): r

    def __post_init__(self):
        self.k, self.padded = self.codes.shape
        self.paper = self.encoding == "paper"
        self.inliers, self.outliers = self._values()

    def _values(self):
        """Inliers [K][Np] in units of partial sums, and {(k, n): (value, micro-block)} of the outliers."""
        half = 1 << (self.bits - 1)
        if self.paper:
            magnitude = self.codes & (half - 1)
            inliers = np.where(self.codes & half, -magnitude, magnitude)
        else:
            inliers = np.where(self.codes & half, self.codes - 2 * half, self.codes)
        inliers = inliers.astype(np.int64) << self.fraction_bits
        outliers = {}
        for (k, b), pairs in self.lists.items():
            for upper, lower in pairs:
                at = b * self.micro
                inliers[k, at + upper] = inliers[k, at + lower] = 0
                size = self._significand(int(self.codes[k, at + upper]), int(self.codes[k, at + lower]))
                outliers[k, at + upper] = (size << self.shifts[k, b], at + lower)
        return inliers, outliers

    def _significand(self, upper, lower):
        if not self.paper:
            top = 1 << (self.bits - 1)
            return ((upper - 2 * top if upper & top else upper) << self.bits) + lower
        top, half = 1 << (self.bits - 1), self.bits // 2
        size = (1 << self.bits) + ((upper & (top - 1)) << half) + (lower & (top - 1))
        return -size if upper & top else size

    def integers(self):
        """All weights, [K][Np]."""
        result = self.inliers.copy()
        for (k, n), (value, _) in self.outliers.items():
            result[k, n] = value
        return result


class Stream:
    """Fields of a stream of bits, from the least significant bit of the first byte on."""

    def __init__(self, data):
        self.value, self.at = int.from_bytes(data, "little"), 0

    def take(self, bits):
        result = self.value >> self.at & ((1 << bits) - 1)
        self.at += bits
        return result


class QuantizedFile:
    def __init__(self, path):
        data = Path(path).read_bytes()
        size = int.from_bytes(data[:8], "little")
        self.header, self.data = json.loads(data[8 : 8 + size]), data[8 + size :]
        self.metadata = self.header.pop("__metadata__")
        if self.metadata["microscopiq.contract"] != "1":
            raise ValueError("a contract that the page does not have")

    def layers(self):
        return [name[: -len(".codes")] for name in self.header if name.endswith(".codes")]

    def layer(self, name):
        return _LayerOfFile(self, name).read()


class _LayerOfFile:
    def __init__(self, file, name):
        self.file, self.name = file, name
        self.bits, self.micro = self.number("bits"), self.number("micro_block")
        self.k, self.n = self.number("k"), self.number("n")
        self.blocks = -(-self.n // self.micro)
        self.paper = self.text("encoding") == "paper"
        self.location_bits = self.micro.bit_length() - 1
        # 0 stands for half the micro-block.
        self.entries = self.number("list_entries", 0) or self.micro // 2
        self.mantissa_bits = 0 if self.paper else self.number("scale_mantissa_bits")

    def text(self, key, default=None):
        return self.file.metadata.get(f"{self.name}.{key}", default)

    def number(self, key, default=None):
        return int(self.text(key, default))

    def bytes(self, field):
        begin, end = self.file.header[f"{self.name}.{field}"]["data_offsets"]
        return self.file.data[begin:end]

    def read(self):
        lists, shifts = self.outliers()
        isf, factor = self.scales()
        return Layer(
            bits=self.bits,
            micro=self.micro,
            macro=self.number("macro_block"),
            axis=self.text("axis"),
            encoding=self.text("encoding"),
            fraction_bits=2 if self.paper else self.number("fraction_bits"),
            mantissa_bits=self.mantissa_bits,
            n=self.n,
            codes=self.codes(),
            isf=isf,
            factor=factor,
            lists=lists,
            shifts=shifts,
        )

    def codes(self):
        padded = self.blocks * self.micro
        row_bytes = -(-padded * self.bits // 8)
        data = self.bytes("codes")
        rows = [Stream(data[k * row_bytes : (k + 1) * row_bytes]) for k in range(self.k)]
        return np.array([[row.take(self.bits) for _ in range(padded)] for row in rows])

    def places(self):
        """(k, micro-block) of the micro-blocks with outliers, in order."""
        group = self.number("identifier_group", 1)
        first = Stream(self.bytes("identifiers"))
        masks = Stream(self.bytes("identifier_masks")) if group > 1 else None
        for k in range(self.k):
            for b in range(0, self.blocks, group):
                set_ = first.take(1)
                if set_ and masks:
                    set_ = masks.take(group)
                yield from ((k, b + i) for i in range(group) if set_ >> i & 1)

    def outliers(self):
        sizes, entries = Stream(self.bytes("mx_scales")), Stream(self.bytes("lists"))
        shift_bits = 8 if self.paper else self.number("shift_bits")
        lists, shifts = {}, {}
        for place in self.places():
            shifts[place] = sizes.take(shift_bits)
            pairs = [
                (entries.take(self.location_bits), entries.take(self.location_bits))
                for _ in range(self.entries)
            ]
            lists[place] = [pair for pair in pairs if pair[0] != pair[1]]
        return lists, shifts

    def scales(self):
        shape = self.file.header[f"{self.name}.scales"]["shape"]
        stored = np.frombuffer(self.bytes("scales"), np.int8).astype(int).reshape(shape)
        if self.paper:
            return stored, np.ones(shape, int)
        mantissas = Stream(self.bytes("scale_mantissas") if self.mantissa_bits else b"")
        fractions = np.array([mantissas.take(self.mantissa_bits) for _ in range(stored.size)], int)
        size = (1 << self.mantissa_bits) + fractions.reshape(shape)
        return (stored & 127) - 64, np.where(stored < 0, -size, size)
