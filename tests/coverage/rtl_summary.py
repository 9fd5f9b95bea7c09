"""Adds up what Verilated models say they covered: python3 rtl_summary.py DIRECTORY EXCLUDED
[CONFIGURATION]...

A point of a leaf of rtl/ is covered if it is so in any configuration, bench and instance; a point of a
generated module counts for each configuration by itself, but not in those named: they are there for their
leaves. What has not toggled is left out if Yosys proves it constant wherever it is. EXCLUDED has lines
"kind<TAB>regex of configuration:file:name:line<TAB>reason"; for leaves, "line" is the line's text."""

import collections
import pathlib
import re
import sys

from constant_bits import constant_bits, is_constant

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
            yield (
                (
                    kind,
                    pathlib.Path(fields["f"]).name,
                    int(fields["l"]),
                    int(fields["n"]),
                    fields.get("o", ""),
                ),
                int(count),
            )


def read_excluded(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                kind, regex, reason = line.rstrip("\n").split("\t")
                yield kind, re.compile(regex), reason


def read_points(directory, leaves, leaves_only):
    """Counts by (configuration, or "" for leaves, and point), and for each of these where it is."""
    counts = collections.Counter()
    homes = collections.defaultdict(set)
    for path in sorted(pathlib.Path(directory).glob("*.dat")):
        configuration = re.sub(r"-\d+-\d+$", "", path.stem)
        leaves_alone = configuration.endswith("_bench") or configuration in leaves_only
        for point, count in points(path):
            kind, file, *_ = point
            if leaves_alone and file not in leaves:
                continue
            if file.endswith("_cover.v") and kind != "functional":
                continue  # the points' own wiring
            key = ("" if file in leaves else configuration, *point)
            counts[key] += count
            homes[key].add(configuration)
    return counts, homes


DEFINES = {"dsp_bench": ("MSQ_DSP",)}  # as in tests/rtl/CMakeLists.txt


class Constants:
    """Proofs for the designs that models were made of, made when they are asked for."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.found = {}

    def of(self, configuration):
        if configuration not in self.found:
            if configuration.endswith("_bench"):
                top = configuration.removeprefix("V")
                tests = pathlib.Path("tests/rtl")
                sources = [*pathlib.Path("rtl").rglob("*.v"), tests / f"{top}.v", *tests.glob("*_case.v")]
            else:
                top = configuration.rsplit("-", 1)[1]
                sources = [*(self.directory / "verilog" / configuration).glob("*.v")]
            self.found[configuration] = constant_bits(
                sorted(sources), top, self.directory / "constants", DEFINES.get(top, ())
            )
        return self.found[configuration]

    def proven(self, configurations, point):
        _, file, line, _, name = point
        return all(is_constant(self.of(configuration), file, line, name) for configuration in configurations)


def main(directory, excluded_path, *leaves_only):
    texts = {
        path.name: path.read_text(encoding="utf-8").splitlines() for path in pathlib.Path("rtl").rglob("*.v")
    }
    leaves = set(texts)
    counts, homes = read_points(directory, leaves, leaves_only)
    configurations = sorted(set().union(*homes.values()))
    constants = Constants(directory)
    rules = list(read_excluded(excluded_path))
    used = collections.Counter()
    total = collections.defaultdict(lambda: [0, 0, 0, 0])
    missing = []
    for (configuration, *point), count in sorted(counts.items()):
        kind, file, line, _, name = point
        group = total[
            (kind, "leaves" if file in leaves else "points" if kind == "functional" else "generated")
        ]
        if count:
            group[0] += 1
            continue
        if kind == "toggle" and constants.proven(homes[(configuration, *point)], point):
            group[1] += 1
            continue
        text = f"{configuration}:{file}:{name}:{texts[file][line - 1].strip() if file in texts else line}"
        rule = next((r for r in rules if r[0] == kind and r[1].search(text)), None)
        if rule:
            group[2] += 1
            used[rule[2]] += 1
        else:
            group[3] += 1
            missing.append((kind, text))
    designs = [c for c in configurations if not c.endswith("_bench") and c not in leaves_only]
    benches = [c for c in configurations if c.endswith("_bench")]
    print(f"{len(designs)} designs: {' '.join(designs)}")
    print(f"{len(benches)} benches of leaves: {' '.join(benches)}")
    print(f"{len(leaves_only)} more designs for their leaves: {' '.join(leaves_only)}")
    print(
        f"leaves in none of them: {' '.join(sorted(leaves - {point[1] for _, *point in counts})) or 'none'}"
    )
    print(
        f"{'':24}{'covered':>9}{'constant':>10}{'excluded':>10}{'missed':>8}{'':4}covered of those not "
        f"left out"
    )
    for (kind, where), (covered, constant, left_out, missed) in sorted(total.items()):
        share = 100 * covered / max(1, covered + missed)
        print(f"{kind + ', ' + where:24}{covered:9}{constant:10}{left_out:10}{missed:8}{share:10.2f} %")
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
