"""Captures the inputs of the linear layers of an ONNX text recogniser (ocr.py) on lines of drawn text.

A linear is a MatMul or Gemm node with a constant float32 matrix. Writes OUT/calibration/NAME.npy and
OUT/heldout/NAME.npy, float32 [rows][k], where NAME is the name of the weight initializer; with --weights also
OUT/weights.safetensors with the matrices as the model stores them. OUT/index.json says for each linear: the
initializer, its shape as stored, the layout (k_by_n or n_by_k), and k and n.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper
from safetensors.numpy import save_file

import minilm
import ocr
import rows

CAPS = {"calibration": 8192, "heldout": 2048}
LINES = {"calibration": 500, "heldout": 200}  # about so many lines of text are run: each gives some 60 rows


def describe(model):
    """For each linear, by the name of its initializer: where its input is and how its weight is stored."""
    index = {}
    for node, weight in ocr.const_linears(model):
        if any(attribute.name == "transA" and attribute.i for attribute in node.attribute):
            raise ValueError(f"{node.name}: found a Gemm with transA; allowed: rows as the first dimension")
        n_by_k = ocr.stored_n_by_k(node)
        k, n = reversed(weight.dims) if n_by_k else weight.dims
        index[weight.name] = {
            "initializer": weight.name,
            "node": node.name,
            "input": node.input[0],
            "shape": list(weight.dims),
            "layout": "n_by_k" if n_by_k else "k_by_n",
            "k": k,
            "n": n,
        }
    return index


def with_outputs(model, names):
    """The model with the intermediate values `names` as further outputs."""
    known = {output.name for output in model.graph.output}
    for name in dict.fromkeys(names):
        if name not in known:
            model.graph.output.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    return model


def capture(model, index, images, cap):
    """(Rows, {name of the linear: list of [rows][k]}) with at most `cap` rows, the same ones, of each
    linear's input.

    Raises ValueError if the linears do not all have the same number of rows: they must work on the same
    sequence."""
    names = [entry["input"] for entry in index.values()]
    run = ocr.session(with_outputs(model, names))
    feed = run.get_inputs()[0].name
    outputs = [run.run(names, {feed: image[None]}) for image in images]
    whole = {
        name: np.concatenate([values[i].reshape(-1, entry["k"]) for values in outputs])
        for i, (name, entry) in enumerate(index.items())
    }
    totals = {len(matrix) for matrix in whole.values()}
    if len(totals) != 1:
        raise ValueError(f"found linears with {sorted(totals)} rows; allowed: the same number in all")
    wanted = rows.Rows(totals.pop(), cap)
    return wanted, {name: [wanted.of(0, matrix)] for name, matrix in whole.items()}


def spread(lines, count):
    """About `count` of the lines, evenly spaced."""
    return lines[:: max(1, len(lines) // count)]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="directory to write, for instance build/eval/ocr")
    parser.add_argument("--model", type=Path, default=ocr.MODEL)
    parser.add_argument("--sentences", type=Path, default=minilm.SENTENCES)
    parser.add_argument("--weights", action="store_true", help="also write OUT/weights.safetensors")
    for kind, cap in CAPS.items():
        parser.add_argument(f"--{kind}-rows", type=int, default=cap, help=f"at most so many (default {cap})")
    options = parser.parse_args()
    model = onnx.load(options.model)
    index = describe(model)
    for kind in CAPS:
        directory = options.out / kind
        directory.mkdir(parents=True, exist_ok=True)
        lines = spread(ocr.split_lines(minilm.read_sentences(options.sentences / f"{kind}.txt")), LINES[kind])
        wanted, parts = capture(model, index, ocr.draw_lines(lines), getattr(options, f"{kind}_rows"))
        for name, matrices in parts.items():
            index[name][f"{kind}_shape"] = rows.write_matrix(directory / f"{name}.npy", matrices)
        print(
            f"{kind}: {len(index)} linears, {len(wanted.kept)} of {wanted.total} rows, {len(lines)} lines of "
            f"text"
        )
    rows.write_index(options.out / "index.json", index)
    if options.weights:
        stored = {weight.name: numpy_helper.to_array(weight) for _, weight in ocr.const_linears(model)}
        save_file(stored, options.out / "weights.safetensors")


if __name__ == "__main__":
    main()
