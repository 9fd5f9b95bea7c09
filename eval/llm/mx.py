"""MX-INT activations in PyTorch: blocks of 128 along the input, as docs/reference/numerics.md has them."""

import torch

BLOCK = 128


def quantized(x, bits):
    """Values of x [tokens][k] after quantization to MX-INT-8 or MX-INT-4, float32."""
    tokens, k = x.shape
    padded = torch.nn.functional.pad(x, (0, -k % BLOCK)).view(tokens, -1, BLOCK)
    largest = padded.abs().amax(dim=2, keepdim=True)
    exponent = torch.frexp(largest).exponent - 1  # floor(log2)
    exponent = (exponent - (bits - 2)).clamp(-127, 127)
    limit = 2 ** (bits - 1) - 1
    codes = torch.ldexp(padded, -exponent).round().clamp(-limit, limit)  # round: half to even
    return torch.ldexp(codes, exponent).view(tokens, -1)[:, :k]
