"""Adds up what gcov says of golden/ and gen/: python3 cpp_summary.py BUILD_DIRECTORY"""

import collections
import json
import pathlib
import subprocess
import sys


def main(build):
    root = pathlib.Path.cwd()
    lines = collections.defaultdict(collections.Counter)  # file: line: executions
    notes = [
        str(path.resolve())
        for part in ("golden", "gen")
        for path in pathlib.Path(build, part).rglob("*.gcno")
    ]
    for start in range(0, len(notes), 20):
        run = subprocess.run(
            ["gcov", "--json-format", "--stdout", *notes[start : start + 20]],
            check=True,
            capture_output=True,
            text=True,
            cwd=build,
        )
        for document in run.stdout.splitlines():
            data = json.loads(document)
            for file in data["files"]:
                path = (pathlib.Path(data["current_working_directory"]) / file["file"]).resolve()
                if not path.is_relative_to(root) or path.relative_to(root).parts[0] not in ("golden", "gen"):
                    continue
                name = str(path.relative_to(root))
                for line in file["lines"]:
                    lines[name][line["line_number"]] += line["count"]
    parts = collections.defaultdict(lambda: [0, 0])
    rows = []
    for name, counts in sorted(lines.items()):
        covered = sum(1 for count in counts.values() if count)
        rows.append((name, covered, len(counts)))
        for key in (name.split("/")[0], "/".join(name.split("/")[:2])):
            parts[key][0] += covered
            parts[key][1] += len(counts)
    for key, (covered, total) in sorted(parts.items()):
        print(f"{key:24}{covered:7} of{total:7} lines {100 * covered / total:8.2f} %")
    print("Not covered")
    for name, covered, total in rows:
        if covered == total:
            continue
        missed = [str(number) for number, count in sorted(lines[name].items()) if not count]
        print(f"{name:44}{100 * covered / total:7.2f} %  {' '.join(missed)}")


if __name__ == "__main__":
    main(sys.argv[1])
