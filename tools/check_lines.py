"""Lengths of lines, tabs and blanks at their ends: python3 check_lines.py FILE...

C++, Verilog and Python have at most 110 characters a line, except raw strings of C++, which cannot be broken;
CMake and scripts at most 160. Of Markdown only tabs and blanks are checked here; widths are in check_docs.py.
Data is not checked. Prints file:line: finding; exit code 1 if there is one.
"""

import re
import sys
from pathlib import Path

LIMITS = dict.fromkeys((".cpp", ".hpp", ".h", ".v", ".vh", ".vlt", ".py"), 110)
LIMITS |= dict.fromkeys((".cmake", ".sh", "CMakeLists.txt", "run"), 160)
OTHER_TEXT = {".md", ".toml", ".yaml", ".yml", ".cff", ".html"}
RAW_STRING = re.compile(r'R"(\w*)\(.*?\)\1"', re.S)


def lines_of_raw_strings(text):
    """Numbers of the lines that raw strings of C++ touch."""
    found = set()
    for string in RAW_STRING.finditer(text):
        first = text.count("\n", 0, string.start()) + 1
        found.update(range(first, first + string[0].count("\n") + 1))
    return found


def findings(path):
    """(line number, problem) of one file."""
    limit = LIMITS.get(path.suffix or path.name, LIMITS.get(path.name))
    if "data" in path.parts or (limit is None and path.suffix not in OTHER_TEXT):
        return
    text = path.read_text(encoding="utf-8")
    exempt = lines_of_raw_strings(text) if path.suffix in (".cpp", ".hpp") else ()
    for number, line in enumerate(text.splitlines(), 1):
        if number in exempt:
            continue
        if limit is not None and len(line) > limit:
            yield number, f"found {len(line)} characters; allowed: {limit}"
        if "\t" in line:
            yield number, "found a tab; allowed: blanks"
        if line != line.rstrip():
            yield number, "found blanks at the end of the line"


def main(paths):
    found = 0
    for path in map(Path, paths):
        for number, what in findings(path):
            print(f"{path}:{number}: {what}")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
