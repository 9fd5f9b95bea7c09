"""Runs the commands of a tutorial page and compares their output with the page.

    python3 run_page.py PAGE --program build/release/cli/microscopiq

Fenced blocks of PAGE, by the text behind the fence:
  sh           commands. All blocks run in order in one bash (errexit, pipefail) at the root of the project,
               with the directories of --program and of this Python first in PATH. Before, build/tutorial/N of
               page N-title.md is removed
  sh optional  the same, if MSQ_FULL is set in the environment: commands that need a network or minutes
  text         lines that the output (both streams) of the commands before has, in this order, others between
               them. "..." stands for any characters; blank lines are ignored. Several blocks after one block
               of commands continue in its output
  others       are shown to the reader only

Prints page:line of what failed, with the output. Exit codes: 0 every command succeeded and every line was
found, 1 a command failed or a line was not found, 2 no such page or no sense in its blocks.
"""

import argparse
import contextlib
import difflib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"(`{3,}|~{3,})\s*(.*?)\s*$")
# Fences of other names for a shell: blocks that the author may believe to be run.
MISNAMED = re.compile(r"(?i)(sh\b.*|bash|shell|zsh)$")
# bash names the page and the line, since each command has the line in the script that it has in the page.
PROLOGUE = """set -eE -o pipefail; trap 'echo $LINENO >"$TUTORIAL_OUTPUT/failed"' ERR; """


class PageError(Exception):
    """The page cannot be read as a tutorial."""


@dataclass
class Fence:
    """A fenced block: its info string, the line of its opening fence (from 1), and its lines."""

    info: str
    line: int
    lines: list[str] = field(default_factory=list)


@dataclass
class Commands:
    """A block of commands, and the (line, text) of the output that the page shows."""

    fence: Fence
    expected: list[tuple[int, str]] = field(default_factory=list)

    @property
    def optional(self) -> bool:
        return self.fence.info != "sh"


def fences(text: str) -> list[Fence]:
    """Fenced blocks of a page in Markdown. Throws PageError if the last one has no end."""
    found, current, mark = [], None, ""
    for number, line in enumerate(text.splitlines(), 1):
        match = FENCE.match(line)
        if current is None and match:
            mark, current = match[1], Fence(match[2], number)
        elif match and match[1].startswith(mark) and not match[2]:
            found.append(current)
            current = None
        elif current is not None:
            current.lines.append(line)
    if current is not None:
        raise PageError(f"{current.line}: the block has no end")
    return found


def commands(text: str) -> list[Commands]:
    """The blocks to run, each with its output. Throws PageError for a page that tests less than it shows."""
    found, owner = [], None
    for fence in fences(text):
        if fence.info in ("sh", "sh optional"):
            owner = Commands(fence)
            found.append(owner)
        elif fence.info == "text":
            if owner is None:
                raise PageError(
                    f"{fence.line}: a block of output (text) without commands (sh) right before it"
                )
            lines = list(enumerate((line.rstrip() for line in fence.lines), fence.line + 1))
            if not any(line.replace("...", "").strip() for _, line in lines):
                raise PageError(f"{fence.line}: the block of output is empty")
            owner.expected += [(number, line) for number, line in lines if line]
        elif MISNAMED.match(fence.info):
            raise PageError(
                f"{fence.line}: found a block '{fence.info}'; allowed for commands: sh, sh optional"
            )
        else:
            owner = None
    if not found:
        raise PageError("1: no block of commands (sh)")
    return found


def check_syntax(block: Commands):
    """Throws PageError if bash cannot read the block alone: an open quote would take in the next block."""
    script = "\n" * block.fence.line + "\n".join(block.fence.lines) + "\n"
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PageError(f"{block.fence.line}: {done.stderr.strip()}")


def script_of(blocks: list[Commands]) -> str:
    """One script of all blocks; line N of the page is line N of the script."""
    lines = {1: PROLOGUE}
    for block in blocks:
        start = block.fence.line
        lines[start] = lines.get(start, "") + f'exec >"$TUTORIAL_OUTPUT/{start}" 2>&1'
        lines.update(enumerate(block.fence.lines, start + 1))
    return "\n".join(lines.get(number, "") for number in range(1, max(lines) + 1)) + "\n"


def first_missing(expected: list[tuple[int, str]], output: list[str]) -> tuple[int, str] | None:
    """The first expected (line, text) that is not in the output behind those before it, or None."""
    position = 0
    for number, text in expected:
        pattern = re.compile(".*".join(re.escape(part) for part in text.split("...")))
        while position < len(output) and not pattern.fullmatch(output[position]):
            position += 1
        if position == len(output):
            return number, text
        position += 1
    return None


