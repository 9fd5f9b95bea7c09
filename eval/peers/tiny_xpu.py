"""tiny-xpu's array of 8x8 PEs, weight-stationary.

Weights enter at the ports of the sums while `ld` of their column is high, the last row's first. The
activation of row r comes r cycles after its token, the sum of column c leaves SIZE + c cycles after it."""

import random

import peers

SIZE, TILES, TOKENS = 8, 64, 16
SUM_BITS = 32
INPUTS = {f"x{i}": 8 for i in range(SIZE)} | {f"ld{i}": 1 for i in range(SIZE)}
INPUTS |= {f"acc{i}": SUM_BITS for i in range(SIZE)} | {"rst_n": 1}
OUTPUTS = {f"y{i}": SUM_BITS for i in range(SIZE)}


def body() -> str:
    lines = [
        "  logic signed [7:0] left [8], right [8];",
        "  logic ld [8];",
        "  logic signed [31:0] top [8], bottom [8];",
    ]
    for i in range(SIZE):
        lines.append(f"  assign left[{i}] = x{i}; assign ld[{i}] = ld{i};")
        lines.append(f"  assign top[{i}] = acc{i}; assign y{i} = bottom[{i}];")
    lines += [
        "  array #(.ROWS(8), .COLS(8), .DATA_WIDTH(8), .ACC_WIDTH(32)) u_array",
        "    (.clk(clk_i), .rst_n(rst_n), .data_in_left(left), .data_out_right(right),",
        "    .weight_ld(ld), .acc_in_top(top), .acc_out_bottom(bottom));",
    ]
    return "\n".join(lines)


def stimulus(rng: random.Random) -> peers.Stimulus:
    found = peers.Stimulus(INPUTS, OUTPUTS)
    load = 2  # cycle in which column 0 begins to load
    for tile in range(TILES):
        w = peers.split(peers.weights(rng, SIZE * SIZE, 8), SIZE)
        x = peers.split(peers.activations(rng, TOKENS * SIZE, 8), SIZE)
        start = load + SIZE
        for c in range(SIZE):
            for i in range(SIZE):
                found.at(load + c + i)[0].update({f"ld{c}": 1, f"acc{c}": w[SIZE - 1 - i][c]})
        for t in range(TOKENS):
            bias = [rng.randint(-1000, 1000) if tile % 8 == 0 else 0 for _ in range(SIZE)]
            for i in range(SIZE):
                found.at(start + t + i)[0].update({f"x{i}": x[t][i], f"acc{i}": bias[i]})
                sums = bias[i] + sum(a * row[i] for a, row in zip(x[t], w, strict=True))
                found.at(start + t + i + SIZE)[1][f"y{i}"] = sums
        found.macs += TOKENS * SIZE * SIZE
        load = start + TOKENS + SIZE - 1
    for cycle in range(1, len(found.cycles)):
        found.at(cycle)[0]["rst_n"] = 1
    return found


PEER = peers.Peer(
    name="tiny-xpu array 8x8",
    repository="avikde/tiny-xpu",
    commit="88d0a73ae1af68cdd1fc6f33061f70b84931d853",
    licence="MIT",
    files=("src/array.sv", "src/pe_col.sv", "src/pe.sv"),
    body=body(),
    modes=(peers.Mode(8, 8, SUM_BITS, SIZE * SIZE, stimulus),),
    reader="slang",
)
