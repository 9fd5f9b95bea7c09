"""Gemmini's mesh of 8x8 PEs, output-stationary, as Verilog that Chisel emitted.

A PE has two sums: one adds products while the other leaves, rounded to the nearest after a right shift, down
its column. Each change of `propagate` swaps them. A sum begins with the value that came from above while the
other one left. Operands of row and column i come i cycles late."""

import random

import peers

SIZE, DEPTH, PHASES = 8, 64, 16
SUM_BITS = 16
FIRST_RESULT = 9  # cycles from a change of `propagate` to the result in column 0

# Fields and ports of row and column i: activation, weight, new sum, control.
PORTS = {
    "a": ("a_{}_0", 8),
    "b": ("d_{}_0", 8),
    "d": ("b_{}_0", 8),
    "p": ("control_{}_0_propagate", 1),
    "s": ("control_{}_0_shift", 4),
    "v": ("valid_{}_0", 1),
}
INPUTS = {f"{field}{i}": bits for i in range(SIZE) for field, (_, bits) in PORTS.items()}
OUTPUTS = {f"c{i}": SUM_BITS + 3 for i in range(SIZE)}

Matrix = list[list[int]]


def body() -> str:
    connections = [".clock(clk_i)"]
    for i in range(SIZE):
        connections += [f".io_in_{port.format(i)}({field}{i})" for field, (port, _) in PORTS.items()]
        connections.append(f".io_out_b_{i}_0(c{i})")
    return f"  Mesh mesh ({', '.join(connections)});"


def wrap(value: int) -> int:
    """Two's complement of a sum's bits."""
    value &= (1 << SUM_BITS) - 1
    return value - (1 << SUM_BITS) if value >> (SUM_BITS - 1) else value


def rounded(value: int, shift: int) -> int:
    """The value shifted right, rounded to the nearest, ties to even."""
    if shift == 0:
        return value
    rest, half = value & ((1 << shift) - 1), 1 << (shift - 1)
    up = rest > half or (rest == half and (value >> shift) & 1)
    return wrap((value >> shift) + up)


def product(bias: Matrix, x: Matrix, w: Matrix) -> Matrix:
    return [
        [wrap(bias[r][c] + sum(a * row[c] for a, row in zip(x[r], w, strict=True))) for c in range(SIZE)]
        for r in range(SIZE)
    ]


def stimulus(rng: random.Random) -> peers.Stimulus:
    found = peers.Stimulus(INPUTS, OUTPUTS)
    start, bias, leaving = 0, [[0] * SIZE for _ in range(SIZE)], None
    for phase in range(PHASES + 1):
        depth = DEPTH if phase < PHASES else SIZE  # in the last phase sums only leave
        shift = rng.choice([0, 0, 3, 7])
        x = peers.split(peers.activations(rng, SIZE * depth, 8), depth)
        w = peers.split(peers.weights(rng, depth * SIZE, 8), SIZE)
        following = [[rng.randint(-128, 127) for _ in range(SIZE)] for _ in range(SIZE)]
        for k in range(depth):
            row = depth - 1 - k  # of the new sums
            for i in range(SIZE):
                given = {"a": x[i][k], "b": w[k][i], "d": following[row][i] if row < SIZE else 0}
                given |= {"p": phase & 1, "s": shift, "v": 1}
                found.at(start + k + i)[0].update({f"{field}{i}": value for field, value in given.items()})
        for k in range(SIZE if leaving else 0):
            for c in range(SIZE):
                result = rounded(leaving[SIZE - 1 - k][c], shift)
                found.at(start + FIRST_RESULT + c + k)[1][f"c{c}"] = result
        if phase > 0:  # the sums of the first one begin with unknown values
            leaving = product(bias, x, w)
        if phase < PHASES:
            found.macs += SIZE * SIZE * depth
        bias = following
        start += depth
    return found


PEER = peers.Peer(
    name="Gemmini mesh 8x8",
    repository="KashifInayat/cpa-fsa",
    commit="459977351a6e19fec76214ea817c79a2c28d2124",
    licence="none stated (Gemmini: BSD-3-Clause)",
    files=tuple(f"dc_check/1.bs_mesh_pe/816_bs/{name}.v" for name in ("mesh", "tile", "pe")),
    body=body(),
    modes=(peers.Mode(8, 8, SUM_BITS, SIZE * SIZE, stimulus),),
)
