"""Reads quantized weight sets: dequantized FP32 weights that replace those of a model."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

LAYOUTS = ("n_by_k", "k_by_n")


def read_set(path, layout=None):
    """The tensors of a weight set: name without ".weight" -> float32 [N][K].

    `path` is a .safetensors file or a directory of .npy and .safetensors files; a tensor in a .npy is named
    by its file. `layout` says how the tensors are stored; None: n_by_k in .safetensors, k_by_n in .npy, as
    microscopiq reads them. Raises ValueError if there is no tensor, or one that is no matrix."""
    path = Path(path)
    files = sorted([*path.glob("*.npy"), *path.glob("*.safetensors")]) if path.is_dir() else [path]
    tensors = {}
    for file in files:
        is_npy = file.suffix == ".npy"
        stored = {file.stem: np.load(file)} if is_npy else load_file(file)
        for name, tensor in stored.items():
            if tensor.ndim != 2:
                raise ValueError(f"{file}: found shape {tensor.shape} of {name}; allowed: matrices")
            transposed = (layout or ("k_by_n" if is_npy else "n_by_k")) == "k_by_n"
            tensors[name.removesuffix(".weight")] = np.float32(tensor.T if transposed else tensor)
    if not tensors:
        raise ValueError(f"{path}: found no .npy or .safetensors file")
    return tensors


def check_set(tensors, shapes, path):
    """Raises ValueError unless every tensor's name and [N][K] shape is in `shapes`."""
    for name, tensor in tensors.items():
        if name not in shapes:
            raise ValueError(
                f"{path}: found a tensor {name}; allowed: linear layers, such as {next(iter(shapes))}"
            )
        if tensor.shape != shapes[name]:
            raise ValueError(
                f"{path}: {name}: found [N][K] = {tensor.shape}; allowed: {shapes[name]} (is --layout right?)"
            )


def mx_int(x, bits, block=128):
    """x quantized to MX-INT-`bits` (8 or 4) in blocks of `block` along the last axis, and back: numerics.md.

    Each block has the scale 2^(floor(log2(max |x|)) - (bits - 2)); values are rounded half to even and
    clamped to +-(2^(bits-1) - 1). A last block may be shorter."""
    limit = 2 ** (bits - 1) - 1
    result = np.empty_like(x)
    for start in range(0, x.shape[-1], block):
        part = x[..., start : start + block]
        _, exponent = np.frexp(np.abs(part).max(axis=-1, keepdims=True))  # max = m * 2^exponent, 0.5 <= m < 1
        scale = np.ldexp(np.float32(1), exponent - 1 - (bits - 2))
        result[..., start : start + block] = np.clip(np.rint(part / scale), -limit, limit) * scale
    return result


def add_set_arguments(parser):
    parser.add_argument(
        "sets", nargs="*", metavar="NAME=PATH", help="a weight set: .safetensors file or directory"
    )
    parser.add_argument(
        "--layout", choices=LAYOUTS, help="of all sets; default: n_by_k in .safetensors, k_by_n in .npy"
    )
    parser.add_argument("-o", "--output", type=Path, help="JSON file to write; default: standard output")


def read_sets(parser, options, shapes):
    """The sets of the command line, name -> tensors; `shapes` are those allowed. Raises ValueError on a bad
    set."""
    sets = {}
    for text in options.sets:
        name, _, path = text.partition("=")
        if not name or name == "fp32" or name in sets or not Path(path).exists():
            parser.error(
                f"found {text!r}; allowed: NAME=PATH, each NAME once and not fp32, with a PATH that exists"
            )
        sets[name] = read_set(path, options.layout)
        check_set(sets[name], shapes, path)
    return sets


def write_report(report, output):
    text = json.dumps(report, indent=1) + "\n"
    if output is None:
        print(text, end="")
    else:
        output.write_text(text)
