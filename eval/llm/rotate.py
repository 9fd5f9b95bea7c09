"""Fuses rotations into the weights of a LLaMA-type checkpoint: the residual stream by one orthogonal matrix,
the values of each attention head by another. The model's outputs stay the same; nothing is computed more.

Norms' weights move into the layers after them, the output layer is stored apart from the embedding. (QuaRot,
arXiv:2404.00456, without its online rotations.)

With --act-bits the model runs on calibration text: the directions in which the residual stream is largest
share the last MX block, so that they do not set the exponents of the others; channels of down_proj's inputs
are made more alike by scales in up_proj and down_proj (SmoothQuant, arXiv:2211.10438); and of several random
rotations the best is taken.
"""

import argparse
import json
import math
import pathlib
import shutil
import tempfile

import checkpoint
import model
import mx
import run
import safetensors.torch
import torch
import tune

import files

STRENGTH = 0.5  # of the scales; 1 makes all channels alike
READERS = {
    "input_layernorm": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "post_attention_layernorm": ("mlp.gate_proj", "mlp.up_proj"),
}
WRITERS = ("self_attn.o_proj", "mlp.down_proj")


def hadamard(size):
    matrix = torch.ones(1, 1, dtype=torch.float64)
    while len(matrix) < size:
        matrix = torch.cat([torch.cat([matrix, matrix], 1), torch.cat([matrix, -matrix], 1)])
    return matrix / size**0.5


