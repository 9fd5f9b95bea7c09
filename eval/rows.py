"""Common parts of both captures: choice of the rows kept, and their files."""

import json
import os
import shutil

import numpy as np

SEED = 20240


class Rows:
    """A choice of `cap` of `total` rows (all if there are no more), the same in every layer, in their
    order."""

    def __init__(self, total, cap):
        rng = np.random.default_rng(SEED)
        self.kept = np.sort(rng.choice(total, size=min(cap, total), replace=False))
        self.total = total

    def of(self, start, x):
        """The kept ones among the rows x [n][k], which are numbers start .. start + n - 1."""
        first, last = np.searchsorted(self.kept, [start, start + len(x)])
        return x[self.kept[first:last] - start]


def write_matrix(path, parts):
    """Writes the rows `parts` (a list of [n][k]) as one float32 .npy; returns its shape."""
    matrix = np.ascontiguousarray(np.concatenate(parts), dtype=np.float32)
    if not np.isfinite(matrix).all():
        raise ValueError(f"{path}: found NaN or infinity among the captured values")
    np.save(path, matrix)
    return matrix.shape


def link(source, target):
    """`target` becomes another name of the file `source` (a copy where the file system has no hard links)."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def write_index(path, index):
    path.write_text(json.dumps(index, indent=1) + "\n")
