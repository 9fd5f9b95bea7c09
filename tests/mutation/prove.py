"""Proofs that a mutant computes the same as the original: nothing can kill it."""

import re
import subprocess
from dataclasses import dataclass, field

from targets import Machine


@dataclass(frozen=True)
class Proof:
    proven: bool
    by: str


@dataclass(frozen=True)
class Surroundings:
    """Assumptions about a leaf's inputs, and the outputs that count. Expressions of Verilog over
    in_PORT, gold_PORT, gate_PORT."""

    why: str
    # After a cycle in which this does not hold nothing is compared any more.
    legal: str = "1'b1"
    # Outputs that mean something only if this holds; it must be said in outputs that are compared.
    when: dict[str, str] = field(default_factory=dict)


LEAVES = {
    "msq_merge": Surroundings("no slot is pruned and an outlier: msq_list_decoder reports it", "ROLES"),
    "msq_merge_full": Surroundings("no slot is pruned and an outlier: msq_list_decoder reports it", "ROLES"),
    "msq_list_decoder": Surroundings(
        "settings of a list that is reported mean nothing, nor does r without outliers",
        when={
            "roles_o": "!gold_error_o",
            "swaps_o": "!gold_error_o",
            "shift_o": "!gold_error_o && in_has_outliers_i",
        },
    ),
    "msq_group_decoder": Surroundings(
        "settings of a list that is reported mean nothing, nor does r without outliers",
        when={
            "roles_o": "!gold_error_o",
            "swaps_o": "!gold_error_o",
            "shifts_o": "!gold_error_o && gold_flagged_o",
        },
    ),
    "msq_outlier_decoder": Surroundings(
        "what a list sets that is reported means nothing",
        legal="!(in_load_i && (gold_list_error_o || gold_unit_error_o))",
        when={
            "codes_o": "in_load_i && !gold_list_error_o",
            "write_o": "!gold_list_error_o && !gold_unit_error_o",
            "words_o": "in_load_i && !gold_list_error_o && !gold_unit_error_o",
        },
    ),
    "msq_align": Surroundings(
        "shifts of a weight -64..4, of a token at most 7",
        legal="$signed(in_weight_shift_i) >= -64 && $signed(in_weight_shift_i) <= 4 && in_token_right_i >= 4",
    ),
    "msq_output_lane": Surroundings(
        "an exponent is -400..400; log2 of zero means nothing",
        legal="$signed(in_exponent_i) >= -400 && $signed(in_exponent_i) <= 400",
        when={"log2_o": "!gold_zero_o"},
    ),
    "msq_sequencer": Surroundings(
        "after a header that is reported nothing is promised; "
        "what goes with a launch or a row means nothing without one",
        legal="!gold_error_o",
        when={
            "load_parity_o": "gold_load_row_o != 0",
            "launch_first_o": "gold_launch_o",
            "launch_mode4_o": "gold_launch_o",
            "launch_parity_o": "gold_launch_o",
            "launch_waited_o": "gold_launch_o",
        },
    ),
}

LEAVES["msq_row_reader"] = Surroundings(
    "after an error nothing is promised; a row means nothing before it is offered",
    legal="!gold_list_o",
    when={
        "load_has_outliers_o": "gold_load_valid_o",
        "load_shift_o": "gold_load_valid_o && gold_load_has_outliers_o != 0",
        "load_list_o": "gold_load_valid_o",
        "entry_ready_o": "in_entry_valid_i",
    },
)
LEAVES["msq_tile_reader"] = Surroundings(
    "after an error nothing is promised; what goes with a tile or a write means nothing without one",
    legal="!(gold_header_o || gold_mode_o || gold_scale_o) && (gold_load_tile_o || !in_load_next_i)",
    when={
        "ready_o": "in_valid_i",
        **{
            f"tile_{name}_o": "gold_tile_push_o"
            for name in (
                "tokens",
                "job_first",
                "first_k",
                "last_k",
                "more",
                "pair",
                "group_last",
                "block_first",
                "block_last",
                "pass_last",
                "job_last",
                "format",
                "mode4",
                "block_columns",
                "ordered",
                "shifted",
                "edge_slot",
            )
        },
        "tile_unit_o": "gold_tile_push_o || gold_reference_write_o",
        "tile_reference_slot_o": "gold_tile_push_o || gold_reference_write_o",
        "tile_scale_slot_o": "gold_tile_push_o || gold_scale_write_o || gold_factor_write_o",
        "section_word_o": "gold_reference_write_o || gold_scale_write_o || gold_factor_write_o",
        "section_data_o": "gold_reference_write_o || gold_scale_write_o || gold_factor_write_o",
        "load_mode4_o": "gold_load_tile_o",
        "load_interval_o": "gold_load_tile_o",
        "load_gap_o": "gold_load_tile_o",
    },
)
LEAVES["msq_core"] = Surroundings(
    "until an error is reported; partial sums mean nothing in a cycle without them",
    legal="gold_protocol_error_o == 0",
    when={"psum_o": "gold_psum_valid_o", "psum_last_o": "gold_psum_valid_o"},
)

