"""A compilation database that clang-tidy can read: python3 tidy_database.py DATABASE DIRECTORY FILE...

Writes the database without GCC's precompiled headers, and with the sources of unity builds one by one, to
DIRECTORY/compile_commands.json. Prints those of the files that it has.
"""

import json
import re
import sys
from pathlib import Path

GCC_ONLY = re.compile(r" -Winvalid-pch| -include \S*cmake_pch\.h\S*| -fpch-\S+| -fno-fat-lto-objects")

INCLUDED = re.compile(r'^#include "(.+)"$', re.MULTILINE)


def one_by_one(command):
    unit = command["file"]
    if "/Unity/unity_" not in unit:
        return [command]
    sources = INCLUDED.findall(Path(unit).read_text(encoding="utf-8"))
    line = command["command"]
    return [{**command, "file": source, "command": line.replace(unit, source)} for source in sources]


def main(database, directory, *files):
    written = json.loads(Path(database).read_text(encoding="utf-8"))
    commands = [command for entry in written for command in one_by_one(entry)]
    for command in commands:
        command["command"] = GCC_ONLY.sub("", command["command"]) + " -Wno-unknown-warning-option"
    target = Path(directory)
    target.mkdir(parents=True, exist_ok=True)
    (target / "compile_commands.json").write_text(json.dumps(commands), encoding="utf-8")
    known = {command["file"] for command in commands}
    for file in files:
        if str(Path(file).resolve()) in known:
            print(file)
        else:
            print(f"check.sh: not in the build, so not read: {file}", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
