"""all-MiniLM-L6-v2 in plain numpy: BERT of 6 layers (hidden 384, 12 heads), mean pooling, L2 normalisation.

Run as a program it compares the cosines of the published examples of the sentence-transformers documentation
with ours, and fails if one differs by more than they are rounded (to four decimals)."""

import argparse
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

WEIGHTS = Path(__file__).parent.parent / "build" / "weights"
SENTENCES = Path(__file__).parent / "sentences"
MAX_TOKENS = 256  # what the sentence-transformers model is limited to
LAYER_NORM_EPS = 1e-12
HEADS = 12
LINEARS_OF_LAYER = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


def linear_names(layers=6):
    """Names of the linear layers in the order of execution, without ".weight"."""
    return [f"encoder.layer.{layer}.{name}" for layer in range(layers) for name in LINEARS_OF_LAYER]


def gelu(x):
    return 0.5 * x * (1.0 + erf(x * np.float32(np.sqrt(0.5))))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class MiniLM:
    """The encoder. `weights` maps the names of the model file to float32 arrays, linear weights as [N][K].

    `on_input(name, x)`, if given, is called with the input x of every linear layer, [batch][tokens][K], and
    returns what the layer shall use instead (x itself for an observer). q, k and v of a layer are called with
    the same array."""

    def __init__(self, weights, heads=HEADS, on_input=None):
        self.weights = weights
        self.heads = heads
        self.on_input = on_input
        self.layers = 1 + max(
            int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer.")
        )

    def _linear(self, name, x):
        if self.on_input is not None:
            x = self.on_input(name, x)
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _layer_norm(self, name, x):
        centred = x - x.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + LAYER_NORM_EPS)
        return centred / deviation * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def _attention(self, prefix, x, mask):
        batch, tokens, hidden = x.shape
        size = hidden // self.heads

        def split(name):
            return self._linear(f"{prefix}.{name}", x).reshape(batch, tokens, self.heads, size).swapaxes(1, 2)

        q, k, v = split("query"), split("key"), split("value")
        scores = q @ k.swapaxes(2, 3) / np.float32(np.sqrt(size))
        scores = np.where(mask[:, None, None, :], scores, np.float32(-1e9))
        return (softmax(scores) @ v).swapaxes(1, 2).reshape(batch, tokens, hidden)

    def forward(self, ids, mask):
        """Hidden states [batch][tokens][hidden] of token numbers `ids` [batch][tokens]; `mask` is False at
        padding."""
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = self._layer_norm("embeddings.LayerNorm", x + w["embeddings.token_type_embeddings.weight"][0])
        for layer in range(self.layers):
            prefix = f"encoder.layer.{layer}"
            attended = self._attention(f"{prefix}.attention.self", x, mask)
            attended = self._linear(f"{prefix}.attention.output.dense", attended)
            x = self._layer_norm(f"{prefix}.attention.output.LayerNorm", x + attended)
            inner = gelu(self._linear(f"{prefix}.intermediate.dense", x))
            x = self._layer_norm(
                f"{prefix}.output.LayerNorm", x + self._linear(f"{prefix}.output.dense", inner)
            )
        return x

    def embed(self, ids, mask):
        """Embeddings [batch][hidden] of length 1: the mean over the tokens that are no padding."""
        hidden = self.forward(ids, mask) * mask[:, :, None]
        mean = hidden.sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def load_weights(directory=WEIGHTS):
    return load_file(directory / "model.safetensors")


def load_tokenizer(directory=WEIGHTS):
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    return tokenizer


def batches(tokenizer, sentences, size=8):
    """Yields (ids, mask) of `size` sentences at a time, padded to the longest of them."""
    for start in range(0, len(sentences), size):
        encoded = tokenizer.encode_batch(sentences[start : start + size])
        yield np.array([e.ids for e in encoded]), np.array([e.attention_mask for e in encoded], dtype=bool)


def embed_sentences(model, tokenizer, sentences):
    return np.concatenate([model.embed(ids, mask) for ids, mask in batches(tokenizer, sentences)])


def read_sentences(path):
    return [line for line in Path(path).read_text().splitlines() if line]


# Examples of the sentence-transformers documentation (sbert.net, usage "Computing embeddings" and "Semantic
# textual similarity", read in 2026), computed there with PyTorch: pairs of sentences and the printed cosines.
PUBLISHED = [
    ("The weather is lovely today.", "It's so sunny outside!", 0.6660),
    ("The weather is lovely today.", "He drove to the stadium.", 0.1046),
    ("It's so sunny outside!", "He drove to the stadium.", 0.1411),
    ("The new movie is awesome", "The dog plays in the garden", 0.0543),
    ("The new movie is awesome", "The new movie is so great", 0.8939),
    ("The new movie is awesome", "A woman watches TV", -0.0502),
    ("The cat sits outside", "The dog plays in the garden", 0.2838),
    ("The cat sits outside", "The new movie is so great", -0.0029),
    ("The cat sits outside", "A woman watches TV", 0.1310),
    ("A man is playing guitar", "The dog plays in the garden", 0.2277),
    ("A man is playing guitar", "The new movie is so great", -0.0136),
    ("A man is playing guitar", "A woman watches TV", -0.0327),
]


def published_cosines(model, tokenizer):
    """Our cosines of the pairs of PUBLISHED, in its order."""
    first = embed_sentences(model, tokenizer, [pair[0] for pair in PUBLISHED])
    second = embed_sentences(model, tokenizer, [pair[1] for pair in PUBLISHED])
    return (first * second).sum(axis=1)


def main():
    parser = argparse.ArgumentParser(description="Checks the forward pass against published cosines.")
    parser.add_argument(
        "--weights", type=Path, default=WEIGHTS, help="directory of model.safetensors, tokenizer.json"
    )
    options = parser.parse_args()
    ours = published_cosines(MiniLM(load_weights(options.weights)), load_tokenizer(options.weights))
    worst = 0.0
    for (first, second, published), cosine in zip(PUBLISHED, ours, strict=True):
        worst = max(worst, abs(cosine - published))
        print(f"published {published:7.4f}   ours {cosine:10.7f}   {first!r} / {second!r}")
    print(f"largest difference {worst:.7f}")
    return int(worst > 0.5e-4 + 1e-6)


if __name__ == "__main__":
    raise SystemExit(main())
