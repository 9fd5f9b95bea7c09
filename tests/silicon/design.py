"""Common parts of the tests of flows to silicon: designs with the files of a flow, and commands that fail."""

import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "packaging"))

from package import PROGRAM, SKIPPED, config, main, run  # noqa: E402

__all__ = ["SKIPPED", "WithFlow", "main", "published", "refusal", "run"]

DATA = Path(__file__).resolve().parent / "data"


def published(flow):
    """Names of the variables of a flow."""
    lines = (DATA / f"{flow}_variables.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if not line.startswith("#")}


def refusal(*options):
    """Exit code and message of a `generate` that must fail."""
    argv = [str(PROGRAM), "generate", *map(str, options)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


class WithFlow(unittest.TestCase):
    """Generates designs into a directory that is removed."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.path = Path(holder.name)

    def generate(self, name, *options):
        """@return directory and manifest."""
        words = re.sub(r"[^\w-]+", "_", " ".join(map(str, options)))
        directory = self.path / f"{name}{words}"[:100]
        run(PROGRAM, "generate", "--config", config(name), "-o", directory, *options)
        return directory, json.loads((directory / "manifest.json").read_text(encoding="utf-8"))

    def memories(self, manifest):
        """A file with figures of all memories."""
        figures = {
            "area_um2": 90000.0,
            "leakage_nw": 3,
            "read_pj": 0.5,
            "write_pj": 0.25,
            "access_ns": 0.75,
            "setup_ns": 0.125,
        }
        sizes = {(m["width"], m["depth"]) for m in manifest["memories"]}
        file = self.path / "memories.json"
        text = json.dumps([{"width": w, "depth": d, **figures} for w, d in sorted(sizes)])
        file.write_text(text, encoding="utf-8")
        return file
