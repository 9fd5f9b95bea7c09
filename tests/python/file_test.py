"""Files that are hostile or damaged give a FileError with the place, never another exception."""

import random
import unittest

import microscopiq
from files import WithDirectory, file_bytes, paper_layer

GOOD = file_bytes(*paper_layer())


def with_header(text, data=b""):
    return len(text).to_bytes(8, "little") + text + data


def one_tensor(kind='"U8"', shape="[2]", place="[0, 2]"):
    entry = f'{{"dtype": {kind}, "shape": {shape}, "data_offsets": {place}}}'
    return with_header(f'{{"__metadata__": {{"microscopiq.contract": "1"}}, "a": {entry}}}'.encode(), b"ab")


class Files(WithDirectory):
    def load(self, data):
        path = self.path / "x.safetensors"
        path.write_bytes(data)
        file = microscopiq.load(path)
        for layer in file.values():
            microscopiq.dequantize(layer)
        return file

    def refused(self, data, text):
        with self.assertRaisesRegex(microscopiq.FileError, text):
            self.load(data)

    def test_a_good_file(self):
        self.assertEqual(list(self.load(GOOD)), ["w"])
        self.load(one_tensor())

    def test_sizes(self):
        self.refused(b"", "found 0 bytes")
        self.refused(GOOD[:7], "found 7 bytes; allowed at least 8")
        self.refused(b"\xff" * 8 + GOOD[8:], "header: found 18446744073709551615 bytes")
        self.refused(GOOD[:-1], "allowed .*, the end of the file")
        self.refused(GOOD + b"x", "allowed .*, the end of the file")

    def test_headers(self):
        self.refused(with_header(b"{"), "no JSON")
        self.refused(with_header(b"\xff{}"), "no JSON")
        self.refused(with_header(b"[" * 100000), "no JSON")
        self.refused(with_header(b"[]"), "no JSON object")
        self.refused(with_header(b'{"a": 1}'), "tensor a: found no JSON object")
        self.refused(with_header(b'{"a": {}, "a": {}}'), "key 'a' twice")
        self.refused(with_header(b'{"__metadata__": {"a": 1}}'), "other values than strings")
        self.refused(with_header(b'{"__metadata__": []}'), "other values than strings")
        self.refused(with_header(b"{}"), "microscopiq.contract: found None")

    def test_tensors(self):
        self.refused(one_tensor(kind='"F8"'), "tensor a: found type 'F8'; allowed U8")
        self.refused(one_tensor(kind="[]"), "tensor a: found type")
        self.refused(one_tensor(shape="2"), "tensor a: found shape 2")
        self.refused(one_tensor(shape="[-2]"), "tensor a: found shape")
        self.refused(one_tensor(shape="[true, 2]"), "tensor a: found shape")
        self.refused(one_tensor(shape="[99999999999, 99999999999]"), "its shape needs 99999")
        self.refused(one_tensor(place="[0]"), "tensor a: found data_offsets")
        self.refused(one_tensor(place="[1, 3]"), "found one at byte 1; allowed 0")
        self.refused(one_tensor(place="[2, 0]"), "tensor a: found -2 bytes")

    def test_another_contract(self):
        tensors, metadata = paper_layer()
        metadata["microscopiq.contract"] = "2"
        self.refused(file_bytes(tensors, metadata), "contract: found '2'; allowed '1'")

    def test_no_damage_of_a_byte_gives_another_exception(self):
        rng = random.Random(1)
        refused = 0
        for _ in range(300):
            data = bytearray(GOOD)
            for _ in range(rng.randint(1, 3)):
                data[rng.randrange(len(data))] = rng.choice([0, 255, rng.randrange(256), ord('"'), ord("9")])
            try:
                self.load(bytes(data))
            except microscopiq.FileError:
                refused += 1
        self.assertGreater(refused, 150)

    def test_a_missing_file_is_the_systems_error(self):
        with self.assertRaises(OSError):
            microscopiq.load(self.path / "none")


if __name__ == "__main__":
    unittest.main()
