"""Proves properties of the hand-written leaves with yosys-smtbmc and z3: see docs/verification-formal.md.

usage: prove.py --emit PROGRAM [--rtl DIR] [--keep DIR] [NAME]...    (no NAME: all proofs)

A proof is a wrapper in this directory, which instantiates untouched leaves and asserts. For each of its variants (values of
parameters) four things must happen:
  bounded    no assertion fails in `depth` cycles from the start; without registers (depth 1) this is the whole truth
  induction  if every assertion holds for `induction` cycles it holds in the next one, so it always holds
  cover      every cover statement is reached: what is assumed leaves the interesting cases possible
  bugs       each injected bug, a replaced piece of text in a copy of a leaf, makes an assertion fail in the bounded check
"""

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass
class Bug:
    leaf: str
    old: str
    new: str
    variant: int = 0  # in which it shows


@dataclass
class Proof:
    wrapper: str
    leaves: list
    depth: int
    bugs: list
    induction: int = 0  # 0: bounded only
    variants: list = field(default_factory=lambda: [{}])  # macros that the wrapper takes as parameters
    probes: dict = field(default_factory=dict)  # wire of the wrapper -> register inside the leaf, for invariants
    cover_depth: int = 0  # where reaching everything takes longer than depth

    @property
    def combinational(self):
        return self.depth == 1


