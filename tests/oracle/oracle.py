"""A second opinion on every stored bit and every result, in Python.

Written from the numeric contract alone (docs/numerics.md), without a look at golden/: a mistake in reading
the contract should not be made twice in the same way. golden/ was consulted only afterwards, to find the
reason of a disagreement. Everything that the contract calls exact is done here in Python's integers, which
have no width; doubles appear only where the contract asks for them."""

import itertools
import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

# Weights, errors and scales as integers count units of 2^-UNIT: finer than any product of a scale and a code.
UNIT = 170
INLIER, OUTLIER, PRUNED = 0, 1, 2
EMPTY_SCALE = -127


@dataclass
class Options:
    bits: int = 2
    encoding: str = "paper"
    micro: int = 8
    macro: int = 128
    axis: str = "reduction"
    scale_rule: str = "mse"
    shift_rule: str = "mse"
    max_outliers: int = 0  # of a micro-block; 0: half of it
    shift_max: int = 7
    row_align_bits: int = 0  # axis output
    mantissa_bits: int = 3  # encoding full_range
    fraction_bits: int = 2  # encoding full_range; always 2 for paper
    shift_bits: int = 8  # of a stored r
    identifier_group: int = 1  # micro-blocks of a row that share a first identifier bit

    @property
    def paper(self):
        return self.encoding == "paper"

    @property
    def most_outliers(self):
        return self.max_outliers or self.micro // 2

    @property
    def list_entries(self):
        """Entries of a stored list; paper always has room for half of the micro-block."""
        return self.micro // 2 if self.paper else self.most_outliers

    @property
    def scale_range(self):
        return (-127, 127) if self.paper else (-64, 63)


@dataclass
class Quantized:
    """A tensor as it is stored, before any packing of bits."""

    options: Options
    columns: int  # N; codes has whole micro-blocks
    codes: np.ndarray  # [K][columns of whole micro-blocks], bb bits each
    isf: np.ndarray  # [G][N] (reduction) or [K][H] (output)
    factor: np.ndarray  # as isf: sigma * (2^t + f); 1 for paper
    flagged: np.ndarray  # [K][micro-blocks]: identifier
    shift: np.ndarray  # [K][micro-blocks]: r
    lists: dict = field(
        default_factory=dict
    )  # (k, micro-block) -> [(Upper_loc, Lower_loc)] without empty entries


def floor_log2(value):
    return math.frexp(value)[1] - 1


def as_integer(value):
    """The double as a number of units of 2^-UNIT; exact for every float32."""
    numerator, denominator = float(value).as_integer_ratio()
    scaled, rest = divmod(numerator << UNIT, denominator)
    if rest:
        raise ValueError("finer than the unit")
    return scaled


def power(exponent):
    return 1 << (UNIT + exponent)


def divide_half_even(a, b):
    """a / b rounded to the nearest integer, halves to the even one."""
    if b < 0:
        a, b = -a, -b
    quotient, rest = divmod(a, b)
    if 2 * rest > b or (2 * rest == b and quotient % 2):
        quotient += 1
    return quotient


def clamp(value, low, high):
    return max(low, min(high, value))


def shift_half_even(value, left):
    return value << left if left >= 0 else divide_half_even(value, 1 << -left)


# ---------------------------------------------------------------------------------------------------- routing


def routes(pairs, micro):
    """Whether the moving values of {Upper_loc, Lower_loc} pairs reach their places without meeting."""
    at = [lower for _, lower in pairs]
    for bit in range(micro.bit_length() - 1):
        mask = 1 << bit
        at = [(p & ~mask) | (upper & mask) for p, (upper, _) in zip(at, pairs, strict=True)]
        if len(set(at)) != len(at):
            return False
    return True


