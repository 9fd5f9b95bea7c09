#!/usr/bin/env bash
# Line, toggle and functional coverage of the Verilog by the tests of whole cores and accelerators, on small arrays.
# usage: tests/coverage/rtl.sh [core|accelerator]...   Figures and what is not covered go to build/coverage/rtl.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
data=build/coverage/rtl
report=build/coverage/rtl.txt
export MSQ_COVERAGE=$PWD/$data MSQ_MODEL_CACHE=${MSQ_MODEL_CACHE:-$PWD/build/release/models}

# Small arrays of every path and encoding, and micro-blocks of 4 and 8: a model with coverage takes a minute to build.
arrays=(${MSQ_COVERAGE_ARRAYS:-i4x8 a4x8 tiny tiny_mode2 tiny_none tiny_none_tree tiny_inline_tree full_tiny full_inline_4x4})
jobs=(${MSQ_COVERAGE_JOBS:-default_4x4 inline_4x4})

[[ -n ${MSQ_NO_BUILD:-} ]] || cmake --build --preset release --target system_test accelerator_test
mkdir -p "$data"
# Old files count only for a part that is not run again.
for part in "${@:-core accelerator}"; do
  case "$part" in
    *core*)
      rm -f "$data"/*-msq_core-*.dat
      filter='Reset.*:WorkedExample.*:ProtocolErrors.*:ProtocolErrorsOneMode.*:InlineErrors.*'
      for name in "${arrays[@]}"; do filter+=":Arrays/RandomGemms.MatchGolden/$name"; done
      build/release/tests/system/system_test --gtest_brief=1 --gtest_filter="$filter"
      ;;&
    *accelerator*)
      rm -f "$data"/*-msq_top-*.dat
      filter='Accelerator/InitialState.*/0:Accelerator/InitialState.*/1'  # the same two designs
      for name in "${jobs[@]}"; do filter+=":Accelerator/RandomJobs.OutputsAreBitExact/$name"; done
      build/release/tests/accelerator/accelerator_test --gtest_brief=1 --gtest_filter="$filter"
      ;;
  esac
done
python3 tests/coverage/rtl_summary.py "$data" tests/coverage/rtl_excluded.txt >"$report"
sed '/^Not covered/,$d' "$report"
