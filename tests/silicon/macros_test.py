"""Macros of memories: the module with macros lints, keeps the instances that the manifest names, and computes
what the memory module computes; pins of the LEF and Liberty files are those of the black box."""

import re
import shutil
import unittest

from design import WithFlow, main, run

DESIGNS = (
    ("top-inline-4x4", "--shell"),
    ("recon-16x4-four-units", "--core-only"),
    ("top-recon-4x4",),
    ("recon-8x8-eight-units", "--core-only"),
    ("top-recon-4x4-full-range",),
)
# Every memory is a macro that has registers: a model for simulation.
BENCH = """
module bench;
  reg clk = 0, write = 0, read = 1;
  reg [{high}:0] write_address = 0, read_address = 0;
  reg [{width}-1:0] data = 0;
  wire [{width}-1:0] expected, found;
  integer i, wrong = 0;
  plain_ram_1r1w #(.WIDTH({width}), .DEPTH({depth}))
      u_plain (clk, write, write_address, data, read, read_address, expected);
  {module} #(.WIDTH({width}), .DEPTH({depth}))
      u_macro (clk, write, write_address, data, read, read_address, found);
  initial begin
    for (i = 0; i < 4 * {depth}; i = i + 1) begin
      write = i < {depth} || ($random & 1);
      write_address = i < {depth} ? i : $unsigned($random) % {depth};
      read = i < {depth} || ($random & 1);
      if (read) read_address = (write_address + 1) % {depth};
      else if (write_address == read_address) write = 0;
      data = {{32{{$random}}}};
      #1 clk = 1;
      #1 clk = 0;
      if (i > {depth} && found !== expected) wrong = wrong + 1;
    end
    if (wrong == 0) $display("equal"); else $display("%0d words differ", wrong);
  end
endmodule
"""


def stub_ports(text):
    """{name: (direction, bits)} of a black box."""
    found = re.findall(r"(input|output)\s+wire (?:\[(\d+):0\] )?(\w+)", text)
    return {name: (direction, int(high) + 1 if high else 0) for direction, high, name in found}


def bits(ports):
    """{name of a pin: direction}."""
    return {
        f"{name}[{i}]" if width else name: direction
        for name, (direction, width) in ports.items()
        for i in range(max(1, width))
    }


