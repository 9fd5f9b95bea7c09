"""Tunes the scales and the norms of a quantized model end to end: codes stay, and so does everything the
hardware sees.

The student's logits follow those of the original model (KL divergence) on the calibration windows;
multipliers of the scales and the weights of the norms are trained. Scales of our encodings are rounded to
storable ones in every step (straight-through gradient), so that the result is what a file can hold. (After
EfficientQAT's end-to-end phase, arXiv:2407.11062.)
"""

import json
import math

import numpy as np
import safetensors
import safetensors.numpy
import torch

import microscopiq

GROUP = 128  # rows of a scale
WARM_UP = 5  # steps


class Scale(torch.nn.Module):
    """Multipliers of a layer's scales. `steps` [n][groups]: its stored scales, of `mantissa` bits; None: any
    scale can be stored."""

    def __init__(self, weights, steps=None, mantissa=0):
        super().__init__()
        self.base = weights
        self.steps = steps
        self.mantissa = mantissa
        groups = -(-weights.shape[1] // GROUP)
        self.multiplier = torch.nn.Parameter(torch.ones(weights.shape[0], groups))

    def effective(self):
        if self.steps is None:
            return self.multiplier
        wanted = self.steps * self.multiplier
        return self.multiplier + (storable(wanted, self.mantissa) / self.steps - self.multiplier).detach()

    def weights(self):
        return self.base * self.effective().repeat_interleave(GROUP, dim=1)[:, : self.base.shape[1]]


def storable(scales, mantissa):
    """The nearest scales +-(1 + f / 2^t) 2^e."""
    part, exponent = torch.frexp(scales)  # part in 1/2..1
    steps = 2 ** (mantissa + 1)
    return torch.ldexp((part * steps).round() / steps, exponent)


class Student(torch.nn.Module):
    """A model whose scales and norms can be trained."""

    def __init__(self, model, weights, steps, train_scales=True):
        """weights: layer -> dequantized [n][k]. steps: layer -> (scales [n][groups], mantissa bits), of our
        encodings."""
        super().__init__()
        self.model = type(model).__new__(type(model))
        self.model.__dict__ = model.__dict__ | {"tensors": dict(model.tensors)}
        self.scales = {name: Scale(value, *steps.get(name, ())) for name, value in weights.items()}
        self.norms = {}
        for name, value in model.tensors.items():
            if "norm" in name:
                self.norms[name] = torch.nn.Parameter(value.clone())
                self.model.tensors[name] = self.norms[name]
        self.trained = list(self.norms.values())
        if train_scales:
            self.trained += [scale.multiplier for scale in self.scales.values()]

    def weight(self, layer):
        return self.scales[layer].weights() if layer in self.scales else self.model.weight(layer)

    def logits(self, tokens, change_inputs=None):
        return self.model.logits(self.model.run(tokens, self.weight, change_inputs))


def straight_through(change):
    """A function of layers' inputs whose gradient is that of the identity; None: none."""
    return None if change is None else lambda x: x + (change(x) - x).detach()


def log_probabilities(model, tokens, change_inputs=None):
    """Of the next token at each one of a window, [tokens][vocabulary]."""
    return torch.log_softmax(model.logits(model.run(tokens, model.weight, change_inputs)), dim=-1)


def divergence(wanted, found):
    """Mean KL divergence of two sets of log probabilities [tokens][vocabulary]."""
    return (wanted.exp() * (wanted - found)).sum(dim=-1).mean()


def tune(model, student, windows, rate, change_inputs=None, seed=1):
    """One pass over the windows in random order, the student with changed inputs of its layers; prints the
    divergence now and then."""
    optimizer = torch.optim.Adam(student.trained, betas=(0.9, 0.99))
    order = torch.randperm(len(windows), generator=torch.Generator().manual_seed(seed))
    mean = 0.0
    for step, place in enumerate(order):
        warm = min(1, (step + 1) / WARM_UP)
        for group in optimizer.param_groups:
            group["lr"] = rate * warm * (1 + math.cos(math.pi * step / len(order))) / 2
        with torch.no_grad():
            wanted = log_probabilities(model, windows[place])
        logits = student.logits(windows[place], straight_through(change_inputs))
        found = torch.log_softmax(logits, dim=-1)
        loss = divergence(wanted, found)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean = loss.item() if step == 0 else 0.9 * mean + 0.1 * loss.item()
        if step % 8 == 7:
            print(json.dumps({"step": step + 1, "divergence": round(mean, 4)}), flush=True)


def steps_of(layer):
    """Stored scales [n][groups] of a layer of the microscopiq package and their mantissa bits; empty if its
    encoding has none to choose."""
    bits = layer.format.scale_mantissa_bits
    if layer.format.encoding != "full_range":
        return ()
    scales = np.ldexp(layer.factors().astype(np.float64), layer.exponents() - bits)
    return torch.from_numpy(scales.T.astype(np.float32)), bits


def store_scales(source, output, scales):
    """Copies a quantized file with the scales [n][groups] of some layers replaced by storable ones."""
    with safetensors.safe_open(source, "np") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    for name, wanted in scales.items():
        bits = int(metadata[f"{name}.scale_mantissa_bits"])
        part, exponent = np.frexp(np.abs(wanted.T).astype(np.float64))
        exponent = exponent - 1
        mantissa = np.rint((part * 2 - 1) * 2**bits).astype(int)
        if np.any((mantissa < 0) | (mantissa >= 2**bits) | (exponent < -64) | (exponent > 63)):
            raise ValueError(f"{name}: a scale that cannot be stored")
        sign = (wanted.T < 0).astype(int)
        tensors[f"{name}.scales"] = (exponent + 64 + 128 * sign).astype(np.uint8).view(np.int8)
        stream = (mantissa.reshape(-1, 1) >> np.arange(bits)) & 1
        tensors[f"{name}.scale_mantissas"] = np.packbits(stream.astype(np.uint8).ravel(), bitorder="little")
    safetensors.numpy.save_file(tensors, output, metadata)
    microscopiq.load(output)
