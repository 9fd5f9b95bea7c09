"""Size, form and wording of the documentation: python3 check_docs.py [--count] [ROOT]

Pages to read are the Markdown files below docs/ except the look-up pages listed in LOOK_UP and the decisions.

  size     at most 18 pages to read with at most 20,000 words together
  screen   a picture, a code block or a table in the first 25 lines of a page to read and of README.md
  width    prose of at most 120 characters per line in all pages, README.md and CONTRIBUTING.md
  wording  the patterns of WORDING in all pages, README.md, CONTRIBUTING.md, the help texts that
           docs/user/command-line.md quotes, the program's messages, and the usage texts of scripts
  decision each decision has its four sections and a row in the index
  history  dates of changes and conditions of a measurement (HISTORY) in pages other than decisions
  source   pages, pictures and data below docs/ that sources, scripts and help texts name exist

A word is a token between blanks that contains a letter or a digit. Prose, headings and tables count; code
blocks, HTML, targets of links and alternative texts of pictures do not. Tables, code blocks, HTML and lines
without a blank to break at may be wider.

Prints file:line: finding; exit code 1 if there is one. --count prints the words of each page to read instead.
"""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

MOST_PAGES = 18
MOST_WORDS = 20_000
MOST_CHARACTERS = 120
FIRST_SCREEN = 25  # lines

# Pages for looking something up: long tables and generated text, outside the limits of pages to read.
HELP = "docs/user/command-line.md"
LOOK_UP = (
    HELP,
    "docs/user/configuration.md",
    "docs/user/reports.md",
    "docs/reference/glossary.md",
    "docs/reference/registers.md",
    # Specifications, which implementations are written from: complete before short.
    "docs/reference/numerics.md",
    "docs/reference/streams.md",
    "docs/results/data/sram.md",
    "docs/results/data/token-energy.md",
    "docs/results/data/wires.md",
)
DECISIONS = "docs/developer/decisions/"
SECTIONS = ["Context", "Decision", "Figures", "Consequences"]
NAMED = re.compile(r"(?<![\w./-])docs/[\w./-]+\.(?:md|svg|csv)\b")
# CHANGELOG.md is history; tests of this file name pages that do not exist.
NOT_SOURCES = ("CHANGELOG.md", "docs_test.py")
SOURCES = ".c .cff .cmake .cpp .h .hpp .json .md .py .sh .smk .toml .txt .v .vh .vlt .yaml .yml".split() + [
    "Containerfile",
    "run",
    "Snakefile",
]
# Folders of the program, whose string literals are messages and reports.
PRINTING = ("cli", "flow", "gen", "golden", "model", "report", "support", "synth", "tb")
FRONT_DOOR = ("README.md", "CONTRIBUTING.md")

# Beginning of a sentence; the rest of one that is no question.
START = r"(?:\A|(?<=[.:;!?]\s))"
STATEMENT = r"(?![^.?!]*\?)"
COUNT = r"(?:one|two|three|four|five|six|eight|twice|\d+(?:[,.]\d+)*)"
NO_THING = (
    r"(?:and|are|as|at|by|for|from|gets?|has|have|holds?|if|in|is|needs?|of|on|or|takes?|than|to|with)\b"
)
COUNTED = r"(?:bits?|bytes|words?|beats?|tokens?|cycles?|MACs?)"
THING = (
    r"(?:activation|array|band|beat|bit|block|column|command|cycle|file|group|job|lane|layer|line|machine|"
    r"macro-block|micro-block|minute|mode|module|number|operation|outlier|output|page|pass|PE|point|port|"
    r"product|reader|row|second|side|step|switch|target|tensor|tile|time|token|tree|unit|value|weight|word)"
)
PER = (
    rf"(?<!\bmode\s)(?<!\bper\s)\b(?:{COUNT}\s+(?:(?!{NO_THING})[\w-]+\s+)?|{COUNTED}\s+)an?\s+{THING}\b"
    r"(?!\s+(?:later|earlier|before|after|has|needs|is)\b)"
)
ALL = r"(?:nothing|anything|everything|all|none|every\s+\w+|no\s+\w+|no\s+\w+\s+\w+)"
IS = r"(?:is|are|was|were|has|have|it|they|comes|goes)"

