"""Writes eval/sentences/{calibration,heldout}.txt from the hand-written templates beside them.

A template is one line; every [a|b|c] in it is a choice. Each template is filled in VARIANTS times: the
options of each choice are shuffled and then taken in turn, so that the variants of one template share as few
words as they can. Every eighth line is a short passage: sentences joined up to PASSAGE_WORDS words. The
result depends on the seed only."""

import random
import re
from pathlib import Path

SENTENCES = Path(__file__).parent / "sentences"
SEED = 20240
VARIANTS = {"calibration": 6, "heldout": 5}
PASSAGE_EVERY = 8
PASSAGE_WORDS = 60
CHOICE = re.compile(r"\[([^\]]*)\]")


def read_templates(path):
    lines = (line.strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def fill(template, count, rng):
    """Up to `count` different sentences of one template."""
    choices = [
        (place, rng.sample(text.split("|"), k=text.count("|") + 1))
        for place, text in enumerate(CHOICE.findall(template))
    ]
    sentences = []
    for variant in range(count):
        # From the second round on, each choice is shifted by its place: the same options do not meet again.
        turn = (
            options[(variant + variant // len(options) * place) % len(options)] for place, options in choices
        )
        sentence = CHOICE.sub(lambda _match, turn=turn: next(turn), template)
        sentence = sentence[0].upper() + sentence[1:]
        if sentence not in sentences:
            sentences.append(sentence)
    return sentences


def with_passages(sentences):
    waiting, lines = list(sentences), []
    while waiting:
        line = waiting.pop()
        if len(lines) % PASSAGE_EVERY == 0:
            while waiting and len(line.split()) + len(waiting[-1].split()) <= PASSAGE_WORDS:
                line += " " + waiting.pop()
        lines.append(line)
    return lines


def make(kind):
    rng = random.Random(f"{SEED} {kind}")
    templates = read_templates(SENTENCES / f"{kind}.templates")
    sentences = [sentence for template in templates for sentence in fill(template, VARIANTS[kind], rng)]
    rng.shuffle(sentences)
    return with_passages(sentences)


def main():
    for kind in VARIANTS:
        sentences = make(kind)
        (SENTENCES / f"{kind}.txt").write_text("\n".join(sentences) + "\n")
        words = [len(sentence.split()) for sentence in sentences]
        print(f"{kind}: {len(sentences)} sentences, {min(words)} to {max(words)} words, {sum(words)} words")


if __name__ == "__main__":
    main()
