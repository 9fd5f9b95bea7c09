"""The BitFusion unit of the benchmark of Camus et al., with its input registers (mac_bfusion_2).

16 multipliers of 2 bits form one product of 8 x 8 bits, two of 4 x 8 or four of 2 x 8; `restart` begins a
sum. Activations have no sign. A sum is in three fields, since narrow modes leave its upper bits undefined."""

import functools
import random

import peers

CYCLES, RESET, LATENCY = 4096, 6, 3
SUM = 17  # inputs of a sum, its restart included
INPUTS = {"a": 32, "w": 32, "cfg": 3, "rst": 1, "restart": 1}
OUTPUTS = {"z0": 16, "z16": 1, "z17": 3}
BODY = """
  wire [19:0] z;
  assign z0 = z[15:0];
  assign z16 = z[16];
  assign z17 = z[19:17];
  top_mac_bfusion u_unit
    (.clk(clk_i), .rst(rst), .accu_rst(restart), .a(a), .w(w), .config_aw(cfg), .z(z));"""
MODES = {8: (1, 0, 20), 4: (2, 6, 17), 2: (4, 7, 16)}  # weight bits: products, config_aw, bits of a sum


def word(values: list[int], bits: int) -> int:
    """One number of values in two's complement, the first one lowest."""
    return sum((value & ((1 << bits) - 1)) << bits * i for i, value in enumerate(values))


def stimulus(rng: random.Random, bits: int) -> peers.Stimulus:
    lanes, config, width = MODES[bits]
    found = peers.Stimulus(INPUTS, OUTPUTS)
    for cycle in range(RESET):
        found.at(cycle)[0].update(rst=1, cfg=0 if cycle < RESET // 2 else config)
    total = 0
    for i in range(CYCLES):
        cycle = RESET + i
        given = found.at(cycle)[0]
        given["cfg"] = config
        x = [min(255, 2 * abs(value)) for value in peers.activations(rng, lanes, 8)]
        w = peers.weights(rng, lanes, bits) if bits > 2 else [rng.randint(-2, 1) for _ in range(lanes)]
        if i % SUM == SUM - 1:  # the restart of the next sum would overwrite this one
            continue
        given |= {"restart": int(i % SUM == 0), "a": word(x, 8), "w": word(w, bits)}
        total = sum(p * q for p, q in zip(x, w, strict=True)) + (total if i % SUM else 0)
        found.macs += lanes
        if cycle + LATENCY >= CYCLES:
            continue
        z = total & ((1 << width) - 1)
        found.at(cycle + LATENCY)[0]["cfg"] = config
        expected = {"z0": z & 0xFFFF, "z16": z >> 16 & 1, "z17": z >> 17}
        compared = [name for name, low in (("z0", 0), ("z16", 16), ("z17", 17)) if width > low]
        found.at(cycle + LATENCY)[1].update({name: expected[name] for name in compared})
    return found


PEER = peers.Peer(
    name="BitFusion unit",
    repository="vincent-camus/benchmarking-precision-scalable-mac-units",
    commit="d5e32378d085f360f3979e83e32fad56e26a86bc",
    licence="CERN-OHL-P-2.0",
    files=("mac_bfusion/batch/mac_bfusion_2.sv",),
    body=BODY,
    modes=tuple(
        peers.Mode(bits, 8, width, lanes, functools.partial(stimulus, bits=bits))
        for bits, (lanes, _, width) in MODES.items()
    ),
    reader="slang",
)
