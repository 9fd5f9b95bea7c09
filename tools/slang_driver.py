"""slang's command line, for the Python package pyslang, which has no program.

usage: slang_driver.py ARGUMENT...
"""

import shlex
import sys

import pyslang
from pyslang.driver import Driver


def main() -> int:
    if sys.argv[1:] == ["--version"]:
        print(f"slang {pyslang.__version__}")
        return 0
    driver = Driver()
    driver.addStandardArgs()
    ready = driver.parseCommandLine(shlex.join(["slang", *sys.argv[1:]]))
    if not (ready and driver.processOptions() and driver.parseAllSources()):
        return 2
    driver.reportCompilation(driver.createCompilation(), True)
    return 0 if driver.reportDiagnostics(True) else 1


if __name__ == "__main__":
    sys.exit(main())