PROOFS = {
    "PeMultiply": Proof(
        "pe_multiply",
        ["msq_pe_multiply"],
        depth=7,
        induction=3,
        variants=[
            {"ACT_BITS": 8, "MODE2": 1, "MODE4": 1},
            {"ACT_BITS": 8, "MODE2": 1, "MODE4": 0},
            {"ACT_BITS": 8, "MODE2": 0, "MODE4": 1},
            {"ACT_BITS": 4, "MODE2": 1, "MODE4": 1},
            {"ACT_BITS": 11, "MODE2": 1, "MODE4": 1},
        ],
        probes={"dut_shadow": "u_dut.shadow_q", "dut_active": "u_dut.active_q"},
        bugs=[
            Bug("msq_pe_multiply", "x_i[ACT_BITS-1], x_i, 2'b00", "1'b0, x_i, 2'b00"),
            Bug("msq_pe_multiply", "wire s1 = active_q[3] & live", "wire s1 = active_q[3] & live & active_q[2]"),
        ],
    ),
    "SumLanes": Proof(
        "sum_lane",
        ["msq_sum_lane", "msq_sum_lane_recon"],
        depth=6,
        induction=2,
        variants=[
            {"SUM_BITS": 23, "P_BITS": 11, "ADDEND_BITS": 20},
            {"SUM_BITS": 23, "P_BITS": 8, "ADDEND_BITS": 18},
            {"SUM_BITS": 13, "P_BITS": 11, "ADDEND_BITS": 13},
            {"SUM_BITS": 31, "P_BITS": 18, "ADDEND_BITS": 20},
        ],
        bugs=[
            Bug("msq_sum_lane_recon", "wire carry = s & ~use_addend_i", "wire carry = s"),
            Bug("msq_sum_lane", "{p, product_i[0]}", "{p, 1'b0}"),
        ],
    ),
    "Pe": Proof(
        "pe",
        ["msq_pe", "msq_pe_multiply", "msq_sum_lane", "msq_pe_recon", "msq_sum_lane_recon"],
        depth=8,
        induction=4,
        variants=[
            {"KIND": 0, "ACT_BITS": 8, "MODE2": 1, "MODE4": 1, "SUM_BITS": 21},
            {"KIND": 0, "ACT_BITS": 8, "MODE2": 0, "MODE4": 1, "SUM_BITS": 18},
            {"KIND": 0, "ACT_BITS": 8, "MODE2": 1, "MODE4": 0, "SUM_BITS": 18},
        ],
        probes={"dut_shadow": "gen_plain.u_dut.u_multiply.shadow_q", "dut_active": "gen_plain.u_dut.u_multiply.active_q"},
        bugs=[Bug("msq_pe", "sum_i[2*SUM_BITS-1:SUM_BITS]", "sum_i[SUM_BITS-1:0]")],
    ),
    "PeRecon": Proof(
        "pe",
        ["msq_pe", "msq_pe_multiply", "msq_sum_lane", "msq_pe_recon", "msq_sum_lane_recon"],
        depth=8,
        induction=4,
        variants=[
            {"KIND": 1, "ACT_BITS": 8, "MODE2": 1, "MODE4": 1, "SUM_BITS": 23},
            {"KIND": 1, "ACT_BITS": 8, "MODE2": 0, "MODE4": 1, "SUM_BITS": 23},
            {"KIND": 1, "ACT_BITS": 8, "MODE2": 1, "MODE4": 0, "SUM_BITS": 21},
        ],
        probes={"dut_shadow": "gen_recon.u_dut.u_multiply.shadow_q", "dut_active": "gen_recon.u_dut.u_multiply.active_q"},
        bugs=[Bug("msq_pe_recon", "addend_i[ADDEND_BITS-1-:ADDEND1_BITS]", "addend_i[ADDEND1_BITS-1:0]")],
    ),
    "Switch": Proof(
        "switch",
        ["msq_switch"],
        depth=1,
        bugs=[Bug("msq_switch", "b_o = swap_i ? a_i : b_i", "b_o = swap_i ? b_i : b_i")],
    ),
    "Network": Proof(
        "network",
        ["msq_network_b8_mode4", "msq_switch", "msq_list_decoder"],
        depth=1,
        variants=[{"PART": 0}, {"PART": 1}],
        bugs=[
            Bug("msq_network_b8_mode4", "swaps_i[2*a + b + 4]", "swaps_i[2*b + a + 4]"),
            Bug("msq_switch", "b_o = swap_i ? a_i : b_i", "b_o = b_i"),
        ],
    ),
    "Merge": Proof(
        "merge",
        ["msq_merge"],
        depth=1,
        variants=[
            {"ACT_BITS": act, "MODE2": mode2, "MODE4": mode4, "SHIFT_MAX": most, "SHIFT_BITS": bits, "WHOLE": whole}
            for act, mode2, mode4, most, bits in ((8, 1, 1, 7, 3), (8, 1, 0, 7, 3), (8, 0, 1, 15, 4), (4, 1, 1, 5, 3))
            for whole in (0, 1)
        ],
        bugs=[
            Bug("msq_merge", "wire [ACT_BITS-1:0] x = x_i ^ {ACT_BITS{s}}", "wire [ACT_BITS-1:0] x = x_i"),
            Bug("msq_merge", "s & keep & outlier, keep &", "1'b0, keep &"),
            Bug("msq_merge", "{x[ACT_BITS-1], x, {4{s}}}", "{x[ACT_BITS-1], x, 4'b0000}"),
        ],
    ),
    "ListDecoder": Proof(
        "list_decoder",
        ["msq_list_decoder"],
        depth=1,
        variants=[
            {"MICRO_BLOCK": 8, "SHIFT_MAX": 7, "SHIFT_BITS": 3},
            {"MICRO_BLOCK": 4, "SHIFT_MAX": 7, "SHIFT_BITS": 3},
            {"MICRO_BLOCK": 4, "SHIFT_MAX": 0, "SHIFT_BITS": 1},
        ],
        bugs=[
            Bug("msq_list_decoder", "(|(here & wants)) && (|(here & ~wants))", "&(here & wants)"),
            Bug("msq_list_decoder", "(i < b) ? upper_loc[i]", "(i <= b) ? upper_loc[i]"),
            Bug("msq_list_decoder", "mx_scale_i > SHIFT_MAX[7:0]", "mx_scale_i >= SHIFT_MAX[7:0]"),
        ],
    ),
    "Align": Proof(
        "align",
        ["msq_align"],
        depth=1,
        variants=[{"SUM_BITS": 23}, {"SUM_BITS": 14}],
        bugs=[
            Bug("msq_align", "shifted[0] & (sticky | shifted[1])", "shifted[0]"),
            Bug("msq_align", "sticky | (|(", "(|("),
        ],
    ),
    "StreamFifo": Proof(
        "stream_fifo",
        ["msq_stream_fifo", "msq_ram_1r1w"],
        depth=12,
        variants=[{"DEPTH": 4}, {"DEPTH": 2}],
        probes={"dut_write": "u_dut.write_q", "dut_read": "u_dut.read_q"},
        bugs=[
            Bug("msq_stream_fifo", "valid_q <= read_d != write_q", "valid_q <= (read_d != write_q) || push"),
            Bug("msq_stream_fifo", ".read_address_i(read_d[BITS-1:0])", ".read_address_i(read_q[BITS-1:0])"),
        ],
    ),
    "Axil": Proof(
        "axil",
        ["msq_axil"],
        depth=8,
        induction=3,
        bugs=[
            Bug("msq_axil", "awvalid_i && wvalid_i && (!bvalid_q || bready_i)", "awvalid_i && wvalid_i"),
            Bug("msq_axil", "arvalid_i && (!rvalid_q || rready_i)", "arvalid_i"),
        ],
    ),
    "OutputPort": Proof(
        "output_port",
        ["msq_output_port"],
        depth=9,
        cover_depth=14,
        induction=3,
        variants=[{"LANES": 1}, {"LANES": 2}],
        probes={"dut_part": "u_dut.part_q", "dut_close": "u_dut.close_q", "dut_data": "u_dut.data_q"},
        bugs=[
            Bug("msq_output_port", "group_ready_o = room && (!raw || part_last)", "group_ready_o = room"),
            Bug("msq_output_port", "if (room && close_q) begin", "if (close_q) begin"),
            Bug("msq_output_port", "(part_q == 3'd0) ? {(LANES * 32) {1'b0}} : data_q", "data_q"),
        ],
    ),
    "OutputLane": Proof(
        "output_lane",
        ["msq_output_lane"],
        depth=7,
        variants=[{"ACC_BITS": 28, "FORMAT": f} for f in (1, 2, 3)],
        bugs=[
            Bug("msq_output_lane", "shifted[0] & (sticky | shifted[1])", "shifted[0] & (|dropped | shifted[1])"),
            Bug("msq_output_lane", "log2_wide + 11'sd150", "log2_wide + 11'sd149"),
            Bug("msq_output_lane", "|normal_q[REST-1:0] | (", "("),
        ],
    ),
    "Sequencer": Proof(
        "sequencer",
        ["msq_sequencer", "msq_wavefront_recon"],
        depth=18,
        variants=[{"ROWS": 4}],
        bugs=[
            Bug("msq_sequencer", "phase_q + 8'd1 >= interval", "phase_q >= interval"),
            Bug("msq_sequencer", "since_q >= next_gap_q", "since_q + 8'd1 >= next_gap_q"),
            Bug("msq_sequencer", "!loaded_q && !(|(next_row_q & full_q))", "!loaded_q"),
            Bug("msq_wavefront_recon", "assign commit_o      = (fire_o &", "assign commit_o      = (early_valid &"),
        ],
    ),
}


