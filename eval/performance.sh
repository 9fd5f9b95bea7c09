#!/usr/bin/env bash
# Prints the figures of docs/performance.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  "") ;;
  --help | -h)
    echo "usage: eval/performance.sh"
    echo
    echo "The figures of docs/performance.md, about two minutes: square layers on plain arrays and whole models on 64x64 by"
    echo "the cycle model, a layer of all-MiniLM-L6-v2 on simulated 8x8 accelerators."
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
      awk '$2 == 256 { printf "    %-6s %s %%\n", $1, $7 }'
  done
done

echo "A layer of MiniLM on 8x8, simulated"
source=(--synthetic 384x384)
[[ -f $weights ]] && source=(--weights "$weights" --tensor encoder.layer.0.attention.self.query.weight)
for units in none 1 2 8; do
  path="\"recon\": {\"units\": $units}"
  [[ $units == none ]] && path='"outlier_path": "none"'
  echo "{\"rows\": 8, \"cols\": 8, $path}" >"$out/8x8-$units.json"
  for tokens in 1 64; do
    echo "  units: $units, tokens: $tokens"
    "$program" accelerate --config "$out/8x8-$units.json" "${source[@]}" --bits 2 --tokens "$tokens" |
      grep -E "bit-exact|cycles|recon|wait_schedule|utilization"
  done
done

echo "Models on 64x64, 2 bits"
for units in 1 64; do
  echo "{\"rows\": 64, \"cols\": 64, \"recon\": {\"units\": $units}, \"top\": {\"act_words\": 16384}}" >"$out/64x64-$units.json"
done
for model in minilm gpt2 opt-6.7b llama-2-7b llama-2-13b llama-3-8b mixtral-8x7b; do
  for phase in "prefill 256" "decode 1"; do
    read -r name tokens <<<"$phase"
    for units in 1 64; do
      echo "  $model, $name, units: $units"
      "$program" model --config "$out/64x64-$units.json" --model "$model" --phase "$name" --tokens "$tokens" --mode 2 |
        grep -E "cycles of all|^  (INT8|INT4|OliVe|GOBO|MicroScopiQ, ideal)"
    done
  done
done
