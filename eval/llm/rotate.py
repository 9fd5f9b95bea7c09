"""Fuses rotations into the weights of a LLaMA-type checkpoint: the residual stream by one orthogonal matrix,
the values of each attention head by another. The model's outputs stay the same; nothing is computed more.

Norms' weights move into the layers after them, the output layer is stored apart from the embedding. (QuaRot,
arXiv:2404.00456, without its online rotations.)
"""

import argparse
import json
import pathlib
import shutil

import checkpoint
import safetensors.torch
import torch

import files


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


def rotate(tensors, config, seed=1):
    """The rotated tensors, float32."""
    generator = torch.Generator().manual_seed(seed)
    hidden, heads = config["hidden_size"], config["num_attention_heads"]
    groups = config["num_key_value_heads"]
    size = config.get("head_dim") or hidden // heads
    stream = orthogonal(hidden, generator)
    out = {name: tensor.double() for name, tensor in tensors.items()}
    embedding = out["model.embed_tokens.weight"]
    head = out.get("lm_head.weight", embedding)
    out["lm_head.weight"] = head * out["model.norm.weight"] @ stream
    out["model.norm.weight"] = torch.ones(hidden)
    out["model.embed_tokens.weight"] = embedding @ stream
    for block in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{block}."
        readers = {
            "input_layernorm": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
            "post_attention_layernorm": ("mlp.gate_proj", "mlp.up_proj"),
        }
        for norm, layers in readers.items():
            scale = out[f"{prefix}{norm}.weight"]
            for layer in layers:
                name = f"{prefix}{layer}.weight"
                out[name] = out[name] * scale @ stream
            out[f"{prefix}{norm}.weight"] = torch.ones(hidden)
        for layer in ("self_attn.o_proj", "mlp.down_proj"):
            name = f"{prefix}{layer}.weight"
            out[name] = stream.T @ out[name]
        turn = orthogonal(size, generator)
        v, o = f"{prefix}self_attn.v_proj.weight", f"{prefix}self_attn.o_proj.weight"
        out[v] = (turn.T @ out[v].view(groups, size, hidden)).reshape(groups * size, hidden)
        out[o] = (out[o].view(hidden, heads, size) @ turn).reshape(hidden, heads * size)
    return {name: tensor.float().contiguous() for name, tensor in out.items()}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="directory of the checkpoint")
    parser.add_argument("output", help="directory to write")
    arguments = parser.parse_args()
    source, output = pathlib.Path(arguments.model), pathlib.Path(arguments.output)
    if output.exists():
        raise SystemExit(f"{output}: exists; allowed: a new directory")
    config, _, tensors = checkpoint.read(source)
    if config["model_type"] != "llama":
        raise SystemExit(f"{source}: model_type: found {config['model_type']!r}; allowed: 'llama'")
    tensors = rotate(tensors, config)
    output.mkdir(parents=True)
    for file in source.glob("*.json"):
        if file.name != checkpoint.INDEX:
            shutil.copy(file, output)
    safetensors.torch.save_file(tensors, output / "model.safetensors", {"format": "pt"})
    config = files.read_json(source / "config.json") | {"tie_word_embeddings": False}
    (output / "config.json").write_text(json.dumps(config, indent=1) + "\n")


if __name__ == "__main__":
    main()
