"""tools/check_docs.py: every rule finds a seeded violation, and nothing in the same tree without it."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import check_docs  # noqa: E402

FENCE = "```"
EXAMPLE = f"{FENCE}sh\nmicroscopiq run\n{FENCE}\n"
GOOD = f"# Page\n\nA page for engineers.\n\n{EXAMPLE}\nRows are loaded one per cycle.\n"
PAGE = "docs/reference/page.md"
INDEX = check_docs.DECISIONS + "README.md"
DECISION = check_docs.DECISIONS + "001-word.md"

# Rule, text with the pattern, the text as the rule wants it.
WORDING = {
    "subject": ("What is emitted is written once.", "The design is written once. What is emitted? A design."),
    "clause": ("The command reports what is wrong.", "The command reports errors."),
    "how": ("How it works.", "Principle. How many rows are loaded?"),
    "pronoun": ("A row waits until it is\ntaken.", "The path of the row is taken."),
    "mean": ("1.000 cycles in the\nmean", "1.000 cycles on average"),
    "so many": ("at most so many tiles", "maximum number of tiles"),
    "goes on": ("The run goes on where it was interrupted.", "The run resumes after an interruption."),
    "no one": ("no one who feeds them waits", "upstream producers cannot deadlock"),
    "made up": ("The error is made up for by later rows.", "The error is compensated in later rows."),
    "should be": ("A figure is short of what it should be.", "Known gaps are listed at the end."),
    "tell": ("A flag tells results of these measures from others.", "A flag identifies these results."),
    "stand": ("The scale stands in the header.", "The scale is in the header; K stands for depth."),
    "lie": ("The block lies along K.", "The block is along K. The page lays out signals."),
    "per": (
        "It loads one row a cycle.",
        "One row per cycle, two rows a cycle later; in mode 2 a band, per cycle a tile; one has an outlier.",
    ),
    "but": ("Every row but the last is full.", "Every row except the last is full, but slow."),
    "none": ("area of none", "area vs plain array"),
    "for ever": ("A producer waits for ever.", "Upstream producers can deadlock."),
    "short of": ("The clock is short of the target.", "The clock misses the target by 2 %."),
    "clock": ("20 s by the clock", "20 s of wall-clock time"),
}
HISTORY = {
    "history": ("The register was wider until 2026-11-25.", "Measured 2026-11-25."),
    "lab note": ("321 s beside other work", "321 s of processor time"),
}


class Docs(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        for name in (PAGE, "README.md", "CONTRIBUTING.md", *check_docs.LOOK_UP):
            self.write(name, GOOD)
        self.write(DECISION, "# 1. A word\n" + "".join(f"\n## {name}\n" for name in check_docs.SECTIONS))
        self.write(INDEX, "| 1 | [A word](001-word.md) | before 2026-11-25 |\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def check(self):
        """Exit code and lines of the output."""
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = check_docs.main([str(self.root)])
        return code, output.getvalue().splitlines()

    def assert_finds(self, beginning):
        code, lines = self.check()
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith(beginning), lines)
        self.assertEqual(code, 1)

    def assert_clean(self):
        self.assertEqual(self.check(), (0, []))

    def test_nothing_is_found_in_a_good_tree(self):
        self.assert_clean()

    def test_each_pattern_is_found_and_its_better_wording_is_not(self):
        self.assertEqual([rule[0] for rule in check_docs.WORDING], list(WORDING))
        self.assertEqual([rule[0] for rule in check_docs.HISTORY], list(HISTORY))
        for name, (bad, good) in (WORDING | HISTORY).items():
            with self.subTest(name):
                self.write(PAGE, GOOD + "\n" + bad + "\n")
                code, lines = self.check()
                self.assertEqual(code, 1)
                self.assertTrue(any(line.startswith(f"{PAGE}:11: {name}: ") for line in lines), lines)
                self.write(PAGE, GOOD + "\n" + good + "\n")
                self.assert_clean()

    def test_the_pattern_may_cross_lines_and_its_first_line_is_named(self):
        self.write(PAGE, GOOD + "\nThe interval\nis 1.000 cycles in\nthe mean.\n")
        self.assert_finds(f"{PAGE}:12: mean: 'in the mean'; better: on average")

    def test_cells_of_tables_items_of_lists_and_headings_are_texts_of_their_own(self):
        for bad in ("| row | What is loaded |", "- What is loaded", "2. What is loaded", "## What is loaded"):
            with self.subTest(bad):
                self.write(PAGE, GOOD + "\n" + bad + "\n")
                code, lines = self.check()
                self.assertTrue(any(line.startswith(f"{PAGE}:11: subject: ") for line in lines), lines)

    def test_code_is_not_read(self):
        self.write(PAGE, GOOD + f"\n{FENCE}\nWhat is {'x' * 130}\n{FENCE}\n\nThe value `in the mean`.\n")
        self.assert_clean()
        self.write(PAGE, GOOD + f"\nText.\n\n    What is loaded {'x' * 130}\n")
        self.assert_clean()

    def test_wording_is_read_everywhere_history_not_in_decisions(self):
        for name in (
            "README.md",
            "CONTRIBUTING.md",
            check_docs.LOOK_UP[1],
            "docs/developer/decisions/001-word.md",
        ):
            with self.subTest(name):
                before = (self.root / name).read_text(encoding="utf-8")
                self.write(name, before + "\n1.0 in the mean\n")
                self.assert_finds(f"{name}:{before.count(chr(10)) + 2}: mean: ")
                self.write(name, before)

    def test_help_texts_are_read(self):
        self.write(check_docs.HELP, GOOD + f"\n{FENCE}\n  -n,--tiles N   at most so many tiles\n{FENCE}\n")
        self.assert_finds(f"{check_docs.HELP}:12: so many: ")
        self.write(check_docs.HELP, GOOD + f"\n{FENCE}\n  -n,--tiles N   What to load\n{FENCE}\n")
        self.assert_finds(f"{check_docs.HELP}:12: subject: ")

    def test_usage_texts_of_scripts_are_read(self):
        self.write(
            "tools/run.sh",
            "usage() {\n  cat <<'TEXT'\nusage: run.sh\n\nLoads one row a\ncycle.\nTEXT\n}\n# in the mean\n",
        )
        self.assert_finds("tools/run.sh:5: per: ")

    def test_wide_prose_is_found(self):
        words = "word " * 24  # with its last letter, 120 characters
        self.write(PAGE, GOOD + f"\n{words}\n| {words} |\n\n- [{'x' * 60}]({'y' * 70})\n")
        self.assert_clean()
        self.write(PAGE, GOOD + f"\n{words}s\n")
        self.assert_finds(f"{PAGE}:11: width: found 121 characters; allowed: 120")
        self.write(PAGE, GOOD + f"\n- item\n\n    {words}\n")
        self.assert_finds(f"{PAGE}:13: width: ")

    def test_a_first_screen_without_an_example_is_found(self):
        text = "# Page\n\nProse.\n"
        self.write(PAGE, text)
        self.assert_finds(f"{PAGE}:1: screen: found no picture")
        self.write(PAGE, text + "\n" * 21 + "![array](array.svg)\n")
        self.assert_clean()
        self.write(PAGE, text + "\n" * 22 + "![array](array.svg)\n")
        self.assert_finds(f"{PAGE}:1: screen: ")
        for example in ("| a |\n|---|\n| 1 |\n", '<img src="array.svg">\n', "    indented\n"):
            self.write(PAGE, text + "\n" + example)
            self.assert_clean()

    def test_too_many_pages_are_found(self):
        for number in range(check_docs.MOST_PAGES - 1):
            self.write(f"docs/page{number}.md", GOOD)
        self.assert_clean()
        self.write(check_docs.DECISIONS + "notes.md", GOOD)
        self.assert_clean()
        self.write("docs/more.md", GOOD)
        self.assert_finds(f"docs:1: size: found {check_docs.MOST_PAGES + 1} pages to read; allowed: ")

    def test_too_many_words_are_found(self):
        missing = check_docs.MOST_WORDS - check_docs.counts(self.root)[PAGE]
        self.write(PAGE, GOOD + "\n" + "\n\nword" * missing)
        self.assert_clean()
        self.write(check_docs.LOOK_UP[0], GOOD + "\n" + "word\n" * 100)
        self.assert_clean()
        self.write(PAGE, GOOD + "\n" + "\n\nword" * missing + "\n- word\n")
        self.assert_finds(
            f"docs:1: size: found {check_docs.MOST_WORDS + 1:,} words in pages to read; allowed: "
        )

    def test_words_are_those_of_prose_and_tables(self):
        text = (
            "# Two words\n\nThree more [words](target.md#of-a-link) — 4.\n\n"
            "| a | b c |\n|---|---|\n| 1 | `two x` |\n\n"
            f"![alternative text](x.svg)\n\n{FENCE}\ncode is not counted\n{FENCE}\n"
        )
        self.assertEqual(check_docs.words(check_docs.classified(text)), 2 + 4 + 3 + 2)

    def test_a_look_up_page_that_is_missing_is_found(self):
        (self.root / check_docs.LOOK_UP[2]).unlink()
        self.assert_finds(f"{check_docs.LOOK_UP[2]}:1: size: found no such page")

    def test_a_decision_without_a_section_or_a_row_in_the_index_is_found(self):
        text = (self.root / DECISION).read_text(encoding="utf-8")
        self.write(DECISION, text.replace("## Figures\n", ""))
        self.assert_finds(
            f"{DECISION}:1: decision: found sections Context, Decision, Consequences; allowed: "
        )
        self.write(DECISION, text)
        self.write(INDEX, "none\n")
        self.assert_finds(f"{DECISION}:1: decision: found no row for it in {INDEX}")

    def test_sources_that_name_a_missing_page_are_found(self):
        self.write("rtl/leaf.v", f"// Streams: {PAGE} and ../docs/other.md\n// {DECISION}\n")
        self.write("build/leaf.v", "// docs/gone.md\n")
        self.assert_clean()
        self.write("rtl/leaf.v", f"// Streams: {PAGE}\n// Rules (docs/gone.md).\n")
        self.assert_finds("rtl/leaf.v:2: source: found no docs/gone.md")

    def test_messages_of_the_program_are_read_across_literals(self):
        self.write("cli/run.cpp", 'fmt::print("cycles on average\\n");\n')
        self.assert_clean()
        self.write("cli/run.cpp", '\nfmt::print("cycles in the "\n           "mean\\n");\n')
        self.assert_finds("cli/run.cpp:2: mean: 'in the mean'; better: on average")

    def test_counts_are_printed(self):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            self.assertEqual(check_docs.main(["--count", str(self.root)]), 0)
        self.assertRegex(output.getvalue(), rf"(?m)^ +\d+  {PAGE}$")
        self.assertRegex(output.getvalue(), r"(?m)^ +\d+  1 pages to read$")


if __name__ == "__main__":
    unittest.main()
