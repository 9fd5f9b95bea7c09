"""Timing diagrams of the core. Cycles are those of the emitted Verilog (`microscopiq simulate --trace`)."""

from waves import Waves


def tiles_inline():
    """Loading and launching on the preset 8x8, whose bands have 4 rows, 8 tokens per tile."""
    names = ["load_row", "token launched", "commit, band 0", "weights, band 0", "commit, band 1", "psum"]
    w = Waves("Loading and streaming: 8x8, path inline, 8 tokens per tile", names, 32, 20)
    for tile, at in (("A", 0), ("B", 8), ("C", 16)):
        w.words(names[0], at, [str(row) for row in range(8)], "memory")
        w.word(names[1], at + 7, f"8 tokens of {tile}", 8)
        left = 32 - (at + 13)
        w.word("psum", at + 13, f"sums of {tile}" if left > 3 else tile, min(8, left))
    commits = [7 + 8 * i + 1 for i in range(3)]
    w.bits(names[2], "".join("1" if c in commits else "0" for c in range(32)))
    w.bits(names[4], "".join("1" if c - 1 in commits else "0" for c in range(32)))
    for tile, at in zip("ABC", commits, strict=True):
        w.word(names[3], at + 1, tile, min(8, 32 - at - 1), "plain")
    return w.picture


def tiles_decode():
    """The same with one token per tile, as in decoding."""
    names = ["load_row", "token launched", "psum"]
    w = Waves("One token per tile: 8x8, path inline; loading never pauses", names, 32, 20)
    for i, tile in enumerate("ABCD"):
        w.words("load_row", 8 * i, [str(row) for row in range(8)], "memory")
        w.word("token launched", 8 * i + 7, tile)
        if 8 * i + 13 < 32:
            w.word("psum", 8 * i + 13, tile)
    return w.picture


def token_inline():
    names = ["act handshake", "commit_i", "x_q", "pair_q: sums of pairs", "unit: product_q = S x"]
    names += ["band_q: tree + value", "sum_o, band 0", "sum_o, band 1", "psum_o"]
    w = Waves("A token through two bands: 8x8, path inline, column group 0", names, 8, 72)
    w.words(names[0], 0, ["T0", "T1"], "memory")
    w.bits(names[1], "01000000")
    for name, at, kind in zip(names[2:], (2, 3, 3, 4, 5, 6, 6), ["array"] * 7, strict=True):
        w.words(name, at, ["T0", "T1"], "outlier" if name.startswith("unit") else kind)
    return w.picture


def token_recon():
    names = ["act handshake", "x_q, plain row", "product_q, plain row", "x_q, flagged row"]
    names += ["product_q: column bus", "ReCoN input register", "ReCoN output register", "sum_o of either row"]
    w = Waves("A token in row 0: 8x8, path recon, LEAD = 2; both rows' sums come in one cycle", names, 8, 72)
    w.word(names[0], 0, "T", 1, "memory")
    w.word(names[1], 4, "T")
    w.word(names[2], 5, "p")
    w.word(names[3], 2, "T", 1, "outlier")
    w.word(names[4], 3, "p", 1, "outlier")
    w.word(names[5], 4, "p", 1, "outlier")
    w.word(names[6], 5, "addend", 1, "outlier")
    w.word(names[7], 6, "sum")
    return w.picture


def passes():
    """Order of the work of a job; lengths are not to scale."""
    names = ["weights loaded", "activations read", "tokens of a tile", "accumulators fill", "outputs leave"]
    w = Waves("A job of two passes, two column tiles, two tiles along K", names, 26, 24, False)
    w.word(names[1], 0, "pass 0", 5, "memory")
    w.word(names[1], 6, "pass 1", 5, "memory")
    for i, tile in enumerate(("0,0", "0,1", "1,0", "1,1") * 2):
        w.word(names[0], 2 * i if i < 2 else 4 + 2.5 * (i - 2), tile, 1.6, "memory")
        w.word(names[2], 4 + 2.5 * i, tile, 2.5)
    for i in range(4):
        w.word(names[3], 4 + 5 * i, f"columns {i % 2}", 5, "plain")
        if i < 3:
            w.word(names[4], 9.5 + 5 * i, f"columns {i % 2}", 4, "plain")
    w.word(names[4], 24.2, "..", 1.6, "plain")
    return w.picture


def errors():
    """Three jobs, an error in the packets of the second; not to scale."""
    names = ["control", "input packets", "error in B", "output stream", "status, interrupt"]
    w = Waves("An error in job B while job A still sends outputs", names, 26, 24, False)
    for at, text in ((0, "A"), (1.2, "B"), (8, "C")):
        w.word("control", at, text, 1, "plain")
    w.word("control", 18.4, "clear", 2.4, "plain")
    w.word("control", 21.4, "D", 1, "plain")
    w.word("input packets", 1, "A", 4.5, "memory")
    w.word("input packets", 5.5, "B", 4, "memory")
    w.word("input packets", 13.5, "accepted, dropped", 6.9, "outlier")
    w.word("input packets", 21.8, "D", 4, "memory")
    w.word("error in B", 9.5, "held", 4, "outlier")
    w.word("output stream", 7.5, "A", 6, "array")
    w.word("output stream", 13.7, "B", 1.2, "outlier")
    w.word("output stream", 14.9, "C", 1.2, "outlier")
    w.word(names[4], 0.8, "busy", 12.7, "plain")
    w.word(names[4], 13.5, "error, code", 6.9, "outlier")
    w.word(names[4], 21.8, "busy", 4, "plain")
    return w.picture
