"""A reader of .safetensors files with the three types of a quantized file, and a writer of float32."""

import json
import math
import os
from pathlib import Path

import numpy as np

_TYPES = {"U8": np.uint8, "I8": np.int8, "F32": np.dtype("<f4")}
_MOST_HEADER = 100_000_000  # bytes, as the format's own reader has it


class FileError(ValueError):
    """A file that is no quantized file; the text names the place."""


def _object(pairs):
    """A JSON object; a key twice is an error, since readers would differ on its value."""
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key {next(key for key in keys if keys.count(key) > 1)!r} twice")
    return result


def _is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


class Safetensors:
    """An open file: `metadata` (strings), the names of its tensors, and their values, mapped, not read.

    FileError for anything except a whole file whose tensors fill it without gap or overlap."""

    def __init__(self, path):
        self.path = Path(path)
        with open(self.path, "rb") as file:
            size = file.seek(0, 2)
            if size < 8:
                raise self.error(f"found {size} bytes; allowed at least 8")
            self._bytes = np.memmap(file, np.uint8, "r")
        self._bytes.flags.writeable = False
        header = int.from_bytes(self._bytes[:8].tobytes(), "little")
        if header > min(size - 8, _MOST_HEADER):
            raise self.error(f"header: found {header} bytes; allowed at most {min(size - 8, _MOST_HEADER)}")
        self._begin = 8 + header
        self._tensors = self._parse(self._bytes[8 : self._begin].tobytes())
        self._check_places(size - self._begin)

    def error(self, text):
        return FileError(f"{self.path}: {text}")

    def __contains__(self, name):
        return name in self._tensors

    def array(self, name, kind, shape):
        """The tensor `name`, read-only. FileError for another `kind` ("U8", ..) or shape."""
        if name not in self._tensors:
            raise self.error(f"tensor {name}: found none")
        found_kind, found_shape, begin, end = self._tensors[name]
        if (found_kind, found_shape) != (kind, list(shape)):
            found, allowed = f"{found_kind} {found_shape}", f"{kind} {list(shape)}"
            raise self.error(f"tensor {name}: found {found}; allowed {allowed}")
        data = self._bytes[self._begin + begin : self._begin + end]
        return np.frombuffer(data, _TYPES[kind]).reshape(shape)

    def raw(self, name):
        """The bytes of the tensor `name` as they are in the file, uint8, read-only."""
        if name not in self._tensors:
            raise self.error(f"tensor {name}: found none")
        _, _, begin, end = self._tensors[name]
        return self._bytes[self._begin + begin : self._begin + end]

    def _parse(self, text):
        try:
            header = json.loads(text.decode("utf-8"), object_pairs_hook=_object)
        except (ValueError, RecursionError) as error:
            raise self.error(f"header: no JSON text: {error}") from None
        if not isinstance(header, dict):
            raise self.error("header: found no JSON object")
        self.metadata = header.pop("__metadata__", {})
        if not isinstance(self.metadata, dict) or not all(
            isinstance(value, str) for value in self.metadata.values()
        ):
            raise self.error("__metadata__: found other values than strings")
        return {name: self._entry(name, entry) for name, entry in header.items()}

    def _entry(self, name, entry):
        """(type, shape, begin, end) of a tensor, if type, shape and size agree."""
        if not isinstance(entry, dict):
            raise self.error(f"tensor {name}: found no JSON object")
        kind, shape, place = (entry.get(key) for key in ("dtype", "shape", "data_offsets"))
        if kind not in list(_TYPES):
            raise self.error(f"tensor {name}: found type {kind!r}; allowed {', '.join(_TYPES)}")
        if not isinstance(shape, list) or not all(_is_count(size) for size in shape):
            raise self.error(f"tensor {name}: found shape {shape!r}; allowed a list of sizes")
        if not isinstance(place, list) or len(place) != 2 or not all(_is_count(at) for at in place):
            raise self.error(f"tensor {name}: found data_offsets {place!r}; allowed two numbers")
        needed = math.prod(shape) * np.dtype(_TYPES[kind]).itemsize
        if place[1] - place[0] != needed:
            raise self.error(f"tensor {name}: found {place[1] - place[0]} bytes; its shape needs {needed}")
        return kind, shape, place[0], place[1]

    def _check_places(self, size):
        end = 0
        for begin, following in sorted(tensor[2:] for tensor in self._tensors.values()):
            if begin != end:
                raise self.error(
                    f"tensors: found one at byte {begin}; allowed {end}, the end of the last one"
                )
            end = following
        if end != size:
            raise self.error(f"tensors: found an end at byte {end}; allowed {size}, the end of the file")


def write(path, tensors, metadata):
    """Writes float32 arrays by name and texts by key as a .safetensors file, atomically."""
    header, begin = {"__metadata__": metadata}, 0
    for name in sorted(tensors):
        array = tensors[name]
        place = [begin, begin + 4 * array.size]
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": place}
        begin = place[1]
    text = json.dumps(header, ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % 8)  # arrays begin at multiples of their size
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for name in sorted(tensors):
                file.write(np.ascontiguousarray(tensors[name], _TYPES["F32"]).data)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
