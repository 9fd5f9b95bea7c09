"""The registers in SystemRDL, compiled by systemrdl-compiler, against the register table; and what PeakRDL
makes of them. Skipped where systemrdl-compiler is not installed."""

import importlib.util
import sys
import unittest

from package import WithDesign, blocks, error_codes, main, registers, run

ACCESS = {
    "constant": ("r", "na"),
    "read only": ("r", "w"),
    "write 1": ("w", "r"),
    "read, write": ("rw", "r"),
}
MISSING = importlib.util.find_spec("systemrdl") is None


@unittest.skipIf(MISSING, "systemrdl-compiler is missing")
class SystemRdl(WithDesign):
    def test_table(self):
        from systemrdl import RDLCompiler

        for name, options in (
            ("top-inline-4x4", []),
            ("top-recon-4x4", ["--prefix", "npu_1"]),
            ("none-8x8", []),
            ("top-inline-4x4", ["--shell"]),
        ):
            directory, manifest = self.generate(name, *options)
            compiler = RDLCompiler()
            compiler.compile_file(str(directory / f"{manifest['top']}.rdl"))
            top = compiler.elaborate().top
            self.assertEqual(top.inst_name, manifest["top"])
            pages = blocks(directory)
            self.assertEqual([block.inst_name for block in top.children()], list(pages))
            for block, (base, page) in pages.items():
                self.check_block(top.get_child_by_name(block), directory, base, page)

    def check_block(self, block, directory, base, page):
        table, codes = {}, {}
        for register in block.registers():
            fields = {}
            for field in register.fields():
                fields[field.inst_name] = (
                    field.lsb,
                    field.width,
                    (field.get_property("sw").name, field.get_property("hw").name),
                    field.get_property("reset"),
                    field.get_property("singlepulse"),
                )
                if field.get_property("encode"):
                    codes = {m.name: m.value for m in field.get_property("encode")}
            table[register.inst_name] = (register.absolute_address - base, fields)
        expected = {}
        for register, (offset, fields) in registers(directory, page).items():
            expected[register] = (
                offset,
                {
                    f: (lsb, width, ACCESS[a], 0 if a == "write 1" else reset, a == "write 1")
                    for f, (lsb, width, a, reset) in fields.items()
                },
            )
        self.assertEqual(table, expected)
        self.assertEqual(codes, error_codes(directory, page))

    @unittest.skipUnless(importlib.util.find_spec("peakrdl"), "peakrdl is missing")
    def test_peakrdl(self):
        directory, manifest = self.generate("top-inline-4x4")
        source = directory / f"{manifest['top']}.rdl"
        peakrdl = [sys.executable, "-m", "peakrdl"]
        header = self.path / "registers.h"
        run(*peakrdl, "c-header", source, "-o", header)
        text = header.read_text(encoding="utf-8")
        for register, (_, fields) in registers(directory).items():
            for field, (lsb, width, _, _) in fields.items():
                name = f"MSQ_TOP__ACCELERATOR__{register}__{field}".upper()
                self.assertIn(f"#define {name}_bp {lsb}\n", text)
                self.assertIn(f"#define {name}_bw {width}\n", text)
        run("cc", "-std=c11", "-fsyntax-only", "-Wall", "-Werror", header)
        run(*peakrdl, "html", source, "-o", self.path / "html")
        self.assertTrue((self.path / "html" / "index.html").is_file())


if __name__ == "__main__":
    main()
