"""Which bits of a design are constant, by Yosys: what cannot toggle is proven, not listed by hand.

Yosys flattens the design, propagates constants, and finds registers that never change (by SAT). A signal of
the source keeps its name and its place; it counts as constant if it is so in every instance of which
Verilator counts toggles."""

import hashlib
import json
import pathlib
import pickle
import subprocess
import tempfile

SCRIPT = "proc; flatten; opt_expr; opt -fine; opt_dff -sat; opt -fine"
# Verilator counts no toggles of a wider signal (--coverage-max-width): bits of such an instance say nothing
# about those that are counted.
WIDEST = 256


def constant_bits(sources, top, cache, defines=()):
    """{(file, line, signal): (lowest index, [constant in all instances?, by bit])}. `cache`: a directory of
    earlier results."""
    read = " ".join(["read_verilog", *(f"-D{name}" for name in defines)])
    digest = hashlib.sha256(f"{top} {read} {SCRIPT}".encode() + pathlib.Path(__file__).read_bytes())
    for source in sources:
        digest.update(f"{source}\n".encode() + pathlib.Path(source).read_bytes())
    kept = pathlib.Path(cache, f"{top}-{digest.hexdigest()[:16]}.pickle")
    if kept.exists():
        return pickle.loads(kept.read_bytes())
    with tempfile.TemporaryDirectory() as directory:
        netlist = pathlib.Path(directory, "flat.json")
        files = " ".join(str(source) for source in sources)
        commands = f"{read} {files}; hierarchy -top {top}; {SCRIPT}; write_json {netlist}"
        subprocess.run(["yosys", "-q", "-p", commands], check=True)
        module = json.loads(netlist.read_text(encoding="utf-8"))["modules"][top]
    found = {}
    for name, net in module["netnames"].items():
        if net["hide_name"] or len(net["bits"]) > WIDEST:
            continue
        signal = net["attributes"].get("hdlname", name).split(" ")[-1].split(".")[-1]
        constant = [isinstance(bit, str) for bit in net["bits"]]
        # Its own place, and those of the instances it is in.
        for place in net["attributes"].get("src", "").split("|"):
            file, _, position = place.rpartition(":")
            key = (pathlib.Path(file).name, int(position.split(".")[0]), signal)
            _, before = found.get(key, (0, []))
            both = [a and b for a, b in zip(before, constant, strict=False)]
            found[key] = (net.get("offset", 0), both + before[len(both) :] + constant[len(both) :])
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(pickle.dumps(found))
    return found


def is_constant(found, file, line, name):
    """Of a toggle point, whose name is "signal" or "signal[bit]"."""
    signal, _, index = name.rstrip("]").partition("[")
    if (file, line, signal) not in found:
        return False
    offset, bits = found[(file, line, signal)]
    bit = int(index or 0) - offset
    return 0 <= bit < len(bits) and bits[bit]
