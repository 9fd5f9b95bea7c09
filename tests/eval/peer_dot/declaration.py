"""Declaration of a stand-in for a design of others, for eval/peers.py."""

import peers

LANES, BITS = 2, 4
INPUTS = {f"{operand}{lane}": BITS for operand in "ab" for lane in range(LANES)}


def vectors(rng, wrong=0):
    """Random operands each cycle; the sum is there two cycles later."""
    stimulus = peers.Stimulus(INPUTS, {"sum": 2 * BITS + 8})
    for cycle in range(100):
        values = {name: rng.randint(-8, 7) for name in INPUTS}
        stimulus.at(cycle)[0].update(values)
        total = sum(values[f"a{lane}"] * values[f"b{lane}"] for lane in range(LANES))
        stimulus.at(cycle + 2)[1]["sum"] = total + wrong
        stimulus.macs += LANES
    return stimulus


PEER = peers.Peer(
    name="dot",
    repository="none",
    commit="",
    licence="MIT",
    files=("dot.v",),
    body="""
  wire [15:0] total;
  assign sum = total;
  dot #(.LANES(2), .BITS(4)) u_dot (.clock(clk_i), .a({a1, a0}), .b({b1, b0}), .sum(total));""",
    modes=(peers.Mode(BITS, BITS, 2 * BITS + 8, LANES, vectors),),
)
