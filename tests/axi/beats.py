"""Beats of a stream."""


class Beats:
    """Fills beats from the least significant bit."""

    def __init__(self, bits):
        self.bits, self.beats, self.word, self.used = bits, [], 0, 0

    def put(self, width, value):
        if not 0 <= value < 1 << width:
            raise ValueError(f"{value} in {width} bits")
        self.word |= value << self.used
        self.used += width

    def align(self):
        while self.used > 0:
            self.beats.append(self.word & ((1 << self.bits) - 1))
            self.word >>= self.bits
            self.used -= self.bits
        self.word = self.used = 0

    def part(self, width, values):
        for value in values:
            self.put(width, value)
        self.align()


def file_bytes(beats, bits):
    return b"".join(beat.to_bytes(bits // 8, "little") for beat in beats)
