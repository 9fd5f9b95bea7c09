"""The second model: PP-OCRv4's text recogniser (convolutions, two transformer blocks, CTC), run by
onnxruntime.

It reads lines of text that are drawn here from the evaluation sentences. Run as a program it compares what
the model reads under quantized weights with what it reads with its own, and with the text that was drawn, as
JSON."""

import argparse
import random
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from PIL import Image, ImageDraw, ImageFont

import minilm
import weight_sets

MODEL = minilm.WEIGHTS / "ocr_rec.onnx"
FONTS = Path("/usr/share/fonts/truetype/dejavu")
FONT_NAMES = (
    "DejaVuSans.ttf",
    "DejaVuSans-Bold.ttf",
    "DejaVuSerif.ttf",
    "DejaVuSerif-Bold.ttf",
    "DejaVuSansMono.ttf",
)
SEED = 20240
HEIGHT = 48  # of a line, in pixels: what the model was trained on
WORDS_PER_LINE = 6


def split_lines(sentences):
    """The sentences cut into lines of at most WORDS_PER_LINE words, as on a printed page."""
    words = [sentence.split() for sentence in sentences]
    return [" ".join(w[i : i + WORDS_PER_LINE]) for w in words for i in range(0, len(w), WORDS_PER_LINE)]


def draw_line(text, rng):
    """A picture [3][HEIGHT][width] of the text with values in -1..1; font, size, greys, and noise vary."""
    font = ImageFont.truetype(str(FONTS / rng.choice(FONT_NAMES)), rng.randint(24, 34))
    left, top, right, bottom = font.getbbox(text)
    ink, paper = rng.randint(0, 90), rng.randint(170, 255)
    image = Image.new("L", (right - left + 2 * rng.randint(4, 12), HEIGHT), paper)
    y = (HEIGHT - (bottom - top)) // 2 - top + rng.randint(-2, 2)
    ImageDraw.Draw(image).text(((image.width - (right - left)) // 2 - left, y), text, ink, font)
    grey = np.asarray(image, dtype=np.float32)
    grey += np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(0, 12), grey.shape)
    grey = np.clip(grey, 0, 255) / np.float32(127.5) - 1
    return np.repeat(np.float32(grey)[None], 3, axis=0)


def draw_lines(lines):
    rng = random.Random(SEED)
    return [draw_line(line, rng) for line in lines]


def const_linears(model):
    """The MatMul and Gemm nodes whose second input is a constant float32 matrix: list of (node,
    TensorProto)."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            constants[node.output[0]] = node.attribute[0].t
    found = []
    for node in model.graph.node:
        weight = constants.get(node.input[1]) if node.op_type in ("MatMul", "Gemm") else None
        if weight is not None and len(weight.dims) == 2 and weight.data_type == onnx.TensorProto.FLOAT:
            found.append((node, weight))
    return found


def stored_n_by_k(node):
    """Whether the node's weight is [N][K] (a Gemm with transB) and not [K][N]."""
    return any(attribute.name == "transB" and attribute.i for attribute in node.attribute)


def weights_n_by_k(model):
    arrays = {
        weight.name: (numpy_helper.to_array(weight), stored_n_by_k(node))
        for node, weight in const_linears(model)
    }
    return {name: array if n_by_k else array.T for name, (array, n_by_k) in arrays.items()}


def replace_weights(model, tensors):
    """Puts `tensors` (name of the weight -> [N][K]) into the model."""
    for node, weight in const_linears(model):
        if weight.name in tensors:
            tensor = tensors[weight.name]
            stored = np.ascontiguousarray(tensor if stored_n_by_k(node) else tensor.T, dtype=np.float32)
            weight.CopyFrom(numpy_helper.from_array(stored, weight.name))


def session(model):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def alphabet(model):
    """Characters of the model's classes: class 0 is CTC's blank, the last one a space."""
    (characters,) = (prop.value for prop in model.metadata_props if prop.key == "character")
    return ["", *characters.splitlines(), " "]


def steps_of(model, images):
    """The best class of each time step, per image."""
    run = session(model)
    name = run.get_inputs()[0].name
    return [run.run(None, {name: image[None]})[0][0].argmax(axis=1) for image in images]


def decode(steps, characters):
    """CTC: repeated classes count once, blanks not at all."""
    kept = [step for i, step in enumerate(steps) if i == 0 or step != steps[i - 1]]
    return "".join(characters[step] for step in kept)


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def figures_of(steps, reference, characters, lines):
    """Character error rate against the drawn text, and the share of time steps with the class of the FP32
    model."""
    pairs = [(decode(s, characters), line) for s, line in zip(steps, lines, strict=True)]
    same = sum(int((a == b).sum()) for a, b in zip(steps, reference, strict=True))
    return {
        "character_error_rate": sum(edit_distance(*pair) for pair in pairs)
        / sum(len(text) for _, text in pairs),
        "steps_as_fp32": same / sum(len(r) for r in reference),
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    weight_sets.add_set_arguments(parser)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--sentences", type=Path, default=minilm.SENTENCES / "heldout.txt")
    options = parser.parse_args()
    model = onnx.load(options.model)
    shapes = {name: weight.shape for name, weight in weights_n_by_k(model).items()}
    try:
        sets = weight_sets.read_sets(parser, options, shapes)
    except ValueError as error:
        sys.exit(f"ocr.py: {error}")
    lines = split_lines(minilm.read_sentences(options.sentences))
    images, characters = draw_lines(lines), alphabet(model)
    reference = steps_of(model, images)
    figures = {"fp32": {"replaced": 0, **figures_of(reference, reference, characters, lines)}}
    for name, tensors in sets.items():
        changed = onnx.load(options.model)
        replace_weights(changed, tensors)
        figures[name] = {
            "replaced": len(tensors),
            **figures_of(steps_of(changed, images), reference, characters, lines),
        }
    weight_sets.write_report({"lines": len(lines), "sets": figures}, options.output)


if __name__ == "__main__":
    main()
