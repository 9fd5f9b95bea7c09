#!/usr/bin/env bash
# Measures the tables of docs/contention.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  "") ;;
  --help | -h)
    echo "usage: eval/contention.sh"
    echo
    echo "The tables of docs/contention.md, about two minutes: quantizes all-MiniLM-L6-v2 at 2 and 4 bits and runs"
    echo "\`microscopiq contention\` on it and on random tiles, at 64x64. Figures: build/contention/*.csv. Without"
    echo "the weights (offline) only the random tiles are measured."
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
layers=()
if [[ -f $weights ]]; then
  for bits in 2 4; do
    "$program" quantize --weights "$weights" --bits "$bits" -o "$out/minilm-$bits.safetensors" >&2
    layers+=(--quantized "$out/minilm-$bits.safetensors")
  done
fi
"$program" contention "${layers[@]}" --csv "$out/contention.csv"
"$program" contention --tokens 2,4,8,16,32 --units 1,2,8,64 --spacing 1 --csv "$out/short-passes.csv"
