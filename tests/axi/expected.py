"""Expected outputs of a job (docs/reference/numerics.md; beats of outputs: docs/reference/streams.md)."""

import numpy as np

from beats import Beats


def quantize_activations(x, bits, block):
    """float32 [M][K] -> integers [M][K], exponents [M][blocks]."""
    m, k = x.shape
    limit, spare = (127, 6) if bits == 8 else (7, 2)
    values = np.zeros((m, k), int)
    scales = np.full((m, -(-k // block)), -127)
    for g in range(scales.shape[1]):
        part = x[:, g * block : (g + 1) * block].astype(np.float64)
        largest = np.max(np.abs(part), axis=1)
        exponent = np.where(largest > 0, np.frexp(largest)[1] - 1 - spare, -127)
        scales[:, g] = np.clip(exponent, -127, 127)
        scaled = np.rint(np.ldexp(part, -scales[:, g : g + 1]))
        values[:, g * block : (g + 1) * block] = np.clip(scaled, -limit, limit)
    return values, scales


def shift_half_even(value, left):
    """int64 arrays; the result must fit."""
    right = np.clip(-left, 0, 62)
    floor = value >> right
    rest = value - (floor << right)
    half = np.where(right > 0, np.int64(1) << np.maximum(right - 1, 0), np.int64(1) << 62)
    up = (rest > half) | ((rest == half) & (floor & 1 == 1))
    return np.where(left >= 0, value << np.maximum(left, 0), floor + np.where(right > 0, up, 0))


def tile_weights(job, tile, alignment):
    """Weights of a part in units of partial sums, shifted by row: [positions of K][columns up to N]."""
    layer, positions = job.layer, job.positions(tile.k_tile)
    first, end = job.range_of(tile.k_tile)
    columns = slice(tile.n0, min(tile.n0 + job.columns, layer.n))
    weights = np.zeros((end - first, layer.padded), np.int64)
    for row in tile.inliers:
        if positions[row] is not None:
            weights[positions[row] - first] = layer.inliers[positions[row]]
    for (row, b), pairs in tile.outliers.items():
        for upper, _ in pairs:
            n = tile.n0 + b * layer.micro + upper
            weights[positions[row] - first, n] = layer.outliers[positions[row], n][0] >> tile.excess
    return weights[:, columns] << alignment.row_shifts[tile.k_tile][:, columns]


def activation_references(job):
    """Xref [M]."""
    references = np.full(job.m, -127)
    for m in range(job.m):
        seen = [
            int(job.scales[m, g])
            for g in range(job.scales.shape[1])
            if np.any(job.values[m, g * job.block : (g + 1) * job.block])
        ]
        if seen:
            references[m] = max(min(seen), max(seen) - 7)
    return references


def accumulate(job):
    """Accumulators [M][N], exponents [M][N]."""
    alignment, layer = job.alignment, job.layer
    xref = activation_references(job)
    acc = np.zeros((job.m, layer.n), np.int64)
    for tile in job.tiles[0]:
        first, end = job.range_of(tile.k_tile)
        columns = slice(tile.n0, min(tile.n0 + job.columns, layer.n))
        sums = job.values[:, first:end].astype(np.int64) @ tile_weights(job, tile, alignment)
        relative = alignment.exponents[tile.k_tile, columns] - alignment.reference[columns]
        if layer.axis == "reduction":
            sums = sums * layer.factor[first // layer.macro, columns]
        left = relative[None, :] + (job.scales[:, first // job.block] - xref)[:, None]
        acc[:, columns] += np.where(sums == 0, 0, shift_half_even(sums, np.where(sums == 0, 0, left)))
    fraction = layer.fraction_bits + layer.mantissa_bits
    return acc, alignment.reference[None, :] + xref[:, None] - fraction


def fp32_bits(acc, exponent):
    if acc == 0:
        return 0
    sign, size = (1 << 31 if acc < 0 else 0), abs(acc)
    top = size.bit_length() - 1 + exponent
    step = max(top - 23, -149)
    size = size << (exponent - step) if exponent >= step else round_shift(size, step - exponent)
    if size >= 1 << 24:
        size, step = size >> 1, step + 1
    if step + 23 > 127:
        return sign | 0x7F800000
    return sign | (size if size < 1 << 23 else (step + 150) << 23 | (size - (1 << 23)))


def round_shift(size, right):
    floor, rest, half = size >> right, size & ((1 << right) - 1), 1 << (right - 1)
    return floor + (rest > half or (rest == half and floor & 1))


def mx_block(acc, exponent, bits):
    """(scale byte, values) of outputs that share a scale."""
    logs = [abs(a).bit_length() - 1 + e for a, e in zip(acc, exponent, strict=True) if a]
    if not logs:
        return 0x80, [0] * len(acc)
    scale = max(-127, min(127, max(logs) - (bits - 2)))
    limit, mask = (1 << (bits - 1)) - 1, (1 << bits) - 1
    values = []
    for a, e in zip(acc, exponent, strict=True):
        left = e - scale
        size = abs(a) << left if left >= 0 else round_shift(abs(a), -left)
        size = min(size, limit)
        values.append((-size if a < 0 else size) & mask)
    return scale & 255, values


def outputs_of(job):
    """Beats of each pass."""
    acc, exponent = accumulate(job)
    acc, exponent = acc.tolist(), exponent.tolist()
    return [output_packet(job, acc, exponent, m0, tokens) for m0, tokens in job.passes]


def output_packet(job, acc, exponent, m0, tokens):
    array = job.array
    out = Beats(array.out_beat)
    size = job.columns if job.form < 2 else max(array.lanes, 128)
    step = array.lanes_out if job.form < 2 else 128
    for first in range(0, job.n, size):
        end = min(first + size, job.n)
        for m in range(m0, m0 + tokens):
            for n in range(first, end, step):
                columns = slice(n, min(n + step, end))
                put_group(out, job.form, acc[m][columns], exponent[m][columns])
    return out.beats


def put_group(out, form, acc, exponent):
    if form == 0:
        out.part(32, [a & 0xFFFFFFFF for a in acc])
        out.part(32, [a >> 32 & 0xFFFFFFFF for a in acc])
        out.part(32, [e & 0xFFFFFFFF for e in exponent])
    elif form == 1:
        out.part(32, [fp32_bits(a, e) for a, e in zip(acc, exponent, strict=True)])
    else:
        bits = 8 if form == 2 else 4
        scale, values = mx_block(acc, exponent, bits)
        out.part(8, [scale])
        out.part(bits, values)
