"""Converts a GGUF file of a LLaMA, Qwen or Gemma model to a checkpoint in Hugging Face's form.

DIRECTORY gets model.safetensors, config.json, tokenizer.json and tokenizer_config.json. Weights are
dequantized by the package gguf; linear weights and embeddings are written in --dtype, norms and biases always
in F32. Parts of one file (file.part00, file.part01 ..) may be given in order in place of a whole file.
"""

import argparse
import json
import os
import shutil
import struct
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np

import gguf_model
import gguf_tokenizer

DTYPES = {"f32": ("F32", "float32", np.float32), "f16": ("F16", "float16", np.float16)}
SLICE = 1 << 24  # values dequantized at a time


def read_fields(reader):
    """The metadata as a dict of plain values."""
    return {name: field.contents() for name, field in reader.fields.items()}


def slices(tensor, order, offset, dtype):
    """The values of a tensor in C order, a few rows at a time, in `dtype`."""
    rows = tensor.data if order is None else tensor.data[order]
    width = 1 if rows.ndim == 1 else int(tensor.shape[0])
    step = len(rows) if rows.ndim == 1 else max(1, SLICE // width)
    for first in range(0, len(rows), step):
        values = gguf.quants.dequantize(rows[first : first + step], tensor.tensor_type) - np.float32(offset)
        with np.errstate(over="ignore"):
            stored = values.astype(dtype)
        if not np.isfinite(stored).all():
            raise ValueError(f"{tensor.name}: a value beyond {np.dtype(dtype).name}; use --dtype f32")
        yield stored


def plan(reader, arch, fields, dtype):
    """For each tensor, in the file's order: (tensor, new name, shape, type, row order, norm offset)."""
    planned = []
    for tensor in reader.tensors:
        name = gguf_model.tensor_name(arch, tensor.name)
        shape = [int(size) for size in reversed(tensor.shape)]
        order = gguf_model.row_order(arch, tensor.name, shape[0], fields)
        stored = DTYPES["f32" if len(shape) == 1 else dtype]
        planned.append((tensor, name, shape, stored, order, gguf_model.norm_offset(arch, tensor.name)))
    names = [entry[1] for entry in planned]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{twice[0]}: the file has this tensor twice")
    gguf_model.check_complete(arch, set(names), fields)
    return planned


def write_safetensors(path, planned):
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for _, name, shape, stored, _, _ in planned:
        begin, end = end, end + int(np.prod(shape)) * np.dtype(stored[2]).itemsize
        header[name] = {"dtype": stored[0], "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for tensor, _, _, stored, order, offset in planned:
            for values in slices(tensor, order, offset, stored[2]):
                out.write(values.tobytes())
        if out.tell() != 8 + len(text) + end:
            raise ValueError(f"{path}: the tensors have other sizes than the file says")


def write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_tokenizer(directory, fields):
    """The tokenizer's files, or a warning if this tokenizer is unknown: the weights are of use without it."""
    try:
        described = gguf_tokenizer.tokenizer(fields)
    except (ValueError, KeyError) as error:
        print(f"warning: no tokenizer written: {error}", file=sys.stderr)
        return
    write_json(directory / "tokenizer.json", described)
    write_json(directory / "tokenizer_config.json", gguf_tokenizer.tokenizer_config(fields))


def convert(source, directory, dtype="f32"):
    """Convert the GGUF file `source` to a checkpoint in `directory`; return its number of tensors.

    ValueError or KeyError names what is wrong."""
    reader = gguf.GGUFReader(source)
    fields = read_fields(reader)
    if fields.get("split.count", 1) > 1:
        raise ValueError(f"{source}: found one of {fields['split.count']} split files; allowed a whole file")
    arch = gguf_model.architecture(fields)
    planned = plan(reader, arch, fields, dtype)
    shapes = {name: shape for _, name, shape, _, _, _ in planned}
    described = gguf_model.config(arch, fields, shapes, DTYPES[dtype][1])
    directory.mkdir(parents=True, exist_ok=True)
    partial = directory / "model.safetensors.part"
    write_safetensors(partial, planned)
    write_json(directory / "config.json", described)
    write_tokenizer(directory, fields)
    os.replace(partial, directory / "model.safetensors")
    return len(planned)


def join(parts, directory):
    """The parts as one file of `directory`."""
    whole = Path(directory) / "whole.gguf"
    with open(whole, "wb") as out:
        for part in parts:
            with open(part, "rb") as source:
                shutil.copyfileobj(source, out)
    return whole


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gguf", type=Path, nargs="+", help="a GGUF file, or all its parts in order")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIRECTORY")
    parser.add_argument(
        "--dtype", choices=DTYPES, default="f32", help="of weights and embeddings (default: f32)"
    )
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            whole = options.gguf[0] if len(options.gguf) == 1 else join(options.gguf, scratch)
            count = convert(whole, options.output, options.dtype)
    except KeyError as error:
        sys.exit(f"{options.gguf[0]}: the metadata lack {error}")
    except (ValueError, IndexError, OSError) as error:
        sys.exit(f"{options.gguf[0]}: {error}")
    print(f"wrote {count} tensors to {options.output}")


if __name__ == "__main__":
    main()
