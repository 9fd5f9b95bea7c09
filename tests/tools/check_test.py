"""tools/check.sh finds a seeded violation of each kind, and nothing in the same tree without it.

usage: check_test.py    Exit code 77 if a tool that it needs is not installed.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from check_docs import LOOK_UP  # noqa: E402

RUFF = ROOT / "build" / "check-tools"
NEEDED = ("clang-format", "clang-tidy", "shellcheck")
SKIPPED = 77

GOOD = {
    "unit.cpp": "int twice(int value) { return 2 * value; }\n",
    "module.py": "def twice(value):\n    return 2 * value\n",
    "script.sh": '#!/usr/bin/env bash\necho "$1"\n',
    "page.md": "# Page\n\nSee [the page](page.md#page).\n",
    "leaf.v": "module leaf;\nendmodule\n",
    **dict.fromkeys(LOOK_UP, "# Page\n"),
}
# Check, file, its text with a violation, what the report must name.
BAD = {
    "clang_format": ("format", "unit.cpp", "int  twice(int value) {return 2*value;}\n", "unit.cpp:1"),
    "ruff_format": ("format", "module.py", "def twice(value):\n  return 2*value\n", "module.py"),
    "tidy": ("tidy", "unit.cpp", "int* none() { return 0; }\n", "modernize-use-nullptr"),
    "ruff": ("ruff", "module.py", "import os\n", "F401"),
    "shell": ("shell", "script.sh", "#!/usr/bin/env bash\necho $1\n", "SC2086"),
    "link": ("links", "page.md", "# Page\n\n[gone](gone.md)\n", "page.md:3: found no gone.md"),
    "broken link": (
        "links",
        "page.md",
        "# Page\n\n[over two\nlines](gone.md)\n",
        "page.md:3: found no gone.md",
    ),
    "anchor": ("links", "page.md", "# Page\n\n[gone](#gone)\n", "page.md:3: found no heading #gone"),
    "length": ("lines", "leaf.v", f"// {'x' * 108}\n", "leaf.v:1: found 111 characters; allowed: 110"),
    "tab": ("lines", "leaf.v", "\tmodule leaf;\nendmodule\n", "leaf.v:1: found a tab"),
    "wording": (
        "docs",
        LOOK_UP[0],
        "# In the mean\n",
        f"{LOOK_UP[0]}:1: mean: 'In the mean'; better: on average",
    ),
    "blanks": ("lines", "page.md", "# Page \n", "page.md:1: found blanks at the end"),
}


class CheckTest(unittest.TestCase):
    def setUp(self):
        self.tree = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.tree)
        shutil.copytree(
            ROOT / "tools", self.tree / "tools", ignore=shutil.ignore_patterns("__pycache__", "diagrams")
        )
        for name in (".clang-format", ".clang-tidy", "ruff.toml"):
            shutil.copy(ROOT / name, self.tree / name)
        (self.tree / "build" / "release").mkdir(parents=True)
        (self.tree / "build" / "check-tools").mkdir()
        for kept in RUFF.glob("ruff-*"):
            (self.tree / "build" / "check-tools" / kept.name).symlink_to(kept)
        (self.tree / ".gitignore").write_text("/build/\n__pycache__/\n")
        for name, text in GOOD.items():
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / name).write_text(text)
        unit = str(self.tree / "unit.cpp")
        commands = [{"directory": str(self.tree), "file": unit, "command": f"c++ -std=c++20 -c {unit}"}]
        (self.tree / "build" / "release" / "compile_commands.json").write_text(json.dumps(commands))
        self.run_in_tree("git", "init", "--quiet")

    def run_in_tree(self, *command):
        return subprocess.run(command, cwd=self.tree, capture_output=True, text=True, check=False)

    def check(self, *names):
        return self.run_in_tree("tools/check.sh", "--all", *names)

    def test_nothing_is_found_in_a_good_tree(self):
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for name in ("format", "ruff", "shell", "links", "lines", "docs", "tidy"):
            self.assertRegex(done.stdout, rf"(?m)^{name} +ok ")

    def test_each_violation_is_found(self):
        for kind, (name, file, text, report) in BAD.items():
            with self.subTest(kind):
                (self.tree / file).write_text(text)
                done = self.check(name)
                (self.tree / file).write_text(GOOD[file])
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertIn(report, done.stdout + done.stderr)
                self.assertRegex(done.stdout, rf"(?m)^{name} +FINDINGS ")

    def test_an_unknown_check_is_bad_usage(self):
        done = self.check("spelling")
        self.assertEqual(done.returncode, 2)
        self.assertIn("unknown argument 'spelling'", done.stderr)


if __name__ == "__main__":
    missing = [tool for tool in NEEDED if not shutil.which(tool)]
    if missing or not list(RUFF.glob("ruff-*")):
        print("missing:", *missing or ["ruff below build/check-tools (tools/check.sh ruff installs it)"])
        sys.exit(SKIPPED)
    unittest.main()
