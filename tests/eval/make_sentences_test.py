import random
import unittest

import make_sentences


class Sentences(unittest.TestCase):
    def test_fill_takes_every_option_in_turn(self):
        sentences = make_sentences.fill("the [cat|dog] [ran|sat] away", 4, random.Random(1))
        expected = {f"The {a} {b} away" for a in ("cat", "dog") for b in ("ran", "sat")}
        self.assertEqual(set(sentences), expected)

    def test_committed_files_are_what_the_templates_give(self):
        for kind in make_sentences.VARIANTS:
            text = (make_sentences.SENTENCES / f"{kind}.txt").read_text()
            self.assertEqual(text.splitlines(), make_sentences.make(kind))

    def test_numbers_and_lengths(self):
        calibration, heldout = make_sentences.make("calibration"), make_sentences.make("heldout")
        self.assertGreaterEqual(len(calibration), 512)
        self.assertGreaterEqual(len(heldout), 128)
        lines = calibration + heldout
        self.assertEqual(len(set(lines)), len(lines))
        self.assertTrue(all(5 <= len(line.split()) <= 60 for line in lines))
        self.assertFalse([line for line in lines if set(line) & set("[]|")])


if __name__ == "__main__":
    unittest.main()
