#!/usr/bin/env bash
# The build of the generator alone needs no package of the tests, the golden model or the tools, and writes the designs
# that the whole program writes.
# usage: generator_only.sh PROGRAM BUILD_DIRECTORY    (PROGRAM: the whole one)
set -euo pipefail
program=$(realpath "$1")
build=$2
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

disabled=()
for package in Protobuf Eigen3 GTest benchmark; do disabled+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON"); done
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DMSQ_UNITY=ON -DMSQ_WERROR=ON -DMSQ_GENERATOR_ONLY=ON \
  "${disabled[@]}"
cmake --build "$build"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for design in "--config tiny" "--config recon-8x8 --core-only" "--baseline int8" "--config tiny --flow orfs"; do
  rm -rf "$work/whole" "$work/alone"
  # shellcheck disable=SC2086  # two words
  "$program" generate $design -o "$work/whole" >/dev/null
  # shellcheck disable=SC2086
  "$build/cli/microscopiq" generate $design -o "$work/alone" >/dev/null
  diff -r "$work/whole" "$work/alone"
done
if "$build/cli/microscopiq" run; then exit 1; fi
