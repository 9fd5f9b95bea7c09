"""Random jobs: layers that no quantizer made, with every scale, list and code that the contract allows."""

import itertools

import numpy as np

from layer import Layer
from plan import Job


def routable(pairs, micro):
    """docs/reference/numerics.md, "Routable"."""
    at = [lower for _, lower in pairs]
    for bit in range(micro.bit_length() - 1):
        at = [(p & ~(1 << bit)) | (upper & 1 << bit) for p, (upper, _) in zip(at, pairs, strict=True)]
        if len(set(at)) != len(at):
            return False
    return True


def random_pairs(rng, array, room):
    """A list of a micro-block whose first `room` positions are columns."""
    while True:
        count = min(int(rng.integers(1, array.entries + 1)), room)
        places = [int(p) for p in rng.permutation(array.micro)]
        uppers = [p for p in places if p < room][:count]
        lowers = [p for p in places if p not in uppers][:count]
        pairs = sorted(zip(uppers, lowers, strict=True))
        if routable(pairs, array.micro):
            return pairs


def random_codes(rng, array, bits, shape):
    codes = rng.integers(0, 1 << bits, size=shape)
    # "Minus zero" is legal in a half only.
    return codes if array.full_range else np.where(codes == 1 << (bits - 1), 0, codes)


def set_halves(rng, array, bits, row, base, pairs):
    for upper, lower in pairs:
        if array.full_range:
            row[base + upper], row[base + lower] = rng.integers(0, 1 << bits, size=2)
        else:
            sign = int(rng.integers(0, 2)) << (bits - 1)
            halves = rng.integers(0, 1 << bits // 2, size=2)
            row[base + upper], row[base + lower] = sign | int(halves[0]), sign | int(halves[1])


def random_shift(array, rng):
    """r of an outlier; on path `inline` now and then beyond the largest of the array."""
    beyond = 2 if array.path == "inline" and rng.random() < 0.05 else 0
    return min(15, int(rng.integers(0, array.shift_max + 1)) + beyond)


def random_layer(rng, array, bits, k, n, macro, axis):
    micro, blocks = array.micro, -(-n // array.micro)
    codes = random_codes(rng, array, bits, (k, blocks * micro))
    codes[:, n:] = 0
    # Rows, columns and blocks of zeros.
    codes[rng.random(k) < 0.05] = 0
    codes[:, rng.random(blocks * micro) < 0.05] = 0
    for first in range(0, k, macro):
        codes[first : first + macro, rng.random(blocks * micro) < 0.1] = 0
    lists, shifts = {}, {}
    if array.path != "none":
        rate = rng.choice([0, 0.05, 0.3, 0.9 if k * n <= 400 else 0.1])
        for row, b in itertools.product(range(k), range(blocks)):
            if rng.random() < rate:
                pairs = random_pairs(rng, array, min(micro, n - b * micro))
                set_halves(rng, array, bits, codes[row], b * micro, pairs)
                lists[row, b], shifts[row, b] = pairs, random_shift(array, rng)
    isf, factor = random_scales(rng, array, k, n, macro, axis)
    fraction, mantissa = array.fraction_bits, array.mantissa_bits if array.full_range else 0
    return Layer(
        bits, micro, macro, axis, array.encoding, fraction, mantissa, n, codes, isf, factor, lists, shifts
    )


def random_scales(rng, array, k, n, macro, axis):
    if axis == "output":
        # Within a tile no further apart than rows can be shifted.
        shape = k, -(-n // macro)
        isf = np.zeros(shape, int)
        for first in range(0, k, macro):
            rows = min(macro, k - first)
            base = int(rng.integers(-20, 20))
            isf[first : first + rows] = base + rng.integers(
                0, array.row_align_bits + 1, size=(rows, shape[1])
            )
        return isf, np.ones(shape, int)
    shape = -(-k // macro), n
    spread = int(rng.choice([0, 4, 12, 100]))
    low, high = (-127, 127) if not array.full_range else (-64, 63)
    base = int(rng.integers(-30, 30))
    isf = np.clip(base + rng.integers(-spread, spread + 1, size=shape), low, high)
    if not array.full_range:
        return isf, np.ones(shape, int)
    factor = (1 << array.mantissa_bits) + rng.integers(0, 1 << array.mantissa_bits, size=shape)
    return isf, factor * rng.choice([1, -1], size=shape)


def random_activations(rng, array, m, k, block):
    limit = (1 << (array.act_bits - 1)) - 1
    values = rng.integers(-limit, limit + 1, size=(m, k))
    values[rng.random((m, k)) < 0.2] = 0
    spread = int(rng.choice([0, 5, 9, 60]))
    base = int(rng.choice([-10, 0, 60, -110]))
    scales = np.clip(base + rng.integers(-spread, spread + 1, size=(m, -(-k // block))), -127, 127)
    for token in range(m):
        for g in range(scales.shape[1]):
            if rng.random() < 0.1:
                values[token, g * block : (g + 1) * block] = 0
        if rng.random() < 0.1:
            values[token] = 0
    return values, scales


def random_shape(rng, array, largest):
    """(M, K, N) with at most `largest` multiplications."""
    while True:
        m = int(rng.integers(1, 9 if rng.random() < 0.9 else 20))
        k = int(rng.integers(1, 200 if rng.random() < 0.15 else 40))
        n = int(rng.integers(1, 300 if rng.random() < 0.1 else 4 * array.cols))
        if m * k * n <= largest and -(-k // 4) <= array.act_words:
            return m, k, n


def random_job(rng, array, shape):
    m, k, n = shape
    bits = int(rng.choice(array.modes))
    block = int(rng.choice([32, 64, 128]))
    axis = "output" if array.row_align_bits and rng.random() < 0.7 else "reduction"
    macro = int(rng.choice([32, 64, 128])) if axis == "reduction" else block
    if axis == "output" and array.columns(bits) > macro:
        macro = block = 128
    layer = random_layer(rng, array, bits, k, n, macro, axis)
    values, scales = random_activations(rng, array, m, k, block)
    rows = int(rng.choice([r for r in (4, 8, 16) if r <= array.rows])) if rng.random() < 0.35 else 0
    pairs = bool(rng.integers(0, 2)) if rng.random() < 0.4 else None
    job = Job(array, layer, values, scales, int(rng.integers(0, 4)), block, tile_rows=rows, pairs=pairs)
    if rng.random() < 0.5:
        job.pass_tokens = int(rng.integers(1, job.pass_tokens + 1))
    return job
