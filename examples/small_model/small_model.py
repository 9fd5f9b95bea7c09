"""A language model small enough to train in seconds: it predicts the next character from the last eight.

    python3 small_model.py train MODEL          trains on eval/sentences/calibration.txt; .safetensors
    python3 small_model.py perplexity MODEL..   perplexity of each on eval/sentences/heldout.txt
    python3 small_model.py hessians MODEL FILE  sums over the inputs of the linear layers on the training text

Embedding, two linear layers with ReLU, output projection (Bengio et al., JMLR 3, 2003). Needs NumPy, and the
package python/microscopiq on PYTHONPATH.
"""

import math
import sys
from pathlib import Path

import numpy as np

import microscopiq
from microscopiq import file as safetensors

TEXTS = Path(__file__).resolve().parents[2] / "eval" / "sentences"
ALPHABET = "\n !\"$%&'(),-./0123456789:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CONTEXT, EMBEDDING, HIDDEN = 8, 16, 128
LINEAR = ("hidden.0", "hidden.1")
# [out][in], as checkpoints have them.
SHAPES = {
    "embedding.weight": (len(ALPHABET), EMBEDDING),
    "hidden.0.weight": (HIDDEN, CONTEXT * EMBEDDING),
    "hidden.0.bias": (HIDDEN,),
    "hidden.1.weight": (HIDDEN, HIDDEN),
    "hidden.1.bias": (HIDDEN,),
    "output.weight": (len(ALPHABET), HIDDEN),
}


def examples(name):
    """Contexts [count][CONTEXT] and next characters [count] of a text."""
    codes = np.array([ALPHABET.index(letter) for letter in (TEXTS / name).read_text()])
    windows = np.lib.stride_tricks.sliding_window_view(codes, CONTEXT + 1)
    return windows[:, :-1], windows[:, -1]


def load(path):
    """The tensors of a model by name, float32."""
    opened = safetensors.Safetensors(path)
    return {name: opened.array(name, "F32", shape) for name, shape in SHAPES.items()}


def run(model, contexts):
    """Inputs of the three matrices, [count][K] each, and log probabilities [count][characters]."""
    inputs = [model["embedding.weight"][contexts].reshape(len(contexts), -1)]
    for layer in LINEAR:
        inputs.append(np.maximum(inputs[-1] @ model[f"{layer}.weight"].T + model[f"{layer}.bias"], 0))
    logits = inputs[-1] @ model["output.weight"].T
    logits -= logits.max(axis=1, keepdims=True)
    return inputs, logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def gradients(model, contexts, following):
    """Of the mean of -log p, by tensor."""
    inputs, log_p = run(model, contexts)
    back = np.exp(log_p)
    back[np.arange(len(back)), following] -= 1
    back /= len(back)
    found = {"output.weight": back.T @ inputs[2]}
    back = back @ model["output.weight"]
    for index, layer in reversed(list(enumerate(LINEAR))):
        back = back * (inputs[index + 1] > 0)
        found[f"{layer}.weight"] = back.T @ inputs[index]
        found[f"{layer}.bias"] = back.sum(axis=0)
        back = back @ model[f"{layer}.weight"]
    found["embedding.weight"] = np.zeros(SHAPES["embedding.weight"], np.float32)
    np.add.at(found["embedding.weight"], contexts, back.reshape(*contexts.shape, EMBEDDING))
    return found


def train(path, passes=1, batch=64, rate=3e-3):
    """Adam with a rate that falls to zero; the same file from the same NumPy."""
    draw = np.random.default_rng(1)
    model = {
        name: (draw.normal(size=shape) / math.sqrt(shape[-1]) if len(shape) == 2 else np.zeros(shape)).astype(
            "f4"
        )
        for name, shape in SHAPES.items()
    }
    mean, square = ({name: np.zeros_like(value) for name, value in model.items()} for _ in range(2))
    contexts, following = examples("calibration.txt")
    chosen = np.concatenate([draw.permutation(len(contexts)) for _ in range(passes)])
    steps = len(chosen) // batch
    for step, part in enumerate(np.array_split(chosen, steps), 1):
        for name, slope in gradients(model, contexts[part], following[part]).items():
            mean[name] += 0.1 * (slope - mean[name])
            square[name] += 0.01 * (slope * slope - square[name])
            scale = np.sqrt(square[name] / (1 - 0.99**step)) + 1e-8
            model[name] -= rate * (1 - step / steps) * mean[name] / (1 - 0.9**step) / scale
    safetensors.write(path, model, {})
    print(f"{path}: {sum(value.size for value in model.values()):,} parameters, {steps} steps")


def perplexity(*paths):
    contexts, following = examples("heldout.txt")
    for path in paths:
        _, log_p = run(load(path), contexts)
        print(f"{path}: perplexity {np.exp(-log_p[np.arange(len(log_p)), following].mean()):.2f}")


def hessians(path, output):
    inputs, _ = run(load(path), examples("calibration.txt")[0])
    sums = microscopiq.Hessians()
    for layer, x in zip(LINEAR, inputs, strict=False):
        sums.add(layer, x)
    sums.save(output)


if __name__ == "__main__":
    commands = {"train": (train, 1), "perplexity": (perplexity, None), "hessians": (hessians, 2)}
    command, arguments = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    function, count = commands.get(command, (None, None))
    if function is None or not arguments or count not in (None, len(arguments)):
        sys.exit(__doc__)
    function(*arguments)