def first_pairing(outliers, pruned, micro):
    """The lexicographically first routable assignment of `pruned` to `outliers` (both ascending), or None."""

    def extend(pairs, left):
        if len(pairs) == len(outliers):
            return pairs
        for lower in left:
            # Two values that meet do so whatever the others are, so a prefix that does not route is given up.
            longer = [*pairs, (outliers[len(pairs)], lower)]
            if routes(longer, micro):
                found = extend(longer, [p for p in left if p != lower])
                if found is not None:
                    return found
        return None

    return extend([], list(pruned))


def choose_pruned(weights, outliers, micro):
    """Pairs of a micro-block: least sum of w^2, then first positions, then first pairing. None if nothing
    routes."""
    free = [p for p in range(micro) if p not in outliers]
    choices = []
    for positions in itertools.combinations(free, len(outliers)):
        total = 0.0
        for p in positions:
            total += weights[p] * weights[p]
        choices.append((total, positions))
    for _, positions in sorted(choices):
        pairs = first_pairing(outliers, positions, micro)
        if pairs is not None:
            return pairs
    return None


# ----------------------------------------------------------------------------------------------------
# quantizer


def three_sigma(block):
    """Which weights lie more than three population sigmas from the mean, in double, summed in order."""
    total = 0.0
    for w in block:
        total += w
    mean = total / len(block)
    squares = 0.0
    for w in block:
        squares += (w - mean) * (w - mean)
    sigma = math.sqrt(squares / len(block))
    return [abs(w - mean) > 3 * sigma for w in block]


def scale_candidates(options, e0):
    """(Isf, factor) in the order in which ties are decided."""
    low, high = options.scale_range
    exponents = [
        clamp(e, low, high) for e in ((e0,) if options.scale_rule == "ocp" else (e0, e0 - 1, e0 + 1))
    ]
    if options.paper:
        return [(e, 1) for e in exponents]
    t = options.mantissa_bits
    if options.scale_rule == "ocp":
        return [(exponents[0], 1 << t)]
    return [(e, sign * ((1 << t) + f)) for e in exponents for f in range(1 << t) for sign in (1, -1)]


def scale_value(options, isf, factor):
    return factor * power(isf - (0 if options.paper else options.mantissa_bits))


def quantize_inlier(options, weight, scale):
    half = 1 << (options.bits - 1)
    low = 1 - half if options.paper else -half
    return clamp(divide_half_even(weight, scale), low, half - 1)


def choose_scale(options, inliers, outliers):
    """Scale of a macro-block from its inliers and outliers (both doubles)."""
    empty = (EMPTY_SCALE, 1) if options.paper else (-64, 1 << options.mantissa_bits)
    largest = max((abs(w) for w in inliers), default=0.0)
    if largest == 0.0:
        exponents = [floor_log2(abs(w)) for w in outliers if w != 0.0]
        if not exponents:
            return empty
        return scale_of_outliers_alone(options, exponents)
    e0 = floor_log2(largest) - (options.bits - 2)
    candidates = scale_candidates(options, e0)
    if len(candidates) == 1:
        return candidates[0]
    weights = [as_integer(w) for w in inliers]
    best = None
    for isf, factor in candidates:
        scale = scale_value(options, isf, factor)
        error = sum((w - quantize_inlier(options, w, scale) * scale) ** 2 for w in weights)
        if best is None or error < best[0]:
            best = (error, (isf, factor))
    return best[1]


def scale_of_outliers_alone(options, exponents):
    if not options.paper:
        raise NotImplementedError(
            "full_range: the contract does not fix the scale of a block of outliers and zeros"
        )
    isf = max(min(exponents), max(exponents) - options.shift_max) - (2 if options.bits == 4 else 0)
    return clamp(isf, *options.scale_range), 1


def quantize_outlier(options, weight, scale, shift):
    """Signed significand: +-S, or M of full_range."""
    if options.paper:
        mantissa = options.bits  # 2 or 4 mantissa bits
        unit = scale << shift
        size = clamp(divide_half_even(4 * abs(weight), unit), 1 << mantissa, (1 << (mantissa + 1)) - 1)
        return -size if weight < 0 else size
    half = 1 << (2 * options.bits - 1)
    return clamp(divide_half_even(weight << options.fraction_bits, scale << shift), -half, half - 1)


