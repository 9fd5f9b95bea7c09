"""The package can be installed by pip, without a network, and imported from where it was installed."""

import importlib.util
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from files import WithDirectory

SOURCE = Path(__file__).parents[2] / "python"
NEEDED = ("pip", "setuptools", "wheel")


class Install(WithDirectory):
    @unittest.skipUnless(
        all(importlib.util.find_spec(name) for name in NEEDED), "pip or setuptools is missing"
    )
    def test_installed_by_pip(self):
        shutil.copytree(SOURCE, self.path / "source")  # a build leaves files beside its sources
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-build-isolation",
            "--no-deps",
            "--no-index",
        ]
        command += ["--disable-pip-version-check", "--root-user-action=ignore"]
        subprocess.run([*command, "--target", self.path / "installed", self.path / "source"], check=True)
        script = "import microscopiq; print(microscopiq.__file__, microscopiq.__version__)"
        environment = {**os.environ, "PYTHONPATH": str(self.path / "installed")}
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            cwd=self.path,
            check=True,
            capture_output=True,
            text=True,
        )
        self.assertIn(str(self.path / "installed"), done.stdout)


if __name__ == "__main__":
    unittest.main()
