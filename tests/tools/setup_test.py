"""setup.sh on systems that lack packages, with stand-ins for their package tools and for CMake."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = "qflow-tech-osu018"


class Setup(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.tree = pathlib.Path(directory.name)
        shutil.copy(ROOT / "setup.sh", self.tree)
        (self.tree / "bin").mkdir()
        # Lists of names: packages that are installed, that can be had, and that get installed.
        for name in ("installed", "available", "log"):
            (self.tree / name).write_text("")
        self.tool("dpkg-query", 'grep -qx "${@: -1}" installed && printf installed')
        self.tool("apt-cache", 'grep -x "${@: -1}" available')
        self.tool("apt-get", 'echo "apt-get $*" >> log')
        self.tool("cmake", 'echo "cmake $*" >> log')
        self.tool("sudo", '"$@"')
        # Everything is installed, until a test takes something out.
        self.packages = set(self.all_packages())
        self.available = {"apt"}

    def tool(self, name: str, script: str):
        path = self.tree / "bin" / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    def all_packages(self) -> list[str]:
        """Every name in the lists of setup.sh."""
        text = (ROOT / "setup.sh").read_text()
        names = []
        for name in ("packages", "test_packages", "optional_packages"):
            block = text.split(f"\n{name}=(", 1)[1].split(")", 1)[0]
            lines = [line.split("#", 1)[0] for line in block.splitlines()]
            names += " ".join(lines).split()
        return names

    def run_setup(self, *arguments: str, ci: bool = False) -> tuple[str, str]:
        """Messages, and the commands that were run."""
        for name, lines in (("installed", self.packages), ("available", self.available)):
            (self.tree / name).write_text("".join(f"{line}\n" for line in sorted(lines)))
        (self.tree / "log").write_text("")
        environment = {"PATH": f"{self.tree / 'bin'}:{os.environ['PATH']}", **({"CI": "true"} if ci else {})}
        done = subprocess.run(
            ["./setup.sh", *arguments],
            cwd=self.tree,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout, (self.tree / "log").read_text()

    def test_nothing_is_installed_where_nothing_is_missing(self):
        messages, log = self.run_setup("--tests")
        self.assertEqual(messages, "")
        self.assertNotIn("apt-get", log)

    def test_the_program_needs_no_package_of_the_tests(self):
        self.packages -= {"libgtest-dev", "libonnx-dev", "iverilog"}
        _, log = self.run_setup()
        self.assertNotIn("apt-get", log)
        self.assertIn("-DMSQ_TESTS=OFF", log)
        _, log = self.run_setup("--tests")
        self.assertIn("apt-get install", log)
        self.assertIn("libonnx-dev", log)
        self.assertIn("-DMSQ_TESTS=ON", log)

    def test_a_library_that_the_system_lacks_does_not_end_the_set_up(self):
        self.packages -= {LIBRARY}
        messages, log = self.run_setup()
        self.assertIn(f"no package {LIBRARY}", messages)
        self.assertIn("--liberty", messages)
        self.assertNotIn("apt-get", log)
        self.assertIn("cmake --build", log)

    def test_an_optional_package_that_can_be_had_is_installed(self):
        self.packages -= {LIBRARY, "opensta"}
        self.available |= {LIBRARY}
        messages, log = self.run_setup()
        self.assertIn("no package opensta", messages)
        install = next(line for line in log.splitlines() if "apt-get install" in line)
        self.assertTrue(install.endswith(f" {LIBRARY}"), install)

    def test_lists_of_packages_are_fetched_where_there_are_none(self):
        self.packages -= {LIBRARY}
        self.available = set()
        _, log = self.run_setup()
        self.assertIn("apt-get update", log)

    def test_warnings_are_errors_in_continuous_integration_alone(self):
        self.assertIn("-DMSQ_WERROR=OFF", self.run_setup()[1])
        self.assertIn("-DMSQ_WERROR=ON", self.run_setup(ci=True)[1])

    def test_a_build_that_is_there_keeps_its_options(self):
        cache = self.tree / "build" / "release" / "CMakeCache.txt"
        cache.parent.mkdir(parents=True)
        cache.write_text("MSQ_TESTS:BOOL=ON\nMSQ_WERROR:BOOL=OFF\n")
        _, log = self.run_setup()
        self.assertIn("-DMSQ_TESTS=ON -DMSQ_WERROR=OFF", log)
        cache.write_text("MSQ_TESTS:BOOL=OFF\n")
        self.assertIn("-DMSQ_TESTS=OFF -DMSQ_WERROR=ON", self.run_setup()[1])


if __name__ == "__main__":
    unittest.main()
