"""Language models of the LLaMA and Gemma 3 architectures in PyTorch, one block at a time, in float32.

Weights are [out][in] as stored. A block is a list of stages; a stage's layers share one input, so that a
caller can quantize them before anything that depends on them is computed. Activations are [tokens][size] of
one window.
"""

import checkpoint
import torch
from torch.nn import functional


def rms_norm(x, weight, epsilon):
    return x * torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + epsilon) * weight


def rotary(tokens, size, base):
    """cos and sin [tokens][size], halves repeated."""
    angles = torch.arange(tokens)[:, None] / base ** (torch.arange(0, size, 2, dtype=torch.float64) / size)
    angles = torch.cat([angles, angles], dim=1)
    return torch.cos(angles).float(), torch.sin(angles).float()


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    turned = torch.cat([-x[..., half:], x[..., :half]], dim=-1)
    return x * cos + turned * sin


class Model:
    """A checkpoint and its configuration; weights can be replaced by name."""

    STAGES = checkpoint.STAGES

    def __init__(self, directory):
        """Error: those of checkpoint.read()."""
        self.config, self.file, self.tensors = checkpoint.read(directory)
        self.gemma = self.config["model_type"] != "llama"
        self.blocks = self.config["num_hidden_layers"]
        self.hidden = self.config["hidden_size"]

    def layers(self, block, stage):
        return [f"model.layers.{block}.{name}" for name in self.STAGES[stage]]

    def all_layers(self):
        stages = [(block, stage) for block in range(self.blocks) for stage in range(len(self.STAGES))]
        return [name for block, stage in stages for name in self.layers(block, stage)]

    def weight(self, layer):
        return self.tensors[layer + ".weight"]

    def norm(self, x, name):
        weight = self.tensors[name]
        return rms_norm(x, 1 + weight if self.gemma else weight, self.config["rms_norm_eps"])

    def embed(self, tokens):
        x = self.tensors["model.embed_tokens.weight"][tokens]
        return x * self.hidden**0.5 if self.gemma else x

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
        gate, up = carried
        return (functional.gelu(gate, approximate="tanh") if self.gemma else functional.silu(gate)) * up

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
        q, k, v = q.view(tokens, heads, size), k.view(tokens, groups, size), v.view(tokens, groups, size)
        base, scale, hidden = config["rope_theta"], size**-0.5, None
        if self.gemma:
            prefix = f"model.layers.{block}.self_attn."
            q = self.norm(q, prefix + "q_norm.weight")
            k = self.norm(k, prefix + "k_norm.weight")
            scale = config["query_pre_attn_scalar"] ** -0.5
            if config["layer_types"][block] == "sliding_attention":
                base = config["rope_local_base_freq"]
                behind = torch.arange(tokens)[:, None] - torch.arange(tokens)
                hidden = (behind >= 0) & (behind < config["sliding_window"])
        cos, sin = rotary(tokens, size, base)
        q = rotate(q.transpose(0, 1), cos, sin)
        k = rotate(k.transpose(0, 1), cos, sin).repeat_interleave(heads // groups, dim=0)
        v = v.transpose(0, 1).repeat_interleave(heads // groups, dim=0)
        out = functional.scaled_dot_product_attention(
            q[None], k[None], v[None], attn_mask=hidden, is_causal=hidden is None, scale=scale
        )
        return out[0].transpose(0, 1).reshape(tokens, heads * size)

    def run_block(self, block, x, weight, change_inputs=None):
        """The residual stream after a block; `weight` maps a layer's name to its weights, `change_inputs` the
        inputs of layers to those they are given."""
        carried = ()
        for stage in range(len(self.STAGES)):
            inputs = self.stage_input(block, stage, x, carried)
            if change_inputs is not None:
                inputs = change_inputs(inputs)
            carried = [inputs @ weight(name).T for name in self.layers(block, stage)]
            if stage in (1, 3):
                x = self.add_output(block, stage, x, carried[0])
        return x

    def run(self, tokens, weight, change_inputs=None):
        """The last residual stream of a window."""
        x = self.embed(tokens)
        for block in range(self.blocks):
            x = self.run_block(block, x, weight, change_inputs)
        return x

    def logits(self, x):
        head = self.tensors.get("lm_head.weight")
        if head is None:
            head = self.tensors["model.embed_tokens.weight"]
        return self.norm(x, "model.norm.weight") @ head.T

    def losses(self, x, tokens):
        """-log p of tokens 1.. given those before, [tokens - 1]."""
        parts = []
        for first in range(0, len(tokens) - 1, 256):
            last = min(first + 256, len(tokens) - 1)
            parts.append(
                functional.cross_entropy(
                    self.logits(x[first:last]), tokens[first + 1 : last + 1], reduction="none"
                )
            )
        return torch.cat(parts)
