"""tools/matrix.py with stand-ins for the generator and the tools."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from matrix import CONFIGURATIONS  # noqa: E402

DESIGNS = len(list((ROOT / "gen" / "configs").glob("*.json"))) + len(CONFIGURATIONS)
MANIFEST = json.dumps(
    {
        "top": "msq_top",
        "files": ["msq_top.v"],
        "other_files": ["msq_top.vlt"],
        "config": {"rows": 8, "cols": 8},
    }
)
REPORT = "- V e r i l a t i o n   R e p o r t: Verilator 5.048\n- Verilator: Walltime 2.5 s"


class Matrix(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.tool("generator", f'mkdir -p "$5"; echo \'{MANIFEST}\' > "$5"/manifest.json; pwd > "$5"/name')

    def tool(self, name: str, script: str):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    def run_matrix(self, *names: str) -> subprocess.CompletedProcess:
        command = [
            sys.executable,
            str(ROOT / "tools" / "matrix.py"),
            "--tools",
            str(self.directory / "tools"),
        ]
        command += [
            "--program",
            str(self.directory / "generator"),
            "--work",
            str(self.directory / "work"),
            *names,
        ]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_clean_tools_pass_whatever_they_say_of_themselves(self):
        self.tool(
            "tools/new-1/verilator", f'case "$1" in --version) echo Verilator 9.9;; *) echo "{REPORT}";; esac'
        )
        done = self.run_matrix("new-1")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, rf"new-1 +{DESIGNS} of {DESIGNS} clean .* Verilator 9\.9\n")

    def test_a_warning_of_one_design_fails(self):
        self.tool(
            "tools/new-2/yosys",
            'case "$1 $PWD" in -V*) echo Yosys 9.9;; */none-8x8) echo "Warning: odd"; echo more;; esac',
        )
        done = self.run_matrix("new-2")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{DESIGNS - 1} of {DESIGNS} clean", done.stdout)
        self.assertIn("  none-8x8: Warning: odd (and 1 lines)\n", done.stdout)

    def test_an_exit_code_alone_fails(self):
        self.tool("tools/new-3/verible-verilog-syntax", "exit 3")
        done = self.run_matrix("new-3")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f" 0 of {DESIGNS} clean", done.stdout)
        self.assertIn("  8x8: exit code 3\n", done.stdout)

    def test_large_arrays_can_be_left_out(self):
        self.tool("tools/new-5/slang", "exit 3")
        done = self.run_matrix("new-5", "--largest", "63")
        self.assertEqual(done.returncode, 0)
        self.assertIn(" 0 of 0 clean", done.stdout)

    def test_the_configurations_are_there(self):
        self.assertGreaterEqual(len(CONFIGURATIONS), 30)
        for name in CONFIGURATIONS:
            self.assertTrue((ROOT / "tests" / "configs" / f"{name}.json").is_file(), name)

    def test_without_tools_there_is_no_result(self):
        self.assertEqual(self.run_matrix("new-4").returncode, 2)


if __name__ == "__main__":
    unittest.main()
