"""Quantizes a language model block by block, each with the inputs that the blocks quantized before it produce.

In OUT are: for each block its dequantized layers and a report, and the residual streams of the calibration windows after
the last finished block, so that an interrupted run goes on from there.
"""

import json
import os
import pathlib
import subprocess
import tempfile

import numpy as np
import safetensors.numpy


class Sums:
    """2 X^T X, largest |X| and 2 X^T Y of a stage, added up window by window."""

    def __init__(self, k, first_weight):
        self.hessian = np.zeros((k, k))
        self.largest = np.zeros(k, np.float32)
        self.targets = {}
        self.tokens = 0
        self.first_weight = np.float32(first_weight)

    def add(self, x, wanted):
        """Inputs x [tokens][k] of one window; wanted: layer -> outputs [tokens][n]. The first token counts
        first_weight times."""
        self.largest = np.maximum(self.largest, np.abs(x).max(axis=0))
        weighted = x.copy()
        weighted[0] *= self.first_weight
        self.hessian += 2 * (weighted.T @ x)
        for name, y in wanted.items():
            sums = 2 * (weighted.T @ y)
            self.targets[name] = self.targets.get(name, 0) + sums.astype(np.float64)
        self.tokens += len(x)

    def save(self, path, layers):
        tensors = {
            f"{layers[0]}.hessian": self.hessian.astype(np.float32),
            f"{layers[0]}.largest": self.largest[None, :],
        }
        tensors |= {f"{name}.target": sums.astype(np.float32) for name, sums in self.targets.items()}
        metadata = {f"{layers[0]}.tokens": str(self.tokens)}
        metadata |= {f"{name}.input": layers[0] for name in layers[1:]}
        safetensors.numpy.save_file(tensors, path, metadata)


def quantize_stage(model, layers, sums, method, program, threads):
    """Dequantized weights [n][k] of a stage's layers by the program, and its report."""
    with tempfile.TemporaryDirectory() as directory:
        hessians = f"{directory}/hessians.safetensors"
        output = f"{directory}/weights.safetensors"
        sums.save(hessians, layers)
        strength = method.get("target_strength", 0)
        spec = {key: value for key, value in method.items() if key not in ("target_strength", "first_weight")}
        command = [program, "--weights", str(model.file), "--hessians", hessians, "--method", json.dumps(spec)]
        command += ["--target-strength", str(strength), "-o", output, *layers]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        weights = safetensors.numpy.load_file(output)
    return {name: weights[name + ".weight"] for name in layers}, json.loads(done.stdout)


class Streams:
    """Residual streams [windows][tokens][hidden] of the original and of the quantized model."""

    def __init__(self, original, quantized):
        self.original = original
        self.quantized = quantized


def run_block(model, block, streams, method, quantize, quantize_inputs=None):
    """Quantizes a block, moves both streams past it, and returns its weights and reports."""
    weights, report = {}, {}
    count = len(streams.quantized)
    strength = method.get("target_strength", 0)
    exact, carried = [()] * count, [()] * count
    for stage in range(len(model.STAGES)):
        layers = model.layers(block, stage)
        sums = None
        inputs = []
        for i in range(count):
            x = model.stage_input(block, stage, streams.quantized[i], carried[i])
            if quantize_inputs is not None:
                x = quantize_inputs(x)
            inputs.append(x)
            wanted = {}
            if strength > 0:
                x0 = model.stage_input(block, stage, streams.original[i], exact[i])
                exact[i] = [x0 @ model.weight(name).T for name in layers]
                wanted = dict(zip(layers, exact[i]))
                if stage in (1, 3):
                    if method.get("residual") and not model.gemma:
                        wanted = {layers[0]: exact[i][0] + method["residual"] * (streams.original[i] - streams.quantized[i])}
                    streams.original[i] = model.add_output(block, stage, streams.original[i], exact[i][0])
            if sums is None:
                sums = Sums(x.shape[1], method.get("first_weight", 1))
            sums.add(x, wanted)
        stage_weights, stage_report = quantize(layers, sums)
        weights |= stage_weights
        report |= stage_report
        for i in range(count):
            carried[i] = [inputs[i] @ stage_weights[name].T for name in layers]
            if stage in (1, 3):
                streams.quantized[i] = model.add_output(block, stage, streams.quantized[i], carried[i][0])
    return weights, report


def quantize_model(model, windows, method, out, program, blocks=None, quantize_inputs=None):
    """Weights of all layers and their reports."""
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    plan = out / "plan.json"
    text = json.dumps({"method": method, "windows": windows.tolist()})
    if plan.exists() and plan.read_text() != text:
        raise SystemExit(f"{out}: of another run; allowed: an empty directory, or the same run")
    plan.write_text(text)
    start = 0
    streams_file = out / "streams.npz"
    if streams_file.exists():
        with np.load(streams_file) as saved:
            start = int(saved["blocks"])
            streams = Streams(saved["original"], saved["quantized"])
    else:
        x = np.stack([model.embed(tokens) for tokens in windows])
        streams = Streams(x.copy(), x)
    for block in range(start, blocks or model.blocks):

        def quantize(layers, sums):
            return quantize_stage(model, layers, sums, method, program, 0)

        weights, report = run_block(model, block, streams, method, quantize, quantize_inputs)
        safetensors.numpy.save_file({f"{n}.weight": w for n, w in weights.items()}, out / f"block-{block}.safetensors")
        (out / f"block-{block}.json").write_text(json.dumps(report))
        temporary = out / "streams.tmp.npz"
        np.savez(temporary, original=streams.original, quantized=streams.quantized, blocks=block + 1)
        os.replace(temporary, streams_file)
    weights, report = {}, {}
    for block in range(blocks or model.blocks):
        weights |= safetensors.numpy.load_file(out / f"block-{block}.safetensors")
        report |= json.loads((out / f"block-{block}.json").read_text())
    return weights, report
