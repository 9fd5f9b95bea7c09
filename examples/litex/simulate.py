"""The program of examples/soc on the SoC of soc.py, simulated by Verilator: the processor packs the layers
of an image with the driver, runs them as one list, and compares the outputs.

simulate.py DESIGN IMAGE OUTPUT

DESIGN: `microscopiq generate --shell`, with shell.data_bits 32, the width of the bus. IMAGE: of `soc_image`
for the same configuration; it is in the memory of the SoC from the start. OUTPUT: directory for Verilog,
program and logs. Needs riscv64-unknown-elf-gcc.
"""

import inspect
import subprocess
import sys
from pathlib import Path

import litex.soc.software
from litex import get_data_mod
from litex.soc.integration import export
from litex.soc.integration.common import get_mem_data
from soc import elaborate, write

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SOFTWARE = Path(litex.soc.software.__path__[0])
CROSS = "riscv64-unknown-elf-"
# After LiteX's flags: the same instructions by a name that selects a libgcc.
FLAGS = ["-march=rv32im", "-misa-spec=2.2", "-O2", "-ffreestanding", "-ffunction-sections", "-fdata-sections"]


def call(log, *argv):
    """Runs a command in the directory of its log."""
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run([str(a) for a in argv], cwd=log.parent, stdout=out, stderr=out, check=False)
    if done.returncode:
        raise RuntimeError(f"{argv[0]} failed: {log}")


def write_headers(soc, directory):
    """What LiteX's sources include: constants, registers, regions."""
    directory.mkdir(parents=True, exist_ok=True)
    files = {
        "soc.h": export.get_soc_header(soc.constants),
        "csr.h": export.get_csr_header(soc.csr.regions, soc.constants),
        "mem.h": export.get_mem_header(soc.bus.regions),
        "regions.ld": export.get_linker_regions(soc.bus.regions),
        "output_format.ld": export.get_linker_output_format(soc.cpu),
    }
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")


def compile_program(soc, output):
    """Makes program.bin: examples/soc/main.c, board.c and the driver, by LiteX's start and linker script."""
    write_headers(soc, output / "generated")
    libc = Path(get_data_mod("software", "picolibc").data_location) / "newlib" / "libc"
    (output / "picolibc.h").touch()  # its configuration: the functions for memory have no options
    processor = Path(inspect.getfile(type(soc.cpu))).parent
    sources = [processor / "crt0.S", HERE / "board.c", ROOT / "examples" / "soc" / "main.c"]
    sources += [libc / "string" / f"{name}.c" for name in ("memcmp", "memcpy", "memset")]
    sources += sorted(set((ROOT / "driver").glob("msq_*.c")) - {ROOT / "driver" / "msq_linux.c"})
    includes = [output, SOFTWARE / "include", processor, ROOT / "driver"]
    includes += [libc / "include", libc / "tinystdio"]
    flags = [*soc.cpu.gcc_flags.split(), *FLAGS]
    objects = [f"{source.stem}.o" for source in sources]
    call(output / "compile.log", f"{CROSS}gcc", *flags, *(f"-I{path}" for path in includes), "-c", *sources)
    script = ["-T", SOFTWARE / "bios" / "linker.ld", f"-L{output}", "-Wl,--gc-sections"]
    link = ["-nostdlib", *script, *objects, "-lgcc", "-o", "program.elf"]
    call(output / "link.log", f"{CROSS}gcc", *flags, *link)
    call(output / "objcopy.log", f"{CROSS}objcopy", "-O", "binary", "program.elf", "program.bin")
    return output / "program.bin"


def compile_bench(output):
    """Makes the program obj/Vbench. Not by Icarus: combinational always blocks of LiteX assign a signal
    twice, and where they feed each other its events never end."""
    # Warnings are off: those of the SoC are of LiteX; the tests lint the accelerator with -Wall.
    argv = ["verilator", "--binary", "-j", "0", "-Wno-fatal", "-Wno-lint", "-Wno-style", "--Mdir", "obj"]
    argv += ["--timescale", "1ns/1ps", "--top-module", "bench", "-f", "soc.f", HERE / "bench.v"]
    call(output / "verilator.log", *argv)


def words(file):
    return get_mem_data(str(file), endianness="little")


def main():
    design, image, output = (Path(argument).resolve() for argument in sys.argv[1:])
    output.mkdir(parents=True, exist_ok=True)
    soc = elaborate(design)
    soc.init_rom("rom", words(compile_program(soc, output)), auto_size=False)
    soc.init_ram("main_ram", words(image))
    write(soc, output)
    compile_bench(output)
    sys.exit(subprocess.run(["obj/Vbench"], cwd=output, check=False).returncode)


if __name__ == "__main__":
    main()
