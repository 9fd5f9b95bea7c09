"""Plays AXI transactions from files against the emitted Verilog in Icarus (four states)."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import scenarios as play
from array_sizes import read_array
from jobs import random_job, random_shape
from script import Device, MadeJob, Script

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))
from configs import config_file

FULL = bool(os.environ.get("MSQ_FULL"))
CONFIGS = [
    "top-inline-4x4",
    "top-none-4x4",
    "top-recon-4x4",
    "top-recon-4x4-full-range",
    "top-recon-8x4-full-range-mode4",
    "top-recon-4x8-mode2",
    "top-recon-4x8-act4",
    "top-inline-8x8-one-unit",
    "top-inline-4x4-row-shifts",
    "top-recon-8x8-row-shifts",
    "top-none-8x4-two-rows",
    "top-inline-8x8-two-rows",
    "top-recon-4x4-one-lane",
    "hx8k",
]
LARGE = [
    "top-inline-32x4",
    "top-inline-8x8-full-range",
    "top-none-8x8-full-range",
    "top-recon-8x8-two-outliers",
    "top-inline-16x16-row-shifts",
    "top-recon-16x16-block-16",
    "top-inline-16x4-eight-rows",
    "top-inline-16x8-four-rows",
]


class Run:
    def __init__(self, device, seed):
        self.device, self.seed, self.failures, self.cycles = device, seed, 0, 0

    def script(self, number):
        s = Script(self.device.array, self.device.registers, np.random.default_rng([self.seed, number]))
        play.bring_up(s)
        return s

    def play(self, name, s, scramble=False):
        start = time.monotonic()
        found = self.device.run(name, s, scramble)
        self.cycles += self.device.cycles
        seconds = time.monotonic() - start
        print(f"  {name}: {len(s.checks)} sections, {self.device.cycles} cycles, {seconds:.1f} s", flush=True)
        for text in found[:10]:
            print(f"    {text}")
        self.failures += bool(found)
        return not found


def registers_of(run):
    s = run.script(1)
    s.slow = 5
    play.accesses(s, 880 if FULL else 176)
    run.play("registers", s, scramble=True)
    s = run.script(2)
    for cycle in range(12):
        play.reset_in_access(s, cycle)
    run.play("reset-in-access", s)


def random_jobs(run, count):
    """In batches: one by one with and without the interrupt, and queued, with different pauses."""
    array, rng = run.device.array, np.random.default_rng([run.seed, 3])
    largest = 6000 if FULL else 2000
    jobs = [MadeJob(random_job(rng, array, random_shape(rng, array, largest))) for _ in range(count)]
    s, ended = run.script(3), 0
    while jobs:
        size = int(rng.integers(1, 9))
        batch, jobs = jobs[:size], jobs[size:]
        s.slow = int(rng.choice([0, 0, 4]))
        s.stall(*(int(p) for p in rng.choice([0, 0, 60, 120, 180], size=3)))
        kind = rng.random()
        if kind < 0.6:
            play.queued(s, batch, ended)
        else:
            play.one_by_one(s, batch, ended, interrupt=kind < 0.85)
        ended += len(batch)
    run.play("jobs", s)


def small_job(run, number, passes=1, columns=0, **settings):
    """A random job that is over soon."""
    rng, array = np.random.default_rng([run.seed, number]), run.device.array
    shape = passes, int(rng.integers(1, 2 * array.rows)), columns or int(rng.integers(1, array.cols + 1))
    job = random_job(rng, array, shape)
    job.pass_tokens = 1
    for name, value in settings.items():
        setattr(job, name, value)
    return MadeJob(job)


def job_control(run):
    s = run.script(4)
    first, second, third = (small_job(run, 40 + i) for i in range(3))
    play.waiting(s, first, second, third)
    play.clear_with_start(s, first)
    play.start_strobes(s, second)
    play.closing_beats(s, 12, first, second)
    for number, name in enumerate(play.ERRORS):
        made = small_job(run, 50 + number, passes=1 + number % 2)
        play.error(s, name, made, second, third)
        play.error_behind(s, name, first, made, third)
    if run.play("control", s):
        check_starts(run, s)


def check_starts(run, s):
    """As many closing beats as starts that were accepted, which is what `busy` said."""
    busy = s.registers.field_mask("status", "busy")
    beats, data = run.device.sections[s.closing]
    accepted = sum(
        int(value, 16) & busy for address, value in data if address == s.registers.offset["status"]
    )
    if beats != [(0, True)] * accepted or not 0 < accepted < 12:
        print(f"    {accepted} starts were accepted; output beats {beats}")
        run.failures += 1


def every_cycle(run, step):
    """Clear and reset at each cycle of a short job, alone and with another one behind it."""
    one, two, after = small_job(run, 70, form=1), small_job(run, 71, passes=2), small_job(run, 72)
    beat = small_job(run, 73, columns=1, form=1)  # its last beat is its first one
    for jobs, label, cycles in (([one], "one", 100), ([two, one], "two", 180)):
        every = range(0, cycles, step * len(jobs))
        s = run.script(5)
        for cycle in every:
            play.clear_at(s, cycle, jobs, after)
        run.play(f"clear-{label}", s)
        s = run.script(5)
        for cycle in every:
            play.clear_at(s, cycle, [beat, one][: len(jobs)], after, blocked=True)
        run.play(f"clear-blocked-{label}", s)
        s = run.script(5)
        for cycle in every:
            play.reset_at(s, cycle, jobs, after)
        run.play(f"reset-{label}", s)


def acknowledge(run, cycles):
    s, made = run.script(6), small_job(run, 70, form=1)
    for cycle in range(cycles):
        play.acknowledge_at(s, cycle, made)
    if not run.play("acknowledge", s):
        return
    # Sections: bring-up, then one before each start and one up to the end of the job.
    missed = [i for i, edges in enumerate(run.device.edges[2::2][:cycles]) if "1" not in edges]
    if missed:
        print(f"    the end of a job was lost for acknowledge after {missed} cycles")
        run.failures += 1


def scrambled(run):
    """Jobs, one of them cleared, with inputs that change inside each cycle."""
    s = run.script(7)
    s.stall(100, 100, 100)
    s.slow = 3
    jobs = [small_job(run, 80 + i) for i in range(4)]
    play.queued(s, jobs, 0)
    play.clear_at(s, 30, jobs[:2], jobs[2])
    run.play("scrambled", s, scramble=True)


def check_config(options, config, number, work):
    rtl = work / config
    command = [options.microscopiq, "generate", "-c", config_file(config), "-o", rtl]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    work = work / f"{config}-run"
    work.mkdir()
    print(config, flush=True)
    run = Run(Device(rtl, read_array(rtl), work), options.seed + number)
    chosen = {
        "registers": lambda: registers_of(run),
        "jobs": lambda: random_jobs(run, options.jobs),
        "control": lambda: job_control(run),
        "scrambled": lambda: scrambled(run),
    }
    if number == 0 or FULL and config in CONFIGS:
        chosen["acknowledge"] = lambda: acknowledge(run, 160 if FULL else 80)
        chosen["cycles"] = lambda: every_cycle(run, 1)
    for name, action in chosen.items():
        if not options.only or name in options.only:
            action()
    return run


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("microscopiq", type=Path)
    parser.add_argument("--config", nargs="*", default=CONFIGS + (LARGE if FULL else []))
    parser.add_argument("--only", nargs="*")
    parser.add_argument(
        "--jobs", type=int, default=200 if FULL else 23, help="random ones of each configuration"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="directory for the files that are played")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = options.keep or Path(name)
        runs = [check_config(options, config, number, work) for number, config in enumerate(options.config)]
    failures = sum(run.failures for run in runs)
    print(f"{len(runs)} configurations, {sum(run.cycles for run in runs)} cycles; {failures} scripts failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
