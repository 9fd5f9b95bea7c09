#!/usr/bin/env bash
# Measures the perplexities of docs/results/accuracy.md and writes its CSV files, tables and picture; resumable,
# hours on two cores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

python=build/eval-venv/bin/python
models=build/eval/models
runs=build/eval/llm
export OMP_WAIT_POLICY=passive PYTHONPATH=python

for text in /usr/share/doc/debian-handbook /usr/share/games/fortunes /usr/lib/bible.data; do
  [[ -e $text ]] || {
    echo "eval/llm/reproduce.sh: $text is missing; on Debian: apt-get install debian-handbook fortunes bible-kjv" >&2
    exit 1
  }
done
cmake --preset release >/dev/null
cmake --build --preset release --target microscopiq msq_quantize_layers

run=(--model "$models/smollm2" --methods eval/llm/methods.json)
"$python" eval/llm/run.py "${run[@]}" --out "$runs/smollm2"
"$python" eval/llm/widths.py "${run[@]}" --run "$runs/smollm2" --windows 2 --average-bits 2.5 3 --rate 0.002 -o "$runs/mixed.json"
"$python" eval/llm/run.py --model "$models/smollm2" --methods "$runs/mixed.json" --out "$runs/smollm2"
"$python" eval/llm/widths.py "${run[@]}" --run "$runs/smollm2" --low paper2 --high paper4 --measure output_error --average-bits 2.5 3 \
  --name paper-mixed -o "$runs/paper-mixed.json"
"$python" eval/llm/run.py --model "$models/smollm2" --methods "$runs/paper-mixed.json" --out "$runs/smollm2"
[[ -e $models/smollm2-rotated ]] || "$python" eval/llm/rotate.py "$models/smollm2" "$models/smollm2-rotated"
"$python" eval/llm/run.py --model "$models/smollm2-rotated" --methods eval/llm/methods-rotated.json --out "$runs/smollm2_rotated" \
  --only full_range4 full_range4-a8 full_range4-a4
[[ -e $models/smollm2-rotated-4 ]] || "$python" eval/llm/rotate.py "$models/smollm2" "$models/smollm2-rotated-4" --act-bits 4
"$python" eval/llm/run.py --model "$models/smollm2-rotated-4" --methods eval/llm/methods-rotated.json --out "$runs/smollm2_rotated_4" \
  --only full_range4-a4 full_range4-a4-tuned
gemma=(--model "$models/gemma3" --begin 2)
windows=(--windows 12 --test-windows 6 6 3 --out "$runs/gemma3")
"$python" eval/llm/run.py "${gemma[@]}" "${windows[@]}" --methods eval/llm/methods.json --only full_range4 full_range4-a8 gptq4 \
  full_range2 full_range2-a8 gptq2 paper4 paper4-a8 paper4-a4 paper2 paper2-a8 int4 mxfp4 olive4 gobo4
"$python" eval/llm/run.py "${gemma[@]}" "${windows[@]}" --methods eval/llm/methods-rotated.json --only full_range4-a4
widths=("${gemma[@]}" --run "$runs/gemma3" --methods eval/llm/methods.json --average-bits 2.5 3)
"$python" eval/llm/widths.py "${widths[@]}" --windows 2 --length 256 -o "$runs/gemma3-mixed.json"
"$python" eval/llm/widths.py "${widths[@]}" --low paper2 --high paper4 --measure output_error --name paper-mixed \
  -o "$runs/gemma3-paper-mixed.json"
for mixed in gemma3-mixed gemma3-paper-mixed; do
  "$python" eval/llm/run.py "${gemma[@]}" "${windows[@]}" --methods "$runs/$mixed.json"
done
"$python" eval/llm/pages.py "$runs"
"$python" eval/llm/token_time.py --runs "$runs/smollm2"
"$python" eval/plots.py --only perplexity
