"""The format of a layer, from the metadata of its file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """The metadata of a layer; see the contract for the meaning of each."""

    encoding: str  # "paper" or "full_range"
    bits: int
    micro_block: int
    macro_block: int
    axis: str  # "reduction" or "output"
    k: int
    n: int
    outlier_shift_max: int
    list_entries: int  # of a micro-block's list; never 0
    shift_bits: int
    fraction_bits: int  # F: integers count 2^-F of the inlier step
    scale_mantissa_bits: int  # t
    identifier_group: int

    @property
    def micro_blocks(self):
        """Micro-blocks of a row."""
        return -(-self.n // self.micro_block)

    @property
    def scales_shape(self):
        if self.axis == "reduction":
            return -(-self.k // self.macro_block), self.n
        return self.k, -(-self.n // self.macro_block)


def read_format(file, name):
    """The Format of a layer. FileError names the key whose value is missing or not allowed."""

    def text(key, allowed):
        found = file.metadata.get(f"{name}.{key}")
        if found not in allowed:
            raise file.error(f"metadata {name}.{key}: found {found!r}; allowed {', '.join(allowed)}")
        return found

    def number(key, allowed, default=None):
        found = file.metadata.get(f"{name}.{key}")
        if found is None and default is not None:
            return default
        if found is None or not found.isascii() or not found.isdigit() or len(found) > 12:
            raise file.error(f"metadata {name}.{key}: found {found!r}; allowed a number")
        if int(found) not in allowed:
            raise file.error(f"metadata {name}.{key}: found {found}; allowed {_shown(allowed)}")
        return int(found)

    encoding = text("encoding", ("paper", "full_range"))
    paper = encoding == "paper"
    micro = number("micro_block", (4, 8, 16))
    half = micro // 2
    entries = [n for n in (0, 1, 2, 4, 8) if n <= half]
    return Format(
        encoding=encoding,
        bits=number("bits", (2, 4)),
        micro_block=micro,
        macro_block=number("macro_block", (32, 64, 128)),
        axis=text("axis", ("reduction", "output") if paper else ("reduction",)),
        k=number("k", range(1, 1 << 31)),
        n=number("n", range(1, 1 << 31)),
        outlier_shift_max=number("outlier_shift_max", range(16)),
        list_entries=half if paper else number("list_entries", entries) or half,
        shift_bits=8 if paper else number("shift_bits", (4, 8)),
        fraction_bits=2 if paper else number("fraction_bits", (1, 2)),
        scale_mantissa_bits=0 if paper else number("scale_mantissa_bits", range(4)),
        identifier_group=number("identifier_group", (1, 4, 8, 16), 1),
    )


def _shown(allowed):
    if isinstance(allowed, range):
        return f"{allowed[0]} to {allowed[-1]}"
    return ", ".join(str(value) for value in allowed)
