#!/usr/bin/env bash
# Prints the figures of docs/reference/performance.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  "") ;;
  --help | -h)
    echo "usage: eval/performance.sh"
    echo
    echo "The figures of docs/reference/performance.md, about two minutes: square layers on plain arrays by the cycle model,"
    echo "a layer of all-MiniLM-L6-v2 on simulated 8x8 accelerators."
    exit 0
    ;;
  *)
    echo "eval/performance.sh: unknown option '$1'; allowed: --help" >&2
    exit 2
    ;;
esac

./setup.sh --weights >&2
program=build/release/cli/microscopiq
weights=build/weights/model.safetensors
out=build/performance
mkdir -p "$out"

echo "Share of the peak, square layers, prefill of 256 tokens"
{
  echo name,k,n,count
  for size in 256 384 768 1024 2048 4096; do echo "$size,$size,$size,1"; done
} >"$out/square.csv"
for size in 8 16 64; do
  echo "{\"rows\": $size, \"cols\": $size, \"outlier_path\": \"none\", \"top\": {\"act_words\": 65536}}" >"$out/none-$size.json"
  for mode in 2 4; do
    echo "  ${size}x$size, mode $mode"
    "$program" model --config "$out/none-$size.json" --shapes "$out/square.csv" --phase prefill --tokens 256 --mode "$mode" |
      awk '$3 == 256 { printf "    %-6s %s %%\n", $1, $8 }'
  done
done

echo "A layer of MiniLM on 8x8, simulated"
source=(--synthetic 384x384)
[[ -f $weights ]] && source=(--weights "$weights" --tensor encoder.layer.0.attention.self.query.weight)
for units in none inline 1 2 8; do
  path="\"outlier_path\": \"recon\", \"recon\": {\"units\": $units}"
  [[ $units == none || $units == inline ]] && path="\"outlier_path\": \"$units\""
  echo "{\"rows\": 8, \"cols\": 8, $path}" >"$out/8x8-$units.json"
  for tokens in 1 64; do
    echo "  path or units: $units, tokens: $tokens"
    "$program" accelerate --config "$out/8x8-$units.json" "${source[@]}" --bits 2 --tokens "$tokens" |
      grep -E "bit-exact|cycles|recon|wait_schedule|utilization"
  done
done