def orthogonal(size, generator):
    """A randomized Hadamard matrix, times a random orthogonal one for the odd factor of the size."""
    power = size & -size
    odd = torch.linalg.qr(
        torch.randn(size // power, size // power, generator=generator, dtype=torch.float64)
    )[0].contiguous()
    signs = torch.randint(0, 2, (size,), generator=generator) * 2 - 1
    return torch.kron(odd, hadamard(power)) * signs[:, None]


def without_norms(tensors, config):
    """The tensors, float64, with the norms' weights moved into the layers after them."""
    out = {name: tensor.double() for name, tensor in tensors.items()}
    out["lm_head.weight"] = (
        out.get("lm_head.weight", out["model.embed_tokens.weight"]) * out["model.norm.weight"]
    )
    out["model.norm.weight"] = torch.ones(config["hidden_size"], dtype=torch.float64)
    for block in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{block}."
        for norm, layers in READERS.items():
            scale = out[f"{prefix}{norm}.weight"]
            for layer in layers:
                out[f"{prefix}{layer}.weight"] = out[f"{prefix}{layer}.weight"] * scale
            out[f"{prefix}{norm}.weight"] = torch.ones_like(scale)
    return out


def statistics(language_model, windows):
    """Mean over the tokens, without the first of each window, of the outer product of the inputs of gate_proj
    and up_proj, [hidden][hidden], all blocks together; root mean square of each input of down_proj,
    [blocks][intermediate]."""
    products = torch.zeros(language_model.hidden, language_model.hidden, dtype=torch.float64)
    squares = [0] * language_model.blocks
    for tokens in windows:
        x = language_model.embed(tokens)
        for block in range(language_model.blocks):
            inputs = []

            def keep(stage_input, inputs=inputs):
                inputs.append(stage_input[1:].double())
                return stage_input

            x = language_model.run_block(block, x, language_model.weight, keep)
            products += inputs[2].T @ inputs[2] / len(inputs[2])
            squares[block] = squares[block] + inputs[3].square().mean(dim=0)
    return products, torch.stack(squares).div(len(windows)).sqrt()


def stream_rotation(products, generator):
    """A rotation [hidden][hidden] of the residual stream that brings the largest principal directions of the
    products into the last MX block. Inside that block, and in front of it, directions are mixed at random."""
    hidden = len(products)
    last = min(hidden, hidden % mx.BLOCK or mx.BLOCK)
    directions = torch.linalg.eigh(products)[1]  # largest last
    return directions @ torch.block_diag(
        *[orthogonal(size, generator) for size in (hidden - last, last) if size > 0]
    )


def spread(tensors, sizes):
    """Divides the outputs of up_proj by their sizes [blocks][intermediate], over the mean, to the STRENGTH,
    and multiplies the weights of down_proj with the same."""
    for block, size in enumerate(sizes):
        scale = (size / size.mean()).clamp(min=1e-2) ** STRENGTH
        prefix = f"model.layers.{block}.mlp."
        tensors[f"{prefix}up_proj.weight"] = tensors[f"{prefix}up_proj.weight"] / scale[:, None]
        tensors[f"{prefix}down_proj.weight"] = tensors[f"{prefix}down_proj.weight"] * scale


def rotate(tensors, config, stream, generator):
    """The tensors of without_norms(), rotated: the residual stream by `stream`, heads at random."""
    hidden, heads = config["hidden_size"], config["num_attention_heads"]
    groups = config["num_key_value_heads"]
    size = config.get("head_dim") or hidden // heads
    out = dict(tensors)
    for name in ("lm_head.weight", "model.embed_tokens.weight"):
        out[name] = out[name] @ stream
    for block in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{block}."
        for layer in [layer for layers in READERS.values() for layer in layers]:
            out[f"{prefix}{layer}.weight"] = out[f"{prefix}{layer}.weight"] @ stream
        for layer in WRITERS:
            out[f"{prefix}{layer}.weight"] = stream.T @ out[f"{prefix}{layer}.weight"]
        turn = orthogonal(size, generator)
        v, o = f"{prefix}self_attn.v_proj.weight", f"{prefix}self_attn.o_proj.weight"
        out[v] = (turn.T @ out[v].view(groups, size, hidden)).reshape(groups * size, hidden)
        out[o] = (out[o].view(hidden, heads, size) @ turn).reshape(hidden, heads * size)
    return {name: tensor.float().contiguous() for name, tensor in out.items()}


def rotated(language_model, seed=1):
    """The tensors of a model, all rotations random."""
    generator = torch.Generator().manual_seed(seed)
    tensors = without_norms(language_model.tensors, language_model.config)
    stream = orthogonal(language_model.hidden, generator)
    return rotate(tensors, language_model.config, stream, generator)


def rotated_for(bits, language_model, windows, tries):
    """The tensors of a model, rotated and scaled for MX-INT inputs of so many bits: of so many random
    rotations those with the least divergence from the model's own output on the windows."""
    fused = without_norms(language_model.tensors, language_model.config)
    language_model.tensors = {name: tensor.float() for name, tensor in fused.items()}
    products, sizes = statistics(language_model, windows)
    wanted = [tune.log_probabilities(language_model, tokens) for tokens in windows]
    spread(fused, sizes)
    best = math.inf
    for seed in range(1, tries + 1):
        generator = torch.Generator().manual_seed(seed)
        stream = stream_rotation(products, generator)
        language_model.tensors = rotate(fused, language_model.config, stream, generator)
        found = [
            tune.log_probabilities(language_model, tokens, lambda x: mx.quantized(x, bits))
            for tokens in windows
        ]
        divergence = sum(map(tune.divergence, wanted, found)).item() / len(windows)
        print(json.dumps({"seed": seed, "divergence": round(divergence, 4)}), flush=True)
        if divergence < best:
            best, tensors = divergence, language_model.tensors
    return tensors


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="directory of the checkpoint")
    parser.add_argument("output", help="directory to write")
    parser.add_argument("--act-bits", type=int, choices=(4, 8), help="for MX-INT inputs of so many bits")
    parser.add_argument("--windows", type=int, default=4, help="with --act-bits: calibration windows")
    parser.add_argument("--tries", type=int, default=8, help="with --act-bits: random rotations to try")
    parser.add_argument("--begin", type=int, default=0, help="token at the start of each window")
    arguments = parser.parse_args()
    source, output = pathlib.Path(arguments.model), pathlib.Path(arguments.output)
    if output.exists():
        raise SystemExit(f"{output}: exists; allowed: a new directory")
    language_model = model.Model(source)
    kind = language_model.config["model_type"]
    if kind != "llama":
        raise SystemExit(f"{source}: model_type: found {kind!r}; allowed: 'llama'")
    with torch.inference_mode():
        if arguments.act_bits:
            windows = torch.cat(list(run.texts(arguments, False).values()))
            tensors = rotated_for(arguments.act_bits, language_model, windows, arguments.tries)
        else:
            tensors = rotated(language_model)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent) as directory:
        made = pathlib.Path(directory) / "model"
        made.mkdir()
        for file in source.glob("*.json"):
            if file.name != checkpoint.INDEX:
                shutil.copy(file, made)
        safetensors.torch.save_file(tensors, made / "model.safetensors", {"format": "pt"})
        config = files.read_json(source / "config.json") | {"tie_word_embeddings": False}
        (made / "config.json").write_text(json.dumps(config, indent=1) + "\n")
        made.rename(output)


if __name__ == "__main__":
    main()
