"""Files of the program: several layers, and input scales."""

import os
import subprocess
import unittest

import microscopiq
from files import WithDirectory, np


class Program(WithDirectory):
    def quantize(self, *arguments):
        output = self.path / "q.safetensors"
        command = [os.environ["MSQ_PROGRAM"], "quantize", "-o", output, *arguments]
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
        return microscopiq.load(output)

    def test_migrated_activations(self):
        rng = np.random.default_rng(3)
        weights = rng.normal(size=(64, 24)).astype(np.float32)
        x = rng.normal(size=(200, 64)).astype(np.float32) * np.exp2(rng.integers(0, 7, size=64)).astype(
            np.float32
        )
        np.save(self.path / "w.npy", weights)
        np.save(self.path / "x.npy", x)
        calibration = ["--calibration", self.path / "x.npy", "--migration", 0.5]
        layer = self.quantize("-w", self.path / "w.npy", "-b", 4, *calibration)["w"]
        scales = layer.input_scales
        self.assertEqual(scales.shape, (64,))
        quantized = microscopiq.quantize_activations(x, 8, layer.format.macro_block, scales)
        y = microscopiq.gemm(quantized, layer).to_float32()
        np.testing.assert_allclose(
            y, quantized.dequantize() @ microscopiq.dequantize(layer), rtol=1e-4, atol=1e-3
        )
        self.assertLess(np.linalg.norm(y - x @ weights) / np.linalg.norm(x @ weights), 0.2)

    def test_a_profile_with_every_rule(self):
        file = self.quantize(
            "--synthetic", "256x72", "-b", 2, "--encoding", "full_range", "--axis", "reduction"
        )
        layer = file["synthetic"]
        self.assertEqual((layer.format.encoding, layer.format.k, layer.format.n), ("full_range", 256, 72))
        self.assertGreater(np.abs(microscopiq.dequantize(layer)).max(), 0)


if __name__ == "__main__":
    unittest.main()
