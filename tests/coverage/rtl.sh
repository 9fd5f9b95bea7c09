#!/usr/bin/env bash
# Line, branch, toggle and functional coverage of the Verilog: the benches of the leaves (tests/rtl), and the tests of whole
# cores and accelerators on small arrays of every path.
# usage: tests/coverage/rtl.sh [leaves|core|accelerator|baselines]...   Default: all. Parts that are not named keep the data of their
# last run. Figures and uncovered points go to build/coverage/rtl.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
data=$PWD/build/coverage/rtl
report=build/coverage/rtl.txt
benches=build/rtl-coverage
export MSQ_COVERAGE=$data MSQ_MODEL_CACHE=${MSQ_MODEL_CACHE:-$PWD/build/release/models}
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD} CCACHE_NOHASHDIR=1
parts=("$@")
((${#parts[@]})) || parts=(leaves core accelerator baselines)

# Small arrays of every path and encoding: trees of 1, 2 and 4 rows, micro-blocks of 4 and 8.
arrays=(recon_4x4 recon_4x4_mode2 none_4x4 none_8x4_trees_of_4 inline_4x4_bands_of_2 recon_4x4_full_range inline_4x4_full_range)
jobs=(top_recon_4x4 top_none_4x4 top_inline_4x4)
# Accelerators that have what the small ones do not, of which only the leaves count.
leaves_only=(top-recon-4x4-full-range top-recon-8x8-row-shifts top-none-32x4 top-inline-8x8-full-range-one-outlier top-inline-8x8
  top-recon-8x8 top-inline-16x4-eight-rows top-none-4x128)
baselines=(gobo-4x4 int8-4x4 int8-4x4-trees-2 olive-4x4 olive-4x4-trees-2 olive-16x4-trees-8)  # of these, too
# The leaves' own benches, without those of generated ReCoN lanes and of rtl/shell.
leaves=(pe parts output merge merge_full decoder outlier outlier_decoder outlier_decoder_rows factor tree multiplier dsp job launch
  control tile_reader weight_split row_reader row_shifter baseline)

step() {
  local start=$SECONDS
  "$@"
  echo "  $((SECONDS - start)) s: $(basename "$1")"
}

mkdir -p "$data"
for part in "${parts[@]}"; do
  case "$part" in
    leaves)
      rm -f "$data"/V*.dat
      [[ -f $benches/build.ninja ]] || cmake --preset release -B $benches -DMSQ_RTL_COVERAGE=ON >/dev/null
      mapfile -t targets < <(printf 'rtl_%s_test\n' "${leaves[@]}")
      step cmake --build $benches --target "${targets[@]}"
      # Counters are tried from random states; here all start with zeros, for a random start would count as toggles. Rolling over takes many models.
      for leaf in "${leaves[@]}"; do
        step $benches/tests/rtl/rtl_"$leaf"_test --gtest_brief=1 '--gtest_filter=-Counters.CountFromAnyState:EventCounter.*Carries*'
      done
      ;;
    core)
      rm -f "$data"/{recon,none,inline}-*-msq_core-*.dat
      step cmake --build --preset release --target system_test
      filter='Reset.*:Paths/LongRuns.EveryEventCounts/*:WorkedExample.*:ProtocolErrors.*:ProtocolErrorsOneMode.*:InlineErrors.*'
      for name in "${arrays[@]}"; do filter+=":Paths/Anything.AtTheLoadPort/$name:Arrays/RandomGemms.MatchGolden/$name"; done
      step build/release/tests/system/system_test --gtest_brief=1 --gtest_filter="$filter"
      ;;
    accelerator)
      rm -f "$data"/*-msq_top-*.dat
      step cmake --build --preset release --target accelerator_test
      filter='Accelerator/Registers.*_4x4:Accelerator/Dense*:Accelerator/Shapes.*:MalformedRowShifts.BeyondTheLargest'
      filter+=':Accelerator/InitialState.ResetAndClearInTheMiddle/top_recon_4x4:Malformed.*:Small/*:Accelerator/LargestDepths.*'
      filter+=':Accelerator/LoneSigns.*:Wide/MalformedWide.ShiftsBeyondTheLargest/top_inline_16x4_eight_rows'
      # The same designs.
      for name in "${jobs[@]}"; do filter+=":Accelerator/InitialState.DamagedJobsEnd/$name:Accelerator/Queue*.*/$name"; done
      for name in "${jobs[@]}" top_recon_4x4_full_range top_inline_8x8 top_none_32x4; do filter+=":Accelerator/LargestPasses.OutputsAreBitExact/$name"; done
      for name in "${jobs[@]}" "${leaves_only[@]//-/_}"; do filter+=":Accelerator/RandomJobs.OutputsAreBitExact/$name"; done
      step build/release/tests/accelerator/accelerator_test --gtest_brief=1 --gtest_filter="$filter"
      ;;
    baselines)
      rm -f "$data"/{gobo,int8,olive}-*.dat
      step cmake --build --preset release --target baseline_test
      step build/release/tests/baseline/baseline_test --gtest_brief=1 \
        --gtest_filter='Arrays/GoboArray.*/4x4_*:Arrays/IntegerArray.*/int8_4x4_*:Arrays/IntegerArray.*/olive_4x4_*:Arrays/IntegerArray.*/olive_16x4_*'
      ;;
    *)
      sed -n '/^# usage/s/^# //p' "$0" >&2
      exit 2
      ;;
  esac
done
python3 tests/coverage/rtl_summary.py "$data" tests/coverage/rtl_excluded.txt "${leaves_only[@]/%/-msq_top}" "${baselines[@]/%/-msq_core}" >"$report"
sed '/^Not covered/,$d' "$report"
