"""Streams of bit fields, and exact shifts of integers."""

import numpy as np


def unpack(data, width, count):
    """`count` fields of `width` bits (0 to 8) as uint8, the first in the lowest bits of the first byte.

    data: uint8 [ceil(width * count / 8)]. ValueError if bits beyond the last field are set."""
    if width == 0:
        return np.zeros(count, np.uint8)
    if 8 % width == 0:
        shifts = np.arange(0, 8, width, dtype=np.uint8)
        fields = ((data[:, None] >> shifts) & np.uint8((1 << width) - 1)).reshape(-1)
        rest = fields[count:]
    else:
        bits = np.unpackbits(data, bitorder="little")
        rest = bits[width * count :]
        fields = np.packbits(bits[: width * count].reshape(-1, width), axis=1, bitorder="little")[:, 0]
    if rest.any():
        raise ValueError("found bits set beyond the last field")
    return fields[:count]


def size(width, count):
    """Bytes of a stream of `count` fields of `width` bits."""
    return -(-width * count // 8)


def floor_log2(values):
    """floor(log2(v)) of positive int64 values."""
    logs = np.frexp(values.astype(np.float64))[1] - 1
    return logs - (values >> logs == 0)  # the double may have been rounded up to the next power of two


def shift_half_even(values, left):
    """values * 2^left, rounded half to even; int64, |values| < 2^61, the result must fit."""
    right = np.clip(-left, 0, 62)
    kept = values >> right
    twice_rest = (values - (kept << right)) << 1
    one = np.int64(1) << right
    kept += (twice_rest > one) | ((twice_rest == one) & (kept & 1 == 1))
    return kept << np.clip(left, 0, 62)
