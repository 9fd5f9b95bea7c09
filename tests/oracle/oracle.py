"""A second opinion on every stored bit, in Python. That on every result is the package python/microscopiq.

Both are written from the numeric contract alone (numerics.md), without a look at golden/: a mistake in
reading the contract should not be made twice in the same way. golden/ was consulted only afterwards, to find
the reason of a disagreement. Everything that the contract calls exact is done here in Python's integers,
which have no width; doubles appear only where the contract asks for them."""

import itertools
import math
from dataclasses import dataclass, field

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
    """Which weights are more than three population sigmas from the mean, in double, summed in order."""
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
    lowest, highest = min(exponents), max(exponents)
    leading = options.bits - 2 if options.paper else 2 * options.bits - 2 - options.fraction_bits
    isf = clamp(max(lowest, highest - options.shift_max) - leading, *options.scale_range)
    return isf, 1 if options.paper else 1 << options.mantissa_bits


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
    """Outlier positions and pairs of every micro-block that has some: {(k, micro-block): pairs}. Weights
    where `never` is set are none."""
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


def read_layer(layer, options):
    """A layer of the package as a Quantized; its metadata must say what `options` says."""
    f = layer.format
    said = (f.axis, f.bits, f.encoding, f.micro_block, f.macro_block, f.list_entries, f.identifier_group)
    wanted = (options.axis, options.bits, options.encoding, options.micro, options.macro)
    if said != (*wanted, options.list_entries, options.identifier_group):
        raise ValueError(f"the file is of {f}")
    flagged = layer.identifiers()
    places = list(zip(*(axis.tolist() for axis in np.nonzero(flagged)), strict=True))
    shift = np.zeros(flagged.shape, int)
    shift[flagged] = layer.shifts(len(places))
    lists = {}
    for place, *entries in zip(places, *(part.tolist() for part in layer.lists(len(places))), strict=True):
        lists[place] = [pair for pair in zip(*entries, strict=True) if pair[0] != pair[1]]
    return Quantized(options, f.n, layer.codes(), layer.exponents(), layer.factors(), flagged, shift, lists)
