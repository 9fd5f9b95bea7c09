"""Scenarios for the ports of an accelerator: each function adds sections to a script."""

import itertools

from packer import DESCRIPTION, HEADER, HEADER_BITS, beats_of, bits_of, mask_of
from script import NOTHING, Closed, Exactly, Prefix

IDLE = {"busy": 0, "queued": 0}


def bring_up(s):
    """Reset, then every register as the page has it."""
    s.op("RESET", 3)
    all_registers(s)
    s.op("IRQ", 0, 0)
    s.mark(NOTHING)


def all_registers(s):
    r = s.registers
    for name in r.offset:
        s.read(name, r.reset(name))
    s.read("config_hash", s.array.hash & 0xFFFFFFFF)


def settings(registers):
    """Names of the registers that are written and read back."""
    return [name for name in registers.offset if registers.mask(name, ("read, write",)) and name != "control"]


class Model:
    """Register file of the settings."""

    def __init__(self, registers):
        self.registers = registers
        self.values = {name: registers.reset(name) for name in settings(registers)}

    def write(self, name, value, strobes):
        bytes_ = sum(0xFF << 8 * i for i in range(4) if strobes >> i & 1)
        mask = bytes_ & self.registers.mask(name, ("read, write",))
        self.values[name] = (self.values[name] & ~mask) | (value & mask)


