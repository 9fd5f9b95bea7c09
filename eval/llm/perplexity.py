"""Perplexity of a language model on windows of test text."""

import math

import torch


def log_perplexity(model, windows, weight=None, change_inputs=None):
    """Mean of -log p over all predicted tokens of the windows."""
    weight = weight or model.weight
    with torch.inference_mode():
        return (
            torch.cat([model.losses(model.run(t, weight, change_inputs), t) for t in windows]).mean().item()
        )


def ratio(model, windows, tensors, reference, change_inputs=None):
    """Perplexity with some tensors replaced, over the reference's, whose logarithm is given."""
    other = type(model).__new__(type(model))
    other.__dict__ = model.__dict__ | {"tensors": model.tensors | tensors}
    return math.exp(log_perplexity(other, windows, other.weight, change_inputs) - reference)
