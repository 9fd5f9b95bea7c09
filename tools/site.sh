#!/usr/bin/env bash
# Builds the documentation as a static site; see usage below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if (($#)); then
  cat <<'TEXT'
usage: tools/site.sh

Writes the documentation as a static site to build/site/html (start: index.html), by MkDocs, which it installs from
PyPI below build/site. A page or heading that a link does not find is an error.
TEXT
  [[ $1 == -h || $1 == --help ]] && exit 0
  exit 2
fi

site=build/site
versions=(mkdocs==1.6.1 mkdocs-material==9.5.49)
if ! "$site/venv/bin/python" -c 'import material' 2>/dev/null; then
  python3 -m venv "$site/venv"
  "$site/venv/bin/pip" install --quiet --disable-pip-version-check "${versions[@]}"
fi
rm -rf "$site/pages" "$site/html"
python3 tools/site_pages.py "$site/pages"
NO_MKDOCS_2_WARNING=1 "$site/venv/bin/mkdocs" build --strict  # with --quiet, findings are no errors
echo "$site/html/index.html"
