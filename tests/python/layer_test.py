"""Layers made by hand from the contract: every field, and every code, list or shift that means nothing."""

import unittest

import microscopiq
from files import WithDirectory, full_range_layer, np, pack, paper_layer


class Layers(WithDirectory):
    def layer(self, made):
        return microscopiq.load(self.write(*made))["w"]

    def refused(self, made, text):
        with self.assertRaisesRegex(microscopiq.FileError, text):
            layer = self.layer(made)
            layer.input_scales  # noqa: B018
            microscopiq.dequantize(layer)

    def test_the_worked_example(self):
        layer = self.layer(paper_layer())
        self.assertEqual(microscopiq.dequantize(layer).tolist(), [[1, -1.5, 0, 1, -1, 0, 1, -1]])
        self.assertEqual(layer.integers().tolist(), [[4, -6, 0, 4, -4, 0, 4, -4]])
        self.assertIsNone(layer.input_scales)

    def test_full_range(self):
        layer = self.layer(full_range_layer())
        self.assertEqual(layer.format.list_entries, 2)  # 0 stands for half the micro-block
        self.assertEqual(layer.factors().tolist(), [[8, -12, 8, 8]])
        self.assertEqual(layer.exponents().tolist(), [[0, 3, 0, 0]])
        self.assertEqual(microscopiq.dequantize(layer).tolist(), [[-2, 42, 0, 1]])

    def test_the_least_and_the_largest_scales_are_exact(self):
        scales = [[-127] * 4 + [127] * 4]
        values = microscopiq.dequantize(self.layer(paper_layer(scales=("I8", scales))))
        self.assertEqual(values[0, 1], -1.5 * 2.0**-127)
        self.assertEqual(values[0, 4], -(2.0**127))

    def test_groups_of_identifiers(self):
        # Three micro-blocks in groups of four: one group, whose bit says that masks follow.
        codes = pack([0b01, 0b11, 0b00, 0b01, 0b11, 0b10, 0b01, 0b11] + [0] * 16, 2)
        made = dict(codes=("U8", [codes]), scales=("I8", [[0] * 24]), n="24", identifier_group="4")
        layer = self.layer(paper_layer(identifier_masks=("U8", [1]), **made))
        self.assertEqual(microscopiq.dequantize(layer)[0, :8].tolist(), [1, -1.5, 0, 1, -1, 0, 1, -1])
        self.refused(paper_layer(identifier_masks=("U8", [9]), **made), "identifier beyond the row")
        self.refused(paper_layer(identifier_masks=("U8", [17]), **made), "bits set beyond the last field")
        self.refused(paper_layer(**made), "identifier_masks: found none")

    def test_input_scales(self):
        layer = self.layer(paper_layer(input_scales=("F32", [0.5])))
        self.assertEqual(layer.input_scales.tolist(), [0.5])
        self.refused(paper_layer(input_scales=("F32", [0])), "not positive")
        self.refused(paper_layer(input_scales=("F32", [np.nan])), "not positive")
        self.refused(paper_layer(input_scales=("F32", [1, 1])), "allowed F32")

    def test_metadata(self):
        for key, bad in (
            ("bits", "3"),
            ("micro_block", "5"),
            ("macro_block", "0"),
            ("axis", "k"),
            ("k", "-1"),
        ):
            self.refused(paper_layer(**{key: bad}), f"metadata w.{key}: found .*{bad}")
        self.refused(paper_layer(bits=None), "metadata w.bits: found None; allowed a number")
        self.refused(paper_layer(n="9" * 13), "metadata w.n: found")
        self.refused(paper_layer(k="2"), r"codes: found U8 \[1, 2\]; allowed U8 \[2, 2\]")
        self.refused(full_range_layer(axis="output"), "axis: found 'output'; allowed reduction")
        self.refused(full_range_layer(list_entries="3"), "list_entries: found 3; allowed 0, 1, 2")

    def test_codes_that_mean_nothing(self):
        codes = [0b01, 0b11, 0b00, 0b01, 0b11, 0b10, 0b01, 0b11]
        for position, code, text in (
            (0, 0b10, "minus zero in an inlier"),
            (5, 0b00, "halves of different signs"),
        ):
            changed = codes[:position] + [code] + codes[position + 1 :]
            self.refused(paper_layer(codes=("U8", [pack(changed, 2)])), text)
        self.refused(paper_layer(n="7", scales=("I8", [[0] * 7])), "a weight beyond column 6")
        self.refused(paper_layer(scales=("I8", [[-128] * 8])), "found -128; allowed -127")
        self.refused(paper_layer(mx_scales=("U8", [8])), "shift above 7")

    def test_lists_that_mean_nothing(self):
        def lists(*pairs):
            entries = [upper | lower << 3 for upper, lower in pairs] + [0] * (4 - len(pairs))
            return paper_layer(lists=("U8", [pack(entries, 6)]))

        self.refused(lists((4, 5), (1, 2)), "ascend by Upper_loc")
        self.refused(lists((0, 0), (1, 5)), "ascend by Upper_loc")
        self.refused(lists((3, 3)), "an empty entry that is not zero")
        self.refused(lists((1, 5), (4, 5)), "a position twice")
        self.refused(lists((1, 5), (5, 2)), "a position twice")
        self.refused(lists((0, 4), (2, 7)), "halves of different")  # routes
        self.refused(lists((0, 5), (2, 4)), "does not route")  # both are at 4 after the first stage

    def test_missing_layers(self):
        file = microscopiq.load(self.write(*paper_layer()))
        self.assertEqual((len(file), "v" in file), (1, False))
        with self.assertRaises(KeyError):
            file["v"]


if __name__ == "__main__":
    unittest.main()
