"""Runs one whole block of a quantized model on the Verilated accelerator, layer by layer.

Every linear layer's product goes through the ports of the simulated accelerator (`microscopiq accelerate`,
MX-INT-8 inputs), which compares each output bit with the golden model; the same product, computed exactly by
the microscopiq package, feeds the next stage. Norms, rotary positions, softmax and activation function are
float32, as on the host. At the end the block's outputs are compared with those of the float computation on
dequantized weights.
"""

import argparse
import json
import pathlib
import tempfile

import model
import numpy as np
import sequential
import text
import torch
import windows

import microscopiq


def product(arguments, quantized, layer, x):
    """Outputs [tokens][n] and the accelerator's report."""
    with tempfile.TemporaryDirectory() as directory:
        path = f"{directory}/x.npy"
        np.save(path, x.numpy())
        command = [
            arguments.program,
            "accelerate",
            "-c",
            arguments.config,
            "-q",
            str(quantized),
            "--layer",
            layer,
        ]
        report = json.loads(sequential.run([*command, "-a", path, "--format", "fp32", "--json"]))
    of = microscopiq.load(quantized)[layer]
    codes = microscopiq.quantize_activations(x.numpy(), 8, of.format.macro_block, of.input_scales)
    return torch.from_numpy(microscopiq.gemm(codes, of).to_float32()), report


def files_of(arguments, language_model):
    """layer -> quantized file, of the layers up to the block. Error: a layer without a file."""
    files = {}
    for path in pathlib.Path(arguments.run).glob("model.layers.*.safetensors"):
        files |= dict.fromkeys(microscopiq.load(path), path)
    stages = range(len(language_model.STAGES))
    for block in range(arguments.block + 1):
        for layer in [layer for stage in stages for layer in language_model.layers(block, stage)]:
            if layer not in files:
                raise SystemExit(
                    f"--run: found no quantized file of {layer} in {arguments.run}; "
                    "allowed: OUT/METHOD of run.py, of a method of kind microscopiq"
                )
    return files


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", required=True, help="directory of the model")
    parser.add_argument("--run", required=True, help="directory of a method's run, with its quantized files")
    parser.add_argument("--block", type=int, default=0)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--config", default="8x8-full-range")
    parser.add_argument("--program", default="build/release/cli/microscopiq")
    parser.add_argument("--begin", type=int, default=0, help="token at the start of the window")
    arguments = parser.parse_args()
    language_model = model.Model(arguments.model)
    if not 0 <= arguments.block < language_model.blocks:
        raise SystemExit(f"--block: found {arguments.block}; allowed: 0 to {language_model.blocks - 1}")
    files = files_of(arguments, language_model)
    tokens = windows.windows(
        arguments.model, text.text_of("handbook", True), 1, arguments.tokens, arguments.begin
    )[0]
    x = language_model.embed(torch.from_numpy(tokens))
    weights = {
        name: torch.from_numpy(microscopiq.dequantize(microscopiq.load(files[name])[name]).T.copy())
        for name in files
    }
    with torch.inference_mode():
        for block in range(arguments.block):
            x = language_model.run_block(block, x, weights.__getitem__)
        start, carried = x, ()
        for stage in range(len(language_model.STAGES)):
            inputs = language_model.stage_input(arguments.block, stage, x, carried)
            carried = []
            for layer in language_model.layers(arguments.block, stage):
                outputs, report = product(arguments, files[layer], layer, inputs)
                carried.append(outputs)
                print(
                    json.dumps({"layer": layer, "k": inputs.shape[1], "n": outputs.shape[1]} | report),
                    flush=True,
                )
            if stage in (1, 3):
                x = language_model.add_output(arguments.block, stage, x, carried[0])
        wanted = language_model.run_block(arguments.block, start, weights.__getitem__)
        change = (x - wanted).norm() / (wanted - start).norm()
    print(
        json.dumps(
            {"block": arguments.block, "tokens": arguments.tokens, "difference_to_float": change.item()}
        )
    )


if __name__ == "__main__":
    main()
