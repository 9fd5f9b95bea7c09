"""Captures the inputs of the 36 linear layers of MiniLM.

Writes OUT/calibration/NAME.npy and OUT/heldout/NAME.npy, float32 [tokens][k], where NAME is the name of the
weight tensor without ".weight", and OUT/captured.json. Query, key and value of a layer have the same input:
one file, three names (hard links). [CLS] and [SEP] are tokens like others; padding is left out."""

import argparse
from pathlib import Path

import minilm
import rows

CAPS = {"calibration": 8192, "heldout": 2048}


class Capture:
    """An observer of MiniLM that keeps the wanted rows of every linear layer's input."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.parts = {}
        self.same_as = {}  # name of a linear -> name of the one whose input was the same array
        self.start = 0
        self.mask = None
        self.last = (None, None)  # name, array

    def begin_batch(self, mask):
        if self.mask is not None:
            self.start += int(self.mask.sum())
        self.mask = mask

    def on_input(self, name, x):
        if x is self.last[1]:
            self.same_as[name] = self.last[0]
        else:
            self.last = (name, x)
            self.parts.setdefault(name, []).append(self.wanted.of(self.start, x[self.mask]))
        return x

    def write(self, directory):
        """Writes the .npy files; returns the index: for each linear the shape and, if shared, whose input it
        is."""
        directory.mkdir(parents=True, exist_ok=True)
        index = {}
        for name, parts in self.parts.items():
            index[name] = {"shape": rows.write_matrix(directory / f"{name}.npy", parts)}
        for name, original in self.same_as.items():
            rows.link(directory / f"{original}.npy", directory / f"{name}.npy")
            index[name] = {**index[original], "same_as": original}
        return index


def capture(weights, tokenizer, sentences, cap, heads=minilm.HEADS):
    """Runs `sentences` and returns a Capture with at most `cap` rows (tokens) of each input."""
    encoded = list(minilm.batches(tokenizer, sentences))
    recorder = Capture(rows.Rows(sum(int(mask.sum()) for _, mask in encoded), cap))
    model = minilm.MiniLM(weights, heads, recorder.on_input)
    for ids, mask in encoded:
        recorder.begin_batch(mask)
        model.forward(ids, mask)
    return recorder


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="directory to write, for instance build/eval/minilm")
    parser.add_argument("--weights", type=Path, default=minilm.WEIGHTS)
    parser.add_argument(
        "--sentences", type=Path, default=minilm.SENTENCES, help="directory of calibration.txt, heldout.txt"
    )
    for kind, cap in CAPS.items():
        parser.add_argument(
            f"--{kind}-tokens", type=int, default=cap, help=f"at most so many (default {cap})"
        )
    options = parser.parse_args()
    weights, tokenizer = minilm.load_weights(options.weights), minilm.load_tokenizer(options.weights)
    index = {}
    for kind in CAPS:
        cap = getattr(options, f"{kind}_tokens")
        sentences = minilm.read_sentences(options.sentences / f"{kind}.txt")
        recorder = capture(weights, tokenizer, sentences, cap)
        linears = recorder.write(options.out / kind)
        wanted = recorder.wanted
        index[kind] = {"sentences": len(sentences), "tokens_of_all": wanted.total, "linears": linears}
        print(
            f"{kind}: {len(linears)} linears, {len(wanted.kept)} of {wanted.total} tokens, {len(sentences)} "
            f"lines"
        )
    rows.write_index(options.out / "captured.json", index)


if __name__ == "__main__":
    main()
