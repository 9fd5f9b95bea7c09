#!/bin/bash
# Runs the example: Verilog, three quantized layers, image of memory, Verilated system. Further options go to
# `soc`, such as --latency 100.
# Usage: examples/soc/run.sh [BUILD [OUT]] [-- OPTIONS], by default build/release and BUILD/soc
set -euo pipefail
build=build/release
[[ ${1:---} == -- ]] || { build=$1 && shift; }
out=$build/soc
[[ ${1:---} == -- ]] || { out=$1 && shift; }
[[ ${1:-} == -- ]] && shift
config=8x8
export MSQ_MODEL_CACHE=${MSQ_MODEL_CACHE:-$build/models}
mkdir -p "$out"
"$build/cli/microscopiq" generate --config $config --shell -o "$out/rtl" >"$out/generate.log"
layers=()
for layer in "0 4 96x160" "1 2 160x144" "2 4 144x40"; do
  read -r number bits shape <<<"$layer"
  "$build/cli/microscopiq" quantize --synthetic "$shape" --bits "$bits" --seed "$number" --layer "layer$number" \
    -o "$out/$number.safetensors" >"$out/quantize-$number.log"
  layers+=("$out/$number.safetensors")
done
"$build/examples/soc/soc_image" --config $config --layers "${layers[@]}" --tokens 20 -o "$out/image.bin"
exec "$build/examples/soc/soc" --config $config --image "$out/image.bin" "$@"
