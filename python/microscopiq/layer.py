"""Layers of a quantized file: their format, their integers, and their values."""

from collections.abc import Mapping
from typing import Optional

import numpy as np

from . import bits as streams
from .file import Safetensors
from .format import Format, read_format

CONTRACT = "1"


class Layer:
    """A quantized layer W[K][N].

    A weight is integer * factor * 2^(exponent - F - t), all three exact."""

    def __init__(self, file, name):
        self._file, self.name = file, name
        self.format: Format = read_format(file, name)

    def __repr__(self):
        return f"Layer({self.name!r}, {self.format})"

    @property
    def input_scales(self) -> Optional[np.ndarray]:
        """float32 [K], or None: activations are divided by them before they are quantized."""
        if f"{self.name}.input_scales" not in self._file:
            return None
        scales = self._file.array(f"{self.name}.input_scales", "F32", [self.format.k])
        if not (np.isfinite(scales) & (scales > 0)).all():
            raise self._error("input_scales", "found one that is not positive and finite")
        return scales

    def exponents(self):
        """Isf as int64, [G][N] (axis reduction) or [K][G] (output)."""
        stored = self._scales()
        if self.format.encoding == "paper":
            if (stored == -128).any():
                raise self._error("scales", "found -128; allowed -127 to 127")
            return stored.astype(np.int64)
        return (stored.view(np.uint8) & 127).astype(np.int64) - 64

    def factors(self):
        """sigma * (2^t + f) as int64, in the shape of exponents(); 1 in encoding paper."""
        stored, t = self._scales(), self.format.scale_mantissa_bits
        if self.format.encoding == "paper":
            return np.ones(stored.shape, np.int64)
        size = np.full(stored.shape, 1 << t, np.int64)
        if t:
            size += self._stream("scale_mantissas", t, stored.size).reshape(stored.shape)
        return np.where(stored < 0, -size, size)

    def integers(self):
        """Weights in units of factor * 2^(exponent - F - t), int32 [K][N].

        FileError for codes, lists or shifts that mean nothing."""
        f = self.format
        codes = self.codes()
        values = self._inlier_table()[codes]
        rows, blocks = np.nonzero(self.identifiers())
        upper, lower = self.lists(len(rows))
        shifts = self.shifts(len(rows))
        used = upper != lower
        row = np.broadcast_to(rows[:, None], used.shape)[used]
        base = np.broadcast_to(f.micro_block * blocks[:, None], used.shape)[used]
        at_upper, at_lower = (row, base + upper[used]), (row, base + lower[used])
        significands = self._join(codes[at_upper], codes[at_lower])
        values[at_upper] = significands << np.broadcast_to(shifts[:, None], used.shape)[used]
        values[at_lower] = 0
        if f.encoding == "paper":
            codes[at_upper] = codes[at_lower] = 0
            if (codes == 1 << (f.bits - 1)).any():
                raise self._error("codes", "found minus zero in an inlier")
        if values[:, f.n :].any():
            raise self._error("codes", f"found a weight beyond column {f.n - 1}")
        return values[:, : f.n]

    def stored(self):
        """The tensors of the layer as they are in the file, uint8, by name; those that a driver packs."""
        names = ["codes", "identifiers", "mx_scales", "lists", "scales"]
        if self.format.identifier_group > 1:
            names.append("identifier_masks")
        if self.format.scale_mantissa_bits:
            names.append("scale_mantissas")
        return {name: self._file.raw(f"{self.name}.{name}") for name in names}

    def _error(self, part, text):
        return self._file.error(f"tensor {self.name}.{part}: {text}")

    def _scales(self):
        return self._file.array(f"{self.name}.scales", "I8", self.format.scales_shape)

    def _stream(self, part, width, count):
        data = self._file.array(f"{self.name}.{part}", "U8", [streams.size(width, count)])
        try:
            return streams.unpack(data, width, count)
        except ValueError as error:
            raise self._error(part, error) from None

    def codes(self):
        """uint8 [K][columns of whole micro-blocks]"""
        f = self.format
        columns = f.micro_blocks * f.micro_block
        data = self._file.array(f"{self.name}.codes", "U8", [f.k, streams.size(f.bits, columns)])
        return streams.unpack(data.reshape(-1), f.bits, f.k * columns).reshape(f.k, columns)

    def identifiers(self):
        """Whether a micro-block has outliers, bool [K][micro-blocks of a row]."""
        f = self.format
        size = f.identifier_group
        groups = -(-f.micro_blocks // size)
        first = self._stream("identifiers", 1, f.k * groups).reshape(f.k, groups).astype(bool)
        if size == 1:
            return first
        every = np.zeros((f.k, groups, size), bool)
        every[first] = self._stream("identifier_masks", 1, int(first.sum()) * size).reshape(-1, size)
        every = every.reshape(f.k, groups * size)
        if every[:, f.micro_blocks :].any():
            raise self._error("identifier_masks", "found an identifier beyond the row")
        return every[:, : f.micro_blocks]

    def lists(self, count):
        """Upper_loc and Lower_loc of the `count` micro-blocks with outliers, in the order of k, then n.

        int64 [count][list_entries]; equal ones are an empty entry."""
        f = self.format
        width = f.micro_block.bit_length() - 1  # of a location
        paper = f.encoding == "paper"  # whose lists are whole bytes
        shape = (
            [count, f.list_entries * width // 4]
            if paper
            else [streams.size(2 * width, f.list_entries * count)]
        )
        stored = self._file.array(f"{self.name}.lists", "U8", shape)
        try:
            fields = streams.unpack(stored.reshape(-1), 2 * width, f.list_entries * count)
        except ValueError as error:
            raise self._error("lists", error) from None
        fields = fields.reshape(count, f.list_entries).astype(np.int64)
        upper, lower = fields & (f.micro_block - 1), fields >> width
        self._check_lists(upper, lower)
        return upper, lower

    def shifts(self, count):
        """r of the `count` micro-blocks with outliers, uint8."""
        f = self.format
        found = self._stream("mx_scales", f.shift_bits, count)
        if (found > f.outlier_shift_max).any():
            raise self._error("mx_scales", f"found a shift above {f.outlier_shift_max}, outlier_shift_max")
        return found

    def _check_lists(self, upper, lower):
        """Every place once, and no two moving values at one position after any stage of the network."""
        micro = self.format.micro_block
        used = upper != lower
        if (~used & (upper != 0)).any():
            raise self._error("lists", "found an empty entry that is not zero")
        if (used[:, 1:] & ~(used[:, :-1] & (upper[:, 1:] > upper[:, :-1]))).any():
            raise self._error("lists", "found entries that do not ascend by Upper_loc")
        places = np.concatenate([upper, lower], axis=1)
        if _any_twice(places, np.concatenate([used, used], axis=1), micro):
            raise self._error("lists", "found a position twice in a micro-block")
        moving = lower
        for bit in range(micro.bit_length() - 1):
            mask = 1 << bit
            moving = (moving & ~mask) | (upper & mask)
            if _any_twice(moving, used, micro):
                raise self._error("lists", "found a list that does not route")

    def _inlier_table(self):
        """Value of each code as an inlier, int32, in units of the partial sums."""
        f = self.format
        codes = np.arange(1 << f.bits, dtype=np.int32)
        top = 1 << (f.bits - 1)
        if f.encoding == "paper":
            values = np.where(codes & top, -(codes & (top - 1)), codes)
        else:
            values = codes - 2 * (codes & top)
        return (values << f.fraction_bits).astype(np.int32)

    def _join(self, upper, lower):
        """Significands of outliers from the codes of their halves, int32."""
        f = self.format
        upper, lower = upper.astype(np.int32), lower.astype(np.int32)
        top = 1 << (f.bits - 1)
        if f.encoding != "paper":
            return ((upper - 2 * (upper & top)) << f.bits) + lower
        half = f.bits // 2
        if ((upper ^ lower) & top).any():
            raise self._error("codes", "found halves of different signs")
        high, low = upper & (top - 1), lower & (top - 1)
        if ((high | low) >> half).any():
            raise self._error("codes", f"found a half of more than {half} bits")
        size = (1 << f.bits) + (high << half) + low
        return np.where(upper & top, -size, size)


def _any_twice(places, used, micro):
    """Whether a row has a place (0 to micro - 1) twice among its used ones."""
    seen = np.zeros(len(places), np.int64)
    for place, there in zip(places.T, used.T):
        mask = np.where(there, np.int64(1) << place, 0)
        if (seen & mask).any():
            return True
        seen |= mask
    return False


class QuantizedFile(Mapping):
    """The layers of a file by their names, in the order of the file. A layer is read when it is asked for."""

    def __init__(self, path):
        self._file = Safetensors(path)
        contract = self._file.metadata.get("microscopiq.contract")
        if contract != CONTRACT:
            raise self._file.error(f"metadata microscopiq.contract: found {contract!r}; allowed '{CONTRACT}'")
        end = ".encoding"
        self._names = [key[: -len(end)] for key in self._file.metadata if key.endswith(end)]

    def __getitem__(self, name):
        if name not in self._names:
            raise KeyError(name)
        return Layer(self._file, name)

    def __iter__(self):
        return iter(self._names)

    def __len__(self):
        return len(self._names)


def load(path):
    """Open a quantized file. FileError if it is none; OSError if it cannot be read."""
    return QuantizedFile(path)


def dequantize(layer):
    """The weights as float32 [K][N], exact (beyond float32's range: infinity).

    With `input_scales`, row k of the original weights is row k of these over scale k."""
    f = layer.format
    integers, exponents, factors = layer.integers(), layer.exponents(), layer.factors()
    exponents = (exponents - f.fraction_bits - f.scale_mantissa_bits).astype(np.int32)
    result = np.empty((f.k, f.n), np.float32)
    with np.errstate(over="ignore"):
        for first in range(0, f.k, f.macro_block):
            rows = slice(first, min(first + f.macro_block, f.k))
            part = integers[rows]
            if f.axis == "reduction":
                group = first // f.macro_block
                part, exponent = part * factors[group], exponents[group]
            else:
                exponent = np.repeat(exponents[rows], f.macro_block, axis=1)[:, : f.n]
            result[rows] = np.ldexp(part.astype(np.float64), exponent)
    return result
