#!/usr/bin/env bash
# Checks of the sources; see usage below.
# shellcheck disable=SC2317  # the checks are called by the names given
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: tools/check.sh [--all] [--base COMMIT] [--fix] [CHECK]...

Checks the sources that git knows, prints every finding and a summary. Without a CHECK: all of them.
  format  clang-format and ruff format
  tidy    clang-tidy on C++ sources that differ from --base; needs compile_commands.json in build/*/
  ruff    ruff on Python
  shell   shellcheck on scripts
  links   relative links and anchors of Markdown resolve
  lines   at most 110 characters per line of C++, Verilog and Python, 160 of CMake and scripts; no tabs, no
          blanks at the end. Raw strings of C++ and data may be longer; docs looks at Markdown
  docs    size, form and wording of the documentation (tools/check_docs.py)

  --all          clang-tidy on everything, the units of the release build whole
  --base COMMIT  what clang-tidy compares with (default: merge base with main, or HEAD~1 on main)
  --fix          let clang-format and ruff rewrite the files

Exit codes: 0 nothing found, 1 findings, 2 bad usage or a tool is missing.
TEXT
}

ruff_version=0.4.10  # formatting differs between releases
tools=build/check-tools
everything=false
fix=false
base=""
checks=()

# Sources under version control and new ones, except deleted files and what other programs wrote.
sources() {
  git ls-files --cached --others --exclude-standard -- "$@" | sort -u |
    grep -v '^tests/fuzz/corpus/' | existing
}

# Those of the files that exist.
existing() {
  local file
  while read -r file; do
    if [[ -f $file ]]; then printf '%s\n' "$file"; fi
  done
}

cpp_sources() { sources '*.cpp' '*.hpp' '*.c' '*.h'; }
shell_sources() { sources '*.sh' .ci/run; }

# Installs Debian packages whose program is missing.
need() {
  local program=$1 package=$2 as_root=()
  if command -v "$program" >/dev/null; then return; fi
  if ((EUID != 0)); then as_root=(sudo); fi
  echo "check.sh: installing $package" >&2
  if ! { "${as_root[@]}" apt-get update -q && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "$package"; } >"$tools/apt.log" 2>&1; then
    echo "check.sh: found no $program; install the package $package" >&2
    exit 2
  fi
}

need_ruff() {
  ruff=$tools/ruff-$ruff_version/bin/ruff
  if [[ -x $ruff ]]; then return; fi
  need pip3 python3-pip
  echo "check.sh: installing ruff $ruff_version below $tools" >&2
  if ! python3 -m pip install --quiet --disable-pip-version-check --target "$tools/ruff-$ruff_version" \
    "ruff==$ruff_version"; then
    echo "check.sh: found no ruff $ruff_version on PyPI" >&2
    exit 2
  fi
}

check_format() {
  local status=0 arguments=(--dry-run --Werror) ruff_arguments=(--diff --quiet)
  if $fix; then arguments=(-i) ruff_arguments=(--quiet); fi
  need clang-format clang-format
  need_ruff
  cpp_sources | xargs -r -d '\n' clang-format "${arguments[@]}" || status=1
  sources '*.py' | xargs -r -d '\n' "$ruff" format "${ruff_arguments[@]}" || status=1
  return "$status"
}

check_ruff() {
  local arguments=(--quiet)
  if $fix; then arguments+=(--fix); fi
  need_ruff
  sources '*.py' | xargs -r -d '\n' "$ruff" check "${arguments[@]}"
}

check_shell() {
  need shellcheck shellcheck
  shell_sources | xargs -r -d '\n' shellcheck
}

check_links() { sources '*.md' | xargs -r -d '\n' python3 tools/check_links.py; }
check_docs() { python3 tools/check_docs.py; }
check_lines() { sources | xargs -r -d '\n' python3 tools/check_lines.py; }

# The commit that clang-tidy compares with.
base_commit() {
  if [[ -n $base ]]; then
    git rev-parse --verify --quiet "$base^{commit}"
    return
  fi
  local main
  main=$(git merge-base HEAD main 2>/dev/null || git merge-base HEAD origin/main 2>/dev/null || true)
  if [[ -z $main || $main == "$(git rev-parse HEAD)" ]]; then
    main=$(git rev-parse --verify --quiet HEAD~1 || echo HEAD)
  fi
  echo "$main"
}

# Files that clang-tidy reads: all, or changed ones and the source of a changed header.
tidy_sources() {
  local commit
  if $everything; then
    sources '*.cpp'
    return
  fi
  if ! commit=$(base_commit); then
    echo "check.sh: --base: found no commit $base" >&2
    return 2
  fi
  {
    git diff --name-only --diff-filter=d "$commit" -- '*.cpp' '*.hpp'
    git ls-files --others --exclude-standard -- '*.cpp'
  } | sed 's/\.hpp$/.cpp/' | sort -u | existing
}

check_tidy() {
  need clang-tidy clang-tidy
  local files database units=() arguments=()
  tidy_sources >"$tools/tidy.changed" || exit 2
  mapfile -t files <"$tools/tidy.changed"
  ((${#files[@]})) || return 0
  database=$(find build -maxdepth 2 -name compile_commands.json 2>/dev/null | sort -r | head -n 1)
  if [[ -z $database ]]; then
    echo "check.sh: found no build/*/compile_commands.json; configure first: cmake --preset release" >&2
    exit 2
  fi
  if $everything; then units=(--units) arguments=(--checks=-bugprone-suspicious-include); fi
  python3 tools/tidy_database.py "${units[@]}" "$database" "$tools/tidy" "${files[@]}" >"$tools/tidy.files" || exit 2
  xargs -r -d '\n' -n 1 -P "$(nproc)" clang-tidy --quiet "${arguments[@]}" -p "$tools/tidy" \
    <"$tools/tidy.files" 2>"$tools/tidy.log"
}

while (($#)); do
  case "$1" in
    --all) everything=true ;;
    --fix) fix=true ;;
    --base)
      (($# > 1)) || { usage >&2; exit 2; }
      base=$2
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    format | tidy | ruff | shell | links | lines | docs) checks+=("$1") ;;
    *)
      echo "check.sh: unknown argument '$1'" >&2
      usage >&2
      exit 2
      ;;
  esac
  shift
done
((${#checks[@]})) || checks=(format ruff shell links lines docs tidy)

mkdir -p "$tools"
status=0
summary=""
for check in "${checks[@]}"; do
  echo "== $check"
  start=$SECONDS
  code=0
  (set -euo pipefail; "check_$check") || code=$?
  case $code in
    0) verdict=ok ;;
    2) verdict="not run" ;;
    *) verdict=FINDINGS ;;
  esac
  if ((code > status)); then status=$((code > 2 ? 1 : code)); fi
  summary+=$(printf '%-8s %-10s %4d s' "$check" "$verdict" $((SECONDS - start)))$'\n'
done
printf '\n%s' "$summary"
exit $status
