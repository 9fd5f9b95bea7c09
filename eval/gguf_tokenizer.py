"""The tokenizer of a GGUF file as Hugging Face's tokenizer.json and tokenizer_config.json."""

SPECIAL, USER_DEFINED = 3, 4  # values of tokenizer.ggml.token_type: control tokens, and words kept whole

_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)


def _bytes(use_regex):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def _split(pattern):
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}


def _sequence(*steps):
    return {"type": "Sequence", "pretokenizers": list(steps)}


PRE_TOKENIZERS = {
    "gpt-2": _bytes(True),
    "smollm": _sequence({"type": "Digits", "individual_digits": True}, _bytes(True)),
    "llama-bpe": _sequence(_split(_WORDS % "{1,3}"), _bytes(False)),
    "qwen2": _sequence(_split(_WORDS % ""), _bytes(False)),
}


def _byte_level(fields):
    pre = fields.get("tokenizer.ggml.pre")
    if pre not in PRE_TOKENIZERS:
        raise ValueError(f"tokenizer.ggml.pre: found {pre!r}; allowed {', '.join(PRE_TOKENIZERS)}")
    tokens = fields["tokenizer.ggml.tokens"]
    return {
        "normalizer": {"type": "NFC"} if pre == "qwen2" else None,
        "pre_tokenizer": PRE_TOKENIZERS[pre],
        "decoder": _bytes(True),
        "model": {
            "type": "BPE",
            "vocab": {token: number for number, token in enumerate(tokens)},
            "merges": [merge.split(" ", 1) for merge in fields["tokenizer.ggml.merges"]],
            "ignore_merges": pre == "llama-bpe",
        },
    }


def merges_of_scores(vocabulary, scores):
    """The merges of a SentencePiece BPE: all splits of tokens in two tokens, best scored token first."""
    merges = []
    for token, number in vocabulary.items():
        splits = [(token[:cut], token[cut:]) for cut in range(1, len(token))]
        splits = [split for split in splits if split[0] in vocabulary and split[1] in vocabulary]
        splits.sort(key=lambda split: (vocabulary[split[0]], vocabulary[split[1]]))
        merges += [(scores[number], split) for split in splits]
    merges.sort(key=lambda merge: -merge[0])
    return [list(split) for _, split in merges]


def _sentence_piece(fields):
    tokens, kinds = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    plain = {token: number for token, number in vocabulary.items() if kinds[number] not in (2, SPECIAL)}
    spaces = {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}
    back = {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}
    prefix = (
        [{"type": "Prepend", "prepend": "\u2581"}]
        if fields.get("tokenizer.ggml.add_space_prefix", True)
        else []
    )
    strip = [{"type": "Strip", "content": " ", "start": 1, "stop": 0}] if prefix else []
    return {
        "normalizer": {"type": "Sequence", "normalizers": [*prefix, spaces]},
        "pre_tokenizer": None,
        "decoder": {
            "type": "Sequence",
            "decoders": [back, {"type": "ByteFallback"}, {"type": "Fuse"}, *strip],
        },
        "model": {
            "type": "BPE",
            "unk_token": tokens[fields.get("tokenizer.ggml.unknown_token_id", 0)],
            "fuse_unk": True,
            "byte_fallback": True,
            "vocab": vocabulary,
            "merges": merges_of_scores(plain, fields["tokenizer.ggml.scores"]),
        },
    }


def _added(fields):
    kinds = fields["tokenizer.ggml.token_type"]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return [
        {"id": number, "content": token, "special": kind == SPECIAL, **flags}
        for number, (token, kind) in enumerate(zip(fields["tokenizer.ggml.tokens"], kinds, strict=True))
        if kind in (SPECIAL, USER_DEFINED)
    ]


def _token(fields, key):
    number = fields.get(f"tokenizer.ggml.{key}_token_id")
    return None if number is None else fields["tokenizer.ggml.tokens"][number]


def _begin(fields):
    """The step that puts the first token in front, if the file asks for it."""
    first = _token(fields, "bos")
    if first is None or not fields.get("tokenizer.ggml.add_bos_token", False):
        return None
    begin = {"SpecialToken": {"id": first, "type_id": 0}}
    number = fields["tokenizer.ggml.bos_token_id"]
    pair = [begin, {"Sequence": {"id": "A", "type_id": 0}}, begin, {"Sequence": {"id": "B", "type_id": 1}}]
    return {
        "type": "TemplateProcessing",
        "single": pair[:2],
        "pair": pair,
        "special_tokens": {first: {"id": first, "ids": [number], "tokens": [first]}},
    }


def tokenizer(fields):
    """tokenizer.json for the metadata `fields`. ValueError for a tokenizer that is not known here."""
    kinds = {"gpt2": _byte_level, "llama": _sentence_piece}
    model = fields.get("tokenizer.ggml.model")
    if model not in kinds:
        raise ValueError(f"tokenizer.ggml.model: found {model!r}; allowed {', '.join(kinds)}")
    return {
        "version": "1.0",
        "added_tokens": _added(fields),
        "post_processor": _begin(fields),
        **kinds[model](fields),
    }


def tokenizer_config(fields):
    entries = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    for key, name in (("bos", "bos"), ("eos", "eos"), ("unknown", "unk"), ("padding", "pad")):
        if _token(fields, key) is not None:
            entries[f"{name}_token"] = _token(fields, key)
    if "tokenizer.chat_template" in fields:
        entries["chat_template"] = fields["tokenizer.chat_template"]
    return entries