# Name, pattern in running text, better wording.
WORDING = (
    ("subject", rf"{START}(?-i:What|Who|Whoever|Whatever)\s{STATEMENT}", "begin with a noun"),
    ("clause", rf"\bwhat\s+{IS}\b{STATEMENT}", "name the thing"),
    (
        "how",
        rf"{START}(?-i:How)\s+(?:it|they|this|that)\s{STATEMENT}",
        "a noun: status, procedure, principle",
    ),
    ("pronoun", r"\b(?:it|they)\s+(?:is|are)\s+(?:taken|launched)\b", "row accepted, token accepted"),
    ("mean", r"\bin\s+the\s+mean\b", "on average"),
    (
        "so many",
        r"\b(?:at\s+most|at\s+least|(?:more|less|further)\s+than|only)\s+so\s+(?:many|much|few)\b",
        "maximum number of, threshold in ..",
    ),
    ("goes on", r"\b(?:go|goes|went|going)\s+on\s+(?:where|from|at|with)\b", "resumes, continues"),
    ("no one", r"\b(?:no\s+one|nobody)\s+who\b", "name the user or the module"),
    ("made up", r"\b(?:made|makes?)\s+up\s+for\b", "compensated, compensates"),
    ("should be", r"\b(?:of\s+what|as)\s+(?:it|they)\s+should\s+be\b", "name the gap or the expected value"),
    ("tell", r"\b(?:tells?|told|telling)\b", "distinguish, describe, give, report"),
    ("stand", r"\b(?:stands?|stood)\b(?!\s*(?:for|alone)\b|-)", "is, are"),
    ("lie", r"\b(?:lies?|lay)\b(?!\s+out\b)", "is, are"),
    ("per", PER, "per"),
    ("but", rf"\b{ALL}\s+but\b", "except"),
    ("none", r"\bof\s+none\b", "vs plain array"),
    ("for ever", r"\bfor\s+ever\b", "name the property: cannot deadlock, holds without a bound"),
    ("short of", r"\b(?:is|are|was|falls?)\s+short\s+of\b", "list the gap under Known gaps"),
    ("clock", r"\bby\s+the\s+clock\b", "wall-clock time"),
)

# Facts that belong into CHANGELOG.md and decisions.
HISTORY = (
    (
        "history",
        r"\b(?:until|since|before|after)\s+20\d\d-\d\d(?:-\d\d)?\b",
        "present tense; history is for decisions",
    ),
    (
        "lab note",
        r"\b(?:beside\s+other\s+work|(?:busy|shared)\s+(?:machine|cores)|load\s+of\s+\d+)\b",
        "leave out",
    ),
)


@dataclass(frozen=True)
class Line:
    """A line of Markdown; kind: prose, heading, table, code, html, blank."""

    number: int
    kind: str
    text: str


def classified(text: str) -> list[Line]:
    """Every line of a page with its kind. Lines of a fence and of its content are code."""
    lines, fence, before, in_list = [], None, "blank", False
    for number, line in enumerate(text.splitlines(), 1):
        mark = re.match(r"\s*(```+|~~~+)", line)
        if fence is not None or mark:
            kind = "code"
            if fence is None:
                fence = mark[1]
            elif mark and mark[1].startswith(fence) and not line.strip(" `~"):
                fence = None
        elif not line.strip():
            kind = "blank"
        elif re.match(r" {4}", line) and before in ("blank", "code") and not in_list:
            kind = "code"
        elif re.match(r"\s{0,3}#{1,6}\s", line):
            kind = "heading"
        elif line.lstrip().startswith("|"):
            kind = "table"
        elif re.match(r"\s*(?:</?[a-z!]|!\[|\[!\[)", line) and before != "prose":
            kind = "html"
        else:
            kind = "prose"
        if kind not in ("blank", "code"):
            in_list = bool(re.match(r"\s*(?:[-*+]|\d+[.)])\s", line)) or (in_list and line.startswith(" "))
        if kind != "blank" or fence is None:
            before = kind
        lines.append(Line(number, kind, line))
    return lines