def choose_shift(options, outliers):
    """r of a micro-block from [(weight as integer, Isf, scale)]."""
    if options.shift_rule == "max":
        return largest_shift(options, outliers)
    fraction = 2 if options.paper else options.fraction_bits
    best = None
    for shift in range(options.shift_max + 1):
        error = 0
        for weight, _, scale in outliers:
            code = quantize_outlier(options, weight, scale, shift)
            error += ((weight << fraction) - code * (scale << shift)) ** 2
        if best is None or error < best[0]:
            best = (error, shift)
    return best[1]


def largest_shift(options, outliers):
    if options.paper:
        needed = [
            abs(weight).bit_length() - 1 - UNIT - isf - (2 if options.bits == 4 else 0)
            for weight, isf, _ in outliers
            if weight
        ]
        return clamp(max(needed, default=0), 0, options.shift_max)
    half = 1 << (2 * options.bits - 1)
    for shift in range(options.shift_max):
        codes = [divide_half_even(w << options.fraction_bits, scale << shift) for w, _, scale in outliers]
        if all(-half <= code < half for code in codes):
            return shift
    return options.shift_max


def encode_inlier(options, q):
    if options.paper:
        return abs(q) | ((1 << (options.bits - 1)) if q < 0 else 0)
    return q & ((1 << options.bits) - 1)


def encode_halves(options, code):
    """{Upper, Lower} codes of an outlier."""
    if options.paper:
        sign = (1 << (options.bits - 1)) if code < 0 else 0
        mantissa = abs(code) - (1 << options.bits)
        half = options.bits // 2
        return sign | (mantissa >> half), sign | (mantissa & ((1 << half) - 1))
    mask = (1 << options.bits) - 1
    return (code >> options.bits) & mask, code & mask


