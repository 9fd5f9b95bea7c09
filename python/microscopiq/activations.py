"""MX-INT-8 and MX-INT-4: integers with a power-of-two scale for each block of a row."""

from dataclasses import dataclass

import numpy as np

LIMITS = {8: 127, 4: 7}  # largest magnitude
LEAST_EXPONENT = -127  # of a block of zeros


@dataclass(frozen=True)
class MxInt:
    """Value [m][i] = values[m][i] * 2^scales[m][i // block]."""

    values: np.ndarray  # int8 [M][length]
    scales: np.ndarray  # int8 [M][ceil(length / block)]
    bits: int
    block: int

    def dequantize(self):
        """float32 [M][length], exact."""
        scales = np.repeat(self.scales.astype(np.int32), self.block, axis=1)[:, : self.values.shape[1]]
        return np.ldexp(self.values.astype(np.float32), scales)


def check(bits, block):
    if bits not in LIMITS:
        raise ValueError(f"bits: found {bits!r}; allowed 8, 4")
    if block not in (32, 64, 128):
        raise ValueError(f"block: found {block!r}; allowed 32, 64, 128")


def blocks_of(array, block, fill=0):
    """[M][length] as [M][blocks][block], the last block filled up."""
    missing = -array.shape[1] % block
    return np.pad(array, ((0, 0), (0, missing)), constant_values=fill).reshape(len(array), -1, block)


def quantize_activations(x, bits, block, input_scales=None):
    """x [M][K], as float32, to MX-INT-`bits` (8 or 4) in blocks of `block` along K; the result is an MxInt.

    input_scales: those of the layer, [K]; x is divided by them in float32. ValueError for NaN or infinity."""
    check(bits, block)
    with np.errstate(over="ignore"):
        x = np.asarray(x, np.float32)
        if x.ndim != 2:
            raise ValueError(f"activations: found {x.ndim} dimensions; allowed 2, [M][K]")
        if input_scales is not None:
            x = x / np.asarray(input_scales, np.float32)
    if not np.isfinite(x).all():
        m, k = np.argwhere(~np.isfinite(x))[0]
        raise ValueError(f"activations: found {x[m, k]} at [{m}][{k}]; allowed finite numbers")
    limit = LIMITS[bits]
    parts = blocks_of(x.astype(np.float64), block)
    largest = np.abs(parts).max(axis=2, initial=0)
    exponents = np.clip(np.frexp(largest)[1] - 1 - (bits - 2), LEAST_EXPONENT, 127)
    exponents = np.where(largest == 0, LEAST_EXPONENT, exponents)
    values = np.clip(np.rint(np.ldexp(parts, -exponents[:, :, None])), -limit, limit)
    values = values.reshape(len(x), -1)[:, : x.shape[1]]
    return MxInt(values.astype(np.int8), exponents.astype(np.int8), bits, block)
