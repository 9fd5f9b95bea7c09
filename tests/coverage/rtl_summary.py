"""Adds up what Verilated models say they covered: python3 rtl_summary.py DIRECTORY EXCLUDED

A point of a leaf of rtl/ is covered if it is so in any configuration and instance; a point of a generated module counts
for each configuration by itself. EXCLUDED has lines "kind<TAB>regex of file:name<TAB>reason".
"""

import collections
import pathlib
import re
import sys

KINDS = {"v_line": "line", "v_branch": "branch", "v_toggle": "toggle", "v_user": "functional"}


def points(path):
    """The points of a file: (kind, file, line, column, name), and how often they were met."""
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            if not line.startswith("C '"):
                continue
            key, count = line[3:].rsplit("' ", 1)
            fields = dict(part.split("\x02", 1) for part in key.split("\x01") if part)
            kind = KINDS[fields["page"].split("/")[0]]
            yield (kind, fields["f"], int(fields["l"]), int(fields["n"]), fields.get("o", "")), int(count)


def read_excluded(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                kind, regex, reason = line.rstrip("\n").split("\t")
                yield kind, re.compile(regex), reason


def main(directory, excluded_path):
    leaves = {path.name for path in pathlib.Path("rtl").glob("*.v")}
    counts = collections.Counter()
    configurations = set()
    for path in sorted(pathlib.Path(directory).glob("*.dat")):
        configuration = re.sub(r"-\d+-\d+$", "", path.stem)
        configurations.add(configuration)
        for point, count in points(path):
            kind, file, *_ = point
            if file.endswith("_cover.v"):
                if kind != "functional":
                    continue  # the points' own wiring
                configuration_of = configuration
            else:
                configuration_of = "" if file in leaves else configuration
            counts[(configuration_of, *point)] += count
    rules = list(read_excluded(excluded_path))
    used = collections.Counter()
    total = collections.defaultdict(lambda: [0, 0, 0])
    missing = []
    for (configuration, kind, file, line, _, name), count in sorted(counts.items()):
        group = total[(kind, "leaves" if file in leaves else "points" if kind == "functional" else "generated")]
        if count:
            group[0] += 1
            continue
        text = f"{configuration}:{file}:{name}:{line}"
        rule = next((r for r in rules if r[0] == kind and r[1].search(text)), None)
        if rule:
            group[1] += 1
            used[rule[2]] += 1
        else:
            group[2] += 1
            missing.append((kind, text))
    print(f"{len(configurations)} designs: {' '.join(sorted(configurations))}")
    print(f"{'':24}{'covered':>9}{'excluded':>10}{'missed':>8}{'':4}covered of those not excluded")
    for (kind, where), (covered, left_out, missed) in sorted(total.items()):
        share = 100 * covered / max(1, covered + missed)
        print(f"{kind + ', ' + where:24}{covered:9}{left_out:10}{missed:8}{share:10.2f} %")
    print("Excluded, by reason")
    for reason, count in used.most_common():
        print(f"{count:9} {reason}")
    for _, regex, reason in rules:
        if not used[reason]:
            print(f"          nothing is left out for: {regex.pattern}: {reason}")
    print("Not covered")
    for kind, text in missing:
        print(f"  {kind:11}{text}")


if __name__ == "__main__":
    main(*sys.argv[1:])
