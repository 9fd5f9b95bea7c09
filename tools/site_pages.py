"""Copies what the site shows: python3 site_pages.py DIRECTORY

The pages that git knows (README, CHANGELOG, CONTRIBUTING, docs/, the package's README) keep their places, and
so do the files that they link to: relative links work in the site as in the repository. Run from the root.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

from check_links import links

PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs", "python/README.md")


def linked(page):
    """Files of the repository that a page links to."""
    for _, target in links(page):
        file = (page.parent / unquote(target.partition("#")[0])).resolve()
        if ":" not in target and file.is_relative_to(Path.cwd()) and file.is_file():
            yield file.relative_to(Path.cwd())


def main(directory):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *PAGES]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")
    files = {Path(name) for name in listed if name and Path(name).is_file()}
    new = files
    while new:
        new = {file for page in new if page.suffix == ".md" for file in linked(page)} - files
        files |= new
    for file in sorted(files):
        (directory / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, directory / file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