def plain(text: str) -> str:
    """Text without targets of links, pictures and the content of code spans; line breaks stay."""
    text = re.sub(r"(`+)(?:(?!\1).|\n)+?\1", lambda span: re.sub(r"[^\n]", "x", span[0]), text)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return re.sub(r"[\[\]*]", "", text)


def units(lines: list[Line]):
    """(number of the first line, plain text) of each paragraph, list item, heading and cell of a table."""
    first, gathered = 0, []

    def flush():
        if gathered:
            yield first, plain("\n".join(gathered))
            gathered.clear()

    for line in lines:
        item = re.match(r"\s*(?:[-*+]|\d+[.)]|>)\s+", line.text)
        if line.kind != "prose" or item:
            yield from flush()
        if line.kind == "prose":
            first = first if gathered else line.number
            gathered.append(line.text[item.end() :] if item else line.text)
        elif line.kind == "heading":
            yield line.number, plain(line.text.lstrip(" #"))
        elif line.kind == "table" and not re.fullmatch(r"[\s|:-]*", line.text):
            for cell in re.split(r"(?<!\\)\|", line.text):
                yield line.number, plain(cell.strip())
    yield from flush()


def words(lines: list[Line]) -> int:
    """Number of words of a page: see the top of this file."""
    return sum(bool(re.search(r"\w", word)) for _, text in units(lines) for word in text.split())


def matches(texts, rules):
    """(line, finding) of each pattern found in (first line, text) pairs."""
    for first, text in texts:
        for name, pattern, better in rules:
            for found in re.finditer(pattern, text, re.IGNORECASE):
                number = first + text.count("\n", 0, found.start())
                yield number, f"{name}: '{' '.join(found[0].split())}'; better: {better}"


def too_wide(lines: list[Line]):
    for line in lines:
        text = re.sub(r"^\s*(?:[-*+>]|\d+[.)])\s+", "", line.text).strip()
        if line.kind == "prose" and len(line.text) > MOST_CHARACTERS and re.search(r"\s", text):
            yield line.number, f"width: found {len(line.text)} characters; allowed: {MOST_CHARACTERS}"


def without_example(lines: list[Line]):
    first = [line for line in lines if line.number <= FIRST_SCREEN]
    picture = any(re.search(r"!\[|<img\s|<svg\s", line.text) for line in first)
    if not picture and not any(line.kind in ("code", "table") for line in first):
        yield 1, f"screen: found no picture, code block or table in the first {FIRST_SCREEN} lines"


def usage_texts(text: str):
    """(first line, text) of the here-documents of a script, paragraph by paragraph."""
    for document in re.finditer(r"<<'?(TEXT)'?\n(.*?)\n\1\n", text, re.S):
        first = text.count("\n", 0, document.start(2)) + 1
        yield from paragraphs(first, document[2])


def paragraphs(first: int, text: str):
    """(first line, text) of each paragraph and each entry of a list of options."""
    gathered, start = [], first
    for number, line in enumerate(text.splitlines(), first):
        if gathered and (not line.strip() or re.match(r"\s{1,6}\S", line)):
            yield start, "\n".join(gathered)
            gathered = []
        if line.strip():
            start = start if gathered else number
            # The description of an option is a text of its own.
            gathered += [re.sub(r"^\s+(?:-\S+|\w+)(?: \S+)*?\s{2,}", "", line)]
    if gathered:
        yield start, "\n".join(gathered)


def quoted_help(lines: list[Line]):
    for line in lines:
        if line.kind == "code":
            yield from paragraphs(line.number, line.text)


def decision_findings(root: Path):
    """(file, line, finding) of decisions without their sections, and of those that the index lacks."""
    index = root / DECISIONS / "README.md"
    listed = index.read_text(encoding="utf-8") if index.is_file() else ""
    for path in sorted((root / DECISIONS).glob("[0-9]*.md")):
        name = DECISIONS + path.name
        lines = classified(path.read_text(encoding="utf-8"))
        sections = [line.text[3:] for line in lines if line.kind == "heading" and line.text.startswith("## ")]
        if sections != SECTIONS:
            yield name, 1, f"decision: found sections {', '.join(sections)}; allowed: {', '.join(SECTIONS)}"
        if f"]({path.name})" not in listed:
            yield name, 1, f"decision: found no row for it in {DECISIONS}README.md"


