import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np

try:
    import gguf

    import gguf_model
    import gguf_to_safetensors
    import gguf_tokenizer
except ImportError as missing:
    raise unittest.SkipTest("the package gguf is missing") from missing
from safetensors.numpy import load_file

HEADS, KV_HEADS, HEAD_DIM, HIDDEN, VOCABULARY = 4, 2, 8, 32, 12
BYTE_LEVEL = {
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "smollm",
    "tokenizer.ggml.tokens": ["<end>", "a", "b", "ab", *"cdefghij"],
    "tokenizer.ggml.token_type": [3] + [1] * 11,
    "tokenizer.ggml.merges": ["a b"],
    "tokenizer.ggml.eos_token_id": 0,
}
RNG = np.random.default_rng(1)


def random(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def tensors(gemma3=False):
    """A block and the outer tensors, named as in GGUF, shapes as in NumPy."""
    found = {
        "token_embd.weight": random(VOCABULARY, HIDDEN),
        "output_norm.weight": random(HIDDEN),
        "blk.0.attn_norm.weight": random(HIDDEN),
        "blk.0.ffn_norm.weight": random(HIDDEN),
        "blk.0.attn_q.weight": random(HEADS * HEAD_DIM, HIDDEN),
        "blk.0.attn_k.weight": random(KV_HEADS * HEAD_DIM, HIDDEN),
        "blk.0.attn_v.weight": random(KV_HEADS * HEAD_DIM, HIDDEN),
        "blk.0.attn_output.weight": random(HIDDEN, HEADS * HEAD_DIM),
        "blk.0.ffn_gate.weight": random(64, HIDDEN),
        "blk.0.ffn_up.weight": random(64, HIDDEN),
        "blk.0.ffn_down.weight": random(HIDDEN, 64),
    }
    if gemma3:
        norms = {"attn_q_norm": HEAD_DIM, "attn_k_norm": HEAD_DIM}
        norms |= {"post_attention_norm": HIDDEN, "post_ffw_norm": HIDDEN}
        found |= {f"blk.0.{name}.weight": random(size) for name, size in norms.items()}
    return found


def add(writer, key, value):
    if isinstance(value, list):
        writer.add_array(key, value)
    elif isinstance(value, str):
        writer.add_string(key, value)
    elif isinstance(value, float):
        writer.add_float32(key, value)
    else:
        writer.add_uint32(key, value)


def write(path, arch, values, more=None, quantized=()):
    writer = gguf.GGUFWriter(path, arch)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(1)
    writer.add_context_length(128)
    writer.add_feed_forward_length(64)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_key_length(HEAD_DIM)
    writer.add_layer_norm_rms_eps(1e-5)
    for key, value in (BYTE_LEVEL | (more or {})).items():
        add(writer, key, value)
    for name, value in values.items():
        if name in quantized:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(value, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def turn(rows, position, pairs):
    """Rotary embedding of one head's rows; pairs: indices (first, second) of each frequency's two rows."""
    turned = rows.copy()
    for i, (first, second) in enumerate(pairs):
        angle = position / 10000 ** (2 * i / HEAD_DIM)
        c, s = np.cos(angle), np.sin(angle)
        turned[first], turned[second] = c * rows[first] - s * rows[second], s * rows[first] + c * rows[second]
    return turned


class Convert(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name)

    def convert(self, arch, values, dtype="f32", **options):
        write(self.path / "x.gguf", arch, values, **options)
        gguf_to_safetensors.convert(self.path / "x.gguf", self.path / "out", dtype)
        return load_file(self.path / "out" / "model.safetensors")

    def config(self):
        return json.loads((self.path / "out" / "config.json").read_text())

    def test_names_values_and_config_of_llama(self):
        values = tensors()
        found = self.convert("llama", values)
        self.assertEqual(len(found), len(values))
        same = {
            "model.embed_tokens.weight": "token_embd.weight",
            "model.norm.weight": "output_norm.weight",
            "model.layers.0.input_layernorm.weight": "blk.0.attn_norm.weight",
            "model.layers.0.post_attention_layernorm.weight": "blk.0.ffn_norm.weight",
            "model.layers.0.self_attn.v_proj.weight": "blk.0.attn_v.weight",
            "model.layers.0.self_attn.o_proj.weight": "blk.0.attn_output.weight",
            "model.layers.0.mlp.down_proj.weight": "blk.0.ffn_down.weight",
        }
        for new, old in same.items():
            np.testing.assert_array_equal(found[new], values[old], new)
        config = self.config()
        keys = (
            "model_type",
            "hidden_size",
            "num_key_value_heads",
            "vocab_size",
            "rms_norm_eps",
            "eos_token_id",
        )
        self.assertEqual([config[key] for key in keys], ["llama", 32, 2, 12, 1e-5, 0])
        self.assertTrue(config["tie_word_embeddings"])

    def test_rotary_rows_of_llama_are_those_of_halves(self):
        values = tensors()
        found = self.convert("llama", values)
        neighbours = [(2 * i, 2 * i + 1) for i in range(HEAD_DIM // 2)]
        halves = [(i, i + HEAD_DIM // 2) for i in range(HEAD_DIM // 2)]
        q, k = values["blk.0.attn_q.weight"], values["blk.0.attn_k.weight"]
        new_q = found["model.layers.0.self_attn.q_proj.weight"]
        new_k = found["model.layers.0.self_attn.k_proj.weight"]
        x = random(HIDDEN)
        for head in range(HEADS):
            rows, shared = slice(8 * head, 8 * head + 8), slice(8 * (head // 2), 8 * (head // 2) + 8)
            scores = [
                turn(a[rows] @ x, 3, pairs) @ turn(b[shared] @ x, 5, pairs)
                for a, b, pairs in ((q, k, neighbours), (new_q, new_k, halves))
            ]
            self.assertAlmostEqual(scores[0], scores[1], places=3)

    def test_rows_of_qwen_stay_and_biases_come_along(self):
        values = tensors() | {"blk.0.attn_q.bias": random(32), "output.weight": random(VOCABULARY, HIDDEN)}
        found = self.convert("qwen2", values)
        np.testing.assert_array_equal(
            found["model.layers.0.self_attn.q_proj.weight"], values["blk.0.attn_q.weight"]
        )
        np.testing.assert_array_equal(
            found["model.layers.0.self_attn.q_proj.bias"], values["blk.0.attn_q.bias"]
        )
        self.assertFalse(self.config()["tie_word_embeddings"])

    def test_norms_of_gemma_lose_the_offset(self):
        values = tensors(gemma3=True)
        found = self.convert("gemma3", values, more={"gemma3.attention.sliding_window": 16})
        for new, old in (
            ("model.norm", "output_norm"),
            ("model.layers.0.pre_feedforward_layernorm", "blk.0.ffn_norm"),
            ("model.layers.0.self_attn.q_norm", "blk.0.attn_q_norm"),
        ):
            np.testing.assert_array_equal(found[f"{new}.weight"], values[f"{old}.weight"] - np.float32(1))
        np.testing.assert_array_equal(found["model.embed_tokens.weight"], values["token_embd.weight"])

    def test_quantized_tensors_in_slices_and_f16(self):
        values = tensors()
        with mock.patch.object(gguf_to_safetensors, "SLICE", 3 * 64):
            found = self.convert("llama", values, "f16", quantized=["blk.0.ffn_down.weight"])
        down = found["model.layers.0.mlp.down_proj.weight"]
        kind = gguf.GGMLQuantizationType.Q8_0
        expected = gguf.quants.dequantize(gguf.quants.quantize(values["blk.0.ffn_down.weight"], kind), kind)
        np.testing.assert_array_equal(down, expected.astype(np.float16))
        self.assertEqual(found["model.norm.weight"].dtype, np.float32)

    def test_parts_are_joined(self):
        write(self.path / "x.gguf", "llama", tensors())
        whole = (self.path / "x.gguf").read_bytes()
        (self.path / "a").write_bytes(whole[:1000])
        (self.path / "b").write_bytes(whole[1000:])
        parts = [str(self.path / "a"), str(self.path / "b")]
        gguf_to_safetensors.main([*parts, "-o", str(self.path / "out")])
        self.assertEqual(len(load_file(self.path / "out" / "model.safetensors")), 11)

    def test_what_cannot_be_converted_is_named(self):
        with self.assertRaisesRegex(ValueError, "found 'bert'; allowed llama"):
            self.convert("bert", tensors())
        with self.assertRaisesRegex(ValueError, "blk.0.ffn_gate_exps.weight: found a tensor unknown"):
            self.convert("llama", tensors() | {"blk.0.ffn_gate_exps.weight": random(2, 4, 32)})
        for missing, name in (
            ("blk.0.ffn_up", "model.layers.0.mlp.up_proj"),
            ("output_norm", "model.norm"),
        ):
            values = tensors()
            del values[f"{missing}.weight"]
            with self.assertRaisesRegex(ValueError, rf"found no tensor for {name}.weight \(1 are missing\)"):
                self.convert("llama", values)
        with self.assertRaisesRegex(ValueError, "layers.0.self_attn.q_norm.weight"):
            self.convert("qwen3", tensors())
        with self.assertRaisesRegex(ValueError, "rope.scaling.type: found yarn"):
            self.convert("llama", tensors(), more={"llama.rope.scaling.type": "yarn"})
        with self.assertRaisesRegex(ValueError, r"head_count: found \[4, 2\]; allowed one positive"):
            self.convert("llama", tensors(), more={"llama.attention.head_count_kv": [4, 2]})
        with self.assertRaisesRegex(ValueError, "blk.0.ffn_down.weight: a value beyond float16"):
            self.convert("llama", {**tensors(), "blk.0.ffn_down.weight": random(32, 64) + 70000}, "f16")
        self.assertFalse((self.path / "out" / "model.safetensors").exists())


class Tokenizer(unittest.TestCase):
    def test_byte_level(self):
        described = gguf_tokenizer.tokenizer(BYTE_LEVEL)
        self.assertEqual(described["model"]["merges"], [["a", "b"]])
        self.assertEqual([token["content"] for token in described["added_tokens"]], ["<end>"])
        self.assertEqual(gguf_tokenizer.tokenizer_config(BYTE_LEVEL)["eos_token"], "<end>")

    def test_an_unknown_one_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "found 'weird'; allowed gpt-2"):
            gguf_tokenizer.tokenizer(BYTE_LEVEL | {"tokenizer.ggml.pre": "weird"})

    def test_merges_are_the_splits_of_the_best_scored_tokens(self):
        vocabulary = {"a": 0, "b": 1, "aa": 2, "aab": 3, "ab": 4}
        merges = gguf_tokenizer.merges_of_scores(vocabulary, [0, 0, -1, -3, -2])
        self.assertEqual(merges, [["a", "a"], ["a", "b"], ["a", "ab"], ["aa", "b"]])


class Config(unittest.TestCase):
    def test_layers_of_gemma_3_with_a_window(self):
        fields = {"gemma3.attention.head_count": 4, "gemma3.embedding_length": 640}
        fields["gemma3.attention.sliding_window"] = 512
        entries = gguf_model.gemma_entries("gemma3", fields, 18, 256)
        full = [i for i, kind in enumerate(entries["layer_types"]) if kind == "full_attention"]
        self.assertEqual((full, entries["query_pre_attn_scalar"]), ([5, 11, 17], 256))


if __name__ == "__main__":
    unittest.main()