class Macros(WithFlow):
    def design(self, name, *options):
        """Sources of a design whose memories are all macros. @return directory, manifest, files in order"""
        _, manifest = self.generate(name, *options)
        directory, manifest = self.generate(
            name, *options, "--flow", "orfs", "--memories", self.memories(manifest)
        )
        files = [f for f in manifest["files"] if f.endswith(".v") and not f.endswith("_ram_1r1w.v")]
        return directory, manifest, [directory / f for f in [*files, "msq_memories.sv"]]

    @unittest.skipUnless(shutil.which("yosys"), "yosys is missing")
    def test_instances(self):
        for name, *options in DESIGNS:
            directory, manifest, files = self.design(name, *options)
            names = self.path / "names.txt"
            script = [
                "read_verilog -sv " + " ".join(str(f) for f in directory.glob("*_stub.sv")),
                "read_verilog -sv " + " ".join(map(str, files)),
                f"hierarchy -check -top {manifest['top']}",
                "flatten",
                f"tee -o {names} select -list t:msq_sram_*",
            ]
            run("yosys", "-q", "-p", "; ".join(script))
            found = {
                re.sub(r"\.gen_(\d+x\d+)\.u_sram$", r" \1", line.partition("/")[2])
                for line in names.read_text(encoding="utf-8").split()
            }
            expected = {
                f"{path} {m['width']}x{m['depth']}" for m in manifest["memories"] for path in m["paths"]
            }
            self.assertEqual(found, expected, (name, options))
            for memory in manifest["memories"]:
                self.assertEqual(len(memory["paths"]), memory["instances"], memory)

    @unittest.skipUnless(shutil.which("verilator"), "verilator is missing")
    def test_lint(self):
        directory, manifest, files = self.design("top-inline-4x4")
        stubs = sorted(directory.glob("*_stub.sv"))
        waivers = self.path / "stubs.vlt"
        rules = [f'lint_off -rule {r} -file "*_stub.sv"' for r in ("UNUSED", "UNDRIVEN", "DECLFILENAME")]
        rules.append('lint_off -rule DECLFILENAME -file "*_memories.sv"')
        waivers.write_text("\n".join(["`verilator_config", *rules, ""]), encoding="utf-8")
        argv = [
            "verilator",
            "--lint-only",
            "-Wall",
            "--top-module",
            manifest["top"],
            f"-I{directory}",
            waivers,
        ]
        run(*argv, *stubs, *files)

    def test_views(self):
        directory, _, _ = self.design("top-inline-4x4")
        stubs = sorted(directory.glob("*_stub.sv"))
        self.assertGreater(len(stubs), 5)
        for stub in stubs:
            name = stub.name.removesuffix("_stub.sv")
            ports = stub_ports(stub.read_text(encoding="utf-8"))
            width, depth = (int(n) for n in re.search(r"(\d+)x(\d+)$", name).groups())
            self.assertEqual(ports["write_data_i"], ("input", width))
            self.assertEqual(ports["read_address_i"], ("input", (depth - 1).bit_length()))
            lef = (directory / f"{name}_placeholder.lef").read_text(encoding="utf-8")
            pins = re.findall(r"^  PIN (\S+)\n    DIRECTION (\w+) ;", lef, re.M)
            signals = {pin: direction.lower() for pin, direction in pins if pin not in ("VDD", "VSS")}
            self.assertEqual(signals, bits(ports))
            self.assertEqual(len(pins), len(signals) + 2)
            self.check_rectangles(lef)
            lib = (directory / f"{name}_placeholder.lib").read_text(encoding="utf-8")
            self.assertEqual(lib.count("{"), lib.count("}"))
            self.assertEqual(set(re.findall(r"^    (?:pin|bus) \((\w+)\)", lib, re.M)), set(ports))
            self.assertIn('cell_rise (scalar) { values ("0.75"); }', lib)
            self.assertIn('rise_constraint (scalar) { values ("0.125"); }', lib)

    def check_rectangles(self, lef):
        """All inside the outline; those of one pin layer apart."""
        width, height = (float(n) for n in re.search(r"SIZE ([\d.]+) BY ([\d.]+)", lef).groups())
        for box in re.findall(r"RECT ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)", lef):
            x0, y0, x1, y1 = map(float, box)
            self.assertTrue(0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height, box)
        rows = re.findall(r"LAYER met3 ;\n\s+RECT ([\d.]+) ([\d.]+) [\d.]+ ([\d.]+)", lef)
        for edge in {x for x, _, _ in rows}:
            ends = sorted((float(low), float(high)) for x, low, high in rows if x == edge)
            for (_, high), (low, _) in zip(ends, ends[1:], strict=False):
                self.assertGreater(low - high, 0.3)

    @unittest.skipUnless(shutil.which("iverilog"), "iverilog is missing")
    def test_function(self):
        directory, manifest, _ = self.design("top-inline-4x4")
        plain = (directory / "msq_ram_1r1w.v").read_text(encoding="utf-8")
        models, bench = self.path / "models.v", self.path / "bench.v"
        text = plain.replace("module msq_ram_1r1w", "module plain_ram_1r1w")
        for memory in manifest["memories"]:
            # A macro with the words of the memory module.
            size = f"{memory['width']}x{memory['depth']}"
            if f"module msq_sram_{size} " in text:
                continue
            stub = (directory / f"msq_sram_{size}_stub.sv").read_text(encoding="utf-8")
            body = (
                f"plain_ram_1r1w #(.WIDTH({memory['width']}), .DEPTH({memory['depth']})) u_words "
                "(clk_i, write_i, write_address_i, write_data_i, read_i, read_address_i, read_data_o);\n"
                "endmodule"
            )
            text += stub.replace("(* blackbox *)\n", "").replace("endmodule", body)
        models.write_text(text, encoding="utf-8")
        sizes = [(m["width"], m["depth"]) for m in manifest["memories"] if m["depth"] <= 128]
        for width, depth in {*sizes, (5, 12)}:
            high = (depth - 1).bit_length() - 1
            bench.write_text(
                BENCH.format(width=width, depth=depth, high=high, module="msq_ram_1r1w"), encoding="utf-8"
            )
            program = self.path / "bench.vvp"
            run(
                "iverilog",
                "-g2012",
                "-s",
                "bench",
                "-o",
                program,
                models,
                bench,
                directory / "msq_memories.sv",
            )
            self.assertEqual(run("vvp", "-n", program), "equal\n", (width, depth))


if __name__ == "__main__":
    main()
