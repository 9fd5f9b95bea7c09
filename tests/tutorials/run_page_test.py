"""run_page.py on small pages: each kind of wrong page fails, with page:line and the output."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

RUNNER = Path(__file__).resolve().parent / "run_page.py"
ROOT = RUNNER.parents[2]


class RunPage(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.program = self.directory / "bin" / "microscopiq"
        self.program.parent.mkdir()
        self.program.write_text("#!/bin/sh\necho the program says: $*\n")
        self.program.chmod(0o755)
        self.page = self.directory / "page.md"

    def run_page(self, *lines: str, full: bool = False, options: tuple = ()) -> subprocess.CompletedProcess:
        """Runs a page of these lines; "```" and what follows it on a line are fences."""
        self.page.write_text("\n".join(lines) + "\n")
        return self.run_file(self.page, full, options)

    def run_file(self, page: Path, full: bool = False, options: tuple = ()) -> subprocess.CompletedProcess:
        environment = {name: value for name, value in os.environ.items() if name != "MSQ_FULL"}
        if full:
            environment["MSQ_FULL"] = "1"
        command = [sys.executable, "-B", str(RUNNER), str(page), "--program", str(self.program), *options]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def assert_fails(self, done: subprocess.CompletedProcess, line: int, *texts: str, code: int = 1):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(f"{self.page}:{line}: ", done.stdout)
        for text in texts:
            self.assertIn(text, done.stdout)

    def test_a_right_page_passes(self):
        done = self.run_page(
            "# Title",
            "```sh",
            "microscopiq run",
            "echo one; echo two",
            "```",
            "",
            "```text",
            "... says: run",
            "two",
            "```",
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("1 blocks run, 0 optional ones left out, 2 lines of output found", done.stdout)

    def test_commands_find_the_program_and_the_python_of_the_test(self):
        python = str(Path(sys.executable).parent / "python3")
        done = self.run_page(
            "```sh", "command -v microscopiq python3", "```", "```text", str(self.program), python, "```"
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_blocks_share_one_shell_at_the_root(self):
        done = self.run_page(
            "```sh",
            "x=5; f() { echo f$x; }",
            "```",
            "```sh",
            "f; pwd",
            "```",
            "```text",
            "f5",
            str(ROOT),
            "```",
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_wrong_line_of_output_fails_with_its_line_and_the_nearest_one(self):
        done = self.run_page("```sh", "echo cycles 12", "```", "```text", "cycles 13", "```")
        self.assert_fails(done, 5, "cycles 13", "nearest line: cycles 12", "  | cycles 12")

    def test_lines_in_another_order_fail(self):
        done = self.run_page("```sh", "echo a; echo b", "```", "```text", "b", "a", "```")
        self.assert_fails(done, 6)

    def test_a_line_matches_once(self):
        done = self.run_page("```sh", "echo a", "```", "```text", "a", "a", "```")
        self.assert_fails(done, 6)

    def test_a_part_of_a_line_does_not_match(self):
        done = self.run_page("```sh", "echo '3 errors'", "```", "```text", "3", "```")
        self.assert_fails(done, 5)

    def test_dots_match_inside_of_a_line_only(self):
        right = self.run_page("```sh", "echo 'in 20 s (new)'", "```", "```text", "in ... s (new)", "```")
        self.assertEqual(right.returncode, 0, right.stdout)
        wrong = self.run_page("```sh", "echo in; echo s", "```", "```text", "in...s", "```")
        self.assert_fails(wrong, 5)

    def test_output_in_pieces_goes_on_where_the_last_piece_ended(self):
        page = ["```sh", "echo a; echo b", "```", "```text", "b", "```", "words", "```text", "a", "```"]
        self.assert_fails(self.run_page(*page), 9)
        page[4], page[8] = "a", "b"
        self.assertEqual(self.run_page(*page).returncode, 0)

    def test_standard_error_is_part_of_the_output(self):
        done = self.run_page("```sh", "echo warning >&2", "```", "```text", "warning", "```")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_failing_command_fails_with_its_line_and_output(self):
        done = self.run_page(
            "```sh", "echo before", "```", "```sh", "true", "ls /no/such/file", "echo after", "```"
        )
        self.assert_fails(done, 6, "exit code 2", "No such file")
        self.assertNotIn("| after", done.stdout)

    def test_a_command_that_does_not_exist_fails(self):
        self.assert_fails(
            self.run_page("```sh", "", "no_such_command", "```"), 3, "exit code 127", "command not found"
        )

    def test_a_failure_inside_of_a_function_or_a_pipe_fails(self):
        self.assert_fails(self.run_page("```sh", "f() {", "false", "}", "f", "```"), 3, "exit code 1")
        self.assert_fails(self.run_page("```sh", "false | cat", "```"), 2, "exit code 1")

    def test_wrong_output_before_a_failing_command_is_reported_too(self):
        done = self.run_page("```sh", "echo a", "```", "```text", "b", "```", "```sh", "false", "```")
        self.assert_fails(done, 5)
        self.assert_fails(done, 8)

    def test_an_early_exit_does_not_pass(self):
        done = self.run_page("```sh", "exit 0", "```", "```sh", "true", "```")
        self.assert_fails(done, 1, "later blocks did not run")

    def test_a_missing_page_or_program_fails(self):
        done = self.run_file(self.directory / "none.md")
        self.assertEqual((done.returncode, "found no page" in done.stdout), (2, True), done.stdout)
        self.program.unlink()
        done = self.run_page("```sh", "true", "```")
        self.assertEqual((done.returncode, "found no program" in done.stdout), (2, True), done.stdout)

    def test_optional_blocks_and_their_output_need_msq_full(self):
        page = ["```sh", "echo a", "```", "```sh optional", "echo b", "```", "```text", "c", "```"]
        done = self.run_page(*page)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("1 optional ones left out", done.stdout)
        self.assert_fails(self.run_page(*page, full=True), 8)

    def test_pages_that_would_test_less_than_they_show_are_errors(self):
        for line, page in (
            (1, ["words"]),
            (1, ["```sh optional", "true", "```"]),
            (1, ["```sh", "true"]),
            (1, ["```bash", "true", "```"]),
            (1, ["```sh optionally", "true", "```"]),
            (1, ["```text", "a", "```", "```sh", "true", "```"]),
            (7, ["```sh", "echo a", "```", "```json", "{}", "```", "```text", "b", "```"]),
            (4, ["```sh", "echo a", "```", "```text", "...", "```"]),
            (1, ["```sh", "echo 'a", "```", "```sh", "echo 'b", "```"]),
        ):
            with self.subTest(page=page):
                self.assert_fails(self.run_page(*page), line, code=2)

    def test_other_blocks_are_not_run(self):
        done = self.run_page(
            "```console", "false", "```", "~~~", "```sh", "false", "```", "~~~", "```sh", "true", "```"
        )
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_page_that_hangs_ends_with_what_it_started(self):
        page = ("```sh", "sleep 300 & echo $! > " + str(self.directory / "pid"), "wait", "```")
        done = self.run_page(*page, options=("--timeout", "1"))
        self.assert_fails(done, 1, "out of time")
        self.assert_ended()

    def test_background_processes_end_with_the_page(self):
        done = self.run_page("```sh", "sleep 300 & echo $! > " + str(self.directory / "pid"), "```")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assert_ended()

    def assert_ended(self):
        """The process of the file pid is gone, or a zombie that nobody has waited for yet."""
        status = Path("/proc") / (self.directory / "pid").read_text().strip() / "stat"
        for _ in range(50):
            if not status.exists() or status.read_text().split()[2] == "Z":
                return
            time.sleep(0.1)
        self.fail("the process is still there")

    def test_files_of_an_earlier_run_are_removed(self):
        self.page = self.directory / "990099-title.md"
        scratch = ROOT / "build" / "tutorial" / "990099"
        page = ("```sh", f"mkdir -p {scratch.parent}", f"mkdir {scratch}", "```")
        try:
            for _ in range(2):
                done = self.run_page(*page)
                self.assertEqual(done.returncode, 0, done.stdout)
        finally:
            scratch.rmdir()


if __name__ == "__main__":
    unittest.main()
