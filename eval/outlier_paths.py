#!/usr/bin/env python3
"""Measures the outlier paths side by side; prints a table per size and set of modes (docs/results/area.md).

Area by `microscopiq synth` (core, memories apart), cycles by `microscopiq model` (the accelerator, equal to
the Verilog's counters): MiniLM with the outliers its own weights have, LLaMA-3-8B with random ones. Figures:
build/outlier-paths/; an area is measured again only if the emitted Verilog or the library changed."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import kept_runs

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build/outlier-paths"
SHIFT_MAX = 3  # holds all but 0.03 % of MiniLM's micro-blocks; the quantizer clamps those
# Widths that `microscopiq fit` proves for MiniLM at this shift.
ACC_BITS = {(8, 2): 15, (8, 4): 17, (16, 2): 16, (16, 4): 17, (64, 2): 17, (64, 4): 19}
RATES = {2: 0.09, 4: 0.0375}  # of micro-blocks with outliers: the paper's averages
PREFILL = 2048
MODELS = ("minilm", "llama-3-8b")
PATHS = ("none", "recon", "inline")


@dataclasses.dataclass(frozen=True)
class Variant:
    name: str
    keys: dict = dataclasses.field(hash=False)

    @property
    def outliers(self) -> bool:
        return self.keys["outlier_path"] != "none"

    @property
    def entries(self) -> int:
        """Outliers of a micro-block that the weights are quantized for."""
        return self.keys["inline"]["units_per_block"] if "inline" in self.keys else 4


def none(tree: int) -> Variant:
    return Variant(
        "none" if tree == 1 else f"none, trees of {tree}", {"outlier_path": "none", "tree_rows": tree}
    )


def recon(units: int, span: str) -> Variant:
    name = f"recon, {units} unit{'s' if units > 1 else ''}, span {span}"
    return Variant(name, {"outlier_path": "recon", "recon": {"units": units, "span": span}})


def inline(tree: int, units: int) -> Variant:
    rows = "each row" if tree == 1 else f"{tree} rows"
    name = f"inline, {units} unit{'s' if units > 1 else ''} for {rows}"
    return Variant(name, {"outlier_path": "inline", "tree_rows": tree, "inline": {"units_per_block": units}})


def variants(size: int) -> list[Variant]:
    most = min(8, size // 2)
    found = [none(1), none(most)]
    for span in ("block", "array"):
        found += [recon(units, span) for units in sorted({1, 2, 8, size})]
    found += [inline(1, 1), inline(1, 2), inline(2, 1), inline(4, 1), inline(4, 2), inline(4, 4)]
    if most > 4:
        found += [inline(8, 1), inline(8, 2), inline(8, 4)]
    return found


def configuration(size: int, modes: list[int], variant: Variant) -> dict:
    config = {"name": "path", "rows": size, "cols": size, "modes": modes, **variant.keys}
    config["acc_bits"] = ACC_BITS[size, max(modes)]
    config["top"] = {"act_words": 16384 if size >= 64 else 65536}
    if variant.outliers:
        config["outlier_shift_max"] = SHIFT_MAX
    return config


class Bench:
    def __init__(self, program: str, liberty: str | None):
        self.program, self.liberty = program, liberty
        OUT.mkdir(parents=True, exist_ok=True)

    def run(self, *arguments: str) -> dict:
        done = subprocess.run(
            [self.program, *arguments, "--json"], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            sys.exit(f"microscopiq {' '.join(arguments)}: {done.stderr}")
        return json.loads(done.stdout)

    def file(self, config: dict) -> pathlib.Path:
        text = json.dumps(config, indent=2)
        path = OUT / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
        path.write_text(text)
        return path

    def area_key(self, array: list[str]) -> str:
        """Names what an area depends on: library, Yosys, Verilog."""
        digest = hashlib.sha256(pathlib.Path(self.liberty).read_bytes() if self.liberty else b"")
        digest.update(subprocess.run(["yosys", "-V"], capture_output=True, check=True).stdout)
        with tempfile.TemporaryDirectory() as directory:
            self.run("generate", "--core-only", *array, "-o", directory)
            for file in sorted(pathlib.Path(directory).glob("*.v")):
                digest.update(file.read_bytes())
        return digest.hexdigest()[:16]

    def area_of(self, array: list[str]) -> dict:
        """Report of `synth` about an array, named by options that `generate` takes too."""
        cached = OUT / f"area-{self.area_key(array)}.json"
        try:
            return json.loads(cached.read_text())
        except (OSError, ValueError):  # not measured yet, or cut off
            pass
        extra = ["--liberty", self.liberty] if self.liberty else []
        twin = ["--no-twin"] if "--config" in array else []
        report = self.run("synth", *array, *twin, "--work", str(OUT / "synth"), *extra)
        unfinished = cached.with_suffix(".tmp")
        unfinished.write_text(json.dumps(report))
        unfinished.replace(cached)
        return report

    def area(self, config: dict) -> dict:
        return self.area_of(["--config", str(self.file(config))])

    def cycles(self, config: dict, model: str, phase: str, mode: int, variant: Variant) -> dict:
        arguments = ["model", "--config", str(self.file(config)), "--phase", phase]
        arguments += ["--tokens", "1" if phase == "decode" else str(PREFILL)]
        if model == "minilm":
            arguments += ["--quantized", str(self.weights(mode, variant))]
        else:
            arguments += ["--model", model, "--mode", str(mode)]
            arguments += ["--outlier-rate", str(RATES[mode] if variant.outliers else 0)]
        return self.run(*arguments)

    def weights(self, mode: int, variant: Variant) -> pathlib.Path:
        entries = variant.entries if variant.outliers else 0
        path = OUT / f"minilm-{mode}-{entries}.safetensors"
        if not path.exists():
            source = ROOT / "build/weights/model.safetensors"
            self.run(
                "quantize",
                "--weights",
                str(source),
                "--bits",
                str(mode),
                "--outliers-per-block",
                str(entries),
                "--outlier-shift-max",
                str(SHIFT_MAX),
                "-o",
                str(path),
            )
        return path


def measure(bench: Bench, size: int, modes: list[int], models: list[str], paths: list[str]) -> list[dict]:
    rows = []
    for variant in variants(size):
        if variant.keys["outlier_path"] not in paths:
            continue
        config = configuration(size, modes, variant)
        area = bench.area(config)
        row = {
            "measured": time.strftime("%Y-%m-%d"),
            "size": size,
            "modes": modes,
            "variant": variant.name,
            "area": area["configuration"]["area_um2"],
            "ge": area["configuration"]["gate_equivalents"],
            "memory": area["configuration"]["memory_bits"],
            "library": area["library"],
            "cycles": {},
        }
        for mode in modes:
            for model in models:
                for phase in ("decode", "prefill"):
                    total = bench.cycles(config, model, phase, mode, variant)["total"]
                    row["cycles"][f"{model} {phase} {mode}"] = total["cycles"]
        rows.append(row)
        print(f"{size}x{size} {modes} {variant.name}: {row['area']:,.0f} um^2", file=sys.stderr)
    return rows


def table(rows: list[dict]) -> str:
    """Area, cycles and throughput per area of one size and set of modes."""
    by_name = {row["variant"]: row for row in rows}
    plain = by_name["none"]
    tree = next(row for row in rows if row["variant"].startswith("none, trees"))
    one = by_name.get("recon, 1 unit, span block")  # no columns against ReCoN without it
    keys = list(plain["cycles"])
    header = ["path", "mm^2", "kGE", "memory bits", "of none", "of none with trees"]
    header += [f"{key}, Mcycles" for key in keys]
    header += [f"{key}: per area, of none" for key in keys if "prefill" in key]
    if one:
        header += [f"{key}: of recon, 1 unit" for key in keys if "prefill" in key]
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    for row in rows:
        cells = [row["variant"], f"{row['area'] / 1e6:.3f}", f"{row['ge'] / 1e3:,.0f}", f"{row['memory']:,}"]
        cells += [f"{100 * (row['area'] / base['area'] - 1):+.1f} %" for base in (plain, tree)]
        cells += [f"{row['cycles'][key] / 1e6:,.2f}" for key in keys]
        for base in (plain, one) if one else (plain,):
            for key in keys:
                if "prefill" not in key:
                    continue
                ratio = base["cycles"][key] * base["area"] / (row["cycles"][key] * row["area"])
                cells.append(f"{ratio:.2f}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def rows_of(results: list[dict]) -> list[dict]:
    """A row per array and variant; cycles that were not calculated are empty."""
    rows = []
    for result in results:
        row = {
            "array": f"{result['size']}x{result['size']}",
            "modes": "+".join(map(str, result["modes"])),
            "path": result["variant"],
            "area_um2": f"{result['area']:.0f}",
            "memory_bits": result["memory"],
        }
        for model in MODELS:
            for mode in (2, 4):
                for phase in ("decode", "prefill"):
                    cycles = result["cycles"].get(f"{model} {phase} {mode}")
                    row[f"{model}_{phase}_mode{mode}_cycles"] = f"{cycles:.0f}" if cycles else ""
        row["measured"] = result["measured"]
        rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--program", default=str(ROOT / "build/release/cli/microscopiq"))
    parser.add_argument("--liberty", help="library; default: OSU 0.18 um")
    parser.add_argument("--sizes", default="8,16,64", help="default: 8,16,64")
    parser.add_argument("--modes", default="2;4;2,4", help="sets of modes, default: 2;4;2,4")
    parser.add_argument("--models", default=",".join(MODELS), help="default: %(default)s")
    parser.add_argument("--paths", default=",".join(PATHS), help="default: %(default)s; none is needed")
    kept_runs.add_csv(parser)
    options = parser.parse_args()
    bench = Bench(options.program, options.liberty)
    models = options.models.split(",")
    results = []
    for size in map(int, options.sizes.split(",")):
        for modes in ([int(mode) for mode in text.split(",")] for text in options.modes.split(";")):
            # K of LLaMA's feed-forward layer is more than 1,024 tiles of 8 rows.
            fitting = [model for model in models if size >= 16 or model == "minilm"]
            rows = measure(bench, size, modes, fitting, options.paths.split(","))
            results += rows
            print(f"\n### {size}x{size}, modes {modes}, {rows[0]['library']}\n\n{table(rows)}", flush=True)
    (OUT / "results.json").write_text(json.dumps(results, indent=1))
    if options.csv:
        kept_runs.write_csv(options.csv, rows_of(results))


if __name__ == "__main__":
    main()
