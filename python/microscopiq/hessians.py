"""Sums over activations while a model runs, for `microscopiq quantize --hessians`."""

import numpy as np

from .file import write

MASSIVE = 16  # times the median row's largest |x|
_MOST = np.finfo(np.float32).max


class _Sums:
    """Of one input."""

    def __init__(self, k):
        self.hessian = np.zeros((k, k))  # 2 X^T C X, C the counts of the rows
        self.largest = np.zeros(k, np.float32)
        self.tokens = 0
        self.targets = {}  # layer -> 2 X^T C Y, [K][N]


class Hessians:
    """Sums over the inputs of layers, added window by window in float64.

    They are 2 X^T C X, the largest |x|, the number of tokens, and 2 X^T C Y of wanted outputs Y. C holds how
    often each row counts: the first row of every window `first_weight` times, rows of massive activations
    `massive_weight` times (both finite, 0 and more), times the row_weights given. A row is massive if its
    largest |x| is at least 16 times the median row's of the window, rows of zeros apart.

        sums = microscopiq.Hessians(first_weight=8)
        for x in windows:                                        # [tokens][K], from the first token on
            sums.add("model.layers.0.self_attn.q_proj", x)
        sums.share("model.layers.0.self_attn.k_proj", "model.layers.0.self_attn.q_proj")
        sums.save("h.safetensors")
    """

    def __init__(self, first_weight=1, massive_weight=1):
        for name, weight in (("first_weight", first_weight), ("massive_weight", massive_weight)):
            if not (np.isfinite(weight) and weight >= 0):
                raise ValueError(f"{name}: found {weight}; allowed finite numbers from 0 on")
        self.first_weight = first_weight
        self.massive_weight = massive_weight
        self._sums = {}
        self._input_of = {}  # layer -> input

    def add(self, name, x, targets=None, row_weights=None):
        """Adds a window x [tokens][K] of the input `name`, which is the name of a layer.

        targets: layer -> wanted outputs [tokens][N]; these layers share the input. row_weights: [tokens], how
        often each row counts, 0 and more. ValueError for another shape than before, another input of a layer,
        NaN or infinity; nothing is added then."""
        x = _matrix(f"input {name}", x)
        sums = self._sums.get(name) or _Sums(x.shape[1])
        if x.shape[1] != len(sums.largest):
            raise ValueError(f"input {name}: found K = {x.shape[1]}; allowed {len(sums.largest)}, as before")
        roots = np.sqrt(self._counts(name, x, row_weights))[:, None]
        wanted = {
            layer: self._target(layer, name, y, len(x), sums.targets.get(layer))
            for layer, y in (targets or {}).items()
        }
        for layer in (name, *wanted):
            self._check_input(layer, name)
        for layer in wanted:
            self.share(layer, name)
        self._sums[name] = sums
        sums.largest = np.maximum(sums.largest, np.abs(x).max(axis=0, initial=0).astype(np.float32))
        sums.tokens += len(x)
        x = roots * x
        sums.hessian += 2 * (x.T @ x)
        for layer, y in wanted.items():
            sums.targets[layer] = sums.targets.get(layer, 0) + 2 * (x.T @ (roots * y))

    def share(self, layer, input):
        """Says that `layer` has the input `input`. ValueError if it has another."""
        self._check_input(layer, input)
        if layer != input:
            self._input_of[layer] = input

    def save(self, path):
        """Writes a Hessian file (docs/user/models.md of MicroScopiQ RTL), atomically.

        ValueError if there are no sums of a layer's input, or some are beyond float32."""
        tensors, metadata = {}, {}
        for name, sums in self._sums.items():
            tensors[f"{name}.hessian"] = _float32(f"input {name}", sums.hessian)
            tensors[f"{name}.largest"] = sums.largest[None, :]
            metadata[f"{name}.tokens"] = str(sums.tokens)
            for layer, target in sums.targets.items():
                tensors[f"{layer}.target"] = _float32(f"target of {layer}", target)
        for layer, input in self._input_of.items():
            if input not in self._sums:
                allowed = ", ".join(self._sums) or "none, since nothing was added"
                raise ValueError(f"layer {layer}: found input {input} without sums; allowed {allowed}")
            metadata[f"{layer}.input"] = input
        write(path, tensors, metadata)

    def _check_input(self, layer, input):
        other = layer if layer in self._sums else self._input_of.get(layer, input)
        if other != input:
            raise ValueError(f"layer {layer}: found input {input}; allowed {other}, as before")

    def _counts(self, name, x, row_weights):
        """[tokens]: how often each row counts."""
        counts = np.ones(len(x))
        if row_weights is not None:
            counts = np.array(row_weights, np.float64)
            if counts.shape != (len(x),) or not (np.isfinite(counts) & (counts >= 0)).all():
                raise ValueError(f"row_weights of {name}: allowed {len(x)} finite numbers from 0 on")
        counts[:1] *= self.first_weight
        largest = np.abs(x).max(axis=1, initial=0)
        above = np.sort(largest[largest > 0])
        if len(above):
            counts[largest >= MASSIVE * above[len(above) // 2]] *= self.massive_weight
        return counts

    def _target(self, layer, name, y, tokens, before):
        y = _matrix(f"target of {layer}", y)
        if len(y) != tokens:
            raise ValueError(f"target of {layer}: found {len(y)} rows; allowed {tokens}, as input {name}")
        if before is not None and y.shape[1] != before.shape[1]:
            raise ValueError(
                f"target of {layer}: found N = {y.shape[1]}; allowed {before.shape[1]}, as before"
            )
        return y


def _matrix(what, values):
    """float64 [rows][columns], finite."""
    values = np.asarray(values, np.float64)
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(
            f"{what}: found shape {list(values.shape)}; allowed two dimensions, one column or more"
        )
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise ValueError(f"{what}: found {values[row, column]} at [{row}][{column}]; allowed finite numbers")
    return values


def _float32(what, sums):
    if np.abs(sums).max(initial=0) > _MOST:
        raise ValueError(f"{what}: found sums beyond float32; allowed up to {_MOST:g}")
    return sums.astype(np.float32)
