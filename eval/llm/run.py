"""Quantizes a language model by the methods of a file and measures perplexities.

For each method: all linear layers of the blocks, one block after the other with the inputs that those before
it produce (sequential.py), then the perplexity on test text over that of the original model. Finished methods
and blocks are kept in OUT, so that an interrupted run goes on.
"""

import argparse
import hashlib
import json
import math
import pathlib
import time

import model
import mx
import perplexity
import safetensors.torch
import sequential
import text
import torch
import tune
import windows

import files
import microscopiq

LENGTH = 1024  # tokens of a window
TESTS = {"handbook": 12, "fortunes": 12, "bible": 6}  # windows of each text, unless told
CALIBRATION = ("handbook", "fortunes")


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model", required=True, help="directory with model.safetensors, config.json, tokenizer.json"
    )
    parser.add_argument("--methods", required=True, help="JSON list of methods, see eval/llm/README.md")
    parser.add_argument("--only", nargs="*", help="names of methods; default: all")
    parser.add_argument("--out", required=True, help="directory of the run")
    parser.add_argument("--build", default="build/release", help="directory of the build with both programs")
    parser.add_argument(
        "--windows", type=int, default=32, help="calibration windows, half of each text (default: 32)"
    )
    parser.add_argument(
        "--test-windows",
        type=int,
        nargs=len(TESTS),
        default=list(TESTS.values()),
        metavar="N",
        help=f"windows of {', '.join(TESTS)} (default: {' '.join(map(str, TESTS.values()))})",
    )
    parser.add_argument("--begin", type=int, default=0, help="token at the start of each window")
    return parser.parse_args()


def chosen(path, only):
    """The methods of a list, or those named. Error: a name that is not in the list."""
    methods = files.methods(path)
    unknown = [name for name in only or () if name not in methods]
    if unknown:
        raise SystemExit(f"--only: found {unknown[0]!r}; allowed: {', '.join(methods)}")
    return [method for name, method in methods.items() if not only or name in only]


