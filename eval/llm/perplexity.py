"""Perplexity of a language model on windows of test text."""

import math

import torch


def log_perplexity(model, windows, weight=None, change_inputs=None):
    """Mean of -log p over all predicted tokens of the windows."""
    weight = weight or model.weight
    with torch.inference_mode():
        return torch.cat([model.losses(model.run(t, weight, change_inputs), t) for t in windows]).mean().item()


def ratio(model, windows, weights, reference, change_inputs=None):
    """Perplexity with some layers' weights replaced, over the reference's, whose logarithm is given."""

    def weight(layer):
        return weights.get(layer + ".weight", model.tensors[layer + ".weight"])

    return math.exp(log_perplexity(model, windows, weight, change_inputs) - reference)