class Failed(Exception):
    pass


def run(command, log):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    log.write_text(done.stdout + done.stderr)
    return done


class Run:
    def __init__(self, proof, options, directory):
        self.proof, self.options, self.directory = proof, options, directory
        self.count = 0

    def model(self, variant, replaced=None):
        """SMT-LIB text of the wrapper with one leaf replaced, or none."""
        proof = self.proof
        self.count += 1
        target = self.directory / f"model{self.count}.smt2"
        sources = [HERE / f"{proof.wrapper}.v"]
        for leaf in proof.leaves:
            sources.append(self.directory / f"{leaf}.bug.v" if leaf == replaced else self.source(leaf))
        macros = "".join(f" -D{k}={v}" for k, v in {"FORMAL": 1, **variant}.items())
        script = [f"read_verilog -formal -sv{macros} {' '.join(str(s) for s in sources)}"]
        script += [f"hierarchy -check -top formal_{proof.wrapper}", "proc", "flatten"]
        script += [f"connect -set {wire} {inner}" for wire, inner in proof.probes.items()]
        script += ["check -assert", "opt -keepdc -noff", "memory_dff", "memory_collect", "memory_map", "opt -keepdc -noff"]
        script += ["dffunmap", f"write_smt2 -wires {target}"]
        self.yosys(script, target.with_suffix(".log"))
        if "yosys-smt2-assert" not in target.read_text():
            raise Failed("the model has no assertion")
        return target

    def yosys(self, script, log):
        done = run(["yosys", "-q", "-p", "; ".join(script)], log)
        if done.returncode or "Warning" in done.stdout + done.stderr:
            raise Failed(f"yosys: {done.stdout}{done.stderr}")

    def source(self, leaf):
        leaves = Path(self.options.rtl) / f"{leaf}.v"
        if leaves.exists():
            return leaves
        if not self.options.emit:
            raise Failed(f"{leaf} is a generated module: say --emit PROGRAM")
        generated = self.directory / "generated"
        if not generated.exists():
            done = run([self.options.emit, generated], self.directory / "emit.log")
            if done.returncode:
                raise Failed(f"{self.options.emit}: {done.stderr}")
        return generated / f"{leaf}.v"

    def check(self, model, *arguments):
        """Whether yosys-smtbmc passed; anything but a clear pass or a failed assertion is an error.

        Without --unroll z3 gets functions nested as deep as the logic, and takes minutes for what takes it a second.
        """
        done = run(["yosys-smtbmc", "--noprogress", "--unroll", "-s", "z3", *arguments, model], model.with_suffix(f".{arguments[0]}.log"))
        if done.returncode == 0 and "Status: PASSED" in done.stdout:
            return True
        if "Assert failed" in done.stdout or "Unreached cover" in done.stdout:
            return False
        raise Failed(f"yosys-smtbmc {' '.join(arguments)}: {done.stdout}{done.stderr}")

    def variant(self, variant):
        proof = self.proof
        model = self.model(variant)
        if not self.check(model, "-t", str(proof.depth)):
            raise Failed(f"bounded check of {variant} failed:\n{model.with_suffix('.-t.log').read_text()}")
        if proof.induction and not self.check(model, "-i", "-t", str(proof.induction)):
            raise Failed(f"induction of {variant} failed:\n{model.with_suffix('.-i.log').read_text()}")
        if not self.check(model, "-c", "-t", str(proof.cover_depth or proof.depth)):
            raise Failed(f"cover of {variant}: not reached:\n{model.with_suffix('.-c.log').read_text()}")

    def bug(self, bug):
        text = self.source(bug.leaf).read_text()
        if text.count(bug.old) != 1:
            raise Failed(f"{bug.leaf} has {text.count(bug.old)} times the text to replace: {bug.old}")
        (self.directory / f"{bug.leaf}.bug.v").write_text(text.replace(bug.old, bug.new))
        model = self.model(self.proof.variants[bug.variant], bug.leaf)
        if self.check(model, "-t", str(self.proof.depth)):
            raise Failed(f"the injected bug '{bug.old}' -> '{bug.new}' in {bug.leaf} was not caught")


