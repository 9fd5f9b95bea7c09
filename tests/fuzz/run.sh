#!/usr/bin/env bash
# Runs the fuzzers under AddressSanitizer and UndefinedBehaviorSanitizer, one after the other.
# usage: tests/fuzz/run.sh [SECONDS [READER]...]   (60 seconds each; all readers)
# Needs the Debian packages clang-14 and libclang-rt-14-dev. New inputs go to build/fuzz/corpus, a crash to
# build/fuzz/crash-*; figures are added to build/fuzz/runs.txt. `run.sh keep` takes over into tests/fuzz/corpus the inputs
# that add coverage to it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if (($#)); then seconds=$1 && shift; else seconds=60; fi
readers=("$@")
((${#readers[@]})) || readers=(npy safetensors onnx config packed liberty stat log lef def)

command -v clang++-14 >/dev/null || { echo "run.sh: needs the Debian packages clang-14 and libclang-rt-14-dev" >&2; exit 2; }
cmake -S . -B build/fuzz/build -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_COMPILER=clang++-14 -DMSQ_FUZZ=ON >/dev/null
cmake --build build/fuzz/build --target fuzzers

export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=0
failed=0
for reader in "${readers[@]}"; do
  fuzzer=build/fuzz/build/tests/fuzz/fuzz_$reader
  kept=tests/fuzz/corpus/$reader
  found=build/fuzz/corpus/$reader
  mkdir -p "$found" "$kept"
  if [[ $seconds == keep ]]; then
    # By edges alone: with counts of how often an edge was taken thousands of inputs would differ.
    "$fuzzer" -merge=1 -use_counters=0 -max_len=4096 "$kept" "$found" 2>/dev/null
    continue
  fi
  log=build/fuzz/$reader.log
  if ! "$fuzzer" -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/crash-$reader-" "$found" "$kept" >"$log" 2>&1; then
    failed=1
    echo "$reader: FAILED, see $log" | tee -a build/fuzz/runs.txt
    grep -m1 -E "ERROR|runtime error|broken promise" "$log" || true
    continue
  fi
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  edges=$(grep -o 'cov: [0-9]*' "$log" | tail -1)
  echo "$(date -u +%F) $reader: $seconds s, $executions executions, $edges edges, no failure" | tee -a build/fuzz/runs.txt
done
exit $failed
