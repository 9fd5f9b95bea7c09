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
    # Wire at the port, with its bit, where several gates have one place.
    wire: str = ""


RTL: tuple[EquivalentGate, ...] = (
    EquivalentGate(
        "tile_reader",
        "msq_tile_reader",
        "described_q ? description_q[0] : periodic;",
        "const1",
        "A[0]",
        "with a schedule a header without descriptions is reported, and no tile of its block is read",
    ),
    EquivalentGate(
        "tile_reader",
        "msq_tile_reader",
        "~(7'h7f << period_q);",
        "inv",
        "A[1]",
        "with a schedule every tile has a description, which says whether it has scales",
    ),
    EquivalentGate(
        "tile_reader",
        "msq_tile_reader",
        "(state_q == SHIFTS) ? shifts_last",
        "inv",
        "B[0]",
        "without row shifts a tile that has them is reported, and nothing of it is read",
    ),
    EquivalentGate(
        "tile_reader",
        "msq_tile_reader",
        "shifted ? SHIFTS : TILE;",
        "const1",
        "Y[0]",
        "without row shifts a tile that has them is reported, and nothing of it is read",
    ),
    EquivalentGate(
        "tile_reader",
        "msq_tile_reader",
        "always @(posedge clk_i) begin",
        "const1",
        "Q[4]",
        "with a schedule every word describes one tile: nothing reads the number of a tile",
    ),
    EquivalentGate(
        "tile_reader",
        "msq_tile_reader",
        "header_beats - HEADER_POPS;",
        "cnot1",
        "Y[11]",
        "255 tiles have less than 2^12 beats of sections, so that a block that names more is reported",
    ),
    EquivalentGate(
        "top-align",
        "msq_tile_reader",
        "(tile_q[6:0] & in_period) == 7'd0;",
        "inv",
        "A[1]",
        "with a schedule every tile has a description, which says whether it has scales",
    ),
    EquivalentGate(
        "top-align",
        "msq_tile_reader",
        "tile_q[6:0] & in_period) == 7'd0;",
        "const0",
        "B[0]",
        "with a schedule every tile has a description, which says whether it has scales",
    ),
    EquivalentGate(
        "top-align",
        "msq_tile_reader",
        "{1'b0, unit_q} + (wide ? {{UNIT_BITS{1'b0}}, 1'b1}",
        "const1",
        "Y[4]",
        "of 1 to 17 only 16 has zeros in the lower four bits, and only these are kept",
    ),
    EquivalentGate(
        "tile_reader",
        "msq_tile_reader",
        "tile_q + 8'd1;",
        "inv",
        "A[6]",
        "bits 6 and 7 of a tile's number in its block are for the period of scales; with a schedule every "
        "tile has a description",
    ),
    EquivalentGate(
        "tile_reader",
        "msq_tile_reader",
        "!first_k && pairs_q != column_pairs_q)",
        "const0",
        "B[0]",
        "with one place of K a header with pairs is reported: pairs_q is 0 in every tile",
    ),
    EquivalentGate(
        "row_reader",
        "msq_row_reader",
        "(mine ^ row_q) & row_mask) == {AT_BITS{1'b0}};",
        "const0",
        "A[13]",
        "entries that wait are at most 4 * 255 + 3 fields after the first field of the row, so the highest "
        "of 14 bits differs only if a lower one does",
    ),
    EquivalentGate(
        "core-recon",
        "msq_network",
        "msq_network.v:59.41",
        "cnot0",
        "a_i[10]",
        "the merge of an odd lane takes the lower nine bits, and the last stage exchanges odd lanes with odd "
        "ones",
    ),
    EquivalentGate(
        "core-recon",
        "msq_ram_1r1w",
        "always @(posedge clk_i) begin",
        "cnot1",
        "D[19]",
        "bit 33, the swap of the last odd switch in the last stage, is 0 in every setting: mode 2 does not "
        "reach this stage, mode 4 uses even lanes alone",
    ),
    EquivalentGate(
        "core-inline",
        "msq_core",
        "msq_core.v:110.5",
        "const0",
        "launch_parity_o[0]",
        "only ReCoN needs the parity of tiles",
    ),
    EquivalentGate(
        "core-inline",
        "msq_core",
        "msq_core.v:110.5",
        "const1",
        "launch_waited_o[0]",
        "only ReCoN counts the tokens that waited",
    ),
    EquivalentGate(
        "core-inline",
        "msq_outlier_decoder",
        "in_use[(r+1)*COUNTS+n+v] | (prior[v] & total[n]);",
        "const0",
        "A[0]",
        "two units taken before a row without outliers: that row is the second one of its band, and bands "
        "have two rows, so no row looks at it",
    ),
    EquivalentGate(
        "core-full-range",
        "msq_recon_unit",
        "msq_recon_unit.v:104.55",
        "cnot1",
        "read_data_o[7]",
        "bit 33, the swap of the last odd switch in the last stage, is 0 in every setting: mode 2 does not "
        "reach this stage, mode 4 uses even lanes alone",
    ),
    EquivalentGate(
        "core-none",
        "msq_core",
        "msq_core.v:81.74",
        "const1",
        "next_row_o[1]",
        "only path inline needs the row that the next load writes",
    ),
    EquivalentGate(
        "core-none",
        "msq_sequencer",
        "if (start) parity_q <= !parity_q;",
        "const0",
        "A[0]",
        "only ReCoN needs the parity of tiles",
    ),
    EquivalentGate(
        "top",
        "msq_job",
        "(15'd1 << log2_block_i) - 15'd1;",
        "const0",
        "Y[9]",
        "log2 of a block is 7 at most, so that bits 7 and up are 0; a larger one is refused",
    ),
    EquivalentGate(
        "top",
        "msq_drain",
        "kind == SCALE && wait_q != WAIT[1:0];",
        "const0",
        "Y[0]",
        "with two lanes WAIT is 0, and wait_q, which only counts up to it, stays 0",
    ),
    EquivalentGate(
        "layout",
        "msq_output_layout",
        "fresh ? {(WORD_BYTES * 8) {1'b0}} : data_q) | lane_data;",
        "inv",
        "A[84]",
        "a piece is a word of the memory, so every one begins a word",
    ),
    EquivalentGate(
        "layout",
        "msq_output_layout",
        "state_q == VALUES && beats_q == 8'd0;  // no beat has the piece",
        "const0",
        "Y[0]",
        "beats of 128 bytes: a run is one beat, which has all its pieces",
    ),
    EquivalentGate(
        "shell",
        "msq_fetch",
        "tokens != 32'd0",
        "cnot1",
        "A[14]",
        "flipped if another bit of the number is 1: only of 0 all bits are 0",
    ),
    EquivalentGate(
        "shell",
        "msq_finish",
        "case (state_q)",
        "const1",
        "S[1]",
        "the branch of IDLE clears the error or keeps it, and that of FINISH comes first: an error ends the "
        "list, so that in all other states it is 0",
    ),
    EquivalentGate(
        "shell",
        "msq_lite_manager",
        "if (access_i[i]) begin",
        "cnot0",
        "B[1]",
        "registers of the accelerator ignore the two lowest bits of an address",
        wire="address_i[17]",
    ),
    EquivalentGate(
        "shell",
        "msq_output_layout",
        "if (state_q == VALUES && beat_done) beats_q <= beats_q - 8'd1;",
        "const1",
        "Y[5]",
        "a beat has two words of activations: every piece has its beat, and the last beat of a run ends with "
        "the last piece, which ends the run",
    ),
)


# Not equivalent: no simulation gets there, but a proof of tests/formal fails with this very fault, one of its
# bugs.
BY_PROOF: tuple[EquivalentGate, ...] = (
    EquivalentGate(
        "shell",
        "msq_mem_writer",
        "count_q == MOST || close_i || (valid_i && !continues));",
        "inv",
        "B[3]",
        "MemWriter: a full burst would wait for the word behind it",
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


def wire_of(line):
    """Wire at the mutated port and its bit, as in a record's line."""
    found = re.search(r" -wire (\S+) -wirebit (\d+)", line)
    return "" if found is None else f"{found[1]}[{found[2]}]"


def rtl_reason(result, table=RTL):
    for known in table:
        if known.wire not in ("", wire_of(result["line"])):
            continue
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
