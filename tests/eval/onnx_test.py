import unittest

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import capture_onnx
import ocr
import rows

A = np.arange(6, dtype=np.float32).reshape(2, 3)  # [K][N] of a MatMul
B = np.arange(12, dtype=np.float32).reshape(4, 3) / 8  # [N][K] of a Gemm with transB


def two_linears():
    """x [1][t][2] -> MatMul with A -> rows -> Gemm with B."""
    nodes = [
        helper.make_node("MatMul", ["x", "A"], ["h"], "first"),
        helper.make_node("Reshape", ["h", "shape"], ["r"]),
        helper.make_node("Gemm", ["r", "B"], ["y"], "second", transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "two",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "t", 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [
            numpy_helper.from_array(A, "A"),
            numpy_helper.from_array(B, "B"),
            numpy_helper.from_array(np.array([-1, 3]), "shape"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


class Linears(unittest.TestCase):
    def test_index_says_how_weights_are_stored(self):
        index = capture_onnx.describe(two_linears())
        keys = ("shape", "layout", "k", "n", "input")
        self.assertEqual([index["A"][key] for key in keys], [[2, 3], "k_by_n", 2, 3, "x"])
        self.assertEqual([index["B"][key] for key in keys], [[4, 3], "n_by_k", 3, 4, "r"])

    def test_captured_inputs(self):
        model = two_linears()
        x = np.float32([[1, 0], [0, 1], [2, 5]])
        wanted, parts = capture_onnx.capture(model, capture_onnx.describe(model), [x[:2], x[2:]], 10)
        self.assertEqual(wanted.total, 3)
        np.testing.assert_array_equal(parts["A"][0], x)
        np.testing.assert_array_equal(parts["B"][0], x @ A)

    def test_cap(self):
        model = two_linears()
        x = np.arange(20, dtype=np.float32).reshape(10, 2)
        _, parts = capture_onnx.capture(model, capture_onnx.describe(model), [x], 3)
        np.testing.assert_array_equal(parts["A"][0], x[rows.Rows(10, 3).kept])

    def test_replaced_weights_are_used(self):
        model = two_linears()
        ocr.replace_weights(model, {"A": 2 * A.T, "B": -B})
        x = np.float32([[[1, 3]]])
        (y,) = ocr.session(model).run(None, {"x": x})
        np.testing.assert_array_equal(y, x[0] @ (2 * A) @ -B.T)

    def test_weights_are_given_n_by_k(self):
        weights = ocr.weights_n_by_k(two_linears())
        np.testing.assert_array_equal(weights["A"], A.T)
        np.testing.assert_array_equal(weights["B"], B)


class Reading(unittest.TestCase):
    def test_ctc(self):
        self.assertEqual(ocr.decode([0, 1, 1, 0, 1, 2, 2, 0], ["", "a", "b"]), "aab")

    def test_edit_distance(self):
        self.assertEqual(ocr.edit_distance("kitten", "sitting"), 3)
        self.assertEqual(ocr.edit_distance("", "abc"), 3)

    def test_lines(self):
        self.assertEqual(ocr.split_lines(["a b c d e f g", "h"]), ["a b c d e f", "g", "h"])

    @unittest.skipUnless(ocr.FONTS.exists(), "no fonts: apt-get install fonts-dejavu-core")
    def test_pictures_do_not_depend_on_the_run(self):
        first, second = ocr.draw_lines(["One line", "another"]), ocr.draw_lines(["One line", "another"])
        for a, b in zip(first, second, strict=True):
            np.testing.assert_array_equal(a, b)
            self.assertEqual((a.shape[:2], a.dtype), ((3, 48), np.float32))
            self.assertLessEqual(np.abs(a).max(), 1)

    @unittest.skipUnless(ocr.MODEL.exists() and ocr.FONTS.exists(), "no model or fonts: run eval/setup.sh")
    def test_the_model_reads_what_was_drawn(self):
        model = onnx.load(ocr.MODEL)
        self.assertEqual(len(ocr.const_linears(model)), 9)
        lines = ["reached the ridge at dusk", "the council voted"]
        steps = ocr.steps_of(model, ocr.draw_lines(lines))
        self.assertEqual([ocr.decode(s, ocr.alphabet(model)) for s in steps], lines)


if __name__ == "__main__":
    unittest.main()
