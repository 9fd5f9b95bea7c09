"""Reads files that `microscopiq quantize` writes, and computes with them as the hardware does.

Writes sums over activations for it, too.

Everything follows the numeric contract (numerics.md of MicroScopiQ RTL) bit for bit. NumPy only.

    file = microscopiq.load("model-q4.safetensors")      # a mapping from names to layers
    layer = file["model.layers.0.mlp.up_proj"]
    weights = microscopiq.dequantize(layer)              # float32 [K][N]
    x = microscopiq.quantize_activations(X, 8, layer.format.macro_block, layer.input_scales)
    y = microscopiq.gemm(x, layer).to_float32()          # [M][N]
"""

from .activations import MxInt, quantize_activations
from .file import FileError
from .format import Format
from .gemm import Outputs, gemm
from .hessians import Hessians
from .layer import Layer, QuantizedFile, dequantize, load

__all__ = [
    "FileError",
    "Format",
    "Hessians",
    "Layer",
    "MxInt",
    "Outputs",
    "QuantizedFile",
    "dequantize",
    "gemm",
    "load",
    "quantize_activations",
]
__version__ = "1.0.0"
