#!/usr/bin/env bash
# Measures the layer errors of docs/results/accuracy.md, and writes its CSV files, tables and pictures.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'END'
usage: eval/reproduce.sh [--only minilm|ocr] [--help]

The errors of layers of docs/results/accuracy.md, in about half an hour on two cores: environment and models
(eval/setup.sh; needs the network), activations, msq_evaluate, the lists of eval/methods, embeddings and character
error rates, then docs/results/data, the tables of the page and its pictures. Steps whose results are already in
build/eval are skipped; a list that was changed is measured again. To begin anew: rm -r build/eval.

  --only MODEL  measure this model only (minilm or ocr), and leave CSV files, tables and pictures as they are
END
}

models="minilm ocr"
while (($# > 0)); do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --only)
      models=${2:-}
      [[ $models == minilm || $models == ocr ]] || {
        echo "eval/reproduce.sh: --only is '$models'; allowed: minilm, ocr" >&2
        exit 2
      }
      shift 2
      ;;
    *)
      echo "eval/reproduce.sh: found '$1'; allowed: --only MODEL, --help" >&2
      exit 2
      ;;
  esac
done

out=build/eval
python=build/eval-venv/bin/python
jobs=$(nproc)

say() { echo "--- $*"; }

if [[ ! -x $python || ! -f build/weights/model.safetensors || ! -f build/weights/ocr_rec.onnx ]]; then
  say "environment and models"
  eval/setup.sh
fi

say "msq_evaluate"
[[ -f build/release/build.ninja ]] || cmake --preset release >/dev/null
cmake --build --preset release --target msq_evaluate -j "$jobs"

capture() { # MODEL
  local index=$out/$1/index.json
  [[ $1 == minilm ]] && index=$out/minilm/captured.json
  [[ -f $index ]] && return # written last
  say "$1: activations"
  if [[ $1 == minilm ]]; then
    "$python" eval/capture.py $out/minilm
  else
    "$python" eval/capture_onnx.py --weights $out/ocr
  fi
}

measure() { # MODEL WEIGHTS LIST [ARGUMENTS]
  local list=eval/methods/$3.json csv=$out/$1/$3.csv
  [[ $csv -nt $list ]] && return
  say "$1: $list"
  build/release/eval/msq_evaluate --model "$1" --weights "$2" --activations "$out/$1" --methods "$list" -o "$csv" "${@:4}"
}

outputs() { # MODEL PROGRAM RESULT: what the model puts out under the weights that `compare` saved
  [[ $out/$1/$3 -nt $out/$1/compare.csv ]] && return
  say "$1: outputs"
  local sets=() name
  while read -r name; do sets+=("$name=$out/$1/compare/$name.safetensors"); done < <(
    "$python" -c 'import json; print(*(m["name"] for m in json.load(open("eval/methods/compare.json"))), sep="\n")'
  )
  "$python" "eval/$2" "${sets[@]}" -o "$out/$1/$3"
}

for model in $models; do
  mkdir -p "$out/$model"
  capture "$model"
  if [[ $model == minilm ]]; then
    weights=build/weights/model.safetensors
    measure minilm $weights compare --save $out/minilm/compare
    for list in full_range ladder routing blocks; do measure minilm $weights $list; done
    outputs minilm embed.py embed.json
  else
    measure ocr $out/ocr/weights.safetensors compare --save $out/ocr/compare
    outputs ocr ocr.py ocr.json
  fi
done

if [[ $models == "minilm ocr" ]]; then
  say "docs/results"
  "$python" eval/tables.py --measured $out
  "$python" eval/plots.py
fi
