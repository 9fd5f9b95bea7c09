"""A small SoC in LiteX around the accelerator: a RISC-V processor with its program in ROM, a memory, a UART.
Registers and memory ports of the accelerator are on the bus of the SoC, its streams at pads. Writes soc.v and
soc.f, the list of its sources.

soc.py DESIGN OUTPUT
"""

import os
import sys
from pathlib import Path

from accelerator import Accelerator
from litex.build.generic_platform import Pins, Subsignal
from litex.build.sim import SimPlatform
from litex.gen import LiteXModule
from litex.soc.integration.soc_core import SoCCore
from migen import ClockDomain

REGISTERS = 0x9000_0000  # address on the bus
ROM_BYTES, STACK_BYTES, MEMORY_BYTES = 0x20000, 0x4000, 0x100000
SERIAL = [
    Subsignal(f"{side}_{name}", Pins(width))
    for side in ("source", "sink")
    for name, width in (("valid", 1), ("ready", 1), ("data", 8))
]
IO = [("sys_clk", 0, Pins(1)), ("sys_rst", 0, Pins(1)), ("serial", 0, *SERIAL)]


class Clock(LiteXModule):
    """Clock and reset from pads."""

    def __init__(self, platform):
        self.cd_sys = ClockDomain()
        self.comb += self.cd_sys.clk.eq(platform.request("sys_clk"))
        self.comb += self.cd_sys.rst.eq(platform.request("sys_rst"))


class SoC(SoCCore):
    """Regions: `rom` with the program, `sram` with its variables and stack, `main_ram`, `accelerator`."""

    def __init__(self, platform, directory):
        SoCCore.__init__(
            self,
            platform,
            int(100e6),
            bus_standard="axi-lite",
            cpu_type="vexriscv",
            integrated_rom_size=ROM_BYTES,
            integrated_sram_size=STACK_BYTES,
            integrated_main_ram_size=MEMORY_BYTES,
            uart_name="sim",
            with_timer=False,
        )
        self.crg = Clock(platform)
        self.accelerator = accelerator = Accelerator(platform, directory)
        self.bus.add_slave("accelerator", accelerator.registers, accelerator.region(REGISTERS))
        self.irq.add("accelerator")
        for bus in accelerator.manifest["interfaces"]["buses"]:
            interface = getattr(accelerator, bus["name"])
            if bus["protocol"] == "axi4":
                self.bus.add_master(bus["name"], interface)
            elif bus["protocol"] == "axi4-stream":
                platform.add_extension(interface.get_ios(bus["name"]))
                mode = "master" if bus["role"] == "manager" else "slave"
                self.comb += interface.connect_to_pads(platform.request(bus["name"]), mode=mode)


def elaborate(directory):
    """The SoC around a design, with all addresses fixed."""
    soc = SoC(SimPlatform("SIM", IO[:]), directory)
    soc.finalize()
    return soc


def write(soc, output):
    """Writes soc.v, soc.f and the contents of the memories to the directory `output`, which is made."""
    output.mkdir(parents=True, exist_ok=True)
    verilog = soc.platform.get_verilog(soc, name="soc")
    before = Path.cwd()
    os.chdir(output)  # contents of memories go to the current directory
    try:
        verilog.write("soc.v")
    finally:
        os.chdir(before)
    includes = [f"+incdir+{directory}" for directory in soc.platform.verilog_include_paths]
    sources = [source[0] for source in soc.platform.sources]
    (output / "soc.f").write_text("\n".join([*includes, *sources, str(output / "soc.v")]) + "\n")


def main():
    directory, output = (Path(argument).resolve() for argument in sys.argv[1:])
    write(elaborate(directory), output)


if __name__ == "__main__":
    main()
