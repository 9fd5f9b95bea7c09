"""A compilation database for clang-tidy: python3 tidy_database.py [--units] DATABASE DIRECTORY FILE...

Writes the database to DIRECTORY/compile_commands.json, with the sources of unity builds one by one. Prints
those of the files that it has. With --units, units stay whole and are printed in place of their sources:
clang-tidy then reads the headers of a unit once.
"""

import json
import re
import sys
from pathlib import Path

INCLUDED = re.compile(r'^#include "(.+)"$', re.MULTILINE)


def sources_of(command):
    file = command["file"]
    return INCLUDED.findall(Path(file).read_text(encoding="utf-8")) if "/Unity/unity_" in file else [file]


def one_by_one(command):
    def alone(source):
        return {**command, "file": source, "command": command["command"].replace(command["file"], source)}

    return [alone(source) for source in sources_of(command)]


def main(*arguments):
    units = arguments[0] == "--units"
    database, directory, *files = arguments[units:]
    commands = json.loads(Path(database).read_text(encoding="utf-8"))
    if not units:
        commands = [command for unit in commands for command in one_by_one(unit)]
    for command in commands:
        command["command"] += " -Wno-unknown-warning-option"
    target = Path(directory)
    target.mkdir(parents=True, exist_ok=True)
    (target / "compile_commands.json").write_text(json.dumps(commands), encoding="utf-8")
    unit_of = {}
    for command in commands:
        for source in sources_of(command):
            unit_of.setdefault(source, command["file"])
    printed = set()
    for file in files:
        unit = unit_of.get(str(Path(file).resolve()))
        if unit is None:
            print(f"check.sh: not in the build, so not read: {file}", file=sys.stderr)
        elif unit not in printed:
            printed.add(unit)
            print(unit)


if __name__ == "__main__":
    main(*sys.argv[1:])
