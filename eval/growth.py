#!/usr/bin/env python3
"""What an array costs as it grows: time and memory to generate, build, simulate and synthesize it (docs/growth.md).

usage: eval/growth.py [--sizes 4,8,16,32,64,128] [--paths none,inline] [--steps generate,build,simulate,synth]

Every step is a run of `microscopiq` in its own directory with an empty cache of models; its processor time and the
resident memory of its largest process are what the kernel says of it and of everything it started. A step that was
measured is kept in build/growth/growth.json, so the script goes on where it was interrupted; --again measures anew.
At the end it prints the table and the fitted laws, and draws docs/growth.svg (with matplotlib).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import pathlib
import shutil
import sys
import time

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
    """Runs the program. Seconds of wall clock and of processors, MB of its largest process, and its JSON if it prints one."""
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
        # A layer of four tiles a second or longer: the rate is that of the model, not of starting the program.
        tiles = str(max(4, 2_000_000 // (size * size * TOKENS)))
        big = ["--synthetic", f"{max(512, 4 * size)}x{max(2048, 4 * size)}", *layer[2:], "--tiles", tiles]
        result = measure(["simulate", *common, *big], models)
    else:
        result = measure(["synth", *common, "--no-twin", "--work", str(place / "synth"), "--json"], models)
        result["area_um2"] = result["report"]["configuration"]["area_um2"]
    result["date"] = time.strftime("%Y-%m-%d")
    result.pop("report" if step != "simulate" else "", None)
    return result


def law(points: list[tuple[int, float]]) -> str:
    """y = c PEs^e by least squares of the logarithms, over sizes of 16 and more, where constant costs are behind."""
    points = [(math.log(size * size), math.log(value)) for size, value in points if size >= 16 and value > 0]
    if len(points) < 3:
        return ""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    return f"PEs^{slope:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="4,8,16,32,64,128")
    parser.add_argument("--paths", default="none,inline")
    parser.add_argument("--steps", default=",".join(STEPS))
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
                print(key, {k: v for k, v in known[key].items() if k != "report"}, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