def texts(arguments, test):
    """name -> windows [count][LENGTH]. Error: a text without windows, or more calibration of one text."""
    if test and min(arguments.test_windows) < 1:
        raise SystemExit(f"--test-windows: found {min(arguments.test_windows)}; allowed: numbers from 1 on")
    if not test and (arguments.windows < 1 or arguments.windows % len(CALIBRATION)):
        raise SystemExit(f"--windows: found {arguments.windows}; allowed: even numbers from 2 on")
    if test:
        count = dict(zip(TESTS, arguments.test_windows, strict=True))
    else:
        count = dict.fromkeys(CALIBRATION, arguments.windows // len(CALIBRATION))
    return {
        name: torch.from_numpy(
            windows.windows(arguments.model, text.text_of(name, test), count[name], LENGTH, arguments.begin)
        )
        for name in count
    }


def activations(bits):
    """Function applied to a layer's inputs; None: none."""
    return None if bits is None else lambda x: mx.quantized(x, bits)


def share(report, part, whole):
    total = sum(layer[whole] for layer in report.values())
    return sum(layer[part] for layer in report.values()) / total if total else 0


def digest_of_model(language_model):
    """Of the configuration and all tensors."""
    digest = hashlib.sha256(json.dumps(language_model.config, sort_keys=True).encode())
    for name, tensor in sorted(language_model.tensors.items()):
        digest.update(name.encode())
        digest.update(tensor.contiguous().numpy())
    return digest.hexdigest()


def digest_of_windows(windows_of):
    tokens = {name: w.tolist() for name, w in windows_of.items()}
    return hashlib.sha256(json.dumps(tokens).encode()).hexdigest()


def references(out, language_model, tests):
    """Log perplexities of the original model, kept in the directory `out`. Error: those kept are of another
    model or of other windows. (Files of earlier versions have the numbers of windows only.)"""
    path = pathlib.Path(out) / "reference.json"
    counts = {name: len(w) for name, w in tests.items()}
    wanted = {
        "test_windows": counts,
        "model": digest_of_model(language_model),
        "tokens": digest_of_windows(tests),
    }
    if path.exists():
        found = files.read_json(path)
        if found["test_windows"] != counts:
            raise SystemExit(f"{path}: found {found['test_windows']} test windows; allowed {counts}")
        for key, what in (("model", "another model"), ("tokens", "test windows of other tokens")):
            if found.get(key, wanted[key]) != wanted[key]:
                raise SystemExit(f"{path}: found {what}; allowed: the same, or another directory with --out")
        return found["log_perplexity"]
    found = {name: perplexity.log_perplexity(language_model, w) for name, w in tests.items()}
    files.write_json(path, wanted | {"log_perplexity": found})
    return found


def settings(method, calibration):
    """What a result is of, besides the model and the test windows."""
    return {"method": method, "calibration": digest_of_windows({"": calibration})}


def is_finished(result, method, calibration):
    """Whether the method's result is there. Error: it is of other settings."""
    if not result.exists():
        return False
    found = files.read_json(result).get("settings")
    if found is not None and found != settings(method, calibration):
        kind = "method" if found["method"] != method else "calibration windows"
        raise SystemExit(f"{result}: found other settings ({kind}); allowed: the same, or another --out")
    return True


def quantized(arguments, language_model, method, calibration):
    """Weights of all layers by the method, and its report."""
    programs = sequential.Programs(
        f"{arguments.build}/cli/microscopiq", f"{arguments.build}/eval/msq_quantize_layers"
    )
    out = pathlib.Path(arguments.out) / method["name"]
    if method.get("rounds"):
        layers = language_model.all_layers()
        out.mkdir(parents=True, exist_ok=True)
        weights, report = sequential.quantize_layers(
            language_model, layers, None, method, programs, out / "rounded.safetensors"
        )
        return {f"{name}.weight": w for name, w in weights.items()}, report
    change = activations(method.get("act_bits"))
    return sequential.quantize_model(language_model, calibration, method, out, programs, change_inputs=change)


def of_base(arguments, language_model, method, calibration):
    """Weights of a finished method and its report; with a rate, weights and norms tuned, and our encodings'
    files with their new scales."""
    out = pathlib.Path(arguments.out)
    plan = out / method["base"] / "plan.json"
    if not plan.exists():
        raise SystemExit(
            f"method {method['name']!r}: base: found {method['base']!r}; "
            f"allowed: a calibrated method run in {out}"
        )
    base = files.read_json(plan)["method"]
    weights, report = quantized(arguments, language_model, base, calibration)
    if "rate" not in method:
        return weights, report
    weights = {name.removesuffix(".weight"): value.clone() for name, value in weights.items()}
    quantized_files = list((out / method["base"]).glob("model.layers.*.safetensors"))
    steps = {}
    for file in quantized_files:
        opened = microscopiq.load(file)
        steps |= {name: tune.steps_of(opened[name]) for name in opened}
    with torch.enable_grad():
        student = tune.Student(language_model, weights, steps, base.get("encoding") != "paper")
        windows_of = calibration[: method["windows"]] if "windows" in method else calibration
        change = activations(method.get("act_bits"))
        tune.tune(language_model, student, windows_of.clone(), method["rate"], change)
    with torch.no_grad():
        found = {f"{name}.weight": scale.weights() for name, scale in student.scales.items()}
        found |= {name: value.detach() for name, value in student.norms.items()}
        directory = out / method["name"]
        directory.mkdir(exist_ok=True)
        for file in quantized_files:
            names = list(microscopiq.load(file))
            scales = {n: (steps[n][0] * student.scales[n].effective()).numpy() for n in names if steps[n]}
            tune.store_scales(file, directory / file.name, scales)
        safetensors.torch.save_file(dict(student.norms), directory / "norms.safetensors")
    return found, report


def measure(arguments, language_model, method, calibration, tests, reference):
    """The result of one method, as it is stored."""
    start = time.monotonic()
    weights, report = (of_base if "base" in method else quantized)(
        arguments, language_model, method, calibration
    )
    change = activations(method.get("act_bits"))
    ratios = {
        name: perplexity.ratio(language_model, w, weights, reference[name], change)
        for name, w in tests.items()
    }
    total = sum(layer["weights"] for layer in report.values())
    return {
        "model": pathlib.Path(arguments.model).name,
        "method": method["name"],
        "bits": sum(layer["bits"] * layer["weights"] for layer in report.values()) / total,
        "act_bits": method.get("act_bits"),
        "reference": {name: math.exp(value) for name, value in reference.items()},
        "ratio": ratios,
        "outliers": share(report, "outliers", "weights"),
        "flagged": share(report, "micro_blocks_with_outliers", "micro_blocks"),
        "seconds": time.monotonic() - start,
        "settings": settings(method, calibration),
    }


def main():
    arguments = parse()
    methods = chosen(arguments.methods, arguments.only)
    language_model = model.Model(arguments.model)
    pathlib.Path(arguments.out).mkdir(parents=True, exist_ok=True)
    tests = texts(arguments, True)
    calibration = torch.cat(list(texts(arguments, False).values()))
    with torch.no_grad():
        reference = references(arguments.out, language_model, tests)
        for method in methods:
            result = pathlib.Path(arguments.out) / f"{method['name']}.json"
            if is_finished(result, method, calibration):
                continue
            found = measure(arguments, language_model, method, calibration, tests, reference)
            files.write_json(result, found)
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
