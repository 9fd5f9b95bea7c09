"""Hand-made quantized files for the tests of the package. Ends the test as skipped if NumPy is missing."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import numpy as np
except ImportError:
    print("skipped: NumPy is missing")
    sys.exit(77)

TYPES = {"U8": np.uint8, "I8": np.int8, "F32": np.float32}


def pack(fields, width):
    """Fields of `width` bits as a list of bytes, the first in the lowest bits of the first byte."""
    number = sum(field << (width * i) for i, field in enumerate(fields))
    return list(number.to_bytes(-(-width * len(fields) // 8), "little"))


def file_bytes(tensors, metadata):
    """A .safetensors file; tensors: name -> (type, values)."""
    header, data = {"__metadata__": metadata}, b""
    for name, (kind, values) in tensors.items():
        array = np.asarray(values, TYPES[kind])
        place = [len(data), len(data) + array.nbytes]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": place}
        data += array.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def paper_layer(**changes):
    """The worked example of numerics.md as (tensors, metadata) of layer w: one micro-block of 2 bits."""
    tensors = {
        "w.codes": ("U8", [pack([0b01, 0b11, 0b00, 0b01, 0b11, 0b10, 0b01, 0b11], 2)]),
        "w.identifiers": ("U8", [1]),
        "w.mx_scales": ("U8", [0]),
        "w.lists": ("U8", [pack([1 | 5 << 3, 0, 0, 0], 6)]),
        "w.scales": ("I8", [[0] * 8]),
    }
    metadata = {
        "microscopiq.contract": "1",
        "w.encoding": "paper",
        "w.bits": "2",
        "w.micro_block": "8",
        "w.macro_block": "32",
        "w.outlier_shift_max": "7",
        "w.axis": "reduction",
        "w.k": "1",
        "w.n": "8",
    }
    return change(tensors, metadata, changes)


def full_range_layer(**changes):
    """A micro-block of four weights -2, M = -7 with its Lower half, and 1, of 2 bits, as layer w.

    The scale of column 1 is -12 * 2^(3 - 3), its outlier has r = 1; the other columns' is 8 * 2^(0 - 3)."""
    tensors = {
        "w.codes": ("U8", [pack([0b10, 0b10, 0b01, 0b01], 2)]),
        "w.identifiers": ("U8", [1]),
        "w.mx_scales": ("U8", pack([1], 4)),
        "w.lists": ("U8", pack([1 | 2 << 2, 0], 4)),
        "w.scales": ("I8", [[64, 64 + 3 - 128, 64, 64]]),
        "w.scale_mantissas": ("U8", pack([0, 4, 0, 0], 3)),
    }
    metadata = paper_layer()[1]
    metadata.update({"w.encoding": "full_range", "w.micro_block": "4", "w.n": "4", "w.list_entries": "0"})
    metadata.update({"w.shift_bits": "4", "w.fraction_bits": "2", "w.scale_mantissa_bits": "3"})
    return change(tensors, metadata, changes)


def change(tensors, metadata, changes):
    """Replaces, adds or (None) removes entries; keys are those of layer w, without the layer's name."""
    for key, value in changes.items():
        target = tensors if f"w.{key}" in tensors or isinstance(value, tuple) else metadata
        if value is None:
            del target[f"w.{key}"]
        else:
            target[f"w.{key}"] = value
    return tensors, metadata


class WithDirectory(unittest.TestCase):
    """Tests with a directory of their own, self.path."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name)

    def write(self, tensors, metadata):
        path = self.path / "q.safetensors"
        path.write_bytes(file_bytes(tensors, metadata))
        return path
