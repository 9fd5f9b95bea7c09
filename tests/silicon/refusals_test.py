"""Wrong uses of --flow and its options end with exit code 2 and a message that names the remedy, before
anything is written."""

import json

from design import WithFlow, main, refusal


class Refusals(WithFlow):
    def refuse(self, options, *parts):
        output = self.path / "out"
        code, message = refusal("--config", "tiny", "-o", output, *options.split())
        self.assertEqual(code, 2, (options, message))
        for part in parts:
            self.assertIn(part, message, options)
        self.assertFalse(output.exists(), options)

    def test_flows(self):
        self.refuse("--flow openlane", "--flow", "orfs", "librelane")
        self.refuse("--flow orfs --platform gf180", "--platform", "sky130hd")
        self.refuse("--flow orfs --platform sky130A", "--flow orfs: sky130hd, nangate45, asap7")
        self.refuse("--flow librelane --platform nangate45", "--flow librelane: sky130A")

    def test_options_without_a_flow(self):
        for option in (
            "--platform sky130hd",
            "--memories m.json",
            "--memory-registers",
            "--utilization 50",
            "--cell-area 9",
        ):
            self.refuse(option, option.split()[0], "--flow")
        for option in ("--period 5", "--io-share 0.2", "--input-delay 1", "--output-delay 1"):
            self.refuse(option, option.split()[0], "--packaging or --flow")

    def test_values(self):
        self.refuse(
            "--flow orfs --input-delay 10", "--input-delay: found 10; allowed: less than the period, 10"
        )
        self.refuse("--packaging --period 2 --output-delay 3", "--output-delay: found 3")
        self.refuse("--flow orfs --io-share 1", "--io-share", "0 to 0.9")
        self.refuse("--flow orfs --utilization 0", "--utilization", "5 to 95")
        self.refuse("--flow librelane --cell-area 0", "--cell-area", "above 0")
        self.refuse("--flow orfs --cell-area 5", "--cell-area", "--flow librelane")
        self.refuse("--flow librelane --memory-registers --cell-area 9000", "without --memory-registers")
        for area, found in (("1", "1"), ("2562", "2562"), ("1e10", "1e+10"), ("1e300", "1e+300")):
            self.refuse(
                f"--flow librelane --cell-area {area}",
                f"--cell-area: found {found}; allowed: 2563 ",
                "to 1e+09",
            )

    def test_an_output_that_make_cannot_read(self):
        output = self.path / "with blank"
        code, message = refusal("--config", "tiny", "-o", output, "--flow", "orfs")
        self.assertEqual(code, 2)
        self.assertIn("without blanks", message)
        self.assertFalse(output.exists())

    def test_figures_of_memories(self):
        entry = {"width": 99, "depth": 64, "area_um2": 1, "leakage_nw": 1, "read_pj": 1, "write_pj": 1}
        entry |= {"access_ns": 1, "setup_ns": 1}
        file = self.path / "m.json"
        file.write_text(json.dumps([entry]))
        self.refuse(f"--flow orfs --memories {file}", "--memories: found no memory of the design", "33x64")
        file.write_text(json.dumps([entry | {"area_um2": 1e20}]))
        self.refuse(f"--flow orfs --memories {file}", "area_um2: found 1e+20", "0 to 1e+09")
        file.write_text(json.dumps([entry | {"width": 33}]))
        self.refuse(
            f"--flow orfs --memories {file}",
            "33x64: area_um2: found 1; allowed with --platform sky130hd: at least 1564, for its pins",
        )

    def test_memories(self):
        self.refuse("--flow librelane", "memory macros", "--cell-area", "--memory-registers")
        self.refuse("--flow orfs --platform asap7", "no model", "--memories", "--memory-registers")
        self.refuse("--flow orfs --memories none.json", "none.json")
        self.refuse("--flow orfs --memories m.json --memory-registers", "--memory-registers", "--memories")


if __name__ == "__main__":
    main()
