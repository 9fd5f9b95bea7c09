"""Configurations that tests share: tests/configs/NAME.json, or the preset gen/configs/NAME.json."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def config_file(name):
    """The file of a configuration. Raises FileNotFoundError if neither folder has it."""
    for folder in ("tests/configs", "gen/configs"):
        file = ROOT / folder / f"{name}.json"
        if file.exists():
            return file
    raise FileNotFoundError(f"config_file: found {name}; allowed: a name in tests/configs or gen/configs")
