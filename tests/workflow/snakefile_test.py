"""workflow/Snakefile on this machine: counts which tasks ran, also after a worker was killed."""

import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SNAKEFILE = Path(__file__).parents[2] / "workflow" / "Snakefile"
PROGRAM = os.environ["MSQ_PROGRAM"]
LAYERS = 4

# Writes every task's number to a file, and kills the worker of task 2 once, in mid-task.
WRAPPER = """#!/bin/bash
cd {directory}
task=
for ((i = 1; i <= $#; i++)); do
  if [ "${{!i}}" = --task ]; then j=$((i + 1)); task=${{!j}}; fi
done
if [ -n "$task" ]; then echo "$task" >> tasks; fi
if [ "$task" = 2 ] && [ -e kill ]; then
  rm kill
  {program} "$@" &
  sleep 0.02
  kill -9 $! $$
fi
exec {program} "$@"
"""


def write_model(path):
    """Layers of different sizes, float32, as .safetensors."""
    numbers = random.Random(1)
    header, data = {}, b""
    for i in range(LAYERS):
        shape = [256, 512] if i == 2 else [16, 64]
        count = shape[0] * shape[1]
        values = struct.pack(f"<{count}f", *(numbers.gauss(0, 0.1) for _ in range(count)))
        header[f"layer.{i}.weight"] = {
            "dtype": "F32",
            "shape": shape,
            "data_offsets": [len(data), len(data) + len(values)],
        }
        data += values
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


class SnakefileTest(unittest.TestCase):
    """Each test in a directory of its own."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        write_model(self.directory / "m.safetensors")
        wrapper = self.directory / "wrapper"
        wrapper.write_text(WRAPPER.format(directory=self.directory, program=PROGRAM))
        wrapper.chmod(0o755)

    def snakemake(self, **settings):
        """Exit code and output of a run on two cores."""
        config = self.directory / "config.json"
        config.write_text(json.dumps({"program": str(self.directory / "wrapper"), **settings}))
        command = ["snakemake", "--snakefile", SNAKEFILE, "--cores", "2", "--configfile", config]
        done = subprocess.run(
            [*command, "--keep-going", "--rerun-incomplete"],
            cwd=self.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def tasks(self):
        """Numbers of the tasks that ran since the last call, sorted."""
        file = self.directory / "tasks"
        numbers = sorted(file.read_text().split()) if file.exists() else []
        file.unlink(missing_ok=True)
        return numbers

    def plain(self, *arguments):
        """Runs the program in one go."""
        subprocess.run([PROGRAM, *arguments], cwd=self.directory, check=True, stdout=subprocess.PIPE)

    def quantize(self, bits=2):
        """Runs the workflow of a model."""
        return self.snakemake(quantize=["-w", "m.safetensors", "-b", bits], output="q.safetensors")

    def test_quantizes_as_the_plain_command(self):
        code, output = self.quantize()
        self.assertEqual(code, 0, output)
        self.assertEqual(self.tasks(), ["0", "1", "2", "3"])
        self.plain("quantize", "-w", "m.safetensors", "-b", "2", "-o", "plain.safetensors")
        joined = (self.directory / "q.safetensors").read_bytes()
        self.assertEqual(joined, (self.directory / "plain.safetensors").read_bytes())
        report = json.loads((self.directory / "q.safetensors.report.json").read_text())
        self.assertEqual(len(report["layers"]), LAYERS)
        self.assertFalse((self.directory / "q.safetensors.parts").exists())
        # Nothing is left to do; other arguments are another result.
        code, output = self.quantize()
        self.assertEqual(code, 0, output)
        self.assertEqual(self.tasks(), [])
        self.assertFalse((self.directory / "q.safetensors.parts").exists())
        code, output = self.quantize(bits=4)
        self.assertEqual(code, 0, output)
        self.assertEqual(self.tasks(), ["0", "1", "2", "3"])
        self.assertNotEqual((self.directory / "q.safetensors").read_bytes(), joined)

    def test_a_killed_worker_loses_one_task(self):
        (self.directory / "kill").touch()
        code, output = self.quantize()
        self.assertNotEqual(code, 0, output)
        self.assertEqual(self.tasks(), ["0", "1", "2", "3"])
        self.assertFalse((self.directory / "q.safetensors").exists())
        code, output = self.quantize()
        self.assertEqual(code, 0, output)
        self.assertEqual(self.tasks(), ["2"])
        self.plain("quantize", "-w", "m.safetensors", "-b", "2", "-o", "plain.safetensors")
        self.assertEqual(
            (self.directory / "q.safetensors").read_bytes(),
            (self.directory / "plain.safetensors").read_bytes(),
        )

    def test_sweeps(self):
        points = "--set size=4,8 --set outlier_path=none --set modes=[4] --set micro_block=4"
        code, output = self.snakemake(sweep=points, output="out")
        self.assertEqual(code, 0, output)
        self.assertEqual(self.tasks(), ["0", "1"])
        sweep = json.loads((self.directory / "out" / "sweep.json").read_text())
        self.assertEqual([point["rows"] for point in sweep["points"]], [4, 8])
        # A larger grid measures its new points only.
        code, output = self.snakemake(sweep=points.replace("4,8", "4,8,16"), output="out")
        self.assertEqual(code, 0, output)
        self.assertEqual(self.tasks(), ["2"])

    def test_refuses_a_wrong_configuration(self):
        code, output = self.snakemake(output="q.safetensors")
        self.assertNotEqual(code, 0)
        self.assertIn("allowed: quantize or sweep", output)
        code, output = self.snakemake(quantize="-w missing.safetensors -b 2", output="q.safetensors")
        self.assertNotEqual(code, 0)
        self.assertIn("missing.safetensors", output)


if __name__ == "__main__":
    if shutil.which("snakemake") is None:
        print("skipped: snakemake is not in PATH")
        sys.exit(77)
    unittest.main()
