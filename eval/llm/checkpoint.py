"""Checkpoints of the architectures that model.py computes. Whatever it would compute wrongly is an error that
names the file, what was found and what is allowed: a bias, scaled positions, another activation function."""

import pathlib

import safetensors.torch

import files

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
REQUIRED = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
FIXED = {  # model_type: the values of config.json that model.py computes; a missing one is taken as that
    "llama": {"hidden_act": "silu"},
    "gemma3_text": {
        "hidden_activation": "gelu_pytorch_tanh",
        "attn_logit_softcapping": None,
        "final_logit_softcapping": None,
        "use_bidirectional_attention": False,
    },
}
DEFAULTS = {
    "llama": {"rms_norm_eps": 1e-6, "tie_word_embeddings": False},
    "gemma3_text": {
        "rms_norm_eps": 1e-6,
        "tie_word_embeddings": True,
        "query_pre_attn_scalar": 256,
        "sliding_window": 4096,
    },
}
STAGES = (  # layers of a block; those of a stage share an input
    ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    ("self_attn.o_proj",),
    ("mlp.gate_proj", "mlp.up_proj"),
    ("mlp.down_proj",),
)
LAYERS = (*(layer for stage in STAGES for layer in stage), "input_layernorm", "post_attention_layernorm")
GEMMA_LAYERS = (
    *LAYERS,
    *("self_attn.q_norm", "self_attn.k_norm", "pre_feedforward_layernorm", "post_feedforward_layernorm"),
)


def base_of(path, entry, default):
    """Base of the rotary positions from an entry that names it."""
    kind = entry.get("rope_type", entry.get("type", "default"))
    if kind != "default":
        raise SystemExit(f"{path}: rope_type: found {kind!r}; allowed: 'default'")
    return entry.get("rope_theta", default)


def with_positions(path, config):
    """config.json with rope_theta (and rope_local_base_freq), which transformers 5 has in rope_parameters."""
    gemma = config["model_type"] != "llama"
    base_of(path, config.get("rope_scaling") or {}, None)
    entries = config.get("rope_parameters") or {}
    theta = config.get("rope_theta", 1e6 if gemma else 1e4)
    if not gemma:
        return config | {"rope_theta": base_of(path, entries, theta)}
    return config | {
        "rope_theta": base_of(path, entries.get("full_attention", {}), theta),
        "rope_local_base_freq": base_of(
            path, entries.get("sliding_attention", {}), config.get("rope_local_base_freq", 1e4)
        ),
    }


def read_config(directory):
    """config.json with every key that model.py reads."""
    path = pathlib.Path(directory) / "config.json"
    config = files.read_json(path)
    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind not in FIXED:
        raise SystemExit(f"{path}: model_type: found {kind!r}; allowed: {', '.join(map(repr, FIXED))}")
    for key in REQUIRED:
        if not isinstance(config.get(key), int):
            raise SystemExit(f"{path}: {key}: found {config.get(key)!r}; allowed: a number")
    for key, allowed in FIXED[kind].items():
        if config.get(key, allowed) != allowed:
            raise SystemExit(f"{path}: {key}: found {config[key]!r}; allowed: {allowed!r}")
    config = DEFAULTS[kind] | {"num_key_value_heads": config["num_attention_heads"]} | config
    if kind != "llama" and not config.get("layer_types"):
        period = config.get("sliding_window_pattern", config.get("_sliding_window_pattern", 6))
        config["layer_types"] = [
            "sliding_attention" if (block + 1) % period else "full_attention"
            for block in range(config["num_hidden_layers"])
        ]
    return with_positions(path, config)


def check_names(file, names, config):
    """That the tensors are those that model.py reads."""
    layers = LAYERS if config["model_type"] == "llama" else GEMMA_LAYERS
    wanted = {"model.embed_tokens.weight", "model.norm.weight"}
    wanted |= {f"model.layers.{b}.{n}.weight" for b in range(config["num_hidden_layers"]) for n in layers}
    missing = wanted - names
    if "lm_head.weight" not in names and not config["tie_word_embeddings"]:
        missing.add("lm_head.weight")
    if missing:
        raise SystemExit(f"{file}: found no tensor {min(missing)} ({len(missing)} are missing)")
    unknown = {name for name in names - wanted - {"lm_head.weight"} if not name.endswith(".inv_freq")}
    if unknown:
        raise SystemExit(
            f"{file}: found {len(unknown)} tensors that model.py does not compute, such as {min(unknown)}; "
            f"allowed: weights of a {config['model_type']} without biases"
        )


def read(directory):
    """config.json, the path that `microscopiq quantize --weights` takes, and the tensors in float32."""
    directory = pathlib.Path(directory)
    config = read_config(directory)
    file = directory / WEIGHTS
    parts = [file]
    if not file.exists():
        file = directory / INDEX
        if not file.exists():
            raise SystemExit(f"{directory}: found neither {WEIGHTS} nor {INDEX}; allowed: one of them")
        parts = [directory / name for name in sorted(set(files.read_json(file)["weight_map"].values()))]
    tensors = {}
    for part in parts:
        try:
            tensors |= safetensors.torch.load_file(part)
        except (OSError, safetensors.SafetensorError) as error:
            raise SystemExit(f"{part}: {error}") from error
    check_names(file, tensors.keys(), config)
    return config, file, {name: tensor.float() for name, tensor in tensors.items()}
