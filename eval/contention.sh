#!/usr/bin/env bash
# Measures docs/results/data/contention.csv and draws its picture.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  "") ;;
  --help | -h)
    echo "usage: eval/contention.sh"
    echo
    echo "docs/results/data/contention.csv, about two minutes: quantizes all-MiniLM-L6-v2 at 2 and 4 bits and runs"
    echo "\`microscopiq contention\` on it and on random tiles, at 64x64; then the picture of docs/results/paper.md,"
    echo "if eval/setup.sh was run. Needs the weights (./setup.sh --weights)."
    exit 0
    ;;
  *)
    echo "eval/contention.sh: unknown option '$1'; allowed: --help" >&2
    exit 2
    ;;
esac

./setup.sh --weights >&2
program=build/release/cli/microscopiq
weights=build/weights/model.safetensors
out=build/contention
mkdir -p "$out"
[[ -f $weights ]] || {
  echo "eval/contention.sh: found no $weights (offline?)" >&2
  exit 1
}
layers=()
for bits in 2 4; do
  "$program" quantize --weights "$weights" --bits "$bits" -o "$out/minilm-$bits.safetensors" >&2
  layers+=(--quantized "$out/minilm-$bits.safetensors")
done
"$program" contention "${layers[@]}" --csv "$out/contention.csv"
"$program" contention --tokens 2,4,8,16,32 --units 1,2,8,64 --spacing 1 --csv "$out/short-passes.csv"
{ cat "$out/contention.csv" && tail -n +2 "$out/short-passes.csv"; } |
  sed -E 's/ of micro-blocks"/"/; s#"[^"]*/minilm-[24]\.safetensors"#MiniLM#' | awk '!seen[$0]++' \
  >docs/results/data/contention.csv
if [[ -x build/eval-venv/bin/python ]]; then build/eval-venv/bin/python eval/plots.py --only contention; fi
