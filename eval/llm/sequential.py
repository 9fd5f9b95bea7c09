"""Quantizes a language model block by block, each with the inputs that the blocks quantized before it
produce.

OUT holds for each block its dequantized layers and a report, for our own encodings the quantized files BLOCK-
STAGE, and the residual streams of the calibration windows after the last finished block, so that an
interrupted run goes on from there.
"""

import json
import os
import pathlib
import subprocess
import tempfile

import safetensors.torch
import torch

import files
import microscopiq

# Settings of a method that are not the quantizer's.
OWN = (
    "target_strength",
    "first_weight",
    "massive_weight",
    "residual",
    "rounds",
    "act_bits",
    "bits_by_layer",
)


class Programs:
    """Paths of the programs that quantize."""

    def __init__(self, microscopiq_program, baselines):
        self.microscopiq = microscopiq_program
        self.baselines = baselines


class Streams:
    """Residual streams [windows][tokens][hidden] of the original and of the quantized model."""

    def __init__(self, original, quantized):
        self.original = original
        self.quantized = quantized


def options(method):
    """A method of kind "microscopiq" as options of `microscopiq quantize`."""
    found = []
    for key, value in method.items():
        option = "--" + key.replace("_", "-")
        if value is True:
            found.append(option)
        elif value is not False and key not in ("name", "kind") + OWN:
            found += [option, str(value)]
    return found


def quantize_ours(model, layers, sums, method, programs, output):
    """Quantizes layers by the program to the file `output`; dequantized weights [n][k] and report."""
    with tempfile.TemporaryDirectory() as directory:
        command = [programs.microscopiq, "quantize", "--json", "-w", str(model.file), "-o", str(output)]
        for name in layers:
            command += ["--tensor", f"{name}.weight"]
        if sums is not None:
            sums.save(f"{directory}/hessians.safetensors")
            command += ["--hessians", f"{directory}/hessians.safetensors"]
            command += ["--target-strength", str(method.get("target_strength", 0))]
        report = json.loads(run(command + options(method)))
    file = microscopiq.load(output)
    weights = {}
    for name in layers:
        values = microscopiq.dequantize(file[name])
        if file[name].input_scales is not None:
            values = values / file[name].input_scales[:, None]
        weights[name] = torch.from_numpy(values.T.copy())
    found = report.get("layers", [report])
    keep = ("weights", "micro_blocks", "micro_blocks_with_outliers", "output_error")
    renamed = {"bits": "ebw_stored", "outliers": "outliers_kept"}
    return weights, {
        one["layer"]: {key: one[key] for key in keep} | {key: one[name] for key, name in renamed.items()}
        for one in found
    }


def quantize_baseline(model, layers, sums, method, programs):
    """Dequantized weights [n][k] of layers, and report."""
    with tempfile.TemporaryDirectory() as directory:
        output = f"{directory}/weights.safetensors"
        spec = {key: value for key, value in method.items() if key not in OWN}
        command = [
            programs.baselines,
            "--weights",
            str(model.file),
            "--method",
            json.dumps(spec),
            "-o",
            output,
        ]
        if sums is not None:
            sums.save(f"{directory}/hessians.safetensors")
            command += ["--hessians", f"{directory}/hessians.safetensors"]
            command += ["--target-strength", str(method.get("target_strength", 0))]
        report = json.loads(run(command + layers))
        weights = safetensors.torch.load_file(output)
    return {name: weights[name + ".weight"] for name in layers}, report


