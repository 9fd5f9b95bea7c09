"""Block diagrams: the accelerator, the core with each outlier path, a processing element."""

from svg import Picture


def accelerator():
    p = Picture(860, 424, "The accelerator: readers, buffers, core, accumulators, outputs, registers")
    for y, name in ((95, "weights"), (190, "activations"), (282, "outputs"), (356, "registers")):
        bus = "AXI4-Lite" if name == "registers" else "AXI4-Stream"
        p.box(8, y, 100, 46, f"{bus}\n{name}")
    p.frame(124, 6, 728, 410, "msq_top")
    p.box(140, 95, 104, 46, "FIFO,\nsplitter", "memory")
    p.box(300, 28, 104, 46, "tile reader")
    p.box(440, 28, 104, 46, "tile queue", "memory")
    p.box(580, 28, 104, 46, "launcher")
    p.box(300, 95, 104, 46, "row reader")
    p.box(140, 190, 104, 46, "reader")
    p.box(300, 190, 104, 46, "buffer of\ntwo passes", "memory")
    p.box(440, 190, 104, 46, "permuter,\nrow shifts")
    p.frame(570, 88, 272, 158, "msq_core")
    p.box(584, 112, 90, 34, "decoder")
    p.box(584, 197, 90, 34, "feeder")
    p.box(710, 112, 120, 34, "outlier path", "outlier")
    p.box(710, 168, 120, 63, "PE array,\nweights stay", "array")
    p.box(710, 282, 120, 46, "alignment,\naccumulators", "memory")
    p.box(510, 282, 150, 46, "output lanes:\nraw, FP32, MX-INT")
    p.box(300, 282, 104, 46, "output port")
    p.box(140, 356, 150, 46, "registers,\nqueue of jobs")
    p.text(310, 383, "settings, start, status, counters, errors, interrupt", "start", "quiet")

    p.arrow((108, 118), (140, 118))
    p.arrow((244, 118), (300, 118), label="codes", at=(270, 111))
    p.arrow((192, 95), (192, 51), (300, 51), label="sections", at=(240, 45))
    p.arrow((192, 141), (192, 164), (352, 164), (352, 141), label="outliers", at=(262, 159))
    p.arrow((404, 51), (440, 51))
    p.arrow((544, 51), (580, 51))
    p.arrow((650, 74), (650, 88), label="tokens", at=(658, 84), anchor="start")
    p.arrow((404, 118), (584, 118), label="weight rows", at=(480, 111))
    p.arrow((108, 213), (140, 213))
    p.arrow((244, 213), (300, 213))
    p.arrow((404, 213), (440, 213))
    p.arrow((544, 213), (584, 213))
    p.arrow((674, 213), (710, 213))
    p.arrow((674, 129), (710, 129))
    p.arrow((691, 129), (691, 185), (710, 185))
    p.arrow((770, 146), (770, 168))
    p.arrow((770, 231), (770, 282), label="partial sums", at=(762, 268), anchor="end")
    p.arrow((710, 305), (660, 305))
    p.arrow((510, 305), (404, 305), label="columns", at=(460, 298))
    p.arrow((300, 305), (108, 305))
    p.arrow((108, 372), (140, 372))
    p.arrow((140, 388), (108, 388))
    return p


def core_inline():
    p = Picture(
        820, 452, "The core with path inline: an outlier unit multiplies the joined halves of an outlier"
    )
    p.box(8, 88, 104, 46, "load port:\nweight rows")
    p.box(8, 268, 104, 46, "act port:\ntokens")
    p.box(150, 20, 130, 40, "msq_sequencer")
    p.box(344, 20, 140, 40, "msq_wavefront")
    p.box(150, 88, 118, 46, "msq_inline_\ndecoder", "outlier")
    p.box(150, 268, 130, 46, "msq_feeder:\nbands skewed")
    p.frame(312, 76, 500, 320, "msq_array: a msq_row for each band of tree_rows rows")
    for i, y in enumerate((104, 256)):
        p.frame(326, y, 472, 124, f"band {i}")
        for k in range(4):
            p.box(352, y + 26 + 23 * k, 92, 20, f"w x, row {k}", "array")
        p.box(492, y + 34, 124, 70, "msq_sum_tree:\nadd products,\nvalue, sum", "array")
        p.box(668, y + 34, 116, 70, "msq_outlier_\ngroup: units\nper block", "outlier")
        for k in range(4):
            p.line((444, y + 36 + 23 * k), (470, y + 36 + 23 * k))
        p.line((470, y + 36), (470, y + 105))
        p.arrow((470, y + 69), (492, y + 69))
        p.arrow((668, y + 69), (616, y + 69), label="value", at=(642, y + 62))
    p.arrow((554, 208), (554, 290), label="partial sums", at=(562, 252), anchor="start")
    p.box(500, 410, 108, 34, "msq_deskew")
    p.arrow((554, 360), (554, 410))
    p.arrow((608, 427), (690, 427), label="psum port", at=(698, 431), anchor="start")
    p.arrow((112, 104), (150, 104))
    p.line((130, 104), (130, 40))
    p.arrow((130, 40), (150, 40))
    p.arrow((280, 40), (344, 40), label="launch", at=(311, 34))
    p.arrow((395, 60), (395, 76))
    p.text(404, 71, "commit and mode travel down with the tokens", "start", "quiet")
    p.arrow((112, 291), (150, 291))
    p.arrow((280, 291), (326, 291))
    p.line((296, 291), (296, 190))
    p.arrow((296, 190), (326, 190))
    p.arrow((268, 102), (340, 102), (340, 138), (352, 138), label="codes", at=(291, 96))
    p.arrow((268, 122), (318, 122), (318, 240), (726, 240), (726, 208), label="outlier words", at=(420, 236))
    return p


