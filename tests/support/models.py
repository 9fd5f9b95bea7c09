"""Models in the cache of `tb::build_model` that tests replace by one of their own."""

import shutil
import zlib


def plant_model(built, directory):
    """Copies a library to DIRECTORY/model.so, with the size and CRC-32 by which it is known to be whole."""
    data = built.read_bytes()
    shutil.copy(built, directory / "model.so")
    (directory / "model.so.sum").write_text(f"{len(data)} {zlib.crc32(data):08x}\n", encoding="ascii")