# Registers are paired by name and proven by induction; designs without registers are one combinational miter.
SEQUENTIAL = (
    "equiv_make gold gate equiv\nhierarchy -top equiv\nopt_clean\nequiv_simple -undef -seq 3\n"
    "equiv_induct -undef -seq 5\nequiv_status -assert\n"
)
COMBINATIONAL = (
    "miter -equiv -flatten gold gate miter\nhierarchy -top miter\nopt -full\n"
    "sat -verify -prove trigger 0 miter\n"
)
MITER = (
    "miter -equiv -flatten -make_outputs gold gate miter\nhierarchy -top miter\nopt -full\n"
    "setundef -undriven -anyseq\nwrite_rtlil miter.il\n"
)


def script(prepared, module, mutation, method):
    def side(name, change):
        return (
            f'read_rtlil "{prepared}"\n{change}\nhierarchy -top {module}\nflatten\nmemory_map\nopt_clean\n'
            f"rename -top {name}\ndesign -stash {name}\n"
        )

    return (
        side("gold", "")
        + side("gate", mutation)
        + "design -copy-from gold -as gold gold\ndesign -copy-from gate -as gate gate\n"
        + method
    )


def yosys(work, text, limit):
    file = work / "prove.ys"
    file.write_text(text, encoding="utf-8")
    try:
        done = subprocess.run(
            ["yosys", "-q", "-s", file], cwd=work, capture_output=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def attempt(design, module, mutation, method, limit):
    code, log = yosys(design.work, script(design.work / "prepared.il", module, mutation, method), limit)
    if code is None:
        return "time limit"
    if code == 0:
        return "proven"
    (design.work / "prove.log").write_text(log, encoding="utf-8")
    return (
        "differs"
        if re.search(r"unproven \$equiv|Called with -verify and proof did fail", log)
        else "no result"
    )


def harness(text, surroundings):
    """The miter in its surroundings: reset first, and `bad` if an output that counts differs."""
    body = text[text.index("module \\miter") :]
    ports = re.findall(
        r"^  wire (?:width (\d+) )?(?:signed )?(input|output) \d+ (?:signed )?\\(\w+)$", body, re.M
    )
    inputs = [(int(w or 1), name) for w, way, name in ports if way == "input"]
    outputs = [(int(w or 1), name) for w, way, name in ports if way == "output" and name != "trigger"]
    legal = surroundings.legal
    if legal == "ROLES":
        width = next(w for w, name in inputs if name == "in_role_i")
        legal = " && ".join(f"!(&in_role_i[{i + 1}:{i}])" for i in range(0, width, 2))
    clock = any(name == "in_clk_i" for _, name in inputs)
    reset = any(name == "in_rst_ni" for _, name in inputs)
    differs = []
    for _, name in outputs:
        if name.startswith("gold_"):
            port = name.removeprefix("gold_")
            differs.append(f"(gold_{port} != gate_{port}) && ({surroundings.when.get(port, 1)})")
    declared = ", ".join(
        f"input wire [{w - 1}:0] {'reset_n' if name == 'in_rst_ni' else name}" for w, name in inputs
    )
    lines = [f"module proof({declared}, output wire bad);"]
    lines += [f"  wire [{w - 1}:0] {name};" for w, name in outputs]
    if clock:
        lines += ["  reg started = 1'b0, fine = 1'b1;", "  always @(posedge in_clk_i) started <= 1'b1;"]
        lines += [
            f"  wire legal = {legal};",
            "  always @(posedge in_clk_i) if (counts) fine <= fine && legal;",
        ]
        lines += [f"  wire counts = {'started' if reset else 1};"]
    else:
        lines += [f"  wire legal = {legal}, counts = 1'b1, fine = legal;"]
    if reset:
        lines.append("  wire in_rst_ni = reset_n & started;")
    connected = ", ".join(f".{name}({name})" for _, name in [*inputs, *outputs])
    lines += [f"  miter u_miter({connected});", f"  assign bad = counts && fine && ({' || '.join(differs)});"]
    return "\n".join([*lines, "endmodule", ""])


def reachability(design, module, mutation, surroundings, limit):
    """ABC searches all states that can be reached from reset (registers without one start at zero)."""
    work = design.work
    code, log = yosys(work, script(work / "prepared.il", module, mutation, MITER), limit)
    if code != 0:
        (work / "prove.log").write_text(log, encoding="utf-8")
        return "no result"
    (work / "proof.v").write_text(
        harness((work / "miter.il").read_text(encoding="utf-8"), surroundings), encoding="utf-8"
    )
    code, log = yosys(
        work,
        "read_rtlil miter.il\nread_verilog proof.v\nhierarchy -check -top proof\nproc\nflatten\n"
        "opt -full\nasync2sync\n"
        # -zinit alone would start such registers anywhere, those of the two sides apart.
        "dffunmap\nsetundef -undriven -anyseq\nsetundef -init -zero\nsetundef -zero\n"
        "techmap\nabc -g AND\nopt -fast\naigmap\n"
        "write_aiger -zinit proof.aig\n",
        limit,
    )
    if code != 0:
        (work / "prove.log").write_text(log, encoding="utf-8")
        return "no result"
    try:
        done = subprocess.run(
            ["berkeley-abc", "-c", f"read_aiger proof.aig; strash; scorr; dc2; scorr; pdr -T {limit}"],
            cwd=work,
            capture_output=True,
            text=True,
            timeout=1.5 * limit,
            check=False,
        ).stdout
    except subprocess.TimeoutExpired:
        return "time limit"
    (work / "pdr.log").write_text(done, encoding="utf-8")
    if re.search(r"Property proved|Networks are equivalent", done):
        return "proven"
    return "differs" if "was asserted in frame" in done else "no result"


def parents(design, module):
    """The modules that hold this one, from the inside out."""
    found = []
    inside = None
    holds = {}
    for line in (design.work / "prepared.il").read_text(encoding="utf-8").splitlines():
        word = line.split()
        if line.startswith("module "):
            inside = word[1]
        elif word[:1] == ["cell"]:
            holds.setdefault(word[1], set()).add(inside)
    level = {module}
    while level:
        level = {parent for inner in level for parent in holds.get(inner, ())} - set(found)
        found += sorted(level)
    return found


def leaf_of(module):
    return re.search(r"(msq_[a-z0-9_]+)", module).group(1)


def equivalent(design, result, limit):
    """Compares mutated module and original, for all inputs and states of the module; then what holds it."""
    mutation = re.sub(r"-ctrl \S+ \d+ \d+ ", "", result["line"])
    module = re.search(r"-module (\S+)", mutation).group(1)
    outcome = []
    for name, method in (("miter", COMBINATIONAL), ("induction", SEQUENTIAL)):
        said = attempt(design, module, mutation, method, limit)
        if said == "proven":
            return Proof(True, f"{name} of the module")
        outcome.append(f"{name}: {said}")
    # In a bench other parameters are around the leaf than in a design.
    outer = parents(design, module) if isinstance(design.target, Machine) else []
    for around in (module, *outer):
        name = leaf_of(around)
        surroundings = LEAVES.get(name, Surroundings(""))
        said = reachability(design, around, mutation, surroundings, limit)
        if said == "proven":
            return Proof(
                True, f"reachability of {name}" + (f"; {surroundings.why}" if surroundings.why else "")
            )
        outcome.append(f"reachability of {name}: {said}")
    return Proof(False, ", ".join(outcome))