def macro_blocks(options, rows, columns):
    """(index of the scale, list of (k, n)) of every macro-block."""
    if options.axis == "reduction":
        for g, n in itertools.product(range(-(-rows // options.macro)), range(columns)):
            yield (g, n), [(k, n) for k in range(g * options.macro, min(rows, (g + 1) * options.macro))]
    else:
        for k, h in itertools.product(range(rows), range(-(-columns // options.macro))):
            yield (k, h), [(k, n) for n in range(h * options.macro, min(columns, (h + 1) * options.macro))]


def scale_index(options, k, n):
    return (k // options.macro, n) if options.axis == "reduction" else (k, n // options.macro)


def too_small(options, weights, isf):
    """Weights of blocks with the least scale that are nearer to zero than to its least outlier."""
    result = np.zeros(weights.shape, bool)
    if not options.paper:  # whose outliers may be zero
        return result
    for place in zip(*np.nonzero(np.abs(weights) < 2.0 ** (options.bits - 130)), strict=True):
        result[place] = isf[scale_index(options, *place)] == options.scale_range[0]
    return result


def find_outliers(options, weights, never):
    """Outlier positions and pairs of every micro-block that has some: {(k, micro-block): pairs}. Weights where
    `never` is set are none."""
    rows, columns = weights.shape
    wanted = np.zeros(weights.shape, bool)
    for _, places in macro_blocks(options, rows, columns):
        for place, out in zip(places, three_sigma([float(weights[p]) for p in places]), strict=True):
            wanted[place] = out and not never[place]
    lists = {}
    for k, b in zip(
        *np.nonzero(np.add.reduceat(wanted, range(0, columns, options.micro), axis=1)), strict=True
    ):
        base = b * options.micro
        row = [float(weights[k, n]) if n < columns else 0.0 for n in range(base, base + options.micro)]
        outliers = [p for p in range(options.micro) if base + p < columns and wanted[k, base + p]]
        # Too many, or no routable choice: the smallest becomes an inlier, of equal ones the one at the higher
        # position.
        pairs = None
        while pairs is None:
            if len(outliers) <= options.most_outliers:
                pairs = choose_pruned(row, outliers, options.micro)
            if pairs is None:
                outliers.remove(min(outliers, key=lambda p: (abs(row[p]), -p)))
        lists[int(k), int(b)] = pairs
    return lists


def kinds(options, shape, lists):
    """INLIER, OUTLIER or PRUNED of every position."""
    kind = np.full(shape, INLIER)
    for (k, b), pairs in lists.items():
        for upper, lower in pairs:
            kind[k, b * options.micro + upper] = OUTLIER
            kind[k, b * options.micro + lower] = PRUNED
    return kind


def quantize(weights, options):
    weights = np.asarray(weights, np.float32)
    rows, columns = weights.shape
    blocks = -(-columns // options.micro)
    whole = rows, blocks * options.micro
    kind = kinds(options, whole, find_outliers(options, weights, np.zeros(weights.shape, bool)))

    groups = -(-rows // options.macro), -(-columns // options.macro)
    shape = (groups[0], columns) if options.axis == "reduction" else (rows, groups[1])
    isf = np.zeros(shape, int)
    factor = np.zeros(shape, int)
    for index, places in macro_blocks(options, rows, columns):
        inliers = [float(weights[p]) for p in places if kind[p] != OUTLIER]
        outliers = [float(weights[p]) for p in places if kind[p] == OUTLIER]
        isf[index], factor[index] = choose_scale(options, inliers, outliers)
    if options.axis == "output":
        limit_spread(options, weights, isf)
    lists = find_outliers(options, weights, too_small(options, weights, isf))
    kind = kinds(options, whole, lists)

    codes = np.zeros(whole, int)
    integers = {}
    for k, n in itertools.product(range(rows), range(columns)):
        integers[k, n] = as_integer(weights[k, n])
        index = scale_index(options, k, n)
        if kind[k, n] == INLIER:
            scale = scale_value(options, int(isf[index]), int(factor[index]))
            codes[k, n] = encode_inlier(options, quantize_inlier(options, integers[k, n], scale))
    none = np.zeros((rows, blocks), int)
    result = Quantized(options, columns, codes, isf, factor, none.astype(bool), none, lists)
    for (k, b), pairs in lists.items():
        base = b * options.micro
        outliers = []
        for upper, _ in pairs:
            index = scale_index(options, k, base + upper)
            exponent = int(isf[index])
            scale = scale_value(options, exponent, int(factor[index]))
            outliers.append((integers[k, base + upper], exponent, scale))
        shift = choose_shift(options, outliers)
        result.flagged[k, b] = True
        result.shift[k, b] = shift
        for (upper, lower), (weight, _, scale) in zip(pairs, outliers, strict=True):
            halves = encode_halves(options, quantize_outlier(options, weight, scale, shift))
            codes[k, base + upper], codes[k, base + lower] = halves
    return result


def limit_spread(options, weights, isf):
    """Axis output: in a run of B_M rows no scale is more than row_align_bits below the largest; zeros do not
    count."""
    for first in range(0, isf.shape[0], options.macro):
        rows = range(first, min(isf.shape[0], first + options.macro))
        for h in range(isf.shape[1]):
            live = [k for k in rows if np.any(weights[k, h * options.macro : (h + 1) * options.macro])]
            if live:
                least = max(isf[k, h] for k in live) - options.row_align_bits
                for k in live:
                    isf[k, h] = max(isf[k, h], least)


# ---------------------------------------------------------------------------------------------------- reading


def decode_inlier(options, code):
    top = 1 << (options.bits - 1)
    if options.paper:
        if code == top:
            raise ValueError("minus zero outside of a half")
        return -(code & (top - 1)) if code & top else code
    return code - 2 * top if code & top else code


def decode_halves(options, upper, lower):
    top = 1 << (options.bits - 1)
    if options.paper:
        if (upper ^ lower) & top:
            raise ValueError("halves of different signs")
        half = options.bits // 2
        if max(upper & (top - 1), lower & (top - 1)) >> half:
            raise ValueError("a half of too many bits")
        size = (1 << options.bits) + ((upper & (top - 1)) << half) + (lower & (top - 1))
        return -size if upper & top else size
    return ((upper - 2 * top if upper & top else upper) << options.bits) + lower


def integer_weights(quantized):
    """Every weight in the units of partial sums: 2^(Isf - 2), or scale * 2^-F. [K][N]"""
    options = quantized.options
    rows, columns = quantized.codes.shape  # whole micro-blocks: a Lower half may lie beyond the last column
    fraction = 2 if options.paper else options.fraction_bits
    result = np.zeros((rows, columns), np.int64)
    halves = np.zeros((rows, columns), bool)
    for (k, b), pairs in quantized.lists.items():
        base = b * options.micro
        places = [p for pair in pairs for p in pair]
        if len(set(places)) != len(places) or not routes(pairs, options.micro):
            raise ValueError("a list that cannot be routed")
        for upper, lower in pairs:
            code = decode_halves(
                options, int(quantized.codes[k, base + upper]), int(quantized.codes[k, base + lower])
            )
            halves[k, base + upper] = halves[k, base + lower] = True
            result[k, base + upper] = code << int(quantized.shift[k, b])
    for k, n in zip(*np.nonzero(~halves), strict=True):
        result[k, n] = decode_inlier(options, int(quantized.codes[k, n])) << fraction
    if np.any(result[:, quantized.columns :]):
        raise ValueError("a weight beyond the last column")
    return result[:, : quantized.columns]


def bit_fields(data, width, count):
    """`count` fields of `width` bits, the first in the lowest bits of the first byte; bits left over must be
    zero."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    if np.any(bits[width * count :]) or len(bits) - width * count not in range(8):
        raise ValueError("too few bytes, or bits set beyond the last field")
    return bits[: width * count].reshape(count, width) @ (1 << np.arange(width))


def read_identifiers(options, bytes_of, rows, blocks):
    size = options.identifier_group
    groups = -(-blocks // size)
    first = bit_fields(bytes_of("identifiers"), 1, rows * groups).reshape(rows, groups).astype(bool)
    if size == 1:
        return first
    result = np.zeros((rows, groups * size), bool)
    masks = bit_fields(bytes_of("identifier_masks"), 1, int(first.sum()) * size).reshape(-1, size)
    result.reshape(rows, groups, size)[first] = masks
    if np.any(result[:, blocks:]):
        raise ValueError("an identifier beyond the row")
    return result[:, :blocks]


def read_file(path, layer, options):
    """The layer of a file that `microscopiq quantize` wrote; what its metadata says must be what `options`
    says."""
    data = Path(path).read_bytes()
    header_size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + header_size])

    def bytes_of(name):
        begin, end = header[f"{layer}.{name}"]["data_offsets"]
        return data[8 + header_size + begin : 8 + header_size + end]

    said = {
        key: header["__metadata__"][f"{layer}.{key}"]
        for key in ("axis", "bits", "encoding", "k", "n", "macro_block")
    }
    wanted = {
        "axis": options.axis,
        "bits": str(options.bits),
        "encoding": options.encoding,
        "macro_block": str(options.macro),
    }
    if not wanted.items() <= said.items():
        raise ValueError(f"the file is of {said}")
    rows, columns = int(said["k"]), int(said["n"])
    blocks = -(-columns // options.micro)
    row_bytes = header[f"{layer}.codes"]["shape"][1]
    codes = np.frombuffer(bytes_of("codes"), np.uint8).reshape(rows, row_bytes)
    codes = np.array([bit_fields(row.tobytes(), options.bits, blocks * options.micro) for row in codes])
    flagged = read_identifiers(options, bytes_of, rows, blocks)
    places = [(int(k), int(b)) for k, b in zip(*np.nonzero(flagged), strict=True)]

    shift = np.zeros((rows, blocks), int)
    for place, r in zip(
        places, bit_fields(bytes_of("mx_scales"), options.shift_bits, len(places)), strict=True
    ):
        shift[place] = r
    location = options.micro.bit_length() - 1
    entry, entries = 2 * location, options.list_entries
    # Lists of paper begin on a byte, those of full_range lie densely.
    list_bits = entry * entries
    packed = bytes_of("lists")
    if options.paper:
        whole = -(-list_bits // 8)
        raw = [bit_fields(packed[whole * i : whole * (i + 1)], entry, entries) for i in range(len(places))]
    else:
        raw = bit_fields(packed, entry, entries * len(places)).reshape(len(places), entries)
    lists = {}
    for place, fields in zip(places, raw, strict=True):
        # In the file Upper_loc comes first, so it has the lower bits (the core's port has them the other way
        # round).
        pairs = [(int(f) & ((1 << location) - 1), int(f) >> location) for f in fields]
        lists[place] = [pair for pair in pairs if pair[0] != pair[1]]

    scales = (
        np.frombuffer(bytes_of("scales"), np.uint8).astype(int).reshape(header[f"{layer}.scales"]["shape"])
    )
    if options.paper:
        isf, factor = np.where(scales > 127, scales - 256, scales), np.ones(scales.shape, int)
    else:
        t = options.mantissa_bits
        fractions = bit_fields(bytes_of("scale_mantissas"), t, scales.size).reshape(scales.shape) if t else 0
        isf, factor = (scales & 127) - 64, np.where(scales > 127, -1, 1) * ((1 << t) + fractions)
    return Quantized(options, columns, codes, isf, factor, flagged, shift, lists)


# ----------------------------------------------------------------------------------------------------
# execution


def stored_scale(exponent):
    """Scales of activations and outputs saturate like every stored exponent."""
    return clamp(exponent, -127, 127)


def quantize_activations(x, bits, block):
    """x [M][K] as float32 -> integers [M][K], exponents [M][blocks along K]."""
    x = np.asarray(x, np.float32)
    tokens, length = x.shape
    blocks = -(-length // block)
    limit = 127 if bits == 8 else 7
    exponents = np.full((tokens, blocks), EMPTY_SCALE)
    values = np.zeros(x.shape, np.int64)
    for m, g in itertools.product(range(tokens), range(blocks)):
        part = x[m, g * block : (g + 1) * block]
        largest = float(np.max(np.abs(part)))
        if largest == 0.0:
            continue
        exponent = stored_scale(floor_log2(largest) - (6 if bits == 8 else 2))
        exponents[m, g] = exponent
        for i, value in enumerate(part):
            code = divide_half_even(as_integer(value), power(exponent))
            values[m, g * block + i] = clamp(code, -limit, limit)
    return values, exponents


def tiles(length, macro, rows):
    """(first row, end, block along K) of the tiles: none crosses a boundary of a macro-block."""
    for first in range(0, length, macro):
        end = min(length, first + macro)
        for k in range(first, end, rows):
            yield k, min(end, k + rows), first // macro


def references(exponents, live, spread):
    """max(min, max - spread) over the live entries along axis 0; None where nothing is live."""
    result = []
    for column in range(exponents.shape[1]):
        values = [int(e) for e, there in zip(exponents[:, column], live[:, column], strict=True) if there]
        result.append(max(min(values), max(values) - spread) if values else None)
    return result


def tile_weights(quantized, rows):
    """For each tile: its integer weights [rows of the tile][N], exponents [N], factors [N], live [N]."""
    options = quantized.options
    weights = integer_weights(quantized)
    length, columns = weights.shape
    macro_of = np.arange(columns) // options.macro
    for first, end, g in tiles(length, options.macro, rows):
        part = weights[first:end]
        if options.axis == "reduction":
            block = weights[g * options.macro : (g + 1) * options.macro]
            yield (first, end, g), part, quantized.isf[g], quantized.factor[g], np.any(block != 0, axis=0)
            continue
        # Axis output: the tile's common exponent is the least of its rows' that are not blocks of zeros.
        aligned = np.zeros(part.shape, np.int64)
        exponents = np.full(columns, EMPTY_SCALE)
        live = np.zeros(columns, bool)
        for h in range(quantized.isf.shape[1]):
            of_h = macro_of == h
            scales = quantized.isf[first:end, h]
            there = np.any(part[:, of_h] != 0, axis=1)
            if not there.any():
                continue
            least = int(scales[there].min())
            exponents[of_h] = least
            live[of_h] = True
            for row in np.nonzero(there)[0]:
                aligned[row, of_h] = part[row, of_h] << int(scales[row] - least)
        yield (first, end, g), aligned, exponents, np.ones(columns, int), live


def gemm(quantized, x, x_exponents, rows):
    """Accumulators [M][N] (Python integers) and exponents [M][N] (None where everything is zero)."""
    options = quantized.options
    tokens, columns = x.shape[0], quantized.columns
    parts = list(tile_weights(quantized, rows))
    iref = references(np.array([p[2] for p in parts]), np.array([p[4] for p in parts]), 4)
    blocks = x_exponents.shape[1]
    x_live = np.array(
        [
            [np.any(x[m, g * options.macro : (g + 1) * options.macro]) for m in range(tokens)]
            for g in range(blocks)
        ]
    )
    xref = references(x_exponents.T, x_live, 7)
    acc = np.zeros((tokens, columns), object)
    for (first, end, g), weights, exponents, factors, _ in parts:
        p = x[:, first:end] @ weights
        for m, n in zip(*np.nonzero(p), strict=True):
            left = int(exponents[n]) - iref[n] + int(x_exponents[m, g]) - xref[m]
            acc[m, n] += shift_half_even(int(p[m, n]) * int(factors[n]), left)
    fraction = 2 if options.paper else options.fraction_bits + options.mantissa_bits
    exponent = np.full((tokens, columns), None, object)
    for m, n in itertools.product(range(tokens), range(columns)):
        if iref[n] is not None and xref[m] is not None:
            exponent[m, n] = iref[n] + xref[m] - fraction
    return acc, exponent


# ---------------------------------------------------------------------------------------------------- outputs


def fp32_bits(acc, exponent):
    """acc * 2^exponent as the bits of a float32, rounded half to even, overflow to infinity."""
    if acc == 0:
        return 0
    sign = 0x80000000 if acc < 0 else 0
    size = abs(acc)
    log2 = size.bit_length() - 1 + exponent
    last = max(log2 - 23, -149)  # exponent of the last place that is kept
    significand = shift_half_even(size, exponent - last)
    if significand.bit_length() > 24:
        significand >>= 1
        last += 1
    if significand.bit_length() == 24:
        field_ = last + 150
        if field_ > 254:
            return sign | 0x7F800000
        return sign | (field_ << 23) | (significand & 0x7FFFFF)
    return sign | significand  # subnormal: last is -149


def mx_outputs(acc, exponent, bits, block):
    """Values [M][N] and Ysf [M][blocks along N]."""
    tokens, columns = acc.shape
    limit = 127 if bits == 8 else 7
    scales = np.full((tokens, -(-columns // block)), EMPTY_SCALE)
    values = np.zeros((tokens, columns), int)
    for m, h in itertools.product(range(tokens), range(scales.shape[1])):
        places = [n for n in range(h * block, min(columns, (h + 1) * block)) if acc[m, n] != 0]
        if not places:
            continue
        largest = max(abs(acc[m, n]).bit_length() - 1 + exponent[m, n] for n in places)
        scales[m, h] = stored_scale(largest - (6 if bits == 8 else 2))
        for n in places:
            values[m, n] = clamp(
                shift_half_even(acc[m, n], exponent[m, n] - int(scales[m, h])), -limit, limit
            )
    return values, scales
