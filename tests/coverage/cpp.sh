#!/usr/bin/env bash
# Line coverage of the C++ of golden/ and gen/ by their own tests (no model is built, so simulations do not count).
# usage: tests/coverage/cpp.sh   Figures by file go to build/coverage/cpp.txt, with the lines that are not covered.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=build/gcov
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD} CCACHE_NOHASHDIR=1
[[ -f $build/build.ninja ]] || cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=Release -DMSQ_GCOV=ON >/dev/null
cmake --build $build --target config_test io_tests encoding_tests quantize_tests exec_test baselines_tests msq_verilog_test design_test
failed=0
find $build -name '*.gcda' -delete
for test in config/config_test io/io_tests encoding/encoding_tests quantize/quantize_tests exec/exec_test \
  baselines/baselines_tests verilog/msq_verilog_test coverage/design_test; do
  # Limits on time are for optimized code.
  (cd "$build/tests/${test%/*}" && "./${test#*/}" --gtest_brief=1 --gtest_filter=-CheckSpeed.*) || failed=1
done
mkdir -p build/coverage
python3 tests/coverage/cpp_summary.py $build >build/coverage/cpp.txt
sed '/^Not covered/,$d' build/coverage/cpp.txt
exit $failed
