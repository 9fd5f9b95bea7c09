"""Mutants that no test can kill and no prover shows equivalent, each with the reason, for a reader to
check."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Equivalent:
    file: str
    was: str  # the line
    change: str  # [from->to] as in the record
    reason: str


GOLDEN = (
    Equivalent(
        "exec/tile.cpp",
        'require(rows > 0 && columns > 0 && columns % format.micro_block == 0, "make_tile: size");',
        "columns > [0->1]",
        "one column is no multiple of a micro-block either",
    ),
    Equivalent(
        "exec/accumulate.cpp",
        "constexpr int kTokenBlock = 32;",
        "[32->33]",
        "how many tokens are computed at a time; their sums do not meet",
    ),
    Equivalent(
        "exec/accumulate.cpp",
        "constexpr int kActivationMax = 127;",
        "[127->128]",
        "gemm() derives a width of at least the same bits, only to check that sums fit, which they do in the "
        "smaller one",
    ),
    Equivalent(
        "exec/rounding.hpp",
        "return value < 0 ? ~bits + 1U : bits;",
        "[0->1]",
        "of 0 both sides are 0",
    ),
    Equivalent(
        "exec/gemm.hpp",
        "std::int64_t column = 0;  ///< column n of the tile or tensor",
        "[0->1]",
        "a default that is never used: an AccOverflow is only made with all its members",
    ),
    Equivalent(
        "tensor.hpp",
        "int bits = 8;  ///< 8 or 4; values are +-127 or +-7 in either case stored as int8",
        "[8->7]",
        "a default that is never used: quantize_activations() sets the width it is given, readers the "
        "stored one",
    ),
    Equivalent(
        "exec/reference.hpp",
        "int exponent = 0;",
        "[0->1]",
        "of an element without a nonzero term: 0 times any power of two is 0; "
        "the first term sets both members",
    ),
    Equivalent(
        "exec/mapping.cpp",
        "counts[static_cast<std::size_t>(row)] == 0 ? 0 : bands.left_over(band, row) - left[band];",
        "[0->1]",
        "rows without outliers come last and cost every band the same; after them nobody reads what is left",
    ),
    Equivalent(
        "quantize/packing.hpp",
        "double paper = 0;",
        "[0->1]",
        "a default that is never used: effective_bits() sets both members",
    ),
    Equivalent(
        "quantize/routing.hpp",
        "const int done = (1 << (stage + 1)) - 1;",
        "[1->0]",
        "positions before each stage for those after it: before the first are the Lower "
        "and after the last the Upper ones, which differ anyway",
    ),
    Equivalent(
        "encoding/rules.hpp",
        "int factor = 1;",
        "[1->",
        "a default that is never used: whoever makes a BlockScale gives both members",
    ),
    Equivalent(
        "quantize/hessian.cpp",
        "constexpr Index kBlock = 128;  // columns that a blocked step works on at a time",
        "[128->",
        "how much is computed at a time; sums are formed in another order, which rounding of double "
        "alone sees",
    ),
    Equivalent(
        "quantize/micro_block.cpp",
        "if (outliers.size() > 1) try_outliers(outliers, gained, shift);",
        "[ > -> >= ]1",
        "an outlier alone has been tried before; it does not save more than itself",
    ),
)


@dataclass(frozen=True)
class EquivalentGate:
    target: str
    leaf: str
    # Place of the gate. In a leaf: rest of the source line from that place on; in a generated module:
    # file:line.column.
    src: str
    mode: str
    port: str
    reason: str


RTL: tuple[EquivalentGate, ...] = (
    EquivalentGate(
        "core-inline",
        "msq_outlier_group",
        "value | gated[i*WIDTH+:WIDTH];",
        "const0",
        "A[15]",
        "bit of lane 7 from unit 0 of field 0; lane_of_mode in msq_outlier_decoder gives field 0 the lanes "
        "0..3 or the even ones",
    ),
    EquivalentGate(
        "outlier_decoder",
        "msq_outlier_decoder",
        "lower_loc == p;",
        "cnot1",
        "A[1]",
        "compared with position 4; the bit turns only where bit 3 is set, and then no position is 4",
    ),
    EquivalentGate(
        "outlier_decoder",
        "msq_outlier_decoder",
        "|claims[ENTRIES-1:0];",
        "cnot1",
        "A[1]",
        "one bit of an OR turns where another one is set",
    ),
    EquivalentGate(
        "outlier_decoder",
        "msq_outlier_decoder",
        "first_i || any);",
        "const1",
        "B[0]",
        "bands of one row: every row is the first of its band, the other side of the OR",
    ),
    EquivalentGate(
        "core-full-range",
        "msq_row",
        "msq_row.v:77.9",
        "inv",
        "sum_i[23]",
        "the highest bit of a lane's sum is inverted in each of four rows, which add modulo 2^24: an even "
        "number of times",
    ),
    EquivalentGate(
        "top",
        "msq_tile_queue",
        "entries[launch_q[BITS-1:0]];",
        "const1",
        "DATA[16]",
        "bit 16 of the launcher's entry is for the collector, which reads its own",
    ),
    EquivalentGate(
        "top",
        "msq_weight_reader",
        " ID_ROWS[ID_BITS-1:0];",
        "cnot1",
        "A[0]",
        "an entry of 24 + 8 bits is one beat of 32: every part is the last one, and part_q stays 0",
    ),
    EquivalentGate(
        "top",
        "msq_weight_reader",
        "ow) begin",
        "cnot1",
        "B[27]",
        "a tile of eight rows with two fields has 16 identifier bits; what else the beat holds is dropped "
        "after the last row",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "(tile_k_q[6:0] & in_group) == in_group && !more;",
        "const1",
        "B[0]",
        "without repeated rows a header with this bit is reported, and nothing is promised after it",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "if (take_entries) entries_q <= data_i;",
        "const0",
        "A[11]",
        "a beat holds one entry, so that none is left after the codes of a row",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "entries_q >> (needed * ENTRY);",
        "inv",
        "A[20]",
        "a beat holds one entry, so that none is left after the codes of a row",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "if (take_entries) entries_q <= data_i;",
        "const1",
        "A[3]",
        "a beat holds one entry, so that none is left after the codes of a row",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "if (take_entries) entries_q <= data_i;",
        "cnot0",
        "A[2]",
        "a beat holds one entry, so that none is left after the codes of a row",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "shifted_q ? SHIFTS : ROW;",
        "const0",
        "A[0]",
        "without row shifts a header that says they follow is reported, and nothing is promised after it",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "blocks_i ? BLOCK[23:0] : tile_columns;",
        "const1",
        "B[2]",
        "a bit of a constant that is 1",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "beats == ROWS[BEAT_BITS:0];",
        "const1",
        "B[3]",
        "a bit of a constant that is 1",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "always @(posedge clk_i) begin",
        "cnot1",
        "Q[1]",
        "rows that the identifiers last for: other than 0 before each of the eight rows of a tile either way",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "id_rows_q - 1'b1;",
        "cnot0",
        "Y[3]",
        "rows that the identifiers last for: other than 0 before each of the eight rows of a tile either way",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "id_rows_q - 1'b1;",
        "const0",
        "Y[2]",
        "rows that the identifiers last for: other than 0 before each of the eight rows of a tile either way",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "if (end_tile) begin",
        "const0",
        "S[0]",
        "without repeated rows a header with this bit is reported, and nothing is promised after it",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "case (state_q)",
        "const1",
        "A[0]",
        "after the factors, which there are none of, or when all is read: then nothing is taken",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "data_i[15:13] != 3'd0;",
        "cnot1",
        "A[2]",
        "compared with 0: the bit turns only where another one is set",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "case (state_q)",
        "const0",
        "B[8]",
        "after references come scales, or the header was reported; SCALES has a 0 there",
    ),
    EquivalentGate(
        "reader",
        "msq_weight_reader",
        "",  # made by Yosys: the enable of tile_k_q
        "const1",
        "A[1]",
        "without repeated rows a header with this bit is reported, and nothing is promised after it",
    ),
    EquivalentGate(
        "top-align",
        "msq_weight_reader",
        "data_i[10] ? ORDERS : data_i[11] ? SHIFTS : ROW;",
        "const1",
        "B[0]",
        "a bit of a constant that is 1",
    ),
    EquivalentGate(
        "top-align",
        "msq_weight_reader",
        "always @(posedge clk_i) begin",
        "cnot1",
        "D[35]",
        "with one entry a beat only that of field 0 waits for another one; this is of field 1",
    ),
    EquivalentGate(
        "top-align",
        "msq_weight_reader",
        "always @(posedge clk_i) begin",
        "inv",
        "Q[1]",
        "identifiers of row 15; a tile of eight rows drops them",
    ),
    EquivalentGate(
        "top-align",
        "msq_weight_reader",
        "part_last ? {BEAT_BITS{1'b0}} : beat_q + 1'b1;",
        "const0",
        "Y[2]",
        "beats of the parts before the rows: four at most, so beat_q is 3 at most",
    ),
    EquivalentGate(
        "top-align",
        "msq_weight_reader",
        "if (take_entries) begin",
        "const0",
        "A[2]",
        "rows that the identifiers last for: other than 0 before each of the eight rows of a tile either way",
    ),
    EquivalentGate(
        "top-align",
        "msq_weight_reader",
        "entries_q >> (needed * ENTRY);",
        "cnot1",
        "Y[6]",
        "a beat holds one entry, so that none is left after the codes of a row",
    ),
    EquivalentGate(
        "top",
        "msq_weight_reader",
        "entries_q >> (needed * ENTRY);",
        "cnot0",
        "Y[11]",
        "a beat holds one entry, so that none is left after the codes of a row",
    ),
)


# Not equivalent: no simulation gets there, but a proof of tests/formal fails with this very fault, one of its
# bugs.
BY_PROOF: tuple[EquivalentGate, ...] = (
    EquivalentGate(
        "top",
        "msq_registers",
        "msq_registers.v:366.15",
        "cnot1",
        "A[28]",
        "Registers",
    ),
    EquivalentGate(
        "parts",
        "msq_recon_counters",
        "u_waits (",
        "cnot1",
        "sum_o[26]",
        "ReconCounters",
    ),
)


LEAVES = {path.name: path for path in (Path(__file__).resolve().parents[2] / "rtl").rglob("*.v")}


def is_at(place, src):
    """Whether the first place of the record's src, file:line.column-line.column, is `place` of an
    EquivalentGate."""
    found = re.search(r"(msq_\w+\.v):(\d+)\.(\d+)", src)
    if found is None or found[1] not in LEAVES:
        return place in src
    lines = LEAVES[found[1]].read_text(encoding="utf-8").splitlines()
    line, column = int(found[2]), int(found[3])
    return line <= len(lines) and lines[line - 1][column - 1 :] == place


def rtl_reason(result, table=RTL):
    for known in table:
        same = (known.target, known.leaf, known.mode, known.port) == tuple(
            result[name] for name in ("target", "leaf", "mode", "port")
        )
        if same and is_at(known.src, result["src"]):
            return known.reason
    return None


def reason(site):
    """Why nothing can kill this one, or None."""
    for known in GOLDEN:
        if (known.file, known.was) == (site["file"], site["was"]) and known.change in site["line"]:
            return known.reason
    return None
