"""Proofs by Yosys that a mutant computes the same as the original: nothing can kill it."""

import re
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Proof:
    proven: bool
    by: str


# Registers are paired by name and proven by induction; what has none is one combinational miter.
SEQUENTIAL = (
    "equiv_make gold gate equiv\nhierarchy -top equiv\nopt_clean\nequiv_simple -undef -seq 3\n"
    "equiv_induct -undef -seq 5\nequiv_status -assert\n"
)
# Inputs that never come, because another leaf makes them: {leaf: (port, what comes)}.
LEGAL = {
    # No slot is pruned and an outlier at once: msq_list_decoder reports a position named twice.
    "msq_merge": ("role_i", (0, 1, 2)),
    "msq_merge_full": ("role_i", (0, 1, 2)),
}
COMBINATIONAL = (
    "miter -equiv -flatten gold gate miter\nhierarchy -top miter\nopt -full\nsat -verify -prove trigger 0 {} miter\n"
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


def attempt(design, module, mutation, method, limit):
    file = design.work / "prove.ys"
    file.write_text(script(design.work / "prepared.il", module, mutation, method), encoding="utf-8")
    try:
        done = subprocess.run(
            ["yosys", "-q", "-s", file], cwd=design.work, capture_output=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return "time limit"
    if done.returncode == 0:
        return "proven"
    log = (done.stdout + done.stderr).decode("utf-8", "replace")
    (design.work / "prove.log").write_text(log, encoding="utf-8")
    return "differs" if re.search(r"unproven \$equiv|Called with -verify and proof did fail", log) else "no result"


def equivalent(design, result, limit=120):
    """Compares the mutated module with the original one, for all inputs and states of the module."""
    mutation = re.sub(r"-ctrl \S+ \d+ \d+ ", "", result["line"])
    module = re.search(r"-module (\S+)", mutation).group(1)
    outcome = []
    if result["leaf"] in LEGAL:
        port, values = LEGAL[result["leaf"]]
        methods = [COMBINATIONAL.format(f"-set in_{port} {value}") for value in values]
        if all(attempt(design, module, mutation, method, limit) == "proven" for method in methods):
            return Proof(True, f"miter of the module, {port} one of {', '.join(map(str, values))}")
    for name, method in (("miter", COMBINATIONAL.format("")), ("induction", SEQUENTIAL)):
        said = attempt(design, module, mutation, method, limit)
        if said == "proven":
            return Proof(True, f"{name} of the module")
        outcome.append(f"{name}: {said}")
    return Proof(False, ", ".join(outcome))
