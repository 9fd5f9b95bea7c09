"""Common parts of the tests of packaging: a generated design and its register table, read from its page."""

import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
CONFIGS = Path(__file__).resolve().parents[1] / "configs"
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SKIPPED = 77


def run(*argv, **options):
    """Output of a command that must succeed."""
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{argv}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout + done.stderr


def config(name):
    """A configuration of tests/configs, else a preset."""
    path = CONFIGS / f"{name}.json"
    return path if path.exists() else name


PAGES = {"accelerator": (0, "registers.md"), "shell": (0x1000, "shell_registers.md")}


def registers(directory, page="registers.md"):
    """{name: (offset, {field: (lsb, width, access, reset or None)})} of a page of registers."""
    table = {}
    for line in (directory / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if re.fullmatch(r"0x[0-9a-f]+", cells[0]):
            fields = {}
            table[cells[1]] = (int(cells[0], 16), fields)
        elif len(cells) > 5 and re.fullmatch(r"\d+(:\d+)?", cells[2]):
            high, _, low = cells[2].partition(":")
            lsb = int(low or high)
            fields[cells[3]] = (lsb, int(high) - lsb + 1, cells[4], int(cells[5], 16) if cells[5] else None)
        elif cells[0] == "code":
            break
    assert len(table) > 10, f"{page} has another form"
    return table


def error_codes(directory, page="registers.md"):
    """{name: code} of a page of registers."""
    text = (directory / page).read_text(encoding="utf-8")
    return {name: int(code) for code, name in re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.M)}


def blocks(directory):
    """{block: (base address, page)} of the pages that the design has."""
    return {name: place for name, place in PAGES.items() if (directory / place[1]).exists()}


class WithDesign(unittest.TestCase):
    """Generates designs into a directory that is removed."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.path = Path(holder.name)

    def generate(self, name, *options):
        """@return directory and manifest."""
        directory = self.path / f"{name}{'-'.join(options)}"
        run(PROGRAM, "generate", "--config", config(name), "--packaging", "-o", directory, *options)
        return directory, json.loads((directory / "manifest.json").read_text(encoding="utf-8"))


def main():
    """Runs the tests of the script; 77 if all of them were skipped."""
    result = unittest.main(argv=sys.argv[:1], exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.testsRun == len(result.skipped) else 0)
