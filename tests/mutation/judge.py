"""Runs a test program and says whether it failed."""

import os
import re
import resource
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass

MEMORY = 6 << 30  # bytes; a mutated loop may allocate without end


@dataclass(frozen=True)
class Verdict:
    killed: bool
    by: str
    seconds: float


def judge(argv, environment, limit):
    """A failed test, a crash and a run beyond the time limit kill; anything else that is no success is an
    error.

    The limit is on seconds of the processor, which a loaded machine does not change; ten times as many may
    pass."""

    def limits():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 1))

    argv = [str(a) for a in argv] + ["--gtest_fail_fast", "--gtest_brief=1"]
    start = time.monotonic()
    # To a file: a failing test may write a lot.
    with tempfile.TemporaryFile() as out:
        try:
            code = subprocess.run(
                argv,
                env=os.environ | environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=10 * limit,
                preexec_fn=limits,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            return Verdict(True, f"time limit of {limit:.0f} s", time.monotonic() - start)
        seconds = time.monotonic() - start
        out.seek(0)
        text = out.read(1 << 22).decode("utf-8", "replace")
    if code == 0:
        if re.search(r"\[  PASSED  \] [1-9]", text) is None:
            raise RuntimeError(f"no test ran: {' '.join(argv)}\n{text[-1000:]}")
        return Verdict(False, "", seconds)
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return Verdict(True, f"time limit of {limit:.0f} s", seconds)
    if code < 0:
        return Verdict(True, f"signal {-code}", seconds)
    failed = re.search(r"\[  FAILED  \] ([^\s,]+)", text)
    if failed is None:
        raise RuntimeError(f"exit code {code} without a failed test: {' '.join(argv)}\n{text[-1000:]}")
    return Verdict(True, failed.group(1), seconds)
