"""Architectures of GGUF files in Hugging Face's terms: tensor names, row order, norm offsets and config.json.

GGUF files hold the weights as llama.cpp computes with them. Its converter renames the tensors, exchanges
rows of LLaMA's q and k projections (its rotary embedding pairs neighbours, Hugging Face's pairs halves) and
adds 1 to Gemma's norms. Everything here undoes that.
"""

import re
from dataclasses import dataclass

import numpy as np

LINEARS = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
TWO_NORMS = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"}
FOUR_NORMS = {
    "attn_norm": "input_layernorm",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
HEAD_NORMS = {"attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm"}
OUTER = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


@dataclass(frozen=True)
class Architecture:
    model_class: str
    model_type: str
    parts: dict  # part of a block in GGUF: name below model.layers.N
    activation: str = "silu"
    paired_rows: bool = False  # rows of q and k are in llama.cpp's rotary order
    norm_offset: int = 0  # added to every norm by llama.cpp's converter


ARCHITECTURES = {
    "llama": Architecture("LlamaForCausalLM", "llama", LINEARS | TWO_NORMS, paired_rows=True),
    "qwen2": Architecture("Qwen2ForCausalLM", "qwen2", LINEARS | TWO_NORMS),
    "qwen3": Architecture("Qwen3ForCausalLM", "qwen3", LINEARS | TWO_NORMS | HEAD_NORMS),
    "gemma": Architecture(
        "GemmaForCausalLM", "gemma", LINEARS | TWO_NORMS, "gelu_pytorch_tanh", norm_offset=1
    ),
    "gemma2": Architecture(
        "Gemma2ForCausalLM", "gemma2", LINEARS | FOUR_NORMS, "gelu_pytorch_tanh", norm_offset=1
    ),
    "gemma3": Architecture(
        "Gemma3ForCausalLM",
        "gemma3_text",
        LINEARS | FOUR_NORMS | HEAD_NORMS,
        "gelu_pytorch_tanh",
        norm_offset=1,
    ),
}


def architecture(fields):
    """The architecture named by the metadata `fields` (a dict of values). ValueError for an unknown one."""
    found = fields.get("general.architecture")
    if found not in ARCHITECTURES:
        raise ValueError(f"architecture: found {found!r}; allowed {', '.join(ARCHITECTURES)}")
    return found


def tensor_name(arch, name):
    """Hugging Face's name of the tensor `name` of architecture `arch`. ValueError if it has none."""
    known = re.fullmatch(r"(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)", name)
    if known:
        block, part, kind = known.groups()
        parts = OUTER if block is None else ARCHITECTURES[arch].parts
        if part in parts:
            return f"{parts[part]}.{kind}" if block is None else f"model.layers.{block}.{parts[part]}.{kind}"
    raise ValueError(f"{name}: found a tensor unknown to architecture {arch}")


def check_complete(arch, names, fields):
    """ValueError if Hugging Face's `names` lack a weight of the architecture."""
    wanted = [f"{OUTER[part]}.weight" for part in ("token_embd", "output_norm")]
    for block in range(fields[f"{arch}.block_count"]):
        wanted += [f"model.layers.{block}.{part}.weight" for part in ARCHITECTURES[arch].parts.values()]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise ValueError(
            f"found no tensor for {missing[0]} ({len(missing)} are missing); allowed: all of {arch}"
        )


def _heads(arch, fields):
    """Number of query heads and of key and value heads."""
    heads = fields[f"{arch}.attention.head_count"]
    counts = heads, fields.get(f"{arch}.attention.head_count_kv", heads)
    for count in counts:
        if not isinstance(count, int) or count < 1:
            raise ValueError(
                f"attention.head_count: found {str(count)[:40]}; allowed one positive number for all blocks"
            )
    return counts


def row_order(arch, name, rows, fields):
    """Indices [rows] of the file's rows in Hugging Face's order, or None for the same order."""
    part = re.fullmatch(r"blk\.\d+\.(attn_q|attn_k)\.(?:weight|bias)", name)
    if not part or not ARCHITECTURES[arch].paired_rows:
        return None
    heads = _heads(arch, fields)[part[1] == "attn_k"]
    if rows % (2 * heads):
        raise ValueError(f"{name}: found {rows} rows; {heads} heads need a multiple of {2 * heads}")
    return np.arange(rows).reshape(heads, -1, 2).swapaxes(1, 2).reshape(-1)


def norm_offset(arch, name):
    return ARCHITECTURES[arch].norm_offset if name.endswith("norm.weight") else 0


def _decimal(value):
    """The shortest decimal number that reads as this float32."""
    return float(str(np.float32(value)))


def _rope(arch, fields, head_dim):
    turned = fields.get(f"{arch}.rope.dimension_count", head_dim)
    if turned != head_dim:
        raise ValueError(f"rope.dimension_count: found {turned}; allowed {head_dim}, the size of a head")
    entries = {"rope_theta": _decimal(fields.get(f"{arch}.rope.freq_base", 10000.0))}
    scaling = fields.get(f"{arch}.rope.scaling.type", "none")
    factor = fields.get(f"{arch}.rope.scaling.factor", 0)
    if scaling == "linear" and factor:
        entries["rope_scaling"] = {"rope_type": "linear", "factor": _decimal(factor)}
    elif scaling not in ("none", "linear"):
        raise ValueError(f"rope.scaling.type: found {scaling}; allowed none, linear")
    return entries


def gemma_entries(arch, fields, layers, head_dim):
    """Keys of Gemma 2 and 3. The scale of the scores is not in the file: 27B models differ from the rest."""
    largest = {"gemma2": 46, "gemma3": 62}[arch]
    heads, hidden = fields[f"{arch}.attention.head_count"], fields[f"{arch}.embedding_length"]
    period = {"gemma2": 2, "gemma3": 6}[arch]
    entries = {
        "query_pre_attn_scalar": hidden // heads if layers == largest else head_dim,
        "sliding_window": fields[f"{arch}.attention.sliding_window"],
        "layer_types": [
            "sliding_attention" if (layer + 1) % period else "full_attention" for layer in range(layers)
        ],
    }
    if arch == "gemma3":
        return entries | {"rope_local_base_freq": 10000.0, "sliding_window_pattern": period}
    for key in ("attn_logit_softcapping", "final_logit_softcapping"):
        entries[key] = _decimal(fields[f"{arch}.{key}"])
    return entries


def config(arch, fields, shapes, dtype):
    """config.json of a file with metadata `fields` and tensors `shapes` (Hugging Face's name: shape).

    KeyError for a missing key, ValueError for a value that has no counterpart."""
    described = ARCHITECTURES[arch]
    hidden = fields[f"{arch}.embedding_length"]
    heads, key_heads = _heads(arch, fields)
    layers = fields[f"{arch}.block_count"]
    head_dim = fields.get(f"{arch}.attention.key_length", hidden // heads)
    entries = {
        "architectures": [described.model_class],
        "model_type": described.model_type,
        "hidden_size": hidden,
        "intermediate_size": fields[f"{arch}.feed_forward_length"],
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": key_heads,
        "head_dim": head_dim,
        "rms_norm_eps": _decimal(fields[f"{arch}.attention.layer_norm_rms_epsilon"]),
        "max_position_embeddings": fields[f"{arch}.context_length"],
        "vocab_size": shapes["model.embed_tokens.weight"][0],
        "hidden_activation" if arch.startswith("gemma") else "hidden_act": described.activation,
        "attention_bias": "model.layers.0.self_attn.q_proj.bias" in shapes,
        "tie_word_embeddings": "lm_head.weight" not in shapes,
        "torch_dtype": dtype,
    }
    entries |= _rope(arch, fields, head_dim)
    if arch in ("gemma2", "gemma3"):
        entries |= gemma_entries(arch, fields, layers, head_dim)
    for key in ("bos", "eos", "pad"):
        found = fields.get(f"tokenizer.ggml.{'padding' if key == 'pad' else key}_token_id")
        if found is not None:
            entries[f"{key}_token_id"] = found
    return entries