def page_findings(root: Path, name: str):
    """(line, finding) of one page."""
    lines = classified((root / name).read_text(encoding="utf-8"))
    texts = list(units(lines))
    yield from too_wide(lines)
    yield from matches(texts, WORDING)
    if name == HELP:
        yield from matches(quoted_help(lines), WORDING)
    if name.startswith("docs/") and not name.startswith(DECISIONS):
        yield from matches(texts, HISTORY)
    if is_to_read(name) or name == "README.md":
        yield from without_example(lines)


def is_to_read(name: str) -> bool:
    return name.startswith("docs/") and name not in LOOK_UP and not name.startswith(DECISIONS)


def names_of_pages(root: Path) -> list[str]:
    below = sorted(path.relative_to(root).as_posix() for path in (root / "docs").rglob("*.md"))
    return [name for name in FRONT_DOOR if (root / name).is_file()] + below


def counts(root: Path) -> dict[str, int]:
    """Words of each page to read."""
    return {
        name: words(classified((root / name).read_text(encoding="utf-8")))
        for name in names_of_pages(root)
        if is_to_read(name)
    }


def sources(root: Path):
    """Text files of the tree outside docs/, build/ and hidden folders."""
    for directory, folders, names in os.walk(root):
        skipped = {"docs", "build", "corpus"} if directory == str(root) else {"corpus"}
        folders[:] = sorted(name for name in folders if name not in skipped and not name.startswith("."))
        for path in (Path(directory, name) for name in sorted(names)):
            if (path.suffix or path.name) in SOURCES and path.name not in NOT_SOURCES:
                yield path


def source_findings(root: Path):
    """(file, line, finding) of names of pages that do not exist."""
    for path in sources(root):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            for name in NAMED.findall(line):
                if not (root / name).is_file():
                    yield path.relative_to(root).as_posix(), number, f"source: found no {name}"


def messages(text: str):
    """(line, text) of the string literals of a C++ source; adjacent ones are one."""
    literal = r'"((?:[^"\\\n]|\\.)*)"'
    for found in re.finditer(rf"{literal}(?:\s*{literal})*", text):
        yield text.count("\n", 0, found.start()) + 1, "".join(re.findall(literal, found[0]))


def message_findings(root: Path):
    """(file, line, finding) of texts that the program prints."""
    for folder in PRINTING:
        for path in sorted((root / folder).rglob("*.cpp")):
            for number, finding in matches(messages(path.read_text(encoding="utf-8")), WORDING):
                yield path.relative_to(root).as_posix(), number, finding


def findings(root: Path):
    """(file, line, finding) of the whole documentation."""
    of_pages = counts(root)
    if len(of_pages) > MOST_PAGES:
        yield "docs", 1, f"size: found {len(of_pages)} pages to read; allowed: {MOST_PAGES}"
    if sum(of_pages.values()) > MOST_WORDS:
        yield (
            "docs",
            1,
            f"size: found {sum(of_pages.values()):,} words in pages to read; allowed: {MOST_WORDS:,}",
        )
    for name in LOOK_UP:
        if not (root / name).is_file():
            yield name, 1, "size: found no such page; LOOK_UP of tools/check_docs.py lists it"
    for name in names_of_pages(root):
        for number, finding in sorted(page_findings(root, name)):
            yield name, number, finding
    yield from decision_findings(root)
    yield from source_findings(root)
    yield from message_findings(root)
    for script in sorted([*root.glob("*.sh"), *root.glob("tools/*.sh")]):
        for number, finding in matches(usage_texts(script.read_text(encoding="utf-8")), WORDING):
            yield script.relative_to(root).as_posix(), number, finding


def main(arguments: list[str]) -> int:
    count = "--count" in arguments
    rest = [argument for argument in arguments if argument != "--count"]
    root = Path(rest[0]) if rest else Path(__file__).resolve().parent.parent
    if count:
        of_pages = counts(root)
        for name, number in of_pages.items():
            print(f"{number:7,}  {name}")
        print(f"{sum(of_pages.values()):7,}  {len(of_pages)} pages to read")
        return 0
    found = 0
    for file, number, finding in findings(root):
        print(f"{file}:{number}: {finding}")
        found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
