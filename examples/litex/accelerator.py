"""The accelerator as a LiteX module, of any configuration: ports and files come from the manifest.

One file, for LiteX 2024.12, to be copied into a project:

    from accelerator import Accelerator

    self.accelerator = Accelerator(platform, "rtl-out")  # a directory that `microscopiq generate` wrote
    self.bus.add_slave("accelerator", self.accelerator.registers, self.accelerator.region(0x9000_0000))
    self.irq.add("accelerator")                          # where the CPU has interrupts
    self.comb += source.connect(self.accelerator.s_axis_weight)

Each bus of the top is an attribute of its name: `s_axil`, `s_axis_weight`, `s_axis_act`, `m_axis_out`, or the
memory ports of a shell. Beats of streams are whole: `keep` is ignored at inputs and all ones at outputs.
"""

import json
from pathlib import Path

from litex.gen import LiteXModule
from litex.soc.integration.soc import SoCRegion
from litex.soc.interconnect.axi import AXIInterface, AXILiteInterface, AXIStreamInterface
from litex.soc.interconnect.csr_eventmanager import EventManager, EventSourceLevel
from migen import ClockSignal, Instance, ResetSignal, Signal

CHANNELS = ("aw", "w", "b", "ar", "r")


class Accelerator(LiteXModule):
    """Instance of a generated top, with its Verilog added to the platform.

    directory: what `microscopiq generate` wrote, with the top or the shell around the core.
    clock_domain: of all its ports.

    Attributes: one interface for each bus, `registers` the AXI4-Lite one, `ev` the event manager of the
    interrupt, which follows its level; the accelerator's own registers acknowledge it.
    """

    def __init__(self, platform, directory, clock_domain="sys"):
        directory = Path(directory)
        self.manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
        interfaces = self.manifest["interfaces"]
        self._clock_domain = clock_domain
        self._widths = {port["name"]: port["width"] for port in self.manifest["ports"]}
        self._ports = {
            f"i_{interfaces['clock']}": ClockSignal(clock_domain),
            f"i_{interfaces['reset']}": ~ResetSignal(clock_domain),
        }
        self.registers = None
        for bus in interfaces["buses"]:
            interface = self._interface(bus)
            setattr(self, bus["name"], interface)
            if bus["protocol"] == "axi4-lite" and bus["role"] == "subordinate":
                self.registers = interface
        if "interrupt" in interfaces:
            interrupt = Signal()
            self._ports[f"o_{interfaces['interrupt']}"] = interrupt
            self.ev = EventManager()
            self.ev.job = EventSourceLevel(description="End of a job.")
            self.ev.finalize()
            self.comb += self.ev.job.trigger.eq(interrupt)
        names = {name[2:] for name in self._ports}
        if missing := set(self._widths) - names:
            raise ValueError(f"{directory}: ports of no known interface: {sorted(missing)}")
        self.specials += Instance(self.manifest["top"], **self._ports)

        platform.add_verilog_include_path(str(directory))
        for name in self.manifest["files"]:
            if name.endswith(".v"):
                platform.add_source(str(directory / name), "verilog")

    def region(self, origin):
        """Region of the registers, for `SoCBusHandler.add_slave`."""
        return SoCRegion(origin=origin, size=1 << self.registers.address_width, cached=False)

    def _width(self, bus, *logical):
        """Width of the first of these ports that the bus has."""
        return next(self._widths[bus["ports"][name]] for name in logical if name in bus["ports"])

    def _interface(self, bus):
        if bus["protocol"] == "axi4-stream":
            interface = AXIStreamInterface(
                data_width=self._width(bus, "TDATA"), clock_domain=self._clock_domain, name=bus["name"]
            )
            self._connect_channel(bus, "T", interface, bus["role"] == "manager")
            if bus["role"] == "manager":
                self.comb += interface.keep.eq(2 ** len(interface.keep) - 1)
            return interface
        sizes = {
            "data_width": self._width(bus, "RDATA", "WDATA"),
            "address_width": self._width(bus, "ARADDR", "AWADDR"),
            "clock_domain": self._clock_domain,
            "name": bus["name"],
        }
        if bus["protocol"] == "axi4":
            interface = AXIInterface(id_width=self._width(bus, "ARID", "AWID"), **sizes)
        else:
            interface = AXILiteInterface(**sizes)
        for channel in CHANNELS:
            sends = (channel in ("aw", "w", "ar")) == (bus["role"] == "manager")
            self._connect_channel(bus, channel.upper(), getattr(interface, channel), sends)
        return interface

    def _connect_channel(self, bus, channel, endpoint, sends):
        """Connects the ports of a channel. `sends`: the accelerator drives valid."""
        for logical, port in bus["ports"].items():
            if not logical.startswith(channel):
                continue
            name = logical[len(channel) :].lower()
            output = sends != (name == "ready")
            signal = getattr(endpoint, name)
            if len(signal) != self._widths[port]:
                raise ValueError(f"{port}: {self._widths[port]} bits, {len(signal)} in LiteX")
            self._ports[f"{'o' if output else 'i'}_{port}"] = signal
