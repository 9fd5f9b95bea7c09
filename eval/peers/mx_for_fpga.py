"""MX-for-FPGA's dot product of two MXINT8 blocks of 32: operands each cycle, the result two cycles later."""

import random

import peers

LANES, BITS, CYCLES = 32, 8, 1024
RESULT_BITS = 2 * BITS + 5
INPUTS = {f"{operand}{lane}": BITS for operand in "ab" for lane in range(LANES)}


def body() -> str:
    lines = [f"  logic signed [{BITS - 1}:0] a [{LANES}], b [{LANES}];"]
    lines += [f"  assign a[{lane}] = a{lane}; assign b[{lane}] = b{lane};" for lane in range(LANES)]
    lines.append(f"  dot_int_top #(.bit_width({BITS}), .k({LANES})) u_dot")
    lines.append("    (.i_clk(clk_i), .i_op0(a), .i_op1(b), .o_dp(dp));")
    return "\n".join(lines)


def stimulus(rng: random.Random) -> peers.Stimulus:
    found = peers.Stimulus(INPUTS, {"dp": RESULT_BITS})
    ends = [-(1 << (BITS - 1)), (1 << (BITS - 1)) - 1]
    for cycle in range(CYCLES):
        x, w = peers.activations(rng, LANES, BITS), peers.weights(rng, LANES, BITS)
        if cycle % 64 == 0:
            x, w = ([rng.choice(ends) for _ in range(LANES)] for _ in range(2))
        given = found.at(cycle)[0]
        for lane in range(LANES):
            given |= {f"a{lane}": x[lane], f"b{lane}": w[lane]}
        found.at(cycle + 2)[1]["dp"] = sum(p * q for p, q in zip(x, w, strict=True))
        found.macs += LANES
    return found


PEER = peers.Peer(
    name="MX-for-FPGA dot product of 32",
    repository="ebby-s/MX-for-FPGA",
    commit="afb8f78d07ad4b344660af3d2081c329bf3efd2a",
    licence="MIT",
    files=(
        "src/util/arith/mul_int.sv",
        "src/util/arith/vec_mul_int.sv",
        "src/util/arith/vec_sum_int.sv",
        "src/dot/dot_int.sv",
        "tb/top/dot_i8_top.sv",
    ),
    body=body(),
    modes=(peers.Mode(BITS, BITS, RESULT_BITS, LANES, stimulus),),
    reader="slang",
)
