import unittest

import numpy as np

import minilm

HIDDEN, HEADS, INNER, LAYERS, VOCABULARY = 8, 2, 12, 2, 20


def tiny_weights(seed=1):
    rng = np.random.default_rng(seed)

    def matrix(*shape):
        return rng.normal(0, 0.5, shape).astype(np.float32)

    w = {
        "embeddings.word_embeddings.weight": matrix(VOCABULARY, HIDDEN),
        "embeddings.position_embeddings.weight": matrix(16, HIDDEN),
        "embeddings.token_type_embeddings.weight": matrix(2, HIDDEN),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        norms += [f"{prefix}.attention.output.LayerNorm", f"{prefix}.output.LayerNorm"]
        for name in minilm.LINEARS_OF_LAYER:
            n = INNER if name == "intermediate.dense" else HIDDEN
            k = INNER if name == "output.dense" else HIDDEN
            w[f"{prefix}.{name}.weight"], w[f"{prefix}.{name}.bias"] = matrix(n, k), matrix(n)
    for norm in norms:
        w[f"{norm}.weight"], w[f"{norm}.bias"] = matrix(HIDDEN), matrix(HIDDEN)
    return w


def reference_forward(weights, ids):
    """BERT of one sequence without padding: float64, einsum, a loop over heads; shares no code with
    minilm."""
    from math import erf, sqrt

    w = {name: tensor.astype(np.float64) for name, tensor in weights.items()}

    def linear(name, x):
        return np.einsum("tk,nk->tn", x, w[name + ".weight"]) + w[name + ".bias"]

    def norm(name, x):
        mean, variance = x.mean(1)[:, None], x.var(1)[:, None]
        return (x - mean) / np.sqrt(variance + 1e-12) * w[name + ".weight"] + w[name + ".bias"]

    x = np.array([w["embeddings.word_embeddings.weight"][i] for i in ids])
    x += (
        w["embeddings.position_embeddings.weight"][: len(ids)]
        + w["embeddings.token_type_embeddings.weight"][0]
    )
    x = norm("embeddings.LayerNorm", x)
    for layer in range(LAYERS):
        p = f"encoder.layer.{layer}."
        q, k, v = (linear(p + "attention.self." + name, x) for name in ("query", "key", "value"))
        context = []
        for head in range(HEADS):
            part = slice(head * HIDDEN // HEADS, (head + 1) * HIDDEN // HEADS)
            e = np.exp(np.einsum("id,jd->ij", q[:, part], k[:, part]) / sqrt(HIDDEN // HEADS))
            context.append(np.einsum("ij,jd->id", e / e.sum(1)[:, None], v[:, part]))
        attended = linear(p + "attention.output.dense", np.concatenate(context, axis=1))
        x = norm(p + "attention.output.LayerNorm", x + attended)
        inner = linear(p + "intermediate.dense", x)
        inner = np.array([[y / 2 * (1 + erf(y / sqrt(2))) for y in row] for row in inner])
        x = norm(p + "output.LayerNorm", x + linear(p + "output.dense", inner))
    return x


class TinyModel(unittest.TestCase):
    def setUp(self):
        self.model = minilm.MiniLM(tiny_weights(), HEADS)

    def test_equals_a_separate_implementation(self):
        ids = [3, 1, 19, 0, 7]
        ours = self.model.forward(np.array([ids]), np.ones((1, 5), dtype=bool))
        self.assertEqual(ours.dtype, np.float32)
        np.testing.assert_allclose(ours[0], reference_forward(tiny_weights(), ids), atol=2e-5)

    def test_padding_changes_nothing(self):
        alone = self.model.embed(np.array([[3, 1, 19]]), np.ones((1, 3), dtype=bool))
        ids = np.array([[3, 1, 19, 0, 0], [4, 5, 6, 7, 8]])
        mask = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], dtype=bool)
        np.testing.assert_allclose(self.model.embed(ids, mask)[0], alone[0], atol=1e-6)

    def test_embedding_is_the_normalised_mean_over_tokens(self):
        mean = reference_forward(tiny_weights(), [2, 9]).mean(axis=0)
        ours = self.model.embed(np.array([[2, 9]]), np.ones((1, 2), dtype=bool))
        np.testing.assert_allclose(ours[0], mean / np.sqrt((mean**2).sum()), atol=1e-6)

    def test_what_on_input_returns_is_used(self):
        zeroed = minilm.MiniLM(tiny_weights(), HEADS, lambda _name, x: x * 0)
        biases_only = {
            n: t * 0 if n.endswith(("dense.weight", "query.weight", "key.weight", "value.weight")) else t
            for n, t in tiny_weights().items()
        }
        ids, mask = np.array([[5, 6, 7]]), np.ones((1, 3), dtype=bool)
        expected = minilm.MiniLM(biases_only, HEADS).forward(ids, mask)
        np.testing.assert_array_equal(zeroed.forward(ids, mask), expected)

    def test_gelu_values(self):
        x = np.array([-1, 0, 1], dtype=np.float32)
        np.testing.assert_allclose(minilm.gelu(x), [-0.15865525, 0, 0.84134475], atol=1e-7)


@unittest.skipUnless((minilm.WEIGHTS / "tokenizer.json").exists(), "no tokenizer: run eval/setup.sh")
class Tokens(unittest.TestCase):
    def setUp(self):
        self.tokenizer = minilm.load_tokenizer()

    def test_round_trip(self):
        text = "the quick observatory measured unbelievable hailstorms, twice."
        self.assertEqual(self.tokenizer.decode(self.tokenizer.encode(text).ids), text)

    def test_known_numbers(self):
        self.assertEqual(self.tokenizer.encode("Hello, world").ids, [101, 7592, 1010, 2088, 102])

    def test_batches_are_padded_to_their_own_longest(self):
        sentences = ["one", "one two three", "one two"]
        (ids, mask), (last_ids, _) = minilm.batches(self.tokenizer, sentences, size=2)
        self.assertEqual((ids.shape, last_ids.shape), ((2, 5), (1, 4)))
        self.assertEqual(mask.tolist(), [[True, True, True, False, False], [True] * 5])


@unittest.skipUnless((minilm.WEIGHTS / "model.safetensors").exists(), "no weights: run eval/setup.sh")
class RealModel(unittest.TestCase):
    def test_published_cosines(self):
        ours = minilm.published_cosines(minilm.MiniLM(minilm.load_weights()), minilm.load_tokenizer())
        np.testing.assert_allclose(ours, [pair[2] for pair in minilm.PUBLISHED], atol=0.51e-4)

    def test_has_the_linears_by_name(self):
        weights = minilm.load_weights()
        names = minilm.linear_names()
        self.assertEqual(len(names), 36)
        self.assertTrue(all(f"{name}.weight" in weights for name in names))


if __name__ == "__main__":
    unittest.main()
