"""Exponents of weights over the tiles of a job (docs/reference/streams.md, "Weights")."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Alignment:
    """Scales of a layer over the tiles of a job. [tiles in the order of K][N]"""

    job: object
    exponents: np.ndarray = None
    live: np.ndarray = None
    reference: np.ndarray = None  # [N]
    row_shifts: list = field(default_factory=list)  # of each tile: [positions of K][N]

    def __post_init__(self):
        layer, job = self.job.layer, self.job
        weights = layer.integers()[:, : layer.n]
        exponents, live = [], []
        for tile in range(job.tiles_along_k):
            first, end = job.range_of(tile)
            there = np.any(weights[first:end] != 0, axis=0)
            if layer.axis == "reduction":
                exponents.append(layer.isf[first // layer.macro])
                shifts = np.zeros((end - first, layer.n), int)
            else:
                exponent, there, shifts = self._of_rows(weights, first, end)
                exponents.append(exponent)
            live.append(there)
            self.row_shifts.append(shifts)
        self.exponents, self.live = np.array(exponents), np.array(live)
        self.reference = np.full(layer.n, -127)
        for n in range(layer.n):
            seen = self.exponents[self.live[:, n], n]
            if len(seen):
                self.reference[n] = max(seen.min(), seen.max() - 4)

    def _of_rows(self, weights, first, end):
        """Axis `output`."""
        layer = self.job.layer
        exponent, live = np.zeros(layer.n, int), np.zeros(layer.n, bool)
        shifts = np.zeros((end - first, layer.n), int)
        for h in range(layer.isf.shape[1]):
            columns = slice(h * layer.macro, (h + 1) * layer.macro)
            rows = np.any(weights[first:end, columns] != 0, axis=1)
            if not rows.any():
                continue
            own = layer.isf[first:end, h]
            exponent[columns], live[columns] = own[rows].min(), True
            shifts[:, columns] = np.where(rows, own - own[rows].min(), 0)[:, None]
        return exponent, live, shifts
