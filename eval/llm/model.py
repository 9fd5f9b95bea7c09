"""Language models of the LLaMA and Gemma 3 architectures in NumPy, one block at a time, in float32.

Weights are [out][in] as stored. A block is a list of stages; a stage's layers share one input, so that a caller can
quantize them before what depends on them is computed.
"""

import json
import pathlib

import numpy as np
import safetensors.numpy


def rms_norm(x, weight, epsilon):
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + epsilon) * weight


def attend_head(q, k, v, window):
    """Causal attention of one head, each token to the `window` last ones; all [tokens][size]."""
    out = np.empty_like(v)
    portion = 256  # queries at a time: keys after them need no scores
    for first in range(0, len(q), portion):
        last = min(first + portion, len(q))
        start = max(0, first - window + 1)
        scores = q[first:last] @ k[start:last].T
        behind = np.arange(first, last)[:, None] - np.arange(start, last)
        scores[(behind < 0) | (behind >= window)] = -np.inf
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        out[first:last] = scores @ v[start:last] / scores.sum(axis=1, keepdims=True)
    return out


def silu(x):
    return x / (1 + np.exp(-x))


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(np.float32(np.sqrt(2 / np.pi)) * (x + 0.044715 * x**3)))


def rotary(tokens, size, base):
    """cos and sin [tokens][size], halves repeated."""
    angles = np.arange(tokens)[:, None] / base ** (np.arange(0, size, 2) / size)
    angles = np.concatenate([angles, angles], axis=1)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    turned = np.concatenate([-x[..., half:], x[..., :half]], axis=-1)
    return x * cos + turned * sin


class Model:
    """A checkpoint and its configuration; weights can be replaced by name."""

    STAGES = (
        ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
        ("self_attn.o_proj",),
        ("mlp.gate_proj", "mlp.up_proj"),
        ("mlp.down_proj",),
    )

    def __init__(self, directory):
        directory = pathlib.Path(directory)
        self.file = directory / "model.safetensors"
        self.config = json.loads((directory / "config.json").read_text())
        self.tensors = {
            name: np.asarray(value, dtype=np.float32)
            for name, value in safetensors.numpy.load_file(self.file).items()
        }
        self.gemma = self.config["model_type"].startswith("gemma3")
        self.blocks = self.config["num_hidden_layers"]
        self.activation = gelu_tanh if self.gemma else silu

    @property
    def hidden(self):
        return self.config["hidden_size"]

    def layers(self, block, stage):
        return [f"model.layers.{block}.{name}" for name in self.STAGES[stage]]

    def all_layers(self):
        return [
            name
            for block in range(self.blocks)
            for stage in range(len(self.STAGES))
            for name in self.layers(block, stage)
        ]

    def norm(self, x, name):
        weight = self.tensors[name]
        return rms_norm(x, 1 + weight if self.gemma else weight, self.config["rms_norm_eps"])

    def embed(self, tokens):
        x = self.tensors["model.embed_tokens.weight"][tokens]
        return x * np.float32(np.sqrt(self.hidden)) if self.gemma else x

    def stage_input(self, block, stage, x, carried):
        """Input [tokens][k] of a stage's layers. `carried` are the outputs of the stage before."""
        prefix = f"model.layers.{block}."
        if stage == 0:
            return self.norm(x, prefix + "input_layernorm.weight")
        if stage == 1:
            return self.attend(block, *carried)
        if stage == 2:
            middle = "pre_feedforward_layernorm" if self.gemma else "post_attention_layernorm"
            return self.norm(x, f"{prefix}{middle}.weight")
        return self.activation(carried[0]) * carried[1]

    def add_output(self, block, stage, x, output):
        """The residual stream after stage 1 or 3."""
        if self.gemma:
            name = "post_attention_layernorm" if stage == 1 else "post_feedforward_layernorm"
            output = self.norm(output, f"model.layers.{block}.{name}.weight")
        return x + output

    def attend(self, block, q, k, v):
        config = self.config
        heads, groups = config["num_attention_heads"], config["num_key_value_heads"]
        size = config.get("head_dim") or self.hidden // heads
        tokens = len(q)
        q = q.reshape(tokens, heads, size)
        k = k.reshape(tokens, groups, size)
        v = v.reshape(tokens, groups, size)
        base, window = config["rope_theta"], tokens
        scale = size**-0.5
        if self.gemma:
            prefix = f"model.layers.{block}.self_attn."
            q = self.norm(q, prefix + "q_norm.weight")
            k = self.norm(k, prefix + "k_norm.weight")
            scale = config["query_pre_attn_scalar"] ** -0.5
            if config["layer_types"][block] == "sliding_attention":
                base, window = config["rope_local_base_freq"], config["sliding_window"]
        cos, sin = rotary(tokens, size, base)
        q = rotate(q.transpose(1, 0, 2), cos, sin)
        k = rotate(k.transpose(1, 0, 2), cos, sin)
        v = v.transpose(1, 0, 2)
        out = np.empty((tokens, heads, size), np.float32)
        for head in range(heads):
            group = head * groups // heads
            out[:, head] = attend_head(q[head] * np.float32(scale), k[group], v[group], window)
        return out.reshape(tokens, heads * size)

    def run_block(self, block, x, weight, quantize_inputs=None):
        """The residual stream after a block; `weight` maps a layer's name to its weights."""
        carried = ()
        for stage in range(len(self.STAGES)):
            inputs = self.stage_input(block, stage, x, carried)
            if quantize_inputs is not None:
                inputs = quantize_inputs(inputs)
            carried = [inputs @ weight(name).T for name in self.layers(block, stage)]
            if stage in (1, 3):
                x = self.add_output(block, stage, x, carried[0])
        return x

    def weight(self, name):
        return self.tensors[name + ".weight"]

    def losses(self, x, tokens):
        """-log p of tokens 1.. given those before, [tokens - 1]."""
        head = self.tensors.get("lm_head.weight")
        if head is None:
            head = self.tensors["model.embed_tokens.weight"]
        x = self.norm(x, "model.norm.weight")
        losses = []
        for first in range(0, len(tokens) - 1, 256):
            last = min(first + 256, len(tokens) - 1)
            logits = x[first:last] @ head.T
            most = logits.max(axis=1)
            total = np.log(np.exp(logits - most[:, None]).sum(axis=1)) + most
            losses.append(total - logits[np.arange(last - first), tokens[first + 1 : last + 1]])
        return np.concatenate(losses)
