"""Compares sentence embeddings of MiniLM under quantized weights with those of its FP32 weights.

For each weight set: mean and worst cosine over the held-out sentences, as JSON. Layers that a set does not
have keep their FP32 weights; "replaced" counts those that it has. With --activation-bits, the inputs of all
linear layers are quantized as well, and a set "fp32" shows what that alone does."""

import argparse
import sys
from pathlib import Path

import minilm
import weight_sets


def compare(reference, embeddings, sentences):
    cosines = (reference * embeddings).sum(axis=1)
    worst = int(cosines.argmin())
    return {
        "mean_cosine": float(cosines.mean()),
        "worst_cosine": float(cosines[worst]),
        "worst_sentence": sentences[worst],
    }


def evaluate(weights, tokenizer, sentences, sets, on_input=None, heads=minilm.HEADS):
    """Figures of each of `sets` (name -> tensors [N][K] by name of the linear) against the FP32
    embeddings."""
    reference = minilm.embed_sentences(minilm.MiniLM(weights, heads), tokenizer, sentences)
    figures = {}
    for name, tensors in sets.items():
        replaced = weights | {f"{linear}.weight": tensor for linear, tensor in tensors.items()}
        embeddings = minilm.embed_sentences(minilm.MiniLM(replaced, heads, on_input), tokenizer, sentences)
        figures[name] = {"replaced": len(tensors), **compare(reference, embeddings, sentences)}
    return figures


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    weight_sets.add_set_arguments(parser)
    parser.add_argument(
        "--activation-bits", type=int, choices=(4, 8), help="also quantize the inputs to MX-INT"
    )
    parser.add_argument("--block", type=int, default=128, help="of the activations (default 128)")
    parser.add_argument("--weights", type=Path, default=minilm.WEIGHTS)
    parser.add_argument("--sentences", type=Path, default=minilm.SENTENCES / "heldout.txt")
    options = parser.parse_args()
    weights = minilm.load_weights(options.weights)
    shapes = {name: weights[f"{name}.weight"].shape for name in minilm.linear_names()}
    sets = {"fp32": {}} if options.activation_bits else {}
    try:
        sets |= weight_sets.read_sets(parser, options, shapes)
    except ValueError as error:
        sys.exit(f"embed.py: {error}")
    if not sets:
        parser.error("found no weight set; allowed: at least one, or --activation-bits")

    def quantize(_name, x):
        return weight_sets.mx_int(x, options.activation_bits, options.block)

    sentences = minilm.read_sentences(options.sentences)
    on_input = quantize if options.activation_bits else None
    figures = evaluate(weights, minilm.load_tokenizer(options.weights), sentences, sets, on_input)
    report = {"sentences": len(sentences), "activation_bits": options.activation_bits, "sets": figures}
    weight_sets.write_report(report, options.output)


if __name__ == "__main__":
    main()