def core_recon():
    p = Picture(820, 400, "The core with path recon: ReCoN merges the products of both halves of an outlier")
    p.box(8, 88, 104, 46, "load port:\nweight rows")
    p.box(8, 236, 104, 46, "act port:\ntokens")
    p.box(150, 16, 130, 40, "msq_sequencer")
    p.box(344, 16, 186, 40, "msq_wavefront_recon")
    p.box(150, 88, 118, 46, "msq_decoder")
    p.box(150, 236, 130, 46, "msq_feeder:\nskew, LEAD")
    p.frame(312, 82, 250, 254, "msq_array: msq_row x ROWS")
    for i, name in enumerate(("row 0", "row 1", "row 2", "row R - 1")):
        y = 110 + 56 * i
        p.box(326, y, 222, 38, f"{name}:  PE  PE  ..  PE", "array")
        p.line((548, y + 12), (574, y + 12))
        if i < 3:
            p.arrow((437, y + 38), (437, y + 56))
    p.frame(616, 82, 196, 254, "msq_recon_unit")
    p.box(630, 110, 168, 34, "settings memory", "memory")
    p.box(630, 160, 168, 34, "input register")
    p.box(630, 210, 168, 48, "msq_network: route,\nmsq_merge: join", "outlier")
    p.box(630, 274, 168, 34, "output register")
    p.arrow((714, 194), (714, 210))
    p.arrow((714, 258), (714, 274))
    p.arrow((798, 127), (805, 127), (805, 234), (798, 234))
    p.line((574, 122), (574, 290))
    p.arrow((574, 177), (630, 177), label="bus", at=(602, 171))
    p.arrow((630, 300), (548, 300), label="addends", at=(592, 316))
    p.box(383, 354, 108, 34, "msq_deskew")
    p.arrow((437, 316), (437, 354))
    p.arrow((491, 371), (590, 371), label="psum port", at=(598, 375), anchor="start")
    p.arrow((112, 104), (150, 104))
    p.line((130, 104), (130, 36))
    p.arrow((130, 36), (150, 36))
    p.arrow((280, 36), (344, 36), label="launch", at=(311, 30))
    p.arrow((437, 56), (437, 82), label="fire, commit", at=(444, 68), anchor="start")
    p.arrow((268, 120), (326, 120), label="codes", at=(291, 113))
    p.arrow((209, 88), (209, 73), (714, 73), (714, 110), label="settings", at=(640, 68))
    p.arrow((112, 259), (150, 259))
    p.arrow((280, 259), (312, 259))
    return p


def element():
    p = Picture(820, 300, "A processing element of paths inline and none: two Booth digits serve both modes")
    for left, mode in ((6, 4), (416, 2)):
        first, second = ("4 x", "x") if mode == 4 else ("x1", "x0")
        title = "mode 4: one 4-bit weight, w = 4 d1 + d0"
        if mode == 2:
            title = "mode 2: two 2-bit weights, d1 = w1, d0 = w0"
        p.frame(left, 6, 398, 288, title)
        p.text(left + 66, 56, "load", style="quiet")
        p.box(left + 10, 64, 112, 34, "shadow word")
        p.arrow((left + 66, 98), (left + 66, 130), label="commit", at=(left + 72, 119), anchor="start")
        p.box(left + 10, 130, 112, 34, "active word")
        p.box(left + 170, 64, 84, 44, "digit 1:\n-2 .. 2", "array")
        p.box(left + 170, 186, 84, 44, "digit 0:\n-2 .. 2", "array")
        p.line((left + 122, 147), (left + 142, 147))
        p.line((left + 142, 86), (left + 142, 208))
        p.arrow((left + 142, 86), (left + 170, 86))
        p.arrow((left + 142, 208), (left + 170, 208))
        p.arrow((left + 212, 44), (left + 212, 64), label=first, at=(left + 222, 50), anchor="start")
        p.arrow((left + 212, 250), (left + 212, 230), label=second, at=(left + 222, 247), anchor="start")
        p.box(left + 292, 130, 40, 34, "+", "array")
        p.arrow((left + 254, 86), (left + 312, 86), (left + 312, 130))
        p.arrow((left + 254, 208), (left + 312, 208), (left + 312, 164))
        p.arrow((left + 332, 147), (left + 382, 147), label="{p, s}", at=(left + 356, 140))
        result = "w x" if mode == 4 else "w1 x1 + w0 x0"
        p.text(left + 390, 278, f"product {result} = p + s", "end", "quiet")
    return p
