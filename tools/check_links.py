"""Relative links of Markdown files: python3 check_links.py FILE...

Targets must exist, and anchors must be headings of their file, as GitHub names them. Links to other machines
are not followed. Prints file:line: finding; exit code 1 if there is one.
"""

import re
import sys
from pathlib import Path
from urllib.parse import unquote

LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
DEFINITION = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$", re.M)
HTML = re.compile(r"<(?:a|img)\s[^>]*?(?:href|src)=\"([^\"]+)\"")


def prose(path):
    """The text without code; lines stay, so that a link may be broken over two."""
    fence = None
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        mark = re.match(r"\s*(```+|~~~+)", line)
        code = fence is not None or mark is not None
        if mark and (fence is None or mark[1].startswith(fence)):
            fence = mark[1] if fence is None else None
        lines.append("" if code else re.sub(r"`[^`]*`", "x", line))
    return "\n".join(lines)


def links(path):
    """(line number, target) of every link."""
    text = prose(path)
    for pattern in (LINK, DEFINITION, HTML):
        for link in pattern.finditer(text):
            yield text.count("\n", 0, link.start()) + 1, link[1]


def anchors(path):
    """Anchors of the headings, as GitHub makes them, and of explicit ids."""
    found = set()
    fence = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if re.match(r"\s*(```|~~~)", line):
            fence = not fence
        heading = None if fence else re.match(r"#{1,6}\s+(.*?)\s*#*\s*$", line)
        if heading:
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            name, count = slug, 0
            while name in found:
                count += 1
                name = f"{slug}-{count}"
            found.add(name)
        found.update(re.findall(r"<a\s+(?:id|name)=\"([^\"]+)\"", line))
    return found


def problem(path, target):
    """Problem of a link of a file, or None."""
    if re.match(r"[a-z][a-z0-9+.-]*:", target, re.I):
        return None
    name, _, anchor = target.partition("#")
    file = (path.parent / unquote(name)).resolve() if name else path.resolve()
    if not file.exists():
        return f"found no {target}"
    if anchor and file.suffix == ".md" and unquote(anchor).lower() not in anchors(file):
        return f"found no heading #{anchor} in {name or path.name}"
    return None


def main(paths):
    found = 0
    for path in map(Path, paths):
        for number, target in sorted(links(path)):
            wrong = problem(path, target)
            if wrong:
                print(f"{path}:{number}: {wrong}")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
