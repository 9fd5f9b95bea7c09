#!/usr/bin/env bash
# The main job: a layer of a real transformer through the generated accelerator; see usage below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

program=build/release/cli/microscopiq

usage() {
  cat <<'TEXT'
usage: ./run.sh [OPTION]...

Installs missing packages, builds the program, fetches the weights of all-MiniLM-L6-v2 once, and runs
`microscopiq run`: quantizes a layer, generates the accelerator, simulates the layer on it, compares every output bit
with the golden model, synthesizes, and prints one report. Without the weights (offline) it uses synthetic ones and
says so.

Options are those of `microscopiq run`. Paths are relative to the project's directory.
TEXT
}

for argument in "$@"; do
  case "$argument" in
    -h | --help)
      usage
      if [[ -x $program ]]; then
        echo
        exec "$program" run --help
      fi
      echo "They are listed here as well once the project is built (./setup.sh)."
      exit 0
      ;;
  esac
done

# Standard output is for the report alone, so that --json can be piped.
./setup.sh --weights >&2

exec "$program" run "$@"