def run(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SystemExit(f"{command[0]}: {error.strerror}; build it first (README.md)") from error
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return done.stdout


def quantize_layers(model, layers, sums, method, programs, output):
    """Dequantized weights [n][k] of layers and their report. Without sums they are rounded. Layers of our own
    encodings are kept in the file `output`."""
    if method["kind"] == "microscopiq":
        return quantize_ours(model, layers, sums, method, programs, output)
    return quantize_baseline(model, layers, sums, method, programs)


def quantize_by_width(model, layers, sums, method, programs, out):
    """quantize_layers(), the layers of each width together; method["bits_by_layer"] may name their bits."""
    weights, report = {}, {}
    by_layer = method.get("bits_by_layer", {})
    for bits in sorted({by_layer.get(name, method.get("bits")) for name in layers}, key=str):
        chosen = [name for name in layers if by_layer.get(name, method.get("bits")) == bits]
        settings = method if bits is None else method | {"bits": bits}
        output = out / f"{chosen[0]}.safetensors"
        found = quantize_layers(model, chosen, sums, settings, programs, output)
        weights |= found[0]
        report |= found[1]
    return weights, report


def quantize_block(model, block, streams, method, quantize, change_inputs=None):
    """Quantizes a block, moves both streams past it, and returns its weights and reports."""
    weights, report = {}, {}
    count = len(streams.quantized)
    follows = method.get("target_strength", 0) > 0
    exact, carried = [()] * count, [()] * count
    for stage in range(len(model.STAGES)):
        layers = model.layers(block, stage)
        inputs = []
        for i in range(count):
            x = model.stage_input(block, stage, streams.quantized[i], carried[i])
            inputs.append(x if change_inputs is None else change_inputs(x))
        sums = microscopiq.Hessians(method.get("first_weight", 1), method.get("massive_weight", 1))
        for i in range(count):
            wanted = {}
            if follows:
                x = model.stage_input(block, stage, streams.original[i], exact[i])
                exact[i] = [x @ model.weight(name).T for name in layers]
                wanted = dict(zip(layers, exact[i], strict=True))
            if follows and stage in (1, 3):
                if not model.gemma:  # elsewhere a norm lies between
                    missing = streams.original[i] - streams.quantized[i]
                    wanted = {layers[0]: exact[i][0] + method.get("residual", 0) * missing}
                streams.original[i] = model.add_output(block, stage, streams.original[i], exact[i][0])
            sums.add(layers[0], inputs[i].numpy(), {name: y.numpy() for name, y in wanted.items()})
        for name in layers[1:]:
            sums.share(name, layers[0])
        stage_weights, stage_report = quantize(layers, sums)
        weights |= stage_weights
        report |= stage_report
        for i in range(count):
            carried[i] = [inputs[i] @ stage_weights[name].T for name in layers]
            if stage in (1, 3):
                streams.quantized[i] = model.add_output(block, stage, streams.quantized[i], carried[i][0])
    return weights, report


def quantize_model(model, windows, method, out, programs, blocks=None, change_inputs=None):
    """Weights of all layers and their reports."""
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    plan = out / "plan.json"
    text = json.dumps({"method": method, "windows": windows.tolist()})
    if plan.exists() and plan.read_text() != text:
        raise SystemExit(f"{out}: of another run; allowed: an empty directory, or the same run")
    files.write_text(plan, text)
    start = 0
    streams_file = out / "streams.safetensors"
    if streams_file.exists():
        saved = safetensors.torch.load_file(streams_file)
        start = int(saved["blocks"])
        streams = Streams(saved["original"], saved["quantized"])
    else:
        x = torch.stack([model.embed(tokens) for tokens in windows])
        streams = Streams(x.clone(), x)
    for block in range(start, blocks or model.blocks):

        def quantize(layers, sums):
            return quantize_by_width(model, layers, sums, method, programs, out)

        weights, report = quantize_block(model, block, streams, method, quantize, change_inputs)
        tensors = {f"{n}.weight": w.contiguous() for n, w in weights.items()}
        safetensors.torch.save_file(tensors, out / f"block-{block}.safetensors")
        (out / f"block-{block}.json").write_text(json.dumps(report))
        temporary = out / "streams.tmp"
        state = {
            "original": streams.original,
            "quantized": streams.quantized,
            "blocks": torch.tensor(block + 1),
        }
        safetensors.torch.save_file(state, temporary)
        os.replace(temporary, streams_file)
    weights, report = {}, {}
    for block in range(blocks or model.blocks):
        weights |= safetensors.torch.load_file(out / f"block-{block}.safetensors")
        report |= json.loads((out / f"block-{block}.json").read_text())
    return weights, report