class Run:
    """One run of the blocks of a page, with their outputs in a directory."""

    def __init__(self, page: Path, blocks: list[Commands], directory: Path):
        self.page, self.blocks, self.directory = page, blocks, directory
        self.status: int | None = 0  # of bash; None: out of time

    def start(self, program: Path, timeout: float):
        """Runs the blocks; ends all processes that they started when the last one or the time is over."""
        script = self.directory / self.page.name
        script.write_text(script_of(self.blocks))
        environment = dict(os.environ, TUTORIAL_OUTPUT=str(self.directory))
        first = f"{program.resolve().parent}:{Path(sys.executable).parent}"
        environment["PATH"] = f"{first}:{environment['PATH']}"
        process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", str(script)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self.status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.status = None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def output(self, block: Commands) -> list[str] | None:
        """Lines that a block printed, None if it was not reached."""
        file = self.directory / str(block.fence.line)
        return file.read_text(errors="replace").splitlines() if file.exists() else None

    def failures(self) -> list[str]:
        """Text to report, with page:line first; empty if all is as the page has it."""
        found = [message for block in self.blocks if (message := self.difference(block))]
        if self.status != 0:
            found.append(self.failed_command())
        elif self.output(self.blocks[-1]) is None:
            found.append(
                f"{self.page}:{self.last_reached().fence.line}: ended the shell; later blocks did not run"
            )
        return found

    def difference(self, block: Commands) -> str | None:
        output = self.output(block)
        ended = self.status == 0 or block is not self.last_reached()
        missing = first_missing(block.expected, output) if output is not None and ended else None
        if missing is None:
            return None
        number, text = missing
        nearest = difflib.get_close_matches(text, output, 1, 0.5)
        hint = f"nearest line: {nearest[0]}\n" if nearest else ""
        return f"{self.page}:{number}: not in the output (or not in this order): {text}\n{hint}" + listing(
            output
        )

    def last_reached(self) -> Commands:
        return [block for block in self.blocks if self.output(block) is not None][-1]

    def failed_command(self) -> str:
        block = self.last_reached()
        mark = self.directory / "failed"
        line = int(mark.read_text()) if mark.exists() and self.status is not None else block.fence.line
        why = "out of time" if self.status is None else f"exit code {self.status}"
        return f"{self.page}:{line}: {why}\n" + listing(self.output(block))


def listing(output: list[str]) -> str:
    return "output:\n" + "".join(f"  | {line}\n" for line in output)


def run_page(page: Path, program: Path, timeout: float) -> int:
    """Runs a page and prints the result; the exit code."""
    try:
        blocks = commands(page.read_text())
        for block in blocks:
            check_syntax(block)
    except PageError as error:
        print(f"{page}:{error}")
        return 2
    full = bool(os.environ.get("MSQ_FULL"))
    chosen = [block for block in blocks if full or not block.optional]
    if not chosen:
        print(f"{page}:1: every block is optional")
        return 2
    if number := re.match(r"\d+", page.name):
        shutil.rmtree(ROOT / "build" / "tutorial" / number[0], ignore_errors=True)
    with tempfile.TemporaryDirectory() as directory:
        run = Run(page, chosen, Path(directory))
        run.start(program, timeout)
        failures = run.failures()
    print("\n".join(failures) if failures else summary(page, blocks, chosen))
    return 1 if failures else 0


def summary(page: Path, blocks: list[Commands], chosen: list[Commands]) -> str:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        f"{page}: {len(chosen)} blocks run, {len(blocks) - len(chosen)} optional ones left out, "
        f"{sum(len(block.expected) for block in chosen)} lines of output found, "
        f"{usage.ru_utime + usage.ru_stime:.1f} s of processor time"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("page", type=Path)
    parser.add_argument("--program", type=Path, required=True, help="the built microscopiq")
    limit = 3600 if os.environ.get("MSQ_FULL") else 1200
    parser.add_argument("--timeout", type=float, default=limit, help="seconds, default %(default)s")
    arguments = parser.parse_args()
    for what, file in (("page", arguments.page), ("program", arguments.program)):
        if not file.is_file():
            print(f"run_page.py: found no {what} {file}")
            return 2
    return run_page(arguments.page, arguments.program, arguments.timeout)


if __name__ == "__main__":
    sys.exit(main())