def accesses(s, count):
    """Random accesses to settings, constants and unmapped words, at unaligned addresses, in every order of
    AW and W, with every strobe, bready and rready late."""
    model, r = Model(s.registers), s.registers
    names = list(model.values)
    mapped = set(r.offset.values())
    unmapped = [address for address in range(0, 256, 4) if address not in mapped]
    read_only = [n for n in r.offset if n not in names and n != "control"]
    orders = itertools.cycle([(a, w) for a in range(6) for w in range(6) if 0 in (a, w)])
    for number in range(count):
        aw, w = next(orders)
        strobes, late = number % 16, int(s.rng.integers(0, 6))
        value = int(s.rng.integers(0, 1 << 32))
        name = names[int(s.rng.integers(0, len(names)))]
        kind = s.rng.random()
        if kind < 0.7:
            s.write(r.offset[name] + int(s.rng.integers(0, 4)), value, strobes, aw, w, late)
            model.write(name, value, strobes)
        elif kind < 0.85:
            s.write(unmapped[int(s.rng.integers(0, len(unmapped)))], value, strobes, aw, w, late)
        else:
            s.write(read_only[int(s.rng.integers(0, len(read_only)))], value, strobes, aw, w, late)
        other = names[int(s.rng.integers(0, len(names)))]
        s.read(r.offset[other] + int(s.rng.integers(0, 4)), model.values[other])
        if kind > 0.85:
            s.read("id", 0x4D535131)
            s.read(unmapped[int(s.rng.integers(0, len(unmapped)))], 0)
    read_write_together(s, model, count // 4)
    writes_in_a_row(s, model, count // 8)
    s.read_status(**IDLE, error=0, done=0, interrupt=0)
    s.op("RESET", 1)
    all_registers(s)
    s.mark(NOTHING)


def read_write_together(s, model, count):
    """A write and a read at once, of different registers, each channel with its own delay."""
    names, r = list(model.values), s.registers
    for _ in range(count):
        target, other = (names[int(i)] for i in s.rng.permutation(len(names))[:2])
        value = int(s.rng.integers(0, 1 << 32))
        aw, w, b, ar, late = (int(d) for d in s.rng.integers(0, 6, size=5))
        expected = r.offset[other], 0xFFFFFFFF, model.values[other]
        s.op("BOTH", r.offset[target], value, aw | w << 4 | b << 8, *expected, ar | late << 4)
        model.write(target, value, 15)
        s.read(target, model.values[target])


def writes_in_a_row(s, model, count):
    """A second write while the response of the first one waits."""
    names, r = list(model.values), s.registers
    for _ in range(count):
        late = int(s.rng.integers(4, 12))
        for op in ("POST", "WRITE"):
            name, value = names[int(s.rng.integers(0, len(names)))], int(s.rng.integers(0, 1 << 32))
            s.op(op, r.offset[name], value, 15, 0, 0, late)
            s.op("WAIT", 4)
            model.write(name, value, 15)
        for name in names:
            s.read(name, model.values[name])


# ------------------------------------------------------------------------------------------------- jobs


def one_by_one(s, jobs, ended, interrupt=True):
    """Each started when the one before has ended; weights and activations of all of them wait at the ports.

    Without the interrupt bit irq_o stays low."""
    for made in jobs:
        s.queue(made)
    for number, made in enumerate(jobs):
        s.program(made.job)
        s.control("start", interrupt=int(interrupt))
        if interrupt:
            s.op("IRQ", 0, 0)
            s.op("IRQ", 1, 100000)
            s.read_status(**IDLE, done=1, error=0, interrupt=1, code=0)
        else:
            s.poll_status(busy=0)
            s.op("IRQ", 0, 0)
            s.read_status(done=1, error=0, interrupt=1)
            s.control(interrupt=1)
            s.op("IRQ", 1, 2)
            s.control("acknowledge")
            s.op("IRQ", 0, 2)
            s.read_status(done=1, interrupt=0)
        s.op("LASTS", len(made["outputs"]))
        s.read("jobs", ended + number + 1)
        s.mark(Exactly(made))


def queued(s, jobs, ended):
    """Each programmed and started as soon as no job waits. Packets of all of them wait at the ports."""
    for made in jobs:
        s.queue(made)
    for made in jobs:
        s.poll_status(queued=0)
        s.program(made.job)
        s.control("start")
        if s.rng.random() < 0.5:
            s.control("acknowledge")
    s.op("LASTS", sum(len(made["outputs"]) for made in jobs))
    s.poll_status(busy=0)
    s.read_status(**IDLE, done=1, error=0)
    s.read("jobs", ended + len(jobs))
    s.mark(Exactly(*jobs))


def waiting(s, first, second, third):
    """With one job starved and one waiting: another start is ignored, and settings may be written, as each
    start has copied its own. A start behind a running job leaves the interrupt."""
    s.program(first.job)
    s.control("start")
    s.read_status(busy=1, queued=0)
    s.program(second.job)
    s.control("start")
    s.read_status(busy=1, queued=1)
    s.program(third.job)
    for name, value in third.job.registers.items():
        s.read(name, value)
    s.control("start")
    s.read_status(busy=1, queued=1, done=0, interrupt=0)
    s.queue(first)
    s.op("LASTS", len(first["outputs"]))
    s.op("IRQ", 1, 1000)
    s.poll_status(queued=0)
    s.read_status(busy=1, done=1, interrupt=1)
    s.control("start")
    s.read_status(busy=1, queued=1, interrupt=1)
    s.op("IRQ", 1, 0)
    s.control("acknowledge")
    s.op("IRQ", 0, 2)
    s.read_status(busy=1, queued=1, interrupt=0)
    s.queue(second)
    s.queue(third)
    s.op("LASTS", sum(len(made["outputs"]) for made in (first, second, third)))
    s.poll_status(busy=0)
    s.read_status(**IDLE, done=1, interrupt=1)
    s.mark(Exactly(first, second, third))


def clear_with_start(s, made):
    """Clear wins: nothing starts, and nothing comes out."""
    s.program(made.job)
    s.control("start", "clear")
    s.read_status(**IDLE, done=0, error=0, interrupt=0)
    s.op("WAIT", 30)
    s.mark(NOTHING)
    s.control("start")
    s.read_status(busy=1)
    s.control("start", "clear")
    s.read_status(**IDLE)
    s.op("LASTS", 1)
    s.op("WAIT", 30)
    s.mark(Closed(made, ended=0))
    good(s, made)


def closing_beats(s, count, made, after):
    """Starts and clears while no output is accepted: those starts whose end cannot be kept are ignored."""
    s.stall(out=256)
    s.program(made.job)
    s.op("WAIT", 3)
    s.mark(NOTHING)
    for _ in range(count):
        s.control("start")
        s.read("status", 0, 0)
        s.control("clear")
    s.stall()
    s.op("WAIT", 40)
    s.closing = len(s.checks)
    s.mark(None)
    good(s, after)


def start_strobes(s, made):
    """Strobes of `control`: start only with its own byte. It drops the interrupt of the job before."""
    s.program(made.job)
    s.write("control", 0x00000101, 0b1110)
    s.read_status(**IDLE, done=1, interrupt=1)
    s.read("control", 0x100, s.registers.mask("control", ("read, write",)))
    s.op("IRQ", 1, 0)
    s.write("control", 0x00000001, 0b0001)
    s.op("IRQ", 0, 0)
    s.read_status(busy=1, done=0, interrupt=0)
    s.read("control", 0x100, s.registers.mask("control", ("read, write",)))
    s.queue(made)
    s.op("IRQ", 1, 100000)
    s.op("LASTS", len(made["outputs"]))
    s.mark(Exactly(made))


def good(s, made):
    """A job after whatever was before."""
    s.queue(made)
    s.program(made.job)
    s.control("start")
    s.op("LASTS", len(made["outputs"]))
    s.poll_status(busy=0)
    s.read_status(**IDLE, done=1, error=0)
    tiles = [tile for of_pass in made.job.tiles for tile in of_pass]
    s.read("count_tiles", len(tiles))
    s.read("count_tokens", sum(tile.tokens for tile in tiles))
    s.op("WAIT", 20)
    s.mark(Exactly(made))


def start_all(s, jobs):
    """One job, or two of which the second waits."""
    for made in jobs:
        s.queue(made)
        s.program(made.job)
        s.control("start", aw=0, w=0, b=0)


def clear_at(s, cycle, jobs, after, blocked=False):
    """Clear so many cycles after the start; if blocked, no output is accepted before the clear."""
    s.stall(out=256 if blocked else 0)
    s.op("WAIT", 3)
    start_all(s, jobs)
    s.op("WAIT", cycle)
    s.abort()
    s.control("clear", aw=0, w=0, b=0)
    s.read_status(**IDLE, error=0, done=0, interrupt=0)
    s.stall()
    s.op("WAIT", 40)
    s.mark(Closed(*jobs))
    good(s, after)


def reset_at(s, cycle, jobs, after, length=1):
    start_all(s, jobs)
    s.op("WAIT", cycle)
    s.op("RESET", length)
    s.abort()
    s.mark(Prefix(*jobs))
    s.op("WAIT", 40)
    s.read("status", 0)
    s.read("jobs", 0)
    s.op("IRQ", 0, 0)
    s.mark(NOTHING)
    good(s, after)


def reset_in_access(s, cycle):
    """Reset in the middle of a write and of a read."""
    s.op("POST", s.registers.offset["tokens"], 5, 15, int(s.rng.integers(0, 4)), int(s.rng.integers(0, 4)), 3)
    s.op("WAIT", cycle)
    s.op("RESET", 1)
    s.read("status", 0)
    s.write("tokens", 7)
    s.read("tokens", 7)
    s.mark(NOTHING)


def acknowledge_at(s, cycle, made):
    """Whenever it comes, the end of the job is seen: irq_o rises. The check is on the edges of irq_o."""
    s.control("acknowledge")
    s.op("IRQ", 0, 2)
    s.queue(made)
    s.program(made.job)
    s.mark(None)
    s.control("start", aw=0, w=0, b=0)
    s.op("WAIT", cycle)
    s.control("acknowledge", aw=0, w=0, b=0)
    s.op("LASTS", len(made["outputs"]))
    s.poll_status(busy=0)
    s.op("WAIT", 10)
    s.mark(Exactly(made))


# ------------------------------------------------------------------------------------------------ errors


def header_words(array):
    return beats_of(HEADER_BITS, array.word)


def in_beat(array, word, bits):
    """(beat, bits in it) of bits of a word of the sections of the first block."""
    beat, at = divmod(word * array.word, array.weight_beat)
    return beat, bits << at


def is_set(made, name):
    """Of the first header of a job."""
    return bool(made["weights"][0][0] & mask_of(HEADER, name))


def first_scales(made):
    """Word with the scales of the first tile: behind header, descriptions and references."""
    array = made.job.array
    return header_words(array) + is_set(made, "described") + beats_of(8 * made.job.columns, array.word)


def header_damages(made):
    """(beat, bits to flip) of the first packet; each is an error of the header."""
    array, packet = made.job.array, made["weights"][0]
    in_header = [] if made.job.can_pair else ["pairs"]
    in_header += ["described"] if array.path == "recon" else []
    in_header += [] if is_set(made, "described") else ["scales"]
    found = [(0, mask) for name in in_header for mask in bits_of(HEADER, name)]
    # No tiles; the only block not the last one; a wrong number of beats of sections.
    found.append((0, packet[0] & mask_of(HEADER, "tiles")))
    if is_set(made, "last"):
        found.append((0, mask_of(HEADER, "last")))
    at, _ = HEADER["section_beats"]
    found.append(in_beat(array, at // array.word, 1 << at % array.word))
    if is_set(made, "described"):
        found += [in_beat(array, header_words(array), mask) for mask in description_damages(made)]
    return found


def description_damages(made):
    """Bits to flip in the description of the first tile."""
    array = made.job.array
    beat, first = in_beat(array, header_words(array), 1)
    word = made["weights"][0][beat] // first
    names = ["scales", "reserved"]
    names += [] if array.permuter else ["order"]
    names += [] if array.row_align_bits else ["shifts"]
    names += [] if array.path == "inline" else ["more"]
    found = [mask for name in names for mask in bits_of(DESCRIPTION, name)]
    if array.path == "recon":
        found += bits_of(DESCRIPTION, "reserved_recon")
        found += [word & mask_of(DESCRIPTION, name) for name in ("interval", "gap")]
    return found


def broken(s, name, made):
    """(packets of weights and activations, settings) of a job that ends with this error, or None."""
    weights = [list(packet) for packet in made["weights"]]
    acts = [list(packet) for packet in made["activations"]]
    registers = dict(made.job.registers)
    a = s.array
    if name == "shape":
        registers[["tokens", "depth", "columns", "pass"][int(s.rng.integers(0, 4))]] = 0
    elif name == "weight_short":
        weights[0] = weights[0][: int(s.rng.integers(1, len(weights[0])))]
    elif name == "weight_long":
        weights[0].append(0)
    elif name == "header":
        kinds = header_damages(made)
        beat, bits = kinds[int(s.rng.integers(0, len(kinds)))]
        weights[0][beat] ^= bits
    elif name == "array":
        kinds = [mask for half in ("hash_low", "hash_high") for mask in bits_of(HEADER, half)]
        weights[0][0] ^= kinds[int(s.rng.integers(0, len(kinds)))]
    elif name == "scale":
        beat, first = in_beat(a, first_scales(made), 1)
        weights[0][beat] = weights[0][beat] & ~(0xFF * first) | 5 * first
    elif name == "activation_short":
        acts[0] = acts[0][: int(s.rng.integers(1, len(acts[0])))]
    elif name == "activation_long":
        acts[0].append(0)
    elif name == "activation_value":
        acts[0][-1] = acts[0][-1] & ~((1 << a.act_bits) - 1) | 1 << (a.act_bits - 1)
    return weights, acts, registers


ERRORS = ["shape", "weight_short", "weight_long", "header", "scale"]
ERRORS += ["activation_short", "activation_long", "activation_value", "array"]


def start_broken(s, name, made):
    weights, acts, registers = broken(s, name, made)
    for setting, value in registers.items():
        s.write(setting, value)
    s.control("start")
    return (weights, acts) if name != "shape" else ([], [])


def offer(s, weights, acts):
    for channel, packets in enumerate((weights, acts)):
        for packet in packets:
            s.append(channel, packet)
    s.open()


def after_error(s, name, jobs, ended, after):
    """Every job ends on the output stream; starts are ignored up to the clear."""
    s.op("IRQ", 1, 10000)
    s.poll_status(error=1)
    s.read_status(**IDLE, error=1, interrupt=1, code=s.registers.errors[name])
    s.op("LASTS", sum(len(made["outputs"]) for made in jobs[:ended]) + len(jobs) - ended)
    s.program(after.job)
    s.control("start")
    s.op("WAIT", 60)
    s.read_status(**IDLE, error=1, code=s.registers.errors[name])
    s.mark(Closed(*jobs, ended=ended))
    s.abort()
    s.control("clear")
    s.read_status(**IDLE, error=0, done=0, interrupt=0, code=0)
    s.op("WAIT", 20)
    s.mark(NOTHING)
    good(s, after)


def error(s, name, made, waiting, after):
    """A malformed job with another one waiting behind it, which is dropped."""
    packets = start_broken(s, name, made)
    jobs = [made]
    if name != "shape":
        s.program(waiting.job)
        s.control("start")
        s.read_status(busy=1, queued=1)
        jobs.append(waiting)
        offer(s, *packets)
        s.queue(waiting)
    after_error(s, name, jobs, 0, after)


def error_behind(s, name, first, made, after):
    """A malformed job behind a good one, whose outputs are complete."""
    s.program(first.job)
    s.control("start")
    packets = start_broken(s, name, made)
    s.queue(first)
    offer(s, *packets)
    after_error(s, name, [first, made], 1, after)
