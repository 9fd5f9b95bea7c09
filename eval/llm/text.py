"""Calibration and test text: paragraphs of Debian's documentation, disjoint by whole files.

`handbook` is the English Debian Administrator's Handbook (package debian-handbook, GPL-2+ or CC-BY-SA-3.0),
`fortunes` the quotations of packages fortunes and fortunes-min. A hash of a file's name deals it to test or
calibration. `bible`, the King James Version (package bible-kjv), is test text of a domain that calibration
has not seen.
"""

import hashlib
import html.parser
import pathlib
import re
import subprocess

HANDBOOK = pathlib.Path("/usr/share/doc/debian-handbook/html/en-US")
FORTUNES = pathlib.Path("/usr/share/games/fortunes")
SHORTEST = 80  # characters of a paragraph


class Paragraphs(html.parser.HTMLParser):
    """The text of <p>, and of <div class="para"> as Publican writes it."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []
        self.open = []  # text of the paragraphs that are open, None for other div elements

    def handle_starttag(self, tag, attributes):
        if tag in ("p", "div"):
            is_text = tag == "p" or dict(attributes).get("class") == "para"
            self.open.append([] if is_text else None)

    def handle_endtag(self, tag):
        if tag in ("p", "div") and self.open:
            text = self.open.pop()
            if text is not None:
                self.found.append(re.sub(r"\s+", " ", "".join(text)).strip())

    def handle_data(self, data):
        if self.open and self.open[-1] is not None:
            self.open[-1].append(data)


def handbook():
    """(file, paragraphs) in the order of the files' names."""
    for path in sorted(HANDBOOK.glob("*.html")):
        parser = Paragraphs()
        parser.feed(path.read_text(encoding="utf-8"))
        yield path.name, parser.found


def fortunes():
    """(file, quotations) in the order of the files' names; drawings are left out."""
    for path in sorted(FORTUNES.iterdir()):
        if path.suffix or path.name == "ascii-art":
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        yield path.name, [re.sub(r"\s+", " ", part).strip() for part in text.split("\n%\n")]


def bible():
    """(book, verses) of the King James Version."""
    command = ["bible", "-f", "Gen1:1-Rev22:21"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    books = {}
    for line in lines:
        place, verse = line.split(" ", 1)
        books.setdefault(place.split(":")[0], []).append(verse)  # a chapter is a paragraph
    yield "bible", [" ".join(verses) for verses in books.values()]


SOURCES = {"handbook": handbook, "fortunes": fortunes, "bible": bible}
UNSEEN = ("bible",)  # test text only


def is_test(name):
    """Of ten files about one is test text."""
    return name in UNSEEN or hashlib.sha256(name.encode()).digest()[0] * 10 < 256


def text_of(source, test):
    """The test or the calibration files of a source, each paragraph once, joined by empty lines. A paragraph
    that is in both kinds of files is calibration."""
    kept = {False: {}, True: {}}
    for name, paragraphs in SOURCES[source]():
        for paragraph in paragraphs:
            if len(paragraph) >= SHORTEST:
                kept[is_test(name)].setdefault(paragraph)
    chosen = [p for p in kept[test] if not test or p not in kept[False]]
    if not chosen:
        raise SystemExit(f"{source}: no text found; install Debian's packages debian-handbook and fortunes")
    return "\n\n".join(chosen)
