#!/usr/bin/env python3
"""What an array costs as it grows: time and memory to generate, build, simulate and synthesize it
(docs/results/area.md).

usage: eval/growth.py [--sizes 4,8,16,32,64,128] [--paths none,inline] [--steps generate,build,simulate,synth]

Every step is a run of `microscopiq` in its own directory with an empty cache of models; its processor time
and the resident memory of its largest process are what the kernel says of it and of everything it started. A
step that was measured is kept in build/growth/growth.json, so the script goes on where it was interrupted;
--again measures anew. At the end it prints the table and the fitted laws (exponents over sizes from 16x16
on); --csv FILE keeps the table."""

from __future__ import annotations

import argparse
import json
import math
import os
import pathlib
import shutil
import sys
import time

import kept_runs

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build/growth"
PROGRAM = ROOT / "build/release/cli/microscopiq"
STEPS = ("generate", "build", "simulate", "synth")
TOKENS = 64


def configuration(size: int, path: str) -> dict:
    """The default configuration of this size, with plain systolic columns where there is no outlier path."""
    config = {"name": f"growth-{path}-{size}", "rows": size, "cols": size, "outlier_path": path}
    if size == 4:
        config["micro_block"] = 4
    return config


def measure(arguments: list[str], models: pathlib.Path) -> dict:
    """Runs the program. Wall-clock and processor seconds, MB of its largest process, JSON if it prints
    one."""
    environment = {**os.environ, "MSQ_MODEL_CACHE": str(models), "CCACHE_DISABLE": "1"}
    log = OUT / "stdout"
    actions = [(os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)]
    begin = time.monotonic()
    child = os.posix_spawn(PROGRAM, [str(PROGRAM), *arguments], environment, file_actions=actions)
    _, status, usage = os.wait4(child, 0)  # with what the child has waited for
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        sys.exit(f"microscopiq {' '.join(arguments)}: exit code {code}")
    return {
        "seconds": round(time.monotonic() - begin, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "mb": round(usage.ru_maxrss / 1024),
        "report": json.loads(log.read_text() or "null") if "--json" in arguments else None,
    }


def run_step(step: str, size: int, path: str) -> dict:
    place = OUT / f"{path}-{size}"
    place.mkdir(parents=True, exist_ok=True)
    config = place / "config.json"
    config.write_text(json.dumps(configuration(size, path)))
    models = place / "models"
    common = ["--config", str(config)]
    layer = ["--synthetic", f"{2 * size}x{4 * size}", "--bits", "2", "--tokens", str(TOKENS), "--json"]
    if step == "generate":
        shutil.rmtree(place / "verilog", ignore_errors=True)
        result = measure(["generate", *common, "-o", str(place / "verilog")], models)
        result["bytes"] = sum(file.stat().st_size for file in (place / "verilog").rglob("*.v"))
    elif step == "build":  # and one tile, which takes nothing beside it
        shutil.rmtree(models, ignore_errors=True)
        result = measure(["simulate", *common, *layer, "--tiles", "1"], models)
    elif step == "simulate":
        # About a second: long enough for a rate, which is the model's without start and end of the program.
        tiles = str(40_000_000 // (size * size * TOKENS))
        big = ["--synthetic", "1024x2048", *layer[2:], "--tiles", tiles]
        result = measure(["simulate", *common, *big], models)
    else:
        result = measure(["synth", *common, "--no-twin", "--work", str(place / "synth"), "--json"], models)
        result["area_um2"] = result["report"]["configuration"]["area_um2"]
    result["date"] = time.strftime("%Y-%m-%d")
    if step != "simulate":
        result.pop("report")
    return result


def law(points: list[tuple[int, float]]) -> str:
    """y = c PEs^e by least squares of the logarithms, over sizes of 16 and more, where constant costs are
    behind."""
    points = [(math.log(size * size), math.log(value)) for size, value in points if size >= 16 and value > 0]
    if len(points) < 3:
        return ""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    return f"PEs^{slope:.2f}"


COLUMNS = (
    ("generate", "cpu_seconds", "{:,}"),
    ("generate", "kB", "{:,.0f}"),
    ("build", "cpu_seconds", "{:,}"),
    ("build", "mb", "{:,}"),
    ("simulate", "rate", "{:.1f}"),
    ("synth", "cpu_seconds", "{:,}"),
    ("synth", "mb", "{:,}"),
)


CSV_COLUMNS = (
    ("generate_cpu_s", "generate", "cpu_seconds"),
    ("verilog_kB", "generate", "kB"),
    ("build_cpu_s", "build", "cpu_seconds"),
    ("build_MB", "build", "mb"),
    ("simulate_million_PE_cycles_per_s", "simulate", "rate"),
    ("synth_cpu_s", "synth", "cpu_seconds"),
    ("synth_MB", "synth", "mb"),
)


def table(known: dict, sizes: list[int], paths: list[str]) -> str:
    heads = [
        "array",
        "path",
        "generate s",
        "Verilog kB",
        "build s",
        "build MB",
        "M PE-cycles/s",
        "synth s",
        "synth MB",
    ]
    lines = [heads, ["---"] * len(heads)]
    for size in sizes:
        for path in paths:
            steps = {step: known.get(f"{path} {size} {step}") for step in STEPS}
            cells = [f"{size}x{size}", path]
            for step, key, form in COLUMNS:
                cells.append(form.format(value(steps[step], size, key)) if steps[step] else "")
            lines.append(cells)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def rate(simulation: dict, size: int) -> float:
    """PE-cycles per second."""
    return size * size * simulation["report"]["cycles"] / simulation["report"]["seconds"]


FIGURES = {
    "Verilog, kB": ("generate", "kB"),
    "build the model, s of processor": ("build", "cpu_seconds"),
    "build the model, MB": ("build", "mb"),
    "simulate, million PE-cycles/s": ("simulate", "rate"),
    "synthesize, s of processor": ("synth", "cpu_seconds"),
    "synthesize, MB": ("synth", "mb"),
}


def series(known: dict, sizes: list[int], path: str, step: str, key: str) -> list[tuple[int, float]]:
    found = [(size, known.get(f"{path} {size} {step}")) for size in sizes]
    return [(size, value(r, size, key)) for size, r in found if r]


def value(result: dict, size: int, key: str) -> float:
    if key == "kB":
        return result["bytes"] / 1000
    return rate(result, size) / 1e6 if key == "rate" else result[key]


def rows_of(known: dict, sizes: list[int], paths: list[str]) -> list[dict]:
    """A row per array and path; empty where a step was not measured."""
    rows = []
    for size in sizes:
        for path in paths:
            row = {"array": f"{size}x{size}", "path": path}
            for column, step, key in CSV_COLUMNS:
                found = known.get(f"{path} {size} {step}")
                row[column] = f"{value(found, size, key):.4g}" if found else ""
            rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="4,8,16,32,64,128")
    parser.add_argument("--paths", default="none,inline")
    parser.add_argument("--steps", default=",".join(STEPS))
    kept_runs.add_csv(parser)
    parser.add_argument("--again", action="store_true", help="measure what is already known")
    options = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    file = OUT / "growth.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    for size in map(int, options.sizes.split(",")):
        for path in options.paths.split(","):
            for step in options.steps.split(","):
                key = f"{path} {size} {step}"
                if key in known and not options.again:
                    continue
                known[key] = run_step(step, size, path)
                file.write_text(json.dumps(known, indent=1))
                print(
                    key, {k: v for k, v in known[key].items() if k != "report"}, file=sys.stderr, flush=True
                )
    sizes, paths = list(map(int, options.sizes.split(","))), options.paths.split(",")
    print(table(known, sizes, paths))
    print()
    for title, (step, key) in FIGURES.items():
        if key in ("kB", "rate"):
            continue  # no law is behind these
        laws = {path: law(series(known, sizes, path, step, key)) for path in paths}
        print(f"{title}: " + ", ".join(f"{path} {text}" for path, text in laws.items() if text))
    if options.csv:
        kept_runs.write_csv(options.csv, rows_of(known, sizes, paths))


if __name__ == "__main__":
    main()