def prove(name, options, directory):
    directory.mkdir(parents=True, exist_ok=True)
    proof = PROOFS[name]
    start = time.monotonic()
    job = Run(proof, options, directory)
    for variant in proof.variants:
        job.variant(variant)
    for bug in proof.bugs:
        job.bug(bug)
    return time.monotonic() - start


def method(proof):
    if proof.combinational:
        return "complete"
    return f"depth {proof.depth}" + (f", induction {proof.induction}" if proof.induction else "")


def main():
    parser = argparse.ArgumentParser(description="Formal proofs of the leaves")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rtl", default=HERE.parents[1] / "rtl")
    parser.add_argument("--emit", help="emit_recon_lanes, which writes the generated modules that a proof needs")
    parser.add_argument("--keep", help="directory for models and logs")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in PROOFS]
    if unknown:
        parser.error(f"no proof is called {unknown[0]}; there are {', '.join(PROOFS)}")
    failures = 0
    with tempfile.TemporaryDirectory() as temporary:
        for name in options.names or PROOFS:
            directory = Path(options.keep or temporary) / name
            try:
                seconds = prove(name, options, directory)
                proof = PROOFS[name]
                bugs = f"{len(proof.bugs)} injected bug{'s' * (len(proof.bugs) != 1)} caught"
                print(f"{name}: proved, {len(proof.variants)} variants, {method(proof)}; {bugs}; {seconds:.1f} s")
            except Failed as error:
                print(f"{name}: {error}")
                failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
