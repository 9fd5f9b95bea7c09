#!/usr/bin/env bash
# Records in yosys-VERSION/ what the yosys in PATH prints of the design of this directory, mapped to the library LIBERTY
# (default: OSU 0.18 um of the Debian package qflow-tech-osu018), hierarchical and flat.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

liberty=${1:-/usr/share/qflow/tech/osu018/osu018_stdcells.lib}
version=$(yosys -V | cut -d' ' -f2)
mkdir -p "yosys-$version"

record() { # NAME OPTION_OF_SYNTH
  local script=yosys-$version/record.ys
  cat >"$script" <<YOSYS
read_liberty -lib -ignore_miss_func -ignore_miss_dir -ignore_miss_data_latch $liberty
read_verilog -lib memory.v
read_verilog hierarchy.v
synth -noalumacc $2 -top top
dfflibmap -liberty $liberty
abc -liberty $liberty
opt_clean -purge
tee -o yosys-$version/$1.txt stat -liberty $liberty
tee -o yosys-$version/$1.json stat -json -liberty $liberty
YOSYS
  yosys -Q -q -s "$script"
  rm -f "$script"
}

record hierarchy ""
record flat -flatten
