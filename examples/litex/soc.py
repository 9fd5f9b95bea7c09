"""A small SoC in LiteX around the accelerator: its registers and memory ports on the bus of the SoC with a
memory, its streams at pads. Writes soc.v.

soc.py DESIGN OUTPUT
"""

import os
import sys
from pathlib import Path

from accelerator import Accelerator
from litex.build.generic_platform import Pins
from litex.build.sim import SimPlatform
from litex.gen import LiteXModule
from litex.soc.integration.soc_core import SoCMini
from migen import ClockDomain

REGISTERS, MEMORY = 0x9000_0000, 0x4000_0000  # addresses on the bus
MEMORY_BYTES = 0x10000
IO = [("sys_clk", 0, Pins(1)), ("sys_rst", 0, Pins(1)), ("irq", 0, Pins(1))]


class Clock(LiteXModule):
    """Clock and reset from pads."""

    def __init__(self, platform):
        self.cd_sys = ClockDomain()
        self.comb += self.cd_sys.clk.eq(platform.request("sys_clk"))
        self.comb += self.cd_sys.rst.eq(platform.request("sys_rst"))


class SoC(SoCMini):
    """No CPU: a master of the bus is at the pads."""

    def __init__(self, platform, directory):
        SoCMini.__init__(
            self, platform, int(100e6), bus_standard="axi-lite", with_timer=False, ident="accelerator"
        )
        self.crg = Clock(platform)
        self.accelerator = accelerator = Accelerator(platform, directory)
        self.bus.add_slave("accelerator", accelerator.registers, accelerator.region(REGISTERS))
        self.comb += platform.request("irq").eq(accelerator.ev.job.trigger)
        self.add_ram("memory", MEMORY, MEMORY_BYTES)
        for bus in accelerator.manifest["interfaces"]["buses"]:
            interface = getattr(accelerator, bus["name"])
            if bus["protocol"] == "axi4":
                self.bus.add_master(bus["name"], interface)
            elif bus["protocol"] == "axi4-stream":
                platform.add_extension(interface.get_ios(bus["name"]))
                mode = "master" if bus["role"] == "manager" else "slave"
                self.comb += interface.connect_to_pads(platform.request(bus["name"]), mode=mode)
        host = type(accelerator.registers)(data_width=32, address_width=32)
        platform.add_extension(host.get_ios("host"))
        self.comb += host.connect_to_pads(platform.request("host"), mode="slave")
        self.bus.add_master("host", host)


def build(directory, output):
    """Writes soc.v and the files it reads to the directory `output`, which is made."""
    output.mkdir(parents=True, exist_ok=True)
    platform = SimPlatform("SIM", IO)
    soc = SoC(platform, directory)
    soc.finalize()
    verilog = platform.get_verilog(soc, name="soc")
    before = Path.cwd()
    os.chdir(output)  # contents of memories go to the current directory
    try:
        verilog.write("soc.v")
    finally:
        os.chdir(before)


def main():
    directory, output = (Path(argument).resolve() for argument in sys.argv[1:])
    build(directory, output)


if __name__ == "__main__":
    main()
