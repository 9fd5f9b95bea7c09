"""Windows of tokens of a text, each from the begin token on."""

import numpy as np
import tokenizers


def windows(directory, text, count, length, begin):
    """[count][length] tokens, the first of each `begin`; the text is cut evenly so that windows are apart."""
    tokenizer = tokenizers.Tokenizer.from_file(f"{directory}/tokenizer.json")
    tokens = np.array(tokenizer.encode(text, add_special_tokens=False).ids, dtype=np.int64)
    body = length - 1
    most = len(tokens) // body
    if count > most:
        raise SystemExit(
            f"the text has {len(tokens)} tokens: {most} windows of {length}; {count} were asked for"
        )
    starts = np.linspace(0, len(tokens) - body, count).astype(int)
    return np.stack([np.concatenate([[begin], tokens[s : s + body]]) for s in starts])
