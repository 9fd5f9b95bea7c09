#!/usr/bin/env bash
# Runs the tests; see usage below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'TEXT'
usage: ./test.sh [--full] [--only REGEX]
       ./test.sh --soak MINUTES [OPTION]...

Installs missing packages, builds the program and the tests, fetches the weights of all-MiniLM-L6-v2 once (a test uses
them if they are there), and runs all tests. Exits with 0 only if every test passed and there was at least one.

  --full         longer runs of the random and exhaustive tests (MSQ_FULL=1 in their environment)
  --only REGEX   only the tests whose name matches
  --soak MINUTES random configurations, tensors and stalls instead of the tests; prints its seeds, and at a
                 mismatch the smallest case found with the command that runs it again. Arguments after it are
                 those of the program: build/release/tests/soak/soak --help
TEXT
}

bad_usage() {
  echo "test.sh: $1" >&2
  usage >&2
  exit 2
}

selection=()
while (($#)); do
  case "$1" in
    --full) export MSQ_FULL=1 ;;
    --only)
      (($# > 1)) || bad_usage "--only needs a regular expression"
      selection=(--tests-regex "$2")
      shift
      ;;
    --only=*) selection=(--tests-regex "${1#--only=}") ;;
    --soak)
      (($# > 1)) || bad_usage "--soak needs a number of minutes"
      ./setup.sh --tests
      export MSQ_MODEL_CACHE="${MSQ_MODEL_CACHE:-build/release/models}"
      exec build/release/tests/soak/soak --minutes "${@:2}"
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) bad_usage "unknown option '$1'" ;;
  esac
  shift
done

./setup.sh --tests --weights
exec ctest --preset release --parallel "$(nproc)" --no-tests=error --output-junit tests.xml "${selection[@]}"
